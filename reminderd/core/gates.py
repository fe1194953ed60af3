"""Is this a good moment? Each gate is open, or holds with a reason and, if known, until when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from reminderd.core.model import Cadence, Context, Kind, Pause, Quiet, Reason
from reminderd.core.offer import in_quiet_hours
from reminderd.core.pausing import paused_until

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reminderd.core.history import Came

DESKTOP: Final = (
    *(Reason.DO_NOT_DISTURB, Reason.IN_CALL),
    *(Reason.LOCKED, Reason.INACTIVE, Reason.AWAY),
)
"""What the desktop alone can know of, in the order in which it is told."""

ABSENT: Final = frozenset({Reason.LOCKED, Reason.INACTIVE, Reason.AWAY})
"""While one of these holds, the person is not there, and may come back."""

LOOK_AGAIN: Final = timedelta(seconds=60)
"""When to look again at what ends without a signal."""

APART: Final = timedelta(minutes=10)
"""What was put off with *Later* stays so far from another that came, if not the gap is smaller."""

_SETTLE: Final = timedelta(minutes=1), timedelta(minutes=4)
"""From when to when after a return something may come: it is not to be the first thing seen."""


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
        back_at: When the person was last noticed to have come back, in UTC; None where they are
            away, or nobody saw them come.
        back_within: How long before that they may have come, unseen.
        last: What came last, or may have; never ahead of `now`.
        came_today: How many came on this local date, or may have.
        server_until: When to try a notifier again that is not there, or None where it is ready.
    """

    now: datetime
    zone: tzinfo
    cadence: Cadence
    quiet: Quiet
    pause: Pause | None
    context: Context
    last: Came | None
    came_today: int
    server_until: datetime | None
    back_at: datetime | None = None
    back_within: timedelta = timedelta()


def may_close(kind: Kind, told: Collection[Reason], *, quiet_hours: bool) -> tuple[Reason, ...]:
    """Return what can still hold a delivery of this kind when its moment comes.

    Args:
        kind: The delivery's.
        told: What the desktop is asked for, and can tell.
        quiet_hours: Whether there are any. Slots lie outside of them.
    """
    if kind is Kind.NOW:
        return (Reason.NO_SERVER,)
    desktop = tuple(reason for reason in DESKTOP if reason in told)
    if kind is Kind.SLOT:
        measured = Reason.GAP, Reason.CAP, Reason.RESTING, Reason.NO_SERVER
        return Reason.PAUSED, *desktop, *measured
    silence = (Reason.QUIET_HOURS,) if quiet_hours and kind is not Kind.FIRST else ()
    return Reason.PAUSED, *silence, *desktop, Reason.NO_SERVER


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


def closed_by_desktop(context: Context, quiet: Quiet) -> Iterator[Reason]:
    """Yield what of the desktop is to be respected and holds now; unknown counts as free."""
    away = quiet.when_away is not None and (context.away_seconds or 0) >= quiet.when_away
    told = {
        Reason.DO_NOT_DISTURB: context.do_not_disturb,
        Reason.IN_CALL: context.in_call,
        Reason.LOCKED: context.locked,
        Reason.INACTIVE: context.inactive,
        Reason.AWAY: away,
    }
    wanted = asked_for(quiet)
    yield from (reason for reason in DESKTOP if told[reason] and reason in wanted)


def absence(context: Context, quiet: Quiet) -> frozenset[Reason]:
    """Return by what the person is known not to be there, of what is to be respected."""
    return ABSENT.intersection(closed_by_desktop(context, quiet))


def asked_for(quiet: Quiet) -> frozenset[Reason]:
    """Return which of what the desktop tells is to be respected."""
    wanted = {
        Reason.DO_NOT_DISTURB: quiet.do_not_disturb,
        Reason.IN_CALL: quiet.in_call,
        Reason.LOCKED: quiet.when_locked,
        Reason.INACTIVE: quiet.when_locked,
        Reason.AWAY: quiet.when_away is not None,
    }
    return frozenset(reason for reason, is_wanted in wanted.items() if is_wanted)


def settling(here: Situation, valid_until: datetime, seed: str) -> Closed | None:
    """Return until when to leave the person alone who has come back; None where that is over.

    That takes one to four minutes, less where it would not come any more, and is the same whenever
    it is asked.

    Args:
        here: What the gates look at.
        valid_until: When the delivery ends, in UTC.
        seed: Of this delivery's draw.
    """
    if here.back_at is None:
        return None
    least, most = _SETTLE
    most = max(least, min(most - here.back_within, valid_until - here.back_at))
    share = random.Random(f"{seed}:settle").random()  # noqa: S311 -- no secret
    free_at = here.back_at + least + (most - least) * share
    return Closed(Reason.JUST_BACK, free_at) if free_at > here.now else None


def too_soon(here: Situation, parent: str | None) -> Closed | None:
    """Return until when what was put off with *Later* keeps apart from another that came.

    Neither gap nor cap stops it, but two that come together after a break would be a pile.

    Args:
        here: What the gates look at.
        parent: The delivery that was put off. It lies as far back as the person said.
    """
    gap = min(timedelta(minutes=here.cadence.min_gap), APART)
    if here.last is None or here.last.delivery == parent or here.last.at + gap <= here.now:
        return None
    return Closed(Reason.GAP, here.last.at + gap)


def _desktop(here: Situation) -> Iterator[Closed]:
    for reason in closed_by_desktop(here.context, here.quiet):
        again = here.now + LOOK_AGAIN if reason in here.context.unsignalled else None
        yield Closed(reason, again)


def _measure(here: Situation) -> Iterator[Closed]:
    if here.came_today >= here.cadence.max_per_day:
        yield Closed(Reason.CAP, None)
    if here.last is not None:
        free_at = here.last.at + timedelta(minutes=here.cadence.min_gap)
        if free_at > here.now:
            yield Closed(Reason.GAP, free_at)
