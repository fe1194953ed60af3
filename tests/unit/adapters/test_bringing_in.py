"""What joins a history that is there: it lies before it, and takes nothing from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store.records import RECORDS, RefusedError, checked
from reminderd.app.restoring import close_restored
from reminderd.app.snoozing import plan_snoozed
from reminderd.core.model import (
    Answer,
    Kind,
    PaceSettings,
    Pause,
    Practice,
    Preferences,
    Quiet,
    Reason,
)
from reminderd.core.notice import Posted
from tests.fakes import cadence
from tests.property.lived import machine
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reminderd.adapters.store.bringing_in import Brought
    from reminderd.adapters.store.records import Row

DAY = timedelta(days=1)


Machine = Callable[[str], Kept]


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Machine]:
    """Make a new store on a machine of that name."""
    made: list[Kept] = []

    def on(name: str) -> Kept:
        with machine(name):
            made.append(Kept(tmp_path / f"{len(made)}.db"))
        return made[-1]

    yield on
    for kept in made:
        kept.store.close()


@pytest.fixture
def here(on: Machine) -> Kept:
    """This machine."""
    return on("here")


@pytest.fixture
def there(on: Machine) -> Kept:
    """Another machine."""
    return on("there")


@pytest.fixture
def before(on: Machine) -> Kept:
    """This machine, before it was set up anew."""
    return on("here")


def taken_out(kept: Kept) -> list[tuple[str, Row]]:
    with kept.store.records(everything=True) as found:
        return list(found)


def bring_in(here: Kept, records: list[tuple[str, Row]]) -> Brought:
    return here.store.bring_in(records, here.clock.present())


def join(here: Kept, other: Kept) -> None:
    bring_in(here, taken_out(other))


def slots(kept: Kept) -> list[tuple[object, ...]]:
    """Return each slot's number and outcome, in the order of storing."""
    return kept.raw("SELECT slot_number, outcome FROM delivery WHERE kind = 'slot' ORDER BY seq")


class TestOrder:
    """What came last, by count and never by clock."""

    def test_the_newest_stays_the_newest(self, here: Kept, there: Kept) -> None:
        """Whatever came elsewhere since: only what came here can be answered as the last."""
        mine = here.show_now()
        there.clock.now += DAY
        there.show_now()
        join(here, there)
        newest = here.store.reading.newest()
        assert newest is not None
        assert newest.id == mine

    def test_what_comes_in_keeps_its_own_order(self, here: Kept, there: Kept) -> None:
        """Also where a clock stepped back in between."""
        first = there.show_now()
        there.clock.now -= DAY
        second = there.show_now()
        mine = here.show_now()
        join(here, there)
        assert here.raw("SELECT id FROM delivery ORDER BY claim_order") == [
            (first,),
            (second,),
            (mine,),
        ]

    def test_in_an_empty_store_all_is_as_it_was(self, here: Kept, there: Kept) -> None:
        """The last that came there is the last here, and what comes next comes after it."""
        last = [there.show_now() for _ in range(3)][-1]
        join(here, there)
        newest = here.store.reading.newest()
        assert newest is not None
        assert newest.id == last
        here.show_now()
        assert here.raw("SELECT claim_order FROM delivery ORDER BY seq") == [(1,), (2,), (3,), (4,)]

    def test_nothing_that_was_put_off_elsewhere_comes_here(self, here: Kept, there: Kept) -> None:
        """It was to come again on the machine that it came on."""
        there.answer(Answer.LATER, there.show_now())
        join(here, there)
        plan_snoozed(here.store, timedelta(minutes=20), here.clock.present())
        assert here.store.deliveries.waiting() == ()

    def test_the_first_practice_is_not_brought_again(self, here: Kept, there: Kept) -> None:
        """Whoever brings a history has begun."""
        there.show(there.plan(10)[0])
        join(here, there)
        present = here.clock.present()
        assert not here.store.deliveries.add_first(present, present.local + DAY)


@pytest.mark.parametrize("zone", ["Atlantis", "America"])
def test_what_came_in_no_known_place_is_explained(zone: str, here: Kept, before: Kept) -> None:
    """`why` takes the present zone for one that this system has not, or has as a folder."""
    before.show_now()
    bring_in(here, [(kind, row | {"zone": zone}) for kind, row in taken_out(before)])
    assert here.store.accounts.last(here.clock.present()) is not None


