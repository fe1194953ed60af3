"""How long from asking for a practice until the notification server has it.

A server of our own on a private session bus takes the time at which Notify arrives. `now` is timed
from the start of its process, and beside it, in turn, `notify-send` and `python -c "import click"`.
The daemon's own part begins with the byte that wakes it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from reminderd.adapters.clock import SystemClock
from reminderd.adapters.store.store import Store
from reminderd.adapters.wake import knock
from reminderd.app.status import daemon_facts
from reminderd.core.history import ASKED_FOR
from reminderd.core.model import Reason

NAME = "org.freedesktop.Notifications"
CONFIG = '[cadence]\nwindows = []\n[notification]\nnotifier = "freedesktop"\n'
MOST_RATIO, MOST_MILLISECONDS = 2.0, 15.0
REFERENCE = (sys.executable, "-c", "import click")
NOW = (sys.executable, "-m", "reminderd", "now")
OTHER = ("notify-send", "A title", "A body")


class Server:
    """A notification server that only takes the time."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[float] = asyncio.Queue()
        self._last_id = 0

    async def start(self, address: str) -> MessageBus:
        """Take the name on a bus."""
        bus = await MessageBus(bus_address=address).connect()
        bus.add_message_handler(self._handle)
        await bus.request_name(NAME)
        return bus

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        match message.member:
            case "Notify":
                self.arrived.put_nowait(time.perf_counter())
                self._last_id += 1
                return Message.new_method_return(message, "u", [self._last_id])
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [["actions", "body"]])
            case "GetServerInformation":
                return Message.new_method_return(message, "ssss", ["bench", "", "1", "1.2"])
        return Message.new_method_return(message)


class Home:
    """A home of its own with a daemon in it, on a bus of its own."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder}/bus"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # else reminderd is compiled anew at each start
        self.env = kept | {"HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": self.address}
        (folder / ".config/reminderd").mkdir(parents=True)
        (folder / ".config/reminderd/config.toml").write_text(CONFIG, "utf-8")
        self._clock = SystemClock()
        present = self._clock.present()
        self.store = Store(folder / ".local/share/reminderd/reminderd.db", present)
        self.store.deliveries.add_first(present, present.local + timedelta(hours=1))
        gone = [(one.id, Reason.RESTORED) for one in self.store.deliveries.waiting()]
        self.store.deliveries.let_go(gone, present)

    def wake_for_one(self) -> float:
        """Plan one and send the byte; return when it was sent."""
        self.store.deliveries.add_now(self._clock.present(), ASKED_FOR, None, None)
        facts = daemon_facts(self.store)
        assert facts is not None
        start = time.perf_counter()
        assert knock(facts["socket"])
        return start


async def ran(command: tuple[str, ...], env: dict[str, str]) -> tuple[float, float]:
    """Run a command to its end; return when it began and ended."""
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    assert await process.wait() == 0, command
    return start, time.perf_counter()


async def measured(runs: int, home: Home, server: Server) -> dict[str, list[float]]:
    """Return milliseconds by what was timed."""
    taken: dict[str, list[float]] = {"import click": [], "now": [], "notify-send": [], "daemon": []}
    for run in range(-3, runs):  # the first three only warm up
        times = {}
        start, end = await ran(REFERENCE, home.env)
        times["import click"] = end - start
        start, _ = await ran(NOW, home.env)
        times["now"] = await server.arrived.get() - start
        start, _ = await ran(OTHER, home.env)
        times["notify-send"] = await server.arrived.get() - start
        await asyncio.sleep(0.05)  # the daemon has recorded the last one
        start = home.wake_for_one()
        times["daemon"] = await server.arrived.get() - start
        await asyncio.sleep(0.05)
        if run >= 0:
            for name, seconds in times.items():
                taken[name].append(seconds * 1000)
    return taken


def report(taken: dict[str, list[float]]) -> bool:
    """Print the figures; return whether they are within their limits."""
    figures = {name: (median(all_), quantiles(all_, n=100)[98]) for name, all_ in taken.items()}
    print(f"{len(taken['now'])} runs each, in turn; milliseconds")
    print(f"{'':<44}{'median':>9}{'99th percentile':>18}")
    for name, label in (
        ("import click", 'python -c "import click", the whole process'),
        ("now", "start of `now` to Notify at the server"),
        ("notify-send", "start of notify-send to Notify at the server"),
        ("daemon", "wake byte to Notify at the server"),
    ):
        print(f"{label:<44}{figures[name][0]:>9.1f}{figures[name][1]:>18.1f}")
    ratios = [
        ours / theirs for ours, theirs in zip(figures["now"], figures["import click"], strict=True)
    ]
    print(f"`now` to import click: {ratios[0]:.2f} (medians), {ratios[1]:.2f} (99th percentiles)")
    return max(ratios) <= MOST_RATIO and figures["daemon"][0] <= MOST_MILLISECONDS


async def run(runs: int) -> bool:
    """Start all there is, measure, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        home, server = Home(Path(folder)), Server()
        bus = subprocess.Popen(  # noqa: ASYNC220 -- before anything else runs
            ["dbus-daemon", "--session", f"--address={home.address}", "--nofork"],
            stderr=subprocess.DEVNULL,
        )
        await asyncio.sleep(1)
        connection = await server.start(home.address)
        daemon = subprocess.Popen(  # noqa: ASYNC220 -- takes a millisecond
            [sys.executable, "-m", "reminderd", "run"],
            env=home.env | {"INVOCATION_ID": "bench"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await asyncio.sleep(3)
            return report(await measured(runs, home, server))
        finally:
            daemon.terminate()
            await asyncio.to_thread(daemon.wait, 10)
            connection.disconnect()
            await asyncio.sleep(0.1)  # it leaves in the loop's next turn
            bus.terminate()
            bus.wait(10)


def main() -> None:
    """Measure and print; exit with 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="counted runs of each")
    sys.exit(0 if asyncio.run(run(parser.parse_args().runs)) else 1)


if __name__ == "__main__":
    main()
