"""The plan of a date: days, windows, clock changes and a seeded draw become its moments."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from reminderd.core import spans, walltime
from reminderd.core.model import Cadence, Quiet, Source, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.core.spans import Span, Spans

OUTSIDE_VALIDITY: Final = 60
"""Minutes for which a fixed time outside every window stays good."""


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


@dataclass(frozen=True, slots=True)
class _Day:
    """What a date offers before anything is placed; UTC minutes."""

    frames: tuple[Span, ...]  # each window from its first to past its last minute
    space: Spans  # what of the windows is not quiet
    fixed: tuple[int, ...]  # `at` times that are not in quiet hours
    fixed_in_quiet: int


def draw(  # noqa: PLR0913 -- each is one of the facts that a plan follows from
    cadence: Cadence,
    quiet: Quiet,
    day: date,
    zone: tzinfo,
    *,
    seed: str,
    allowance: int,
) -> Plan:
    """Return the plan of a local date; the same arguments always give the same plan.

    Args:
        cadence: How often, on which days, in which windows.
        quiet: Its hours are never planned in.
        day: The local date.
        zone: The zone in which wall time is meant.
        seed: The installation's seed.
        allowance: How many moments the pace grants this date; the cap holds besides.
    """
    builder = _Builder(cadence, quiet, day, zone, min(allowance, cadence.max_per_day))
    builder.place_fixed()
    builder.place_every()
    builder.place_random(random.Random(f"{seed}:{day.isoformat()}"))  # noqa: S311 -- no secret
    return builder.plan()


def rules_text(cadence: Cadence, quiet: Quiet) -> str:
    """Return a text that changes exactly when settings that a plan follows from change."""

    def windows(values: tuple[Window, ...]) -> list[tuple[list[int], int, int]]:
        return [(sorted(window.days), window.start, window.end) for window in values]

    fixed = [(sorted(moment.days), moment.minute) for moment in cadence.at]
    return repr(
        (
            *(cadence.random_per_day, fixed, cadence.every, windows(cadence.windows)),
            *(cadence.min_gap, cadence.max_per_day, windows(quiet.hours)),
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


def in_quiet_hours(quiet: Quiet, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the UTC moment at which the present quiet hours end, or None outside them."""
    minute = walltime.utc_minute(now)
    today = walltime.local_now(now, zone).date()
    horizon = today + timedelta(days=8)  # quiet hours that touch for more than a week never end
    within = walltime.pieces(today - timedelta(days=1), horizon, zone)
    walls = _walls(quiet.hours, today - timedelta(days=1), horizon)
    for start, end in spans.union(walltime.both_passes(walls, within)):
        if start <= minute < end:
            return walltime.from_utc_minute(end)
    return None


def _walls(windows: Sequence[Window], first: date, last: date) -> Spans:
    """Return the merged wall minutes of the windows that start on the given dates."""
    found: Spans = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        midnight = walltime.date_minute(day)
        found += [
            (midnight + window.start, midnight + window.end)
            for window in windows
            if day.weekday() in window.days
        ]
    return spans.union(found)


