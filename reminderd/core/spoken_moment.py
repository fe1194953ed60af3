"""Moments as a person writes them: "tomorrow 9:00", "monday", "2026-12-01".

Everything here is naive wall time; the caller knows the zone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from reminderd.core.spoken import (
    DAY,
    DAY_NAMES,
    LONG_DAYS,
    TIME,
    day_named,
    parse_time,
    plain,
    quoted,
)
from reminderd.errors import SpokenError

MOMENT_HINT: Final = (
    'Understood: "18:00", "tomorrow", "tomorrow 9:00", "friday morning", "monday", "1 dec",'
    ' "1.12.", "2026-12-01", "2026-12-01 9:00".'
)
_TWO_DAYS: Final = "{said} names two different days: {date} is a {weekday}."
_TWO_DAYS_HINT: Final = 'One of them is enough: "until {date}", or "until {weekday}".'

_HOUR: Final = 60
_NOON: Final = 720
_STARTS: Final = {"morning": 540, "afternoon": 840, "evening": 1080}
_PART_OF_DAY: Final = re.compile(rf"\b(?:(?:in )?the )?({'|'.join(_STARTS)})\b,?")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NUMBER: Final = r"[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"20[0-9]{2}"
_NO_HOUR: Final = r"(?:2[4-9]|3[01])\.(?:1[0-2]|0?[1-9])(?![0-9.])"
"""A date such as 25.12, which without its last point could else be a time of day."""
_DATE: Final = (
    r"(?:(?P<iso>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    rf"|(?P<dotted>[0-9]{{1,2}}\.[0-9]{{1,2}}\.(?: ?{_YEAR})?|{_NO_HOUR}(?: {_YEAR})?)"
    rf"|(?:(?:the )?(?P<number>{_NUMBER}\.? (?:of )?(?P<month>{_MONTH})"
    rf"|(?P<month_first>{_MONTH}) (?P<number_last>{_NUMBER}(?![0-9:.]))(?:,? (?P<year>{_YEAR}))?"
    r"|(?:the )?(?P<only_number>[0-9]{1,2})(?:st|nd|rd|th))"
)
_DAY: Final = (
    rf"(?:on )?(?:(?:(?:next |this )?(?P<weekday>(?:{'|'.join(DAY_NAMES)})[a-z]*),? )?{_DATE}"
    r"|(?P<name>(?:next |this )?[a-z]+))"
)
_TIME: Final = rf"(?P<time>{TIME})"
_SHAPES: Final = (
    re.compile(rf"{_DAY}(?:(?:(?<=[0-9])t|,? (?:at )?){_TIME})?"),
    re.compile(rf"(?:(?:the |at )?{_TIME})?"),
    re.compile(rf"{_TIME},? {_DAY}"),
)
_WITH_ITS_DATE: Final = re.compile(r"(?P<moment>[^()]+) \((?P<date>[^()]+)\)")
"""As the answer to `pause` has it: "tomorrow 9:00 (mon 23 nov)"."""
_WHEN_IT_BEGINS: Final = ", when that day begins"


def parse_moment(text: str, local_now: datetime) -> datetime:
    """Return the wall time that is meant, the next one where several could be.

    "today" without a time is the end of today. Only what names its day can lie in the past.

    Raises:
        SpokenError: It is not understood.
    """
    return _moment(text, spelled(text), local_now, MOMENT_HINT)


def spelled(text: str) -> str:
    """Return a text in the one spelling that is parsed, with the last point of "1.12."."""
    words = plain(text).removesuffix(_WHEN_IT_BEGINS)
    is_date = text.rstrip().endswith(".") and re.search(r"(?:^| )[0-9]{1,2}\.[0-9]{1,2}$", words)
    return f"{words}." if is_date else words


def _moment(text: str, words: str, local_now: datetime, hint: str) -> datetime:
    return said_moment(text, words, local_now, hint)[0]


def said_moment(
    text: str, words: str, local_now: datetime, hint: str
) -> tuple[datetime, int | None]:
    """Return the moment that is meant, and the minute of its day where one is said."""
    if both := _WITH_ITS_DATE.fullmatch(words):
        told = said_moment(text, both["moment"], local_now, hint)
        if _moment(text, both["date"], local_now, hint).date() == told[0].date():
            return told
    words, part = without_part_of_day(words)
    for shape in _SHAPES:
        if found := shape.fullmatch(words):
            parts = {name: one for name, one in found.groupdict().items() if one}
            try:
                minute = _minute(parts.get("time"), part)
                moment = _resolve(parts, minute, local_now)
                if moment is not None:
                    _check_weekday(text, parts, moment - timedelta(minutes=minute or 0))
                    return moment, minute
            except (ValueError, OverflowError):  # the 31st of a short month, the year 0, ...
                break
    raise SpokenError(f"{quoted(text)} is not understood.", hint)


def without_part_of_day(words: str) -> tuple[str, str | None]:
    """Return the day and time that are left, and the part of the day that stood beside them."""
    words = re.sub(r"\btonight\b", "today evening", words)
    words = re.sub(r"\bthis (?=morning|afternoon|evening)", "today ", words)
    words = re.sub(r"\b(?:the )?midday\b", "noon", words)
    part = _PART_OF_DAY.search(words)
    rest = _PART_OF_DAY.sub("", words, count=1)
    return " ".join(rest.split()).strip(" ,"), part and part[1]


def _minute(said: str | None, part: str | None) -> int | None:
    """Return the minute of its day; what an evening has after midnight counts on from there.

    Raises:
        ValueError: The time lies in another part of the day.
    """
    if said is None:
        return _STARTS[part] if part else None
    minute = parse_time(said)
    is_bare = said[0].isdigit() and "m" not in said
    if part in {"afternoon", "evening"} and is_bare and _HOUR <= minute < _NOON:
        return minute + _NOON
    if part == "evening" and (minute < _NOON or (is_bare and minute < _NOON + _HOUR)):
        return minute % _NOON + DAY
    if (part == "morning" and minute >= _NOON) or (part == "afternoon" and minute < _NOON):
        raise ValueError
    return minute


def _resolve(parts: dict[str, str], minute: int | None, local_now: datetime) -> datetime | None:
    """Return the moment of a shape's parts, or None where a name in it names no day."""
    if "iso" in parts:
        return moment_on(date(*(int(part) for part in parts["iso"].split("-"))), minute)
    if "dotted" in parts:
        number, month, *year = map(int, re.findall("[0-9]+", parts["dotted"]))
        return _of_month(number, month, year[0] if year else None, minute, local_now)
    if name := parts.get("month") or parts.get("month_first"):
        number = int(parts.get("number") or parts["number_last"])
        known = next((i for i, long in enumerate(_MONTHS, 1) if long.startswith(name)), 0)
        said_year = int(parts["year"]) if "year" in parts else None
        return _of_month(number, known, said_year, minute, local_now)
    if "only_number" in parts:
        return _of_number(int(parts["only_number"]), minute, local_now)
    if "name" in parts:
        return _of_name(parts["name"].removeprefix("this "), minute, local_now)
    return None if minute is None else next_on(local_now.date(), 1, minute, local_now)


