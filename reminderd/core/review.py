"""What is known of one prompt by its answers: a fold over them, with FSRS underneath.

FSRS (Free Spaced Repetition Scheduler, version 6, by py-fsrs) says how far apart repetitions of
something that goes well may lie. What was hard it would bring back soon, as a card
that was forgotten; a practice that was hard is to be left alone for a while instead, so it rests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fsrs import Card, Rating, Scheduler, State
from fsrs.scheduler import DEFAULT_PARAMETERS

from reminderd.core.names import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

REST: Final = timedelta(days=4)
"""For how long what was hard does not come by itself."""
LONG_REST: Final = timedelta(days=21)
"""The same after it was hard twice running."""

RATINGS: Final = {
    Answer.DONE: Rating.Good,
    Answer.TAKEN: Rating.Good,
    Answer.HARD: Rating.Hard,
}
"""What each answer means to FSRS; the others rate nothing."""

RULES: Final = f"1; {DEFAULT_PARAMETERS}"
"""Changes with whatever the fold depends on beside answers and settings."""

_CARD: Final = 1
"""All cards have one number: FSRS only hands it on."""


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to a delivery that counts, or a practice noted by itself; `at` in UTC."""

    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class Review:
    """What the answers to one prompt say; times in UTC.

    Attributes:
        stability: FSRS's: days until the chance to recall falls to 90 %; None while unrated.
        difficulty: FSRS's, 1 to 10; None while unrated.
        due_at: When the interval after the last rating ends.
        last_at: When it was last rated.
        hards: How often running it was hard, up to the last rating.
        put_off_at: When it was last put off to another day.
    """

    stability: float | None = None
    difficulty: float | None = None
    due_at: datetime | None = None
    last_at: datetime | None = None
    hards: int = 0
    put_off_at: datetime | None = None

    @property
    def rests_until(self) -> datetime | None:
        """Until when it does not come by itself, since it was hard; None where it was not."""
        if self.last_at is None or not self.hards:
            return None
        return self.last_at + (REST if self.hards == 1 else LONG_REST)


def fold(said: Iterable[Said], max_interval: int) -> Review:
    """Return what the answers to one prompt come to.

    Args:
        said: The answers, earliest first.
        max_interval: How many days an interval has at most.
    """
    review = Review()
    for one in said:
        review = _after(review, one, max_interval)
    return review


def retrievability(review: Review, now: datetime) -> float:
    """Return FSRS's chance that it is still present, from 0 (never rated) to 1.

    Args:
        review: What the answers say.
        now: The present moment, in UTC.
    """
    # The longest interval does not matter here.
    return _scheduler(1).get_card_retrievability(_card(review), now)


@lru_cache(maxsize=4096)  # what was said before is mostly what was folded the last time
def _after(review: Review, said: Said, max_interval: int) -> Review:
    rating = RATINGS.get(said.answer)
    if rating is None:
        return replace(review, put_off_at=said.at) if said.answer is Answer.NOT_TODAY else review
    at = said.at.astimezone(UTC)
    card, _ = _scheduler(max_interval).review_card(_card(review), rating, review_datetime=at)
    return replace(
        review,
        stability=card.stability,
        difficulty=card.difficulty,
        due_at=card.due,
        last_at=at,
        hards=review.hards + 1 if rating is Rating.Hard else 0,
    )


def _card(review: Review) -> Card:
    """Return FSRS's card; without a due date and a number it would read the clock and wait."""
    return Card(
        card_id=_CARD,
        state=State.Learning if review.stability is None else State.Review,
        stability=review.stability,
        difficulty=review.difficulty,
        due=review.due_at or datetime.min.replace(tzinfo=UTC),
        last_review=review.last_at,
    )


@lru_cache(maxsize=8)
def _scheduler(max_interval: int) -> Scheduler:
    return Scheduler(
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=max_interval,
        enable_fuzzing=False,
    )
