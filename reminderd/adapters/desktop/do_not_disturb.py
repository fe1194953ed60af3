"""Do not disturb: who tells on the bus whether the person silenced the desktop.

One row for each; docs/moments.md says for which desktop, and what was seen of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType, Variant

from reminderd.adapters.desktop.source import (
    NOTHING,
    PROPERTIES,
    Source,
    call,
    desktops_in,
    signal_rule,
)
from reminderd.core.model import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reminderd.adapters.bus import Bus

NOTIFICATIONS: Final = "org.freedesktop.Notifications"
_DUNST: Final = "org.dunstproject.cmd0"
_XFCONF: Final = "org.xfce.Xfconf"
_XFCE_KEY: Final = ("xfce4-notifyd", "/do-not-disturb")
_SWAYNC: Final = "org.erikreider.swaync.cc"
_MAKO: Final = "fr.emersion.Mako"
_SILENT_MODES: Final = {"donotdisturb", "dnd"}
"""The names that people give to mako's mode for it; mako itself has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """Who tells it, and how.

    Attributes:
        told_by: Who, in words for the person.
        name: The name on the bus.
        path: The object.
        asked: Interface, member, signature and arguments of the call that asks.
        signal: Interface and member of what signals a change, each "" for any; None where nothing
            does.
        means: What the reply's one value means; None for nothing.
        server: What the notification server with which it counts has in its name; "" for any.
        desktop: How `XDG_CURRENT_DESKTOP` names the desktop on which it counts as well: its server
            may not have been started yet; "" for none.
        unset: What an error that ends so means, as (end of its name, whether it is silent).
    """

    told_by: str
    name: str
    path: str
    asked: tuple[str, str, str, tuple[object, ...]]
    signal: tuple[str, str] | None
    means: Callable[[object], bool | None]
    server: str = ""
    desktop: str = ""
    unset: tuple[str, bool] | None = None


def _property(interface: str, name: str) -> tuple[str, str, str, tuple[object, ...]]:
    return PROPERTIES, "Get", "ss", (interface, name)


def _as_it_is(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _modes(value: object) -> bool | None:
    if not isinstance(value, list):
        return None
    return any(re.sub("[^a-z]", "", str(mode).lower()) in _SILENT_MODES for mode in value)


_CHANGED: Final = (PROPERTIES, "PropertiesChanged")

ROWS: Final = (
    Row(
        told_by="the notification server",
        name=NOTIFICATIONS,
        path="/org/freedesktop/Notifications",
        asked=_property(NOTIFICATIONS, "Inhibited"),
        signal=_CHANGED,
        means=_as_it_is,
    ),
    Row(
        told_by="dunst",
        name=NOTIFICATIONS,
        path="/org/freedesktop/Notifications",
        asked=_property(_DUNST, "paused"),
        signal=_CHANGED,
        means=_as_it_is,
    ),
    Row(
        told_by="Xfce",
        name=_XFCONF,
        path="/org/xfce/Xfconf",
        asked=(_XFCONF, "GetProperty", "ss", _XFCE_KEY),
        signal=(_XFCONF, ""),
        means=_as_it_is,
        server="xfce",
        desktop="xfce",
        unset=(".PropertyNotFound", False),
    ),
    Row(
        told_by="swaync",
        name=_SWAYNC,
        path="/org/erikreider/swaync/cc",
        asked=(_SWAYNC, "GetDnd", "", ()),
        signal=(_SWAYNC, ""),
        means=_as_it_is,
    ),
    Row(
        told_by="mako",
        name=NOTIFICATIONS,
        path="/fr/emersion/Mako",
        asked=_property(_MAKO, "Modes"),
        signal=_CHANGED,
        means=_modes,
    ),
    Row(  # before it had the property
        told_by="mako",
        name=NOTIFICATIONS,
        path="/fr/emersion/Mako",
        asked=(_MAKO, "ListModes", "", ()),
        signal=None,
        means=_modes,
    ),
)


def source_of(row: Row, environ: Mapping[str, str]) -> Source:
    """Return the source that asks as a row says.

    Args:
        row: Who tells it, and how.
        environ: The environment, which may name the desktop.
    """
    is_here = bool(row.desktop) and row.desktop in desktops_in(environ)
    rules: tuple[str, ...] = ()
    if row.signal is not None:
        interface, member = row.signal
        rules = (signal_rule(row.name, path=row.path, interface=interface, member=member),)
    return Source(
        told_by=row.told_by,
        ask=partial(_ask, row),
        name=row.name,
        rules=rules,
        is_sign=partial(_is_sign, row),
        has_signal=row.signal is not None,
        counts=lambda server: row.server in server or is_here,
    )


async def _ask(row: Row, bus: Bus) -> Context:
    interface, member, signature, arguments = row.asked
    reply = await call(bus, row.name, row.path, interface, member, signature, arguments)
    if reply.message_type is MessageType.ERROR:
        end, silent = row.unset or ("", None)
        is_unset = bool(end) and (reply.error_name or "").endswith(end)
        return Context(do_not_disturb=silent) if is_unset else NOTHING
    value = reply.body[0] if reply.body else None
    if isinstance(value, Variant):
        value = value.value
    return Context(do_not_disturb=row.means(value))


def _is_sign(row: Row, message: Message) -> bool:
    if row.signal is None or message.message_type is not MessageType.SIGNAL:
        return False
    interface, member = row.signal
    return (
        message.path == row.path
        and message.interface == interface
        and (not member or message.member == member)
    )
