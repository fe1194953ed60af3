"""Deliveries in the store: planned, claimed once, ended once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from reminderd.adapters.store.store import Store
from reminderd.app.snoozing import plan_snoozed
from reminderd.core.model import Answer, Kind, Pause, Reason, Slot, Source
from reminderd.core.notice import Posted
from tests.fakes import choice
from tests.unit.adapters.kept import PROMPT, TEXT, TODAY, Kept


class TestPlan:
    """Rows of a date's plan."""

    def test_slots_wait_in_the_order_of_the_wall(self, kept: Kept) -> None:
        """Key, start and end come back as they were planned."""
        kept.plan(10, 15)
        assert [
            (one.kind, one.slot, one.local_at.hour, one.local_until.hour)
            for one in kept.store.deliveries.waiting()
        ] == [
            (Kind.SLOT, Slot(TODAY, 1), 10, 12),
            (Kind.SLOT, Slot(TODAY, 2), 15, 17),
        ]

    def test_numbers_go_on_after_a_claim(self, kept: Kept) -> None:
        """A new plan never gives a slot the name of one that was brought."""
        first, _ = kept.plan(10, 15)
        kept.clock.set("2026-11-23 10:00")
        kept.show(first)
        kept.plan(11, 14)
        waiting = kept.store.deliveries.waiting()
        assert [str(one.slot) for one in waiting] == ["2026-11-23#3", "2026-11-23#4"]

    def test_what_has_passed_or_was_claimed_stays(self, kept: Kept) -> None:
        """Only what lies ahead and is nobody's is exchanged."""
        behind, claimed, _ = kept.plan(8, 11, 12)
        assert kept.claim(claimed)
        kept.plan(13)
        assert [one.local_at.hour for one in kept.store.deliveries.waiting()] == [8, 13]
        kept.store.deliveries.record_shown(claimed, Posted("", 0), kept.clock.present())
        assert kept.store.reading.outcome(claimed) == ("shown", None)
        assert kept.store.deliveries.waiting()[0].id == behind

    def test_what_was_answered_before_it_was_refused_stays(self, kept: Kept) -> None:
        """The answer belongs to it, and the clock may have been set back since."""
        kept.clock.set("2026-11-23 10:00")
        (refused,) = kept.plan(10)
        kept.clock.set("2026-11-23 09:00")
        assert kept.claim(refused)
        kept.answer(Answer.DONE, refused)
        kept.store.deliveries.release(refused)
        kept.plan(13)
        assert [one.local_at.hour for one in kept.store.deliveries.waiting()] == [10, 13]

    def test_another_date_is_left_alone(self, kept: Kept) -> None:
        """Each date has its own plan and its own numbers."""
        kept.plan(10, day=date(2026, 11, 24))
        kept.plan(10)
        kept.plan(11)
        assert [str(one.slot) for one in kept.store.deliveries.waiting()] == [
            "2026-11-23#2",
            "2026-11-24#1",
        ]

    def test_moments_tell_their_source_while_they_wait(self, kept: Kept) -> None:
        """What has been claimed or asked for is no coming moment."""
        first, second = kept.plan(10, 15)
        kept.store.deliveries.add_now(kept.clock.present(), timedelta(minutes=2), None, None)
        kept.claim(first)
        found = kept.store.deliveries.planned_moments(TODAY, TODAY)
        assert [(one.id, source) for one, source in found] == [(second, Source.RANDOM)]
        assert kept.store.deliveries.planned_moments(date(2026, 11, 24), TODAY) == []

    def test_half_a_plan_is_no_plan(self, kept: Kept) -> None:
        """What is done in one transaction is undone as one."""
        before = kept.plan(10, 15)

        def half_way() -> None:
            with kept.store.transaction():
                kept.store.deliveries.replace_plan(TODAY, [], kept.clock.present())
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half_way()
        assert [one.id for one in kept.store.deliveries.waiting()] == before


