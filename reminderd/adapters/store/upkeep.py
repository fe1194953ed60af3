"""Keeping the database safe: looked at and copied each day, mended, followed where it is moved."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from reminderd.adapters.store import backups, damage, erasing, mending
from reminderd.adapters.store.told import damaged, told
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from reminderd.adapters.store.connection import Database
    from reminderd.core.erased import Erased
    from reminderd.core.mended import Lost, Mended


def asked_file(path: Path) -> Path:
    """Return the file by which a command asks the daemon to look at the whole database."""
    return path.with_name(".check")


class Upkeep:
    """What is done for the database as a whole.

    Args:
        database: The open one.

    Attributes:
        checked: The local date on which this database was last looked at and in order; None for
            never.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self.checked: date | None = None

    def check(self, day: date) -> None:
        """Look for broken pages, and for what reminderd did not write.

        Args:
            day: The local date.

        Raises:
            DamagedStoreError: There is any.
        """
        with contextlib.suppress(OSError):  # then it is looked at once more
            asked_file(self._db.path).unlink()
        self.checked = None
        if said := self.damage():
            raise damaged(self._db.path, said)
        self.checked = day

    def back_up_daily(self, day: date) -> Path:
        """Make the backup of a local date; return where it is.

        Raises:
            StoreError: It cannot be made now; those that there are stay.
        """
        with told(self._db.path):
            return backups.back_up_daily(self._db.connection, self._db.path, day, self._db.patience)

    def back_up_to(self, target: Path) -> Path:
        """Make a backup at a place of the person's choice; return where it is.

        Raises:
            StoreError: It cannot be made there; whatever is there stays.
        """
        with told(self._db.path):
            return backups.back_up_to(self._db.connection, self._db.path, target)

    def was_asked(self) -> bool:
        """Return whether a command has met with damage, and left it to the daemon; asked once."""
        try:
            asked_file(self._db.path).unlink()
        except OSError:  # nobody asked; or it could never be taken away
            return False
        return True

    def damage(self) -> str:
        """Return what is wrong with the database in one sentence; empty where nothing is."""
        return damage.damage_in(self._db.path)

    def mend(self, now: datetime) -> Mended:
        """Put the damaged database aside, and go on with what can be saved.

        Raises:
            StoreBusyError: Others work with it all the time.
            StoreError: It cannot be done now; everything is as it was.
        """
        self.checked = None
        try:
            return mending.mend(self._db.path, now, self._db.patience, self._db.close)
        finally:
            with contextlib.suppress(StoreError):  # then the next look tries
                self._db.reopen(now)

    def erase_all(self, now: datetime) -> Erased:
        """Erase the whole history; see `erasing`."""
        return erasing.erase_all(self._db, now)

    def erase_notes(self, now: datetime, today: date) -> Erased:
        """Erase every text that the person wrote."""
        return erasing.erase_notes(self._db, now, today)

    def erase_before(self, moment: datetime, now: datetime, today: date) -> Erased:
        """Erase what ended before a moment (UTC)."""
        return erasing.erase_before(self._db, moment, now, today)

    def follow(self, now: datetime) -> Lost | None:
        """Open what the path leads to, where that is not what is open; else a new one is made.

        Returns:
            In which way it was not; None where it was.

        Raises:
            StoreError: It cannot be opened or made.
        """
        if lost := self._db.lost():
            self.checked = None  # that was another file
            self._db.reopen(now)
        return lost
