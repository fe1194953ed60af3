"""The one long-running loop: whatever happens only wakes it; one coroutine looks and acts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from reminderd import bootstrap
from reminderd.adapters import paths, trouble
from reminderd.adapters.configuration import read_apart, set_apart
from reminderd.adapters.desktop.clock_watch import watch_clock
from reminderd.adapters.sd_notify import STARTED, notify, reloading
from reminderd.adapters.wake import Lock, WakeSocket
from reminderd.adapters.watchdog import Watchdog
from reminderd.app.pressing import give_up, store_kept, take
from reminderd.app.safekeeping import Safekeeping
from reminderd.app.standing import (
    adopt_standing,
    keep_standing,
    record_withdrawn,
    show_view,
    standing_here,
)
from reminderd.app.tick import begin, tick, write_down, write_outcomes
from reminderd.core.decision import Deliver
from reminderd.core.notice import READING, VIEWS
from reminderd.core.words import KEEPS_PACE, NOT_CHANGED
from reminderd.errors import DamagedStoreError, ReminderdError, StoreBusyError, StoreError
from reminderd.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from reminderd.adapters.configuration import Configured
    from reminderd.adapters.hang_up import HangUp
    from reminderd.adapters.notifiers.choose import Chooser
    from reminderd.adapters.store.store import Store
    from reminderd.app.tick import Engine
    from reminderd.core.notice import Change, Press

_TICK: Final = "next tick"
SOON: Final = timedelta(seconds=30)
"""When to look again after a tick that could not be finished."""
_BUSY_AGAIN: Final = timedelta(seconds=1)
"""When to look again after another process held the database."""
BUSY_SECONDS: Final = 0.1
"""How long to wait for it: the loop stands still meanwhile, and must end within a second."""
_GRACE: Final = 0.4
"""Seconds that a tick may take to finish once the daemon is asked to end."""

# The last thing that `systemctl --user status` shows of a daemon that has ended.
_ASKED: Final = "Ending, as it was asked to."
_NO_BUS: Final = "Ending, because the session bus is gone."
_NOT_ALONE: Final = "Ending, because another reminderd has begun for this account."
_FAILED: Final = "Ending, because of what its log says last."

log = logging.getLogger("reminderd")


class Daemon:
    """Everything that lives as long as the process; needs the lock and a running loop.

    Args:
        store: The database; it is closed at the end.
        lock: What keeps it single; held already.
        hang_up: What tells that the terminal went away, or that all is to be read anew.
        service: Whether systemd runs it.
    """

    def __init__(self, store: Store, lock: Lock, hang_up: HangUp, *, service: bool) -> None:
        self._lock = lock
        self._hang_up = hang_up
        self._service = service
        self._wake = asyncio.Event()
        self._end = asyncio.Event()
        self._exit_code = 0
        self._last_words = _FAILED
        self._watchdog = Watchdog(os.environ, os.getpid())
        self._edited = self._begun = False
        self._told: tuple[str, ...] = ()  # problems of settings and decks
        self._tasks: set[asyncio.Task[None]] = set()
        self._turned: set[str] = set()  # deliveries of which another view is being brought up
        self._store = store
        self._safe = Safekeeping(log.warning)
        self._has_parts = False  # the next three, which `_start` makes
        self._configured: Configured
        self._notifier: Chooser
        self._engine: Engine
        self._socket = WakeSocket((paths.runtime_dir(), paths.data_dir()), self._wake.set)
        self._desktop = bootstrap.build_desktop(self._wake.set)
        self._file_watch = bootstrap.watch_files(self._on_edit)
        self._store_watch = bootstrap.watch_store(self._wake.set)
        watches = self._file_watch is not None
        zone_is_watched = self._file_watch is not None and self._file_watch.watches_zone
        self._clock_watch = watch_clock(self._wake.set, os.environ, zone_is_watched=zone_is_watched)
        self._facts = Facts(self._store, self._socket.address, self._safe, watches=watches)
        # Our own code decides what is too late, so no moment is ever too old for it (a grace of
        # one second, its default, would drop and delete the job of a machine that was asleep).
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None}
        )

    async def live(self) -> int:
        """Start, then look and act at every wake-up, until the end; return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_end)
        self._hang_up.start(self._on_terminal_gone, self._on_edit)
        loop.add_reader(self._socket.fileno(), self._socket.drain)
        self._facts.record_start()  # from here on, whoever wakes or signals us is heard
        self._scheduler.start()
        await self._unless_ended(self._start())
        while not self._end.is_set():
            self._wake.clear()
            await self._unless_ended(self._look())
            if not self._end.is_set():
                await self._watchdog.wait(self._wake)
        return self._exit_code

    async def stop(self) -> None:
        """Let go of everything, in the order in which it could still wake us."""
        notify(STOPPING="1", STATUS=self._last_words)
        self._scheduler.shutdown(wait=False)
        self._clock_watch.close()
        if self._file_watch is not None:
            await self._file_watch.close()
        if self._store_watch is not None:
            await self._store_watch.close()
        self._socket.close()
        for task in self._tasks:
            task.cancel()
        await self._desktop.stop()
        if self._has_parts:
            give_up(self._engine)
            await self._fall_silent()  # what was pressed until now is heard
            with contextlib.suppress(StoreError):  # told already; the last try
                write_outcomes(self._engine)
        self._store.close()
        trouble.tell("")

    async def _start(self) -> None:
        """Read what was set, and take up the conversation with the desktop."""
        self._configured = await read_apart(self._facts.good_settings)
        self._notifier = self._new_notifier()
        self._engine = bootstrap.build_engine(
            *(self._store, self._configured, self._notifier, self._tell, self._desktop)
        )
        self._has_parts = True
        self._tell_problems()
        self._desktop.heed(self._configured.preferences.quiet)
        await asyncio.gather(self._desktop.start(), self._notifier.start())
        notify(READY="1", STATUS=STARTED)
        if not self._service:
            log.info("reminderd is running. Ctrl+C ends it; `reminderd pause 2h` keeps it quiet.")

    async def _unless_ended(self, coroutine: Coroutine[None, None, None]) -> None:
        """Run something to its end; once we are asked to end, for a moment at most."""
        task = asyncio.create_task(coroutine)
        ending = asyncio.create_task(self._end.wait())
        await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait({task}, timeout=_GRACE)
            task.cancel()
        ending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _look(self) -> None:
        """Do one tick, and arm the next whatever comes of it."""
        again = self._now() + SOON
        try:
            if not self._lock.follow():
                log.info(_NOT_ALONE)
                self._on_end(_NOT_ALONE)
                return
            if self._safe.follow(self._store, self._engine.clock.present()):
                self._facts.record_start()
            if self._edited:
                with reloading():
                    await self._reload()
            await store_kept(self._engine)
            if not self._begun:
                begin(self._engine)
                self._begun = True
            adopt_standing(self._engine)
            decision = await tick(self._engine)
            retry = await keep_standing(self._engine)
            self._safe.look_after(self._store, self._engine.clock.present())
            self._facts.record(self._engine, decision, self._notifier, self._configured)
            if self._safe.went_well():
                trouble.tell("")
            if not isinstance(decision.action, Deliver):
                again = min(filter(None, (decision.action.until, retry)))
        except StoreBusyError as error:
            again = self._now() + _BUSY_AGAIN
            if self._safe.is_new(str(error)):
                log.info("%s", error)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the next look is armed
            again = self._now() if self._mended(error) else again
        finally:
            self._arm(again)

    def _mended(self, error: Exception) -> bool:
        """Mend what made a look fail, if it is the database; else tell once what is the matter."""
        try:
            if self._safe.mend(self._store, self._engine.clock.present()):
                self._facts.record_start()
                self._begun = False  # a claim without an end may have been brought over
                return True
        except StoreError as second:
            if not isinstance(error, StoreError) or isinstance(error, DamagedStoreError):
                error = second  # else what made the look fail is in the way of this too
        if not isinstance(error, ReminderdError):
            told = "A look at the plan ended with a defect of reminderd; it goes on."
            log.error(told, exc_info=error)
        elif self._safe.is_new(str(error)):
            log.error("%s", error)
            notify(STATUS=error.message)
            trouble.tell(str(error))
        return False

    def _arm(self, at: datetime) -> None:
        """Arm the scheduler's one job, and the wall-clock watch behind it."""
        at = max(at, self._now())
        self._scheduler.add_job(self._due, "date", run_date=at, id=_TICK, replace_existing=True)
        self._clock_watch.set(at)

    async def _due(self) -> None:
        self._wake.set()

    def _tell(self, line: str) -> None:
        """Log what happened, unless the person has it before their eyes in this terminal."""
        log.log(logging.DEBUG if self._notifier.name == "terminal" else logging.INFO, "%s", line)

    # What wakes us

    def _on_end(self, last_words: str = _ASKED) -> None:
        self._last_words = last_words
        self._end.set()
        self._wake.set()

    def _on_edit(self) -> None:
        self._edited = True
        self._wake.set()

    def _on_terminal_gone(self) -> None:
        if not self._end.is_set():
            log.info("The terminal that reminderd ran in is gone, so it ends.")
            self._on_end()

    def _on_change(self, change: Change) -> None:
        if change == "appeared":
            self._engine.backoff.changed()
        self._wake.set()

    def _on_lost(self, reason: str) -> None:
        log.error("The session bus is gone (%s). reminderd ends, to be started anew.", reason)
        self._exit_code = 1
        self._on_end(_NO_BUS)

    def _on_press(self, press: Press) -> bool:
        """Record an answer at once; return whether all is safe on disk, else it is tried again."""
        if press.key in VIEWS:
            # While ending it would be left behind, with buttons that lead nowhere. A server that
            # tells of one press twice must not have it turned over and back.
            if not self._end.is_set() and press.delivery not in self._turned:
                self._turned.add(press.delivery)
                self._keep(self._show(press))
            return True
        if press.key == READING:
            self._keep(self._read_only(press))
            return True
        stored = take(self._engine, press, self._notifier.name)
        self._wake.set()
        return stored

    async def _show(self, press: Press) -> None:
        try:
            await show_view(self._engine, press)
        finally:
            self._turned.discard(press.delivery)
            if self._engine.unwritten:
                self._wake.set()

    async def _read_only(self, press: Press) -> None:
        """Let it keep its pace, answered or not. The practice stays open, but is not put up again.

        What is told of it is told once it is so; the changed file wakes us.
        """
        self._on_closed(press.delivery, 0)
        is_changed = await set_apart("pace.back_off", "off")
        if self._file_watch is None:
            self._on_edit()
        self._notifier.tell(KEEPS_PACE if is_changed else NOT_CHANGED)

    def _on_closed(self, delivery: str, _reason: int) -> None:
        engine = self._engine
        closed = partial(engine.store.screen.record_closed, delivery, engine.clock.present())
        try:
            write_down(engine, closed)
        except StoreError:  # it is kept: it must not come again after a restart
            self._wake.set()

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        """Run something beside the loop, and hold on to it until it ends."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Settings and what is told of them

    def _new_notifier(self) -> Chooser:
        return bootstrap.build_notifier(
            *(self._configured.notifier, self._configured.sound),
            on_press=self._on_press,
            on_closed=self._on_closed,
            on_change=self._on_change,
            on_lost=self._on_lost,
            service=self._service,
        )

    async def _fall_silent(self) -> None:
        """Stop the notifier, which takes down what stands, and record that nothing stands there."""
        stood = standing_here(self._engine)
        await self._notifier.stop()
        if stood is not None:
            with contextlib.suppress(StoreError):  # it is kept
                record_withdrawn(self._engine, stood)

    async def _reload(self) -> None:
        """Read settings and decks anew; what is broken stays as it was."""
        self._edited = False
        before = self._configured
        self._configured = now = await read_apart(before.good, before)
        self._tell_problems()
        self._engine.preferences = now.preferences
        self._desktop.heed(now.preferences.quiet)
        if now.prompts:
            self._engine.prompts = {prompt.id: prompt for prompt in now.prompts}
        self._notifier.set_sound(now.sound)
        if now.notifier != before.notifier:
            await self._fall_silent()
            self._notifier = self._engine.notifier = self._new_notifier()
            await self._notifier.start()
        if not now.problems:  # else these were told
            log.info("Settings and decks were read anew.")

    def _tell_problems(self) -> None:
        """Tell what is wrong with settings and decks; what was told already is not told again."""
        for problem in self._configured.problems:
            if problem not in self._told:
                log.warning("%s", problem)
        self._told = self._configured.problems

    def _now(self) -> datetime:
        return self._engine.clock.present().now
