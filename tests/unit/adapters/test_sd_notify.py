"""What systemd is told, and when reminderd knows that it runs under it."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.sd_notify import notify, reloading, under_systemd

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["path", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    """The socket on which a manager would listen, of either kind."""
    name = str(tmp_path / "notify")
    is_path = request.param == "path"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(name if is_path else "\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", name if is_path else "@" + name)
        monkeypatch.delenv("SYSTEMD_EXEC_PID", raising=False)
        yield listener


def test_all_that_is_said_at_once_comes_in_one_message(manager: socket.socket) -> None:
    """A manager that sees READY also sees the status that belongs to it."""
    notify(READY="1", STATUS="Next: Sun 18:05, schön")
    assert manager.recv(4096).decode() == "READY=1\nSTATUS=Next: Sun 18:05, schön"


def test_a_path_that_is_no_text_can_be_told(manager: socket.socket) -> None:
    """A home may have any bytes in its name."""
    notify(STATUS=os.fsdecode(b"/home/h\xfc is full."))
    assert manager.recv(4096) == b"STATUS=/home/h? is full."


def test_a_status_of_several_lines_is_one_line(manager: socket.socket) -> None:
    """Text from outside cannot add an assignment of its own."""
    notify(STATUS="one\nREADY=1\r\n two")
    assert manager.recv(4096) == b"STATUS=one READY=1 two"


def test_a_socket_inherited_from_another_service_is_left_alone(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a terminal that is itself a service, its manager hears nothing of us."""
    monkeypatch.setenv("SYSTEMD_EXEC_PID", str(os.getppid()))
    notify(READY="1")
    with pytest.raises(BlockingIOError):
        manager.recv(4096)


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "/nobody/listens/here"])
def test_where_nobody_listens_nothing_is_said(
    address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without systemd, or with a socket that is gone, the daemon goes on as if nothing were."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify(STATUS="still here")


def test_a_manager_that_does_not_read_holds_nobody_up(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full queue costs a moment and the message, never the daemon."""
    monkeypatch.setattr("reminderd.adapters.sd_notify._PATIENCE", 0.01)
    room = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text("ascii"))
    for number in range(room + 3):
        notify(STATUS=str(number))
    assert manager.recv(4096) == b"STATUS=0"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"INVOCATION_ID": "8a"}, True),
        ({"INVOCATION_ID": "8a", "SYSTEMD_EXEC_PID": "42"}, True),
        ({"INVOCATION_ID": "8a", "SYSTEMD_EXEC_PID": "41"}, False),
        ({"SYSTEMD_EXEC_PID": "42"}, False),
    ],
)
def test_only_the_process_that_systemd_started_counts(
    environ: dict[str, str], expected: bool
) -> None:
    """A shell in a terminal that is a service inherits INVOCATION_ID, and is not a service."""
    assert under_systemd(environ, 42) is expected


def test_what_is_read_anew_is_told_with_its_moment_and_its_end(manager: socket.socket) -> None:
    """Also where the reading failed: a manager would otherwise wait for it in vain."""
    before = time.monotonic_ns() // 1000
    with contextlib.suppress(RuntimeError), reloading():
        raise RuntimeError
    told = dict(line.split("=", 1) for line in manager.recv(4096).decode().split("\n"))
    assert told["RELOADING"] == "1"
    assert before <= int(told["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert told["STATUS"]
    assert manager.recv(4096).startswith(b"READY=1\nSTATUS=Settings and decks could not be read")
