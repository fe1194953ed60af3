"""For how long nobody has touched anything: what GNOME's compositor tells, and an X server."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from reminderd.adapters.bus import succeeded
from reminderd.adapters.desktop.source import NOTHING, Source, call, is_new_owner, signal_rule
from reminderd.core.model import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dbus_fast import Message

    from reminderd.adapters.bus import Bus

_MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
_MUTTER_PATH: Final = "/org/gnome/Mutter/IdleMonitor/Core"

_X11_SECONDS: Final = 1.0


class MutterIdle:
    """GNOME's idle monitor: a watch fires when the person leaves, another when they come back.

    Args:
        after: Returns from how many seconds on a person counts as away; None for never.
    """

    def __init__(self, after: Callable[[], int | None]) -> None:
        self._after = after
        self._bus: Bus | None = None
        self._forget()

    def source(self) -> Source:
        """Return the source that asks it."""
        fired = signal_rule(_MUTTER, path=_MUTTER_PATH, interface=_MUTTER, member="WatchFired")
        return Source(
            told_by="Mutter",
            ask=self._ask,
            name=_MUTTER,
            rules=(fired,),
            is_sign=self._is_sign,
        )

    def _forget(self) -> None:
        """Another idle monitor has other watches."""
        self._armed: int | None = None
        self._leaving = self._coming = 0
        self._has_left = False

    def _is_sign(self, message: Message) -> bool:
        if is_new_owner(message, _MUTTER):
            self._forget()
            return True
        if (message.interface, message.member) != (_MUTTER, "WatchFired"):
            return False
        if message.signature != "u" or message.body[0] not in {self._leaving, self._coming}:
            return False
        self._has_left = message.body[0] == self._leaving
        if message.body[0] == self._coming:
            self._coming = 0  # it fires once
        return True

    async def _ask(self, bus: Bus) -> Context:
        if bus is not self._bus:
            self._bus = bus
            self._forget()
        after = self._after()
        if after != self._armed:
            await self._arm(bus, after)
        if after is None:
            return NOTHING
        seconds = await _idle_seconds(bus)
        if not self._has_left and (seconds is None or seconds < after):
            return NOTHING if seconds is None else Context(away_seconds=seconds)
        # Away until the other watch fires, whatever the time says.
        is_told = seconds is not None and seconds >= after
        if not self._coming or not is_told:  # one that is there may have fired unheard
            await self._watch_return(bus)
            # Whoever came back before that watch was there is not told of by it.
            again = await _idle_seconds(bus)
            if is_told and again is not None and again < after:
                self._coming = 0  # it may have fired before its number was known
                self._has_left = False
                return Context(away_seconds=again)
        return Context(away_seconds=max(seconds or 0, after))

    async def _watch_return(self, bus: Bus) -> None:
        """Have the watch for coming back fire at the next touch."""
        before, self._coming = self._coming, 0
        if before:
            await _call(bus, "RemoveWatch", "u", before)
        self._coming = await _watch(bus, "AddUserActiveWatch")

    async def _arm(self, bus: Bus, after: int | None) -> None:
        """Have the watch for leaving fire after so many seconds, and no other."""
        before, self._leaving = self._leaving, 0
        self._armed = None  # until it is certain: an answer may be refused, or come too late
        self._has_left = False
        if before:
            await _call(bus, "RemoveWatch", "u", before)
        if after is not None:
            self._leaving = await _watch(bus, "AddIdleWatch", "t", after * 1000)
        self._armed = after if self._leaving or after is None else None


async def _idle_seconds(bus: Bus) -> int | None:
    reply = await _call(bus, "GetIdletime")
    return int(reply.body[0]) // 1000 if succeeded(reply, "t") else None


async def _watch(bus: Bus, member: str, signature: str = "", *body: object) -> int:
    reply = await _call(bus, member, signature, *body)
    return int(reply.body[0]) if succeeded(reply, "u") else 0


async def _call(bus: Bus, member: str, signature: str = "", *body: object) -> Message:
    return await call(bus, _MUTTER, _MUTTER_PATH, _MUTTER, member, signature, body)


def x11_display(environ: Mapping[str, str]) -> str:
    """Return the X server of this desk, as its library names it; nothing where there is none.

    Under Wayland an X server for older programs sees only what is done in their windows. One that
    is reached over a network is another desk's.
    """
    if environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland":
        return ""
    local = re.fullmatch(r"(?:unix)?(:\d+)(?:\.\d+)?", environ.get("DISPLAY", ""))
    return f"unix/{local[1]}" if local else ""


class X11Idle:
    """For how long an X server has seen no input. It has no signal that its library knows.

    Args:
        display: What `x11_display` returns.
    """

    def __init__(self, display: str) -> None:
        self._display = display
        self._asking = False

    async def seconds(self) -> int | None:
        """Return it, or None where the server does not tell in time."""
        if not self._display or self._asking:
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int | None] = loop.create_future()
        self._asking = True

        def ask() -> None:
            seconds = _ask_x11(self._display)
            self._asking = False
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(partial(_settle, answer, seconds))

        # A thread that nobody waits for at the end: a server that hangs must not hold up ours.
        threading.Thread(target=ask, name="x11 idle time", daemon=True).start()
        try:
            async with asyncio.timeout(_X11_SECONDS):
                return await answer
        except TimeoutError:
            return None


def _settle(answer: asyncio.Future[int | None], seconds: int | None) -> None:
    if not answer.done():
        answer.set_result(seconds)


def _ask_x11(display: str) -> int | None:
    try:
        # It costs memory that only a desk on X11 is to pay.
        from Xlib import xauth  # noqa: PLC0415
        from Xlib.display import Display  # noqa: PLC0415

        vars(xauth)["print"] = lambda *_: None  # it warns of a desk without keys on our own output
        server = Display(display)
        try:
            if server.query_extension("XWAYLAND") is not None:
                return None
            return int(server.screen().root.screensaver_query_info().idle) // 1000
        finally:
            server.close()
    except Exception:  # noqa: BLE001 -- the library raises whatever a strange server makes it stumble over
        return None
