"""Keeping the database safe: looked at and copied each day, mended, followed where it is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reminderd.adapters.store import backups, damage, mending
from reminderd.adapters.store.told import damaged, told

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from reminderd.adapters.store.connection import Database
    from reminderd.adapters.store.mending import Mended


class Upkeep:
    """What is done for the database as a whole.

    Args:
        database: The open one.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def look_after(self, day: date) -> None:
        """Look for broken pages, then make the backup of a local date.

        Raises:
            DamagedStoreError: There is a broken page; no backup was made, and none went.
            StoreError: The backup cannot be made now.
        """
        with told(self._db.path):
            if said := damage.quick_check(self._db.connection):
                raise damaged(self._db.path, said)
            backups.back_up_daily(self._db.connection, self._db.path, day)

    def back_up_to(self, target: Path) -> Path:
        """Make a backup at a place of the person's choice; return where it is.

        Raises:
            StoreError: It cannot be made there; whatever is there stays.
        """
        with told(self._db.path):
            return backups.back_up_to(self._db.connection, self._db.path, target)

    def damage(self) -> str:
        """Return what is wrong with the database in one sentence; empty where nothing is."""
        return damage.damage_in(self._db.path)

    def mend(self, now: datetime) -> Mended:
        """Put the damaged database aside, and go on with what can be saved.

        Raises:
            StoreBusyError: Others work with it all the time.
            StoreError: It cannot be done now; everything is as it was.
        """
        self._db.close()
        mended = mending.mend(self._db.path, now)
        self._db.reopen(now)
        return mended

    def is_gone(self) -> bool:
        """Return whether the path leads to another file than the one that is open, or to none."""
        return self._db.is_unlinked()

    def reopen(self, now: datetime) -> None:
        """Let go of the open file and open what the path leads to now.

        Raises:
            StoreError: It cannot be opened or made.
        """
        self._db.reopen(now)
