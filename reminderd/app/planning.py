"""Keep today's plan: drawn once, redrawn when its rules change, never twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypedDict, cast

from reminderd.core import cadence, pacing, walltime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reminderd.app.ports import Store
    from reminderd.core.cadence import Moment, Plan
    from reminderd.core.model import Preferences
    from reminderd.core.walltime import Present

_DAY: Final = timedelta(days=1)
_PLANNED: Final = "planned"
_REMEMBERED: Final = 40
"""Dates; a clock that is wrong for weeks must not have today planned a second time."""


class Mark(TypedDict):
    """Which dates were planned last, and by which rules.

    Attributes:
        dates: Each with the last number that a slot of it was given; none is given twice.
        rules: What they follow from, as `cadence.rules_text` has it.
        begun: When the first plan of this database was made, in UTC.
    """

    dates: dict[str, int]
    rules: str
    begun: str


def mark_of(store: Store) -> Mark | None:
    """Return which dates have been planned, and by which rules; None on a new database."""
    return cast("Mark | None", store.recorded.get(_PLANNED))


@dataclass(frozen=True, slots=True)
class DatePlan:
    """A local date as a daemon would plan it now.

    Attributes:
        date: The date.
        plan: The draw of the whole date, by today's pace and settings.
        moments: What of it is to be stored; None where what is stored stands.
        numbered: The last number that a slot of it was given.
    """

    date: date
    plan: Plan
    moments: tuple[Moment, ...] | None
    numbered: int


def date_plans(
    store: Store, preferences: Preferences, present: Present, days: Iterable[date]
) -> Iterator[DatePlan]:
    """Yield local dates as a daemon would plan them now; none lies before yesterday.

    On a new database what lies behind counts as gone: nobody knows what came before it.

    Args:
        store: What is stored, nothing of which is changed.
        preferences: Today's settings.
        present: Now.
        days: Which dates, earliest first.
    """
    rules = cadence.rules_text(preferences.cadence, preferences.quiet)
    mark = mark_of(store)
    known = mark["dates"] if mark else {}
    before: list[datetime] = []
    day_after: date | None = None
    for day in days:
        if day != day_after:
            before = store.deliveries.wall_times(day - _DAY)
        plan = cadence.draw(
            *(preferences.cadence, preferences.quiet, day, present.zone),
            seed=store.seed,
            allowance=pacing.pace(preferences.cadence).allowance,
            before=before,
        )
        is_known = day.isoformat() in known
        stored = store.deliveries.wall_times(day) if is_known else []
        moments: tuple[Moment, ...] | None = plan.moments
        if mark is None and day == present.today:
            moments = _ahead(plan, preferences, present, present.now)
        elif is_known and mark is not None and mark["rules"] != rules:
            # A clock that was wrong at the beginning would silence it for as long.
            begun = min(datetime.fromisoformat(mark["begun"]), present.now)
            last = store.reading.last_shown_at(present) or begun
            moments = _ahead(plan, preferences, present, last)
            stored = [at for at in stored if walltime.resolve(at, present.zone) <= present.now]
        elif is_known or day < present.today:
            moments = None
        before = [*stored, *(moment.local_at for moment in moments or ())]
        day_after = day + _DAY
        yield DatePlan(day, plan, moments, known.get(day.isoformat(), 0))


def keep_plan(store: Store, preferences: Preferences, present: Present) -> None:
    """Plan the local date at its first tick, and redraw what lies ahead when the rules changed."""
    today = present.today.isoformat()
    rules = cadence.rules_text(preferences.cadence, preferences.quiet)
    mark = mark_of(store)
    if mark is not None and mark["rules"] == rules and today in mark["dates"]:
        return
    begun = mark["begun"] if mark else present.now.isoformat()
    dates = mark["dates"] if mark else {}
    # Those after today as well: a journey can set the date back.
    known = {day for day in map(date.fromisoformat, dates) if day >= present.today - _DAY}
    plans = list(date_plans(store, preferences, present, sorted({*known, present.today})))
    with store.transaction():
        for one in plans:
            if one.moments is not None:
                number = store.deliveries.replace_plan(one.date, one.moments, present, one.numbered)
                dates = dates | {one.date.isoformat(): number}
        dates = dict(list(dates.items())[-_REMEMBERED:])
        store.recorded.set(_PLANNED, {"dates": dates, "rules": rules, "begun": begun})


def _ahead(
    plan: Plan, preferences: Preferences, present: Present, last_shown: datetime | None
) -> tuple[Moment, ...]:
    return cadence.still_ahead(
        *(plan, present.now, present.zone),
        last_shown=last_shown,
        min_gap=preferences.cadence.min_gap,
    )
