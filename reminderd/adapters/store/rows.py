"""Between SQLite's rows and the core's values."""

from __future__ import annotations

import dataclasses
import json
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from reminderd.core.history import DeliveryRecord, HistoryEntry, ShownText
from reminderd.core.names import Answer, Kind, Outcome, Pause, Reason, Slot, When

if TYPE_CHECKING:
    import sqlite3

    from reminderd.core.model import Planned

_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_LOCAL_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_SECOND_ROUND: Final = "B"
"""Marks a wall time of an hour that the clocks repeat, as railway timetables do."""

EFFECTIVE_ANSWER: Final = (
    "(SELECT answer FROM response WHERE response.delivery = delivery.id"
    " ORDER BY at DESC, id DESC LIMIT 1)"
)
"""The answer that counts: the last by (at, id), so that joined histories agree."""

IS_PLAN: Final = (
    "(claimed_at IS NULL AND outcome IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM response WHERE response.delivery = delivery.id))"
)
"""Whether a delivery is only planned: what was refused may have been answered before."""

DELIVERY: Final = (
    "SELECT id, kind, slot_date, slot_number, prompt, tip, showing, text, claimed_at, shown_at,"
    f" outcome, {EFFECTIVE_ANSWER} AS answer, json_extract(why, '$.reading') AS reading"
    " FROM delivery"
)


def to_text(at: datetime) -> str:
    """Return an aware time as UTC text of fixed width, so that text order is time order."""
    return at.astimezone(UTC).strftime(_FORMAT)


def from_text(text: str) -> datetime:
    """Return the aware UTC time of such a text."""
    return datetime.fromisoformat(text)


def local_text(local: datetime) -> str:
    """Return a naive wall time as text, in whole seconds, with its pass where that matters."""
    return local.strftime(_LOCAL_FORMAT) + (_SECOND_ROUND if local.fold else "")


def from_local_text(text: str) -> datetime:
    """Return the naive wall time of such a text."""
    plain = text.removesuffix(_SECOND_ROUND)
    return datetime.fromisoformat(plain).replace(fold=int(plain != text))


def new_id(now: datetime) -> str:
    """Return a time-ordered identifier (UUID version 7, RFC 9562)."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    random_bits = int.from_bytes(os.urandom(10))
    high, low = random_bits >> 62 & 0xFFF, random_bits & (1 << 62) - 1
    value = milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def slot_of(row: sqlite3.Row) -> Slot | None:
    """Return the slot of a row, if it has one."""
    if row["slot_date"] is None:
        return None
    return Slot(date.fromisoformat(row["slot_date"]), row["slot_number"])


def planned_of(row: sqlite3.Row) -> Planned:
    """Return a delivery that has not been claimed."""
    from reminderd.core.model import Planned  # noqa: PLC0415 -- the engine's, see names.py

    return Planned(
        id=row["id"],
        kind=Kind(row["kind"]),
        slot=slot_of(row),
        local_at=from_local_text(row["local_at"]),
        local_until=from_local_text(row["local_until"]),
        prompt=row["prompt"],
        tip=row["tip"],
        parent=row["parent"],
        showing=row["showing"],
        withdrawn=bool(row["withdrawn"]),
        held=Reason(row["held_reason"]) if row["held_reason"] else None,
        gentler=row["variant"] == "gentler",
    )


def delivery_of(row: sqlite3.Row) -> DeliveryRecord:
    """Return a delivery that was claimed."""
    return DeliveryRecord(
        id=row["id"],
        kind=Kind(row["kind"]),
        slot=slot_of(row),
        prompt=row["prompt"],
        tip=row["tip"],
        showing=row["showing"],
        text=shown_text(row["text"]),
        claimed_at=from_text(row["claimed_at"]),
        shown_at=from_text(row["shown_at"]) if row["shown_at"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        answer=Answer(row["answer"]) if row["answer"] else None,
        reading=bool(row["reading"]),
    )


def shown_text(text: str) -> ShownText:
    """Return what was shown."""
    found = json.loads(text)
    return ShownText(found["title"], found["body"], found["cue"], When(found["when"]))


def history_of(row: sqlite3.Row) -> HistoryEntry:
    """Return one line of the history."""
    return HistoryEntry(
        id=row["id"],
        slot=slot_of(row),
        kind=row["kind"],
        prompt=row["prompt"],
        tip=row["tip"],
        title=json.loads(row["text"])["title"] if row["text"] else None,
        planned_at=from_text(row["planned_at"]),
        shown_at=from_text(row["shown_at"]) if row["shown_at"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        reason=Reason(row["reason"]) if row["reason"] else None,
        response=Answer(row["answer"]) if row["answer"] else None,
        note=row["note"],
        device=row["device"],
        zone=row["zone"],
    )


def pause_of(row: sqlite3.Row) -> Pause:
    """Return a pause."""
    return Pause(
        at=from_text(row["at"]),
        until_at=from_text(row["until_utc"]) if row["until_utc"] else None,
        local_until=from_local_text(row["until_local"]) if row["until_local"] else None,
    )


def text_json(text: ShownText) -> str:
    """Return what was shown as JSON."""
    return json.dumps(dataclasses.asdict(text), ensure_ascii=False)
