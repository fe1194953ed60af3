"""The words of this program as plain values; `docs/architecture.md` explains each one.

Times: `datetime` values named `..._at` are aware and in UTC. Values named `local_...` are naive
wall-clock time, meant in whatever zone the person is in. Minutes and seconds are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reminderd.core.names import (
    Answer,
    Kind,
    Needs,
    Outcome,
    Pause,
    Reason,
    Rule,
    Slot,
    Source,
    When,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = [
    "Answer",
    "Cadence",
    "Context",
    "FixedTime",
    "Kind",
    "Needs",
    "Outcome",
    "PaceSettings",
    "Pause",
    "Planned",
    "Practice",
    "Preferences",
    "Prompt",
    "Quiet",
    "Reason",
    "Rule",
    "Seen",
    "Slot",
    "Source",
    "When",
    "Window",
]


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
class PaceSettings:
    """Whether the first weeks begin gently, and whether it gets rarer while unanswered."""

    ramp_up: bool = True
    back_off: bool = True


@dataclass(frozen=True, slots=True)
class Practice:
    """Which prompts may come; a tip or deck named `*` means all.

    `new_per_week` is how many are met for the first time in a week, `max_interval` in days.
    """

    decks: tuple[str, ...]
    tips: tuple[str, ...]
    alone_only: bool
    new_per_week: int = 5
    max_interval: int = 21


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
        parent: The delivery that was answered with *Later* (`again`), else None.
        showing: 1 for a first showing, 2 and 3 after *Later*.
        withdrawn: Whether the answer that called for it has been corrected since.
        held: The last reason it was held for, if it was.
        gentler: Whether what was put off with *Later* was the gentler version.
    """

    id: str
    kind: Kind
    slot: Slot | None
    local_at: datetime
    local_until: datetime
    prompt: str | None = None
    tip: str | None = None
    parent: str | None = None
    showing: int = 1
    withdrawn: bool = False
    held: Reason | None = None
    gentler: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What the desktop tells; None where it is not known, and unknown counts as free.

    Attributes:
        do_not_disturb: Whether the person silenced the desktop.
        in_call: Whether microphone or camera are in use.
        locked: Whether the screen is locked.
        inactive: Whether another session, as another person's, has the screen.
        away_seconds: For how long nobody has touched anything; 0 where somebody is there.
        unsignalled: Which of these end without a signal, so that only a look can notice it.
    """

    do_not_disturb: bool | None = None
    in_call: bool | None = None
    locked: bool | None = None
    inactive: bool | None = None
    away_seconds: int | None = None
    unsignalled: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """When a prompt was shown; `order` counts showings and never steps back.

    `at` is the last time and `first_at` the first, in UTC.
    """

    prompt: str
    tip: str
    at: datetime
    order: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the person set, as the engine needs it; `discretion` is auto, always or never."""

    cadence: Cadence
    quiet: Quiet
    pace: PaceSettings
    practice: Practice
    discretion: Literal["auto", "always", "never"]
    snooze: timedelta
