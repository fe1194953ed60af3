"""Durations, times and weekdays as a person writes them, and back again.

One parser for settings and commands. Every refusal is a `SpokenError` whose hint shows what is
understood. `spoken_window.py` adds windows, `spoken_moment.py` moments,
`spoken_pause.py` what `pause` takes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from reminderd.errors import SpokenError

DURATION_HINT: Final = (
    'Understood: "90m", "2h", "1h30m", "1 h 30 min", "20 minutes", "3 days", "1w".'
)
TIME_HINT: Final = 'Understood: "9:00", "09:00", "21.30", "9am", "9:30 pm", "noon".'
DAYS_HINT: Final = (
    'Understood: "mon", "mon-fri", "mon,wed", "sat-mon", "weekdays", "weekend", "daily".'
)
DAY: Final = 1440
EVERY_DAY: Final = frozenset(range(7))
DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME: Final = (
    r"(?:noon|midnight|[0-9]{4}(?![0-9])"
    r"|[0-9]{1,2}(?:[:.][0-9]{2})?(?::00)?(?:\s?[ap]\.?m\b\.?)?(?![0-9:]))"
)
"""One time of day, as far as its shape goes."""

_LONGEST_TEXT: Final = 200
_LONGEST_SHOWN: Final = 60
_SAME: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u00a0": " ", "\u202f": " "}
)
_SECONDS: Final = {"mo": 2592000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
"""Of each unit, by how it begins; a month is thirty days."""
_UNIT: Final = (
    r"(?:(?P<mo>months?)|(?P<w>w(?:eek|k)?s?)|(?P<d>d(?:ay)?s?)|(?P<h>h(?:ou)?rs?|h)"
    r"|(?P<m>m(?:in(?:ute)?s?)?)|(?P<s>s(?:ec(?:ond)?s?)?))"
)
_NUMBERS: Final = (
    *("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    "twelve",
)
_COUNT: Final = rf"[0-9]+(?:[.,][0-9]+)?|(?:an|one|{'|'.join(_NUMBERS)})(?= )"
_PART: Final = re.compile(rf"(?P<count>{_COUNT})\s*{_UNIT}(?![a-z])")
_HALF: Final = {
    "half an hour": "30m",
    "half a day": "12h",
    "half a minute": "30s",
    "an hour and a half": "90m",
    "one and a half hours": "90m",
    "a fortnight": "2w",
}
LONG_DAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_OTHER_DAYS: Final = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_GROUPS: Final = {
    "weekdays": frozenset(range(5)),
    "weekday": frozenset(range(5)),
    "workdays": frozenset(range(5)),
    "weekend": frozenset((5, 6)),
    "weekends": frozenset((5, 6)),
    "daily": EVERY_DAY,
    "everyday": EVERY_DAY,
    "every day": EVERY_DAY,
}
_TIME_PARTS: Final = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.]?(?P<minute>[0-9]{2}))?(?::00)?(?:\s?(?P<half>[ap])\.?m\.?)?"
)


def quoted(text: str) -> str:
    """Return what a person wrote as it can stand in one line of a message."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    safe = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in short)
    return f'"{safe}"'


def plain(text: str) -> str:
    """Return a text in the one spelling that is parsed: lower case, plain dashes, single spaces."""
    if len(text) > _LONGEST_TEXT:
        raise SpokenError(f"{quoted(text)} is too long to be a time or a duration.", DURATION_HINT)
    return " ".join(text.translate(_SAME).lower().split()).rstrip(".")


def parse_duration(text: str) -> timedelta:
    """Return a duration such as "90m", "2h", "1 h 30 min" or "3 days".

    Raises:
        SpokenError: It is not one, or has no unit.
    """
    said = plain(text)
    rest = re.sub(r"^([0-9]+)\s?h\s?([0-9]{2})$", r"\1h\2m", _HALF.get(said, said))
    if re.fullmatch(r"[0-9]+([.,][0-9]+)?", rest):
        raise SpokenError(
            f"{quoted(text)} has no unit.", f'Write "{rest}m" for minutes or "{rest}h" for hours.'
        )
    if not rest:
        raise SpokenError("A duration is missing.", DURATION_HINT)
    seconds, last_size = 0, _SECONDS["mo"] + 1
    while rest:
        part = _PART.match(rest)
        size = _SECONDS[str(part.lastgroup)] if part else last_size
        if part is None or size >= last_size:
            raise SpokenError(f"{quoted(text)} is not understood as a duration.", DURATION_HINT)
        seconds, last_size = seconds + _seconds(text, part["count"], size), size
        rest = re.sub(r"^(\s|,|and\b)+(?=.)", "", rest[part.end() :])
    if seconds > timedelta.max.days * _SECONDS["d"]:
        raise SpokenError(f"{quoted(text)} is too long.", DURATION_HINT)
    return timedelta(seconds=seconds)


