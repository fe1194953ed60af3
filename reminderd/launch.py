"""The beginning of a daemon: alone, with a database that can be used, or waiting for both."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from reminderd import bootstrap
from reminderd.adapters import paths
from reminderd.adapters.hang_up import HangUp
from reminderd.adapters.log import set_up_log
from reminderd.adapters.sd_notify import notify, under_systemd
from reminderd.adapters.wake import Lock
from reminderd.adapters.watchdog import expect_again, expect_nothing
from reminderd.app.recorded import forget_odd
from reminderd.app.safekeeping import FORGOTTEN
from reminderd.daemon import BUSY_SECONDS, SOON, Daemon
from reminderd.errors import DamagedStoreError, ReminderdError
from reminderd.facts import already_running

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.adapters.store.store import Store

_Made = TypeVar("_Made")
_LINGERS: Final = 0.25
"""Seconds for which a daemon that was killed may still have the lock: a program that it was just
starting has it too until it has begun, on a busy machine some 10 milliseconds."""

log = logging.getLogger("reminderd")


def run() -> int:
    """Run the daemon in the foreground until it is told to end.

    Returns:
        The exit code: 0 when told to end, 1 when the session bus is lost.

    Raises:
        AlreadyRunningError: Another daemon of this account is running.
        StoreError: The database cannot be used.
    """
    service = under_systemd(os.environ, os.getpid())
    set_up_log(service=service)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)  # until the loop hears them
    if service:
        faulthandler.enable()  # systemd's watchdog ends what hangs; the journal then says where
    hang_up = HangUp(service=service)
    lock = _once_usable(partial(Lock, paths.database_file(), service=service), service=service)
    if not lock.try_lock(_LINGERS):
        if not service:
            raise already_running(lock)
        notify(READY="1", STATUS="Waiting: another reminderd is running for this account.")
        log.info("Another reminderd is running for this account; waiting for it to end.")
        expect_nothing(os.environ, os.getpid())
        _once_usable(lock.wait, service=service)
        expect_again(os.environ, os.getpid())
    bootstrap.prepare_loop()
    try:
        store = _once_usable(open_store, service=service)
        return asyncio.run(_live(store, lock, hang_up, service=service))
    finally:
        lock.release()


def _leave(_number: int, _frame: object) -> None:
    sys.exit(0)


def _once_usable(make: Callable[[], _Made], *, service: bool) -> _Made:
    """Return what is made of the data folder; a service waits until that is possible.

    Leaving would have systemd start it again and again, and then not any more.

    Raises:
        ReminderdError: It is not possible, and a person reads it.
    """
    told, pause = "", 1.0
    while True:
        try:
            return make()
        except ReminderdError as error:
            if not service:
                raise
            notify(READY="1", STATUS=error.message, WATCHDOG="1")
            if told != str(error):
                told = str(error)
                log.error("%s", error)  # noqa: TRY400 -- expected: the message says it all
        time.sleep(pause)
        pause = min(2 * pause, SOON.total_seconds())


def open_store() -> Store:
    """Open the database; one that is damaged is mended first."""
    try:
        store = bootstrap.open_checked_store(patience=BUSY_SECONDS)
    except DamagedStoreError:
        store = bootstrap.mend_store(log.warning, patience=BUSY_SECONDS)
    if forget_odd(store):
        log.warning(FORGOTTEN)
    return store


async def _live(store: Store, lock: Lock, hang_up: HangUp, *, service: bool) -> int:
    daemon = Daemon(store, lock, hang_up, service=service)
    try:
        return await daemon.live()
    finally:
        await daemon.stop()
