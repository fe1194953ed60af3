"""What counts as damage of a database, and what does not."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from reminderd.adapters.store.backups import backups_of
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.mending import mend
from reminderd.adapters.store.schema import LARGEST_VALUE
from reminderd.adapters.store.store import Store
from reminderd.errors import DamagedStoreError
from tests.unit.adapters.kept import TODAY, Kept
from tests.unit.adapters.ruined import ANSWERS, notes, ruin_root

pytest_plugins = ["tests.unit.adapters.ruined"]


@pytest.fixture
def kept(lived_kept: Kept) -> Kept:
    return lived_kept


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
