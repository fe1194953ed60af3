"""Whatever is planned and whatever stands in the way: what every decision has to keep."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import event, given
from hypothesis import strategies as st

from reminderd.core.decision import Decision, Deliver, Hold, Snapshot, Wait, decide
from reminderd.core.gates import Situation, first_closed
from reminderd.core.history import Came
from reminderd.core.model import Context, Kind, Pause, Planned, Practice, Quiet, Reason, Slot
from reminderd.core.selection import Past
from reminderd.core.walltime import local_now, resolve
from tests import strategies
from tests.fakes import PROMPTS, cadence

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from reminderd.core.model import Window

LIMIT = timedelta(days=2)

PRACTICE = Practice(("*",), ("*",), alone_only=False)


minutes = st.integers(-400, 400)


@st.composite
def waitings(draw: st.DrawFn, local: datetime) -> tuple[Planned, ...]:
    """Deliveries that may wait about a wall time: slots, snoozed ones, asked for ones."""
    found = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        kind = draw(st.sampled_from((Kind.SLOT, Kind.SLOT, *Kind)))
        start = local.replace(second=0, fold=0) + timedelta(minutes=draw(minutes))
        if kind is not Kind.SLOT:
            start = start.replace(fold=draw(st.integers(0, 1)))
        found.append(
            Planned(
                id=f"{number}",
                kind=kind,
                slot=Slot(local.date(), number) if kind is Kind.SLOT else None,
                local_at=start,
                local_until=start + timedelta(minutes=draw(st.integers(1, 900))),
                prompt=draw(st.sampled_from((None, "a-one", "gone"))) if kind == "again" else None,
                withdrawn=kind is Kind.AGAIN and draw(st.booleans()),
                held=draw(st.sampled_from((None, Reason.LOCKED))),
            )
        )
    return tuple(found)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Snapshots, often beside a clock change, now and then with a gate or two closed."""
    zone, day = draw(strategies.places())
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=draw(st.integers(-43_200, 86_400))
    )

    def rarely(value: st.SearchStrategy[int]) -> timedelta | None:
        return None if draw(st.integers(0, 4)) else timedelta(minutes=draw(value))

    paused, shown, refused = rarely(minutes), rarely(minutes), rarely(st.integers(1, 10))
    unknown = st.sampled_from((None, None, False, True))
    situation = Situation(
        now=now,
        zone=zone,
        cadence=cadence(max_per_day=4),
        quiet=Quiet(draw(strategies.window_lists(1)) if not draw(st.integers(0, 3)) else ()),
        pause=Pause(now - timedelta(hours=1), now + paused, None) if paused else None,
        context=Context() if draw(st.integers(0, 3)) else draw(st.builds(Context, *[unknown] * 4)),
        last=Came("other", now + shown) if shown else None,
        came_today=draw(st.sampled_from((0, 0, 0, 3, 4))),
        server_until=now + refused if refused else None,
    )
    prompts = PROMPTS if draw(st.integers(0, 4)) else ()
    return Snapshot(
        situation=situation,
        planned=draw(waitings(local_now(now, zone))),
        prompts={one.id: one for one in prompts},
        pool=prompts,
        past=Past({}, {}),
        practice=PRACTICE,
        seed="seed",
    )


def begins(one: Planned, of: Snapshot) -> datetime:
    return resolve(one.local_at, of.situation.zone)


def ends(one: Planned, of: Snapshot) -> datetime:
    return resolve(one.local_until, of.situation.zone)


@given(snapshots())
def test_only_what_is_due_and_free_is_delivered(of: Snapshot) -> None:
    """Begun, not over, not called off, and with every gate open that it has to obey."""
    match decide(of).action:
        case Deliver(planned=one):
            event(f"delivers {one.kind}")
            assert begins(one, of) <= of.situation.now < ends(one, of)
            assert not one.withdrawn
            assert first_closed(one.kind, of.situation) is None


@given(snapshots())
def test_each_is_let_go_or_held_or_waits_and_never_two_of_them(of: Snapshot) -> None:
    """What is let go is told once with a reason that is true of it; one slot at most is held."""
    now = of.situation.now
    decision = decide(of)
    gone = [one.planned.id for one in decision.let_go]
    held = [one.planned.id for one in decision.held]
    acted = [decision.action.planned.id] if isinstance(decision.action, Deliver) else []
    assert len(gone + held + acted) == len({*gone, *held, *acted})
    for one in decision.let_go:
        match one.reason:
            case Reason.ANSWERED:
                assert one.planned.withdrawn
            case Reason.MERGED:
                newer = [
                    other
                    for other in of.planned
                    if other.kind is Kind.SLOT and other.id not in gone
                ]
                assert any(begins(one.planned, of) <= begins(other, of) <= now for other in newer)
            case reason:
                assert ends(one.planned, of) <= now
                assert reason == (one.planned.held or Reason.NOT_RUNNING)
    kept = [one for one in of.planned if one.id not in gone]
    assert all(now < ends(one, of) and not one.withdrawn for one in kept)
    assert len([one for one in kept if one.kind is Kind.SLOT and begins(one, of) <= now]) <= 1


