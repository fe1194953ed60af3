"""What comes next, as the daemon records it for `status`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.app.last_came import last_came
from reminderd.app.planning import date_plans
from reminderd.core import pool
from reminderd.core.decision import Hold, next_midnight
from reminderd.core.gates import DESKTOP
from reminderd.core.model import Kind, Reason
from reminderd.core.offer import in_quiet_hours
from reminderd.core.pausing import paused_until
from reminderd.core.walltime import local_now, resolve

if TYPE_CHECKING:
    from reminderd.app.tick import Engine
    from reminderd.core.cadence import Moment
    from reminderd.core.decision import Decision
    from reminderd.core.model import Planned, Practice, Prompt
    from reminderd.core.walltime import Present

_DAY: Final = timedelta(days=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_HORIZON: Final = 8
"""Days to look ahead: windows repeat by the week."""


def next_moment(engine: Engine, decision: Decision, present: Present) -> datetime | None:
    """Return when a practice can come at the earliest, in UTC; None where nobody can know.

    Nobody can say when what the desktop tells will end.
    """
    if any(hold.reason in DESKTOP for hold in decision.held):
        return None
    free = pause_end(engine, present) or present.now
    free_for_slots = max(free, _measured(engine, present))
    known = [
        hold.until
        for hold in decision.held
        if hold.until < resolve(hold.planned.local_until, present.zone)
    ]
    has_prompts = _may_choose(engine)
    for one in engine.store.deliveries.waiting():
        is_slot = one.kind is Kind.SLOT
        if resolve(one.local_at, present.zone) > present.now and (has_prompts or not is_slot):
            known += _start(one, free_for_slots if is_slot else _loud(engine, one, free), present)
    # What lies days ahead a clock that was ahead has planned: dates without a plan may come before.
    if has_prompts and min(known, default=_NEVER) > present.now + 2 * _DAY:
        drawn = _drawn(engine, free_for_slots, present)
        known += [drawn] if drawn else []
    return min(known, default=None)


def held_reason(engine: Engine, decision: Decision) -> Reason | None:
    """Return why something waits, or None where nothing does.

    Where no prompt may come, that is the reason whatever else is: it is what nothing but the person
    can end.
    """
    if not _may_choose(engine):
        return Reason.NO_PROMPT
    match decision.action:
        case Hold(reason=reason):
            return reason
    return None


def why_nothing(engine: Engine) -> str:
    """Return why no prompt may come and what lets one come, for the person; empty where one may."""
    return pool.why_none(*_choice(engine))


def pause_end(engine: Engine, present: Present) -> datetime | None:
    """Return the end of the pause that the above was worked out with, in UTC."""
    return paused_until(engine.store.answers.pause(), present.now, present.zone)


def _may_choose(engine: Engine) -> bool:
    return bool(pool.enabled(*_choice(engine)))


def _choice(engine: Engine) -> tuple[tuple[Prompt, ...], Practice, frozenset[str]]:
    prompts = tuple(engine.prompts.values())
    return prompts, engine.preferences.practice, engine.store.answers.disabled()


def _measured(engine: Engine, present: Present) -> datetime:
    """Return from when on cap and gap let a slot come."""
    cadence, reading = engine.preferences.cadence, engine.store.reading
    free = present.now
    if reading.came_on(present.today, present) >= cadence.max_per_day:
        free = next_midnight(present.now, present.zone)
    if last := last_came(engine.store, present.now):
        free = max(free, last.at + timedelta(minutes=cadence.min_gap))
    return free


def _loud(engine: Engine, one: Planned, free: datetime) -> datetime:
    """Return from when on quiet hours let come what was postponed; `free` where none holds it."""
    zone = engine.clock.present().zone
    start = max(resolve(one.local_at, zone), free)
    return in_quiet_hours(engine.preferences.quiet, start, zone) or free


def _start(one: Planned | Moment, free: datetime, present: Present) -> list[datetime]:
    """Return when this one can come if nothing may come before `free`; empty where it cannot."""
    start = max(resolve(one.local_at, present.zone), free)
    return [start] if start < resolve(one.local_until, present.zone) else []


def _drawn(engine: Engine, free: datetime, present: Present) -> datetime | None:
    """Return the first moment of the dates that have no plan yet."""
    yesterday = local_now(free, present.zone).date() - _DAY  # may reach past midnight
    first = max(present.today + _DAY, yesterday)
    before = (first - present.today).days + 1  # each date is drawn with the one before it in mind
    days = (present.today + timedelta(days=offset) for offset in range(-1, before + _HORIZON))
    for one in date_plans(engine.store, engine.preferences, present, days):
        if one.date >= first:
            for moment in one.moments or ():
                if start := _start(moment, free, present):
                    return start[0]
    return None
