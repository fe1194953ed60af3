"""What another account has, or could write to, is refused; what is shared is left as it is."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters import decks, paths, settings, trust
from reminderd.adapters.resources import prompts_dir
from reminderd.adapters.store.connection import Database
from reminderd.errors import DeckError, ReminderdError, SettingsError, StoreError
from tests.accounts import ANOTHER, SOMEBODY, acting_as, give, home_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
pytestmark = pytest.mark.accounts


@pytest.fixture
def home() -> Iterator[Path]:
    """The home of somebody without privileges."""
    with home_of(SOMEBODY) as folder:
        yield folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def heed(problem: ReminderdError, *, with_sudo: bool = False) -> None:
    """Type the command that a problem's hint ends with; root here needs no sudo."""
    command = shlex.split(problem.hint.split(": ", 1)[1])
    assert (command[0] == "sudo") is with_sudo
    subprocess.run(command[with_sudo:], check=True)


def everything(folder: Path) -> dict[str, tuple[int, int, bytes | None]]:
    """Return owner, mode and content of all that lies in a folder."""
    return {
        str(one): (
            one.lstat().st_uid,
            one.lstat().st_mode,
            one.read_bytes() if one.is_file() else None,
        )
        for one in [folder, *sorted(folder.rglob("*"))]
    }


def test_every_folder_is_made_for_the_person_alone(tmp_path: Path) -> None:
    """As the XDG specification asks, also those above ours, and whatever the umask."""
    before = os.umask(0)
    try:
        folder = paths.make_private(tmp_path / ".local/share/reminderd")
    finally:
        os.umask(before)
    assert [mode(one) for one in (folder, *folder.parents[:2])] == [0o700] * 3


class TestSettings:
    """The config file and its folder."""

    @pytest.fixture
    def config(self, home: Path) -> Path:
        with acting_as(SOMEBODY):
            folder = home / "reminderd"
            folder.mkdir(mode=0o700)
            path = folder / "config.toml"
            path.write_text('[cadence]\nmin_gap = "77m"\n')
            path.chmod(0o600)
        return path

    def refused(self, config: Path) -> SettingsError:
        with acting_as(SOMEBODY):
            with pytest.raises(SettingsError) as caught:
                settings.load_settings(config, {})
            assert settings.load(config, {}).settings == settings.Settings(), "nothing of it counts"
        assert str(config.parent) in caught.value.message
        return caught.value

    def used(self, config: Path) -> bool:
        with acting_as(SOMEBODY):
            gap = settings.load_settings(config, {}).cadence.min_gap
        return gap != settings.Settings().cadence.min_gap

    @pytest.mark.parametrize("what", ["file", "folder"])
    @pytest.mark.parametrize("bits", [0o002, 0o022, 0o020])
    def test_that_others_can_write_to(self, what: str, bits: int, config: Path) -> None:
        """It is refused until the command is run that the hint names."""
        assert self.used(config)
        place = config if what == "file" else config.parent
        place.chmod(mode(place) | bits)
        if bits == 0o020:
            os.chown(place, -1, 100)  # everybody's group, on many systems
        problem = self.refused(config)
        assert "written to by other accounts" in problem.message
        heed(problem)
        assert self.used(config)

    def test_that_the_own_group_can_write_to(self, config: Path) -> None:
        """Where each account has a group of its own, the umask is 002, and nobody else is in it."""
        config.chmod(0o664)
        config.parent.chmod(0o775)
        assert self.used(config)

    def test_that_a_shared_group_can_write_to(self, home: Path, config: Path) -> None:
        """Somebody's first group may be everybody's."""
        for one in (home, config.parent, config):
            give(one, ANOTHER)
        config.chmod(0o664)
        with acting_as(ANOTHER), pytest.raises(SettingsError, match="written to by other"):
            settings.load_settings(config, {})

    @pytest.mark.parametrize("what", ["file", "folder"])
    def test_of_another_account(self, what: str, config: Path) -> None:
        """Also where it could be read."""
        config.parent.chmod(0o755)
        config.chmod(0o644)
        give(config if what == "file" else config.parent, ANOTHER)
        problem = self.refused(config)
        assert f"belongs to the account {ANOTHER}, and reminderd runs as {SOMEBODY}" in str(problem)
        heed(problem, with_sudo=True)
        assert self.used(config)

    def test_of_root_is_used(self, config: Path) -> None:
        """As of a machine that somebody else looks after, or of a system that makes them all."""
        for one in (config, config.parent):
            os.chown(one, 0, 0)
        config.parent.chmod(0o755)
        config.chmod(0o644)
        assert self.used(config)

    def test_behind_a_link(self, home: Path, config: Path) -> None:
        """What counts is the file that the link leads to."""
        with acting_as(SOMEBODY):
            (home / "dotfiles").mkdir()
            config.rename(home / "dotfiles" / "mine.toml")
            config.symlink_to("../dotfiles/mine.toml")
        assert self.used(config)
        (home / "dotfiles" / "mine.toml").chmod(0o666)
        heed(self.refused(config))
        assert self.used(config)


