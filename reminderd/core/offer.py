"""What the windows of a date offer before anything is placed: room, fixed times, quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from reminderd.core import spans, walltime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.core.model import Cadence, Quiet, Window
    from reminderd.core.spans import Span, Spans


@dataclass(frozen=True, slots=True)
class Offer:
    """What a date offers before anything is placed; UTC minutes."""

    frames: tuple[Span, ...]  # each window from its first to past its last minute
    space: Spans  # what of the windows is not quiet
    fixed: tuple[int, ...]  # `at` times that are not in quiet hours
    fixed_in_quiet: int


class Offers:
    """What a date and its neighbours offer.

    Args:
        cadence: How often, on which days, in which windows.
        quiet: Its hours are offered by no date.
        day: The local date in the middle.
        zone: The zone in which wall time is meant.
    """

    def __init__(self, cadence: Cadence, quiet: Quiet, day: date, zone: tzinfo) -> None:
        self._cadence, self._quiet, self._date, self._zone = cadence, quiet, day, zone

    def of(self, day: date) -> Offer:
        """Return what a date offers by itself, its neighbours not considered."""
        return _offer_of(self._cadence, self._quiet, day, self._zone)

    def free_space(self, before: Sequence[int], fixed: Sequence[int]) -> Spans:
        """Return the date's space, kept off what the dates before and after may have.

        Args:
            before: What the date before has, in UTC minutes.
            fixed: The date's own fixed times; what they keep off the next date is no concern.
        """
        gap = self._cadence.min_gap
        space = spans.subtract(self.of(self._date).space, spans.around(before, gap))
        earlier = [*before, *fixed]
        for offset in (1, 2):  # a window starts today and ends tomorrow at the latest
            after = self.of(self._date + timedelta(days=offset))
            kept = keep_apart(after.fixed, earlier, gap)
            room = spans.subtract(after.space, spans.around(earlier, gap))
            firsts = [*kept[:1], *(start for start, _ in room[:1])]
            if firsts and space:
                space = spans.clip(space, space[0][0], min(firsts) - gap)
            earlier = kept
        return space


@lru_cache(maxsize=16)  # a date is asked for by itself and by those around it
def _offer_of(cadence: Cadence, quiet: Quiet, day: date, zone: tzinfo) -> Offer:
    within = walltime.pieces(day - timedelta(days=1), day + timedelta(days=2), zone)
    second_pass = walltime.repeated(within)
    hours = _wall_spans(quiet.hours, day - timedelta(days=1), day + timedelta(days=2))
    silent = spans.union(walltime.both_passes(spans.union(hours), within))
    frames: list[Span] = []
    space: Spans = []
    for wall in _overlapping_joined(_wall_spans(cadence.windows, day, day)):
        first_pass = spans.subtract(spans.union(walltime.both_passes([wall], within)), second_pass)
        if first_pass:
            frames.append((first_pass[0][0], first_pass[-1][1]))
            space += spans.subtract(first_pass, silent)
    midnight = walltime.from_wall_minute(walltime.date_minute(day))
    walls = {moment.minute for moment in cadence.at if day.weekday() in moment.days}
    times = sorted(  # two that one spring gap swallows are still two
        walltime.utc_minute(walltime.resolve(midnight + timedelta(minutes=wall), zone))
        for wall in walls
    )
    loud = tuple(time for time in times if not spans.contains(silent, time))
    return Offer(tuple(frames), spans.union(space), loud, len(times) - len(loud))


def keep_apart(minutes: Sequence[int], earlier: Sequence[int], gap: int) -> list[int]:
    """Return, of ascending minutes, those that keep the gap to earlier ones and to one another."""
    kept: list[int] = []
    for minute in minutes:
        if all(minute - other >= gap for other in (*earlier, *kept)):
            kept.append(minute)
    return kept


def in_quiet_hours(quiet: Quiet, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the UTC moment at which the present quiet hours end, or None outside them."""
    minute = walltime.utc_minute(now)
    for start, end in _quiet_around(quiet, walltime.local_now(now, zone).date(), zone):
        if start <= minute < end:
            return walltime.from_utc_minute(end)
    return None


@lru_cache(maxsize=4)  # one date is looked at many times
def _quiet_around(quiet: Quiet, today: date, zone: tzinfo) -> Spans:
    """Return the UTC minutes of the quiet hours that may hold on a date, to their ends."""
    horizon = today + timedelta(days=8)  # quiet hours that touch for more than a week never end
    within = walltime.pieces(today - timedelta(days=1), horizon, zone)
    walls = spans.union(_wall_spans(quiet.hours, today - timedelta(days=1), horizon))
    return spans.union(walltime.both_passes(walls, within))


def _wall_spans(windows: Sequence[Window], first: date, last: date) -> Spans:
    """Return the wall minutes of the windows that start on the given dates."""
    found: Spans = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        midnight = walltime.date_minute(day)
        found += [
            (midnight + window.start, midnight + window.end)
            for window in windows
            if day.weekday() in window.days
        ]
    return found


def _overlapping_joined(walls: Spans) -> Spans:
    """Return windows in order; two that overlap are one, two that only touch stay two."""
    joined: Spans = []
    for start, end in sorted(walls):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
