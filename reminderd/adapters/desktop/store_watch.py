"""Notice by inotify that something was written to the database, or that a daemon began or ended."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from asyncinotify import Inotify, Mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SETTLE: Final = 0.1
"""Seconds from the first sign to its notice: a look of the daemon writes more than once, and the
kernel closes the files of a killed one after another."""

_CHANGES: Final = (
    Mask.MODIFY | Mask.CLOSE_WRITE | Mask.CREATE | Mask.DELETE | Mask.MOVED_TO | Mask.MOVED_FROM
)


class StoreWatch:
    """Watches the database and the lock beside it, which is closed when a daemon ends.

    Must be made while the loop runs. What a program reads it does not notice.

    Args:
        database: The database; its folder exists.
        on_change: Called on the loop, once a change has settled.
    """

    def __init__(self, database: Path, on_change: Callable[[], None]) -> None:
        self._names = {database.name, f"{database.name}-wal", f"{database.stem}.lock"}
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._inotify = Inotify()
        self._inotify.add_watch(database.parent, _CHANGES)
        self._settling: asyncio.TimerHandle | None = None
        self._task = self._loop.create_task(self._follow())

    async def close(self) -> None:
        """Stop."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._settling:
            self._settling.cancel()
        self._inotify.close()

    async def _follow(self) -> None:
        async for event in self._inotify:
            if event.path is not None and event.path.name in self._names:
                self._settling = self._settling or self._loop.call_later(_SETTLE, self._settled)

    def _settled(self) -> None:
        self._settling = None
        self._on_change()
