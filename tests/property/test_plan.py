"""Plans over all zones and the dates 2024 to 2035, held against an oracle that counts minutes."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st

from reminderd.core.cadence import Plan, draw, rules_text
from reminderd.core.model import Cadence, FixedTime, PaceSettings, Quiet, Source, Window
from tests import strategies
from tests.property.oracle import DAY, Oracle, midnight, ranges, wall_of, week_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Place = tuple[ZoneInfo, date]

requests = given(
    cadence=strategies.cadences,
    quiet=strategies.quiets,
    place=strategies.places(),
    seed=strategies.seeds,
)

AS_SET = PaceSettings()


def planned(cadence: Cadence, quiet: Quiet, place: Place, seed: str) -> Plan:
    zone, day = place
    return draw(cadence, quiet, day, zone, seed=seed, allowance=cadence.max_per_day)


def dates_in_a_row(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str, count: int
) -> list[Plan]:
    """Return the plans of dates in a row, each drawn with the one before it in mind."""
    zone, day = place
    plans: list[Plan] = []
    for offset in range(count):
        before = [moment.local_at for moment in plans[-1].moments] if plans else []
        plans.append(
            draw(
                *(cadence, quiet, day + offset * DAY, zone),
                seed=seed,
                allowance=cadence.max_per_day,
                before=before,
            )
        )
    return plans


def of_source(plan: Plan, source: Source) -> list[datetime]:
    return [moment.local_at for moment in plan.moments if moment.source is source]


def told(plan: Plan, source: Source) -> int:
    return sum(short.count for short in plan.shortfalls if short.source is source)


@requests
def test_moments_lie_in_their_windows_and_never_in_quiet_hours(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """Random and steady moments lie in a window of their date, first pass; nothing is in quiet."""
    plan = planned(cadence, quiet, place, seed)
    oracle = Oracle(cadence, quiet, *place)
    for moment in plan.moments:
        assert oracle.exists(moment.local_at), "the wall shows it"
        at = oracle.real(moment.local_at)
        assert not oracle.is_second_pass(at)
        assert not oracle.is_quiet(at)
        assert moment.source is Source.AT or oracle.in_window(at, plan.date)
    event(f"{min(len(plan.moments), 3)} moments or more")


@requests
def test_validity_ends_after_its_moment_and_with_its_window(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """A moment is good for a minute at least, until its window ends, or 60 minutes outside one."""
    oracle = Oracle(cadence, quiet, *place)
    for moment in planned(cadence, quiet, place, seed).moments:
        at, until = oracle.real(moment.local_at), oracle.real(moment.local_until)
        assert until > at
        around = [day for day in (place[1], place[1] - DAY) if oracle.in_window(at, day)]
        if around:
            assert wall_of(moment.local_until) <= end_of_window(cadence, around[0], moment.local_at)
        else:
            assert until - at == 60


def end_of_window(cadence: Cadence, day: date, local: datetime) -> int:
    """Return the end of the window around a wall time; those that overlap are one."""
    (end,) = {
        end for start, end in merged(ranges(cadence.windows, day)) if start <= wall_of(local) < end
    }
    return end


def merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges, overlapping ones as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


@requests
def test_gap_holds_between_all_moments_of_four_dates(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """Elapsed time between planned moments is `min_gap` at least, over midnight and changes too."""
    zone, day = place
    oracle = Oracle(cadence, quiet, *place)
    moments = sorted(
        oracle.real(moment.local_at)
        for plan in dates_in_a_row(cadence, quiet, (zone, day - DAY), seed, 4)
        for moment in plan.moments
    )
    assert all(after - before >= cadence.min_gap for before, after in pairwise(moments))


@requests
def test_cap_holds_and_fixed_times_are_the_last_to_give_way(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """No date has more than `max_per_day`; the earliest fixed times stay whatever else is asked."""
    plan = planned(cadence, quiet, place, seed)
    oracle = Oracle(cadence, quiet, *place)
    assert len(plan.moments) <= cadence.max_per_day
    fixed = [oracle.real(local) for local in of_source(plan, Source.AT)]
    assert fixed == oracle.planned_times()[: cadence.max_per_day]


@requests
def test_cap_holds_on_each_local_date_of_five(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """What a window over midnight brings early tomorrow counts tomorrow."""
    lie_on = Counter(
        moment.local_at.date()
        for plan in dates_in_a_row(cadence, quiet, place, seed, 5)
        for moment in plan.moments
    )
    assert max(lie_on.values(), default=0) <= cadence.max_per_day


@given(
    cadence=strategies.cadences,
    quiet=strategies.quiets,
    place=strategies.places(),
    seed=strategies.seeds,
    minutes=st.lists(st.integers(-180, 600), max_size=8, unique=True),
)
def test_what_the_date_before_has_takes_of_room_and_cap(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str, minutes: list[int]
) -> None:
    """Before midnight comes the rest of the cap at most, past it what fits; the rest is told."""
    zone, day = place
    start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- wall time
    before = [start + timedelta(minutes=minute) for minute in minutes]
    plan = draw(cadence, quiet, day, zone, seed=seed, allowance=cadence.max_per_day, before=before)
    oracle = Oracle(cadence, quiet, *place, before=before)
    left_today = max(0, cadence.max_per_day - sum(minute >= 0 for minute in minutes))
    fixed, steady, drawn = (
        of_source(plan, one) for one in (Source.AT, Source.EVERY, Source.RANDOM)
    )
    today = [at for at in oracle.planned_times() if oracle.week.walls[at] < midnight(day + DAY)]
    assert [oracle.real(one) for one in fixed if one.date() == day] == today[:left_today]
    early_left = left_today - sum(one.date() == day for one in (*fixed, *steady))
    late = oracle.most_that_fit(fixed, steady, not_before=midnight(day + DAY))
    early = min(early_left, oracle.most_that_fit(fixed, steady) - late)
    left = cadence.max_per_day - len(fixed) - len(steady)
    assert len(drawn) == min(cadence.random_per_day, left, late + early)
    assert told(plan, Source.RANDOM) == cadence.random_per_day - len(drawn)
    assert sum(one.date() == day for one in drawn) <= early_left
    for local in (*steady, *drawn):
        assert all(abs(oracle.real(local) - other) >= cadence.min_gap for other in oracle.before)
    event("short of room" if late + early < cadence.random_per_day else "room enough")


@requests
def test_there_are_exactly_as_many_random_moments_as_asked_for_or_fit(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """The count is exact wherever there is room; else it is the most that fit, and that is told."""
    plan = planned(cadence, quiet, place, seed)
    others = [of_source(plan, Source.AT), of_source(plan, Source.EVERY)]
    left = cadence.max_per_day - sum(map(len, others))
    fit = Oracle(cadence, quiet, *place).most_that_fit(*others)
    drawn = of_source(plan, Source.RANDOM)
    assert len(drawn) == min(cadence.random_per_day, left, fit)
    assert told(plan, Source.RANDOM) == cadence.random_per_day - len(drawn)
    event("short of room" if fit < min(cadence.random_per_day, left) else "room enough")


@requests
def test_fixed_times_that_are_not_planned_are_told(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """Each time of the date is either planned or counted among what could not be."""
    plan = planned(cadence, quiet, place, seed)
    wanted = Oracle(cadence, quiet, *place).wanted_times(place[1])
    assert told(plan, Source.AT) == len(wanted) - len(of_source(plan, Source.AT))


@given(
    cadence=strategies.steady_cadences,
    quiet=strategies.quiets,
    place=strategies.places(),
    seed=strategies.seeds,
)
def test_steady_moments_are_counted_from_the_start_of_each_window(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """Every step of the interval that has room is planned; the rest is told."""
    plan = planned(cadence, quiet, place, seed)
    oracle = Oracle(cadence, quiet, *place)
    passes = oracle.first_passes(plan.date)
    steps = set()
    for start, end in merged(ranges(cadence.windows, plan.date)):
        inside = [at for at in passes if start <= oracle.week.walls[at] < end]
        if inside:
            steps |= set(range(inside[0], inside[-1] + 1, cadence.every or 1))
    drawn = {oracle.real(local) for local in of_source(plan, Source.EVERY)}
    assert drawn <= steps
    assert told(plan, Source.EVERY) == len(steps) - len(drawn)
    others = {oracle.real(local) for local in of_source(plan, Source.AT)} | drawn
    if len(others) < cadence.max_per_day:
        for step in steps & set(oracle.room(of_source(plan, Source.AT))) - drawn:
            assert any(abs(step - other) < cadence.min_gap for other in others)


@requests
def test_same_seed_and_date_give_the_same_plan(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str
) -> None:
    """A plan follows from its arguments alone, in whatever order settings name windows."""
    turned = Cadence(
        random_per_day=cadence.random_per_day,
        at=cadence.at[::-1],
        every=cadence.every,
        windows=cadence.windows[::-1],
        min_gap=cadence.min_gap,
        max_per_day=cadence.max_per_day,
    )
    plan = planned(cadence, quiet, place, seed)
    random.seed(0)  # the module's own generator is nobody's business
    assert planned(cadence, quiet, place, seed) == plan
    again = planned(turned, Quiet(quiet.hours[::-1]), place, seed)
    assert again.moments == plan.moments


@given(
    quiet=strategies.quiets,
    place=strategies.places(),
    seed=strategies.seeds,
    allowance=st.integers(0, 14),
    cadence=strategies.cadences,
)
def test_pace_takes_away_and_never_adds(
    cadence: Cadence, quiet: Quiet, place: Place, seed: str, allowance: int
) -> None:
    """It keeps the earliest fixed moments and some of the steady ones; the cap holds besides."""
    zone, day = place
    full = planned(cadence, quiet, place, seed)
    plan = draw(cadence, quiet, day, zone, seed=seed, allowance=allowance)
    assert len(plan.moments) <= min(allowance, cadence.max_per_day)
    kept, all_of_them = of_source(plan, Source.AT), of_source(full, Source.AT)
    assert kept == all_of_them[: len(kept)]
    assert set(of_source(plan, Source.EVERY)) <= set(of_source(full, Source.EVERY))
    if allowance >= cadence.max_per_day:
        assert plan.moments == full.moments


@given(cadence=strategies.cadences, other=strategies.cadences, quiet=strategies.quiets)
def test_rules_text_tells_settings_apart(cadence: Cadence, other: Cadence, quiet: Quiet) -> None:
    """The text by which a redraw is decided is the same exactly for the same settings."""
    same = rules_text(cadence, quiet, AS_SET) == rules_text(other, quiet, AS_SET)
    assert same == (cadence == other)
    loud = Quiet(hours=quiet.hours, do_not_disturb=False, when_away=None)
    text = rules_text(cadence, quiet, AS_SET)
    assert rules_text(cadence, loud, AS_SET) == text, "gates change no plan"
    more = Quiet(hours=(*quiet.hours, Window(frozenset({0}), 0, 1)))
    assert rules_text(cadence, more, AS_SET) != text
    assert rules_text(cadence, quiet, PaceSettings(back_off=False)) != text


@given(place=strategies.places(), data=st.data())
def test_a_skipped_fixed_time_moves_to_the_end_of_the_gap(
    place: Place, data: st.DataObject
) -> None:
    """A fixed time is planned on every date there is, at its wall time or where the clocks land."""
    begin = midnight(place[1])
    first = week_of(*place).first
    skipped = [minute for minute in range(1440) if begin + minute not in first]
    minute = data.draw(st.sampled_from(skipped) if skipped else strategies.times)
    cadence = Cadence(0, (FixedTime(strategies.EVERY_DAY, minute),), None, (), 1, 1)
    oracle = Oracle(cadence, Quiet(()), *place)
    (moment,) = planned(cadence, Quiet(()), place, "any seed").moments
    if skipped:
        walls, landed = oracle.week.walls, oracle.real(moment.local_at)
        assert walls[landed - 1] == begin + skipped[0] - 1
        assert walls[landed] == begin + skipped[-1] + 1
    else:
        assert wall_of(moment.local_at) == begin + minute
    event("skipped" if skipped else "exists")


def test_random_moments_spread_evenly_over_their_window() -> None:
    """Over many dates each tenth of the window has its share, with one a day and with four."""
    window = Window(strategies.EVERY_DAY, 600, 1200)
    for count in (1, 4):
        cadence = Cadence(count, (), None, (window,), 1, 4)
        tenths = [0] * 10
        days = 2000
        for offset in range(days):
            day = date(2026, 1, 1) + timedelta(days=offset)
            plan = planned(cadence, Quiet(()), (ZoneInfo("UTC"), day), "an installation")
            for moment in plan.moments:
                since = moment.local_at.hour * 60 + moment.local_at.minute - window.start
                tenths[since // 60] += 1
        share = days * count / 10
        assert all(0.8 * share < tenth < 1.2 * share for tenth in tenths), tenths
