"""Journeys and clocks that step: nothing comes twice, nothing is silenced for long."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.app.presence import Presence
from reminderd.core.decision import Hold, Wait
from reminderd.core.model import Reason
from tests.fakes import BERLIN, cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import World

THREE = cadence(
    fixed=["10:00", "13:00", "16:00"], windows=[window("09:00", "21:00")], max_per_day=3
)
ZONES = [
    ZoneInfo(name)
    for name in (
        *("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland"),
        *("Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kathmandu", "Australia/Lord_Howe"),
    )
]


async def live(world: World, hours: float) -> None:
    """Let time pass as a daemon does: look when told to, until so many hours have gone by."""
    end = world.clock.now + timedelta(hours=hours)
    while True:
        action = (await world.tick()).action
        assert isinstance(action, Hold | Wait)
        assert action.until > world.clock.now
        if action.until >= end:
            break
        world.clock.now = action.until
    world.clock.now = end
    await world.tick()


def gaps(world: World) -> list[timedelta]:
    moments = sorted(one.astimezone(UTC) for one in world.shown())
    return [later - one for one, later in pairwise(moments)]


@pytest.fixture
async def noon(make_world: Callable[..., World]) -> World:
    """A world at noon, in which the slot of ten o'clock was shown."""
    world = make_world(THREE)
    await world.tick()
    await world.tick("2026-11-23 10:00")
    world.clock.set("2026-11-23 12:00")
    return world


class TestJourneys:
    """The plan is wall time: it goes where the person goes."""

    async def test_west_the_rest_of_the_day_comes_when_the_wall_says(self, noon: World) -> None:
        """Six o'clock in New York: the slots of one and four come there, ten does not again."""
        noon.clock.zone = ZoneInfo("America/New_York")
        await live(noon, 24)
        shown = [f"{one:%d %H:%M}" for one in noon.shown()]
        assert shown == ["23 04:00", "23 13:00", "23 16:00"]

    async def test_east_what_was_overtaken_is_merged_into_one(self, noon: World) -> None:
        """Eight in the evening in Tokyo: of the two that were overtaken one comes."""
        noon.clock.zone = ZoneInfo("Asia/Tokyo")
        await noon.tick()
        assert [one[1:] for one in noon.ended()] == [
            ("shown", ""),
            ("missed", "merged"),
            ("shown", ""),
        ]
        assert gaps(noon) == [timedelta(hours=2)]

    async def test_east_the_gap_is_kept_in_real_time(self, noon: World) -> None:
        """Three hours east right after ten: what the wall calls one o'clock waits for the gap."""
        noon.clock.set("2026-11-23 10:10")
        noon.clock.zone = ZoneInfo("Asia/Dubai")  # 13:10 there
        decision = await noon.tick()
        assert isinstance(decision.action, Hold)
        assert decision.action.reason is Reason.GAP
        await live(noon, 12)
        assert gaps(noon)[0] == timedelta(minutes=90)

    async def test_east_over_the_date_line_a_date_is_skipped(
        self, make_world: Callable[..., World]
    ) -> None:
        """From Honolulu to Kiritimati: today's rest is let go, tomorrow is planned."""
        world = make_world(THREE, zone=ZoneInfo("Pacific/Honolulu"))
        await world.tick()
        world.clock.set("2026-11-23 11:00")
        await world.tick()
        world.clock.zone = ZoneInfo("Pacific/Kiritimati")
        assert world.clock.local.date() == date(2026, 11, 24)
        await live(world, 13)
        assert Counter(str(one.slot)[:10] for one in world.history() if one.shown_at) == {
            "2026-11-23": 1,
            "2026-11-24": 3,
        }
        assert min(gaps(world)) >= timedelta(minutes=90)

    async def test_west_over_the_date_line_a_date_comes_twice_and_its_slots_once(
        self, make_world: Callable[..., World]
    ) -> None:
        """From Auckland to Honolulu yesterday begins again; what was brought then is not."""
        world = make_world(THREE, zone=ZoneInfo("Pacific/Auckland"))
        await world.tick()
        await live(world, 16)
        assert len(world.titles) == 2  # ten and one o'clock of the 23rd
        world.clock.set("2026-11-24 08:00")
        await live(world, 3)
        world.clock.zone = ZoneInfo("Pacific/Honolulu")
        assert world.clock.local.date() == date(2026, 11, 23)
        await live(world, 48)
        slots = [one.slot for one in world.history()]
        assert len(slots) == len(set(slots))
        by_date = Counter(one.date() for one in world.shown())
        assert max(by_date.values()) <= 3
        assert min(gaps(world)) >= timedelta(minutes=90)

    @pytest.mark.parametrize("seed", range(5))
    async def test_any_journey_keeps_gap_and_cap_and_brings_each_slot_once(
        self, make_world: Callable[..., World], seed: int
    ) -> None:
        """Three weeks of flights around the world, at all hours."""
        rng = random.Random(seed)
        world = make_world(
            cadence(random_per_day=3, windows=[window("09:00", "01:00")], max_per_day=3)
        )
        for _ in range(60):
            world.clock.zone = ZONES[int(rng.random() * len(ZONES))]
            await live(world, rng.random() * 18)
        slots = [one.slot for one in world.history()]
        assert len(slots) == len(set(slots))
        assert min(gaps(world)) >= timedelta(minutes=90)
        counts = Counter(
            one.shown_at.astimezone(ZoneInfo(one.zone)).date()
            for one in world.history()
            if one.shown_at
        )
        assert max(counts.values()) <= 3
        assert len(world.titles) > 15, "and it is not silenced by travelling"


