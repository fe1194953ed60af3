"""After a backup was restored, or something was erased: what may have come must not come again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.core.model import Kind, Reason
from reminderd.core.walltime import resolve

if TYPE_CHECKING:
    from reminderd.app.ports import Store
    from reminderd.core.model import Preferences
    from reminderd.core.walltime import Present

RESTORED: Final = "restored"
"""What `state` has for it, until the next look: when that was, in UTC as ISO 8601."""


def close_restored(store: Store, preferences: Preferences, present: Present) -> None:
    """Let go what was planned until now, and what would follow too closely on it.

    To be called once today is planned. What the person asks for at this moment comes all the same.
    """
    if store.recorded.get(RESTORED) is None:
        return
    until = present.now + timedelta(minutes=preferences.cadence.min_gap)
    gone = [
        (one.id, Reason.RESTORED)
        for one in store.deliveries.waiting()
        if one.kind is not Kind.NOW and resolve(one.local_at, present.zone) <= until
    ]
    store.deliveries.let_go(gone, present)
    store.recorded.forget(RESTORED)
