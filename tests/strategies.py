"""What property tests draw from: zones, dates, windows, cadences, quiet hours.

Half of all dates lie beside a clock change of their zone: that is where the defects are.
"""

from __future__ import annotations

import functools
import os
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reminderd.core.model import Cadence, FixedTime, Quiet, Window

_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
_EXAMPLES = {"ci": 300, "deep": 2_000}
settings.register_profile(
    "ci",
    deadline=None,  # a busy machine is no defect
    max_examples=_EXAMPLES["ci"],
    derandomize=True,  # the same examples each time: a red run is red again
    suppress_health_check=[HealthCheck.too_slow],  # the oracle walks through a week of minutes
)
settings.register_profile(
    "deep",  # HYPOTHESIS_PROFILE=deep scripts/test tests/property: other examples each time
    settings.get_profile("ci"),
    max_examples=_EXAMPLES["deep"],
    derandomize=False,
    database=None,
)
settings.load_profile(_PROFILE)


def fewer(times: int) -> settings:
    """Return settings for a test whose examples are that many times as slow as others."""
    return settings(max_examples=_EXAMPLES[_PROFILE] // times)


FIRST_DATE = date(2024, 1, 1)
LAST_DATE = date(2035, 12, 31)
EVERY_DAY = frozenset(range(7))

# "Factory" says itself that it is no place, "localtime" is whatever this machine is set to; the
# folders posix/ and right/ hold the same zones again, right/ with leap seconds.
_ODD = ("Factory", "localtime", "posixrules")
ZONES = sorted(
    name
    for name in zoneinfo.available_timezones()
    if name not in _ODD and not name.startswith(("posix/", "right/"))
)


@functools.cache
def change_dates(zone: str) -> tuple[date, ...]:
    """Return the local dates on which a zone's clocks change, found hour by hour of each day."""
    place = ZoneInfo(zone)
    found: list[date] = []
    week = timedelta(days=7)  # no zone changes its clocks twice in one
    at = datetime(2024, 1, 1, tzinfo=UTC)
    while at.year <= LAST_DATE.year:
        low, high = at, at + week
        if (after := high.astimezone(place).utcoffset()) != low.astimezone(place).utcoffset():
            while high - low > timedelta(hours=1):
                middle = low + (high - low) / 2
                low, high = (
                    (low, middle)
                    if middle.astimezone(place).utcoffset() == after
                    else (middle, high)
                )
            found.append(low.astimezone(place).date())
        at += week
    return tuple(found)


dates = st.dates(FIRST_DATE, LAST_DATE)
_CHANGING = [name for name in ZONES if change_dates(name)]


@st.composite
def places(draw: st.DrawFn) -> tuple[ZoneInfo, date]:
    """A zone and a date; mostly one on which clocks change there, or one beside it."""
    if draw(st.integers(0, 3)):
        name = draw(st.sampled_from(_CHANGING))
        change = draw(st.sampled_from(change_dates(name)))
        near = change + timedelta(days=draw(st.sampled_from((0, 0, 0, -1, 1, -2, 2))))
        return ZoneInfo(name), min(max(near, FIRST_DATE), LAST_DATE)
    return ZoneInfo(draw(st.sampled_from(ZONES))), draw(dates)


weekdays = st.one_of(
    st.just(EVERY_DAY), st.just(EVERY_DAY), st.frozensets(st.integers(0, 6), min_size=1)
)
times = st.one_of(
    st.integers(0, 1439),
    st.integers(0, 95).map(lambda quarter: quarter * 15),
    st.integers(0, 18).map(lambda quarter: quarter * 15),  # where clocks change
    st.integers(86, 95).map(lambda quarter: quarter * 15),  # before midnight
)
_lengths = st.one_of(
    st.integers(1, 1440),
    st.integers(1, 96).map(lambda quarter: quarter * 15),
    st.integers(1, 16).map(lambda quarter: quarter * 15),
)
windows = st.builds(
    lambda days, start, length: Window(days, start, start + length), weekdays, times, _lengths
)
fixed_times = st.builds(FixedTime, weekdays, times)


def window_lists(most: int, *, least: int = 0) -> st.SearchStrategy[tuple[Window, ...]]:
    """Several windows, which may overlap, touch and cross midnight."""
    return st.lists(windows, min_size=least, max_size=most).map(tuple)


_crowded = st.builds(
    Cadence,
    random_per_day=st.integers(0, 12),
    at=st.lists(fixed_times, max_size=4).map(tuple),
    every=st.one_of(st.none(), st.integers(1, 1440), st.sampled_from((30, 60, 90, 180))),
    windows=window_lists(3),
    min_gap=st.one_of(st.integers(1, 720), st.sampled_from((1, 15, 60, 90)), st.integers(1, 120)),
    max_per_day=st.integers(1, 12),
)
_sparse = st.builds(  # where one rule alone decides, unhidden by the others
    Cadence,
    random_per_day=st.integers(0, 2),
    at=st.lists(fixed_times, min_size=1, max_size=2).map(tuple),
    every=st.none(),
    windows=window_lists(1),
    min_gap=st.integers(1, 90),
    max_per_day=st.integers(2, 12),
)
cadences = st.one_of(_crowded, _sparse)
steady_cadences = st.builds(
    Cadence,
    random_per_day=st.integers(0, 2),
    at=st.lists(fixed_times, max_size=2).map(tuple),
    every=st.one_of(st.integers(1, 1440), st.sampled_from((30, 60, 90, 180))),
    windows=window_lists(3, least=1),
    min_gap=st.one_of(st.integers(1, 120), st.sampled_from((1, 15, 60, 90))),
    max_per_day=st.integers(1, 12),
)
quiets = st.builds(Quiet, hours=st.one_of(st.just(()), window_lists(2)))
seeds = st.integers(0, 2**32).map(str)
