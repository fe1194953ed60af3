"""A damaged database: kept aside as it is, and nothing that can still be read is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import tracemalloc
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store import mending, pages, salvage
from reminderd.adapters.store.backups import KEPT, backups_of
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.exchange import damaged_dir, is_unfinished, new_file, workshop
from reminderd.adapters.store.mending import mend
from reminderd.adapters.store.schema import LARGEST_VALUE
from reminderd.adapters.store.store import Store
from reminderd.core.model import Answer
from reminderd.errors import DamagedStoreError, StoreError
from tests.unit.adapters.kept import TODAY, Kept

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = "a long note, over several pages; " * 300
ANSWERS = 60


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lived history: more than one page of every table, and notes that go over several."""
    kept = Kept(tmp_path_factory.mktemp("lived") / "reminderd.db")
    for count in range(ANSWERS):
        kept.clock.forward(hours=3)
        shown = kept.show_now((f"a-{count % 7}", "alpha"))
        note = f"note {count}" + LONG[:9_000] * (count % 20 == 3)
        kept.store.answers.add_response(
            *(Answer.DONE, kept.clock.present()),
            delivery=shown,
            prompt=f"a-{count % 7}",
            note=note,
            snooze=None,
            source="cli",
        )
        kept.store.answers.add_choice(f"b-{count}", kept.clock.present(), enabled=False)
    kept.store.seed  # noqa: B018 -- drawn when it is asked for first
    kept.store.close()
    return kept.path


@pytest.fixture
def kept(lived: Path, tmp_path: Path) -> Kept:
    """A copy of it, open."""
    path = tmp_path / "data" / "reminderd.db"
    path.parent.mkdir(mode=0o700)
    shutil.copy(lived, path)
    kept = Kept(path)
    kept.clock.forward(days=30)
    return kept


def notes(path: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        return {note for (note,) in raw.execute("SELECT note FROM response")}


def folded(kept: Kept) -> bytes:
    """Close the store and return the database as one file, with nothing in its log."""
    kept.store.close()
    return kept.path.read_bytes()


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def page_of(path: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        (page,) = raw.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)
        ).fetchone()
    return int(page)


def ruin_root(table: str) -> Callable[[Path], None]:
    return lambda path: overwrite(path, (page_of(path, table) - 1) * 4096, b"\xa5" * 4096)


def cut(path: Path) -> None:
    """The file's end is gone, as after a crash on some file systems."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 4 // 4096 * 4096])


def spoil_a_time(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE delivery SET claimed_at = 'noonish' WHERE seq = 5")


def plant_a_trigger(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("CREATE TRIGGER t AFTER INSERT ON response BEGIN DELETE FROM response; END")


def plant_an_endless_view(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(ENDLESS)


def lose_the_record_of_versions(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("DELETE FROM migration")


def spoil_what_the_daemon_recorded(path: Path) -> None:
    """A text may be missing there, where the table is another."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("DROP TABLE state")
        raw.execute("CREATE TABLE state (key, value)")
        raw.execute("INSERT INTO state VALUES (NULL, 1)")
        raw.execute("UPDATE delivery SET claimed_at = 'noonish' WHERE seq = 5")


