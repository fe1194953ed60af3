"""What is kept of a prompt is what FSRS itself says, in every state that random histories reach."""

from __future__ import annotations

import pytest

from tests.unit.core.histories import compared, history

pytestmark = pytest.mark.uncounted

HISTORIES = 10_000
"""bench/reviews.py goes through others, and counts what it compared."""


def test_every_state_that_random_histories_reach() -> None:
    """Stability, difficulty, due date, rest, and how much is still present later on."""
    reached = {
        (review.stability, review.difficulty)
        for number in range(HISTORIES)
        for review in map(compared, history(f"{number}"))
    }
    assert len(reached) > 5 * HISTORIES