class TestSteps:
    """The clock is set, forward or back, by an hour or by years."""

    @pytest.mark.parametrize("hours", [1, 24])
    async def test_back_nothing_comes_twice(self, noon: World, hours: int) -> None:
        """An hour or a day back, and on from there: each slot is brought once."""
        await live(noon, 2)
        noon.clock.forward(hours=-hours)
        await live(noon, 48)
        slots = [one.slot for one in noon.history() if one.shown_at]
        assert len(slots) == len(set(slots)) >= 5

    @pytest.mark.parametrize("hours", [1, 24])
    async def test_forward_what_was_overtaken_is_no_pile(self, noon: World, hours: int) -> None:
        """An hour or a day forward: one comes at most, and the gap is that of the clock."""
        noon.clock.forward(hours=hours)
        await noon.tick()
        assert len(noon.titles) <= 2
        await live(noon, 48)
        slots = [one.slot for one in noon.history()]
        assert len(slots) == len(set(slots))
        assert min(gaps(noon)) >= timedelta(minutes=90)

    async def test_back_a_little_the_gap_holds_a_little_longer(self, noon: World) -> None:
        """The last showing lies ahead by an hour: it still counts."""
        await live(noon, 1)
        noon.clock.forward(hours=-1)  # 12:00, the last was at 13:00
        noon.use(cadence(fixed=["12:10"], windows=THREE.windows))
        await noon.tick()
        assert noon.slots() == [], "a redraw keeps off it as well"

    async def test_back_by_hours_the_gap_counts_from_the_step(self, noon: World) -> None:
        """The last showing lies ahead by three hours: it was before now all the same."""
        await live(noon, 1)
        noon.clock.forward(hours=-3)  # 10:00, the last was at 13:00
        await noon.tick()
        noon.use(cadence(fixed=["11:40"], windows=THREE.windows))
        await live(noon, 3)
        assert [f"{one:%H:%M}" for one in noon.shown()] == ["10:00", "11:40", "13:00"]

    async def test_years_forward_and_back_it_is_not_silenced(self, noon: World) -> None:
        """What the wrong clock wrote counts for nothing, and tomorrow is a normal day."""
        now = noon.clock.now
        noon.clock.forward(days=5 * 365)
        await live(noon, 30)
        assert any(one.year == 2031 for one in noon.shown())
        noon.clock.now = now
        await live(noon, 36)
        tomorrow = [one for one in noon.shown() if one.date() == date(2026, 11, 24)]
        assert [f"{one:%H:%M}" for one in tomorrow] == ["10:00", "13:00", "16:00"]

    async def test_years_back_and_forward_it_is_not_silenced(self, noon: World) -> None:
        """An empty battery sets the clock to 2016, and the network sets it right again."""
        now = noon.clock.now
        noon.clock.forward(days=-10 * 365)
        await live(noon, 30)
        noon.clock.now = now
        await live(noon, 36)
        tomorrow = [one for one in noon.shown() if one.date() == date(2026, 11, 24)]
        assert [f"{one:%H:%M}" for one in tomorrow] == ["10:00", "13:00", "16:00"]

    @pytest.mark.parametrize("is_restarted", [False, True])
    async def test_years_ahead_at_boot_and_set_right_no_second_comes_at_once(
        self, make_world: Callable[..., World], is_restarted: bool
    ) -> None:
        """A clock of 2031 until the network is there: what came under it keeps its gap."""
        world = make_world(THREE)
        await world.tick()
        await world.tick("2031-11-22 10:00")
        assert len(world.shown()) == 1
        await world.tick("2026-11-23 09:59")
        right = world.clock.now
        if is_restarted:  # what is known of it outlives the process
            world.engine = replace(world.engine, store=world.open(), presence=Presence())
        decision = await world.tick("2026-11-23 10:00")
        assert isinstance(decision.action, Hold)
        assert decision.action.reason is Reason.GAP
        assert decision.action.until == right + timedelta(minutes=90)
        world.clock.now = decision.action.until
        await world.tick()
        assert f"{min(world.shown()):%Y-%m-%d %H:%M}" == "2026-11-23 11:29"

    async def test_years_behind_at_boot_and_set_right_no_second_comes_at_once(
        self, make_world: Callable[..., World]
    ) -> None:
        """A clock of 2004 until the network is there: no time has passed between the two."""
        world = make_world(THREE, local="2004-05-31 22:00")
        await world.tick()
        await world.tick("2004-06-01 10:30")
        assert len(world.shown()) == 1
        await world.tick("2004-06-01 10:40")
        decision = await world.tick("2026-11-23 13:05")
        assert isinstance(decision.action, Hold)
        assert decision.action.reason is Reason.GAP
        assert f"{decision.action.until.astimezone(BERLIN):%H:%M}" == "14:25"
        world.engine = replace(world.engine, store=world.open(), looked_at=None)
        await world.tick("2026-11-23 14:24")
        assert len(world.shown()) == 1, "what is known of it outlives the process"
        await world.tick("2026-11-23 14:25")
        assert len(world.shown()) == 2

    async def test_a_machine_that_slept_for_months_owes_no_gap(
        self, make_world: Callable[..., World]
    ) -> None:
        """That time has passed: what is due comes."""
        world = make_world(THREE)
        await world.tick()
        await world.tick("2026-11-23 10:30")
        await world.tick("2027-09-23 10:31")
        assert len(world.shown()) == 2

    async def test_a_daemon_that_runs_for_minutes_at_a_time_is_not_silenced(
        self, make_world: Callable[..., World]
    ) -> None:
        """Started anew each half hour after a clock of 2031: the gap ends all the same."""
        world = make_world(THREE)
        await world.tick()
        await world.tick("2031-11-22 10:00")
        await world.tick("2026-11-23 09:00")
        while world.clock.local.hour < 11:
            world.clock.forward(minutes=30)
            world.engine = replace(world.engine, store=world.open(), presence=Presence())
            await world.tick()
        assert f"{min(world.shown()):%Y-%m-%d %H:%M}" == "2026-11-23 10:30"

    async def test_a_day_forward_and_back_costs_a_day_at_most(self, noon: World) -> None:
        """Today's rest was let go; within a day of real time it is as ever."""
        now = noon.clock.now
        noon.clock.forward(days=1)
        await live(noon, 2)
        noon.clock.now = now + timedelta(hours=2)
        await live(noon, 72)
        later = [one for one in noon.shown() if one.date() == date(2026, 11, 25)]
        assert [f"{one:%H:%M}" for one in later] == ["10:00", "13:00", "16:00"]
        slots = [one.slot for one in noon.history() if one.shown_at]
        assert len(slots) == len(set(slots))

    async def test_a_date_that_has_its_plan_keeps_it(self, noon: World) -> None:
        """Back to yesterday and forward again draws nothing anew."""
        before = [one.id for one in noon.store.deliveries.waiting()]
        noon.clock.forward(days=-1)
        await noon.tick()
        noon.clock.forward(days=1)
        await noon.tick()
        assert [one.id for one in noon.store.deliveries.waiting()] == before

    async def test_a_wrong_clock_for_weeks_does_not_bring_today_again(self, noon: World) -> None:
        """After ten dates in another year, today is not planned a second time."""
        now = noon.clock.now
        for days in range(400, 410):
            noon.clock.now = now + timedelta(days=days)
            await noon.tick()
        noon.clock.now = now
        await live(noon, 10)
        today = [f"{one:%H:%M}" for one in noon.shown() if one.date() == date(2026, 11, 23)]
        assert today == ["10:00"], "the rest was let go, as time had passed for all it knew"

    async def test_every_step_leaves_a_wake_up_ahead(self, noon: World) -> None:
        """Whatever the clock does, the daemon knows when to look again."""
        rng = random.Random(1)
        for _ in range(200):
            noon.clock.forward(hours=(rng.random() - 0.5) * 10 ** (rng.random() * 5))
            action = (await noon.tick()).action
            assert isinstance(action, Hold | Wait)
            assert noon.clock.now < action.until <= noon.clock.now + timedelta(hours=49)
        assert noon.clock.zone is BERLIN
