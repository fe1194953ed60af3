"""show, respond and note: an answer is one short line away, and what was written is kept."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd import bootstrap
from reminderd.adapters import kinds
from reminderd.cli import practise
from reminderd.core.model import Answer, When
from tests.cli.people import NOW, TEXT

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person

SHOW_KEYS = {
    *("delivery", "slot", "kind", "prompt", "tip", "title", "body", "cue", "when", "shown_at"),
    *("outcome", "open", "response"),
}


def answers(person: Person) -> list[tuple[str | None, str | None]]:
    """Return what was answered and noted, newest first."""
    store = person.store()
    found = [(one.response and one.response.value, one.note) for one in store.reading.history(100)]
    store.close()
    return found


# show


def test_show_has_the_whole_practice(cli: Cli, person: Person) -> None:
    """Title, text, cue, when it came, and how to answer it."""
    person.brought(at_=NOW - timedelta(minutes=5))
    said = cli("show")
    for part in (TEXT.title, TEXT.body, TEXT.cue, "take-it-slow, today 10:55"):
        assert part in said.out
    assert "reminderd respond done" in said.out


def test_show_asks_to_try_what_is_for_the_next_occasion(cli: Cli, person: Person) -> None:
    """Nobody has to claim what they have not done yet."""
    person.brought(at_=NOW, text=replace(TEXT, when=When.NEXT))
    assert "reminderd respond taken" in cli("show").out


def test_show_tells_the_answer(cli: Cli, person: Person) -> None:
    """What was answered, and how to change it."""
    person.brought(at_=NOW, answers=(Answer.NOT_TODAY,))
    said = cli("show").out
    assert "answered: not today" in said
    assert practise.HOW_TO_CHANGE in said


def test_show_of_an_old_one_says_how_to_answer_it_still(cli: Cli, person: Person) -> None:
    """After six hours nothing is open, and it can be answered all the same."""
    person.brought(at_=NOW - timedelta(hours=7))
    assert "--delivery last" in cli("show").out


def test_show_json(cli: Cli, person: Person) -> None:
    """Everything, with times that carry their offset."""
    person.brought(at_=NOW)
    found = cli("show", "--json").json
    assert set(found) == SHOW_KEYS
    assert found["shown_at"] == "2026-11-22T11:00:00+01:00"
    assert found["open"] is True
    assert found["response"] is None


def test_show_before_anything_came(cli: Cli) -> None:
    """Says so kindly, and what to do."""
    said = cli("show", "--json")
    assert said.code == 1
    assert practise.NOTHING_YET in said.err


def test_show_prints_nothing_that_a_terminal_obeys(cli: Cli, person: Person) -> None:
    """A deck from anywhere cannot command the terminal or turn its text around."""
    person.brought(
        at_=NOW, text=replace(TEXT, title="Hm\x1b[2J\nand", body="a\x07b\u202ec", cue="\x9bm")
    )
    said = cli("show").out
    assert "Hm[2J and" in said
    assert "abc" in said
    assert not set(said) & set("\x1b\x07\u202e\x9b")


def test_show_folds_on_a_terminal(person: Person) -> None:
    """On a narrow terminal no word is cut."""
    person.brought(text=replace(TEXT, body="umbrella " * 20))
    terminal = person.terminal("show", columns=40)
    terminal.expect(pexpect.EOF)
    lines = str(terminal.before).split("\r\n")
    assert max(len(line) for line in lines if "umbrella" in line) < 40


# respond


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("done", practise.NOTED),
        ("taken", practise.NOTED_TAKEN),
        ("hard", practise.NOTED_HARD),
        ("later", practise.LATER_ASLEEP),
        ("not-today", practise.RESTS),
        ("not-for-me", practise.GONE.format(prompt="slow-what-they-did")),
    ],
)
def test_each_answer_is_kept_and_met_with_one_line(
    answer: str, said: str, cli: Cli, person: Person
) -> None:
    """One short line each, without a mark on the person."""
    person.brought(at_=NOW)
    assert cli("respond", answer).out == f"{said}\n"
    assert answers(person) == [(answer, None)]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("Done",), "done"),
        (("I'll try",), "taken"),
        (("I\u2019ll", "try"), "taken"),
        (("hard", "today"), "hard"),
        (("not", "for", "me"), "not-for-me"),
        (("Not", "--delivery", "last", "today"), "not-today"),
    ],
)
def test_what_stands_on_the_buttons_is_understood(
    words: tuple[str, ...], answer: str, cli: Cli, person: Person
) -> None:
    """In one word or several."""
    person.brought(at_=NOW)
    assert cli("respond", *words, "--json").json["response"] == answer


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dnoe",), "Did you mean done?"),
        (("I'l", "try"), "Did you mean taken?"),
        (("perhaps",), practise.UNDERSTOOD),
        ((), practise.UNDERSTOOD),
    ],
)
def test_what_is_no_answer_is_told_with_what_is(
    words: tuple[str, ...], said: str, cli: Cli, person: Person
) -> None:
    """A near miss has a guess; nothing is stored."""
    person.brought(at_=NOW)
    told = cli("respond", *words)
    assert told.code == 2
    assert said in told.err
    assert practise.UNDERSTOOD in told.err
    assert answers(person) == [(None, None)]


def test_respond_json(cli: Cli, person: Person) -> None:
    """The delivery, and the answer that counts."""
    identifier = person.brought(at_=NOW)
    found = cli("respond", "hard", "--json").json
    assert found == {"delivery": identifier, "response": "hard"}


def test_respond_without_anything_open(cli: Cli, person: Person) -> None:
    """Nothing is stored, and it says how to answer the newest all the same."""
    person.brought(at_=NOW, answers=(Answer.DONE,))
    said = cli("respond", "hard")
    assert said.code == 1
    assert "--delivery last" in said.err
    assert answers(person) == [("done", None)]


def test_respond_before_anything_came(cli: Cli) -> None:
    """Says so, and what to do."""
    said = cli("respond", "done")
    assert said.code == 1
    assert "reminderd now" in said.err


def test_an_answer_can_be_corrected(cli: Cli, person: Person) -> None:
    """The last one counts."""
    person.brought(at_=NOW, answers=(Answer.DONE,))
    cli.now += timedelta(minutes=1)
    assert cli("respond", "hard", "--delivery", "last").code == 0
    assert answers(person) == [("hard", None)]


def test_not_for_me_can_be_taken_back(cli: Cli, person: Person) -> None:
    """Correcting it lets the practice come again, and says so."""
    person.brought(at_=NOW)
    cli("respond", "not-for-me")
    cli.now += timedelta(minutes=1)
    assert practise.BACK_AGAIN in cli("respond", "done", "--delivery", "last").out
    store = person.store()
    assert store.answers.disabled() == frozenset()
    store.close()


def test_a_delivery_is_named_by_how_its_id_begins(cli: Cli, person: Person) -> None:
    """As much of it as no other begins with."""
    older = person.brought(at_=NOW - timedelta(days=30))
    person.brought(at_=NOW)
    assert cli("respond", "done", "--delivery", older[:8], "--json").json["delivery"] == older
    assert cli("respond", "hard", "--delivery", older.upper(), "--json").json["delivery"] == older


@pytest.mark.parametrize("text", ["zz", "%", "", "01a2037e-87a1-78d9-b05b-2aee8d2cbd94", "'"])
def test_an_unknown_delivery_is_told(text: str, cli: Cli, person: Person) -> None:
    """Also where it looks like something else to a database."""
    person.brought(at_=NOW)
    said = cli("respond", "done", "--delivery", text)
    assert said.code == 1
    assert "history --json" in said.err


def test_an_ambiguous_delivery_is_told(cli: Cli, person: Person) -> None:
    """Two that begin alike are not guessed between."""
    one = person.brought(at_=NOW - timedelta(seconds=1))
    other = person.brought(at_=NOW)
    shared = next(i for i in range(36) if one[i] != other[i])
    said = cli("respond", "done", "--delivery", one[:shared])
    assert said.code == 1
    assert "More of the id" in said.err


def test_later_may_say_when(cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --for the time is known, and said."""
    monkeypatch.setattr(bootstrap, "wake", lambda _: True)
    person.brought(at_=NOW)
    assert cli("respond", "later", "--for", "40m").out == "It comes again in about 40 minutes.\n"
    cli.now += timedelta(minutes=1)
    assert cli("respond", "later", "--delivery", "last").out == f"{practise.LATER}\n"
    store = person.store()
    (_, _, length) = store.deliveries.snoozed()[0]
    assert length is None
    store.close()


