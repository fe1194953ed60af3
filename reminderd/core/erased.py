"""What was erased, in numbers."""

from __future__ import annotations

from typing import NamedTuple


class Erased(NamedTuple):
    """What is gone.

    Attributes:
        practices: Deliveries, brought or let go.
        answers: Responses, practices that were noted among them.
        notes: Texts that the person wrote.
        backups: Files in the folder of the daily backups, and damaged databases that were kept.
        files: Files that were looked through afterwards, and have nothing of it.
    """

    practices: int
    answers: int
    notes: int
    backups: int
    files: int