class _Builder:
    """Places the moments of one date: fixed times, then the steady ones, then the random ones."""

    def __init__(
        self, cadence: Cadence, quiet: Quiet, day: date, zone: tzinfo, allowance: int
    ) -> None:
        self._cadence, self._quiet, self._date, self._zone = cadence, quiet, day, zone
        self._left = allowance
        self._pieces = walltime.pieces(day - timedelta(days=1), day + timedelta(days=3), zone)
        self._second_pass = walltime.repeated(self._pieces)
        self._day = self._offer(day)
        self._before = self._offer(day - timedelta(days=1))
        self._space = self._free_space()
        self._placed: list[tuple[int, Source]] = []
        self._shortfalls: list[Shortfall] = []

    def _offer(self, day: date) -> _Day:
        """Return what a date offers by itself, its neighbours not considered."""
        around = _walls(self._quiet.hours, day - timedelta(days=1), day + timedelta(days=2))
        silent = spans.union(walltime.both_passes(around, self._pieces))
        frames: list[Span] = []
        space: Spans = []
        for wall in _walls(self._cadence.windows, day, day):
            first_pass = spans.subtract(
                spans.union(walltime.both_passes([wall], self._pieces)), self._second_pass
            )
            if first_pass:
                frames.append((first_pass[0][0], first_pass[-1][1]))
                space += spans.subtract(first_pass, silent)
        midnight = walltime.from_wall_minute(walltime.date_minute(day))
        walls = {moment.minute for moment in self._cadence.at if day.weekday() in moment.days}
        times = sorted(  # two that one spring gap swallows are still two
            walltime.utc_minute(walltime.resolve(midnight + timedelta(minutes=wall), self._zone))
            for wall in walls
        )
        loud = tuple(time for time in times if not spans.contains(silent, time))
        return _Day(tuple(frames), spans.union(space), loud, len(times) - len(loud))

    def _free_space(self) -> Spans:
        """Return the date's space, kept off what the dates before and after may hold."""
        space = spans.subtract(
            self._day.space, spans.around(self._before.fixed, self._cadence.min_gap)
        )
        for offset in (1, 2):  # a window starts today and ends tomorrow at the latest
            after = self._offer(self._date + timedelta(days=offset))
            firsts = [*after.fixed[:1], *(start for start, _ in after.space[:1])]
            if firsts and space:
                space = spans.clip(space, space[0][0], min(firsts) - self._cadence.min_gap)
        return space

    def _tell(self, source: Source, count: int, why: str) -> None:
        if count > 0:
            self._shortfalls.append(Shortfall(source, count, why))

    def _near_placed(self, minute: int) -> bool:
        gap = self._cadence.min_gap
        return any(abs(minute - placed) < gap for placed, _ in self._placed)

    def _keep(self, minutes: list[int], source: Source) -> None:
        """Place as many as the allowance leaves, earliest first, and tell of the rest."""
        kept = minutes[: self._left]
        self._placed += [(minute, source) for minute in kept]
        self._left -= len(kept)
        self._tell(source, len(minutes) - len(kept), "there are more than a day may have")

    def place_fixed(self) -> None:
        """Place the `at` times; they may lie outside the windows."""
        self._tell(Source.AT, self._day.fixed_in_quiet, "the time lies in quiet hours")
        gap = self._cadence.min_gap
        kept: list[int] = []
        for minute in self._day.fixed:
            earlier = [*self._before.fixed, *kept]
            if any(minute - other < gap for other in earlier):
                self._tell(Source.AT, 1, "it is nearer than min_gap to an earlier fixed time")
            else:
                kept.append(minute)
        self._keep(kept, Source.AT)

    def place_every(self) -> None:
        """Place the steady interval, counted from each window's start in elapsed time."""
        if self._cadence.every is None:
            return
        kept: list[int] = []
        silent = near = 0
        for start, end in self._day.frames:
            for minute in range(start, end, self._cadence.every):
                if not spans.contains(self._space, minute):
                    silent += 1
                elif self._near_placed(minute) or (
                    kept and minute - kept[-1] < self._cadence.min_gap
                ):
                    near += 1
                else:
                    kept.append(minute)
        self._tell(
            Source.EVERY, silent, "quiet hours, a clock change or the next day leave no room"
        )
        self._tell(Source.EVERY, near, "min_gap leaves no room beside another moment")
        self._keep(kept, Source.EVERY)

    def place_random(self, rng: random.Random) -> None:
        """Draw the random moments: as many as asked for, or the most that fit."""
        wanted = self._cadence.random_per_day
        granted = min(wanted, self._left)
        self._tell(Source.RANDOM, wanted - granted, "there are more than a day may have")
        gap = self._cadence.min_gap
        free = spans.subtract(self._space, spans.around([m for m, _ in self._placed], gap))
        limits = _latest_fits(free, granted, gap)
        self._tell(
            Source.RANDOM, granted - len(limits), "the windows have no room that keeps min_gap"
        )
        earliest = free[0][0] if free else 0
        for left, limit in zip(range(len(limits), 0, -1), limits, strict=True):
            # The smallest of `left` uniform draws: a plain uniform one would crowd the day's end.
            share = 1 - (1 - rng.random()) ** (1 / left)
            minute = spans.pick(spans.clip(free, earliest, limit), share)
            self._placed.append((minute, Source.RANDOM))
            self._left -= 1
            earliest = minute + gap

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
        """Return the wall time at which a moment's window has nothing left but quiet hours."""
        for start, end in self._day.frames:
            if start <= minute < end:
                last = spans.clip(self._day.space, start, end - 1)[-1][1] - 1
                return self._wall(last) + timedelta(minutes=1)
        return self._wall(minute + OUTSIDE_VALIDITY)

    def _wall(self, minute: int) -> datetime:
        return walltime.local_now(walltime.from_utc_minute(minute), self._zone)


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
