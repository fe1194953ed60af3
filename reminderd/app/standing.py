"""The notification that stands: seen in another way, put up again, taken down."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from reminderd.app.tick import situation, write_down, write_outcomes
from reminderd.core import gates
from reminderd.core.history import OPEN_FOR, is_open
from reminderd.core.model import Kind, Reason
from reminderd.core.notice import (
    IN_FULL,
    NOWHERE,
    Posted,
    Refused,
    StandingRecord,
    compose,
    cover,
    in_full,
    is_discreet,
)
from reminderd.core.words import NOT_SHOWN
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from reminderd.app.tick import Engine
    from reminderd.core.gates import Situation
    from reminderd.core.history import DeliveryRecord
    from reminderd.core.notice import Notice, Press

AGAIN_WITHIN: Final = timedelta(minutes=30)
"""How long after it was shown a practice may be put up again."""

_TRIES_SECONDS: Final = (0.0, 1.2, 5.0)
"""Before each try to show what was asked for: some servers refuse what comes too soon."""


async def show_view(engine: Engine, press: Press) -> None:
    """Show the open practice in the way that a press asked for, in the place where it stands.

    What cannot be recorded of it now is kept in `engine.unwritten`: the person waits for the text.
    If it cannot be shown, a line says how to read it, unless the practice still stands there or the
    server refuses that as well.
    """
    for seconds in _TRIES_SECONDS:
        await asyncio.sleep(seconds)
        try:
            newest = engine.store.reading.newest()
        except StoreError as error:
            engine.log(str(error))
            continue
        if newest is None or newest.id != press.delivery or newest.answer is not None:
            return  # it was answered meanwhile, or another one has come
        private = is_discreet(engine.preferences.discretion, newest.tip, locked=None)
        notice = replace(_notice(newest), silent=True, private=private)
        if press.key == IN_FULL:
            notice = in_full(notice)
        screen = engine.store.screen
        with contextlib.suppress(StoreError):  # the next look tells
            write_down(engine, partial(screen.record_reopened, newest.id))  # a click closes it
        outcome = await engine.notifier.show(notice)
        if isinstance(outcome, Posted):
            with contextlib.suppress(StoreError):
                write_down(engine, partial(screen.record_place, newest.id, outcome))
        if not isinstance(outcome, Refused):
            return
        engine.log(f"The practice could not be shown in the way that was asked for: {outcome.why}")
    engine.notifier.tell(NOT_SHOWN)


def standing_here(engine: Engine) -> str | None:
    """Return the delivery that stands by our doing, None where none does or nobody can say."""
    try:
        write_outcomes(engine)
        standing = engine.store.screen.standing()
    except StoreError:
        return None
    if standing is None or not engine.notifier.stands(standing.delivery):
        return None
    return standing.delivery


def record_withdrawn(engine: Engine, delivery: str) -> None:
    """Record that we took a delivery down for a while: it may come again, to a place of its own.

    The id that it had is the server's to forget; put to use again it would bring up something else.

    Raises:
        StoreError: It cannot be recorded now; it is kept.
    """
    write_down(engine, partial(engine.store.screen.record_place, delivery, NOWHERE))


def adopt_standing(engine: Engine) -> None:
    """Take over what an earlier process left standing, before anything new comes beside it.

    Raises:
        StoreError: The database cannot be used now.
    """
    standing = engine.store.screen.standing()
    if standing is None or engine.notifier.stands(standing.delivery):
        return
    record = engine.store.reading.delivery(standing.delivery)
    if record is not None:
        engine.up = record.id
        engine.notifier.adopt(_notice(record), standing.posted)


async def keep_standing(engine: Engine) -> datetime | None:
    """Take down what is over, and put up again what a restart has swept away.

    That happens once to a delivery, silently and in the place of what may still be there: after a
    restart of the daemon or of the server, within half an hour, and not once it was closed.

    Returns:
        When to look again, in UTC, if that is known.

    Raises:
        StoreError: The database cannot be used now.
    """
    if engine.up and engine.store.reading.delivery(engine.up) is None:  # erased, or restored
        await engine.notifier.close(engine.up)
        engine.up = ""
    version = engine.store.version()
    # The desktop is asked first: from then on nothing else of this process runs until the mark.
    here = await situation(engine, engine.clock.present(), closely=_may_come_up(engine))
    newest = engine.store.reading.newest()
    if newest is not None and not is_open(newest, here.now):
        await engine.notifier.close(newest.id)  # it may have come up without our knowledge
    while (standing := engine.store.screen.standing()) is not None:
        adopt_standing(engine)
        if newest is not None and not _is_over(engine, newest, standing, here.now):
            if engine.notifier.stands(newest.id):
                return (newest.shown_at or newest.claimed_at) + OPEN_FOR
            return await _put_up_again(engine, newest, standing, here, version)
        await engine.notifier.close(standing.delivery)
        engine.store.screen.record_closed(standing.delivery, engine.clock.present())
    return None


def _may_come_up(engine: Engine) -> bool:
    """Return whether something may have to be put up again."""
    standing = engine.store.screen.standing()
    return standing is not None and not engine.notifier.stands(standing.delivery)


def _is_over(
    engine: Engine, newest: DeliveryRecord, standing: StandingRecord, now: datetime
) -> bool:
    """Return whether what stands has no business there any more."""
    if newest.id != standing.delivery or not is_open(newest, now):
        return True
    if engine.notifier.stands(newest.id):
        return False
    # Its buttons are dead, and it cannot have new ones.
    return standing.again or abs(now - (newest.shown_at or newest.claimed_at)) > AGAIN_WITHIN


async def _put_up_again(
    engine: Engine,
    record: DeliveryRecord,
    standing: StandingRecord,
    here: Situation,
    version: int,
) -> datetime | None:
    """Put it up again if this is a good moment; the mark is committed before anything is shown."""
    if any(press.delivery == record.id for press, _, _ in engine.presses):
        return None  # it is answered, though that could not be stored yet
    if closed := gates.first_closed(Kind.AGAIN, here):
        # Until then its buttons lead nowhere; but where nothing can be shown it is all there is.
        if standing.posted != NOWHERE and closed.reason is not Reason.NO_SERVER:
            await engine.notifier.close(record.id)
            record_withdrawn(engine, record.id)
        return closed.until
    notice = replace(_notice(record), silent=True)
    if is_discreet(engine.preferences.discretion, record.tip, locked=here.context.locked):
        notice = cover(notice)
    present = engine.clock.present()
    screen = engine.store.screen
    if not screen.mark_again(record.id, version, present):
        return present.now  # something was committed meanwhile: look again
    outcome = await engine.notifier.show(notice)
    match outcome:
        case Posted():
            write_down(engine, partial(screen.record_place, record.id, outcome))
            engine.log("The open practice was put up again.")
        case Refused(why=why):
            engine.backoff.refused(engine.clock.present().now)
            engine.log(f"The open practice waits to be put up again: {why}")
            write_down(engine, partial(screen.unmark_again, record.id))
            return engine.backoff.until(engine.clock.present().now, ready=True)
    return None


def _notice(record: DeliveryRecord) -> Notice:
    return compose(record.text, record.id, record.showing, reading=record.reading)
