"""Notice edits of settings and decks by inotify, however an editor saves."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from asyncinotify import Event, Inotify, Mask

from reminderd.adapters import deck_folder
from reminderd.adapters.clock import ZONE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLE: Final = 0.2
"""Seconds from the first sign of an edit to its notice: editors write, rename, write again."""

_EDITS: Final = Mask.CLOSE_WRITE | Mask.MOVED_TO | Mask.MOVED_FROM | Mask.CREATE | Mask.DELETE
_CHANGES: Final = _EDITS | Mask.ATTRIB | Mask.ONLYDIR  # who may write decides what is used
_NEW_FOLDER: Final = Mask.CREATE | Mask.MOVED_TO | Mask.ONLYDIR


class FileWatch:
    """Watches the config folder, the decks in it, what its links lead to, and the time zone.

    Must be made while the loop runs.

    Args:
        config: The settings file; its folder exists.
        prompts: The folder of the person's own decks; need not exist.
        on_change: Called on the loop, once an edit has settled.

    Attributes:
        watches_zone: Whether another time zone of the machine is noticed.
    """

    def __init__(self, config: Path, prompts: Path, on_change: Callable[[], None]) -> None:
        self._config, self._prompts, self._on_change = config, prompts, on_change
        self._loop = asyncio.get_running_loop()
        self._inotify = Inotify()
        self.watches_zone = False
        self._settling: asyncio.TimerHandle | None = None
        self._targets: frozenset[Path] = frozenset()
        self._watch()
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
        # `Path.resolve` raises where a link leads to itself; what reads the file tells of that.
        self._targets = frozenset(Path(os.path.realpath(link)) for link in self._links())
        folders = {self._config.parent, self._prompts}
        for folder in folders | {target.parent for target in self._targets}:
            with contextlib.suppress(OSError):
                self._inotify.add_watch(folder, _CHANGES)
        with contextlib.suppress(OSError):
            self._inotify.add_watch(ZONE_FILE.parent, _CHANGES)
            self.watches_zone = True
        with contextlib.suppress(OSError):  # the folder itself may be put in place anew
            self._inotify.add_watch(self._config.parent.parent, _NEW_FOLDER | Mask.MASK_ADD)

    def _links(self) -> list[Path]:
        files = [self._config]
        with contextlib.suppress(OSError):
            files += deck_folder.decks_in(self._prompts)[0]
        try:
            return [path for path in files if path.is_symlink()]
        except OSError:  # a folder that cannot be entered; what reads the files tells of that
            return []

    async def _follow(self) -> None:
        async for event in self._inotify:
            if self._matters(event):
                self._settling = self._settling or self._loop.call_later(SETTLE, self._settled)

    def _matters(self, event: Event) -> bool:
        """Tell our files from an editor's backups and whatever else lies beside them."""
        path = event.path
        if path is None:
            return False
        if path.parent == ZONE_FILE.parent:
            return path == ZONE_FILE
        if path in self._targets or path in {self._prompts, self._config.parent}:
            return True
        return path.suffix == ".toml" and path.parent in {self._config.parent, self._prompts}

    def _settled(self) -> None:
        self._settling = None
        self._watch()
        self._on_change()
