"""Windows and fixed times as a person writes them: "mon-fri 09:30-12:30", "sat 11:00".

On their own, since `pause 2h` must not wait for the model that they are told in.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from reminderd.core.model import FixedTime, Window
from reminderd.core.spoken import (
    DAY,
    DAYS_HINT,
    EVERY_DAY,
    TIME,
    format_days,
    format_time,
    parse_days,
    parse_time,
    plain,
    quoted,
)
from reminderd.errors import SpokenError

WINDOW_HINT: Final = (
    'Understood: "09:30-20:30", "mon-fri 09:30-12:30", "00:00-24:00",'
    ' and over midnight "22:00-01:00".'
)
FIXED_TIME_HINT: Final = 'Understood: "09:00", "sat 11:00", "mon-fri 9am".'


_HALF_A_DAY: Final = 720
_LINKS: Final = re.compile(r"^(?:on|at|from)\b|\b(?:from|at)$")
_WINDOW: Final = re.compile(
    rf"(?P<days>\D*?)[\s,:]*(?P<start>{TIME})\s?(?:-|\bto\b|\buntil\b)\s?(?P<end>{TIME})"
    r"(?P<after>\D*)"
)
_EITHER_HALF: Final = re.compile("0?[1-9]|1[0-2]")
"""An hour that could be before noon as well as after it."""
_FIXED: Final = re.compile(rf"(?P<days>\D*?)[\s,:]*(?P<time>{TIME})(?P<after>\D*)")


def parse_window(text: str) -> Window:
    """Return a window such as "09:30-20:30" or "mon-fri 22:00-01:00".

    Raises:
        SpokenError: It is not one, it has no length, or it could mean several ("9-5").
    """
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
    parts = _FIXED.fullmatch(plain(text))
    if parts is None:
        raise SpokenError(f"{quoted(text)} is not understood as a fixed time.", FIXED_TIME_HINT)
    return FixedTime(_days_around(parts), parse_time(parts["time"]))


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
