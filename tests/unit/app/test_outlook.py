"""What comes next: never a promise that nobody can keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.outlook import held_reason, next_moment, why_nothing
from reminderd.app.pausing import pause
from reminderd.core.model import Answer, Context, Reason
from tests.fakes import at, cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import World

DAYTIME = [window("09:00", "21:00")]
SLOTS = cadence(fixed=["10:00", "14:00"], windows=DAYTIME)


@pytest.fixture
async def ten(make_world: Callable[..., World]) -> World:
    """A world with slots at ten and at two, each good until nine at night."""
    world = make_world(SLOTS)
    await world.tick()
    return world


async def coming(world: World, when: str = "") -> str | None:
    """Tick, and tell what comes next as the wall shows it."""
    decision = await world.tick(f"2026-11-{when}" if when else "")
    found = next_moment(world.engine, decision, world.clock.present())
    return f"{found.astimezone(world.clock.zone):%d %H:%M}" if found else None


async def test_the_next_slot_of_today(ten: World) -> None:
    """Before it and between the two."""
    assert await coming(ten, "23 08:00") == "23 10:00"
    assert await coming(ten, "23 10:00") == "23 14:00"


async def test_tomorrow_when_today_is_over(ten: World) -> None:
    """Drawn, not stored: nothing is planned by asking."""
    await ten.tick("2026-11-23 10:00")
    assert await coming(ten, "23 14:00") == "24 10:00"
    assert ten.store.deliveries.waiting() == ()


async def test_days_ahead_when_only_some_weekdays_have_a_moment(
    make_world: Callable[..., World],
) -> None:
    """From Sunday night to Saturday."""
    world = make_world(replace(SLOTS, at=(at("11:00", [5]),)))
    assert await coming(world) == "28 11:00"


async def test_never_when_nothing_is_planned(world: World) -> None:
    """A cadence that plans nothing has no next moment."""
    assert await coming(world) is None


@pytest.mark.parametrize(
    "told",
    [
        Context(do_not_disturb=True),
        Context(in_call=True),
        Context(locked=True),
        Context(away_seconds=900),
    ],
)
async def test_nobody_knows_while_the_desktop_holds_it(ten: World, told: Context) -> None:
    """The screen may be unlocked in a minute or never; no time is made up."""
    ten.desktop.told = told
    assert await coming(ten, "23 10:00") is None


async def test_the_end_of_a_pause_that_holds_one(ten: World) -> None:
    """What is held comes when the pause ends, if its window is still open then."""
    ten.clock.set("2026-11-23 09:00")
    pause(ten.store, timedelta(hours=3), ten.clock.present())
    assert await coming(ten) == "23 12:00"
    assert await coming(ten, "23 10:00") == "23 12:00"


async def test_after_a_pause_that_outlives_the_window(ten: World) -> None:
    """Until ten at night: the next is tomorrow's first, held or not."""
    ten.clock.set("2026-11-23 09:00")
    pause(ten.store, timedelta(hours=13), ten.clock.present())
    assert await coming(ten) == "24 10:00"
    assert await coming(ten, "23 10:00") == "24 10:00"


async def test_after_a_pause_of_weeks(ten: World) -> None:
    """The first moment after its end, not the end itself."""
    ten.clock.set("2026-11-01 12:00")
    pause(ten.store, timedelta(days=20), ten.clock.present())  # until the 21st at noon
    ten.use(cadence(fixed=["08:00"]))
    assert await coming(ten) == "22 08:00"


async def test_the_window_that_a_pause_ends_in(ten: World) -> None:
    """A pause until tomorrow noon: tomorrow's ten o'clock is held until then."""
    ten.clock.set("2026-11-23 21:00")
    pause(ten.store, timedelta(hours=15), ten.clock.present())
    assert await coming(ten) == "24 12:00"


async def test_the_small_hours_that_a_pause_ends_in(make_world: Callable[..., World]) -> None:
    """A pause until Wednesday half past midnight: Tuesday's window is still open then."""
    world = make_world(cadence(every=120, windows=[window("22:00", "03:00")], min_gap=30))
    pause(world.store, timedelta(days=2, hours=2, minutes=30), world.clock.present())
    assert await coming(world) == "25 00:30"


async def test_the_end_of_the_gap(ten: World) -> None:
    """Something asked for at half past nine puts the slot of ten off until eleven."""
    ten.clock.set("2026-11-23 09:30")
    ten.store.deliveries.add_now(ten.clock.present(), timedelta(minutes=2), None, None)
    assert await coming(ten) == "23 11:00"
    assert await coming(ten, "23 10:00") == "23 11:00"


