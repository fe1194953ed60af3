"""A damaged database is mended: nothing that can still be read is lost."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tracemalloc
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store import salvage
from reminderd.adapters.store.backups import backups_of
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.exchange import damaged_dir, workshop
from reminderd.adapters.store.mending import mend
from reminderd.adapters.store.store import Store
from reminderd.core.model import Answer
from reminderd.errors import DamagedStoreError, StoreError
from tests.unit.adapters.kept import TODAY, Kept
from tests.unit.adapters.ruined import (
    ANSWERS,
    WHOLE,
    cut,
    folded,
    notes,
    overwrite,
    plant_an_endless_view,
    ruin_root,
    spoil_a_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["tests.unit.adapters.ruined"]


@pytest.fixture
def kept(lived_kept: Kept) -> Kept:
    return lived_kept


@pytest.mark.parametrize("with_backup", [True, False], ids=["backup", "no backup"])
@pytest.mark.parametrize("damage", WHOLE.values(), ids=WHOLE)
def test_what_can_be_read_goes_on(
    damage: Callable[[Path], None], with_backup: bool, kept: Kept
) -> None:
    """Every answer with its note, long ones too, whatever leads to them is broken."""
    seed = kept.store.seed
    if with_backup:
        kept.store.upkeep.back_up_daily(TODAY)
    expected = notes(kept.path)
    folded(kept)
    damage(kept.path)
    ruined = kept.path.read_bytes()
    assert damage_in(kept.path)
    mended = mend(kept.path, kept.clock.present().now, 1.0)
    assert notes(kept.path) == expected
    assert Path(mended.aside, kept.path.name).read_bytes() == ruined
    assert (mended.backup is not None) == with_backup
    assert mended.lost in {0, None}
    assert damage_in(kept.path) == ""
    store = Store(kept.path, kept.clock.present())
    assert store.seed == seed
    assert len(store.reading.history(1000)) >= ANSWERS - 1  # the one whose time was spoilt
    assert len(store.known.past(kept.clock.present().now).seen) == 7
    store.close()


@pytest.mark.parametrize("with_backup", [True, False], ids=["backup", "no backup"])
def test_answers_that_have_lost_what_they_answered_are_counted(
    with_backup: bool, kept: Kept
) -> None:
    """They stay, as answers to nothing; the person is told how many."""
    if with_backup:
        kept.store.upkeep.back_up_daily(TODAY)
    folded(kept)
    with contextlib.closing(sqlite3.connect(kept.path, isolation_level=None)) as raw:
        raw.execute("UPDATE delivery SET text = '[]' WHERE seq > 2")
        raw.execute(
            "INSERT INTO response SELECT NULL, 'own', device, at, zone, NULL, prompt, answer,"
            " NULL, NULL, source FROM response WHERE seq = 1"
        )
    mended = mend(kept.path, kept.clock.present().now, 1.0)
    with contextlib.closing(sqlite3.connect(kept.path)) as raw:
        (alone,) = raw.execute("SELECT count(*) FROM response WHERE delivery IS NULL").fetchone()
    assert mended.answers == (1 if with_backup else ANSWERS + 1)
    assert mended.orphaned == alone - 1 == (0 if with_backup else ANSWERS - 2)


def test_what_is_planted_is_not_even_read(kept: Kept) -> None:
    """A view may have no end; that it is not ours is seen before anything of it is."""
    folded(kept)
    plant_an_endless_view(kept.path)
    with pytest.raises(DamagedStoreError, match="pause is not reminderd's"):
        Store(kept.path, kept.clock.present())


def test_what_was_answered_before_it_came_stays_too(kept: Kept) -> None:
    """A backup has it as waiting; what is planned anew takes the place of all else that waits."""
    (waiting,) = kept.plan(23, day=kept.clock.present().today)
    kept.store.answers.add_response(
        *(Answer.DONE, kept.clock.present()),
        delivery=waiting,
        prompt="a-1",
        note="early",
        snooze=None,
        source="cli",
    )
    kept.store.upkeep.back_up_daily(TODAY)
    folded(kept)
    with contextlib.closing(sqlite3.connect(kept.path, isolation_level=None)) as raw:
        raw.execute("DELETE FROM delivery WHERE id = ?", (waiting,))
    assert damage_in(kept.path)
    mend(kept.path, kept.clock.present().now, 1.0)
    assert "early" in notes(kept.path)
    assert damage_in(kept.path) == ""


def test_a_backup_of_another_program_is_passed_over(kept: Kept) -> None:
    kept.store.upkeep.back_up_daily(TODAY)
    (backup,) = backups_of(kept.path)
    backup.path.unlink()
    with contextlib.closing(sqlite3.connect(backup.path)) as raw:
        raw.execute("CREATE TABLE recipe (name)")
    backup.path.chmod(0o600)
    folded(kept)
    spoil_a_time(kept.path)
    assert mend(kept.path, kept.clock.present().now, 1.0).backup is None


def test_every_single_page_may_break(kept: Kept) -> None:
    """Here each third page: what stood on it is missing at most, and that is told."""
    good = folded(kept)
    before = notes(kept.path)
    for number in range(0, len(good) // 4096, 3):
        kept.path.write_bytes(good)
        overwrite(kept.path, number * 4096, b"\x5a" * 4096)
        if not damage_in(kept.path):
            continue
        mended = mend(kept.path, kept.clock.present().now, 1.0)
        left = notes(kept.path)
        assert len(left - before) <= 1, "SQLite cannot tell that the rest of a long text is not its"
        assert mended.lost is None or len(before) - len(left) == mended.lost
        assert len(before) - len(left) <= 20, f"page {number}"
        assert damage_in(kept.path) == ""
        shutil.rmtree(damaged_dir(kept.path))


def test_a_backup_fills_in_what_cannot_be_read(kept: Kept) -> None:
    """Of a file that is no database at all the backup is all there is; later answers are named."""
    kept.store.upkeep.back_up_daily(TODAY)
    expected = notes(kept.path)
    kept.show_now()
    folded(kept)
    kept.path.write_text("My diary.\n" * 1000, "utf-8")
    mended = mend(kept.path, kept.clock.present().now, 1.0)
    assert notes(kept.path) == expected
    assert (mended.backup, mended.answers, mended.lost) == (TODAY.isoformat(), 0, None)


def test_a_file_that_is_cut_off_keeps_what_is_before_the_cut(kept: Kept) -> None:
    """Without a backup about half of it is there, with one all."""
    before = notes(kept.path)
    folded(kept)
    cut(kept.path)
    mend(kept.path, kept.clock.present().now, 1.0)
    left = notes(kept.path)
    assert left < before
    assert len(left) > ANSWERS / 3
    assert damage_in(kept.path) == ""


def test_what_is_in_the_log_alone_is_saved(kept: Kept, tmp_path: Path) -> None:
    """The newest answers are in the log for a while; a broken file does not cost them."""
    expected = notes(kept.path)
    there = tmp_path / "there"
    there.mkdir(mode=0o700)
    for name in ("reminderd.db", "reminderd.db-wal"):
        shutil.copy(kept.path.with_name(name), there / name)
    overwrite(there / "reminderd.db", 0, b"\0" * 8192)
    kept.store.close()
    mend(there / "reminderd.db", kept.clock.present().now, 1.0)
    assert notes(there / "reminderd.db") == expected


def test_after_an_erasing_that_was_cut_short_no_backup_brings_it_back(kept: Kept) -> None:
    """Its backups were to go too."""
    kept.store.upkeep.back_up_daily(TODAY)
    with closing(sqlite3.connect(kept.path)) as raw, raw:
        raw.execute("UPDATE response SET note = NULL")
        raw.execute("INSERT INTO state VALUES ('erasing', '\"0\"')")
    folded(kept)
    ruin_root("delivery")(kept.path)
    assert mend(kept.path, kept.clock.present().now, 1.0).backup is None
    assert notes(kept.path) <= {None}


def test_a_broken_backup_is_passed_over(kept: Kept) -> None:
    """The newest that is in order is gone on with; the others stay as they are."""
    kept.store.upkeep.back_up_daily(TODAY)
    kept.store.upkeep.back_up_daily(TODAY + timedelta(days=1))
    newest = backups_of(kept.path)[0]
    ruin_root("delivery")(newest.path)
    folded(kept)
    kept.path.write_bytes(b"")
    assert mend(kept.path, kept.clock.present().now, 1.0).backup == TODAY.isoformat()
    assert newest.path.exists()


MANY = """
INSERT INTO response (id, device, at, zone, answer, note, source)
WITH RECURSIVE one (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM one WHERE x < 1500)
SELECT printf('00000000-0000-7000-8000-%012d', x), 'this', '2026-11-23T09:00:00.000000Z',
  'Europe/Berlin', 'done', hex(randomblob(2500)), 'cli' FROM one
