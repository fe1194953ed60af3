"""Notes, beside an answer or by themselves: what was written is kept, and shown to nobody."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.adapters import kinds
from reminderd.cli import notes
from tests.cli.people import NOW, answers
from tests.integration.no_network import begin_watch, watched

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--note=a thought",), ""),
        (("--note", "a thought"), ""),
        (("--note", "-"), "a thought"),
        (("--note", "-", "--json"), "  a thought \n\n"),
    ],
)
def test_a_note_goes_with_the_answer(
    args: tuple[str, ...], text: str, cli: Cli, person: Person
) -> None:
    """Given, or read from standard input."""
    person.brought(at_=NOW)
    assert cli("respond", "done", *args, text=text).code == 0
    assert answers(person) == [("done", "a thought")]


def test_a_note_is_asked_for_on_a_terminal(person: Person) -> None:
    """--note alone asks; the shell's memory has nothing of it."""
    person.brought()
    terminal = person.terminal("respond", "done", "--note", "--json")
    terminal.expect("Note: ")
    terminal.sendline("smaller than I feared")
    terminal.expect(pexpect.EOF)
    assert answers(person) == [("done", "smaller than I feared")]


def test_no_note_is_asked_for_in_vain(person: Person) -> None:
    """Where nothing is open nobody is to write first and be told then."""
    terminal = person.terminal("respond", "done", "--note")
    terminal.expect(pexpect.EOF)
    assert "Note" not in str(terminal.before)
    assert "nothing to answer yet" in str(terminal.before)


@pytest.mark.parametrize("args", [("respond", "done", "--note"), ("note",), ("note", "--note")])
def test_without_a_terminal_nothing_is_asked(args: tuple[str, ...], cli: Cli) -> None:
    """It is wrong usage, and says what to use."""
    said = cli(*args)
    assert said.code == 2
    assert "--note -" in said.err


def test_a_note_is_cleaned(cli: Cli, person: Person) -> None:
    """Nothing that a terminal would obey is kept; lines and tabs are."""
    assert cli("note", "--note", "-", text="one\r\ntwo\t\0\x1b[31mthree\x85\n").code == 0
    assert answers(person) == [("done", "one\ntwo\t[31mthree")]


@pytest.mark.parametrize("args", [("note",), ("respond", "done")])
def test_a_note_that_is_no_text_is_not_changed_in_silence(
    args: tuple[str, ...], person: Person
) -> None:
    """Bytes that are not UTF-8, piped or given: nothing is stored, and it says what to do."""
    person.brought()
    piped = watched(
        lambda: subprocess.run(
            [sys.executable, "-m", "reminderd", *args, "--note", "-"],
            input=b"caf\xe9",
            capture_output=True,
            check=False,
            env=person.env,
        )
    )
    assert (piped.returncode, b"iconv" in piped.stderr) == (1, True)
    given = person.run(*args, "--note=caf\udce9")
    assert (given.code, "UTF-8" in given.err) == (1, True)
    assert answers(person) == [(None, None)]


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_typed_note_that_is_no_text_is_told(errors: str, person: Person) -> None:
    """A terminal that sends Latin-1 is no defect, whatever Python makes of its bytes."""
    person.extra["PYTHONIOENCODING"] = f"utf-8:{errors}"
    command = ["-m", "reminderd", "note"]
    terminal: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, command, env=person.env, timeout=30, preexec_fn=begin_watch
    )
    terminal.expect(b"Note: ")
    terminal.sendline(b"caf\xe9")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 1
    assert "UTF-8" in repr(terminal.before)
    assert answers(person) == []


def test_a_note_at_its_bound_is_text_still(cli: Cli, person: Person) -> None:
    """No letter is cut in two by reading only so much."""
    said = cli("note", "--note", "-", text="x" * 3 + "\U0001f642" * 10_001)
    assert (said.code, "10,000" in said.err) == (1, True)


def test_a_note_has_room(cli: Cli, person: Person) -> None:
    """Ten thousand characters, of whatever width."""
    assert cli("note", "--note", "-", text="好" * 10_000).code == 0
    assert answers(person) == [("done", "好" * 10_000)]


@pytest.mark.parametrize("letter", ["x", "好", "\U0001f642"])
def test_a_longer_note_is_not_cut_in_silence(letter: str, cli: Cli, person: Person) -> None:
    """It says so, and stores neither note nor answer."""
    person.brought(at_=NOW)
    said = cli("respond", "done", "--note", "-", text=letter * 10_001)
    assert said.code == 1
    assert "10,000" in said.err
    assert answers(person) == [(None, None)]


