"""Plans that are known by heart: one rule each, with the times written out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminderd.core.cadence import Plan, asked_per_day, draw, still_ahead
from reminderd.core.model import Cadence, Quiet, Source, Window
from reminderd.core.offer import in_quiet_hours
from tests.fakes import BERLIN, EVERY_DAY, at, cadence, window

MONDAY = date(2026, 11, 23)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
NEVER = Quiet(())


def plan(
    wish: Cadence,
    day: date = MONDAY,
    *,
    quiet: Quiet = NEVER,
    zone: ZoneInfo = BERLIN,
    seed: str = "seed",
    allowance: int = 12,
    after: Plan | None = None,
) -> Plan:
    before = [one.local_at for one in after.moments] if after else []
    return draw(wish, quiet, day, zone, seed=seed, allowance=allowance, before=before)


def times(of: Plan, source: Source | None = None) -> list[str]:
    return [f"{one.local_at:%H:%M}" for one in of.moments if source in {None, one.source}]


def spans_of(of: Plan) -> list[str]:
    return [f"{one.local_at:%H:%M}-{one.local_until:%H:%M}" for one in of.moments]


def told(of: Plan) -> list[tuple[Source, int, str]]:
    return [(short.source, short.count, short.why) for short in of.shortfalls]


def wide(start: int = 0, length: int = 1440) -> Window:
    return Window(EVERY_DAY, start, start + length)


class TestFixedTimes:
    """`at` times: planned wherever they lie, unless a rule speaks against it."""

    def test_need_no_window_and_are_good_for_an_hour(self) -> None:
        """Outside every window a fixed time is good for 60 minutes."""
        assert spans_of(plan(cadence(fixed=["23:30", "08:00"]))) == ["08:00-09:00", "23:30-00:30"]

    def test_inside_a_window_are_good_until_it_ends(self) -> None:
        """A held one may come until the end of its window, which is not always an hour."""
        wish = cadence(fixed=["09:50", "12:00"], windows=[window("09:00", "10:00"), wide(690, 300)])
        assert spans_of(plan(wish)) == ["09:50-10:00", "12:00-16:30"]

    def test_at_the_end_of_a_window_that_the_next_date_crowds(self) -> None:
        """Though the next date begins at midnight, a late fixed time ends with its window."""
        assert spans_of(plan(cadence(fixed=["23:50"], windows=[wide()]))) == ["23:50-00:00"]

    def test_a_window_that_ends_in_quiet_hours_ends_where_they_begin(self) -> None:
        """Nothing can come in quiet hours, so a held one is let go when they begin."""
        wish = cadence(fixed=["20:00"], windows=[window("09:00", "22:00")])
        quiet = Quiet((window("21:00", "08:00"),))
        assert spans_of(plan(wish, quiet=quiet)) == ["20:00-21:00"]

    def test_on_some_weekdays_only(self) -> None:
        """A time that names weekdays is planned on those."""
        wish = Cadence(0, (at("09:00", [0]), at("11:00", [5])), None, (), 90, 4)
        week = [times(plan(wish, MONDAY + timedelta(days=offset))) for offset in range(7)]
        assert week == [["09:00"], [], [], [], [], ["11:00"], []]

    def test_in_quiet_hours_is_not_planned_and_told(self) -> None:
        """Quiet hours win, their end excluded."""
        of = plan(
            cadence(fixed=["06:59", "07:00"], min_gap=1), quiet=Quiet((window("22:00", "07:00"),))
        )
        assert times(of) == ["07:00"]
        assert told(of) == [(Source.AT, 1, "the time lies in quiet hours")]

    def test_nearer_than_the_gap_to_an_earlier_one_is_told(self) -> None:
        """The earlier one stays; exactly the gap apart is far enough; one left out blocks none."""
        of = plan(cadence(fixed=["09:00", "10:29", "10:30", "11:59", "12:00"]))
        assert times(of) == ["09:00", "10:30", "12:00"]
        assert told(of) == [(Source.AT, 2, "it is nearer than min_gap to an earlier moment")]

    def test_nearer_than_the_gap_to_one_of_the_date_before_is_told(self) -> None:
        """Half past midnight is an hour after yesterday's half past eleven."""
        for gap, expected in ((90, ["23:30"]), (60, ["00:30", "23:30"])):
            wish = cadence(fixed=["23:30", "00:30"], min_gap=gap)
            assert times(plan(wish, MONDAY + timedelta(days=1), after=plan(wish))) == expected

    def test_one_of_the_date_before_that_is_not_planned_blocks_none(self) -> None:
        """Yesterday's half past eleven never comes, so it is not in the way after midnight."""
        capped = cadence(fixed=["00:30", "10:00", "12:00", "23:30"], max_per_day=2)
        of = plan(capped, after=plan(capped, MONDAY - timedelta(days=1)))
        assert times(of) == ["00:30", "10:00"]
        near = cadence(
            random_per_day=1,
            fixed=["22:30", "23:30"],
            windows=[window("00:00", "02:00")],
            min_gap=150,
        )
        of = plan(near, after=plan(near, MONDAY - timedelta(days=1)))
        assert len(of.moments) == 2
        assert of.moments[0].local_at.hour == 1

    def test_one_of_the_next_date_that_cannot_come_takes_no_room(self) -> None:
        """Midnight is too near to half past eleven, so what comes later keeps nothing off it."""
        wish = cadence(
            random_per_day=1,
            fixed=["23:30", "00:00"],
            windows=[window("23:00", "04:00")],
            min_gap=60,
        )
        before = plan(cadence(fixed=["23:30"]), MONDAY - timedelta(days=1))
        fixed, drawn = (one.local_at for one in plan(wish, after=before).moments)
        assert fixed == datetime(2026, 11, 23, 23, 30)  # noqa: DTZ001 -- wall time
        assert drawn - fixed >= timedelta(minutes=60)

    def test_the_gap_is_elapsed_time(self) -> None:
        """In spring 01:30 and 03:30 are an hour apart, in autumn they are three."""
        wish = cadence(fixed=["01:30", "03:30"])
        assert times(plan(wish, SPRING)) == ["01:30"]
        assert times(plan(cadence(fixed=["01:30", "03:00"]), AUTUMN)) == ["01:30", "03:00"]
        assert times(plan(cadence(fixed=["01:30", "03:00"], min_gap=91))) == ["01:30"]

    def test_above_the_cap_the_latest_give_way_and_it_is_told(self) -> None:
        """Of five times with a cap of three, the earliest three stay."""
        hours = ["08:00", "10:00", "12:00", "14:00", "16:00"]
        of = plan(cadence(fixed=hours, max_per_day=3))
        assert times(of) == hours[:3]
        assert told(of) == [(Source.AT, 2, "there are more than max_per_day allows")]

    def test_written_twice_counts_once(self) -> None:
        """The same time twice is one moment, and nothing is told of it."""
        of = plan(cadence(fixed=["09:00", "09:00"]))
        assert times(of) == ["09:00"]
        assert told(of) == []

    def test_in_the_spring_gap_moves_to_its_end(self) -> None:
        """02:30 does not exist, so it comes at 03:00."""
        assert spans_of(plan(cadence(fixed=["02:30"]), SPRING)) == ["03:00-04:00"]

    def test_two_in_the_spring_gap_are_one_and_the_other_is_told(self) -> None:
        """Both would move to 03:00: one does, and it is said that the other does not come."""
        of = plan(cadence(fixed=["02:15", "02:45"], min_gap=1), SPRING)
        assert times(of) == ["03:00"]
        assert told(of) == [(Source.AT, 1, "it is nearer than min_gap to an earlier moment")]

    def test_in_the_last_hour_that_is_skipped_moves_past_midnight(self) -> None:
        """Nuuk's clocks skip the last hour of a Saturday: the slot stays that date's."""
        nuuk = ZoneInfo("America/Nuuk")
        of = plan(cadence(fixed=["23:30"]), date(2026, 3, 28), zone=nuuk)
        assert of.moments[0].local_at == datetime(2026, 3, 29)  # noqa: DTZ001 -- wall time
        next_date = plan(cadence(fixed=["00:00", "23:30"]), date(2026, 3, 29), zone=nuuk, after=of)
        assert times(next_date) == ["23:30"], "midnight is taken"

    def test_in_a_window_of_the_evening_before_are_good_until_it_ends(self) -> None:
        """Half an hour is left of it, not the hour that a time outside every window gets."""
        wish = cadence(fixed=["00:30"], windows=[window("22:00", "01:00")])
        assert spans_of(plan(wish)) == ["00:30-01:00"]

    @pytest.mark.parametrize("wall", ["01:00", "01:30", "02:00", "02:30", "02:59"])
    def test_beside_the_repeated_hour_is_good_for_an_hour_of_real_time(self, wall: str) -> None:
        """60 minutes are 60 minutes though the wall shows the same time again."""
        (moment,) = plan(cadence(fixed=[wall]), AUTUMN).moments
        first_pass = moment.local_at.replace(tzinfo=BERLIN)
        until = moment.local_until.replace(tzinfo=BERLIN)
        assert until.astimezone(UTC) - first_pass.astimezone(UTC) == timedelta(minutes=60)


