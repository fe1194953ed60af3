"""The database file: its settings, its rights, and whom it refuses."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store import schema
from reminderd.adapters.store.connection import Database
from reminderd.adapters.store.migrations import MIGRATIONS
from reminderd.errors import NewerStoreError, StoreBusyError, StoreError
from tests.accounts import SOMEBODY, acting_as, home_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "reminderd.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(path, NOW)
    yield opened
    opened.close()


def pragma(database: Database, name: str) -> object:
    row = database.first(f"PRAGMA {name}")
    assert row is not None
    return row[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


class TestSettings:
    """What SQLite itself says about the connection."""

    def test_are_what_the_promises_need(self, database: Database) -> None:
        """WAL, foreign keys, five seconds of patience, and every commit on the disk (FULL is 2)."""
        assert pragma(database, "journal_mode") == "wal"
        assert pragma(database, "foreign_keys") == 1
        assert pragma(database, "busy_timeout") == 5000
        assert pragma(database, "synchronous") == 2

    def test_hold_for_a_database_that_exists(self, database: Database, path: Path) -> None:
        """Every later opening has them too, though foreign keys are not kept in the file."""
        second = Database(path, NOW)
        assert pragma(second, "foreign_keys") == 1
        assert pragma(second, "synchronous") == 2
        second.close()

    def test_a_restored_copy_gets_its_write_ahead_log_back(self, path: Path) -> None:
        """`VACUUM INTO` makes a copy without WAL; opening it makes it one of ours again."""
        original = Database(path, NOW)
        original.write("VACUUM INTO ?", str(path.with_name("copy.db")))
        original.close()
        path.with_name("copy.db").replace(path)
        restored = Database(path, NOW)
        assert pragma(restored, "journal_mode") == "wal"
        restored.close()

    def test_foreign_keys_are_enforced(self, database: Database) -> None:
        """An answer to a delivery that does not exist cannot be stored."""
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            database.write("INSERT INTO posted VALUES ('nobody', ':1.7', 1, NULL, NULL)")

    def test_tables_keep_to_their_types(self, database: Database) -> None:
        """STRICT: text where a number belongs is refused."""
        with pytest.raises(sqlite3.IntegrityError):
            database.write("INSERT INTO choice VALUES (1, 'a', 'b', 'c', 'd', 'yes')")


class TestRights:
    """Folders are 0700 and files 0600, whatever the umask says."""

    def test_of_what_it_makes(self, tmp_path: Path) -> None:
        """The database, its log and its index are for the person alone."""
        before = os.umask(0)
        try:
            path = tmp_path / "data" / "reminderd.db"
            database = Database(path, NOW)
            database.write("INSERT INTO meta VALUES ('a', 'b')")
        finally:
            os.umask(before)
        assert mode(path.parent) == 0o700
        assert {name: mode(path.parent / name) for name in sorted(files(path.parent))} == {
            "reminderd.db": 0o600,
            "reminderd.db-shm": 0o600,
            "reminderd.db-wal": 0o600,
        }
        database.close()

    def test_of_what_it_finds(self, tmp_path: Path) -> None:
        """Our own folder and file, when they were opened up for reading, are closed again."""
        path = tmp_path / "reminderd" / "reminderd.db"
        Database(path, NOW).close()
        path.parent.chmod(0o755)
        path.chmod(0o644)
        Database(path, NOW).close()
        assert mode(path.parent) == 0o700
        assert mode(path) == 0o600


class TestBounds:
    """What a database may make us hold in memory."""

    def test_no_value_is_larger_than_any_of_ours(self, database: Database) -> None:
        """A database that was made to hurt is told of, and does not fill the memory."""
        assert database.first("SELECT length(zeroblob(16777216))")
        with pytest.raises(StoreError, match="too big"):
            database.first("SELECT length(hex(zeroblob(16777216)))")
        with pytest.raises(StoreError, match="too big"):
            database.write("INSERT INTO meta VALUES ('a', zeroblob(500000000))")

    @pytest.mark.accounts
    @pytest.mark.parametrize("there", [0o000, 0o400, 0o200])
    def test_of_a_file_that_not_even_the_person_could_use(self, there: int) -> None:
        """Its mode was changed, by whatever; it is theirs, so it is mended."""
        with home_of(SOMEBODY) as home, acting_as(SOMEBODY, reads_all=False):
            path = home / "data" / "reminderd.db"
            Database(path, NOW).close()
            path.chmod(there)
            Database(path, NOW).close()
            assert mode(path) == 0o600


class TestRefusals:
    """What is not ours stays as it is, byte by byte."""

    def refused(self, path: Path, error: type[StoreError], words: str) -> StoreError:
        before = files(path.parent)
        with pytest.raises(error, match=words) as caught:
            Database(path, NOW)
        assert files(path.parent) == before
        assert str(path) in caught.value.message
        assert caught.value.hint
        return caught.value

    def test_a_newer_database(self, path: Path) -> None:
        """Written by a newer version: told so, with what to do, and untouched."""
        database = Database(path, NOW)
        newer = MIGRATIONS[-1].number + 1
        database.write("INSERT INTO migration VALUES (?, 'of the future', 'then')", newer)
        database.close()
        self.refused(path, NewerStoreError, "newer reminderd")

    def test_another_programs_database(self, path: Path) -> None:
        """A SQLite file of somebody else is not taken over."""
        path.parent.mkdir()
        with contextlib.closing(sqlite3.connect(path)) as theirs:
            theirs.execute("CREATE TABLE places (name)")
        self.refused(path, StoreError, "not one of reminderd's")

    def test_another_programs_database_with_migrations(self, path: Path) -> None:
        """A table that is called `migration`, and is empty, does not make it ours."""
        path.parent.mkdir()
        with contextlib.closing(sqlite3.connect(path)) as theirs:
            theirs.execute("CREATE TABLE migration (number, name, at)")
        self.refused(path, StoreError, "not one of reminderd's")

    def test_a_file_that_is_no_database(self, path: Path) -> None:
        """A text that was put there by mistake is kept."""
        path.parent.mkdir()
        path.write_text("My diary.\n" * 1000)
        self.refused(path, StoreError, "not a database")

    def test_a_folder_in_its_place(self, path: Path) -> None:
        """What the system says is told in its words, with a next step."""
        path.mkdir(parents=True)
        with pytest.raises(StoreError, match="directory") as caught:
            Database(path, NOW)
        assert caught.value.hint

    def test_an_empty_file_is_a_new_database(self, path: Path) -> None:
        """Nothing can be lost in a file without content."""
        path.parent.mkdir()
        path.touch()
        database = Database(path, NOW)
        assert database.first("SELECT count(*) FROM migration")
        database.close()


class _UndoError(Exception):
    pass


def undone(database: Database, sql: str) -> None:
    """Write in a transaction, and fail before its end."""
    with database.transaction():
        database.write(sql)
        raise _UndoError


class TestTransactions:
    """All of it or nothing, and never one that is left open."""

    def count(self, database: Database) -> int:
        return len(database.read("SELECT * FROM meta"))

    def test_are_undone_when_anything_is_raised(self, database: Database) -> None:
        """Whatever goes wrong inside, nothing of it stays."""
        with pytest.raises(_UndoError):
            undone(database, "INSERT INTO meta VALUES ('a', 'b')")
        assert self.count(database) == 0
        with database.transaction():
            database.write("INSERT INTO meta VALUES ('a', 'b')")
        assert self.count(database) == 1

    def test_are_undone_when_the_commit_itself_fails(self, database: Database) -> None:
        """A commit that is refused leaves no open transaction in the way of the next."""

        def refused_at_the_end() -> None:
            with database.transaction():
                database.write("PRAGMA defer_foreign_keys = ON")
                database.write("INSERT INTO posted VALUES ('nobody', ':1.7', 1, NULL, NULL)")

        with pytest.raises(sqlite3.IntegrityError):
            refused_at_the_end()
        with database.transaction():
            database.write("INSERT INTO meta VALUES ('a', 'b')")
        assert self.count(database) == 1
        assert database.read("SELECT * FROM posted") == []

    def test_wait_for_another_and_tell_when_it_takes_too_long(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Busy is an expected failure of its own: trying again is all there is to do."""
        monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
        one, other = Database(path, NOW), Database(path, NOW)
        with one.transaction():
            with pytest.raises(StoreBusyError, match="holds the database"):
                other.write("INSERT INTO meta VALUES ('a', 'b')")
            assert self.count(other) == 0, "readers never wait"
        other.write("INSERT INTO meta VALUES ('a', 'b')")
        assert self.count(one) == 1
        one.close()
        other.close()

    def test_that_read_too_early_tell_that_another_was_faster(self, path: Path) -> None:
        """SQLite has more than one name for being busy; all of them mean: try again."""
        one, other = Database(path, NOW), Database(path, NOW)
        one.write("BEGIN")
        assert self.count(one) == 0
        other.write("INSERT INTO meta VALUES ('a', 'b')")
        with pytest.raises(StoreBusyError):
            one.write("INSERT INTO meta VALUES ('c', 'd')")
        one.close()
        other.close()

    def test_after_the_end_are_an_expected_failure(self, path: Path) -> None:
        """A button that is pressed while the daemon ends is told of, and breaks nothing."""
        database = Database(path, NOW)
        database.close()
        with pytest.raises(StoreError, match="closed"):
            database.write("INSERT INTO meta VALUES ('a', 'b')")

    @pytest.mark.parametrize("patience", [0.05, 5.0])
    def test_that_make_a_log_wait_as_well(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, patience: float
    ) -> None:
        """A copy without WAL, while another writes to it: we wait, and tell when it is too long."""
        monkeypatch.setattr(schema, "BUSY_SECONDS", patience)
        Database(path, NOW).close()
        with contextlib.closing(sqlite3.connect(path, check_same_thread=False)) as raw:
            raw.execute("PRAGMA journal_mode = DELETE")
            raw.execute("BEGIN IMMEDIATE")
            done = threading.Timer(0.3, raw.rollback)
            done.start()
            if patience < 0.3:
                with pytest.raises(StoreBusyError):
                    Database(path, NOW)
            else:
                database = Database(path, NOW)
                assert pragma(database, "journal_mode") == "wal"
                database.close()
            done.join()

    def test_on_a_full_disk_tell_and_go_on(self, database: Database) -> None:
        """Nothing is half written, and with room again everything works."""
        pages = pragma(database, "page_count")
        database.write(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="full"), database.transaction():
            database.write("INSERT INTO meta VALUES ('a', ?)", "long " * 100_000)
        assert self.count(database) == 0
        database.write("PRAGMA max_page_count = 1000000")
        database.write("INSERT INTO meta VALUES ('a', ?)", "long " * 100_000)
        assert self.count(database) == 1


