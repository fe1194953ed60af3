"""The ordered steps from one schema to the next; a new database starts from `schema.sql`.

To change the schema: append a `Migration`, change `schema.sql` to match, and the test that
compares the two ways tells whether they agree. A migration that has been published never changes.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Migration(NamedTuple):
    """One step: statements that run in one transaction, with the record that they ran."""

    number: int
    name: str
    statements: tuple[str, ...]


MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(1, "the first schema", ()),
    Migration(
        2,
        "what stands on the screen",
        (
            # Nothing recorded before says whether it still stands.
            "UPDATE posted SET closed_at = '' WHERE closed_at IS NULL",
            "CREATE INDEX posted_standing ON posted (delivery) WHERE closed_at IS NULL",
        ),
    ),
    Migration(
        3,
        "what is known of each prompt, and each reason to hold",
        (
            """CREATE TABLE hold (
  delivery TEXT NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
  at TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (delivery, at)
) STRICT, WITHOUT ROWID""",
            """INSERT INTO hold SELECT id, held_at, held_reason FROM delivery
  WHERE held_at IS NOT NULL AND held_reason IS NOT NULL""",
            """CREATE TABLE seen (
  prompt TEXT PRIMARY KEY,
  tip TEXT NOT NULL, first_at TEXT NOT NULL, at TEXT NOT NULL, claim_order INTEGER NOT NULL
) STRICT""",
            """INSERT INTO seen
  SELECT one.prompt, two.tip, one.claimed_at, two.claimed_at, two.claim_order
  FROM (SELECT min(claim_order) AS first, max(claim_order) AS last FROM delivery
        WHERE claim_order IS NOT NULL AND prompt IS NOT NULL GROUP BY prompt)
  JOIN delivery AS one ON one.claim_order = first
  JOIN delivery AS two ON two.claim_order = last""",
            "DROP TABLE review",  # nothing was ever in it
            """CREATE TABLE review (
  prompt TEXT PRIMARY KEY,
  stability REAL, difficulty REAL, due_at TEXT, last_at TEXT,
  hards INTEGER NOT NULL, put_off_at TEXT
) STRICT""",
        ),
    ),
)
"""The first entry stands for `schema.sql` as it was first published."""
