"""The plan of a date: days, windows, clock changes and a seeded draw become its moments."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reminderd.core import spans, walltime
from reminderd.core.model import Cadence, PaceSettings, Quiet, Source, Window
from reminderd.core.offer import Offer, Offers, keep_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.core.spans import Spans

OUTSIDE_VALIDITY: Final = 60
"""Minutes for which a fixed time outside every window stays good."""
_TOO_MANY: Final = "there are more than max_per_day allows"


@dataclass(frozen=True, slots=True)
class Moment:
    """One planned moment in naive wall time; `local_until` is exclusive."""

    local_at: datetime
    local_until: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What the cadence asks for on a date and the date has no room for, and why."""

    source: Source
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A date's moments, earliest first, and what could not be planned."""

    date: date
    moments: tuple[Moment, ...]
    shortfalls: tuple[Shortfall, ...]


def draw(  # noqa: PLR0913 -- each is one of the facts that a plan follows from
    cadence: Cadence,
    quiet: Quiet,
    day: date,
    zone: tzinfo,
    *,
    seed: str,
    allowance: int,
    before: Sequence[datetime] = (),
) -> Plan:
    """Return the plan of a local date; the same arguments always give the same plan.

    The cap holds for the date's plan and for the local date that its moments lie on: what a window
    over midnight brings early tomorrow counts tomorrow.

    Args:
        cadence: How often, on which days, in which windows.
        quiet: Its hours are never planned in.
        day: The local date.
        zone: The zone in which wall time is meant.
        seed: The installation's seed.
        allowance: How many moments the pace grants this date; the cap holds besides.
        before: When, in wall time, the moments of the date before come: this date keeps the gap to
            them, and the cap counts those that lie on it.
    """
    builder = _Builder(cadence, quiet, day, zone, allowance)
    builder.keep_off(before)
    builder.place_fixed()
    builder.place_every()
    builder.place_random(random.Random(f"{seed}:{day.isoformat()}"))  # noqa: S311 -- no secret
    return builder.plan()


def asked_on(cadence: Cadence, weekday: int) -> int:
    """Return how many moments a weekday asks for, Monday is 0; room is not considered."""
    windows = [window for window in cadence.windows if weekday in window.days]
    fixed = {moment.minute for moment in cadence.at if weekday in moment.days}
    steps = {
        minute
        for window in windows
        if cadence.every
        for minute in range(window.start, window.end, cadence.every)
    }
    drawn = cadence.random_per_day if windows else 0
    return min(len(fixed | steps) + drawn, cadence.max_per_day)


def asked_per_day(cadence: Cadence) -> int:
    """Return how many moments the weekday that asks for most has; room is not considered."""
    return max(asked_on(cadence, weekday) for weekday in range(7))


def is_asked(shortfall: Shortfall, day: date, windows: Sequence[Window]) -> bool:
    """Return whether the person asked for this: on days without a window they asked for none."""
    return (
        shortfall.source is Source.AT
        or not windows
        or any(day.weekday() in window.days for window in windows)
    )


@lru_cache(maxsize=4)  # asked for at every look, and the settings are mostly the same
def rules_text(cadence: Cadence, quiet: Quiet, pace: PaceSettings) -> str:
    """Return a text that changes exactly when settings that a plan follows from change."""

    def windows(values: tuple[Window, ...]) -> list[tuple[list[int], int, int]]:
        return [(sorted(window.days), window.start, window.end) for window in values]

    fixed = [(sorted(moment.days), moment.minute) for moment in cadence.at]
    return repr(
        (
            *(cadence.random_per_day, fixed, cadence.every, windows(cadence.windows)),
            *(cadence.min_gap, cadence.max_per_day, windows(quiet.hours)),
            *(pace.ramp_up, pace.back_off),
        )
    )


def still_ahead(
    plan: Plan, now: datetime, zone: tzinfo, *, last_shown: datetime | None, min_gap: int
) -> tuple[Moment, ...]:
    """Return the moments of a redrawn date that lie after `now` and keep the gap to the last."""
    earliest = now
    if last_shown is not None:
        earliest = max(now, last_shown + timedelta(minutes=min_gap))
    return tuple(
        moment
        for moment in plan.moments
        if (at := walltime.resolve(moment.local_at, zone)) > now and at >= earliest
    )


