"""Random answers to one prompt, each held against what FSRS itself says, called directly.

Nothing of `core/review.py` makes what is expected here: FSRS keeps a card of its own from answer to
answer, and the rest is counted from the answers.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fsrs import Card, Rating, Scheduler

from reminderd.core.model import Answer
from reminderd.core.review import Review, Said, fold, retrievability

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
RATINGS = {"done": Rating.Good, "taken": Rating.Good, "hard": Rating.Hard}
RESTS = {0: None, 1: timedelta(days=4), 2: timedelta(days=21)}
LONGEST = (1, 7, 21, 60, 365, 36_500)
MOST_ANSWERS = 30
LATER = tuple(timedelta(days=days) for days in (0, 0.99, 1, 2.5, 30, 400, 4000))
"""How long after an answer it is asked how much is still present."""


class Step(NamedTuple):
    """How things stand after an answer: all that was said, and what FSRS makes of it."""

    said: tuple[Said, ...]
    max_interval: int
    card: Card


def history(seed: str) -> Iterator[Step]:
    """Yield a random life with one prompt, answer by answer."""
    rng = random.Random(seed)
    max_interval = _one_of(LONGEST, rng)
    scheduler = Scheduler(
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=max_interval,
        enable_fuzzing=False,
    )
    good = rng.random()
    at, said = START, []
    card = Card(card_id=7, due=START)
    for _ in range(1 + int(rng.random() * MOST_ANSWERS)):
        at = _next(at, card, rng)
        answer = Answer.DONE if rng.random() < good else _one_of(tuple(Answer), rng)
        said.append(Said(at, answer))
        if answer.value in RATINGS:
            card, _ = scheduler.review_card(card, RATINGS[answer.value], review_datetime=at)
        yield Step(tuple(said), max_interval, card)


def compared(step: Step) -> Review:
    """Return what we make of the answers.

    Raises:
        AssertionError: FSRS or the answers say something else.
    """
    review, card = fold(step.said, step.max_interval), step.card
    rated = [one for one in step.said if one.answer.value in RATINGS]
    put_off = [one.at for one in step.said if one.answer.value == "not-today"]
    assert (review.stability, review.difficulty) == (card.stability, card.difficulty), step
    assert (review.due_at, review.last_at) == (card.due if rated else None, card.last_review), step
    assert review.put_off_at == (put_off[-1] if put_off else None), step
    assert review.hards == _at_the_end(rated, Answer.HARD), step
    rest = RESTS[min(review.hards, 2)]
    assert review.rests_until == (rest and rated[-1].at + rest), step
    for moment in (step.said[-1].at + later for later in LATER):
        present = Scheduler().get_card_retrievability(card, moment)
        assert retrievability(review, moment) == present, (step, moment)
    return review


def _next(at: datetime, card: Card, rng: random.Random) -> datetime:
    """Return when the next answer comes: soon, about when it is due, after long, or at once."""
    share = rng.random()
    wait = _one_of(
        (
            timedelta(days=2) * share,
            max(card.due - at, timedelta()) + timedelta(days=1) * share,
            timedelta(days=400) * share,
            timedelta(days=4000) * share,
            timedelta(),
        ),
        rng,
    )
    return at + wait


def _at_the_end(rated: Sequence[Said], answer: Answer) -> int:
    count = 0
    while count < len(rated) and rated[-1 - count].answer is answer:
        count += 1
    return count


def _one_of(choices: Sequence[T], rng: random.Random) -> T:
    return choices[int(rng.random() * len(choices))]
