"""Desktops to test on: a private session bus, a screen, and dunst as the real server on them.

A test module that wants them says `pytest_plugins = ["tests.integration.desktops"]`, marks itself
with `pytest.mark.desktop` and asks for `private_bus`, `screen`, `dunst` or `heard`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from reminderd.core.notice import Change, Press

NOTIFICATIONS = "org.freedesktop.Notifications"
PATIENCE_SECONDS = 10.0

# No service folders: else the bus would start whatever server is installed on this machine. Any
# user, as sway refuses root: who is to be let in is decided by the folder.
_BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

_DUNSTRC = """\
[global]
    font = DejaVu Sans 10
    width = 400
    height = 300
    origin = top-left
    offset = 10x10
    format = "<b>%s</b>\\n%b"
    markup = {markup}
    dmenu = {chooser}
    mouse_left_click = close_current
    mouse_middle_click = do_action
    idle_threshold = 0
"""

# dunst hands the buttons' labels to this program, and presses the one that it prints.
_CHOOSER = """\
#!/bin/sh
exec grep -m1 -F -- "$(cat '{choice}')"
"""


def dunstrc_in(folder: Path, markup: str = "full") -> Path:
    """Write settings for dunst, by which `choose_in_dunst` says what its menu answers."""
    chooser, config = folder / "chooser", folder / "dunstrc"
    chooser.write_text(_CHOOSER.format(choice=folder / "choice"), "utf-8")
    chooser.chmod(0o700)
    config.write_text(_DUNSTRC.format(markup=markup, chooser=chooser), "utf-8")
    return config


def choose_in_dunst(folder: Path, label: str) -> None:
    """Let the next `dunstctl context` press the button with this label."""
    (folder / "choice").write_text(f"#{label} ", "utf-8")


@dataclass
class PrivateBus:
    """A session bus of the test's own."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def offer_server(self, command: str) -> None:
        """Let the bus start `command` when somebody needs a notification server."""
        service = self.folder / "services" / f"{NOTIFICATIONS}.service"
        service.write_text(f"[D-BUS Service]\nName={NOTIFICATIONS}\nExec={command}\n", "utf-8")
        self.ask("ReloadConfig")

    def owner(self) -> str | None:
        """Return who has the notification name now."""
        answer = self.ask("GetNameOwner", f"string:{NOTIFICATIONS}")
        return answer.split('"')[1] if '"' in answer else None

    def ask(self, member: str, *arguments: str) -> str:
        """Call the bus itself; an error reads as an empty answer."""
        command = ["dbus-send", f"--bus={self.address}", "--print-reply"]
        command += ["--dest=org.freedesktop.DBus", "/", f"org.freedesktop.DBus.{member}"]
        return subprocess.run(
            [*command, *arguments], check=False, capture_output=True, text=True
        ).stdout


@dataclass
class Screen:
    """An X display with a window manager."""

    display: str

    def picture(self, path: Path) -> None:
        """Save what is on the screen."""
        subprocess.run(["import", "-display", self.display, "-window", "root", path], check=True)


