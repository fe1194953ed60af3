"""What a person writes for windows and fixed times, and what they get back."""

from __future__ import annotations

import re

import pytest

from reminderd.core.model import FixedTime, Window
from reminderd.core.spoken_window import (
    format_window,
    parse_fixed_time,
    parse_window,
    split_list,
)
from reminderd.errors import SpokenError

EVERY_DAY = frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("09:30-20:30", "09:30-20:30"),
        ("9:30 \u2013 20:30", "09:30-20:30"),
        ("mon-fri 09:30-12:30", "mon-fri 09:30-12:30"),
        ("mon,wed: 9 to 12", "mon,wed 09:00-12:00"),
        ("weekdays from 9 to 17", "mon-fri 09:00-17:00"),
        ("sat 9am-5pm", "sat 09:00-17:00"),
        ("9-12 sat", "sat 09:00-12:00"),
        ("22:00-01:00", "22:00-01:00"),
        ("22:00-00:00", "22:00-24:00"),
        ("22-24", "22:00-24:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("noon-midnight", "12:00-24:00"),
        ("daily 9-17", "09:00-17:00"),
        ("22-6", "22:00-06:00"),
        ("21:30-8:00", "21:30-08:00"),
        ("9:00-5:00", "09:00-05:00"),
        ("10pm-6am", "22:00-06:00"),
        ("8-12", "08:00-12:00"),
    ],
)
def test_windows_as_people_write_them(text: str, canonical: str) -> None:
    """They come back in one spelling."""
    assert format_window(parse_window(text)) == canonical


def test_a_window_over_midnight_ends_on_the_next_day() -> None:
    """Its end counts on from the midnight it started after."""
    assert parse_window("sat 22:00-01:00") == Window(frozenset({5}), 1320, 1500)
    assert parse_window("00:00-24:00") == Window(EVERY_DAY, 0, 1440)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("9-5", ["09:00-17:00", "09:00-05:00", "21:00-05:00"]),
        ("10 to 2", ["10:00-14:00", "10:00-02:00", "22:00-02:00"]),
        ("09-05", ["09:00-17:00", "09:00-05:00", "21:00-05:00"]),
        ("12-9", ["12:00-21:00", "12:00-09:00"]),
        ("mon-fri 9-5", ["mon-fri 09:00-17:00", "mon-fri 09:00-05:00", "mon-fri 21:00-05:00"]),
    ],
)
def test_hours_that_could_be_of_either_half_of_the_day_are_asked_about(
    text: str, readings: list[str]
) -> None:
    """Nobody guesses between eight hours and twenty; each reading is shown as it is written."""
    with pytest.raises(SpokenError) as refused:
        parse_window(text)
    assert re.findall('"(.*?)"', refused.value.message) == [text, *readings]
    for reading in readings:
        assert format_window(parse_window(reading)) == reading


@pytest.mark.parametrize("text", ["9-9", "09:00-09:00", "mon 00:00-00:00", "midnight-0:00"])
def test_a_window_without_length_hints_at_the_whole_day(text: str) -> None:
    """Nobody knows whether none or all of the day is meant."""
    with pytest.raises(SpokenError) as refused:
        parse_window(text)
    assert "00:00-24:00" in refused.value.hint


@pytest.mark.parametrize(
    "text",
    ["", "9", "9-", "-9", "9-25", "24:00-5:00", "1-5pm", "xyz 9-12", "mon 9-12 tue", "2026-12-01"],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    """Half of an am or pm is no time, and weekdays stand on one side."""
    with pytest.raises(SpokenError) as refused:
        parse_window(text)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00", FixedTime(EVERY_DAY, 540)),
        ("sat 11:00", FixedTime(frozenset({5}), 660)),
        ("sat at 11", FixedTime(frozenset({5}), 660)),
        ("11:00 sat", FixedTime(frozenset({5}), 660)),
        ("mon-fri 9am", FixedTime(frozenset(range(5)), 540)),
    ],
)
def test_fixed_times_as_people_write_them(text: str, expected: FixedTime) -> None:
    """Alone, or with days before or behind."""
    assert parse_fixed_time(text) == expected


@pytest.mark.parametrize("text", ["", "sat", "sat 25:00", "9-10", "mon 9 tue"])
def test_what_is_no_fixed_time_is_refused(text: str) -> None:
    """The hint says what is understood."""
    with pytest.raises(SpokenError) as refused:
        parse_fixed_time(text)
    assert "Understood" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("mon-fri 09:00-12:00, sat 11:00-16:00", ["mon-fri 09:00-12:00", "sat 11:00-16:00"]),
        ("mon,wed 9:00, sat 11", ["mon,wed 9:00", "sat 11"]),
        ("9-12;14-17\n22-23", ["9-12", "14-17", "22-23"]),
        ("", []),
        (" , ", []),
        ("mon", ["mon"]),
    ],
)
def test_a_text_is_cut_into_windows(text: str, pieces: list[str]) -> None:
    """A comma between weekdays cuts nothing."""
    assert split_list(text) == pieces
