"""What came last, on a clock that may be set."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypedDict, cast

from reminderd.core.history import Came

if TYPE_CHECKING:
    from reminderd.app.ports import Store

MOVED: Final = "came-moved"
_NO_SLEEP: Final = timedelta(days=365)
"""Nobody sleeps for so long between two looks of one process: it is the clock that was set."""


class Moved(TypedDict):
    """What came last, and when that was (UTC) by a clock that has been set since."""

    delivery: str
    at: str


def last_came(store: Store, now: datetime) -> Came | None:
    """Return what came last, by the present clock; None where nothing ever did.

    A time that lies ahead says only that the clock was set back since: it came before the look that
    finds it there. Else an hour back would add an hour to the gap, and five years back would either
    silence it for five years or bring two at once.

    Args:
        store: Where it is recorded.
        now: The present moment, in UTC.
    """
    last = store.reading.last_came()
    if last is None:
        return None
    moved = cast("Moved | None", store.recorded.get(MOVED))
    at = last.at
    if moved is not None and moved["delivery"] == last.delivery:
        at = datetime.fromisoformat(moved["at"])
    return Came(last.delivery, min(at, now))


def keep_last_came(store: Store, now: datetime, looked_at: datetime | None) -> Came | None:
    """Return the same, and keep in mind how the clock was set since: later looks go on from that.

    Where the clock leaps by years, as from 2004 once the network is there, no time has passed.

    Args:
        store: Where it is recorded.
        now: The present moment, in UTC.
        looked_at: When this process looked before, in UTC; None for its first look.
    """
    last = last_came(store, now)
    if last is None:
        return None
    if looked_at is not None and now - looked_at > _NO_SLEEP:
        last = Came(last.delivery, min(last.at + (now - looked_at), now))
    elif last.at != now:
        return last
    store.recorded.set(MOVED, Moved(delivery=last.delivery, at=last.at.isoformat()))
    return last
