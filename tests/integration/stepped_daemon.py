"""A real daemon whose clock a test sets: it is read from a file, and each look is told in another.

python stepped_daemon.py CLOCK LOOKS
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reminderd import bootstrap, facts, launch
from reminderd.core.decision import Decision, Hold, Wait
from reminderd.core.walltime import Present

if TYPE_CHECKING:
    from reminderd.adapters.clock import SystemClock
    from reminderd.adapters.configuration import Configured
    from reminderd.adapters.notifiers.choose import Chooser
    from reminderd.app.tick import Engine

ZONE = ZoneInfo("Europe/Berlin")


class FileClock:
    """A clock that shows what is in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def present(self) -> Present:
        """Return what it is set to."""
        return Present(datetime.fromisoformat(self._path.read_text("utf-8")), ZONE, ZONE.key)


def main(clock: Path, looks: Path) -> None:
    """Run the daemon; after each look, add a line: when it was, and when the next one is due."""
    record = facts.Facts.record

    def told(
        self: facts.Facts,
        engine: Engine,
        decision: Decision,
        notifier: Chooser,
        configured: Configured,
    ) -> None:
        record(self, engine, decision, notifier, configured)
        match decision.action:
            case Hold(until=until) | Wait(until=until):
                now = engine.clock.present().now
                with looks.open("a", encoding="utf-8") as file:
                    file.write(f"{now.isoformat()} {until.isoformat()}\n")

    def open_clock() -> SystemClock:
        return FileClock(clock)  # type: ignore[return-value]  # it has the same one method

    facts.Facts.record = told  # type: ignore[method-assign]  # the real one, and a line
    bootstrap.open_clock = open_clock
    launch.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
