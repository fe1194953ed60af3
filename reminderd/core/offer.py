"""What the windows of a date offer before anything is placed: room, fixed times, quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
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
        self._pieces = walltime.pieces(day - timedelta(days=1), day + timedelta(days=3), zone)
        self._second_pass = walltime.repeated(self._pieces)

    def of(self, day: date) -> Offer:
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
        return Offer(tuple(frames), spans.union(space), loud, len(times) - len(loud))

    def free_space(self) -> Spans:
        """Return the date's space, kept off what the dates before and after may hold."""
        before = self.of(self._date - timedelta(days=1))
        space = spans.subtract(
            self.of(self._date).space, spans.around(before.fixed, self._cadence.min_gap)
        )
        for offset in (1, 2):  # a window starts today and ends tomorrow at the latest
            after = self.of(self._date + timedelta(days=offset))
            firsts = [*after.fixed[:1], *(start for start, _ in after.space[:1])]
            if firsts and space:
                space = spans.clip(space, space[0][0], min(firsts) - self._cadence.min_gap)
        return space


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
