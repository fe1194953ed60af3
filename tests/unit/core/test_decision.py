"""One snapshot in, one decision out: each rule in a case of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminderd.core.decision import (
    Deliver,
    Hold,
    LetGo,
    Snapshot,
    Wait,
    decide,
    next_midnight,
)
from reminderd.core.gates import Situation
from reminderd.core.model import (
    Context,
    Kind,
    Pause,
    Planned,
    Practice,
    Prompt,
    Quiet,
    Reason,
    Seen,
    Slot,
)
from reminderd.core.selection import Past
from tests.fakes import BERLIN, PROMPTS, cadence, window

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
MIDNIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
LOCKED = Context(locked=True)


def wall(text: str) -> datetime:
    """Return a wall time of 23 November, or of the date that is written before it."""
    return datetime.fromisoformat(text if " " in text else f"2026-11-23 {text}")


def utc(text: str) -> datetime:
    return wall(text).replace(tzinfo=BERLIN).astimezone(UTC)


def slot(number: int, start: str, end: str = "20:30", **values: object) -> Planned:
    return planned(f"slot-{number}", Kind.SLOT, start, end, number=number, **values)


def planned(
    identifier: str, kind: Kind, start: str, end: str, number: int = 0, **values: object
) -> Planned:
    key = Slot(date(2026, 11, 23), number) if number else None
    one = Planned(identifier, kind, key, wall(start), wall(end))
    return replace(one, **values)  # type: ignore[arg-type]  # a table of plain values


def snapshot(*waiting: Planned, now: datetime = NOON, **values: object) -> Snapshot:
    here = Situation(
        now=now,
        zone=BERLIN,
        cadence=cadence(max_per_day=4),
        quiet=Quiet((window("22:00", "08:00"),)),
        pause=None,
        context=Context(),
        last=None,
        came_today=0,
        server_until=None,
    )
    return Snapshot(
        situation=replace(here, **values),  # type: ignore[arg-type]  # a table of plain values
        planned=waiting,
        prompts={one.id: one for one in PROMPTS},
        pool=PROMPTS,
        past=Past({}, {}),
        practice=Practice(("*",), ("*",), alone_only=False),
        seed="seed",
    )


def brought(of: Snapshot) -> Prompt | None:
    """Return the prompt that is to be brought."""
    match decide(of).action:
        case Deliver(choice=choice):
            return choice.prompt
    return None


class TestWaiting:
    """Nothing is due."""

    def test_with_nothing_planned_until_midnight(self) -> None:
        """The next local date wants its plan."""
        assert decide(snapshot()).action == Wait(MIDNIGHT)

    def test_until_the_next_moment(self) -> None:
        """It does not look again before anything can have changed."""
        assert decide(snapshot(slot(2, "15:00"), slot(1, "14:00"))).action == Wait(utc("14:00"))

    def test_until_midnight_where_the_next_moment_lies_beyond(self) -> None:
        """A wake-up at midnight comes first."""
        later = slot(1, "2026-11-24 09:00", "2026-11-24 10:00")
        assert decide(snapshot(later)).action == Wait(MIDNIGHT)

    @pytest.mark.parametrize(
        ("zone", "now", "midnight"),
        [
            ("Europe/Berlin", "2026-03-28T23:00", "2026-03-29T22:00"),
            ("Africa/Cairo", "2026-04-23T12:00", "2026-04-23T22:00"),  # 00:00 is skipped
            ("Africa/Cairo", "2026-10-29T20:30", "2026-10-29T22:00"),  # 23:00 comes twice
            ("Africa/Cairo", "2026-10-29T21:30", "2026-10-29T22:00"),
            ("America/Havana", "2026-11-01T03:59", "2026-11-01T04:00"),  # 00:00 comes twice
            ("America/Havana", "2026-11-01T04:30", "2026-11-02T05:00"),
        ],
    )
    def test_midnight_where_clocks_change_about_it(
        self, zone: str, now: str, midnight: str
    ) -> None:
        """The beginning of the next date is found though midnight is skipped or repeated."""
        found = next_midnight(datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(zone))
        assert found == datetime.fromisoformat(midnight).replace(tzinfo=UTC)


class TestDelivering:
    """Something is due and nothing speaks against it."""

    def test_from_its_first_second_to_its_last(self) -> None:
        """The start belongs to a slot, the end does not."""
        one = slot(1, "12:00", "12:30")
        assert decide(snapshot(one, now=NOON - timedelta(seconds=1))).action == Wait(NOON)
        for minutes in (0, 29):
            action = decide(snapshot(one, now=NOON + timedelta(minutes=minutes))).action
            assert isinstance(action, Deliver)
            assert action.planned == one
        assert decide(snapshot(one, now=NOON + timedelta(minutes=30))).let_go

    def test_what_was_asked_for_comes_first(self) -> None:
        """`now`, then the first practice, then what was postponed, then what was planned."""
        waiting = [
            slot(1, "11:00"),
            planned("again", Kind.AGAIN, "11:00", "23:59", prompt="a-one"),
            planned("first", Kind.FIRST, "11:30", "23:59"),
            planned("now", Kind.NOW, "11:59", "12:01"),
        ]
        order = []
        while waiting:
            action = decide(snapshot(*waiting)).action
            assert isinstance(action, Deliver)
            order.append(action.planned.id)
            waiting.remove(action.planned)
        assert order == ["now", "first", "again", "slot-1"]

    def test_one_that_is_held_does_not_stop_another(self) -> None:
        """`now` comes on a locked screen, and so does what is due behind something held."""
        waiting = [slot(1, "11:00"), planned("now", Kind.NOW, "11:59", "12:01")]
        action = decide(snapshot(*waiting, context=LOCKED)).action
        assert isinstance(action, Deliver)
        assert action.planned.id == "now"
        gap = snapshot(
            slot(1, "11:00"),
            planned("again", Kind.AGAIN, "11:00", "23:59", prompt="gone"),
            planned("other", Kind.AGAIN, "11:30", "23:59", prompt="a-one"),
        )
        assert brought(gap) == PROMPTS[0]

    def test_the_same_snapshot_gives_the_same_decision(self) -> None:
        """Which prompt comes depends on the slot and the seed alone."""
        one = snapshot(slot(1, "11:00"))
        assert decide(one) == decide(one)
        others = {brought(snapshot(slot(number, "11:00"))) for number in range(1, 40)}
        assert others == set(PROMPTS)


class TestChoosing:
    """The prompt that is asked for, or the engine's."""

    def test_what_was_postponed_comes_again(self) -> None:
        """*Later* brings the same practice, also one that is switched off."""
        again = planned("again", Kind.AGAIN, "11:00", "23:59", prompt="b-one")
        of = replace(snapshot(again), pool=())
        action = decide(of).action
        assert isinstance(action, Deliver)
        assert action.choice.prompt.id == "b-one"
        assert action.choice.why == "you asked for it later"

    def test_now_can_name_a_prompt(self) -> None:
        """Whatever the settings say, the one that is named comes."""
        now = planned("now", Kind.NOW, "11:59", "12:01", prompt="c-one")
        action = decide(replace(snapshot(now), pool=())).action
        assert isinstance(action, Deliver)
        assert action.choice.prompt.id == "c-one"
        assert action.choice.why == "you asked for it"

    def test_now_can_name_a_tip(self) -> None:
        """Also a tip that the settings leave out, but never what the person switched off."""
        now = planned("now", Kind.NOW, "11:59", "12:01", tip="beta")
        of = replace(snapshot(now), pool=(), disabled=frozenset({"b-one"}))
        found = brought(of)
        assert found is not None
        assert found.id == "b-two"
        nothing_left = replace(of, disabled=frozenset({"b-one", "b-two"}))
        assert brought(nothing_left) is None

    def test_a_tip_that_is_named_keeps_to_what_needs_nobody(self) -> None:
        """Who practises alone is not asked for somebody by a theme."""
        now = planned("now", Kind.NOW, "11:59", "12:01", tip="gamma")
        assert brought(snapshot(now)) == PROMPTS[4]
        alone = Practice(("*",), ("*",), alone_only=True)
        assert brought(replace(snapshot(now), practice=alone)) is None

    def test_the_first_practice_is_the_one_that_is_marked(self) -> None:
        """And any other where no deck marks one, or the person has switched that one off."""
        first = planned("first", Kind.FIRST, "11:00", "23:59")
        action = decide(replace(snapshot(first), pool=())).action
        assert isinstance(action, Deliver)
        assert action.choice.prompt.id == "welcome"
        assert action.choice.why == "it is the first practice"
        unmarked = PROMPTS[:-1]
        of = replace(snapshot(first), prompts={one.id: one for one in unmarked}, pool=unmarked[1:2])
        assert brought(of) == unmarked[1]
        assert brought(replace(snapshot(first), pool=PROMPTS[2:3])) == PROMPTS[2]

    def test_a_slot_takes_what_has_not_been_seen_for_the_longest_time(self) -> None:
        """What was seen is handed on to the choice."""
        long_ago = NOON - timedelta(days=9)
        past = {
            one.id: Seen(one.id, one.tip, long_ago, order, long_ago)
            for order, one in enumerate(PROMPTS, 1)
        }
        of = replace(snapshot(slot(1, "11:00")), past=Past(past, {}))
        assert brought(of) == PROMPTS[0]

    def test_without_a_prompt_it_is_held_to_its_end(self) -> None:
        """An empty pool, or a prompt that no deck has any more: told as what it is."""
        for one in (
            slot(1, "11:00", "14:00"),
            planned("again", Kind.AGAIN, "11:00", "14:00", prompt="gone"),
        ):
            decision = decide(replace(snapshot(one), pool=()))
            assert decision.action == Hold(one, Reason.NO_PROMPT, utc("14:00"))


