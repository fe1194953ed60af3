"""Decks: what is read, what is refused, and that one bad file never stops the others."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reminderd.adapters import deck_folder, decks
from reminderd.adapters.deck_problems import staying
from reminderd.adapters.deck_text import deck_text
from reminderd.adapters.decks import LoadedDecks, check_deck, load_decks
from reminderd.adapters.resources import prompts_dir
from reminderd.core.model import Needs, Prompt, When
from reminderd.errors import DeckError

if TYPE_CHECKING:
    from pathlib import Path

ONE = """\
[[prompt]]
id = "one"
tip = "noticing"
basis = "notice.terse"
when = "now"
needs = "nobody"
title = "The title"
body = "The body."
cue = "If this, then that."
gentler = "Less."
"""
KEYS = ("id", "tip", "basis", "when", "needs", "title", "body", "cue", "gentler")


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """The folder of the bundled decks, with two prompts."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    (folder / "a.toml").write_text('deck = "main"\n' + ONE + ONE.replace('"one"', '"two"'))
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of the person's own decks, empty."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def lines(loaded: LoadedDecks) -> list[str]:
    """Return everything that is told, line by line."""
    return [line for problem in loaded.problems for line in problem.message.split("\n")]


def problem_of(bundled: Path, own: Path, text: str | bytes) -> str:
    """Return the one line that a deck is left out with, while a good one beside it is read."""
    (own / "bad.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    (own / "good.toml").write_text(ONE.replace('"one"', '"good"'))
    loaded = load_decks(bundled, own)
    assert [prompt.id for prompt in loaded.prompts] == ["one", "two", "good"]
    (line,) = lines(loaded)
    assert line.startswith(f"{own / 'bad.toml'}")
    assert line.isprintable()
    return line.removeprefix(f"{own / 'bad.toml'}")


def test_a_prompt_is_read_whole(bundled: Path, own: Path) -> None:
    """Each field in its place."""
    loaded = load_decks(bundled, own)
    assert loaded.prompts[0] == Prompt(
        id="one",
        deck="main",
        tip="noticing",
        basis="notice.terse",
        when=When.NOW,
        needs=Needs.NOBODY,
        title="The title",
        body="The body.",
        cue="If this, then that.",
        gentler="Less.",
        first=False,
    )
    assert loaded.problems == ()
    assert not loaded.origins["one"].is_own


def test_without_an_own_folder_the_bundled_decks_are_there(bundled: Path, tmp_path: Path) -> None:
    """Nobody has to make one."""
    assert len(load_decks(bundled, tmp_path / "nowhere").prompts) == 2


def test_an_own_deck_is_named_by_its_file(bundled: Path, own: Path) -> None:
    """Where it does not name itself."""
    (own / "my-deck.toml").write_text(ONE.replace('"one"', '"mine"'))
    (own / "other.toml").write_text(
        'deck = "named"\nabout = "x"\n' + ONE.replace('"one"', '"yours"')
    )
    loaded = load_decks(bundled, own)
    assert [prompt.deck for prompt in loaded.prompts] == ["main", "main", "my-deck", "named"]
    assert loaded.origins["mine"].is_own
    assert loaded.origins["mine"].path == own / "my-deck.toml"


def test_an_own_prompt_takes_the_place_of_a_bundled_one(bundled: Path, own: Path) -> None:
    """And stays the first practice where that was."""
    (bundled / "a.toml").write_text(ONE + "first = true\n" + ONE.replace('"one"', '"two"'))
    (own / "mine.toml").write_text(ONE.replace("The title", "Mine"))
    loaded = load_decks(bundled, own)
    assert [(prompt.id, prompt.title) for prompt in loaded.prompts] == [
        ("one", "Mine"),
        ("two", "The title"),
    ]
    assert loaded.prompts[0].first
    assert loaded.origins["one"].is_own


def test_the_same_id_twice_is_the_later_files_mistake(bundled: Path, own: Path) -> None:
    """The first in the order of names is kept; both places are named."""
    (own / "a.toml").write_text(ONE.replace('"one"', '"mine"'))
    (own / "b.toml").write_text(ONE.replace('"one"', '"mine"'))
    loaded = load_decks(bundled, own)
    assert loaded.origins["mine"].path == own / "a.toml"
    (line,) = lines(loaded)
    assert line.startswith(f'{own / "b.toml"}:2: prompt "mine", id: found "mine"')
    assert f"{own / 'a.toml'}:2" in line
    assert "Remove one of the two files" in loaded.problems[0].hint


def test_a_deck_under_two_names_is_told_in_one_line(bundled: Path, own: Path) -> None:
    """The first in the order of names is kept whole, whatever number of ids they share."""
    three = "".join(ONE.replace('"one"', f'"mine-{number}"') for number in range(3))
    (own / "a.toml").write_text(three)
    (own / "b.toml").write_text("# a copy\n" + three)
    (own / "c.toml").write_text(ONE.replace('"one"', '"another"'))
    loaded = load_decks(bundled, own)
    assert [prompt.id for prompt in loaded.prompts[2:]] == ["mine-0", "mine-1", "mine-2", "another"]
    (line,) = lines(loaded)
    assert line == (
        f'{own / "b.toml"}:3: prompt "mine-0", id: found "mine-0", which stands in'
        f" {own / 'a.toml'}:2 too, and so do 2 more of its ids; allowed: ids of its own."
    )


def test_a_copy_of_a_bundled_deck_takes_nothing_down(bundled: Path, own: Path) -> None:
    """Its prompts stay in the deck that is on, though their copy is in a deck that is not."""
    (own / "mine.toml").write_text(
        ONE.replace("The title", "Mine") + ONE.replace('"one"', '"another"')
    )
    loaded = load_decks(bundled, own)
    assert [(prompt.id, prompt.deck, prompt.title) for prompt in loaded.prompts] == [
        ("one", "main", "Mine"),
        ("two", "main", "The title"),
        ("another", "mine", "The title"),
    ]
    assert loaded.problems == ()


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ((), []),
        (("one",), ["one of the deck mine comes with"]),
        (("one", "two"), ["one and one more id of the deck mine come with"]),
        (("one", "two", "three"), ["one and 2 more ids of the deck mine come with"]),
        (("one", "else"), ["one of the deck mine comes", "else of the deck mine comes"]),
    ],
)
def test_what_stays_in_its_bundled_deck_is_told(ids: tuple[str, ...], told: list[str]) -> None:
    """Once for each deck that it stays in; ids of one's own and bundled names are none of it."""
    named = dict.fromkeys(ids, "mine") | {"own": "mine", "four": "main"}
    bundled = {"one": "main", "two": "main", "three": "main", "four": "main", "else": "music"}
    remarks = staying(named, bundled)
    assert [one.startswith(start) for one, start in zip(remarks, told, strict=True)] == [
        True for _ in told
    ]
    assert all(f"deck {bundled[one.split()[0]]}. To make" in one for one in remarks)


