"""What the store remembers, as the use cases and reports read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reminderd.core.model import Answer, Kind, Outcome, Reason, Slot, When

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
    """A delivery that was claimed, with the answer that counts; times in UTC."""

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


def is_open(newest: DeliveryRecord | None, now: datetime) -> bool:
    """Return whether the newest delivery still waits for its answer.

    Answered is closed, six hours are closed, and so is a time that lies ahead of a clock that was
    set back by more than those six hours. A claim without an outcome may be on the screen all the
    same (a full disk kept its outcome from being written), so its answer is taken.
    """
    if newest is None or newest.answer is not None:
        return False
    return abs(now - (newest.shown_at or newest.claimed_at)) < OPEN_FOR
