"""The review state of a prompt. The fold over responses comes in a later version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReviewState:
    """What FSRS keeps of one prompt; `due_at` and `last_at` in UTC."""

    prompt: str
    stability: float
    difficulty: float
    due_at: datetime
    last_at: datetime
