"""How a command ends: exit codes, failures in plain words, defects, closed pipes, colour."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd import bootstrap
from reminderd.app import respond
from reminderd.core.model import Answer
from tests.cli.people import TEXT
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.people import Cli, Person

WORDS = "a thought that is nobody else's"


def crash_file(person: Person) -> Path:
    """Return where a defect is written down."""
    return person.home / ".local/state/reminderd/crash.log"


def break_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let every command that opens the store end with a defect."""

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(bootstrap, "open_store", broken)


def test_all_well_is_0(person: Person) -> None:
    """A process that did what it was asked to ends with 0 and says nothing beside it."""
    said = person.run("status")
    assert (said.code, said.err) == (0, "")


def test_an_expected_failure_is_1_with_message_and_hint(person: Person) -> None:
    """What happened, then what to do next, and no traceback."""
    said = person.run("show")
    assert said.code == 1
    assert said.out == ""
    assert said.err == "No practice has come yet.\nTo bring one: reminderd now\n"


def test_wrong_usage_is_2(person: Person) -> None:
    """A usage error is told by click, with where the help is."""
    said = person.run("respond", "perhaps")
    assert said.code == 2
    assert "reminderd respond --help" in said.err


def test_a_broken_database_is_told_plainly(person: Person) -> None:
    """A file that is no database is left untouched and named."""
    person.database.parent.mkdir(parents=True)
    person.database.write_text("not a database at all, not even nearly " * 40)
    said = person.run("status")
    assert said.code == 1
    assert str(person.database) in said.err
    assert "Traceback" not in said.err


def test_odd_records_in_a_held_database_are_no_defect(person: Person) -> None:
    """They would be taken out, which has to wait; the person reads what it waits for."""
    person.run("now")
    with closing(sqlite3.connect(person.database, isolation_level=None)) as other:
        other.execute("REPLACE INTO state VALUES ('daemon', '7')")
        other.execute("BEGIN IMMEDIATE")
        held = person.run("status")
        other.execute("ROLLBACK")
    assert (held.code, held.err.startswith("Another program holds")) == (1, True), held.err
    assert "recorded of itself" in person.run("status").err
    assert person.run("status").code == 0


