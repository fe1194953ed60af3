"""One snapshot in, one decision out: the whole engine in a pure function."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from reminderd.core import gates, selection, walltime
from reminderd.core.model import Kind, Needs, Planned, Practice, Prompt, Reason, Rule
from reminderd.core.selection import Choice, Chooser, Past

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reminderd.core.gates import Situation

_FIRST_COME: Final = {Kind.NOW: 0, Kind.FIRST: 1, Kind.AGAIN: 2, Kind.SLOT: 3}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a decision may depend on.

    Attributes:
        situation: What the gates look at, the present moment included.
        planned: The deliveries that have not been claimed or let go.
        prompts: Every prompt there is, by id; also those that are switched off.
        pool: The prompts that may come.
        past: What a choice of a prompt looks back at.
        practice: What the person set about prompts.
        seed: The installation's seed.
        disabled: The prompts that the person switched off.
    """

    situation: Situation
    planned: tuple[Planned, ...]
    prompts: Mapping[str, Prompt]
    pool: tuple[Prompt, ...]
    past: Past
    practice: Practice
    seed: str
    disabled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LetGo:
    """A planned delivery that will not come, and the last reason for it."""

    planned: Planned
    reason: Reason


@dataclass(frozen=True, slots=True)
class Deliver:
    """Bring this prompt now."""

    planned: Planned
    choice: Choice


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep this one back; look again at `until` (UTC) or when something changes."""

    planned: Planned
    reason: Reason
    until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is due; look again at `until` (UTC)."""

    until: datetime


Action = Deliver | Hold | Wait


@dataclass(frozen=True, slots=True)
class Decision:
    """What to let go, what to hold back, and the one thing to do.

    Attributes:
        let_go: What will not come.
        action: The one thing to do; a `Hold` here is the first of `held`, until the next look.
        held: All that is due and held back, each until its own gate may open or it is let go.
        closed: What of the desktop, as it signals it, would hold back whatever came by itself now.
    """

    let_go: tuple[LetGo, ...]
    action: Action
    held: tuple[Hold, ...] = ()
    closed: tuple[Reason, ...] = ()


def decide(snapshot: Snapshot) -> Decision:
    """Return what to do now. The same snapshot always gives the same decision."""
    now, zone = snapshot.situation.now, snapshot.situation.zone
    let_go, alive = _expired(snapshot)
    due = [one for one in alive if walltime.resolve(one.local_at, zone) <= now]
    slots = [one for one in due if one.kind is Kind.SLOT]
    newest = max(slots, key=_planned_order, default=None)
    let_go += [LetGo(one, Reason.MERGED) for one in slots if one is not newest]
    due = [one for one in due if one.kind is not Kind.SLOT or one is newest]
    ahead = [walltime.resolve(one.local_at, zone) for one in alive if one not in slots + due]
    wake = min([next_midnight(now, zone), *ahead])
    here = snapshot.situation
    holding = gates.closed_by_desktop(here.context, here.quiet)
    # When the rest is over nobody is told: it is known for this look alone.
    closed = tuple(reason for reason in holding if reason not in here.context.unsignalled)
    held: list[Hold] = []
    for one in sorted(due, key=lambda one: (_FIRST_COME[one.kind], one.local_at, one.id)):
        match _act(one, snapshot):
            case Deliver() as deliver:
                return Decision(tuple(let_go), deliver, tuple(held), closed)
            case Hold() as hold:
                held.append(hold)
    wake = min([wake, *(hold.until for hold in held)])
    action = Hold(held[0].planned, held[0].reason, wake) if held else Wait(wake)
    return Decision(tuple(let_go), action, tuple(held), closed)


def next_midnight(now: datetime, zone: tzinfo) -> datetime:
    """Return the UTC moment at which the next local date begins and wants its plan."""
    tomorrow = walltime.local_now(now, zone).date() + timedelta(days=1)
    return walltime.resolve(walltime.from_wall_minute(walltime.date_minute(tomorrow)), zone)


def _planned_order(one: Planned) -> tuple[datetime, str]:
    return one.local_at, one.id


def _expired(snapshot: Snapshot) -> tuple[list[LetGo], list[Planned]]:
    """Return what is over, and what is left."""
    now, zone = snapshot.situation.now, snapshot.situation.zone
    let_go: list[LetGo] = []
    alive: list[Planned] = []
    for one in snapshot.planned:
        if one.withdrawn:
            let_go.append(LetGo(one, Reason.ANSWERED))
        elif one.kind is Kind.AGAIN and one.prompt in snapshot.disabled:  # since *Later*
            let_go.append(LetGo(one, Reason.NO_PROMPT))
        elif walltime.resolve(one.local_until, zone) <= now:
            let_go.append(LetGo(one, one.held or Reason.NOT_RUNNING))
        else:
            alive.append(one)
    return let_go, alive


def _act(one: Planned, snapshot: Snapshot) -> Deliver | Hold:
    """Return what to do with a delivery that is due."""
    here = snapshot.situation
    end = walltime.resolve(one.local_until, here.zone)
    if closed := _first_closed(one, snapshot, end):
        return Hold(one, closed.reason, min(end, closed.until or end))
    if choice := _choice(one, snapshot):
        return Deliver(one, choice)
    has_one = one.kind is Kind.SLOT and bool(snapshot.pool)
    return Hold(one, Reason.RESTING if has_one else Reason.NO_PROMPT, end)


def _first_closed(one: Planned, snapshot: Snapshot, end: datetime) -> gates.Closed | None:
    """Return what holds a delivery that ends at `end`: a gate, or that it is to keep apart."""
    here = snapshot.situation
    if closed := gates.first_closed(one.kind, here):
        return closed
    if one.kind is Kind.NOW:
        return None
    if one.kind is Kind.AGAIN and (closed := gates.too_soon(here, one.parent)):
        return closed
    return gates.settling(here, end, f"{snapshot.seed}:{_name(one)}")


def _name(one: Planned) -> object:
    """Return what a draw for this delivery is seeded with."""
    return one.id if one.kind is Kind.NOW else one.slot or one.kind


def _choice(one: Planned, snapshot: Snapshot) -> Choice | None:
    """Return the prompt for a delivery: the one that is asked for, or the engine's."""
    here = snapshot.situation
    chooser = Chooser(snapshot.past, here.now, here.zone, snapshot.practice.new_per_week)
    if one.prompt is not None:
        if (asked := snapshot.prompts.get(one.prompt)) is None:
            return None
        if one.kind is Kind.AGAIN:
            again = chooser.describe(asked, Rule.AGAIN, "you asked for it later")
            return replace(again, gentler=one.gentler)
        return chooser.describe(asked, Rule.ASKED, "you asked for it")
    if one.kind is Kind.FIRST:
        first = selection.first_practice(tuple(snapshot.prompts.values()))
        if first and (first in snapshot.pool or not snapshot.pool):
            return Choice(first, Rule.FIRST, "it is the first practice")
    pool = snapshot.pool
    if one.tip is not None:
        pool = tuple(
            prompt
            for prompt in snapshot.prompts.values()
            if prompt.tip == one.tip
            and prompt.id not in snapshot.disabled
            and not (snapshot.practice.alone_only and prompt.needs is Needs.SOMEONE)
        )
    rng = random.Random(f"{snapshot.seed}:{_name(one)}")  # noqa: S311 -- no secret
    rested = chooser.rested(pool)
    if one.kind is Kind.SLOT:
        return chooser.choose(rested, rng, in_turn=True)
    return chooser.choose(rested or pool, rng)  # what is asked for comes, rested or not
