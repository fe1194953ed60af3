"""The daemon and a played server: presses, replies and restarts at odd moments."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from tests.integration.daemons import QUIET_CONFIG
from tests.integration.fake_server import FakeServer
from tests.integration.played_desk import PROMPT, TITLE, full_disk, held_database

if TYPE_CHECKING:
    from tests.integration.desktops import PrivateBus
    from tests.integration.played_desk import Desk

pytest_plugins = [
    "tests.integration.daemons",
    "tests.integration.desktops",
    "tests.integration.played_desk",
]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]

DISCREET = QUIET_CONFIG + '[notification]\ndiscreet = "always"\n'
ALWAYS_QUIET = QUIET_CONFIG.replace("hours = []", 'hours = ["00:00-24:00"]')


class TestAnotherView:
    """A click on the text, or *Show*: the person wants to read it, whatever else is the matter."""

    @pytest.mark.parametrize("key", ["default", "show"])
    async def test_comes_while_the_database_is_held(self, desk: Desk, key: str) -> None:
        """That it came is recorded later: after a restart it has the place of the right one."""
        desk.server.closes_on_press = True
        desk.home.configure(DISCREET if key == "show" else QUIET_CONFIG)
        async with desk.living() as daemon:
            one = await desk.bring()
            with held_database(desk):
                desk.server.press(one, key)
                await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert desk.server.shown[1].summary == TITLE
            (stands,) = desk.server.standing
            await desk.soon(lambda: desk.recorded_id() == stands, "it is recorded")
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            await desk.server.until(lambda: len(desk.server.shown) == 3)
            assert desk.server.shown[2].replaces == stands

    async def test_comes_though_the_disk_is_full(self, desk: Desk) -> None:
        """Reading needs no room."""
        desk.server.closes_on_press = True
        async with desk.living() as daemon:
            one = await desk.bring()
            with full_disk(daemon):
                desk.server.press(one, "default")
                await desk.server.until(lambda: len(desk.server.shown) == 2)
            daemon.process.send_signal(signal.SIGHUP)  # instead of waiting for the next try
            desk.server.press(desk.server.shown[1].id, "not-today")
            await desk.answered("not-today")

    async def test_waved_away_before_it_is_recorded_stays_away(self, desk: Desk) -> None:
        """What happened to it is recorded in the order in which it happened."""
        async with desk.living() as daemon:
            one = await desk.bring()
            with full_disk(daemon):
                desk.server.press(one, "default")
                await desk.server.until(lambda: len(desk.server.shown) == 2)
                await desk.server.settled()
            (stands,) = desk.server.standing
            desk.server.close(stands, 2)
            await desk.soon(lambda: desk.recorded_id() is None, "it is recorded")
            await asyncio.to_thread(daemon.end)
        async with desk.living():
            await desk.server.settled()
            assert len(desk.server.shown) == 2

    async def test_comes_once_though_the_click_is_told_twice(self, desk: Desk) -> None:
        """Else the second would turn it back at once."""
        desk.server.doubled = True
        async with desk.living():
            desk.server.press(await desk.bring(), "default")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            await desk.server.settled()
            await desk.status()
            assert ["not-for-me" in one.actions for one in desk.server.shown] == [False, True]

    async def test_can_be_asked_for_again_after_refusals(self, desk: Desk) -> None:
        """The click is not used up by a server that took nothing for a while."""
        async with desk.living():
            one = await desk.bring()
            desk.server.refuse = "org.example.Busy"
            desk.server.press(one, "default")
            await desk.soon(lambda: desk.server.asked["Notify"] == 4, "it was tried three times")
            await desk.server.settled()
            await desk.status()  # the last refusal has been read
            desk.server.refuse = ""
            desk.server.press(one, "default")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            assert "not-for-me" in desk.server.shown[1].actions


class TestARestartAtABadMoment:
    """Nothing is put up again then, and nothing is left whose buttons lead nowhere."""

    @pytest.mark.parametrize("tells_all", [False, True])
    async def test_in_a_pause(self, desk: Desk, tells_all: bool) -> None:
        """It goes, and comes back with the end of the pause, in the view that answers it."""
        desk.server.broadcast = tells_all
        async with desk.living() as daemon:
            desk.server.press(await desk.bring(), "default")
            await desk.server.until(lambda: len(desk.server.shown) == 2)
            await desk.server.settled()
            await desk.run("pause", "2h")
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            await desk.server.until(lambda: not desk.server.standing)
            assert (await desk.status())["open"] is not None
            await desk.run("resume")
            await desk.server.until(lambda: len(desk.server.shown) == 3)
            desk.server.press(desk.server.shown[2].id, "done")
            await desk.answered("done")

    async def test_on_a_server_that_lingers(self, desk: Desk) -> None:
        """It closes by a replacement; that of an id which is gone would pop up in the pause."""
        desk.server.name, desk.server.vendor = "Notification Daemon", "GNOME"
        async with desk.living() as daemon:
            await desk.bring()
            await desk.run("pause", "2h")
            await asyncio.to_thread(daemon.end)
        desk.server.standing.clear()  # it took down what was replaced
        before = len(desk.server.shown)
        for _ in range(2):
            async with desk.living() as daemon:
                await desk.status()
                await desk.server.settled()
                await asyncio.to_thread(daemon.end)
        assert len(desk.server.shown) == before
        async with desk.living():
            await desk.run("resume")
            await desk.server.until(lambda: len(desk.server.shown) == before + 1)
            assert desk.server.shown[before].summary == TITLE
            assert not desk.server.shown[before].replaces

    async def test_where_the_server_refuses_it(self, desk: Desk) -> None:
        """What stands of it is left, whatever wakes the daemon while it waits to try again."""
        desk.server.broadcast = True
        async with desk.living() as daemon:
            one = await desk.bring()
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        desk.server.refuse = "org.example.Busy"
        async with desk.living():
            await desk.server.until(lambda: desk.server.asked["Notify"] == 2)
            await desk.status()
            await desk.run("resume")
            await desk.status()
            await desk.server.settled()
            assert list(desk.server.standing) == [one]
            desk.server.press(one, "done")
            await desk.answered("done")

    async def test_in_quiet_hours(self, desk: Desk) -> None:
        """What was asked for by hand came all the same; after a restart it goes."""
        desk.home.configure(ALWAYS_QUIET)
        async with desk.living() as daemon:
            await desk.bring()
            await asyncio.to_thread(daemon.end, signal.SIGKILL)
        async with desk.living():
            await desk.server.until(lambda: not desk.server.standing)
            await desk.run("respond", "done")
            await desk.answered("done")


class TestALateReply:
    async def test_of_a_server_that_lost_its_name(
        self, desk: Desk, private_bus: PrivateBus
    ) -> None:
        """What it shows is taken down; the practice stands on the server that is there now."""
        desk.server.silent.add("Notify")
        async with desk.living():
            asking = asyncio.create_task(desk.run("now", "--prompt", PROMPT))
            await desk.server.until(lambda: "Notify" in desk.server.asked)
            async with FakeServer(private_bus.address) as other:
                await other.settled()
                desk.server.silent.clear()
                desk.server.answer_late()
                await asking
                await other.until(lambda: bool(other.standing))
                await desk.server.until(lambda: not desk.server.standing)

    async def test_after_a_press_and_much_talk_of_others(self, desk: Desk) -> None:
        """A server may tell everybody of everything, and of the press before it replies."""
        server = desk.server
        server.broadcast = True

        def talk(server_id: int) -> None:
            for other in range(200):
                server.close(server_id + 1 + other, 1)
            server.press(server_id, "done")

        server.before_reply = talk
        async with desk.living():
            await desk.run("now", "--prompt", PROMPT)
            await desk.answered("done")
