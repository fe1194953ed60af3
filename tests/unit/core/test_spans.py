"""Sets of minutes, each held against Python's own sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.core import spans
from tests import strategies  # noqa: F401 -- sets how many examples there are

if TYPE_CHECKING:
    from reminderd.core.spans import Span, Spans

_ends = st.integers(-20, 60)
_ranges = st.lists(st.tuples(_ends, _ends), max_size=6)


def minutes(ranges: list[Span]) -> set[int]:
    return {minute for start, end in ranges for minute in range(start, end)}


def is_tidy(result: Spans) -> bool:
    """Sorted, none empty, none touching the next."""
    flat = [edge for span in result for edge in span]
    return flat == sorted(set(flat))


@given(_ranges)
def test_union_holds_the_same_minutes_tidily(ranges: list[Span]) -> None:
    """Overlapping, touching and empty ranges become sorted ones that do not touch."""
    result = spans.union(ranges)
    assert minutes(result) == minutes(ranges)
    assert is_tidy(result)


@given(_ranges, _ranges)
def test_subtract_leaves_what_lies_in_no_hole(ranges: list[Span], holes: list[Span]) -> None:
    """What is left is exactly what no hole covers, and still tidy."""
    result = spans.subtract(spans.union(ranges), holes)
    assert minutes(result) == minutes(ranges) - minutes(holes)
    assert is_tidy(result)


@given(_ranges, _ends, _ends)
def test_clip_keeps_both_ends(ranges: list[Span], first: int, last: int) -> None:
    """The first and the last minute that are asked for are both included."""
    result = spans.clip(spans.union(ranges), first, last)
    assert minutes(result) == {one for one in minutes(ranges) if first <= one <= last}
    assert is_tidy(result)


@given(_ranges, _ends)
def test_contains_and_latest_agree_with_sets(ranges: list[Span], minute: int) -> None:
    """`contains` asks for one minute, `latest` for the last one that is not after a limit."""
    tidy = spans.union(ranges)
    assert spans.contains(tidy, minute) == (minute in minutes(ranges))
    assert spans.latest(tidy, minute) == max(
        (one for one in minutes(ranges) if one <= minute), default=None
    )


@given(_ranges.filter(lambda ranges: bool(minutes(ranges))), st.data())
def test_pick_reaches_every_minute_by_its_share(ranges: list[Span], data: st.DataObject) -> None:
    """Shares from 0 to just below 1 name all minutes, in order, each for the same share."""
    tidy = spans.union(ranges)
    inside = sorted(minutes(ranges))
    index = data.draw(st.integers(0, len(inside) - 1))
    assert spans.pick(tidy, (index + 0.5) / len(inside)) == inside[index]
    assert spans.pick(tidy, 0.0) == inside[0]
    assert spans.pick(tidy, 0.9999999999999999) == inside[-1]


def test_pick_never_leaves_the_set_though_floats_round() -> None:
    """A share that rounds up to the size of the set still names its last minute."""
    assert spans.pick([(0, 3)], 1.0) == 2


def test_pick_from_nothing_is_a_defect() -> None:
    """There is no minute in an empty set, and none is made up."""
    with pytest.raises(ValueError, match="no minute"):
        spans.pick([], 0.5)


@given(st.lists(_ends, max_size=4), st.integers(1, 30), _ends)
def test_around_covers_what_is_nearer_than_the_gap(
    centres: list[int], gap: int, minute: int
) -> None:
    """A minute exactly one gap away is free, one that is nearer is not."""
    near = any(abs(minute - centre) < gap for centre in centres)
    assert spans.contains(spans.union(spans.around(centres, gap)), minute) == near
