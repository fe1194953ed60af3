"""An independent word on plans: every minute of a week, each asked of zoneinfo by itself.

Plain on purpose, and nothing here uses the arithmetic of reminderd/core. Minutes are counted from
1970, in real time (`at`) or as the clock on the wall shows them (`wall`).
"""

from __future__ import annotations

import functools
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from reminderd.core.model import Cadence, Quiet, Window

DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- what the wall shows has no zone


def wall_of(local: datetime) -> int:
    """Return the minute that the wall shows."""
    return (local - _EPOCH) // timedelta(minutes=1)


def midnight(day: date) -> int:
    """Return what the wall shows at the beginning of a date."""
    return wall_of(datetime.combine(day, datetime.min.time()))


class Week(NamedTuple):
    """Every minute of real time around a date.

    Attributes:
        walls: What the wall shows in each.
        first: When the wall shows a minute, for the first time.
        second: When it shows it for the second time, where it does.
    """

    walls: dict[int, int]
    first: dict[int, int]
    second: dict[int, int]


@functools.lru_cache(maxsize=16)
def week_of(zone: ZoneInfo, day: date) -> Week:
    """Return the minutes from two dates before a date to four after it."""
    week = Week({}, {}, {})
    for at in range(midnight(day - 3 * DAY), midnight(day + 5 * DAY)):
        local = datetime.fromtimestamp(at * 60, zone)
        wall = at + _minutes(local.utcoffset())
        week.walls[at] = wall
        if local.fold:
            week.second[wall] = at
        else:
            week.first[wall] = at
    return week


def _minutes(offset: timedelta | None) -> int:
    assert offset is not None
    return offset // timedelta(minutes=1)


class Oracle:
    """What a cadence leaves of the minutes around a date.

    Args:
        cadence: How often, on which days, in which windows.
        quiet: Its hours.
        zone: Where.
        day: The date in the middle.
        before: When, in wall time, the moments of the date before it come.
    """

    def __init__(
        self,
        cadence: Cadence,
        quiet: Quiet,
        zone: ZoneInfo,
        day: date,
        before: Iterable[datetime] = (),
    ) -> None:
        self.cadence, self.quiet, self.day = cadence, quiet, day
        self.week = week_of(zone, day)
        self.gap = cadence.min_gap
        self.before = [self.real(local) for local in before]

    def exists(self, local: datetime) -> bool:
        """Return whether the wall ever shows a time."""
        return wall_of(local) in self.week.first

    def real(self, local: datetime) -> int:
        """Return when a wall time is, its pass respected; a skipped one is when it is skipped."""
        wall = wall_of(local)
        if local.fold and wall in self.week.second:
            return self.week.second[wall]
        while wall not in self.week.first:
            wall += 1
        return self.week.first[wall]

    def is_second_pass(self, at: int) -> bool:
        """Return whether the wall shows for the second time what it shows."""
        return self.week.second.get(self.week.walls[at]) == at

    def is_quiet(self, at: int) -> bool:
        """Return whether a minute lies in quiet hours, on whichever pass."""
        wall = self.week.walls[at]
        day = (_EPOCH + timedelta(minutes=wall)).date()
        return any(
            start <= wall < end
            for one in (day, day - DAY)
            for start, end in ranges(self.quiet.hours, one)
        )

    def in_window(self, at: int, day: date) -> bool:
        """Return whether a minute lies, on the first pass, in a window that starts on a date."""
        wall = self.week.walls[at]
        return not self.is_second_pass(at) and any(
            start <= wall < end for start, end in ranges(self.cadence.windows, day)
        )

    def wanted_times(self, day: date) -> list[int]:
        """Return when the fixed times of a date are, each wall time once."""
        walls = {moment.minute for moment in self.cadence.at if day.weekday() in moment.days}
        start = _EPOCH + timedelta(minutes=midnight(day))
        return [self.real(start + timedelta(minutes=wall)) for wall in sorted(walls)]

    def loud_times(self, day: date) -> list[int]:
        """Return those of them that are not in quiet hours."""
        return [at for at in self.wanted_times(day) if not self.is_quiet(at)]

    def planned_times(self) -> list[int]:
        """Return the fixed times that keep the gap to all that is before them."""
        return self._apart(self.loud_times(self.day), self.before)

    def _apart(self, times: Iterable[int], earlier: list[int]) -> list[int]:
        kept: list[int] = []
        for at in times:
            if all(at - other >= self.gap for other in earlier + kept):
                kept.append(at)
        return kept

    def room(self, fixed: Iterable[datetime]) -> list[int]:
        """Return the minutes in which the date may plan beside its fixed times.

        They keep the gap to the date before, and to the first that either date after may have.
        """
        earlier = self.before + [self.real(local) for local in fixed]
        limits = []
        for after in (self.day + DAY, self.day + 2 * DAY):
            times = self._apart(self.loud_times(after), earlier)
            apart = (at for at in self._open(after) if self._is_apart(at, earlier))
            if firsts := [*times[:1], *itertools.islice(apart, 1)]:
                limits.append(min(firsts) - self.gap)
            earlier = times
        return [
            at
            for at in self._open(self.day)
            if all(at <= limit for limit in limits) and self._is_apart(at, self.before)
        ]

    def _is_apart(self, at: int, others: Iterable[int]) -> bool:
        return all(abs(at - other) >= self.gap for other in others)

    def first_passes(self, day: date) -> list[int]:
        """Return every minute of the windows that start on a date, once."""
        walls = {
            wall for start, end in ranges(self.cadence.windows, day) for wall in range(start, end)
        }
        return sorted(self.week.first[wall] for wall in walls if wall in self.week.first)

    def _open(self, day: date) -> list[int]:
        return [at for at in self.first_passes(day) if not self.is_quiet(at)]

    def most_that_fit(
        self,
        fixed: Iterable[datetime],
        steady: Iterable[datetime],
        *,
        not_before: int | None = None,
    ) -> int:
        """Return how many more moments this date can have beside those that are taken.

        Args:
            fixed: The wall times that fixed moments have taken.
            steady: Those that steady ones have taken.
            not_before: The minute that the wall shows, on the first pass, before any may come.
        """
        held = [self.real(local) for local in (*fixed, *steady)]
        count, last = 0, -self.gap
        for at in self.room(fixed):  # the earliest first: packing from the front
            if not_before is not None and self.week.walls[at] < not_before:
                continue
            if at - last >= self.gap and self._is_apart(at, held):
                count, last = count + 1, at
        return count


def ranges(windows: Iterable[Window], day: date) -> list[tuple[int, int]]:
    """Return what the wall shows from start to end of the windows that start on a date."""
    start = midnight(day)
    return [(start + w.start, start + w.end) for w in windows if day.weekday() in w.days]


def zone_minute(at: int) -> datetime:
    """Return a minute of real time as an aware time."""
    return datetime.fromtimestamp(at * 60, UTC)
