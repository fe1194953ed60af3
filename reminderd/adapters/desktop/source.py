"""One source: who tells something about the moment, how it is asked, what signals a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageFlag

from reminderd.adapters.bus import BUS
from reminderd.core.model import Context, Reason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from reminderd.adapters.bus import Bus

PROPERTIES: Final = "org.freedesktop.DBus.Properties"
NOTHING: Final = Context()


def _always(_server: str) -> bool:
    return True


def _never(_message: Message) -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Who tells something about the moment.

    Attributes:
        told_by: Who it is, in words for the person.
        ask: Returns what it tells now, `NOTHING` where it does not; it may raise ConnectionError.
        name: The name on the bus whose coming and going means to ask again, if there is one.
        rules: What else to listen to, as match rules of the bus.
        is_sign: Whether a message means to ask again. It may note for itself what was said.
        has_signal: Whether each change of it is signalled; else it is asked only when it matters.
        counts: Whether it is in force, by name and maker of the notification server, in small
            letters; "" if unknown.
    """

    told_by: str
    ask: Callable[[Bus], Awaitable[Context]]
    name: str = ""
    rules: tuple[str, ...] = ()
    is_sign: Callable[[Message], bool] = _never
    has_signal: bool = True
    counts: Callable[[str], bool] = _always


def desktops_in(environ: Mapping[str, str]) -> frozenset[str]:
    """Return what an environment calls the desktop, in small letters; "" where it does not."""
    return frozenset(environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":"))


async def call(  # noqa: PLR0913 -- the parts of a D-Bus call
    bus: Bus,
    name: str,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: Sequence[object] = (),
) -> Message:
    """Call somebody who is there; nobody is started for it. Return the reply, maybe an error.

    Raises:
        ConnectionError: The connection was or went away.
    """
    return await bus.call(
        Message(
            destination=name,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
            flags=MessageFlag.NO_AUTOSTART,
        )
    )


def is_new_owner(message: Message, name: str) -> bool:
    """Return whether the bus tells that a name belongs to somebody else now, or to nobody."""
    if message.sender != BUS or message.member != "NameOwnerChanged":
        return False
    return bool(message.body) and message.body[0] == name


def signal_rule(sender: str, *, path: str = "", interface: str = "", member: str = "") -> str:
    """Return the match rule for a signal of whoever has this name."""
    parts = {"sender": sender, "path": path, "interface": interface, "member": member}
    given = (f",{key}='{value}'" for key, value in parts.items() if value)
    return "type='signal'" + "".join(given)


def merged(told: Iterable[tuple[Context, bool]]) -> Context:
    """Return what several tell together: who says that it holds is believed, over any other.

    Args:
        told: What each tells, and whether it signals a change.
    """
    every = [(context, signalled) for context, signalled in told if context != NOTHING]
    away = [one.away_seconds for one, _ in every if one.away_seconds is not None]
    return Context(
        do_not_disturb=_any(one.do_not_disturb for one, _ in every),
        in_call=_any(one.in_call for one, _ in every),
        locked=_any(one.locked for one, _ in every),
        inactive=_any(one.inactive for one, _ in every),
        away_seconds=max(away, default=None),
        unsignalled=_closed(every, signalled=False) - _closed(every, signalled=True),
    )


def facts_in(context: Context) -> frozenset[Reason]:
    """Return of which reasons to wait something is known."""
    return frozenset(reason for reason, fact in _by_reason(context) if fact is not None)


def _closed(told: Iterable[tuple[Context, bool]], *, signalled: bool) -> frozenset[Reason]:
    return frozenset(
        reason
        for context, has_signal in told
        if has_signal is signalled
        for reason, fact in _by_reason(context)
        if fact
    )


def _by_reason(context: Context) -> tuple[tuple[Reason, bool | int | None], ...]:
    return (
        (Reason.DO_NOT_DISTURB, context.do_not_disturb),
        (Reason.IN_CALL, context.in_call),
        (Reason.LOCKED, context.locked),
        (Reason.INACTIVE, context.inactive),
        (Reason.AWAY, context.away_seconds),
    )


def _any(facts: Iterable[bool | None]) -> bool | None:
    known = [fact for fact in facts if fact is not None]
    return any(known) if known else None
