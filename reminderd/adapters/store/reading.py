"""What the store tells: the newest delivery, counts, what was seen when, the history."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import rows
from reminderd.core.history import Came
from reminderd.core.names import Answer, Outcome
from reminderd.core.pausing import SUSPICIOUS

if TYPE_CHECKING:
    from datetime import datetime

    from reminderd.adapters.store.connection import Database
    from reminderd.core.history import DeliveryRecord, HistoryEntry
    from reminderd.core.walltime import Present

_DELIVERIES: Final = f"""
  SELECT id, slot_date, slot_number, kind, prompt, tip, text, planned_at, shown_at, outcome, reason,
    {rows.EFFECTIVE_ANSWER} AS answer,
    (SELECT note FROM response WHERE response.delivery = delivery.id AND note IS NOT NULL
     ORDER BY at DESC, id DESC LIMIT 1) AS note,
    device, zone, coalesce(claimed_at, ended_at) AS happened_at
  FROM delivery"""

# Beside what has ended: what was answered though whoever brought it could not record that it did.
_HISTORY: Final = f"""
SELECT * FROM ({_DELIVERIES} WHERE outcome IS NOT NULL
  ORDER BY coalesce(claimed_at, ended_at) DESC, planned_at DESC, seq DESC LIMIT ?1)
UNION ALL
SELECT * FROM ({_DELIVERIES} WHERE outcome IS NULL AND claimed_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM response WHERE response.delivery = delivery.id))
UNION ALL
SELECT * FROM (
  SELECT id, NULL, NULL, 'note', prompt, NULL, NULL, at, NULL, NULL, NULL, answer, note,
    device, zone, at FROM response WHERE delivery IS NULL ORDER BY at DESC, seq DESC LIMIT ?1)
