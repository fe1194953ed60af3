"""*Later* brings the same practice again after the snooze time, twice at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.core.decision import Hold, Wait
from reminderd.core.model import Answer, Context, Kind, Reason
from tests.fakes import cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import World

ONE = cadence(fixed=["10:00"], windows=[window("09:00", "21:00")])


@pytest.fixture
async def shown(make_world: Callable[..., World]) -> World:
    """A world in which one practice was shown at ten."""
    world = make_world(ONE)
    await world.tick()
    await world.tick("2026-11-23 10:00")
    assert len(world.titles) == 1
    return world


async def test_it_comes_again_after_the_snooze_time(shown: World) -> None:
    """Not a minute early, the same practice, and it is the second showing."""
    shown.clock.forward(minutes=5)
    shown.answer(Answer.LATER)
    decision = await shown.tick()
    assert decision.action == Wait(shown.clock.now + timedelta(minutes=20))
    await shown.tick("2026-11-23 10:24")
    assert len(shown.titles) == 1
    await shown.tick("2026-11-23 10:25")
    assert shown.titles == [shown.titles[0]] * 2
    newest = shown.store.reading.newest()
    assert newest is not None
    assert (newest.kind, newest.showing) == (Kind.AGAIN, 2)


async def test_it_comes_after_the_length_that_was_given(shown: World) -> None:
    """`later --for 40m` is 40 minutes, whatever the settings say."""
    shown.answer(Answer.LATER, snooze=timedelta(minutes=40))
    decision = await shown.tick()
    assert decision.action == Wait(shown.clock.now + timedelta(minutes=40))


async def test_later_twice_and_the_third_is_not_today(shown: World) -> None:
    """The third showing has no Later; said all the same, it is Not today."""
    for _ in range(3):
        shown.answer(Answer.LATER)
        shown.clock.forward(minutes=20)
        await shown.tick()
    assert len(shown.titles) == 3
    labels = [[button.key for button in one.buttons][-1] for one in shown.notifier.shown]
    assert labels == ["later", "later", "not-today"]
    assert [one.response for one in shown.history()] == [
        Answer.LATER,
        Answer.LATER,
        Answer.NOT_TODAY,
    ]
    shown.clock.forward(hours=3)
    await shown.tick()
    assert len(shown.titles) == 3


async def test_a_correction_withdraws_the_next_showing(shown: World) -> None:
    """*Done* after all: what waited is let go as answered."""
    shown.answer(Answer.LATER)
    await shown.tick()
    shown.clock.forward(minutes=1)
    shown.answer(Answer.DONE, delivery="last")
    await shown.tick()
    assert shown.store.deliveries.waiting() == ()
    assert shown.ended()[-1][1:] == ("missed", "answered")


async def test_later_said_again_counts_from_then(shown: World) -> None:
    """A second *Later* with another length moves the showing that waits."""
    shown.answer(Answer.LATER)
    await shown.tick()
    shown.clock.forward(minutes=10)
    shown.answer(Answer.LATER, delivery="last", snooze=timedelta(hours=1))
    decision = await shown.tick()
    assert decision.action == Wait(shown.clock.now + timedelta(hours=1))
    await shown.tick("2026-11-23 11:10")
    assert len(shown.titles) == 2


async def test_it_is_let_go_at_the_end_of_its_date(shown: World) -> None:
    """Held all evening it does not come the next morning."""
    shown.desktop.told = Context(locked=True)
    shown.answer(Answer.LATER)
    await shown.tick()
    await shown.tick("2026-11-23 23:59")
    assert [one.held for one in shown.store.deliveries.waiting()] == [Reason.LOCKED]
    await shown.tick("2026-11-24 00:00")
    assert shown.ended()[-1][1:] == ("missed", "locked")


async def test_over_midnight_its_date_is_the_next_one(make_world: Callable[..., World]) -> None:
    """*Later* at ten to midnight, in a window that goes on: it comes at ten past."""
    world = make_world(cadence(fixed=["23:50"], windows=[window("22:00", "02:00")]))
    await world.tick()
    await world.tick("2026-11-23 23:50")
    world.answer(Answer.LATER)
    await world.tick()
    await world.tick("2026-11-24 00:09")
    assert len(world.titles) == 1
    await world.tick("2026-11-24 00:10")
    assert len(world.titles) == 2


async def test_in_the_repeated_hour_it_comes_after_real_minutes(
    make_world: Callable[..., World],
) -> None:
    """20 minutes after the first 02:50 is the second 02:10, not at once and not an hour later."""
    world = make_world(
        cadence(fixed=["01:30"], windows=[window("01:00", "05:00")]), local="2026-10-24 12:00"
    )
    await world.tick()
    await world.tick("2026-10-25 01:30")
    world.clock.set("2026-10-25 02:50")
    world.answer(Answer.LATER)
    decision = await world.tick()
    assert decision.action == Wait(world.clock.now + timedelta(minutes=20))
    assert len(world.titles) == 1
    world.clock.forward(minutes=20)
    await world.tick()
    assert len(world.titles) == 2


async def test_it_counts_for_the_slots_but_is_not_stopped_by_them(
    make_world: Callable[..., World],
) -> None:
    """Cap and gap do not stop it; the slot after it keeps the gap to it."""
    world = make_world(cadence(fixed=["10:00", "11:30"], max_per_day=2))
    await world.tick()
    await world.tick("2026-11-23 10:00")
    world.clock.set("2026-11-23 11:10")
    world.answer(Answer.LATER)
    await world.tick()
    decision = await world.tick("2026-11-23 11:30")
    assert len(world.titles) == 2
    assert world.shown()[-1].hour == 11
    assert isinstance(decision.action, Hold)
    assert decision.action.reason is Reason.CAP


async def test_it_obeys_what_the_person_does_not_want(shown: World) -> None:
    """Pause, quiet hours, do not disturb and lock hold a snoozed one too."""
    shown.answer(Answer.LATER)
    shown.clock.forward(minutes=20)
    for told, reason in (
        (Context(do_not_disturb=True), Reason.DO_NOT_DISTURB),
        (Context(locked=True), Reason.LOCKED),
    ):
        shown.desktop.told = told
        decision = await shown.tick()
        assert isinstance(decision.action, Hold)
        assert decision.action.reason is reason
    shown.desktop.told = Context()
    shown.use(ONE, quiet=[window("10:00", "12:00")])
    decision = await shown.tick()
    assert isinstance(decision.action, Hold)
    assert decision.action.reason is Reason.QUIET_HOURS
    await shown.tick("2026-11-23 12:00")
    assert len(shown.titles) == 2


async def test_it_follows_a_journey_on_the_wall(shown: World) -> None:
    """Half an hour later on the wall, wherever the wall is: at most once all the same."""
    shown.answer(Answer.LATER)
    await shown.tick()
    shown.clock.zone = ZoneInfo("Europe/London")  # 09:00 there
    await shown.tick()
    assert len(shown.titles) == 1
    await shown.tick("2026-11-23 10:20")
    await shown.tick("2026-11-23 10:21")
    assert len(shown.titles) == 2


async def test_a_practice_that_left_the_decks_is_let_go_in_the_end(shown: World) -> None:
    """Nothing else comes in its place, and why is told."""
    shown.answer(Answer.LATER)
    shown.engine = replace(shown.engine, prompts={})
    await shown.tick("2026-11-23 10:20")
    await shown.tick("2026-11-24 00:00")
    assert shown.ended()[-1][1:] == ("missed", "no-prompt")
