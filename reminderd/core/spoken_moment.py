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
    'Understood: "18:00", "tomorrow", "tomorrow 9:00", "friday morning", "monday", "1 dec",'
    ' "1.12.", "2026-12-01", "2026-12-01 9:00".'
)
PAUSE_HINT: Final = (
    'Understood: "2h", "90 min", "1w", "today", "until 18:00", "until tonight", "until tomorrow",'
    ' "until tomorrow 9:00", "until friday morning", "until monday", "until 1 dec", "until 1.12.",'
    ' "until 2026-12-01"; 30 days at most.'
)
OVER: Final = "{said} would be over already."
OVER_HINT: Final = (
    "Quiet for two hours: reminderd pause 2h. For the rest of today: reminderd pause today."
    " To end a pause: reminderd resume"
)
_TOO_LONG: Final = "{said} is longer than a pause can be."
_TOO_LONG_HINT: Final = "30 days are the most, and can be asked for again: reminderd pause 30 days"

_PARTS_OF_DAY: Final = {"morning": 540, "midday": 720, "afternoon": 840, "evening": 1080}
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NUMBER: Final = r"[0-9]{1,2})(?:st|nd|rd|th)?"
_NO_HOUR: Final = r"(?:2[4-9]|3[01])\.(?:1[0-2]|0?[1-9])(?![0-9.])"
"""A date such as 25.12, which without its last point could else be a time of day."""
_DAY: Final = (
    r"(?:(?P<iso>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    rf"|(?P<dotted>[0-9]{{1,2}}\.[0-9]{{1,2}}\.(?:20[0-9]{{2}})?|{_NO_HOUR})"
    rf"|(?P<number>{_NUMBER}\.? (?:of )?(?P<month>{_MONTH})"
    rf"|(?P<month_first>{_MONTH}) (?P<number_last>{_NUMBER}(?![0-9:.])"
    r"|(?:the )?(?P<only_number>[0-9]{1,2})(?:st|nd|rd|th)"
    r"|(?P<name>(?:next |this |on )?[a-z]+))"
)
_YEAR: Final = r"(?:,? (?P<year>20[0-9]{2}))?"
_TIME: Final = rf"(?P<time>{TIME}|{'|'.join(_PARTS_OF_DAY)})"
_SHAPES: Final = (
    re.compile(rf"{_DAY}{_YEAR}(?:(?:(?<=[0-9])t|,? (?:at )?){_TIME})?"),
    re.compile(rf"(?:the )?{_TIME}"),
    re.compile(rf"{_TIME},? (?:on )?{_DAY}{_YEAR}"),
)
_REST_OF_TODAY: Final = frozenset({"today", "the day", "the rest of the day", "rest of the day"})
_THIS_EVENING: Final = frozenset({"tonight", "this evening"})


def parse_pause(text: str, local_now: datetime) -> timedelta | datetime:
    """Return how long to be silent ("2h"), or until which wall time ("until monday 9:00").

    A day without a time means its first moment; windows and quiet hours do the rest. "until" may be
    left out, but "today" and "tonight" alone mean until midnight.

    Raises:
        SpokenError: It is not understood, lies in the past, or is longer than 30 days.
    """
    words = _words(text)
    if head := re.match(r"(?:(for)|(until|till?|to))\b ?", words):
        words = words[head.end() :]
    if not words:
        raise SpokenError("It is not said for how long.", PAUSE_HINT)
    value: timedelta | datetime
    if words in _REST_OF_TODAY or (words in _THIS_EVENING and not (head and head[2])):
        value = parse_moment("today", local_now)
    elif head is None:
        value = _either(text, words, local_now)
    else:
        value = parse_duration(words) if head[1] else _moment(text, words, local_now, PAUSE_HINT)
    _check_length(text, value if isinstance(value, timedelta) else value - local_now)
    return value


def parse_moment(text: str, local_now: datetime) -> datetime:
    """Return the wall time that is meant, the next one where several could be.

    "today" without a time is the end of today. Only what names its day can lie in the past.

    Raises:
        SpokenError: It is not understood.
    """
    return _moment(text, _words(text), local_now, MOMENT_HINT)


def _words(text: str) -> str:
    """Return a text in the one spelling that is parsed, with the last point of "1.12."."""
    words = plain(text)
    is_date = text.rstrip().endswith(".") and re.search(r"(?:^| )[0-9]{1,2}\.[0-9]{1,2}$", words)
    return f"{words}." if is_date else words


