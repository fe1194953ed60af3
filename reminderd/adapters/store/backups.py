"""Copies of the database: one a day in the folder `backups`, and wherever a person wants one."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reminderd.adapters import trust
from reminderd.adapters.paths import sync
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.folder import alone
from reminderd.adapters.store.told import damaged, is_about_place, is_busy, private_folder
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

KEPT: Final = 7
"""Backups in the folder; the oldest goes when there is one more."""
_NAME: Final = re.compile(r"(\d{4,9})_(\d{4}-\d\d-\d\d)\.db")
_PASSING: Final = re.compile(r"\.backup-[a-z0-9_]{8}(-journal|-wal|-shm)?")


class Backup(NamedTuple):
    """One of the folder.

    Attributes:
        number: Counts on from backup to backup: which is the newest must not depend on a clock.
        day: The local date on which it was made.
        path: Where it is.
    """

    number: int
    day: str
    path: Path


def folder_of(database: Path) -> Path:
    """Return the folder of the daily backups, which need not exist."""
    return database.with_name("backups")


def backups_of(database: Path) -> list[Backup]:
    """Return what is in the folder, the newest first."""
    try:
        names = [one.name for one in folder_of(database).iterdir()]
    except OSError:
        return []
    found = [
        Backup(int(name[1]), name[2], folder_of(database) / name[0])
        for name in map(_NAME.fullmatch, names)
        if name is not None
    ]
    return sorted((one for one in found if _is_ours(one.path)), reverse=True)


def unfinished(database: Path) -> list[Path]:
    """Return what backups that were killed have left in the folder."""
    try:
        return [one for one in folder_of(database).iterdir() if _PASSING.fullmatch(one.name)]
    except OSError:
        return []


def _is_ours(path: Path) -> bool:
    """Return whether it is a file that nobody else can have put there or changed."""
    try:
        status = path.lstat()
        trust.check(path, status, StoreError)
    except (OSError, StoreError):
        return False
    return stat.S_ISREG(status.st_mode)


def back_up_daily(
    connection: sqlite3.Connection, database: Path, day: date, patience: float
) -> Path:
    """Make the backup of a local date, in place of one of the same date, and let the oldest go.

    Where the database has no history and the newest backup has, the history was lost: nothing then
    takes the place of a backup, and none goes.

    Raises:
        DamagedStoreError: The copy is damaged; those that there are stay.
        StoreError: The copy could be changed by others; those that there are stay.
        StoreBusyError: Others are writing all the time.
        OSError, sqlite3.Error: It cannot be made; those that there are stay.
    """
    folder = private_folder(folder_of(database))
    with alone(database.parent, patience):  # an `erase` in between would be undone by it
        for left in unfinished(database):
            left.unlink(missing_ok=True)
        before = backups_of(database)
        with _copied(connection, database, folder) as copy:
            trust.check(copy, copy.lstat(), StoreError)
            is_lost = bool(before) and _has_history(before[0].path) and not _has_history(copy)
            number = before[0].number if before else 0
            if not before or is_lost or before[0].day != day.isoformat():
                number += 1
            target = folder / f"{number:04}_{day.isoformat()}.db"
            copy.replace(target)
        sync(folder)
        for one in backups_of(database)[KEPT:] if not is_lost else []:
            one.path.unlink(missing_ok=True)
    return target


def _has_history(file: Path) -> bool:
    """Return whether a database holds anything that came or was answered; a mere plan is none."""
    address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            (found,) = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM response)"
                " OR EXISTS (SELECT 1 FROM delivery WHERE claimed_at IS NOT NULL)"
            ).fetchone()
    except sqlite3.Error:  # a backup that is damaged by now
        return False
    return bool(found)


def back_up_to(connection: sqlite3.Connection, database: Path, target: Path) -> Path:
    """Make a backup at a place of the person's choice; return where it is.

    Args:
        connection: The database's.
        database: Its file.
        target: A file that does not exist yet, or a folder to make one in.

    Raises:
        StoreError: There is something at that place already, or it cannot be written there.
        DamagedStoreError: The copy is damaged.
        sqlite3.Error: It cannot be made.
    """
    try:
        with _copied(connection, database, target.parent) as copy:
            # Whatever is there stays, also a link that somebody has put there to lead elsewhere.
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
            copy.replace(target)
        sync(target.parent)
    except FileExistsError:
        raise StoreError(
            f"There is something at {target} already.",
            "It was left as it is. Please give another name.",
        ) from None
    except OSError as error:
        raise _not_written(target, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        if is_busy(error) or not is_about_place(error) or not _can_be_read(connection):
            raise
        raise _not_written(target, str(error)) from error
    return target


def _not_written(target: Path, why: str) -> StoreError:
    return StoreError(
        f"The backup {target} cannot be written: {why}.",
        f"Please make room on the disk of {target.parent}, or give a place that you can write to.",
    )


def _can_be_read(connection: sqlite3.Connection) -> bool:
    """Return whether it was not the database itself that made a copy of it fail."""
    try:
        connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error:
        return False
    return True


@contextlib.contextmanager
def _copied(connection: sqlite3.Connection, database: Path, folder: Path) -> Iterator[Path]:
    """Make a copy under a name of its own, which is gone afterwards unless it got another."""
    import tempfile  # noqa: PLC0415 -- it loads shutil, and quick commands would wait for that

    descriptor, name = tempfile.mkstemp(prefix=".backup-", dir=folder)
    copy = Path(name)
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
            connection.backup(target)
            # One file that needs nothing beside it, whole before it has a name.
            target.execute("PRAGMA journal_mode = DELETE")
            target.execute("PRAGMA quick_check(1)").fetchone()  # raises where the disk fails
        if said := damage_in(copy):  # what mending asks for: else it is no help when it is needed
            raise damaged(database, said)
        os.fsync(descriptor)
        yield copy
    finally:
        os.close(descriptor)
        for part in ("", "-journal", "-wal", "-shm"):
            Path(name + part).unlink(missing_ok=True)
