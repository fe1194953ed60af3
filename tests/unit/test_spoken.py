"""What a person writes for durations, times and weekdays, and what they get back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reminderd.core import spoken
from reminderd.errors import SpokenError


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90m", 90),
        ("90 min", 90),
        ("2h", 120),
        ("2 Hours", 120),
        ("1h30m", 90),
        ("1 h 30 min", 90),
        ("1h30", 90),
        ("1 hour and 30 minutes", 90),
        ("1.5h", 90),
        ("1,5 h", 90),
        ("1.1h", 66),
        ("20 minutes", 20),
        ("half an hour", 30),
        ("an hour", 60),
        ("3 days", 3 * 1440),
        ("21d", 21 * 1440),
        ("1w", 7 * 1440),
        ("a week", 7 * 1440),
        ("  2\u00a0h ", 120),
        ("2 hrs.", 120),
        ("two hours", 120),
        ("one hour and ten minutes", 70),
        ("twelve minutes", 12),
        ("an hour and a half", 90),
        ("1 month", 30 * 1440),
        ("a month", 30 * 1440),
    ],
)
def test_durations_as_people_write_them(text: str, minutes: int) -> None:
    """Each spelling means the same length."""
    assert spoken.parse_duration(text) == timedelta(minutes=minutes)


def test_seconds_are_understood() -> None:
    """Short durations have a unit too."""
    assert spoken.parse_duration("5s") == timedelta(seconds=5)
    assert spoken.parse_duration("1 min 5 sec") == timedelta(seconds=65)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "soon",
        "h",
        "-5m",
        "30m 1h",
        "1h1h",
        "1 mo",
        "2h 1 month",
        "thirteen hours",
        "tenhours",
        "twoh",
        "ah",
        "2h2",
        "0.1s",
        "1e3s",
        "9" * 30 + "d",
        "9" * 5000 + "m",
        "२h",
        "1h\n;2m",
    ],
)
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    """The hint shows what is understood."""
    with pytest.raises(SpokenError) as refused:
        spoken.parse_duration(text)
    assert '"90m"' in refused.value.hint
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("text", ["90", " 9.5 "])
def test_a_bare_number_asks_for_its_unit(text: str) -> None:
    """Nobody guesses between minutes and hours."""
    with pytest.raises(SpokenError, match="no unit") as refused:
        spoken.parse_duration(text)
    assert f'"{text.strip()}m"' in refused.value.hint


@pytest.mark.parametrize("text", ["90m", "20m", "21d", "5m", "3h", "5s", "1d", "12h", "0m"])
def test_canonical_durations_come_back_as_written(text: str) -> None:
    """The defaults of the settings among them."""
    assert spoken.format_duration(spoken.parse_duration(text)) == text


def test_a_duration_is_told_in_its_largest_whole_unit() -> None:
    """Weeks are told in days, since months and weeks are read less exactly."""
    assert spoken.format_duration(timedelta(minutes=120)) == "2h"
    assert spoken.format_duration(timedelta(weeks=1)) == "7d"
    assert spoken.format_duration(timedelta(minutes=1, seconds=1)) == "61s"


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("9:00", 540),
        ("09:00", 540),
        ("9", 540),
        ("9am", 540),
        ("9 a.m.", 540),
        ("21.30", 1290),
        ("9:30 PM", 1290),
        ("12am", 0),
        ("12pm", 720),
        ("noon", 720),
        ("midnight", 0),
        ("0930", 570),
        ("09:00:00", 540),
        ("23:59", 1439),
    ],
)
def test_times_as_people_write_them(text: str, minute: int) -> None:
    """Each spelling means the same minute of the day."""
    assert spoken.parse_time(text) == minute


@pytest.mark.parametrize(
    "text", ["", "24:00", "25:00", "9:60", "9:5", "13pm", "0am", "nine", "9:00:30", "12345", "-1"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    """The hint shows what is understood."""
    with pytest.raises(SpokenError) as refused:
        spoken.parse_time(text)
    assert '"9:00"' in refused.value.hint


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("mon-fri", "mon-fri"),
        ("Monday to Friday", "mon-fri"),
        ("weekdays", "mon-fri"),
        ("sat", "sat"),
        ("Saturdays", "sat"),
        ("weekend", "sat-sun"),
        ("mon,wed", "mon,wed"),
        ("mon and wed", "mon,wed"),
        ("wed mon", "mon,wed"),
        ("mon\u2013wed, sat", "mon-wed,sat"),
        ("sat-mon", "sat-mon"),
        ("mon-mon", "mon"),
        ("daily", "daily"),
        ("every day", "daily"),
        ("mon-sun", "daily"),
    ],
)
def test_weekdays_as_people_write_them(text: str, canonical: str) -> None:
    """They come back in one spelling."""
    assert spoken.format_days(spoken.parse_days(text)) == canonical


@pytest.mark.parametrize("text", ["", ",", "mon-", "-mon", "xyz", "mon-fri-sat", "m", "1"])
def test_what_is_no_weekday_is_refused_with_examples(text: str) -> None:
    """The hint shows what is understood."""
    with pytest.raises(SpokenError) as refused:
        spoken.parse_days(text)
    assert '"mon-fri"' in refused.value.hint
