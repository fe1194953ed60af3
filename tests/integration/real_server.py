"""A real notification server and what a person can do in front of it."""

from __future__ import annotations

import json
import os
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from glob import glob
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from tests.integration.desktops import NOTIFICATIONS, PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.desktops import PrivateBus
    from tests.integration.wire import Wire

NOBODY: Final = 65534
"""Who runs what refuses to be run by root."""


@dataclass(frozen=True)
class Row:
    """What is known of a server beforehand.

    Attributes:
        name: What its package is called.
        way: How its buttons are pressed.
        program: On PATH, or a pattern for its path.
        peculiar: What is peculiar to it, for docs/desktops.md.
        cross: Where the cross lies that waves a notification away, from the window's upper right
            corner; None where a click on the text does that.
        left: Pixels on the left of its windows where there are no buttons but other dark things.
        default: What the default action is on it; "none" where it is not to be had beside three
            buttons.
        tells_expiry: Whether it says so when one has expired.
        service: Something that the bus has to start for it.
    """

    name: str
    way: type[RealServer]
    program: str
    peculiar: str
    cross: tuple[int, int] | None = None
    left: int = 0
    default: Literal["click", "button", "none"] = "click"
    tells_expiry: bool = True
    service: str = ""


@dataclass
class RealServer(ABC):
    """One server on a bus of its own, with a home of its own.

    Attributes:
        title: The name and version that it tells.
    """

    row: Row
    bus: PrivateBus
    wire: Wire
    folder: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    title: str = ""

    stage: ClassVar[str]
    """The fixture of what it draws on."""

    @abstractmethod
    def press(self, key: str) -> None:
        """Press the button with this key on the notification that came last."""

    @abstractmethod
    def click_body(self) -> None:
        """Do on the newest notification what invokes its default action."""

    @abstractmethod
    def dismiss(self) -> None:
        """Wave the newest notification away."""

    @abstractmethod
    def displayed(self) -> int:
        """Return how many notifications, or windows with some, are on the screen."""

    def is_drawn(self) -> bool:
        """Return whether there is something to be seen of the newest notification."""
        return self.displayed() > 0

    def command(self) -> list[str]:
        """Return how it is started."""
        return [next(iter(glob(self.row.program)), self.row.program)]  # noqa: PTH207 -- a pattern

    def start(self) -> None:
        """Start it, and wait until it has its name."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environ, stdout=log, stderr=log
            )
        until(lambda: self.bus.owner() is not None, f"{self.row.program} has its name")
        self.title = self.title or self._version()

    def kill(self) -> None:
        """End it as a crash would; the bus knows by the time this returns."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            until(lambda: self.bus.owner() is None, f"{self.row.program} has left the bus")

    def restart(self) -> None:
        """Crash it and start another, whose ids begin at 1 again."""
        self.kill()
        self.start()

    def lives(self) -> bool:
        """Return whether it has not ended by itself."""
        return self.process is not None and self.process.poll() is None

    def _version(self) -> str:
        call = ("call", NOTIFICATIONS, "/org/freedesktop/Notifications", NOTIFICATIONS)
        told = self.run(
            "busctl", f"--address={self.bus.address}", "--json=short", *call, "GetServerInformation"
        )
        name, _, version, _ = json.loads(told)["data"]
        return f"{name} {version}"

    def standing(self) -> set[int]:
        """Return the ids of ours that stand on it, as far as it told."""
        return self.wire.standing(self.bus.owner() or "")

    def label_of(self, key: str) -> str:
        """Return the label of a button of the notification that came last."""
        return dict(self.wire.notified()[-1].actions)[key]

    def run(self, *command: str) -> str:
        """Run a program in its surroundings."""
        return subprocess.run(
            command,
            env=self.environ,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        ).stdout


def as_nobody() -> list[str]:
    """Return what comes before a command that root must not run; nothing for everybody else."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]


def give_to_nobody(folder: Path) -> None:
    """Let the one whom `as_nobody` means have a folder, and others not."""
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