def test_an_empty_note_is_none(cli: Cli, person: Person) -> None:
    """An answer with an empty note is an answer."""
    person.brought(at_=NOW)
    assert cli("respond", "done", "--note=").code == 0
    assert answers(person) == [("done", None)]


@pytest.mark.parametrize("text", ["", "  ", "\n\t", "\x1b"])
def test_an_empty_note_of_nothing_is_not_stored(text: str, cli: Cli, person: Person) -> None:
    """It would be a line without a word; with its prompt it says something."""
    for args in (("--note", text), ("--note", "-")):
        said = cli("note", *args, text=text)
        assert (said.code, said.out) == (1, "")
        assert "reminderd note" in said.err
    assert answers(person) == []
    assert cli("note", "--prompt", "slow-small-ask", "--note=").code == 0
    assert answers(person) == [("done", None)]


@pytest.mark.parametrize(
    "words",
    [
        ("a walk",),
        ("walked", "to", "the", "lake"),
        ("slow-small-ask",),
        ("--note", "walked", "to", "the", "lake"),
        ("--note=walked", "to", "the", "lake"),
    ],
    ids=" ".join,
)
def test_a_text_that_came_apart_is_asked_for(
    words: tuple[str, ...], cli: Cli, person: Person
) -> None:
    """Nothing of it is kept, lost or said again: it would end up in the shell's memory."""
    told = cli("note", *words)
    assert (told.code, told.out) == (2, "")
    assert notes.APART in told.err
    assert notes.HOW_TO_NOTE in told.err
    assert not {"walk", "walked", "lake", "slow-small-ask"} & set(re.findall("[a-z-]+", told.err))
    assert answers(person) == []


def test_a_text_that_came_apart_beside_an_answer_is_told(cli: Cli, person: Person) -> None:
    """It is no answer of several words, and nothing of it is said again."""
    person.brought(at_=NOW)
    told = cli("respond", "done", "--note", "walked", "to", "the", "lake")
    assert (told.code, told.out) == (2, "")
    assert notes.APART in told.err
    assert "lake" not in told.err
    assert answers(person) == [(None, None)]
    assert "Did you mean done?" in cli("respond", "dnoe", "--note=x").err


def test_a_practice_by_itself_is_noted(cli: Cli, person: Person) -> None:
    """With or without the prompt that it was like."""
    assert cli("note", "--note=x").out == "Noted.\n"
    cli.now += timedelta(minutes=1)
    found = cli("note", "--prompt", "slow-small-ask", "--note=y", "--json").json
    assert set(found) == {"id", "prompt"}
    newest = cli("history", "--json").json[0]
    assert (newest["id"], newest["kind"]) == (found["id"], "note")
    assert (newest["prompt"], newest["note"]) == ("slow-small-ask", "y")


@pytest.mark.parametrize(
    "name", ["Slow", "a b", "-", "x" * (kinds.LONGEST_SLUG + 1), "a--b", "a\n"]
)
def test_what_is_no_prompt_id_is_wrong_usage(name: str, cli: Cli) -> None:
    """Its shape is known without the decks."""
    assert cli("note", f"--prompt={name}", "--note=x").code == 2


def test_the_longest_id_of_a_deck_can_be_noted(cli: Cli) -> None:
    """The bound is that of the decks."""
    assert cli("note", f"--prompt={'x' * kinds.LONGEST_SLUG}", "--note=x").code == 0


def test_what_is_stored_is_private(person: Person) -> None:
    """Files and folders are the person's alone."""
    person.run("note", "--note=x")
    assert stat.S_IMODE(person.database.stat().st_mode) == 0o600
    assert stat.S_IMODE(person.database.parent.stat().st_mode) == 0o700


def test_a_note_from_a_closed_input_is_told(person: Person) -> None:
    """Nothing is answered with a note that is not there."""
    person.brought()
    program = [sys.executable, "-m", "reminderd", "respond", "done", "--note", "-"]
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *program]
    done = watched(lambda: subprocess.run(closed, capture_output=True, check=False, env=person.env))
    assert (done.returncode, notes.NOTHING_TO_READ.encode() in done.stderr) == (1, True)
    assert answers(person) == [(None, None)]
