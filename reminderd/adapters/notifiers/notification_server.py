"""Whoever answers to the notification server's name on the session bus."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageFlag
from dbus_fast.validators import is_bus_name_valid

from reminderd.adapters.bus import BUS, Bus, succeeded
from reminderd.adapters.notifiers.markup import plain_line
from reminderd.adapters.notifiers.notify_call import Abilities
from reminderd.adapters.notifiers.quirks import quirk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reminderd.core.notice import Change

NOTIFICATIONS: Final = "org.freedesktop.Notifications"
_OBJECT: Final = "/org/freedesktop/Notifications"

_GREET_SECONDS: Final = 2.0
"""A server that does not even say its name within this time would not show anything either."""

# What this connection listens to. Servers that broadcast need the last three; the bus then drops
# what other programs send under these names, and the notifier asks again who the sender is.
_RULES: Final = (
    f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{NOTIFICATIONS}'",
    f"type='signal',sender='{NOTIFICATIONS}',path='{_OBJECT}',member='ActionInvoked'",
    f"type='signal',sender='{NOTIFICATIONS}',path='{_OBJECT}',member='NotificationClosed'",
    f"type='signal',sender='{NOTIFICATIONS}',path='{_OBJECT}',member='NotificationReplied'",
)


class NotificationServer:
    """The owner of the notification name, and what is known of it.

    A bus that cannot be reached is looked for again with every `rouse`; one that was lost is not.

    Args:
        on_message: Gets every message, in the order of the wire and before any awaiting call
            resumes; changes of the owner once they are taken into account here.
        on_change: The owner left, or a new one has been asked what it can do: `appeared`
            where we did not start it ourselves.
        on_lost: The connection broke; there will be no other.

    Attributes:
        bus: The connection.
        owner: The unique name behind the notification name, None while nobody has it.
        activatable: Whether the bus can start a server when one is needed.
        title: The owner's name and version, empty while not known.
        abilities: What is known of the owner, None before it has been asked.
        changes: How often the owner has changed.
    """

    def __init__(
        self,
        *,
        on_message: Callable[[Message], None],
        on_change: Callable[[Change], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.owner: str | None = None
        self.activatable = False
        self.title = ""
        self.abilities: Abilities | None = None
        self.changes = 0
        self._on_message = on_message
        self._on_change = on_change
        self._on_lost = on_lost
        self._starting = False
        self._meeting: asyncio.Task[None] | None = None
        self.bus = Bus(begin=self._look_around, on_message=self._hear, on_lost=self._lose)

    @property
    def place(self) -> str:
        """The owner's name on every bus there ever was; a new bus begins to count anew."""
        return f"{self.owner} {self.bus.id}" if self.owner else ""

    async def connect(self) -> None:
        """Connect, and learn who is there; the bus's `trouble` says why where that fails."""
        try:
            await self.bus.connect()
        finally:
            if not self.bus.connected:
                self._forget_owner()

    async def disconnect(self) -> None:
        """Leave the bus for good; nothing is called back after this."""
        self._forget_owner()
        await self.bus.disconnect()

    async def rouse(self) -> str:
        """See to it that a server is there and known; return why not, or nothing.

        Nothing has been shown where this fails, so trying again later is safe.

        Raises:
            ConnectionError: The connection went away.
        """
        if not self.bus.connected:
            if not self.bus.over:
                await self.connect()
            if not self.bus.connected:
                return self.bus.trouble or "the session bus is gone"
        if self.owner is None and (refusal := await self._activate()):
            return refusal
        if self.owner is not None and self.abilities is None:
            await self._greet(self.owner)
        if self.owner is None or self.abilities is None:
            return "the notification server does not answer"
        return ""

    def prepare(
        self,
        member: str,
        signature: str = "",
        body: Sequence[object] = (),
        *,
        reply: bool = True,
        to: str | None = None,
    ) -> Message:
        """Return a call to the present owner or to another, for `call` or `send`.

        It is addressed to the owner itself: the name could have passed to another server, whose
        ids are not these, or start one.
        """
        return Message(
            destination=to or self.owner,
            path=_OBJECT,
            interface=NOTIFICATIONS,
            member=member,
            signature=signature,
            body=list(body),
            flags=MessageFlag.NONE if reply else MessageFlag.NO_REPLY_EXPECTED,
            serial=self.bus.serial(),
        )

    async def _look_around(self) -> None:
        for rule in _RULES:
            await self.bus.ask("AddMatch", "s", [rule])
        reply = await self.bus.ask("ListActivatableNames")
        self.activatable = succeeded(reply, "as") and NOTIFICATIONS in reply.body[0]
        await self._find_owner()

    async def _find_owner(self) -> None:
        changes = self.changes
        reply = await self.bus.ask("GetNameOwner", "s", [NOTIFICATIONS])
        # A change that was signalled meanwhile is newer than this reply.
        name = reply.body[0] if succeeded(reply, "s") else ""
        if is_bus_name_valid(name) and changes == self.changes:
            self.owner = str(name)
            await self._greet(self.owner)

    async def _activate(self) -> str:
        self._starting = True
        try:
            reply = await self.bus.ask("StartServiceByName", "su", [NOTIFICATIONS, 0])
        finally:
            self._starting = False
        if not succeeded(reply):
            return f"no notification server is running or starts ({reply.error_name})"
        if self.owner is None:  # mostly a signal has told already
            await self._find_owner()
        return ""

    def _hear(self, message: Message) -> None:
        is_change = (message.member, message.signature) == ("NameOwnerChanged", "sss")
        if is_change and message.sender == BUS and message.body[0] == NOTIFICATIONS:
            owner = message.body[2]
            self._change_owner(owner if is_bus_name_valid(owner) else None)
        self._on_message(message)

    def _change_owner(self, owner: str | None) -> None:
        self._forget_owner()
        self.changes += 1
        if owner is None:
            self._on_change("changed")
        else:
            self.owner = owner
            self._meeting = asyncio.create_task(self._meet(owner, by_itself=not self._starting))

    def _forget_owner(self) -> None:
        self.owner, self.abilities, self.title = None, None, ""
        if self._meeting is not None:
            self._meeting.cancel()
            self._meeting = None

    async def _meet(self, owner: str, *, by_itself: bool) -> None:
        await self._greet(owner)
        there = by_itself and self.abilities is not None
        self._on_change("appeared" if there else "changed")

    async def _greet(self, owner: str) -> None:
        """Ask an owner who it is and what it can do; leave both unknown if it does not answer."""
        try:
            async with asyncio.timeout(_GREET_SECONDS):
                said = await self.bus.call(self.prepare("GetServerInformation"))
                able = await self.bus.call(self.prepare("GetCapabilities"))
        except (TimeoutError, ConnectionError):
            return
        if owner != self.owner:
            return
        # Whoever answers with an error is there, and is taken to be able to do nothing special.
        name = vendor = version = ""
        if succeeded(said, "ssss"):
            name, vendor, version, _spec = said.body
        self.title = plain_line(" ".join([name, *version.split()[:1]]), limit=60)
        can = frozenset(able.body[0] if succeeded(able, "as") else ())
        self.abilities = Abilities(plain_line(name, limit=60), can, quirk_of(name, vendor))

    def _lose(self, why: str) -> None:
        self._forget_owner()
        self._on_lost(why)
