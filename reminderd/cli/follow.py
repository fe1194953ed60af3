"""`status --follow`: a line at once, and one at each change, without polling."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd import bootstrap
from reminderd.adapters import paths
from reminderd.adapters.desktop.clock_watch import watch_clock
from reminderd.adapters.desktop.store_watch import StoreWatch
from reminderd.cli.look import bar_text, stand, status_lines
from reminderd.cli.output import say
from reminderd.core.decision import next_midnight
from reminderd.core.history import OPEN_FOR
from reminderd.core.pausing import TOLD_FOR
from reminderd.errors import ReminderdError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reminderd.app.status import Status
    from reminderd.core.walltime import Present

_TRY_AGAIN: Final = timedelta(seconds=60)
"""When to look again at a database that cannot be read."""

NO_WATCH: Final = "This system has no file watch left, so changes cannot be followed."
NO_WATCH_HINT: Final = (
    "Ending another program that watches files may free one. To look once: reminderd status"
)

_ROUNDED: Final = timedelta(seconds=1)
"""Times are told in whole seconds, rounded down."""


def follow(shape: str) -> None:
    """Print how things stand at once and at each change, until nobody reads it any more.

    Where standard output is closed, nobody does.

    Args:
        shape: How: "text", "json" or "waybar".

    Raises:
        StoreError: The database cannot be opened.
        ReminderdError: It cannot be written, or the system has no file watch left.
    """
    if sys.stdout is None:
        return
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(_Following(shape).live())


class _Following:
    """What was printed last, and what is waited for."""

    def __init__(self, shape: str) -> None:
        self._shape = shape
        self._said = ""
        self._wake = asyncio.Event()
        self._over = False
        self._open()

    async def live(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end)
        _when_nobody_reads(loop, self._end)
        try:
            watch = StoreWatch(paths.database_file(), self._wake.set, writes=True)
        except OSError as error:
            raise ReminderdError(NO_WATCH, NO_WATCH_HINT) from error
        clock = watch_clock(self._wake.set, os.environ, zone_is_watched=watch.watches_zone)
        try:
            while not self._over:
                self._wake.clear()
                clock.set(self._look())
                await self._wake.wait()
        finally:
            clock.close()
            await watch.close()
            self._store.close()

    def _end(self) -> None:
        self._over = True
        self._wake.set()

    def _open(self) -> None:
        """Open the database, which is made where there is none."""
        self._store = bootstrap.open_store()
        self._file = _file_there()

    def _look(self) -> datetime:
        """Print how things stand if that is new; return when time alone will change it."""
        present = bootstrap.present()
        try:
            if (there := _file_there()) is None:  # it is not for this command to make another
                return present.now + _TRY_AGAIN
            if self._file != there:  # put back from a copy, or made anew
                self._store.close()
                self._open()
            now = stand(self._store, present)
        except StoreError:
            return present.now + _TRY_AGAIN
        said = _text(self._shape, now, present)
        if said != self._said:
            say(said)
            self._said = said
        return min(_turns(now, present))


def _text(shape: str, now: Status, present: Present) -> str:
    if shape == "waybar":
        return bar_text(now, present)
    if shape == "json":
        import json

        return json.dumps(now, ensure_ascii=False)
    return "\n".join((*status_lines(now, present), ""))


def _turns(now: Status, present: Present) -> Iterator[datetime]:
    """Yield when what is told changes by time alone."""
    yield next_midnight(present.now, present.zone)
    told = [
        (now["paused_until"], timedelta()),
        (now["pause_ended"], TOLD_FOR),
        (now["next"], timedelta()),
        (now["open"] and now["open"]["shown_at"], OPEN_FOR),
    ]
    for text, after in told:
        if not text:
            continue
        at = datetime.fromisoformat(text).astimezone(UTC) + after + _ROUNDED
        if at > present.now:
            yield at


def _file_there() -> tuple[int, int] | None:
    """Return which file the database is, or None where there is none."""
    try:
        found = paths.database_file().stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _when_nobody_reads(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Have it end when the bar that reads it does, and not only with the next line.

    Of a pipe or a socket only hang-ups are asked for: what comes back from there is not for us, and
    one way of it may be shut.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):  # no such stream, or no epoll
        gone = select.epoll()
        gone.register(sys.stdout.fileno(), 0)
        loop.add_reader(gone.fileno(), lambda _: end(), gone)  # which holds on to it
