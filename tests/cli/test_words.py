"""How it speaks of a person's practice: kind and plain, and never with certain words."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from typing import TYPE_CHECKING

import pytest

from reminderd.app.status import PaceFacts
from reminderd.cli.look import pace_line
from reminderd.cli.output import ANSWER_WORDS
from reminderd.cli.past import REASONS
from reminderd.cli.practise import UNDERSTOOD
from reminderd.core import decision, insight, notice, pacing, pool, selection, words
from reminderd.core.model import Answer, Needs, Practice, Reason, Rule, Seen
from reminderd.core.review import Review
from reminderd.core.words import HELD
from tests.fakes import BERLIN, cadence, prompt, window

if TYPE_CHECKING:
    from types import ModuleType

MODULES = (
    *("bring", "practise", "notes", "look", "past", "quiet", "start", "setting_up", "questions"),
    *("output", "why", "account", "simulate", "content", "switches", "keeping", "own_data"),
)
CORE = (words, pacing, selection, decision, notice, insight)
"""What is said of a person's practice is made here; also in pieces, which are put together."""
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


def literals(module: ModuleType) -> list[str]:
    """Return every text in a module but for its docstrings, pieces of longer ones included."""
    tree = ast.parse(inspect.getsource(module))
    prose = {
        statement.value
        for node in ast.walk(tree)
        if isinstance(body := getattr(node, "body", None), list)
        for statement in body
        if isinstance(statement, ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose
    ]


def test_there_are_texts() -> None:
    """The searches below look at something."""
    assert len(TEXTS) > 90
    assert "you had not met it yet" in literals(selection)
    assert " days ago" not in " ".join(literals(insight))
    assert len([one for module in CORE for one in literals(module) if " " in one]) > 60


@pytest.mark.parametrize("where", TEXTS)
def test_no_text_has_a_word_that_is_never_said(where: str) -> None:
    """What was missed is let go without a word, and nobody is scolded, cured or cheered."""
    assert FORBIDDEN.findall(" ".join(TEXTS[where])) == []


@pytest.mark.parametrize("module", CORE, ids=lambda module: module.__name__)
def test_nor_has_what_the_core_says(module: ModuleType) -> None:
    """Of the pace, of why a practice is the one, of what became of a press."""
    assert FORBIDDEN.findall("\n".join(literals(module))) == []


@pytest.mark.parametrize("steps", range(4))
def test_every_pace_is_said_kindly(steps: int) -> None:
    """Whatever the cadence, and however far ramp-up and back-off have gone: what is, in words."""
    windows = [window("9:00", "21:00")]
    plans = [cadence(random_per_day=count, windows=windows) for count in range(13)]
    plans += [cadence(fixed=["9:00", "18:00"]), cadence(every=180, windows=windows)]
    for plan in plans:
        for most in range(1, 13):
            now = pacing.Pace(most, steps)
            facts = PaceFacts(per_day=pacing.per_day(plan, now), reason=pacing.words(plan, now))
            line = pace_line(facts)
            assert FORBIDDEN.findall(line) == []
            assert line[0].isupper()
            assert line.endswith(".")
            assert "{" not in line
            assert steps == 0 or pacing.ANY_ANSWER in line


def test_every_reason_for_a_prompt_is_said_kindly() -> None:
    """Whatever the rule, and whatever its answers were; also why none may come."""
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    one = prompt("one", needs=Needs.SOMEONE)
    said: set[str] = set()
    for days, hards in product((None, 0, 1, 3, 90), (0, 1, 2)):
        at = now - timedelta(days=days or 0)
        seen = {} if days is None else {"one": Seen("one", one.tip, at, 1, at)}
        review = Review(1.0, 5.0, due_at=at, last_at=at, hards=hards)
        chooser = selection.Chooser(selection.Past(seen, {"one": review}), now, BERLIN, 5)
        said |= {chooser.describe(one, rule).why for rule in Rule}
    everything = Practice(("*",), ("*",), alone_only=False)
    for practice, off in (
        (replace(everything, decks=()), set()),
        (replace(everything, decks=("no",)), set()),
        (replace(everything, tips=()), set()),
        (replace(everything, alone_only=True), set()),
        (everything, {"one"}),
    ):
        said.add(pool.why_none([one], practice, off))
    assert len(said) > 15
    assert "" not in said
    assert FORBIDDEN.findall("\n".join(said)) == []


def test_every_reason_and_answer_has_its_words() -> None:
    """People never read a word of the code."""
    not_delivered = {Reason.NO_REPLY, Reason.INTERRUPTED}
    only_let_go = {Reason.MERGED, Reason.ANSWERED, Reason.NOT_RUNNING, Reason.RESTORED}
    assert set(REASONS) == set(Reason) - not_delivered
    assert set(HELD) == set(Reason) - not_delivered - only_let_go
    assert set(ANSWER_WORDS) == set(Answer)
    assert all(f" {answer.value}" in UNDERSTOOD for answer in Answer)