def test_a_defect_is_3_with_a_log(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One plain line that blames the program, and a traceback in a file."""
    break_with(monkeypatch, TypeError("no such argument"))
    said = cli("status")
    assert said.code == 3
    assert said.err.count("\n") == 1
    assert "defect of reminderd" in said.err
    assert str(crash_file(person)) in said.err
    kept = crash_file(person).read_text()
    assert "TypeError: no such argument" in kept
    assert "open_store" in kept


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/somewhere"),
        PermissionError(errno.EACCES, "Permission denied"),
        PermissionError(errno.EPERM, "Operation not permitted", "/somewhere"),
    ],
    ids=repr,
)
def test_what_no_closed_folder_explains_is_a_defect(
    error: OSError, cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_with(monkeypatch, error)
    assert cli("status").code == 3
    assert type(error).__name__ in crash_file(person).read_text()


def test_the_log_of_a_defect_is_private(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a file that others could read was there before."""
    crash_file(person).parent.mkdir(parents=True)
    crash_file(person).write_text("old")
    crash_file(person).chmod(0o644)
    break_with(monkeypatch, TypeError())
    cli("status")
    assert stat.S_IMODE(crash_file(person).stat().st_mode) == 0o600
    assert stat.S_IMODE(crash_file(person).parent.stat().st_mode) == 0o700
    assert "old" not in crash_file(person).read_text()


@pytest.mark.parametrize("is_there", [True, False])
def test_the_log_of_a_defect_is_not_written_where_a_link_leads(
    is_there: bool, cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the link's place."""
    target = person.home / "target"
    if is_there:
        target.write_text("something else")
    crash_file(person).parent.mkdir(parents=True)
    crash_file(person).symlink_to(target)
    break_with(monkeypatch, TypeError())
    cli("status")
    assert "TypeError" in crash_file(person).read_text()
    assert not crash_file(person).is_symlink()
    assert target.exists() is is_there
    assert not is_there or target.read_text() == "something else"


@pytest.mark.parametrize("args", [("note", f"--note={WORDS}"), ("note", "--note", "-")])
def test_no_note_gets_into_the_log(
    args: tuple[str, ...], cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither from a variable nor from the text of a failure that quotes it."""

    def broken(_store: object, _prompt: object, note: str, _present: object) -> None:
        cause = KeyError(note)
        raise ValueError(f"cannot store {note}") from cause

    monkeypatch.setattr(respond, "note_practice", broken)
    said = cli(*args, text=WORDS)
    assert said.code == 3
    kept = crash_file(person).read_text()
    assert "ValueError" in kept
    assert "KeyError" in kept
    assert WORDS not in kept + said.err + said.out


def test_a_log_that_cannot_be_written_is_told_too(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second failure does not hide the first."""
    (person.home / ".local").write_text("in the way")
    break_with(monkeypatch, RuntimeError())
    said = cli("status")
    assert said.code == 3
    assert "could not be written" in said.err


def test_ctrl_c_is_130(person: Person) -> None:
    """An interrupted question ends quietly."""
    terminal = person.terminal("note")
    terminal.expect("Note")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert str(terminal.before).endswith("\r\n")  # the shell's prompt begins a line of its own
    assert "Traceback" not in str(terminal.before)


def test_the_end_of_input_is_130(person: Person) -> None:
    """So does one that is answered with the end of the input."""
    terminal = person.terminal("note")
    terminal.expect("Note")
    terminal.sendeof()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130


def test_an_interrupt_while_it_works_is_130(person: Person) -> None:
    """Wherever the signal hits, no traceback is shown."""
    process = watched(
        lambda: subprocess.Popen(
            [sys.executable, "-m", "reminderd", "note", "--note", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=person.env,
        )
    )
    while not person.database.exists():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "args",
    [
        *(("history",), ("history", "--json"), ("--help",)),
        *(("config", "show"), ("prompts", "list"), ("setup", "--yes")),
    ],
    ids=" ".join,
)
def test_a_closed_pipe_is_quiet(args: tuple[str, ...], person: Person) -> None:
    """Who reads only the beginning has read enough."""
    for _ in range(3):
        person.brought(answers=(Answer.DONE,))
    reader, writer = os.pipe()
    os.close(reader)
    try:
        said = person.run(*args, stdout=writer)
    finally:
        os.close(writer)
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize("command", ["status", "--help", "--version"])
def test_a_full_disk_is_told(command: str, person: Person) -> None:
    """Output that cannot be written is an expected failure."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 -- a device
        said = person.run(command, stdout=full)
    assert said.code == 1
    assert said.err == "The output could not be written: No space left on device.\n"


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_colour_is_off_where_it_is_not_wanted(env: dict[str, str], person: Person) -> None:
    """NO_COLOR and a dumb terminal are heeded."""
    person.extra |= env
    terminal = person.terminal("status")
    terminal.expect(pexpect.EOF)
    assert "not running" in str(terminal.before)
    assert "\x1b[" not in str(terminal.before)


def test_a_terminal_has_bold_and_a_pipe_is_plain(person: Person) -> None:
    """Only a terminal gets escape sequences."""
    terminal = person.terminal("status")
    terminal.expect(pexpect.EOF)
    assert "\x1b[1m" in str(terminal.before)
    assert "\x1b[" not in person.run("status").out


def test_letters_that_the_output_lacks_are_no_defect(person: Person) -> None:
    """A practice in another alphabet is shown as far as the terminal can."""
    person.brought(text=replace(TEXT, title="A greeting: 你好"))
    said = person.run("show", env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"})
    assert said.code == 0
    assert "A greeting: ??" in said.out
