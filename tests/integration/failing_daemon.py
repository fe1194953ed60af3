"""A daemon on a desktop, in a home in which writes fail."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reminderd.adapters.wake import knock
from reminderd.app.status import daemon_facts
from tests.integration.daemons import QUIET_CONFIG, Home
from tests.integration.desktops import bus_in
from tests.integration.fake_server import FakeServer
from tests.integration.faults import Fault, Faults, faults_below
from tests.integration.kills_person import until
from tests.integration.nursery import Nursery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.integration.fake_server import Shown
    from tests.integration.nursery import Child

CONFIG = QUIET_CONFIG + (
    'do_not_disturb = false\nwhen_locked = false\nwhen_away = ""\nin_call = false\n'
    '[notification]\nnotifier = "freedesktop"\ndiscreet = "never"\n'
)
PATIENCE = 10.0
LONGER_THAN_A_LIFE = 250
"""Calls of a life in peace, and some."""


@dataclass
class Place:
    """A home with a desktop, in which writes fail when a test asks for it."""

    home: Home
    server: FakeServer
    faults: Faults
    nursery: Nursery

    @property
    def _before(self) -> Path:
        return self.home.folder.with_name("before")

    async def daemon(self) -> Child:
        """Begin a daemon."""
        return await self.nursery.begin("run", env=self.home.env)

    async def looked(self, daemon: Child) -> None:
        """Wait until a daemon has looked once."""

        def has_looked() -> bool:
            with self.home.store() as (store, _):
                facts = daemon_facts(store)
            return facts is not None and facts["pid"] == daemon.pid and bool(facts["notifier"])

        await until(has_looked, PATIENCE)

    async def shown(self, count: int = 1) -> Shown:
        """Wait until that many practices have come; return the last."""
        await until(lambda: len(self.practices()) >= count, PATIENCE)
        return self.practices()[-1]

    def practices(self) -> list[Shown]:
        """Return every notification with buttons."""
        return [one for one in self.server.shown if one.buttons]

    def knock(self) -> None:
        """Wake the daemon."""
        knock(str(self.home.folder / "run/reminderd/wake"))

    def keep(self) -> None:
        """Have each life begin with the home as it is now."""
        shutil.copytree(self.home.folder, self._before, symlinks=True)

    def renew(self) -> None:
        """Make the home as it was then, where nothing fails."""
        self.faults.disarm()
        shutil.rmtree(self.home.folder)
        shutil.copytree(self._before, self.home.folder, symlinks=True)

    async def live(self, fault: Fault, at: int) -> None:
        """Live a life from begin to end, in which a call fails, or all do for a while.

        Raises:
            AssertionError, TimeoutError: What has to come to be did not, or came twice.
        """
        self.renew()
        self.home.plan_slot()
        seen = len(self.practices())
        self.faults.arm(fault, at)
        daemon = await self.daemon()
        mending = asyncio.create_task(self._mend(daemon))
        try:
            await until(lambda: len(self.practices()) > seen or daemon.code.done(), PATIENCE)
            if daemon.code.done():
                assert (await daemon.wait(), "Traceback" in daemon.complained()) == (1, False), (
                    daemon.complained()
                )
                self.faults.disarm()
                daemon = await self.daemon()
                await self.shown(seen + 1)
            (practice,) = self.practices()[seen:]
            key = next(iter(practice.buttons))
            self.server.press(practice.id, key)
            stored = "SELECT answer FROM response"
            await until(lambda: self.rows(stored) == [(key,)], PATIENCE)
            await until(lambda: practice.id not in self.server.standing, PATIENCE)
        finally:
            mending.cancel()
        await self.end(daemon)
        assert len(self.practices()) == seen + 1, "it came twice"
        self.faults.disarm()
        assert self.rows("PRAGMA quick_check") == [("ok",)]
        assert self.rows(stored) == [(key,)]

    async def _mend(self, daemon: Child) -> None:
        """Once something has failed, mend it a little later; wake the daemon now and then.

        By a signal: where its socket could not be made in its usual place, nobody finds it.
        """
        while True:
            await asyncio.sleep(0.1)
            if self.faults.failed:
                self.faults.disarm()
                daemon.signal(signal.SIGHUP)

    async def look_again(self) -> None:
        """Have the daemon look several times."""
        for _ in range(5):
            self.knock()
            await asyncio.sleep(0.1)

    async def end(self, daemon: Child) -> None:
        """End a daemon, which does so in peace."""
        daemon.signal(signal.SIGTERM)
        assert await daemon.wait() == 0, daemon.complained()
        assert "Traceback" not in daemon.complained(), daemon.complained()
        assert "damaged" not in daemon.complained(), daemon.complained()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return rows of the database, read beside the daemon."""
        with closing(sqlite3.connect(f"{self.home.database.as_uri()}?mode=ro", uri=True)) as one:
            return one.execute(sql).fetchall()


@asynccontextmanager
async def place_in(folder: Path) -> AsyncIterator[Place]:
    """Have a home with settings, whose first practice is over, and a desktop."""
    home = Home(folder / "home")
    (home.folder / "run").mkdir(parents=True, mode=0o700)
    home.configure(CONFIG)
    home.skip_first_practice()
    (folder / "bus").mkdir()
    with bus_in(folder / "bus", home.env) as bus, faults_below(folder, home.folder) as faults:
        home.extra["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        async with Nursery(faults.environ) as nursery, FakeServer(bus.address) as server:
            place = Place(home, server, faults, nursery)
            place.keep()
            yield place
