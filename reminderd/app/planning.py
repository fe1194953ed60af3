"""Keep today's plan: drawn once, redrawn when its rules change, never twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypedDict, cast

from reminderd.core import cadence, pacing

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.cadence import Moment, Plan
    from reminderd.core.model import Preferences
    from reminderd.core.walltime import Present

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


def plan_of(day: date, preferences: Preferences, present: Present, seed: str) -> Plan:
    """Return the plan of a local date at today's pace and settings."""
    return cadence.draw(
        *(preferences.cadence, preferences.quiet, day, present.zone),
        seed=seed,
        allowance=pacing.pace(preferences.cadence).per_day,
    )


def keep_plan(store: Store, preferences: Preferences, present: Present) -> None:
    """Plan the local date at its first tick, and redraw what lies ahead when the rules changed.

    On a new database what lies behind counts as gone: nobody knows what came before it.
    """
    today = present.today
    rules = cadence.rules_text(preferences.cadence, preferences.quiet)
    mark = mark_of(store)
    if mark is not None and mark["rules"] == rules and today.isoformat() in mark["dates"]:
        return
    known = mark["dates"] if mark else []
    drawn: list[tuple[date, tuple[Moment, ...]]] = []
    if mark is not None and mark["rules"] != rules:
        last_shown = store.reading.last_shown_at(present)
        for day in map(date.fromisoformat, known):
            if day >= today - timedelta(days=1):  # or after today: a journey can set the date back
                plan = plan_of(day, preferences, present, store.seed)
                drawn.append((day, _ahead(plan, preferences, present, last_shown)))
    if today.isoformat() not in known:
        plan = plan_of(today, preferences, present, store.seed)
        is_new = mark is None
        moments = _ahead(plan, preferences, present, present.now) if is_new else plan.moments
        drawn.append((today, moments))
        known = [*known, today.isoformat()][-_REMEMBERED:]
    with store.transaction():
        for day, moments in drawn:
            store.deliveries.replace_plan(day, moments, present)
        store.recorded.set(_PLANNED, {"dates": known, "rules": rules})


def _ahead(
    plan: Plan, preferences: Preferences, present: Present, last_shown: datetime | None
) -> tuple[Moment, ...]:
    return cadence.still_ahead(
        *(plan, present.now, present.zone),
        last_shown=last_shown,
        min_gap=preferences.cadence.min_gap,
    )
