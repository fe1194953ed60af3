"""What is recorded of single deliveries, to explain them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reminderd.adapters.store import rows
from reminderd.core.history import Account, Held
from reminderd.core.names import Answer, Kind, Outcome, Reason, Source
from reminderd.core.pausing import SUSPICIOUS
from reminderd.core.walltime import resolve

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from reminderd.adapters.store.connection import Database
    from reminderd.core.walltime import Present

_ACCOUNT: Final = f"""
SELECT id, kind, slot_date, slot_number, prompt, text, local_at, local_until, zone, shown_at,
  coalesce(claimed_at, ended_at) AS ended_at, outcome, reason, why,
  {rows.EFFECTIVE_ANSWER} AS answer,
  (SELECT at FROM response WHERE delivery = delivery.parent AND answer = 'later'
   ORDER BY response.at DESC, response.id DESC LIMIT 1) AS later_at
FROM delivery"""
_AT: Final = "coalesce(claimed_at, ended_at)"
_LOCAL: Final = ("local_at", "local_until")
# What was taken back because of another answer is no silence, and explains none.
_COUNTS: Final = "reason IS NOT 'answered'"
_FEW: Final = 20
_SECOND: Final = timedelta(seconds=1)
"""Moments are told in whole seconds."""
_MOST: Final = 500
"""Deliveries that ended after a moment; any that could have come at it is among them."""


class Accounts:
    """The tables `delivery` and `hold`, read to explain.

    Args:
        database: Where they are kept.
        device: This machine's name in every row.
    """

    def __init__(self, database: Database, device: str) -> None:
        self._db = database
        self._device = device

    def last(self, present: Present) -> Account | None:
        """Return the delivery that was brought last."""
        found = self._ended(present, "claim_order IS NOT NULL ORDER BY claim_order DESC LIMIT 1")
        return next(found, None)

    def silence(self, present: Present) -> Account | None:
        """Return what waits for a good moment, or else what was let go or not delivered last."""
        # What lies ahead was held on a clock that was ahead.
        waiting = [
            one for one in self._waiting(present) if one.held and one.planned_at <= present.now
        ]
        if waiting:
            return waiting[-1]
        gone = self._ended(
            present,
            f"{_AT} <= ? AND outcome IN ('missed', 'failed') AND {_COUNTS}"
            f" ORDER BY {_AT} DESC, planned_at DESC LIMIT 1",
            rows.to_text(present.now + SUSPICIOUS),
        )
        return next(gone, None)

    def coming(self, at: datetime, present: Present) -> Account | None:
        """Return what waits and can come at a moment, the earliest that was planned."""
        for one in self._waiting(present):
            if one.planned_at < at + _SECOND and one.valid_until > at:
                return one
        return None

    def during(self, begin: datetime, end: datetime, present: Present) -> list[Account]:
        """Return what could have come at some time, earliest first; both in UTC."""
        ended = self._ended(
            present,
            f"outcome IS NOT NULL AND {_AT} >= ? AND {_COUNTS} ORDER BY {_AT} LIMIT ?",
            *(rows.to_text(begin), _MOST),
        )
        found = [
            one
            for one in (*ended, *self._waiting(present))
            if one.planned_at < end and ((until := one.waited_until) is None or until >= begin)
        ]
        return sorted(found, key=_by_plan)

    def before(self, moment: datetime, present: Present) -> Account | None:
        """Return the last one that had ended."""
        ended = self._ended(
            present,
            f"outcome IS NOT NULL AND {_AT} < ? AND {_COUNTS} ORDER BY {_AT} DESC LIMIT 1",
            rows.to_text(moment),
        )
        return next(ended, None)

    def after(self, moment: datetime, present: Present) -> Account | None:
        """Return the next one that was or is planned, as far as that is known."""
        ended = self._ended(
            present,
            f"outcome IS NOT NULL AND {_AT} >= ? AND {_COUNTS} ORDER BY {_AT} LIMIT ?",
            *(rows.to_text(moment), _FEW),
        )
        found = (one for one in (*ended, *self._waiting(present)) if one.planned_at >= moment)
        return min(found, key=_by_plan, default=None)

    def _waiting(self, present: Present) -> list[Account]:
        """Return what has not ended, earliest first: in the zone the person is in now."""
        found = self._read("outcome IS NULL")
        return sorted((self._account(row, present.zone) for row in found), key=_by_plan)

    def _ended(self, present: Present, condition: str, *values: object) -> Iterator[Account]:
        """Yield what has ended: in the zone the person was in then."""
        for row in self._read(condition, *values):
            yield self._account(row, _zone(row["zone"]) or present.zone)

    def _read(self, condition: str, *values: object) -> list[sqlite3.Row]:
        return self._db.read(
            f"{_ACCOUNT} WHERE +device = '{self._device}' AND {condition}", *values
        )

    def _account(self, row: sqlite3.Row, zone: tzinfo) -> Account:
        why = json.loads(row["why"] or "{}")
        local_at, local_until = (rows.from_local_text(row[name]) for name in _LOCAL)
        return Account(
            id=row["id"],
            kind=Kind(row["kind"]),
            slot=rows.slot_of(row),
            prompt=row["prompt"],
            title=json.loads(row["text"])["title"] if row["text"] else None,
            planned_at=resolve(local_at, zone),
            valid_until=resolve(local_until, zone),
            shown_at=rows.from_text(row["shown_at"]) if row["shown_at"] else None,
            ended_at=rows.from_text(row["ended_at"]) if row["ended_at"] else None,
            outcome=Outcome(row["outcome"]) if row["outcome"] else None,
            reason=Reason(row["reason"]) if row["reason"] else None,
            answer=Answer(row["answer"]) if row["answer"] else None,
            source=Source(why["moment"]) if "moment" in why else None,
            why=why.get("prompt", ""),
            later_at=rows.from_text(row["later_at"]) if row["later_at"] else None,
            held=self._held(row["id"]),
        )

    def _held(self, delivery: str) -> tuple[Held, ...]:
        found = self._db.read(
            "SELECT at, reason FROM hold WHERE delivery = ? ORDER BY at", delivery
        )
        return tuple(Held(Reason(row["reason"]), rows.from_text(row["at"])) for row in found)


def _by_plan(one: Account) -> datetime:
    return one.planned_at


def _zone(name: str) -> tzinfo | None:
    """Return the zone that a row was written in; None where it is not known here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder
        return None
