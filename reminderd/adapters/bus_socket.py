"""dbus-fast's connection, held to this machine and to messages of a sensible size.

A session's bus lets messages of 128 MiB through, and dbus-fast collects the whole of one before
anybody can look at it. Nobody sends us anything near that for good, so it is dropped on its way in.
"""

from __future__ import annotations

import errno
import socket
from struct import unpack
from typing import TYPE_CHECKING, Final

from dbus_fast import InvalidAddressError
from dbus_fast.aio import MessageBus

if TYPE_CHECKING:
    import io

LARGEST_MESSAGE: Final = 1024 * 1024
"""Bytes; the largest of use, a list of all that a bus could start, has some ten thousand."""
_FIXED: Final = 16
"""Bytes with which each message begins, and that say how long it is."""
_MOST_READS: Final = 64
"""How often to read in a row while all is dropped; then it is somebody else's turn on the loop."""


class LocalBus(MessageBus):
    """A connection over a socket of this machine; what is larger than `LARGEST_MESSAGE` is lost."""

    @staticmethod
    def _create_socket_for_transport(
        transport: str, options: dict[str, str]
    ) -> tuple[socket.socket, io.BufferedRWPair, bytes | str | tuple[str, int]]:
        if transport != "unix":
            raise InvalidAddressError(f"{transport} is no socket of this machine")
        made, stream, address = MessageBus._create_socket_for_transport(  # noqa: SLF001 -- the parent's
            transport, options
        )
        stream.close()
        ours = _Sieved(made.family, made.type, fileno=made.detach())
        return ours, ours.makefile("rwb"), address

    async def _authenticate(self) -> None:
        await super()._authenticate()
        if isinstance(self._sock, _Sieved):
            self._sock.sieve = Sieve(LARGEST_MESSAGE)  # all that follows are messages


class Sieve:
    """Takes the messages that are too large out of a stream, in whatever pieces it comes.

    Args:
        largest: How many bytes after its first 16 a message may have.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._head = b""
        self._rest = 0
        self._keeps = True

    def let_through(self, piece: bytes) -> bytes:
        """Return what of the next piece is to be read."""
        kept = bytearray()
        while piece:
            if self._rest:
                part, piece = piece[: self._rest], piece[self._rest :]
                self._rest -= len(part)
            else:
                missing = _FIXED - len(self._head)
                self._head, piece = self._head + piece[:missing], piece[missing:]
                if len(self._head) < _FIXED:
                    break
                part, self._head, self._rest = self._head, b"", _length_after(self._head)
                self._keeps = self._rest <= self._largest
            if self._keeps:
                kept += part
        return bytes(kept)


class _Sieved(socket.socket):
    """A socket whose `recv` never returns anything of a message that is too large."""

    sieve: Sieve | None = None

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        for _ in range(_MOST_READS):
            piece = super().recv(size, flags)
            kept = self.sieve.let_through(piece) if self.sieve else piece
            if kept or not piece:
                return kept
        raise BlockingIOError(errno.EAGAIN, "nothing to be read so far")


def _length_after(head: bytes) -> int:
    """Return how many bytes follow the first 16: the other fields, padded, and the body."""
    order = "<" if head[:1] == b"l" else ">"
    body, _serial, fields = unpack(f"{order}III", head[4:])
    return int(fields + -fields % 8 + body)
