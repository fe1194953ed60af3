"""Opening the database: its file, its pragmas, its schema, and one kind of transaction."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from reminderd.adapters import trust
from reminderd.adapters.paths import PRIVATE_FILE
from reminderd.adapters.store.exchange import finish, is_unfinished, set_logs_aside
from reminderd.adapters.store.folder import alone, beside_others
from reminderd.adapters.store.schema import BUSY_SECONDS, LARGEST_VALUE, level_of, prepare
from reminderd.adapters.store.told import damaged, private_folder, told, unsure
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from reminderd.core.mended import Lost

    _Identity = tuple[int, int]


class Database:
    """One connection to the database file.

    Args:
        path: The file; it and its folder are made where they do not exist, for the person alone.
        now: The present moment, for the record of the migrations.
        patience: Seconds to wait for another process that holds the database.

    Raises:
        NewerStoreError: A newer reminderd wrote it; nothing is changed.
        StoreError: It cannot be opened, made or read.

    Attributes:
        path: The file.
        patience: How long it waits for others, in seconds.
        connection: SQLite's own, for what works on the database as a whole.
    """

    def __init__(self, path: Path, now: datetime, patience: float = BUSY_SECONDS) -> None:
        self.path = path
        self.patience = patience
        self.connection = self._open(now)
        self._there = self._files()
        self._was_lost: Lost | None = None  # before it was closed, and could not be opened anew

    def _open(self, now: datetime) -> sqlite3.Connection:
        with told(self.path):
            refuse_others(self.path)
            private_folder(self.path.parent)
            while True:
                if not self.path.exists() or is_unfinished(self.path):
                    self._begin(now)
                with beside_others(self.path.parent, self.patience):
                    if self.path.exists() and not is_unfinished(self.path):
                        _refuse_empty(self.path)
                        _look_before(self.path)
                        _make_usable(self.path)
                        return self._connect(now)

    def _begin(self, now: datetime) -> None:
        """Finish what an exchange has left half done, or else make the file, whole at once."""
        with alone(self.path.parent, self.patience):
            finish(self.path, now)
            if not self.path.exists():
                set_logs_aside(self.path, now)
                _make(self.path)
                self._connect(now).close()

    def _connect(self, now: datetime) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self.patience, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        try:
            prepare(connection, self.path, now)
            if self.path.stat().st_mode & 0o077:  # only now is it known to be ours
                self.path.chmod(PRIVATE_FILE)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
        self._there = self._was_lost = None

    def read(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with told(self.path):
            return self.connection.execute(sql, values).fetchall()

    def each(self, sql: str, *values: object) -> Iterator[sqlite3.Row]:
        """Yield the rows of a query one by one, to be taken to the end.

        Thousands at once would call for the garbage collector, which takes longer than they do.
        """
        with told(self.path):
            yield from self.connection.execute(sql, values)

    def first(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with told(self.path):
            row: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def write(self, sql: str, *values: object) -> int:
        """Run one statement and return how many rows it changed."""
        with told(self.path):
            if self.connection.in_transaction:
                return self.connection.execute(sql, values).rowcount
            with beside_others(self.path.parent, self.patience):
                return self.connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take the write lock at once, commit at the end, roll back when anything is raised."""
        with told(self.path), beside_others(self.path.parent, self.patience):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                with unsure(self.path):
                    self.connection.commit()
            except BaseException:
                self.connection.rollback()
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all that is read belong to one moment; nobody who writes waits for it."""
        with told(self.path):
            self.connection.execute("BEGIN")
        try:
            yield
        finally:
            with told(self.path):
                self.connection.rollback()

    def version(self) -> int:
        """Return a number that moves when another connection has committed."""
        row = self.first("PRAGMA data_version")
        return int(row[0]) if row else 0

    def is_unlinked(self) -> bool:
        """Return whether the path no longer leads to the files that are open, if any are.

        SQLite goes on writing into an unlinked file, or an unlinked log, without an error.
        """
        return self.lost() is not None

    def lost(self) -> Lost | None:
        """Return in which way the path no longer leads to what is open; None where it does."""
        there = self._files()
        if self._there is None:
            return self._was_lost or "closed"
        if there is None:
            return "removed"
        if there[0] != self._there[0]:
            return "replaced"
        if self._there[1] is None:  # the log is made with the first transaction
            self._there = there
        return None if there[1] == self._there[1] else "log"

    def reopen(self, now: datetime) -> None:
        """Let go of the open file and open what the path leads to now.

        The old one first: SQLite's locks on files of the same name would go with it.
        """
        self._was_lost = self.lost()
        before, self._there = self._there, None
        self.connection.close()
        with told(self.path), alone(self.path.parent, self.patience):
            if (
                before is not None
                and (there := self._files()) is not None
                and (there[0] != before[0] and there[1] == before[1])
            ):
                set_logs_aside(self.path, now)  # another file was put beside the log of the old one
        self.connection = self._open(now)
        self._there, self._was_lost = self._files(), None

    def _files(self) -> tuple[_Identity, _Identity | None] | None:
        """Return which files there are, the database and its log; None where there is none."""
        file, log = _identity(self.path), _identity(self.path.with_name(f"{self.path.name}-wal"))
        return None if file is None else (file, log)


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def refuse_others(path: Path) -> None:
    """Refuse what is no file, or one that another account has or could write to, before opening it.

    Root's mere look would leave files beside it that the person could not write to any more.

    Raises:
        StoreError: It is such a one.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(mode := path.stat().st_mode):
            what = "directory" if stat.S_ISDIR(mode) else "device or a pipe"
            raise StoreError(
                f"The database {path} cannot be used: there is a {what} in its place.",
                "Move it away; then `reminderd import` brings back what a backup has.",
            )
    for file in dict.fromkeys((path, Path(os.path.realpath(path)))):  # what a link leads to counts
        beside = (file.with_name(f"{file.name}-{kind}") for kind in ("wal", "shm"))
        for one in (file.parent, file, *beside):
            with suppress(FileNotFoundError):
                trust.check(one, one.stat(), StoreError)


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
        level_of(connection, path)
    except sqlite3.Error:
        return
    finally:
        connection.close()


def _refuse_empty(path: Path) -> None:
    """Refuse a file that was cut to nothing, where there is anything to bring back.

    Who makes one does so whole, and alone; one without a past may be somebody's `touch`.
    """
    log = path.with_name(f"{path.name}-wal")
    if path.stat().st_size == 0 and (
        any(path.with_name("backups").glob("*.db")) or (log.exists() and log.stat().st_size)
    ):
        raise damaged(path, "it is empty")


def _make(path: Path) -> None:
    """Make the file for the person alone.

    Raises:
        StoreError: There is a link that leads nowhere: nothing is made at its end.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(path, flags, PRIVATE_FILE))
    except FileExistsError:
        raise StoreError(
            f"{path} is a link to {path.readlink()}, which is not there.",
            "Bring the file back, or remove the link.",
        ) from None


def _make_usable(path: Path) -> None:
    """Let a file that is there be read and written.

    It must not be opened here: closing any descriptor of a file drops all locks that the process
    has on it, SQLite's too, and another process would take its log away.
    """
    if not _is_usable(path):
        path.chmod(PRIVATE_FILE)  # its mode was changed; on a disk for reading alone it stays
    if not _is_usable(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _is_usable(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids)
