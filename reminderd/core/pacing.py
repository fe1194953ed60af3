"""What ramp-up and back-off make of the cadence. They come in a later version; today: all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reminderd.core.model import Cadence


@dataclass(frozen=True, slots=True)
class Pace:
    """How many moments a date may have right now, and why, in words for the person."""

    per_day: int
    reason: str


def pace(cadence: Cadence) -> Pace:
    """Return the pace of a date that is about to be planned."""
    return Pace(cadence.max_per_day, "as you set it")
