"""backup and erase: a copy that is whole, and an end that is one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.adapters.store.schema import LARGEST_VALUE
from reminderd.cli import keeping
from reminderd.core.model import Answer
from tests.cli.people import NOW, answers

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person

SECRET = "what nobody is to know"  # noqa: S105 -- no password


@pytest.fixture(autouse=True)
def lived(person: Person) -> None:
    """Two practices, one of them long ago, both answered with a note."""
    for days in (40, 0):
        person.brought(
            at_=NOW - timedelta(days=days, minutes=5), answers=(Answer.DONE,), note=SECRET
        )


def secrets(person: Person) -> list[str]:
    """Return the files in which the note can be found."""
    found = person.database.parent.rglob("*")
    return [one.name for one in found if one.is_file() and SECRET.encode() in one.read_bytes()]


def test_backup_makes_todays_and_says_where(cli: Cli, person: Person) -> None:
    """The file is a database by itself, for the person alone to read; twice a day is one."""
    path = person.database.with_name("backups") / f"0001_{NOW:%Y-%m-%d}.db"
    for _ in range(2):
        assert cli("backup", "--json").json == {"path": str(path)}
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("SELECT count(*) FROM response").fetchone() == (2,)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert f"reminderd import {path}" in cli("backup").out


def test_backup_to_a_place_of_ones_own(cli: Cli, person: Person, tmp_path: Path) -> None:
    """A folder gets a file with a name; a file that is there is never overwritten."""
    folder = tmp_path / "stick"
    folder.mkdir()
    made = Path(cli("backup", str(folder), "--json").json["path"])
    assert made.parent == folder
    there = made.read_bytes()
    said = cli("backup", str(made))
    assert said.code == 1
    assert "already" in said.err
    assert made.read_bytes() == there
    (folder / "link").symlink_to(folder / "elsewhere")
    assert cli("backup", str(folder / "link")).code == 1
    assert not (folder / "elsewhere").exists()
    assert sorted(one.name for one in folder.iterdir()) == sorted([made.name, "link"])
    assert cli("backup", str(tmp_path / "nowhere" / "x.db")).code == 1


def test_erase_takes_all_and_says_what_it_does_not_reach(cli: Cli, person: Person) -> None:
    """The history, its backups, every byte; settings stay."""
    cli("backup")
    assert len(secrets(person)) >= 2
    said = cli("erase", "--yes")
    assert "2 practices, 2 answers, 2 notes" in said.out
    assert keeping.COPIES.format(copies="1 backup") in said.out
    assert "your desktop's own list of past notifications" in " ".join(said.out.split())
    assert secrets(person) == []
    assert answers(person) == []
    assert cli("history", "--json").json == []
    assert "0 practices, 0 answers, 0 notes" in cli("erase", "--yes").out


def test_erase_of_what_is_not_there_touches_nothing(cli: Cli, person: Person) -> None:
    """Before the first practice there is nothing: neither does a backup go, nor is that said."""
    backup = Path(cli("backup", "--json").json["path"])
    said = cli("erase", "--before", "2020-01-01", "--yes")
    assert (said.code, said.out) == (0, f"{keeping.NOTHING}\n")
    assert backup.exists()


def test_what_went_beside_it_is_named(cli: Cli, person: Person) -> None:
    """A backup and a damaged database are two things, also where no row is left to erase."""
    cli("erase", "--yes")
    cli("backup")
    aside = person.database.with_name("damaged") / "2026-11-01T000000Z"
    aside.mkdir(parents=True)
    (aside / "reminderd.db").write_bytes(b"damaged")
    said = cli("erase", "--yes")
    copies = "1 backup, 1 damaged database"
    assert keeping.COPIES.format(copies=copies) in " ".join(said.out.split())


def test_the_daemon_is_woken_also_when_not_all_could_be_done(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are gone: it must not go on with them. Where what is left lies is said."""
    woken: list[str] = []
    person.daemon_recorded()
    monkeypatch.setattr("reminderd.adapters.wake.knock", woken.append)
    (person.database.parent / "mine.txt").write_text(SECRET, "utf-8")
    said = cli("erase", "--yes")
    assert (said.code, bool(woken)) == (1, True)
    assert "It is erased from the database, but" in said.err
    assert "mine.txt" in said.err
    assert "Nothing was changed" not in said.err