class _Builder:
    """Places the moments of one date: fixed times, then the steady ones, then the random ones."""

    def __init__(
        self, cadence: Cadence, quiet: Quiet, day: date, zone: tzinfo, allowance: int
    ) -> None:
        self._cadence, self._date, self._zone = cadence, day, zone
        self._left = min(allowance, cadence.max_per_day)
        self._is_slower = allowance < cadence.max_per_day
        self._before_midnight = cadence.max_per_day
        midnight = walltime.resolve(
            walltime.from_wall_minute(walltime.date_minute(day + timedelta(days=1))), zone
        )
        self._midnight = walltime.utc_minute(midnight)
        self._offers = Offers(cadence, quiet, day, zone)
        self._day = self._offers.of(day)
        self._space: Spans = []
        self._before: list[int] = []
        self._placed: list[tuple[int, Source]] = []
        self._shortfalls: list[Shortfall] = []

    def _tell(self, source: Source, count: int, why: str) -> None:
        if count > 0:
            self._shortfalls.append(Shortfall(source, count, why))

    def keep_off(self, before: Sequence[datetime]) -> None:
        """Take note of what the date before has, past midnight above all."""
        spilled = sum(local.date() >= self._date for local in before)
        self._before_midnight = max(0, self._before_midnight - spilled)
        self._before = [
            walltime.utc_minute(walltime.resolve(local, self._zone)) for local in before
        ]

    def _near_placed(self, minute: int) -> bool:
        gap = self._cadence.min_gap
        return any(abs(minute - placed) < gap for placed, _ in self._placed)

    def _keep(self, minutes: list[int], source: Source) -> None:
        """Place as many as the allowance leaves, earliest first, and tell of the rest."""
        kept = 0
        for minute in minutes:
            if self._left and (self._before_midnight or minute >= self._midnight):
                self._place(minute, source)
                kept += 1
        self._tell(source, len(minutes) - kept, _TOO_MANY)

    def _place(self, minute: int, source: Source) -> None:
        self._placed.append((minute, source))
        self._left -= 1
        self._before_midnight -= minute < self._midnight

    def place_fixed(self) -> None:
        """Place the `at` times; they may lie outside the windows."""
        self._tell(Source.AT, self._day.fixed_in_quiet, "the time lies in quiet hours")
        kept = keep_apart(self._day.fixed, self._before, self._cadence.min_gap)
        near = len(self._day.fixed) - len(kept)
        self._tell(Source.AT, near, "it is nearer than min_gap to an earlier moment")
        self._keep(kept, Source.AT)
        fixed = [minute for minute, _ in self._placed]
        self._space = self._offers.free_space(self._before, fixed)

    def place_every(self) -> None:
        """Place the steady interval, counted from each window's start in elapsed time."""
        if self._cadence.every is None:
            return
        steps = [
            minute
            for start, end in self._day.frames
            for minute in range(start, end, self._cadence.every)
        ]
        inside = [minute for minute in steps if spans.contains(self._space, minute)]
        beside = [minute for minute in inside if not self._near_placed(minute)]
        kept = keep_apart(beside, (), self._cadence.min_gap)
        silent, near = len(steps) - len(inside), len(inside) - len(kept)
        self._tell(
            Source.EVERY, silent, "quiet hours, a clock change or the next day leave no room"
        )
        self._tell(Source.EVERY, near, "min_gap leaves no room beside another moment")
        if self._is_slower:
            capped = kept[: self._cadence.max_per_day - len(self._placed)]
            kept = _spread(capped, self._left)
        self._keep(kept, Source.EVERY)

    def place_random(self, rng: random.Random) -> None:
        """Draw the random moments: as many as asked for, or the most that fit."""
        wanted = self._cadence.random_per_day
        granted = min(wanted, self._left)
        gap = self._cadence.min_gap
        free = spans.subtract(self._space, spans.around([m for m, _ in self._placed], gap))
        fits = _latest_fits(free, granted, gap)
        early = [limit for limit in fits if limit < self._midnight]
        late = fits[len(early) :]
        limits = early[max(0, len(early) - self._before_midnight) :] + late
        self._tell(Source.RANDOM, wanted - granted + len(fits) - len(limits), _TOO_MANY)
        self._tell(Source.RANDOM, granted - len(fits), self._why_no_room())
        earliest = free[0][0] if free else 0
        for left, limit in zip(range(len(limits), 0, -1), limits, strict=True):
            # The smallest of `left` uniform draws: a plain uniform one would crowd the day's end.
            share = 1 - (1 - rng.random()) ** (1 / left)
            if not self._before_midnight:
                earliest = max(earliest, self._midnight)
            minute = spans.pick(spans.clip(free, earliest, limit), share)
            self._place(minute, Source.RANDOM)
            earliest = minute + gap

    def _why_no_room(self) -> str:
        if not self._day.frames:
            return "there is no window on that day"
        if not self._day.space:
            return "the windows lie in quiet hours"
        return "the windows have no room that keeps min_gap"

    def plan(self) -> Plan:
        """Return what has been placed."""
        moments = tuple(
            Moment(
                local_at=self._wall(minute),
                local_until=self._local_until(minute),
                source=source,
            )
            for minute, source in sorted(self._placed)
        )
        return Plan(self._date, moments, tuple(self._shortfalls))

    def _local_until(self, minute: int) -> datetime:
        """Return the wall time at which a moment's window has nothing left but quiet hours.

        A fixed time in no window of its date may lie in one that began on the date before.
        """
        ends = _window_ends(self._day, minute) or _window_ends(
            self._offers.of(self._date - timedelta(days=1)), minute
        )
        end = max(ends, default=minute + OUTSIDE_VALIDITY)
        until = self._wall(end - 1) + timedelta(minutes=1)  # as written, also into a spring gap
        if walltime.utc_minute(walltime.resolve(until, self._zone)) != end:
            return self._wall(end)  # the wall shows an hour again before it shows the end
        return until

    def _wall(self, minute: int) -> datetime:
        return walltime.local_now(walltime.from_utc_minute(minute), self._zone)


def _window_ends(offer: Offer, minute: int) -> list[int]:
    """Return where the windows around a minute have nothing left but quiet hours."""
    return [
        spans.clip(offer.space, start, end - 1)[-1][1]
        for start, end in offer.frames
        if start <= minute < end
    ]


def _spread(minutes: list[int], granted: int) -> list[int]:
    """Return as many as are granted, evenly over all of them: not the morning's alone."""
    count = len(minutes)
    if granted >= count:
        return minutes
    return [minutes[number * count // granted] for number in range(granted)]


def _latest_fits(free: Spans, wanted: int, gap: int) -> list[int]:
    """Return, earliest first, the latest minutes that up to `wanted` moments can take.

    Packing from the end gives the largest number that fits; a moment that is drawn no later
    than its limit leaves room for all that follow, so the count is exact.
    """
    limits: list[int] = []
    last = free[-1][1] - 1 if free else 0
    while len(limits) < wanted and (limit := spans.latest(free, last)) is not None:
        limits.append(limit)
        last = limit - gap
    return limits[::-1]