async def test_tomorrow_when_the_cap_is_reached(make_world: Callable[..., World]) -> None:
    """The slot of two o'clock cannot come any more."""
    world = make_world(replace(SLOTS, max_per_day=2))
    await world.tick()
    world.clock.set("2026-11-23 08:00")
    world.store.deliveries.add_now(world.clock.present(), timedelta(minutes=2), None, None)
    await world.tick()
    assert await coming(world, "23 10:00") == "24 10:00"
    assert await coming(world, "23 14:00") == "24 10:00"


async def test_a_snoozed_one_is_not_stopped_by_cap_and_gap(
    make_world: Callable[..., World],
) -> None:
    """*Later* comes when it was said to come."""
    world = make_world(replace(SLOTS, at=SLOTS.at[:1], max_per_day=1))
    await world.tick()
    await world.tick("2026-11-23 10:00")
    world.answer(Answer.LATER)
    assert await coming(world) == "23 10:20"


async def test_when_the_notifier_is_tried_again(ten: World) -> None:
    """A server that is not there is asked again in ten minutes."""
    ten.notifier.is_ready = False
    assert await coming(ten, "23 10:00") == "23 10:10"


async def test_the_rest_of_yesterdays_window(make_world: Callable[..., World]) -> None:
    """At half past midnight the next one is still yesterday's."""
    night = cadence(every=120, windows=[window("22:00", "03:00")], min_gap=30)
    world = make_world(night, local="2026-11-21 12:00")
    await world.tick()
    assert await coming(world, "22 22:00") == "23 00:00"
    assert await coming(world, "23 00:00") == "23 02:00"


async def test_the_reason_that_holds_is_told(ten: World) -> None:
    """Or none, where nothing waits for anything."""
    assert held_reason(ten.engine, await ten.tick("2026-11-23 09:00")) is None
    ten.desktop.told = Context(locked=True)
    assert held_reason(ten.engine, await ten.tick("2026-11-23 10:00")) is Reason.LOCKED


async def test_nothing_comes_where_no_prompt_may(ten: World) -> None:
    """No moment is told, before and while one is due; and it is said why."""
    practice = replace(ten.engine.preferences.practice, tips=())
    ten.engine.preferences = replace(ten.engine.preferences, practice=practice)
    for when in ("23 09:00", "23 10:30", "23 14:30"):
        assert await coming(ten, when) is None
        assert held_reason(ten.engine, await ten.tick()) is Reason.NO_PROMPT
    assert "practice.tips is empty" in why_nothing(ten.engine)


async def test_a_snoozed_one_comes_where_no_other_may(ten: World) -> None:
    """The person asked for it."""
    await ten.tick("2026-11-23 10:00")
    practice = replace(ten.engine.preferences.practice, decks=())
    ten.engine.preferences = replace(ten.engine.preferences, practice=practice)
    ten.answer(Answer.LATER)
    assert await coming(ten) == "23 10:20"
    assert await coming(ten, "23 10:20") is None
    assert len(ten.titles) == 2


async def test_it_agrees_with_what_then_happens(make_world: Callable[..., World]) -> None:
    """Over a week, whatever is told as next is when the next practice comes."""
    world = make_world(
        cadence(random_per_day=3, windows=DAYTIME, max_per_day=4),
        quiet=[window("12:00", "13:00")],
    )
    now = await coming(world)
    end = datetime(2026, 11, 30, tzinfo=UTC)
    while world.clock.now < end:
        found = next_moment(world.engine, await world.tick(), world.clock.present())
        assert found is not None
        before = len(world.titles)
        world.clock.now = found - timedelta(seconds=1)
        await world.tick()
        assert len(world.titles) == before
        world.clock.now = found
        await world.tick()
        assert len(world.titles) == before + 1
    assert now == f"{world.shown()[0]:%d %H:%M}"


async def test_a_snoozed_one_waits_for_the_end_of_quiet_hours(
    make_world: Callable[..., World],
) -> None:
    """What is promised is what can come."""
    world = make_world(SLOTS, quiet=[window("21:30", "8:00")])
    await world.tick()
    await world.tick("2026-11-23 10:00")
    world.clock.set("2026-11-23 10:01")
    world.answer(Answer.LATER, snooze=timedelta(hours=11, minutes=45))
    assert await coming(world, "23 14:00") == "24 10:00"
    world.answer(Answer.LATER, snooze=timedelta(hours=2))
    assert await coming(world, "23 14:01") == "23 16:00"


async def test_what_a_clock_that_was_ahead_has_planned_is_not_next(ten: World) -> None:
    """Set right by months, it names the nearest moment; and nothing waits that did then."""
    ten.desktop.told = Context(do_not_disturb=True)
    await ten.tick("2027-05-31 10:00")
    ten.desktop.told = Context()
    assert await coming(ten, "23 15:00") == "24 10:00"
    silence = ten.store.accounts.silence(ten.clock.present())
    assert silence is not None
    assert silence.reason is Reason.MERGED, "of the two of today, and nothing that waits"
