"""What the sources of one bus tell: each is asked once, and again at every sign of a change."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Final

from reminderd.adapters.bus import BUS, Bus
from reminderd.adapters.desktop.source import NOTHING, is_new_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dbus_fast import Message

    from reminderd.adapters.bus_address import Which
    from reminderd.adapters.desktop.source import Source
    from reminderd.core.model import Context

_RETRY_SECONDS: Final = 60.0
"""How long not to look again for a bus that was not there."""
_REJOIN_SECONDS: Final = (1.0, 5.0, 30.0)
"""When to look again for a bus that was lost, each after the one before; then when it matters."""
_LEAVE_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 4.0
"""Who has told nothing so far, and does not answer within this time, tells nothing."""


class Listener:
    """The sources of one bus. Nothing is known before `start`, nor while the bus is away.

    Args:
        which: The bus.
        sources: Whom to ask.
        wakes: What else to listen to: by match rule, whether a message is reason to look again.
        counts: Whether a source is in force now.
        on_told: Something else is told now, or nothing any more.
        on_wake: There is reason to look again.
    """

    def __init__(  # noqa: PLR0913 -- two kinds of news, each with what it is about
        self,
        which: Which,
        *,
        sources: Sequence[Source],
        wakes: Mapping[str, Callable[[Message], bool]],
        counts: Callable[[Source], bool],
        on_told: Callable[[], None],
        on_wake: Callable[[], None],
    ) -> None:
        self.sources = tuple(sources)
        self._which = which
        self._wakes = dict(wakes)
        self._counts = counts
        self._on_told = on_told
        self._on_wake = on_wake
        self._told: dict[Source, Context] = {}
        self._asking: dict[Source, asyncio.Task[None]] = {}
        self._again: set[Source] = set()
        self._bus: Bus | None = None
        self._tried_at: float | None = None
        self._connecting = asyncio.Lock()
        self._rejoining: asyncio.Task[None] | None = None
        self._stopped = False

    def told(self, source: Source) -> Context:
        """Return what a source told last."""
        return self._told.get(source, NOTHING)

    async def refresh(self) -> None:
        """Ask every source that counts anew; a bus that was not there is looked for again.

        It may take as long as the slowest source; cancelling it leaves what is known.
        """
        if not self._is_connected():
            await self._connect()
        for source in self.sources:
            self.ask(source)
        while self._asking:  # what one tells may make another count
            await asyncio.wait(set(self._asking.values()))

    async def meet(self) -> None:
        """Wait until everybody who is being asked for the first time has answered, or will not.

        It takes a few seconds at the most, and nothing once all have been heard.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while new := {task for one, task in self._asking.items() if one not in self._told}:
                    await asyncio.wait(new)

    def ask(self, source: Source) -> None:
        """Ask a source anew, once it has answered what it was asked before."""
        if self._stopped or self._bus is None or not self._bus.connected:
            return
        if not self._counts(source):
            return
        if source in self._asking:
            self._again.add(source)
            return
        task = asyncio.get_running_loop().create_task(self._ask(source, self._bus))
        self._asking[source] = task
        task.add_done_callback(partial(self._asked, source))

    async def stop(self) -> None:
        """Leave the bus for good."""
        self._stopped = True
        if self._rejoining is not None:
            self._rejoining.cancel()
        asked = set(self._asking.values())
        self._forget()
        if asked:  # a program that was asked ends with the one who asks, if it can
            await asyncio.wait(asked, timeout=_LEAVE_SECONDS)
        if self._bus is not None:
            await self._bus.disconnect()

    async def _connect(self) -> None:
        """Connect where there is no connection; two who want one wait for the same."""
        loop = asyncio.get_running_loop()
        async with self._connecting:
            tried_lately = self._tried_at and loop.time() < self._tried_at + _RETRY_SECONDS
            if self._is_over() or tried_lately or self._is_connected():
                return
            self._tried_at = loop.time()
            bus = Bus(
                self._which,
                begin=lambda: self._begin(bus),
                on_message=self._hear,
                on_lost=self._lose,
            )
            await bus.connect()
            if self._is_over():  # meanwhile
                await bus.disconnect()
            elif bus.connected:
                self._bus, self._tried_at = bus, None

    def _is_over(self) -> bool:
        return self._stopped

    def _is_connected(self) -> bool:
        return self._bus is not None and self._bus.connected

    async def _begin(self, bus: Bus) -> None:
        names = sorted({source.name for source in self.sources if source.name})
        owners = (
            f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{n}'" for n in names
        )
        rules = (rule for source in self.sources for rule in source.rules)
        for rule in dict.fromkeys((*owners, *rules, *self._wakes)):
            await bus.ask("AddMatch", "s", [rule])

    async def _ask(self, source: Source, bus: Bus) -> None:
        told = NOTHING
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                told = await source.ask(bus)
        except TimeoutError:
            # A bad moment is no good one because the answer takes its time.
            self._told.setdefault(source, NOTHING)
            return
        except ConnectionError:
            pass
        if source in self._again:
            return
        before, self._told[source] = self.told(source), told
        if told != before:
            self._on_told()

    def _asked(self, source: Source, task: asyncio.Task[None]) -> None:
        if self._asking.get(source) is task:
            del self._asking[source]
        if task.cancelled():
            return
        task.result()
        if source in self._again:
            self._again.discard(source)
            self.ask(source)

    def _hear(self, message: Message) -> None:
        for source in self.sources:
            if source.is_sign(message) or (source.name and is_new_owner(message, source.name)):
                self.ask(source)
        if any(is_reason(message) for is_reason in self._wakes.values()):
            self._on_wake()

    def _lose(self, _why: str) -> None:
        self._forget()
        self._on_told()
        if not self._stopped and (self._rejoining is None or self._rejoining.done()):
            self._rejoining = asyncio.get_running_loop().create_task(self._rejoin())

    async def _rejoin(self) -> None:
        """Look for a bus that was lost: what it signalled meanwhile is reason to look again."""
        for seconds in _REJOIN_SECONDS:
            await asyncio.sleep(seconds)
            self._tried_at = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self.refresh()
            if self._is_connected():
                self._on_wake()
                return

    def _forget(self) -> None:
        """Nothing is known without a connection; what is being asked has no answer any more."""
        for task in self._asking.values():
            task.cancel()
        self._asking.clear()
        self._again.clear()
        self._told.clear()
