"""A real daemon on a private bus whose notification server the test itself plays.

A plugin beside daemons.py and desktops.py, for `pytest_plugins`.
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.daemons import PATIENCE_SECONDS, QUIET_CONFIG
from tests.integration.fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.integration.daemons import Home, RunningDaemon
    from tests.integration.desktops import PrivateBus

PROMPT, TITLE = "slow-umbrella-not-key", "An umbrella, not a key"


class Desk:
    """A home, its daemon's notification server, and commands that do not hold up that server."""

    def __init__(self, home: Home, server: FakeServer) -> None:
        self.home, self.server = home, server

    async def run(self, *args: str) -> str:
        """Run one command to its end and return what it printed."""
        done = await asyncio.to_thread(self.home.run, *args)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def status(self) -> dict[str, Any]:
        """Return what `status --json` says."""
        status: dict[str, Any] = await asyncio.to_thread(self.home.json, "status")
        return status

    async def newest(self) -> dict[str, Any]:
        """Return the newest line of the history."""
        return (await asyncio.to_thread(self.home.history))[0]

    async def soon(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something in another process has happened."""
        for _ in range(int(PATIENCE_SECONDS / 0.05)):
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"waited in vain until {what}")

    async def bring(self, prompt: str = PROMPT) -> int:
        """Have a practice on the desktop, and return its id there."""
        await self.run("now", "--prompt", prompt)
        (one,) = self.server.standing
        return one

    async def answered(self, answer: str | None) -> None:
        """Wait until the newest has this answer."""
        await self.soon(lambda: self.home.history()[0]["response"] == answer, f"it is {answer}")

    def recorded_id(self) -> int | None:
        """Return the id of what is recorded to stand."""
        with self.home.store() as (store, _):
            standing = store.screen.standing()
        return standing.posted.server_id if standing else None

    @asynccontextmanager
    async def living(self) -> AsyncIterator[RunningDaemon]:
        """Have a daemon that has looked once."""
        with self.home.daemon() as daemon:
            await self.soon(self.home.running, "the daemon is up")
            yield daemon
            if daemon.process.poll() is None:  # the server goes on while it leaves
                await asyncio.to_thread(daemon.end)


@pytest.fixture
async def desk(home: Home, private_bus: PrivateBus) -> AsyncIterator[Desk]:
    """A home on the desktop of the odd server, whose first practice is over."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = private_bus.address
    async with FakeServer(private_bus.address) as server:
        yield Desk(home, server)


@contextmanager
def full_disk(daemon: RunningDaemon) -> Iterator[None]:
    """Let every write of the daemon to a file fail, as where no room is left."""
    pid = daemon.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        if daemon.process.poll() is None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def held_database(desk: Desk) -> Iterator[None]:
    """Let another program hold the database for writing."""
    other = sqlite3.connect(desk.home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
