"""Keep today's plan: drawn once, redrawn when its rules change, never twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypedDict, cast

from reminderd.app.last_came import last_came
from reminderd.app.paces import Paces
from reminderd.app.status import PaceFacts
from reminderd.core import cadence, pacing, walltime
from reminderd.core.words import AS_SET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reminderd.app.ports import Store
    from reminderd.core.cadence import Moment, Plan
    from reminderd.core.model import Preferences
    from reminderd.core.pacing import Pace
    from reminderd.core.walltime import Present

_DAY: Final = timedelta(days=1)
PLANNED: Final = "planned"
PACES: Final = "paces"
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


def pace_on(store: Store, day: date) -> PaceFacts | None:
    """Return the pace of a date as it was when it was planned; None where nobody knows."""
    paces = cast("dict[str, PaceFacts] | None", store.recorded.get(PACES))
    return (paces or {}).get(day.isoformat())


def was_planned(store: Store, day: date) -> bool | None:
    """Return whether a date was ever planned; None for those of which nobody knows any more."""
    known = cast("dict[str, PaceFacts] | None", store.recorded.get(PACES)) or {}
    first = min(known, default=None)
    return day.isoformat() in known if first is not None and first <= day.isoformat() else None


def pace_now(store: Store, preferences: Preferences, present: Present) -> PaceFacts:
    """Return today's pace as it was planned, and that it picks up where it does by tomorrow."""
    today, tomorrow = date_plans(store, preferences, present, [present.today, present.today + _DAY])
    planned = pace_on(store, present.today) or pace_facts(preferences, today.pace)
    if planned["reason"] != AS_SET:
        rate = pacing.per_day(preferences.cadence, tomorrow.pace)
        if rate > planned["per_day"]:
            reason = pacing.rising_words(preferences.cadence, tomorrow.pace)
            return PaceFacts(per_day=planned["per_day"], reason=reason)
    return planned


def _mark_of(store: Store) -> Mark | None:
    """Return which dates have been planned, and by which rules; None on a new database."""
    return cast("Mark | None", store.recorded.get(PLANNED))


@dataclass(frozen=True, slots=True)
class DatePlan:
    """A local date as a daemon would plan it now.

    Attributes:
        date: The date.
        plan: The draw of the whole date, by today's pace and settings.
        moments: What of it is to be stored; None where what is stored stands.
        numbered: The last number that a slot of it was given.
        pace: How much of the cadence comes on it.
    """

    date: date
    plan: Plan
    moments: tuple[Moment, ...] | None
    numbered: int
    pace: Pace


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
    rules = rules_of(preferences)
    mark = _mark_of(store)
    known = mark["dates"] if mark else {}
    paces = Paces(store, preferences, present)
    before: list[datetime] = []
    day_after: date | None = None
    for day in days:
        if day != day_after:
            before = store.deliveries.wall_times(day - _DAY)
        pace, draw = paces.of(day), _drawing(store.seed, preferences, day, present, before)
        whole = draw(preferences.cadence.max_per_day)
        if pace.steps:  # half of what has no room would be no less
            pace = replace(pace, room=max(1, len(whole.moments)))
        granted = pacing.allowance(preferences.cadence, pace, day)
        is_first = day == _first_date(mark, present)
        if is_first and preferences.pace.ramp_up:
            granted = max(0, granted - 1)  # the first practice is that date's one
        plan = whole
        if granted < len(whole.moments):  # what the pace leaves out is no shortfall
            plan = replace(draw(granted), shortfalls=whole.shortfalls)
        is_known = day.isoformat() in known
        stored = store.deliveries.wall_times(day) if is_known else []
        moments: tuple[Moment, ...] | None = plan.moments
        if mark is None and day == present.today:
            moments = _ahead(plan, preferences, present, present.now)
        elif is_known and mark is not None and mark["rules"] != rules:
            # A clock that was wrong at the beginning would silence it for as long.
            begun = min(datetime.fromisoformat(mark["begun"]), present.now)
            last = last_came(store, present.now)
            moments = _ahead(plan, preferences, present, last.at if last else begun)
            stored = [at for at in stored if walltime.resolve(at, present.zone) <= present.now]
        elif is_known or day < present.today:
            moments = None
        before = [*stored, *(moment.local_at for moment in moments or ())]
        if before or is_first:
            paces.brings(day)
        day_after = day + _DAY
        yield DatePlan(day, plan, moments, known.get(day.isoformat(), 0), pace)


def rules_of(preferences: Preferences) -> str:
    """Return a text that changes exactly when settings that a plan follows from change."""
    return cadence.rules_text(preferences.cadence, preferences.quiet, preferences.pace)


def _first_date(mark: Mark | None, present: Present) -> date:
    """Return the local date of the first plan of this database."""
    begun = datetime.fromisoformat(mark["begun"]) if mark else present.now
    return walltime.local_now(begun, present.zone).date()


def _drawing(
    seed: str, preferences: Preferences, day: date, present: Present, before: Sequence[datetime]
) -> Callable[[int], Plan]:
    """Return what draws a date, of so many moments at most."""

    def draw(allowance: int) -> Plan:
        return cadence.draw(
            *(preferences.cadence, preferences.quiet, day, present.zone),
            seed=seed,
            allowance=allowance,
            before=before,
        )

    return draw


def keep_plan(store: Store, preferences: Preferences, present: Present) -> None:
    """Plan the local date at its first tick, and redraw what lies ahead when the rules changed."""
    today = present.today.isoformat()
    rules = rules_of(preferences)
    mark = _mark_of(store)
    if mark is not None and mark["rules"] == rules and today in mark["dates"]:
        return
    begun = mark["begun"] if mark else present.now.isoformat()
    dates = mark["dates"] if mark else {}
    known: set[date] = set()
    if mark is not None and mark["rules"] != rules:
        # Those after today as well: a journey can set the date back.
        known = {day for day in map(date.fromisoformat, dates) if day >= present.today - _DAY}
    plans = list(date_plans(store, preferences, present, sorted({*known, present.today})))
    with store.transaction():
        for one in plans:
            if one.moments is not None:
                number = store.deliveries.replace_plan(one.date, one.moments, present, one.numbered)
                dates = dates | {one.date.isoformat(): number}
        dates = dict(list(dates.items())[-_REMEMBERED:])
        store.recorded.set(PLANNED, Mark(dates=dates, rules=rules, begun=begun))
        pace = next(one.pace for one in plans if one.date == present.today)
        _record_pace(store, present.today, pace_facts(preferences, pace))


def _record_pace(store: Store, day: date, facts: PaceFacts) -> None:
    paces = cast("dict[str, PaceFacts]", store.recorded.get(PACES) or {})
    paces = paces | {day.isoformat(): facts}
    store.recorded.set(PACES, dict(list(paces.items())[-_REMEMBERED:]))


def pace_facts(preferences: Preferences, pace: Pace) -> PaceFacts:
    """Return a pace as `status` tells it."""
    return PaceFacts(
        per_day=pacing.per_day(preferences.cadence, pace),
        reason=pacing.words(preferences.cadence, pace),
    )


def _ahead(
    plan: Plan, preferences: Preferences, present: Present, last_shown: datetime | None
) -> tuple[Moment, ...]:
    return cadence.still_ahead(
        *(plan, present.now, present.zone),
        last_shown=last_shown,
        min_gap=preferences.cadence.min_gap,
    )
