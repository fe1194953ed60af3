"""Away: what Mutter's idle monitor signals, and what an X server has to be asked for."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from dbus_fast import Message, Variant

from reminderd.adapters.desktop import idle
from reminderd.core.model import Reason
from tests.integration.desktops import PATIENCE_SECONDS
from tests.integration.played_services import Logind, Mutter
from tests.integration.watched_desktop import AWAY_AFTER, PLUGINS, QUIET, known, watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.integration.desktops import PrivateBus, Screen

pytest_plugins = PLUGINS
pytestmark = [pytest.mark.desktop, pytest.mark.usefixtures("no_system_bus")]

SIGNATURES: Final = {
    "GetIdletime": "",
    "AddIdleWatch": "t",
    "AddUserActiveWatch": "",
    "RemoveWatch": "u",
}
"""What each method of it takes."""


class StrictMutter(Mutter):
    """An idle monitor that wants to be called as the real one.

    Attributes:
        asked: How often for how long nobody was there.
    """

    asked = 0

    def _answer(self, message: Message) -> Message:
        member = message.member or ""
        if message.signature != SIGNATURES.get(member, message.signature):
            return Message.new_error(message, "org.freedesktop.DBus.Error.InvalidArgs", member)
        self.asked += member == "GetIdletime"
        return super()._answer(message)

    def armed(self) -> list[int]:
        """Return after how many milliseconds each of its watches fires, 0 for the next touch."""
        return sorted(self.watches.values())

    async def has(self, watches: list[int]) -> None:
        """Wait until it has these watches, with nobody looking."""
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if self.armed() == watches:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"waited in vain for {watches}: {self.armed()}")

    def fire(self, number: int) -> None:
        self.emit(self.path, self.name, "WatchFired", "u", [number])


@pytest.fixture
async def mutter(private_bus: PrivateBus) -> AsyncIterator[StrictMutter]:
    async with StrictMutter(private_bus.address) as mutter:
        yield mutter


async def test_mutter_tells_who_leaves_and_who_comes_back(mutter: StrictMutter) -> None:
    async with watching() as watched:
        assert known(await watched.now()) == {"away_seconds": 0}
        assert watched.desktop.sources()[Reason.AWAY] == "Mutter"
        for count in range(3):
            assert watched.changes == 2 * count
            assert mutter.armed() == [AWAY_AFTER * 1000]
            mutter.leave(True)
            await watched.tells(away_seconds=AWAY_AFTER)
            told = await watched.closely()
            assert known(told) == {"away_seconds": AWAY_AFTER}  # which is signalled
            assert mutter.armed() == [0, AWAY_AFTER * 1000]
            mutter.leave(False)
            await watched.tells(away_seconds=0)


async def test_who_is_away_already_is_known_to_be(mutter: StrictMutter) -> None:
    mutter.idle_seconds = 2 * AWAY_AFTER
    async with watching() as watched:
        assert known(await watched.now()) == {"away_seconds": 2 * AWAY_AFTER}
        assert watched.changes == 1
        mutter.leave(False)
        await watched.tells(away_seconds=0)
        assert watched.changes == 2


async def test_how_long_counts_as_away_may_change(mutter: StrictMutter) -> None:
    """Its watches follow, and none is left behind."""
    async with watching(quiet=replace(QUIET, when_away=None)) as watched:
        assert known(await watched.closely()) == {}
        assert mutter.armed() == []
        for after in (60, 600, None, 120):
            watched.desktop.heed(replace(QUIET, when_away=after))
            await mutter.has([] if after is None else [after * 1000])
        mutter.leave(True)
        await watched.tells(away_seconds=120)
        mutter.leave(False)
        await watched.tells(away_seconds=0)


async def test_another_mutter_is_told_what_to_watch(private_bus: PrivateBus) -> None:
    async with watching() as watched:
        for _ in range(2):
            before = watched.changes
            async with StrictMutter(private_bus.address) as mutter:
                await watched.tells(away_seconds=0)
                mutter.leave(True)
                await watched.tells(away_seconds=AWAY_AFTER)
                mutter.leave(False)
                await watched.tells(away_seconds=0)
                mutter.leave(True)
                await watched.tells(away_seconds=AWAY_AFTER)
            await watched.tells(away_seconds=None)
            assert watched.changes == before + 4


async def test_others_watches_are_not_ours(mutter: StrictMutter) -> None:
    async with watching() as watched:
        before = mutter.asked
        mutter.fire(4711)
        mutter.emit(mutter.path, mutter.name, "WatchFired", "", [])
        mutter.emit(mutter.path, mutter.name, "WatchFired", "s", ["1"])
        await watched.closely()
        assert mutter.asked == before + 1
        assert watched.changes == 0


async def test_between_two_signals_nobody_is_asked(mutter: StrictMutter) -> None:
    async with watching() as watched:
        mutter.leave(True)
        await watched.tells(away_seconds=AWAY_AFTER)
        before = mutter.asked
        for _ in range(10):
            await watched.now()
        assert mutter.asked == before


def press(screen: Screen) -> None:
    subprocess.run(["xdotool", "key", "Shift_L"], env={"DISPLAY": screen.display}, check=True)


async def test_an_x_server_is_asked(private_bus: PrivateBus, screen: Screen) -> None:
    """It signals nothing, so what it tells counts when it matters, and is known to need a look."""
    async with watching({"DISPLAY": screen.display}) as watched:
        assert watched.desktop.sources()[Reason.AWAY] == "X11"
        away = await watched.comes_to(lambda told: (told.away_seconds or 0) >= 1)
        assert away.unsignalled == {Reason.AWAY}
        assert known(await watched.now()) == {}
        press(screen)
        back = await watched.closely()
        assert back.away_seconds == 0
        assert back.unsignalled == frozenset()
        assert watched.changes == 0


async def test_an_x_server_is_not_asked_in_vain(
    screen: Screen, mutter: StrictMutter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where something signals it, or nobody wants to know."""
    async with watching({"DISPLAY": screen.display}) as watched:
        mutter.idle_seconds = 77
        monkeypatch.setattr(idle, "_ask_x11", lambda _: 4711)
        assert known(await watched.closely()) == {"away_seconds": 77}
        assert watched.desktop.sources()[Reason.AWAY] == "Mutter"
    not_heeded = replace(QUIET, when_away=None)
    async with watching({"DISPLAY": screen.display}, not_heeded) as watched:
        assert known(await watched.closely()) == {}
        assert Reason.AWAY not in watched.desktop.sources()


