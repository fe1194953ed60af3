"""Notify, the call and its reply: what a server says it can do decides how a notice looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dbus_fast import ErrorType, Message, MessageType, Variant

from reminderd.adapters.application import icon_reference
from reminderd.adapters.notifiers.markup import escape, how_to_answer, plain_text, title_of
from reminderd.adapters.notifiers.quirks import PLAIN, Quirk
from reminderd.core.notice import NEUTRAL_TITLE, Delivered, Notice, Posted, Refused, Silent

INLINE_REPLY: Final = "inline-reply"
"""The capability of taking a written reply, and the action that asks for it."""
NOTIFY: Final = "susssasa{sv}i"
"""The signature of Notify."""
DEFAULT: Final = "default"
"""The action of a click on the text, by the specification."""

_CLICK_LABELS: Final = {"usual": "More", "covered": "Read it", "full": "Back"}
"""What a click on the text is called where it is a button, or a line of a menu."""

_LOOK_UP_SECONDS: Final = 30
_LINE_SECONDS: Final = 6
_LONGEST_SECONDS: Final = 120

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


@dataclass(frozen=True, slots=True)
class Abilities:
    """What is known of a server; it decides how a notice looks there.

    Attributes:
        name: What it calls itself.
        able: Its capabilities; empty where it told none.
        quirk: What it does not tell.
    """

    name: str = ""
    able: frozenset[str] = frozenset()
    quirk: Quirk = PLAIN

    @property
    def has_actions(self) -> bool:
        """Whether actions can be sent to it."""
        return "actions" in self.able

    @property
    def draws_buttons(self) -> bool:
        """Whether the person sees a button for each."""
        return self.has_actions and not self.quirk.menu


def limits_of(server: Abilities, sound: str) -> tuple[str, ...]:
    """Return what a server cannot do, in plain words; `sound` is the one that is set, if any."""
    able, name = server.able, server.name
    limits = []
    who = name or "The notification server"
    if "actions" not in able:
        limits.append(f"{who} has no buttons: answer with `reminderd respond`.")
    elif where := server.quirk.menu:
        limits.append(f"{who} draws no buttons: {where}; `reminderd respond` always works.")
    elif not server.quirk.clickable:
        limits.append(f"{who} takes no click on the text: `reminderd show` has all of it.")
    if "body" not in able:
        limits.append(f"{who} shows titles only: read with `reminderd show`.")
    if sound and "sound" not in able:
        limits.append(f"{who} plays no sounds, so `notification.sound` has no effect.")
    return tuple(limits)


def expiry_of(notice: Notice) -> int:
    """Return after how many milliseconds a notice that goes unnoticed is taken down.

    Half a minute to finish a sentence and look up, and a second for each word: a quarter of the
    pace at which people read to themselves (238 words a minute, Brysbaert 2019), so twice and with
    time to choose. After that it should not stand there as a reproach; `reminderd show` brings it
    back.
    """
    text = f"{notice.title} {notice.body} {notice.cue * (notice.view == 'full')}"
    words = max(len(text.split()), len(text) // 6)  # some scripts have no spaces
    first = _LINE_SECONDS if notice.view == "line" else _LOOK_UP_SECONDS
    return min(first + words, _LONGEST_SECONDS) * 1000


def notify_arguments(notice: Notice, replaces: int, server: Abilities, sound: str) -> list[object]:
    """Return the arguments of Notify, signature `NOTIFY`.

    Args:
        notice: What is to be shown.
        replaces: The id of a notification of ours that it takes the place of, or 0.
        server: Whom it is sent to.
        sound: A file or a name of the sound theme; empty for silence.
    """
    body = _body(notice, server)
    return [
        "reminderd",
        replaces,
        icon_reference(),
        title_of(notice),
        escape(body) if "body-markup" in server.able else body,
        _actions(notice, server) if server.has_actions else [],
        _hints(notice, sound) | (_reply_hints(notice) if INLINE_REPLY in server.able else {}),
        expiry_of(notice),
    ]


def _body(notice: Notice, server: Abilities) -> str:
    parts = [plain_text(notice.body)]
    if notice.view == "full":
        parts.append(plain_text(notice.cue))
    if notice.buttons and not server.draws_buttons:
        parts.append(how_to_answer(notice))
    return "\n".join(filter(None, parts))


def _actions(notice: Notice, server: Abilities) -> list[str]:
    """Return keys and labels in turn; the buttons come first, as some servers draw only three."""
    actions = [(button.key, button.label) for button in notice.buttons]
    if INLINE_REPLY in server.able and (button := notice.on_reply):
        actions.append((INLINE_REPLY, f"{button.label}, with a note"))
    doubled = notice.discreet and server.quirk.click_is_button  # with the button Show
    if notice.on_click and server.quirk.clickable and not doubled:
        actions.append((DEFAULT, _CLICK_LABELS[notice.view]))
    return [part for action in actions for part in action]


def _hints(notice: Notice, sound: str) -> dict[str, Variant]:
    hints = {
        "urgency": Variant("y", _NORMAL_URGENCY),
        "category": Variant("s", "x-reminderd.practice"),
        "desktop-entry": Variant("s", "reminderd"),
    }
    if not sound or notice.silent or notice.view in {"full", "line"}:
        hints["suppress-sound"] = Variant("b", value=True)
    elif "/" in sound:
        hints["sound-file"] = Variant("s", sound)
    else:
        hints["sound-name"] = Variant("s", sound)
    if notice.private:
        hints["transient"] = Variant("b", value=True)
    return hints


def _reply_hints(notice: Notice) -> dict[str, Variant]:
    """Return what a field for a reply says, where a server has one (Plasma's names for it)."""
    if (button := notice.on_reply) is None:
        return {}
    return {
        "x-kde-reply-placeholder-text": Variant("s", "A note for yourself"),
        "x-kde-reply-submit-button-text": Variant("s", button.label),
    }


def fading(server_id: int) -> list[object]:
    """Return the arguments of a Notify that takes one off the screen: in its place, and over."""
    hints = {"transient": Variant("b", value=True), "suppress-sound": Variant("b", value=True)}
    return ["reminderd", server_id, "", NEUTRAL_TITLE, "", [], hints, 1]


def outcome_of(reply: Message, place: str) -> Delivered:
    """Return what a reply says of bringing it up; `place` names the server that was asked."""
    server_id = id_in(reply)
    if server_id is not None:
        return Posted(place, server_id)
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
