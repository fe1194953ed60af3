"""Bringing records into the database: a union by id, in which what is there stays.

Each machine goes on from what it did last itself, so what comes in lies before that: "newest" is
by local order and never by clock (see `claim_order` and the pauses' `seq`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import rows
from reminderd.adapters.store.mending import close_today
from reminderd.adapters.store.records import RefusedError, Row
from reminderd.adapters.store.salvage import reached
from reminderd.adapters.store.seen import make_caches_anew
from reminderd.core.names import Kind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from reminderd.adapters.store.connection import Database

_LOW: Final = -(1 << 60)
"""While records come in, their places in an order lie here, below all that is in use."""
_BELOW: Final = _LOW // 2
_LATELY: Final = timedelta(days=1)
_ONCE: Final = {
    Kind.SLOT.value: ("device", "slot_date", "slot_number"),
    Kind.FIRST.value: ("device",),
    Kind.AGAIN.value: ("parent",),
}
"""By kind, what no two deliveries of it have in common."""
_FATE: Final = (
    *("local_at", "local_until", "zone", "prompt", "tip", "variant", "text", "why"),
    *("held_at", "held_reason", "claimed_at", "claim_order", "shown_at", "shown_date"),
    *("ended_at", "outcome", "reason"),
)
"""What of a delivery changes until it has ended."""


@dataclass
class Brought:
    """How many records came in, and how many were here, by kind; `practice` is one that came."""

    new: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)

    def count(self, kind: str, row: Row, *, is_new: bool) -> None:
        """Count a record."""
        if kind == "delivery" and row["claimed_at"] is not None:
            kind = "practice"
        (self.new if is_new else self.known)[kind] += 1


def bring_in(
    database: Database, records: Iterable[tuple[str, Row]], device: str, now: datetime
) -> Brought:
    """Bring records in, all of them or none.

    Args:
        database: Where they go.
        records: Each with its kind, checked by itself (`records.checked`).
        device: This machine's name.
        now: The present moment, in UTC.

    Raises:
        RefusedError: One does not fit what came before it, or nothing like it can come in.
    """
    with database.transaction():
        incoming = _Incoming(database, device, rows.to_text(now - _LATELY))
        for kind, row in records:
            incoming.add(kind, row)
        incoming.settle()
        if incoming.came_lately:  # what is planned so near to it was planned without knowing of it
            close_today(database, now)
    return incoming.brought


class _Incoming:
    """What comes in by one import, in its transaction."""

    def __init__(self, database: Database, device: str, lately: str) -> None:
        self._db = database
        self._device = device
        self._lately = lately
        self.came_lately = False
        self.brought = Brought()
        self._last = {
            table: self._number(f"SELECT coalesce(max(seq), 0) FROM {table}")
            for table in ("delivery", "response", "choice", "pause")
        }
        self._has_pauses = self._number("SELECT EXISTS (SELECT 1 FROM pause)") == 1

    def add(self, kind: str, row: Row) -> None:
        """Bring one record in."""
        if kind == "hold":
            self._need(row, "delivery")
            is_new = self._insert("hold", row, "ON CONFLICT DO NOTHING")
        elif (known := self._known(kind, row)) is None:
            self._add_new(kind, row)
            is_new = True
        else:
            is_new = kind == "delivery" and self._complete(known, row)
        self.brought.count(kind, row, is_new=is_new)
        if is_new and kind == "delivery" and row["device"] == self._device:
            self.came_lately |= str(row["claimed_at"] or "") > self._lately

    def _add_new(self, kind: str, row: Row) -> None:
        if kind == "delivery":
            self._need(row, "parent")
            row = self._in_its_place(row) | self._order(row)
        elif kind == "response":
            self._need(row, "delivery")
        elif kind == "pause" and self._has_pauses:
            row = row | {"seq": _LOW + self.brought.new["pause"]}
        self._insert(kind, row)

    def _known(self, kind: str, row: Row) -> sqlite3.Row | None:
        """Return the row of the same id that was here before, if there is one."""
        known = self._db.first(f"SELECT * FROM {kind} WHERE id = ?", row["id"])
        if known is not None and (known["seq"] > self._last[kind] or known["seq"] < _BELOW):
            raise RefusedError("id", f"found {row['id']} a second time")
        return known

    def _need(self, row: Row, key: str) -> None:
        if row[key] is None:
            return
        if self._db.first("SELECT 1 FROM delivery WHERE id = ?", row[key]) is None:
            told = f"found {row[key]}, a delivery that is neither here nor before it in the file"
            raise RefusedError(key, told)

    def _order(self, row: Row) -> Row:
        """Return where a delivery stands in the order of claims while others come in."""
        order = row["claim_order"]
        if not isinstance(order, int):
            return {"claim_order": None}
        place = _LOW + order
        if self._db.first("SELECT 1 FROM delivery WHERE claim_order = ?", place) is not None:
            raise RefusedError("claim_order", f"found {order} a second time")
        return {"claim_order": place}

    def _in_its_place(self, row: Row) -> Row:
        """Return a delivery so that it stands beside those that are here.

        A plan gives way: nobody has seen anything of it. What came keeps its place. Two histories
        of one machine may have two of what a machine has once; the second counts as asked for.
        """
        keys = _ONCE.get(str(row["kind"]))
        if keys is None or (other := self._other(row, keys)) is None:
            return row
        if row["kind"] == Kind.SLOT:
            free = self._number(
                "SELECT max(slot_number) + 1 FROM delivery WHERE device = ? AND slot_date = ?",
                *(row["device"], row["slot_date"]),
            )
            if not other["is_plan"]:
                return row | {"slot_number": free}
            self._db.write("UPDATE delivery SET slot_number = ? WHERE seq = ?", free, other["seq"])
        elif other["is_plan"]:
            self._db.write("DELETE FROM posted WHERE delivery = ?", other["id"])
            self._db.write("DELETE FROM delivery WHERE seq = ?", other["seq"])
        else:
            return row | {"kind": Kind.NOW.value, "parent": None}
        return row

    def _other(self, row: Row, keys: tuple[str, ...]) -> sqlite3.Row | None:
        """Return the one that is here of what there is once, if there is one."""
        return self._db.first(
            f"SELECT seq, id, {rows.IS_PLAN} AS is_plan FROM delivery"
            f" WHERE kind = ? AND {' AND '.join(f'{key} = ?' for key in keys)}",
            *(row["kind"], *(row[key] for key in keys)),
        )

    def _complete(self, known: sqlite3.Row, row: Row) -> bool:
        """Take over what became of a delivery that has not ended here; return whether it was.

        Else what came elsewhere since, such as before an older copy of the database was put back,
        would come here again.
        """
        if known["outcome"] is not None or reached(known) >= reached(row):
            return False
        fate: Row = {name: row[name] for name in _FATE}
        if known["claim_order"] is not None:
            fate["claim_order"] = known["claim_order"]
        else:
            fate |= self._order(row)
        changes = ", ".join(f"{name} = ?" for name in fate)
        self._db.write(f"UPDATE delivery SET {changes} WHERE seq = ?", *fate.values(), known["seq"])
        return True

    def _insert(self, kind: str, row: Row, or_else: str = "") -> bool:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        return (
            self._db.write(
                f"INSERT INTO {kind} ({names}) VALUES ({marks}) {or_else}", *row.values()
            )
            == 1
        )

    def settle(self) -> None:
        """Bring orders and caches in line with what has come in.

        Raises:
            RefusedError: Something that came in would still be brought: it is only planned.
        """
        planned = self._db.first(
            f"SELECT id FROM delivery WHERE seq > ? AND {rows.IS_PLAN} LIMIT 1",
            self._last["delivery"],
        )
        if planned is not None:
            told = f"{planned['id']} is neither brought nor ended nor answered: only a plan"
            raise RefusedError("outcome", told)
        self._renumber("delivery", "claim_order")
        self._renumber("pause", "seq")
        make_caches_anew(self._db)

    def _renumber(self, table: str, column: str) -> None:
        """Put what came in right below what was here, in its own order; from 1 if nothing was.

        By default SQLite would keep a copy of all rows meanwhile, to take back this step alone.
        """
        came, least = self._db.first(
            f"SELECT count(*) FILTER (WHERE {column} < {_BELOW}),"
            f" min({column}) FILTER (WHERE {column} >= {_BELOW}) FROM {table}"
        ) or (0, None)
        before = 0 if least is None else least - came - 1
        self._db.write(
            f"UPDATE OR ROLLBACK {table} SET {column} = place + ? FROM (SELECT {column} AS low,"
            f"  row_number() OVER (ORDER BY {column}) AS place FROM {table}"
            f"  WHERE {column} < {_BELOW}) WHERE {column} = low",
            before,
        )

    def _number(self, sql: str, *values: object) -> int:
        row = self._db.first(sql, *values)
        return int(row[0]) if row else 0
