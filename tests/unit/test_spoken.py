"""What a person writes for durations, times, weekdays and windows, and what they get back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from reminderd.core import spoken
from reminderd.core.model import FixedTime, Window
from reminderd.core.spoken_moment import parse_moment, parse_pause
from reminderd.errors import SpokenError

EVERY_DAY = frozenset(range(7))
NOW = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 -- wall time; a Monday


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
        "1 month",
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
    assert spoken.format_window(spoken.parse_window(text)) == canonical


def test_a_window_over_midnight_ends_on_the_next_day() -> None:
    """Its end counts on from the midnight it started after."""
    assert spoken.parse_window("sat 22:00-01:00") == Window(frozenset({5}), 1320, 1500)
    assert spoken.parse_window("00:00-24:00") == Window(EVERY_DAY, 0, 1440)


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
        spoken.parse_window(text)
    assert re.findall('"(.*?)"', refused.value.message) == [text, *readings]
    for reading in readings:
        assert spoken.format_window(spoken.parse_window(reading)) == reading


@pytest.mark.parametrize("text", ["9-9", "09:00-09:00", "mon 00:00-00:00", "midnight-0:00"])
def test_a_window_without_length_hints_at_the_whole_day(text: str) -> None:
    """Nobody knows whether none or all of the day is meant."""
    with pytest.raises(SpokenError) as refused:
        spoken.parse_window(text)
    assert "00:00-24:00" in refused.value.hint


@pytest.mark.parametrize(
    "text",
    ["", "9", "9-", "-9", "9-25", "24:00-5:00", "1-5pm", "xyz 9-12", "mon 9-12 tue", "2026-12-01"],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    """Half of an am or pm is no time, and weekdays stand on one side."""
    with pytest.raises(SpokenError) as refused:
        spoken.parse_window(text)
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
    """They mean the same, and come back in one spelling that means it too."""
    fixed = spoken.parse_fixed_time(text)
    assert fixed == expected
    assert spoken.parse_fixed_time(spoken.format_fixed_time(fixed)) == fixed


@pytest.mark.parametrize("text", ["", "sat", "sat 25:00", "9-10", "mon 9 tue"])
def test_what_is_no_fixed_time_is_refused(text: str) -> None:
    """The hint says what is understood."""
    with pytest.raises(SpokenError) as refused:
        spoken.parse_fixed_time(text)
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
    assert spoken.split_list(text) == pieces


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2h", timedelta(hours=2)),
        ("for 2h", timedelta(hours=2)),
        ("90 min", timedelta(minutes=90)),
        ("1w", timedelta(days=7)),
        ("30d", timedelta(days=30)),
    ],
)
def test_a_pause_for_a_while(text: str, length: timedelta) -> None:
    """A length stays a length: it is counted in real time."""
    assert parse_pause(text, NOW) == length


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("until 18:00", "2026-11-23 18:00"),
        ("until 18", "2026-11-23 18:00"),
        ("18:00", "2026-11-23 18:00"),
        ("until 9:00", "2026-11-24 09:00"),
        ("until 10:30", "2026-11-24 10:30"),
        ("until noon", "2026-11-23 12:00"),
        ("today", "2026-11-24 00:00"),
        ("for today", "2026-11-24 00:00"),
        ("tomorrow", "2026-11-24 00:00"),
        ("until tomorrow", "2026-11-24 00:00"),
        ("until tomorrow 9:00", "2026-11-24 09:00"),
        ("until 9:00 tomorrow", "2026-11-24 09:00"),
        ("till tomorrow at 9am", "2026-11-24 09:00"),
        ("until monday", "2026-11-30 00:00"),
        ("until monday 18:00", "2026-11-23 18:00"),
        ("until mon 9", "2026-11-30 09:00"),
        ("until next Tuesday", "2026-11-24 00:00"),
        ("next week", "2026-11-30 00:00"),
        ("until 2026-12-01", "2026-12-01 00:00"),
        ("2026-12-01T09:00", "2026-12-01 09:00"),
        ("until 2026-12-01 9:00", "2026-12-01 09:00"),
        ("until 1 dec", "2026-12-01 00:00"),
        ("until December 1st 9:00", "2026-12-01 09:00"),
        ("until 2026-12-23", "2026-12-23 00:00"),
        ("until tonight", "2026-11-23 18:00"),
        ("until this evening", "2026-11-23 18:00"),
        ("tonight", "2026-11-24 00:00"),
        ("for tonight", "2026-11-24 00:00"),
        ("tonight 20:00", "2026-11-23 20:00"),
        ("until 8pm tonight", "2026-11-23 20:00"),
        ("until evening", "2026-11-23 18:00"),
        ("until the morning", "2026-11-24 09:00"),
        ("tomorrow morning", "2026-11-24 09:00"),
        ("until tomorrow noon", "2026-11-24 12:00"),
        ("until tomorrow afternoon", "2026-11-24 14:00"),
        ("tomorrow evening", "2026-11-24 18:00"),
        ("until tomorrow in the morning", "2026-11-24 09:00"),
        ("friday morning", "2026-11-27 09:00"),
        ("until next friday evening", "2026-11-27 18:00"),
        ("until 5.12.", "2026-12-05 00:00"),
        ("5.12.", "2026-12-05 00:00"),
        ("until 5.12.2026", "2026-12-05 00:00"),
        ("until 05.12.2026 9:00", "2026-12-05 09:00"),
        ("until 9:00 5.12.", "2026-12-05 09:00"),
        ("until 9.12", "2026-11-24 09:12"),
        ("until 9.12.", "2026-12-09 00:00"),
        ("until 30.11", "2026-11-30 00:00"),
        ("until dec 5", "2026-12-05 00:00"),
        ("5 dec morning", "2026-12-05 09:00"),
        ("until the 25th", "2026-11-25 00:00"),
        ("until the 25th 9:00", "2026-11-25 09:00"),
        ("until the 2nd", "2026-12-02 00:00"),
        ("until the 23rd", "2026-12-23 00:00"),
    ],
)
def test_a_pause_until_a_moment(text: str, until: str) -> None:
    """A moment is wall time, the next one that is meant."""
    assert parse_pause(text, NOW) == datetime.fromisoformat(until)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "until",
        "for",
        "until tomorrow night",
        "until the 31st",
        "until 31.11.",
        "until 12.13.",
        "until 2h",
        "forever",
        "until may",
        "for monday",
        "until 2026-02-30",
        "0000-01-01",
        "until xyz 9:00",
        "until monday 25:00",
        "31 feb",
    ],
)
def test_a_pause_that_is_not_understood_shows_what_is(text: str) -> None:
    """The hint has examples."""
    with pytest.raises(SpokenError) as refused:
        parse_pause(text, NOW)
    assert "Understood" in refused.value.hint


@pytest.mark.parametrize(
    "text", ["until 2020-01-01", "until 1.2.2020", "until today 9:00", "this morning", "0m", "0h"]
)
def test_a_pause_that_would_be_over_is_refused(text: str) -> None:
    """A pause that does nothing is a slip; what would do is shown."""
    with pytest.raises(SpokenError, match="over already") as refused:
        parse_pause(text, NOW)
    assert "reminderd pause 2h" in refused.value.hint
    assert "reminderd resume" in refused.value.hint


def test_an_evening_that_has_begun_can_still_be_quiet() -> None:
    """What is over is said, and how to have the rest of the day."""
    late = NOW.replace(hour=19)
    assert parse_pause("tonight", late) == datetime.fromisoformat("2026-11-24 00:00")
    with pytest.raises(SpokenError, match="over already") as refused:
        parse_pause("until tonight", late)
    assert "reminderd pause today" in refused.value.hint


@pytest.mark.parametrize(
    "text", ["31d", "5w", "until 2026-12-24", "until 9999-12-31", "24 dec", "24.12.", "1.2."]
)
def test_a_pause_ends_within_thirty_days(text: str) -> None:
    """Nobody is forgotten for good."""
    with pytest.raises(SpokenError, match="longer than a pause") as refused:
        parse_pause(text, NOW)
    assert "reminderd pause 30 days" in refused.value.hint


def test_a_bare_number_is_no_pause() -> None:
    """It could be hours, minutes or a time of day."""
    with pytest.raises(SpokenError, match="no unit"):
        parse_pause("18", NOW)


def test_a_moment_may_lie_in_the_past_with_its_year() -> None:
    """A date that is written out means that date."""
    assert parse_moment("2026-01-02 9:00", NOW) == datetime.fromisoformat("2026-01-02 09:00")
    assert parse_moment("2 jan", NOW) == datetime.fromisoformat("2027-01-02 00:00")