def mix_up_an_index(path: Path) -> None:
    """It leads to another row than it says; every page by itself is in order."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        (name,) = raw.execute("SELECT id FROM response WHERE seq = 5").fetchone()
    content = path.read_bytes()
    path.write_bytes(content.replace(name.encode() + b"\x05", name.encode() + b"\x06"))
    assert path.read_bytes() != content


ENDLESS = """
DROP TABLE pause;
CREATE VIEW pause AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
SELECT x AS seq, 'a' AS id, 'a' AS device, 'a' AS at, NULL AS until_utc, NULL AS until_local FROM c;
"""


def drop_a_table(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("DROP TABLE choice")


WHOLE = {
    "header": lambda path: overwrite(path, 0, b"\0" * 100),
    "first page": lambda path: overwrite(path, 0, b"\xff" * 4096),
    "format": lambda path: overwrite(path, 44, b"\xff" * 4),
    "version to write": lambda path: overwrite(path, 18, b"\xff"),
    "root of response": ruin_root("response"),
    "root of delivery": ruin_root("delivery"),
    "an index": ruin_root("response_delivery"),
    "a time": spoil_a_time,
    "a mixed up index": mix_up_an_index,
    "a trigger": plant_a_trigger,
    "an endless view": plant_an_endless_view,
    "the record of versions": lose_the_record_of_versions,
    "what was recorded": spoil_what_the_daemon_recorded,
    "a table": drop_a_table,
}
"""Damage that leaves every answer readable."""


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


def test_seven_backups_are_kept_whatever_the_clock_says(kept: Kept) -> None:
    """They count on; a date in the future is no reason to keep an old one for ever."""
    kept.store.upkeep.back_up_daily(date(2099, 1, 1))
    for days in range(KEPT + 2):
        kept.store.upkeep.back_up_daily(TODAY + timedelta(days=days))
        kept.store.upkeep.back_up_daily(TODAY + timedelta(days=days))
    found = backups_of(kept.path)
    assert len(found) == KEPT
    assert found[0].day == (TODAY + timedelta(days=KEPT + 1)).isoformat()
    assert {one.path.stat().st_mode & 0o777 for one in found} == {0o600}
    assert sorted(path.name for path in found[0].path.parent.iterdir()) == sorted(
        one.path.name for one in found
    )
    kept.store.close()
    assert damage_in(found[0].path) == ""


@pytest.mark.parametrize("table", ["response", "delivery_prompt"])
def test_broken_pages_are_found(table: str, kept: Kept) -> None:
    """The daily look finds them, and no backup is made of them."""
    kept.store.upkeep.check(TODAY)
    kept.store.close()
    ruin_root(table)(kept.path)
    store = Store(kept.path, kept.clock.present())
    with pytest.raises(DamagedStoreError, match="damaged"):
        store.upkeep.check(TODAY)
    with pytest.raises(DamagedStoreError):
        store.upkeep.back_up_daily(TODAY)
    assert backups_of(kept.path) == []
    store.close()


def test_a_place_that_fails_is_no_damage(kept: Kept) -> None:
    """Else a disk with a bad day would have a sound database put aside."""
    kept.store.close()
    kept.path.with_name(f"{kept.path.name}-wal").mkdir()  # SQLite cannot make its own there
    with (
        contextlib.closing(sqlite3.connect(kept.path)) as connection,
        pytest.raises(sqlite3.OperationalError),
    ):
        connection.execute("SELECT * FROM response")
    assert damage_in(kept.path) == ""


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE delivery SET claimed_at = substr(claimed_at, 1, 19) WHERE seq = 3",
        "UPDATE delivery SET local_at = planned_at WHERE seq = 3",
        "INSERT INTO pause VALUES (1, 'i', 'd', '2026-11-23T08:00:00', '2026-11-24', NULL)",
    ],
)
def test_a_time_that_cannot_be_compared_is_damage(sql: str, kept: Kept) -> None:
    """A moment without its zone, a time on the wall with one, and none at all."""
    kept.store.close()
    with contextlib.closing(sqlite3.connect(kept.path, isolation_level=None)) as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute(sql)
    assert "holds what reminderd did not write" in damage_in(kept.path)
    mend(kept.path, kept.clock.present().now, 1.0)
    assert damage_in(kept.path) == ""


def test_a_text_of_what_never_came_is_read_as_well(kept: Kept) -> None:
    """The history does; it would fail for ever if mending left such a text."""
    kept.plan(23, day=kept.clock.present().today)
    kept.store.close()
    with contextlib.closing(sqlite3.connect(kept.path, isolation_level=None)) as raw:
        raw.execute("UPDATE delivery SET text = '[]' WHERE claimed_at IS NULL")
    assert "delivery holds what reminderd did not write" in damage_in(kept.path)
    mend(kept.path, kept.clock.present().now, 1.0)
    with contextlib.closing(Store(kept.path, kept.clock.present())) as store:
        assert len(store.reading.history(1000)) == ANSWERS


DEEP = {
    "many lists": "[" * 200_000,
    "many objects": '{"a":' * 200_000,
    "as many as a value can hold": "[" * LARGEST_VALUE,
    "few enough for this look": '{"title": "", "body": "", "cue": "", "when": "now", "more": '
    f"{'[' * 100}{']' * 100}}}",
    "nothing at all": "",
    "a title that is a list": '{"title": [], "body": "", "cue": "", "when": "now"}',
}
"""What is nested as nothing is that reminderd writes, or is no JSON for SQLite."""


@pytest.mark.parametrize("column", ["text", "why"])
@pytest.mark.parametrize("value", DEEP.values(), ids=DEEP)
def test_what_not_all_can_read_is_damage(value: str, column: str, kept: Kept) -> None:
    """Whoever reads it may be deeper in calls than the look for damage, which must not fail."""
    expected = notes(kept.path)
    kept.store.close()
    with contextlib.closing(sqlite3.connect(kept.path, isolation_level=None)) as raw:
        raw.execute(f"UPDATE delivery SET {column} = ? WHERE seq = 5", (value,))  # noqa: S608 -- one of two words
    assert "delivery holds what reminderd did not write" in damage_in(kept.path)
    mended = mend(kept.path, kept.clock.present().now, 1.0)
    assert damage_in(kept.path) == ""
    assert (notes(kept.path), mended.lost) == (expected, 0)
