"""What the person said: responses, choices and pauses, each an append-only row."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

from reminderd.adapters.store import rows
from reminderd.core.names import Answer
from reminderd.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from reminderd.adapters.store.connection import Database
    from reminderd.core.names import Pause
    from reminderd.core.walltime import Present


class Answers:
    """The tables `response`, `choice` and `pause`.

    Args:
        database: Where they are kept.
        device: This machine's name in every row.
    """

    def __init__(self, database: Database, device: str) -> None:
        self._db = database
        self._device = device

    def add_response(  # noqa: PLR0913 -- the facts of one answer
        self,
        answer: Answer,
        present: Present,
        *,
        delivery: str | None,
        prompt: str | None,
        note: str | None,
        snooze: timedelta | None,
        source: str,
        first_only: bool = False,
    ) -> str:
        """Store an answer and what follows from it; it is safe on disk when this returns.

        *Not for me* switches its prompt off; correcting that answer switches it on again.

        Returns:
            Its id; empty where only a first answer is wanted and the delivery has one.

        Raises:
            UnknownNameError: The database was exchanged, and the delivery is not in it.
        """
        identifier = rows.new_id(present.now)

        def insert() -> None:
            nonlocal identifier
            if first_only and self._last(delivery) is not None:
                identifier = ""
                return
            self._insert_response(
                *(answer, present, delivery, prompt),
                id=identifier,
                snooze_seconds=None if snooze is None else int(snooze.total_seconds()),
                note=note,
                source=source,
            )

        self._keep(present, insert)
        return identifier

    def add_choice(self, prompt: str, present: Present, *, enabled: bool) -> None:
        """Store that the person switched a prompt on or off."""
        self._keep(present, lambda: self._insert_choice(prompt, present, enabled=enabled))

    def disabled(self) -> frozenset[str]:
        """Return the prompts that are switched off."""
        found = self._db.read(
            "SELECT prompt FROM choice AS newest WHERE enabled = 0 AND seq ="
            " (SELECT seq FROM choice WHERE prompt = newest.prompt ORDER BY at DESC, id DESC"
            "  LIMIT 1)"
        )
        return frozenset(row["prompt"] for row in found)

    def declined(self) -> frozenset[str]:
        """Return those of them that were switched off by the answer *Not for me*."""
        found = self._db.read(
            "SELECT prompt FROM choice AS newest WHERE enabled = 0 AND seq ="
            " (SELECT seq FROM choice WHERE prompt = newest.prompt ORDER BY at DESC, id DESC"
            "  LIMIT 1)"
            " AND EXISTS (SELECT 1 FROM response WHERE answer = 'not-for-me'"
            "  AND prompt = newest.prompt AND at = newest.at)"
        )
        return frozenset(row["prompt"] for row in found)

    def add_pause(self, pause: Pause, present: Present) -> None:
        """Store a pause; the newest one counts, and one that is over ends the one before."""
        self._keep(
            present,
            lambda: self._insert(
                "pause",
                id=rows.new_id(present.now),
                at=rows.to_text(pause.at),
                until_utc=rows.to_text(pause.until_at) if pause.until_at else None,
                until_local=rows.local_text(pause.local_until) if pause.local_until else None,
            ),
        )

    def pause(self) -> Pause | None:
        """Return the newest pause, over or not."""
        row = self._db.first("SELECT * FROM pause ORDER BY seq DESC LIMIT 1")
        return rows.pause_of(row) if row else None

    def pauses_before(self, moment: datetime) -> list[Pause]:
        """Return all that had been asked for by then, earliest first, over or not."""
        found = self._db.read(
            "SELECT * FROM pause WHERE at <= ? ORDER BY seq", rows.to_text(moment)
        )
        return [rows.pause_of(row) for row in found]

    def _insert_response(
        self,
        answer: Answer,
        present: Present,
        delivery: str | None,
        prompt: str | None,
        **columns: str | int | None,
    ) -> None:
        if delivery and not self._db.first("SELECT 1 FROM delivery WHERE id = ?", delivery):
            raise UnknownNameError(
                f"There is no delivery {delivery} in the database any more.",
                "To note the practice all the same: reminderd note",
            )
        last = self._last(delivery)
        before = Answer(last["answer"]) if last else None
        if prompt is not None and Answer.NOT_FOR_ME in {answer, before} and answer != before:
            self._insert_choice(prompt, present, enabled=answer is not Answer.NOT_FOR_ME)
        if answer is Answer.LATER:  # said again: what waits is planned anew, from this answer on
            self._db.write(
                f"DELETE FROM delivery WHERE parent = ? AND {rows.IS_PLAN}"
                " AND NOT EXISTS (SELECT 1 FROM posted WHERE posted.delivery = delivery.id)",
                delivery,
            )
        self._insert(
            "response",
            at=_after(last, present),
            zone=present.zone_name,
            delivery=delivery,
            prompt=prompt,
            answer=answer.value,
            **columns,
        )

    def _last(self, delivery: str | None) -> sqlite3.Row | None:
        return self._db.first(
            "SELECT answer, at FROM response WHERE delivery = ? ORDER BY at DESC, id DESC LIMIT 1",
            delivery,
        )

    def _insert_choice(self, prompt: str, present: Present, *, enabled: bool) -> None:
        last = self._db.first(
            "SELECT at FROM choice WHERE prompt = ? ORDER BY at DESC, id DESC LIMIT 1", prompt
        )
        self._insert(
            "choice",
            id=rows.new_id(present.now),
            at=_after(last, present),
            prompt=prompt,
            enabled=int(enabled),
        )

    def _insert(self, table: str, **columns: str | int | None) -> None:
        values = {**columns, "device": self._device}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._db.write(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())

    def _keep(self, present: Present, insert: Callable[[], None]) -> None:
        """Insert, and insert again as long as the path does not lead to what was written."""
        tries = 0
        while True:
            tries += 1
            try:
                with self._db.transaction():
                    insert()
            except sqlite3.IntegrityError:
                if tries == 1:
                    raise
                return  # the log alone was removed, and what was in it came to the file
            if not self._db.is_unlinked():
                return
            self._db.reopen(present.now)


def _after(last: sqlite3.Row | None, present: Present) -> str:
    """Return the present moment, or the next one after the last row's if the clock stepped back.

    What counts is the last by (at, id): a correction must come after what it corrects.
    """
    now = present.now
    if last is not None:
        now = max(now, rows.from_text(last["at"]) + timedelta(microseconds=1))
    return rows.to_text(now)
