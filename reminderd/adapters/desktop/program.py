"""What another program prints: for the few things that no bus tells."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_BYTES: Final = 4 * 1024 * 1024


def without_threads() -> None:
    """Have the end of a program noticed by the loop itself; from Python 3.12 on it is by default.

    Else a thread waits for each. To be called before the loop runs.
    """
    if sys.version_info < (3, 12):
        with contextlib.suppress(AttributeError, OSError):  # no kernel for it: a thread then
            os.close(os.pidfd_open(os.getpid()))
            asyncio.set_child_watcher(  # type: ignore[deprecated]  # there is no other way in 3.11
                asyncio.PidfdChildWatcher()
            )


async def output_of(*command: str, seconds: float) -> str | None:
    """Return what a program prints, or None where it fails or says too much.

    Its own words are English, whatever the person's language. It is not told of the display, which
    it does not need and which may lie on another machine (`ssh -X`). Neither it nor what it started
    outlives this call, unless that went its own way.

    Raises:
        TimeoutError: It took longer than that: it may have had something to say.
    """
    over, exited = asyncio.Event(), asyncio.Event()
    try:
        transport, output = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Output(over.set, exited.set),
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=_surroundings(),
            start_new_session=True,
        )
    except OSError:
        return None
    output.ends_with = transport.get_pid()
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    finally:
        _end(transport.get_pid())
        try:
            await exited.wait()  # but not for whoever else holds on to the pipe
        finally:
            transport.close()
    if transport.get_returncode() != 0 or len(output.printed) > _MOST_BYTES:
        return None
    return output.printed.decode(errors="replace")


def _surroundings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DISPLAY"} | {
        "LC_ALL": "C.UTF-8"
    }


class _Output(asyncio.SubprocessProtocol):
    """Collects what a program prints, until both have ended or it is too much."""

    def __init__(self, on_over: Callable[[], None], on_exit: Callable[[], None]) -> None:
        self.printed = bytearray()
        self.ends_with = 0
        self._on_over, self._on_exit = on_over, on_exit
        self._open = {"pipe", "process"}

    def pipe_data_received(self, _fd: int, data: bytes) -> None:
        self.printed += data
        if len(self.printed) > _MOST_BYTES:
            self._on_over()

    def pipe_connection_lost(self, _fd: int, _why: Exception | None) -> None:
        self._closed("pipe")

    def process_exited(self) -> None:
        if self.ends_with:
            _end(self.ends_with)  # who is left of it would keep the pipe open
        self._on_exit()
        self._closed("process")

    def _closed(self, what: str) -> None:
        self._open.discard(what)
        if not self._open:
            self._on_over()


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
