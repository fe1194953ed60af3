"""Finding damage: broken pages, tables that are not ours, rows that nobody here has written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from reminderd.adapters.store.schema import LARGEST_VALUE, level_of, look_at, new_schema
from reminderd.adapters.store.told import is_about_place
from reminderd.adapters.store.understood import TABLES, is_understood

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def damage_in(path: Path) -> str:
    """Return what is wrong with a database that is there, as far as anything is.

    It looks at every row, so this is for when something has gone wrong.

    Raises:
        StoreError: It is another program's, or a newer reminderd's, and not to be mended.
    """
    try:
        if path.stat().st_size == 0:  # SQLite would take its log away
            return "it is empty"
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
            connection.execute("PRAGMA trusted_schema = OFF")
            return next(_damages(connection, path), "")
    except sqlite3.Error as error:
        return "" if is_about_place(error) else str(error)
    except OSError:
        return ""


def _damages(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    _, odd = look_at(connection)
    if odd:
        yield odd
    level_of(connection, path)
    # All that the quick check finds, and indexes that lead astray.
    (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        yield str(said)
    if odd := _odd_schema(connection):
        yield odd
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row of the table {row['table']} belongs to one that is not there"
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table}"):
            if not is_understood(table, row):
                yield f"the table {table} holds what reminderd did not write"
    if _forbids_writing(connection, path):
        yield "its header forbids writing"


def _forbids_writing(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the file itself says that nobody may write, which no disk or mode does."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("DELETE FROM state WHERE 0")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorname == "SQLITE_READONLY" and os.access(path, os.W_OK)
    connection.rollback()
    return False


def _odd_schema(connection: sqlite3.Connection) -> str:
    """Return what the schema has that ours has not, or lacks; empty where it is ours."""
    there = _names(connection)
    for name in sorted(_ours() - there):
        return f"{name} is missing"
    for name in sorted(there - _ours()):
        return f"{name} is not reminderd's"
    return ""


def _names(connection: sqlite3.Connection) -> frozenset[str]:
    """Return what the schema has: tables with their columns, indexes, triggers, views."""
    found = connection.execute(
        "SELECT type || ' ' || name, type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall()
    columns = (
        f"column {name}.{row[1]}"
        for _, kind, name in found
        if kind == "table"
        for row in connection.execute(f'PRAGMA table_info("{name}")')
    )
    return frozenset((*(name for name, _, _ in found), *columns))


@cache
def _ours() -> frozenset[str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        new_schema(connection)
        return _names(connection)
