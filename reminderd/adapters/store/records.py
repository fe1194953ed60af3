"""What travels between machines: each kind of record, its keys, and what each may hold.

What is brought in was in a file that anybody may have changed. Whatever passes here can be used by
all that reads the database later.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NoReturn

from reminderd.adapters.store import rows
from reminderd.core.names import LONGEST_NOTE, Answer, Kind, Outcome, Reason, Rule, Source, When

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

Plain = str | int | None
Row = dict[str, Plain]
"""A record: the columns of its table but for `seq`, each with its value as the database has it."""

LONGEST_FILE: Final = 1024 * 1024
"""Bytes of a settings file or a deck, as `adapters.toml_files` reads them."""
_LONGEST_TEXT: Final = 10_000
_LONGEST_SNOOZE: Final = 31 * 24 * 3600
_FAR: Final = 1 << 40
_YEARS: Final = range(1970, 9000)
"""What lies outside could be moved out of the calendar by a zone."""

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD: Final = re.compile(r"[!-~]{1,64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dB?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_DECK_NAME: Final = re.compile(r"[^./\0][^/\0]{0,199}\.toml")


class RefusedError(ValueError):
    """A record that is not brought in.

    Args:
        key: Which of its keys is the matter; empty where it is the record.
        told: What was found, and what is allowed.
    """

    def __init__(self, key: str, told: str) -> None:
        super().__init__(told)
        self.key = key
        self.told = told


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


def _one_of(words: type[StrEnum]) -> Key:
    values = frozenset(one.value for one in words)
    return Key(", ".join(words), values.__contains__)


def _like(pattern: re.Pattern[str], allowed: str, most: int = 64) -> Key:
    return Key(allowed, lambda text: len(text) <= most and pattern.fullmatch(text) is not None)


def _number(least: int, most: int) -> Key:
    return Key(
        f"a whole number from {least} to {most}",
        lambda value: least <= value <= most,
        number=True,
    )


def _text(most: int) -> Key:
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


_THE_ID: Final = _like(_ID, "an id as reminderd makes them")
_THE_DEVICE: Final = _like(_WORD, "the name of a device, up to 64 letters and digits")
_A_TIME: Final = _read_by(_TIME, rows.from_text, "a time as 2026-11-22T09:30:00.000000Z")
_A_LOCAL_TIME: Final = _read_by(_LOCAL, rows.from_local_text, "a local time as 2026-11-22T09:30:00")
_A_DATE: Final = _read_by(_DATE, date.fromisoformat, "a date as 2026-11-22")
_A_PROMPT: Final = _like(_SLUG, "an id as slow-small-ask")
_A_REASON: Final = _one_of(Reason)
_A_ZONE: Final = Key(
    "the name of a time zone",
    lambda text: 0 < len(text) <= 64 and text.isprintable(),  # noqa: PLR2004 -- as ids and names
)

_DELIVERY: Final = {
    "id": _THE_ID,
    "device": _THE_DEVICE,
    "kind": _one_of(Kind),
    "slot_date": _A_DATE.or_nothing,
    "slot_number": _number(1, 1_000_000).or_nothing,
    "parent": _THE_ID.or_nothing,
    "showing": _number(1, 1_000),
    "local_at": _A_LOCAL_TIME,
    "local_until": _A_LOCAL_TIME,
    "zone": _A_ZONE,
    "planned_at": _A_TIME,
    "prompt": _A_PROMPT.or_nothing,
    "tip": _A_PROMPT.or_nothing,
    "variant": Key("plain, gentler", {"plain", "gentler"}.__contains__, needed=False),
    "text": Key(
        'a JSON object with "title", "body", "cue" and "when"', _is_shown_text, needed=False
    ),
    "why": Key('a JSON object as {"moment": "random", "rule": "due"}', _is_why, needed=False),
    "held_at": _A_TIME.or_nothing,
    "held_reason": _A_REASON.or_nothing,
    "claimed_at": _A_TIME.or_nothing,
    "claim_order": _number(-_FAR, _FAR).or_nothing,
    "shown_at": _A_TIME.or_nothing,
    "shown_date": _A_DATE.or_nothing,
    "ended_at": _A_TIME.or_nothing,
    "outcome": _one_of(Outcome).or_nothing,
    "reason": _A_REASON.or_nothing,
}

RECORDS: Final[Mapping[str, Mapping[str, Key]]] = {
    "delivery": _DELIVERY,
    "hold": {"delivery": _THE_ID, "at": _A_TIME, "reason": _A_REASON},
    "response": {
        "id": _THE_ID,
        "device": _THE_DEVICE,
        "at": _A_TIME,
        "zone": _A_ZONE,
        "delivery": _THE_ID.or_nothing,
        "prompt": _A_PROMPT.or_nothing,
        "answer": _one_of(Answer),
        "snooze_seconds": _number(0, _LONGEST_SNOOZE).or_nothing,
        "note": _text(LONGEST_NOTE).or_nothing,
        "source": _like(_WORD, "one word"),
    },
    "choice": {
        "id": _THE_ID,
        "device": _THE_DEVICE,
        "at": _A_TIME,
        "prompt": _A_PROMPT,
        "enabled": _number(0, 1),
    },
    "pause": {
        "id": _THE_ID,
        "device": _THE_DEVICE,
        "at": _A_TIME,
        "until_utc": _A_TIME.or_nothing,
        "until_local": _A_LOCAL_TIME.or_nothing,
    },
    "settings": {
        "name": Key("config.toml", "config.toml".__eq__),
        "text": _text(LONGEST_FILE),
    },
    "deck": {
        "name": Key(
            "the name of a deck's file, as my-deck.toml",
            lambda text: _DECK_NAME.fullmatch(text) is not None and text.isprintable(),
        ),
        "text": _text(LONGEST_FILE),
    },
}
"""Each kind of record with its keys: those of the tables of that name, then the files."""

HISTORY: Final = ("delivery", "hold", "response")
"""Kinds that always travel, in the order in which one refers to another."""
OWN: Final = ("choice", "pause")
"""Kinds of the database that travel when all does."""
FILES: Final = ("settings", "deck")
"""Kinds that lie in files of their own."""


def checked(kind: str, found: Mapping[str, object]) -> Row:
    """Return a record of a kind, with None for each key that is absent.

    Raises:
        RefusedError: It is not as one of ours.
    """
    keys = RECORDS[kind]
    for name in found:
        if name not in keys:
            raise RefusedError(_shown(name), f"a {kind} has no such key")
    row: Row = {name: _value(name, key, found.get(name)) for name, key in keys.items()}
    if kind == "delivery":
        _check_delivery(row)
    elif kind == "pause" and (row["until_utc"] is None) == (row["until_local"] is None):
        raise RefusedError("until_utc", "either this or until_local is needed")
    return row


def _value(name: str, key: Key, value: object) -> Plain:
    if value is None:
        if key.needed:
            raise RefusedError(name, f"found nothing; allowed: {key.allowed}")
        return None
    is_kind = type(value) is (int if key.number else str)
    if not is_kind or (isinstance(value, str) and not is_text(value)) or not key.is_right(value):
        raise RefusedError(name, f"found {_shown(value)}; allowed: {key.allowed}")
    return value if isinstance(value, str | int) else None


def _shown(value: object) -> str:
    """Return a value that was found, so short and plain that a message can show it."""
    text = repr(value) if len(str(value)[:100]) < 100 else f"{str(value)[:40]!r} and more"  # noqa: PLR2004
    return ascii(text)[1:-1] if not text.isprintable() or not is_text(text) else text


def _check_delivery(row: Row) -> None:
    """Refuse a delivery whose parts do not fit each other.

    Raises:
        RefusedError: They do not.
    """
    is_slot, is_again = row["kind"] == Kind.SLOT, row["kind"] == Kind.AGAIN
    is_claimed, outcome = row["claimed_at"] is not None, row["outcome"]
    has = {
        "slot_date": is_slot,
        "slot_number": is_slot,
        "parent": is_again,
        "held_reason": row["held_at"] is not None,
        "claim_order": is_claimed,
        "shown_date": is_claimed,
        "text": is_claimed,
        "shown_at": outcome == Outcome.SHOWN,
        "ended_at": outcome is not None,
        "reason": outcome in {Outcome.MISSED, Outcome.FAILED},
    }
    if is_claimed:
        has |= {"prompt": True, "tip": True}
    if outcome is not None:
        has["claimed_at"] = outcome != Outcome.MISSED
    for name, wanted in has.items():
        if (row[name] is not None) != wanted:
            told = "something is missing here" if wanted else "nothing is allowed here"
            raise RefusedError(name, f"{told}, by the rest of the delivery")