class TestLettingGo:
    """What will not come, each with its reason."""

    def test_at_the_end_with_the_last_reason_it_was_held_for(self) -> None:
        """Why it did not come is what people ask."""
        over = slot(1, "10:00", "12:00", held=Reason.LOCKED)
        assert decide(snapshot(over)).let_go == (LetGo(over, Reason.LOCKED),)

    def test_what_was_switched_off_after_later_does_not_come_again(self) -> None:
        """At once, and also before its time."""
        again = planned("again", Kind.AGAIN, "13:00", "23:59", prompt="a-one")
        of = replace(snapshot(again), disabled=frozenset({"a-one"}))
        assert decide(of).let_go == (LetGo(again, Reason.NO_PROMPT),)

    def test_at_the_end_without_a_reason_nothing_was_running(self) -> None:
        """What was never held was never looked at in time."""
        over = slot(1, "10:00", "12:00")
        assert decide(snapshot(over)).let_go == (LetGo(over, Reason.NOT_RUNNING),)

    def test_when_the_next_one_falls_due(self) -> None:
        """Never two at once, never a pile: the older slots are merged into the newest."""
        waiting = (slot(1, "09:00"), slot(3, "11:00"), slot(2, "10:00"), slot(4, "13:00"))
        decision = decide(snapshot(*waiting, context=LOCKED))
        assert set(decision.let_go) == {
            LetGo(waiting[0], Reason.MERGED),
            LetGo(waiting[2], Reason.MERGED),
        }
        assert decision.action == Hold(waiting[1], Reason.LOCKED, utc("13:00"))

    def test_over_is_over_before_it_can_be_merged(self) -> None:
        """Each tells its own reason, and only what could still come is merged."""
        over, merged, due = (
            slot(1, "08:00", "09:00"),
            slot(2, "10:00", "12:30"),
            slot(3, "11:00", "12:30"),
        )
        decision = decide(snapshot(over, merged, due))
        assert decision.let_go == (
            LetGo(over, Reason.NOT_RUNNING),
            LetGo(merged, Reason.MERGED),
        )

    def test_when_its_answer_was_corrected(self) -> None:
        """A *Later* that became *Done* calls off the next showing, due or not."""
        for start in ("11:00", "15:00"):
            again = planned("again", Kind.AGAIN, start, "23:59", prompt="a-one", withdrawn=True)
            decision = decide(snapshot(again))
            assert decision.let_go == (LetGo(again, Reason.ANSWERED),)
            assert decision.action == Wait(MIDNIGHT)

    def test_only_slots_are_merged(self) -> None:
        """What the person asked for is theirs, one by one."""
        waiting = (
            planned("again", Kind.AGAIN, "11:00", "23:59", prompt="a-one"),
            planned("other", Kind.AGAIN, "11:30", "23:59", prompt="b-one"),
            slot(1, "11:45"),
        )
        decision = decide(snapshot(*waiting, context=LOCKED))
        assert decision.let_go == ()
        assert [hold.planned.id for hold in decision.held] == ["again", "other", "slot-1"]


