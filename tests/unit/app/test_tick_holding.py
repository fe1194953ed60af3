"""One wake-up when something is in the way, and what was asked for all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.pausing import pause
from reminderd.app.tick import begin
from reminderd.core.decision import Hold
from reminderd.core.model import Context, Kind, Reason
from reminderd.core.notice import Refused, Silent
from tests.fakes import World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.core.decision import Decision

TWO_MINUTES = timedelta(minutes=2)
DAYTIME = [window("09:00", "21:00")]


def held(decision: Decision) -> Reason | None:
    match decision.action:
        case Hold(reason=reason):
            return reason
    return None


class TestHolding:
    """Due, but not now."""

    async def test_it_comes_when_the_gate_opens(self, ten: World) -> None:
        """Somebody is there again at eleven, and is not to be met by it in the door."""
        ten.desktop.told = Context(locked=True)
        decision = await ten.tick("2026-11-23 10:00")
        assert held(decision) is Reason.LOCKED
        ten.desktop.told = Context()
        decision = await ten.tick("2026-11-23 11:00")
        assert held(decision) is Reason.JUST_BACK
        assert isinstance(decision.action, Hold)
        ten.clock.now = decision.action.until
        await ten.tick()
        (shown,) = ten.shown()
        assert "11:01" <= f"{shown:%H:%M}" < "11:04"

    async def test_one_at_most_and_never_a_pile(self, ten: World) -> None:
        """Locked all day: the first is merged into the second, and one comes."""
        ten.desktop.told = Context(locked=True)
        await ten.tick("2026-11-23 10:00")
        await ten.tick("2026-11-23 14:00")
        assert ten.ended() == [("10:00", "missed", "merged")]
        ten.desktop.told = Context()
        await ten.tick("2026-11-23 18:00")
        assert ten.titles == []
        await ten.tick("2026-11-23 18:04")
        await ten.tick("2026-11-23 18:05")
        assert len(ten.titles) == 1
        assert ten.ended()[-1] == ("14:00", "shown", "")

    async def test_it_is_let_go_when_its_window_ends(self, ten: World) -> None:
        """With the last reason: first locked, then paused."""
        ten.desktop.told = Context(locked=True)
        await ten.tick("2026-11-23 14:00")
        pause(ten.store, timedelta(hours=12), ten.clock.present())
        await ten.tick("2026-11-23 14:01")
        await ten.tick("2026-11-23 21:00")
        assert ten.ended()[-1] == ("14:00", "missed", "paused")
        assert ten.titles == []

    async def test_every_one_that_waits_keeps_its_own_reason(self, ten: World) -> None:
        """Beside a snoozed practice a slot is held too, and told why when it is let go."""
        ten.desktop.told = Context(locked=True)
        begin(ten.engine)  # the first practice waits for an unlocked screen
        await ten.tick("2026-11-23 14:00")
        kinds = {one.kind: one.held for one in ten.store.deliveries.waiting()}
        assert kinds == {Kind.FIRST: Reason.LOCKED, Kind.SLOT: Reason.LOCKED}
        await ten.tick("2026-11-23 21:00")
        assert ten.ended()[-1] == ("14:00", "missed", "locked")

    async def test_what_passed_while_nothing_ran_is_told_as_that(self, ten: World) -> None:
        """A machine that was off for the whole window."""
        await ten.tick("2026-11-23 22:00")
        assert ten.ended() == [
            ("10:00", "missed", "not-running"),
            ("14:00", "missed", "not-running"),
        ]

    async def test_after_weeks_off_one_comes_not_weeks_of_them(self, ten: World) -> None:
        """Back after a fortnight at three in the afternoon: one practice, today's."""
        await ten.tick("2026-12-07 15:00")
        await ten.tick("2026-12-07 15:01")
        assert len(ten.titles) == 1
        assert {str(one.slot) for one in ten.history()} == {"2026-12-07#1", "2026-12-07#2"}

    async def test_the_gap_to_the_last_one_is_kept(self, ten: World) -> None:
        """Held until 13:00, the slot of two o'clock comes at half past two."""
        ten.desktop.told = Context(do_not_disturb=True)
        await ten.tick("2026-11-23 10:00")
        ten.desktop.told = Context()
        await ten.tick("2026-11-23 13:00")
        decision = await ten.tick("2026-11-23 14:00")
        assert held(decision) is Reason.GAP
        assert isinstance(decision.action, Hold)
        ten.clock.now = decision.action.until
        assert f"{ten.clock.local:%H:%M}" == "14:30"
        await ten.tick()
        assert len(ten.titles) == 2

    async def test_no_prompt_to_choose_from_is_a_reason(self, ten: World) -> None:
        """Decks that are all switched off hold, and let go, for what it is."""
        ten.engine = replace(ten.engine, prompts={})
        decision = await ten.tick("2026-11-23 10:00")
        assert held(decision) is Reason.NO_PROMPT
        await ten.tick("2026-11-23 22:00")
        assert ten.ended()[0] == ("10:00", "missed", "no-prompt")


