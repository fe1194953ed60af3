"""show and respond: an answer is one short line away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd import bootstrap
from reminderd.cli import practise
from reminderd.core.model import Answer, When
from reminderd.core.words import ACKNOWLEDGED, KEEPS_PACE
from tests.cli.people import NOW, TEXT, answers

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person

SHOW_KEYS = {
    *("delivery", "slot", "kind", "prompt", "tip", "title", "body", "cue", "when", "shown_at"),
    *("outcome", "open", "response"),
}


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
        ("done", ACKNOWLEDGED["done"]),
        ("taken", ACKNOWLEDGED["taken"]),
        ("hard", ACKNOWLEDGED["hard"]),
        ("later", practise.LATER_ASLEEP),
        ("not-today", ACKNOWLEDGED["not-today"]),
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


def test_a_later_in_a_pause_says_until_when(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be let go before that ends, so nothing else is promised."""
    monkeypatch.setattr(bootstrap, "wake", lambda _: True)
    person.brought(at_=NOW)
    cli("pause", "2h")
    said = cli("respond", "later", "--for", "5m").out
    assert said == f"{practise.LATER_PAUSED.format(until='13:00')}\n"
    cli.now += timedelta(minutes=1)
    said = cli("respond", "later", "--for", "3h", "--delivery", "last").out
    assert said == f"{practise.LATER_IN.format(length='3 hours')}\n", "it is over by then"


def test_later_may_say_when(cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --for the time is known, and said."""
    monkeypatch.setattr(bootstrap, "wake", lambda _: True)
    person.brought(at_=NOW)
    assert (
        cli("respond", "later", "--for", "40m").out
        == "It comes again in about 40 minutes, at a good moment.\n"
    )
    cli.now += timedelta(minutes=1)
    assert cli("respond", "later", "--delivery", "last").out == f"{ACKNOWLEDGED['later']}\n"
    store = person.store()
    (_, _, length) = store.deliveries.snoozed()[0]
    assert length is None
    store.close()


@pytest.mark.parametrize(
    ("length", "said"),
    [
        ("1s", "It comes again at the next good moment."),
        ("29s", "It comes again at the next good moment."),
        ("45s", "It comes again in about a minute, at a good moment."),
        ("1m", "It comes again in about a minute, at a good moment."),
        ("90s", "It comes again in about 2 minutes, at a good moment."),
        ("1h", "It comes again in about 1 hour, at a good moment."),
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
    assert (
        cli("respond", "later", "--for", "13h").out
        == "It comes again in about 13 hours, at a good moment.\n"
    )


def test_for_goes_with_later_alone(cli: Cli, person: Person) -> None:
    """Anything else is wrong usage."""
    person.brought(at_=NOW)
    assert cli("respond", "done", "--for", "20m").code == 2


def test_json_is_all_that_is_printed(person: Person) -> None:
    """Standard output is JSON and nothing else."""
    person.brought()
    assert json.loads(person.run("respond", "done", "--json").out)["response"] == "done"


@pytest.mark.parametrize("words", [("reading", "is", "enough"), ("Reading is enough",)])
def test_reading_is_enough_as_the_button_says(
    words: tuple[str, ...], cli: Cli, person: Person
) -> None:
    """The pace stays as it was set; the practice stays open, and how to undo it is said."""
    person.brought(at_=NOW)
    said = cli("respond", *words)
    assert (said.code, said.out, said.err) == (0, f"{KEEPS_PACE}\n", "")
    assert "back_off = false" in person.config.read_text("utf-8")
    assert cli("status", "--json").json["open"]
    assert cli("config", "get", "pace.back_off").out == "false\n"


def test_reading_is_enough_where_a_variable_wins(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, or nothing would seem to happen."""
    monkeypatch.setenv("REMINDERD_PACE__BACK_OFF", "true")
    assert "REMINDERD_PACE__BACK_OFF is set too" in cli("respond", "reading is enough").out
