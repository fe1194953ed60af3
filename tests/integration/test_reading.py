"""*Reading is enough*: when it is asked, what a press changes, and what it leaves as it is."""

from __future__ import annotations

import asyncio
import signal
import tomllib
from dataclasses import replace
from datetime import timedelta
from shlex import join
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.core.cadence import Moment
from reminderd.core.history import ShownText
from reminderd.core.model import Answer, PaceSettings, Source, When
from reminderd.core.notice import READING, Posted, Refused
from reminderd.core.walltime import Present
from reminderd.core.words import KEEPS_PACE, NOT_CHANGED
from tests.fakes import World, choice
from tests.integration.daemons import PATIENCE_SECONDS, REMINDERD, eventually
from tests.integration.no_network import begin_watch
from tests.integration.played_desk import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from reminderd.adapters.store.store import Store
    from tests.integration.daemons import Home, RunningDaemon
    from tests.integration.fake_server import Shown
    from tests.integration.played_desk import Desk

pytest_plugins = [
    "tests.integration.daemons",
    "tests.integration.desktops",
    "tests.integration.played_desk",
]
# Python >= 3.12 warns about a fork beside threads, and pytest-xdist's workers have one.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

CONFIG = """\
# mine
[cadence]
windows = []
random_per_day = 0
at = ["{}", "{}", "{}", "{}"]  # far from now
min_gap = "1m"
max_per_day = 12
[pace]
ramp_up = false
# how it was meant
back_off = true  # rarer
[quiet]
hours = []
[notification]
discreet = "never"
"""
TEXT = ShownText("A title", "A body.", "A cue.", When.NOW)
LABEL = "Reading is enough"


def bring(store: Store, present: Present, answers: Sequence[Answer | None]) -> None:
    """Let practices have come, ten hours apart, the last before today whatever the hour is now."""
    for number, answer in enumerate(answers):
        back = timedelta(hours=26 + 10 * (len(answers) - 1 - number))
        at = Present(present.now - back, present.zone, present.zone_name)
        identifier = store.deliveries.add_now(at, timedelta(minutes=2), None, None)
        assert store.deliveries.claim(identifier, store.version(), choice(), TEXT, at)
        store.deliveries.record_shown(identifier, Posted("test", 1), at)
        store.screen.record_closed(identifier, at)
        if answer is not None:
            store.answers.add_response(
                *(answer, at),
                delivery=identifier,
                prompt="a-one",
                note=None,
                snooze=None,
                source="test",
            )


def put_slot(store: Store, present: Present) -> None:
    """Put a slot into today's plan that is due."""
    at = present.local - timedelta(minutes=1)
    with store.transaction():
        moment = Moment(at, at + timedelta(hours=2), Source.RANDOM)
        store.deliveries.replace_plan(present.today, [moment], present)


# When it is asked