class TestCap:
    """`max_per_day` counts by the local date of showing."""

    async def test_it_holds_whatever_else_is_asked_for(
        self, make_world: Callable[..., World]
    ) -> None:
        """Two asked for by hand and two planned, with a cap of three: the last is let go."""
        world = make_world(
            cadence(fixed=["10:00", "14:00"], windows=DAYTIME, max_per_day=3, min_gap=60)
        )
        await world.tick()
        for when in ("08:00", "08:30"):
            world.clock.set(f"2026-11-23 {when}")
            world.store.deliveries.add_now(world.clock.present(), TWO_MINUTES, None, None)
            await world.tick()
        await world.tick("2026-11-23 10:00")
        assert len(world.titles) == 3
        assert held(await world.tick("2026-11-23 14:00")) is Reason.CAP
        await world.tick("2026-11-23 21:00")
        assert world.ended()[-1] == ("14:00", "missed", "daily-cap")

    async def test_at_midnight_a_held_one_may_come(self, make_world: Callable[..., World]) -> None:
        """Held for the cap before midnight, it comes with the new date, and counts there."""
        night = [window("22:00", "04:00")]
        world = make_world(
            cadence(fixed=["23:30"], windows=night, max_per_day=1), local="2026-11-22 12:00"
        )
        await world.tick()
        world.clock.set("2026-11-22 21:00")
        world.store.deliveries.add_now(world.clock.present(), TWO_MINUTES, None, None)
        await world.tick()
        decision = await world.tick("2026-11-22 23:30")
        assert held(decision) is Reason.CAP
        assert isinstance(decision.action, Hold)
        world.clock.now = decision.action.until
        await world.tick()
        assert f"{world.shown()[-1]:%d %H:%M}" == "23 00:00"
        present = world.clock.present()
        assert world.store.reading.shown_on(present.today, present) == 1


class TestInDoubt:
    """What may have been seen, though nobody knows, counts like what was."""

    async def test_it_keeps_the_next_one_apart(self, ten: World) -> None:
        """Held until one, and the server never replied: the slot of two o'clock waits."""
        ten.desktop.told = Context(do_not_disturb=True)
        await ten.tick("2026-11-23 10:00")
        ten.desktop.told = Context()
        ten.notifier.answers = [Silent("no reply")]
        await ten.tick("2026-11-23 13:00")
        decision = await ten.tick("2026-11-23 14:00")
        assert held(decision) is Reason.GAP
        await ten.tick("2026-11-23 14:30")
        assert len(ten.titles) == 2

    async def test_a_new_plan_keeps_off_it(self, ten: World) -> None:
        """What is drawn anew begins after the gap to it."""
        ten.notifier.answers = [Silent("no reply")]
        await ten.tick("2026-11-23 10:00")
        ten.use(cadence(fixed=["11:00"], windows=[window("09:00", "21:00")]))
        await ten.tick("2026-11-23 10:01")
        assert ten.slots() == []

    async def test_it_counts_for_the_cap(self, make_world: Callable[..., World]) -> None:
        """A server that shows and never replies brings no more than the most for a day."""
        plan = cadence(
            fixed=["10:00", "12:00", "14:00"], windows=[window("09:00", "21:00")], max_per_day=3
        )
        world = make_world(plan)
        await world.tick()
        world.notifier.answers = [Silent("no reply"), Silent("no reply")]
        await world.tick("2026-11-23 10:00")
        await world.tick("2026-11-23 12:00")
        world.clock.set("2026-11-23 13:00")
        world.store.deliveries.add_now(world.clock.present(), TWO_MINUTES, None, None)
        await world.tick()
        decision = await world.tick("2026-11-23 14:30")
        assert held(decision) is Reason.CAP
        assert len(world.titles) == 3

    async def test_what_was_refused_counts_for_nothing(self, ten: World) -> None:
        """It is certain that nobody saw it: it comes as soon as it can."""
        ten.notifier.answers = [Refused("no")]
        await ten.tick("2026-11-23 10:00")
        await ten.tick("2026-11-23 10:01")
        assert len(ten.shown()) == 1


