"""Notice by inotify that something was written to the database, or that a daemon began or ended."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from asyncinotify import Inotify, Mask

from reminderd.adapters.clock import ZONE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SETTLE: Final = 0.1
"""Seconds from the first sign to its notice: a look of the daemon writes more than once, and the
kernel closes the files of a killed one after another."""

_COMES_AND_GOES: Final = Mask.CREATE | Mask.DELETE | Mask.MOVED_TO | Mask.MOVED_FROM
_CHANGES: Final = _COMES_AND_GOES | Mask.MODIFY | Mask.CLOSE_WRITE


class StoreWatch:
    """Watches the database and the lock beside it, which is closed when a daemon ends.

    Their folder may be removed or replaced. The time zone is watched as well: all that is told of
    the database is told in local time. Must be made while the loop runs. What a program reads it
    does not notice.

    Args:
        database: The database; its folder exists.
        on_change: Called on the loop, once a change has settled.
        writes: Whether what is written counts too, beside files that come and go.

    Attributes:
        watches_zone: Whether another time zone of the machine is noticed.

    Raises:
        OSError: The system has no file watch left.
    """

    def __init__(self, database: Path, on_change: Callable[[], None], *, writes: bool) -> None:
        self._mask = _CHANGES if writes else _COMES_AND_GOES
        self._folder = database.parent
        names = (database.name, f"{database.name}-wal", f"{database.stem}.lock")
        self._paths = {self._folder / name for name in names} | {self._folder, ZONE_FILE}
        self._on_change = on_change
        self.watches_zone = False
        self._loop = asyncio.get_running_loop()
        self._settling: asyncio.TimerHandle | None = None
        self._inotify = Inotify()
        try:
            self._watch()
        except OSError:
            self._inotify.close()
            raise
        self._task = self._loop.create_task(self._follow())

    async def close(self) -> None:
        """Stop."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._settling:
            self._settling.cancel()
        self._inotify.close()

    def _watch(self) -> None:
        """Watch what there is now; watching a folder again changes nothing."""
        with contextlib.suppress(FileNotFoundError):
            self._inotify.add_watch(self._folder, self._mask)
        with contextlib.suppress(OSError):
            self._inotify.add_watch(self._folder.parent, _COMES_AND_GOES)
        with contextlib.suppress(OSError):
            self._inotify.add_watch(ZONE_FILE.parent, _COMES_AND_GOES)
            self.watches_zone = True

    async def _follow(self) -> None:
        async for event in self._inotify:
            if event.path in self._paths:
                self._settling = self._settling or self._loop.call_later(_SETTLE, self._settled)

    def _settled(self) -> None:
        self._settling = None
        with contextlib.suppress(OSError):  # there may be none left for a folder made anew
            self._watch()
        self._on_change()
