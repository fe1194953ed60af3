"""Settings of desktops that keep them in dconf, which signals each change on the session bus.

They are read by `gsettings`, or by `dconf` where that is missing: both are part of these desktops,
and what is set as a default by the distribution is read right.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType

from reminderd.adapters.desktop.program import output_of
from reminderd.adapters.desktop.source import NOTHING, Source, desktops_in
from reminderd.core.model import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reminderd.adapters.bus import Bus

_WRITER: Final = "ca.desrt.dconf.Writer"
_WORDS: Final = {"true": True, "false": False}
_SECONDS: Final = 3.0
"""How long reading a key may take: less than a first answer is waited for."""


@dataclass(frozen=True, slots=True)
class Key:
    """A setting that silences a desktop.

    Attributes:
        told_by: Whose it is, in words for the person.
        schema: The schema that gsettings knows it by.
        folder: Where it lies in dconf.
        name: Its name.
        silent: The value that silences.
        server: What the notification server that heeds it has in its name or its maker's.
        desktops: How `XDG_CURRENT_DESKTOP` names the desktops that heed it; "" where it is not set.
    """

    told_by: str
    schema: str
    folder: str
    name: str
    silent: bool
    server: str
    desktops: frozenset[str]


KEYS: Final = (
    Key(
        *("GNOME", "org.gnome.desktop.notifications", "/org/gnome/desktop/notifications/"),
        *("show-banners", False, "gnome-shell"),
        desktops=frozenset({"", "gnome", "gnome-classic", "gnome-flashback", "ubuntu", "unity"}),
    ),
    Key(
        *("MATE", "org.mate.NotificationDaemon", "/org/mate/notification-daemon/"),
        *("do-not-disturb", True, " mate"),
        desktops=frozenset({"mate"}),
    ),
    Key(
        *("Cinnamon", "org.cinnamon.desktop.notifications", "/org/cinnamon/desktop/notifications/"),
        *("display-notifications", False, "cinnamon"),
        desktops=frozenset({"x-cinnamon", "cinnamon"}),
    ),
)


def source_of(key: Key, environ: Mapping[str, str]) -> Source:
    """Return the source that reads a setting.

    Args:
        key: The setting.
        environ: The environment, which may name the desktop.
    """
    # No name of the service behind it: it comes for each change, and leaves soon after.
    rule = f"type='signal',interface='{_WRITER}',member='Notify',arg0path='{key.folder}'"
    return Source(
        told_by=key.told_by,
        ask=partial(_ask, key),
        rules=(rule,),
        is_sign=partial(_is_sign, key),
        counts=partial(_counts, key, desktops_in(environ)),
    )


def _counts(key: Key, desktops: frozenset[str], server: str) -> bool:
    """Tell a setting in force from one that another desktop left behind."""
    return key.server in server or bool(desktops & key.desktops)


async def _ask(key: Key, _bus: Bus) -> Context:
    answer = None
    if shutil.which("gsettings"):
        answer = await output_of("gsettings", "get", key.schema, key.name, seconds=_SECONDS)
    elif shutil.which("dconf"):
        answer = await output_of("dconf", "read", key.folder + key.name, seconds=_SECONDS)
        if answer is not None and not answer.strip():
            answer = str(not key.silent).lower()  # it was never set
    value = _WORDS.get((answer or "").strip())
    return NOTHING if value is None else Context(do_not_disturb=value is key.silent)


def _is_sign(key: Key, message: Message) -> bool:
    if message.message_type is not MessageType.SIGNAL or message.interface != _WRITER:
        return False
    if message.signature != "sass":
        return False
    prefix, changes, _tag = message.body
    whole = key.folder + key.name
    return any(_covers(prefix + change, whole) for change in changes)


def _covers(changed: str, whole: str) -> bool:
    return changed == whole or (changed.endswith("/") and whole.startswith(changed))
