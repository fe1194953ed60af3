"""What is true of a moment, by a word of its own: plain rules, none of them the engine's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.property.moments.wall import DAY, MINUTE, edges, is_quiet, moment_of, on_the_wall

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from reminderd.core.model import Preferences
    from tests.fakes import FakeClock
    from tests.property.moments.desk import Desk
    from tests.property.moments.ledger import One

APART: Final = 10 * MINUTE
NOT_IN: Final = MINUTE
"""How long after a return nothing comes."""
AT_LAST: Final = 4 * MINUTE
"""How long after a return what waits has come."""
LOOKS_AGAIN: Final = MINUTE
"""How soon what has no signal is looked at again."""
LONGEST_WAIT: Final = 10 * MINUTE
"""How long after a refusal the server is tried again."""
LONGEST_PAUSE: Final = 30 * DAY

ABSENT: Final = frozenset({"locked", "inactive", "away"})
RETURNED: Final = "just-back"


class Shown(NamedTuple):
    """One that came; `mark` is when on the desk's own clock.

    `is_known` is whether that is recorded; else it may have been seen, or not.
    """

    id: str
    kind: str
    at: datetime
    mark: timedelta
    day: date
    is_known: bool


class Asked(NamedTuple):
    """A pause: when it was asked for, and its end in UTC or on the wall."""

    at: datetime
    until: datetime | None
    local_until: datetime | None


@dataclass
class Truth:
    """All that a moment depends on.

    Attributes:
        wish: The settings.
        pause: The newest pause, over or not.
        shown: What came, in order.
        absent: By what the last looks could see that nobody is there; empty where they saw nobody
            missing.
        back_at: When a look could first see that somebody is there again.
        has_leapt: Whether the clock has leapt by years since the last look.
        refused_at: When the server refused last, since this daemon began.
    """

    clock: FakeClock
    desk: Desk
    wish: Preferences
    pause: Asked | None = None
    shown: list[Shown] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    back_at: datetime | None = None
    has_leapt: bool = False
    refused_at: datetime | None = None
    _last: Shown | None = None
    _since: datetime | None = None

    # What a look can see of the person

    def looked(self, *, closely: bool) -> None:
        """Take in what a look can see at this moment."""
        now = self.clock.now
        hidden = {str(one) for one in self.desk.hidden(closely=closely)}
        if seen := self._desk_gates(now) & ABSENT - hidden:
            self.absent, self.back_at = frozenset(seen), None
        elif self.absent and (closely or "away" not in self.absent & hidden):
            self.absent, self.back_at = frozenset(), now
        if self.back_at is not None:  # clocks step back
            self.back_at = min(self.back_at, now)
        if self.refused_at is not None:
            self.refused_at = min(self.refused_at, now)
        if (last := self.last) is not self._last:
            self._last, self._since = last, last and last.at
        if self._since is not None:
            # It cannot know how much of a leap was lived, so the gap may begin anew.
            self._since = now if self.has_leapt else min(self._since, now)
        self.has_leapt = False

    def _desk_gates(self, at: datetime) -> set[str]:
        """Return what of the desk is to be respected and says no."""
        desk, quiet = self.desk, self.wish.quiet
        idle = desk.idle(at - self.clock.now)
        limit = quiet.when_away
        told = {
            "do-not-disturb": desk.do_not_disturb and quiet.do_not_disturb,
            "in-call": desk.in_call and quiet.in_call,
            "locked": desk.locked and quiet.when_locked,
            "inactive": desk.inactive and quiet.when_locked,
            "away": limit is not None and int(idle.total_seconds()) >= limit,
        }
        return {reason for reason, holds in told.items() if holds} - set(desk.untold)

    def started(self, waiting: Iterable[One]) -> None:
        """Take in that a daemon starts: of an absence it knows by what waits because of it."""
        held = {one.held for one in waiting if one.held}
        self.refused_at = self.back_at = None
        self.has_leapt = False
        self.absent = frozenset(held & (ABSENT | {RETURNED}))

    # Gates

    def closed(self, one: One, at: datetime | None = None) -> set[str]:
        """Return what certainly forbids a delivery, at this moment or another."""
        at = at or self.clock.now
        if one.kind == "now":
            return set()
        found = self._desk_gates(at)
        if self._paused(at):
            found.add("paused")
        if one.kind != "first" and is_quiet(self.wish.quiet.hours, at, self.clock.zone):
            found.add("quiet-hours")
        if self.back_at is not None and at < self.back_at + NOT_IN:
            found.add(RETURNED)
        return found | self._measure(one, at)

    def may_wait(self, one: One, at: datetime | None = None, *, ready: bool) -> set[str]:
        """Return for what a delivery may wait, at this moment or another."""
        at = at or self.clock.now
        found = self.closed(one, at)
        if one.kind != "now" and self.back_at is not None and at < self.back_at + AT_LAST:
            found.add(RETURNED)
        if self._last and self._since and at < self._since + self._gap(one):
            found |= set() if self._comes_for(one, self._last) else {"min-gap"}
        if not ready or (self.refused_at and at < self.refused_at + LONGEST_WAIT):
            found.add("no-server")
        return found

    def _paused(self, at: datetime) -> bool:
        pause = self.pause
        if pause is None or pause.at > at + DAY:
            return False
        if pause.until is not None:
            end = pause.until
        else:
            assert pause.local_until is not None
            end = moment_of(pause.local_until, self.clock.zone)
        return max(at, pause.at) < end

    def _measure(self, one: One, at: datetime) -> set[str]:
        """Return what of gap and cap forbids it.

        The gap is one of lived time. Setting the clock forward by less than a year counts as if
        that time had been lived, as in a suspend; all else never shortens the gap.
        """
        last, mark = self.last, self.desk.mark + (at - self.clock.now)
        found = set()
        if last and not self._comes_for(one, last) and mark < last.mark + self._gap(one):
            found.add("min-gap")
        today = on_the_wall(at, self.clock.zone).date()
        count = sum(each.day == today for each in self.shown if each.at <= at + DAY)
        if one.kind == "slot" and count >= self.wish.cadence.max_per_day:
            found.add("daily-cap")
        return found

    def _gap(self, one: One) -> timedelta:
        gap = timedelta(minutes=self.wish.cadence.min_gap)
        return {"slot": gap, "again": min(gap, APART)}.get(one.kind, timedelta())

    def _comes_for(self, one: One, last: Shown) -> bool:
        return one.kind == "again" and last.id == one.parent

    @property
    def last(self) -> Shown | None:
        """What came last, whatever a clock that was wrong says of itself."""
        return self.shown[-1] if self.shown else None

    # Moments

    def is_over(self, one: One, at: datetime | None = None) -> bool:
        """Return whether the time of a delivery has ended."""
        return moment_of(one.local_until, self.clock.zone) <= (at or self.clock.now)

    def is_due(self, one: One, at: datetime | None = None) -> bool:
        """Return whether this is the time of a delivery."""
        at = at or self.clock.now
        return moment_of(one.local_at, self.clock.zone) <= at and not self.is_over(one, at)

    def openings(self, one: One) -> list[datetime]:
        """Return the moments ahead at which a delivery may become one that can come."""
        found = [moment_of(one.local_at, self.clock.zone)]
        found += edges(self.wish.quiet.hours, self.clock.now, self.clock.zone)
        if self.pause is not None:
            until, local = self.pause.until, self.pause.local_until
            found += [until] if until else []
            found += [moment_of(local, self.clock.zone)] if local else []
        if self.back_at is not None:
            found.append(self.back_at + AT_LAST)
        if self.refused_at is not None:
            found.append(self.refused_at + LONGEST_WAIT)
        if self._since is not None:
            found.append(self._since + self._gap(one))
        return found