def _check_weekday(text: str, parts: dict[str, str], day: date) -> None:
    """Refuse a date beside which another weekday stands than its own."""
    if "weekday" not in parts:
        return
    said = day_named(parts["weekday"])
    if said is None:
        raise ValueError
    if said != day.weekday():
        written = f"{day.day} {_MONTHS[day.month - 1].title()} {day.year}"
        weekday = LONG_DAYS[day.weekday()].title()
        raise SpokenError(
            _TWO_DAYS.format(said=quoted(text), date=written, weekday=weekday),
            _TWO_DAYS_HINT.format(date=f"{day:%Y-%m-%d}", weekday=LONG_DAYS[said]),
        )


def _of_name(name: str, minute: int | None, local_now: datetime) -> datetime | None:
    today = local_now.date()
    if name == "today" and minute is None:
        return moment_on(today + timedelta(days=1), 0)
    if name in {"today", "tomorrow"}:
        return moment_on(today + timedelta(days=int(name == "tomorrow")), minute)
    weekday = 0 if name == "next week" else day_named(name.removeprefix("next "))
    if weekday is None:
        return None
    return next_on(today + timedelta(days=(weekday - today.weekday()) % 7), 7, minute, local_now)


def _of_month(
    number: int, month: int, year: int | None, minute: int | None, local_now: datetime
) -> datetime:
    """Return the moment of a date; without its year, the next one."""
    moment = moment_on(date(year or local_now.year, month, number), minute)
    over = year is None and moment <= local_now
    return moment_on(date(local_now.year + 1, month, number), minute) if over else moment


def _of_number(number: int, minute: int | None, local_now: datetime) -> datetime:
    """Return the next moment on that day of a month; a month without it is passed over."""
    first = local_now.date().replace(day=1)
    for _ in range(3):
        following = (first + timedelta(days=31)).replace(day=1)
        day = first + timedelta(days=number - 1)
        if first <= day < following and moment_on(day, minute) > local_now:
            return moment_on(day, minute)
        first = following
    raise ValueError


def next_on(day: date, step: int, minute: int | None, local_now: datetime) -> datetime:
    """Return a wall time of a date; where it is over, that of the date so many days later."""
    moment = moment_on(day, minute)
    return moment if moment > local_now else moment + timedelta(days=step)


def moment_on(day: date, minute: int | None) -> datetime:
    """Return a wall time of a date; its first moment where no minute is said."""
    return datetime.combine(day, time.min) + timedelta(minutes=minute or 0)