class TestOnce:
    """What one machine has once, in two histories of it: as after it was set up anew."""

    def test_a_plan_gives_its_number_to_what_came(self, here: Kept, before: Kept) -> None:
        """The plan stands, under the next free number."""
        here.plan(15, 16)
        before.show(before.plan(10)[0])
        join(here, before)
        assert slots(here) == [(3, None), (2, None), (1, "shown")]

    def test_what_came_keeps_its_number(self, here: Kept, before: Kept) -> None:
        """The other gets the next free one."""
        here.show(here.plan(15, 16)[0])
        before.show(before.plan(10)[0])
        join(here, before)
        assert slots(here) == [(1, "shown"), (2, None), (3, "shown")]

    @pytest.mark.parametrize("shown_here", [True, False])
    def test_there_is_one_first_practice(self, shown_here: bool, here: Kept, before: Kept) -> None:
        """One that is only planned is over; of two that came the second counts as asked for."""
        for kept in (before, here):
            present = kept.clock.present()
            kept.store.deliveries.add_first(present, present.local + DAY)
            (planned,) = kept.store.deliveries.waiting()
            if kept is before or shown_here:
                kept.show(planned.id)
        join(here, before)
        kinds = here.raw("SELECT kind FROM delivery ORDER BY seq")
        assert kinds == ([("first",), ("now",)] if shown_here else [("first",)])
        assert here.store.deliveries.waiting() == ()

    @pytest.mark.parametrize("shown_here", [True, False])
    def test_what_was_put_off_comes_again_once(
        self, shown_here: bool, here: Kept, on: Machine
    ) -> None:
        """An older copy of the database goes on by itself, and so does the newer one."""
        delivery = here.show_now()
        here.answer(Answer.LATER, delivery)
        other = on("here")
        join(other, here)
        for kept in (here, other):
            plan_snoozed(kept.store, timedelta(minutes=20), kept.clock.present())
            (again,) = kept.store.deliveries.waiting()
            if kept is other or shown_here:
                kept.show(again.id)
        join(here, other)
        kinds = here.raw("SELECT kind FROM delivery WHERE seq > 1 ORDER BY seq")
        assert kinds == ([("again",), ("now",)] if shown_here else [("again",)])
        assert here.store.deliveries.waiting() == ()


class TestFurther:
    """What went further elsewhere than it did here, as where an older copy was put back."""

    def test_what_came_meanwhile_does_not_come_here(self, here: Kept, before: Kept) -> None:
        """The plan of the copy has it still ahead."""
        (slot,) = before.plan(10)
        record = one_of(before, slot)
        before.show(slot)
        shown = taken_out(before)
        with closing(sqlite3.connect(here.path)) as copy, copy:
            names, marks = ", ".join(record), ", ".join("?" * len(record))
            copy.execute(
                f"INSERT INTO delivery ({names}) VALUES ({marks})",  # noqa: S608 -- names of ours
                tuple(record.values()),
            )
        assert [one.id for one in here.store.deliveries.waiting()] == [slot]
        bring_in(here, shown)
        assert here.store.deliveries.waiting() == ()
        assert here.store.reading.outcome(slot) == ("shown", None)

    @pytest.mark.parametrize(("ago", "is_near"), [(timedelta(hours=1), True), (2 * DAY, False)])
    def test_nothing_follows_on_the_heels_of_what_came_lately(
        self, ago: timedelta, is_near: bool, here: Kept, before: Kept
    ) -> None:
        """What is planned was planned without knowing of it; what came long ago is long ago."""
        before.clock.now -= ago
        before.show_now()
        (soon,) = here.plan(10)
        join(here, before)
        preferences = Preferences(
            cadence=cadence(min_gap=90),
            quiet=Quiet(()),
            pace=PaceSettings(ramp_up=False, back_off=False),
            practice=Practice(("*",), ("*",), alone_only=False),
            discretion="never",
            snooze=timedelta(minutes=20),
        )
        close_restored(here.store, preferences, here.clock.present())
        outcome = ("missed", "restored") if is_near else (None, None)
        assert here.store.reading.outcome(soon) == outcome

    def test_an_outcome_reaches_what_was_only_claimed(self, here: Kept, there: Kept) -> None:
        """Whichever of the two exports comes first."""
        (slot,) = there.plan(10)
        assert there.claim(slot)
        claimed = taken_out(there)
        there.store.deliveries.record_shown(slot, Posted("", 0), there.clock.present())
        shown = taken_out(there)
        assert bring_in(here, claimed).new["practice"] == 1
        assert bring_in(here, shown).new["practice"] == 1
        assert bring_in(here, claimed).known["practice"] == 1
        assert here.store.reading.outcome(slot) == ("shown", None)


