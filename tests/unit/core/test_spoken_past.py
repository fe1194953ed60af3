"""What a person writes for a time that has passed, and what is meant by it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from reminderd.core.spoken_past import parse_past
from reminderd.errors import SpokenError


# Now is Sunday, 22 November 2026, 11:20.
@pytest.mark.parametrize(
    ("text", "begin", "minutes"),
    [
        ("yesterday 14:00", "2026-11-21 14:00", 1),
        ("yesterday at 14:00", "2026-11-21 14:00", 1),
        ("14:00 yesterday", "2026-11-21 14:00", 1),
        ("yesterday", "2026-11-21 00:00", 1440),
        ("yesterday evening", "2026-11-21 18:00", 360),
        ("yesterday evening 9", "2026-11-21 21:00", 1),
        ("monday morning", "2026-11-16 06:00", 360),
        ("last night", "2026-11-21 18:00", 360),
        ("11:00", "2026-11-22 11:00", 1),
        ("14:00", "2026-11-21 14:00", 1),
        ("at 9am", "2026-11-22 09:00", 1),
        ("today 9:00", "2026-11-22 09:00", 1),
        ("this morning", "2026-11-22 06:00", 360),
        ("today", "2026-11-22 00:00", 1440),
        ("today 14:00", "2026-11-22 14:00", 1),
        ("sunday 9:00", "2026-11-22 09:00", 1),
        ("sunday 14:00", "2026-11-15 14:00", 1),
        ("monday", "2026-11-16 00:00", 1440),
        ("last sunday", "2026-11-15 00:00", 1440),
        ("last monday", "2026-11-16 00:00", 1440),
        ("monday night", "2026-11-16 18:00", 360),
        ("the day before yesterday", "2026-11-20 00:00", 1440),
        ("the day before yesterday 9:00", "2026-11-20 09:00", 1),
        ("the day before yesterday morning", "2026-11-20 06:00", 360),
        ("the 20th", "2026-11-20 00:00", 1440),
        ("the 25th", "2026-10-25 00:00", 1440),
        ("the 31st", "2026-10-31 00:00", 1440),
        ("last monday 9:00", "2026-11-16 09:00", 1),
        ("on friday 9:00", "2026-11-20 09:00", 1),
        ("20 nov", "2026-11-20 00:00", 1440),
        ("nov 20 9:00", "2026-11-20 09:00", 1),
        ("24 dec 18:00", "2025-12-24 18:00", 1),
        ("20.11.", "2026-11-20 00:00", 1440),
        ("2026-11-20 14:00", "2026-11-20 14:00", 1),
        ("2026-12-01", "2026-12-01 00:00", 1440),
        ("2 hours ago", "2026-11-22 09:20", 1),
        ("90 min ago", "2026-11-22 09:50", 1),
        ("a week ago", "2026-11-15 11:20", 1),
        ("now", "2026-11-22 11:20", 1),
        ("tomorrow 9:00", "2026-11-23 09:00", 1),
    ],
)
def test_a_time_that_has_passed(text: str, begin: str, minutes: int) -> None:
    """The last one that can be meant: a minute, or the date where no time is said."""
    start = datetime.fromisoformat(begin)
    now = datetime.fromisoformat("2026-11-22 11:20:30")
    assert parse_past(text, now) == (start, start + timedelta(minutes=minutes))


def test_a_day_that_only_some_years_have() -> None:
    """It is the last one there was."""
    begin, _ = parse_past("29 feb 9:00", datetime.fromisoformat("2024-12-01 10:00"))
    assert begin == datetime.fromisoformat("2024-02-29 09:00")


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "3 ago", "99999999 weeks ago", "31 feb", "25:00"),
        *("0001-01-01", "0001-01-01 14:00", "9999-12-30", "9999-12-31"),  # no time in some zone
    ],
)
def test_no_time_that_has_passed(text: str) -> None:
    """It is refused with what is understood."""
    with pytest.raises(SpokenError) as refused:
        parse_past(text, datetime.fromisoformat("2026-11-22 11:20"))
    assert refused.value.hint
