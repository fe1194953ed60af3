"""A `LinuxDesktop` in the test's own loop: what it tells of the moment, and when it says so.

A test module that wants `one_bus`, `no_system_bus` or `impatient` lists `PLUGINS` as its
`pytest_plugins`.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Final

import pytest

from reminderd.adapters.desktop import linux
from reminderd.adapters.desktop.linux import LinuxDesktop
from reminderd.core.model import Context, Quiet
from tests.integration.desktops import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping

    from reminderd.core.model import Reason
    from tests.integration.desktops import PrivateBus

PLUGINS: Final = ["tests.integration.desktops", "tests.integration.watched_desktop"]
NOWHERE: Final = "unix:path=/nowhere"
AWAY_AFTER: Final = 300
QUIET: Final = Quiet(hours=(), in_call=False, when_away=AWAY_AFTER)
"""What is heeded: not calls, as what this machine records from is no test's concern."""


class WatchedDesktop:
    """What a desktop tells, and how often it said that something has changed.

    Attributes:
        changes: How often that was a reason to look again.
        meetings: How often others told of the moment than before.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.changes = self.meetings = 0
        self._met: Mapping[Reason, str] = {}
        self._told = _stands(Context())
        self.desktop = LinuxDesktop(self._changed, environ)

    def _changed(self) -> None:
        met, told = self.desktop.sources(), _stands(_at_once(self.desktop.context(closely=False)))
        if met != self._met:
            self.meetings += 1
        if told != self._told or met == self._met:
            self.changes += 1
        self._met, self._told = met, told

    async def now(self) -> Context:
        """Return what is known without asking anybody."""
        return await self.desktop.context(closely=False)

    async def closely(self) -> Context:
        """Return what is known when everybody is asked."""
        return await self.desktop.context(closely=True)

    async def settled(self) -> None:
        """Wait until all that was signalled before was heard: the bus keeps the order."""
        await self.closely()
        await self.closely()

    async def tells(self, **expected: object) -> None:
        """Wait until it tells this by itself: nobody is asked, so only a signal can do it."""
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if _fits(await self.now(), expected):
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"waited in vain for {expected}: {known(await self.now())}")

    async def comes_to(self, condition: Callable[[Context], bool]) -> Context:
        """Look closely until it is so; for what is told by nobody."""
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if condition(told := await self.closely()):
                return told
            await asyncio.sleep(0.01)
        pytest.fail(f"waited in vain: {known(await self.closely())}")

    async def once(self, do: Callable[[], object], **expected: object) -> None:
        """Do something, which changes what is told, once."""
        before = self.changes
        await asyncio.to_thread(do)
        await self.tells(**expected)
        assert _fits(await self.closely(), expected)
        assert self.changes == before + 1


def _at_once(asking: Coroutine[None, None, Context]) -> Context:
    """Return what is told without asking anybody."""
    try:
        asking.send(None)
    except StopIteration as done:
        told: Context = done.value
        return told
    raise AssertionError("nobody is to be asked")


def _stands(told: Context) -> tuple[bool, bool, bool, bool]:
    away = (told.away_seconds or 0) >= AWAY_AFTER
    return bool(told.do_not_disturb), bool(told.locked), bool(told.inactive), away


def _fits(context: Context, expected: Mapping[str, object]) -> bool:
    return all(getattr(context, name) == value for name, value in expected.items())


def known(context: Context) -> dict[str, object]:
    """Return what is known of it, by name."""
    unknown = Context()
    return {
        field.name: getattr(context, field.name)
        for field in fields(context)
        if getattr(context, field.name) != getattr(unknown, field.name)
    }


@asynccontextmanager
async def watching(
    environ: Mapping[str, str] | None = None, quiet: Quiet = QUIET
) -> AsyncIterator[WatchedDesktop]:
    """Have a desktop that has started; what nobody says of it is that of a bare window manager."""
    watched = WatchedDesktop({"XDG_CURRENT_DESKTOP": "i3"} | dict(environ or {}))
    watched.desktop.heed(quiet)
    await watched.desktop.start()
    try:
        yield watched
    finally:
        await watched.desktop.stop()
        stopped = watched.changes
        assert await watched.now() == Context()
        assert watched.changes == stopped


@pytest.fixture
def one_bus(private_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch) -> PrivateBus:
    """A session bus, which is the system's as well: names do not collide."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", private_bus.address)
    return private_bus


@pytest.fixture
def no_system_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's own tells is no test's concern."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", NOWHERE)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenths of seconds instead of seconds, where the second is not the point."""
    monkeypatch.setattr(linux, "_START_SECONDS", 0.2)
    monkeypatch.setattr(linux, "_LOOK_SECONDS", 0.2)
