"""What became of a damaged database, and how a person is told."""

from __future__ import annotations

from typing import Literal, NamedTuple

Lost = Literal["closed", "removed", "replaced", "log"]
"""How a database that was open is not the one at its path any more: it was closed, its file was
removed or another put in its place, or its log alone is gone."""


class Mended(NamedTuple):
    """A database that was damaged, and what goes on in its place.

    Attributes:
        aside: The folder in which the damaged one is kept.
        backup: The local date of the backup that is gone on with, as ISO 8601; None without one.
        answers: How many answers were read from the damaged one beyond those of the backup.
        lost: How many answers are missing; None where nobody can know.
        orphaned: How many of the `answers` are there without the delivery that they answered.
    """

    aside: str
    backup: str | None
    answers: int
    lost: int | None
    orphaned: int = 0


def words(mended: Mended) -> str:
    """Return what happened to a database, what was saved and what was lost, in one line."""
    match mended.lost:
        case None:
            lost = "Answers since then may be missing."
            if mended.backup is None:
                lost = "Nobody can know whether any are missing."
        case 0:
            lost = "No answer is known to be missing."
        case count:
            lost = f"{_answers(count)} could not be saved."
    return f"The database was damaged, and is kept in {mended.aside}. {_saved(mended)} {lost}"


def _saved(mended: Mended) -> str:
    came = _answers(mended.answers)
    which = "it" if mended.answers == 1 else f"{mended.orphaned} of them"
    without = f"; what {which} answered is lost" if mended.orphaned else ""
    if mended.backup is None:
        belongs = without or ", and all that belongs to them"
        return f"There was no backup; {came} could be read from it{belongs}."
    more = f", with {came} more read from it{without}" if mended.answers else ""
    return f"What goes on is the backup of {mended.backup}{more}."


def _answers(count: int) -> str:
    return f"{count} answer{'' if count == 1 else 's'}"
