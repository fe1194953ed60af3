"""Answer a delivery, or note a practice that happened by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reminderd.core.history import is_open
from reminderd.core.names import LAST_SHOWING, Answer
from reminderd.errors import NothingOpenError, UnknownNameError

if TYPE_CHECKING:
    from datetime import timedelta

    from reminderd.app.ports import Store
    from reminderd.core.history import DeliveryRecord
    from reminderd.core.walltime import Present

LAST: Final = "last"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was stored: the answer that counts now, and the delivery it belongs to."""

    delivery: DeliveryRecord
    answer: Answer


def respond(  # noqa: PLR0913 -- the facts of one answer
    store: Store,
    answer: Answer,
    present: Present,
    *,
    delivery: str | None = None,
    note: str | None = None,
    snooze: timedelta | None = None,
    source: str,
    first_only: bool = False,
) -> Receipt:
    """Store an answer. When this returns, it survives a power cut.

    Args:
        store: Where it is kept.
        answer: What the person says.
        present: The present moment.
        delivery: A delivery's id, `last` for the newest whatever its state, None for the open one.
        note: What the person wrote beside it.
        snooze: How long *Later* waits; None for what the settings say.
        source: Where the answer was given, such as `cli`.
        first_only: Whether an answer that was given before stands.

    Raises:
        NothingOpenError: No delivery is open, or *Later* came for one that is not, or only a first
            answer was wanted.
        UnknownNameError: There is no delivery of that id.
    """
    target = _target(store, delivery, present)
    if answer is Answer.LATER:
        if not _is_newest(store, target, present) or not _may_wait(target, present):
            raise NothingOpenError(
                "This practice is not open any more, so it cannot come again later.",
                "To have one now: reminderd now",
            )
        if target.showing >= LAST_SHOWING:
            answer, snooze = Answer.NOT_TODAY, None
    stored = store.answers.add_response(
        *(answer, present),
        delivery=target.id,
        prompt=target.prompt,
        note=note,
        snooze=snooze,
        source=source,
        first_only=first_only,
    )
    if not stored:
        raise NothingOpenError("This practice has been answered before.")
    return Receipt(target, answer)


def note_practice(store: Store, prompt: str | None, note: str | None, present: Present) -> str:
    """Store a practice that happened by itself, and return the entry's id."""
    return store.answers.add_response(
        *(Answer.DONE, present),
        delivery=None,
        prompt=prompt,
        note=note,
        snooze=None,
        source="cli",
    )


def _target(store: Store, delivery: str | None, present: Present) -> DeliveryRecord:
    if delivery is not None and delivery != LAST:
        found = store.reading.delivery(delivery)
        if found is None:
            raise UnknownNameError(
                f"There is no delivery {delivery}.", "Their ids are in: reminderd history --json"
            )
        return found
    newest = store.reading.newest()
    if newest is None:
        raise NothingOpenError(
            "There is nothing to answer yet.", "To bring a practice: reminderd now"
        )
    if delivery is None and not is_open(newest, present.now):
        raise NothingOpenError(
            f"Nothing is open right now; the newest was “{newest.text.title}”.",
            "To answer that one: add --delivery last. To note a practice: reminderd note",
        )
    return newest


def _is_newest(store: Store, target: DeliveryRecord, present: Present) -> bool:
    """Return whether nothing newer had come by that moment, which may lie back: a kept press."""
    newest = store.reading.newest()
    return newest is not None and (newest.id == target.id or newest.claimed_at > present.now)


def _may_wait(target: DeliveryRecord, present: Present) -> bool:
    """Return whether *Later* still makes sense: open, or closed by nothing but a *Later*."""
    if target.answer is Answer.LATER:
        target = replace(target, answer=None)
    return is_open(target, present.now)