class TestValidity:
    """Until when a held one may still come."""

    @pytest.mark.parametrize(
        ("zone", "day", "start", "end", "fixed"),
        [
            ("Europe/Berlin", AUTUMN, "01:00", "03:00", "01:30"),
            ("Africa/Cairo", date(2026, 10, 29), "22:00", "24:00", "22:30"),
        ],
    )
    def test_ends_with_the_first_pass_of_a_repeated_hour(
        self, zone: str, day: date, start: str, end: str, fixed: str
    ) -> None:
        """The window ends when the wall first reaches its end and jumps back, not an hour later."""
        place = ZoneInfo(zone)
        of = plan(cadence(fixed=[fixed], windows=[window(start, end)]), day, zone=place)
        (moment,) = of.moments
        real = moment.local_until.replace(tzinfo=place).astimezone(UTC)
        assert real - moment.local_at.replace(tzinfo=place).astimezone(UTC) == timedelta(minutes=90)


class TestSteadyMoments:
    """`every`: counted from the start of each window."""

    def test_begin_with_each_window(self) -> None:
        """Two windows count for themselves, also where they touch; those that overlap are one."""
        wish = cadence(every=120, windows=[window("09:00", "12:30"), window("14:15", "17:00")])
        assert times(plan(wish)) == ["09:00", "11:00", "14:15", "16:15"]
        touching = cadence(every=120, windows=[window("09:00", "12:30"), window("12:30", "17:00")])
        assert spans_of(plan(touching)) == [
            *("09:00-12:30", "11:00-12:30", "12:30-17:00", "14:30-17:00", "16:30-17:00")
        ]
        lapping = cadence(every=120, windows=[window("09:00", "12:30"), window("12:00", "17:00")])
        assert spans_of(plan(lapping)) == [
            *("09:00-17:00", "11:00-17:00", "13:00-17:00", "15:00-17:00")
        ]

    def test_step_past_midnight(self) -> None:
        """A window that crosses midnight belongs to the date on which it starts."""
        of = plan(cadence(every=90, windows=[window("22:00", "01:30")], min_gap=30))
        assert [one.local_at for one in of.moments] == [
            datetime.combine(MONDAY, time(22)),
            datetime.combine(MONDAY, time(23, 30)),
            datetime.combine(MONDAY + timedelta(days=1), time(1)),
        ]

    def test_step_in_elapsed_time_over_a_clock_change(self) -> None:
        """An hour after 01:30 is 03:30 in spring; in autumn the repeated hour has no moment."""
        wish = cadence(every=60, windows=[window("00:30", "04:30")], min_gap=30)
        assert times(plan(wish, SPRING)) == ["00:30", "01:30", "03:30"]
        autumn = plan(wish, AUTUMN)
        assert times(autumn) == ["00:30", "01:30", "02:30", "03:30"]
        assert told(autumn) == [
            (Source.EVERY, 1, "quiet hours, a clock change or the next day leave no room")
        ]

    def test_leave_out_quiet_hours_and_what_crowds(self) -> None:
        """A step in quiet hours, or too near to a fixed time, is left out and told."""
        wish = cadence(every=120, fixed=["10:00"], windows=[window("09:00", "19:00")], min_gap=60)
        of = plan(wish, quiet=Quiet((window("12:30", "13:30"),)))
        assert times(of, Source.EVERY) == ["09:00", "11:00", "15:00", "17:00"]
        crowded = plan(cadence(every=30, windows=[window("09:00", "10:31")], min_gap=60))
        assert times(crowded) == ["09:00", "10:00"]
        assert told(crowded) == [(Source.EVERY, 2, "min_gap leaves no room beside another moment")]

    def test_above_the_cap_the_latest_give_way(self) -> None:
        """Fixed times count first, then the earliest steps."""
        hours = [window("09:00", "18:00")]
        of = plan(cadence(every=60, fixed=["20:00"], windows=hours, min_gap=60, max_per_day=3))
        assert times(of) == ["09:00", "10:00", "20:00"]
        assert told(of) == [(Source.EVERY, 7, "there are more than max_per_day allows")]