@dataclass
class Dunst:
    """The dunst of Debian on a private bus, with `dunstctl` to press its buttons."""

    bus: PrivateBus
    screen: Screen
    folder: Path
    markup: str = "full"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, and wait until it has its name."""
        with (self.folder / "dunst.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["dunst", "-conf", dunstrc_in(self.folder, self.markup)],
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        until(lambda: self.bus.owner() is not None, "dunst has its name")

    def offer(self) -> None:
        """Let the bus start it when somebody needs it; it ends with the bus."""
        program = self.folder / "activated"
        program.write_text(
            f"#!/bin/sh\nDISPLAY={self.screen.display} exec dunst"
            f" -conf {dunstrc_in(self.folder, self.markup)}\n",
            "utf-8",
        )
        program.chmod(0o700)
        self.bus.offer_server(str(program))

    def kill(self) -> None:
        """End it as a crash would; the bus knows by the time this returns."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            if self.bus.process.poll() is None:
                until(lambda: self.bus.owner() is None, "dunst has left the bus")

    def restart(self) -> None:
        """Crash it and start another, whose ids begin at 1 again."""
        self.kill()
        self.start()

    async def press(self, label: str) -> None:
        """Press the button with this label on a notification that is up."""
        choose_in_dunst(self.folder, label)
        await self.control("context")

    async def press_default(self) -> None:
        """Press the default action of the newest notification."""
        await self.control("action", "0")

    async def dismiss(self) -> None:
        """Wave the newest notification away."""
        await self.control("close")

    async def click(self) -> None:
        """Click on the notification that is up, as soon as it is drawn."""
        found = "search --sync --onlyvisible --class Dunst"
        await self._run("xdotool", *found.split(), "mousemove", "--window", "%1", "50", "20")
        await self._run("xdotool", "click", "1")

    async def displayed(self) -> int:
        """Return how many notifications are on the screen."""
        return int(await self.control("count", "displayed"))

    async def past(self) -> list[dict[str, Any]]:
        """Return the notifications that have gone, the newest first, as dunst remembers them."""
        told = json.loads(await self.control("history"))["data"][0]
        return [{key: value["data"] for key, value in entry.items()} for entry in told]

    async def control(self, *command: str) -> str:
        """Run dunstctl; the notifier under test goes on meanwhile."""
        return await self._run("dunstctl", *command)

    async def _run(self, *command: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *command, env=self._environment(), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        assert process.returncode == 0, f"{command[:2]} did not work"
        return out.decode().strip()

    def log(self) -> str:
        """Return what dunst complained about."""
        return (self.folder / "dunst.log").read_text("utf-8")

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
            "DISPLAY": self.screen.display,
        }


class Heard:
    """What a notifier called back with, in order; `until` waits for more of it.

    Attributes:
        stores: Whether a press is said to be stored.
    """

    def __init__(self) -> None:
        self.stores = True
        self.presses: list[Press] = []
        self.closed: list[tuple[str, int]] = []
        self.changes = 0
        self.appeared = 0
        self.lost: list[str] = []
        self._stirred = asyncio.Event()

    def on_press(self, press: Press) -> bool:
        """Note a press."""
        self.presses.append(press)
        self._stirred.set()
        return self.stores

    def on_closed(self, delivery: str, reason: int) -> None:
        """Note a closing."""
        self.closed.append((delivery, reason))
        self._stirred.set()

    def on_change(self, change: Change) -> None:
        """Note that readiness may have changed."""
        self.changes += 1
        self.appeared += change == "appeared"
        self._stirred.set()

    def on_lost(self, reason: str) -> None:
        """Note that the bus has gone."""
        self.lost.append(reason)
        self._stirred.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what was called back makes the condition true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._stirred.clear()
                await self._stirred.wait()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something outside that cannot be awaited; not for use inside a coroutine."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain until {what}")
        time.sleep(0.01)


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a program with the block, however that ends."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def bus_in(folder: Path, environ: Mapping[str, str]) -> Iterator[PrivateBus]:
    """Run a session bus that starts nothing by itself; what it starts has this environment."""
    services = folder / "services"
    services.mkdir()
    config = folder / "bus.conf"
    config.write_text(
        _BUS_CONFIG.format(folder=folder, services=f"<servicedir>{services}</servicedir>"), "utf-8"
    )
    process = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with running(process):
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert address, "the private bus did not start"
        yield PrivateBus(address, folder, process)


@pytest.fixture
def private_bus(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PrivateBus]:
    """A session bus that starts nothing by itself; DBUS_SESSION_BUS_ADDRESS names it."""
    with bus_in(tmp_path_factory.mktemp("bus"), os.environ) as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        yield bus


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """One screen for all tests of a run."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with running(server), os.fdopen(read_end) as told:
        number = told.readline().strip()
        assert number, "Xvfb did not start"
        display = f":{number}"
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env=os.environ | {"DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with running(manager):
            yield Screen(display)


@pytest.fixture
def heard() -> Heard:
    """Callbacks for a notifier, and what came back through them."""
    return Heard()


@pytest.fixture
def dunst(private_bus: PrivateBus, screen: Screen, tmp_path: Path) -> Iterator[Dunst]:
    """A running dunst on the private bus."""
    folder = tmp_path / "dunst"
    folder.mkdir()
    server = Dunst(private_bus, screen, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)