class TestHolding:
    """Due, but a gate is closed."""

    def test_until_the_gate_opens(self) -> None:
        """A gate that knows its end is looked at again then."""
        one = slot(1, "11:00")
        pause = Pause(NOON, NOON + timedelta(hours=1), None)
        assert decide(snapshot(one, pause=pause)).action == Hold(
            one, Reason.PAUSED, NOON + timedelta(hours=1)
        )

    def test_until_it_is_let_go(self) -> None:
        """Where nobody knows an end, or it lies too late, its own end is next."""
        one = slot(1, "11:00", "14:00")
        held = Hold(one, Reason.LOCKED, utc("14:00"))
        assert decide(snapshot(one, context=LOCKED)).action == held
        pause = Pause(NOON, NOON + timedelta(days=1), None)
        assert decide(snapshot(one, pause=pause)).action == replace(held, reason=Reason.PAUSED)

    def test_until_something_else_falls_due(self) -> None:
        """The wake-up is the earliest of all, while each held one keeps its own end."""
        again = planned("again", Kind.AGAIN, "11:00", "23:59", prompt="a-one")
        waiting = (slot(1, "11:00", "14:00"), again, slot(2, "13:00"))
        decision = decide(snapshot(*waiting, context=LOCKED))
        assert decision.action == Hold(again, Reason.LOCKED, utc("13:00"))
        assert decision.held == (
            Hold(again, Reason.LOCKED, utc("23:59")),
            Hold(waiting[0], Reason.LOCKED, utc("14:00")),
        )

    def test_until_midnight_at_the_latest(self) -> None:
        """A new date has a new cap."""
        night = slot(1, "11:00", "2026-11-24 03:00")
        assert decide(snapshot(night, came_today=4)).action == Hold(night, Reason.CAP, MIDNIGHT)

    def test_every_kind_for_its_own_reason(self) -> None:
        """Beside a snoozed one that is held for the lock, a slot is held for the pause, say."""
        again = planned("again", Kind.AGAIN, "11:00", "23:59", prompt="gone")
        one = slot(1, "11:00")
        decision = decide(snapshot(again, one, came_today=4))
        assert [hold.reason for hold in decision.held] == [Reason.NO_PROMPT, Reason.CAP]


