"""Lines on standard error: for people, or for the journal."""

from __future__ import annotations

import logging
import sys

from reminderd.adapters.unblocked import write_now


def set_up_log(*, service: bool) -> None:
    """Log to standard error: with systemd's priorities under systemd, for people otherwise."""
    handler = logging.NullHandler() if sys.stderr is None else _Unblocked()
    handler.setFormatter(_Priorities() if service else logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("reminderd").setLevel(logging.INFO)


class _Unblocked(logging.Handler):
    """Writes to standard error; a line that nobody reads at the moment is dropped.

    The loop must not stand still because a terminal is stopped.
    """

    _torn = False

    def emit(self, record: logging.LogRecord) -> None:
        start = "\n" if self._torn else ""
        line = f"{start}{self.format(record)}\n".encode(errors="backslashreplace")
        try:
            written = write_now(sys.stderr.fileno(), line)
        except (OSError, ValueError):  # nobody will ever read it
            return
        self._torn = 0 < written < len(line) or (self._torn and not written)


class _Priorities(logging.Formatter):
    """Puts the `<N>` before each line that journald reads as its priority."""

    def format(self, record: logging.LogRecord) -> str:
        priority = 3 if record.levelno >= logging.ERROR else 6
        if record.levelno == logging.WARNING:
            priority = 4
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())