class TestClaim:
    """A delivery becomes ours once, and for good."""

    def test_succeeds_once(self, kept: Kept) -> None:
        """The second claim of the same delivery fails, from whatever connection."""
        (one,) = kept.plan(10)
        assert kept.claim(one)
        assert not kept.claim(one)
        other = Store(kept.path, kept.clock.present())
        assert not other.deliveries.claim(
            *(one, other.version(), choice(), TEXT, kept.clock.present())
        )
        other.close()

    def test_takes_it_out_of_what_waits(self, kept: Kept) -> None:
        """What is claimed is no longer planned, and keeps what is about to be shown."""
        (one,) = kept.plan(10)
        kept.claim(one)
        assert kept.store.deliveries.waiting() == ()
        newest = kept.store.reading.newest()
        assert newest is not None
        assert (newest.id, newest.prompt, newest.tip, newest.text) == (one, *PROMPT, TEXT)
        assert newest.outcome is None

    def test_fails_when_anything_was_committed_since(self, kept: Kept) -> None:
        """A pause, an answer, whatever: the snapshot is out of date. Afterwards it succeeds."""
        (one,) = kept.plan(10)
        version = kept.store.version()
        other = Store(kept.path, kept.clock.present())
        other.answers.add_pause(
            Pause(kept.clock.now, kept.clock.now + timedelta(hours=2), None), kept.clock.present()
        )
        args = (choice(), TEXT, kept.clock.present())
        assert not kept.store.deliveries.claim(one, version, *args)
        assert kept.store.deliveries.waiting()[0].id == one
        assert kept.store.deliveries.claim(one, kept.store.version(), *args)
        other.close()

    def test_does_not_mind_what_this_connection_wrote(self, kept: Kept) -> None:
        """A tick lets go and holds before it claims."""
        first, second = kept.plan(9, 10)
        version = kept.store.version()
        kept.store.deliveries.let_go([(first, Reason.MERGED)], kept.clock.present())
        args = (choice(), TEXT, kept.clock.present())
        assert kept.store.deliveries.claim(second, version, *args)

    def test_can_be_taken_back(self, kept: Kept) -> None:
        """A refused one waits again as if nothing had been; only why it waits is kept."""
        (one,) = kept.plan(10)
        before = kept.store.deliveries.waiting()
        kept.claim(one)
        kept.store.deliveries.release(one)
        assert kept.store.deliveries.waiting() == before
        assert kept.store.reading.newest() is None
        assert kept.store.known.past(kept.clock.now).seen == {}
        assert kept.claim(one, ("b-one", "beta"))

    def test_taken_back_keeps_what_was_asked_for(self, kept: Kept) -> None:
        """`now --prompt` still brings the prompt that was named."""
        asked = kept.store.deliveries.add_now(
            *(kept.clock.present(), timedelta(minutes=2), "a-one", None)
        )
        kept.claim(asked)
        kept.store.deliveries.release(asked)
        assert [one.prompt for one in kept.store.deliveries.waiting()] == ["a-one"]

    def test_cannot_be_taken_back_after_its_outcome(self, kept: Kept) -> None:
        """What was shown was shown."""
        (one,) = kept.plan(10)
        kept.show(one)
        kept.store.deliveries.release(one)
        kept.store.deliveries.record_failed(one, Reason.NO_REPLY, kept.clock.present())
        kept.store.deliveries.let_go([(one, Reason.MERGED)], kept.clock.present())
        assert kept.store.reading.outcome(one) == ("shown", None)
        assert kept.store.deliveries.waiting() == ()

    def test_that_nobody_finished_is_interrupted(self, kept: Kept) -> None:
        """At the next start it has failed, is never repeated, and can still be answered."""
        first, second = kept.plan(10, 12)
        kept.claim(first)
        assert kept.store.deliveries.record_interrupted(kept.clock.present()) == 1
        assert kept.store.deliveries.record_interrupted(kept.clock.present()) == 0
        assert kept.store.reading.outcome(first) == ("failed", "interrupted")
        assert [one.id for one in kept.store.deliveries.waiting()] == [second]
        kept.answer(Answer.DONE, first)
        newest = kept.store.reading.newest()
        assert newest is not None
        assert (newest.id, newest.answer) == (first, Answer.DONE)


class TestHold:
    """Why something waits."""

    def test_is_written_once_for_each_reason(self, kept: Kept) -> None:
        """Holding for the same reason again writes nothing, a new reason replaces the old."""
        (one,) = kept.plan(10)
        other = Store(kept.path, kept.clock.present())
        kept.store.deliveries.hold(one, Reason.LOCKED, kept.clock.present())
        version = other.version()
        kept.clock.forward(minutes=1)
        kept.store.deliveries.hold(one, Reason.LOCKED, kept.clock.present())
        assert other.version() == version
        kept.store.deliveries.hold(one, Reason.CAP, kept.clock.present())
        assert [held.held for held in other.deliveries.waiting()] == [Reason.CAP]
        other.close()

    def test_does_not_touch_what_was_claimed(self, kept: Kept) -> None:
        """A reason to wait comes too late for what is being brought."""
        (one,) = kept.plan(10)
        kept.claim(one)
        kept.store.deliveries.hold(one, Reason.LOCKED, kept.clock.present())
        assert kept.raw("SELECT held_reason FROM delivery") == [(None,)]


