"""Stop everything for a while, and go on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reminderd.core.names import Pause
from reminderd.core.pausing import latest_end, paused_until
from reminderd.core.walltime import resolve
from reminderd.errors import SpokenError

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.walltime import Present


def pause(store: Store, end: timedelta | datetime, present: Present) -> datetime:
    """Pause until an end, and return it in UTC.

    Args:
        store: Where it is kept.
        end: A length, or a naive wall time that stays true when the person travels.
        present: The present moment.

    Raises:
        SpokenError: The end is not ahead, or more than 30 days ahead.
    """
    if isinstance(end, timedelta):
        until = present.now + end
        wish = Pause(present.now, until, None)
    else:
        until = resolve(end, present.zone)
        if until <= present.now:  # between the passes of a repeated hour the second one is meant
            end = end.replace(fold=1)
            until = resolve(end, present.zone)
        wish = Pause(present.now, None, end)
    if not present.now < until <= latest_end(present.now, present.zone):
        raise SpokenError(
            "A pause lasts up to 30 days, and its end lies ahead.",
            "For example: reminderd pause 2h, or reminderd pause until tomorrow 9:00",
        )
    store.answers.add_pause(wish, present)
    return until


def resume(store: Store, present: Present) -> bool:
    """End the pause, and return whether there was one."""
    if paused_until(store.answers.pause(), present.now, present.zone) is None:
        return False
    store.answers.add_pause(Pause(present.now, present.now, None), present)
    return True
