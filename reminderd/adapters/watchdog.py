"""Feeding systemd's watchdog, which starts a daemon anew that hangs (sd_watchdog_enabled(3))."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from reminderd.adapters.sd_notify import notify

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTERVAL: Final = "WATCHDOG_USEC"


class Watchdog:
    """Tells systemd, twice in its interval, that the loop still comes back to waiting.

    It is fed while the loop waits for the next wake-up, and at no other time: neither a loop that
    stands still nor a look that never ends goes on feeding it. Both sides count on the monotonic
    clock, so a machine that was asleep is no hang.

    Args:
        environ: The environment, where systemd says whether and how often it expects to be told.
        pid: This process.
    """

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        self._every = _microseconds(environ, pid) / 2_000_000
        self._due = 0.0

    async def wait(self, event: asyncio.Event) -> None:
        """Wait for an event; systemd is told meanwhile, where it asks for that."""
        if not self._every:
            await event.wait()
            return
        now = asyncio.get_running_loop().time
        while True:
            if now() >= self._due:
                notify(WATCHDOG="1")
                self._due = now() + self._every
            try:
                async with asyncio.timeout_at(self._due):
                    await event.wait()
            except TimeoutError:
                continue
            return


def expect_nothing(environ: Mapping[str, str], pid: int) -> None:
    """Let systemd expect nothing until `expect_again`: something is waited for in the kernel.

    Args:
        environ: As above.
        pid: This process.
    """
    if _microseconds(environ, pid):
        notify(**{_INTERVAL: "0"})


def expect_again(environ: Mapping[str, str], pid: int) -> None:
    """Let systemd expect to be told again from now on: also the first look may hang.

    Args:
        environ: As above.
        pid: This process.
    """
    if interval := _microseconds(environ, pid):
        notify(WATCHDOG="1", **{_INTERVAL: str(interval)})


def _microseconds(environ: Mapping[str, str], pid: int) -> int:
    """Return within what time systemd expects to hear of this process; 0 where it does not."""
    told = environ.get(_INTERVAL, "")
    is_meant = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
    return int(told) if is_meant and told.isascii() and told.isdecimal() else 0
