"""Bad moments and what follows them, look by look: returns, calls, several that waited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.tick import begin
from reminderd.core.decision import Hold
from reminderd.core.model import Answer, Context, Kind, Reason
from tests.fakes import World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from reminderd.core.decision import Decision

LOCKED = Context(locked=True)
IN_CALL = Context(in_call=True, unsignalled=frozenset({Reason.IN_CALL}))
TOUCHED_LONG_AGO = Context(away_seconds=900, unsignalled=frozenset({Reason.AWAY}))


def hold(decision: Decision) -> tuple[Reason, datetime]:
    assert isinstance(decision.action, Hold)
    return decision.action.reason, decision.action.until


class TestComingBack:
    """One to four minutes, with every gate asked again."""

    async def test_after_a_restart_on_a_locked_screen(self, ten: World) -> None:
        """The daemon that let it wait is another; the person comes back all the same."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 10:00")
        ten.engine = replace(ten.engine, presence=type(ten.engine.presence)())
        begin(ten.engine)
        ten.desktop.told = Context()
        reason, _ = hold(await ten.tick("2026-11-23 11:00"))
        assert reason is Reason.JUST_BACK
        await ten.tick("2026-11-23 11:04")
        assert len(ten.titles) == 1

    async def test_after_a_restart_just_after_the_return(self, ten: World) -> None:
        """The minutes begin anew: better later than as the first thing seen."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 10:00")
        ten.desktop.told = Context()
        await ten.tick("2026-11-23 11:00")
        ten.engine = replace(ten.engine, presence=type(ten.engine.presence)())
        begin(ten.engine)
        reason, until = hold(await ten.tick("2026-11-23 11:00:10"))
        assert reason is Reason.JUST_BACK
        assert until >= ten.clock.now + timedelta(minutes=1)

    async def test_what_falls_due_just_then_waits_too(self, ten: World) -> None:
        """Unlocked ten seconds before ten o'clock."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 09:30")
        ten.desktop.told = Context()
        await ten.tick("2026-11-23 09:59:50")
        reason, until = hold(await ten.tick("2026-11-23 10:00"))
        assert reason is Reason.JUST_BACK
        assert until <= ten.clock.now + timedelta(minutes=4)

    async def test_gone_again_before_it_came(self, ten: World) -> None:
        """It waits for the next return, and takes its time again."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 10:00")
        ten.desktop.told = Context()
        _, until = hold(await ten.tick("2026-11-23 11:00"))
        ten.desktop.told = LOCKED
        ten.clock.now = until
        assert hold(await ten.tick())[0] is Reason.LOCKED
        ten.desktop.told = Context()
        assert hold(await ten.tick("2026-11-23 12:00"))[0] is Reason.JUST_BACK
        await ten.tick("2026-11-23 12:04")
        assert [one.hour for one in ten.shown()] == [12]

    async def test_it_still_comes_in_the_last_minutes_of_its_time(self, ten: World) -> None:
        """Good until nine at night; back at 20:58."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 14:00")
        ten.desktop.told = Context()
        reason, until = hold(await ten.tick("2026-11-23 20:58"))
        assert reason is Reason.JUST_BACK
        ten.clock.now = until
        await ten.tick()
        assert [f"{one:%H:%M}" for one in ten.shown()] in (["20:59"], ["20:58"])
        assert f"{ten.shown()[0]:%H:%M:%S}" >= "20:59:00"

    async def test_too_late_it_is_let_go_with_its_last_reason(self, ten: World) -> None:
        """Back half a minute before the end."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 14:00")
        ten.desktop.told = Context()
        await ten.tick("2026-11-23 20:59:30")
        await ten.tick("2026-11-23 21:00")
        assert ten.ended()[-1] == ("14:00", "missed", "just-back")
        assert ten.titles == []

    async def test_what_is_asked_for_comes_at_once(self, ten: World) -> None:
        """`now` has nothing to wait for: somebody asked for it a moment ago."""
        ten.desktop.told = LOCKED
        await ten.tick("2026-11-23 09:30")
        ten.desktop.told = Context()
        ten.clock.forward(minutes=1)
        ten.store.deliveries.add_now(ten.clock.present(), timedelta(minutes=2), None, None)
        await ten.tick()
        assert len(ten.titles) == 1


class TestWithoutSignal:
    """What nobody tells is looked at: once a minute while something waits, else not at all."""

    async def test_it_looks_once_a_minute_while_something_waits(self, ten: World) -> None:
        """A call that ends: it comes at the next look, as somebody is there."""
        ten.desktop.told = IN_CALL
        assert hold(await ten.tick("2026-11-23 10:00")) == (
            Reason.IN_CALL,
            ten.clock.now + timedelta(minutes=1),
        )
        ten.desktop.told = Context(in_call=False)
        await ten.tick("2026-11-23 10:01")
        assert len(ten.titles) == 1

    async def test_a_signal_is_waited_for_without_looking(self, ten: World) -> None:
        """A locked screen costs no wake-up before the next thing that is planned."""
        ten.desktop.told = replace(LOCKED, unsignalled=frozenset({Reason.IN_CALL, Reason.AWAY}))
        _, until = hold(await ten.tick("2026-11-23 10:00"))
        assert f"{until.astimezone(ten.clock.zone):%H:%M}" == "14:00"

    async def test_a_return_that_only_a_look_sees(self, ten: World) -> None:
        """X11's idle time: back at the look, and left alone for a while."""
        ten.desktop.told = TOUCHED_LONG_AGO
        await ten.tick("2026-11-23 10:00")
        ten.desktop.told = replace(TOUCHED_LONG_AGO, away_seconds=2)
        assert hold(await ten.tick("2026-11-23 10:01"))[0] is Reason.JUST_BACK
        await ten.tick("2026-11-23 10:05")
        assert len(ten.titles) == 1

    async def test_nothing_is_looked_at_while_nothing_is_due(self, ten: World) -> None:
        """Reading who records costs a process each time."""
        asked: list[bool] = []
        context = ten.desktop.context

        async def listened(*, closely: bool) -> Context:
            asked.append(closely)
            return await context(closely=closely)

        ten.desktop.context = listened  # type: ignore[method-assign]  # it listens, and hands on
        await ten.tick("2026-11-23 09:59")
        assert asked == [False]
        await ten.tick("2026-11-23 10:00")
        assert asked[1] is True


