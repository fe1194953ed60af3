"""Deliveries: planned, claimed once, ended once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import rows
from reminderd.adapters.store.seen import renew_seen
from reminderd.core import walltime
from reminderd.core.names import Kind, Outcome, Reason, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from reminderd.adapters.store.connection import Database
    from reminderd.core.cadence import Moment
    from reminderd.core.history import ShownText
    from reminderd.core.model import Planned
    from reminderd.core.notice import Posted
    from reminderd.core.selection import Choice
    from reminderd.core.walltime import Present

_WAITING: Final = "outcome IS NULL AND claimed_at IS NULL"
# "+device" in a condition keeps SQLite from reading all that one device ever brought: it would take
# the unique index that begins with the device, though another narrows it down far better.
_RECENT: Final = 50
"""A *Later* matters until midnight; no day has this many deliveries after it."""


class Deliveries:
    """The table `delivery`.

    Args:
        database: Where they are kept.
        device: This machine's name in every row.
    """

    def __init__(self, database: Database, device: str) -> None:
        self._db = database
        self._device = device

    # Planning

    def replace_plan(
        self, day: date, moments: Iterable[Moment], present: Present, numbered: int = 0
    ) -> int:
        """Exchange what lies ahead of a date's plan; what has passed or was claimed stays.

        To be called in a transaction.

        Args:
            day: The date.
            moments: What takes the place.
            present: Now.
            numbered: The last number that a slot of the date was given, also one that was taken
                out of the plan since: no slot is ever named twice.

        Returns:
            The last number that a slot of the date has been given now.
        """
        known = self._db.first(
            "SELECT coalesce(max(slot_number), 0) AS last FROM delivery"
            " WHERE device = ? AND slot_date = ?",
            *(self._device, day.isoformat()),
        )
        number = max(numbered, known["last"] if known else 0)
        waiting = self._db.read(
            "SELECT id, local_at FROM delivery WHERE device = ? AND slot_date = ?"
            f" AND {rows.IS_PLAN}"
            " AND NOT EXISTS (SELECT 1 FROM posted WHERE posted.delivery = delivery.id)",
            *(self._device, day.isoformat()),
        )
        for row in waiting:  # compared in real time: the wall may show an hour twice
            local_at = rows.from_local_text(row["local_at"])
            if walltime.resolve(local_at, present.zone) > present.now:
                self._db.write("DELETE FROM delivery WHERE id = ?", row["id"])
        for moment in moments:
            number += 1
            self._insert(
                *(Kind.SLOT, moment.local_at, moment.local_until, present),
                slot_date=day.isoformat(),
                slot_number=number,
                why=json.dumps({"moment": moment.source.value}),
            )
        return number

    def add_first(self, present: Present, local_until: datetime) -> bool:
        """Plan the very first practice unless one of these came before; return whether it was.

        What was only asked for (`now`) does not count: no daemon has begun by it.
        """
        with self._db.transaction():
            if self._db.first(
                "SELECT 1 FROM delivery WHERE kind = 'first'"
                " OR (kind = 'slot' AND claim_order IS NOT NULL)"
                " UNION ALL SELECT 1 FROM meta WHERE key = 'first' LIMIT 1"  # erased, not new
            ):
                return False
            self._insert(Kind.FIRST, present.local, local_until, present)
        return True

    def add_now(
        self, present: Present, valid: timedelta, prompt: str | None, tip: str | None
    ) -> str:
        """Plan one that the person asks for at this moment; return its id."""
        until = walltime.local_now(present.now + valid, present.zone)
        return self._insert(Kind.NOW, present.local, until, present, prompt=prompt, tip=tip)

    def add_again(
        self, parent: str, local_at: datetime, local_until: datetime, present: Present
    ) -> None:
        """Plan the next showing of a delivery that was answered with *Later*."""
        row = self._db.first(
            "SELECT prompt, tip, showing, variant FROM delivery WHERE id = ?", parent
        )
        if row is not None:
            self._insert(
                *(Kind.AGAIN, local_at, local_until, present),
                parent=parent,
                prompt=row["prompt"],
                tip=row["tip"],
                showing=row["showing"] + 1,
                variant=row["variant"],
            )

    def snoozed(self) -> list[tuple[str, datetime, timedelta | None]]:
        """Return the deliveries whose answer is *Later* and that have no next showing yet.

        Each with the time of the answer and the length the person gave, if they gave one.
        """
        found = self._db.read(
            "SELECT delivery.id, response.at, response.snooze_seconds"
            " FROM delivery JOIN response ON response.delivery = delivery.id"
            " WHERE delivery.claim_order > (SELECT max(claim_order) FROM delivery) - ?"
            " AND +delivery.device = ? AND response.answer = 'later'"
            " AND response.seq = (SELECT seq FROM response AS any_of"
            "   WHERE any_of.delivery = delivery.id ORDER BY at DESC, id DESC LIMIT 1)"
            " AND NOT EXISTS (SELECT 1 FROM delivery AS next WHERE next.parent = delivery.id"
            "   AND next.kind = 'again')",
            *(_RECENT, self._device),
        )
        return [
            (
                row["id"],
                rows.from_text(row["at"]),
                None if row["snooze_seconds"] is None else timedelta(seconds=row["snooze_seconds"]),
            )
            for row in found
        ]

    def waiting(self) -> tuple[Planned, ...]:
        """Return what has been planned and neither claimed nor ended."""
        found = self._db.read(
            "SELECT *, (kind = 'again' AND (SELECT answer FROM response"
            "   WHERE response.delivery = delivery.parent ORDER BY at DESC, id DESC LIMIT 1)"
            "   IS NOT 'later') OR EXISTS (SELECT 1 FROM response"
            "   WHERE response.delivery = delivery.id) AS withdrawn"
            f" FROM delivery WHERE {_WAITING} AND +device = ? ORDER BY local_at, seq",
            self._device,
        )
        return tuple(rows.planned_of(row) for row in found)

    def planned_moments(self, first: date, last: date) -> list[tuple[Planned, Source]]:
        """Return the slots of some dates that still wait, each with what planned it."""
        found = self._db.read(
            "SELECT *, 0 AS withdrawn, json_extract(why, '$.moment') AS source FROM delivery"
            f" WHERE kind = 'slot' AND {_WAITING} AND slot_date BETWEEN ? AND ?"
            " AND +device = ? ORDER BY local_at, seq",
            *(first.isoformat(), last.isoformat(), self._device),
        )
        return [(rows.planned_of(row), Source(row["source"])) for row in found]

    def wall_times(self, day: date) -> list[datetime]:
        """Return when, in wall time, the slots of a date come or came."""
        found = self._db.read(
            "SELECT local_at FROM delivery WHERE device = ? AND slot_date = ?",
            *(self._device, day.isoformat()),
        )
        return [rows.from_local_text(row["local_at"]) for row in found]

    # Delivering

    def claim(  # noqa: PLR0913 -- the facts of one claim
        self,
        delivery: str,
        version: int,
        choice: Choice,
        text: ShownText,
        present: Present,
        *,
        reading: bool = False,
    ) -> bool:
        """Make a delivery ours for good, unless anything was committed since the snapshot.

        Args:
            delivery: Its id.
            version: The database's version at the snapshot.
            choice: The prompt, and what made it the one.
            text: What is about to be shown.
            present: The present moment.
            reading: Whether it asks if reading is enough.

        Returns:
            False when the snapshot is out of date: decide again.
        """
        why = {
            "prompt": choice.why,
            "rule": choice.rule.value,
            "hard": int(choice.hard),
            "reading": 1 if reading else None,  # None takes out what a refused try left
        }
        prompt = choice.prompt
        with self._db.transaction():
            if self._db.version() != version:
                return False
            changed = self._db.write(
                "UPDATE delivery SET claimed_at = ?, shown_date = ?, prompt = ?, tip = ?,"
                " variant = ?, text = ?, why = json_patch(coalesce(why, '{}'), ?),"
                " claim_order = (SELECT coalesce(max(claim_order), 0) + 1 FROM delivery)"
                f" WHERE id = ? AND {_WAITING}",
                *(rows.to_text(present.now), present.today.isoformat(), prompt.id, prompt.tip),
                *("gentler" if choice.gentler else "plain", rows.text_json(text)),
                *(json.dumps(why, ensure_ascii=False), delivery),
            )
            renew_seen(self._db, prompt.id)
        return changed == 1

    def record_shown(self, delivery: str, posted: Posted, present: Present) -> None:
        """Record that a claimed delivery is up."""
        with self._db.transaction():
            self._db.write(
                "UPDATE delivery SET shown_at = ?, shown_date = ?, ended_at = ?,"
                " outcome = 'shown', zone = ? WHERE id = ? AND outcome IS NULL",
                *(rows.to_text(present.now), present.today.isoformat()),
                *(rows.to_text(present.now), present.zone_name, delivery),
            )
            # It took the place of whatever of ours stood there.
            self._db.write(
                "UPDATE posted SET closed_at = ? WHERE closed_at IS NULL", rows.to_text(present.now)
            )
            self._db.write(
                "INSERT INTO posted (delivery, owner, server_id)"
                " SELECT id, ?2, ?3 FROM delivery WHERE id = ?1"  # erased meanwhile: none
                " ON CONFLICT (delivery) DO UPDATE"
                " SET owner = excluded.owner, server_id = excluded.server_id",
                *(delivery, posted.owner, posted.server_id),
            )

    def release(self, delivery: str) -> None:
        """Take a claim back: it is certain that nothing was shown."""
        with self._db.transaction():
            row = self._db.first("SELECT prompt FROM delivery WHERE id = ?", delivery)
            self._db.write(
                "UPDATE delivery SET claimed_at = NULL, shown_date = NULL, claim_order = NULL,"
                " text = NULL,"
                " variant = CASE kind WHEN 'again' THEN variant END,"
                " prompt = CASE WHEN kind IN ('slot', 'first') THEN NULL ELSE prompt END,"
                " tip = CASE WHEN kind IN ('slot', 'first') THEN NULL ELSE tip END"
                " WHERE id = ? AND outcome IS NULL",
                delivery,
            )
            if row is not None and row["prompt"] is not None:
                renew_seen(self._db, row["prompt"])

    def record_failed(self, delivery: str, reason: Reason, present: Present) -> None:
        """Record that nobody knows whether a claimed delivery was seen."""
        self._end([delivery], Outcome.FAILED, reason, present)

    def let_go(self, gone: Sequence[tuple[str, Reason]], present: Present) -> None:
        """Record that planned deliveries will not come, each with its last reason."""
        with self._db.transaction():
            for delivery, reason in gone:
                self._end([delivery], Outcome.MISSED, reason, present)

    def hold(self, delivery: str, reason: Reason, present: Present) -> None:
        """Record why a delivery waits; writes only when the reason is a new one."""
        at = rows.to_text(present.now)
        with self._db.transaction():
            changed = self._db.write(
                "UPDATE delivery SET held_at = ?, held_reason = ?"
                f" WHERE id = ? AND {_WAITING} AND held_reason IS NOT ?",
                *(at, reason.value, delivery, reason.value),
            )
            if changed:
                self._db.write(
                    "INSERT OR REPLACE INTO hold (delivery, at, reason) VALUES (?, ?, ?)",
                    *(delivery, at, reason.value),
                )

    def record_interrupted(self, present: Present) -> int:
        """End what an earlier daemon claimed and never finished; return how many there were."""
        found = self._db.read(
            "SELECT id FROM delivery WHERE claimed_at IS NOT NULL AND outcome IS NULL"
            " AND +device = ?",
            self._device,
        )
        self._end([row["id"] for row in found], Outcome.FAILED, Reason.INTERRUPTED, present)
        return len(found)

    def _end(
        self, deliveries: Sequence[str], outcome: Outcome, reason: Reason, present: Present
    ) -> None:
        for delivery in deliveries:
            self._db.write(
                "UPDATE delivery SET ended_at = ?, outcome = ?, reason = ?, zone = ?"
                " WHERE id = ? AND outcome IS NULL AND (claimed_at IS NULL) = ?",
                *(rows.to_text(present.now), outcome.value, reason.value),
                *(present.zone_name, delivery),
                outcome is Outcome.MISSED,  # what was claimed meanwhile is not missed
            )

    def _insert(
        self,
        kind: Kind,
        local_at: datetime,
        local_until: datetime,
        present: Present,
        **columns: str | int | None,
    ) -> str:
        values: dict[str, str | int | None] = {
            "id": rows.new_id(present.now),
            "device": self._device,
            "kind": kind.value,
            "local_at": rows.local_text(local_at),
            "local_until": rows.local_text(local_until),
            "zone": present.zone_name,
            "planned_at": rows.to_text(walltime.resolve(local_at, present.zone)),
            **columns,
        }
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._db.write(f"INSERT INTO delivery ({names}) VALUES ({marks})", *values.values())
        return str(values["id"])