class TestWhen:
    """The real store and tick, with a clock that is set by hand."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        """Somebody for whom it gets rarer while unanswered."""
        world = World(tmp_path / "reminderd.db", local="2026-11-22 09:00")
        pace = PaceSettings(ramp_up=False, back_off=True)
        world.engine.preferences = replace(world.engine.preferences, pace=pace)
        yield world
        world.close()

    async def asked(self, world: World) -> bool:
        """Let a slot come, and return whether it asks."""
        before = len(world.notifier.shown)
        put_slot(world.store, world.clock.present())
        await world.tick()
        (notice,) = world.notifier.shown[before:]
        *_, last = notice.buttons
        assert last.label in {LABEL, "Later"}
        assert sum(button.key == READING for button in notice.buttons) == (last.label == LABEL)
        return last.key == READING

    @pytest.mark.parametrize("unanswered", range(17))
    async def test_on_the_first_after_each_step_down(self, world: World, unanswered: int) -> None:
        """After four, eight and fourteen in a row; not again until the next step."""
        bring(world.store, world.clock.present(), [None] * unanswered)
        assert await self.asked(world) is (unanswered in {4, 8, 14})

    @pytest.mark.parametrize(
        ("answers", "expected"),
        [
            ([None] * 3 + [Answer.NOT_TODAY] + [None] * 3, False),
            ([None] * 3 + [Answer.HARD] + [None] * 4, True),
            ([None] * 4 + [Answer.DONE], False),
            ([None] * 4 + [Answer.DONE] + [None] * 4, True),
            ([None] * 4 + [Answer.HARD] + [None] * 4, False),
            ([None] * 4 + [Answer.HARD] + [None] * 8, True),
        ],
        ids=["too few", "in a row", "answered", "down again", "no further", "further"],
    )
    async def test_an_answer_begins_anew(
        self, world: World, answers: list[Answer | None], expected: bool
    ) -> None:
        """What matters is whether the one before brought it a step down."""
        bring(world.store, world.clock.present(), answers)
        assert await self.asked(world) is expected

    async def test_what_is_open_is_closed_by_it(self, world: World) -> None:
        """Two hours after the fourth the fifth comes, and asks; the sixth does not."""
        bring(world.store, world.clock.present(), [None] * 3)
        assert not await self.asked(world)
        world.clock.forward(hours=2)
        assert await self.asked(world)
        world.clock.forward(hours=7)
        assert not await self.asked(world)

    async def test_not_where_it_keeps_its_pace(self, world: World) -> None:
        """There is nothing to ask for."""
        bring(world.store, world.clock.present(), [None] * 4)
        pace = replace(world.engine.preferences.pace, back_off=False)
        world.engine.preferences = replace(world.engine.preferences, pace=pace)
        assert not await self.asked(world)

    async def test_not_on_what_the_person_asked_for(self, world: World) -> None:
        """Whoever asks for a practice, now or later, does not only read."""
        bring(world.store, world.clock.present(), [None] * 4)
        world.store.deliveries.add_now(world.clock.present(), timedelta(minutes=2), None, None)
        await world.tick()
        world.answer(Answer.LATER)
        world.clock.forward(minutes=21)
        await world.tick()
        assert [one.buttons[-1].label for one in world.notifier.shown] == ["Later", "Later"]

    async def test_a_refusal_does_not_use_it_up(self, world: World) -> None:
        """Nobody has seen it, so it is asked when the practice comes after all."""
        bring(world.store, world.clock.present(), [None] * 4)
        world.notifier.answers = [Refused("a test")]
        assert await self.asked(world)
        world.clock.forward(minutes=1)
        await world.tick()
        assert world.notifier.shown[-1].buttons[-1].key == READING


# What a press changes


def configure(home: Home, more: str = "") -> None:
    """Plan four a day, none of them in the next two hours."""
    with home.store() as (_, present):
        times = [present.local + timedelta(hours=2 + number) for number in range(4)]
    home.configure(CONFIG.format(*(f"{one:%H:%M}" for one in times)) + more)


@pytest.fixture
def quieter(desk: Desk) -> Desk:
    """A desk on which four in a row were not answered, and the next is due."""
    configure(desk.home)
    with desk.home.store() as (store, present):
        bring(store, present, [None] * 4)
    desk.home.plan_slot()
    return desk


async def asks(desk: Desk, count: int = 1) -> Shown:
    """Wait for the practice that asks, and return it."""
    await desk.server.until(lambda: len(desk.server.shown) == count)
    shown = desk.server.shown[-1]
    assert list(shown.buttons.values())[-1] == LABEL
    assert "Later" not in shown.buttons.values()
    return shown


async def pace(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = (await desk.status())["pace"]
    return found


def in_config(home: Home) -> bool:
    """Return what the file says of back-off."""
    found: bool = tomllib.loads(home.config.read_text("utf-8"))["pace"]["back_off"]
    return found


class TestAPress:
    pytestmark = pytest.mark.desktop

    @pytest.mark.parametrize("closes", [True, False], ids=["server closes it", "we close it"])
    async def test_it_keeps_its_pace(self, quieter: Desk, closes: bool) -> None:
        """One line of the file changes; what was said tells how to undo it; it is full again."""
        desk = quieter
        desk.server.closes_on_press = closes
        before = desk.home.config.read_text("utf-8")
        async with desk.living():
            shown = await asks(desk)
            found = await pace(desk)
            assert found["per_day"] == 2
            assert found["reason"].startswith("Quieter for now: two a day.")
            desk.server.press(shown.id, READING)
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert desk.server.shown[1].text == KEEPS_PACE
            assert list(desk.server.standing) == [desk.server.shown[1].id]
            after = desk.home.config.read_text("utf-8")
            assert after == before.replace("back_off = true", "back_off = false")
            await desk.soon(lambda: desk.home.json("status")["pace"]["per_day"] == 4, "it is full")
            assert (await pace(desk))["reason"] == "as you set it"
            days = {one["slot"][:10] for one in await asyncio.to_thread(planned, desk.home)}
            tomorrow = sorted(days)[1]
            slots = [one["slot"] for one in await asyncio.to_thread(planned, desk.home)]
            assert sum(slot.startswith(tomorrow) for slot in slots) == 4

    async def test_it_is_no_answer(self, quieter: Desk) -> None:
        """The practice stays open, for whoever wants to answer it after all."""
        async with quieter.living():
            shown = await asks(quieter)
            quieter.server.press(shown.id, READING)
            await quieter.server.until(lambda: len(quieter.server.shown) == 2)
            assert (await quieter.newest())["response"] is None
            assert (await quieter.status())["open"] is not None
            await quieter.run("respond", "done")
            await quieter.answered("done")

    async def test_a_second_press_changes_nothing(self, quieter: Desk) -> None:
        """Nor does one of another button of what is gone."""
        async with quieter.living():
            shown = await asks(quieter)
            quieter.server.press(shown.id, READING)
            quieter.server.press(shown.id, READING, to=shown.sender)
            await quieter.server.until(lambda: len(quieter.server.shown) == 2)
            await quieter.run("config", "set", "pace.back_off", "on")
            quieter.server.press(shown.id, READING, to=shown.sender)
            quieter.server.press(shown.id, "hard", to=shown.sender)
            await quieter.server.settled()
            await quieter.run("status")
            await quieter.answered(None)
            assert len(quieter.server.shown) == 2
            assert in_config(quieter.home) is True

    async def test_with_the_button_in_other_views(self, quieter: Desk) -> None:
        """A covered one has it too; from the whole text one comes back to it."""
        quieter.home.configure(
            quieter.home.config.read_text("utf-8").replace('"never"', '"always"')
        )
        async with quieter.living():
            covered = await asks(quieter)
            assert list(covered.buttons.values()) == ["Show", LABEL]
            quieter.server.press(covered.id, "show")
            usual = await asks(quieter, 2)
            assert len(usual.buttons) == 3
            await quieter.run("status")  # one turn at a time
            quieter.server.press(usual.id, "default")
            await quieter.server.until(lambda: len(quieter.server.shown) == 3)
            assert READING not in quieter.server.shown[2].buttons
            await quieter.run("status")
            quieter.server.press(quieter.server.shown[2].id, "default")
            shown = await asks(quieter, 4)
            quieter.server.press(shown.id, READING)
            await quieter.server.until(lambda: len(quieter.server.shown) == 5)
            assert in_config(quieter.home) is False

    async def test_after_a_restart(self, quieter: Desk) -> None:
        """What is put up again asks as before, and is heard."""
        async with quieter.living() as daemon:
            first = await asks(quieter)
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with quieter.living():
            shown = await asks(quieter, 2)
            assert shown.replaces == first.id
            quieter.server.press(shown.id, READING)
            await quieter.server.until(lambda: len(quieter.server.shown) == 3)
            assert in_config(quieter.home) is False

    async def test_after_it_a_restart_puts_nothing_up(self, quieter: Desk) -> None:
        """It was put away; it can still be answered."""
        async with quieter.living() as daemon:
            shown = await asks(quieter)
            quieter.server.press(shown.id, READING)
            await quieter.server.until(lambda: len(quieter.server.shown) == 2)
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with quieter.living():
            assert (await quieter.status())["open"] is not None
            await quieter.run("respond", "done")
            assert len(quieter.server.shown) == 2


async def refused(desk: Desk, daemon: RunningDaemon) -> None:
    """Press, and see that it is told as not done, with what to do; the practice stays open."""
    shown = desk.server.shown[-1]
    before = desk.home.config.read_text("utf-8")
    desk.server.press(shown.id, READING)
    await desk.server.until(lambda: len(desk.server.shown) == 2)
    assert desk.server.shown[1].text == NOT_CHANGED
    assert desk.home.config.read_text("utf-8") == before
    assert daemon.process.poll() is None
    assert "Traceback" not in daemon.complained()


class TestAPressThatCannotBeKept:
    """It is told, and never claimed to be done."""

    pytestmark = pytest.mark.desktop

    async def test_beside_a_mistake_in_the_file(self, quieter: Desk) -> None:
        """The settings that were last in order hold on; the file is the person's to mend."""
        async with quieter.living() as daemon:
            await asks(quieter)
            text = quieter.home.config.read_text("utf-8")
            quieter.home.configure(text + "sond = 1\n")
            await quieter.soon(lambda: "sond" in daemon.complained(), "it is told")
            await refused(quieter, daemon)
            assert (await pace(quieter))["per_day"] == 2
            quieter.home.configure(text)
            await quieter.run(*NOT_CHANGED.rpartition("reminderd ")[2].split())
            await quieter.soon(lambda: quieter.home.json("status")["pace"]["per_day"] == 4, "full")

    async def test_on_a_full_disk(self, quieter: Desk) -> None:
        """Nothing can be written at all."""
        async with quieter.living() as daemon:
            await asks(quieter)
            with full_disk(daemon):
                await refused(quieter, daemon)
            await quieter.run("respond", "done")


