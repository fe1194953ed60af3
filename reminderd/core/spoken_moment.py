"""Moments as a person writes them: "until tomorrow 9:00", "until monday", "2026-12-01".

Everything here is naive wall time; the caller knows the zone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from reminderd.core.pausing import LONGEST_PAUSE
from reminderd.core.spoken import TIME, day_named, parse_duration, parse_time, plain, quoted
from reminderd.errors import SpokenError

MOMENT_HINT: Final = (
    'Understood: "18:00", "tomorrow", "tomorrow 9:00", "monday", "monday 9:00", "2026-12-01",'
    ' "2026-12-01 9:00", "1 dec".'
)
PAUSE_HINT: Final = (
    'Understood: "2h", "90 min", "1w", "today", "until 18:00", "until tomorrow",'
    ' "until tomorrow 9:00", "until monday", "until 2026-12-01"; 30 days at most.'
)

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NUMBER: Final = r"[0-9]{1,2})(?:st|nd|rd|th)?"
_DAY: Final = (
    r"(?:(?P<iso>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    rf"|(?P<number>{_NUMBER}\.? (?:of )?(?P<month>{_MONTH})"
    rf"|(?P<month_first>{_MONTH}) (?P<number_last>{_NUMBER}(?![0-9:.])"
    r"|(?P<name>(?:next |this |on )?[a-z]+))"
)
_YEAR: Final = r"(?:,? (?P<year>20[0-9]{2}))?"
_SHAPES: Final = (
    re.compile(rf"(?P<time>{TIME})"),
    re.compile(rf"{_DAY}{_YEAR}(?:(?:(?<=[0-9])t|,? (?:at )?)(?P<time>{TIME}))?"),
    re.compile(rf"(?P<time>{TIME}),? (?:on )?{_DAY}{_YEAR}"),
)
_REST_OF_TODAY: Final = frozenset({"today", "the day", "the rest of the day", "rest of the day"})


def parse_pause(text: str, local_now: datetime) -> timedelta | datetime:
    """Return how long to be silent ("2h"), or until which wall time ("until monday 9:00").

    A day without a time means its first moment; windows and quiet hours do the rest.

    Raises:
        SpokenError: It is not understood, lies in the past, or is longer than 30 days.
    """
    head = re.match(r"(?:(for)|until|till?|to)\b ?", plain(text))
    words = plain(text)[head.end() :] if head else plain(text)
    if not words:
        raise SpokenError("It is not said for how long.", PAUSE_HINT)
    value: timedelta | datetime
    if words in _REST_OF_TODAY:
        value = parse_moment("today", local_now)
    elif head is None:
        value = _either(text, words, local_now)
    else:
        value = parse_duration(words) if head[1] else _moment(text, words, local_now, PAUSE_HINT)
    _check_length(text, value if isinstance(value, timedelta) else value - local_now)
    return value


def parse_moment(text: str, local_now: datetime) -> datetime:
    """Return the wall time that is meant, the next one where several could be.

    "today" without a time is the end of today. Only a date with its year can lie in the past.

    Raises:
        SpokenError: It is not understood.
    """
    return _moment(text, plain(text), local_now, MOMENT_HINT)


def _either(text: str, words: str, local_now: datetime) -> timedelta | datetime:
    """Return what is meant without "for" or "until"; a bare number could be anything."""
    try:
        return parse_duration(words)
    except SpokenError:
        if words.replace(".", "").replace(",", "").isdigit():
            raise
    return _moment(text, words, local_now, PAUSE_HINT)


def _check_length(text: str, length: timedelta) -> None:
    if length <= timedelta(0):
        raise SpokenError(f"{quoted(text)} is not in the future.", PAUSE_HINT)
    if length > LONGEST_PAUSE:
        raise SpokenError(f"{quoted(text)} is longer than a pause can be.", PAUSE_HINT)


def _moment(text: str, words: str, local_now: datetime, hint: str) -> datetime:
    for shape in _SHAPES:
        if found := shape.fullmatch(words):
            parts = found.groupdict()
            minute = parse_time(parts["time"]) if parts["time"] else None
            try:
                moment = _resolve(parts, minute, local_now)
            except (ValueError, OverflowError):  # the 31st of a short month, the year 0, ...
                break
            if moment is not None:
                return moment
    raise SpokenError(f"{quoted(text)} is not understood.", hint)


def _resolve(
    parts: dict[str, str | None], minute: int | None, local_now: datetime
) -> datetime | None:
    """Return the moment of a shape's parts, or None where a name in it names no day."""
    name = re.sub("^(this|on) ", "", parts.get("name") or "")
    today = local_now.date()
    if parts.get("iso"):
        return _at(date(*(int(part) for part in str(parts["iso"]).split("-"))), minute)
    if month := parts.get("month") or parts.get("month_first"):
        return _of_month(month, parts, minute, local_now)
    if name == "today" and minute is None:
        return _at(today + timedelta(days=1), 0)
    if name in {"today", "tomorrow"}:
        return _at(today + timedelta(days=int(name == "tomorrow")), minute)
    if not name:
        return _next(today, 1, minute, local_now)
    weekday = 0 if name == "next week" else day_named(name.removeprefix("next "))
    ahead = 0 if weekday is None else (weekday - today.weekday()) % 7
    day = today + timedelta(days=ahead)
    return None if weekday is None else _next(day, 7, minute, local_now)


def _of_month(
    name: str, parts: dict[str, str | None], minute: int | None, local_now: datetime
) -> datetime | None:
    month = next((i for i, long in enumerate(_MONTHS, 1) if long.startswith(name)), None)
    if month is None:
        return None
    number = int(parts.get("number") or parts.get("number_last") or 0)
    year = int(parts.get("year") or local_now.year)
    moment = _at(date(year, month, number), minute)
    over = not parts.get("year") and moment <= local_now
    return _at(date(year + 1, month, number), minute) if over else moment


def _next(day: date, step: int, minute: int | None, local_now: datetime) -> datetime:
    moment = _at(day, minute)
    return moment if moment > local_now else moment + timedelta(days=step)


def _at(day: date, minute: int | None) -> datetime:
    return datetime.combine(day, time.min) + timedelta(minutes=minute or 0)
