"""When systemd's watchdog is fed, and when it is not."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.watchdog import Watchdog, expect_again, expect_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PID = os.getpid()
TENTH = {"WATCHDOG_USEC": "100000"}
NOT_MEANT = [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, TENTH | {"WATCHDOG_PID": "1"}]


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket on which a manager would listen."""
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(name)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.delenv("SYSTEMD_EXEC_PID", raising=False)
        yield listener


def heard(manager: socket.socket) -> list[str]:
    """Return what has been said since the last time."""
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode())
        except BlockingIOError:
            return messages


async def test_it_is_fed_twice_in_its_interval_while_the_loop_waits(
    manager: socket.socket,
) -> None:
    wake = asyncio.Event()
    asyncio.get_running_loop().call_later(0.22, wake.set)
    await Watchdog(TENTH | {"WATCHDOG_PID": str(PID)}, PID).wait(wake)
    fed = heard(manager)
    assert set(fed) == {"WATCHDOG=1"}
    assert 3 <= len(fed) <= 5


async def test_a_look_that_does_not_end_does_not_feed_it(manager: socket.socket) -> None:
    """The loop may go round as it likes: nothing is said until it waits again."""
    wake = asyncio.Event()
    wake.set()
    watchdog = Watchdog(TENTH, PID)
    await watchdog.wait(wake)
    heard(manager)
    await asyncio.sleep(0.2)
    assert heard(manager) == []
    await watchdog.wait(wake)
    assert heard(manager) == ["WATCHDOG=1"]


async def test_many_wake_ups_feed_it_no_more_often(manager: socket.socket) -> None:
    wake = asyncio.Event()
    wake.set()
    watchdog = Watchdog({"WATCHDOG_USEC": "60000000"}, PID)
    for _ in range(50):
        await watchdog.wait(wake)
    assert len(heard(manager)) == 1


@pytest.mark.parametrize("environ", NOT_MEANT)
async def test_where_nothing_is_expected_nothing_is_said(
    environ: dict[str, str], manager: socket.socket
) -> None:
    """No watchdog, or the watchdog of another process, whose environment was inherited."""
    wake = asyncio.Event()
    began = time.monotonic()
    asyncio.get_running_loop().call_later(0.12, wake.set)
    await Watchdog(environ, PID).wait(wake)
    assert time.monotonic() - began >= 0.1
    expect_nothing(environ, PID)
    expect_again(environ, PID)
    assert heard(manager) == []


def test_who_waits_in_the_kernel_is_not_expected_to_say_so(manager: socket.socket) -> None:
    """A second daemon waits for the first to end, for days if need be; then it counts again."""
    expect_nothing(TENTH, PID)
    assert heard(manager) == ["WATCHDOG_USEC=0"]
    expect_again(TENTH, PID)
    assert heard(manager) == ["WATCHDOG=1\nWATCHDOG_USEC=100000"]
