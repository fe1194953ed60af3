"""Locked as screen savers tell it beside logind, and what else is reason to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from dbus_fast import Variant

from reminderd.core.model import Reason
from tests.integration.played_services import Logind, Played, ScreenSaver
from tests.integration.watched_desktop import PLUGINS, known, watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.desktops import PrivateBus

pytest_plugins = PLUGINS
pytestmark = pytest.mark.desktop

MANAGER: Final = "org.freedesktop.login1.Manager"
LOGIN: Final = "/org/freedesktop/login1"
HERE: Final = {"locked": False, "inactive": False}


@pytest.fixture
async def logind(one_bus: PrivateBus) -> AsyncIterator[Logind]:
    """A logind with one session of the person's."""
    async with Logind(one_bus.address) as logind:
        yield logind


SAVERS: Final = [
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "the screen saver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver", "the screen saver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "GNOME"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver", "MATE"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver", "Cinnamon"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver", "Xfce"),
]


class Saver(ScreenSaver):
    """A screen saver at whatever object its makers chose."""

    def __init__(self, address: str, name: str, path: str) -> None:
        super().__init__(address, name)
        self._path = path
        self.methods = {(path, name, "GetActive"): lambda _: ("b", [self._active])}


@pytest.mark.parametrize(("name", "path", "told_by"), SAVERS)
async def test_a_screen_saver_locks(
    one_bus: PrivateBus, name: str, path: str, told_by: str
) -> None:
    async with watching() as watched:
        async with Saver(one_bus.address, name, path) as saver:
            await watched.tells(locked=False)
            assert watched.desktop.sources()[Reason.LOCKED] == told_by
            for locked in (True, False, True):
                saver.lock(locked)
                await watched.tells(locked=locked)
            saver.lock(True)
            assert known(await watched.closely()) == {"locked": True}
            assert watched.changes == 3
        await watched.tells(locked=None)
        assert watched.changes == 4


async def test_a_screen_that_is_locked_by_either_is_locked(
    one_bus: PrivateBus, logind: Logind
) -> None:
    """logind's hint says no for ever where the locker does not tell it."""
    async with ScreenSaver(one_bus.address) as saver, watching() as watched:
        saver.lock(True)
        await watched.tells(locked=True)
        assert watched.desktop.sources()[Reason.LOCKED] == "GNOME, logind"
        logind.lock(True)
        await watched.settled()
        saver.lock(False)
        await watched.settled()
        assert known(await watched.now()) == HERE | {"locked": True}
        assert watched.changes == 1


async def test_who_wakes_up_or_travels_is_looked_after(one_bus: PrivateBus, logind: Logind) -> None:
    """After a sleep and for another time zone; not before the sleep, nor for other news."""
    timedate, path = "org.freedesktop.timedate1", "/org/freedesktop/timedate1"
    async with (
        Played(one_bus.address, timedate) as clock,
        watching() as watched,
    ):
        logind.sleep(True)
        await watched.settled()
        assert watched.changes == 0
        logind.sleep(False)
        await watched.settled()
        assert watched.changes == 1
        clock.change(path, timedate, Timezone=Variant("s", "Asia/Tokyo"))
        await watched.settled()
        assert watched.changes == 2
        logind.emit(LOGIN, MANAGER, "PrepareForShutdown", "b", [False])
        logind.emit(LOGIN, MANAGER, "PrepareForSleep", "", [])
        clock.change(path, "org.freedesktop.Other", Timezone=Variant("s", "Asia/Tokyo"))
        await watched.settled()
        assert watched.changes == 2
        assert known(await watched.now()) == HERE


async def test_who_comes_and_goes_is_told(one_bus: PrivateBus) -> None:
    """`why` is to name those who are there, though they say that all is well."""
    async with watching() as watched:
        assert watched.meetings == 0
        async with Logind(one_bus.address):
            await watched.tells(locked=False)
            assert watched.meetings == 1
            assert watched.desktop.sources()[Reason.LOCKED] == "logind"
        await watched.tells(locked=None)
        assert watched.meetings == 2
        assert watched.changes == 0
