"""Sets of whole minutes as sorted, disjoint, half-open ranges.

Minutes are counted from the epoch, either in UTC or on the wall; a caller never mixes the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Span = tuple[int, int]
Spans = list[Span]


def union(spans: Iterable[Span]) -> Spans:
    """Return the minutes that lie in any of the given ranges."""
    merged: Spans = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Spans, holes: Iterable[Span]) -> Spans:
    """Return the minutes of `spans` that lie in none of the `holes`."""
    rest = spans
    for hole_start, hole_end in union(holes):
        rest = [
            piece
            for start, end in rest
            for piece in ((start, min(end, hole_start)), (max(start, hole_end), end))
            if piece[0] < piece[1]
        ]
    return rest


def clip(spans: Spans, first: int, last: int) -> Spans:
    """Return the minutes from `first` to `last`, both included."""
    return [
        (max(start, first), min(end, last + 1))
        for start, end in spans
        if max(start, first) < min(end, last + 1)
    ]


def contains(spans: Spans, minute: int) -> bool:
    """Return whether a minute lies in the set."""
    return any(start <= minute < end for start, end in spans)


def latest(spans: Spans, limit: int) -> int | None:
    """Return the last minute that is not after `limit`."""
    for start, end in reversed(spans):
        if start <= limit:
            return min(end - 1, limit)
    return None


def pick(spans: Spans, share: float) -> int:
    """Return the minute at a share (0 <= share < 1) of the way through a set that is not empty."""
    size = sum(end - start for start, end in spans)
    index = min(int(share * size), size - 1)
    for start, end in spans:
        if index < end - start:
            return start + index
        index -= end - start
    raise ValueError("no minute to pick from")


def around(minutes: Sequence[int], gap: int) -> Spans:
    """Return the minutes that are nearer than `gap` to one of the given ones."""
    return [(minute - gap + 1, minute + gap) for minute in minutes]
