"""Is this a good moment? Each gate is open, or holds with a reason and, if known, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from reminderd.core.model import Cadence, Context, Kind, Pause, Quiet, Reason
from reminderd.core.offer import in_quiet_hours
from reminderd.core.pausing import paused_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate that holds; `until` in UTC, None where nobody can know."""

    reason: Reason
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the gates look at.

    Attributes:
        now: The present moment, in UTC.
        zone: The zone the person is in.
        pause: The newest pause, over or not.
        context: What the desktop tells.
        last_shown_at: When anything was last shown, in UTC.
        shown_today: How many were shown on this local date.
        server_until: When to try a notifier again that is not there, or None where it is ready.
    """

    now: datetime
    zone: tzinfo
    cadence: Cadence
    quiet: Quiet
    pause: Pause | None
    context: Context
    last_shown_at: datetime | None
    shown_today: int
    server_until: datetime | None


def may_close(kind: Kind) -> tuple[Reason, ...]:
    """Return what can still hold a delivery of this kind when its moment comes."""
    if kind is Kind.NOW:
        return (Reason.NO_SERVER,)
    if kind is Kind.SLOT:
        return Reason.PAUSED, Reason.GAP, Reason.CAP, Reason.RESTING, Reason.NO_SERVER
    return Reason.PAUSED, Reason.QUIET_HOURS, Reason.NO_SERVER


def first_closed(kind: Kind, situation: Situation) -> Closed | None:
    """Return the first gate that holds a delivery of this kind, or None where all are open.

    What the person asks for obeys less: `now` only needs a way to be shown, the first practice
    skips quiet hours, and neither of them nor a snoozed one is stopped by gap and cap.
    """
    return next(_closed(kind, situation), None)


def _closed(kind: Kind, here: Situation) -> Iterator[Closed]:
    """Yield the gates that hold, the person's own wish first."""
    if kind is not Kind.NOW:
        yield from _wishes(kind, here)
        yield from _desktop(here)
    if kind is Kind.SLOT:
        yield from _measure(here)
    if here.server_until is not None:
        yield Closed(Reason.NO_SERVER, here.server_until)


def _wishes(kind: Kind, here: Situation) -> Iterator[Closed]:
    if until := paused_until(here.pause, here.now, here.zone):
        yield Closed(Reason.PAUSED, until)
    if kind is not Kind.FIRST and (until := in_quiet_hours(here.quiet, here.now, here.zone)):
        yield Closed(Reason.QUIET_HOURS, until)


def _desktop(here: Situation) -> Iterator[Closed]:
    """Yield what the desktop says; what is unknown counts as free."""
    quiet, context = here.quiet, here.context
    if quiet.do_not_disturb and context.do_not_disturb:
        yield Closed(Reason.DO_NOT_DISTURB, None)
    if quiet.in_call and context.in_call:
        yield Closed(Reason.IN_CALL, None)
    if quiet.when_locked and context.locked:
        yield Closed(Reason.LOCKED, None)
    if quiet.when_away is not None and (context.away_seconds or 0) >= quiet.when_away:
        yield Closed(Reason.AWAY, None)


def _measure(here: Situation) -> Iterator[Closed]:
    if here.shown_today >= here.cadence.max_per_day:
        yield Closed(Reason.CAP, None)
    if here.last_shown_at is not None:
        free_at = here.last_shown_at + timedelta(minutes=here.cadence.min_gap)
        if free_at > here.now:
            yield Closed(Reason.GAP, free_at)
