"""What `preview` says of two weeks around a clock change is what the daemon then does.

The daemon's own tick runs on the real store with a clock that jumps from wake-up to wake-up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.app.planning import date_plans
from reminderd.app.preview import preview
from reminderd.core.decision import Hold, Wait
from reminderd.core.model import Cadence
from reminderd.core.walltime import resolve
from tests.fakes import World, at, cadence, window
from tests.strategies import change_dates

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.uncounted


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
DAYS = 14
CHANGES = [
    (zone, change) for zone in ZONES for change in change_dates(zone) if change.year in {2026, 2027}
]
QUIET = (window("04:30", "07:00"), window("13:00", "13:30"))

CADENCES = {
    "random over midnight": cadence(
        random_per_day=5, windows=[window("20:00", "04:00")], min_gap=60, max_per_day=10
    ),
    "a cap that binds over midnight": cadence(
        random_per_day=4, windows=[window("21:00", "03:00")], min_gap=45, max_per_day=4
    ),
    "random round the clock": cadence(
        random_per_day=12, windows=[window("00:00", "24:00")], min_gap=75, max_per_day=12
    ),
    "every": cadence(
        every=45, windows=[window("23:00", "04:15"), window("11:00", "15:00")], min_gap=30
    ),
    "fixed": cadence(
        fixed=["01:45", "02:15", "02:45", "03:15", "12:00", "23:45"], min_gap=25, max_per_day=6
    ),
    "all of it": Cadence(
        random_per_day=3,
        at=(at("02:30"), at("11:00", [5, 6])),
        every=240,
        windows=(window("00:30", "05:30"), window("10:00", "22:00", range(5))),
        min_gap=45,
        max_per_day=8,
    ),
}


def told_by_plans(world: World) -> list[tuple[str, datetime]]:
    """Return the slots of all dates as each date's plan has them, before any of it has happened."""
    present = world.clock.present()
    days = [present.today + timedelta(days=offset) for offset in range(DAYS)]
    return sorted(
        (
            (f"{one.date}#{number}", resolve(moment.local_at, present.zone))
            for one in date_plans(world.store, world.engine.preferences, present, days)
            for number, moment in enumerate(one.plan.moments, 1)
        ),
        key=lambda one: one[1],
    )


async def lived(world: World, end: datetime) -> list[datetime]:
    """Jump from wake-up to wake-up up to a moment; return the wake-ups."""
    looks = []
    while world.clock.now <= end:
        looks.append(world.clock.now)
        action = (await world.tick()).action
        assert isinstance(action, Hold | Wait)
        assert action.until > world.clock.now
        world.clock.now = action.until
    return looks


@pytest.mark.parametrize("name", CADENCES)
@pytest.mark.parametrize(("zone", "change"), CHANGES)
async def test_two_weeks_about_a_clock_change_go_as_preview_said(
    tmp_path: Path, zone: str, change: date, name: str
) -> None:
    """The same slots at the same moments, each at its very minute; and no look in between."""
    place, wish = ZoneInfo(zone), CADENCES[name]
    first = change - timedelta(days=DAYS // 2)
    world = World(tmp_path / "reminderd.db", wish, quiet=QUIET, zone=place)
    try:
        world.clock.set(f"{first - timedelta(days=1)} 12:00")
        midnights = [
            resolve(_midnight(first + timedelta(days=offset)), place) for offset in range(DAYS + 1)
        ]
        await lived(world, midnights[0] - timedelta(minutes=1))
        world.clock.now = midnights[0]
        eve = {resolve(one.local_at, place) for one in world.store.deliveries.waiting()}
        told = told_by_plans(world)
        shown_by_preview = preview(
            world.store, world.engine.preferences, world.clock.present(), DAYS
        )
        # In UTC: Python calls a time of a repeated hour unequal to every time of another zone.
        assert [
            (str(one.slot), one.at.astimezone(UTC))
            for one in shown_by_preview.coming
            if one.slot.date >= first
        ] == [one for one in told if one[1] > world.clock.now]
        looks = await lived(world, max(told[-1][1], midnights[-1]))
        came = [
            (str(one.slot), one.shown_at)
            for one in world.history()
            if one.shown_at and one.slot and first <= one.slot.date < first + timedelta(days=DAYS)
        ]
        assert came == told
        assert {one.outcome for one in world.history()} == {"shown"}
        moments = sorted(one.astimezone(UTC) for one in world.shown())
        gap = timedelta(minutes=wish.min_gap)
        assert all(later - one >= gap for one, later in pairwise(moments))
        assert {*looks} <= {*moments, *eve, *midnights}
        _same_wall_time(told, wish, place)
    finally:
        world.close()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- wall time


def _same_wall_time(told: list[tuple[str, datetime]], wish: Cadence, place: ZoneInfo) -> None:
    """Every moment lies, on the first pass, in a window or at a fixed time of its date."""
    for slot, moment in told:
        day = date.fromisoformat(slot.partition("#")[0])
        local = moment.astimezone(place)
        since = (local.replace(tzinfo=None) - _midnight(day)) // timedelta(minutes=1)
        assert local.fold == 0
        assert _is_open(wish, day, since) or _is_fixed(wish, day, since, moment, place)
        assert not any(quiet.start <= since % 1440 < quiet.end for quiet in QUIET)


def _is_open(wish: Cadence, day: date, since: int) -> bool:
    return any(
        window.start <= since < window.end and day.weekday() in window.days
        for window in wish.windows
    )


def _is_fixed(wish: Cadence, day: date, since: int, moment: datetime, place: ZoneInfo) -> bool:
    walls = {one.minute for one in wish.at if day.weekday() in one.days}
    if since in walls:
        return True
    # Moved: the clocks skip what the person asked for, and it comes where they land.
    before = (moment - timedelta(minutes=1)).astimezone(place).replace(tzinfo=None)
    landed = (before - _midnight(day)) // timedelta(minutes=1)
    return any(landed < wall < since for wall in walls)


def test_the_table_holds_every_kind_of_change() -> None:
    """Forward and back in both years in four zones; Morocco's are those of Ramadan."""
    moved: dict[str, set[int]] = {}
    for zone, change in CHANGES:
        noon = _midnight(change).replace(hour=12, tzinfo=ZoneInfo(zone))
        before, after = (noon + timedelta(days=days) for days in (-2, 2))
        step = (after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
        moved.setdefault(f"{zone} {change.year}", set()).add(step // timedelta(minutes=1))
    for place, steps in moved.items():
        assert steps == ({30, -30} if "Lord_Howe" in place else {60, -60})
    assert len(moved) == 2 * len(ZONES)
    assert [change.month for zone, change in CHANGES if "Casablanca" in zone] == [2, 3, 2, 3]