class TestRandomMoments:
    """Random moments: as many as asked for wherever there is room."""

    def test_are_the_same_on_every_machine_and_python(self) -> None:
        """The very moments of one seed: an update that moves them moves everybody's day."""
        wish = cadence(random_per_day=3, windows=[window("09:30", "20:30")])
        assert times(plan(wish)) == ["09:46", "15:12", "17:55"]
        assert times(plan(wish, seed="another")) != times(plan(wish))
        assert times(plan(wish, MONDAY + timedelta(days=7))) != times(plan(wish))

    def test_without_room_tell_how_many_are_missing(self) -> None:
        """Three hours hold three moments with a gap of 89 minutes, and two with one of 90."""
        three_hours = [window("09:00", "12:00")]
        of = plan(cadence(random_per_day=4, windows=three_hours, min_gap=90))
        assert len(of.moments) == 2
        why = "the windows have no room that keeps min_gap"
        assert told(of) == [(Source.RANDOM, 2, why)]
        exact = plan(cadence(random_per_day=4, windows=three_hours, min_gap=89))
        assert len(exact.moments) == 3

    def test_in_the_tightest_room_take_the_only_places(self) -> None:
        """121 minutes hold three moments an hour apart in exactly one way."""
        wish = cadence(random_per_day=3, windows=[window("09:00", "11:01")], min_gap=60)
        assert times(plan(wish)) == ["09:00", "10:00", "11:00"]

    def test_without_any_window_are_told(self) -> None:
        """A cadence without windows has no room for random moments."""
        of = plan(cadence(random_per_day=2))
        assert (times(of), told(of)) == (
            [],
            [(Source.RANDOM, 2, "there is no window on that day")],
        )

    def test_in_windows_that_are_quiet_are_told(self) -> None:
        """It is not the gap that is in the way."""
        of = plan(
            cadence(random_per_day=2, windows=[window("12:30", "13:30")]),
            quiet=Quiet((window("12:00", "14:00"),)),
        )
        assert told(of) == [(Source.RANDOM, 2, "the windows lie in quiet hours")]

    def test_give_way_to_the_cap_and_to_pace(self) -> None:
        """What the cap or the pace takes away is told, and it is told from the random ones."""
        wish = cadence(random_per_day=5, windows=[window("09:00", "21:00")], max_per_day=3)
        assert told(plan(wish)) == [(Source.RANDOM, 2, "there are more than max_per_day allows")]
        of = plan(wish, allowance=1)
        assert len(of.moments) == 1
        assert told(of) == [(Source.RANDOM, 4, "there are more than max_per_day allows")]

    def test_a_window_inside_the_spring_gap_has_no_room(self) -> None:
        """02:15 to 02:45 does not happen on that date, and does on others."""
        wish = cadence(random_per_day=1, windows=[window("02:15", "02:45")])
        assert times(plan(wish, SPRING)) == []
        assert len(plan(wish, SPRING + timedelta(days=1)).moments) == 1

    def test_never_lie_in_the_repeated_hour(self) -> None:
        """A window that is the repeated hour is planned on its first pass alone."""
        wish = cadence(random_per_day=12, windows=[window("02:00", "03:00")], min_gap=5)
        moments = plan(wish, AUTUMN).moments
        assert len(moments) == 12
        assert not any(one.local_at.fold for one in moments)

    def test_keep_off_the_next_dates_first_moment(self) -> None:
        """Round the clock, the last 90 minutes of a date are left to the next."""
        wish = cadence(random_per_day=12, windows=[wide()], min_gap=90)
        for offset in range(50):
            last = plan(wish, MONDAY + timedelta(days=offset)).moments[-1]
            assert last.local_at.time() <= time(22, 30)
            assert f"{last.local_until:%H:%M}" == "00:00", "it may still come until midnight"

    def test_keep_off_the_date_after_the_next(self) -> None:
        """Monday's window that ends late on Tuesday leaves the gap to Wednesday's midnight."""
        windows = (Window(frozenset({0}), 1410, 2870), Window(frozenset({2}), 0, 360))
        wish = cadence(random_per_day=12, windows=windows, min_gap=90)
        latest = datetime.combine(MONDAY + timedelta(days=1), time(22, 30))
        for number in range(50):
            assert plan(wish, seed=str(number)).moments[-1].local_at <= latest


