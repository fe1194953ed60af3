"""Each gate: for whom it is closed, for what reason and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reminderd.core.gates import (
    DESKTOP,
    Closed,
    Situation,
    absence,
    first_closed,
    may_close,
    settling,
)
from reminderd.core.history import Came
from reminderd.core.model import Context, Kind, Pause, Quiet, Reason
from tests.fakes import BERLIN, cadence, window

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
HOUR = timedelta(hours=1)
OPEN = Situation(
    now=NOON,
    zone=BERLIN,
    cadence=cadence(max_per_day=4),
    quiet=Quiet((window("22:00", "08:00"),)),
    pause=None,
    context=Context(),
    last=None,
    came_today=0,
    server_until=None,
)
ALL = set(Kind)
PAUSED = replace(OPEN, pause=Pause(NOON - HOUR, NOON + HOUR, None))
NIGHT = replace(OPEN, now=datetime(2026, 11, 23, 21, 0, tzinfo=UTC))

CASES = [
    (PAUSED, ALL - {Kind.NOW}, Reason.PAUSED, NOON + HOUR),
    (NIGHT, {Kind.SLOT, Kind.AGAIN}, Reason.QUIET_HOURS, datetime(2026, 11, 24, 7, tzinfo=UTC)),
    (
        replace(OPEN, context=Context(do_not_disturb=True)),
        ALL - {Kind.NOW},
        Reason.DO_NOT_DISTURB,
        None,
    ),
    (replace(OPEN, context=Context(in_call=True)), ALL - {Kind.NOW}, Reason.IN_CALL, None),
    (replace(OPEN, context=Context(locked=True)), ALL - {Kind.NOW}, Reason.LOCKED, None),
    (replace(OPEN, context=Context(inactive=True)), ALL - {Kind.NOW}, Reason.INACTIVE, None),
    (
        replace(
            OPEN,
            context=Context(in_call=True, unsignalled=frozenset({Reason.IN_CALL, Reason.AWAY})),
        ),
        ALL - {Kind.NOW},
        Reason.IN_CALL,
        NOON + timedelta(minutes=1),
    ),
    (
        replace(OPEN, context=Context(locked=True, unsignalled=frozenset({Reason.AWAY}))),
        ALL - {Kind.NOW},
        Reason.LOCKED,
        None,
    ),
    (replace(OPEN, context=Context(away_seconds=300)), ALL - {Kind.NOW}, Reason.AWAY, None),
    (replace(OPEN, came_today=4), {Kind.SLOT}, Reason.CAP, None),
    (replace(OPEN, came_today=5), {Kind.SLOT}, Reason.CAP, None),
    (
        replace(OPEN, last=Came("other", NOON - HOUR)),
        {Kind.SLOT},
        Reason.GAP,
        NOON + timedelta(minutes=30),
    ),
    (replace(OPEN, server_until=NOON + HOUR), ALL, Reason.NO_SERVER, NOON + HOUR),
]


@pytest.mark.parametrize(("here", "held", "reason", "until"), CASES)
def test_a_gate_holds_those_it_is_for_and_nobody_else(
    here: Situation, held: set[Kind], reason: Reason, until: datetime | None
) -> None:
    """`now` obeys nothing but a missing server; the first practice skips quiet hours; and so on."""
    for kind in Kind:
        expected = Closed(reason, until) if kind in held else None
        assert first_closed(kind, here) == expected, kind


@pytest.mark.parametrize("kind", Kind)
def test_with_nothing_in_the_way_every_gate_is_open(kind: Kind) -> None:
    """Nothing is held for what is not known of the desktop."""
    assert first_closed(kind, OPEN) is None


@pytest.mark.parametrize(
    "here",
    [
        replace(OPEN, context=Context(away_seconds=299)),
        replace(OPEN, came_today=3),
        replace(OPEN, last=Came("other", NOON - timedelta(minutes=90))),
        replace(OPEN, pause=Pause(NOON - HOUR, NOON, None)),
        replace(OPEN, context=Context(*(False, False, False), away_seconds=0)),
    ],
)
def test_a_gate_opens_exactly_at_its_limit(here: Situation) -> None:
    """One second less of being away, the full gap, one below the cap, the end of a pause: open."""
    assert first_closed(Kind.SLOT, here) is None


@pytest.mark.parametrize(
    ("quiet", "context"),
    [
        (replace(OPEN.quiet, do_not_disturb=False), Context(do_not_disturb=True)),
        (replace(OPEN.quiet, in_call=False), Context(in_call=True)),
        (replace(OPEN.quiet, when_locked=False), Context(locked=True)),
        (replace(OPEN.quiet, when_locked=False), Context(inactive=True)),
        (replace(OPEN.quiet, when_away=None), Context(away_seconds=86_400)),
    ],
)
def test_a_gate_of_the_desktop_can_be_switched_off(quiet: Quiet, context: Context) -> None:
    """Each setting under [quiet] takes its own gate away and no other."""
    assert first_closed(Kind.SLOT, replace(OPEN, quiet=quiet, context=context)) is None
    told = Context(do_not_disturb=True, in_call=True, locked=True, away_seconds=86_400)
    assert first_closed(Kind.SLOT, replace(OPEN, quiet=quiet, context=told)) is not None


def test_the_persons_own_wish_is_named_first() -> None:
    """Where several gates are closed, the reason is the one that the person set."""
    reasons = []
    here = replace(
        NIGHT,
        pause=Pause(NIGHT.now, NIGHT.now + HOUR, None),
        context=Context(do_not_disturb=True, in_call=True, locked=True, away_seconds=900),
        came_today=9,
        last=Came("other", NIGHT.now),
        server_until=NIGHT.now + HOUR,
    )
    open_one_by_one = [
        {"pause": None},
        {"quiet": Quiet(())},
        {"context": replace(here.context, do_not_disturb=False)},
        {"context": Context(locked=True, away_seconds=900)},
        {"context": Context(away_seconds=900)},
        {"context": Context()},
        {"came_today": 0},
        {"last": None},
    ]
    for change in open_one_by_one:
        closed = first_closed(Kind.SLOT, here)
        reasons.append(closed and closed.reason)
        here = replace(here, **change)  # type: ignore[arg-type]  # a table of changes
    assert reasons == [
        Reason.PAUSED,
        Reason.QUIET_HOURS,
        Reason.DO_NOT_DISTURB,
        Reason.IN_CALL,
        Reason.LOCKED,
        Reason.AWAY,
        Reason.CAP,
        Reason.GAP,
    ]
    assert first_closed(Kind.SLOT, here) == Closed(Reason.NO_SERVER, NIGHT.now + HOUR)


class TestComingBack:
    """From one to four minutes after a return; `valid_until` lies far ahead unless it is said."""

    @staticmethod
    def free_at(seed: str, *, valid: timedelta = HOUR) -> timedelta:
        """Return how long after the return it may come."""
        held = settling(replace(OPEN, back_at=NOON), NOON + valid, seed)
        assert held is not None
        assert held.reason is Reason.JUST_BACK
        assert held.until is not None
        return held.until - NOON

    def test_it_takes_one_to_four_minutes_all_of_them(self) -> None:
        """Drawn evenly, so that it does not come like clockwork after each unlocking."""
        waits = [self.free_at(f"slot {number}").total_seconds() for number in range(400)]
        assert min(waits) >= 60
        assert max(waits) < 240
        thirds = [
            sum(60 + 60 * third <= wait < 120 + 60 * third for wait in waits) for third in range(3)
        ]
        assert min(thirds) > 90

    def test_it_is_the_same_whenever_it_is_asked(self) -> None:
        """A look in between does not put it off."""
        first = self.free_at("a slot")
        here = replace(OPEN, back_at=NOON, now=NOON + first - timedelta(seconds=1))
        held = settling(here, NOON + HOUR, "a slot")
        assert held == Closed(Reason.JUST_BACK, NOON + first)
        assert settling(replace(here, now=NOON + first), NOON + HOUR, "a slot") is None

    @pytest.mark.parametrize("seconds", [61, 90, 120, 200])
    def test_it_still_comes_where_its_time_is_nearly_over(self, seconds: int) -> None:
        """Whatever the draw, as long as a minute is left."""
        valid = timedelta(seconds=seconds)
        for number in range(50):
            assert timedelta(minutes=1) <= self.free_at(f"slot {number}", valid=valid) < valid

    def test_a_return_that_was_seen_late_shortens_the_wait(self) -> None:
        """Of the four minutes one may be over; one passes all the same."""
        for number in range(200):
            here = replace(OPEN, back_at=NOON, back_within=timedelta(minutes=1))
            held = settling(here, NOON + HOUR, f"slot {number}")
            assert held is not None
            assert held.until is not None
            assert timedelta(minutes=1) <= held.until - NOON < timedelta(minutes=3)

    def test_it_is_let_go_rather_than_met_in_the_door(self) -> None:
        """Less than a minute is left: it does not come at all."""
        assert self.free_at("a slot", valid=timedelta(seconds=59)) == timedelta(minutes=1)

    def test_nobody_who_was_there_all_the_time_waits(self) -> None:
        """There is nothing to settle."""
        assert settling(OPEN, NOON + HOUR, "a slot") is None


@pytest.mark.parametrize(
    ("context", "quiet", "expected"),
    [
        (Context(locked=True, do_not_disturb=True), OPEN.quiet, {Reason.LOCKED}),
        (Context(inactive=True, away_seconds=300), OPEN.quiet, {Reason.INACTIVE, Reason.AWAY}),
        (Context(away_seconds=299), OPEN.quiet, set()),
        (Context(do_not_disturb=True, in_call=True), OPEN.quiet, set()),
        (Context(locked=True), replace(OPEN.quiet, when_locked=False), set()),
        (Context(away_seconds=900), replace(OPEN.quiet, when_away=None), set()),
    ],
)
def test_absent_is_who_cannot_see_the_screen(
    context: Context, quiet: Quiet, expected: set[Reason]
) -> None:
    """Somebody in a call, or not to be disturbed, is there all the same."""
    assert absence(context, quiet) == expected


def test_what_may_still_hold_is_what_is_told_here() -> None:
    """`why` names no gate that cannot close."""
    assert may_close(Kind.NOW, DESKTOP, quiet_hours=True) == (Reason.NO_SERVER,)
    assert set(may_close(Kind.SLOT, (), quiet_hours=True)).isdisjoint(DESKTOP)
    assert set(DESKTOP) < set(may_close(Kind.SLOT, DESKTOP, quiet_hours=True))
    assert Reason.AWAY not in may_close(Kind.AGAIN, (Reason.LOCKED,), quiet_hours=True)


@pytest.mark.parametrize("kind", Kind)
def test_quiet_hours_may_hold_what_was_put_off_where_there_are_any(kind: Kind) -> None:
    """Slots lie outside of them, and what the person asks for does not mind them."""
    assert Reason.QUIET_HOURS not in may_close(kind, DESKTOP, quiet_hours=False)
    may = Reason.QUIET_HOURS in may_close(kind, DESKTOP, quiet_hours=True)
    assert may is (kind is Kind.AGAIN)
