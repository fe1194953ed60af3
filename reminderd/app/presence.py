"""Whether the person is there, from look to look: who has come back is left alone for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from reminderd.core.gates import ABSENT, LOOK_AGAIN, absence
from reminderd.core.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from reminderd.core.model import Context, Planned, Quiet


@dataclass(slots=True)
class Presence:
    """What the looks until now have seen of the person.

    Every signal of the desktop brings a look, so a return is seen when it happens; where there is
    no signal for it, at the next look after it.

    Attributes:
        within: How long before it was seen the last return may have been.
    """

    within: timedelta = timedelta()
    _absent: frozenset[Reason] = frozenset()
    _back_at: datetime | None = None

    def begin(self, waiting: Iterable[Planned]) -> None:
        """Go on where an earlier daemon ended, as far as what it held back tells.

        Who was just back when it ended counts as coming back with the first look.
        """
        told = ABSENT | {Reason.JUST_BACK}
        self._absent = told.intersection(one.held for one in waiting if one.held)

    def back_at(
        self, context: Context, quiet: Quiet, now: datetime, *, closely: bool
    ) -> datetime | None:
        """Take in one look.

        Args:
            context: What the desktop tells.
            closely: Whether it was asked for all that it can tell.
            quiet: What of it is to be respected.
            now: The present moment, in UTC.

        Returns:
            When the person came back, in UTC; None while they are away or where nobody saw them
            come.
        """
        if absent := absence(context, quiet):
            self._absent, self._back_at = absent, None
            self.within = LOOK_AGAIN if absent & context.unsignalled else timedelta()
        elif self._absent:
            unseen = Reason.AWAY in self._absent and context.away_seconds is None
            if closely or not unseen:
                self._absent, self._back_at = frozenset(), now
        elif self._back_at is not None:
            self._back_at = min(self._back_at, now)  # clocks step back
        return self._back_at
