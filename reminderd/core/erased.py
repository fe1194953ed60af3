"""What was erased, in numbers."""

from __future__ import annotations

from typing import NamedTuple


class Erased(NamedTuple):
    """What is gone.

    Attributes:
        practices: Deliveries, brought or let go.
        answers: Responses, practices that were noted among them.
        notes: Texts that the person wrote.
        backups: Daily backups that were removed.
        damaged: Damaged databases that were kept, and removed.
        files: Files that were looked through afterwards, and have nothing of it; none where there
            was nothing to erase.
        unseen: What in the data folder could not be looked at, each with the reason.
    """

    practices: int = 0
    answers: int = 0
    notes: int = 0
    backups: int = 0
    damaged: int = 0
    files: int = 0
    unseen: tuple[str, ...] = ()
