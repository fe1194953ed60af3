"""Wake at a wall-clock time, also after a suspend and when the clock is set.

A timer of the event loop counts on the monotonic clock: it stands still during a suspend and does
not see the wall clock being set. On Linux a timerfd on the wall clock sees both. Elsewhere, where
nothing signals another time zone, or where `REMINDERD_CLOCK_WATCH=heartbeat` asks for it, a look
once a minute does.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from reminderd.adapters.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE: Final = "REMINDERD_CLOCK_WATCH"
HEARTBEAT: Final = 55.0
"""Seconds between two looks: what is due comes within a minute of a step, and has to be shown."""
_STEP: Final = 2.0
"""Seconds by which wall and monotonic clock may drift apart between two heartbeats."""

_CLOCK_REALTIME: Final = 0
_TFD_NONBLOCK: Final = os.O_NONBLOCK
_TFD_CLOEXEC: Final = os.O_CLOEXEC
_TFD_TIMER_ABSTIME: Final = 1
_TFD_TIMER_CANCEL_ON_SET: Final = 2


class ClockWatch(Protocol):
    """Calls back at a wall-clock time, or earlier when the clock was set."""

    def set(self, at: datetime) -> None:
        """Wake at this aware time instead of the one before."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


class Timerfd:
    """The wall-clock watch of Linux; must be made while the loop runs.

    Args:
        on_wake: Called on the loop.

    Raises:
        OSError: This system has no timerfd.
    """

    def __init__(self, on_wake: Callable[[], None]) -> None:
        self._on_wake = on_wake
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._checked(
            self._libc.timerfd_create(_CLOCK_REALTIME, _TFD_NONBLOCK | _TFD_CLOEXEC)
        )
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._fired)

    def set(self, at: datetime) -> None:
        """Wake at this aware time instead of the one before."""
        moment = at.astimezone(UTC).timestamp()
        # struct itimerspec: no interval, then the moment; a moment of 0 would disarm it.
        spec = (ctypes.c_long * 4)(0, 0, max(int(moment), 1), int(moment % 1 * 1e9))
        flags = _TFD_TIMER_ABSTIME | _TFD_TIMER_CANCEL_ON_SET
        try:
            self._checked(self._libc.timerfd_settime(self._fd, flags, ctypes.byref(spec), None))
        except OSError as error:
            if error.errno != errno.ECANCELED:
                raise
            # The clock was set since the last reading. That is told here and not by the
            # descriptor; the timer is armed all the same.
            self._loop.call_soon(self._on_wake)

    def close(self) -> None:
        """Stop."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _fired(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # ECANCELED: the clock was set
            os.read(self._fd, 8)
        self._on_wake()

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result


def zone_here() -> str:
    """Return the name of the zone that this machine is in now."""
    return SystemClock().present().zone_name


class Heartbeat:
    """A look at the clock once a minute at most; must be made while the loop runs.

    Args:
        on_wake: Called on the loop when the time has come or the clock has been set.
        wall: Returns the wall clock in seconds.
        monotonic: Returns a clock in seconds that nobody sets.
        zone: Returns the name of the time zone: where this watch is needed, nothing may signal it.
        beat: Seconds between two looks.
    """

    def __init__(
        self,
        on_wake: Callable[[], None],
        wall: Callable[[], float] = time.time,  # noqa: TID251 -- what this watch is for
        monotonic: Callable[[], float] = time.monotonic,
        zone: Callable[[], str] = zone_here,
        beat: float = HEARTBEAT,
    ) -> None:
        self._on_wake, self._wall, self._monotonic, self._beat = on_wake, wall, monotonic, beat
        self._zone = zone
        self._loop = asyncio.get_running_loop()
        self._at: float | None = None
        self._offset, self._zone_name = wall() - monotonic(), zone()
        self._handle = self._loop.call_later(beat, self._look)

    def set(self, at: datetime) -> None:
        """Wake at this aware time instead of the one before."""
        self._at = at.timestamp()
        if self._was_set():  # perhaps after whoever asks for this time has read the clock
            self._loop.call_soon(self._on_wake)
        self._arm()

    def close(self) -> None:
        """Stop."""
        self._handle.cancel()

    def _arm(self) -> None:
        self._handle.cancel()
        wait = self._beat
        if self._at is not None:
            wait = min(max(self._at - self._wall(), 0.05), self._beat)
        self._handle = self._loop.call_later(wait, self._look)

    def _look(self) -> None:
        if self._was_set() or (self._at is not None and self._wall() >= self._at):
            self._at = None
            self._on_wake()
        self._arm()

    def _was_set(self) -> bool:
        """Return whether the wall clock or the zone has been set since this was asked last."""
        offset, zone_name = self._offset, self._zone_name
        self._offset, self._zone_name = self._wall() - self._monotonic(), self._zone()
        return abs(self._offset - offset) > _STEP or self._zone_name != zone_name


def watch_clock(
    on_wake: Callable[[], None], environ: Mapping[str, str], *, zone_is_watched: bool = True
) -> ClockWatch:
    """Return the best watch that this system has, or the one that is asked for.

    Args:
        on_wake: Called on the loop when the time has come or the clock has been set.
        environ: The environment; with `TZ` in it there is no other zone to notice.
        zone_is_watched: Whether another time zone is signalled by something else.
    """
    wish = environ.get(VARIABLE, "auto")
    suffices = wish == "timerfd" or zone_is_watched or bool(environ.get("TZ"))
    if wish != "heartbeat" and suffices and sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            return Timerfd(on_wake)
    return Heartbeat(on_wake)