ORDER BY happened_at DESC, planned_at DESC, id DESC LIMIT ?1
"""


class Reading:
    """Questions about the past; nothing here writes.

    Args:
        database: Where it is kept.
        device: This machine's name in every row.
    """

    def __init__(self, database: Database, device: str) -> None:
        self._db = database
        self._device = device

    def newest(self) -> DeliveryRecord | None:
        """Return the delivery that was claimed last, by count and never by clock."""
        row = self._db.first(
            f"{rows.DELIVERY} WHERE claim_order IS NOT NULL ORDER BY claim_order DESC LIMIT 1"
        )
        return rows.delivery_of(row) if row else None

    def delivery(self, identifier: str) -> DeliveryRecord | None:
        """Return a claimed delivery by its id, or None."""
        row = self._db.first(
            f"{rows.DELIVERY} WHERE claim_order IS NOT NULL AND id = ?", identifier
        )
        return rows.delivery_of(row) if row else None

    def beginning_with(self, text: str) -> list[str]:
        """Return the ids of claimed deliveries that begin so; two are enough to be ambiguous."""
        found = self._db.read(
            "SELECT id FROM delivery WHERE claim_order IS NOT NULL AND id >= ? AND id < ? LIMIT 2",
            *(text, f"{text}~"),  # the last of the printable ASCII characters
        )
        return [row["id"] for row in found]

    def outcome(self, identifier: str) -> tuple[str | None, str | None]:
        """Return outcome and reason of any delivery, planned ones included."""
        row = self._db.first("SELECT outcome, reason FROM delivery WHERE id = ?", identifier)
        return (row["outcome"], row["reason"]) if row else (None, None)

    def last_came(self) -> Came | None:
        """Return what was brought last, by count and never by clock, seen or not."""
        row = self._db.first(
            "SELECT id, coalesce(shown_at, claimed_at) AS at FROM delivery"
            " WHERE claim_order IS NOT NULL AND +device = ? ORDER BY claim_order DESC LIMIT 1",
            self._device,
        )
        return Came(row["id"], rows.from_text(row["at"])) if row else None

    def came_on(self, day: date, present: Present) -> int:
        """Return how many came on a local date, or may have.

        What a wrong clock wrote is left out.
        """
        return self._count(
            "shown_date = ? AND coalesce(shown_at, claimed_at) <= ?",
            *(day.isoformat(), _plausible(present)),
        )

    def shown_on(self, day: date, present: Present) -> int:
        """Return how many were shown on a local date, leaving out what a wrong clock wrote."""
        return self._count("shown_date = ? AND shown_at <= ?", day.isoformat(), _plausible(present))

    def answered_on(self, day: date) -> int:
        """Return how many of those shown on a local date have an answer."""
        return self._count(
            "shown_date = ? AND shown_at IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM response WHERE delivery = delivery.id)",
            day.isoformat(),
        )

    def dates_before(self, day: date, most: int, present: Present) -> list[date]:
        """Return the first dates on which anything was shown, up to so many, earliest first."""
        found = self._db.read(
            "SELECT DISTINCT shown_date FROM delivery WHERE shown_date < ? AND shown_at <= ?"
            " AND +device = ? ORDER BY shown_date LIMIT ?",
            *(day.isoformat(), _plausible(present), self._device, most),
        )
        return [date.fromisoformat(row["shown_date"]) for row in found]

    def last_date_before(self, day: date, present: Present) -> date | None:
        """Return the last date before another on which anything was shown."""
        row = self._db.first(
            "SELECT shown_date FROM delivery WHERE shown_date < ? AND shown_at <= ?"
            " AND +device = ? ORDER BY shown_date DESC LIMIT 1",
            *(day.isoformat(), _plausible(present), self._device),
        )
        return date.fromisoformat(row["shown_date"]) if row else None

    def answers_before(
        self, until: datetime, most: int, present: Present
    ) -> list[tuple[Answer | None, date | None]]:
        """Return the answers to the last deliveries that were claimed before a moment.

        Earliest first, None for unanswered, each with its date where it was shown. What may never
        have been seen counts once answered.
        """
        found = self._db.read(
            f"SELECT outcome, shown_at, shown_date, {rows.EFFECTIVE_ANSWER} AS answer FROM delivery"
            " WHERE claim_order IS NOT NULL AND claimed_at < ? AND claimed_at <= ?"
            " AND +device = ? ORDER BY claim_order DESC LIMIT ?",
            *(rows.to_text(until), _plausible(present), self._device, most),
        )
        return [
            (
                Answer(row["answer"]) if row["answer"] else None,
                date.fromisoformat(row["shown_date"]) if row["shown_at"] else None,
            )
            for row in reversed(found)
            if row["answer"] or row["outcome"] == Outcome.SHOWN
        ]

    def history(self, limit: int) -> list[HistoryEntry]:
        """Return what happened, newest first; a planned delivery once it ended or was answered."""
        return [rows.history_of(row) for row in self._db.read(_HISTORY, limit)]

    def any_history(self) -> bool:
        """Return whether anything was ever shown or noted."""
        return bool(self.history(1))

    def _count(self, condition: str, *values: object) -> int:
        row = self._db.first(
            f"SELECT count(*) FROM delivery WHERE {condition} AND +device = ?",
            *(*values, self._device),
        )
        return int(row[0]) if row else 0


def _plausible(present: Present) -> str:
    return rows.to_text(present.now + SUSPICIOUS)


class Recorded:
    """The tables `meta` and `state`: what is true of this installation and of its daemon.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def meta(self, key: str, default: str) -> str:
        """Return a lasting fact; the first value that is asked with is the one that stays."""
        row = self._db.first("SELECT value FROM meta WHERE key = ?", key)
        if row is None:
            self._db.write("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", key, default)
            row = self._db.first("SELECT value FROM meta WHERE key = ?", key)
        return str(row["value"]) if row else default

    def get(self, key: str) -> object:
        """Return what was last recorded, or None."""
        row = self._db.first("SELECT value FROM state WHERE key = ?", key)
        value: object = json.loads(row["value"]) if row else None
        return value

    def forget(self, key: str) -> None:
        """Take out what was recorded."""
        self._db.write("DELETE FROM state WHERE key = ?", key)

    def set(self, key: str, value: object) -> None:
        """Record a value; writes only when it is a new one."""
        text = json.dumps(value, ensure_ascii=False)
        self._db.write(
            "INSERT INTO state (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
            *(key, text),
        )
