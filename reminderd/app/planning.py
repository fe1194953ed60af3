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
    """Which dates were planned last, and by which rules."""

    dates: list[str]
    rules: str


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
    """

    date: date
    plan: Plan
    moments: tuple[Moment, ...] | None


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
    known = mark["dates"] if mark else []
    spilled, day_after = 0, None
    for day in days:
        if day != day_after:
            spilled = len(store.deliveries.past_midnight(day - _DAY))
        plan = cadence.draw(
            *(preferences.cadence, preferences.quiet, day, present.zone),
            seed=store.seed,
            allowance=pacing.pace(preferences.cadence).per_day,
            spilled=spilled,
        )
        is_known = day.isoformat() in known
        stored = store.deliveries.past_midnight(day) if is_known else []
        moments: tuple[Moment, ...] | None = plan.moments
        if mark is None and day == present.today:
            moments = _ahead(plan, preferences, present, present.now)
        elif is_known and mark is not None and mark["rules"] != rules:
            moments = _ahead(plan, preferences, present, store.reading.last_shown_at(present))
            stored = [at for at in stored if walltime.resolve(at, present.zone) <= present.now]
        elif is_known or day < present.today:
            moments = None
        spilled = len(stored) + cadence.past_midnight(day, moments or ())
        day_after = day + _DAY
        yield DatePlan(day, plan, moments)


def keep_plan(store: Store, preferences: Preferences, present: Present) -> None:
    """Plan the local date at its first tick, and redraw what lies ahead when the rules changed."""
    today = present.today.isoformat()
    rules = cadence.rules_text(preferences.cadence, preferences.quiet)
    mark = mark_of(store)
    if mark is not None and mark["rules"] == rules and today in mark["dates"]:
        return
    dates = mark["dates"] if mark else []
    if today not in dates:
        dates = [*dates, today][-_REMEMBERED:]
    # Those after today as well: a journey can set the date back.
    known = [day for day in map(date.fromisoformat, dates) if day >= present.today - _DAY]
    plans = list(date_plans(store, preferences, present, sorted(known)))
    with store.transaction():
        for one in plans:
            if one.moments is not None:
                store.deliveries.replace_plan(one.date, one.moments, present)
        store.recorded.set(_PLANNED, {"dates": dates, "rules": rules})


def _ahead(
    plan: Plan, preferences: Preferences, present: Present, last_shown: datetime | None
) -> tuple[Moment, ...]:
    return cadence.still_ahead(
        *(plan, present.now, present.zone),
        last_shown=last_shown,
        min_gap=preferences.cadence.min_gap,
    )
