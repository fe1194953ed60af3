"""What ramp-up and back-off make of the cadence."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.core.cadence import asked_on
from reminderd.core.model import Answer, Cadence, PaceSettings
from reminderd.core.pacing import (
    ANY_ANSWER,
    Fall,
    Pace,
    Past,
    allowance,
    fall,
    pace,
    per_day,
    words,
)
from tests import strategies
from tests.fakes import cadence, window

MONDAY = date(2026, 11, 23)
DONE, HARD, LATER = Answer.DONE, Answer.HARD, Answer.LATER


def daily(count: int, days: str = "0123456") -> Cadence:
    """Return a cadence of so many a day, on some weekdays."""
    open_ = [window("9:00", "21:00", days=map(int, days))]
    return cadence(random_per_day=count, windows=open_, max_per_day=12)


def granted(asked: Cadence, at: Pace, days: int, *, lived: str = "0123456") -> list[int]:
    """Return how many each date from a Monday on is granted; what is granted is delivered."""
    found: list[int] = []
    for offset in range(days):
        day = MONDAY + timedelta(days=offset)
        found.append(allowance(asked, at, day) if str(day.weekday()) in lived else 0)
        if found[-1]:
            at = Pace(at.most, at.steps, day)
    return found


@pytest.mark.parametrize(
    ("days", "steps", "number", "said"),
    [
        ("5", 1, 0.07, "one every two weeks"),
        ("5", 3, 0.04, "one every four weeks"),
        ("01234", 1, 0.36, "one every three days"),
        ("01234", 3, 0.14, "one a week"),
        ("0123456", 1, 0.5, "one every two days"),
    ],
)
def test_words_and_number_tell_what_comes(days: str, steps: int, number: float, said: str) -> None:
    """Also where only some weekdays ask for one: on average, as the person lives it."""
    assert per_day(daily(1, days), Pace(12, steps)) == number
    assert f": {said}." in words(daily(1, days), Pace(12, steps))
    came = sum(granted(daily(1, days), Pace(12, steps), 28 * 7))
    assert abs(came / (28 * 7) - number) < 0.01


def test_half_of_what_has_no_room_is_half_of_what_has() -> None:
    """Four are asked for in a window with room for one: after a step down it is every other day."""
    at = Pace(12, steps=1, room=1)
    assert [allowance(daily(4), at, MONDAY + timedelta(days=day)) for day in range(4)].count(1) == 2
    assert per_day(daily(4), at) == 0.5


class TestFall:
    """Closed and unanswered, in a row."""

    @pytest.mark.parametrize(
        ("unanswered", "steps"),
        [(0, 0), (3, 0), (4, 1), (7, 1), (8, 2), (13, 2), (14, 3), (400, 3)],
    )
    def test_goes_down_in_three_steps(self, unanswered: int, steps: int) -> None:
        """After four, eight and fourteen."""
        assert fall([None] * unanswered).steps == steps

    @pytest.mark.parametrize("answer", list(Answer))
    def test_is_stopped_by_any_answer(self, answer: Answer) -> None:
        """It counts from nothing again."""
        assert fall([None] * 3 + [answer] + [None] * 3) == Fall(0, 3)

    @pytest.mark.parametrize("answer", [Answer.DONE, Answer.TAKEN])
    def test_is_undone_step_by_step(self, answer: Answer) -> None:
        """Each practice brings it back by one."""
        down = [None] * 14
        assert [fall(down + [answer] * count).steps for count in range(5)] == [3, 2, 1, 0, 0]

    @pytest.mark.parametrize("answer", [HARD, LATER, Answer.NOT_TODAY, Answer.NOT_FOR_ME])
    def test_stays_where_it_is_by_others(self, answer: Answer) -> None:
        """They say that somebody is there, not that there may be more."""
        assert fall([None] * 8 + [answer] * 9) == Fall(2, 0)

    def test_is_fresh_at_the_first_after_a_step(self) -> None:
        """That is when the person is asked whether reading is enough."""
        fresh = [count for count in range(20) if fall([None] * count).fresh]
        assert fresh == [4, 8, 14]
        assert not fall([None] * 4 + [DONE]).fresh

    def test_a_fall_after_a_return_is_fresh_again(self) -> None:
        """Half, back to all, half again."""
        assert fall([None] * 4 + [DONE] + [None] * 4) == Fall(1, 4, fresh=True)


class TestRampUp:
    """One a day for the first seven dates with a delivery, then one more for each such week."""

    @pytest.mark.parametrize(
        ("dates", "most"), [(0, 1), (6, 1), (7, 2), (13, 2), (14, 3), (77, 12), (700, 12)]
    )
    def test_rises_with_the_dates_that_brought_something(self, dates: int, most: int) -> None:
        assert pace(daily(12), PaceSettings(), Past(dates)).most == most

    def test_does_not_rise_while_nothing_is_answered(self) -> None:
        """Else it would become more between one step down and the next."""
        asked = daily(4)
        past = Past(dates=8, fall=Fall(steps=1, unanswered=5), unanswered=5)
        assert pace(asked, PaceSettings(), past).most == 1
        answered = Past(dates=8, fall=Fall(steps=1))
        assert pace(asked, PaceSettings(), answered).most == 2
        assert pace(asked, PaceSettings(back_off=False), past).most == 2

    def test_is_over_where_it_is_not_wanted(self) -> None:
        assert pace(daily(4), PaceSettings(ramp_up=False), Past()).most == 12

    def test_never_grants_more_than_is_asked_for(self) -> None:
        assert granted(daily(2), Pace(12), 3) == [2, 2, 2]
        assert granted(daily(2), Pace(1), 3) == [1, 1, 1]


class TestBackOff:
    """Half, a quarter, one a week, spread evenly."""

    @pytest.mark.parametrize(
        ("count", "steps", "expected"),
        [
            (4, 0, [4] * 14),
            (4, 1, [2] * 14),
            (4, 2, [1] * 14),
            (2, 1, [1] * 14),
            (2, 2, [0, 1] * 7),
            (1, 1, [0, 1] * 7),
            (3, 1, [1, 2] * 7),
        ],
    )
    def test_scales_what_is_asked_for(self, count: int, steps: int, expected: list[int]) -> None:
        found = granted(daily(count), Pace(12, steps), 14)
        assert sum(found) == sum(expected)
        assert sorted(found) == sorted(expected)
        assert all(abs(one - other) <= 1 for one, other in pairwise(found))

    def test_one_a_week_comes_a_week_after_the_last(self) -> None:
        """On whichever weekday that is."""
        at = Pace(12, 3, MONDAY - timedelta(days=4))
        assert granted(daily(3), at, 14) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]

    @pytest.mark.parametrize("weekday", "0123456")
    def test_one_a_week_reaches_whoever_is_there_once_a_week(self, weekday: str) -> None:
        """A machine that is used on one weekday alone."""
        found = granted(daily(3), Pace(12, 3, MONDAY - timedelta(days=30)), 28, lived=weekday)
        assert sum(found) == 4

    @pytest.mark.parametrize("steps", [1, 2, 3])
    @pytest.mark.parametrize("days", ["0", "5", "01234", "056"])
    def test_no_weekday_alone_falls_silent(self, days: str, steps: int) -> None:
        """The share is counted over the dates that ask for anything."""
        found = granted(daily(1, days), Pace(12, steps, MONDAY - timedelta(days=30)), 28 * 4)
        asked = 16 * len(days)
        assert asked / 4 - 1 <= sum(found) or steps == 3
        assert sum(found) >= min(asked // 4, 15)

    def test_a_week_is_never_more_than_a_quarter(self) -> None:
        """Where one a week is asked for, a quarter of it is less than one a week."""
        found = granted(daily(1, "0"), Pace(12, 3), 28 * 4)
        assert sum(found) == 4

    @given(strategies.cadences, st.integers(1, 12), st.integers(0, 3), st.integers(0, 3000))
    def test_never_more_than_asked(
        self, asked: Cadence, most: int, steps: int, offset: int
    ) -> None:
        """Nor more than a smaller step grants, over four weeks."""
        days = [MONDAY + timedelta(days=offset + number) for number in range(28)]
        for day in days:
            here = allowance(asked, Pace(most, steps, None), day)
            assert 0 <= here <= min(most, asked_on(asked, day.weekday()))

    @given(st.integers(1, 12), st.integers(0, 400))
    def test_whoever_answers_again_has_the_full_pace_within_a_week(
        self, count: int, offset: int
    ) -> None:
        """From one a week on, each answered: whatever the cadence, whenever they return."""
        asked, first = daily(count), MONDAY + timedelta(days=offset)
        at = Pace(12, steps=2, last=first)  # the first was answered on that date
        days = 0
        while at.steps:
            days += 1
            if came := allowance(asked, at, first + timedelta(days=days)):
                at = Pace(12, max(0, at.steps - came), first + timedelta(days=days))
        assert days + 1 <= 7
        assert allowance(asked, at, first + timedelta(days=days + 1)) == count

    def test_nothing_is_slowed_where_that_is_not_wanted(self) -> None:
        past = Past(99, MONDAY, Fall(3, 20))
        assert pace(daily(3), PaceSettings(back_off=False), past).steps == 0
        assert pace(daily(3), PaceSettings(), past).steps == 3


class TestWords:
    """What `status` says of it."""

    @pytest.mark.parametrize(
        ("count", "at", "number", "said"),
        [
            (2, Pace(12), 2, "as you set it"),
            (2, Pace(12, 1), 1, f"Quieter for now: one a day. {ANY_ANSWER}"),
            (3, Pace(12, 1), 1.5, f"Quieter for now: one or two a day. {ANY_ANSWER}"),
            (2, Pace(12, 2), 0.5, f"Quieter for now: one every two days. {ANY_ANSWER}"),
            (3, Pace(12, 2), 0.75, f"Quieter for now: one on most days. {ANY_ANSWER}"),
            (1, Pace(12, 2), 0.25, f"Quieter for now: one every four days. {ANY_ANSWER}"),
            (12, Pace(12, 1), 6, f"Quieter for now: six a day. {ANY_ANSWER}"),
            (2, Pace(12, 3), 0.14, f"Quieter for now: one a week. {ANY_ANSWER}"),
            (
                3,
                Pace(1),
                1,
                "Beginning gently: one a day. Each week with practice brings one more.",
            ),
        ],
    )
    def test_tell_how_many_and_why(self, count: int, at: Pace, number: float, said: str) -> None:
        asked = daily(count)
        assert (per_day(asked, at), words(asked, at)) == (number, said)
