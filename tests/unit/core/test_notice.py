"""What a delivery says on the screen: buttons, what is covered, when it stays open."""

from __future__ import annotations

import pytest

from reminderd.core.history import ShownText
from reminderd.core.model import Answer, When
from reminderd.core.notice import (
    INTIMATE_TIPS,
    SHOW,
    Discretion,
    buttons_for,
    compose,
    cover,
    is_discreet,
)
from tests.fakes import prompt

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
    assert is_discreet(discretion, prompt("one", tip), locked=locked) is discreet
