"""Telling systemd how the daemon is (sd_notify(3)), and knowing whether systemd started it."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STARTED: Final = "Started; looking for the next moment."
"""The status from READY until the first look at the plan is over."""
_PATIENCE: Final = 1.0
"""Seconds to wait for a manager that is too busy to read: the daemon must not hang with it."""


def notify(**state: str) -> None:
    """Tell systemd, as in `notify(READY="1", STATUS="Next: Sun 18:05")`.

    Says nothing where nobody listens, and where the one who listens waits for another process.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not _is_meant(os.environ, os.getpid()):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    lines = (f"{name}={' '.join(value.split())}" for name, value in state.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(_PATIENCE)
        with contextlib.suppress(OSError):
            sender.sendto("\n".join(lines).encode("utf-8", "replace"), address)


@contextlib.contextmanager
def reloading() -> Iterator[None]:
    """Tell systemd that all is being read anew, and afterwards that the daemon is ready again."""
    since = time.monotonic_ns() // 1000  # microseconds, as systemd 253 and later ask for
    status = "Reading settings and decks anew."
    notify(RELOADING="1", MONOTONIC_USEC=str(since), STATUS=status)
    told = "Settings and decks could not be read anew; the log says why."
    try:
        yield
        told = "Settings and decks were read anew."
    finally:
        notify(READY="1", STATUS=told)


def under_systemd(environ: Mapping[str, str], pid: int) -> bool:
    """Return whether systemd started this very process, and not a terminal around it.

    A terminal that is a service hands INVOCATION_ID on to whatever is started in it.
    """
    return "INVOCATION_ID" in environ and _is_meant(environ, pid)


def _is_meant(environ: Mapping[str, str], pid: int) -> bool:
    """Return whether what systemd put into the environment was put there for this process."""
    return environ.get("SYSTEMD_EXEC_PID", str(pid)) == str(pid)
