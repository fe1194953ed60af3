"""Who was away is left alone for a while after the return: by a real daemon on a played session.

Its clock is stepped by the test, as the while lasts for minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from reminderd.adapters.store.store import Store
from reminderd.core.cadence import Moment
from reminderd.core.model import Reason, Source
from reminderd.core.walltime import Present
from tests.fakes import BERLIN
from tests.integration.daemons import PATIENCE_SECONDS, QUIET_CONFIG
from tests.integration.fake_server import FakeServer
from tests.integration.played_services import Logind, Mutter, ScreenSaver
from tests.integration.stepped import Stepped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.integration.daemons import Home
    from tests.integration.desktops import PrivateBus

pytest_plugins = ["tests.integration.daemons", "tests.integration.desktops"]
pytestmark = pytest.mark.desktop

MINUTE = timedelta(minutes=1)


class Day:
    """A day of a stepped daemon on a notification server that the test plays."""

    def __init__(self, home: Home, server: FakeServer) -> None:
        self.home, self.server = home, server
        self.stepped = Stepped(home)
        self.socket = ""

    @property
    def present(self) -> Present:
        """The moment, as the daemon reads it."""
        return Present(self.stepped.now, BERLIN, BERLIN.key)

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Have a daemon that has looked once, with nothing planned."""
        with self.home.daemon(self.stepped.command) as daemon:
            await asyncio.to_thread(self.stepped.look)
            self.socket = self._recorded("daemon")["socket"]
            yield
            await asyncio.to_thread(daemon.end)

    def plan(self, *minutes: int) -> None:
        """Plan slots so many minutes from now, each good for two hours."""
        store = Store(self.home.database, self.present)
        with store.transaction():
            moments = [
                Moment(at, at + timedelta(hours=2), Source.RANDOM)
                for at in (self.present.local + MINUTE * one for one in minutes)
            ]
            store.deliveries.replace_plan(self.present.today, moments, self.present)
        store.close()

    async def pass_to(self, now: datetime) -> datetime:
        """Let time pass to this moment; return when the daemon would look again."""
        self.stepped.set(now)
        return await asyncio.to_thread(self.stepped.look, self.socket)

    async def held(self, reason: Reason | None) -> None:
        """Wait until the daemon says that one waits for this reason, or that none does."""
        wanted = reason.value if reason else None
        await self._until(lambda: self.home.json("status")["held"] == wanted, f"it is {wanted}")

    async def closed(self, *reasons: Reason) -> None:
        """Wait until the daemon has heard that these, and no others, hold back all that comes."""
        wanted = [one.value for one in reasons]
        await self._until(lambda: self.home.json("status")["closed"] == wanted, f"it is {wanted}")

    def outcomes(self) -> list[tuple[str, str | None]]:
        """Return how each delivery ended, the oldest first, without the first practice."""
        return [(one["outcome"], one["reason"]) for one in reversed(self.home.history()[:-1])]

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        for _ in range(int(PATIENCE_SECONDS / 0.02)):
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(0.02)
        pytest.fail(f"waited in vain until {what}")

    def _recorded(self, name: str) -> dict[str, Any]:
        store = Store(self.home.database, self.present)
        facts = store.recorded.get(name)
        store.close()
        assert isinstance(facts, dict)
        return facts


@pytest.fixture
async def day(home: Home, private_bus: PrivateBus) -> AsyncIterator[Day]:
    """A day on which nothing is planned yet, and whose first practice is over.

    The system's bus is the session's: names do not collide.
    """
    home.configure(QUIET_CONFIG)
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = private_bus.address
    home.extra["DBUS_SYSTEM_BUS_ADDRESS"] = private_bus.address
    async with FakeServer(private_bus.address) as server:
        day = Day(home, server)
        present = day.present
        store = Store(home.database, present)
        assert store.deliveries.add_first(present, present.local + timedelta(hours=1))
        store.deliveries.let_go(
            [(one.id, Reason.RESTORED) for one in store.deliveries.waiting()], present
        )
        store.close()
        yield day


WAYS: Final = "lock", "switch", "leave", "screen saver", "Mutter"


@asynccontextmanager
async def absence_of(day: Day, way: str) -> AsyncIterator[tuple[Callable[[bool], None], Reason]]:
    """Yield what makes the person go and come back, and what the daemon calls it."""
    address = day.home.extra["DBUS_SESSION_BUS_ADDRESS"]
    if way == "screen saver":
        async with ScreenSaver(address) as saver:
            yield saver.lock, Reason.LOCKED
    elif way == "Mutter":
        async with Mutter(address) as mutter:
            yield mutter.leave, Reason.AWAY
    else:
        async with Logind(address) as logind:
            goes: dict[str, tuple[Callable[[bool], None], Reason]] = {
                "lock": (logind.lock, Reason.LOCKED),
                "switch": (logind.switch, Reason.INACTIVE),
                "leave": (
                    lambda gone: logind.leave(gone, datetime.now(UTC).timestamp()),
                    Reason.AWAY,
                ),
            }
            yield goes[way]


