"""Wall time by a word of its own: zoneinfo is asked, and nothing of reminderd/core."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from reminderd.core.model import Window

DAY = timedelta(days=1)
YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def on_the_wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what the wall shows, naive."""
    return at.astimezone(zone).replace(tzinfo=None)


def moment_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return, in UTC, when the wall shows a time, its pass respected; or the first moment past it.

    The latter where the clocks skip it.
    """
    return _moment_of(local, local.fold, zone)  # two that only differ in their pass count as equal


@functools.lru_cache(maxsize=4096)
def _moment_of(local: datetime, fold: int, zone: ZoneInfo) -> datetime:
    at = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    shown = on_the_wall(at, zone)
    if shown < local:  # the second pass of what is skipped altogether
        at += local - shown
    if shown != local:
        while on_the_wall(at - MINUTE, zone) >= local:
            at -= MINUTE
    return at


def next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """Return, in UTC, when the next local date begins."""
    tomorrow = on_the_wall(at, zone).date() + DAY
    return moment_of(datetime.combine(tomorrow, time()), zone)


def is_quiet(hours: Iterable[Window], at: datetime, zone: ZoneInfo) -> bool:
    """Return whether the wall shows a time that lies in quiet hours, on whichever pass."""
    local = on_the_wall(at, zone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    return any(
        (today in one.days and one.start <= minute < one.end)
        or (yesterday in one.days and one.start <= minute + 1440 < one.end)
        for one in hours
    )


def edges(hours: Iterable[Window], at: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the moments about a date at which quiet hours may end or the date may change."""
    day = on_the_wall(at, zone).date()
    walls = {0, *(one.end % 1440 for one in hours)}
    return [
        moment_of(datetime.combine(day, time()) + days * DAY + wall * MINUTE, zone)
        for days in (0, 1)
        for wall in walls
    ]


@functools.cache
def changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """Return the midnights, in UTC, before each clock change of a year, found date by date."""
    found = []
    day = date(year, 1, 1)
    while day.year == year:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        if midnight.utcoffset() != (midnight + DAY).utcoffset():  # wall time: the next midnight
            found.append(midnight.astimezone(UTC))
        day += DAY
    return tuple(found)
