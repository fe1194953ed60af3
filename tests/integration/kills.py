"""A person who answers and reconfigures while their daemon is killed at random moments.

Each round begins a daemon in the home that the last one left behind, lets the person go on with
what they do, and kills the daemon: after a random time, around a call to the notification server,
around a press, or in the middle of a command, which then often is killed as well. What was
acknowledged until then (`acknowledged.py`) has to be there.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, get_args

from reminderd.app.status import daemon_facts
from tests.integration.daemons import REMINDERD, Home
from tests.integration.desktops import bus_in
from tests.integration.fake_server import ALL_CAPABILITIES, FakeServer
from tests.integration.kills_home import TITLES, settle
from tests.integration.kills_person import Moment, Person, until
from tests.integration.nursery import Child, Nursery

if TYPE_CHECKING:
    from pathlib import Path

    from reminderd.app.status import DaemonFacts

PROGRAM_EVERY: Final = 10
"""One daemon in so many is a program of its own, which reads its settings in a child."""
LONGEST_LIFE: Final = 0.6
"""Seconds after which a daemon that has asked for its server is killed, whatever happens."""


class Program:
    """A daemon that is a program of its own."""

    def __init__(self, process: asyncio.subprocess.Process, err: Path) -> None:
        self._process, self.err = process, err

    @classmethod
    async def begin(cls, home: Home) -> Self:
        """Start it."""
        env = {name: text for name, text in home.env.items() if not name.startswith("COVERAGE")}
        err = home.folder / "program.err"
        with err.open("ab") as stderr:
            process = await asyncio.create_subprocess_exec(
                *(*REMINDERD, "run"), env=env, stdout=asyncio.subprocess.DEVNULL, stderr=stderr
            )
        return cls(process, err)

    def signal(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def wait(self) -> int:
        """Return its exit code, minus the signal's number if one ended it."""
        return await self._process.wait()

    def complained(self) -> str:
        """Return what it wrote to standard error."""
        return self.err.read_text("utf-8")


@dataclass
class Life:
    """One home, and all that happens in it.

    Attributes:
        came_of_it: What happened, counted.
    """

    home: Home
    server: FakeServer
    nursery: Nursery
    random: random.Random

    def __post_init__(self) -> None:
        self._round = 0
        self._reached: dict[Moment, asyncio.Event] = {}
        self._daemon: Child | Program
        self._person = Person(self.home, self.server, self.nursery, self.random, self._reach)
        settle(self.home)
        self.came_of_it = self._person.came_of_it
        self.server.before_reply = lambda _: self._reach("asked")
        self.server.after_reply = lambda _: self._reach("replied")

    async def killed(self, rounds: int) -> None:
        """Live that many rounds, and one in peace in the end.

        Raises:
            AssertionError: A promise was broken.
        """
        try:
            for self._round in range(1, rounds + 1):
                await self._be_killed()
            await self._end_in_peace()
        finally:  # a broken promise leaves no program behind
            self._daemon.signal()
        self.came_of_it += self._held()

    async def _be_killed(self) -> None:
        self._reached.clear()
        moment: Moment = self.random.choice(get_args(Moment))
        self._person.begin(kills_command=self.random.random() < 0.5)
        if self._round % PROGRAM_EVERY:
            self._daemon = await self.nursery.begin("run", env=self.home.env)
        else:
            self._daemon = await Program.begin(self.home)
        acting = asyncio.create_task(self._person.act())
        await self._wait_for(moment)
        self._person.is_over = True
        self._daemon.signal()
        code = await self._daemon.wait()
        await acting
        assert code == -signal.SIGKILL, f"it ended by itself: {self._daemon.complained()}"
        assert "Traceback" not in self._daemon.complained(), self._daemon.complained()
        await self.server.settled()
        log = self.home.database.with_name(f"{self.home.database.name}-wal")
        self.came_of_it["kills"] += 1
        self.came_of_it[f"kills: {moment}"] += 1
        self.came_of_it["left a log behind"] += log.exists() and log.stat().st_size > 0
        self._held()

    def _held(self) -> Counter[str]:
        """Hold what was acknowledged against what is there; return what became of deliveries."""
        return self._person.acknowledged.hold(self.home, TITLES, self.server.shown)

    async def _wait_for(self, moment: Moment) -> None:
        """Wait until it is time to kill the daemon."""
        if moment == "time":
            await asyncio.sleep(self.random.uniform(0, 0.5))
            return
        with suppress(TimeoutError):
            if moment != "command":
                calls = self._calls()
                await self.server.until(lambda: self._calls() > calls)
            async with asyncio.timeout(LONGEST_LIFE):
                await self._reached.setdefault(moment, asyncio.Event()).wait()
        await asyncio.sleep(self.random.uniform(0, 0.03 if moment == "command" else 0.006))

    def _calls(self) -> int:
        return sum(self.server.asked.values())

    def _reach(self, moment: Moment) -> None:
        if self.random.random() < 0.4:
            self._reached.setdefault(moment, asyncio.Event()).set()

    async def _end_in_peace(self) -> None:
        """All of it can still be used: a daemon looks and ends, commands read everything."""
        self._daemon = await self.nursery.begin("run", env=self.home.env)
        with self.home.store() as (store, _):
            await until(lambda: self._has_looked(daemon_facts(store)), 20)
        self._daemon.signal(signal.SIGTERM)
        assert await self._daemon.wait() == 0, self._daemon.complained()
        for command in (("history", "--json"), ("config", "check"), ("status",)):
            child = await self.nursery.begin(*command, env=self.home.env)
            assert await child.wait() == 0, child.complained()

    def _has_looked(self, facts: DaemonFacts | None) -> bool:
        assert isinstance(self._daemon, Child)
        return facts is not None and facts["pid"] == self._daemon.pid and bool(facts["notifier"])


async def kill(folder: Path, rounds: int, seed: int, *, at_once: int = 4) -> Counter[str]:
    """Kill daemons in several homes at once; return what came of it.

    Args:
        folder: Where the homes are made.
        rounds: How many kills in all.
        seed: Of everything that is drawn.
        at_once: How many homes.

    Raises:
        AssertionError: A promise was broken.
    """
    with ExitStack() as buses:
        async with AsyncExitStack() as stack:
            nursery = await stack.enter_async_context(Nursery())
            lives = []
            for number in range(at_once):
                home = Home(folder / str(number))
                (home.folder / "run").mkdir(mode=0o700, parents=True)
                place = home.folder / "bus"
                place.mkdir()
                bus = buses.enter_context(bus_in(place, home.env))
                home.extra["DBUS_SESSION_BUS_ADDRESS"] = bus.address
                able = (*ALL_CAPABILITIES, "sound", "inline-reply")
                server = FakeServer(bus.address, capabilities=able)
                await stack.enter_async_context(server)
                lives.append(Life(home, server, nursery, random.Random(seed + number)))
            async with asyncio.TaskGroup() as group:
                for number, life in enumerate(lives):
                    share = rounds // at_once + (number < rounds % at_once)
                    group.create_task(life.killed(share))
    return sum((life.came_of_it for life in lives), Counter[str]())
