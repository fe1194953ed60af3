"""Notify, the call and its reply: what a server says it can do decides how a notice looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dbus_fast import ErrorType, Message, MessageType, Variant

from reminderd.adapters.notifiers.markup import escape, how_to_answer, plain_text, title_of
from reminderd.core.notice import Delivered, Notice, Posted, Refused, Silent

if TYPE_CHECKING:
    from collections.abc import Mapping

EXPIRE_MILLISECONDS: Final = 60_000
"""Time to finish a sentence, look up, read forty words twice and choose; after that a practice that
goes unnoticed should not stand there as a reproach. `reminderd show` brings it back."""

_NORMAL_URGENCY: Final = 1
"""Low is hidden or never pops up on several servers; critical breaks through do-not-disturb."""

_UNDECIDED: Final = frozenset(
    error.value
    for error in (
        ErrorType.NO_REPLY,
        ErrorType.TIMEOUT,
        ErrorType.TIMED_OUT,
        ErrorType.DISCONNECTED,
    )
)
"""Errors that the bus makes up when the server left with our call: it may or may not be up."""

BUTTONS_HIDDEN: Final[Mapping[str, str]] = {
    "dunst": "the middle mouse button opens them as a menu where dmenu is installed",
    "mako": "`makoctl menu` opens them as a menu",
}
"""Servers that advertise actions and draw no buttons, with where the actions are."""


def limits_of(able: frozenset[str], name: str) -> tuple[str, ...]:
    """Return what a server cannot do, in plain words.

    Args:
        able: Its capabilities.
        name: What it calls itself.
    """
    limits = []
    who = name or "The notification server"
    if "actions" not in able:
        limits.append(f"{who} has no buttons: answer with `reminderd respond`.")
    elif where := BUTTONS_HIDDEN.get(name):
        limits.append(f"{who} draws no buttons: {where}; `reminderd respond` always works.")
    if "body" not in able:
        limits.append(f"{who} shows titles only: read with `reminderd show`.")
    return tuple(limits)


def notify_arguments(
    notice: Notice, replaces: int, able: frozenset[str] | None, name: str
) -> list[object]:
    """Return the arguments of Notify, signature `susssasa{sv}i`.

    Args:
        notice: What is to be shown.
        replaces: The id of a notification of ours that it takes the place of, or 0.
        able: The server's capabilities; None where it told none.
        name: What the server calls itself.
    """
    able = able or frozenset()
    body = plain_text(notice.body)
    actions: list[str] = []
    if "actions" in able:
        actions = [part for button in notice.buttons for part in (button.key, button.label)]
    if "actions" not in able or name in BUTTONS_HIDDEN:
        body = f"{body}\n{how_to_answer(notice)}".strip()
    hints = {
        "urgency": Variant("y", _NORMAL_URGENCY),
        "desktop-entry": Variant("s", "reminderd"),
        "suppress-sound": Variant("b", value=True),
    }
    if notice.discreet:
        hints["transient"] = Variant("b", value=True)  # not kept in a list that others may open
    return [
        "reminderd",
        replaces,
        "",
        title_of(notice),
        escape(body) if "body-markup" in able else body,
        actions,
        hints,
        EXPIRE_MILLISECONDS,
    ]


def outcome_of(reply: Message, owner: str) -> Delivered:
    """Return what a reply says of bringing it up."""
    server_id = id_in(reply)
    if server_id is not None:
        return Posted(owner, server_id)
    if reply.message_type is not MessageType.ERROR:
        return Silent("the notification server's reply makes no sense")
    # Only the error's name: its text could repeat what was to be shown.
    why = f"the notification server replied {reply.error_name}"
    return Silent(why) if reply.error_name in _UNDECIDED else Refused(why)


def id_in(reply: Message) -> int | None:
    """Return the id that a reply gives, if it gives one."""
    if reply.message_type is MessageType.METHOD_RETURN and reply.signature == "u":
        return int(reply.body[0])
    return None
