"""Edits are noticed however an editor saves; what is not ours is not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters import deck_folder
from reminderd.adapters.desktop import file_watch
from reminderd.adapters.desktop.file_watch import SETTLE, FileWatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE_SECONDS = 2.0
"""What the person is promised: an edit takes effect within two seconds."""


class Config:
    """A config folder and a count of the edits that were noticed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "reminderd"
        self.folder.mkdir()
        self.file = self.folder / "config.toml"
        self.prompts = self.folder / "prompts"
        self.noticed = 0
        self._stirred = asyncio.Event()

    def on_change(self) -> None:
        self.noticed += 1
        self._stirred.set()

    async def noticing(self) -> None:
        await asyncio.wait_for(self._stirred.wait(), PATIENCE_SECONDS)
        self._stirred.clear()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watch = FileWatch(self.file, self.prompts, self.on_change)
        await asyncio.sleep(0)  # the watching task takes up its work
        try:
            yield
        finally:
            await watch.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path)


def in_place(file: Path) -> None:
    file.write_text("a = 2\n", "utf-8")


def by_rename(file: Path) -> None:
    new = file.with_suffix(".new")
    new.write_text("a = 2\n", "utf-8")
    new.replace(file)


def with_backup(file: Path) -> None:
    if file.exists():
        file.rename(file.with_name(file.name + "~"))
    file.write_text("a = 2\n", "utf-8")


@pytest.mark.parametrize("save", [in_place, by_rename, with_backup])
@pytest.mark.parametrize("exists", [True, False])
async def test_an_edit_is_noticed(
    save: Callable[[Path], None], exists: bool, config: Config
) -> None:
    """Whether the editor writes in place, renames over it or keeps a backup."""
    if exists:
        config.file.write_text("a = 1\n", "utf-8")
    async with config.watched():
        save(config.file)
        await config.noticing()


async def test_a_removal_is_noticed(config: Config) -> None:
    """Without the file the defaults hold again."""
    config.file.write_text("a = 1\n", "utf-8")
    async with config.watched():
        config.file.unlink()
        await config.noticing()


async def test_a_linked_file_is_followed(config: Config, tmp_path: Path) -> None:
    """Settings that are kept elsewhere and linked here are watched where they are."""
    real = tmp_path / "dotfiles" / "reminderd.toml"
    real.parent.mkdir()
    real.write_text("a = 1\n", "utf-8")
    config.file.symlink_to(real)
    async with config.watched():
        by_rename(real)
        await config.noticing()


async def test_of_too_many_decks_only_the_first_links_are_followed(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are not read either."""
    monkeypatch.setattr(deck_folder, "MOST", 1)
    config.prompts.mkdir()
    elsewhere = [tmp_path / name / "deck.toml" for name in ("first", "second")]
    for number, real in enumerate(elsewhere):
        real.parent.mkdir()
        real.write_text("a = 1\n", "utf-8")
        (config.prompts / f"{number}.toml").symlink_to(real)
    async with config.watched():
        elsewhere[1].write_text("a = 2\n", "utf-8")
        await asyncio.sleep(SETTLE * 2)
        assert config.noticed == 0
        elsewhere[0].write_text("a = 2\n", "utf-8")
        await config.noticing()


async def test_a_link_to_itself_is_noticed_and_so_is_what_comes_after(config: Config) -> None:
    """A slip of `ln -s` ends nothing; watching goes on."""
    config.prompts.mkdir()
    (config.prompts / "mine.toml").symlink_to("mine.toml")
    async with config.watched():
        config.file.symlink_to(config.file.name)
        await config.noticing()
        by_rename(config.file)
        await config.noticing()


async def test_a_new_folder_of_decks_is_watched(config: Config) -> None:
    """The folder for one's own decks may be made later; so may what lies in it."""
    async with config.watched():
        config.prompts.mkdir()
        await config.noticing()
        in_place(config.prompts / "guitar.toml")
        await config.noticing()


async def test_one_edit_is_noticed_once(config: Config) -> None:
    """A burst of writes settles into one notice."""
    async with config.watched():
        for _ in range(10):
            in_place(config.file)
        await config.noticing()
        await asyncio.sleep(SETTLE * 2)
        assert config.noticed == 1


async def test_other_files_are_none_of_its_business(config: Config) -> None:
    """Swap files and backups wake nobody."""
    async with config.watched():
        for name in (".config.toml.swp", "config.toml~", "4913", "notes.txt"):
            in_place(config.folder / name)
        await asyncio.sleep(SETTLE * 3)
        assert config.noticed == 0


async def test_another_time_zone_is_noticed(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where /etc/localtime is another link; what else changes beside it is no concern."""
    link = tmp_path / "etc" / "localtime"
    link.parent.mkdir()
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    monkeypatch.setattr(file_watch, "ZONE_FILE", link)
    async with config.watched():
        (link.parent / "passwd").touch()
        await asyncio.sleep(SETTLE * 2)
        assert config.noticed == 0
        new = link.with_suffix(".new")
        new.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
        new.rename(link)
        await config.noticing()


async def test_it_says_whether_the_zone_is_watched(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it cannot be, as with no watch left, something else has to look."""
    for folder, is_watched in ((tmp_path, True), (tmp_path / "none", False)):
        monkeypatch.setattr(file_watch, "ZONE_FILE", folder / "localtime")
        watch = FileWatch(config.file, config.prompts, config.on_change)
        assert watch.watches_zone is is_watched
        await watch.close()
