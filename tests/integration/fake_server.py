"""A notification server in the test's own process, which does whatever a test needs it to do.

It is one message handler on a connection of its own, because servers are to be as odd here as they
are outside: silent, refusing, replying late, signalling twice or before they reply.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from dbus_fast import (
    Message,
    MessageType,
    NameFlag,
    RequestNameReply,
    Variant,
    unpack_variants,
)
from dbus_fast.aio import MessageBus

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
PROPERTIES = "org.freedesktop.DBus.Properties"
EXCESS = "org.freedesktop.Notifications.Error.ExcessNotificationGeneration"
NO_BUTTONS = ("default", "inline-reply")
ALL_CAPABILITIES = ("actions", "body", "body-markup")
WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Shown:
    """One Notify call, as the server got it."""

    id: int
    sender: str
    at: float
    app: str
    replaces: int
    icon: str
    summary: str
    body: str
    actions: tuple[str, ...]
    hints: dict[str, Any]
    expires: int

    @property
    def text(self) -> str:
        """All that there is to read."""
        return "\n".join(filter(None, (self.summary, self.body)))

    @property
    def buttons(self) -> dict[str, str]:
        """The labels by key, without a click on the text and a field for a reply."""
        labels = dict(zip(self.actions[::2], self.actions[1::2], strict=True))
        return {key: label for key, label in labels.items() if key not in NO_BUTTONS}


@dataclass
class FakeServer:
    """The server; what it does can be changed at any time.

    Attributes:
        capabilities: What it says it can do.
        name: What it calls itself.
        vendor: Who made it.
        refuse: The name of the error that it replies to Notify, if any.
        silent: The methods that it never replies to.
        broadcast: Whether its signals go to everybody, and not to the caller alone.
        doubled: Whether it sends each signal twice.
        tells_closing: Whether it ever says that a notification is gone.
        closes_on_press: Whether a press takes its notification down.
        inhibited: Its property `Inhibited`; None where it has none.
        excess_seconds: For how long it refuses another notification with the same text.
        most_kept: How many notifications of one program it keeps.
        before_reply: Called with the id before Notify is answered.
        after_reply: Called with the id right after, in the same burst.
        shown: Every Notify call that it accepted.
        standing: What is up, by id.
        closed: The ids that CloseNotification asked for.
        asked: How often each method was called.
    """

    address: str
    capabilities: tuple[str, ...] = ALL_CAPABILITIES
    name: str = "fake"
    vendor: str = "reminderd"
    refuse: str = ""
    silent: set[str] = field(default_factory=set)
    broadcast: bool = False
    doubled: bool = False
    tells_closing: bool = True
    closes_on_press: bool = False
    inhibited: bool | None = None
    excess_seconds: float = 0.0
    most_kept: int = 20
    before_reply: Callable[[int], None] | None = None
    after_reply: Callable[[int], None] | None = None
    shown: list[Shown] = field(default_factory=list)
    standing: dict[int, Shown] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bus: MessageBus | None = None
        self._bus_id = ""
        self._last_id = 0
        self._unanswered: list[Message] = []
        self._stirred = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Connect and take the name."""
        await self.connect()
        await self.own_name()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the bus."""
        await self.vanish()

    @property
    def unique_name(self) -> str:
        """Its own name on the bus."""
        return self.bus.unique_name or ""

    @property
    def place(self) -> str:
        """How the notifier records that name, so that no other bus knows it."""
        return f"{self.unique_name} {self._bus_id}"

    @property
    def unanswered_sender(self) -> str:
        """Who waits for the reply to a Notify."""
        return self._unanswered[-1].sender or ""

    @property
    def bus(self) -> MessageBus:
        """Its connection."""
        assert self._bus is not None, "the fake server is not on the bus"
        return self._bus

    async def connect(self) -> None:
        """Join the bus without the name, as any other program does."""
        self._bus = await MessageBus(bus_address=self.address).connect()
        self._bus.add_message_handler(self._handle)
        self._bus_id = (await self._ask_bus("GetId")).body[0]

    async def own_name(self) -> None:
        """Become the notification server, also in place of another."""
        flags = NameFlag.ALLOW_REPLACEMENT | NameFlag.REPLACE_EXISTING | NameFlag.DO_NOT_QUEUE
        assert await self.bus.request_name(NAME, flags) is RequestNameReply.PRIMARY_OWNER

    async def drop_name(self) -> None:
        """Stop being the notification server, but stay on the bus."""
        await self.bus.release_name(NAME)

    async def vanish(self) -> None:
        """Leave the bus as a crash would."""
        if self._bus is not None and self._bus.connected:
            self._bus.disconnect()
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self._bus = None

    async def come_back(self) -> None:
        """Leave, and return as a new process whose ids begin at 1."""
        await self.vanish()
        self._last_id = 0
        self.standing.clear()
        await self.connect()
        await self.own_name()

    def press(self, server_id: int, key: str, *, to: str | None = None) -> None:
        """Signal that a button was pressed; `to` addresses one program alone."""
        self._signal("ActionInvoked", "us", [server_id, key], to or self._caller(server_id))
        if self.closes_on_press:
            self.close(server_id, 2)

    def reply(self, server_id: int, text: str) -> None:
        """Signal that the person wrote a reply."""
        self._signal("NotificationReplied", "us", [server_id, text], self._caller(server_id))
        if self.closes_on_press:
            self.close(server_id, 2)

    def close(self, server_id: int, reason: int, *, to: str | None = None) -> None:
        """Take a notification down, and signal that it went away."""
        destination = to or self._caller(server_id)
        self.standing.pop(server_id, None)
        self._stir()
        if self.tells_closing:
            self._signal("NotificationClosed", "uu", [server_id, reason], destination)

    def inhibit(self, inhibited: bool) -> None:
        """Set the property `Inhibited`, and tell of it."""
        self.inhibited = inhibited
        changed = {"Inhibited": Variant("b", inhibited)}
        self._signal("PropertiesChanged", "sa{sv}as", [NAME, changed, []], None, PROPERTIES)

    def answer_late(self) -> None:
        """Reply now to every Notify that was left without one."""
        for message in self._unanswered:
            self.bus.send(self._accept(message))
        self._unanswered.clear()
        self._stir()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that this server sees has happened."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                self._stirred.clear()
                await self._stirred.wait()

    async def settled(self) -> None:
        """Wait until everything sent so far has gone through the bus, and once more for replies."""
        for _ in range(3):
            await self._ask_bus("GetId")

    async def _ask_bus(self, member: str) -> Message:
        name, path = "org.freedesktop.DBus", "/org/freedesktop/DBus"
        message = Message(destination=name, path=path, interface=name, member=member)
        reply = await self.bus.call(message)
        assert reply is not None
        return reply

    def _caller(self, server_id: int) -> str | None:
        if self.broadcast:
            return None
        return next((one.sender for one in reversed(self.shown) if one.id == server_id), None)

    def _signal(
        self,
        member: str,
        signature: str,
        body: list[Any],
        destination: str | None,
        interface: str = NAME,
    ) -> None:
        for _ in range(1 + self.doubled):
            self.bus.send(
                Message(
                    message_type=MessageType.SIGNAL,
                    destination=destination,
                    path=PATH,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=body,
                )
            )

    def _stir(self) -> None:
        self._stirred.set()

    def _handle(self, message: Message) -> Message | bool | None:
        if (message.interface, message.member) == (PROPERTIES, "Get") and message.body[1:] == [
            "Inhibited"
        ]:
            if self.inhibited is None:
                return None  # as a program without it answers: unknown
            return Message.new_method_return(message, "v", [Variant("b", self.inhibited)])
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        member = message.member or ""
        self.asked[member] = self.asked.get(member, 0) + 1
        self._stir()
        if member in self.silent:
            if member == "Notify":
                self._unanswered.append(message)
            return True
        return self._reply(member, message)

    def _reply(self, member: str, message: Message) -> Message | bool | None:
        match member:
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [list(self.capabilities)])
            case "GetServerInformation":
                said = [self.name, self.vendor, "1.0 (of the tests)", "1.2"]
                return Message.new_method_return(message, "ssss", said)
            case "CloseNotification":
                return self._take_down(message)
            case "Notify" if refusal := self.refuse or self._too_soon(message):
                return Message.new_error(message, refusal, f"no room for {message.body[3]}")
            case "Notify":
                return self._bring_up(message)
        return None

    def _bring_up(self, message: Message) -> bool:
        reply = self._accept(message)
        server_id = reply.body[0]
        if self.before_reply is not None:
            self.before_reply(server_id)
        self.bus.send(reply)
        if self.after_reply is not None:
            self.after_reply(server_id)
        return True

    def _too_soon(self, message: Message) -> str:
        now = asyncio.get_running_loop().time()
        same = [one for one in self.shown if [one.summary, one.body] == message.body[3:5]]
        return EXCESS if same and now - same[-1].at < self.excess_seconds else ""

    def _accept(self, message: Message) -> Message:
        app, replaces, icon, summary, body, actions, hints, expires = message.body
        if replaces in self.standing:
            server_id = replaces
        else:
            self._last_id += 1
            server_id = self._last_id
        shown = Shown(
            id=server_id,
            sender=message.sender or "",
            at=asyncio.get_running_loop().time(),
            app=app,
            replaces=replaces,
            icon=icon,
            summary=summary,
            body=body,
            actions=tuple(actions),
            hints=unpack_variants(hints),
            expires=expires,
        )
        self.shown.append(shown)
        self.standing[server_id] = shown
        ours = [one.id for one in self.standing.values() if one.app == app]
        for oldest in ours[: -self.most_kept]:
            self.close(oldest, 4)
        return Message.new_method_return(message, "u", [server_id])

    def _take_down(self, message: Message) -> Message | bool:
        server_id = message.body[0]
        self.closed.append(server_id)
        if server_id in self.standing:
            self.close(server_id, 3)
        # No reply where none is wanted, as D-Bus has it.
        return True if message.flags.value & 1 else Message.new_method_return(message)