def test_the_same_id_twice_in_one_file(bundled: Path, own: Path) -> None:
    """The second of the two is named."""
    told = problem_of(bundled, own, ONE + ONE)
    assert told.startswith(':12: prompt "one", id: found "one", which stands in')


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_told(bundled: Path, own: Path, key: str) -> None:
    """At the line of its prompt, with what may stand there."""
    text = "".join(
        line for line in ONE.splitlines(keepends=True) if not line.startswith(f"{key} =")
    )
    told = problem_of(bundled, own, "# note\n" + text)
    who = "1" if key == "id" else '"one"'
    assert told.startswith(f":2: prompt {who}, {key} is missing; allowed: ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "body =",
            "boddy =",
            ':8: prompt "one", boddy = "The body." is not known; did you mean body?',
        ),
        ('"now"', '"soon"', ':5: prompt "one", when: found "soon"; allowed: "now", "next".'),
        ('"nobody"', '"no one"', 'needs: found "no one"; allowed: "nobody", "someone".'),
        ('"The title"', "3", "title: found 3; allowed: a text of 1 to 40 characters, in one line."),
        ('"The title"', '" "', 'title: found " "; allowed: a text of 1 to 40 characters'),
        ("The title", "x" * 41, "(it has 41 characters); allowed: a text of 1 to 40"),
        ("The body.", "x" * 141, "(it has 141 characters); allowed: a text of 1 to 140"),
        ("If this", "x" * 100, "allowed: a text of 1 to 100 characters"),
        ("Less.", "x" * 121, "(it has 121 characters); allowed: a text of 1 to 120"),
        ('id = "one"', 'id = "One"', 'id: found "One"; allowed: small letters, digits and dashes'),
        ('id = "one"', f'id = "{"x" * 65}"', "at most 64"),
        ('"noticing"', '"a--b"', 'tip: found "a--b"; allowed: small letters'),
        ('"notice.terse"', '"notice."', 'basis: found "notice."; allowed: small letters'),
        ("Less.", "Le\\u0007ss", "(character 3 is U+0007, a control character)"),
        ("Less.", "Le\\nss", "(character 3 is U+000A, a line end)"),
        ("Less.", "Le\\tss", "(character 3 is U+0009, a control character)"),
        ("Less.", "Le\u202ess", "(character 3 is U+202E, RIGHT-TO-LEFT OVERRIDE)"),
        ("Less.", "\\u2066x", "(character 1 is U+2066, LEFT-TO-RIGHT ISOLATE)"),
        ("Less.", "\\u0085x", "(character 1 is U+0085, a control character)"),
        ("Less.", "\\u2028x", "(character 1 is U+2028, LINE SEPARATOR)"),
        ("Less.", "Le\x07ss", ":10: gentler: not TOML: the character '\\x07' is not allowed"),
        ('"Less."', '"Less." # a\u202eb', ":10: gentler: character 22 is U+202E, RIGHT-TO-LEFT"),
        ("[[prompt]]", "# \u2067\n[[prompt]]", ":1: character 3 is U+2067, RIGHT-TO-LEFT ISOLATE"),
        ('"Less."', '"Less."\nfirst = "yes"', 'first: found "yes"; allowed: true or false.'),
        ("[[prompt]]", "[prompt]", ":1: prompt: found a table; allowed: prompts, each under"),
        ("[[prompt]]", "[[prompts]]", ":1: prompts is not known; did you mean prompt? allowed: d"),
        ('"Less."', '"Less."\n[prompt.x]', ':11: prompt "one", x is not known; allowed: id, tip'),
        ("[[prompt]]", 'deck = "A b"\n[[prompt]]', ':1: deck: found "A b"; allowed: small letters'),
        ("[[prompt]]", 'autor = "x"\n[[prompt]]', ':1: autor = "x" is not known; did you mean a'),
    ],
)
def test_a_mistake_is_told_with_line_and_key(
    bundled: Path, own: Path, old: str, new: str, expected: str
) -> None:
    """One line: where, which prompt, which key, what is there, what may be."""
    assert expected in problem_of(bundled, own, ONE.replace(old, new))