class TestFirstPractice:
    """Once per installation."""

    def test_is_planned_once(self, kept: Kept) -> None:
        """At the first start, not at the second."""
        until = datetime(2026, 11, 25)  # noqa: DTZ001 -- wall time
        assert kept.store.deliveries.add_first(kept.clock.present(), until)
        assert not kept.store.deliveries.add_first(kept.clock.present(), until)
        assert [one.kind for one in kept.store.deliveries.waiting()] == [Kind.FIRST]

    def test_is_not_planned_where_there_is_a_past(self, kept: Kept) -> None:
        """Whoever has had a practice of the plan needs no first one."""
        (one,) = kept.plan(8)
        kept.show(one)
        until = datetime(2026, 11, 25)  # noqa: DTZ001 -- wall time
        assert not kept.store.deliveries.add_first(kept.clock.present(), until)

    def test_is_planned_though_one_was_asked_for(self, kept: Kept) -> None:
        """`now` before the first start takes nothing away from it."""
        kept.show_now()
        until = datetime(2026, 11, 25)  # noqa: DTZ001 -- wall time
        assert kept.store.deliveries.add_first(kept.clock.present(), until)


class TestLater:
    """Showings after *Later*."""

    def test_are_asked_for_until_they_are_planned(self, kept: Kept) -> None:
        """Each with the time of the answer and the length that was given, if one was."""
        one = kept.show_now()
        assert kept.store.deliveries.snoozed() == []
        kept.answer(Answer.LATER, one, snooze=timedelta(minutes=40))
        assert kept.store.deliveries.snoozed() == [(one, kept.clock.now, timedelta(minutes=40))]
        local = kept.clock.local
        kept.store.deliveries.add_again(
            *(one, local, local + timedelta(hours=1), kept.clock.present())
        )
        assert kept.store.deliveries.snoozed() == []
        (again,) = kept.store.deliveries.waiting()
        assert (again.kind, again.prompt, again.tip, again.showing) == (Kind.AGAIN, *PROMPT, 2)
        assert not again.withdrawn

    def test_are_called_off_by_a_correction(self, kept: Kept) -> None:
        """Another answer after *Later* withdraws what it called for, planned or not."""
        one = kept.show_now()
        kept.answer(Answer.LATER, one)
        local = kept.clock.local
        kept.store.deliveries.add_again(
            *(one, local, local + timedelta(hours=1), kept.clock.present())
        )
        kept.clock.forward(minutes=1)
        kept.answer(Answer.DONE, one)
        assert [again.withdrawn for again in kept.store.deliveries.waiting()] == [True]
        other = kept.show_now()
        kept.answer(Answer.LATER, other)
        kept.clock.forward(minutes=1)
        kept.answer(Answer.HARD, other)
        assert kept.store.deliveries.snoozed() == []

    def test_stay_once_they_were_answered_themselves(self, kept: Kept) -> None:
        """Saying *Later* again takes back what waits, not what has an answer of its own."""
        delivery = kept.show_now()
        kept.answer(Answer.LATER, delivery)
        plan_snoozed(kept.store, timedelta(minutes=20), kept.clock.present())
        (again,) = kept.store.deliveries.waiting()
        assert kept.claim(again.id)
        kept.answer(Answer.DONE, again.id)
        kept.store.deliveries.release(again.id)
        kept.answer(Answer.LATER, delivery)
        assert [one.id for one in kept.store.deliveries.waiting()] == [again.id]

    def test_of_something_unknown_are_not_made_up(self, kept: Kept) -> None:
        """A parent that does not exist has no next showing."""
        local = kept.clock.local
        kept.store.deliveries.add_again("nobody", local, local, kept.clock.present())
        assert kept.store.deliveries.waiting() == ()

    def test_long_ago_matter_no_more(self, kept: Kept) -> None:
        """Fifty deliveries later nobody waits for it."""
        kept.answer(Answer.LATER, kept.show_now())
        for _ in range(50):
            kept.show_now()
        assert kept.store.deliveries.snoozed() == []