def test_a_plan_in_wall_time_follows_the_person() -> None:
    """The same slot at ten is nine hours later in Los Angeles."""
    one = slot(1, "13:00")
    at_home = decide(snapshot(one)).action
    away = decide(snapshot(one, zone=ZoneInfo("America/Los_Angeles"))).action
    assert at_home == Wait(utc("13:00"))
    assert isinstance(away, Wait)
    assert away.until == min(utc("13:00") + timedelta(hours=9), MIDNIGHT + timedelta(hours=9))


@pytest.mark.parametrize(
    ("context", "closed"),
    [
        (Context(do_not_disturb=True, locked=True), (Reason.DO_NOT_DISTURB, Reason.LOCKED)),
        (Context(in_call=True, unsignalled=frozenset({Reason.IN_CALL})), ()),
        (
            Context(locked=True, away_seconds=900, unsignalled=frozenset({Reason.AWAY})),
            (Reason.LOCKED,),
        ),
        (Context(away_seconds=900), (Reason.AWAY,)),
        (Context(locked=False, away_seconds=10), ()),
    ],
)
def test_what_holds_everything_back_is_told_as_far_as_its_end_will_be(
    context: Context, closed: tuple[Reason, ...]
) -> None:
    """Due or not; the end of a call is told by nobody, so it is not said to go on."""
    for waiting in ((), (slot(1, "10:00", "12:30"),)):
        assert decide(snapshot(*waiting, context=context)).closed == closed
