"""When the newest delivery still waits for its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reminderd.core.history import DeliveryRecord, ShownText, is_open
from reminderd.core.model import Answer, Kind, Outcome, Slot, When

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SHOWN = DeliveryRecord(
    id="an-id",
    kind=Kind.SLOT,
    slot=Slot(NOON.date(), 2),
    prompt="a-one",
    tip="alpha",
    showing=1,
    text=ShownText("A title", "", "", When.NOW),
    claimed_at=NOON,
    shown_at=NOON + timedelta(seconds=1),
    outcome=Outcome.SHOWN,
    answer=None,
)


def test_nothing_is_open_before_anything_was_brought() -> None:
    """A new installation has no open delivery."""
    assert not is_open(None, NOON)


@pytest.mark.parametrize(
    ("after", "open_"),
    [
        (timedelta(), True),
        (timedelta(hours=6), True),  # shown a second after it was claimed
        (timedelta(hours=6, seconds=1), False),
        (timedelta(hours=-5), True),  # the clock was set back
        (timedelta(hours=-7), False),
        (timedelta(days=-5 * 365), False),
    ],
)
def test_it_is_open_for_six_hours_either_way(after: timedelta, open_: bool) -> None:
    """From the showing on, and not for years when the clock was wrong."""
    assert is_open(SHOWN, NOON + after) is open_


@pytest.mark.parametrize("answer", Answer)
def test_any_answer_closes_it(answer: Answer) -> None:
    """What has been answered waits for nothing."""
    assert not is_open(replace(SHOWN, answer=answer), NOON)


def test_one_that_failed_can_still_be_answered() -> None:
    """Nobody knows whether it was seen; whoever saw it may say so."""
    failed = replace(SHOWN, shown_at=None, outcome=Outcome.FAILED)
    assert is_open(failed, NOON + timedelta(hours=5))
    assert not is_open(failed, NOON + timedelta(hours=6))


def test_one_whose_outcome_could_not_be_written_can_be_answered() -> None:
    """A full disk may keep the outcome of what stands on the screen from being written."""
    assert is_open(replace(SHOWN, shown_at=None, outcome=None), NOON)


def test_a_slot_reads_as_date_and_number() -> None:
    """People and JSON see the same key."""
    assert str(SHOWN.slot) == "2026-11-23#2"
