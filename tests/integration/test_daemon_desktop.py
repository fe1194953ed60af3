"""The daemon and a notification server that the test plays: restarts, answers, a full disk."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.core.words import KEPT, NOT_STORED, PASSING, STORED_NOW
from tests.integration.daemons import QUIET_CONFIG
from tests.integration.played_desk import PROMPT, TITLE, full_disk, held_database

if TYPE_CHECKING:
    from tests.integration.played_desk import Desk

pytest_plugins = [
    "tests.integration.daemons",
    "tests.integration.desktops",
    "tests.integration.played_desk",
]
pytestmark = pytest.mark.desktop


class TestRestarts:
    """What is open is put up again once, silently, and answered as before."""

    async def test_of_a_daemon_that_was_killed(self, desk: Desk) -> None:
        """In the place of the one whose buttons are dead; after a second time it is taken down."""
        async with desk.living() as daemon:
            first = await desk.bring()
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living() as daemon:
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            again = desk.server.shown[1]
            assert (again.summary, again.replaces) == (TITLE, first)
            assert again.hints["suppress-sound"] is True
            assert list(desk.server.standing) == [first]
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            await desk.server.until(lambda: not desk.server.standing)
            assert len(desk.server.shown) == 2
            assert (await desk.status())["open"] is not None

    async def test_with_another_practice_due(self, desk: Desk) -> None:
        """What the killed daemon left standing makes room for it: there are never two."""
        async with desk.living() as daemon:
            first = await desk.bring()
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        desk.home.plan_slot(datetime.now() - timedelta(minutes=2))  # noqa: DTZ005 -- wall time
        desk.home.configure(QUIET_CONFIG.replace('"1m"', '"0m"'))
        with desk.home.store() as (store, present):
            store.deliveries.add_now(present, timedelta(minutes=2), "slow-small-ask", None)
        async with desk.living():
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert desk.server.closed == [first]
            assert [one.id for one in desk.server.standing.values()] == [desk.server.shown[1].id]

    async def test_its_buttons_work_as_before(self, desk: Desk) -> None:
        """The new daemon hears them, and the history has one showing."""
        async with desk.living() as daemon:
            await desk.bring()
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            desk.server.press(1, "done")
            await desk.answered("done")
            await desk.server.until(lambda: not desk.server.standing)
            assert len(await asyncio.to_thread(desk.home.history)) == 2  # and the skipped first one

    async def test_of_a_daemon_that_was_told_to_end(self, desk: Desk) -> None:
        """It takes down what stands, and the next one puts it up again."""
        async with desk.living() as daemon:
            await desk.bring()
            await asyncio.to_thread(daemon.end)
            assert not desk.server.standing
        async with desk.living():
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert desk.server.shown[1].summary == TITLE

    async def test_of_the_server(self, desk: Desk) -> None:
        """Its ids begin again; once, however often it restarts."""
        async with desk.living():
            await desk.bring()
            await desk.server.come_back()
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert desk.server.shown[1].replaces == 0
            desk.server.press(1, "later")
            await desk.answered("later")

            await desk.server.come_back()
            await desk.run("status")
            await desk.server.settled()
            assert len(desk.server.shown) == 2

    async def test_of_a_server_that_comes_back_twice(self, desk: Desk) -> None:
        """The second time it is not put up again; the command line still takes its answer."""
        async with desk.living():
            await desk.bring()
            for _ in range(3):
                await desk.server.come_back()
                await asyncio.sleep(0.3)
            assert len(desk.server.shown) == 2
            await desk.run("respond", "done")

    @pytest.mark.parametrize("how", ["dismissed", "answered"])
    async def test_of_what_is_over_nothing_comes_again(self, desk: Desk, how: str) -> None:
        """Neither what was waved away nor what was answered."""
        async with desk.living() as daemon:
            one = await desk.bring()
            if how == "dismissed":
                desk.server.close(one, 2)
                await desk.server.settled()
                await desk.run("status")
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        if how == "answered":
            await desk.run("respond", "done")
        async with desk.living():
            await desk.server.until(lambda: not desk.server.standing)
            await asyncio.sleep(0.5)
            assert len(desk.server.shown) == 1


class TestAnswers:
    async def test_a_command_closes_it_at_once(self, desk: Desk) -> None:
        """And a press that is under way meanwhile changes nothing."""
        async with desk.living():
            one = await desk.bring()
            await desk.run("respond", "done")
            await desk.server.until(lambda: not desk.server.standing)
            desk.server.press(one, "hard", to=desk.server.shown[0].sender)
            await desk.server.settled()
            await desk.run("status")
            await desk.answered("done")

    async def test_a_reply_is_kept_as_a_note(self, desk: Desk) -> None:
        """Word for word, beside the answer of the first button."""
        desk.server.capabilities = (*desk.server.capabilities, "inline-reply")
        async with desk.living():
            one = await desk.bring("slow-small-ask")
            desk.server.reply(one, "I asked — it was fine.")
            await desk.answered("taken")
            assert (await desk.newest())["note"] == "I asked — it was fine."

    async def test_hard_is_met_with_a_line(self, desk: Desk) -> None:
        """Which passes, and is no delivery."""
        async with desk.living():
            one = await desk.bring()
            desk.server.press(one, "hard")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert desk.server.shown[1].text == PASSING["hard"]
            await desk.answered("hard")

    async def test_a_click_puts_it_up_in_full(self, desk: Desk) -> None:
        """It answers nothing; *Not for me* there retires the prompt."""
        async with desk.living():
            one = await desk.bring()
            desk.server.press(one, "default")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            full = desk.server.shown[1]
            cue = (await desk.run("show")).split("\n\n")[2]
            assert cue.splitlines()[0] in full.body
            assert (await desk.newest())["response"] is None
            desk.server.press(full.id, "not-for-me")
            await desk.answered("not-for-me")
            assert "off" in (await desk.run("prompts", "show", PROMPT))

    @pytest.mark.parametrize("closes", [True, False])
    async def test_quiet_for_a_week(self, desk: Desk, closes: bool) -> None:
        """A pause that says how to end it; nothing is answered, nothing comes again."""
        desk.server.closes_on_press = closes
        async with desk.living() as daemon:
            one = await desk.bring()
            desk.server.press(one, "default")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            desk.server.press(desk.server.shown[1].id, "quiet-week")
            await desk.server.until(lambda: len(desk.server.shown) == 3)
            assert desk.server.shown[2].text == PASSING["quiet-week"]
            until = datetime.fromisoformat((await desk.status())["paused_until"])
            week = until - datetime.now().astimezone()
            assert timedelta(days=6, hours=23) < week < timedelta(days=7, hours=1)
            await desk.answered(None)
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            assert len(desk.server.shown) == 3


class TestABusyDatabase:
    async def test_a_quiet_week_is_stored_and_what_stood_goes(self, desk: Desk) -> None:
        """With the line that says how to end it, as if there had been no delay."""
        async with desk.living():
            one = await desk.bring()
            desk.server.press(one, "default")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            await desk.server.settled()
            with held_database(desk):
                desk.server.press(one, "quiet-week")
                await asyncio.sleep(0.6)
            await desk.server.until(lambda: len(desk.server.shown) == 3)
            assert desk.server.shown[2].text == PASSING["quiet-week"]
            assert list(desk.server.standing) == [desk.server.shown[2].id]

    async def test_what_was_waved_away_stays_away(self, desk: Desk) -> None:
        """That it went is recorded once this is possible, and it is not put up again."""
        async with desk.living() as daemon:
            one = await desk.bring()
            with held_database(desk):
                desk.server.close(one, 2)
                await asyncio.sleep(0.6)
            await desk.soon(lambda: desk.recorded_id() is None, "it is recorded")
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            assert len(desk.server.shown) == 1


class TestAFullDisk:
    async def test_a_press_is_kept_and_told(self, desk: Desk) -> None:
        """It is stored once there is room, and the person knows both."""
        async with desk.living() as daemon:
            one = await desk.bring()
            with full_disk(daemon):
                desk.server.press(one, "done")
                await desk.server.until(lambda: len(desk.server.shown) == 2)
                assert desk.server.shown[1].text == KEPT
                assert (await desk.newest())["response"] is None
                assert TITLE not in daemon.complained()
            daemon.process.send_signal(signal.SIGHUP)  # instead of waiting for the next try
            await desk.answered("done")
            await desk.server.until(lambda: len(desk.server.shown) == 3)
            assert desk.server.shown[2].text == STORED_NOW

    async def test_what_is_lost_is_told(self, desk: Desk) -> None:
        """A daemon that has to end before there is room says how to answer again."""
        async with desk.living() as daemon:
            one = await desk.bring()
            with full_disk(daemon):
                desk.server.press(one, "done")
                await desk.server.until(lambda: len(desk.server.shown) == 2)
                await asyncio.to_thread(daemon.end)
            assert desk.server.shown[-1].text == NOT_STORED
            assert list(desk.server.standing) == [desk.server.shown[-1].id]
        await desk.run("respond", "done", "--delivery", "last")


async def test_nothing_private_is_in_the_log_or_the_process_list(desk: Desk) -> None:
    """Neither words of a practice nor a note nor an answer, whatever happens."""
    desk.server.capabilities = (*desk.server.capabilities, "inline-reply")
    desk.home.configure(QUIET_CONFIG + '[notification]\ndiscreet = "never"\n')
    secrets = {"by the lake", "not-for-me"}
    processes: set[str] = set()

    def look() -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (process / "cmdline").read_bytes().decode(errors="replace")
                if bytes(desk.home.folder) in (process / "environ").read_bytes():
                    processes.add(line)

    async with desk.living() as daemon:
        desk.home.plan_slot()
        daemon.process.send_signal(signal.SIGHUP)
        await desk.server.until(lambda: bool(desk.server.shown))
        secrets |= {desk.server.shown[0].summary, desk.server.shown[0].body}
        look()
        desk.server.press(1, "default")
        await desk.server.until(lambda: len(desk.server.shown) == 2)
        desk.server.reply(1, "by the lake")
        desk.server.press(desk.server.shown[1].id, "not-for-me")
        await desk.answered("not-for-me")
        look()
        desk.server.refuse = "org.example.Full"
        await desk.run("now")
        await desk.server.come_back()
        look()
        said = daemon.complained() + daemon.said()
    assert any("reminderd" in line for line in processes)
    assert [one for one in secrets if one in said or one in "".join(processes)] == []