@pytest.mark.parametrize(
    ("length", "said"),
    [
        ("1s", "It comes again in a moment."),
        ("29s", "It comes again in a moment."),
        ("45s", "It comes again in about a minute."),
        ("1m", "It comes again in about a minute."),
        ("90s", "It comes again in about 2 minutes."),
        ("1h", "It comes again in about 1 hour."),
    ],
)
def test_a_short_later_is_said_sensibly(
    length: str, said: str, cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never in about no minutes."""
    monkeypatch.setattr(bootstrap, "wake", lambda _: True)
    person.brought(at_=NOW)
    assert cli("respond", "later", "--for", length).out == f"{said}\n"


def test_a_third_later_rests(cli: Cli, person: Person) -> None:
    """Twice again is enough."""
    identifier = person.brought(at_=NOW)
    store = person.store(NOW)
    store._db.write("UPDATE delivery SET showing = 3 WHERE id = ?", identifier)  # noqa: SLF001
    store.close()
    found = cli("respond", "later", "--json").json
    assert found["response"] == "not-today"


@pytest.mark.parametrize(
    ("length", "hint"),
    [("24h", "not-today"), ("2d", "not-today"), ("20", "20m"), ("soon", "90m"), ("0m", "1s")],
)
def test_a_length_that_does_not_fit_is_told(
    length: str, hint: str, cli: Cli, person: Person
) -> None:
    """Nothing is stored, and it says what would do."""
    person.brought(at_=NOW)
    said = cli("respond", "later", "--for", length)
    assert said.code == 1
    assert hint in said.err
    assert answers(person) == [(None, None)]


def test_a_length_may_reach_past_midnight(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the usual one does; it is good until the end of the date on which it comes."""
    monkeypatch.setattr(bootstrap, "wake", lambda _: True)
    person.brought(at_=NOW)
    assert cli("respond", "later", "--for", "13h").out == "It comes again in about 13 hours.\n"


def test_for_goes_with_later_alone(cli: Cli, person: Person) -> None:
    """Anything else is wrong usage."""
    person.brought(at_=NOW)
    assert cli("respond", "done", "--for", "20m").code == 2


# notes


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
    piped = subprocess.run(
        [sys.executable, "-m", "reminderd", *args, "--note", "-"],
        input=b"caf\xe9",
        capture_output=True,
        check=False,
        env=person.env,
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
        sys.executable, command, env=person.env, timeout=30
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
    ("words", "said"),
    [
        (("a walk",), "reminderd note --note 'a walk'"),
        (("a", "walk"), "reminderd note --note 'a walk'"),
        (("walk",), "reminderd note --note walk"),
        (("slow-small-ask",), "reminderd note --prompt slow-small-ask"),
    ],
)
def test_a_text_without_its_option_is_told_with_it(
    words: tuple[str, ...], said: str, cli: Cli, person: Person
) -> None:
    """As it can be copied."""
    told = cli("note", *words)
    assert told.code == 2
    assert told.err.rstrip().endswith(said)
    assert answers(person) == []


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


def test_json_is_all_that_is_printed(person: Person) -> None:
    """Standard output is JSON and nothing else."""
    person.brought()
    assert json.loads(person.run("respond", "done", "--json").out)["response"] == "done"
