"""Why something came, why nothing came, and what comes next: from the records alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from reminderd.app.planning import pace_on, was_planned
from reminderd.app.status import daemon_facts
from reminderd.core.gates import may_close
from reminderd.core.model import Kind, Reason
from reminderd.core.pausing import paused_until
from reminderd.core.walltime import local_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reminderd.app.ports import Store
    from reminderd.app.status import PaceFacts, Status
    from reminderd.core.history import Account
    from reminderd.core.walltime import Present


@dataclass(frozen=True, slots=True)
class Now:
    """What explains how things stand.

    Attributes:
        last: What was brought last.
        silence: What waits for a good moment, or else what was let go or not delivered last.
        coming: What is planned for the next moment, where that is known.
        may_hold: What can still hold that back.
        unknown: What the desktop does not tell, though it would be respected.
    """

    last: Account | None
    silence: Account | None
    coming: Account | None
    may_hold: tuple[Reason, ...]
    unknown: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Then:
    """What explains a time that has passed.

    Attributes:
        found: What could have come in that time, earliest first.
        before: Where nothing could, what had come or been let go before.
        after: Where nothing could, what was planned next.
        paused: From when to when it was paused in that time, in UTC.
        pace: The pace of its date, where that is known.
        lived: Whether its date was ever planned; None where nobody knows.
    """

    found: tuple[Account, ...]
    before: Account | None
    after: Account | None
    paused: tuple[tuple[datetime, datetime], ...]
    pace: PaceFacts | None
    lived: bool | None


def why_now(store: Store, now: Status, present: Present) -> Now:
    """Return what explains the last practice, the last silence and the next moment.

    Args:
        store: What is recorded.
        now: How things stand.
        present: Now.
    """
    accounts = store.accounts
    at = datetime.fromisoformat(now["next"]) if now["next"] else None
    coming = accounts.coming(at, present) if at else None
    kind = coming.kind if coming else Kind.SLOT
    told, facts = now["desktop"], daemon_facts(store)
    # One of an earlier version has not recorded whether there are quiet hours.
    quiet_hours = facts is None or facts.get("quiet_hours", True)
    known = frozenset(Reason(name) for name, by in told.items() if by)
    return Now(
        last=accounts.last(present),
        silence=accounts.silence(present),
        coming=coming,
        may_hold=may_close(kind, known, quiet_hours=quiet_hours) if at else (),
        unknown=tuple(Reason(name) for name, by in told.items() if not by),
    )


def why_then(store: Store, begin: datetime, end: datetime, present: Present) -> Then:
    """Return what explains a time that has passed.

    Args:
        store: What is recorded.
        begin: Its start, in UTC.
        end: Its end, in UTC.
        present: Now.
    """
    accounts = store.accounts
    found = tuple(accounts.during(begin, end, present))
    day = local_now(begin, present.zone).date()
    return Then(
        found=found,
        before=None if found else accounts.before(begin, present),
        after=None if found else accounts.after(end, present),
        paused=tuple(_paused(store, begin, min(end, present.now), present)),
        pace=pace_on(store, day),
        lived=was_planned(store, day),
    )


def _paused(
    store: Store, begin: datetime, end: datetime, present: Present
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the pauses that lie in some time; each is over when the next is asked for."""
    pauses = store.answers.pauses_before(present.now)
    for one, following in zip_longest(pauses, pauses[1:]):
        until = paused_until(one, one.at, present.zone)
        if until is not None and following is not None:
            until = min(until, following.at)
        if until is not None and one.at < end and until > max(begin, one.at):
            yield one.at, until
