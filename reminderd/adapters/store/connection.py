"""Opening the database: its file, its pragmas, its schema, and one kind of transaction."""

from __future__ import annotations

import errno
import os
import select
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FILE, make_private
from reminderd.adapters.store.migrations import MIGRATIONS
from reminderd.adapters.store.rows import to_text
from reminderd.errors import NewerStoreError, ReminderdError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

BUSY_SECONDS: Final = 5.0
_MOMENT: Final = 0.01
_SCHEMA: Final = Path(__file__).with_name("schema.sql")


class Database:
    """One connection to the database file.

    Args:
        path: The file; it and its folder are made where they do not exist, for the person alone.
        now: The present moment, for the record of the migrations.
        patience: Seconds to wait for another process that holds the database.

    Raises:
        NewerStoreError: A newer reminderd wrote it; nothing is changed.
        StoreError: It cannot be opened, made or read.
    """

    def __init__(self, path: Path, now: datetime, patience: float = BUSY_SECONDS) -> None:
        self.path = path
        self._patience = patience
        self._connection = self._open(now)
        self._inode = self._inode_on_disk()

    def _open(self, now: datetime) -> sqlite3.Connection:
        with _told(self.path):
            _look_before(self.path)
            _make_folder(self.path.parent)
            _make(self.path)
            connection = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
            connection.row_factory = sqlite3.Row
            try:
                _prepare(connection, self.path, now)
                if self.path.stat().st_mode & 0o077:  # only now is it known to be ours
                    self.path.chmod(PRIVATE_FILE)
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

    def each(self, sql: str, *values: object) -> Iterator[sqlite3.Row]:
        """Yield the rows of a query one by one, to be taken to the end.

        Thousands at once would call for the garbage collector, which takes longer than they do.
        """
        with _told(self.path):
            yield from self._connection.execute(sql, values)

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
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

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
        connection = self._open(now)
        self._connection.close()
        self._connection = connection
        self._inode = self._inode_on_disk()

    def _inode_on_disk(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _is_busy(error: sqlite3.Error) -> bool:
    """Return whether another connection is in the way; SQLite has several names for it."""
    name: str = getattr(error, "sqlite_errorname", "")  # what Python itself refuses has none
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into an expected failure with a next step."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        if _is_busy(error):
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


def _make_folder(folder: Path) -> None:
    try:
        make_private(folder)
    except ReminderdError as error:
        raise StoreError(error.message, error.hint) from error


def _look_before(path: Path) -> None:
    """Refuse a database that is not ours to touch before anything of it changes.

    A connection that may write would fold another's log into the file when it closes, and one that
    may only read leaves files beside it, unless it is told that nothing changes.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        if path.stat().st_size == 0:
            return
        how = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)
    except (OSError, sqlite3.Error):
        return  # opening it in earnest says what is the matter
    try:
        _level(connection, path)
    except sqlite3.Error:
        return
    finally:
        connection.close()


def _make(path: Path) -> None:
    """Make the file for the person alone, if it does not exist.

    One that exists must not be opened here: closing any descriptor of a file drops all locks that
    the process has on it, SQLite's too, and another process would take its log away.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(path, flags, PRIVATE_FILE))
    except FileExistsError:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)) from None
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def _prepare(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Bring a connection to today's schema and settings."""
    level = _level(connection, path)
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":  # new, or a restored copy
        _use_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
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
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            select.select([], [], [], _MOMENT)
        else:
            return


def _level(connection: sqlite3.Connection, path: Path) -> int:
    """Return the number of the last migration that ran; 0 for an empty database."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if not tables:
        return 0
    level = None
    if "migration" in tables:
        level = connection.execute("SELECT max(number) FROM migration").fetchone()[0]
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
    return int(level)


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
