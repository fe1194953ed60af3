"""How it speaks of a person's practice: kind and plain, and never with certain words."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from reminderd.cli.output import ANSWER_WORDS
from reminderd.cli.past import REASONS
from reminderd.cli.practise import UNDERSTOOD
from reminderd.core.model import Answer, Reason
from reminderd.core.words import HELD

MODULES = (
    "bring",
    "practise",
    "notes",
    "look",
    "past",
    "quiet",
    "start",
    "setting_up",
    "questions",
    "output",
)
FORBIDDEN = re.compile(
    r"\b(streaks?|scor\w*|should\w*|must\w*|fail\w*|overdue|heal\w*|cur(e|es|ed|ing)|toxic\w*"
    r"|avoidant\w*|attachment|trauma\w*|disorders?|diagnos\w*|guilt\w*|promis\w*|ignor\w*)\b"
    r"|[!\u2600-\u27bf\U0001f000-\U0001faff]|<3",
    re.IGNORECASE,
)


def inside(value: object) -> list[str]:
    """Return the texts of a constant."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        return [one for one in value if isinstance(one, str)]
    return [value] if isinstance(value, str) else []


TEXTS = {
    f"{name}.{constant}": inside(value)
    for name in MODULES
    for constant, value in vars(import_module(f"reminderd.cli.{name}")).items()
    if constant.isupper() and inside(value)
}


def test_there_are_texts() -> None:
    """The search below looks at something."""
    assert len(TEXTS) > 60


@pytest.mark.parametrize("where", TEXTS)
def test_no_text_has_a_word_that_is_never_said(where: str) -> None:
    """What was missed is let go without a word, and nobody is scolded, cured or cheered."""
    assert FORBIDDEN.findall(" ".join(TEXTS[where])) == []


def test_every_reason_and_answer_has_its_words() -> None:
    """People never read a word of the code."""
    not_delivered = {Reason.NO_REPLY, Reason.INTERRUPTED}
    only_let_go = {Reason.MERGED, Reason.ANSWERED, Reason.NOT_RUNNING, Reason.RESTORED}
    assert set(REASONS) == set(Reason) - not_delivered
    assert set(HELD) == set(Reason) - not_delivered - only_let_go
    assert set(ANSWER_WORDS) == set(Answer)
    assert all(f" {answer.value}" in UNDERSTOOD for answer in Answer)