def planned(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.json("preview", "--days", "3")
    return found


# In a terminal


@pytest.fixture
def terminal(home: Home) -> Iterator[pexpect.spawn[str]]:
    """A daemon in a terminal, with a practice that asks."""
    configure(home)
    home.skip_first_practice()
    with home.store() as (store, present):
        bring(store, present, [None] * 4)
    home.plan_slot()
    env = {**home.env, "TERM": "dumb"}
    child = pexpect.spawn(
        join([*REMINDERD, "run"]), env=env, encoding="utf-8", timeout=10, preexec_fn=begin_watch
    )
    child.expect(r"r\s+for\s+Reading\s+is\s+enough")
    yield child
    if child.isalive():
        child.kill(signal.SIGTERM)
        child.expect(pexpect.EOF, timeout=PATIENCE_SECONDS)
    child.close()


class TestInATerminal:
    @pytest.mark.parametrize("typed", ["r", "reading", "Reading is enough."])
    def test_it_keeps_its_pace(self, typed: str, home: Home, terminal: pexpect.spawn[str]) -> None:
        """By its letter or in words; what is said tells how to undo it."""
        terminal.sendline(typed)
        for line in KEEPS_PACE.split("\n"):
            terminal.expect_exact(line)
        assert in_config(home) is False
        eventually(lambda: home.json("status")["pace"]["per_day"] == 4, "it is full again")

    def test_it_can_still_be_answered(self, home: Home, terminal: pexpect.spawn[str]) -> None:
        """There, as before; a second time says the same and changes nothing."""
        for _ in range(2):
            terminal.sendline("r")
            terminal.expect_exact("It keeps its pace")
        assert home.history()[0]["response"] is None
        terminal.sendline("h")
        terminal.expect_exact("Noted.")
        assert home.history()[0]["response"] == "hard"
        terminal.sendline("r")
        terminal.expect_exact("Nothing is open here now.")

    def test_where_it_cannot_be_kept(self, home: Home, terminal: pexpect.spawn[str]) -> None:
        """It says what to do, and nothing of having done it."""
        home.configure(home.config.read_text("utf-8") + "sond = 1\n")
        terminal.sendline("r")
        for line in NOT_CHANGED.split("\n"):
            terminal.expect_exact(line)
        assert "keeps its pace" not in str(terminal.before)
        terminal.sendline("d")
        terminal.expect_exact("Noted.")
        assert home.history()[0]["response"] == "done"

    def test_it_is_not_understood_where_it_is_not_asked(
        self, home: Home, terminal: pexpect.spawn[str]
    ) -> None:
        """The next practice has *Later* again."""
        assert home.run("now").returncode == 0
        terminal.expect_exact("l for Later, then Enter.")
        terminal.sendline("r")
        terminal.expect_exact("Understood here:")
        assert in_config(home) is True
