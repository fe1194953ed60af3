"""From wall time to UTC and back, at the clock changes that are known by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.core import walltime
from reminderd.core.walltime import Present
from tests import strategies

BERLIN = ZoneInfo("Europe/Berlin")


def naive(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(fold=fold)


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Berlin", "2026-11-23T09:30:15", "2026-11-23T08:30:15"),
        # skipped: 02:00 to 03:00
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T02:59:59", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        # half an hour
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        # two hours
        ("Antarctica/Troll", "2026-03-29T02:59", "2026-03-29T01:00"),
        # the last hour of a date, and the first one
        ("America/Nuuk", "2026-03-28T23:30", "2026-03-29T01:00"),
        ("Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:00"),
        # forward again when Ramadan is over
        ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
    ],
)
def test_resolve_at_known_times(zone: str, local: str, utc: str) -> None:
    """A skipped wall time means the moment at which the clocks skip it, on either fold."""
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert walltime.resolve(naive(local), ZoneInfo(zone)) == expected
    assert walltime.resolve(naive(local, fold=1), ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("zone", "local", "first", "second"),
    [
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T01:30"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T01:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", "2026-04-04T15:15"),
        ("Africa/Cairo", "2026-10-29T23:30", "2026-10-29T20:30", "2026-10-29T21:30"),
        ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30", "2026-02-15T02:30"),
    ],
)
def test_resolve_at_repeated_times(zone: str, local: str, first: str, second: str) -> None:
    """A repeated wall time means its first pass, and its second where it says so."""
    place = ZoneInfo(zone)
    for fold, utc in enumerate((first, second)):
        at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
        assert walltime.resolve(naive(local, fold), place) == at
        assert walltime.local_now(at, place) == naive(local)
        assert walltime.local_now(at, place).fold == fold


@given(place=strategies.places(), seconds=st.integers(-86400, 2 * 86400))
def test_every_moment_survives_the_way_to_the_wall_and_back(
    place: tuple[ZoneInfo, date], seconds: int
) -> None:
    """What the wall shows at a moment resolves to that moment, in repeated hours too."""
    zone, day = place
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    assert walltime.resolve(walltime.local_now(at, zone), zone) == at


@given(place=strategies.places())
def test_pieces_tell_the_offset_of_every_quarter_of_an_hour(place: tuple[ZoneInfo, date]) -> None:
    """Pieces follow each other without a hole, cover both dates, and each has the right offset."""
    zone, day = place
    found = walltime.pieces(day, day + timedelta(days=1), zone)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.offset != other.offset for one, other in pairwise(found))
    first = walltime.resolve(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 -- wall time
    assert walltime.from_utc_minute(found[0].start) <= first
    assert walltime.from_utc_minute(found[-1].end) >= first + timedelta(hours=49)
    for piece in found:
        for minute in {*range(piece.start, piece.end, 15), piece.end - 1}:
            local = walltime.from_utc_minute(minute).astimezone(zone)
            assert local.utcoffset() == timedelta(minutes=piece.offset)


def test_repeated_names_the_second_pass_alone() -> None:
    """Going back repeats an hour; going forward repeats nothing."""
    autumn = walltime.pieces(date(2026, 10, 25), date(2026, 10, 25), BERLIN)
    start = walltime.utc_minute(datetime(2026, 10, 25, 1, tzinfo=UTC))
    assert walltime.repeated(autumn) == [(start, start + 60)]
    spring = walltime.pieces(date(2026, 3, 29), date(2026, 3, 29), BERLIN)
    assert walltime.repeated(spring) == []


def test_both_passes_of_a_wall_range() -> None:
    """A quarter of an hour that the wall shows twice is a half hour of real time."""
    pieces = walltime.pieces(date(2026, 10, 25), date(2026, 10, 25), BERLIN)
    wall = walltime.date_minute(date(2026, 10, 25)) + 150
    real = walltime.utc_minute(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert walltime.both_passes([(wall, wall + 15)], pieces) == [
        (real, real + 15),
        (real + 60, real + 75),
    ]


def test_present_tells_wall_time_and_date() -> None:
    """The local date is that of the zone, not that of UTC."""
    present = Present(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), BERLIN, "Europe/Berlin")
    assert present.local == naive("2026-11-23T00:30")
    assert present.today == date(2026, 11, 23)


def test_a_zone_that_is_only_an_offset_works() -> None:
    """An unusual TZ leaves a fixed offset: everything above holds in it."""
    zone = timezone(timedelta(hours=5, minutes=45))
    assert walltime.resolve(naive("2026-03-29T02:30"), zone) == datetime(
        2026, 3, 28, 20, 45, tzinfo=UTC
    )
    assert len(walltime.pieces(date(2026, 3, 29), date(2026, 3, 29), zone)) == 1


def test_minutes_and_times_agree() -> None:
    """Minutes are counted from 1970, on the wall as in UTC; seconds are cut off."""
    assert walltime.wall_minute(naive("1970-01-02T00:01:59")) == 1441
    assert walltime.from_wall_minute(1441) == naive("1970-01-02T00:01")
    assert walltime.date_minute(date(1970, 1, 3)) == 2880
    at = datetime(1970, 1, 1, 1, 0, 59, tzinfo=UTC)
    assert walltime.utc_minute(at) == 60
    assert walltime.from_utc_minute(60) == at.replace(second=0)
