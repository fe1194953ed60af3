"""A message bus, the session's or the system's: one long-lived connection.

Everything is a low-level message: the servers' introspection data cannot be trusted, and an error
reply is returned by dbus-fast, not raised.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType

from reminderd.adapters.bus_address import Which, bus_address, why_no_bus
from reminderd.adapters.bus_socket import LocalBus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from dbus_fast.aio import MessageBus

BUS: Final = "org.freedesktop.DBus"
_BUS_OBJECT: Final = "/org/freedesktop/DBus"
_CONNECT_SECONDS: Final = 4.0
_MOST_ANSWERED: Final = 100
"""Calls to us that are answered, each with an error: we offer nothing. Thousands of answers, taken
more slowly than they come, would fill the way to the bus; over that dbus-fast gives it up."""


class Bus:
    """One connection. A bus that cannot be reached can be tried again; one that was lost cannot.

    Args:
        which: The bus.
        begin: Is run on each new connection, within the time that connecting may take.
        on_message: Gets every message, in the order of the wire and before any awaiting call
            resumes.
        on_lost: The connection broke; there will be no other.

    Attributes:
        id: The bus's own name for itself, empty while not known.
        trouble: Why there is no connection, empty while there is one.
        over: Whether it was left or lost, for good.
    """

    def __init__(
        self,
        which: Which = "session",
        *,
        begin: Callable[[], Awaitable[None]],
        on_message: Callable[[Message], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.id = ""
        self.trouble = "not connected yet"
        self._which = which
        self._begin = begin
        self._on_message = on_message
        self._on_lost = on_lost
        self._bus: MessageBus | None = None
        self._called = 0
        self.over = False
        self._watching: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can be sent."""
        return self._bus is not None and self._bus.connected

    def may_connect(self) -> bool:
        """Return whether there is somewhere to connect to, and the connection was not lost."""
        return not self.over and bus_address(self._which) is not None

    async def connect(self) -> None:
        """Connect and begin; `trouble` says why where that does not work."""
        address = bus_address(self._which)
        if address is None:
            self.trouble = why_no_bus(self._which)
            return
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                bus = self._bus = await LocalBus(bus_address=address).connect()
                self._watching = asyncio.create_task(self._watch(bus))
                bus.add_message_handler(self._hear)
                reply = await self.ask("GetId")
                self.id = str(reply.body[0]) if succeeded(reply, "s") else ""
                await self._begin()
                if not bus.connected:  # lost while nothing was asked
                    raise ConnectionError  # noqa: TRY301 -- it is met as any other
        except Exception as error:  # noqa: BLE001 -- what is no message makes the library raise anything
            self.trouble = f"the {self._which} bus cannot be reached ({type(error).__name__})"
            self._leave()
            return
        except asyncio.CancelledError:
            self.trouble = f"the {self._which} bus does not answer"
            self._leave()
            raise
        if self.over:  # told to leave meanwhile
            self._leave()
            return
        self.trouble = ""

    async def disconnect(self) -> None:
        """Leave the bus for good; nothing is called back after this."""
        self.over = True
        self.trouble = self.trouble or f"the {self._which} bus was left"
        bus = self._leave()
        if bus is None:
            return
        watching = self._watching or asyncio.create_task(self._watch(bus))
        try:
            await asyncio.wait({watching}, timeout=1)
        finally:
            watching.cancel()

    def _leave(self) -> MessageBus | None:
        """Close the connection, and return it: it takes a turn of the loop until it is down."""
        bus, self._bus = self._bus, None
        if bus is not None and bus.connected:
            bus.remove_message_handler(self._hear)
            bus.disconnect()
        return bus

    def _hear(self, message: Message) -> bool:
        """Hand a message on, and return whether it is not to be answered."""
        self._on_message(message)
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        self._called += 1
        return self._called > _MOST_ANSWERED

    def serial(self) -> int:
        """Return the number for the next message; 0 where there is no connection."""
        return 0 if self._bus is None else self._bus.next_serial()

    async def call(self, message: Message) -> Message:
        """Send a call and return its reply, which may be an error.

        Raises:
            ConnectionError: The connection was or went away.
        """
        # Once it is down, dbus-fast would write to a file descriptor that may be another's by now.
        bus = self._bus
        if bus is None or not bus.connected:
            raise ConnectionError("not connected")
        try:
            reply = await bus.call(message)
        except Exception as error:
            if bus.connected:
                raise
            # Over what is no message the library gives up the connection, with whatever it met.
            raise ConnectionError(f"the {self._which} bus went away") from error
        if reply is None:
            raise ConnectionError("the connection was closed")
        return reply

    def send(self, message: Message) -> None:
        """Send a message to which no reply is expected; on a dead connection do nothing."""
        if self._bus is not None and self._bus.connected:
            self._bus.send(message).add_done_callback(_look_away)

    async def ask(self, member: str, signature: str = "", body: Sequence[object] = ()) -> Message:
        """Call the bus itself and return its reply."""
        return await self.call(
            Message(
                destination=BUS,
                path=_BUS_OBJECT,
                interface=BUS,
                member=member,
                signature=signature,
                body=list(body),
            )
        )

    async def _watch(self, bus: MessageBus) -> None:
        with contextlib.suppress(Exception):  # as in `call`
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        if bus is self._bus and not self.trouble:  # it was joined, and not left by `disconnect`
            self.over = True
            self.trouble = f"the {self._which} bus went away"
            self._on_lost(self.trouble)


def succeeded(reply: Message, signature: str | None = None) -> bool:
    """Return whether a reply is no error, and of a signature where that matters."""
    return reply.message_type is MessageType.METHOD_RETURN and (
        signature is None or reply.signature == signature
    )


def _look_away(future: asyncio.Future[None]) -> None:
    """Take note of how a write ended: a broken connection is told by `on_lost` alone."""
    if not future.cancelled():
        future.exception()
