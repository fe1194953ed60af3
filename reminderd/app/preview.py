"""The coming moments at today's pace and settings, and what could not be planned."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reminderd.app.last_came import last_came
from reminderd.app.planning import date_plans, pace_now
from reminderd.core import walltime
from reminderd.core.cadence import is_asked
from reminderd.core.decision import next_midnight
from reminderd.core.model import Slot, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reminderd.app.ports import Store
    from reminderd.app.status import PaceFacts
    from reminderd.core.cadence import Shortfall
    from reminderd.core.model import Cadence, Preferences
    from reminderd.core.walltime import Present


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming moment; `at` is aware, in the zone the person is in."""

    slot: Slot
    at: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class Preview:
    """What comes, and what does not.

    Attributes:
        coming: The coming moments, earliest first.
        shortfalls: By date, what there is no room for.
        crowded_out: How many moments do not come, since what came already takes their room.
        pace: How much of the cadence comes today, and why; None where nothing may come at all.
    """

    coming: tuple[Coming, ...]
    shortfalls: tuple[tuple[date, Shortfall], ...]
    crowded_out: int
    pace: PaceFacts | None = None


_Planned = tuple[datetime, datetime, Slot, Source]
"""Start and end of its validity in wall time, its name, and what planned it."""


def preview(store: Store, preferences: Preferences, present: Present, days: int) -> Preview:
    """Return what comes on `days` dates, today the first of them. Nothing is stored.

    A date that has been planned shows its stored moments. Every other date is drawn; the same draw
    is stored when the date comes, as long as pace and settings stay.
    """
    # Yesterday's moments after midnight are still to come.
    dates = [present.today + timedelta(days=offset) for offset in range(-1, days)]
    planned: list[_Planned] = []
    shortfalls: list[tuple[date, Shortfall]] = []
    windows = preferences.cadence.windows
    stored = store.deliveries.planned_moments(dates[0], dates[-1])
    for one in date_plans(store, preferences, present, dates):
        day = one.date
        if day >= present.today:
            short = one.plan.shortfalls
            shortfalls += [(day, each) for each in short if is_asked(each, day, windows)]
        if one.moments is None:
            planned += [
                (waiting.local_at, waiting.local_until, waiting.slot, source)
                for waiting, source in stored
                if waiting.slot is not None and waiting.slot.date == day
            ]
        else:
            planned += [
                (moment.local_at, moment.local_until, Slot(day, number), moment.source)
                for number, moment in enumerate(one.moments, one.numbered + 1)
            ]
    coming, crowded_out = _as_they_come(store, preferences.cadence, present, planned)
    pace = pace_now(store, preferences, present)
    return Preview(tuple(coming), tuple(shortfalls), crowded_out, pace)


def _as_they_come(
    store: Store, cadence: Cadence, present: Present, planned: Iterable[_Planned]
) -> tuple[list[Coming], int]:
    """Return when what is planned comes beside what has come, and how much of it does not.

    What was asked for with `now` takes its place in gap and cap as well.
    """
    came = last_came(store, present.now)
    last = came.at if came else None
    shown = Counter({present.today: store.reading.came_on(present.today, present)})
    coming: list[Coming] = []
    crowded_out = 0
    ahead = [(walltime.resolve(one[0], present.zone), *one[1:]) for one in planned]
    for at, local_until, slot, source in sorted(ahead, key=lambda one: one[0]):
        if at <= present.now:
            continue
        comes = at if last is None else max(at, last + timedelta(minutes=cadence.min_gap))
        if shown[walltime.local_now(comes, present.zone).date()] >= cadence.max_per_day:
            comes = next_midnight(comes, present.zone)
        if comes >= walltime.resolve(local_until, present.zone):
            crowded_out += 1
            continue
        shown[walltime.local_now(comes, present.zone).date()] += 1
        last = comes
        coming.append(Coming(slot, comes.astimezone(present.zone), source))
    return coming, crowded_out
