"""What the person pressed: stored as an answer, or kept until it can be."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from reminderd.app.pausing import pause
from reminderd.app.respond import respond
from reminderd.app.tick import write_down
from reminderd.core.model import Answer
from reminderd.core.notice import QUIET_WEEK
from reminderd.core.pausing import paused_until
from reminderd.core.words import KEPT, NOT_STORED, PASSING, STORED_NOW
from reminderd.errors import NothingOpenError, StoreBusyError, StoreError, UnknownNameError

if TYPE_CHECKING:
    from reminderd.app.tick import Engine
    from reminderd.core.notice import Press
    from reminderd.core.walltime import Present

_TELLING: Final = frozenset({Answer.DONE, Answer.TAKEN, Answer.HARD})
"""Answers that tell of a practice, also when it is not known which."""

_WEEK: Final = timedelta(weeks=1)


def take(engine: Engine, press: Press, source: str) -> bool:
    """Store what was pressed; return whether it is safe on disk, else it is kept.

    Args:
        engine: Where it is stored or kept.
        press: An answer, or the wish for a quiet week.
        source: The name of the notifier.
    """
    engine.presses.append((press, source, engine.clock.present()))
    with contextlib.suppress(StoreError):  # `store_kept` tries again, and tells
        _store(engine)
    return not engine.presses


async def store_kept(engine: Engine) -> None:
    """Store what is kept, and tell the person where that does not work, and when it does.

    Raises:
        StoreError: It could not be stored; it is kept on.
    """
    stored: list[Press] = []
    try:
        _store(engine, stored)
    except StoreBusyError:
        raise
    except StoreError:
        if not engine.told_kept:
            engine.told_kept = True
            engine.log("An answer is kept, and tried again until it can be stored.")
            engine.notifier.tell(KEPT)
        raise
    finally:
        for press in stored:  # nobody has taken it down: that would have read as "stored"
            await engine.notifier.close(press.delivery)
    if engine.told_kept:
        engine.told_kept = False
        engine.notifier.tell(STORED_NOW)
    elif stored and (said := PASSING.get(stored[-1].key)):
        engine.notifier.tell(said)


def give_up(engine: Engine) -> None:
    """Try for the last time to store what is kept; tell the person if it is lost now."""
    with contextlib.suppress(StoreError):
        _store(engine)
    if engine.presses:
        engine.log(NOT_STORED.replace("\n", " "))
        engine.notifier.tell(NOT_STORED)


def _store(engine: Engine, stored: list[Press] | None = None) -> None:
    """Store what was pressed, in order, as of its moment; raise at the first that cannot be."""
    while engine.presses:
        press, source, present = engine.presses[0]
        if press.key == QUIET_WEEK:
            _be_quiet(engine, press, present)
        else:
            _answer(engine, press, source, present)
        engine.presses.popleft()
        if stored is not None:
            stored.append(press)


def _be_quiet(engine: Engine, press: Press, present: Present) -> None:
    """Pause for a week. That is no answer, but what stood is put away with it."""
    paused = paused_until(engine.store.answers.pause(), present.now, present.zone)
    if paused is None or paused < present.now + _WEEK:
        pause(engine.store, _WEEK, present)
    with contextlib.suppress(StoreError):  # it is kept; the pause counts already
        write_down(engine, partial(engine.store.screen.record_closed, press.delivery, present))


def _answer(engine: Engine, press: Press, source: str, present: Present) -> None:
    """Store an answer, unless the practice has one: the first action wins."""
    try:
        respond(
            *(engine.store, Answer(press.key), present),
            delivery=press.delivery,
            note=press.note,
            source=source,
            first_only=True,
        )
    except NothingOpenError:
        engine.log("A press came for a practice that is answered or over; it changes nothing.")
    except UnknownNameError:
        _answer_without_delivery(engine, press, source, present)


def _answer_without_delivery(engine: Engine, press: Press, source: str, present: Present) -> None:
    """Store an answer whose delivery is not in the database any more: it was removed under us."""
    if press.key not in _TELLING:
        engine.log("A press came for a practice that is not known any more; it changes nothing.")
        return
    engine.store.answers.add_response(
        *(Answer(press.key), present),
        delivery=None,
        prompt=None,
        note=press.note,
        snooze=None,
        source=source,
    )
