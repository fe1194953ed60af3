"""The wall-clock watch: by timerfd, and by a heartbeat."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import fcntl
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.desktop import clock_watch
from reminderd.adapters.desktop.clock_watch import Heartbeat, Timerfd, watch_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_SECONDS = 5.0


@pytest.fixture(autouse=True)
def alone_with_the_clock() -> Iterator[None]:
    """Some of these set the machine's clock, which wakes every watch: one after the other."""
    with Path(__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Woken(asyncio.Event):
    """A callback that can be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        self.set()

    async def soon(self) -> None:
        await asyncio.wait_for(self.wait(), PATIENCE_SECONDS)


def after(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def test_timerfd_wakes_at_the_time() -> None:
    """It wakes at the moment it was set to, not before."""
    woken = Woken()
    watch = Timerfd(woken)
    at = after(0.2)
    watch.set(at)
    await woken.soon()
    late = datetime.now(UTC) - at
    watch.close()
    assert timedelta(0) <= late < timedelta(seconds=1)


@pytest.mark.parametrize("at", [after(-3600), datetime(1970, 1, 1, tzinfo=UTC)])
async def test_timerfd_wakes_at_once_for_the_past(at: datetime) -> None:
    """A moment that has passed wakes at once, as it does after a suspend."""
    woken = Woken()
    watch = Timerfd(woken)
    watch.set(at)
    await woken.soon()
    watch.close()


async def test_timerfd_takes_the_last_time_alone() -> None:
    """Setting another time replaces the one before."""
    woken = Woken()
    watch = Timerfd(woken)
    watch.set(after(0.05))
    watch.set(after(3600))
    await asyncio.sleep(0.3)
    watch.close()
    assert woken.times == 0


async def test_timerfd_wakes_when_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel reports a set clock as ECANCELED; that is a wake-up, no error."""
    woken = Woken()
    watch = Timerfd(woken)

    def cancelled(_fd: int, _size: int) -> bytes:
        raise OSError(125, "Operation canceled")

    monkeypatch.setattr(os, "read", cancelled)
    watch.set(after(0))
    await woken.soon()
    monkeypatch.undo()
    watch.close()
    assert woken.times >= 1


def set_clock_to_itself() -> bool:
    """Set the clock to what it shows; return whether that is allowed here: it is to root.

    Under libfaketime it would be set for the whole machine, to a time that is not true.
    """
    if "faketime" in os.environ.get("LD_PRELOAD", ""):
        return False
    try:
        time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_REALTIME))
    except PermissionError:
        return False
    return True


async def test_timerfd_wakes_though_the_time_is_far_once_the_clock_is_set() -> None:
    """By the kernel's own doing, where the test may set the clock."""
    woken = Woken()
    watch = Timerfd(woken)
    watch.set(after(3600))
    if not set_clock_to_itself():
        watch.set(after(0))  # the test above plays the rest
    await woken.soon()
    woken.clear()
    watch.set(after(0.05))  # and it goes on afterwards
    await woken.soon()
    watch.close()


async def test_timerfd_is_set_though_the_clock_was_set_just_before() -> None:
    """The kernel then reports it to whoever sets the timer: that wakes, and the timer is armed.

    Where the test may not set the clock, the timer comes by its own time alone here, and the test
    below plays the rest.
    """
    woken = Woken()
    watch = Timerfd(woken)
    watch.set(after(3600))
    is_set = set_clock_to_itself()
    at = after(1)
    watch.set(at)
    if is_set:
        await woken.soon()
        assert datetime.now(UTC) < at
        woken.clear()
    await woken.soon()
    watch.close()
    assert datetime.now(UTC) >= at


class Cancelling:
    """A C library that arms the timer, and reports this error all the same."""

    def __init__(self, number: int) -> None:
        self._libc, self._number = ctypes.CDLL(None, use_errno=True), number

    def timerfd_create(self, *arguments: int) -> int:
        return int(self._libc.timerfd_create(*arguments))

    def timerfd_settime(self, *arguments: object) -> int:
        assert self._libc.timerfd_settime(*arguments) == 0
        ctypes.set_errno(self._number)
        return -1


def play_library(monkeypatch: pytest.MonkeyPatch, library: Cancelling) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_arguments, **_named: library)


