"""Whether a row holds what reminderd writes: SQLite looks after its pages, not after our words."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from reminderd.adapters.store import rows
from reminderd.core.names import LONGEST_NOTE, Answer, Kind, Outcome, Reason, Rule, Source, When

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    Row = Mapping[str, Any] | sqlite3.Row

_REFUSED: Final = (
    *(ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError),
    RecursionError,  # JSON may be nested more deeply than there is room for calls
)
_LONGEST_SNOOZE: Final = 10 * 366 * 24 * 3600
"""Seconds; nobody asks for more, and no time gets out of the calendar by it."""


def is_understood(table: str, row: Row) -> bool:
    """Return whether a row of a table can be read by all that reads it."""
    try:
        _CHECKS[table](row)
    except _REFUSED:
        return False
    return True


def _require(condition: bool) -> None:  # noqa: FBT001 -- what is required reads best unnamed
    if not condition:
        raise ValueError


def _texts(row: Row, *names: str) -> None:
    for name in names:
        _require(isinstance(row[name], str))


def _each(row: Row, read: Callable[[str], object], *names: str) -> None:
    """Read columns that may be empty."""
    for name in names:
        if row[name] is not None:
            read(row[name])


def _moment(text: str) -> None:
    """Read a time, which has to tell its zone: others are compared with it."""
    _require(rows.from_text(text).utcoffset() is not None)


def _wall_time(text: str) -> None:
    """Read a time on the wall, which has none."""
    _require(rows.from_local_text(text).tzinfo is None)


def _delivery(row: Row) -> None:
    _texts(row, "id", "device", "zone")
    Kind(row["kind"])
    _each(row, _moment, "planned_at", "held_at", "claimed_at", "shown_at", "ended_at")
    _each(row, _wall_time, "local_at", "local_until")
    _each(row, date.fromisoformat, "slot_date", "shown_date")
    _each(row, Reason, "held_reason", "reason")
    _require(isinstance(row["showing"], int))
    _require((row["kind"] == Kind.SLOT) == (row["slot_date"] is not None))
    _require(row["slot_date"] is None or isinstance(row["slot_number"], int))
    _require((row["kind"] == Kind.AGAIN) == (row["parent"] is not None))
    _require(row["planned_at"] is not None and row["local_at"] is not None)
    _require(row["local_until"] is not None)
    _each(row, _account, "why")
    is_claimed = row["claimed_at"] is not None
    _require(is_claimed == isinstance(row["claim_order"], int))
    if is_claimed:
        _texts(row, "prompt", "tip", "text")
    _each(row, _shown, "text")  # it is read of every row that has one
    if row["outcome"] is not None:
        _require((Outcome(row["outcome"]) is Outcome.MISSED) != is_claimed)
        _require(row["ended_at"] is not None)
    _require((row["outcome"] == Outcome.SHOWN) == (row["shown_at"] is not None))


def _flat(text: str) -> dict[str, Any]:
    """Read a JSON object that holds no other, so that whoever reads it has room for it."""
    found: dict[str, Any] = json.loads(text)
    _require(isinstance(found, dict))
    _require(all(isinstance(value, str | int | None) for value in found.values()))
    return found


def _shown(text: str) -> None:
    found = _flat(text)
    _texts(found, "title", "body", "cue")
    When(found["when"])


def _account(text: str) -> None:
    """Read why this moment and why this prompt."""
    why = _flat(text)
    for name, read in (("moment", Source), ("rule", Rule)):
        if why.get(name) is not None:
            read(why[name])
    _require(isinstance(why.get("prompt", ""), str))


def _response(row: Row) -> None:
    _texts(row, "id", "device", "zone", "source")
    _moment(row["at"])
    Answer(row["answer"])
    _require(row["snooze_seconds"] is None or 0 <= row["snooze_seconds"] <= _LONGEST_SNOOZE)
    _require(row["note"] is None or len(row["note"]) <= LONGEST_NOTE)
    _require(row["prompt"] is None or isinstance(row["prompt"], str))


def _choice(row: Row) -> None:
    _texts(row, "id", "device", "prompt")
    _moment(row["at"])
    _require(row["enabled"] in {0, 1})


def _pause(row: Row) -> None:
    _texts(row, "id", "device")
    _each(row, _moment, "at", "until_utc")
    _each(row, _wall_time, "until_local")
    _texts(row, "at")
    _require((row["until_utc"] is None) != (row["until_local"] is None))


def _hold(row: Row) -> None:
    _texts(row, "delivery")
    _moment(row["at"])
    Reason(row["reason"])


def _seen(row: Row) -> None:
    _texts(row, "prompt", "tip")
    _each(row, _moment, "at", "first_at")


def _review(row: Row) -> None:
    _texts(row, "prompt")
    _each(row, _moment, "due_at", "last_at", "put_off_at")


def _posted(row: Row) -> None:
    _texts(row, "delivery", "owner")
    _require(isinstance(row["server_id"], int))


def _meta(row: Row) -> None:
    _texts(row, "key", "value")


_CHECKS: Final[dict[str, Callable[[Row], None]]] = {
    "delivery": _delivery,
    "response": _response,
    "choice": _choice,
    "pause": _pause,
    "hold": _hold,
    "posted": _posted,
    "seen": _seen,
    "review": _review,
    "meta": _meta,
}
TABLES: Final = tuple(_CHECKS)
"""What can be checked. What the daemon records of itself is not among it: that can be forgotten."""
