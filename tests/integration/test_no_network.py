"""No socket leads away from this machine, in a daemon's whole life; and who opens one is found."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.daemons import QUIET_CONFIG
from tests.integration.no_network import can_watch, is_watched, watched

if TYPE_CHECKING:
    from tests.integration.played_desk import Desk

pytest_plugins = [
    "tests.integration.daemons",
    "tests.integration.desktops",
    "tests.integration.played_desk",
]
pytestmark = [
    pytest.mark.uncounted,
    pytest.mark.skipif(
        not can_watch(), reason="the watch knows the system calls of x86_64 and aarch64 alone"
    ),
]

OPENS = "import socket; socket.socket(socket.{}, socket.SOCK_{}).close(); print('opened')"
RING = "import ctypes; ctypes.CDLL(None).syscall(425, 1, bytes(200)); print('opened')"


def ended(*command: str) -> tuple[int, bytes]:
    """Run a program under the watch; return its exit code and what it printed."""
    done = watched(lambda: subprocess.run(command, capture_output=True, check=False))
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "script",
    [
        *(OPENS.format(family, "DGRAM") for family in ("AF_INET", "AF_INET6")),
        *(OPENS.format(family, "RAW") for family in ("AF_NETLINK", "AF_PACKET")),
        OPENS.format("AF_INET", "STREAM"),
        "import socket; socket.getaddrinfo('localhost.invalid', 80); print('opened')",
        RING,
    ],
)
def test_the_watch_kills_who_opens_a_socket_to_a_network(script: str) -> None:
    """Whatever the family, whoever opens it, and also by the kernel's newer way."""
    assert ended(sys.executable, "-c", script) == (-signal.SIGSYS, b"")


def test_the_watch_reaches_what_a_program_starts() -> None:
    """Nobody gets out of it by starting another."""
    inner = OPENS.format("AF_INET", "STREAM")
    script = f"import subprocess, sys; print(subprocess.call([sys.executable, '-c', {inner!r}]))"
    assert ended(sys.executable, "-c", script) == (0, f"{-signal.SIGSYS}\n".encode())


def test_the_watch_lets_the_machines_own_sockets_be() -> None:
    """A bus is reached by one."""
    assert ended(sys.executable, "-c", OPENS.format("AF_UNIX", "STREAM")) == (0, b"opened\n")


def test_the_watch_leaves_the_tests_themselves_alone() -> None:
    """They play servers, also on the loopback."""
    code, _ = ended(sys.executable, "-c", "pass")
    assert code == 0
    done = subprocess.run(
        [sys.executable, "-c", OPENS.format("AF_INET", "STREAM")], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"opened\n")


@pytest.mark.desktop
async def test_a_daemons_whole_life_needs_none(desk: Desk) -> None:
    """A practice by notification, a button, a pause, other settings, a lost server, the end."""
    async with desk.living() as daemon:
        assert is_watched(daemon.process.pid)
        server_id = await desk.bring()
        desk.server.press(server_id, "done")
        await desk.answered("done")
        await desk.run("pause", "2h")
        assert (await desk.status())["paused_until"]
        await desk.run("resume")
        desk.home.configure(QUIET_CONFIG.replace("max_per_day = 12", "max_per_day = 7"))
        for _ in range(500):
            if (await desk.status())["today"]["cap"] == 7:
                break
            await asyncio.sleep(0.02)
        await desk.server.come_back()
        await desk.run("why")
        assert (await desk.status())["today"]["cap"] == 7
        assert await asyncio.to_thread(daemon.end) == 0
