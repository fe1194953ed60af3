"""What people write for an answer: the contract's words, and what they see on the buttons."""

from __future__ import annotations

import pytest

from reminderd.core.model import Answer, When
from reminderd.core.notice import buttons_for
from reminderd.core.spoken_answer import nearest_answer, parse_answer


@pytest.mark.parametrize("answer", Answer)
def test_the_words_of_the_contract_are_answers(answer: Answer) -> None:
    """Any case, with dashes or spaces."""
    for text in (answer.value, answer.value.upper(), answer.value.replace("-", " ")):
        assert parse_answer(text) is answer


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("showing", [1, 3])
def test_what_a_button_says_is_an_answer(when: When, showing: int) -> None:
    """Nobody has to know another word for it."""
    for button in buttons_for(when, showing):
        assert parse_answer(button.label) == button.key


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("I\u2019ll try", Answer.TAKEN),
        ("ill try", Answer.TAKEN),
        ("try", Answer.TAKEN),
        (" Hard  Today. ", Answer.HARD),
        ("Not_For_Me", Answer.NOT_FOR_ME),
        ("\u201cdone\u201d", None),
        ("perhaps", None),
        ("not", None),
        ("", None),
    ],
)
def test_answers_as_people_write_them(text: str, answer: Answer | None) -> None:
    """What could mean two things is none."""
    assert parse_answer(text) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("dnoe", Answer.DONE),
        ("i try", Answer.TAKEN),
        ("hard now", Answer.HARD),
        ("not-todya", Answer.NOT_TODAY),
        ("not for us", Answer.NOT_FOR_ME),
        ("perhaps", None),
        ("", None),
    ],
)
def test_a_near_miss_has_a_guess(text: str, answer: Answer | None) -> None:
    """Where one is near enough."""
    assert nearest_answer(text) is answer