def _seconds(text: str, count: str, size: int) -> int:
    """Return a count of units in seconds; in whole numbers, since 1.1 * 3600 is not 3960."""
    whole, _, fraction = count.replace(",", ".").partition(".")
    if whole.isalpha():
        whole = str(_NUMBERS.index(whole) + 1 if whole in _NUMBERS else 1)
    digits = whole + fraction
    parts: int = 10 ** len(fraction)
    if int(digits) * size % parts:
        raise SpokenError(f"{quoted(text)} does not come to whole seconds.", DURATION_HINT)
    return int(digits) * size // parts


def format_duration(value: timedelta) -> str:
    """Return a duration in its largest whole unit: "90m", "2h", "21d"."""
    seconds = value // timedelta(seconds=1)
    for unit in "dhms":
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return "0m"


def parse_time(text: str) -> int:
    """Return a time of day such as "9:00", "9am" or "noon" in minutes after midnight.

    Raises:
        SpokenError: It is not one.
    """
    said = plain(text)
    if not said:
        raise SpokenError("A time of day is missing.", TIME_HINT)
    if said in {"noon", "midnight"}:
        return 720 if said == "noon" else 0
    parts = _TIME_PARTS.fullmatch(said) if re.fullmatch(TIME, said) else None
    hour, minute = (int(parts["hour"]), int(parts["minute"] or 0)) if parts else (0, 0)
    half = parts["half"] if parts else None
    if half and 1 <= hour <= 12:  # noqa: PLR2004 -- the twelve-hour clock
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half:
        parts = None
    if parts is None or hour > 23 or minute > 59:  # noqa: PLR2004 -- hours and minutes
        end = ' Only a window may end at "24:00".' if hour == 24 and minute == 0 else ""  # noqa: PLR2004
        raise SpokenError(f"{quoted(text)} is not a time of day.", TIME_HINT + end)
    return hour * 60 + minute


def format_time(minute: int) -> str:
    """Return minutes after midnight as "09:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def parse_days(text: str) -> frozenset[int]:
    """Return weekdays such as "mon-fri", "sat" or "weekend"; Monday is 0.

    Raises:
        SpokenError: They are not understood, or there is none.
    """
    said = plain(text)
    if said in _GROUPS:
        return _GROUPS[said]
    joined = re.sub(r"\s?(?:-|\bto\b|\bthrough\b)\s?", "-", said)
    found: set[int] = set()
    for part in re.split(r"[\s,/+&]+|\band\b", joined):
        if part in _GROUPS:
            found |= _GROUPS[part]
        elif part:
            first, dash, last = part.partition("-")
            start = _day(first, text)
            length = (_day(last, text) - start) % 7 if dash else 0
            found |= {(start + step) % 7 for step in range(length + 1)}
    if not found:
        raise SpokenError("A weekday is missing.", DAYS_HINT)
    return frozenset(found)


def day_named(name: str) -> int | None:
    """Return the weekday of a name in lower case, or None where it names none."""
    for names in (DAY_NAMES, LONG_DAYS, [f"{long}s" for long in LONG_DAYS]):
        if name in names:
            return names.index(name)
    return _OTHER_DAYS.get(name)


def _day(name: str, text: str) -> int:
    day = day_named(name)
    if day is None:
        raise SpokenError(f"{quoted(text)} is not understood as weekdays.", DAYS_HINT)
    return day


def format_days(days: frozenset[int]) -> str:
    """Return weekdays as "mon-fri", "mon,wed" or "daily"."""
    if days >= EVERY_DAY:
        return "daily"
    starts = sorted(day for day in days if (day - 1) % 7 not in days)
    runs = []
    for start in starts:
        length = next(step for step in range(1, 8) if (start + step) % 7 not in days)
        last = (start + length - 1) % 7
        runs.append(DAY_NAMES[start] + (f"-{DAY_NAMES[last]}" if length > 1 else ""))
    return ",".join(runs)
