"""What single keys of a record may hold: kinds of value, each with its words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NoReturn

from reminderd.adapters.store import rows
from reminderd.core.names import Reason, Rule, Source, When

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

_LONGEST_TEXT: Final = 10_000
_YEARS: Final = range(1970, 9000)
"""What lies outside could be moved out of the calendar by a zone."""

_SLUG_LIKE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ID_LIKE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD_LIKE: Final = re.compile(r"[!-~]{1,64}")
_TIME_LIKE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_LOCAL_LIKE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dB?", re.ASCII)
_DATE_LIKE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Key:
    """What a key may hold.

    Attributes:
        allowed: The same in words.
        is_right: Whether it may hold a text or number; None is asked of `needed`.
        needed: Whether it has to hold something.
        number: Whether it holds a number.
    """

    allowed: str
    is_right: Callable[[Any], bool]
    needed: bool = True
    number: bool = False

    @property
    def or_nothing(self) -> Key:
        """The same, but that it may hold nothing."""
        return Key(self.allowed, self.is_right, needed=False, number=self.number)


def one_of(words: type[StrEnum]) -> Key:
    """One of a closed set of words."""
    values = frozenset(one.value for one in words)
    return Key(", ".join(words), values.__contains__)


def _like(pattern: re.Pattern[str], allowed: str, most: int = 64) -> Key:
    return Key(allowed, lambda text: len(text) <= most and pattern.fullmatch(text) is not None)


def whole_number(least: int, most: int) -> Key:
    """A whole number, both bounds included."""
    return Key(
        f"a whole number from {least} to {most}",
        lambda value: least <= value <= most,
        number=True,
    )


def text(most: int) -> Key:
    """Any text of so many characters at most."""
    return Key(f"a text of up to {most:,} characters", lambda text: len(text) <= most)


def _read_by(pattern: re.Pattern[str], read: Callable[[str], date], allowed: str) -> Key:
    def is_right(text: str) -> bool:
        if not pattern.fullmatch(text):
            return False
        try:
            return read(text).year in _YEARS
        except ValueError:
            return False

    return Key(allowed, is_right)


def _is_shown_text(text: str) -> bool:
    found = _object(text)
    return (
        found is not None
        and set(found) == {"title", "body", "cue", "when"}
        and all(isinstance(value, str) for value in found.values())
        and found["when"] in set(When)
    )


def _is_why(text: str) -> bool:
    found = _object(text)
    return (
        found is not None
        and found.get("moment", Source.AT) in set(Source)
        and found.get("rule", Rule.DUE) in set(Rule)
        and isinstance(found.get("prompt", ""), str)
        and all(found.get(name, 0) in {0, 1} for name in ("hard", "reading"))
    )


def _object(text: str) -> dict[str, Any] | None:
    """Return a flat JSON object that SQLite can read as well, or None."""
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(map(_is_plain, found.values())):
        return None
    return found


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and is_text(value))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(_name: str) -> NoReturn:
    raise ValueError


def is_text(value: str) -> bool:
    """Return whether a text can be stored: JSON can write half a character, and NUL."""
    return _NO_TEXT.search(value) is None


ID: Final = _like(_ID_LIKE, "an id as reminderd makes them")
DEVICE: Final = _like(_WORD_LIKE, "the name of a device, up to 64 letters and digits")
TIME: Final = _read_by(_TIME_LIKE, rows.from_text, "a time as 2026-11-22T09:30:00.000000Z")
LOCAL_TIME: Final = _read_by(
    _LOCAL_LIKE, rows.from_local_text, "a local time as 2026-11-22T09:30:00"
)
DATE: Final = _read_by(_DATE_LIKE, date.fromisoformat, "a date as 2026-11-22")
SLUG: Final = _like(_SLUG_LIKE, "an id as slow-small-ask")
REASON: Final = one_of(Reason)
ZONE: Final = Key(
    "the name of a time zone",
    lambda text: 0 < len(text) <= 64 and text.isprintable(),  # noqa: PLR2004 -- as ids and names
)
SHOWN_TEXT: Final = Key('a JSON object with "title", "body", "cue" and "when"', _is_shown_text)
WHY: Final = Key('a JSON object as {"moment": "random", "rule": "due"}', _is_why)
WORD: Final = _like(_WORD_LIKE, "one word")
