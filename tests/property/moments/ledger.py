"""The rows of the database, read by a connection of its own and by nothing of reminderd."""

from __future__ import annotations

import functools
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_ROW: Final = (
    "SELECT id, kind, slot_date, slot_number, parent, local_at, local_until, held_reason,"
    " claimed_at, outcome, reason, shown_at, shown_date FROM delivery"
)


class One(NamedTuple):
    """A delivery as the database has it; `local_...` naive, with the pass that is meant."""

    id: str
    kind: str
    slot: tuple[str, int] | None
    parent: str | None
    local_at: datetime
    local_until: datetime
    held: str | None
    is_claimed: bool
    outcome: str | None
    reason: str | None
    shown_at: datetime | None
    shown_date: str | None


class Ledger:
    """What is written of each delivery.

    Args:
        path: The database.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def one(self, identifier: str) -> One | None:
        """Return what is written of a delivery, if anything is."""
        row = self._db.execute(f"{_ROW} WHERE id = ?", [identifier]).fetchone()
        return _one(row) if row else None

    def without_end(self) -> list[One]:
        """Return those that have no outcome."""
        return [_one(row) for row in self._db.execute(f"{_ROW} WHERE outcome IS NULL")]

    def written_since(self, number: int) -> tuple[list[One], int]:
        """Return those that were written after one, and the number of the last."""
        (last,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM delivery").fetchone()
        if last == number:
            return [], number
        return [_one(row) for row in self._db.execute(f"{_ROW} WHERE seq > ?", [number])], last

    def ended(self) -> dict[str, tuple[str, str | None, str | None]]:
        """Return kind, outcome and reason of all others."""
        sql = "SELECT id, kind, outcome, reason FROM delivery WHERE outcome IS NOT NULL"
        return {row[0]: row[1:] for row in self._db.execute(sql)}


@functools.lru_cache(maxsize=4096)
def _local(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("B")).replace(fold=int(text.endswith("B")))


def _one(row: tuple[str, ...]) -> One:
    identifier, kind, day, number, parent, local_at, local_until, held, *rest = row
    claimed_at, outcome, reason, shown_at, shown_date = rest
    slot = (day, int(number)) if day else None
    return One(
        *(identifier, kind, slot, parent, _local(local_at), _local(local_until), held),
        *(claimed_at is not None, outcome, reason),
        *(datetime.fromisoformat(shown_at) if shown_at else None, shown_date),
    )
