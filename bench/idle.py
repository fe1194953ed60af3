"""What the idle daemon costs: memory, and wake-ups with nothing due, on a private session bus."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from reminderd.adapters.clock import SystemClock
from reminderd.adapters.store.store import Store
from reminderd.core.model import Reason

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
    script = "import importlib, sys; sys.path.insert(0, sys.argv[1]); from idle import pss\n"
    script += "for name in sys.argv[2:]: importlib.import_module(name); print(pss())"
    names = [name for _, name in PARTS]
    command = [sys.executable, "-c", script, str(Path(__file__).parent), *names]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    before = 0.0
    for (part, _), after in zip(PARTS, map(float, told), strict=True):
        print(f"  {part:<28}{after - before:6.1f} MiB")
        before = after


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long to count wake-ups")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", f"--address=unix:path={home}/bus", "--nofork"],
            stderr=subprocess.DEVNULL,
        )
        (home / ".config/reminderd").mkdir(parents=True)
        (home / ".config/reminderd/config.toml").write_text(CONFIG, "utf-8")
        skip_first_practice(home)
        env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        env |= {"HOME": folder, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={home}/bus"}
        time.sleep(1)
        daemon = subprocess.Popen(
            [sys.executable, "-m", "reminderd", "run"],
            env=env | {"INVOCATION_ID": "bench"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(10)
            assert daemon.poll() is None, "the daemon did not stay"
            before = switches(daemon.pid)
            time.sleep(seconds)
            woken = switches(daemon.pid) - before
            print(f"idle daemon: {pss(daemon.pid):.1f} MiB Pss")
            print(f"voluntary context switches in {seconds} s with nothing due: {woken}")
        finally:
            daemon.terminate()
            daemon.wait(10)
            bus.terminate()
            bus.wait(10)
    print("what the imports take:")
    imports()


if __name__ == "__main__":
    main()
