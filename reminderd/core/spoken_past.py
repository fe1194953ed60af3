"""Moments that have passed as a person writes them: "yesterday 14:00", "2 hours ago", "last night".

Everything here is naive wall time; the caller knows the zone.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from reminderd.core.spoken import parse_duration, quoted
from reminderd.core.spoken_moment import moment_on, said_moment, spelled, without_part_of_day
from reminderd.errors import SpokenError

PAST_HINT: Final = (
    'Understood: "14:00", "yesterday 14:00", "yesterday", "monday 9:00", "2 hours ago", "20 nov",'
    ' "2026-11-20 14:00".'
)
_A_DAY: Final = timedelta(days=1)
_BEFORE_YESTERDAY: Final = "the day before yesterday"
_PARTS: Final = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24)}
"""From which hour to which, where it is the past that is asked for."""


def parse_past(text: str, local_now: datetime) -> tuple[datetime, datetime]:
    """Return the minute that is meant, or the date where no time is said: its start and its end.

    It is the last one where several could be meant. Only what names its day can lie ahead.

    Raises:
        SpokenError: It is not understood.
    """
    words = re.sub(r"^(?:at|on) ", "", spelled(text))
    words = re.sub(r"\bnight\b", "evening", re.sub("^last night", "yesterday evening", words))
    try:
        start, end = _past(text, words, local_now)
        _ = start - _A_DAY, end + _A_DAY  # no zone is further off
    except OverflowError:
        raise SpokenError(f"{quoted(text)} is outside all calendars.", PAST_HINT) from None
    return start, end


def _past(text: str, words: str, local_now: datetime) -> tuple[datetime, datetime]:
    if words.startswith("last "):
        return _past(text, words.removeprefix("last "), local_now - _A_DAY)
    if words in {"now", "just now"} or words.endswith(" ago"):
        length = timedelta(0) if "now" in words else parse_duration(words.removesuffix(" ago"))
        return _minute_of(local_now - length)
    rest, part = without_part_of_day(words)
    if part and _names_only_a_day(rest or "today", local_now):
        midnight, _ = _past(text, rest or "today", local_now)
        first, last = _PARTS[part]
        return midnight + timedelta(hours=first), midnight + timedelta(hours=last)
    moment, minute = _last_said(text, words, local_now)
    if minute is not None:
        return _minute_of(moment)
    is_end = words in {"today", "yesterday", _BEFORE_YESTERDAY}  # of a day, as a pause has it
    midnight = moment - _A_DAY if is_end else moment
    return midnight, midnight + _A_DAY


def _last_said(text: str, words: str, local_now: datetime) -> tuple[datetime, int | None]:
    """Return the last moment that can be meant: the next one, said some time ago."""
    new_year = moment_on(local_now.date().replace(month=1, day=1), 0)
    days = (timedelta(days=count) for count in (0, 1, 7, 31, 62, 366))
    back: tuple[timedelta, ...] = (*days, local_now - new_year)
    for name, length in ((_BEFORE_YESTERDAY, 2 * _A_DAY), ("yesterday", _A_DAY)):
        if name in words:
            words, back = words.replace(name, "today"), (length,)
            break
    else:
        if re.search(r"\b(?:today|tonight|tomorrow|this)\b", words):
            back = (timedelta(0),)
    found: list[tuple[datetime, int | None]] = []
    for one in back:
        try:
            found.append(said_moment(text, words, local_now - one, PAST_HINT))
        except SpokenError:  # 29 February is in some years alone
            if one == back[-1] and not found:
                raise
    return max([one for one in found if one[0] <= local_now], default=found[0])


def _names_only_a_day(words: str, local_now: datetime) -> bool:
    try:
        return (
            said_moment(
                words,
                words.replace("the day before ", "").replace("yesterday", "today"),
                local_now,
                "",
            )[1]
            is None
        )
    except SpokenError:
        return False


def _minute_of(moment: datetime) -> tuple[datetime, datetime]:
    begin = moment.replace(second=0, microsecond=0)
    return begin, begin + timedelta(minutes=1)
