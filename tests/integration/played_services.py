"""Services on a bus that a test plays, with the signatures of the real ones.

logind, a screen saver and Mutter's idle monitor need a desktop to lock and a person to leave it;
here the test says when that is. `Played` answers what was put into it, and signals what changes.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Self

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROPERTIES: Final = "org.freedesktop.DBus.Properties"
UNKNOWN: Final = "org.freedesktop.DBus.Error.UnknownMethod"
SESSION_NAME: Final = "c2"
_LOGIN: Final = "/org/freedesktop/login1"


class Played:
    """A program on a bus, under a name; for `async with`.

    Attributes:
        properties: What it tells, by object and interface.
        methods: What answers a call, by object, interface and member: signature and body.
        silent: Whether it answers nothing at all.
    """

    def __init__(self, address: str, name: str) -> None:
        self.properties: dict[tuple[str, str], dict[str, Variant]] = defaultdict(dict)
        self.methods: dict[
            tuple[str, str, str], Callable[[Sequence[Any]], tuple[str, list[Any]]]
        ] = {}
        self.silent = False
        self._address, self._name = address, name
        self._bus: MessageBus | None = None

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._handle)
        reply = await self._bus.request_name(self._name, NameFlag.DO_NOT_QUEUE)
        assert reply is RequestNameReply.PRIMARY_OWNER
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._bus is not None:
            self._bus.disconnect()
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def change(self, path: str, interface: str, **values: Variant) -> None:
        """Set properties, and signal that they have changed."""
        self.properties[path, interface] |= values
        self.emit(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, values, []])

    def emit(
        self, path: str, interface: str, member: str, signature: str, body: Sequence[Any]
    ) -> None:
        """Signal something to everybody."""
        assert self._bus is not None
        message = Message.new_signal(path, interface, member, signature, list(body))
        self._bus.send(message)

    def _handle(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        return True if self.silent else self._answer(message)

    def _answer(self, message: Message) -> Message:
        path, interface = message.path or "", message.interface or ""
        if interface == PROPERTIES and (message.path, message.body[0]) in self.properties:
            told = self.properties[path, message.body[0]]
            if message.member == "GetAll":
                return Message.new_method_return(message, "a{sv}", [told])
            if message.body[1] in told:
                return Message.new_method_return(message, "v", [told[message.body[1]]])
        method = self.methods.get((path, interface, message.member or ""))
        if method is None:
            return Message.new_error(message, UNKNOWN, "no such thing here")
        signature, body = method(message.body)
        return Message.new_method_return(message, signature, body)


class Logind(Played):
    """logind with one session of the person's, in front and unlocked."""

    name = "org.freedesktop.login1"
    session = f"{name}.Session"
    path = f"{_LOGIN}/session/_3{SESSION_NAME}"

    def __init__(self, address: str) -> None:
        super().__init__(address, self.name)
        manager, user = f"{self.name}.Manager", f"{_LOGIN}/user/_{os.getuid()}"
        self.methods[_LOGIN, manager, "GetUser"] = lambda _: ("o", [user])
        listed = [SESSION_NAME, os.getuid(), "somebody", "seat0", self.path]
        self.methods[_LOGIN, manager, "ListSessions"] = lambda _: ("a(susso)", [[listed]])
        display = Variant("(so)", [SESSION_NAME, self.path])
        self.properties[user, f"{self.name}.User"] = {"Display": display}
        self.properties[self.path, self.session] = {
            "Active": Variant("b", value=True),
            "IdleHint": Variant("b", value=False),
            "IdleSinceHint": Variant("t", 0),
            "LockedHint": Variant("b", value=False),
        }

    def lock(self, locked: bool) -> None:
        """Lock or unlock the screen."""
        self.change(self.path, self.session, LockedHint=Variant("b", locked))

    def switch(self, away: bool) -> None:
        """Bring another session to the front, or this one."""
        self.change(self.path, self.session, Active=Variant("b", not away))

    def leave(self, gone: bool, at: float) -> None:
        """Say that nobody has touched anything for a while, or that somebody did, at this time."""
        since = Variant("t", int(at * 1_000_000))
        idle = Variant("b", gone)
        self.change(self.path, self.session, IdleHint=idle, IdleSinceHint=since)

    def sleep(self, falls_asleep: bool) -> None:
        """Say that the machine is about to sleep, or is back."""
        self.emit(_LOGIN, f"{self.name}.Manager", "PrepareForSleep", "b", [falls_asleep])


class ScreenSaver(Played):
    """A screen saver that locks the screen."""

    def __init__(self, address: str, name: str = "org.gnome.ScreenSaver") -> None:
        super().__init__(address, name)
        self._path = "/" + name.replace(".", "/")
        self._said = name
        self._active = False
        self.methods[self._path, name, "GetActive"] = lambda _: ("b", [self._active])

    def lock(self, locked: bool) -> None:
        """Cover or uncover the screen."""
        self._active = locked
        self.emit(self._path, self._said, "ActiveChanged", "b", [locked])


class Mutter(Played):
    """GNOME's idle monitor."""

    name = "org.gnome.Mutter.IdleMonitor"
    path = "/org/gnome/Mutter/IdleMonitor/Core"

    def __init__(self, address: str) -> None:
        super().__init__(address, self.name)
        self.idle_seconds = 0
        self.watches: dict[int, int] = {}  # milliseconds, 0 for the next touch
        self._last = 0
        for member, answer in (
            ("GetIdletime", lambda _: ("t", [self.idle_seconds * 1000])),
            ("AddIdleWatch", lambda body: ("u", [self._watch(body[0])])),
            ("AddUserActiveWatch", lambda _: ("u", [self._watch(0)])),
            ("RemoveWatch", self._remove),
        ):
            self.methods[self.path, self.name, member] = answer

    def leave(self, gone: bool) -> None:
        """Leave for as long as the longest watch asks, or touch something."""
        self.idle_seconds = max([0, *self.watches.values()]) // 1000 if gone else 0
        for number, after in list(self.watches.items()):
            if bool(after) is gone:
                self.emit(self.path, self.name, "WatchFired", "u", [number])
            if not gone and not after:
                del self.watches[number]

    def _remove(self, body: Sequence[Any]) -> tuple[str, list[Any]]:
        del self.watches[body[0]]
        return "", []

    def _watch(self, after: int) -> int:
        self._last += 1
        self.watches[self._last] = after
        return self._last
