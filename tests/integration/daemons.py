"""A person's home in a folder of the test's own, and real daemons and commands that live in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters.clock import SystemClock
from reminderd.adapters.store.store import Store
from reminderd.core.cadence import Moment
from reminderd.core.model import Reason, Source
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reminderd.core.walltime import Present

PATIENCE_SECONDS = 10.0
REMINDERD = (sys.executable, "-m", "reminderd")
QUIET_CONFIG = """\
[cadence]
windows = []
min_gap = "1m"
max_per_day = 12
[quiet]
hours = []
"""
"""Nothing is planned and nothing is quiet: what comes is what the test puts there."""


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until something in another process has happened."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain until {what}")
        time.sleep(0.01)


@dataclass
class RunningDaemon:
    """A daemon in the foreground; what it says goes to files, which nobody has to drain."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def said(self) -> str:
        """Return what it wrote to standard output."""
        return self.out.read_text("utf-8")

    def complained(self) -> str:
        """Return what it wrote to standard error."""
        return self.err.read_text("utf-8")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@dataclass
class Home:
    """The home of one person: folders, environment, commands, daemons."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    _started: int = 0

    @property
    def env(self) -> dict[str, str]:
        """The environment of everything that runs here."""
        hidden = ("XDG_", "REMINDERD_", "DBUS_", "INVOCATION_ID", "DISPLAY", "WAYLAND_DISPLAY")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        own = {
            "HOME": str(self.folder),
            "TZ": "Europe/Berlin",
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            # Whether the screen of whoever runs these tests is locked is none of their business.
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/no-system-bus",
        }
        return kept | own | self.extra

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / ".config/reminderd/config.toml"

    @property
    def database(self) -> Path:
        """The database."""
        return self.folder / ".local/share/reminderd/reminderd.db"

    def configure(self, text: str) -> None:
        """Write the settings file."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text, "utf-8")

    def run(self, *args: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return watched(
            lambda: subprocess.run(
                [*REMINDERD, *args],
                check=False,
                capture_output=True,
                env=self.env,
                input=text,
                stdin=subprocess.DEVNULL if text is None else None,
                text=True,
                timeout=30,
            )
        )

    def json(self, *args: str) -> Any:  # noqa: ANN401 -- whatever JSON holds
        """Run one command and return the JSON that it printed."""
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def daemon(self, command: Sequence[str] = (*REMINDERD, "run")) -> Iterator[RunningDaemon]:
        """Start a daemon and end it with the block, however that ends."""
        self._started += 1
        out, err = (self.folder / f"{name}.{self._started}" for name in ("out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = watched(
                lambda: subprocess.Popen(
                    command, env=self.env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
                )
            )
        try:
            yield RunningDaemon(process, out, err)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def running(self) -> bool:
        """Return whether a daemon of this home listens and has looked once."""
        return bool(self.json("status")["notifier"])

    def history(self) -> list[dict[str, Any]]:
        """Return the history, newest first."""
        found: list[dict[str, Any]] = self.json("history")
        return found

    @contextmanager
    def store(self) -> Iterator[tuple[Store, Present]]:
        """Open this home's database in the test's own process."""
        present = SystemClock().present()
        store = Store(self.database, present)
        try:
            yield store, present
        finally:
            store.close()

    def skip_first_practice(self) -> None:
        """Let the very first practice be over, so that it does not come in between."""
        with self.store() as (store, present):
            if store.deliveries.add_first(present, present.local + timedelta(hours=1)):
                gone = [(one.id, Reason.RESTORED) for one in store.deliveries.waiting()]
                store.deliveries.let_go(gone, present)

    def plan_slot(self, local_at: datetime | None = None) -> None:
        """Put a slot into today's plan, due now unless another wall time is given."""
        with self.store() as (store, present), store.transaction():
            at = local_at or present.local - timedelta(minutes=1)
            moment = Moment(at, at + timedelta(hours=2), Source.RANDOM)
            store.deliveries.replace_plan(present.today, [moment], present)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home on a machine without a desktop."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "run").mkdir(mode=0o700)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    return Home(folder)