def test_moments_come_in_order_whatever_placed_them() -> None:
    """Fixed, steady and random moments are one list, earliest first."""
    wish = cadence(
        random_per_day=2, fixed=["20:30"], every=300, windows=[window("09:00", "19:00")], min_gap=30
    )
    local = [one.local_at for one in plan(wish).moments]
    assert local == sorted(local)
    assert {one.source for one in plan(wish).moments} == set(Source)


class TestStillAhead:
    """What of a redrawn date is kept."""

    of = plan(cadence(fixed=["09:00", "12:00", "15:00"]))
    noon = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)

    def ahead(self, now: datetime, last_shown: datetime | None) -> list[str]:
        found = still_ahead(self.of, now, BERLIN, last_shown=last_shown, min_gap=90)
        return [f"{one.local_at:%H:%M}" for one in found]

    def test_is_what_lies_after_now(self) -> None:
        """A moment that is now has been decided on already."""
        assert self.ahead(self.noon - timedelta(seconds=1), None) == ["12:00", "15:00"]
        assert self.ahead(self.noon, None) == ["15:00"]

    def test_keeps_the_gap_to_the_last_shown(self) -> None:
        """Exactly the gap after the last one is far enough."""
        before = self.noon - timedelta(minutes=10)
        assert self.ahead(before, self.noon - timedelta(minutes=90)) == ["12:00", "15:00"]
        assert self.ahead(before, self.noon - timedelta(minutes=89)) == ["15:00"]

    def test_an_old_showing_matters_no_more(self) -> None:
        """What was shown long ago does not bring back what has passed."""
        assert self.ahead(self.noon, self.noon - timedelta(days=3)) == ["15:00"]


