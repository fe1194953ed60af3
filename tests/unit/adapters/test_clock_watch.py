"""The wall-clock watch: by timerfd, and by a heartbeat."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.desktop import clock_watch
from reminderd.adapters.desktop.clock_watch import Heartbeat, Timerfd, watch_clock

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 5.0


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


async def test_the_heartbeat_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without timerfd gets the heartbeat."""

    def refuse(_on_wake: Callable[[], None]) -> Timerfd:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(clock_watch, "Timerfd", refuse)
    watch = watch_clock(Woken(), {})
    watch.close()
    assert isinstance(watch, Heartbeat)