@given(snapshots())
def test_what_is_due_and_stays_is_told_as_held(of: Snapshot) -> None:
    """Unless something is delivered, all that is due has a reason, and the first is the action."""
    decision = decide(of)
    if isinstance(decision.action, Deliver):
        return
    gone = {one.planned.id for one in decision.let_go}
    due = {
        one.id for one in of.planned if one.id not in gone and begins(one, of) <= of.situation.now
    }
    assert {hold.planned.id for hold in decision.held} == due
    match decision.action:
        case Hold(planned=one, reason=reason):
            assert (one, reason) == (decision.held[0].planned, decision.held[0].reason)
        case Wait():
            assert not due


@given(snapshots())
def test_the_next_look_lies_ahead_and_misses_nothing(of: Snapshot) -> None:
    """It is after now, within two days, and before anything begins or ends or may open."""
    decision = decide(of)
    if isinstance(decision.action, Deliver):
        return
    until, now = decision.action.until, of.situation.now
    assert now < until <= now + LIMIT
    for one in of.planned:
        if begins(one, of) > now and not one.withdrawn and ends(one, of) > now:
            assert until <= begins(one, of)
    for hold in decision.held:
        assert now < hold.until <= ends(hold.planned, of)
        assert until <= hold.until
    assert until.astimezone(of.situation.zone).date() <= now.astimezone(
        of.situation.zone
    ).date() + timedelta(days=1)


@given(snapshots())
def test_deciding_twice_changes_nothing(of: Snapshot) -> None:
    """A tick is safe to repeat: what is left after a decision leads to the same action."""
    decision = decide(of)
    gone = {one.planned.id for one in decision.let_go}
    left = tuple(one for one in of.planned if one.id not in gone)
    again = decide(dataclasses.replace(of, planned=left))
    assert again == dataclasses.replace(decision, let_go=())


@strategies.fewer(8)  # each looks three thousand times
@given(
    place=strategies.places(),
    starts=st.lists(st.integers(0, 1439), max_size=6),
    length=st.integers(1, 600),
    quiet=strategies.window_lists(2),
    pause=st.tuples(st.integers(0, 1439), st.integers(1, 600)),
)
def test_looking_when_told_brings_the_same_as_looking_all_the_time(
    place: tuple[ZoneInfo, date],
    starts: list[int],
    length: int,
    quiet: tuple[Window, ...],
    pause: tuple[int, int],
) -> None:
    """From wake-up to wake-up nothing comes later than if it had looked every minute."""
    zone, day = place
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- wall time
    waiting = tuple(
        Planned(
            *(f"{number}", Kind.SLOT, Slot(day, number)),
            midnight + timedelta(minutes=start),
            midnight + timedelta(minutes=start + length),
        )
        for number, start in enumerate(sorted(starts), 1)
    )
    begin = resolve(midnight, zone)
    silence = Pause(*(begin + timedelta(minutes=pause[0]), None, None))
    silence = dataclasses.replace(silence, until_at=silence.at + timedelta(minutes=pause[1]))

    def lived(*, every_minute: bool) -> list[tuple[datetime, str, str]]:
        now, last, left, told = begin, None, waiting, []
        while now < begin + timedelta(hours=49):
            here = Situation(
                now=now,
                zone=zone,
                cadence=cadence(),
                quiet=Quiet(quiet),
                pause=silence if silence.at <= now else None,
                context=Context(),
                last=Came("other", last) if last else None,
                came_today=0,
                server_until=None,
            )
            decision = decide(Snapshot(here, left, {}, PROMPTS, Past({}, {}), PRACTICE, "seed"))
            gone = {one.planned.id: one.reason.value for one in decision.let_go}
            if isinstance(decision.action, Deliver):
                gone[decision.action.planned.id] = "shown"
                last = now
            told += [(now, one, how) for one, how in sorted(gone.items())]
            left = tuple(
                dataclasses.replace(one, held=_reason(decision, one))
                for one in left
                if one.id not in gone
            )
            if every_minute:
                now += timedelta(minutes=1)
            elif not isinstance(decision.action, Deliver):
                # A pause that begins is a commit, and a commit wakes.
                until = decision.action.until
                now = min(until, silence.at) if now < silence.at else until
        return told

    expected = lived(every_minute=True)
    assert lived(every_minute=False) == expected
    event(f"{sum(how == 'shown' for _, _, how in expected)} shown")


def _reason(decision: Decision, one: Planned) -> Reason | None:
    held = {hold.planned.id: hold.reason for hold in decision.held}
    return held.get(one.id, one.held)