@pytest.mark.parametrize("most", [("The title", 40), ("The body.", 140), ("Less.", 120)])
def test_the_longest_text_is_allowed(bundled: Path, own: Path, most: tuple[str, int]) -> None:
    """Characters count, not bytes."""
    text, length = most
    (own / "mine.toml").write_text(ONE.replace(text, "é" * length), "utf-8")
    assert load_decks(bundled, own).problems == ()


def test_a_text_from_right_to_left_may_have_its_marks(bundled: Path, own: Path) -> None:
    """They turn nothing into what it is not."""
    (own / "mine.toml").write_text(
        ONE.replace("The body.", "\u05e9\u05dc\u05d5\u05dd\u200f, A4\u200e.")
    )
    assert load_decks(bundled, own).problems == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ":1: the deck is empty; allowed: one [[prompt]] or more."),
        (b"# nothing\n", ":1: the deck is empty"),
        (b"prompt = []\n", ":1: the deck is empty"),
        (b'deck = "x"\n', ":1: prompt is missing; allowed: prompts, each under its own line"),
        (b'prompt = "x"\n', ':1: prompt: found "x"; allowed: prompts'),
        (ONE.replace("Less", "L\u00e9ss").encode("latin-1"), ":10: gentler: not UTF-8 text"),
        (ONE.encode("utf-16"), ":1: this is UTF-16"),
        (b"#" * 10 * 1024 * 1024, ":1: the file is 10,240 KiB large; at most 64 KiB are read."),
        (b"[[prompt]]\n" * 2001, ":1: prompt: found 2001; allowed: 2000."),
        (b"not toml", "not TOML"),
    ],
)
def test_what_is_no_deck_is_told(bundled: Path, own: Path, content: bytes, expected: str) -> None:
    """An empty file, a wrong encoding, a huge file."""
    assert expected in problem_of(bundled, own, content)


