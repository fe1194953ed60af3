"""Signs that something was written, whatever becomes of the folder; and of another time zone."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.desktop import store_watch
from reminderd.adapters.desktop.store_watch import StoreWatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATIENCE_SECONDS = 2.0


class Watched:
    """A folder with a database, and a count of the signs."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "data" / "reminderd.db"
        self.database.parent.mkdir()
        self.database.touch()
        self.signs = 0
        self._stirred = asyncio.Event()

    def on_change(self) -> None:
        self.signs += 1
        self._stirred.set()

    async def sign(self) -> None:
        await asyncio.wait_for(self._stirred.wait(), PATIENCE_SECONDS)
        self._stirred.clear()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        watch = StoreWatch(self.database, self.on_change, writes=True)
        await asyncio.sleep(0)  # the watching task takes up its work
        try:
            yield
        finally:
            await watch.close()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


async def test_what_is_written_is_a_sign_and_what_lies_beside_it_is_none(watched: Watched) -> None:
    async with watched.watching():
        (watched.database.parent / "notes.txt").write_text("x", "utf-8")
        await asyncio.sleep(0.3)
        assert watched.signs == 0
        watched.database.write_text("x", "utf-8")
        await watched.sign()
        (watched.database.parent / "reminderd.lock").touch()
        await watched.sign()


async def test_a_folder_that_comes_back_is_watched_again(watched: Watched) -> None:
    """Removed, made anew, moved away, put in place."""
    folder = watched.database.parent
    async with watched.watching():
        shutil.rmtree(folder)
        await watched.sign()
        for come in (folder.mkdir, lambda: (folder.parent / "aside").rename(folder)):
            come()
            await watched.sign()
            watched.database.write_text("x", "utf-8")
            await watched.sign()
            folder.rename(folder.parent / "aside")
            await watched.sign()


async def test_another_time_zone_is_a_sign(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "etc" / "localtime"
    link.parent.mkdir()
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    monkeypatch.setattr(store_watch, "ZONE_FILE", link)
    async with watched.watching():
        (link.parent / "passwd").touch()
        await asyncio.sleep(0.3)
        assert watched.signs == 0
        new = link.with_suffix(".new")
        new.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
        new.rename(link)
        await watched.sign()
