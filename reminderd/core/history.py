"""What the store remembers, as the use cases and reports read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reminderd.core.names import Answer, Kind, Outcome, Reason, Slot, Source, When

OPEN_FOR: Final = timedelta(hours=6)
"""How long a delivery stays open when nothing else closes it."""

ASKED_FOR: Final = timedelta(minutes=2)
"""For how long what the person asked for at once may still come."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """What was shown, kept so that the past stays true after a deck is edited."""

    title: str
    body: str
    cue: str
    when: When


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A delivery that was claimed, with the answer that counts; times in UTC.

    `reading` is whether it asked if reading is enough.
    """

    id: str
    kind: Kind
    slot: Slot | None
    prompt: str
    tip: str
    showing: int
    text: ShownText
    claimed_at: datetime
    shown_at: datetime | None
    outcome: Outcome | None
    answer: Answer | None
    reading: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """A delivery that was brought, though perhaps nobody saw it; `at` in UTC."""

    delivery: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the history; `kind` is a `Kind` or `note`, times in UTC with their zone's name.

    `planned_at` is when it was meant to come. A practice noted by itself has neither an outcome
    nor a `shown_at`; nor has one that was answered before what became of it is known.
    """

    id: str
    slot: Slot | None
    kind: str
    prompt: str | None
    tip: str | None
    title: str | None
    planned_at: datetime
    shown_at: datetime | None
    outcome: Outcome | None
    reason: Reason | None
    response: Answer | None
    note: str | None
    device: str
    zone: str


@dataclass(frozen=True, slots=True)
class Held:
    """From when on a reason held a delivery back, in UTC; the next reason ends it."""

    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """All that is recorded of one delivery, to explain it; times in UTC.

    Attributes:
        title: Of what was shown; None where it never came.
        planned_at: From when on it could come.
        valid_until: Until when.
        ended_at: When it was brought or let go; None while it waits.
        source: What of the cadence planned it; None where it was asked for.
        why: In words why this prompt; empty where none was chosen.
        later_at: When *Later* was answered, where that called for it.
        held: What held it back, earliest first.
    """

    id: str
    kind: Kind
    slot: Slot | None
    prompt: str | None
    title: str | None
    planned_at: datetime
    valid_until: datetime
    shown_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    reason: Reason | None
    answer: Answer | None
    source: Source | None
    why: str
    later_at: datetime | None
    held: tuple[Held, ...]

    @property
    def waited_until(self) -> datetime | None:
        """Until when it could have come: its end, or that of its time; None while it waits."""
        return self.ended_at and min(self.ended_at, max(self.valid_until, self.planned_at))


def is_open(newest: DeliveryRecord | None, now: datetime) -> bool:
    """Return whether the newest delivery still waits for its answer.

    Answered is closed, six hours are closed, and so is a time that lies ahead of a clock that was
    set back by more than those six hours. A claim without an outcome may be on the screen all the
    same (a full disk kept its outcome from being written), so its answer is taken.
    """
    if newest is None or newest.answer is not None:
        return False
    return abs(now - (newest.shown_at or newest.claimed_at)) < OPEN_FOR
