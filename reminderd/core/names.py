"""The closed sets of words, and the two values that quick commands need.

A dataclass takes half a millisecond to make, and `model.py` has many that only the engine needs;
`reminderd status` must not wait for them. `model.py` has all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date, datetime

LAST_SHOWING: Final = 3
"""From this showing on there is no *Later*: twice again is enough."""

LONGEST_NOTE: Final = 10_000
"""Characters of a note."""


class When(StrEnum):
    """Whether a prompt is for two minutes here, or for the next occasion."""

    NOW = "now"
    NEXT = "next"


class Needs(StrEnum):
    """Who has to be there for a prompt."""

    NOBODY = "nobody"
    SOMEONE = "someone"


class Answer(StrEnum):
    """What a person can say to a delivery."""

    DONE = "done"
    TAKEN = "taken"
    HARD = "hard"
    LATER = "later"
    NOT_TODAY = "not-today"
    NOT_FOR_ME = "not-for-me"


class Outcome(StrEnum):
    """How a delivery ended; people read "let go" for missed and "not delivered" for failed."""

    SHOWN = "shown"
    MISSED = "missed"
    FAILED = "failed"


class Kind(StrEnum):
    """Why a delivery exists: planned, asked for, the very first, or postponed by the person."""

    SLOT = "slot"
    NOW = "now"
    FIRST = "first"
    AGAIN = "again"


class Source(StrEnum):
    """Which part of the cadence a planned moment comes from."""

    AT = "at"
    EVERY = "every"
    RANDOM = "random"


class Reason(StrEnum):
    """Why a delivery is held, was let go, or was not delivered."""

    # The system waits.
    PAUSED = "paused"
    QUIET_HOURS = "quiet-hours"
    DO_NOT_DISTURB = "do-not-disturb"
    IN_CALL = "in-call"
    LOCKED = "locked"
    INACTIVE = "inactive"
    AWAY = "away"
    JUST_BACK = "just-back"
    GAP = "min-gap"
    CAP = "daily-cap"
    NO_SERVER = "no-server"
    NO_PROMPT = "no-prompt"
    RESTING = "resting"
    # Let go.
    MERGED = "merged"
    ANSWERED = "answered"
    NOT_RUNNING = "not-running"
    RESTORED = "restored"
    # Not delivered.
    NO_REPLY = "no-reply"
    INTERRUPTED = "interrupted"


class Rule(StrEnum):
    """What made a prompt the one that came."""

    FIRST = "first"
    ASKED = "asked"
    AGAIN = "again"
    TURN = "turn"
    DUE = "due"
    NEW = "new"
    LONGEST_UNSEEN = "longest-unseen"


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned moment: the key of "at most once"."""

    date: date
    number: int

    def __str__(self) -> str:
        """Return the slot as people and JSON see it."""
        return f"{self.date.isoformat()}#{self.number}"


@dataclass(frozen=True, slots=True)
class Pause:
    """The person stopped everything; exactly one of the two ends is set."""

    at: datetime
    until_at: datetime | None
    local_until: datetime | None