class TestAskedPerDay:
    """What `status` says of the pace."""

    @pytest.mark.parametrize(
        ("wish", "expected"),
        [
            (cadence(), 0),
            (cadence(random_per_day=2, windows=[window("09:00", "17:00")], max_per_day=4), 2),
            (cadence(random_per_day=2), 0),  # without a window there is none
            (cadence(random_per_day=9, windows=[window("09:00", "17:00")], max_per_day=4), 4),
            (cadence(fixed=["09:00", "09:00", "12:00"]), 2),
            (cadence(every=120, windows=[window("09:00", "14:01")]), 3),
            (cadence(every=120, windows=[window("22:00", "02:00")], fixed=["12:00"]), 3),
            (cadence(every=120, windows=[window("09:00", "12:00"), window("09:00", "13:00")]), 2),
            (cadence(every=120, windows=[window("09:00", "12:00")], fixed=["09:00", "11:00"]), 2),
            (
                cadence(
                    random_per_day=1,
                    windows=[window("09:00", "12:00", [0]), window("13:00", "15:00", [0, 1])],
                    every=60,
                ),
                6,
            ),
        ],
    )
    def test_is_that_of_the_weekday_that_asks_for_most(self, wish: Cadence, expected: int) -> None:
        """Fixed, steady and random ones, the cap at most."""
        assert asked_per_day(wish) == expected


