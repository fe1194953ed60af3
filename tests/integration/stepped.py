"""A real daemon whose clock the test steps, and that is woken by hand."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes import BERLIN
from tests.integration.daemons import eventually

if TYPE_CHECKING:
    from tests.integration.daemons import Home

SCRIPT = Path(__file__).with_name("stepped_daemon.py")
# Ahead of the machine's clock, by which its timer counts: only the test lets time pass.
BEGIN = datetime(2061, 2, 10, 8, tzinfo=BERLIN)


class Stepped:
    """A daemon in a home, the clock that it reads, and what it tells of its looks."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.clock, self._looks = home.folder / "clock", home.folder / "looks"
        self._seen = 0
        self.now = BEGIN.astimezone(UTC)

    @property
    def command(self) -> list[str]:
        """What starts it."""
        self.set(self.now)
        return [sys.executable, str(SCRIPT), str(self.clock), str(self._looks)]

    def set(self, now: datetime) -> None:
        """Set the clock, in one step."""
        self.now = now
        new = self.clock.with_suffix(".new")
        new.write_text(now.isoformat(), "utf-8")
        new.replace(self.clock)

    def look(self, address: str = "") -> datetime:
        """Wake it, wait until it has looked at this moment, and return when it would look again."""
        if address:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"!", address)
        eventually(lambda: self._last()[0] == self.now, "it has looked")
        return self._last()[1]

    def _last(self) -> tuple[datetime, datetime]:
        lines = self._looks.read_text("utf-8").splitlines() if self._looks.exists() else []
        if len(lines) <= self._seen:
            return datetime.min.replace(tzinfo=UTC), self.now
        now, until = map(datetime.fromisoformat, lines[-1].split())
        return now, until
