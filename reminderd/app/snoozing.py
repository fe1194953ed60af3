"""*Later*: the same practice again after the snooze time, twice at most."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from reminderd.core.walltime import local_now

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.walltime import Present


def plan_snoozed(store: Store, snooze: timedelta, present: Present) -> None:
    """Plan the next showing of everything that was answered with *Later*.

    It is good until the end of the local date on which it comes.
    """
    for delivery, answered_at, asked_for in store.deliveries.snoozed():
        local_at = local_now(answered_at + (asked_for or snooze), present.zone)
        end_of_date = datetime.combine(local_at.date() + timedelta(days=1), time())
        store.deliveries.add_again(delivery, local_at, end_of_date, present)
