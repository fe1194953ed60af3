"""Durations, times, weekdays and windows as a person writes them, and back again.

One parser for settings and commands. Every refusal is a `SpokenError` whose hint shows what is
understood. `spoken_moment.py` adds the moments that `pause` takes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.errors import SpokenError

if TYPE_CHECKING:
    from reminderd.core.model import FixedTime, Window

DURATION_HINT: Final = (
    'Understood: "90m", "2h", "1h30m", "1 h 30 min", "20 minutes", "3 days", "1w".'
)
TIME_HINT: Final = 'Understood: "9:00", "09:00", "21.30", "9am", "9:30 pm", "noon".'
DAYS_HINT: Final = (
    'Understood: "mon", "mon-fri", "mon,wed", "sat-mon", "weekdays", "weekend", "daily".'
)
WINDOW_HINT: Final = (
    'Understood: "09:30-20:30", "mon-fri 09:30-12:30", "00:00-24:00",'
    ' and over midnight "22:00-01:00".'
)
FIXED_TIME_HINT: Final = 'Understood: "09:00", "sat 11:00", "mon-fri 9am".'

DAY: Final = 1440
_HALF_A_DAY: Final = 720
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
_SECONDS: Final = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_UNIT: Final = (
    r"(?P<unit>w(?:eek|k)?s?|d(?:ay)?s?|h(?:ou)?rs?|h|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)"
)
_PART: Final = re.compile(rf"(?P<count>[0-9]+(?:[.,][0-9]+)?|an?(?= ))\s*{_UNIT}(?![a-z])")
_HALF: Final = {"half an hour": "30m", "half a day": "12h", "half a minute": "30s"}
_LONG_DAYS: Final = (
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
_LINKS: Final = re.compile(r"^(?:on|at|from)\b|\b(?:from|at)$")
_WINDOW: Final = re.compile(
    rf"(?P<days>\D*?)[\s,:]*(?P<start>{TIME})\s?(?:-|\bto\b|\buntil\b)\s?(?P<end>{TIME})"
    r"(?P<after>\D*)"
)
_EITHER_HALF: Final = re.compile("0?[1-9]|1[0-2]")
"""An hour that could be before noon as well as after it."""
_FIXED: Final = re.compile(rf"(?P<days>\D*?)[\s,:]*(?P<time>{TIME})(?P<after>\D*)")


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
    seconds, last_size = 0, _SECONDS["w"] + 1
    while rest:
        part = _PART.match(rest)
        size = _SECONDS[part["unit"][0]] if part else last_size
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
    digits = "1" if whole.startswith("a") else whole + fraction
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
    for names in (DAY_NAMES, _LONG_DAYS, [f"{long}s" for long in _LONG_DAYS]):
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


def parse_window(text: str) -> Window:
    """Return a window such as "09:30-20:30" or "mon-fri 22:00-01:00".

    Raises:
        SpokenError: It is not one, it has no length, or it could mean several ("9-5").
    """
    from reminderd.core.model import Window  # noqa: PLC0415 -- `pause 2h` must not wait for it

    parts = _WINDOW.fullmatch(plain(text))
    if parts is None:
        raise SpokenError(f"{quoted(text)} is not understood as a window.", WINDOW_HINT)
    ends = (parts["start"], parts["end"])
    if len({"m" in end for end in ends if end[0].isdigit()}) > 1:
        raise SpokenError(
            f"{quoted(text)} says am or pm only once.", 'Write both, such as "1pm-5pm".'
        )
    start = parse_time(ends[0])
    end = DAY if re.fullmatch("24([:.]?00)?", ends[1]) else parse_time(ends[1])
    if start == end:
        raise SpokenError(
            f"{quoted(text)} starts and ends at the same time.",
            'Write "00:00-24:00" for a whole day.',
        )
    window = Window(_days_around(parts), start, end if end > start else end + DAY)
    if end < start and all(map(_EITHER_HALF.fullmatch, ends)):
        raise SpokenError(
            f"{quoted(text)} could be {_readings(window)}.", "Write the one that is meant."
        )
    return window


def _readings(window: Window) -> str:
    """Return which windows "9-5" could mean, each as it is written for certain."""
    from dataclasses import replace  # noqa: PLC0415 -- only this refusal needs it

    over_midnight = [window]
    if window.start < _HALF_A_DAY:
        over_midnight.append(replace(window, start=window.start + _HALF_A_DAY))
    by_day = quoted(format_window(replace(window, end=window.end - _HALF_A_DAY)))
    by_night = " or ".join(quoted(format_window(one)) for one in over_midnight)
    return f"{by_day}, or over midnight {by_night}"


def format_window(window: Window) -> str:
    """Return a window as "09:30-20:30" or "mon-fri 22:00-01:00"."""
    end = window.end if window.end <= DAY else window.end - DAY
    return f"{_days_prefix(window.days)}{format_time(window.start)}-{format_time(end)}"


def parse_fixed_time(text: str) -> FixedTime:
    """Return a fixed time such as "09:00" or "sat 11:00".

    Raises:
        SpokenError: It is not one.
    """
    from reminderd.core.model import FixedTime  # noqa: PLC0415 -- `pause 2h` must not wait for it

    parts = _FIXED.fullmatch(plain(text))
    if parts is None:
        raise SpokenError(f"{quoted(text)} is not understood as a fixed time.", FIXED_TIME_HINT)
    return FixedTime(_days_around(parts), parse_time(parts["time"]))


def format_fixed_time(fixed: FixedTime) -> str:
    """Return a fixed time as "09:00" or "sat 11:00"."""
    return f"{_days_prefix(fixed.days)}{format_time(fixed.minute)}"


def split_list(text: str) -> list[str]:
    """Return the windows or fixed times of one text, cut at commas, semicolons and line ends.

    A comma may also stand between weekdays ("mon,wed 9:00, sat 11:00"), so a piece without any
    time belongs to the piece after it.
    """
    pieces: list[str] = []
    waiting = ""
    for piece in re.split(r"[,;\n]", text):
        waiting = f"{waiting},{piece.strip()}" if waiting else piece.strip()
        if re.search(r"[0-9]|noon|midnight", waiting):
            pieces.append(waiting)
            waiting = ""
    return [*pieces, waiting] if waiting else pieces


def _days_prefix(days: frozenset[int]) -> str:
    return "" if days >= EVERY_DAY else f"{format_days(days)} "


def _days_around(parts: re.Match[str]) -> frozenset[int]:
    """Return the weekdays that stand before or after the times; none there means every day."""
    sides = (parts[side].strip(" ,:") for side in ("days", "after"))
    given = [word for side in sides if (word := _LINKS.sub("", side).strip(" ,:"))]
    if len(given) > 1:
        raise SpokenError(f"{quoted(parts.string)} names weekdays twice.", DAYS_HINT)
    return parse_days(given[0]) if given else EVERY_DAY
