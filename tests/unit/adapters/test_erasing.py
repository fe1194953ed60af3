"""What is erased is gone: from every table, and from every file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store import erasing
from reminderd.adapters.store.backups import backups_of
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.exchange import damaged_dir
from reminderd.adapters.store.mending import mend
from reminderd.adapters.store.rows import to_text
from reminderd.core.erased import Erased
from reminderd.core.model import Answer
from reminderd.errors import StoreError
from tests.unit.adapters.kept import TODAY, Kept

if TYPE_CHECKING:
    from reminderd.adapters.store.connection import Database

COUNT = 40


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """Forty practices three hours apart, each with a note that is found nowhere else."""
    kept = Kept(tmp_path / "data" / "reminderd.db")
    shown = ""
    for count in range(COUNT):
        kept.clock.forward(hours=3)
        shown = kept.show_now((f"a-{count % 7}", "alpha"))
        kept.answer(Answer.DONE, shown, prompt=f"a-{count % 7}", note=secret(count))
    kept.answer(Answer.NOT_FOR_ME, shown, prompt="a-1")
    kept.store.upkeep.back_up_daily(TODAY)
    folder = damaged_dir(kept.path) / "2026-11-01T000000Z"
    folder.mkdir(parents=True)
    shutil.copy(kept.path, folder / "reminderd.db")
    return kept


def secret(count: int) -> str:
    return f"nobody is to know of number {count:04}"


def found_in(kept: Kept) -> set[int]:
    """Return which notes' bytes are in any file of the data folder."""
    everything = b"".join(
        file.read_bytes() for file in kept.path.parent.rglob("*") if file.is_file()
    )
    return {count for count in range(COUNT) if secret(count).encode() in everything}


def test_the_whole_history(kept: Kept) -> None:
    """Not a byte of it is left, in database, log, index, backups or what was put aside."""
    seed = kept.store.seed
    other = Kept(kept.path)  # a daemon has it open too
    assert found_in(kept) == set(range(COUNT))
    erased = kept.store.upkeep.erase_all(kept.clock.present().now)
    assert erased[:4] == (COUNT, COUNT + 1, COUNT, 1)
    assert erased.damaged == 1
    assert found_in(kept) == set()
    everything = b"".join(
        file.read_bytes() for file in kept.path.parent.rglob("*") if file.is_file()
    )
    assert b"A title" not in everything
    assert b"a-1" not in everything
    for one in (kept, other):
        assert one.store.reading.history(100) == []
        assert one.store.reading.newest() is None
        assert one.store.answers.disabled() == frozenset()
        assert one.store.known.past(kept.clock.present().now).seen == {}
        assert one.store.seed == seed
    assert not kept.store.deliveries.add_first(kept.clock.present(), kept.clock.present().local)
    assert kept.store.recorded.get("restored") is not None
    assert damage_in(kept.path) == ""


def test_notes_alone(kept: Kept) -> None:
    """The answers stay, and so does a backup that has no note."""
    erased = kept.store.upkeep.erase_notes(kept.clock.present().now, TODAY)
    assert (erased.practices, erased.answers, erased.notes) == (0, 0, COUNT)
    assert found_in(kept) == set()
    history = kept.store.reading.history(100)
    assert len(history) == COUNT
    assert {(one.note, one.response is not None) for one in history} == {(None, True)}
    assert [one.day for one in backups_of(kept.path)] == [TODAY.isoformat()]
    assert kept.store.recorded.get("restored") is None


def test_what_came_before_a_moment(kept: Kept) -> None:
    """Up to it all is gone, from it on all is there; what was switched off stays so."""
    moment = kept.clock.present().now - timedelta(hours=3 * 10)
    erased = kept.store.upkeep.erase_before(moment, kept.clock.present().now, TODAY)
    assert (erased.practices, erased.notes) == (COUNT - 11, COUNT - 11)
    assert found_in(kept) == set(range(COUNT - 11, COUNT))
    assert len(kept.store.reading.history(100)) == 11
    assert kept.store.answers.disabled() == {"a-1"}
    assert damage_in(kept.path) == ""
    assert len(kept.store.known.past(kept.clock.present().now).seen) == 7


