"""The words of this program as plain values; `docs/architecture.md` explains each one.

Times: `datetime` values named `..._at` are aware and in UTC. Values named `local_...` are naive
wall-clock time, meant in whatever zone the person is in. Minutes and seconds are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta


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
    AWAY = "away"
    GAP = "min-gap"
    CAP = "daily-cap"
    NO_SERVER = "no-server"
    NO_PROMPT = "no-prompt"
    # Let go.
    MERGED = "merged"
    ANSWERED = "answered"
    NOT_RUNNING = "not-running"
    RESTORED = "restored"
    # Not delivered.
    NO_REPLY = "no-reply"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One small practice, with a stable slug."""

    id: str
    deck: str
    tip: str
    basis: str
    when: When
    needs: Needs
    title: str
    body: str
    cue: str
    gentler: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A local-time range on some weekdays.

    Attributes:
        days: Weekdays on which it starts, Monday is 0.
        start: Minutes after midnight, 0 to 1439.
        end: Minutes after the same midnight, exclusive; above 1440 where it crosses midnight.
    """

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FixedTime:
    """A time of day on some weekdays; `minute` counts from midnight, Monday is 0."""

    days: frozenset[int]
    minute: int


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often, on which days, in which windows; minutes throughout."""

    random_per_day: int
    at: tuple[FixedTime, ...]
    every: int | None
    windows: tuple[Window, ...]
    min_gap: int
    max_per_day: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """When to be silent; `when_away` in seconds, None where being away does not matter."""

    hours: tuple[Window, ...]
    do_not_disturb: bool = True
    when_locked: bool = True
    when_away: int | None = 300
    in_call: bool = True


@dataclass(frozen=True, slots=True)
class Practice:
    """Which prompts may come; a tip or deck named `*` means all."""

    decks: tuple[str, ...]
    tips: tuple[str, ...]
    alone_only: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned moment: the key of "at most once"."""

    date: date
    number: int

    def __str__(self) -> str:
        """Return the slot as people and JSON see it."""
        return f"{self.date.isoformat()}#{self.number}"


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery that has not been claimed yet.

    Attributes:
        id: The delivery's time-ordered id.
        kind: Why it exists.
        slot: The key of a planned one, else None.
        local_at: Wall time from which it may come.
        local_until: Wall time at which it is let go, exclusive.
        prompt: The prompt that is asked for (`again`, `now --prompt`), else None.
        tip: The tip that is asked for (`now --tip`), else None.
        showing: 1 for a first showing, 2 and 3 after *Later*.
        withdrawn: Whether the answer that called for it has been corrected since.
        held: The last reason it was held for, if it was.
    """

    id: str
    kind: Kind
    slot: Slot | None
    local_at: datetime
    local_until: datetime
    prompt: str | None = None
    tip: str | None = None
    showing: int = 1
    withdrawn: bool = False
    held: Reason | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The person stopped everything; exactly one of the two ends is set."""

    at: datetime
    until_at: datetime | None
    local_until: datetime | None


@dataclass(frozen=True, slots=True)
class Context:
    """What the desktop tells; None where it is not known, and unknown counts as free."""

    do_not_disturb: bool | None = None
    in_call: bool | None = None
    locked: bool | None = None
    away_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """When a prompt was last shown; `order` counts showings and never steps back."""

    prompt: str
    tip: str
    at: datetime
    order: int


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the person set, as the engine needs it; `discretion` is auto, always or never."""

    cadence: Cadence
    quiet: Quiet
    practice: Practice
    discretion: Literal["auto", "always", "never"]
    snooze: timedelta
