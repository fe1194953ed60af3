"""The notification that stands: pressed, answered elsewhere, taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.app.respond import respond
from reminderd.core.history import is_open
from reminderd.core.model import Answer
from reminderd.core.notice import SHOW, Press, compose
from reminderd.errors import NothingOpenError, UnknownNameError

if TYPE_CHECKING:
    from reminderd.app.tick import Engine

_TELLING: Final = frozenset({Answer.DONE, Answer.TAKEN, Answer.HARD})
"""Answers that tell of a practice, also when it is not known which."""


def record_press(engine: Engine, press: Press, source: str) -> bool:
    """Store the answer of a button; return whether it was the one that asks for the text.

    Raises:
        StoreError: It could not be stored; the same press can be recorded again later.
    """
    if press.key == SHOW:
        return True
    try:
        respond(
            *(engine.store, Answer(press.key), engine.clock.present()),
            delivery=press.delivery,
            note=press.note,
            source=source,
        )
    except NothingOpenError:
        engine.log("A press came for a practice that is not open any more; it changes nothing.")
    except UnknownNameError:
        _keep_without_delivery(engine, press, source)
    return False


def _keep_without_delivery(engine: Engine, press: Press, source: str) -> None:
    """Store an answer whose delivery is not in the database any more: it was removed under us."""
    if press.key not in _TELLING:
        engine.log("A press came for a practice that is not known any more; it changes nothing.")
        return
    engine.store.answers.add_response(
        *(Answer(press.key), engine.clock.present()),
        delivery=None,
        prompt=None,
        note=press.note,
        snooze=None,
        source=source,
    )


async def uncover(engine: Engine, delivery: str) -> None:
    """Show a discreet delivery in full, in the place where its title stands."""
    record = engine.store.reading.delivery(delivery)
    if record is not None:
        await engine.notifier.show(compose(record.text, record.id, record.showing))


async def take_down_answered(engine: Engine) -> None:
    """Take down what still stands though it was answered or is no longer open."""
    newest = engine.store.reading.newest()
    if newest is not None and not is_open(newest, engine.clock.present().now):
        await engine.notifier.close(newest.id)
