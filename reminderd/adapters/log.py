"""Lines on standard error: for people, or for the journal."""

from __future__ import annotations

import logging
import sys


def set_up_log(*, service: bool) -> None:
    """Log to standard error: with systemd's priorities under systemd, for people otherwise."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Priorities() if service else logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("reminderd").setLevel(logging.INFO)


class _Priorities(logging.Formatter):
    """Puts the `<N>` before each line that journald reads as its priority."""

    def format(self, record: logging.LogRecord) -> str:
        priority = 3 if record.levelno >= logging.ERROR else 6
        if record.levelno == logging.WARNING:
            priority = 4
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())