def test_erase_of_notes_alone(cli: Cli, person: Person) -> None:
    """What was answered stays."""
    assert cli("erase", "--notes", "--yes", "--json").json["notes"] == 2
    assert secrets(person) == []
    assert answers(person) == [("done", None), ("done", None)]


@pytest.mark.parametrize("day", ["yesterday", f"{NOW - timedelta(days=3):%Y-%m-%d}"])
def test_erase_before_a_date(day: str, cli: Cli, person: Person) -> None:
    """What came later stays, with its note."""
    found = cli("erase", "--before", day, "--yes", "--json").json
    assert (found["practices"], found["answers"], found["notes"]) == (1, 1, 1)
    assert answers(person) == [("done", SECRET)], "the same words, written on another day"


def test_erase_asks_and_no_is_what_enter_means(person: Person) -> None:
    """On a terminal; nothing is lost by a key pressed too early."""
    terminal = person.terminal("erase")
    terminal.expect("cannot be undone")
    terminal.sendline("")
    terminal.expect(pexpect.EOF)
    assert keeping.AS_IT_WAS in str(terminal.before)
    assert len(answers(person)) == 2


def test_erase_in_a_script_wants_to_be_told(cli: Cli, person: Person) -> None:
    """Nothing is erased by accident, and two wishes at once are none."""
    said = cli("erase", text="y\n")
    assert (said.code, "--yes" in said.err) == (1, True)
    assert cli("erase", "--notes", "--before", "yesterday", "--yes").code == 2
    assert cli("erase", "--before", "the flood", "--yes").code == 1
    assert cli("erase", "--before", "0001-01-01", "--yes").code == 1
    assert len(answers(person)) == 2


def test_a_damaged_database_is_told_and_left(cli: Cli, person: Person) -> None:
    """No traceback, the next step, and every byte as it was."""
    with person.database.open("r+b") as file:
        file.write(b"\0" * 4096)
    person.database.with_name("reminderd.db-wal").unlink(missing_ok=True)
    before = person.database.read_bytes()
    for command in (["status"], ["history"], ["backup"], ["erase", "--yes"], ["respond", "done"]):
        said = cli(*command)
        assert said.code == 1, command
        assert "is damaged" in said.err
        assert "reminderd run" in said.err
    assert person.database.read_bytes() == before


def test_values_that_make_no_sense_are_damage_and_no_defect(cli: Cli, person: Person) -> None:
    """A row that reminderd did not write is told as what it is; its own record is forgotten."""
    with closing(sqlite3.connect(person.database, isolation_level=None)) as raw:
        raw.execute("INSERT OR REPLACE INTO state VALUES ('daemon', '[]')")
    said = cli("status")
    assert (said.code, "run the command again" in said.err) == (1, True)
    assert cli("status").code == 0
    with closing(sqlite3.connect(person.database, isolation_level=None)) as raw:
        raw.execute("UPDATE delivery SET planned_at = 'at noon'")
    said = cli("history")
    assert (said.code, "delivery holds what reminderd did not write" in said.err) == (1, True)


@pytest.mark.parametrize("column", ["text", "why"])
@pytest.mark.parametrize(
    "value",
    ["[" * 200_000, '{"a":' * 200_000, "[" * LARGEST_VALUE],
    ids=["lists", "objects", "as much as there can be"],
)
def test_deep_nesting_is_damage_and_no_defect(
    value: str, column: str, cli: Cli, person: Person
) -> None:
    """Whether Python finds it or SQLite; a command that does not read it goes on."""
    with closing(sqlite3.connect(person.database, isolation_level=None)) as raw:
        raw.execute(f"UPDATE delivery SET {column} = ?", (value,))  # noqa: S608 -- one of two words
    told = []
    for command in ("show", "history", "why", "respond done", "erase --before today", "backup"):
        said = cli(*command.split(), *["--yes"] * ("erase" in command))
        assert (said.code, "is damaged" in said.err) in {(0, False), (1, True)}, (command, said.err)
        told += [command] * said.code
    assert {"show", "backup"} <= set(told)