async def test_timerfd_wakes_when_setting_it_tells_that_the_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the kernel tells it between two readings; once, and the time that was set still holds."""
    play_library(monkeypatch, Cancelling(errno.ECANCELED))
    woken = Woken()
    watch = Timerfd(woken)
    at = after(1)
    watch.set(at)
    assert woken.times == 0  # not while it is being set
    await woken.soon()
    assert datetime.now(UTC) < at
    woken.clear()
    await woken.soon()
    watch.close()
    assert (woken.times, datetime.now(UTC) >= at) == (2, True)


async def test_timerfd_says_when_it_cannot_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other error is a defect, not a set clock."""
    play_library(monkeypatch, Cancelling(errno.EINVAL))
    watch = Timerfd(Woken())
    with pytest.raises(OSError, match="Invalid argument"):
        watch.set(after(3600))
    watch.close()


class Clocks:
    """A wall clock that can be set, and the real monotonic one."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def wall(self) -> float:
        return time.time() + self.ahead


@pytest.mark.parametrize("step", [7200.0, -3600.0, 5 * 365 * 86400.0])
async def test_heartbeat_notices_a_step(step: float) -> None:
    """A clock that was set, or a suspend, is noticed at the next beat."""
    woken, clocks = Woken(), Clocks()
    watch = Heartbeat(woken, wall=clocks.wall, beat=0.05)
    watch.set(after(86400 * 365 * 20))
    clocks.ahead = step
    await woken.soon()
    watch.close()


async def test_heartbeat_notices_a_step_and_its_undoing_between_two_beats() -> None:
    """Something else wakes the daemon in between, and it then waits for a time of that clock."""
    woken, clocks = Woken(), Clocks()
    watch = Heartbeat(woken, wall=clocks.wall, beat=0.2)
    watch.set(after(3600))
    clocks.ahead = 5 * 365 * 86400.0
    watch.set(after(clocks.ahead + 3600))
    await woken.soon()  # the clock may have been set after the daemon has read it
    woken.clear()
    clocks.ahead = 0
    await woken.soon()
    watch.close()
    assert woken.times == 2


async def test_heartbeat_notices_another_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is needed there may be nothing that signals a journey; the clock itself stands."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    woken = Woken()
    watch = Heartbeat(woken, beat=0.05)
    watch.set(after(3600))
    await asyncio.sleep(0.2)
    assert woken.times == 0
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    await woken.soon()
    await asyncio.sleep(0.2)
    watch.close()
    assert woken.times == 1


async def test_heartbeat_wakes_at_the_time() -> None:
    """It wakes at the moment it was set to, between two beats as well."""
    woken = Woken()
    watch = Heartbeat(woken, beat=60)
    watch.set(after(0.1))
    await woken.soon()
    watch.close()


async def test_heartbeat_is_silent_otherwise() -> None:
    """Beats alone wake nobody."""
    woken = Woken()
    watch = Heartbeat(woken, beat=0.02)
    watch.set(after(3600))
    await asyncio.sleep(0.3)
    watch.close()
    assert woken.times == 0


@pytest.mark.parametrize(("wish", "kind"), [("auto", Timerfd), ("heartbeat", Heartbeat)])
async def test_the_watch_can_be_chosen(wish: str, kind: type) -> None:
    """The best there is, or the one that is asked for."""
    watch = watch_clock(Woken(), {clock_watch.VARIABLE: wish})
    watch.close()
    assert isinstance(watch, kind)


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({}, Heartbeat),
        ({"TZ": ""}, Heartbeat),
        ({"TZ": "Europe/Berlin"}, Timerfd),
        ({clock_watch.VARIABLE: "timerfd"}, Timerfd),
    ],
)
async def test_a_zone_that_nothing_watches_is_looked_at(
    environ: dict[str, str], kind: type
) -> None:
    """By the heartbeat, unless the environment names the zone for as long as it runs."""
    watch = watch_clock(Woken(), environ, zone_is_watched=False)
    watch.close()
    assert isinstance(watch, kind)


async def test_the_heartbeat_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without timerfd gets the heartbeat."""

    def refuse(_on_wake: Callable[[], None]) -> Timerfd:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(clock_watch, "Timerfd", refuse)
    watch = watch_clock(Woken(), {})
    watch.close()
    assert isinstance(watch, Heartbeat)
