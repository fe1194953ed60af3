"""A notification of ours on a server: asked for, then standing; and signals about one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dbus_fast import MessageType

from reminderd.adapters.bus import BUS
from reminderd.adapters.notifiers.markup import plain_text
from reminderd.adapters.notifiers.notification_server import NOTIFICATIONS
from reminderd.adapters.notifiers.notify_call import DEFAULT, NOTIFY, expiry_of, fading, id_in
from reminderd.core.names import LONGEST_NOTE
from reminderd.core.notice import SHOW, VIEWS, Press, cover, in_full
from reminderd.core.words import PASSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbus_fast import Message

    from reminderd.adapters.notifiers.notification_server import NotificationServer
    from reminderd.core.notice import Notice, Posted

_EARLY_LIMIT: Final = 1000
"""Signals that are kept until a reply tells whether they are about ours; a busy server tells
everybody of everything, and what is kept must have an end."""


@dataclass(slots=True)
class Standing:
    """A notification that a server gave an id for.

    Attributes:
        delivery: Whose; empty for a passing line.
        owner: The server's unique name.
        keys: What a press of each action means; those that count no more are gone.
        reply: What a written reply means; empty where none counts.
        up: Whether it still stands, as far as we know; a press may come after the closing.
        pressed: Whether the person did something with it.
    """

    delivery: str
    owner: str
    server_id: int
    keys: dict[str, str]
    reply: str = ""
    up: bool = True
    pressed: bool = False


@dataclass(slots=True)
class Asked:
    """A Notify call whose reply has not come yet.

    Attributes:
        owner: The unique name of the server that was asked.
        place: The same as it is recorded.
        unwanted: Whether its notification is to be closed as soon as its id is known.
        reply: What came back; None where the connection went away before that.
        early: Signals that a server sent before its reply.
    """

    notice: Notice
    owner: str
    place: str
    reply: asyncio.Future[Message | None]
    unwanted: bool = False
    early: list[Message] = field(default_factory=list)

    def settle(self, reply: Message | None) -> None:
        """Let go on whoever waits for the reply."""
        if not self.reply.done():
            self.reply.set_result(reply)

    def standing(self, server_id: int) -> Standing:
        """Return what stands once its id is known."""
        reply = self.notice.on_reply.key if self.notice.on_reply else ""
        keys = _keys_of(self.notice)
        return Standing(self.notice.delivery, self.owner, server_id, keys, reply)


class Screen:
    """What of ours is on the screen, by all that replies and signals have told.

    Args:
        server: The present server.
        on_press: As the notifier has it.
        on_closed: As the notifier has it.
        say: Shows a passing line.

    Attributes:
        brought: How many have come up.
        last: The delivery that came up last and the unique name of its server; None before that.
    """

    def __init__(
        self,
        server: NotificationServer,
        *,
        on_press: Callable[[Press], bool],
        on_closed: Callable[[str, int], None],
        say: Callable[[str], None],
    ) -> None:
        self.brought = 0
        self.last: tuple[str, str] | None = None
        self._server = server
        self._on_press = on_press
        self._on_closed = on_closed
        self._say = say
        self._standing: Standing | None = None
        self._asked: dict[int, Asked] = {}
        self._latest: Asked | None = None

    def present(self) -> Standing | None:
        """Return what stands on the present server; ids of an earlier one mean nothing now."""
        standing = self._standing
        if standing is None or not standing.up or standing.owner != self._server.owner:
            return None
        return standing

    def ask(self, serial: int, asked: Asked) -> None:
        """Remember a call whose reply is awaited; what an earlier one brings up is closed."""
        self._latest = self._asked[serial] = asked

    def waits(self) -> bool:
        """Return whether a practice was asked for whose reply has not come."""
        return any(one.notice.delivery and not one.unwanted for one in self._asked.values())

    async def none_in_flight(self) -> None:
        """Wait until the present server has replied to every call, or is gone."""
        asked = [one.reply for one in self._asked.values() if one.owner == self._server.owner]
        if asked:
            await asyncio.wait(asked)

    def make_room(self, notice: Notice) -> int:
        """Return the id that a notice takes the place of, or 0; close what is another's."""
        standing = self.present()
        if standing is None:
            return 0
        if standing.delivery != notice.delivery:
            self.last = None  # whatever comes of the other, this one is gone
        if standing.delivery == notice.delivery or self._lingers():
            return standing.server_id
        # Not replaced: several servers would change the text without popping up again.
        self._take_down(standing)
        return 0

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Take over what an earlier process brought up, if its server is still there."""
        owner = self._server.owner
        if owner is not None and self._standing is None and posted.owner == self._server.place:
            # In which view it stands is not known; only what was drawn can be pressed.
            views = (in_full(notice), cover(notice), notice)
            keys = {key: to for view in views for key, to in _keys_of(view).items()}
            keys[DEFAULT] = SHOW
            self._standing = Standing(notice.delivery, owner, posted.server_id, keys)

    def close(self, delivery: str) -> None:
        """Take a delivery's notification down, also one that comes up yet."""
        for asked in self._asked.values():
            if asked.notice.delivery == delivery:
                asked.unwanted = True
        standing = self.present()
        if standing is not None and standing.delivery == delivery:
            self._take_down(standing)

    def clear(self) -> None:
        """Take down what has buttons, which would lead nowhere; also what comes up yet."""
        for asked in self._asked.values():
            asked.unwanted |= bool(asked.notice.delivery)
        if (standing := self.present()) is not None and standing.delivery:
            self._take_down(standing)

    def sweep(self) -> None:
        """Give up what stands on a server that is not ours any more.

        One that lost its name but lives on is told to take it down: nobody hears a press there.
        """
        standing = self._standing
        if standing is not None and standing.owner != self._server.owner:
            self.last = None
            if standing.up:
                self._take_down(standing)

    def lose(self) -> None:
        """Give up every reply: the connection went away."""
        for asked in self._asked.values():
            asked.settle(None)
        self._asked.clear()

    def _take_down(self, standing: Standing) -> None:
        standing.up = False
        self._dismiss(standing.owner, standing.server_id, pressed=standing.pressed)

    def _dismiss(self, owner: str, server_id: int, *, pressed: bool = False) -> None:
        # After a press the server closes it itself.
        if self._lingers() and owner == self._server.owner and not pressed:
            self._send("Notify", NOTIFY, fading(server_id), owner)
        else:
            self._send("CloseNotification", "u", [server_id], owner)

    def _send(self, member: str, signature: str, body: list[object], owner: str) -> None:
        self._server.bus.send(self._server.prepare(member, signature, body, reply=False, to=owner))

    def _lingers(self) -> bool:
        abilities = self._server.abilities
        return abilities is not None and abilities.quirk.lingers

    # What follows runs inside dbus-fast's reader, message by message in the order of the wire. The
    # coroutine that awaits a reply resumes only later, when signals that came right after the reply
    # have been through here already: so the id is taken over here, not there.

    def hear(self, message: Message) -> None:
        """Take in a reply or a signal; what anybody else says of ours is not believed."""
        if message.message_type is not MessageType.SIGNAL:
            asked = self._asked.get(message.reply_serial)
            if asked is not None and message.sender in {asked.owner, BUS}:
                del self._asked[message.reply_serial]
                self._take_over(asked, message)
                asked.settle(message)
        elif message.sender == BUS:
            self.sweep()
        elif message.sender == self._server.owner and _names_an_id(message):
            self._sort(message)

    def _take_over(self, asked: Asked, reply: Message) -> None:
        if (server_id := id_in(reply)) is None:
            if self._standing is not None and self._standing.delivery == asked.notice.delivery:
                self._standing.pressed = False  # the view that was asked for did not come
            return
        self.brought += 1
        if asked is not self._latest or asked.unwanted:  # the reply came late, or too late
            self._dismiss(asked.owner, server_id)
            return
        standing = self._standing = asked.standing(server_id)
        if standing.delivery:
            self.last = standing.delivery, standing.owner
        else:  # some servers let everything stand until it is taken down
            seconds = expiry_of(asked.notice) / 1000
            asyncio.get_running_loop().call_later(seconds, self._let_pass, standing)
        for message in asked.early:
            self._sort(message)
        self.sweep()  # it may have lost its name while it was asked

    def _let_pass(self, standing: Standing) -> None:
        if standing is self.present():
            self._take_down(standing)

    def _sort(self, message: Message) -> None:
        """Give a signal to the notification that it is about, or keep it for one to come."""
        standing = self._standing
        source = (message.sender, message.body[0])
        if standing is not None and source == (standing.owner, standing.server_id):
            match message.member:
                case "ActionInvoked":
                    self._press(standing, standing.keys.get(message.body[1], ""))
                case "NotificationReplied":
                    if note := _note_in(message):
                        self._press(standing, standing.reply, note)
                case _:
                    self._closed(standing, message.body[1])
            return
        for asked in self._asked.values():
            if asked.owner == message.sender and len(asked.early) < _EARLY_LIMIT:
                asked.early.append(message)

    def _press(self, standing: Standing, key: str, note: str | None = None) -> None:
        if not key:  # a second answer, or what was never offered
            return
        standing.pressed = True
        if key in VIEWS:
            self._on_press(Press(standing.delivery, key))
            return  # it stands until `show` puts the other view in its place
        standing.keys, standing.reply = {}, ""
        stored = self._on_press(Press(standing.delivery, key, note))
        if stored and standing is self.present():
            self._take_down(standing)
        if stored and (said := PASSING.get(key)):
            self._say(said)

    def _closed(self, standing: Standing, reason: int) -> None:
        if not standing.up:  # by ourselves, or told twice
            return
        standing.up = False
        if standing.delivery and not standing.pressed:  # else the closing belongs to the press
            self._on_closed(standing.delivery, reason)


def _keys_of(notice: Notice) -> dict[str, str]:
    """Return what a press of each action of a notice means."""
    keys = {button.key: button.key for button in notice.buttons}
    return keys | ({DEFAULT: notice.on_click} if notice.on_click else {})


def _names_an_id(message: Message) -> bool:
    """Return whether a signal is about one notification, and says so as it should."""
    return message.interface == NOTIFICATIONS and (message.member, message.signature) in {
        ("ActionInvoked", "us"),
        ("NotificationClosed", "uu"),
        ("NotificationReplied", "us"),
    }


def _note_in(message: Message) -> str:
    """Return the note that a written reply is: as long as any, cut with a mark if it is longer."""
    return plain_text(message.body[1], LONGEST_NOTE)
