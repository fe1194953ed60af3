"""The main job on a real dunst: a practice reaches the desktop, is answered, and is remembered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.daemons import PATIENCE_SECONDS, QUIET_CONFIG

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.integration.daemons import Home, RunningDaemon
    from tests.integration.desktops import Dunst

pytest_plugins = ["tests.integration.daemons", "tests.integration.desktops"]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]


async def soon(condition: Callable[[], bool], what: str) -> None:
    """Wait until something has happened, while dunst and the daemon go on."""
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        if await asyncio.to_thread(condition):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"waited in vain until {what}")


@pytest.fixture
def desk(home: Home, dunst: Dunst) -> Home:
    """A home on the desktop that dunst serves."""
    home.configure(QUIET_CONFIG)
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = dunst.bus.address
    return home


def living(desk: Home) -> AbstractContextManager[RunningDaemon]:
    """Start a daemon whose first practice is over."""
    desk.skip_first_practice()
    return desk.daemon()


def newest(desk: Home) -> dict[str, Any]:
    entry: dict[str, Any] = desk.history()[0]
    return entry


@pytest.mark.parametrize(
    ("prompt", "label", "response"),
    [
        ("slow-umbrella-not-key", "Done", "done"),
        ("slow-small-ask", "I'll try", "taken"),
        ("slow-small-ask", "Hard today", "hard"),
    ],
)
async def test_a_press_is_an_answer(
    prompt: str, label: str, response: str, desk: Home, dunst: Dunst
) -> None:
    """`now` draws the notification, and each button is its answer in the history."""
    with living(desk):
        await soon(desk.running, "the daemon is up")
        assert (await asyncio.to_thread(desk.run, "now", "--prompt", prompt)).returncode == 0
        assert await dunst.displayed() == 1
        await dunst.press(label)
        await soon(lambda: newest(desk)["response"] == response, "the answer is in the history")
        assert newest(desk)["outcome"] == "shown"
        title = (await dunst.past())[0]["summary"]
        assert title in await asyncio.to_thread(lambda: desk.run("show").stdout)


async def test_later_brings_it_again(desk: Home, dunst: Dunst) -> None:
    """*Later* takes it down, and the same practice comes again after the snooze time."""
    desk.configure(QUIET_CONFIG + '[notification]\nsnooze = "1s"\n')
    with living(desk):
        await soon(desk.running, "the daemon is up")
        await asyncio.to_thread(desk.run, "now", "--prompt", "slow-umbrella-not-key")
        await dunst.press("Later")
        await soon(lambda: newest(desk)["kind"] == "again", "it came again")
        again, before = desk.history()[:2]
        assert (again["kind"], again["prompt"]) == ("again", before["prompt"])
        assert (again["outcome"], before["response"]) == ("shown", "later")
        assert await dunst.displayed() == 1


async def test_an_answer_on_the_command_line_takes_it_down(desk: Home, dunst: Dunst) -> None:
    """What was answered elsewhere does not stand on the desktop any more."""
    with living(desk):
        await soon(desk.running, "the daemon is up")
        await asyncio.to_thread(desk.run, "now")
        assert await dunst.displayed() == 1
        await asyncio.to_thread(desk.run, "respond", "done")
        for _ in range(100):
            if await dunst.displayed() == 0:
                break
            await asyncio.sleep(0.05)
        assert await dunst.displayed() == 0


async def test_a_discreet_practice_is_uncovered_by_its_button(desk: Home, dunst: Dunst) -> None:
    """An intimate theme shows its neutral title alone, until the person presses *Show*."""
    with living(desk):
        await soon(desk.running, "the daemon is up")
        await asyncio.to_thread(desk.run, "now", "--prompt", "therapist-one-page")
        await dunst.press("Show")
        for _ in range(50):  # the uncovered one comes in a moment, and only then has this button
            await asyncio.sleep(0.2)
            await dunst.press("Done")
            if (await asyncio.to_thread(newest, desk))["response"] == "done":
                break
        await dunst.control("close-all")
        summaries = {entry["summary"] for entry in await dunst.past()}
        assert "One page of reading" in summaries


async def test_the_first_practice_waits_for_a_server(desk: Home, dunst: Dunst) -> None:
    """Started before the desktop's server, it holds, and comes as soon as there is one."""
    dunst.kill()
    with desk.daemon():
        await soon(lambda: desk.json("status")["held"] == "no-server", "it is held")
        await asyncio.to_thread(dunst.start)
        await soon(lambda: newest(desk)["outcome"] == "shown", "it has come")
        assert await dunst.displayed() == 1


async def test_the_daemon_leaves_when_the_bus_dies(desk: Home, dunst: Dunst) -> None:
    """With exit code 1 and a clear line, so that its supervisor starts it anew."""
    with living(desk) as daemon:
        await soon(desk.running, "the daemon is up")
        dunst.bus.kill()
        code = await asyncio.to_thread(daemon.process.wait, PATIENCE_SECONDS)
        assert code == 1
        assert "session bus" in daemon.complained()
        assert "Traceback" not in daemon.complained()
