"""Feeding systemd's watchdog, which starts a daemon anew that hangs (sd_watchdog_enabled(3))."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reminderd.adapters.sd_notify import notify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        self._every = _seconds(environ, pid) / 2
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


@contextmanager
def unwatched(environ: Mapping[str, str], pid: int) -> Iterator[None]:
    """Let systemd expect nothing for as long as this lasts: something is waited for in the kernel.

    Args:
        environ: As above.
        pid: This process.
    """
    if not _seconds(environ, pid):
        yield
        return
    notify(**{_INTERVAL: "0"})
    yield
    notify(**{_INTERVAL: environ[_INTERVAL]})


def _seconds(environ: Mapping[str, str], pid: int) -> float:
    """Return the interval within which systemd expects this process; 0 where it expects nothing."""
    told = environ.get(_INTERVAL, "")
    is_meant = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
    return int(told) / 1_000_000 if is_meant and told.isascii() and told.isdecimal() else 0.0
