"""The table `seen`: when each prompt was shown, so that a choice need not go through the past.

Also what makes both caches anew, after rows have come or gone otherwise than one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reminderd.adapters.store.connection import Database

SHOWINGS: Final = """
SELECT tip, claimed_at AS at, claim_order,
  (SELECT claimed_at FROM delivery WHERE prompt = ?1 AND claim_order IS NOT NULL
   AND claimed_at <= ?2 ORDER BY claim_order LIMIT 1) AS first_at
FROM delivery WHERE prompt = ?1 AND claim_order IS NOT NULL AND claimed_at <= ?2
ORDER BY claim_order DESC LIMIT 1
"""
"""The first and the last showing of a prompt (1) up to a moment (2)."""

_ALWAYS: Final = "9999"
"""As text, later than any time."""


def mark_of(database: Database, table: str) -> str:
    """Return a text that is another one whenever a cache (`seen`, `review`) has changed."""
    row = database.first("SELECT value FROM state WHERE key = ?", f"mark of {table}")
    return row["value"] if row else ""


def renew_mark(database: Database, table: str) -> None:
    """Give a cache another mark, in the transaction in which it changes."""
    database.write(
        "INSERT OR REPLACE INTO state (key, value) VALUES (?, json_quote(hex(randomblob(8))))",
        f"mark of {table}",
    )


def renew_seen(database: Database, prompt: str) -> None:
    """Make the row of a prompt anew, in the transaction in which its deliveries change."""
    renew_mark(database, "seen")
    row = database.first(SHOWINGS, prompt, _ALWAYS)
    if row is None:
        database.write("DELETE FROM seen WHERE prompt = ?", prompt)
        return
    database.write(
        "INSERT OR REPLACE INTO seen (prompt, tip, first_at, at, claim_order)"
        " VALUES (?, ?, ?, ?, ?)",
        *(prompt, row["tip"], row["first_at"], row["at"], row["claim_order"]),
    )


def make_caches_anew(database: Database) -> None:
    """Let `seen` and `review` follow from the rows again, in the transaction that changed those.

    The next look folds all answers.
    """
    for table in ("seen", "review"):
        renew_mark(database, table)
        database.write(f"DELETE FROM {table}")
    database.write("DELETE FROM state WHERE key = 'reviewed'")
    for row in database.read(
        "SELECT DISTINCT prompt FROM delivery WHERE claim_order IS NOT NULL AND prompt IS NOT NULL"
    ):
        renew_seen(database, row["prompt"])
