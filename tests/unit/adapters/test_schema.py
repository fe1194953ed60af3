"""The schema: one file for new databases, ordered steps for old ones."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reminderd.adapters.store import schema
from reminderd.adapters.store.connection import Database
from reminderd.adapters.store.migrations import MIGRATIONS, Migration
from reminderd.errors import StoreError

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
FIRST_SCHEMA = Path(__file__).with_name("schema_1.sql")
OPEN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from reminderd.adapters.store.connection import Database
print("ready", flush=True)
sys.stdin.readline()
database = Database(Path(sys.argv[1]), datetime(2026, 11, 23, tzinfo=UTC))
database.write("INSERT INTO meta VALUES (?, 'was here')", sys.argv[2])
database.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "reminderd.db"


class TestSchema:
    """One file for new databases, ordered steps for old ones."""

    def test_is_the_same_either_way(self, tmp_path: Path) -> None:
        """The first schema and every step since then lead to what schema.sql makes."""
        old = tmp_path / "old.db"
        old_database(old)
        for name in ("old", "new"):
            Database(tmp_path / f"{name}.db", NOW).close()
        assert described(old) == described(tmp_path / "new.db")

    def test_records_its_version(self, path: Path) -> None:
        """A new database counts as having gone through every step."""
        database = Database(path, NOW)
        found = database.read("SELECT number, name, at FROM migration ORDER BY number")
        database.close()
        assert [(row["number"], row["name"]) for row in found] == [
            (one.number, one.name) for one in MIGRATIONS
        ]
        assert {row["at"] for row in found} == {"2026-11-23T08:30:00.000000Z"}

    def test_numbers_are_ordered_without_a_hole(self) -> None:
        """Each step has the number after the one before."""
        assert [one.number for one in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))

    def test_missing_steps_run_once_and_in_order(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An old database gets what it lacks, a record for each; the next time nothing runs."""
        old_database(path)
        with_steps(
            monkeypatch,
            Migration(2, "a table", ("CREATE TABLE added (value ANY) STRICT",)),
            Migration(3, "its content", ("INSERT INTO added VALUES (1)",)),
        )
        for _ in range(2):
            database = Database(path, NOW)
            assert len(database.read("SELECT * FROM added")) == 1
            assert [row[0] for row in database.read("SELECT number FROM migration")] == [1, 2, 3]
            database.close()

    def test_a_step_that_fails_leaves_nothing_behind(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Steps before it stay, its own statements do not, and it can be tried again."""
        old_database(path)
        good = Migration(2, "good", ("CREATE TABLE good (value ANY) STRICT",))
        bad = Migration(3, "bad", ("CREATE TABLE half (value ANY) STRICT", "no SQL at all"))
        with_steps(monkeypatch, good, bad)
        with pytest.raises(StoreError, match="syntax error"):
            Database(path, NOW)
        with contextlib.closing(sqlite3.connect(path)) as raw:
            tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_schema")}
            assert "good" in tables
            assert "half" not in tables
            assert raw.execute("SELECT max(number) FROM migration").fetchone() == (2,)
        with_steps(monkeypatch, good, bad._replace(statements=bad.statements[:1]))
        database = Database(path, NOW)
        assert database.read("SELECT * FROM half") == []
        database.close()

    @pytest.mark.parametrize("old", [False, True])
    def test_survives_being_made_by_four_at_once(self, tmp_path: Path, old: bool) -> None:
        """A daemon and commands that start in the same moment: one makes it, all can use it."""
        for number in range(5):
            path = tmp_path / f"{number}" / "reminderd.db"
            if old:
                old_database(path)
            opened_by_four(path)
            database = Database(path, NOW)
            assert len(database.read("SELECT * FROM meta")) == 4
            assert len(database.read("SELECT * FROM migration")) == len(MIGRATIONS)
            database.close()


def opened_by_four(path: Path) -> None:
    """Open a database in four processes at the same moment, and write through each."""
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", OPEN, str(path), name],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for name in "abcd"
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        codes = [process.wait(timeout=20) for process in processes]
    assert codes == [0, 0, 0, 0]


def old_database(path: Path) -> None:
    """Make a database as the first version left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.executescript(FIRST_SCHEMA.read_text("utf-8"))
        raw.execute("INSERT INTO migration VALUES (1, 'the first schema', 'then')")
        raw.commit()


def with_steps(monkeypatch: pytest.MonkeyPatch, *steps: Migration) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (MIGRATIONS[0], *steps))


def described(path: Path) -> dict[str, object]:
    """Return what a database's tables and indexes are, however they came to be."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        names = raw.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
        ).fetchall()
        found: dict[str, object] = {}
        for kind, name, sql in names:
            facts = ("table_xinfo", "foreign_key_list") if kind == "table" else ("index_xinfo",)
            found[name] = [raw.execute(f"PRAGMA {fact}('{name}')").fetchall() for fact in facts]
            found[f"{name}: conditions"] = sorted(
                " ".join(one.split()) for one in re.findall(r"(?:CHECK|WHERE|UNIQUE).*", sql or "")
            )
        return found
