"""Taking records out of the database, as they travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.records import HISTORY, OWN, RECORDS, Row

if TYPE_CHECKING:
    from collections.abc import Generator

    from reminderd.adapters.store.connection import Database

# What was released after it had been answered is neither claimed nor ended, and has its answer.
_TRAVELS: Final = (
    "(claimed_at IS NOT NULL OR outcome IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM response WHERE response.delivery = delivery.id))"
)
WHICH: Final = {
    "delivery": f"WHERE {_TRAVELS} ORDER BY seq",
    "hold": f"WHERE delivery IN (SELECT id FROM delivery WHERE {_TRAVELS}) ORDER BY delivery, at",
    "response": "ORDER BY seq",
    "choice": "ORDER BY seq",
    "pause": "ORDER BY seq",
}
"""By kind, which rows travel, in an order in which what one refers to comes before it."""


def records(database: Database, *, everything: bool) -> Generator[tuple[str, Row], None, None]:
    """Yield each record with its kind.

    Args:
        database: Where they are kept.
        everything: Whether choices and pauses are wanted beside the history.
    """
    for kind in (*HISTORY, *(OWN if everything else ())):
        names = ", ".join(RECORDS[kind])
        for row in database.each(f"SELECT {names} FROM {kind} {WHICH[kind]}"):
            yield kind, dict(row)