def test_all_that_is_wrong_in_a_file_is_told_in_its_order(bundled: Path, own: Path) -> None:
    """And nothing of that file is used."""
    (own / "bad.toml").write_text(
        ONE.replace('"one"', '"good"')
        + ONE.replace('"one"', '"bad"').replace("The body.", "x" * 200).replace('"now"', '"x"')
        + "foo = 1\n"
    )
    loaded = load_decks(bundled, own)
    assert [prompt.id for prompt in loaded.prompts] == ["one", "two"]
    assert [line.split(" ")[0] for line in lines(loaded)] == [
        f"own/bad.toml:{number}:" for number in (15, 18, 21)
    ]
    assert str(loaded.problems[0]).count(str(own)) == 1, "the whole path stands there once"


def test_a_deck_full_of_mistakes_is_told_in_short(bundled: Path, own: Path) -> None:
    """Nobody reads thousands of lines."""
    (own / "bad.toml").write_text("[[prompt]]\n" * 1000)
    told = lines(load_decks(bundled, own))
    assert len(told) == 11
    assert told[-1] == "... and 8,990 more."


@pytest.mark.parametrize(
    "text",
    [
        "[[prompt]]\n" + "".join(f"k{number} = 1\n" for number in range(5_000)),
        ONE + "# \u202e\n" * 8_000,
    ],
    ids=["keys", "hidden signs"],
)
@pytest.mark.uncounted
def test_a_deck_full_of_mistakes_is_told_at_once(bundled: Path, own: Path, text: str) -> None:
    (own / "bad.toml").write_text(text, "utf-8")
    begun = time.process_time()
    assert lines(load_decks(bundled, own))[-1].endswith(" more.")
    assert time.process_time() - begun < 1


def test_what_is_in_the_place_of_a_deck_is_told(bundled: Path, own: Path) -> None:
    """A folder, a link to nothing, a pipe; links to decks are fine."""
    (own / "folder.toml").mkdir()
    (own / "link.toml").symlink_to("/nowhere")
    os.mkfifo(own / "pipe.toml")
    (own / "elsewhere").write_text(ONE.replace('"one"', '"mine"'))
    (own / "good.toml").symlink_to("elsewhere")
    (own / ".hidden.toml").write_text("not toml")
    (own / "notes.txt").write_text("not toml")
    loaded = load_decks(bundled, own)
    assert loaded.prompts[-1].id == "mine"
    assert [line.partition(" ")[0] for line in lines(loaded)] == [
        str(own / name) for name in ("folder.toml", "link.toml", "pipe.toml")
    ]


def test_a_file_in_the_place_of_the_folder_is_told(bundled: Path, tmp_path: Path) -> None:
    """The bundled decks are read all the same."""
    (tmp_path / "file").write_text("x")
    loaded = load_decks(bundled, tmp_path / "file")
    assert len(loaded.prompts) == 2
    assert lines(loaded) == [f"{tmp_path / 'file'} cannot be read: Not a directory."]


