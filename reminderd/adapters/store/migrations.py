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
)
"""The first entry stands for `schema.sql` as it was first published."""
