"""history: what came, and what was answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.cli import past
from reminderd.cli.output import cells
from reminderd.core.model import Answer
from tests.cli.people import NOW, TEXT

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person

KEYS = [
    *("id", "slot", "kind", "prompt", "tip", "planned_at", "shown_at", "outcome", "reason"),
    *("response", "note", "device"),
]


def test_json_has_the_keys_of_the_contract(cli: Cli, person: Person) -> None:
    """These and no others, with local times; the note is always in it."""
    identifier = person.brought(at_=NOW, answers=(Answer.HARD,), note="a thought")
    (found,) = cli("history", "--json").json
    assert list(found) == KEYS
    device = found.pop("device")
    assert len(device) == 16
    assert found == {
        "id": identifier,
        "slot": None,
        "kind": "now",
        "prompt": "slow-what-they-did",
        "tip": "take-it-slow",
        "planned_at": "2026-11-22T11:00:00+01:00",
        "shown_at": "2026-11-22T11:00:00+01:00",
        "outcome": "shown",
        "reason": None,
        "response": "hard",
        "note": "a thought",
    }


def test_nothing_yet(cli: Cli) -> None:
    """An empty list, and in words what to do."""
    assert cli("history", "--json").json == []
    assert cli("history").out == f"{past.NO_HISTORY}\n"


def test_in_words(cli: Cli, person: Person) -> None:
    """Newest first: when, what, and what became of it, in people's words."""
    person.brought(at_=NOW - timedelta(days=330), answers=(Answer.TAKEN,))
    person.brought(at_=NOW - timedelta(hours=9), outcome="missed")
    person.brought(at_=NOW - timedelta(hours=3), outcome="failed")
    person.brought(at_=NOW - timedelta(hours=2), answers=(Answer.LATER, Answer.NOT_TODAY))
    person.brought(at_=NOW - timedelta(hours=1))
    cli("note", "--note=mine", "--prompt", "slow-small-ask")
    assert cli("history").out.splitlines() == [
        "sun 22 nov 11:00       slow-small-ask              noted",
        "sun 22 nov 10:00       What somebody actually did",
        "sun 22 nov  9:00       What somebody actually did  not today",
        "sun 22 nov  8:00       What somebody actually did  not delivered",
        "sun 22 nov  2:00                                   let go (quiet hours)",
        "sat 27 dec 2025 11:00  What somebody actually did  I'll try",
    ]


def test_notes_are_shown_on_request(cli: Cli, person: Person) -> None:
    """Indented under their line, and else kept out of sight."""
    person.brought(at_=NOW, answers=(Answer.DONE,), note="first\nsecond")
    assert "first" not in cli("history").out
    assert cli("history", "--notes").out.splitlines()[1:] == ["    first", "    second"]


def test_the_newest_are_shown(cli: Cli, person: Person) -> None:
    """Twenty lines for people, all for programs, so many as asked for both."""
    for count in range(25):
        person.brought(at_=NOW - timedelta(minutes=count), prompt=f"p-{count}")
    assert len(cli("history").out.splitlines()) == 20
    assert len(cli("history", "--json").json) == 25
    limited = cli("history", "--json", "--limit", "2").json
    assert [one["prompt"] for one in limited] == ["p-0", "p-1"]
    assert cli("history", "--limit", "0").code == 2


def test_times_are_those_of_where_it_happened(cli: Cli, person: Person) -> None:
    """A practice at nine in Tokyo stays one at nine; an unknown place is taken as here."""
    one = person.brought(at_=NOW - timedelta(minutes=2))
    other = person.brought(at_=NOW - timedelta(minutes=1))
    store = person.store()
    for identifier, zone in ((one, "Asia/Tokyo"), (other, "UTC+03:00")):
        store._db.write(  # noqa: SLF001 -- another machine's row
            "UPDATE delivery SET zone = ? WHERE id = ?", zone, identifier
        )
    store.close()
    newer, older = cli("history", "--json").json
    assert older["shown_at"] == "2026-11-22T18:58:00+09:00"
    assert newer["shown_at"] == "2026-11-22T10:59:00+01:00"
    assert "18:58" in cli("history").out


def test_wide_letters_keep_the_columns(cli: Cli, person: Person) -> None:
    """What takes two columns counts as two, what takes none as none."""
    titles = ("你好", "cafe\u0301", "plain one")
    for count, title in enumerate(titles):
        text = replace(TEXT, title=title)
        person.brought(at_=NOW - timedelta(minutes=count), text=text, answers=(Answer.DONE,))
    assert [line[18:] for line in cli("history").out.splitlines()] == [
        "你好       done",
        "cafe\u0301       done",
        "plain one  done",
    ]


@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_a_narrow_terminal_gets_shorter_titles(columns: int, person: Person) -> None:
    """Lines do not break where the terminal has room for the rest."""
    person.brought(text=replace(TEXT, title="你好 what somebody actually did there"))
    person.brought(answers=(Answer.DONE,))
    terminal = person.terminal("history", columns=columns)
    terminal.expect(pexpect.EOF)
    lines = str(terminal.before).split("\r\n")
    assert any("done" in line for line in lines)
    if columns >= 40:
        assert max(map(cells, lines)) < columns


def test_a_title_cannot_command_the_terminal(cli: Cli, person: Person) -> None:
    """Nor can a note that came from another machine."""
    text = replace(TEXT, title="a\x1b[2Jb\nc")
    person.brought(at_=NOW, text=text, answers=(Answer.DONE,), note="n\x1b[31mo\u202ete")
    said = cli("history", "--notes").out
    assert not set(said) & set("\x1b\u202e")
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("limit", ["99999999999999999999", str(2**31), "0", "-1"])
def test_a_limit_has_bounds(limit: str, cli: Cli) -> None:
    """What no database can count to is wrong usage, and no defect."""
    assert cli("history", "--limit", limit).code == 2
    assert cli("history", "--limit", str(2**31 - 1)).code == 0
