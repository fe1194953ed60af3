"""The coming moments at today's pace and settings, and what could not be planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reminderd.app.planning import date_plans
from reminderd.core import walltime
from reminderd.core.cadence import is_asked
from reminderd.core.model import Slot, Source

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.cadence import Shortfall
    from reminderd.core.model import Preferences
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
        used_up: How many of today's moments do not come, since today has had as many as it may.
    """

    coming: tuple[Coming, ...]
    shortfalls: tuple[tuple[date, Shortfall], ...]
    used_up: int = 0


def preview(store: Store, preferences: Preferences, present: Present, days: int) -> Preview:
    """Return what comes on `days` dates, today the first of them. Nothing is stored.

    A date that has been planned shows its stored moments. Every other date is drawn; the same draw
    is stored when the date comes, as long as pace and settings stay.
    """
    # Yesterday's moments after midnight are still to come.
    dates = [present.today + timedelta(days=offset) for offset in range(-1, days)]
    coming: list[Coming] = []
    shortfalls: list[tuple[date, Shortfall]] = []
    windows = preferences.cadence.windows
    stored = store.deliveries.planned_moments(dates[0], dates[-1])
    for one in date_plans(store, preferences, present, dates):
        day = one.date
        if day >= present.today:
            short = one.plan.shortfalls
            shortfalls += [(day, each) for each in short if is_asked(each, day, windows)]
        if one.moments is None:
            coming += [
                Coming(waiting.slot, _local(waiting.local_at, present), source)
                for waiting, source in stored
                if waiting.slot is not None and waiting.slot.date == day
            ]
        else:
            coming += [
                Coming(Slot(day, number), _local(moment.local_at, present), moment.source)
                for number, moment in enumerate(one.moments, one.numbered + 1)
            ]
    ahead = sorted((one for one in coming if one.at > present.now), key=lambda one: one.at)
    # What was asked for with `now` counts against the cap as well.
    left = preferences.cadence.max_per_day - store.reading.shown_on(present.today, present)
    today = [one for one in ahead if one.at.date() == present.today]
    used_up = today[max(0, left) :]
    coming = [one for one in ahead if one not in used_up]
    return Preview(tuple(coming), tuple(shortfalls), len(used_up))


def _local(local: datetime, present: Present) -> datetime:
    return walltime.resolve(local, present.zone).astimezone(present.zone)
