"""When a pause ends."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from reminderd.core import walltime

if TYPE_CHECKING:
    from reminderd.core.model import Pause

LONGEST_PAUSE: Final = timedelta(days=30)
TOLD_FOR: Final = timedelta(days=1)
"""For how long the end of a pause is told."""
SUSPICIOUS: Final = timedelta(days=1)
"""What lies further in the future than this was written by a clock that was wrong."""


def paused_until(pause: Pause | None, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the UTC end of a pause that holds now, or None.

    A pause ends after 30 days at the latest, and one from a clock that was wrong does not hold.
    """
    if pause is None or pause.at > now + SUSPICIOUS:
        return None
    end = _end(pause, zone)
    return end if end > max(now, pause.at) else None  # `resume` ends at once, on any clock


def ended_lately(pause: Pause | None, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the UTC moment at which a pause ended by itself, or None if that is a day ago."""
    if pause is None:
        return None
    end = _end(pause, zone)
    return end if pause.at < end <= now < end + TOLD_FOR else None


def _end(pause: Pause, zone: tzinfo) -> datetime:
    """Return the UTC moment at which a pause ends, or ended."""
    if pause.local_until is not None:
        end = walltime.resolve(pause.local_until, zone)
    else:
        end = pause.until_at or pause.at
    return min(end, latest_end(pause.at, zone))


def latest_end(at: datetime, zone: tzinfo) -> datetime:
    """Return the UTC moment at which a pause that begins at `at` ends at the latest.

    The same time of day 30 dates later counts, also where that is an hour more.
    """
    on_the_wall = walltime.local_now(at, zone).replace(fold=0) + LONGEST_PAUSE
    return max(at + LONGEST_PAUSE, walltime.resolve(on_the_wall, zone))
