"""Backups: only a good copy takes the place of a good one, and a failure names its own place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters.store.backups import KEPT, backups_of
from reminderd.adapters.store.damage import damage_in
from reminderd.core.model import Answer
from reminderd.errors import DamagedStoreError, StoreError
from tests.unit.adapters.kept import TODAY, Kept

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """One practice, answered, with a backup of today."""
    kept = Kept(tmp_path / "data" / "reminderd.db")
    kept.answer(Answer.DONE, kept.show_now(), note="one")
    kept.store.upkeep.back_up_daily(TODAY)
    return kept


def answers_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        (count,) = raw.execute("SELECT count(*) FROM response").fetchone()
        return int(count)


def test_what_mending_would_pass_over_takes_the_place_of_nothing(kept: Kept) -> None:
    """A row that reminderd did not write is damage, in a copy as in the database."""
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as raw:
        raw.execute("UPDATE delivery SET planned_at = 'noonish'")
    with pytest.raises(DamagedStoreError, match="did not write"):
        kept.store.upkeep.back_up_daily(TODAY)
    (backup,) = backups_of(kept.path)
    assert damage_in(backup.path) == ""


def test_a_history_that_was_lost_costs_no_backup(kept: Kept) -> None:
    """A database that was begun anew, even with plans, is backed up beside those of before."""
    for days in range(1, KEPT):
        kept.store.upkeep.back_up_daily(TODAY + timedelta(days=days))
    before = backups_of(kept.path)
    kept.store.close()
    for part in ("", "-wal", "-shm"):
        kept.path.with_name(kept.path.name + part).unlink(missing_ok=True)
    new = Kept(kept.path)
    new.plan(20)
    made = new.store.upkeep.back_up_daily(TODAY + timedelta(days=KEPT - 1))
    assert [one.path for one in backups_of(kept.path)] == [made, *(one.path for one in before)]
    assert [answers_in(one.path) for one in before] == [1] * KEPT
    assert answers_in(made) == 0


def test_what_a_killed_backup_left_goes_with_the_next(kept: Kept) -> None:
    """Only that: what else lies there may be a person's own."""
    folder = backups_of(kept.path)[0].path.parent
    for name in (".backup-abcd_123", ".backup-abcd_123-journal", ".backup-of-mine"):
        (folder / name).write_bytes(b"half")
    made = kept.store.upkeep.back_up_daily(TODAY)
    assert sorted(one.name for one in folder.iterdir()) == [".backup-of-mine", made.name]


def test_a_full_stick_is_named_and_not_the_home(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room has to be made there; nothing half is left there."""
    stick = tmp_path / "stick"
    stick.mkdir()
    connect = sqlite3.connect

    def with_little_room(path: Any, **how: Any) -> sqlite3.Connection:  # noqa: ANN401 -- as sqlite3 has it
        connection: sqlite3.Connection = connect(path, **how)
        if str(path).startswith(str(stick)):
            connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr(sqlite3, "connect", with_little_room)
    with pytest.raises(StoreError, match="full") as caught:
        kept.store.upkeep.back_up_to(stick / "copy.db")
    assert str(stick / "copy.db") in caught.value.message
    assert str(kept.path) not in str(caught.value)
    assert f"room on the disk of {stick}" in caught.value.hint
    assert list(stick.iterdir()) == []


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
