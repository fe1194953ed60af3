"""Keeping the daemon's database safe, and telling in one line what is in the way of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.app.recorded import SAFE, forget_odd
from reminderd.app.restoring import RESTORED
from reminderd.app.status import MENDED, Story
from reminderd.core.mended import words
from reminderd.errors import DamagedStoreError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from reminderd.app.ports import Store
    from reminderd.core.mended import Lost
    from reminderd.core.walltime import Present

_TRY_AGAIN: Final = timedelta(hours=1)
"""When to try anew to make a backup that could not be made."""
_ONCE_IN: Final = timedelta(minutes=1)
"""What is damaged again so soon after it was mended is a defect of ours."""

_BACKUPS: Final = (
    "What is missing may be among the backups beside it; reminderd import FILE brings one back."
)
FOLLOWED: Final = {
    "removed": (
        f"The database was removed while reminderd ran, so a new one was begun. {_BACKUPS}"
    ),
    "replaced": (
        f"The database was replaced by another, and reminderd goes on with that one. {_BACKUPS}"
    ),
    "log": "The log of the database was removed while reminderd ran; what was in it is kept.",
}
"""What is told of a database that is not the one that was open, by how it is not."""
FORGOTTEN: Final = "What reminderd had recorded of itself could not be read; it is made anew."
USABLE: Final = "The database can be used again."


@dataclass(slots=True)
class Safekeeping:
    """What is remembered of it from look to look.

    Attributes:
        log: Takes a line for the person.
        trouble: What is in the way of using the database at present, as it was told; empty for
            nothing.
        problem: What is in the way of the daily backup; empty for nothing.
    """

    log: Callable[[str], None]
    trouble: str = ""
    problem: str = ""
    _tried_at: datetime | None = None
    _mended_at: datetime | None = None
    _lost: Lost | None = None

    def follow(self, store: Store, present: Present) -> bool:
        """Open what the path leads to, where that is not what is open; return whether it was so.

        Raises:
            StoreError: It cannot be opened.
        """
        self._lost = store.upkeep.follow(present.now) or self._lost
        told = FOLLOWED.get(self._lost or "")
        if told is None:
            return False
        # Kept until it is written: what came before the exchange must not come again after it.
        if self._lost != "log":
            store.recorded.set(RESTORED, present.now.isoformat())
        store.recorded.set(MENDED, Story(at=present.now.isoformat(), text=told))
        self.log(told)
        self._lost = None
        return True

    def look_after(self, store: Store, present: Present) -> None:
        """Once a local date, look for damage and make a backup; also when a command has met it.

        Raises:
            DamagedStoreError: There is damage.
        """
        if store.upkeep.was_asked():
            store.upkeep.check(present.today)
        today = present.today.isoformat()
        if store.recorded.get(SAFE) == today:
            return
        if self._tried_at is not None and abs(present.now - self._tried_at) < _TRY_AGAIN:
            return
        self._tried_at = present.now
        try:
            if store.upkeep.checked != present.today:  # else it was at the daemon's start
                store.upkeep.check(present.today)
            store.upkeep.back_up_daily(present.today)
            store.recorded.set(SAFE, today)
        except (DamagedStoreError, StoreBusyError):
            self._tried_at = None
            raise
        except StoreError as error:
            problem = f"No backup could be made today. {error}"
            if problem != self.problem:
                self.log(problem)
            self.problem = problem
        else:
            self.problem = ""
            self._tried_at = None

    def mend(self, store: Store, present: Present) -> bool:
        """Mend what made a look fail, if it is damage; return whether it was and is no more.

        Raises:
            StoreError: It cannot be mended now.
        """
        now = present.now
        if self._mended_at is not None and abs(now - self._mended_at) < _ONCE_IN:
            return False
        if not store.upkeep.damage():
            odd = forget_odd(store)
            if odd:
                self._mended_at = now
                self.log(FORGOTTEN)
            return bool(odd)
        mended = store.upkeep.mend(now)
        self._mended_at = now
        self.log(words(mended))
        return True

    def went_well(self) -> bool:
        """Tell that what was in the way is gone; return whether anything was."""
        before, self.trouble = self.trouble, ""
        if before:
            self.log(USABLE)
        return bool(before)

    def is_new(self, trouble: str) -> bool:
        """Remember what is in the way; return whether the person has not been told yet."""
        before, self.trouble = self.trouble, trouble
        return trouble != before