@pytest.mark.parametrize("way", WAYS)
async def test_what_waited_comes_minutes_after_the_return(day: Day, way: str) -> None:
    """One to four, and once; of two that fell due meanwhile the newer one."""
    async with absence_of(day, way) as (absent, reason), day.living():
        absent(True)
        day.plan(1, 50)
        await day.pass_to(day.stepped.now + 2 * MINUTE)
        await day.held(reason)
        await day.pass_to(day.stepped.now + 60 * MINUTE)
        await day.held(reason)
        assert day.server.shown == []
        absent(False)
        await day.held(Reason.JUST_BACK)
        back = day.stepped.now
        comes = await day.pass_to(back + timedelta(seconds=59))
        assert back + MINUTE <= comes <= back + 4 * MINUTE
        await day.pass_to(comes - timedelta(seconds=1))
        assert day.server.shown == []
        await day.pass_to(comes)
        await day.server.until(lambda: len(day.server.shown) == 1)
        absent(True)
        absent(False)
        await day.pass_to(day.stepped.now + 30 * MINUTE)
        assert len(day.server.shown) == 1
        assert day.outcomes() == [("missed", "merged"), ("shown", None)]


async def test_who_stays_away_too_long_is_told_nothing(day: Day) -> None:
    """It was let go with what held it last, and that is all."""
    async with absence_of(day, "lock") as (absent, reason), day.living():
        absent(True)
        day.plan(1)
        await day.pass_to(day.stepped.now + 2 * MINUTE)
        await day.held(reason)
        await day.pass_to(day.stepped.now + 180 * MINUTE)
        await day.held(None)
        absent(False)
        await day.pass_to(day.stepped.now + 10 * MINUTE)
        assert day.server.shown == []
        assert day.outcomes() == [("missed", "locked")]


async def test_who_just_came_back_is_left_alone_by_what_is_due_then(day: Day) -> None:
    """Nothing waited while they were away; what falls due half a minute after the return does."""
    async with absence_of(day, "lock") as (absent, reason), day.living():
        day.plan(30)
        absent(True)
        await day.closed(reason)
        await day.pass_to(day.stepped.now + timedelta(minutes=29, seconds=30))
        absent(False)
        await day.closed()
        await day.pass_to(day.stepped.now + timedelta(seconds=1))
        back = day.stepped.now
        comes = await day.pass_to(back + MINUTE / 2)
        await day.held(Reason.JUST_BACK)
        assert back + MINUTE - timedelta(seconds=1) <= comes <= back + 4 * MINUTE
        await day.pass_to(comes)
        await day.server.until(lambda: len(day.server.shown) == 1)


async def test_a_call_is_looked_for_once_a_minute_while_something_waits(day: Day) -> None:
    """And not at all before something is due; what waited comes with the first look after it."""
    recorder = Recorder(day.home)
    recorder.records(True)
    async with day.living():
        day.plan(30)
        await day.pass_to(day.stepped.now + 10 * MINUTE)
        assert recorder.asked() == 0
        until = await day.pass_to(day.stepped.now + 20 * MINUTE)
        await day.held(Reason.IN_CALL)
        assert until == day.stepped.now + MINUTE
        assert recorder.asked() == 1
        recorder.records(False)
        await day.pass_to(until)
        await day.server.until(lambda: len(day.server.shown) == 1)
        assert recorder.asked() == 2
        assert day.outcomes() == [("shown", None)]


class Recorder:
    """A `pactl` that says what the test says: a microphone is what no machine of tests has."""

    def __init__(self, home: Home) -> None:
        self._streams, self._log = home.folder / "streams", home.folder / "asked"
        program = home.folder / "bin" / "pactl"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\n[ "$5" = source-outputs ] || {{ echo \'[{{"index": 1}}]\'; exit; }}\n'
            f"echo >>{self._log}\ncat {self._streams}\n",
            "utf-8",
        )
        program.chmod(0o700)
        home.extra["PATH"] = f"{program.parent}:{os.environ['PATH']}"
        home.extra["PULSE_SERVER"] = "unix:/played"

    def records(self, on: bool) -> None:
        """Begin or end to record."""
        stream = {"index": 7, "source": 1, "corked": False, "resample_method": "copy"}
        self._streams.write_text(json.dumps([stream] if on else []), "utf-8")

    def asked(self) -> int:
        """Return how often somebody asked."""
        return len(self._log.read_text("utf-8").splitlines()) if self._log.exists() else 0