class TestVersion:
    """The number by which a claim sees that something was committed meanwhile."""

    def test_moves_with_another_connection_and_not_with_this_one(self, path: Path) -> None:
        """Own writes leave it alone; a commit of somebody else moves it, a rollback does not."""
        one, other = Database(path, NOW), Database(path, NOW)
        before = one.version()
        one.write("INSERT INTO meta VALUES ('a', 'b')")
        assert one.version() == before
        with pytest.raises(_UndoError):
            undone(other, "INSERT INTO meta VALUES ('c', 'd')")
        assert one.version() == before
        other.write("INSERT INTO meta VALUES ('e', 'f')")
        assert one.version() != before
        one.close()
        other.close()


class TestTheFileItself:
    """The path leads to the file that is open, or that is noticed."""

    def test_a_database_that_is_where_it_was(self, database: Database) -> None:
        """Nothing is wrong after any number of writes and checkpoints."""
        database.write("INSERT INTO meta VALUES ('a', 'b')")
        database.write("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not database.is_unlinked()

    @pytest.mark.parametrize("how", ["removed", "replaced", "folder removed"])
    def test_one_that_is_gone_is_noticed_and_opened_anew(
        self, database: Database, path: Path, how: str
    ) -> None:
        """SQLite goes on writing into a file that no path leads to; we do not."""
        match how:
            case "removed":
                path.unlink()
            case "replaced":
                shutil.copy(path, path.with_name("copy"))
                path.with_name("copy").replace(path)
            case _:
                shutil.rmtree(path.parent)
        assert database.is_unlinked()
        database.reopen(NOW)
        assert not database.is_unlinked()
        database.write("INSERT INTO meta VALUES ('a', 'b')")
        second = Database(path, NOW)
        assert len(second.read("SELECT * FROM meta")) == 1
        second.close()

    def test_opening_it_twice_in_one_process_loses_nothing(self, path: Path) -> None:
        """Closing any descriptor of a file drops the process's locks on it: SQLite must not notice.

        A process that then opens and closes the database would believe itself alone and remove
        the log into which this one goes on writing.
        """
        first, second = Database(path, NOW), Database(path, NOW)
        first.write("INSERT INTO meta VALUES ('a', 'b')")
        assert counted_elsewhere(path) == 1
        first.write("INSERT INTO meta VALUES ('c', 'd')")
        assert counted_elsewhere(path) == 2
        first.close()
        second.close()


def counted_elsewhere(path: Path) -> int:
    """Open, read and close the database in a process of its own."""
    script = (
        "import sqlite3, sys; raw = sqlite3.connect(sys.argv[1]);"
        "print(raw.execute('SELECT count(*) FROM meta').fetchone()[0]); raw.close()"
    )
    command = [sys.executable, "-c", script, str(path)]
    return int(subprocess.run(command, check=True, capture_output=True, timeout=20).stdout)
