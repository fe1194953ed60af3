"""The kinds of value that a setting can have: how each is read, and what is allowed.

A value comes from TOML, with its own type, or from the environment, as text; both are read here.
"""

from __future__ import annotations

import re
import tomllib
from datetime import time, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from reminderd.adapters.kinds import LONGEST_SLUG, SLUG, Kind, NotAllowedError
from reminderd.core.spoken import format_duration, parse_duration, quoted
from reminderd.core.spoken_window import parse_fixed_time, parse_window, split_list
from reminderd.errors import SpokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)

MOST_ENTRIES: Final = 100

_OFF: Final = frozenset({"", "off", "no", "never", "none", "false"})
_ON: Final = frozenset({"on", "yes", "always", "true", "1"})
"""Words that ask for a sound, but do not say which."""
_SOUND_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONGEST_PATH: Final = 1024


def whole(least: int, most: int) -> Kind:
    """A whole number."""

    def read(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,9}\s*", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise NotAllowedError
        return value

    return Kind(read, f"a whole number from {least} to {most}")


def duration(
    least: timedelta, most: timedelta, step: timedelta, *, can_be_off: bool = False
) -> Kind:
    """A duration in whole steps; one that can be off is None then."""

    def read(value: object) -> timedelta | None:
        if can_be_off and (
            value is False or (isinstance(value, str) and value.strip().lower() in _OFF)
        ):
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise NotAllowedError(f'a number needs a unit, such as "{value}m"')
        length = _spoken(parse_duration, value)
        if length % step:
            raise NotAllowedError(f"it does not come to whole {_STEP_NAMES[step]}")
        if not least <= length <= most:
            raise NotAllowedError
        return length

    off = ', or "" for off' if can_be_off else ""
    return Kind(read, f"a duration from {format_duration(least)} to {format_duration(most)}{off}")


_STEP_NAMES: Final = {SECOND: "seconds", MINUTE: "minutes", DAY: "days"}


def windows() -> Kind:
    """Windows, each on some weekdays."""
    return _list(
        lambda entry: _spoken(parse_window, entry),
        split_list,
        'windows such as ["09:30-20:30"] or ["mon-fri 09:30-12:30", "22:00-01:00"], or [] for none',
    )


def fixed_times() -> Kind:
    """Times of day, each on some weekdays."""
    return _list(
        lambda entry: _spoken(parse_fixed_time, entry),
        split_list,
        'times such as ["09:00", "sat 11:00"], or [] for none',
    )


def names() -> Kind:
    """Slugs of decks or tips, or `*` for all."""

    def read_entry(entry: object) -> str:
        text = entry.strip() if isinstance(entry, str) else ""
        if text != "*" and not (SLUG.fullmatch(text) and len(text) <= LONGEST_SLUG):
            raise NotAllowedError
        return text

    return _list(
        read_entry,
        lambda text: [part.strip() for part in text.split(",") if part.strip()],
        'names in small letters, such as ["letting-people-in"], or ["*"] for all',
    )


def sound() -> Kind:
    """A file or a name of the desktop's sound theme; empty for none."""

    def read(value: object) -> str:
        text = value.strip() if isinstance(value, str) else "\n"
        if value is False or text.lower() in _OFF:
            return ""
        if text.lower() in _ON:
            raise NotAllowedError
        is_path = text.startswith(("/", "~/")) and len(text) <= _LONGEST_PATH
        if text and not (is_path and text.isprintable()) and not _SOUND_NAME.fullmatch(text):
            raise NotAllowedError
        return text

    return Kind(
        read, 'an absolute path, a sound name such as "message-new-instant", or "" for none'
    )


def _list(
    read_entry: Callable[[object], object], split: Callable[[str], list[str]], allowed: str
) -> Kind:
    def read(value: object) -> tuple[object, ...]:
        entries = entries_of(value, split)
        if len(entries) > MOST_ENTRIES:
            raise NotAllowedError(f"at most {MOST_ENTRIES} of them")
        done = []
        for index, entry in enumerate(entries):
            try:
                done.append(read_entry(entry))
            except NotAllowedError as error:
                raise NotAllowedError(error.reason, index, entry) from None
        return tuple(done)

    return Kind(read, allowed, split)


def entries_of(value: object, split: Callable[[str], list[str]]) -> Sequence[object]:
    """Return the entries of a list; as text it is comma-separated, or as JSON and TOML have it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = tomllib.loads(f"list = {value.strip()}")["list"]
        except (ValueError, RecursionError):
            raise NotAllowedError('a list is written ["a", "b"]') from None
    if isinstance(value, str):
        return split(value)
    if not isinstance(value, list | tuple):
        raise NotAllowedError
    return value


def _spoken(parse: Callable[[str], _T], value: object) -> _T:
    """Parse what a person wrote; TOML has times of its own: `at = [09:00:00]`."""
    if isinstance(value, time):
        value = value.isoformat()
    if not isinstance(value, str):
        raise NotAllowedError
    try:
        return parse(value)
    except SpokenError as error:
        # "found X" is said already; only what tells more than that is passed on.
        says_no_more = error.message.startswith(
            (f"{quoted(value)} is not understood", f"{quoted(value)} is not a ")
        )
        reason = error.message.replace(quoted(value), "it", 1).rstrip(".")
        raise NotAllowedError("" if says_no_more else reason) from None