async def test_an_x_server_is_asked_until_logind_has_ever_been_told(
    private_bus: PrivateBus, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare window manager gives logind no hint: that there is none says nothing."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", private_bus.address)
    async with (
        Logind(private_bus.address) as logind,
        watching({"DISPLAY": screen.display}) as watched,
    ):
        assert (await watched.closely()).away_seconds is not None
        assert watched.desktop.sources()[Reason.AWAY] == "X11"
        logind.change(
            logind.path,
            logind.session,
            IdleHint=Variant("b", False),
            IdleSinceHint=Variant("t", 1_700_000_000_000_000),
        )
        await watched.tells(away_seconds=0)
        await watched.closely()
        assert watched.desktop.sources()[Reason.AWAY] == "logind"


@pytest.fixture
def deaf_display(screen: Screen) -> Iterator[str]:
    """An X server that takes everybody in, and says nothing; the other has made their folder."""
    with socket.socket(socket.AF_UNIX) as server:
        number = next(n for n in range(200, 300) if _free(server, n))
        server.listen()
        yield f":{number}"
    os.unlink(f"/tmp/.X11-unix/X{number}")  # noqa: PTH108, S108 -- where X servers are looked for


def _free(server: socket.socket, number: int) -> bool:
    try:
        server.bind(f"/tmp/.X11-unix/X{number}")  # noqa: S108 -- as above
    except OSError:
        return False
    return True


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-xlib leaves it so
async def test_where_there_is_no_x_server_nothing_is_known(
    private_bus: PrivateBus, capfd: pytest.CaptureFixture[str]
) -> None:
    async with watching({"DISPLAY": ":99999"}) as watched:
        assert known(await watched.closely()) == {}
        assert Reason.AWAY not in watched.desktop.sources()
    assert capfd.readouterr() == ("", "")


async def test_an_x_server_that_hangs_tells_nothing(
    private_bus: PrivateBus, deaf_display: str
) -> None:
    """However often it is asked: there is one who waits for it, and no more."""
    begun = time.monotonic()
    async with watching({"DISPLAY": deaf_display}) as watched:
        for _ in range(3):
            assert known(await watched.closely()) == {}
        assert time.monotonic() - begun < 2.5
        waiting = [one for one in threading.enumerate() if one.name == "x11 idle time"]
        assert len(waiting) == 1
