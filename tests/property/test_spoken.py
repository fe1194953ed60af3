"""Whatever is written: a value that comes back as written, or a refusal; never anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from reminderd.cli.output import clock_time, day_column, moment, until_words
from reminderd.cli.quiet import end_words
from reminderd.core import spoken, spoken_window
from reminderd.core.model import Window
from reminderd.core.pausing import LONGEST_PAUSE
from reminderd.core.spoken_moment import parse_moment
from reminderd.core.spoken_past import parse_past
from reminderd.core.spoken_pause import parse_pause
from reminderd.core.walltime import Present
from reminderd.errors import SpokenError

if TYPE_CHECKING:
    from collections.abc import Callable

minutes = st.integers(0, 1439)
weekdays = st.frozensets(st.integers(0, 6), min_size=1)
windows = st.builds(
    lambda days, start, length: Window(days, start, start + length),
    weekdays,
    minutes,
    st.integers(1, 1439),
) | st.builds(Window, weekdays, st.just(0), st.just(1440))

PIECES = (
    *("mon", "fri", "weekend", "daily", "-", "\u2013", " ", ",", "to", "and", "until", "for", "at"),
    *(
        "9",
        "09:30",
        "24:00",
        "9am",
        "pm",
        "noon",
        "midnight",
        "h",
        "m",
        "90",
        "1.5",
        "d",
        "w",
        "min",
    ),
    *("today", "tomorrow", "next", "week", "2026-12-01", "2026-02-30", "1", "dec", "31st", "2027"),
    *("tonight", "morning", "this ", "the ", "25th", "5.12.", "31.11", "30.02.2027"),
    *("evening", "in the ", "sat ", "of ", " (", ")", "12", "1am"),
    *(".", ":", "T", "an hour", "half", "\n", "\u202e", "\u0130", "9999-12-31", "0001-01-01"),
)
texts = st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
moments = st.datetimes()
this_century = st.datetimes(
    datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2099-11-01")
)


PARSERS = (
    spoken.parse_duration,
    spoken.parse_time,
    spoken.parse_days,
    spoken_window.parse_window,
    spoken_window.parse_fixed_time,
)


def refusal(parse: Callable[..., object], *given: object) -> SpokenError | None:
    """Return what a parser refused with; whatever else it raises fails the test."""
    try:
        parse(*given)
    except SpokenError as refused:
        return refused
    return None


@given(st.integers(0, 10**9))
def test_a_duration_is_read_back(seconds: int) -> None:
    """What is printed means the same length."""
    length = timedelta(seconds=seconds)
    assert spoken.parse_duration(spoken.format_duration(length)) == length


@given(minutes)
def test_a_time_is_read_back(minute: int) -> None:
    """What is printed means the same minute."""
    assert spoken.parse_time(spoken.format_time(minute)) == minute


@given(weekdays)
def test_weekdays_are_read_back(days: frozenset[int]) -> None:
    """What is printed means the same days."""
    assert spoken.parse_days(spoken.format_days(days)) == days


@given(windows)
def test_a_window_is_read_back(window: Window) -> None:
    """What is printed means the same window."""
    assert spoken_window.parse_window(spoken_window.format_window(window)) == window


@given(st.lists(windows, max_size=5))
def test_a_list_of_windows_is_read_back(values: list[Window]) -> None:
    """Commas between windows and between weekdays do not get in each other's way."""
    text = ", ".join(spoken_window.format_window(window) for window in values)
    assert [spoken_window.parse_window(piece) for piece in spoken_window.split_list(text)] == values


@given(texts, st.sampled_from(PARSERS))
def test_any_text_is_understood_or_refused(text: str, parse: Callable[[str], object]) -> None:
    """A refusal is one line that says what is understood."""
    refused = refusal(parse, text)
    assert refused is None or (refused.message.isprintable() and refused.hint)


@given(windows_text=texts)
def test_a_window_that_is_understood_is_a_sound_one(windows_text: str) -> None:
    """Whatever is accepted has days, a start within the day and a length up to a day."""
    try:
        window = spoken_window.parse_window(windows_text)
    except SpokenError:
        return
    assert window.days
    assert 0 <= window.start < 1440
    assert window.start < window.end <= window.start + 1440


@given(texts, moments)
def test_any_pause_is_understood_or_refused(text: str, now: datetime) -> None:
    """A pause lies ahead and ends within thirty days, also at the ends of time."""
    if refused := refusal(parse_pause, text, now):
        assert refused.message.isprintable()
        return
    value = parse_pause(text, now)
    length = value if isinstance(value, timedelta) else value - now
    assert timedelta(0) < length <= LONGEST_PAUSE


@given(texts, moments)
def test_any_moment_is_understood_or_refused(text: str, now: datetime) -> None:
    """Nothing else escapes, whatever the date."""
    if refusal(parse_moment, text, now) is None:
        assert parse_moment(text, now).tzinfo is None


@given(this_century, st.timedeltas(timedelta(minutes=1), LONGEST_PAUSE))
def test_a_moment_is_understood_as_it_is_printed(local: datetime, ahead: timedelta) -> None:
    """What `pause`, `resume`, `status` and `preview` say can be typed, and means the same."""
    present = Present(local.replace(tzinfo=UTC), UTC, "UTC")
    until = present.now + ahead
    meant = (local + ahead).replace(second=0, microsecond=0)
    printed = (
        moment(until, present),
        until_words(until, present),
        end_words(until, present),
        f"{day_column(until.date(), present)}   {clock_time(until)}",
    )
    for words in printed:
        for said in (words, f"until {words}"):
            assert parse_pause(said, local) == meant
        assert parse_moment(words, local) == meant


@given(texts, moments)
def test_any_past_is_understood_or_refused(text: str, now: datetime) -> None:
    """Nothing else escapes, whatever the date, and a time has a length."""
    if refusal(parse_past, text, now) is None:
        begin, end = parse_past(text, now)
        assert begin < end


@given(this_century, st.timedeltas(timedelta(minutes=1), timedelta(days=360)))
def test_a_past_is_understood_as_it_is_printed(local: datetime, back: timedelta) -> None:
    """What `why` says can be asked for."""
    local += timedelta(days=366)  # so that it lies in this century too
    present = Present(local.replace(tzinfo=UTC), UTC, "UTC")
    meant = (local - back).replace(second=0, microsecond=0)
    assert parse_past(moment(present.now - back, present), local)[0] == meant
