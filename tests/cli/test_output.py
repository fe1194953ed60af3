"""Prose on a terminal: where lines end, and what is kept together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.cli import output
from reminderd.cli.output import bold, counted, dim, paragraph

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.people import Person


@pytest.fixture(params=[80])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The width of the terminal that is written to."""
    wide: int = request.param

    def width(*, err: bool) -> int:
        del err
        return wide

    monkeypatch.setattr(output, "width", width)
    return wide


def lines(text: str) -> list[str]:
    """Return the lines of a text as they come on the terminal."""
    return paragraph(text).split("\n")


def test_without_a_terminal_nothing_is_folded() -> None:
    """A program that reads it finds lines as they were meant."""
    assert paragraph("word " * 40) == "word " * 40


def test_prose_is_folded_between_words(columns: int) -> None:
    """Each line as full as it can be, and its own line ends kept."""
    told = lines("word " * 40 + "\n\n  indented\n")
    assert told == [" ".join(["word"] * count) for count in (15, 15, 10)] + ["", "  indented", ""]
    assert len(told[0]) < columns


@pytest.mark.parametrize("columns", [30], indirect=True)
def test_a_long_word_stays_whole(columns: int) -> None:
    """So that a path without blanks can be copied."""
    path = "/home/somebody/" + "x" * columns
    assert lines(f"It lies in {path} from now on.") == ["It lies in", path, "from now on."]


@pytest.mark.parametrize("columns", [60], indirect=True)
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "The deck guitar is off. To switch it on: reminderd prompts enable guitar",
            ["reminderd prompts enable guitar"],
        ),
        (
            (
                "Nothing may come in these hours. To have more: reminderd config set x 1. At every"
                " login, and that is what you may like: reminderd service install"
            ),
            ["reminderd config set x 1.", "reminderd service install"],
        ),
        (
            (
                "Say how long: reminderd pause 2h, or in words: reminderd pause until tomorrow 9:00"
                " (or later)."
            ),
            ["reminderd pause 2h,", "reminderd pause until tomorrow 9:00"],
        ),
        (
            (
                "To have one that stays for longer than this: `pipx install .` in its checkout,"
                " then some more (`reminderd service install`)."
            ),
            ["`pipx install .`", "(`reminderd service install`)."],
        ),
    ],
)
def test_a_command_is_kept_on_one_line(columns: int, text: str, kept: list[str]) -> None:
    """It can be copied as it stands there."""
    told = lines(text)
    assert max(map(len, told)) < columns
    assert " ".join(told) == text
    for command in kept:
        assert any(command in line for line in told), told


@pytest.mark.parametrize("columns", [30], indirect=True)
def test_a_command_that_fits_on_no_line_is_folded_like_prose(columns: int) -> None:
    """And what stands around it is, too."""
    text = "To change that, for example: reminderd prompts enable talk-with-a-therapist"
    told = lines(text)
    assert max(map(len, told)) < columns
    assert " ".join(told) == text


def test_a_mark_without_its_other_half_is_a_letter(columns: int) -> None:
    """People write such things in their notes."""
    text = "a ` b " * 31
    assert " ".join(lines(text)) == text.strip()
    assert max(map(len, lines(text))) < columns


@pytest.mark.parametrize("style", [bold, dim])
@pytest.mark.usefixtures("columns")
def test_what_is_styled_is_folded_where_plain_text_is(style: Callable[[str], str]) -> None:
    """What switches a style on and off takes no room on a terminal."""
    text = "word " * 14 + "final"
    assert len(lines(text)) == 1
    assert paragraph(style(text)) == style(paragraph(text))
    text = "word " * 40 + "end"
    assert paragraph(style(text)) == style(paragraph(text))


@pytest.mark.parametrize(
    "words",
    [
        ("config", "check"),
        ("config", "set", "cadence.max_per_day", "4"),
        ("config", "unset", "cadence.max_per_day"),
    ],
)
def test_remarks_on_settings_are_folded(person: Person, words: tuple[str, ...]) -> None:
    """As all that is told elsewhere."""
    person.run("config", "set", "cadence.random_per_day", "12")
    terminal = person.terminal(*words, columns=60)
    terminal.expect(pexpect.EOF)
    told = str(terminal.before).splitlines()
    start = next(i for i, line in enumerate(told) if line.startswith("Not planned on any day"))
    assert max(map(len, told[start:])) < 60
    terminal.close()


def test_numbers_of_things_read_well() -> None:
    """One is one, and thousands are set apart."""
    assert [counted(number, "answer") for number in (0, 1, 2, 100_000)] == [
        *("0 answers", "1 answer", "2 answers", "100,000 answers")
    ]
