"""What travels between machines: each kind of record, its keys, and what each may hold.

What is brought in was in a file that anybody may have changed. Whatever passes here can be used by
all that reads the database later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import record_keys as keys
from reminderd.adapters.toml_files import LARGEST_FILE
from reminderd.core.names import LONGEST_NOTE, Answer, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain = str | int | None
Row = dict[str, Plain]
"""A record: the columns of its table but for `seq`, each with its value as the database has it."""

LONGEST_FILE: Final = LARGEST_FILE
"""Of settings or a deck: what could not be read is not brought in."""
_LONGEST_SNOOZE: Final = 31 * 24 * 3600
_FAR: Final = 1 << 40
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


_DELIVERY: Final = {
    "id": keys.ID,
    "device": keys.DEVICE,
    "kind": keys.one_of(Kind),
    "slot_date": keys.DATE.or_nothing,
    "slot_number": keys.whole_number(1, 1_000_000).or_nothing,
    "parent": keys.ID.or_nothing,
    "showing": keys.whole_number(1, 1_000),
    "local_at": keys.LOCAL_TIME,
    "local_until": keys.LOCAL_TIME,
    "zone": keys.ZONE,
    "planned_at": keys.TIME,
    "prompt": keys.SLUG.or_nothing,
    "tip": keys.SLUG.or_nothing,
    "variant": keys.Key("plain, gentler", {"plain", "gentler"}.__contains__, needed=False),
    "text": keys.SHOWN_TEXT.or_nothing,
    "why": keys.WHY.or_nothing,
    "held_at": keys.TIME.or_nothing,
    "held_reason": keys.REASON.or_nothing,
    "claimed_at": keys.TIME.or_nothing,
    "claim_order": keys.whole_number(-_FAR, _FAR).or_nothing,
    "shown_at": keys.TIME.or_nothing,
    "shown_date": keys.DATE.or_nothing,
    "ended_at": keys.TIME.or_nothing,
    "outcome": keys.one_of(Outcome).or_nothing,
    "reason": keys.REASON.or_nothing,
}

RECORDS: Final[Mapping[str, Mapping[str, keys.Key]]] = {
    "delivery": _DELIVERY,
    "hold": {"delivery": keys.ID, "at": keys.TIME, "reason": keys.REASON},
    "response": {
        "id": keys.ID,
        "device": keys.DEVICE,
        "at": keys.TIME,
        "zone": keys.ZONE,
        "delivery": keys.ID.or_nothing,
        "prompt": keys.SLUG.or_nothing,
        "answer": keys.one_of(Answer),
        "snooze_seconds": keys.whole_number(0, _LONGEST_SNOOZE).or_nothing,
        "note": keys.text(LONGEST_NOTE).or_nothing,
        "source": keys.WORD,
    },
    "choice": {
        "id": keys.ID,
        "device": keys.DEVICE,
        "at": keys.TIME,
        "prompt": keys.SLUG,
        "enabled": keys.whole_number(0, 1),
    },
    "pause": {
        "id": keys.ID,
        "device": keys.DEVICE,
        "at": keys.TIME,
        "until_utc": keys.TIME.or_nothing,
        "until_local": keys.LOCAL_TIME.or_nothing,
    },
    "settings": {
        "name": keys.Key("config.toml", "config.toml".__eq__),
        "text": keys.text(LONGEST_FILE),
    },
    "deck": {
        "name": keys.Key(
            "the name of a deck's file, as my-deck.toml",
            lambda text: _DECK_NAME.fullmatch(text) is not None and text.isprintable(),
        ),
        "text": keys.text(LONGEST_FILE),
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
    known = RECORDS[kind]
    for name in found:
        if name not in known:
            raise RefusedError(_shown(name), f"a {kind} has no such key")
    row: Row = {name: _value(name, key, found.get(name)) for name, key in known.items()}
    if kind == "delivery":
        _check_delivery(row)
    elif kind == "pause" and (row["until_utc"] is None) == (row["until_local"] is None):
        raise RefusedError("until_utc", "either this or until_local is needed")
    return row


def _value(name: str, key: keys.Key, value: object) -> Plain:
    if value is None:
        if key.needed:
            raise RefusedError(name, f"found nothing; allowed: {key.allowed}")
        return None
    is_kind = type(value) is (int if key.number else str)
    if (
        not is_kind
        or (isinstance(value, str) and not keys.is_text(value))
        or not key.is_right(value)
    ):
        raise RefusedError(name, f"found {_shown(value)}; allowed: {key.allowed}")
    return value if isinstance(value, str | int) else None


def _shown(value: object) -> str:
    """Return a value that was found, so short and plain that a message can show it."""
    text = repr(value) if len(str(value)[:100]) < 100 else f"{str(value)[:40]!r} and more"  # noqa: PLR2004
    return ascii(text)[1:-1] if not text.isprintable() or not keys.is_text(text) else text


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
