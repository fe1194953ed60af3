"""What a person writes for a moment, and which one is meant by it."""

from __future__ import annotations

from datetime import datetime

from reminderd.core.spoken_moment import parse_moment

NOW = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 -- wall time; a Monday


def test_a_moment_may_lie_in_the_past_with_its_year() -> None:
    """A date that is written out means that date."""
    assert parse_moment("2026-01-02 9:00", NOW) == datetime.fromisoformat("2026-01-02 09:00")
    assert parse_moment("2 jan", NOW) == datetime.fromisoformat("2027-01-02 00:00")
