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
    kinds = _kinds(connection)
    if not kinds:
        return 0
    if odd := oddity(connection):
        raise damaged(path, odd)
    level = _last_migration(connection) if kinds.get("migration") == "table" else 0
    if not level:  # ours has a record from its first moment on
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


def oddity(connection: sqlite3.Connection) -> str:
    """Return what of a database of ours was planted or is missing, so that it is not to be read.

    Views and triggers run by themselves when others are read or written, and a view may never come
    to its end; ours has neither. Nothing is said of another program's.
    """
    kinds = _kinds(connection)
    if not kinds.keys() >= {"delivery", "response"}:
        return ""
    for name in sorted(kinds):
        if kinds[name] in {"view", "trigger"}:
            return f"{name} is not reminderd's"
    is_recorded = kinds.get("migration") == "table" and _last_migration(connection)
    return "" if is_recorded else "the record of its versions is missing"


def _kinds(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT name, type FROM sqlite_schema").fetchall())


def _last_migration(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT coalesce(max(number), 0) FROM migration").fetchone()
    return int(row[0])


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
