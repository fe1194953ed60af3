"""The pace of each date, from what came before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.core import pacing, walltime
from reminderd.core.history import is_open
from reminderd.core.names import Outcome

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.model import Answer, Preferences
    from reminderd.core.pacing import Fall, Pace, Past
    from reminderd.core.walltime import Present

_DAY: Final = timedelta(days=1)
_MOST_DATES: Final = pacing.RAMP_DATES * 12
"""After so many ramp-up is over, whatever the cadence."""


class Paces:
    """The paces of some dates; what is planned on one counts as come for those after it.

    Args:
        store: What came before.
        preferences: Today's settings.
        present: Now.
    """

    def __init__(self, store: Store, preferences: Preferences, present: Present) -> None:
        self._store, self._preferences, self._present = store, preferences, present
        self._past: Past | None = None
        self._planned: date | None = None

    def of(self, day: date) -> Pace:
        """Return the pace of a date; to be asked for in ascending order."""
        tomorrow = self._present.today + _DAY
        if self._past is None or day <= tomorrow:
            self._past = _past(self._store, day, self._present)
            if self._planned == self._present.today < day:
                self._past = _with(self._past, self._planned)
        return pacing.pace(self._preferences.cadence, self._preferences.pace, self._past)

    def brings(self, day: date) -> None:
        """Take note that something is planned on a date."""
        self._planned = day
        if self._past is not None and day > self._present.today:
            self._past = _with(self._past, day)


def fall_before(store: Store, until: datetime, present: Present) -> Fall:
    """Return how far back-off has gone by the deliveries before a moment that are closed."""
    return pacing.fall(answer for answer, _ in _closed_before(store, until, present))


def _closed_before(
    store: Store, until: datetime, present: Present
) -> list[tuple[Answer | None, date | None]]:
    answers = store.reading.answers_before(until, pacing.REMEMBERED, present)
    newest = store.reading.newest()
    if (
        answers
        and newest is not None
        and newest.outcome is Outcome.SHOWN  # else it is not among them
        and newest.claimed_at < until
        and is_open(newest, present.now)
    ):
        del answers[-1]
    return answers


def _past(store: Store, day: date, present: Present) -> Past:
    midnight = walltime.resolve(walltime.from_wall_minute(walltime.date_minute(day)), present.zone)
    closed = _closed_before(store, midnight, present)
    fall = pacing.fall(answer for answer, _ in closed)
    dates = store.reading.dates_before(day, _MOST_DATES, present)
    first = closed[-fall.unanswered][1] if fall.steps and fall.unanswered else None
    return pacing.Past(
        dates=len(dates),
        last=store.reading.last_date_before(day, present),
        fall=fall,
        unanswered=sum(one >= first for one in dates) if first else 0,
    )


def _with(past: Past, day: date) -> Past:
    """Return the past with one more date on which something came."""
    if past.last == day:
        return past
    is_row = bool(past.fall.steps and past.fall.unanswered)
    unanswered = past.unanswered + is_row
    return replace(past, dates=past.dates + 1, last=day, unanswered=unanswered)
