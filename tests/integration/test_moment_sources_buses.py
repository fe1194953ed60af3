"""Buses that hang, die, or are not there: nothing is known, and that is all."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import time
from typing import TYPE_CHECKING, Final

import pytest
from dbus_fast import Variant

from reminderd.adapters.desktop import listener
from reminderd.adapters.desktop.linux import LinuxDesktop
from reminderd.core.model import Context
from tests.integration.desktops import bus_in
from tests.integration.played_services import Logind, ScreenSaver
from tests.integration.watched_desktop import NOWHERE, PLUGINS, QUIET, known, watching

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.desktops import PrivateBus

pytest_plugins = PLUGINS
pytestmark = pytest.mark.desktop

START_SECONDS: Final = 2.5
"""Two are promised; a busy machine takes a little longer."""


@pytest.fixture(autouse=True)
def calm(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No library complains of an exception that nobody caught, nor of what was left open."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.uncounted
async def test_when_the_bus_dies_nothing_is_known(one_bus: PrivateBus) -> None:
    """And nobody is kept busy by that."""
    async with ScreenSaver(one_bus.address) as saver, watching() as watched:
        saver.lock(True)
        await watched.tells(locked=True)
        await asyncio.to_thread(one_bus.kill)
        await watched.tells(locked=None)
        assert watched.changes == 2
        used = time.process_time()
        for _ in range(3):
            assert known(await watched.closely()) == {}
            await asyncio.sleep(0.1)
        assert time.process_time() - used < 0.15
        assert watched.changes == 2
        saver._bus = None  # noqa: SLF001 -- whose bus it was is no more


async def test_a_bus_that_comes_back_is_heard_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, as what it signals else goes unheard: a sleep, a lock."""
    monkeypatch.setattr(listener, "_REJOIN_SECONDS", (0.1, 0.1, 5.0))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", NOWHERE)
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with bus_in(folders[0], os.environ) as first, bus_in(folders[1], os.environ) as second:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", first.address)
        async with Logind(first.address) as gone, Logind(second.address) as logind:
            logind.properties[logind.path, logind.session]["LockedHint"] = Variant("b", True)
            async with watching() as watched:
                assert known(await watched.now()) == {"locked": False, "inactive": False}
                await asyncio.to_thread(first.kill)
                await watched.tells(locked=None)
                gone._bus = None  # noqa: SLF001 -- whose bus it was is no more
                monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", second.address)
                changes = watched.changes
                await watched.tells(locked=True)
                logind.lock(False)
                await watched.tells(locked=False)
                assert watched.changes == changes + 3  # it is reason for a look by itself


async def test_a_bus_that_comes_later_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: it is looked for when it matters, and not each time."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, NOWHERE)
    with bus_in(tmp_path, os.environ) as bus:
        async with ScreenSaver(bus.address) as saver, watching() as watched:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
            assert known(await watched.closely()) == {}
            monkeypatch.setattr(listener, "_RETRY_SECONDS", 0.0)
            assert known(await watched.closely()) == {"locked": False}
            saver.lock(True)
            await watched.tells(locked=True)


@pytest.fixture
def deaf_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A bus that takes everybody in, and says nothing."""
    path = f"{tmp_path}/bus"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
            monkeypatch.setenv(name, f"unix:path={path}")
        yield server


async def test_a_bus_that_hangs_holds_up_nobody_for_long(
    deaf_bus: socket.socket, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything of it left open."""
    monkeypatch.setattr(listener, "_RETRY_SECONDS", 0.0)
    begun = time.monotonic()
    async with watching() as watched:
        assert time.monotonic() - begun < 1.0
        opened = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- the same look twice
        begun = time.monotonic()
        assert known(await watched.closely()) == {}
        assert time.monotonic() - begun < 1.0
        assert len(os.listdir("/proc/self/fd")) == opened  # noqa: PTH208


async def test_one_that_never_started_tells_nothing(one_bus: PrivateBus) -> None:
    desktop = LinuxDesktop(lambda: None, {})
    assert await desktop.context(closely=False) == Context()
    await desktop.stop()
    await desktop.start()
    assert await desktop.context(closely=True) == Context(in_call=False)


async def test_it_may_be_stopped_while_it_starts(deaf_bus: socket.socket) -> None:
    desktop = LinuxDesktop(lambda: None, {})
    desktop.heed(QUIET)
    starting = asyncio.create_task(desktop.start())
    await asyncio.sleep(0)
    await desktop.stop()
    async with asyncio.timeout(START_SECONDS):
        await starting
    assert await desktop.context(closely=True) == Context()


async def test_two_may_look_at_once(one_bus: PrivateBus) -> None:
    async with Logind(one_bus.address), watching() as watched:
        told = await asyncio.gather(*(watched.closely() for _ in range(5)))
        assert {one.locked for one in told} == {False}
        assert watched.changes == 0


async def test_two_who_want_a_connection_get_the_same(one_bus: PrivateBus) -> None:
    """A look, and what follows a loss: nothing stays open, and nothing is listened to twice."""
    async with ScreenSaver(one_bus.address) as saver:
        desktop = LinuxDesktop(lambda: None, {"XDG_CURRENT_DESKTOP": "i3"})
        desktop.heed(QUIET)
        before = _connections(one_bus)
        async with asyncio.TaskGroup() as looks:
            for _ in range(4):
                looks.create_task(desktop.context(closely=True))
        assert _connections(one_bus) == before + 2  # as the session's bus, and as the system's
        saver.lock(True)
        assert (await desktop.context(closely=True)).locked is True
        await desktop.stop()
        assert _connections(one_bus) == before


def _connections(bus: PrivateBus) -> int:
    """Return how many are on a bus, beside the one who asks."""
    return bus.ask("ListNames").count('string ":')
