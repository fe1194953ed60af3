"""Bringing a connection to today's settings and schema, and refusing what is not ours."""

from __future__ import annotations

import select
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.migrations import MIGRATIONS
from reminderd.adapters.store.rows import to_text
from reminderd.adapters.store.told import damaged, is_busy
from reminderd.errors import NewerStoreError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

BUSY_SECONDS: Final = 5.0
LARGEST_VALUE: Final = 16 * 1024 * 1024
"""Bytes; the largest that is stored, a copy of the settings, has one or two millions."""
NO_RECORD: Final = "the record of its versions is missing"
_MOMENT: Final = 0.01
_SCHEMA: Final = Path(__file__).with_name("schema.sql")


def prepare(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Bring a connection to today's schema and settings.

    Raises:
        NewerStoreError: A newer reminderd wrote it; nothing is changed.
        StoreError: It is another program's.
        sqlite3.Error: It cannot be used.
    """
    level = level_of(connection, path)
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":  # new, or a restored copy
        _use_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")  # what it sorts leaves nothing in /tmp
    if level < MIGRATIONS[-1].number:
        _migrate(connection, path, now)
    connection.execute("PRAGMA foreign_keys = ON")


def _use_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. Here alone SQLite does not wait for others, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            select.select([], [], [], _MOMENT)
        else:
            return


def level_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the number of the last migration that ran; 0 for an empty database.

    Raises:
        DamagedStoreError: It is ours, but for what is missing or was planted.
        NewerStoreError: A newer reminderd wrote it.
        StoreError: It is another program's.
    """
    level, odd = look_at(connection)
    if odd:
        raise damaged(path, odd)
    if level is None:  # ours has a record from its first moment on
        raise StoreError(
            f"{path} is a database, but not one of reminderd's.",
            "It was left untouched. Move it to another place and try again.",
        )
    if level > MIGRATIONS[-1].number:
        raise NewerStoreError(
            f"The database {path} was written by a newer reminderd.",
            "It was left untouched. Please install the newer version again.",
        )
    return level


def look_at(connection: sqlite3.Connection) -> tuple[int | None, str]:
    """Return the number of the last migration, and what makes a database of ours damaged, if any.

    The number is 0 for an empty database, and None for another program's. Ours has no view or
    trigger, whatever the name: that runs by itself, and may never come to its end.
    """
    # Compared as SQLite does it, for which VIEW is a view and "Response" is our table.
    found = connection.execute(
        "SELECT lower(type), lower(name), name FROM sqlite_schema ORDER BY 2"
    ).fetchall()
    if not found:
        return 0, ""
    is_ours = {"delivery", "response"} <= {name for _, name, _ in found}
    planted = [name for kind, _, name in found if kind in {"view", "trigger"}]
    if is_ours and planted:
        return None, f"{planted[0]} is not reminderd's"
    level = None
    if any(kind == "table" and name == "migration" for kind, name, _ in found):
        level = connection.execute("SELECT max(number) FROM migration").fetchone()[0]
    if not isinstance(level, int):
        return None, NO_RECORD if is_ours else ""
    return level, ""


def _migrate(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Run what is missing, each step in its own transaction together with its record."""
    with _step(connection):
        if (
            level_of(connection, path) == 0
        ):  # asked again under the lock: another may have been here
            new_schema(connection)
            _record(connection, (1, MIGRATIONS[-1].number), now)
    for migration in MIGRATIONS:
        with _step(connection):
            if migration.number > level_of(connection, path):
                for statement in migration.statements:
                    connection.execute(statement)
                _record(connection, (migration.number, migration.number), now)


@contextmanager
def _step(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def new_schema(connection: sqlite3.Connection) -> None:
    """Make all tables, inside the open transaction (`executescript` would commit it first)."""
    statement = ""
    for line in _SCHEMA.read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _record(connection: sqlite3.Connection, numbers: tuple[int, int], now: datetime) -> None:
    connection.executemany(
        "INSERT INTO migration (number, name, at) VALUES (?, ?, ?)",
        [
            (migration.number, migration.name, to_text(now))
            for migration in MIGRATIONS
            if numbers[0] <= migration.number <= numbers[1]
        ],
    )
