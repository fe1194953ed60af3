"""The coming moments at today's pace and settings, and what could not be planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.app.planning import Mark, mark_of, plan_of
from reminderd.core import cadence, walltime
from reminderd.core.model import Slot, Source

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.cadence import Plan, Shortfall
    from reminderd.core.model import Preferences, Window
    from reminderd.core.walltime import Present

_TODAYS: Final = 200
"""No date has so many lines of history that its last slot is not among these."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming moment; `at` is aware, in the zone the person is in."""

    slot: Slot
    at: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class Preview:
    """The coming moments, earliest first, and by date what there is no room for."""

    coming: tuple[Coming, ...]
    shortfalls: tuple[tuple[date, Shortfall], ...]


def preview(store: Store, preferences: Preferences, present: Present, days: int) -> Preview:
    """Return what comes on `days` dates, today the first of them. Nothing is stored.

    A date that has been planned shows its stored moments. Every other date is drawn; the same draw
    is stored when the date comes, as long as pace and settings stay.
    """
    mark = mark_of(store)
    rules = cadence.rules_text(preferences.cadence, preferences.quiet)
    last = present.today + timedelta(days=days - 1)
    # Yesterday's moments after midnight are still to come.
    dates = [present.today + timedelta(days=offset) for offset in range(-1, days)]
    coming: list[Coming] = []
    shortfalls: list[tuple[date, Shortfall]] = []
    windows = preferences.cadence.windows
    stored = store.deliveries.planned_moments(dates[0], last)
    for day in dates:
        is_planned = mark is not None and day.isoformat() in mark["dates"]
        plan = plan_of(day, preferences, present, store.seed)
        if day >= present.today:
            shortfalls += [(day, one) for one in plan.shortfalls if _is_asked(one, day, windows)]
        if mark is not None and is_planned and mark["rules"] == rules:
            coming += [
                Coming(one.slot, _local(one.local_at, present), source)
                for one, source in stored
                if one.slot is not None and one.slot.date == day
            ]
        elif is_planned or day >= present.today:
            coming += _drawn(store, preferences, plan, present, mark)
    ahead = [one for one in coming if one.at > present.now]
    return Preview(tuple(sorted(ahead, key=lambda one: one.at)), tuple(shortfalls))


def _is_asked(shortfall: Shortfall, day: date, windows: tuple[Window, ...]) -> bool:
    """Return whether the person asked for this: on days without a window they asked for none."""
    return (
        shortfall.source is Source.AT
        or not windows
        or any(day.weekday() in window.days for window in windows)
    )


def _drawn(
    store: Store, preferences: Preferences, plan: Plan, present: Present, mark: Mark | None
) -> list[Coming]:
    """Return what a date would get if a daemon planned it now, as `planning.keep_plan` does it."""
    moments, number = plan.moments, 1
    is_redrawn = mark is not None and plan.date.isoformat() in mark["dates"]
    if is_redrawn or (mark is None and plan.date == present.today):
        # On a new installation what lies behind counts as just shown.
        moments = cadence.still_ahead(
            *(plan, present.now, present.zone),
            last_shown=store.reading.last_shown_at(present) if is_redrawn else present.now,
            min_gap=preferences.cadence.min_gap,
        )
    if is_redrawn:
        number = _next_number(store, plan.date)
    return [
        Coming(Slot(plan.date, count), _local(moment.local_at, present), moment.source)
        for count, moment in enumerate(moments, number)
    ]


def _next_number(store: Store, day: date) -> int:
    """Return the number with which a redraw of a date goes on; none is ever used twice."""
    ended = [one.slot for one in store.reading.history(_TODAYS)]
    waiting = [one.slot for one, _ in store.deliveries.planned_moments(day, day)]
    used = [slot.number for slot in (*ended, *waiting) if slot and slot.date == day]
    return max(used, default=0) + 1


def _local(local: datetime, present: Present) -> datetime:
    return walltime.resolve(local, present.zone).astimezone(present.zone)
