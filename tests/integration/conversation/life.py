"""A daemon that can be killed at any point.

It is the real one but for what lives outside: its timer and clock are set by hand, and it
has no socket, no signals and no file watch.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Literal
from unittest.mock import Mock, patch

from reminderd.adapters import bus
from reminderd.adapters.bus_socket import LocalBus
from reminderd.adapters.desktop.unknown import UnknownDesktop
from reminderd.adapters.notifiers import freedesktop, notification_server
from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
from reminderd.adapters.store.connection import Database
from reminderd.adapters.watchdog import Watchdog
from reminderd.app import standing
from reminderd.app.safekeeping import Safekeeping
from reminderd.core.notice import VIEWS, Posted
from reminderd.daemon import Daemon
from reminderd.errors import StoreError
from tests.integration.conversation.server import through

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

    from reminderd.adapters.notifiers.choose import Chooser
    from reminderd.adapters.store.store import Store
    from reminderd.app.tick import Engine
    from reminderd.core.notice import Change, Delivered, Notice, Press
    from tests.integration.conversation.witness import Try, Witness

Fuse = Literal["", "claimed", "notified", "posted", "pressed", "stored"]
"""Where a daemon is to be killed: before Notify, at the server's receipt of it, before its outcome
is recorded, before a press is stored, before a stored press is acknowledged."""

ACTING: Final = "acting"
"""The name of the test's own task; all others are the daemon's."""
_RESTING: Final = {"Life.run", "Bus._watch"}
_SHORT: Final = 0.05

_asked_by: ContextVar[Press | None] = ContextVar("asked_by", default=None)
_trying: ContextVar[Try | None] = ContextVar("trying", default=None)


@contextmanager
def short_waits() -> Iterator[None]:
    """Wait for a server that is silent, or in a hurry, for as short as it makes no difference."""
    defaults = FreedesktopNotifier.__init__.__kwdefaults__
    with (
        patch.dict(defaults, patience=_SHORT),
        patch.object(freedesktop, "_LEAVE_SECONDS", _SHORT),
        patch.object(notification_server, "_GREET_SECONDS", _SHORT / 2),
        patch.object(standing, "_TRIES_SECONDS", (0.0, 0.002, 0.004)),
    ):
        yield


class Disk:
    """Where the database lies.

    Attributes:
        room: How many writes it still has room for; None for any number.
    """

    def __init__(self) -> None:
        self.room: int | None = None

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let every database of this process lie there."""
        write = Database.write

        def written(database: Database, sql: str, *values: object) -> int:
            if self.room is not None:
                if self.room == 0:
                    raise StoreError("The database cannot be used: it is full.", "Make room.")
                self.room -= 1
            return write(database, sql, *values)

        with patch.object(Database, "write", written):
            yield


class Wire(LocalBus):
    """The daemon's connection, which tells which try a Notify call belongs to."""

    witness: Witness

    # dbus-fast's own types say less than it returns.
    def send(self, msg: Message) -> asyncio.Future[None]:  # type: ignore[override]
        """Send it."""
        sent = super().send(msg)
        self._tell(msg)
        return sent

    async def call(self, msg: Message) -> Message | None:  # type: ignore[override]
        """Send it, and wait for the reply."""
        self._tell(msg)
        return await super().call(msg)

    def _tell(self, message: Message) -> None:
        if message.member == "Notify":
            self.witness.sends(self.unique_name or "", message.serial, _trying.get())


class Watched:
    """The daemon's notifier, as the use cases see it: what they try is told, and may be deadly."""

    def __init__(self, chooser: Chooser, life: Life, witness: Witness) -> None:
        self._chooser, self._life, self._witness = chooser, life, witness

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the real one has
        return getattr(self._chooser, name)

    async def show(self, notice: Notice) -> Delivered:
        """Bring it up."""
        self._life.burn("claimed")
        tried = self._witness.tries(notice, _asked_by.get())
        tried_before = _trying.set(tried)
        tried.outcome = outcome = await self._chooser.show(notice)
        _trying.reset(tried_before)
        if isinstance(outcome, Posted):
            self._life.burn("posted")
        self._witness.has_tried(tried)
        return outcome


class Unkept(Safekeeping):
    """Safekeeping without the daily backup, of which no promise here depends."""

    def look_after(self, store: object, present: object) -> None:
        """Look after nothing."""


