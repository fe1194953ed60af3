"""What the person said: responses, choices and pauses, each an append-only row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reminderd.adapters.store import rows
from reminderd.core.model import Answer

if TYPE_CHECKING:
    from datetime import timedelta

    from reminderd.adapters.store.connection import Database
    from reminderd.core.model import Pause
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
    ) -> str:
        """Store an answer and what follows from it; it is safe on disk when this returns.

        *Not for me* switches its prompt off; correcting that answer switches it on again.
        """
        self._settle(present)
        with self._db.transaction():
            before = self._effective(delivery)
            if prompt is not None and Answer.NOT_FOR_ME in {answer, before} and answer != before:
                self._insert_choice(prompt, present, enabled=answer is not Answer.NOT_FOR_ME)
            identifier = rows.new_id(present.now)
            self._db.write(
                "INSERT INTO response"
                " (id, device, at, zone, delivery, prompt, answer, snooze_seconds, note, source)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(identifier, self._device, rows.to_text(present.now), present.zone_name),
                *(delivery, prompt, answer.value),
                int(snooze.total_seconds()) if snooze is not None else None,
                *(note, source),
            )
        return identifier

    def add_choice(self, prompt: str, present: Present, *, enabled: bool) -> None:
        """Store that the person switched a prompt on or off."""
        self._settle(present)
        with self._db.transaction():
            self._insert_choice(prompt, present, enabled=enabled)

    def disabled(self) -> frozenset[str]:
        """Return the prompts that are switched off."""
        found = self._db.read(
            "SELECT prompt FROM choice AS newest WHERE enabled = 0 AND seq ="
            " (SELECT seq FROM choice WHERE prompt = newest.prompt ORDER BY at DESC, id DESC"
            "  LIMIT 1)"
        )
        return frozenset(row["prompt"] for row in found)

    def add_pause(self, pause: Pause, present: Present) -> None:
        """Store a pause; the newest one counts, and one that is over ends the one before."""
        self._settle(present)
        self._db.write(
            "INSERT INTO pause (id, device, at, until_utc, until_local) VALUES (?, ?, ?, ?, ?)",
            *(rows.new_id(present.now), self._device, rows.to_text(pause.at)),
            rows.to_text(pause.until_at) if pause.until_at else None,
            rows.local_text(pause.local_until) if pause.local_until else None,
        )

    def pause(self) -> Pause | None:
        """Return the newest pause, over or not."""
        row = self._db.first("SELECT * FROM pause ORDER BY seq DESC LIMIT 1")
        return rows.pause_of(row) if row else None

    def _effective(self, delivery: str | None) -> Answer | None:
        row = self._db.first(
            "SELECT answer FROM response WHERE delivery = ? ORDER BY at DESC, id DESC LIMIT 1",
            delivery,
        )
        return Answer(row["answer"]) if row else None

    def _insert_choice(self, prompt: str, present: Present, *, enabled: bool) -> None:
        self._db.write(
            "INSERT INTO choice (id, device, at, prompt, enabled) VALUES (?, ?, ?, ?, ?)",
            *(rows.new_id(present.now), self._device, rows.to_text(present.now), prompt),
            int(enabled),
        )

    def _settle(self, present: Present) -> None:
        """Make sure that what is written now lies where the path leads."""
        if self._db.is_unlinked():
            self._db.reopen(present.now)
