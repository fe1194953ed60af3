"""A Linux desktop: all that its session, its bus and its system tell about the moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

from reminderd.adapters.bus import succeeded
from reminderd.adapters.desktop import dconf, do_not_disturb
from reminderd.adapters.desktop.call import CallLook
from reminderd.adapters.desktop.do_not_disturb import NOTIFICATIONS
from reminderd.adapters.desktop.idle import MutterIdle, X11Idle, x11_display
from reminderd.adapters.desktop.listener import Listener
from reminderd.adapters.desktop.session import LOGIND, MANAGER, LogindSession, screen_savers
from reminderd.adapters.desktop.source import (
    NOTHING,
    PROPERTIES,
    Source,
    call,
    facts_in,
    merged,
    signal_rule,
)
from reminderd.core.model import Context, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dbus_fast import Message

    from reminderd.adapters.bus import Bus
    from reminderd.core.model import Quiet

_START_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 1.0
_TIMEDATE: Final = "org.freedesktop.timedate1"
_X11: Final = "X11"


class LinuxDesktop:
    """What can be known here of whether this is a good moment. Knows nothing before `start`.

    Args:
        on_change: Something that may matter has changed: what is told, who tells it, the clock
            after a sleep, or the time zone.
        environ: The environment.
        wall: Returns the wall clock in seconds.
    """

    def __init__(
        self,
        on_change: Callable[[], None],
        environ: Mapping[str, str] | None = None,
        wall: Callable[[], float] = time.time,  # noqa: TID251 -- compared with logind's own stamps
    ) -> None:
        environment = os.environ if environ is None else environ
        self._on_change = on_change
        self._away_after: int | None = None
        self._heeds_calls = True
        self._server = ""
        self._stood = (False, False, False, False)
        self._met: Mapping[Reason, str] = {}
        self._x11 = X11Idle(x11_display(environment))
        self._x11_tells = False
        self._call = CallLook(environment)
        self._mutter = MutterIdle(self._after).source()
        self._logind = LogindSession(environment, wall, self._after).source()
        self._session = Listener(
            "session",
            sources=(
                Source("", self._meet, name=NOTIFICATIONS),
                *(do_not_disturb.source_of(row, environment) for row in do_not_disturb.ROWS),
                *(dconf.source_of(key, environment) for key in dconf.KEYS),
                *screen_savers(),
                self._mutter,
            ),
            wakes={},
            counts=self._counts,
            on_told=self._told,
            on_wake=on_change,
        )
        self._system = Listener(
            "system",
            sources=(self._logind,),
            wakes={
                signal_rule(LOGIND, interface=MANAGER, member="PrepareForSleep"): _is_awake,
                signal_rule(_TIMEDATE, interface=PROPERTIES): _is_zone,
            },
            counts=self._counts,
            on_told=self._told,
            on_wake=on_change,
        )

    async def start(self) -> None:
        """Begin to listen, and learn what is told now: in two seconds what can be learned."""
        await asyncio.gather(self._refresh(_START_SECONDS), self._look_for_idle())

    async def stop(self) -> None:
        """Stop listening."""
        await asyncio.gather(self._session.stop(), self._system.stop())

    def heed(self, quiet: Quiet) -> None:
        """Be told what the person wants to be heeded."""
        self._heeds_calls = quiet.in_call
        if quiet.when_away != self._away_after:
            self._away_after = quiet.when_away
            self._session.ask(self._mutter)
            self._system.ask(self._logind)

    async def context(self, *, closely: bool) -> Context:
        """Return what is known now; see the port."""
        if not closely:
            return merged(self._heard(signalled_only=True))
        _, called, idle = await asyncio.gather(
            self._refresh(_LOOK_SECONDS), self._look_for_call(), self._look_for_idle()
        )
        await asyncio.gather(self._session.meet(), self._system.meet())
        return merged([*self._heard(signalled_only=False), (called, False), (idle, False)])

    def sources(self) -> Mapping[Reason, str]:
        """Return which facts are told here, and by what."""
        told: dict[Reason, dict[str, None]] = {}
        for source, context in self._each():
            for reason in facts_in(context):
                told.setdefault(reason, {})[source.told_by] = None
        if self._x11_tells and self._away_after is not None:
            told.setdefault(Reason.AWAY, {_X11: None})
        if who := self._call.told_by():
            told[Reason.IN_CALL] = {who: None}
        return {reason: ", ".join(names) for reason, names in told.items()}

    def _after(self) -> int | None:
        return self._away_after

    def _counts(self, source: Source) -> bool:
        return source.counts(self._server)

    def _each(self) -> Iterator[tuple[Source, Context]]:
        for listener in (self._session, self._system):
            for source in listener.sources:
                if self._counts(source):
                    yield source, listener.told(source)

    def _heard(self, *, signalled_only: bool) -> Iterator[tuple[Context, bool]]:
        for source, context in self._each():
            if source.has_signal or not signalled_only:
                yield context, source.has_signal

    async def _refresh(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(self._session.refresh(), self._system.refresh())

    async def _meet(self, bus: Bus) -> Context:
        """Learn who the notification server is: what some desktops tell counts with theirs only."""
        path = "/org/freedesktop/Notifications"
        reply = await call(bus, NOTIFICATIONS, path, NOTIFICATIONS, "GetServerInformation")
        name, maker = reply.body[:2] if succeeded(reply, "ssss") else ("", "")
        server = f"{name} {maker}".strip().casefold()
        if server != self._server:
            self._server = server
            for source in self._session.sources:
                if source.ask != self._meet:
                    self._session.ask(source)
            self._told()
        return NOTHING

    def _told(self) -> None:
        """Take in that something else is told, and pass it on where that makes a difference."""
        context = merged(self._heard(signalled_only=True))
        after = self._away_after
        away = after is not None and (context.away_seconds or 0) >= after
        stands = (
            bool(context.do_not_disturb),
            bool(context.locked),
            bool(context.inactive),
            away,
        )
        met = self.sources()
        if (stands, met) != (self._stood, self._met):
            self._stood, self._met = stands, met
            self._on_change()

    async def _look_for_idle(self) -> Context:
        """Ask the X server for how long nobody was there, where nothing signals it."""
        known = merged(self._heard(signalled_only=True)).away_seconds
        if self._away_after is None or known is not None:
            return NOTHING
        seconds = await self._x11.seconds()
        self._x11_tells = seconds is not None
        return Context(away_seconds=seconds)

    async def _look_for_call(self) -> Context:
        return Context(in_call=await self._call.in_use()) if self._heeds_calls else NOTHING


def _is_awake(message: Message) -> bool:
    return message.member == "PrepareForSleep" and message.body == [False]


def _is_zone(message: Message) -> bool:
    return message.member == "PropertiesChanged" and message.body[:1] == [_TIMEDATE]
