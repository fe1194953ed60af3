"""A damaged database is kept aside just as it was, and whatever stops that is told."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from reminderd.adapters.store import mending, pages
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.exchange import damaged_dir, is_unfinished, new_file, workshop
from reminderd.adapters.store.mending import mend
from reminderd.adapters.store.store import Store
from reminderd.core.model import Answer
from reminderd.errors import StoreError
from tests.unit.adapters.kept import TODAY, Kept
from tests.unit.adapters.ruined import WHOLE, folded, notes

pytest_plugins = ["tests.unit.adapters.ruined"]


@pytest.fixture
def kept(lived_kept: Kept) -> Kept:
    return lived_kept


@pytest.mark.parametrize("size", [0, 8192])
def test_what_is_open_is_put_aside_as_it_was(kept: Kept, size: int) -> None:
    """SQLite takes the log of an empty file away, and folds one into whatever it closes."""
    expected = notes(kept.path)
    kept.store.upkeep.back_up_daily(TODAY)
    kept.show_now()
    kept.answer(Answer.DONE, None, note="the newest")
    log = kept.path.with_name("reminderd.db-wal")
    os.truncate(kept.path, size)
    ruined, its_log = kept.path.read_bytes(), log.read_bytes()
    assert kept.store.upkeep.damage()
    kept.store.upkeep.mend(kept.clock.present().now)
    (aside,) = damaged_dir(kept.path).iterdir()
    assert (aside / "reminderd.db").read_bytes() == ruined
    assert (aside / "reminderd.db-wal").read_bytes() == its_log
    assert notes(kept.path) == {*expected, "the newest"}


def test_a_device_is_not_copied(kept: Kept) -> None:
    """What has no end would fill the disk."""
    kept.store.close()
    kept.path.unlink()
    kept.path.symlink_to("/dev/zero")
    with pytest.raises(StoreError, match="a device or a pipe in its place"):
        mend(kept.path, kept.clock.present().now, 1.0)


def test_a_huge_file_is_looked_through_as_far_as_any_is(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor would there be room for 100 GB of nothing."""
    expected = notes(kept.path)
    folded(kept)
    monkeypatch.setattr(pages, "MOST", kept.path.stat().st_size)
    WHOLE["header"](kept.path)
    os.truncate(kept.path, 100 * 1024**3)
    mend(kept.path, kept.clock.present().now, 1.0)
    assert notes(kept.path) == expected


def test_where_the_damaged_one_cannot_be_kept_nothing_changes(kept: Kept) -> None:
    """A file has the name of the folder: told, and mended once it is gone."""
    folded(kept)
    WHOLE["header"](kept.path)
    ruined = kept.path.read_bytes()
    damaged_dir(kept.path).touch()
    with pytest.raises(StoreError, match="cannot be kept in"):
        mend(kept.path, kept.clock.present().now, 1.0)
    assert kept.path.read_bytes() == ruined
    damaged_dir(kept.path).unlink()
    mend(kept.path, kept.clock.present().now, 1.0)
    assert damage_in(kept.path) == ""


def test_the_damaged_one_may_be_kept_on_another_disk(kept: Kept) -> None:
    """The folder is a link to one."""
    folded(kept)
    WHOLE["header"](kept.path)
    ruined = kept.path.read_bytes()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        assert Path(other).stat().st_dev != kept.path.stat().st_dev
        damaged_dir(kept.path).symlink_to(other)
        mend(kept.path, kept.clock.present().now, 1.0)
        (aside,) = Path(other).iterdir()
        assert (aside / "reminderd.db").read_bytes() == ruined
    assert damage_in(kept.path) == ""


def test_a_workshop_that_is_a_link_is_none_of_ours(kept: Kept, tmp_path: Path) -> None:
    """Nothing waits for it for ever, and what it leads to stays."""
    kept.store.close()
    other = tmp_path / "other"
    other.mkdir()
    (other / "new.db").write_text("another's")
    workshop(kept.path).symlink_to(other)
    Store(kept.path, kept.clock.present()).close()
    assert (other / "new.db").read_text() == "another's"
    assert not workshop(kept.path).is_symlink()


def test_a_workshop_that_cannot_be_removed_is_told(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that turned read-only while it mended, no command waits for ever."""
    kept.store.close()
    workshop(kept.path).mkdir(mode=0o700)

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "rmdir", read_only)
    with pytest.raises(StoreError, match="Read-only"):
        Store(kept.path, kept.clock.present())


def test_a_crash_in_the_middle_is_finished_by_whoever_comes_next(kept: Kept) -> None:
    """Once the new one is whole, any command puts it in place, without the log of the old one."""
    expected = notes(kept.path)
    folded(kept)
    WHOLE["header"](kept.path)
    mend(kept.path, kept.clock.present().now, 1.0)
    shop = workshop(kept.path)
    shop.mkdir(mode=0o700)
    kept.path.rename(new_file(kept.path))
    kept.path.write_bytes(b"the damaged one")
    kept.path.with_name("reminderd.db-wal").write_bytes(b"its log")
    assert is_unfinished(kept.path)
    Store(kept.path, kept.clock.present()).close()
    assert notes(kept.path) == expected
    assert not shop.exists()
    aside = max(damaged_dir(kept.path).iterdir())
    assert (aside / "reminderd.db-wal").read_bytes() == b"its log"


def test_where_there_is_no_room_nothing_changes(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The damaged one stays where it was until another can take its place."""
    folded(kept)
    WHOLE["header"](kept.path)
    ruined = kept.path.read_bytes()

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mending, "_copy", no_room)
    with pytest.raises(StoreError, match="No space left") as caught:
        mend(kept.path, kept.clock.present().now, 1.0)
    assert "room" in caught.value.hint
    assert kept.path.read_bytes() == ruined