"""
"""Notes of seven and a half million letters in all."""


def store_many(kept: Kept) -> None:
    kept.store._db.connection.execute("PRAGMA wal_autocheckpoint = 0")  # noqa: SLF001 -- all stays in the log
    with kept.store.transaction():
        kept.store._db.write(MANY)  # noqa: SLF001 -- one by one each would reach the disk


@pytest.mark.parametrize("where", ["file", "log"])
def test_a_long_history_takes_no_more_memory(where: str, kept: Kept, tmp_path: Path) -> None:
    """Neither rows nor pages are collected: the service may have little, and has to end with it."""
    store_many(kept)
    expected = notes(kept.path)
    if where == "file":
        folded(kept)
    there = tmp_path / "there"
    shutil.copytree(kept.path.parent, there)
    kept.store.close()
    overwrite(there / "reminderd.db", 0, b"\0" * 4096)
    tracemalloc.start()
    try:
        mended = mend(there / "reminderd.db", kept.clock.present().now, 1.0)
        (_, most) = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3_000_000
    assert mended.lost in {0, None}
    assert notes(there / "reminderd.db") == expected


def test_a_disk_that_fills_up_while_it_is_read_is_no_damage(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What found no room would be lost, if reading went on as after a page that is broken."""
    store_many(kept)
    folded(kept)
    WHOLE["a time"](kept.path)
    ruined = kept.path.read_bytes()
    make_room = salvage._make_room  # noqa: SLF001 -- the file that fills up is made there

    def little_room(rows: sqlite3.Connection) -> None:
        make_room(rows)
        rows.execute("PRAGMA max_page_count = 500")

    monkeypatch.setattr(salvage, "_make_room", little_room)
    monkeypatch.setattr(salvage, "records", lambda *_: iter(()))  # what they have may be broken too
    with pytest.raises(StoreError, match="full") as caught:
        mend(kept.path, kept.clock.present().now, 1.0)
    assert "room" in caught.value.hint
    assert kept.path.read_bytes() == ruined
    assert not workshop(kept.path).exists()
