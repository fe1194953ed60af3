"""Opening the database: its file, its pragmas, its schema, and one kind of transaction."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FILE, make_private
from reminderd.adapters.store.migrations import MIGRATIONS
from reminderd.adapters.store.rows import to_text
from reminderd.errors import NewerStoreError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

BUSY_SECONDS: Final = 5.0
_SCHEMA: Final = Path(__file__).with_name("schema.sql")


class Database:
    """One connection to the database file.

    Args:
        path: The file; it and its folder are made where they do not exist, for the person alone.
        now: The present moment, for the record of the migrations.

    Raises:
        NewerStoreError: A newer reminderd wrote it; nothing is changed.
        StoreError: It cannot be opened, made or read.
    """

    def __init__(self, path: Path, now: datetime) -> None:
        self.path = path
        make_private(path.parent)
        self._connection = self._open(now)
        self._inode = self._inode_on_disk()

    def _open(self, now: datetime) -> sqlite3.Connection:
        with _told(self.path):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE))
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            connection.row_factory = sqlite3.Row
            try:
                _prepare(connection, self.path, now)
            except BaseException:
                connection.close()
                raise
        return connection

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def read(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with _told(self.path):
            return self._connection.execute(sql, values).fetchall()

    def first(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with _told(self.path):
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def write(self, sql: str, *values: object) -> int:
        """Run one statement and return how many rows it changed."""
        with _told(self.path):
            return self._connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take the write lock at once, commit at the end, roll back when anything is raised."""
        with _told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def version(self) -> int:
        """Return a number that moves when another connection has committed."""
        row = self.first("PRAGMA data_version")
        return int(row[0]) if row else 0

    def is_unlinked(self) -> bool:
        """Return whether the path no longer leads to the file that is open.

        SQLite goes on writing into an unlinked file without an error.
        """
        return self._inode_on_disk() != self._inode

    def reopen(self, now: datetime) -> None:
        """Let go of the open file and open what the path leads to now."""
        make_private(self.path.parent)
        self._connection.close()
        self._connection = self._open(now)
        self._inode = self._inode_on_disk()

    def _inode_on_disk(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into an expected failure with a next step."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        if error.sqlite_errorname in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
            raise StoreBusyError(
                f"Another program holds the database {path}.", "Please try again in a moment."
            ) from error
        raise StoreError(
            f"The database {path} cannot be used: {error}.",
            "Nothing was changed. If it is damaged, move it aside and reminderd starts a new one.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"The database {path} cannot be used: {error.strerror or error}.",
            "Check that the folder is yours and that the disk has room.",
        ) from error


def _prepare(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Bring a connection to today's schema and settings."""
    if _level(connection, path) < MIGRATIONS[-1].number:
        connection.execute("PRAGMA journal_mode = WAL")
        _migrate(connection, path, now)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _level(connection: sqlite3.Connection, path: Path) -> int:
    """Return the number of the last migration that ran; 0 for an empty database."""
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'migration'"
    if connection.execute(known).fetchone() is None:
        if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None:
            raise StoreError(
                f"{path} is a database, but not one of reminderd's.",
                "It was left untouched. Move it to another place and try again.",
            )
        return 0
    level = int(connection.execute("SELECT max(number) FROM migration").fetchone()[0])
    if level > MIGRATIONS[-1].number:
        raise NewerStoreError(
            f"The database {path} was written by a newer reminderd.",
            "It was left untouched. Please install the newer version again.",
        )
    return level


def _migrate(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Run what is missing, each step in its own transaction together with its record."""
    with _step(connection):
        if _level(connection, path) == 0:  # asked again under the lock: another may have been here
            _run(connection, _SCHEMA.read_text(encoding="utf-8"))
            _record(connection, (1, MIGRATIONS[-1].number), now)
    for migration in MIGRATIONS:
        with _step(connection):
            if migration.number > _level(connection, path):
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


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run a script inside the open transaction (`executescript` would commit it first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
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