class TestPauses:
    """A pause holds where it was asked for."""

    def test_from_elsewhere_changes_nothing_here(self, here: Kept, there: Kept) -> None:
        """Neither a pause nor the end of one, however new."""
        pause(here, timedelta(hours=2))
        there.clock.now += timedelta(minutes=5)
        pause(there, timedelta())
        mine = here.store.answers.pause()
        join(here, there)
        assert here.store.answers.pause() == mine
        pause(here, timedelta(hours=1))
        assert here.store.answers.pause() != mine

    def test_on_a_new_machine_it_goes_on(self, here: Kept, there: Kept) -> None:
        """Who moves to another machine in a quiet week has a quiet week there."""
        for length in (timedelta(hours=2), 7 * DAY):
            pause(there, length)
        join(here, there)
        assert here.store.answers.pause() == there.store.answers.pause()


class TestRefusals:
    """Nothing comes in of a file in which one record does not fit."""

    def test_what_is_only_planned(self, here: Kept, before: Kept) -> None:
        """An import never makes anything come."""
        (slot,) = before.plan(10)
        refused(here, [("delivery", one_of(before, slot))], "outcome: ")

    def test_an_answer_to_nothing(self, here: Kept, there: Kept) -> None:
        """Nor does a hold or another showing hang in the air."""
        delivery = there.show_now()
        there.answer(Answer.LATER, delivery)
        plan_snoozed(there.store, timedelta(minutes=20), there.clock.present())
        there.store.deliveries.hold(
            there.store.deliveries.waiting()[0].id, Reason.LOCKED, there.clock.present()
        )
        there.show(there.store.deliveries.waiting()[0].id)
        for kind, row in taken_out(there):
            if kind != "delivery" or row["kind"] == Kind.AGAIN:
                refused(here, [(kind, row)], "a delivery that is neither here nor before it")

    def test_the_same_twice(self, here: Kept, there: Kept) -> None:
        """Whichever of the two is meant."""
        there.answer(Answer.DONE, there.show_now())
        for record in (records := taken_out(there)):
            refused(here, [*records, record], "a second time")

    def test_two_in_one_place(self, here: Kept, there: Kept) -> None:
        """The order would be nobody's."""
        there.show_now()
        there.show_now()
        records = [(kind, row | {"claim_order": 1}) for kind, row in taken_out(there)]
        refused(here, records, "claim_order: found 1 a second time")


def refused(here: Kept, records: list[tuple[str, Row]], told: str) -> None:
    """Expect that records are refused, and that nothing has changed."""
    was = here.raw("SELECT * FROM sqlite_sequence")
    with pytest.raises(RefusedError) as caught:
        bring_in(here, [(kind, checked(kind, row)) for kind, row in records])
    assert told in f"{caught.value.key}: {caught.value.told}"
    assert here.raw("SELECT * FROM sqlite_sequence") == was
    for table in ("delivery", "response", "hold", "choice", "pause"):
        assert here.raw(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 -- names of ours


def one_of(kept: Kept, delivery: str) -> Row:
    """Return a delivery as a record, also one that does not travel yet."""
    names = ", ".join(RECORDS["delivery"])
    (row,) = kept.raw(f"SELECT {names} FROM delivery WHERE id = '{delivery}'")  # noqa: S608 -- ours
    return dict(zip(RECORDS["delivery"], row, strict=True))  # type: ignore[arg-type]  # plain values


def pause(kept: Kept, length: timedelta) -> None:
    present = kept.clock.present()
    kept.store.answers.add_pause(Pause(present.now, present.now + length, None), present)
