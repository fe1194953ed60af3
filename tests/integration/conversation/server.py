"""The server of a conversation, which tells all it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbus_fast import Message

from tests.integration.fake_server import EXCESS, FakeServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbus_fast.aio import MessageBus


class Server(FakeServer):
    """The server, which tells of every Notify call, and refuses so many of them.

    Attributes:
        refusals: How many more Notify calls it refuses.
        on_notify: Called with each Notify call that comes in.
        on_accept: Called with each that it accepts, and the id.
    """

    refusals: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.on_notify: Callable[[Message], None] = lambda _: None
        self.on_accept: Callable[[Message, int], None] = lambda _, __: None
        self._leaving = False

    @property
    def there(self) -> bool:
        """Whether it is on the bus."""
        return self._bus is not None

    async def vanish(self) -> None:
        """Leave the bus, and owe no reply any more."""
        self._leaving = True
        await super().vanish()
        self._leaving = False
        self._unanswered.clear()
        self.standing.clear()
        self.shown.clear()

    def _handle(self, message: Message) -> Message | bool | None:
        if self._leaving:
            return True
        if message.member == "Notify":
            self.on_notify(message)
            self.refuse = EXCESS if self.refusals else ""
            self.refusals = max(0, self.refusals - 1)
            if self.refuse and self.before_reply is not None:
                self.before_reply(0)
        return super()._handle(message)

    def _accept(self, message: Message) -> Message:
        reply = super()._accept(message)
        self.on_accept(message, reply.body[0])
        return reply


async def through(bus: MessageBus) -> None:
    """Wait until the bus has all that was sent on a connection."""
    name, path = "org.freedesktop.DBus", "/org/freedesktop/DBus"
    await bus.call(Message(destination=name, path=path, interface=name, member="GetId"))
