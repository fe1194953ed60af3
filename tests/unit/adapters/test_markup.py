"""What reaches a screen, whatever a deck holds."""

from __future__ import annotations

import pytest

from reminderd.adapters.notifiers.markup import (
    BODY_LIMIT,
    TITLE_LIMIT,
    escape,
    how_to_answer,
    plain_line,
    plain_text,
    title_of,
)
from reminderd.core.notice import NEUTRAL_BODY, NEUTRAL_TITLE, SHOW, Button, Notice, in_full


def a_notice(title: str = "A title", *, discreet: bool = False) -> Notice:
    buttons = (Button("taken", "I'll try"), Button("hard", "Hard today"))
    if discreet:
        buttons = (Button(SHOW, "Show"), Button("later", "Later"))
    return Notice("d1", title, "A body.", "", buttons, view="covered" if discreet else "usual")


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("\x1b", id="escape"),
        pytest.param("\x00", id="nul"),
        pytest.param("\x9b", id="one-byte control sequence"),
        pytest.param("\u202e", id="right-to-left override"),
        pytest.param("\u2066", id="isolate"),
        pytest.param("\ud800", id="surrogate"),
        pytest.param("\uffff", id="noncharacter"),
    ],
)
def test_commands_and_overrides_are_left_out(hidden: str) -> None:
    """No character that commands, reverses or is invalid on the wire stays, the rest does."""
    assert plain_line(f"be{hidden}fore") == "before"
    assert plain_text(f"be{hidden}fore\nafter") == "before\nafter"


def test_other_scripts_stay() -> None:
    """Right-to-left text with its own marks, accents and emoji of a person's deck are kept."""
    text = "שלום\u200f, déjà vu, 東京 🎵"
    assert plain_line(text) == plain_text(text) == text


def test_a_title_is_one_line() -> None:
    """Breaks and tabs of any kind become single spaces."""
    assert plain_line(" one\ttwo\r\nthree\u2028four\x85five ") == "one two three four five"


def test_a_body_keeps_its_lines() -> None:
    """Breaks of any kind are line breaks, with at most one empty line in a row."""
    assert (
        plain_text("one\r\ntwo\u2029three \n \n\n\n four\tfive\n") == "one\ntwo\nthree\n\nfour five"
    )


def test_endless_text_is_cut() -> None:
    """A huge title or body is cut where a reader sees it."""
    assert plain_line("x" * 10_000) == "x" * (TITLE_LIMIT - 1) + "…"
    assert plain_text("x" * 10_000) == "x" * (BODY_LIMIT - 1) + "…"


def test_escape_leaves_no_markup() -> None:
    """Markup in a deck is shown, not obeyed."""
    assert escape("<b>A & B</b> &lt;") == "&lt;b&gt;A &amp; B&lt;/b&gt; &amp;lt;"


def test_a_title_is_never_empty() -> None:
    """A title of nothing visible becomes the neutral one."""
    assert title_of(a_notice("\x07\n")) == NEUTRAL_TITLE


def test_how_to_answer_names_every_button() -> None:
    """The line for places without buttons gives a command that works as it stands."""
    assert how_to_answer(a_notice()) == "Answer: reminderd respond taken (or hard)"
    assert how_to_answer(a_notice(discreet=True)) == NEUTRAL_BODY


def test_how_to_answer_with_the_rarer_choices() -> None:
    """A wish for quiet has a command of its own."""
    full = in_full(a_notice())
    said = "Answer: reminderd respond not-today (or not-for-me), or reminderd pause 1w"
    assert how_to_answer(full) == said