class Life(Daemon):
    """One process of the daemon, from its start to its end.

    Attributes:
        alive: Whether it has not ended.
        fuse: Where it is to be killed.
        due_at: When its timer goes off.
        looks: How often it has looked.
        looked_well: Whether the last look came to its end.
    """

    def __init__(self, engine: Engine, store: Store, witness: Witness) -> None:
        # In place of the daemon's own beginning, which takes what there is one of in a process.
        self._service = True
        self._wake, self._end = asyncio.Event(), asyncio.Event()
        self._exit_code = 0
        self._edited = self._begun = self._has_parts = False
        self._tasks, self._turned = set(), set()
        self._store, self._engine, self._witness = store, engine, witness
        nothing: Any = Mock()
        self._scheduler = self._clock_watch = self._socket = self._lock = nothing
        self._file_watch = self._store_watch = None
        self._watchdog = Watchdog({}, 0)
        self._last_words = ""
        self._safe = Unkept(lambda _: None)
        self._desktop = UnknownDesktop()
        self._facts: Any = Mock(record=self._looked)
        self._configured: Any = Mock(notifier="auto", sound="")
        self._buses: list[Wire] = []
        self._task: asyncio.Task[None] | None = None
        self.alive, self.at_rest = True, False
        self.fuse: Fuse = ""
        self.due_at: datetime | None = None
        self.looks = 0
        self.looked_well = False

    @property
    def name(self) -> str:
        """Its unique name on the bus."""
        return self._buses[-1].unique_name or "" if self._buses else ""

    @property
    def kept(self) -> list[Press]:
        """What was pressed and could not be stored yet, oldest first."""
        return [one[0] for one in self._engine.presses]

    def start(self) -> None:
        """Begin to live."""
        self._task = asyncio.create_task(self.run())

    async def run(self) -> None:
        """Do what `Daemon.live` does, without signals, socket and scheduler."""
        await self._unless_ended(self._start())
        while not self._end.is_set():
            self._wake.clear()
            await self._unless_ended(self._look())
            if not self._end.is_set():
                self.at_rest = True
                await self._wake.wait()
                self.at_rest = False

    async def leave(self) -> None:
        """End as SIGTERM would have it."""
        self._on_end()
        if self._task is not None:
            await asyncio.wait([self._task])
        await self.stop()
        self.alive = False

    def drop(self) -> None:
        """End as SIGKILL would have it: nothing is said or written after this."""
        if self.alive:
            self.alive = False
            for bus in self._buses:
                bus.disconnect()
            self._store.close()
            for task in busy_tasks() | ({self._task} if self._task else set()):
                task.cancel()

    def burn(self, point: Fuse) -> None:
        """Be killed if that is to happen at this point."""
        if self.fuse == point and self.alive:
            self.drop()
            raise asyncio.CancelledError

    def knock(self) -> None:
        """Wake it, as a command or its timer does."""
        self._wake.set()

    def quiet(self) -> bool:
        """Return whether it waits for whatever comes next."""
        return self.at_rest and not self._wake.is_set()

    async def flush(self) -> None:
        """Wait until the bus has all that it sent."""
        if self._buses and self._buses[-1].connected:
            await through(self._buses[-1])

    async def _start(self) -> None:
        chooser = self._new_notifier()
        self._notifier = self._engine.notifier = Watched(chooser, self, self._witness)  # type: ignore[assignment]  # it is a Chooser but by name
        self._has_parts = True
        with patch.object(bus, "LocalBus", self._connection):
            await self._notifier.start()

    def _connection(self, **values: Any) -> MessageBus:  # noqa: ANN401 -- handed on
        bus = Wire(**values)
        bus.witness = self._witness
        self._buses.append(bus)
        return bus

    async def _look(self) -> None:
        self.looks += 1
        self.looked_well = False
        await super()._look()

    def _looked(self, *_: object) -> None:
        self.looked_well = True

    def _arm(self, at: datetime) -> None:
        self.due_at = max(at, self._now())

    def _on_press(self, press: Press) -> bool:
        if not self.alive:
            return False
        if press.key not in VIEWS:
            self._witness.hears(press)
        if self.fuse == "pressed" and press.key not in VIEWS:
            self.drop()
            return False
        stored = super()._on_press(press)
        if stored and press.key not in VIEWS:
            self._witness.acknowledges(press)
            if self.fuse == "stored":
                self.drop()
        return stored

    async def _show(self, press: Press) -> None:
        _asked_by.set(press)
        await super()._show(press)

    def _on_change(self, change: Change) -> None:
        if self.alive:
            if change == "appeared":
                self._witness.appeared()
            super()._on_change(change)

    def _on_closed(self, delivery: str, _reason: int) -> None:
        if self.alive:
            super()._on_closed(delivery, _reason)

    def _on_lost(self, reason: str) -> None:
        if self.alive:
            self._witness.wrong(f"the bus is said to be lost: {reason}")


def busy_tasks() -> set[asyncio.Task[Any]]:
    """Return the daemon's tasks that have something to do."""
    return {
        task
        for task in asyncio.all_tasks()
        if task.get_name() != ACTING
        and getattr(task.get_coro(), "__qualname__", "") not in _RESTING
    }
