"""What ramp-up and back-off make of the cadence. They come in a later version; today: all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reminderd.core.cadence import asked_per_day

if TYPE_CHECKING:
    from reminderd.core.model import Cadence


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of the cadence comes right now.

    Attributes:
        per_day: How many a day there can be on a day that asks for most, to be told.
        allowance: How many a date is granted when it is planned.
        reason: Why, in words for the person.
    """

    per_day: int
    allowance: int
    reason: str


def pace(cadence: Cadence) -> Pace:
    """Return the pace of a date that is about to be planned."""
    return Pace(asked_per_day(cadence), cadence.max_per_day, "as you set it")