def test_what_came_again_goes_with_what_it_came_again_for(kept: Kept) -> None:
    """A chain of *Later* is one thing."""
    kept.store.upkeep.erase_all(kept.clock.present().now)
    shown = kept.show_now()
    kept.answer(Answer.LATER, shown)
    present = kept.clock.present()
    kept.store.deliveries.add_again(
        shown, present.local, present.local + timedelta(hours=1), present
    )
    kept.clock.forward(hours=1)
    (again,) = kept.store.deliveries.waiting()
    kept.show(again.id)
    between = present.now + timedelta(minutes=30)
    erased = kept.store.upkeep.erase_before(between, kept.clock.present().now, TODAY)
    assert erased.practices == 2
    assert kept.store.reading.history(100) == []
    assert damage_in(kept.path) == ""


MANY = """
INSERT INTO delivery (id, device, kind, parent, local_at, local_until, zone, planned_at, prompt,
  tip, text, claimed_at, claim_order, ended_at, outcome, shown_at)
WITH RECURSIVE one (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM one WHERE x < ?1)
SELECT 'many-' || x, 'this', iif(x % 5, 'now', 'again'), iif(x % 5, NULL, 'many-' || (x - 1)),
  '2026-11-23T09:00:00', '2026-11-23T11:00:00', 'Europe/Berlin', ?2, 'a-1', 'alpha',
  '{"title": "A title", "body": "A body", "cue": "", "when": "now"}',
  ?2, 1000 + x, ?2, 'shown', ?2
FROM one
"""