class TestQuietHours:
    """Whether it is quiet now, and until when."""

    night = Quiet((window("21:30", "08:00"),))

    @pytest.mark.parametrize(
        ("now", "until"),
        [
            ("2026-11-23 21:29:59", None),
            ("2026-11-23 21:30:00", "2026-11-24 08:00"),
            ("2026-11-24 00:00:00", "2026-11-24 08:00"),
            ("2026-11-24 07:59:59", "2026-11-24 08:00"),
            ("2026-11-24 08:00:00", None),
        ],
    )
    def test_hold_over_midnight(self, now: str, until: str | None) -> None:
        """From the first second to the last, and not one longer."""
        found = in_quiet_hours(self.night, _berlin(now), BERLIN)
        assert found == (_berlin(until) if until else None)

    def test_that_touch_are_one(self) -> None:
        """The end that is told is the end of silence, not of one entry."""
        quiet = Quiet(
            (window("20:00", "22:00"), window("22:00", "23:00"), window("21:00", "21:15"))
        )
        assert in_quiet_hours(quiet, _berlin("2026-11-23 20:30"), BERLIN) == _berlin(
            "2026-11-23 23:00"
        )

    def test_on_some_weekdays_belong_to_the_day_they_start_on(self) -> None:
        """Friday's night reaches into Saturday; Sunday's small hours are not quiet."""
        quiet = Quiet((window("22:00", "06:00", [4]),))
        assert in_quiet_hours(quiet, _berlin("2026-11-28 05:00"), BERLIN)
        assert in_quiet_hours(quiet, _berlin("2026-11-29 05:00"), BERLIN) is None

    def test_hold_on_both_passes_of_a_repeated_hour(self) -> None:
        """Quiet from 02:00 to 02:30 is quiet twice, an hour apart."""
        quiet = Quiet((window("02:00", "02:30"),))
        for hour in (0, 1):
            now = datetime(2026, 10, 25, hour, 15, tzinfo=UTC)
            assert in_quiet_hours(quiet, now, BERLIN) == now + timedelta(minutes=15)
            later = now + timedelta(minutes=15)
            assert in_quiet_hours(quiet, later, BERLIN) is None

    def test_that_never_end_still_have_an_end_to_look_again(self) -> None:
        """Quiet round the clock holds; the end it tells lies days ahead."""
        now = _berlin("2026-11-23 12:00")
        until = in_quiet_hours(Quiet((wide(),)), now, BERLIN)
        assert until is not None
        assert until - now > timedelta(days=7)


def _berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)
