"""From wall time to UTC and back, also where clocks change.

Between two changes of a zone's offset, wall time is UTC plus a constant. Cutting time into such
pieces answers every question about gaps and repeated hours without a special case.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.core.spans import Spans

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- the origin of wall minutes is naive
_MINUTE: Final = timedelta(minutes=1)
_STEP: Final = 720  # no zone changes its offset twice within twelve hours
DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Present:
    """The present moment, as the one place that reads the clock tells it.

    Attributes:
        now: Aware, in UTC.
        zone: The zone the person is in.
        zone_name: Its IANA name, or its offset where it has none.
    """

    now: datetime
    zone: tzinfo
    zone_name: str

    @property
    def local(self) -> datetime:
        """The wall time, naive."""
        return local_now(self.now, self.zone)

    @property
    def today(self) -> date:
        """The local date."""
        return self.local.date()


class Piece(NamedTuple):
    """UTC minutes [start, end) in which wall time is UTC plus `offset` minutes."""

    start: int
    end: int
    offset: int


def wall_minute(local: datetime) -> int:
    """Return the wall minute of a naive local time."""
    return (local.replace(tzinfo=None) - _EPOCH) // _MINUTE


def date_minute(day: date) -> int:
    """Return the wall minute of a date's midnight."""
    return (day - _EPOCH.date()).days * DAY


def utc_minute(at: datetime) -> int:
    """Return the UTC minute in which an aware time lies."""
    return wall_minute(at.astimezone(UTC))


def from_utc_minute(minute: int) -> datetime:
    """Return the start of a UTC minute as an aware time."""
    return (_EPOCH + minute * _MINUTE).replace(tzinfo=UTC)


def from_wall_minute(minute: int) -> datetime:
    """Return a wall minute as a naive local time."""
    return _EPOCH + minute * _MINUTE


def offset_at(minute: int, zone: tzinfo) -> int:
    """Return the zone's offset from UTC at a UTC minute, in minutes."""
    offset = from_utc_minute(minute).astimezone(zone).utcoffset()
    return (offset or timedelta()) // _MINUTE


@lru_cache(maxsize=64)  # the same few dates are asked for at every look
def pieces(first: date, last: date, zone: tzinfo) -> tuple[Piece, ...]:
    """Return the pieces of constant offset that cover two local dates and all between, amply."""
    start, end = date_minute(first) - DAY, date_minute(last) + 2 * DAY
    found: list[Piece] = []
    piece_start, offset = start, offset_at(start, zone)
    for minute in range(start, end, _STEP):
        step_end = min(minute + _STEP, end)
        if (after := offset_at(step_end, zone)) != offset:
            change = _change_between(minute, step_end, zone)
            found.append(Piece(piece_start, change, offset))
            piece_start, offset = change, after
    found.append(Piece(piece_start, end, offset))
    return tuple(found)


def _change_between(low: int, high: int, zone: tzinfo) -> int:
    """Return the first UTC minute after `low` with the offset that holds at `high`."""
    after = offset_at(high, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(middle, zone) == after:
            high = middle
        else:
            low = middle
    return high


def both_passes(walls: Spans, within: Sequence[Piece]) -> Spans:
    """Return the UTC minutes whose wall time lies in `walls`, repeated ones both times."""
    return [
        (max(piece.start, start - piece.offset), min(piece.end, end - piece.offset))
        for piece in within
        for start, end in walls
        if max(piece.start, start - piece.offset) < min(piece.end, end - piece.offset)
    ]


def repeated(within: Sequence[Piece]) -> Spans:
    """Return the UTC minutes in which the wall shows a time for the second time."""
    return [
        (after.start, after.start + before.offset - after.offset)
        for before, after in itertools.pairwise(within)
        if after.offset < before.offset
    ]


def resolve(local: datetime, zone: tzinfo) -> datetime:
    """Return the UTC moment of a naive wall time.

    A repeated time means the pass that its `fold` tells, the first one unless it is set; a time
    that the clocks skip means the moment at which they skip it.
    """
    return _resolved(local, local.fold, zone)  # two that only differ in their pass count as equal


@lru_cache(maxsize=64)  # the same few moments are asked for at every look
def _resolved(local: datetime, _: int, zone: tzinfo) -> datetime:
    at = local.replace(tzinfo=zone).astimezone(UTC)
    skipped = at.astimezone(zone).replace(tzinfo=None) - local.replace(tzinfo=None)
    if not skipped:
        return at
    low, high = sorted((at - skipped, at))
    return from_utc_minute(_change_between(utc_minute(low), utc_minute(high), zone))


def local_now(now: datetime, zone: tzinfo) -> datetime:
    """Return the wall time of an aware moment as a naive value; `fold` marks a second pass."""
    return now.astimezone(zone).replace(tzinfo=None)
