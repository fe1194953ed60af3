"""What is known of each prompt: when it was shown, and what its answers come to.

Both tables are caches. They follow from `delivery` and `response`, and can be made again from them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import rows
from reminderd.adapters.store.seen import SHOWINGS, mark_of, renew_mark
from reminderd.core.model import Kind, Rule, Seen
from reminderd.core.names import Answer
from reminderd.core.pausing import SUSPICIOUS
from reminderd.core.review import Review, Said
from reminderd.core.selection import LOOKED_BACK, Brought, Past

if TYPE_CHECKING:
    from reminderd.adapters.store.connection import Database

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_SAID: Final = """
SELECT at, answer FROM response AS one WHERE prompt = ?1 AND at <= ?2 AND (delivery IS NULL
  OR seq = (SELECT seq FROM response WHERE delivery = one.delivery AND at <= ?2
            ORDER BY at DESC, id DESC LIMIT 1))
ORDER BY at, id
"""


class Known:
    """The tables `seen` and `review`, and the answers that the latter follows from.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._marks: dict[str, str] = {}  # of the tables as what follows has them
        self._seen: dict[str, Seen] = {}
        self._newest = _LONG_AGO
        self._reviews: dict[str, Review] = {}

    def past(self, now: datetime) -> Past:
        """Return what a choice looks back at, leaving out what a wrong clock wrote."""
        # Read again only where it has changed: with a thousand prompts it is most of a look.
        for table, read in (("seen", self._read_seen), ("review", self._read_reviews)):
            mark = mark_of(self._db, table)
            if self._marks.get(table) != mark:
                read()
                self._marks[table] = mark
        seen = self._seen
        if self._newest > (plausible := now + SUSPICIOUS):
            found = (self._seen_until(one, plausible) for one in seen.values())
            seen = {one.prompt: one for one in found if one is not None}
        return Past(seen, self._reviews, self._recent(rows.to_text(plausible)))

    def _read_seen(self) -> None:
        found = self._db.each("SELECT prompt, tip, at, claim_order, first_at FROM seen")
        self._seen = {row[0]: _seen(*row) for row in found}
        self._newest = max(
            (max(one.at, one.first_at) for one in self._seen.values()), default=_LONG_AGO
        )

    def _read_reviews(self) -> None:
        found = self._db.each(
            "SELECT prompt, stability, difficulty, due_at, last_at, hards, put_off_at FROM review"
        )
        self._reviews = {prompt: _review(*values) for prompt, *values in found}

    def _seen_until(self, one: Seen, until: datetime) -> Seen | None:
        if max(one.at, one.first_at) <= until:
            return one
        row = self._db.first(SHOWINGS, one.prompt, rows.to_text(until))
        if row is None:
            return None
        return _seen(one.prompt, row["tip"], row["at"], row["claim_order"], row["first_at"])

    def _recent(self, plausible: str) -> list[Brought]:
        found = self._db.read(
            "SELECT prompt, tip, kind, json_extract(why, '$.rule') AS rule,"
            " json_extract(why, '$.hard') AS hard FROM delivery WHERE claim_order IS NOT NULL"
            " AND claimed_at <= ? ORDER BY claim_order DESC LIMIT ?",
            *(plausible, LOOKED_BACK),
        )
        return [
            Brought(
                *(row["prompt"], row["tip"], row["kind"] == Kind.SLOT),
                rule=Rule(row["rule"]) if row["rule"] else None,
                hard=bool(row["hard"]),
            )
            for row in found
        ]

    def answered_since(self, number: int) -> list[tuple[int, str, datetime]]:
        """Return the answers after one, in the order of storing: number, prompt, moment."""
        found = self._db.read(
            "SELECT seq, prompt, at FROM response WHERE seq > ? AND prompt IS NOT NULL"
            " ORDER BY seq",
            number,
        )
        return [(row["seq"], row["prompt"], rows.from_text(row["at"])) for row in found]

    def said(self, prompt: str, until: datetime) -> list[Said]:
        """Return the answers to a prompt that count, up to a moment, earliest first."""
        found = self._db.read(_SAID, prompt, rows.to_text(until))
        return [Said(rows.from_text(row["at"]), Answer(row["answer"])) for row in found]

    def forget_reviews(self) -> None:
        """Leave no review: each is to be made anew."""
        renew_mark(self._db, "review")
        self._db.write("DELETE FROM review")

    def put_review(self, prompt: str, review: Review) -> None:
        """Keep what the answers to a prompt come to."""
        renew_mark(self._db, "review")
        times = (review.due_at, review.last_at, review.put_off_at)
        due_at, last_at, put_off_at = (at and rows.to_text(at) for at in times)
        self._db.write(
            "INSERT OR REPLACE INTO review"
            " (prompt, stability, difficulty, due_at, last_at, hards, put_off_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(prompt, review.stability, review.difficulty, due_at, last_at),
            *(review.hards, put_off_at),
        )


# Most rows are the same at every look: what they mean is worked out once.


@lru_cache(maxsize=4096)
def _seen(prompt: str, tip: str, at: str, order: int, first_at: str) -> Seen:
    return Seen(prompt, tip, rows.from_text(at), order, rows.from_text(first_at))


@lru_cache(maxsize=4096)
def _review(  # noqa: PLR0913 -- the columns of one row
    stability: float | None,
    difficulty: float | None,
    due_at: str | None,
    last_at: str | None,
    hards: int,
    put_off_at: str | None,
) -> Review:
    return Review(
        stability,
        difficulty,
        rows.from_text(due_at) if due_at else None,
        rows.from_text(last_at) if last_at else None,
        hards,
        rows.from_text(put_off_at) if put_off_at else None,
    )
