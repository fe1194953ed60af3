"""What the idle daemon costs: memory, and wake-ups with nothing due.

It is connected to a session bus with dunst on it, and to a system bus with logind, which is played.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from reminderd.adapters.clock import SystemClock
from reminderd.adapters.store.store import Store
from reminderd.core.model import Reason
from tests.integration.desktops import bus_in

CONFIG = """\
[cadence]
windows = []
"""
PARTS = (
    ("the interpreter", "sys"),
    ("asyncio, and ssl with it", "asyncio"),
    ("sqlite3", "sqlite3"),
    ("click", "click"),
    ("apscheduler", "apscheduler.schedulers.asyncio"),
    ("dbus-fast", "dbus_fast.aio"),
    ("asyncinotify", "asyncinotify"),
    ("pydantic", "pydantic"),
    ("pydantic-settings", "pydantic_settings"),
)


def pss(process: int | str = "self") -> float:
    """Return a process's proportional memory in MiB."""
    told = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    found = re.search(r"^Pss:\s+(\d+)", told, re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def switches(process: int) -> int:
    """Return how often all threads of a process have waited for something."""
    counts = [
        re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text("ascii"), re.MULTILINE)
        for status in Path(f"/proc/{process}/task").glob("*/status")
    ]
    return sum(int(count[1]) for count in counts if count)


def skip_first_practice(home: Path) -> None:
    """Let the very first practice be over, so that nothing at all is due."""
    present = SystemClock().present()
    store = Store(home / ".local/share/reminderd/reminderd.db", present)
    store.deliveries.add_first(present, present.local + timedelta(hours=1))
    gone = [(one.id, Reason.RESTORED) for one in store.deliveries.waiting()]
    store.deliveries.let_go(gone, present)
    store.close()


def imports() -> None:
    """Print what each import adds, in a process that does nothing else."""
    script = "import importlib, re, sys\nfrom pathlib import Path\n" + inspect.getsource(pss)
    script += "for name in sys.argv[1:]: importlib.import_module(name); print(pss())"
    command = [sys.executable, "-c", script, *(name for _, name in PARTS)]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    before = 0.0
    for (part, _), after in zip(PARTS, map(float, told), strict=True):
        print(f"  {part:<28}{after - before:6.1f} MiB")
        before = after


LOGIND = """
import asyncio, sys
from tests.integration.played_services import Logind

async def play():
    async with Logind(sys.argv[1]):
        await asyncio.get_running_loop().create_future()

asyncio.run(play())
"""


def bus(home: Path, name: str, started: ExitStack) -> str:
    """Start a bus that starts nothing by itself, and return its address."""
    (home / name).mkdir()
    return started.enter_context(bus_in(home / name, os.environ)).address


def screen(started: ExitStack) -> str:
    """Start a screen, and return its name."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    started.callback(server.terminate)
    with os.fdopen(read_end) as told:
        return f":{told.readline().strip()}"


def manager(home: Path, started: ExitStack) -> dict[str, str]:
    """Listen as systemd would, and return what it would tell the daemon of its watchdog."""
    listener = started.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    listener.bind(str(home / "notify"))
    unit = (Path(__file__).parents[1] / "systemd/reminderd.service").read_text("utf-8")
    minutes = re.search(r"^WatchdogSec=(\d+)min$", unit, re.MULTILINE)
    assert minutes
    interval = str(int(minutes[1]) * 60 * 1_000_000)
    return {"NOTIFY_SOCKET": str(home / "notify"), "WATCHDOG_USEC": interval}


def start(command: list[str], env: dict[str, str], started: ExitStack) -> int:
    """Start a program that says nothing, and return its process id."""
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, env=env, stdout=silent, stderr=silent)
    started.callback(process.wait, 10)
    started.callback(process.terminate)
    return process.pid


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long to count wake-ups")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, ExitStack() as started:
        home = Path(folder)
        (home / ".config/reminderd").mkdir(parents=True)
        (home / ".config/reminderd/config.toml").write_text(CONFIG, "utf-8")
        skip_first_practice(home)
        hidden = ("XDG_", "DBUS_", "WATCHDOG_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        env |= {
            "HOME": folder,
            "DISPLAY": screen(started),
            **manager(home, started),
            "DBUS_SESSION_BUS_ADDRESS": bus(home, "session", started),
            "DBUS_SYSTEM_BUS_ADDRESS": bus(home, "system", started),
        }
        checkout = str(Path(__file__).parents[1])
        logind = [sys.executable, "-c", LOGIND, env["DBUS_SYSTEM_BUS_ADDRESS"]]
        start(logind, env | {"PYTHONPATH": checkout}, started)
        start(["dunst"], env, started)
        time.sleep(2)
        command = [sys.executable, "-m", "reminderd"]
        daemon = start([*command, "run"], env | {"INVOCATION_ID": "bench"}, started)
        time.sleep(10)
        told = subprocess.run(
            [*command, "status", "--json"], env=env, capture_output=True, check=True
        ).stdout
        facts = json.loads(told)
        assert facts["server"].startswith("dunst"), facts
        assert facts["desktop"]["locked"] == "logind", facts
        before = switches(daemon)
        time.sleep(seconds)
        woken = switches(daemon) - before
        print(f"idle daemon: {pss(daemon):.1f} MiB Pss; it hears {facts['desktop']}")
        rate = woken / seconds * 60
        print(f"voluntary context switches in {seconds} s: {woken}, {rate:.2f} a minute")
    print("what the imports take:")
    imports()


if __name__ == "__main__":
    main()
