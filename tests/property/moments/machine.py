"""Somebody's days as a state machine: whatever may happen, in any order.

`days.py` says what each thing does, `witness.py` and `truth.py` what must be true all the while.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from reminderd.core.model import Answer, Reason
from tests.property.moments import wishes
from tests.property.moments.days import Days
from tests.property.moments.desk import SIGNALS
from tests.property.moments.wall import DAY, MINUTE

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from pathlib import Path

    from tests.property.moments.desk import Fuse, Temper

YEARS: Final = timedelta(days=5 * 365)
plans = st.sampled_from(list(wishes.PLANS))
quiets = st.sampled_from(list(wishes.QUIET_HOURS))
zones = st.sampled_from(wishes.ZONES)
starts = st.sampled_from(
    [datetime(2026, 3, 27, 6, tzinfo=UTC), datetime(2026, 10, 23, 17, tzinfo=UTC)]
)
wrong_at_boot = st.sampled_from([*[timedelta()] * 4, -2 * YEARS, YEARS, -56 * 365 * DAY])
minutes = st.sampled_from([1, 2, 4, 10, 30, 60, 90, 240, 480])
few_minutes = st.sampled_from([-2, -1, 0, 0, 1, 3, 15])
naps = st.sampled_from([1, 5, 60, 480, 600, 1440, 2 * 1440, 31 * 1440])
steps = st.sampled_from([1, -1, 24, -24])
late = st.sampled_from([0, 0, 0, 7, 59]).map(lambda seconds: timedelta(seconds=seconds))
states = st.sampled_from(["do_not_disturb", "in_call", "locked", "locked", "inactive"])
untold = st.frozensets(
    st.sampled_from([Reason.DO_NOT_DISTURB, Reason.IN_CALL, Reason.LOCKED, Reason.AWAY]), max_size=2
)
tempers = st.sampled_from(
    ["kind", "kind", "kind", "kind", "refuses", "silent", "silent but shows", "absent"]
)
any_answer = st.sampled_from([*Answer, Answer.LATER, Answer.DONE])
snoozes = st.sampled_from([None, 2, 25, 180, 1440]).map(
    lambda length: None if length is None else timedelta(minutes=length)
)
fuses = st.sampled_from(["claimed", "shown", ""])
writes = st.integers(0, 9)


EVENTS: Final[dict[str, tuple[Any, ...]]] = {
    "asks": (),
    "pauses_in_a_look": (),
    "answers_in_a_look": (Answer.LATER, timedelta(minutes=2)),
    "leaves": (timedelta(minutes=4),),
    "is_killed": ("shown", 0),
    "stops": (),
    "server_restarts": (),
    "knows_nothing_of": (frozenset({Reason.LOCKED, Reason.DO_NOT_DISTURB}),),
}
"""What may happen a minute before something comes."""


class Living(RuleBasedStateMachine):
    """Everything that can happen, as rules.

    Args:
        path: Where the database is made.
        happened: Counts what is done, over all runs.
        came_of_it: Counts what becomes of deliveries.
    """

    def __init__(self, path: Path, happened: Counter[str], came_of_it: Counter[str]) -> None:
        super().__init__()
        self._path, self._happened, self._came_of_it = path, happened, came_of_it
        self._days: Days | None = None
        self._wrong_by = timedelta()

    @property
    def it(self) -> Days:
        """What happens."""
        assert self._days is not None
        return self._days

    def do(self, action: Callable[..., None], *args: Any, **values: Any) -> None:  # noqa: ANN401
        """Do one thing, and look whether every promise still holds."""
        said = [str(one) for one in (*args, *values.values())]
        self.it.do(" ".join([action.__name__, *said]), partial(action, *args, **values))

    @initialize(
        start=starts,
        zone=zones,
        plan=plans,
        hours=quiets,
        signals=st.sampled_from(sorted(SIGNALS)),
        gentle=st.booleans(),
        wrong_by=wrong_at_boot,
    )
    def begins(
        self,
        start: datetime,
        zone: str,
        plan: str,
        hours: str,
        signals: str,
        gentle: bool,
        wrong_by: timedelta,
    ) -> None:
        wish = wishes.wish(plan, hours, gentle=gentle)
        self._wrong_by = wrong_by
        self._path.unlink(missing_ok=True)
        self._days = Days(self._path, start + wrong_by, ZoneInfo(zone), wish, SIGNALS[signals])
        self.do(self._days.start)

    def teardown(self) -> None:
        if self._days is None:
            return
        try:
            if not self._days.witness.troubles:
                self.do(self._days.ends_well)
        finally:
            self._happened.update(self._days.happened)
            self._came_of_it.update(self._days.witness.came_of_it)
            self._days.close()

    # Time

    @rule(length=minutes)
    def lives(self, length: int) -> None:
        self.do(self.it.lives, timedelta(minutes=length))

    @rule(length=minutes)
    def lives_on(self, length: int) -> None:
        self.do(self.it.lives, timedelta(minutes=length))

    @rule(offset=few_minutes)
    def lives_to_the_next(self, offset: int) -> None:
        self.do(self.it.lives_to_the_next, timedelta(minutes=offset))

    @rule(offset=few_minutes)
    def lives_on_to_the_next(self, offset: int) -> None:
        self.do(self.it.lives_to_the_next, timedelta(minutes=offset))

    @rule(offset=few_minutes)
    def lives_well_to_the_next(self, offset: int) -> None:
        self.do(self.it.all_is_well)
        self.do(self.it.lives_to_the_next, timedelta(minutes=offset))

    @rule(event=st.sampled_from(list(EVENTS)), length=st.sampled_from([1, 1, 2, 5, 30]))
    def lives_until_something_happens(self, event: str, length: int) -> None:
        self.do(self.it.all_is_well)
        self.do(self.it.lives_to_the_next, -MINUTE)
        self.do(getattr(self.it, event), *EVENTS[event])
        self.do(self.it.lives, timedelta(minutes=length))

    @rule(asked=st.integers(0, 2))
    def lives_well_for_a_day(self, asked: int) -> None:
        self.do(self.it.all_is_well)
        for _ in range(asked):
            self.do(self.it.asks)
            self.do(self.it.lives, 20 * MINUTE)
        self.do(self.it.lives, DAY)

    @rule()
    def looks_once_more(self) -> None:
        self.do(self.it.look)

    @rule(length=naps)
    def sleeps(self, length: int) -> None:
        self.do(self.it.sleeps, timedelta(minutes=length))

    @rule(before=st.sampled_from([1, 30, 300, 2000, -125, -200]))
    def sleeps_to_the_eve(self, before: int) -> None:
        self.do(self.it.sleeps_to_the_eve, timedelta(minutes=before))

    @rule(hours=steps, late=late)
    def clock_steps(self, hours: int, late: timedelta) -> None:
        self.do(self.it.clock_steps, timedelta(hours=hours), late)

    @rule(late=late)
    def clock_goes_wrong_or_right(self, late: timedelta) -> None:
        step = -self._wrong_by or YEARS
        self._wrong_by += step
        self.do(self.it.clock_steps, step, late)

    @rule(zone=zones, hours=st.sampled_from([0, 0, 1, 9, 14]))
    def moves(self, zone: str, hours: int) -> None:
        self.do(self.it.sleeps, timedelta(hours=hours), ZoneInfo(zone))

    # The desk

    @rule(what=states, on=st.booleans())
    def turns(self, what: str, on: bool) -> None:
        self.do(self.it.turns, what, on=on)

    @rule(what=states, length=minutes, after=few_minutes)
    def turns_for_a_while(self, what: str, length: int, after: int) -> None:
        self.do(self.it.turns, what, on=True)
        self.do(self.it.lives_to_the_next, timedelta())
        self.do(self.it.lives, timedelta(minutes=length))
        self.do(self.it.turns, what, on=False)
        self.do(self.it.lives, timedelta(minutes=abs(after)))

    @rule(since=st.sampled_from([0, 0, 200, 299, 300]))
    def leaves(self, since: int) -> None:
        self.do(self.it.leaves, timedelta(seconds=since))

    @rule()
    def comes_back(self) -> None:
        self.do(self.it.comes_back)

    @rule(reasons=untold)
    def knows_nothing_of(self, reasons: frozenset[Reason]) -> None:
        self.do(self.it.knows_nothing_of, reasons)

    # The server

    @rule(temper=tempers)
    def server_is(self, temper: Temper) -> None:
        self.do(self.it.server_is, temper)

    @rule(temper=tempers, length=minutes)
    def server_is_for_a_while(self, temper: Temper, length: int) -> None:
        self.do(self.it.server_is, temper)
        self.do(self.it.lives_to_the_next, timedelta())
        self.do(self.it.lives, timedelta(minutes=length))
        self.do(self.it.server_is, "kind")
        self.do(self.it.lives, 15 * MINUTE)

    @rule()
    def server_restarts(self) -> None:
        self.do(self.it.server_restarts)

    # The person

    @rule()
    def asks(self) -> None:
        self.do(self.it.asks)

    @rule(answer=any_answer, snooze=snoozes, last=st.booleans())
    def answers(self, answer: Answer, snooze: timedelta | None, last: bool) -> None:
        self.do(self.it.answers, answer, snooze, last=last)

    @rule(snooze=snoozes)
    def answers_later(self, snooze: timedelta | None) -> None:
        self.do(self.it.answers, Answer.LATER, snooze, last=True)

    @rule(answer=any_answer, snooze=snoozes)
    def answers_in_a_look(self, answer: Answer, snooze: timedelta | None) -> None:
        self.do(self.it.answers_in_a_look, answer, snooze)

    @rule(length=st.sampled_from([None, 5, 120, 60 * 24 * 7]))
    def pauses(self, length: int | None) -> None:
        self.do(self.it.pauses, timedelta(minutes=length) if length else None)

    @rule()
    def pauses_in_a_look(self) -> None:
        self.do(self.it.pauses_in_a_look)

    @rule()
    def resumes(self) -> None:
        self.do(self.it.resumes)

    @rule()
    def waves_away(self) -> None:
        self.do(self.it.waves_away)

    @rule(plan=plans, hours=quiets)
    def plans_anew(self, plan: str, hours: str) -> None:
        self.do(self.it.plans_anew, plan, hours)

    @rule(when_away=st.sampled_from([300, 300, 60, None]), wanted=st.sampled_from([1, 1, 1, 0]))
    def heeds(self, when_away: int | None, wanted: int) -> None:
        self.do(self.it.heeds, when_away, others=bool(wanted))

    # The daemon

    @rule()
    def restarts(self) -> None:
        self.do(self.it.stops)
        self.do(self.it.start)

    @rule(is_missed=st.sampled_from([True, True, False]))
    def is_killed(self, is_missed: bool) -> None:
        self.do(self.it.dies)
        self.it.is_supervised = is_missed

    @rule(fuse=fuses, left=writes)
    def is_to_be_killed(self, fuse: Fuse, left: int) -> None:
        self.do(self.it.is_killed, fuse, left)
