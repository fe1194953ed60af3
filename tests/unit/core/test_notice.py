"""What a delivery says on the screen: buttons, what is covered, when it stays open."""

from __future__ import annotations

import pytest

from reminderd.core.history import ShownText
from reminderd.core.model import Answer, When
from reminderd.core.notice import (
    IN_FULL,
    INTIMATE_TIPS,
    QUIET_WEEK,
    SHOW,
    VIEWS,
    Discretion,
    buttons_for,
    compose,
    cover,
    in_full,
    is_discreet,
    line,
)

TEXT = ShownText("A title", "A body", "A cue", When.NOW)


def keys(when: When, showing: int) -> list[str]:
    return [button.key for button in buttons_for(when, showing)]


def test_buttons_follow_what_the_prompt_is_for() -> None:
    """What is for now can be done, what is for the next occasion can be taken along."""
    assert keys(When.NOW, 1) == [Answer.DONE, Answer.HARD, Answer.LATER]
    assert keys(When.NEXT, 1) == [Answer.TAKEN, Answer.HARD, Answer.LATER]


def test_the_third_showing_has_no_later() -> None:
    """Twice again is enough: in place of Later stands Not today."""
    assert [keys(When.NOW, showing)[-1] for showing in (1, 2, 3, 4)] == [
        Answer.LATER,
        Answer.LATER,
        Answer.NOT_TODAY,
        Answer.NOT_TODAY,
    ]


def test_a_notice_carries_all_of_its_text() -> None:
    """Title, body and cue are what the prompt says, unshortened, and nothing is covered."""
    notice = compose(TEXT, "an-id", 1)
    assert (notice.delivery, notice.title, notice.body, notice.cue) == (
        *("an-id", "A title", "A body"),
        "A cue",
    )
    assert not notice.discreet


@pytest.mark.parametrize("showing", [1, 3])
def test_a_covered_notice_tells_nothing_of_its_text(showing: int) -> None:
    """Only the neutral title, a way to read it, and the way out: no word of the practice."""
    notice = compose(TEXT, "an-id", showing)
    covered = cover(notice)
    assert covered.discreet
    assert covered.delivery == "an-id"
    said = [covered.title, covered.body, covered.cue, *(one.label for one in covered.buttons)]
    for secret in ("A title", "A body", "A cue"):
        assert secret not in " ".join(said)
    assert [button.key for button in covered.buttons] == [SHOW, notice.buttons[-1].key]


def test_a_full_notice_has_all_there_is_to_read_and_the_rarer_choices() -> None:
    """The text stays as it is; the answers of every day are one click away again."""
    full = in_full(compose(TEXT, "an-id", 1))
    assert (full.title, full.body, full.cue) == ("A title", "A body", "A cue")
    assert [button.key for button in full.buttons] == ["not-today", "not-for-me", QUIET_WEEK]
    assert [button.label for button in full.buttons] == [
        "Not today",
        "Not for me",
        "Quiet for a week",
    ]


def test_a_click_is_never_an_answer() -> None:
    """It asks for another view of the same practice, and back; on a passing line for nothing."""
    usual = compose(TEXT, "an-id", 1)
    assert usual.on_click == IN_FULL
    assert cover(usual).on_click == in_full(usual).on_click == SHOW
    assert line("Noted.").on_click == ""
    assert {IN_FULL, SHOW} == VIEWS
    assert VIEWS.isdisjoint(Answer)


def test_a_reply_is_a_note_to_the_first_answer() -> None:
    """Only where that answer is offered: not on what is covered, nor among the rarer choices."""
    usual = compose(TEXT, "an-id", 1)
    assert usual.on_reply == usual.buttons[0]
    assert [cover(usual).on_reply, in_full(usual).on_reply, line("Noted.").on_reply] == [None] * 3


@pytest.mark.parametrize(
    ("discretion", "tip", "locked", "discreet"),
    [
        ("always", "plain", False, True),
        ("never", "noticing", True, False),
        ("auto", "plain", False, False),
        ("auto", "plain", None, False),
        ("auto", "plain", True, True),
        *(("auto", tip, False, True) for tip in sorted(INTIMATE_TIPS)),
    ],
)
def test_when_only_the_title_may_be_seen(
    discretion: Discretion, tip: str, locked: bool | None, discreet: bool
) -> None:
    """Always, never, or: while the screen is locked, and for the intimate themes."""
    assert is_discreet(discretion, tip, locked=locked) is discreet
