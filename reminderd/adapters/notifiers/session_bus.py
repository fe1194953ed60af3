"""The session bus, and whoever answers to the notification server's name on it.

Everything is a low-level message: the servers' introspection data cannot be trusted, and an error
reply is returned by dbus-fast, not raised.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from dbus_fast import DBusFastError, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus

from reminderd.adapters.notifiers.markup import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable

NOTIFICATIONS: Final = "org.freedesktop.Notifications"
_OBJECT: Final = "/org/freedesktop/Notifications"
_BUS: Final = "org.freedesktop.DBus"
_BUS_OBJECT: Final = "/org/freedesktop/DBus"

_CONNECT_SECONDS: Final = 4.0
_GREET_SECONDS: Final = 2.0
"""A server that does not even say its name within this time would not show anything either."""

# What this connection listens to. Servers that broadcast need the last two; the bus then drops what
# other programs send under these names, and NotificationServer asks again who the sender is.
_RULES: Final = (
    f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{NOTIFICATIONS}'",
    f"type='signal',sender='{NOTIFICATIONS}',path='{_OBJECT}',member='ActionInvoked'",
    f"type='signal',sender='{NOTIFICATIONS}',path='{_OBJECT}',member='NotificationClosed'",
)


def session_bus_address() -> str | None:
    """Return where the session bus listens, or None where the session has none."""
    if address := os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    socket = Path(runtime) / "bus"
    if not runtime.startswith("/") or not socket.is_socket():
        return None
    return "unix:path=" + quote(str(socket)).replace("~", "%7E")


class NotificationServer:
    """One long-lived connection, and the owner of the notification name behind it.

    A bus that cannot be reached is looked for again with every `rouse`; one that was lost is not.

    Args:
        on_message: Gets every message but changes of the owner, in the order of the wire and
            before any awaiting call resumes.
        on_change: The owner left, or a new one has been asked what it can do.
        on_lost: The connection broke; there will be no other.

    Attributes:
        owner: The unique name behind the notification name, None while nobody has it.
        activatable: Whether the bus can start a server when one is needed.
        name: What the owner calls itself, empty while not known.
        title: Its name and version.
        capabilities: What the owner can do, None while not known.
        changes: How often the owner has changed.
        trouble: Why there is no connection, empty while there is one.
    """

    def __init__(
        self,
        *,
        on_message: Callable[[Message], None],
        on_change: Callable[[], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.owner: str | None = None
        self.activatable = False
        self.name = self.title = ""
        self.capabilities: frozenset[str] | None = None
        self.changes = 0
        self.trouble = "not connected yet"
        self._on_message = on_message
        self._on_change = on_change
        self._on_lost = on_lost
        self._bus: MessageBus | None = None
        self._over = False
        self._watching: asyncio.Task[None] | None = None
        self._meeting: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can be sent."""
        return self._bus is not None and self._bus.connected

    def may_connect(self) -> bool:
        """Return whether there is somewhere to connect to, and the connection was not lost."""
        return not self._over and session_bus_address() is not None

    async def connect(self) -> None:
        """Connect, and learn who is there; `trouble` says why where that does not work."""
        address = session_bus_address()
        if address is None:
            self.trouble = "there is no session bus"
            return
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                bus = self._bus = await MessageBus(bus_address=address).connect()
                bus.add_message_handler(self._hear)
                await self._look_around()
        except (OSError, EOFError, DBusFastError) as error:
            self.trouble = f"the session bus cannot be reached ({type(error).__name__})"
            self._leave()
            return
        except asyncio.CancelledError:
            self.trouble = "the session bus does not answer"
            self._leave()
            raise
        if self._over:  # told to leave meanwhile
            self._leave()
            return
        self.trouble = ""
        self._watching = asyncio.create_task(self._watch(bus))

    async def disconnect(self) -> None:
        """Leave the bus for good; nothing is called back after this."""
        self._over = True
        self.trouble = self.trouble or "the session bus was left"
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
        self._forget_owner()
        if bus is not None and bus.connected:
            bus.remove_message_handler(self._hear)
            bus.disconnect()
        return bus

    async def rouse(self) -> str:
        """See to it that a server is there and known; return why not, or nothing.

        Nothing has been shown where this fails, so trying again later is safe.
        """
        if not self.connected:
            if not self._over:
                await self.connect()
            if not self.connected:
                return self.trouble or "the session bus is gone"
        if self.owner is None and (refusal := await self._activate()):
            return refusal
        if self.owner is not None and self.capabilities is None:
            await self._greet(self.owner)
        if self.owner is None or self.capabilities is None:
            return "the notification server does not answer"
        return ""

    def prepare(
        self, member: str, signature: str, body: list[Any], *, reply: bool = True
    ) -> Message:
        """Return a call to the present owner: for `call`, or without a reply for `send`.

        It is addressed to the owner itself: the name could have passed to another server, whose
        ids are not these, or start one.
        """
        return Message(
            destination=self.owner,
            path=_OBJECT,
            interface=NOTIFICATIONS,
            member=member,
            signature=signature,
            body=body,
            flags=MessageFlag.NONE if reply else MessageFlag.NO_REPLY_EXPECTED,
            serial=0 if self._bus is None else self._bus.next_serial(),
        )

    async def call(self, message: Message) -> Message:
        """Send a call and return its reply, which may be an error.

        Raises:
            ConnectionError: The connection was or went away.
        """
        # Once it is down, dbus-fast would write to a file descriptor that may be another's by now.
        if self._bus is None or not self._bus.connected:
            raise ConnectionError("not connected")
        try:
            reply = await self._bus.call(message)
        except (OSError, EOFError) as error:
            raise ConnectionError("the session bus went away") from error
        if reply is None:
            raise ConnectionError("the connection was closed")
        return reply

    def send(self, message: Message) -> None:
        """Send a message to which no reply is expected; on a dead connection do nothing."""
        if self._bus is not None and self._bus.connected:
            self._bus.send(message).add_done_callback(_look_away)

    async def _look_around(self) -> None:
        for rule in _RULES:
            await self._ask_bus("AddMatch", "s", [rule])
        reply = await self._ask_bus("ListActivatableNames")
        self.activatable = _succeeded(reply) and NOTIFICATIONS in reply.body[0]
        await self._find_owner()

    async def _find_owner(self) -> None:
        changes = self.changes
        reply = await self._ask_bus("GetNameOwner", "s", [NOTIFICATIONS])
        # A change that was signalled meanwhile is newer than this reply.
        if _succeeded(reply) and changes == self.changes:
            self.owner = str(reply.body[0])
            await self._greet(self.owner)

    async def _activate(self) -> str:
        reply = await self._ask_bus("StartServiceByName", "su", [NOTIFICATIONS, 0])
        if not _succeeded(reply):
            return f"no notification server is running or starts ({reply.error_name})"
        if self.owner is None:  # mostly a signal has told already
            await self._find_owner()
        return ""

    async def _ask_bus(
        self, member: str, signature: str = "", body: list[Any] | None = None
    ) -> Message:
        return await self.call(
            Message(
                destination=_BUS,
                path=_BUS_OBJECT,
                interface=_BUS,
                member=member,
                signature=signature,
                body=body or [],
            )
        )

    def _hear(self, message: Message) -> None:
        if message.member != "NameOwnerChanged" or message.sender != _BUS:
            self._on_message(message)
        elif message.body[0] == NOTIFICATIONS:
            self._change_owner(message.body[2] or None)

    def _change_owner(self, owner: str | None) -> None:
        self._forget_owner()
        self.changes += 1
        if owner is None:
            self._on_change()
        else:
            self.owner = owner
            self._meeting = asyncio.create_task(self._meet(owner))

    def _forget_owner(self) -> None:
        self.owner, self.capabilities, self.name, self.title = None, None, "", ""
        if self._meeting is not None:
            self._meeting.cancel()
            self._meeting = None

    async def _meet(self, owner: str) -> None:
        await self._greet(owner)
        self._on_change()

    async def _greet(self, owner: str) -> None:
        """Ask an owner who it is and what it can do; leave both unknown if it does not answer."""
        try:
            async with asyncio.timeout(_GREET_SECONDS):
                said = await self.call(self.prepare("GetServerInformation", "", []))
                able = await self.call(self.prepare("GetCapabilities", "", []))
        except (TimeoutError, ConnectionError):
            return
        if owner != self.owner:
            return
        # Whoever answers with an error is there, and is taken to be able to do nothing special.
        if _succeeded(said, "ssss"):
            name, _vendor, version, _spec = said.body
            self.name = plain_line(name, limit=60)
            self.title = plain_line(" ".join([name, *version.split()[:1]]), limit=60)
        self.capabilities = frozenset(able.body[0] if _succeeded(able, "as") else ())

    async def _watch(self, bus: MessageBus) -> None:
        with contextlib.suppress(OSError, EOFError, DBusFastError):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        if bus is self._bus:  # it was not `disconnect` that ended it
            self._over = True
            self._forget_owner()
            self.trouble = "the session bus went away"
            self._on_lost(self.trouble)


def _succeeded(reply: Message, signature: str | None = None) -> bool:
    return reply.message_type is MessageType.METHOD_RETURN and (
        signature is None or reply.signature == signature
    )


def _look_away(future: asyncio.Future[None]) -> None:
    """Take note of how a write ended: a broken connection is told by `on_lost` alone."""
    if not future.cancelled():
        future.exception()
