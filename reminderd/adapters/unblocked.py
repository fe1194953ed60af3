"""Writing where nobody may read at the moment: a stopped terminal, a full pipe. Never waits."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import socket
import stat
import sys
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = 512
"""Where anything fits into a pipe, this much does."""
_MOST_WAITING: Final = 1 << 16


class Outlet:
    """A stream for people; what does not fit at once is written a little later.

    Args:
        out: The stream; None if it was closed before the start.

    Attributes:
        gone: Whether nobody will ever read it.
    """

    def __init__(self, out: TextIO | None) -> None:
        self.gone = out is None
        self._out = out
        self._rest = b""

    @property
    def stuck(self) -> bool:
        """Whether a part of what was written still waits for somebody to read."""
        return bool(self._rest)

    def write(self, text: str) -> bool:
        """Write a text; return whether it is or will be there to be read."""
        if self._out is None or self.gone or len(self._rest) > _MOST_WAITING:
            return False
        encoding = self._out.encoding or "utf-8"
        coded = text.encode(encoding, "replace")
        try:
            self._out.flush()
            try:
                fd = self._out.fileno()
            except io.UnsupportedOperation:  # it lies in memory
                self._out.write(coded.decode(encoding))
                return True
            written = 0 if self._rest else write_now(fd, coded)
        except (OSError, ValueError):  # the reader has gone, or the file is closed
            self.gone = True
            return False
        if coded[written:] and (written or self._rest):
            self._rest += coded[written:]
            asyncio.get_running_loop().add_writer(fd, self._go_on, fd)
        return bool(written or self._rest)

    def drop(self) -> None:
        """Let go of what nobody has read until now."""
        if self._rest and self._out is not None:
            self._rest = b""
            asyncio.get_running_loop().remove_writer(self._out.fileno())

    def _go_on(self, fd: int) -> None:
        try:
            self._rest = self._rest[write_now(fd, self._rest) :]
        except OSError:
            self.gone, self._rest = True, b""
        if not self._rest:
            asyncio.get_running_loop().remove_writer(fd)


def write_now(fd: int, text: bytes) -> int:
    """Write as much as fits at this moment, and return how many bytes that was.

    The flags of a descriptor are shared with the programs that started us, so it is not made
    non-blocking itself.

    Raises:
        OSError: Nobody will ever read it.
    """
    mode = os.fstat(fd).st_mode
    with never_stopped():
        if stat.S_ISSOCK(mode):
            return _send(fd, text)
        if stat.S_ISFIFO(mode) or os.isatty(fd):
            return _write_anew(fd, text)
        return _until_full(fd, text)


def _write_anew(fd: int, text: bytes) -> int:
    """Write through a description of our own, whose writes do not wait."""
    try:
        own = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:  # another's terminal, as after `su`, or a system without such names
        return _in_pieces(fd, text)
    try:
        return _until_full(own, text)
    finally:
        os.close(own)


def _until_full(fd: int, text: bytes) -> int:
    written = 0
    try:
        while written < len(text):
            written += os.write(fd, text[written:])
    except BlockingIOError:
        pass
    return written


def _send(fd: int, text: bytes) -> int:
    with socket.socket(fileno=os.dup(fd)) as own:
        try:
            return own.send(text, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0


def _in_pieces(fd: int, text: bytes) -> int:
    """Write piece by piece, as long as the other end takes something."""
    import select  # noqa: PLC0415 - needed where the plain way does not work

    written = 0
    while written < len(text) and select.select([], [fd], [], 0)[1]:
        written += os.write(fd, text[written : written + _PIECE])
    return written


@contextlib.contextmanager
def never_stopped() -> Iterator[None]:
    """Hold off the signals by which a terminal stops a whole process that is in the background.

    Who is in the foreground may change at any moment. With the signals held off a read becomes an
    error, and what is written goes through.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN, signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
