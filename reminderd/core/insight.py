"""From what came to the numbers that reports show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import date, datetime
    from typing import TypeVar

    _Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Showings:
    """When one thing was shown.

    Attributes:
        times: How often.
        first: The local date of the first time.
        gaps: The shortest, the median and the longest gap in days; None where it came once.
    """

    times: int
    first: date
    gaps: tuple[float, float, float] | None


def showings(came: Iterable[tuple[_Key, datetime]]) -> dict[_Key, Showings]:
    """Return when each thing was shown, by what it is; most often first.

    Args:
        came: What came when, in local time, earliest first.
    """
    moments: dict[_Key, list[datetime]] = {}
    for key, at in came:
        moments.setdefault(key, []).append(at)
    found = {key: _showings(all_) for key, all_ in moments.items()}
    return dict(sorted(found.items(), key=lambda pair: -pair[1].times))


def _showings(moments: list[datetime]) -> Showings:
    days = [(later - one).total_seconds() / 86_400 for one, later in pairwise(moments)]
    gaps = (min(days), median(days), max(days)) if days else None
    return Showings(len(moments), moments[0].date(), gaps)