@pytest.mark.parametrize("what", ["before", "all"])
def test_the_work_grows_with_what_is_erased_and_not_with_its_square(
    what: str, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others who write wait for it: four times as many deliveries take four times as long."""

    def steps(count: int) -> int:
        """Return how many hundreds of steps SQLite takes while it holds the lock."""
        taken = 0

        def step() -> None:
            nonlocal taken
            taken += 1

        now = kept.clock.present().now
        database = kept.store._db  # noqa: SLF001 -- its connection is what is counted
        database.write(MANY, count, to_text(now - timedelta(hours=1)))
        database.connection.set_progress_handler(step, 100)
        if what == "all":
            kept.store.upkeep.erase_all(now)
        else:
            kept.store.upkeep.erase_before(now, now, TODAY)
        assert kept.store.reading.history(10) == []
        return taken

    def stop_counting(database: Database, *_: object) -> Erased:
        database.connection.set_progress_handler(None, 0)
        return Erased()

    monkeypatch.setattr(erasing, "_cleaned", stop_counting)
    kept.clock.forward(hours=1)
    steps(1)  # and what was there before
    assert steps(2000) < 6 * steps(500)
    assert damage_in(kept.path) == ""


def test_a_reader_that_keeps_the_log_is_told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are gone for everybody; that their bytes are not yet is said, and what to do."""
    monkeypatch.setattr(erasing, "PATIENCE", 0.05)
    kept.store._db.connection.execute("PRAGMA busy_timeout = 50")  # noqa: SLF001 -- not five seconds
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM response").fetchone()
        with pytest.raises(StoreError, match="still be in the log") as caught:
            kept.store.upkeep.erase_all(kept.clock.present().now)
        assert "again" in caught.value.hint
    assert kept.store.reading.history(100) == []
    kept.store.upkeep.erase_all(kept.clock.present().now)
    assert found_in(kept) == set()


def test_when_rows_are_erased_that_never_were(kept: Kept) -> None:
    """Before the first of all nothing is."""
    erased = kept.store.upkeep.erase_before(
        datetime.fromisoformat("2020-01-01T00:00:00+00:00"), kept.clock.present().now, TODAY
    )
    assert erased[:3] == (0, 0, 0)
    assert len(kept.store.reading.history(100)) == COUNT


def erase_all(kept: Kept) -> Erased:
    return kept.store.upkeep.erase_all(kept.clock.present().now)


def refuse_to_unlink(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let files of these names be on a disk that does not take it."""
    unlink = Path.unlink

    def refusing(path: Path, *, missing_ok: bool = False) -> None:
        if path.name in names:
            raise OSError(5, "Input/output error", str(path))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refusing)


def test_a_file_that_cannot_be_written_anew_is_no_untouched_one(kept: Kept) -> None:
    """The rows are gone: what is said says so, and all else is done."""
    kept.store._db.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)  # noqa: SLF001 -- VACUUM needs one
    with pytest.raises(StoreError, match="It is erased from the database, but") as caught:
        erase_all(kept)
    assert str(kept.path) in caught.value.message
    assert "attached" in caught.value.message
    assert "Nothing was changed" not in str(caught.value)
    assert "run the command again" in caught.value.hint
    assert backups_of(kept.path) == []
    assert kept.store.reading.history(100) == []


def test_one_backup_that_cannot_be_removed_keeps_no_other(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can go goes; the rest is named, and still looked for by the next attempt."""
    kept.store.upkeep.back_up_daily(TODAY + timedelta(days=1))
    stays = backups_of(kept.path)[0].path
    moment = kept.clock.present().now - timedelta(hours=3 * 10)
    with monkeypatch.context() as patch:
        refuse_to_unlink(patch, stays.name)
        for _ in range(2):  # the second time no row is left to be erased
            with pytest.raises(StoreError) as caught:
                kept.store.upkeep.erase_before(moment, kept.clock.present().now, TODAY)
            assert f"{stays} still has it, and cannot be removed: Input/output error" in str(
                caught.value
            )
            assert f"it can still be found in {stays}" in str(caught.value)
    assert not damaged_dir(kept.path).exists()
    erased = kept.store.upkeep.erase_before(moment, kept.clock.present().now, TODAY)
    assert (erased.practices, erased.backups) == (0, 2), "the one that stayed, and the new one"
    assert found_in(kept) == set(range(COUNT - 11, COUNT))
    assert not kept.store.upkeep.erase_before(moment, kept.clock.present().now, TODAY).files


def test_folders_that_are_links_keep_what_is_not_ours(kept: Kept, tmp_path: Path) -> None:
    """They lead to a place of the person's choice: files of ours go, one by one."""
    for folder in (backups_of(kept.path)[0].path.parent, damaged_dir(kept.path)):
        elsewhere = tmp_path / f"my {folder.name}"
        folder.rename(elsewhere)
        (elsewhere / "a photo").touch()
        folder.symlink_to(elsewhere)
    (tmp_path / "my backups" / ".backup-abcd_123").touch()
    erased = erase_all(kept)
    assert (erased.backups, erased.damaged) == (1, 1)
    for name in ("backups", "damaged"):
        assert kept.path.with_name(name).is_symlink()
        assert [one.name for one in (tmp_path / f"my {name}").iterdir()] == ["a photo"]


def test_two_at_once_both_end_well(kept: Kept) -> None:
    """What the other has removed meanwhile is no error."""
    other = Kept(kept.path)
    other.store.close()
    failures: list[BaseException] = []

    def erase() -> None:
        try:
            one = Kept(kept.path)
            erase_all(one)
            one.store.close()
        except BaseException as failure:  # noqa: BLE001 -- for the test to see
            failures.append(failure)

    kept.store.close()
    threads = [Thread(target=erase) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert found_in(kept) == set()


def test_odd_files_are_passed_over_and_named(kept: Kept, tmp_path: Path) -> None:
    """None of them is waited for, followed or read without an end."""
    outside = tmp_path / "outside"
    outside.write_text(secret(1), "utf-8")
    folder = kept.path.parent
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(outside)
    with (folder / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    erased = erase_all(kept)
    assert sorted(one.removeprefix(f"{folder}/") for one in erased.unseen) == [
        "link (a link)",
        "pipe (not a file)",
        "sparse (too large)",
    ]
    assert outside.exists()


def test_a_large_file_is_looked_through_at_once(kept: Kept) -> None:
    """Also one in which an id could begin at every byte; what is at its end is found."""
    ((identifier,), *_) = kept.raw("SELECT id FROM response")
    lock = kept.path.with_suffix(".lock")
    lock.write_bytes(b"7" * (32 * 1024 * 1024) + str(identifier).encode())
    began = time.process_time()
    with pytest.raises(StoreError, match=f"it can still be found in {lock}"):
        erase_all(kept)
    assert time.process_time() - began < 1, "seconds"


def test_a_database_that_a_link_leads_to_is_looked_through(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is the person's own, and so is what it leads to."""
    kept.store.close()
    real = tmp_path / "real.db"
    kept.path.rename(real)
    real.chmod(0o600)
    kept.path.symlink_to(real)
    linked = Kept(kept.path)
    connection = linked.store._db.connection  # noqa: SLF001 -- what is in the way is set up here
    connection.execute("PRAGMA busy_timeout = 50")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)  # VACUUM needs one
    with closing(sqlite3.connect(real, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM response").fetchone()
        monkeypatch.setattr(erasing, "PATIENCE", 0.05)
        monkeypatch.setattr(erasing, "_NAMED", 3)
        with pytest.raises(StoreError, match="be found in") as caught:
            erase_all(linked)
    assert f"can still be found in {real}" in caught.value.message
    assert erase_all(linked).unseen == ()
    assert secret(1).encode() not in real.read_bytes()


@pytest.mark.parametrize("note", ["A body with an “ä”", "max_per_day = 2", "CREATE TABLE"])
def test_a_note_that_stands_in_what_stays_is_no_remainder(note: str, kept: Kept) -> None:
    """The title of a practice, a setting: it was not the note that was found there."""
    kept.store.recorded.set("good settings", "[cadence]\nmax_per_day = 2\n")
    kept.answer(Answer.DONE, kept.show_now(), note=note)
    assert kept.store.upkeep.erase_notes(kept.clock.present().now, TODAY).notes == COUNT + 1


@pytest.mark.parametrize("left", [0, 11])
def test_what_is_erased_is_not_told_as_lost_later(left: int, kept: Kept) -> None:
    """When the database is damaged after that, and there is no backup."""
    moment = kept.clock.present().now - timedelta(hours=3 * (left - 1) + 1)
    kept.store.upkeep.erase_before(moment, kept.clock.present().now, TODAY)
    for backup in backups_of(kept.path):
        backup.path.unlink()
    kept.store.close()
    with closing(sqlite3.connect(kept.path)) as raw:
        (answers,) = raw.execute("SELECT count(*) FROM response").fetchone()
        raw.execute("DROP INDEX response_prompt")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    mended = mend(kept.path, kept.clock.present().now, 1.0)
    assert (mended.answers, mended.lost) == (answers, 0)


def test_numbers_go_on_after_what_is_left(kept: Kept) -> None:
    """The next answer is a later one than those that stay, and is folded once."""
    moment = kept.clock.present().now - timedelta(hours=3 * 10)
    stay = [one[1:] for one in kept.store.known.answered_since(0)][COUNT - 11 :]
    kept.store.upkeep.erase_before(moment, kept.clock.present().now, TODAY)
    before = kept.store.known.answered_since(0)
    assert before == [(number, *one) for number, one in enumerate(stay, 1)]
    kept.answer(Answer.DONE, kept.show_now())
    assert len(kept.store.known.answered_since(len(before))) == 1
