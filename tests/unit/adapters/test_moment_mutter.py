"""The watches at GNOME's idle monitor, in the order of the wire that is the worst for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dbus_fast import Message, MessageType

from reminderd.adapters.desktop.idle import MutterIdle

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.adapters.bus import Bus

NAME = "org.gnome.Mutter.IdleMonitor"
PATH = "/org/gnome/Mutter/IdleMonitor/Core"
AFTER = 300


class Monitor:
    """The monitor and the bus to it, on which a signal overtakes whoever waits for a reply."""

    def __init__(self) -> None:
        self.idle = 0
        self.watches: list[tuple[int, str]] = []
        self.after_reply: Callable[[str], None] = lambda _: None
        self._last = 0
        self.source = MutterIdle(lambda: AFTER).source()

    async def call(self, message: Message) -> Message:
        message.serial, message.sender = 1, ":1.1"
        member = message.member or ""
        reply = Message.new_method_return(message, *self._answer(member, message.body))
        self.after_reply(member)
        return reply

    def _answer(self, member: str, body: list[Any]) -> tuple[str, list[Any]]:
        if member == "GetIdletime":
            return "t", [self.idle * 1000]
        if member == "RemoveWatch":
            self.watches = [one for one in self.watches if one[0] != body[0]]
            return "", []
        self._last += 1
        self.watches.append((self._last, member))
        return "u", [self._last]

    def fire(self, member: str) -> bool:
        """Let the watches of a kind fire; return whether any is heeded."""
        fired = [number for number, kind in self.watches if kind == member]
        if member == "AddUserActiveWatch":
            self.watches = [one for one in self.watches if one[1] != member]
        heeded = [self.source.is_sign(self._signal(number)) for number in fired]
        return any(heeded)

    def _signal(self, number: int) -> Message:
        return Message(
            message_type=MessageType.SIGNAL,
            sender=":1.2",
            path=PATH,
            interface=NAME,
            member="WatchFired",
            signature="u",
            body=[number],
        )

    async def away_seconds(self) -> int | None:
        return (await self.source.ask(cast("Bus", self))).away_seconds


async def test_who_comes_back_before_the_watch_is_known_is_watched_again_next_time() -> None:
    """The signal overtakes the number by which it would be known, and comes only once."""
    monitor = Monitor()
    assert await monitor.away_seconds() == 0

    def comes_back(member: str) -> None:
        if member == "AddUserActiveWatch":
            monitor.idle = 0
            monitor.fire("AddUserActiveWatch")

    monitor.idle, monitor.after_reply = AFTER, comes_back
    assert monitor.fire("AddIdleWatch")
    assert await monitor.away_seconds() == 0

    monitor.idle, monitor.after_reply = AFTER, lambda _: None
    assert monitor.fire("AddIdleWatch")
    assert await monitor.away_seconds() == AFTER
    monitor.idle = 0
    assert monitor.fire("AddUserActiveWatch")
    assert await monitor.away_seconds() == 0


async def test_who_leaves_before_the_watch_is_known_is_away() -> None:
    monitor = Monitor()

    def leaves(member: str) -> None:
        if member == "AddIdleWatch":
            monitor.idle = AFTER
            monitor.fire("AddIdleWatch")

    monitor.after_reply = leaves
    assert await monitor.away_seconds() == AFTER
    assert [kind for _, kind in monitor.watches] == ["AddIdleWatch", "AddUserActiveWatch"]
    monitor.idle = 0
    assert monitor.fire("AddUserActiveWatch")
    assert await monitor.away_seconds() == 0


async def test_looking_often_makes_no_more_watches() -> None:
    monitor = Monitor()
    for idle in (0, AFTER, AFTER + 60, AFTER + 120):
        monitor.idle = idle
        for _ in range(3):
            assert await monitor.away_seconds() == idle
    assert [kind for _, kind in monitor.watches] == ["AddIdleWatch", "AddUserActiveWatch"]