def _either(text: str, words: str, local_now: datetime) -> timedelta | datetime:
    """Return what is meant without "for" or "until"; a bare number could be anything."""
    try:
        return parse_duration(words)
    except SpokenError:
        if re.fullmatch("[0-9]+(?:[.,][0-9]+)?", words):
            raise
    return _moment(text, words, local_now, PAUSE_HINT)


def _check_length(text: str, length: timedelta) -> None:
    if length <= timedelta(0):
        raise SpokenError(OVER.format(said=quoted(text)), OVER_HINT)
    if length > LONGEST_PAUSE:
        raise SpokenError(_TOO_LONG.format(said=quoted(text)), _TOO_LONG_HINT)


def _moment(text: str, words: str, local_now: datetime, hint: str) -> datetime:
    for shape in _SHAPES:
        if found := shape.fullmatch(_with_parts_of_day(words)):
            parts = {name: part for name, part in found.groupdict().items() if part}
            try:
                moment = _resolve(parts, _minute(parts.get("time")), local_now)
            except (ValueError, OverflowError):  # the 31st of a short month, the year 0, ...
                break
            if moment is not None:
                return moment
    raise SpokenError(f"{quoted(text)} is not understood.", hint)


def _with_parts_of_day(words: str) -> str:
    """Return the same words with a part of the day where a time would stand."""
    tonight = "today" if re.search("[0-9]|noon|midnight", words) else "today evening"
    words = re.sub(r"\btonight\b", tonight, words)
    words = re.sub(r"\bthis (?=morning|afternoon|evening)", "today ", words)
    return words.replace(" in the ", " ")


def _minute(said: str | None) -> int | None:
    if said is None:
        return None
    return _PARTS_OF_DAY[said] if said in _PARTS_OF_DAY else parse_time(said)


def _resolve(parts: dict[str, str], minute: int | None, local_now: datetime) -> datetime | None:
    """Return the moment of a shape's parts, or None where a name in it names no day."""
    today = local_now.date()
    if "iso" in parts:
        return _at(date(*(int(part) for part in parts["iso"].split("-"))), minute)
    if "dotted" in parts:
        number, month, year = f"{parts['dotted']}.".split(".")[:3]
        return _of_month(int(number), int(month), year or parts.get("year"), minute, local_now)
    if name := parts.get("month") or parts.get("month_first", ""):
        number = parts.get("number") or parts["number_last"]
        known = next((i for i, long in enumerate(_MONTHS, 1) if long.startswith(name)), 0)
        return _of_month(int(number), known, parts.get("year"), minute, local_now)
    if "only_number" in parts:
        moment = _at(today.replace(day=int(parts["only_number"])), minute)
        following = today.replace(day=1) + timedelta(days=31)
        return moment if moment > local_now else _at(following.replace(day=moment.day), minute)
    if "name" not in parts:
        return _next(today, 1, minute, local_now)
    return _of_name(re.sub("^(this|on) ", "", parts["name"]), minute, local_now)


def _of_name(name: str, minute: int | None, local_now: datetime) -> datetime | None:
    today = local_now.date()
    if name == "today" and minute is None:
        return _at(today + timedelta(days=1), 0)
    if name in {"today", "tomorrow"}:
        return _at(today + timedelta(days=int(name == "tomorrow")), minute)
    weekday = 0 if name == "next week" else day_named(name.removeprefix("next "))
    if weekday is None:
        return None
    return _next(today + timedelta(days=(weekday - today.weekday()) % 7), 7, minute, local_now)


def _of_month(
    number: int, month: int, year: str | None, minute: int | None, local_now: datetime
) -> datetime:
    """Return the moment of a date; without its year, the next one."""
    moment = _at(date(int(year or local_now.year), month, number), minute)
    over = not year and moment <= local_now
    return _at(date(moment.year + 1, month, number), minute) if over else moment


def _next(day: date, step: int, minute: int | None, local_now: datetime) -> datetime:
    moment = _at(day, minute)
    return moment if moment > local_now else moment + timedelta(days=step)


def _at(day: date, minute: int | None) -> datetime:
    return datetime.combine(day, time.min) + timedelta(minutes=minute or 0)
