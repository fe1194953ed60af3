"""When a pause holds, on a clock that can be trusted and on one that cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reminderd.core.model import Pause
from reminderd.core.pausing import paused_until
from tests.fakes import BERLIN

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NINE = datetime(2026, 11, 24, 9)  # noqa: DTZ001 -- wall time


def test_without_a_pause_nothing_holds() -> None:
    """The first start has no pause at all."""
    assert paused_until(None, NOON, BERLIN) is None


def test_a_length_ends_when_it_is_over() -> None:
    """It holds to its last second."""
    pause = Pause(NOON, NOON + 2 * HOUR, None)
    assert paused_until(pause, NOON, BERLIN) == NOON + 2 * HOUR
    assert paused_until(pause, NOON + 2 * HOUR - timedelta(seconds=1), BERLIN) == NOON + 2 * HOUR
    assert paused_until(pause, NOON + 2 * HOUR, BERLIN) is None


def test_a_wall_time_is_that_of_the_place_where_the_person_is() -> None:
    """Tomorrow nine o'clock is nine o'clock in New York too, six hours later."""
    pause = Pause(NOON, None, NINE)
    at_home = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert paused_until(pause, NOON, BERLIN) == at_home
    assert paused_until(pause, NOON, ZoneInfo("America/New_York")) == at_home + 6 * HOUR


def test_every_pause_ends_after_thirty_days() -> None:
    """However it came to be stored, none is longer."""
    pause = Pause(NOON, NOON + 400 * DAY, None)
    assert paused_until(pause, NOON + 29 * DAY, BERLIN) == NOON + 30 * DAY
    assert paused_until(pause, NOON + 30 * DAY, BERLIN) is None


def test_a_pause_from_a_clock_that_was_years_ahead_does_not_hold() -> None:
    """Five years forward and back would silence it for five years."""
    wrong = NOON + 5 * 365 * DAY
    assert paused_until(Pause(wrong, wrong + HOUR, None), NOON, BERLIN) is None


def test_a_pause_holds_though_the_clock_was_set_back_a_little() -> None:
    """An hour back: the person still wants silence, until the end that was told."""
    assert paused_until(Pause(NOON, NOON + HOUR, None), NOON - HOUR, BERLIN) == NOON + HOUR
    edge = NOON - DAY
    assert paused_until(Pause(NOON, NOON + HOUR, None), edge, BERLIN) == NOON + HOUR
    assert paused_until(Pause(NOON, NOON + HOUR, None), edge - HOUR, BERLIN) is None


def test_an_ended_pause_does_not_come_back_with_the_clock() -> None:
    """`resume` is stored as a pause of no length: set back an hour, it is still no pause."""
    assert paused_until(Pause(NOON, NOON, None), NOON - HOUR, BERLIN) is None
