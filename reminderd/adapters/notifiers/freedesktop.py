"""The notification server of a Linux desktop, over D-Bus.

Servers differ in almost everything, so this trusts little: a signal counts only from the server
that gave us the id and only once, `ActionInvoked` and `NotificationClosed` may come in any order or
alone, and a server may leave at any moment.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType

from reminderd.adapters.notifiers.notify_call import (
    id_in,
    limits_of,
    notify_arguments,
    outcome_of,
)
from reminderd.adapters.notifiers.session_bus import NOTIFICATIONS, NotificationServer
from reminderd.core.notice import SHOW, Delivered, Notice, Posted, Press, Refused, Silent

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS: Final = 5.0
"""How long bringing one up may take altogether."""

_EARLY_LIMIT: Final = 32

_LEAVE_SECONDS: Final = 0.2
"""How long leaving waits for the reply to a call in flight, to take down what it brought up."""


@dataclass(slots=True)
class _Standing:
    """A notification that a server gave an id for.

    Attributes:
        keys: The buttons whose press still counts.
        up: Whether it still stands, as far as we know; a press may come after the closing.
    """

    delivery: str
    owner: str
    server_id: int
    keys: set[str]
    up: bool = True
    pressed: bool = False


@dataclass(slots=True)
class _Asked:
    """A Notify call whose reply has not come yet.

    Attributes:
        unwanted: Whether its notification is to be closed as soon as its id is known.
        early: Signals that a server sent before its reply.
    """

    notice: Notice
    owner: str
    unwanted: bool = False
    early: list[Message] = field(default_factory=list)


class FreedesktopNotifier:
    """Brings a practice up on the desktop, with buttons. Does nothing until `start`.

    Args:
        on_press: The person pressed a button: `SHOW` once, an answer once. Returns whether the
            answer is stored: the notification is closed then, which people read as an
            acknowledgement. Else it stands until `close`, and no other answer is taken.
        on_closed: It went away unanswered, and not because `close` or `show` asked for that.
        on_change: A server appeared, left or was replaced.
        on_lost: The session bus is gone, once and for good.
        patience: Seconds that one `show` may take.
    """

    name = "freedesktop"

    def __init__(
        self,
        *,
        on_press: Callable[[Press], bool],
        on_closed: Callable[[str, int], None],
        on_change: Callable[[], None],
        on_lost: Callable[[str], None],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._on_press = on_press
        self._on_closed = on_closed
        self._patience = patience
        self._server = NotificationServer(
            on_message=self._hear, on_change=on_change, on_lost=on_lost
        )
        self._standing: _Standing | None = None
        self._asked: dict[int, _Asked] = {}
        self._latest: _Asked | None = None
        self._answered = asyncio.Event()
        self._failure: tuple[int, str] | None = None
        self._turn = asyncio.Lock()

    @property
    def server(self) -> str:
        """The server's name and version, empty while not known."""
        return self._server.title

    @property
    def connected(self) -> bool:
        """Whether there is a session bus and we are on it."""
        return self._server.connected

    @property
    def trouble(self) -> str:
        """What is in the way of bringing something up, in plain words; empty when nothing is.

        Why the last try failed counts, until one succeeds or the server is another.
        """
        if not self.connected:
            return self._server.trouble
        if not self.served:
            return "no notification server is running"
        changes, why = self._failure or (-1, "")
        return why if changes == self._server.changes else ""

    @property
    def served(self) -> bool:
        """Whether a server is there, or can be started by the bus."""
        server = self._server
        return server.connected and (server.owner is not None or server.activatable)

    @property
    def limits(self) -> tuple[str, ...]:
        """What the present server cannot do, in plain words."""
        if self._server.capabilities is None:
            return ()
        return limits_of(self._server.capabilities, self._server.name)

    def ready(self) -> bool:
        """Return whether a try could work: a server is `served`, or a bus may be found by it."""
        return self.served if self.connected else self._server.may_connect()

    async def start(self) -> None:
        """Connect; where that does not work, `trouble` says why, and every `show` tries again."""
        async with self._turn:
            await self._server.connect()

    async def stop(self) -> None:
        """Take down what stands or comes up yet (its buttons would lead nowhere); leave the bus."""
        for asked in self._asked.values():
            asked.unwanted = True
        if (standing := self._present()) is not None:
            await self.close(standing.delivery)
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._none_in_flight()
        except TimeoutError:
            pass
        finally:
            await self._server.disconnect()

    async def show(self, notice: Notice) -> Delivered:
        """Bring it up in place of whatever of ours stands. Never raises."""
        async with self._turn:
            delivered = await self._bring(notice)
            if not isinstance(delivered, Posted):
                self._failure = self._server.changes, delivered.why
            return delivered

    async def _bring(self, notice: Notice) -> Delivered:
        asked: _Asked | None = None
        try:
            async with asyncio.timeout(self._patience):
                if refusal := await self._server.rouse():
                    return Refused(refusal)
                message, asked = self._ask(notice)
                return outcome_of(await self._server.call(message), asked.owner)
        except TimeoutError:
            if asked is None:
                return Refused("no notification server answered in time")
            return Silent(f"the notification server did not reply within {self._patience:g} s")
        except ConnectionError:
            why = "the session bus went away"
            return Refused(why) if asked is None else Silent(why)

    async def close(self, delivery: str) -> None:
        """Take it down if it still stands. Never raises."""
        for asked in self._asked.values():
            if asked.notice.delivery == delivery:
                asked.unwanted = True
        standing = self._present()
        if standing is not None and standing.delivery == delivery:
            self._take_down(standing)

    async def _none_in_flight(self) -> None:
        """Wait until the present server has replied to every call, or is gone."""
        while self._server.connected and any(
            asked.owner == self._server.owner for asked in self._asked.values()
        ):
            self._answered.clear()
            await self._answered.wait()

    def _present(self) -> _Standing | None:
        """Return what stands on the present server; ids of an earlier one mean nothing now."""
        standing = self._standing
        if standing is None or not standing.up or standing.owner != self._server.owner:
            return None
        return standing

    def _ask(self, notice: Notice) -> tuple[Message, _Asked]:
        """Return the call that brings it up, and remember that its reply is awaited."""
        replaces = 0
        if (standing := self._present()) is not None:
            if standing.delivery == notice.delivery:
                replaces = standing.server_id
            else:
                # Not replaced: several servers would change the text without popping up again.
                self._take_down(standing)
        message = self._server.prepare(
            "Notify",
            "susssasa{sv}i",
            notify_arguments(notice, replaces, self._server.capabilities, self._server.name),
        )
        asked = self._latest = _Asked(notice, self._server.owner or "")
        self._asked[message.serial] = asked
        return message, asked

    def _take_down(self, standing: _Standing) -> None:
        standing.up = False
        self._dismiss(standing.server_id)

    def _dismiss(self, server_id: int) -> None:
        self._server.send(self._server.prepare("CloseNotification", "u", [server_id], reply=False))

    # What follows runs inside dbus-fast's reader, message by message in the order of the wire. The
    # coroutine that awaits a reply resumes only later, when signals that came right after the reply
    # have been through here already: so the id is taken over here, not there.

    def _hear(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            if (asked := self._asked.pop(message.reply_serial, None)) is not None:
                self._take_over(asked, message)
                self._answered.set()
        elif message.sender == self._server.owner and _names_an_id(message):
            self._sort(message)

    def _take_over(self, asked: _Asked, reply: Message) -> None:
        if (server_id := id_in(reply)) is None:
            return
        self._failure = None
        if asked is not self._latest or asked.unwanted:  # the reply came late, or too late
            if asked.owner == self._server.owner:
                self._dismiss(server_id)
            return
        keys = {button.key for button in asked.notice.buttons}
        self._standing = _Standing(asked.notice.delivery, asked.owner, server_id, keys)
        for message in asked.early:
            self._sort(message)

    def _sort(self, message: Message) -> None:
        """Give a signal to the notification that it is about, or keep it for one to come."""
        standing = self._standing
        source = (message.sender, message.body[0])
        if standing is not None and source == (standing.owner, standing.server_id):
            if message.member == "ActionInvoked":
                self._press(standing, message.body[1])
            else:
                self._closed(standing, message.body[1])
            return
        for asked in self._asked.values():
            if asked.owner == message.sender and len(asked.early) < _EARLY_LIMIT:
                asked.early.append(message)

    def _press(self, standing: _Standing, key: str) -> None:
        if key not in standing.keys:  # a second answer, or the default action, which is no answer
            return
        standing.pressed = True
        if key == SHOW:
            standing.keys.discard(SHOW)
            self._on_press(Press(standing.delivery, key))
            return  # it stands until `show` puts the uncovered one in its place
        standing.keys.clear()
        stored = self._on_press(Press(standing.delivery, key))
        if stored and standing is self._present():
            self._take_down(standing)

    def _closed(self, standing: _Standing, reason: int) -> None:
        if not standing.up:  # by ourselves, or told twice
            return
        standing.up = False
        if not standing.pressed:  # else the closing only belongs to the press
            self._on_closed(standing.delivery, reason)


def _names_an_id(message: Message) -> bool:
    return message.interface == NOTIFICATIONS and (message.member, message.signature) in {
        ("ActionInvoked", "us"),
        ("NotificationClosed", "uu"),
    }
