"""Whoever sends huge messages over the bus neither fills the daemon's memory nor deafens it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from tests.integration.fake_server import NAME, PATH

if TYPE_CHECKING:
    from tests.integration.played_desk import Desk

pytest_plugins = [
    "tests.integration.daemons",
    "tests.integration.desktops",
    "tests.integration.played_desk",
]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]

HUGE = 30 * 1024 * 1024
"""Bytes; the bus of these tests lets 32 MiB through, one of a session 128 MiB."""


def most_memory(pid: int) -> int:
    """Return how many MiB a process has held at its worst."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    assert found
    return int(found[1]) // 1024


async def test_a_huge_message_is_not_kept(desk: Desk) -> None:
    """30 MiB from whoever it is take no memory, and the button that is pressed after is heard."""
    async with desk.living() as daemon:
        server_id = await desk.bring()
        before = most_memory(daemon.process.pid)
        huge = Message(
            message_type=MessageType.SIGNAL,
            destination=desk.server.shown[-1].sender,
            path=PATH,
            interface=NAME,
            member="NotificationReplied",
            signature="us",
            body=[server_id, "n" * HUGE],
        )
        # Over a connection of its own: dbus-fast 5.2 gives one up when more is to be sent while a
        # part still waits.
        peer = await MessageBus(bus_address=desk.server.address).connect()
        await peer.send(huge)
        desk.server.press(server_id, "done")
        await desk.answered("done")
        assert (await desk.newest())["note"] is None
        assert most_memory(daemon.process.pid) < before + 8
        peer.disconnect()