DECK = """
[[prompt]]
id = "mine"
tip = "own"
basis = "own"
when = "now"
needs = "nobody"
title = "Title"
body = "Body."
cue = "Cue."
gentler = "Gentler."
"""


class TestDecks:
    """Own decks and their folders."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> Path:
        folder = tmp_path / "reminderd" / "prompts"
        folder.mkdir(parents=True, mode=0o700)
        (folder / "good.toml").write_text(DECK)
        (folder / "open.toml").write_text(DECK.replace("mine", "theirs"))
        return folder

    def ids(self, own: Path) -> set[str]:
        return {"mine", "theirs"} & {one.id for one in decks.load_decks(prompts_dir(), own).prompts}

    def test_one_that_others_can_write_to(self, own: Path) -> None:
        """It alone is left out, until the command in the hint is run."""
        (own / "open.toml").chmod(0o646)
        (problem,) = decks.load_decks(prompts_dir(), own).problems
        assert str(own / "open.toml") in problem.message
        assert self.ids(own) == {"mine"}
        heed(problem)
        assert self.ids(own) == {"mine", "theirs"}

    @pytest.mark.parametrize("above", [0, 1])
    def test_a_folder_that_others_can_write_to(self, above: int, own: Path) -> None:
        """It is told once, and the decks that came with the program are there all the same."""
        place = (own, own.parent)[above]
        place.chmod(0o777)
        read = decks.load_decks(prompts_dir(), own)
        assert read.prompts
        assert self.ids(own) == set()
        heed(read.problems[0])
        assert self.ids(own) == {"mine", "theirs"}

    def test_one_of_another_account(self, own: Path) -> None:
        """It is left out."""
        give(own / "open.toml", ANOTHER)
        (problem,) = decks.load_decks(prompts_dir(), own).problems
        assert f"belongs to the account {ANOTHER}" in problem.message
        assert self.ids(own) == {"mine"}

    def test_one_that_is_only_checked(self, own: Path) -> None:
        """Looking at a deck that somebody sent is no danger, wherever it lies."""
        (own / "open.toml").chmod(0o666)
        assert decks.check_deck(give(own / "open.toml", ANOTHER))
        with pytest.raises(DeckError, match="no file"):
            decks.check_deck(own / "none.toml")


class TestDatabase:
    """The database, what lies beside it, and its folder."""

    @pytest.fixture
    def path(self, home: Path) -> Path:
        with acting_as(SOMEBODY):
            path = home / "reminderd" / "reminderd.db"
            Database(path, NOW).close()
        return path

    def refused(self, path: Path, account: str = SOMEBODY) -> StoreError:
        before = everything(path.parent)
        with acting_as(account), pytest.raises(StoreError) as caught:
            Database(path, NOW)
        assert everything(path.parent) == before
        return caught.value

    def opens(self, path: Path) -> bool:
        with acting_as(SOMEBODY):
            Database(path, NOW).close()
        return True

    def test_of_another_account_is_not_touched_by_root(self, path: Path) -> None:
        """`sudo reminderd status` leaves nothing that the person could not write to any more."""
        with acting_as(SOMEBODY):
            opened = Database(path, NOW)  # with its log, which a mere look would fold or make
            opened.write("INSERT INTO meta VALUES ('a', 'b')")
        problem = self.refused(path, "root")
        assert f"belongs to the account {SOMEBODY}, and reminderd runs as root" in problem.message
        assert f"Run it as {SOMEBODY}, without sudo." in problem.hint
        opened.close()

    def test_in_another_accounts_home_is_not_made_by_root(self, home: Path) -> None:
        """Not even its folders."""
        with pytest.raises(StoreError, match=f"{home} belongs to the account {SOMEBODY}"):
            Database(home / ".local" / "share" / "reminderd" / "reminderd.db", NOW)
        assert list(home.iterdir()) == []

    @pytest.mark.parametrize("name", [".", "reminderd.db", "reminderd.db-wal", "reminderd.db-shm"])
    def test_that_root_has_taken(self, name: str, path: Path) -> None:
        """As an older `sudo` left it: the command that gives it back is in the hint."""
        taken = path.parent / name
        taken.touch()
        os.chown(taken, 0, 0)
        problem = self.refused(path)
        assert problem.message.startswith(f"{path.parent / name} belongs to the account root")
        heed(problem, with_sudo=True)
        assert self.opens(path)

    @pytest.mark.parametrize("name", [".", "reminderd.db", "reminderd.db-wal", "reminderd.db-shm"])
    def test_that_others_can_write_to(self, name: str, path: Path) -> None:
        """It is refused until the command is run that the hint names."""
        opened = path.parent / name
        with acting_as(SOMEBODY):
            opened.touch()
        opened.chmod(mode(opened) | 0o002)
        heed(self.refused(path))
        assert self.opens(path)

    def test_behind_a_link_is_judged_where_it_lies(self, home: Path, path: Path) -> None:
        """A folder that is a link is used, and so is a file; what others have there is not."""
        with acting_as(SOMEBODY):
            path.parent.rename(home / "disk")
            path.parent.symlink_to("disk")
            assert self.opens(path)
            (home / "elsewhere").mkdir()
            path.rename(home / "elsewhere" / "mine.db")
            path.symlink_to("../elsewhere/mine.db")
            assert self.opens(path)
        (home / "elsewhere").chmod(0o777)
        heed(self.refused(path))
        assert self.opens(path)

    def test_is_not_made_where_a_link_leads(self, home: Path) -> None:
        """A link to nothing is no wish for a file there."""
        with acting_as(SOMEBODY):
            (home / "reminderd").mkdir(mode=0o700)
            path = home / "reminderd" / "reminderd.db"
            path.symlink_to(home / "planted")
            with pytest.raises(StoreError, match=r"is a link to .*planted, which is not there"):
                Database(path, NOW)
        assert not (home / "planted").exists()

    def test_of_root_is_roots(self, tmp_path: Path) -> None:
        """Who lives as root is served like everybody."""
        path = tmp_path / "reminderd" / "reminderd.db"
        Database(path, NOW).close()
        Database(path, NOW).close()


class TestFolders:
    """What is private, and what is not ours to close."""

    def test_one_that_all_use_is_never_closed(self, tmp_path: Path) -> None:
        """A database right in a place such as /tmp is refused, and the place stays as it is."""
        shared = tmp_path / "reminderd"
        shared.mkdir()
        shared.chmod(0o1777)
        with pytest.raises(StoreError, match="written to by other accounts") as caught:
            Database(shared / "reminderd.db", NOW)
        assert "chmod" not in caught.value.hint
        assert mode(shared) == 0o1777
        assert list(shared.iterdir()) == []

    def test_one_that_is_not_called_ours_keeps_its_mode(self, tmp_path: Path) -> None:
        """A home that others may look into stays so, with a database of ours right in it."""
        tmp_path.chmod(0o755)
        Database(tmp_path / "reminderd.db", NOW).close()
        assert mode(tmp_path) == 0o755
        assert mode(tmp_path / "reminderd.db") == 0o600

    def test_one_behind_a_link_keeps_its_mode(self, tmp_path: Path) -> None:
        """Who put the link there chose the folder, and may use it for more."""
        (tmp_path / "site").mkdir(mode=0o755)
        (tmp_path / "reminderd").symlink_to("site")
        paths.make_private(tmp_path / "reminderd")
        assert mode(tmp_path / "site") == 0o755

    @pytest.mark.parametrize("name", ["reminderd", "reminderd/prompts"])
    def test_one_of_ours_is_closed(self, name: str, tmp_path: Path) -> None:
        """What others could merely read was no wish of anybody's."""
        folder = tmp_path / name
        folder.mkdir(parents=True, mode=0o755)
        paths.make_private(folder)
        assert mode(folder) == 0o700

    @pytest.mark.parametrize("what", ["a link", "another's"])
    def test_the_sessions_is_not_used_where_it_is(
        self, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After `su` the session may still be another's; and nobody puts a link there for us."""
        session = tmp_path / "run"
        session.mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
        assert paths.runtime_dir() == session / "reminderd"
        if what == "a link":
            (session / "reminderd").symlink_to(tmp_path)
            assert paths.runtime_dir() is None
        else:
            give(session, ANOTHER)
            folder = paths.runtime_dir()
            assert folder
            with pytest.raises(ReminderdError, match=f"belongs to the account {ANOTHER}"):
                paths.make_private(folder)
            assert list(session.iterdir()) == []


class TestClosed:
    """A file that the system did not let this account use."""

    @pytest.mark.parametrize("what", ["home", "home/folder", "home/folder/file"])
    def test_it_is_told_what_is_closed_and_how_to_open_it(self, what: str, home: Path) -> None:
        with acting_as(SOMEBODY):
            (home / "home/folder").mkdir(parents=True)
            (home / "home/folder/file").write_text("text")
        place = home / what
        place.chmod(0)
        with acting_as(SOMEBODY, reads_all=False):
            problem = trust.closed(str(home / "home/folder/file"))
        assert problem.message == f"{place} cannot be used: Permission denied."
        heed(problem)
        assert mode(place) == (0o600 if place.is_file() else 0o700)

    def test_of_what_cannot_be_made_it_is_the_folder(self, home: Path) -> None:
        problem = trust.closed(str(home / "new"))
        assert problem.message.startswith(f"{home} cannot")

    def test_what_is_another_accounts_is_not_to_be_taken(self, home: Path) -> None:
        home.chmod(0)
        give(home, ANOTHER)
        with acting_as(SOMEBODY, reads_all=False):
            problem = trust.closed(str(home / "file"))
        assert (
            problem.hint == f"It belongs to the account {ANOTHER}: it is theirs to open it to you."
        )