class TestNoPile:
    """Several that waited do not come together."""

    @pytest.fixture
    async def put_off(self, make_world: Callable[..., World]) -> World:
        """Two that were put off until noon; at a quarter to, the screen is locked."""
        plan = cadence(fixed=["09:00", "10:30"], windows=[window("09:00", "21:00")], min_gap=60)
        world = make_world(plan)
        await world.tick()
        await world.tick("2026-11-23 09:00")
        world.answer(Answer.LATER, snooze=timedelta(hours=3))
        await world.tick("2026-11-23 10:30")
        world.answer(Answer.LATER, snooze=timedelta(minutes=90))
        world.desktop.told = LOCKED
        await world.tick("2026-11-23 11:45")
        return world

    async def test_two_that_were_put_off_keep_apart(self, put_off: World) -> None:
        """The second comes ten minutes after the first."""
        await put_off.tick("2026-11-23 12:30")
        put_off.desktop.told = Context()
        await put_off.tick("2026-11-23 13:00")
        for minute in range(1, 16):
            await put_off.tick(f"2026-11-23 13:{minute:02}")
        first, second = put_off.shown()[2:]
        assert timedelta(minutes=10) <= second - first <= timedelta(minutes=11)
        assert put_off.titles[2:] == put_off.titles[:2]

    async def test_two_of_the_same_practice_keep_apart_as_well(
        self, make_world: Callable[..., World]
    ) -> None:
        """Put off, asked for once more, put off again: two showings of one practice."""
        world = make_world(cadence(fixed=["09:00"], windows=[window("09:00", "21:00")]))
        await world.tick()
        await world.tick("2026-11-23 09:00")
        world.answer(Answer.LATER, snooze=timedelta(hours=3))
        first = world.history()[-1].prompt
        world.clock.set("2026-11-23 10:00")
        world.store.deliveries.add_now(world.clock.present(), timedelta(minutes=2), first, None)
        await world.tick()
        world.answer(Answer.LATER, snooze=timedelta(hours=2))
        await world.tick("2026-11-23 12:00")
        assert len(world.titles) == 3
        await world.tick("2026-11-23 12:09")
        assert len(world.titles) == 3
        await world.tick("2026-11-23 12:10")
        assert len(world.titles) == 4

    async def test_one_that_comes_again_soon_is_not_kept_from_itself(self, ten: World) -> None:
        """*Later* for two minutes means two minutes."""
        await ten.tick("2026-11-23 10:00")
        ten.answer(Answer.LATER, snooze=timedelta(minutes=2))
        await ten.tick("2026-11-23 10:02")
        assert len(ten.titles) == 2

    async def test_all_that_wait_are_told_why(self, put_off: World) -> None:
        """Until then it is too soon after another."""
        put_off.desktop.told = Context()
        await put_off.tick("2026-11-23 12:00")
        await put_off.tick("2026-11-23 12:05")
        await put_off.tick("2026-11-23 12:06")
        (waits,) = put_off.store.deliveries.waiting()
        assert (waits.kind, waits.held) == (Kind.AGAIN, Reason.GAP)
