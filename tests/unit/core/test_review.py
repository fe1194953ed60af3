"""What the answers to one prompt come to, against FSRS itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from reminderd.core.model import Answer
from reminderd.core.review import LONG_REST, REST, Review, Said, fold, retrievability
from tests import strategies  # noqa: F401 -- sets how many examples there are

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
GOOD, HARD, NOT_TODAY = Answer.DONE, Answer.HARD, Answer.NOT_TODAY

answers = st.sampled_from(list(Answer))
waits = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=2)), st.timedeltas(timedelta(), timedelta(days=400))
)
histories = st.lists(st.tuples(answers, waits), max_size=30)


def said(*answered: tuple[Answer, float]) -> list[Said]:
    """Return answers, each so many days after the one before."""
    found: list[Said] = []
    at = START
    for answer, days in answered:
        at += timedelta(days=days)
        found.append(Said(at, answer))
    return found


def by_fsrs(history: list[Said], max_interval: int) -> Card:
    """Return the card that FSRS alone makes of a history."""
    scheduler = Scheduler(
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=max_interval,
        enable_fuzzing=False,
    )
    card = Card(card_id=7, due=START)
    for one in history:
        if one.answer in {Answer.DONE, Answer.TAKEN, Answer.HARD}:
            rating = Rating.Hard if one.answer is Answer.HARD else Rating.Good
            card, _ = scheduler.review_card(card, rating, review_datetime=one.at)
    return card


@pytest.mark.parametrize(
    ("sequence", "max_interval", "intervals"),
    [
        ([GOOD] * 5, 36_500, [2, 11, 46, 163, 497]),
        ([GOOD] * 5, 21, [2, 11, 21, 21, 21]),
        ([Answer.TAKEN, GOOD, Answer.TAKEN], 21, [2, 11, 21]),
        ([HARD] * 3, 21, [1, 3, 7]),
        ([GOOD, HARD, GOOD], 21, [2, 8, 21]),
    ],
)
def test_the_intervals_of_fixed_sequences(
    sequence: list[Answer], max_interval: int, intervals: list[int]
) -> None:
    """Each answered when it is due: they widen, up to the longest that is set."""
    found: list[int] = []
    history: list[Said] = []
    at = START
    for answer in sequence:
        history.append(Said(at, answer))
        review = fold(history, max_interval)
        assert review.due_at is not None
        found.append((review.due_at - at).days)
        at = review.due_at
    assert found == intervals


@given(histories, st.integers(1, 365))
def test_it_is_what_fsrs_makes_of_it(
    history: list[tuple[Answer, timedelta]], max_interval: int
) -> None:
    """Stability, difficulty, due date and retrievability of whatever history."""
    at, answered = START, []
    for answer, wait in history:
        at += wait
        answered.append(Said(at, answer))
    review, card = fold(answered, max_interval), by_fsrs(answered, max_interval)
    assert (review.stability, review.difficulty) == (card.stability, card.difficulty)
    assert review.last_at == card.last_review
    if card.last_review is not None:
        assert review.due_at == card.due
        assert timedelta(days=1) <= card.due - card.last_review <= timedelta(days=max_interval)
    later = at + timedelta(days=30)
    assert retrievability(review, later) == Scheduler().get_card_retrievability(card, later)


def test_what_rates_nothing_leaves_no_trace_in_the_review() -> None:
    """*Later*, *not today* and *not for me* say nothing of how it went."""
    rated = said((GOOD, 0), (HARD, 5))
    others = said((GOOD, 0), (Answer.LATER, 1), (Answer.NOT_FOR_ME, 3), (HARD, 1))
    assert fold(others, 21) == fold(rated, 21)


def test_nothing_said_is_nothing_known() -> None:
    assert fold([], 21) == Review()
    assert retrievability(Review(), START) == 0


@pytest.mark.parametrize(
    ("answered", "rest"),
    [
        (said((GOOD, 0)), None),
        (said((HARD, 0)), REST),
        (said((GOOD, 0), (HARD, 9)), REST),
        (said((HARD, 0), (HARD, 9)), LONG_REST),
        (said((HARD, 0), (HARD, 9), (HARD, 30)), LONG_REST),
        (said((HARD, 0), (HARD, 9), (GOOD, 30)), None),
        (said((HARD, 0), (NOT_TODAY, 5), (HARD, 9)), LONG_REST),
        (said((HARD, 0), (GOOD, 5), (HARD, 9)), REST),
    ],
)
def test_what_was_hard_rests(answered: list[Said], rest: timedelta | None) -> None:
    """Four days; three weeks after it was hard twice running; no longer once it went well."""
    review = fold(answered, 21)
    expected = None if rest is None else answered[-1].at + rest
    assert review.rests_until == expected


def test_putting_off_is_remembered_with_its_moment() -> None:
    """It rates nothing, and a rating before it stays what it was."""
    answered = said((GOOD, 0), (NOT_TODAY, 3), (Answer.LATER, 1))
    review = fold(answered, 21)
    assert review.put_off_at == answered[1].at
    assert review.last_at == answered[0].at