class TestNow:
    """What is asked for at this moment."""

    def ask(self, world: World, prompt: str | None = None, tip: str | None = None) -> None:
        world.store.deliveries.add_now(world.clock.present(), TWO_MINUTES, prompt, tip)

    async def test_it_comes_against_every_gate(self, ten: World) -> None:
        """Paused, quiet, do not disturb, locked, away, just shown, cap reached: it was typed."""
        await ten.tick("2026-11-23 10:00")
        ten.use(cadence(max_per_day=1), quiet=[window("00:00", "24:00")])
        ten.desktop.told = Context(do_not_disturb=True, in_call=True, locked=True, away_seconds=900)
        pause(ten.store, timedelta(hours=2), ten.clock.present())
        ten.clock.forward(minutes=1)
        self.ask(ten, prompt="c-one")
        await ten.tick()
        assert ten.titles[-1] == "Title of c-one"
        assert ten.history()[-1].kind == "now"

    async def test_a_slot_that_is_due_then_keeps_the_gap_to_it(self, ten: World) -> None:
        """Both fall due at once: the one that was asked for comes, the slot waits."""
        ten.clock.set("2026-11-23 10:00")
        self.ask(ten)
        decision = await ten.tick()
        assert held(decision) is Reason.GAP
        assert [one.kind for one in ten.history()] == ["now"]
        await ten.tick("2026-11-23 11:30")
        assert [one.kind for one in ten.history()] == ["now", "slot"]

    async def test_it_is_let_go_when_nothing_could_show_it(self, ten: World) -> None:
        """Two minutes without a server, and it does not come out of the blue later."""
        ten.notifier.is_ready = False
        self.ask(ten)
        assert held(await ten.tick()) is Reason.NO_SERVER
        ten.clock.forward(minutes=2)
        ten.notifier.is_ready = True
        await ten.tick()
        assert ten.titles == []
        assert ten.ended()[-1][1:] == ("missed", "no-server")

    async def test_it_comes_in_the_repeated_hour(self, make_world: Callable[..., World]) -> None:
        """At the second 02:30 of an autumn night it is now, not an hour ago."""
        world = make_world()
        world.clock.set("2026-10-25 02:30", fold=1)
        self.ask(world)
        await world.tick()
        assert len(world.titles) == 1


class TestFirstPractice:
    """Once per installation, at the first start."""

    async def test_it_comes_at_once_whatever_the_hour(
        self, make_world: Callable[..., World]
    ) -> None:
        """At three in the morning, in quiet hours, outside every window: it is the marked one."""
        world = make_world(
            cadence(windows=DAYTIME), quiet=[window("21:00", "09:00")], local="2026-11-23 03:00"
        )
        begin(world.engine)
        await world.tick()
        assert world.titles == ["Title of welcome"]
        begin(world.engine)
        await world.tick()
        assert len(world.titles) == 1

    @pytest.mark.parametrize("told", [Context(locked=True), Context(do_not_disturb=True)])
    async def test_it_waits_for_a_good_moment(self, world: World, told: Context) -> None:
        """Not on a locked or silenced desk: it comes when somebody is there."""
        begin(world.engine)
        world.desktop.told = told
        await world.tick()
        assert world.titles == []
        world.desktop.told = Context()
        await world.tick("2026-11-23 09:00")
        await world.tick("2026-11-23 09:04")
        assert world.titles == ["Title of welcome"]

    async def test_it_is_let_go_after_two_days(self, world: World) -> None:
        """Nobody unlocked the screen: the first slot will do."""
        begin(world.engine)
        world.desktop.told = Context(locked=True)
        await world.tick()
        await world.tick("2026-11-24 00:00")
        assert [(one.kind, one.outcome, one.reason) for one in world.history()] == [
            ("first", "missed", "locked")
        ]

    async def test_the_first_slot_keeps_its_distance(
        self, make_world: Callable[..., World]
    ) -> None:
        """It counts for gap and cap."""
        world = make_world(cadence(fixed=["10:00"], windows=DAYTIME))
        await world.tick()
        world.clock.set("2026-11-23 09:30")
        begin(world.engine)
        await world.tick()
        assert held(await world.tick("2026-11-23 10:00")) is Reason.GAP
        await world.tick("2026-11-23 11:00")
        assert [one.kind for one in world.history()] == ["first", "slot"]
