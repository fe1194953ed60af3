"""Keeping the daemon's database safe, and telling in one line what is in the way of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.app.recorded import forget_odd
from reminderd.app.restoring import RESTORED
from reminderd.app.status import MENDED, Story
from reminderd.core.mended import words
from reminderd.errors import DamagedStoreError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from reminderd.app.ports import Store
    from reminderd.core.mended import Mended
    from reminderd.core.walltime import Present

_SAFE: Final = "safe"
_TRY_AGAIN: Final = timedelta(hours=1)
"""When to try anew to make a backup that could not be made."""
_ONCE_IN: Final = timedelta(minutes=1)
"""What is damaged again so soon after it was mended is a defect of ours."""

REMOVED: Final = (
    "The database was removed while reminderd ran, so a new one was begun."
    " What was in it may be in a backup: reminderd import FILE brings that back."
)
REPLACED: Final = "The database was replaced by another, and reminderd goes on with that one."
FORGOTTEN: Final = "What reminderd had recorded of itself could not be read; it is made anew."
USABLE: Final = "The database can be used again."


def tell_mended(store: Store, mended: Mended, now: datetime, log: Callable[[str], None]) -> None:
    """Tell what became of a database that was damaged: at once, and in `status` for a week."""
    text = words(mended)
    store.recorded.set(MENDED, Story(at=now.isoformat(), text=text))
    log(text)


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

    def follow(self, store: Store, present: Present) -> bool:
        """Open what the path leads to, where that is not what is open; return whether it was so.

        Raises:
            StoreError: It cannot be opened.
        """
        if not store.upkeep.is_gone():
            return False
        was_there = store.upkeep.reopen(present.now)
        store.recorded.set(RESTORED, present.now.isoformat())
        self.log(REPLACED if was_there else REMOVED)
        return True

    def look_after(self, store: Store, present: Present) -> None:
        """Once a local date, look for damage and make a backup; also when a command has met it.

        Raises:
            DamagedStoreError: There is damage.
        """
        if store.upkeep.was_asked():
            store.upkeep.check()
        today = present.today.isoformat()
        if store.recorded.get(_SAFE) == today:
            return
        if self._tried_at is not None and abs(present.now - self._tried_at) < _TRY_AGAIN:
            return
        self._tried_at = present.now
        try:
            store.upkeep.check()
            store.upkeep.back_up_daily(present.today)
            store.recorded.set(_SAFE, today)
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
        tell_mended(store, mended, now, self.log)
        return True

    def went_well(self) -> None:
        """Tell that what was in the way is gone."""
        if self.trouble:
            self.log(USABLE)
        self.trouble = ""

    def is_new(self, trouble: str) -> bool:
        """Remember what is in the way; return whether the person has not been told yet."""
        before, self.trouble = self.trouble, trouble
        return trouble != before
