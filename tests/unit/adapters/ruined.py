"""A long history, and ways to ruin its database."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from reminderd.core.model import Answer
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
def lived_kept(lived: Path, tmp_path: Path) -> Kept:
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
