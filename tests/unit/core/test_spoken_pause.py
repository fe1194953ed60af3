"""What a person writes for the end of a pause, and what is meant by it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from reminderd.core.spoken_pause import parse_pause
from reminderd.errors import SpokenError

NOW = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 -- wall time; a Monday


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
        ("until the weekend", "2026-11-28 00:00"),
        ("all day", "2026-11-24 00:00"),
        ("until the end of the day", "2026-11-24 00:00"),
    ],
)
def test_a_pause_until_a_moment(text: str, until: str) -> None:
    """A moment is wall time, the next one that is meant."""
    assert parse_pause(text, NOW) == datetime.fromisoformat(until)


@pytest.mark.parametrize(
    ("at", "text", "until"),
    [
        ("08:00", "until 9", "2026-11-23 09:00"),
        ("23:00", "until 9", "2026-11-24 09:00"),
        ("10:30", "until 18", "2026-11-23 18:00"),
        ("10:30", "until 12", "2026-11-23 12:00"),
        ("14:30", "until 5:00", "2026-11-24 05:00"),
        ("14:30", "until 5pm", "2026-11-23 17:00"),
        ("14:30", "until tonight 8", "2026-11-23 20:00"),
    ],
)
def test_an_hour_that_is_clear(at: str, text: str, until: str) -> None:
    """With its minutes, its half of the day, or where the next one is meant either way."""
    now = datetime.fromisoformat(f"2026-11-23 {at}")
    assert parse_pause(text, now) == datetime.fromisoformat(until)


@pytest.mark.parametrize("text", ["weekend", "for the weekend", "over the weekend"])
def test_a_weekend_ends_where_monday_begins(text: str) -> None:
    """From Friday on; before that it would be days of silence that nobody asked for."""
    for day in (27, 28, 29):
        now = datetime(2026, 11, day, 10)  # noqa: DTZ001 -- wall time
        assert parse_pause(text, now) == datetime.fromisoformat("2026-11-30 00:00")
    with pytest.raises(SpokenError, match="has not begun") as refused:
        parse_pause(text, NOW)
    assert "until monday" in refused.value.hint


def test_until_the_weekend_is_no_end_in_it() -> None:
    """Nobody means the next one."""
    with pytest.raises(SpokenError, match="is not understood"):
        parse_pause("until the weekend", datetime(2026, 11, 28, 10))  # noqa: DTZ001 -- wall time


@pytest.mark.parametrize(
    ("at", "text", "both"),
    [
        ("14:42", "until 5", ("17:00", "tomorrow 5:00")),
        ("20:00", "until 9", ("21:00", "tomorrow 9:00")),
        ("08:00", "until 5", ("17:00", "tomorrow 5:00")),
        ("14:00", "till 12", ("tomorrow 0:00", "tomorrow 12:00")),
        ("14:42", "at 5", ("17:00", "tomorrow 5:00")),
        ("14:42", "until the 5", ("17:00", "tomorrow 5:00")),
    ],
)
def test_an_hour_that_could_be_two_is_refused(at: str, text: str, both: tuple[str, str]) -> None:
    """Half a day more of silence would not be noticed; what is shown is understood."""
    now = datetime.fromisoformat(f"2026-11-23 {at}")
    with pytest.raises(SpokenError, match="could be") as refused:
        parse_pause(text, now)
    for one in both:
        assert f'"until {one}"' in refused.value.hint
        assert isinstance(parse_pause(f"until {one}", now), datetime)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "until",
        "for",
        "until tomorrow night",
        "until the 32nd",
        "until the 0th",
        "until 31.11.",
        "until 12.13.",
        "until 2h",
        "forever",
        "for good",
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


@pytest.mark.parametrize("words", ["tonight", "until tonight", "until this evening"])
@pytest.mark.parametrize("clock", ["18:00", "19:00", "23:59"])
def test_an_evening_that_has_begun_is_quiet_until_midnight(words: str, clock: str) -> None:
    """Nobody is told that tonight is over while it lasts."""
    now = datetime.fromisoformat(f"2026-11-23 {clock}")
    assert parse_pause(words, now) == datetime.fromisoformat("2026-11-24 00:00")


@pytest.mark.parametrize(
    "words",
    [
        "tonight {hour}",
        "until tonight {hour}",
        "until {hour} tonight",
        "tonight at {hour}",
        "until {hour} this evening",
        "this evening at {hour}",
        "until {hour} in the evening",
        "until {hour} in the evening today",
        "until today at {hour} in the evening",
    ],
)
@pytest.mark.parametrize("clock", ["00:30", "07:00", "12:30"])
def test_an_hour_of_the_evening_is_after_noon(words: str, clock: str) -> None:
    """With "tonight", an 8 never ends the quiet in the morning."""
    now = datetime.fromisoformat(f"2026-11-23 {clock}")
    for hour in range(1, 12):
        until = now.replace(hour=hour + 12, minute=0)
        assert parse_pause(words.format(hour=hour), now) == until
        half_past = words.format(hour=f"{hour}:30")
        assert parse_pause(half_past, now) == until.replace(minute=30)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("until tonight 20", "2026-11-23 20:00"),
        ("until tonight 8pm", "2026-11-23 20:00"),
        ("until 8 p.m. tonight", "2026-11-23 20:00"),
        ("tonight 0800", "2026-11-23 20:00"),
        ("until midnight tonight", "2026-11-24 00:00"),
        ("until tonight 12", "2026-11-24 00:00"),
        ("until 12am tonight", "2026-11-24 00:00"),
        ("until 1am tonight", "2026-11-24 01:00"),
        ("until tonight 0:30", "2026-11-24 00:30"),
        ("until tomorrow evening at 8", "2026-11-24 20:00"),
        ("until 8 in the evening tomorrow", "2026-11-24 20:00"),
        ("friday evening 8:30", "2026-11-27 20:30"),
        ("until 3 in the afternoon", "2026-11-23 15:00"),
        ("until 8 in the morning", "2026-11-24 08:00"),
        ("until tomorrow morning at 8", "2026-11-24 08:00"),
        ("until tomorrow 2030", "2026-11-24 20:30"),
        ("until tomorrow midday", "2026-11-24 12:00"),
    ],
)
def test_an_hour_beside_a_part_of_the_day(text: str, until: str) -> None:
    """The part says which half of the day; what comes after midnight belongs to the evening."""
    assert parse_pause(text, NOW) == datetime.fromisoformat(until)


@pytest.mark.parametrize("text", ["until tomorrow morning 15:00", "until tomorrow afternoon 9am"])
def test_an_hour_outside_its_part_of_the_day_is_not_guessed_at(text: str) -> None:
    """One of the two is a slip."""
    with pytest.raises(SpokenError, match="not understood"):
        parse_pause(text, NOW)


def test_an_hour_of_this_evening_that_has_passed_is_told() -> None:
    """Then it is true."""
    with pytest.raises(SpokenError, match="over already"):
        parse_pause("until tonight 8", NOW.replace(hour=21))


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("until fri 27 nov 9:00", "2026-11-27 09:00"),
        ("until fri 27 nov", "2026-11-27 00:00"),
        ("until Friday, 27 November 2026", "2026-11-27 00:00"),
        ("until friday nov 27 9:00", "2026-11-27 09:00"),
        ("until friday the 27th", "2026-11-27 00:00"),
        ("until friday 27th", "2026-11-27 00:00"),
        ("until next friday the 27th 9:00", "2026-11-27 09:00"),
        ("until on friday the 27th of november", "2026-11-27 00:00"),
        ("friday the 27th at 8 in the evening", "2026-11-27 20:00"),
        ("until fri 27.11.", "2026-11-27 00:00"),
        ("until fri 2026-11-27 9:00", "2026-11-27 09:00"),
        ("until 9:00 on fri 27 nov", "2026-11-27 09:00"),
        ("until the 25th of november", "2026-11-25 00:00"),
        ("until 25th of november 9:00", "2026-11-25 09:00"),
        ("until tomorrow 9:00 (tue 24 nov)", "2026-11-24 09:00"),
        ("until tue 1 dec 0:00, when that day begins", "2026-12-01 00:00"),
    ],
)
def test_a_date_may_have_its_weekday(text: str, until: str) -> None:
    """As the answer to `pause` has it."""
    assert parse_pause(text, NOW) == datetime.fromisoformat(until)


@pytest.mark.parametrize(
    "text",
    [
        "until thu 27 nov 9:00",
        "until thursday the 27th",
        "until thursday the 27th at 9 in the evening",
        "until thu 27.11.",
        "until thu 2026-11-27",
        "until 2026-11-27 (thu 27 nov)",
    ],
)
def test_a_weekday_that_is_not_that_of_the_date_is_told(text: str) -> None:
    """Nobody guesses which of the two is meant, and each is shown as it is."""
    with pytest.raises(SpokenError) as refused:
        parse_pause(text, NOW)
    assert "27 November 2026 is a Friday" in refused.value.message
    assert '"until 2026-11-27"' in refused.value.hint
    assert '"until thursday"' in refused.value.hint
    assert parse_pause("until 2026-11-27", NOW) == datetime.fromisoformat("2026-11-27 00:00")


def test_another_date_in_brackets_is_not_guessed_at() -> None:
    """The two are to be one."""
    with pytest.raises(SpokenError, match="not understood"):
        parse_pause("until tomorrow (fri 27 nov)", NOW)


@pytest.mark.parametrize(
    ("now", "text", "until"),
    [
        ("2026-02-28 10:00", "until the 29th", "2026-03-29 00:00"),
        ("2026-02-28 10:00", "until the 30th", "2026-03-30 00:00"),
        ("2026-01-31 10:00", "until the 30th", None),
        ("2026-11-23 10:30", "until the 31st", None),
        ("2028-02-28 10:00", "until the 29th", "2028-02-29 00:00"),
        ("2026-12-31 10:00", "until the 29th", "2027-01-29 00:00"),
        ("2026-02-28 10:00", "until sunday the 29th of march", "2026-03-29 00:00"),
    ],
)
def test_a_day_of_the_month_is_the_next_one_there_is(
    now: str, text: str, until: str | None
) -> None:
    """A short month is passed over; what is more than thirty days away is told as that."""
    local = datetime.fromisoformat(now)
    if until:
        assert parse_pause(text, local) == datetime.fromisoformat(until)
        return
    with pytest.raises(SpokenError, match="longer than a pause"):
        parse_pause(text, local)


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