def test_there_are_not_endless_decks(
    bundled: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is above the bounds is left out, and told."""
    monkeypatch.setattr(deck_folder, "MOST", 3)
    monkeypatch.setattr(decks, "MOST_PROMPTS", 2)
    for number in range(3):
        (own / f"{number}.toml").write_text(ONE.replace('"one"', f'"own-{number}"'))
    assert len(load_decks(bundled, own).problems) == 1  # three decks are within bounds
    (own / "3.toml").write_text(ONE.replace('"one"', '"own-3"'))
    loaded = load_decks(bundled, own)
    assert [prompt.id for prompt in loaded.prompts] == ["one", "two", "own-0", "own-1"]
    assert lines(loaded) == [
        f"{own}: only the first 3 of 4 decks are read.",
        f"{own / '2.toml'} is left out: only 2 prompts in all are read.",
    ]


def test_of_too_many_decks_only_the_first_are_looked_at(bundled: Path, own: Path) -> None:
    """Whatever else holds of those behind: their number is no cost for each look."""
    for number in range(deck_folder.MOST + 100):
        (own / f"{number:03}.toml").write_bytes(b"#" * 1000)
    loaded = load_decks(bundled, own)
    assert len(loaded.left_out) == deck_folder.MOST + 1
    assert loaded.left_out[own].message == f"{own}: only the first 200 of 300 decks are read."


def test_a_broken_bundled_deck_is_an_error(bundled: Path, own: Path) -> None:
    """The installation is damaged then."""
    (bundled / "b.toml").write_text("[[prompt]]\n")
    with pytest.raises(DeckError, match="is missing"):
        load_decks(bundled, own)
    with pytest.raises(DeckError, match="no deck"):
        load_decks(own, own)


def test_one_deck_can_be_checked_alone(tmp_path: Path) -> None:
    """Before it is put among the others."""
    path = tmp_path / "mine.toml"
    with pytest.raises(DeckError, match="no file"):
        check_deck(path)
    path.write_text(ONE)
    assert [prompt.id for prompt in check_deck(path)] == ["one"]
    path.write_text(ONE.replace("body =", "boddy ="))
    with pytest.raises(DeckError, match="did you mean body"):
        check_deck(path)


def test_a_copy_of_a_prompt_is_that_prompt(tmp_path: Path) -> None:
    """For every prompt that comes with the program."""
    for prompt in load_decks(prompts_dir(), tmp_path).prompts:
        path = tmp_path / f"{prompt.id}.txt"
        path.write_text(deck_text(prompt), "utf-8")
        assert check_deck(path) == (prompt,)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=40)
    | st.lists(
        st.sampled_from(
            [
                "[[prompt]]\n",
                "[prompt]\n",
                "prompt",
                "deck",
                " = ",
                "[",
                "]",
                '"x"',
                "1",
                "\n",
                "[[prompt.id]]\n",
                ONE,
                'id = "x"\n',
                "{",
                "}",
                "\u202e",
                "title = 2\n",
            ]
        ),
        max_size=8,
    )
    .map("".join)
    .map(str.encode)
)
def test_any_file_is_a_deck_or_is_told(tmp_path: Path, content: bytes) -> None:
    """Nothing else escapes, whatever lies there."""
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    try:
        assert check_deck(path)
    except DeckError as refused:
        message = refused.message
    else:
        return
    told = message.split("\n")
    start = f"{path}:" if len(told) == 1 else f"{tmp_path.name}/x.toml:"
    assert all(line.startswith((start, "... and")) for line in told)


def test_decks_are_bounded_together(
    bundled: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many large files must not keep the daemon from starting: the first ones are read."""
    monkeypatch.setattr(decks, "MOST_BYTES", 2 * len(ONE) + 20)
    for number in range(4):
        (own / f"{number}.toml").write_text(ONE.replace('"one"', f'"own-{number}"'))
    loaded = load_decks(bundled, own)
    assert [prompt.id for prompt in loaded.prompts] == ["one", "two", "own-0", "own-1"]
    assert lines(loaded) == [
        f"{own / '2.toml'} and what follows is left out: only 256 KiB in all are read."
    ]
