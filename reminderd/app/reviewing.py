"""Keep what the answers to each prompt come to; only what was answered anew is folded anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypedDict, cast

from reminderd.core.pausing import SUSPICIOUS
from reminderd.core.review import RULES, fold

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.model import Practice
    from reminderd.core.walltime import Present

REVIEWED: Final = "reviewed"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Mark(TypedDict):
    """How far the answers are folded; moments as ISO 8601 in UTC.

    Attributes:
        rules: What the fold depends on beside the answers.
        upto: The number of the last answer that was looked at.
        newest: The latest moment of an answer that is folded.
        left_out: The earliest moment of one that is left out, since it lies too far ahead.
    """

    rules: str
    upto: int
    newest: str
    left_out: str


def keep_reviews(store: Store, practice: Practice, present: Present) -> None:
    """Fold what was answered since the last time, or all of it where the rules have changed.

    Answers more than a day ahead of the clock are left out while they lie there: the clock was
    wrong when they were stored, or it is wrong now.
    """
    until = present.now + SUSPICIOUS
    rules = f"{RULES}; {practice.max_interval} days"
    mark = _mark_that_holds(store, rules, until)
    if mark is not None and not store.known.answered_since(mark["upto"]):
        return
    with store.transaction():
        # Asked again under the lock: `now` in a terminal, with settings of its own, does this too.
        mark = _mark_that_holds(store, rules, until)
        if mark is None:
            store.known.forget_reviews()
            mark = _mark(rules, 0, _LONG_AGO, _NEVER)
        answered = store.known.answered_since(mark["upto"])
        for prompt in dict.fromkeys(prompt for _, prompt, _ in answered):
            said = store.known.said(prompt, until)
            store.known.put_review(prompt, fold(said, practice.max_interval))
        newest, left_out = _bounds(mark)
        moments = [at for _, _, at in answered]
        newest = max([newest, *(at for at in moments if at <= until)])
        left_out = min([left_out, *(at for at in moments if at > until)])
        upto = answered[-1][0] if answered else mark["upto"]
        store.recorded.set(REVIEWED, _mark(rules, upto, newest, left_out))


def _mark_that_holds(store: Store, rules: str, until: datetime) -> Mark | None:
    """Return how far the answers are folded; None where all of them are to be folded anew."""
    mark = cast("Mark | None", store.recorded.get(REVIEWED))
    if mark is None or mark["rules"] != rules:
        return None
    newest, left_out = _bounds(mark)
    return mark if newest <= until < left_out else None


def _bounds(mark: Mark) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(mark["newest"]), datetime.fromisoformat(mark["left_out"])


def _mark(rules: str, upto: int, newest: datetime, left_out: datetime) -> Mark:
    return Mark(rules=rules, upto=upto, newest=newest.isoformat(), left_out=left_out.isoformat())
