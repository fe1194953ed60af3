"""One wake-up: snapshot, decision, action, record. Safe to repeat at any moment."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, assert_never

from reminderd.app.between_looks import Backoff
from reminderd.app.last_came import keep_last_came
from reminderd.app.planning import keep_plan
from reminderd.app.presence import Presence
from reminderd.app.restoring import close_restored
from reminderd.app.reviewing import keep_reviews
from reminderd.app.snoozing import plan_snoozed
from reminderd.core import pacing
from reminderd.core.decision import Decision, Deliver, Hold, Snapshot, Wait, decide
from reminderd.core.gates import Situation
from reminderd.core.model import Kind, Preferences, Prompt, Reason
from reminderd.core.notice import (
    Posted,
    Refused,
    Silent,
    compose,
    cover,
    is_discreet,
    text_of,
)
from reminderd.core.pool import enabled
from reminderd.core.walltime import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reminderd.app.ports import Clock, Desktop, Notifier, Store
    from reminderd.core.model import Context, Planned
    from reminderd.core.notice import Delivered, Press
    from reminderd.core.walltime import Present

_MOST_TURNS: Final = 20
"""A tick that is overtaken this often comes back a little later."""
_OVERTAKEN: Final = timedelta(seconds=1)


@dataclass(slots=True)
class Engine:
    """The parts that a tick works with; `preferences` and `prompts` change when edited.

    `unwritten` holds what became of deliveries while it cannot be recorded, as on a full disk, and
    `presses` what the person pressed, each with the notifier's name and its moment, until stored;
    `told_kept` is whether they know that it waits. `looked_at` is when it looked last, in UTC, and
    `up` the delivery that came up last.
    """

    store: Store
    notifier: Notifier
    desktop: Desktop
    clock: Clock
    preferences: Preferences
    prompts: Mapping[str, Prompt]
    log: Callable[[str], None]
    backoff: Backoff = field(default_factory=Backoff)
    unwritten: deque[Callable[[], None]] = field(default_factory=deque)
    presses: deque[tuple[Press, str, Present]] = field(default_factory=deque)
    told_kept: bool = False
    looked_at: datetime | None = None
    up: str = ""
    presence: Presence = field(default_factory=Presence)


def begin(engine: Engine) -> None:
    """Do what a start of the daemon calls for, once and under its lock."""
    present = engine.clock.present()
    interrupted = engine.store.deliveries.record_interrupted(present)
    if interrupted:
        engine.log(f"{interrupted} delivery was interrupted earlier; it is not repeated.")
    engine.presence.begin(engine.store.deliveries.waiting())
    good_until = datetime.combine(present.today + timedelta(days=2), time())
    engine.store.deliveries.add_first(present, good_until)


async def tick(engine: Engine) -> Decision:
    """Look once, and do what is to be done. Returns the decision that ends it: Hold or Wait."""
    write_outcomes(engine)
    for _ in range(_MOST_TURNS):
        present = engine.clock.present()
        keep_plan(engine.store, engine.preferences, present)
        close_restored(engine.store, engine.preferences, present)
        keep_reviews(engine.store, engine.preferences.practice, present)
        plan_snoozed(engine.store, engine.preferences.snooze, present)
        version = engine.store.version()
        looked_at = await snapshot(engine, present)
        decision = decide(looked_at)
        if decision.let_go:
            gone = [(one.planned.id, one.reason) for one in decision.let_go]
            engine.store.deliveries.let_go(gone, present)
        match decision.action:
            case Wait():
                return decision
            case Hold():
                for hold in decision.held:
                    engine.store.deliveries.hold(hold.planned.id, hold.reason, present)
                return decision
            case Deliver() as deliver:
                await bring(engine, deliver, looked_at.situation.context, version, present)
            case _ as never:
                assert_never(never)
    return Decision((), Wait(engine.clock.present().now + _OVERTAKEN))


def write_outcomes(engine: Engine) -> None:
    """Record what became of deliveries, in order.

    Raises:
        StoreError: It cannot be recorded now. It is kept, and nothing is brought before it is.
    """
    while engine.unwritten:
        engine.unwritten[0]()
        engine.unwritten.popleft()


def write_down(engine: Engine, record: Callable[[], None]) -> None:
    """Record what became of a delivery, after all that waits for that.

    Raises:
        StoreError: It cannot be recorded now. It is kept, as `write_outcomes` says.
    """
    engine.unwritten.append(record)
    write_outcomes(engine)


async def bring(
    engine: Engine, deliver: Deliver, context: Context, version: int, present: Present
) -> bool:
    """Claim a delivery, bring it up, record what became of it; return whether it was shown.

    The claim is committed before anything is shown, so that no crash can show it twice.
    """
    planned, choice = deliver.planned, deliver.choice
    text = text_of(choice.prompt, gentler=choice.gentler)
    reading = planned.kind is Kind.SLOT and _asks_for_reading(engine, present)
    notice = compose(text, planned.id, planned.showing, reading=reading)
    deliveries = engine.store.deliveries
    if not deliveries.claim(planned.id, version, choice, text, present, reading=reading):
        return False
    if is_discreet(engine.preferences.discretion, choice.prompt.tip, locked=context.locked):
        notice = cover(notice)
    engine.up = planned.id
    outcome = await engine.notifier.show(notice)
    write_down(engine, partial(_record, engine, planned, outcome, engine.clock.present()))
    return isinstance(outcome, Posted)


def _asks_for_reading(engine: Engine, present: Present) -> bool:
    """Return whether this is the first after a step down: who only reads is not to be starved.

    What is open until now is closed by this one, so it counts.
    """
    newest = engine.store.reading.newest()
    if newest is None or newest.answer is not None or not engine.preferences.pace.back_off:
        return False
    answers = engine.store.reading.answers_before(present.now, pacing.REMEMBERED, present)
    return pacing.fall(answer for answer, _ in answers).fresh


def _record(engine: Engine, planned: Planned, outcome: Delivered, present: Present) -> None:
    """Write down what became of a delivery, and tell of it."""
    deliveries = engine.store.deliveries
    match outcome:
        case Posted():
            deliveries.record_shown(planned.id, outcome, present)
            engine.backoff.reset()
            engine.log(f"A practice was brought ({planned.slot or planned.kind.value}).")
        case Refused(why=why):
            deliveries.release(planned.id)
            engine.backoff.refused(present.now)
            engine.log(f"A practice waits: {why}")
        case Silent(why=why):
            deliveries.record_failed(planned.id, Reason.NO_REPLY, present)
            engine.log(f"A practice was not delivered: {why}")
        case _ as never:
            assert_never(never)


async def snapshot(engine: Engine, present: Present) -> Snapshot:
    """Gather all that the decision may depend on.

    The desktop is asked first: from then on nothing else of this process runs until the claim.
    """
    store, preferences = engine.store, engine.preferences
    here = await situation(engine, present, closely=_is_due(store.deliveries.waiting(), present))
    disabled = store.answers.disabled()
    pool = enabled(tuple(engine.prompts.values()), preferences.practice, disabled)
    return Snapshot(
        situation=here,
        planned=store.deliveries.waiting(),
        prompts=engine.prompts,
        pool=pool,
        past=store.known.past(present.now),
        practice=preferences.practice,
        seed=store.seed,
        disabled=disabled,
    )


def _is_due(waiting: Iterable[Planned], present: Present) -> bool:
    """Return whether anything waits for the desktop's word."""
    return any(
        one.kind is not Kind.NOW and resolve(one.local_at, present.zone) <= present.now
        for one in waiting
    )


async def situation(engine: Engine, present: Present, *, closely: bool) -> Situation:
    """Return all that the gates look at; `closely` before something is brought up."""
    context = await engine.desktop.context(closely=closely)
    store, preferences = engine.store, engine.preferences
    back_at = engine.presence.back_at(context, preferences.quiet, present.now, closely=closely)
    last = keep_last_came(store, present.now, engine.looked_at)
    engine.looked_at = present.now
    return Situation(
        now=present.now,
        zone=present.zone,
        cadence=preferences.cadence,
        quiet=preferences.quiet,
        pause=store.answers.pause(),
        context=context,
        last=last,
        came_today=store.reading.came_on(present.today, present),
        server_until=engine.backoff.until(present.now, ready=engine.notifier.ready()),
        back_at=back_at,
        back_within=engine.presence.within,
    )
