"""A bus on which everybody is played; it says what a `Talk` has, and after that what is so.

It runs in a process of its own: what it holds is not to count for whoever is tried.
"""

from __future__ import annotations

import io
import os
import select
import socket
from collections import defaultdict
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from dbus_fast import MessageType
from dbus_fast._private.unmarshaller import Unmarshaller

from tests.property.mutation.messages import ANSWERS, BACK
from tests.property.mutation.wire import in_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.property.mutation.messages import Talk

_HEADER: Final = 16
_GUID: Final = "5b3f9d2c7ae14f0b8c6d1e2f3a4b5c6d"


@contextmanager
def bus_that_says(talk: Talk, path: Path) -> Iterator[Callable[[], None]]:
    """Have that bus listen on a path; what is given brings it to its senses."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        try:
            ours.close()
            _Peer(talk, listener, theirs).serve()
        finally:
            os._exit(0)
    listener.close()
    theirs.close()

    def be_honest() -> None:
        ours.send(b"!")
        ours.recv(1)

    try:
        yield be_honest
    finally:
        ours.close()  # which ends it


class _Peer:
    def __init__(self, talk: Talk, listener: socket.socket, told: socket.socket) -> None:
        self._answers = {member: list(some) for member, some in talk.answers.items()}
        self._unasked = {member: list(some) for member, some in talk.unasked.items()}
        self._listener, self._told = listener, told
        self._received: dict[socket.socket, bytearray] = defaultdict(bytearray)
        self._met: set[socket.socket] = set()

    def serve(self) -> None:
        """Talk until whoever has us ends."""
        while True:
            every = [self._listener, self._told, *self._received]
            for ready in select.select(every, [], [])[0]:
                if ready is self._listener:
                    self._received[self._listener.accept()[0]] = bytearray()
                elif ready is self._told:
                    if not self._told.recv(1):
                        return
                    self._be_honest()
                else:
                    self._hear(ready)

    def _be_honest(self) -> None:
        self._answers.clear()
        self._unasked.clear()
        for connection in self._met:
            self._send(connection, BACK.bytes())
        self._told.send(b"!")

    def _hear(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        if not data:
            del self._received[connection]
            self._met.discard(connection)
            connection.close()
            return
        received = self._received[connection]
        received += data
        if connection not in self._met:
            self._meet(connection, received)
        while connection in self._met and (message := _taken(received)):
            self._answer(connection, message)

    def _meet(self, connection: socket.socket, received: bytearray) -> None:
        """Let somebody in, as a bus does."""
        while b"\r\n" in received:
            line, _, rest = bytes(received).partition(b"\r\n")
            received[:] = rest
            if line == b"BEGIN":
                self._met.add(connection)
                return
            self._send(connection, f"OK {_GUID}\r\n".encode())

    def _answer(self, connection: socket.socket, message: bytes) -> None:
        call = Unmarshaller(io.BytesIO(message)).unmarshall()  # type: ignore[arg-type]  # it only reads
        if call is None or call.message_type is not MessageType.METHOD_CALL:
            return
        member = call.member or ""
        odd = self._answers.get(member)
        answer = odd.pop(0) if odd else ANSWERS[member].bytes()
        self._send(connection, in_reply(answer, call.serial))
        for said, times in self._unasked.pop(member, ()):
            for _ in range(times):
                self._send(connection, said)

    def _send(self, connection: socket.socket, data: bytes) -> None:
        with suppress(OSError):  # they left
            connection.sendall(data)


def _taken(received: bytearray) -> bytes:
    """Take the first message out of what was received, or nothing while it is not whole."""
    if len(received) < _HEADER:
        return b""
    body, fields = (int.from_bytes(received[at : at + 4], "little") for at in (4, 12))
    length = _HEADER + fields + -fields % 8 + body
    if len(received) < length:
        return b""
    message = bytes(received[:length])
    del received[:length]
    return message
