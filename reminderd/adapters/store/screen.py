"""What stands on this machine's notification server, as far as it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reminderd.adapters.store import rows
from reminderd.core.notice import Posted, StandingRecord

if TYPE_CHECKING:
    from reminderd.adapters.store.connection import Database
    from reminderd.core.walltime import Present


class Screen:
    """The table `posted`; a row is made when its delivery is recorded as shown.

    Args:
        database: Where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def standing(self) -> StandingRecord | None:
        """Return the newest notification that is not known to be closed."""
        row = self._db.first(
            "SELECT posted.* FROM posted JOIN delivery ON delivery.id = posted.delivery"
            " WHERE posted.closed_at IS NULL ORDER BY delivery.claim_order DESC LIMIT 1"
        )
        if row is None:
            return None
        posted = Posted(row["owner"], row["server_id"])
        return StandingRecord(row["delivery"], posted, again=row["reposted_at"] is not None)

    def mark_again(self, delivery: str, version: int, present: Present) -> bool:
        """Mark that a delivery is put up again, for the only time.

        Returns:
            False when anything was committed since the snapshot that `version` belongs to.
        """
        with self._db.transaction():
            if self._db.version() != version:
                return False
            changed = self._db.write(
                "UPDATE posted SET reposted_at = ?"
                " WHERE delivery = ? AND reposted_at IS NULL AND closed_at IS NULL",
                *(rows.to_text(present.now), delivery),
            )
        return changed == 1

    def unmark_again(self, delivery: str) -> None:
        """Take the mark back: it is certain that nothing was shown."""
        self._db.write("UPDATE posted SET reposted_at = NULL WHERE delivery = ?", delivery)

    def record_place(self, delivery: str, posted: Posted) -> None:
        """Record that a delivery stands somewhere else now, in another view or put up again."""
        self._db.write(
            "UPDATE posted SET owner = ?, server_id = ? WHERE delivery = ?",
            *(posted.owner, posted.server_id, delivery),
        )

    def record_reopened(self, delivery: str) -> None:
        """Record that it comes up in another view, though its server closed the one before."""
        self._db.write("UPDATE posted SET closed_at = NULL WHERE delivery = ?", delivery)

    def record_closed(self, delivery: str, present: Present) -> None:
        """Record that its notification no longer stands, also before it is recorded that it did."""
        self._db.write(
            "INSERT INTO posted (delivery, owner, server_id, closed_at)"
            " SELECT id, '', 0, ?2 FROM delivery WHERE id = ?1"
            " ON CONFLICT (delivery) DO UPDATE SET closed_at = excluded.closed_at"
            " WHERE closed_at IS NULL",
            *(delivery, rows.to_text(present.now)),
        )
