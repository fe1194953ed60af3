"""The notification server of a Linux desktop, over D-Bus.

Servers differ in almost everything, so this trusts little: a signal counts only from the server
that gave us the id and only once, `ActionInvoked` and `NotificationClosed` may come in any order or
alone, and a server may leave at any moment.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from reminderd.adapters.notifiers.notification_server import NotificationServer
from reminderd.adapters.notifiers.notify_call import (
    NOTIFY,
    Abilities,
    limits_of,
    notify_arguments,
    outcome_of,
)
from reminderd.adapters.notifiers.on_screen import Asked, Screen
from reminderd.core.notice import (
    Delivered,
    Notice,
    Posted,
    Press,
    Refused,
    Silent,
    line,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbus_fast import Message

    from reminderd.core.notice import Change

PATIENCE_SECONDS: Final = 5.0
"""How long bringing one up may take altogether."""

_LEAVE_SECONDS: Final = 0.2
"""How long leaving waits for the reply to a call in flight, to take down what it brought up."""


class FreedesktopNotifier:
    """Brings a practice up on the desktop, with buttons. Does nothing until `start`.

    Args:
        on_press: The person pressed a button, clicked on the text or wrote a reply: a view as
            often as the server tells of it, an answer once. Returns whether the answer is stored:
            the notification is closed then, which people read as an acknowledgement. Else it stands
            until `close`, and no other answer is taken.
        on_closed: It went away unanswered, and not because `close` or `show` asked for that.
        on_change: A server appeared, left or was replaced.
        on_lost: The session bus is gone, once and for good.
        patience: Seconds that one `show` may take.

    Attributes:
        sound: What a practice sounds like: a file or a name of the sound theme; empty for silence.
    """

    name = "freedesktop"

    def __init__(
        self,
        *,
        on_press: Callable[[Press], bool],
        on_closed: Callable[[str, int], None],
        on_change: Callable[[Change], None],
        on_lost: Callable[[str], None],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.sound = ""
        self._on_lost = on_lost
        self._patience = patience
        self._server = NotificationServer(
            on_message=self._hear, on_change=on_change, on_lost=self._lose
        )
        self._screen = Screen(self._server, on_press=on_press, on_closed=on_closed, say=self.tell)
        self._failure: tuple[int, int, str] | None = None
        self._turn = asyncio.Lock()

    @property
    def server(self) -> str:
        """The server's name and version, empty while not known."""
        return self._server.title

    @property
    def connected(self) -> bool:
        """Whether there is a session bus and we are on it."""
        return self._server.bus.connected

    @property
    def trouble(self) -> str:
        """What is in the way of bringing something up, in plain words; empty when nothing is.

        Why the last try failed counts, until one succeeds or the server is another.
        """
        if not self.connected:
            return self._server.bus.trouble
        if not self.served:
            return "no notification server is running"
        changes, brought, why = self._failure or (-1, 0, "")
        now = self._server.changes, self._screen.brought
        return why if (changes, brought) == now else ""

    @property
    def served(self) -> bool:
        """Whether a server is there, or can be started by the bus."""
        server = self._server
        return server.bus.connected and (server.owner is not None or server.activatable)

    @property
    def limits(self) -> tuple[str, ...]:
        """What the present server cannot do, in plain words."""
        abilities = self._server.abilities
        return () if abilities is None else limits_of(abilities, self.sound)

    def ready(self) -> bool:
        """Return whether a try could work: a server is `served`, or a bus may be found by it."""
        return self.served if self.connected else self._server.bus.may_connect()

    async def start(self) -> None:
        """Connect; where that does not work, `trouble` says why, and every `show` tries again."""
        async with self._turn:
            await self._server.connect()

    async def stop(self) -> None:
        """Take down what stands or comes up yet, whose buttons would lead nowhere; leave the bus.

        What was pressed before that still counts.
        """
        self._screen.clear()
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._screen.none_in_flight()
                if self._server.owner is not None:  # its reply comes after all it said before
                    await self._server.bus.call(self._server.prepare("GetServerInformation"))
        except (TimeoutError, ConnectionError):
            pass
        finally:
            await self._server.disconnect()
            self._screen.lose()

    async def show(self, notice: Notice) -> Delivered:
        """Bring it up in place of whatever of ours stands. Never raises."""
        async with self._turn:
            delivered = await self._bring(notice)
            if not isinstance(delivered, Posted):
                self._failure = self._server.changes, self._screen.brought, delivered.why
            return delivered

    async def _bring(self, notice: Notice) -> Delivered:
        asked: Asked | None = None
        try:
            async with asyncio.timeout(self._patience):
                if refusal := await self._server.rouse():
                    return Refused(refusal)
                asked = self._ask(notice)
                await asyncio.wait({asked.reply})  # which stays there to be late
        except TimeoutError:
            if asked is None:
                return Refused("no notification server answered in time")
            return Silent(f"the notification server did not reply within {self._patience:g} s")
        except ConnectionError:
            return Refused("the session bus went away")
        reply = asked.reply.result()
        return outcome_of(reply, asked.place) if reply else Silent("the session bus went away")

    def tell(self, text: str) -> None:
        """Show one passing line, unless a practice waits for its answer there. Never raises."""
        standing = self._screen.present()
        free = standing is None or not standing.keys
        if self._server.owner is not None and free and not self._screen.waits():
            self._ask(line(text))

    def stands(self, delivery: str) -> bool:
        """Return whether this was brought up by us, on the server that is there now."""
        return self._screen.last == (delivery, self._server.owner)

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Take over what an earlier process of ours brought up, if its server is still there.

        It can be closed and replaced then, and answered where the server tells everybody.
        """
        self._screen.adopt(notice, posted)

    async def close(self, delivery: str) -> None:
        """Take it down if it still stands. Never raises."""
        self._screen.close(delivery)

    def _ask(self, notice: Notice) -> Asked:
        """Send the call that brings it up, and remember that its reply is awaited."""
        replaces = self._screen.make_room(notice)
        abilities = self._server.abilities or Abilities()
        arguments = notify_arguments(notice, replaces, abilities, self.sound)
        message = self._server.prepare("Notify", NOTIFY, arguments)
        reply = asyncio.get_running_loop().create_future()
        asked = Asked(notice, self._server.owner or "", self._server.place, reply)
        self._screen.ask(message.serial, asked)
        self._server.bus.send(message)
        return asked

    def _hear(self, message: Message) -> None:
        self._screen.hear(message)

    def _lose(self, why: str) -> None:
        self._screen.lose()
        self._on_lost(why)
