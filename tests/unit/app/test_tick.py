"""One wake-up on the real store: claimed once, brought once, what became of it recorded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.between_looks import FIRST_RETRY, Backoff
from reminderd.app.pausing import pause
from reminderd.app.tick import begin
from reminderd.core.decision import Hold, Wait
from reminderd.core.model import Answer, Context, Reason
from reminderd.core.notice import NEUTRAL_TITLE, Posted, Refused, Silent
from tests.fakes import PROMPTS, World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from reminderd.core.decision import Decision

TWO_MINUTES = timedelta(minutes=2)
DAYTIME = [window("09:00", "21:00")]


def held(decision: Decision) -> Reason | None:
    match decision.action:
        case Hold(reason=reason):
            return reason
    return None


class TestBringing:
    """A slot falls due and nothing is in the way."""

    async def test_it_is_shown_at_its_time_and_once(self, ten: World) -> None:
        """Not a second early, and however often the daemon looks."""
        await ten.tick("2026-11-23 09:59:59")
        assert ten.titles == []
        for second in range(5):
            await ten.tick(f"2026-11-23 10:00:{second:02}")
        assert len(ten.titles) == 1
        (line,) = ten.history()
        assert str(line.slot) == "2026-11-23#1"
        assert (line.outcome, line.shown_at) == ("shown", datetime(2026, 11, 23, 9, tzinfo=UTC))

    async def test_it_waits_until_the_next_slot_and_then_until_midnight(self, ten: World) -> None:
        """Nothing wakes the daemon in between."""
        for now, until in (
            ("2026-11-23 00:00", "2026-11-23 10:00"),
            ("2026-11-23 10:00", "2026-11-23 14:00"),
            ("2026-11-23 14:00", "2026-11-24 00:00"),
        ):
            decision = await ten.tick(now)
            local = datetime.fromisoformat(until).replace(tzinfo=ten.clock.zone)
            assert decision.action == Wait(local.astimezone(UTC))

    async def test_it_is_claimed_before_it_is_shown(self, ten: World) -> None:
        """Another process sees the claim while the notification goes up."""
        other = ten.open()
        claimed: list[bool] = []

        def look(notice: object) -> None:
            newest = other.reading.newest()
            claimed.append(newest is not None and newest.outcome is None)

        ten.notifier.on_show = look
        await ten.tick("2026-11-23 10:00")
        assert claimed == [True]

    async def test_notices_carry_the_text_of_their_prompt(self, ten: World) -> None:
        """What is shown is what is stored, word for word."""
        await ten.tick("2026-11-23 10:00")
        (notice,) = ten.notifier.shown
        newest = ten.store.reading.newest()
        assert newest is not None
        assert (notice.delivery, notice.title, notice.body, notice.cue) == (
            *(newest.id, newest.text.title, newest.text.body),
            newest.text.cue,
        )
        assert newest.text.title == ten.engine.prompts[newest.prompt].title

    @pytest.mark.parametrize(
        ("discretion", "locked", "discreet"),
        [("always", None, True), ("never", True, False), ("auto", True, True)],
    )
    async def test_a_discreet_one_shows_only_the_neutral_title(
        self,
        ten: World,
        discretion: Literal["always", "never", "auto"],
        locked: bool | None,
        discreet: bool,
    ) -> None:
        """What is stored is the whole text all the same: `show` tells it."""
        ten.engine.preferences = replace(
            ten.engine.preferences,
            discretion=discretion,
            quiet=replace(ten.engine.preferences.quiet, when_locked=False),
        )
        ten.desktop.told = Context(locked=locked)
        await ten.tick("2026-11-23 10:00")
        assert (ten.titles == [NEUTRAL_TITLE]) is discreet
        newest = ten.store.reading.newest()
        assert newest is not None
        assert newest.text.title.startswith("Title of")

    async def test_each_slot_brings_another_practice(
        self, make_world: Callable[..., World]
    ) -> None:
        """Four prompts in two tips, two days: four different ones, the tips taking turns."""
        four = PROMPTS[:4]
        world = make_world(cadence(fixed=["10:00", "14:00"]), prompts=four)
        await world.tick()
        for day in (23, 24):
            for hour in (10, 14):
                await world.tick(f"2026-11-{day} {hour}:00")
        came = [one.prompt for one in world.history() if one.prompt]
        assert sorted(came) == sorted(one.id for one in four)
        tips = [world.engine.prompts[one].tip for one in came]
        assert tips[0] == tips[2] != tips[1] == tips[3]


class TestPauseWins:
    """A pause that is committed between snapshot and claim wins, every time."""

    @pytest.mark.parametrize("point", ["desktop", "snapshot"])
    async def test_a_hundred_times(self, ten: World, point: str) -> None:
        """Typed while the desktop is asked, or between two questions to the store: never shown."""
        other = ten.open()
        ten.clock.set("2026-11-23 10:00")
        committed: list[datetime] = []

        def commit() -> None:
            if ten.clock.now not in committed:
                committed.append(ten.clock.now)
                pause(other, timedelta(seconds=30), ten.clock.present())

        if point == "desktop":
            ten.desktop.on_ask = commit
        else:
            ten.notifier.on_ready = commit
        for _ in range(100):
            decision = await ten.tick()
            assert held(decision) is Reason.PAUSED
            ten.clock.forward(minutes=1)
        assert len(committed) == 100
        assert ten.titles == []
        committed.append(ten.clock.now)
        await ten.tick()
        assert len(ten.titles) == 1

    async def test_what_was_just_switched_off_is_not_brought(self, ten: World) -> None:
        """A button pressed in the daemon itself while the desktop is asked: it counts as well."""
        ten.clock.set("2026-11-23 10:00")

        def switch_off() -> None:
            for one in PROMPTS[1:]:
                ten.store.answers.add_choice(one.id, ten.clock.present(), enabled=False)

        ten.desktop.on_ask = switch_off
        await ten.tick()
        assert ten.titles == [PROMPTS[0].title]

    async def test_while_the_notification_is_up_it_comes_too_late(self, ten: World) -> None:
        """What has been claimed is shown and recorded; the pause holds what comes next."""
        other = ten.open()

        def late(_notice: object) -> None:
            pause(other, timedelta(hours=9), ten.clock.present())

        ten.notifier.on_show = late
        await ten.tick("2026-11-23 10:00")
        assert ten.ended() == [("10:00", "shown", "")]
        decision = await ten.tick("2026-11-23 14:00")
        assert held(decision) is Reason.PAUSED

    async def test_overtaken_without_end_it_comes_back_a_little_later(self, ten: World) -> None:
        """Somebody who writes all the time delays it, and never makes it decide on old facts."""
        other = ten.open()
        counter = iter(range(1000))
        ten.desktop.on_ask = lambda: other.recorded.set("busy", next(counter))
        decision = await ten.tick("2026-11-23 10:00")
        assert ten.titles == []
        assert decision.action == Wait(ten.clock.now + timedelta(seconds=1))
        ten.desktop.on_ask = lambda: None
        ten.clock.forward(seconds=1)
        await ten.tick()
        assert len(ten.titles) == 1


class TestNotifierAnswers:
    """What became of a notification."""

    async def test_a_refusal_is_tried_again_and_again_more_slowly(self, ten: World) -> None:
        """It certainly did not appear: 5 s, 10 s, 20 s, ten minutes at most."""
        ten.notifier.answers = [Refused("no server")] * 9
        decision = await ten.tick("2026-11-23 10:00")
        waits = []
        for _ in range(9):
            assert held(decision) is Reason.NO_SERVER
            assert isinstance(decision.action, Hold)
            waits.append((decision.action.until - ten.clock.now).total_seconds())
            ten.clock.now = decision.action.until - timedelta(seconds=1)
            decision = await ten.tick()
            assert held(decision) is Reason.NO_SERVER
            ten.clock.forward(seconds=1)
            decision = await ten.tick()
        assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
        assert len(ten.notifier.shown) == 10
        assert [one[1] for one in ten.ended()] == ["shown"], "the tenth was taken"
        assert [line.count("waits") for line in ten.log] == [1] * 9 + [0]

    async def test_a_refused_one_is_let_go_in_the_end(self, ten: World) -> None:
        """With the reason that it was held for."""
        ten.notifier.answers = [Refused("no server")] * 1000
        await ten.tick("2026-11-23 14:00")
        await ten.tick("2026-11-23 21:00")
        assert ten.ended() == [
            ("10:00", "missed", "merged"),
            ("14:00", "missed", "no-server"),
        ]

    async def test_silence_is_never_repeated(self, ten: World) -> None:
        """Nobody knows whether it was seen: it has failed, and the next slot is the next."""
        ten.notifier.answers = [Silent("timed out")]
        await ten.tick("2026-11-23 10:00")
        for hour in range(10, 14):
            await ten.tick(f"2026-11-23 {hour}:30")
        assert len(ten.notifier.shown) == 1
        assert ten.ended() == [("10:00", "failed", "no-reply")]
        await ten.tick("2026-11-23 14:00")
        assert len(ten.notifier.shown) == 2

    async def test_without_a_server_nothing_is_claimed(self, ten: World) -> None:
        """A notifier that says it is not ready is not asked; when it is, it comes at once."""
        ten.notifier.is_ready = False
        decision = await ten.tick("2026-11-23 10:00")
        assert held(decision) is Reason.NO_SERVER
        assert ten.notifier.shown == []
        assert ten.store.reading.newest() is None
        ten.notifier.is_ready = True
        await ten.tick("2026-11-23 10:03")
        assert len(ten.titles) == 1


class TestCrashes:
    """The daemon ends at the worst moment."""

    @pytest.mark.parametrize("ending", [RuntimeError, asyncio.CancelledError])
    async def test_between_claim_and_outcome_it_is_never_repeated(
        self, ten: World, ending: type[BaseException]
    ) -> None:
        """It may have been seen: at the next start it has failed as interrupted."""

        def crash(_notice: object) -> None:
            raise ending

        ten.notifier.on_show = crash
        with pytest.raises(ending):
            await ten.tick("2026-11-23 10:00")
        ten.notifier.on_show = lambda _: None
        begin(ten.engine)
        assert ten.ended() == [("10:00", "failed", "interrupted")]
        assert "interrupted" in ten.log[-1]
        for minute in range(10):
            await ten.tick(f"2026-11-23 10:{minute:02}")
        assert len(ten.notifier.shown) == 1, "only the one that was on its way"
        begin(ten.engine)
        assert len(ten.ended()) == 1

    async def test_after_the_outcome_nothing_is_repeated(self, ten: World) -> None:
        """A restart in the middle of a day brings nothing that was brought."""
        await ten.tick("2026-11-23 10:00")
        begin(ten.engine)
        await ten.tick("2026-11-23 10:01")
        assert len(ten.titles) == 1

    async def test_two_daemons_on_one_store_show_a_slot_once(self, ten: World) -> None:
        """Even without the lock: the claim decides, whoever looks first."""
        other = World(ten.path, ten.engine.preferences.cadence)
        for hour in (10, 14):
            for world in (ten, other):
                world.clock.set(f"2026-11-23 {hour}:00")
            await asyncio.gather(ten.tick(), other.tick(), ten.tick(), other.tick())
        shown = [notice.delivery for notice in ten.notifier.shown + other.notifier.shown]
        assert len(shown) == len(set(shown)) == 2
        other.close()


async def test_what_is_answered_while_it_is_refused_does_not_come(ten: World) -> None:
    """A command may answer what is on its way; a server that then refuses it is not asked again."""
    ten.notifier.answers = [Refused("no room")]
    ten.notifier.on_show = lambda _: ten.answer(Answer.DONE)
    await ten.tick("2026-11-23 10:00")
    ten.notifier.on_show = lambda _: None
    await ten.tick("2026-11-23 10:05")
    assert len(ten.notifier.shown) == 1
    (line,) = ten.history()
    assert (line.outcome, line.reason, line.response) == ("missed", Reason.ANSWERED, Answer.DONE)


class TestBackoff:
    """When to try a notifier again."""

    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def test_each_refusal_doubles_the_wait(self) -> None:
        """Up to ten minutes."""
        backoff = Backoff()
        waits = []
        for _ in range(9):
            backoff.refused(self.now)
            until = backoff.until(self.now, ready=True)
            assert until is not None
            waits.append((until - self.now).total_seconds())
        assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]

    def test_another_server_is_tried_soon(self) -> None:
        """Five seconds after the last refusal, so that one which comes and goes is no busy loop."""
        backoff = Backoff()
        for _ in range(5):
            backoff.refused(self.now)
        backoff.changed()
        assert backoff.until(self.now, ready=True) == self.now + FIRST_RETRY
        backoff.changed()
        assert backoff.until(self.now + FIRST_RETRY, ready=True) is None
        backoff.refused(self.now)
        assert backoff.until(self.now, ready=True) == self.now + 2 * FIRST_RETRY

    def test_a_success_starts_it_anew(self) -> None:
        """Refusals count from the beginning."""
        backoff = Backoff()
        for _ in range(5):
            backoff.refused(self.now)
        backoff.reset()
        assert backoff.until(self.now, ready=True) is None
        backoff.refused(self.now)
        assert backoff.until(self.now, ready=True) == self.now + FIRST_RETRY

    def test_a_clock_that_steps_back_does_not_make_it_wait_for_years(self) -> None:
        """It waits as long as it would have, from whatever now is, and then it is over."""
        backoff = Backoff()
        backoff.refused(self.now)
        before = self.now - timedelta(days=2000)
        assert backoff.until(before, ready=True) == before + FIRST_RETRY
        assert backoff.until(before + FIRST_RETRY, ready=True) is None

    def test_it_ends_when_its_time_has_come(self) -> None:
        """At the very second."""
        backoff = Backoff()
        backoff.refused(self.now)
        assert backoff.until(self.now + FIRST_RETRY, ready=True) is None

    async def test_a_success_forgets_earlier_refusals(self, ten: World) -> None:
        """After one that worked, the next refusal waits five seconds again."""
        ten.notifier.answers = [Refused("a"), Refused("b"), Posted(":1.7", 1), Refused("c")]
        await ten.tick("2026-11-23 10:00")
        await ten.tick("2026-11-23 10:01")
        await ten.tick("2026-11-23 10:02")
        assert len(ten.shown()) == 1
        decision = await ten.tick("2026-11-23 14:00")
        assert isinstance(decision.action, Hold)
        assert decision.action.until == ten.clock.now + FIRST_RETRY
