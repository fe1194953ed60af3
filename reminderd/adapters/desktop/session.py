"""Is the person at this desk? What logind knows of their session, and what locks the screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType

from reminderd.adapters.bus import succeeded
from reminderd.adapters.desktop.source import (
    NOTHING,
    PROPERTIES,
    Source,
    call,
    is_new_owner,
    signal_rule,
)
from reminderd.core.model import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reminderd.adapters.bus import Bus

LOGIND: Final = "org.freedesktop.login1"
MANAGER: Final = f"{LOGIND}.Manager"
_MANAGER_PATH: Final = "/org/freedesktop/login1"
_SESSION: Final = f"{LOGIND}.Session"
_NO_DESK: Final = ("manager", "background", "greeter", "lock-screen")
"""Classes of sessions, as they begin, that are no person's at a desk."""
_TEXT: Final = ("tty", "web")
"""Types of sessions that have no desktop."""
_AUTO: Final = f"{_MANAGER_PATH}/session/auto"
"""The object that stands for the caller's own session, or the one on the person's screen."""

_SCREEN_SAVERS: Final = (
    ("the screen saver", "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("the screen saver", "org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("GNOME", "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("MATE", "org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("Cinnamon", "org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("Xfce", "org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
)
"""Who locks the screen or covers it, by the name on the bus, which is its interface too."""


class LogindSession:
    """The person's session, as logind sees it.

    A user service belongs to no session, and sessions come and go under it. Which one is theirs is
    asked anew whenever one does.

    Args:
        environ: The environment, which may name the session.
        wall: Returns the wall clock in seconds.
        after: Returns from how many seconds on a person counts as away; None for never.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        wall: Callable[[], float],
        after: Callable[[], int | None],
    ) -> None:
        self._id = environ.get("XDG_SESSION_ID", "")
        self._wall = wall
        self._after = after
        self._path = ""
        self._changes = 0

    def source(self) -> Source:
        """Return the source that asks it."""
        changed = signal_rule(LOGIND, interface=PROPERTIES, member="PropertiesChanged")
        return Source(
            told_by="logind",
            ask=self._ask,
            name=LOGIND,
            rules=(
                f"{changed},arg0='{_SESSION}'",
                signal_rule(LOGIND, path=_MANAGER_PATH, interface=MANAGER, member="SessionNew"),
                signal_rule(LOGIND, path=_MANAGER_PATH, interface=MANAGER, member="SessionRemoved"),
            ),
            is_sign=self._is_sign,
        )

    def _is_sign(self, message: Message) -> bool:
        if message.message_type is not MessageType.SIGNAL:
            return False
        if message.interface == MANAGER and message.member in {"SessionNew", "SessionRemoved"}:
            self._path = ""
            self._changes += 1
            return True
        # While none is known, a change of any may be of the one that is theirs.
        is_theirs = not self._path or self._path in {message.path, _AUTO}
        return message.interface == PROPERTIES and is_theirs

    async def _ask(self, bus: Bus) -> Context:
        # One that is not in front may not be theirs any more, though it lives on.
        if self._path and (told := await _living(bus, self._path)) and told.get("Active"):
            return self._context(told)
        self._path = ""
        changes = self._changes
        for find in (self._named, _own, _shown, _listed, _by_alias):
            path = await find(bus)
            if path and (told := await _living(bus, path)) is not None and _is_at_desk(told):
                if changes == self._changes:  # else it is asked again, and looks again
                    self._path = path
                return self._context(told)
        return NOTHING

    def _context(self, told: Mapping[str, object]) -> Context:
        active = told.get("Active")
        return Context(
            locked=_truth(told.get("LockedHint")),
            inactive=None if not isinstance(active, bool) else not active,
            away_seconds=self._away(told),
        )

    def _away(self, told: Mapping[str, object]) -> int | None:
        """Return for how long nobody has been there.

        The hint comes late: the desktop has waited for as long as it thinks fit, so it counts as
        away at once. That it is not given means that somebody is there only where it ever was:
        bare window managers never give it. For a text terminal logind guesses, and signals nothing.
        """
        if told.get("Type") in _TEXT:
            return None
        hint, since = told.get("IdleHint"), told.get("IdleSinceHint")
        stamp = since // 1_000_000 if isinstance(since, int) else 0
        if hint is True:
            return max(int(self._wall()) - stamp if stamp else 0, self._after() or 0)
        return 0 if hint is False and stamp else None

    async def _named(self, bus: Bus) -> str:
        return await _session(bus, self._id) if self._id else ""


def screen_savers() -> tuple[Source, ...]:
    """Return the sources that ask whether the screen is locked or covered."""
    return tuple(ScreenSaver(*row).source() for row in _SCREEN_SAVERS)


class ScreenSaver:
    """Who locks the screen or covers it: it is asked, and where it cannot say what it signalled.

    Args:
        told_by: Who it is, in words for the person.
        name: Its name on the bus, and its interface.
        path: Its object.
    """

    def __init__(self, told_by: str, name: str, path: str) -> None:
        self._told_by, self._name, self._path = told_by, name, path
        self._said: bool | None = None

    def source(self) -> Source:
        """Return the source that asks it."""
        changed = signal_rule(
            self._name, path=self._path, interface=self._name, member="ActiveChanged"
        )
        return Source(
            told_by=self._told_by,
            ask=self._ask,
            name=self._name,
            rules=(changed,),
            is_sign=self._is_sign,
        )

    def _is_sign(self, message: Message) -> bool:
        if is_new_owner(message, self._name):
            self._said = None
            return True
        of_it = (message.interface, message.path) == (self._name, self._path)
        if not of_it or message.member != "ActiveChanged":
            return False
        if message.signature == "b":
            self._said = message.body[0]
        return True

    async def _ask(self, bus: Bus) -> Context:
        reply = await call(bus, self._name, self._path, self._name, "GetActive")
        return Context(locked=bool(reply.body[0]) if succeeded(reply, "b") else self._said)


async def _own(bus: Bus) -> str:
    return await _session(bus, "auto")


async def _session(bus: Bus, name: str) -> str:
    reply = await _ask_manager(bus, "GetSession", "s", name)
    return str(reply.body[0]) if succeeded(reply, "o") else ""


async def _shown(bus: Bus) -> str:
    """Return the session that logind counts as the person's display."""
    reply = await _ask_manager(bus, "GetUser", "u", os.getuid())
    if not succeeded(reply, "o"):
        return ""
    asked = [f"{LOGIND}.User", "Display"]
    reply = await call(bus, LOGIND, str(reply.body[0]), PROPERTIES, "Get", "ss", asked)
    if not succeeded(reply, "v") or reply.body[0].signature != "(so)":
        return ""
    _name, path = reply.body[0].value
    return str(path)


async def _listed(bus: Bus) -> str:
    """Return a session of the person's, one at a seat if there is any."""
    reply = await _ask_manager(bus, "ListSessions")
    if not succeeded(reply, "a(susso)"):
        return ""
    own = [(not seat, path) for _, owner, _, seat, path in reply.body[0] if owner == os.getuid()]
    return str(min(own, default=(True, ""))[1])


async def _by_alias(_bus: Bus) -> str:
    return _AUTO


async def _living(bus: Bus, path: str) -> dict[str, object] | None:
    """Return what a session tells, or None where there is no such one, or its person left it."""
    reply = await call(bus, LOGIND, path, PROPERTIES, "GetAll", "s", [_SESSION])
    if not succeeded(reply, "a{sv}"):
        return None
    told = {name: variant.value for name, variant in reply.body[0].items()}
    return None if told.get("State") == "closing" else told


async def _ask_manager(bus: Bus, member: str, signature: str = "", *body: object) -> Message:
    return await call(bus, LOGIND, _MANAGER_PATH, MANAGER, member, signature, body)


def _is_at_desk(told: Mapping[str, object]) -> bool:
    """Tell a person's session at a desk from what else bears their name: services, a shell."""
    if str(told.get("Class", "user")).startswith(_NO_DESK):
        return False
    seat = told.get("Seat")
    has_none = isinstance(seat, list | tuple) and bool(seat) and seat[0] == ""
    return not (has_none and told.get("Type") == "tty")


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
