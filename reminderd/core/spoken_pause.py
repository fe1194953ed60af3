"""How long a pause is to be, as a person writes it: "2h", "until tomorrow 9:00", "for the weekend".

Everything here is naive wall time; the caller knows the zone.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from reminderd.core.pausing import LONGEST_PAUSE
from reminderd.core.spoken import DAY, parse_duration, quoted
from reminderd.core.spoken_moment import moment_on, next_on, parse_moment, said_moment, spelled
from reminderd.errors import SpokenError

PAUSE_HINT: Final = (
    'Understood: "2h", "90 min", "1w", "today", "until 18:00", "until tonight", "until tomorrow",'
    ' "until tomorrow 9:00", "until friday morning", "until monday", "until 1 dec", "until 1.12.",'
    ' "until 2026-12-01", "for the weekend"; 30 days at most.'
)
OVER: Final = "{said} would be over already."
OVER_HINT: Final = (
    "Quiet for two hours: reminderd pause 2h. For the rest of today: reminderd pause today."
    " To end a pause: reminderd resume"
)
_TOO_LONG: Final = "{said} is longer than a pause can be."
_TOO_LONG_HINT: Final = "30 days are the most, and can be asked for again: reminderd pause 30 days"

_HOUR: Final = 60
_HALF_A_DAY: Final = 720
_EVENING: Final = 1080
_REST_OF_TODAY: Final = frozenset(
    {
        *("today", "the day", "the rest of the day", "rest of the day", "all day"),
        *("the end of the day", "end of the day", "the end of today", "end of today"),
    }
)
_WEEKEND: Final = frozenset(
    {"weekend", "the weekend", "this weekend", "over the weekend", "the rest of the weekend"}
)
_SATURDAY: Final = 5
_NOT_YET: Final = "{said} has not begun, and a pause begins at once."
_NOT_YET_HINT: Final = "Until it is over: reminderd pause until monday"
_TWO_TIMES: Final = "{said} could be {first} or {second}."
_TWO_TIMES_HINT: Final = 'Written so it is clear: "until {first}", or "until {second}".'
_THIS_EVENING: Final = frozenset({"tonight", "this evening"})


def parse_pause(text: str, local_now: datetime) -> timedelta | datetime:
    """Return how long to be silent ("2h"), or until which wall time ("until monday 9:00").

    A day without a time means its first moment; windows and quiet hours do the rest. "until" may be
    left out, but "today" and "tonight" alone mean until midnight, and so does "until tonight" once
    the evening has begun. The answer to `pause` is understood as it stands.

    Raises:
        SpokenError: It is not understood, could be two, lies in the past, or is over 30 days long.
    """
    words = spelled(text)
    if head := re.match(r"(?:(for)|(until|till?|to))\b ?", words):
        words = words[head.end() :]
    if not words:
        raise SpokenError("It is not said for how long.", PAUSE_HINT)
    value: timedelta | datetime
    before_evening = local_now.hour * _HOUR < _EVENING
    until_evening = bool(head and head[2] and before_evening)
    if words in _REST_OF_TODAY or (words in _THIS_EVENING and not until_evening):
        value = parse_moment("today", local_now)
    elif words in _WEEKEND and not (head and head[2]):
        value = _after_the_weekend(text, local_now)
    elif words in _WEEKEND and local_now.weekday() < _SATURDAY:
        value = _moment(text, "saturday", local_now)
    elif head is None:
        value = _either(text, words, local_now)
    elif head[1]:
        value = _length(text, words)
    else:
        value = _end(text, words, local_now)
    _check_length(text, value if isinstance(value, timedelta) else value - local_now)
    return value


def _length(text: str, words: str) -> timedelta:
    """Return what stands behind "for"; what is no length may be an end, so both are shown."""
    try:
        return parse_duration(words)
    except SpokenError:
        if re.match("[0-9]", words):
            raise
        raise SpokenError(f"{quoted(text)} is not understood.", PAUSE_HINT) from None


def _after_the_weekend(text: str, local_now: datetime) -> datetime:
    """Return where Monday begins; refused before Friday, since a pause begins at once."""
    if local_now.weekday() < _SATURDAY - 1:
        raise SpokenError(_NOT_YET.format(said=quoted(text)), _NOT_YET_HINT)
    return moment_on(local_now.date() + timedelta(days=7 - local_now.weekday()), None)


def _end(text: str, words: str, local_now: datetime) -> datetime:
    """Return until when; refused for a bare hour where that of the other half-day comes first."""
    said = re.fullmatch("(?:at |the )?([0-9]{1,2})", words)
    hour = int(said[1]) if said else 0
    if 1 <= hour <= _HALF_A_DAY // _HOUR:
        today = local_now.date()
        meant, other = (
            next_on(today, 1, minute % DAY, local_now)
            for minute in (hour * _HOUR, hour * _HOUR + _HALF_A_DAY)
        )
        if other < meant:
            first, second = (
                f"{'tomorrow ' if one.date() > today else ''}{one.hour}:00"
                for one in (other, meant)
            )
            raise SpokenError(
                _TWO_TIMES.format(said=quoted(text), first=first, second=second),
                _TWO_TIMES_HINT.format(first=first, second=second),
            )
    return _moment(text, words, local_now)


def _either(text: str, words: str, local_now: datetime) -> timedelta | datetime:
    """Return what is meant without "for" or "until"; a bare number could be anything."""
    try:
        return parse_duration(words)
    except SpokenError:
        if re.fullmatch("[0-9]+(?:[.,][0-9]+)?", words):
            raise
    return _end(text, words, local_now)


def _check_length(text: str, length: timedelta) -> None:
    if length <= timedelta(0):
        raise SpokenError(OVER.format(said=quoted(text)), OVER_HINT)
    if length > LONGEST_PAUSE:
        raise SpokenError(_TOO_LONG.format(said=quoted(text)), _TOO_LONG_HINT)


def _moment(text: str, words: str, local_now: datetime) -> datetime:
    return said_moment(text, words, local_now, PAUSE_HINT)[0]
