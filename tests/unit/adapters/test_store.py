"""What the store keeps and tells, on real databases."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.store import rows, store
from reminderd.adapters.store.store import Store
from reminderd.core.cadence import Moment
from reminderd.core.history import ShownText
from reminderd.core.model import Answer, Kind, Outcome, Pause, Reason, Slot, Source, When
from reminderd.core.notice import Posted
from reminderd.errors import UnknownNameError
from tests import strategies
from tests.fakes import BERLIN, FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 23)
TEXT = ShownText("A title", "A body with an “ä”", "A cue", When.NEXT)
PROMPT = ("a-one", "alpha")


class Kept:
    """A store and the clock it is used by."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock(datetime(2000, 1, 1, tzinfo=UTC))
        self.clock.set("2026-11-23 09:00")
        self.store = Store(path, self.clock.present())

    def plan(self, *hours: int, day: date = TODAY) -> list[str]:
        """Plan slots of a date, each good for two hours; return the ids of those that wait."""
        start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- wall time
        moments = [
            Moment(
                *(start + timedelta(hours=hour), start + timedelta(hours=hour + 2)),
                Source.RANDOM,
            )
            for hour in hours
        ]
        with self.store.transaction():
            self.store.deliveries.replace_plan(day, moments, self.clock.present())
        return [one.id for one in self.store.deliveries.waiting() if one.slot]

    def claim(self, identifier: str, prompt: tuple[str, str] = PROMPT) -> bool:
        return self.store.deliveries.claim(
            *(identifier, self.store.version(), prompt, TEXT, "the reason", self.clock.present())
        )

    def show(self, identifier: str, prompt: tuple[str, str] = PROMPT) -> str:
        assert self.claim(identifier, prompt)
        self.store.deliveries.record_shown(identifier, Posted(":1.7", 42), self.clock.present())
        return identifier

    def show_now(self, prompt: tuple[str, str] = PROMPT) -> str:
        """Bring something at this moment."""
        present = self.clock.present()
        return self.show(
            self.store.deliveries.add_now(present, timedelta(minutes=2), None, None), prompt
        )

    def answer(self, answer: Answer, delivery: str | None, **values: object) -> str:
        plain: dict[str, object] = {
            "prompt": "a-one",
            "note": None,
            "snooze": None,
            "source": "cli",
        }
        return self.store.answers.add_response(
            answer,
            self.clock.present(),
            delivery=delivery,
            **{**plain, **values},  # type: ignore[arg-type]  # a table of plain values
        )

    def raw(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the file itself, through a connection that knows nothing of us."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "data" / "reminderd.db")
    yield made
    made.store.close()


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
        with pytest.raises(ZeroDivisionError), kept.store.transaction():
            kept.store.deliveries.replace_plan(TODAY, [], kept.clock.present())
            _ = 1 / 0
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
            *(one, other.version(), PROMPT, TEXT, "why", kept.clock.present())
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
        args = (PROMPT, TEXT, "why", kept.clock.present())
        assert not kept.store.deliveries.claim(one, version, *args)
        assert kept.store.deliveries.waiting()[0].id == one
        assert kept.store.deliveries.claim(one, kept.store.version(), *args)
        other.close()

    def test_does_not_mind_what_this_connection_wrote(self, kept: Kept) -> None:
        """A tick lets go and holds before it claims."""
        first, second = kept.plan(9, 10)
        version = kept.store.version()
        kept.store.deliveries.let_go([(first, Reason.MERGED)], kept.clock.present())
        args = (PROMPT, TEXT, "why", kept.clock.present())
        assert kept.store.deliveries.claim(second, version, *args)

    def test_can_be_taken_back(self, kept: Kept) -> None:
        """A refused one waits again as if nothing had been; only why it waits is kept."""
        (one,) = kept.plan(10)
        before = kept.store.deliveries.waiting()
        kept.claim(one)
        kept.store.deliveries.release(one)
        assert kept.store.deliveries.waiting() == before
        assert kept.store.reading.newest() is None
        assert kept.store.reading.seen(["a-one"], kept.clock.present()) == {}
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
        """Whoever has had a practice needs no first one."""
        kept.show_now()
        until = datetime(2026, 11, 25)  # noqa: DTZ001 -- wall time
        assert not kept.store.deliveries.add_first(kept.clock.present(), until)


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


class TestNewest:
    """What was claimed last, by count and never by clock."""

    def test_stays_the_newest_though_the_clock_stepped_back(self, kept: Kept) -> None:
        """Years back or an hour back: the last one is the last one."""
        for step in ("2031-11-23 09:00", "2026-11-23 10:00", "2026-11-23 09:00"):
            kept.clock.set(step)
            last = kept.show_now()
            newest = kept.store.reading.newest()
            assert newest is not None
            assert newest.id == last

    def test_is_found_by_id_once_it_was_claimed(self, kept: Kept) -> None:
        """A planned one cannot be answered."""
        (one,) = kept.plan(10)
        assert kept.store.reading.delivery(one) is None
        kept.claim(one)
        found = kept.store.reading.delivery(one)
        assert found is not None
        assert found.id == one
        assert kept.store.reading.delivery("nobody") is None
        assert kept.store.reading.outcome("nobody") == (None, None)

    def test_is_found_by_the_beginning_of_its_id(self, kept: Kept) -> None:
        """People copy the first few letters; two that begin so are told apart by saying so."""
        one = kept.show_now()
        kept.clock.forward(hours=1)
        other = kept.show_now()
        assert kept.store.reading.beginning_with(one[:10]) == [one]
        assert kept.store.reading.beginning_with("0") == [one, other]
        assert kept.store.reading.beginning_with("x") == []


class TestPast:
    """What counts of the past, on clocks that can be trusted and on others."""

    def test_counts_by_the_local_date_of_showing(self, kept: Kept) -> None:
        """After midnight begins a new count, wherever the slot was planned."""
        first, second = kept.plan(9, 23)
        kept.show(first)
        kept.clock.set("2026-11-24 00:10")
        kept.show(second)
        present = kept.clock.present()
        assert kept.store.reading.shown_on(TODAY, present) == 1
        assert kept.store.reading.shown_on(date(2026, 11, 24), present) == 1
        kept.answer(Answer.LATER, second)
        assert kept.store.reading.answered_on(TODAY) == 0
        assert kept.store.reading.answered_on(date(2026, 11, 24)) == 1

    def test_leaves_out_what_a_clock_years_ahead_wrote(self, kept: Kept) -> None:
        """More than a day ahead is left out, up to a day counts."""
        kept.clock.set("2026-11-24 09:00")
        kept.show_now()
        kept.clock.set("2026-11-23 09:00")
        present = kept.clock.present()
        assert kept.store.reading.last_shown_at(present) == present.now + timedelta(days=1)
        assert set(kept.store.reading.seen(["a-one"], present)) == {"a-one"}
        kept.clock.set("2026-11-23 08:59")
        present = kept.clock.present()
        assert kept.store.reading.last_shown_at(present) is None
        assert kept.store.reading.seen(["a-one"], present) == {}
        assert kept.store.reading.shown_on(date(2026, 11, 24), present) == 0

    def test_what_failed_was_not_shown_but_may_have_been_seen(self, kept: Kept) -> None:
        """It does not count against the cap, but its prompt does not come again so soon."""
        (one,) = kept.plan(9)
        kept.claim(one)
        kept.store.deliveries.record_failed(one, Reason.NO_REPLY, kept.clock.present())
        present = kept.clock.present()
        assert kept.store.reading.shown_on(TODAY, present) == 0
        seen = kept.store.reading.seen(["a-one", "b-one"], present)
        assert (seen["a-one"].at, seen["a-one"].order, len(seen)) == (present.now, 1, 1)

    def test_seen_tells_the_last_showing_of_each(self, kept: Kept) -> None:
        """By the order of showings: the second counts, not the first."""
        kept.show_now()
        kept.clock.forward(hours=1)
        kept.show_now(("b-one", "beta"))
        kept.clock.forward(hours=1)
        kept.show_now()
        seen = kept.store.reading.seen(["a-one", "b-one"], kept.clock.present())
        assert {one.prompt: one.order for one in seen.values()} == {"a-one": 3, "b-one": 2}
        assert seen["b-one"].tip == "beta"
        assert seen["a-one"].at == kept.clock.now


class TestHistory:
    """What happened, newest first."""

    def test_tells_each_kind_of_line(self, kept: Kept) -> None:
        """Shown and answered, let go, failed, and noted by itself: each with all it has."""
        shown, failed, gone = kept.plan(9, 12, 15)
        kept.show(shown)
        kept.clock.forward(minutes=5)
        kept.answer(Answer.TAKEN, shown, note="on the train")
        kept.clock.set("2026-11-23 12:00")
        kept.claim(failed)
        kept.store.deliveries.record_failed(failed, Reason.NO_REPLY, kept.clock.present())
        kept.clock.set("2026-11-23 17:00")
        kept.store.deliveries.let_go([(gone, Reason.LOCKED)], kept.clock.present())
        kept.clock.set("2026-11-23 18:00")
        note = kept.answer(Answer.DONE, None, prompt="b-one", note="by itself")
        lines = kept.store.reading.history(10)
        assert [(one.id, one.kind, one.outcome, one.reason) for one in lines] == [
            (note, "note", None, None),
            (gone, "slot", Outcome.MISSED, Reason.LOCKED),
            (failed, "slot", Outcome.FAILED, Reason.NO_REPLY),
            (shown, "slot", Outcome.SHOWN, None),
        ]
        last = lines[-1]
        assert (last.slot, last.prompt, last.tip, last.title) == (
            *(Slot(TODAY, 1), "a-one", "alpha"),
            "A title",
        )
        assert (last.response, last.note, last.zone) == (
            *(Answer.TAKEN, "on the train"),
            "Europe/Berlin",
        )
        assert last.planned_at == last.shown_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
        assert (lines[0].prompt, lines[0].response, lines[0].note) == (
            *("b-one", Answer.DONE),
            "by itself",
        )
        assert lines[1].title is None, "nothing was shown"
        assert {one.device for one in lines} == {kept.store.device}

    def test_stops_at_the_limit(self, kept: Kept) -> None:
        """The newest so many lines, notes among them."""
        for _ in range(3):
            kept.show_now()
            kept.clock.forward(minutes=1)
            kept.answer(Answer.DONE, None)
            kept.clock.forward(minutes=1)
        everything = kept.store.reading.history(100)
        assert len(everything) == 6
        assert kept.store.reading.history(3) == everything[:3]

    def test_keeps_planned_ones_to_itself(self, kept: Kept) -> None:
        """What has not ended is no history, claimed or not."""
        first, _ = kept.plan(10, 12)
        kept.claim(first)
        assert kept.store.reading.history(10) == []
        assert not kept.store.reading.any_history()
        kept.answer(Answer.DONE, None)
        assert kept.store.reading.any_history()

    def test_shows_the_last_answer_and_the_last_note(self, kept: Kept) -> None:
        """A correction counts; a note stays when the correction brings none."""
        one = kept.show_now()
        kept.answer(Answer.HARD, one, note="it was late")
        kept.clock.forward(minutes=1)
        kept.answer(Answer.DONE, one)
        (line,) = kept.store.reading.history(10)
        assert (line.response, line.note) == (Answer.DONE, "it was late")


class TestAnswers:
    """Append-only, and the last one counts."""

    def test_are_all_kept(self, kept: Kept) -> None:
        """Each answer is a row with its time, zone, length and source."""
        one = kept.show_now()
        kept.answer(Answer.LATER, one, snooze=timedelta(minutes=40))
        kept.clock.forward(hours=1)
        kept.answer(Answer.DONE, one, note="at last", source="freedesktop")
        assert kept.raw(
            "SELECT at, zone, delivery, prompt, answer, snooze_seconds, note, source FROM response"
        ) == [
            (
                *("2026-11-23T08:00:00.000000Z", "Europe/Berlin", one, "a-one", "later", 2400),
                *(None, "cli"),
            ),
            (
                *("2026-11-23T09:00:00.000000Z", "Europe/Berlin", one, "a-one", "done", None),
                *("at last", "freedesktop"),
            ),
        ]

    @pytest.mark.parametrize("hours", [0, -1, -43_800])
    def test_a_correction_counts_whatever_the_clock_says(self, kept: Kept, hours: int) -> None:
        """In the same instant, an hour back, five years back: the later answer is the later one."""
        one = kept.show_now()
        for answer in (Answer.NOT_FOR_ME, Answer.HARD, Answer.NOT_FOR_ME, Answer.DONE):
            kept.answer(answer, one)
            kept.clock.forward(hours=hours)
            newest = kept.store.reading.newest()
            assert newest is not None
            assert newest.answer == answer
            assert ("a-one" in kept.store.answers.disabled()) == (answer is Answer.NOT_FOR_ME)

    def test_not_for_me_switches_off_once(self, kept: Kept) -> None:
        """Said twice it is one choice; the answer to a note of no prompt switches nothing."""
        one = kept.show_now()
        kept.answer(Answer.NOT_FOR_ME, one)
        kept.answer(Answer.NOT_FOR_ME, one)
        kept.answer(Answer.NOT_FOR_ME, None, prompt=None)
        assert kept.raw("SELECT prompt, enabled FROM choice") == [("a-one", 0)]

    def test_choices_of_the_person_are_the_last_word(self, kept: Kept) -> None:
        """Switched off and on again by hand, each prompt for itself."""
        for prompt, enabled in (("a", False), ("b", False), ("a", True), ("c", True)):
            kept.store.answers.add_choice(prompt, kept.clock.present(), enabled=enabled)
        assert kept.store.answers.disabled() == {"b"}

    def test_to_a_delivery_that_does_not_exist_are_refused(self, kept: Kept) -> None:
        """It is an expected failure, and nothing is stored."""
        with pytest.raises(UnknownNameError, match="nobody"):
            kept.answer(Answer.NOT_FOR_ME, "nobody")
        assert kept.raw("SELECT * FROM response") == kept.raw("SELECT * FROM choice") == []


class TestAnswersInAFileThatIsGone:
    """An answer is acknowledged only when it lies where the path leads."""

    def moved_away(self, kept: Kept) -> None:
        """Put a copy in the place of the database, as restoring a backup does."""
        kept.raw("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = kept.path.with_name("copy")
        copy.write_bytes(kept.path.read_bytes())
        for suffix in ("-wal", "-shm"):
            kept.path.with_name(kept.path.name + suffix).unlink()
        copy.replace(kept.path)

    def test_go_to_the_file_that_took_its_place(self, kept: Kept) -> None:
        """Answer, pause and choice all lie in the database that everybody else sees."""
        one = kept.show_now()
        self.moved_away(kept)
        kept.answer(Answer.DONE, one)
        assert kept.raw("SELECT delivery, answer FROM response") == [(one, "done")]
        self.moved_away(kept)
        kept.store.answers.add_pause(
            Pause(kept.clock.now, kept.clock.now, None), kept.clock.present()
        )
        self.moved_away(kept)
        kept.store.answers.add_choice("a-one", kept.clock.present(), enabled=False)
        assert kept.raw("SELECT prompt FROM choice, pause") == [("a-one",)]

    def test_are_written_again_when_it_happens_in_that_very_moment(
        self, kept: Kept, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The path is compared after the write: whatever happened before it is noticed."""
        one = kept.show_now()
        happened: list[bool] = []

        def in_between(at: datetime) -> str:
            if not happened and at:
                happened.append(True)
                kept.path.unlink()
            return original(at)

        original = rows.to_text
        monkeypatch.setattr(rows, "to_text", in_between)
        with pytest.raises(UnknownNameError):
            kept.answer(Answer.DONE, one)
        assert happened
        assert kept.raw("SELECT * FROM response") == []
        happened.clear()
        kept.answer(Answer.DONE, None, note="by itself")
        assert happened
        assert kept.raw("SELECT note FROM response") == [("by itself",)]

    def test_are_not_acknowledged_when_their_delivery_is_gone(self, kept: Kept) -> None:
        """The file was removed: a new one is made, and the answer is refused, not swallowed."""
        one = kept.show_now()
        kept.path.unlink()
        with pytest.raises(UnknownNameError, match=one):
            kept.answer(Answer.DONE, one)
        assert kept.raw("SELECT * FROM response") == []


class TestPause:
    """The newest counts."""

    def test_is_the_one_that_was_stored_last(self, kept: Kept) -> None:
        """Not the one with the latest time: clocks step back."""
        assert kept.store.answers.pause() is None
        late = Pause(kept.clock.now + timedelta(days=900), kept.clock.now, None)
        kept.store.answers.add_pause(late, kept.clock.present())
        nine = datetime(2026, 11, 24, 9)  # noqa: DTZ001 -- wall time
        pause = Pause(kept.clock.now, None, nine)
        kept.store.answers.add_pause(pause, kept.clock.present())
        assert kept.store.answers.pause() == pause


class TestRecorded:
    """What is true of the installation and of its daemon."""

    def test_the_seed_is_drawn_once(self, kept: Kept) -> None:
        """It stays for the installation's life, and another installation has another."""
        seed = kept.store.seed
        again = Store(kept.path, kept.clock.present())
        other = Store(kept.path.with_name("other.db"), kept.clock.present())
        assert again.seed == seed
        assert other.seed != seed
        assert len(seed) == 16
        again.close()
        other.close()

    def test_a_lasting_fact_is_the_first_that_was_said(self, kept: Kept) -> None:
        """Two that ask at once agree afterwards."""
        assert kept.store.recorded.meta("key", "one") == "one"
        assert kept.store.recorded.meta("key", "two") == "one"

    def test_a_value_is_what_json_can_hold(self, kept: Kept) -> None:
        """It comes back as it was; recording it again writes nothing."""
        assert kept.store.recorded.get("daemon") is None
        other = Store(kept.path, kept.clock.present())
        value = {"pid": 7, "words": ["ä", None, True]}
        kept.store.recorded.set("daemon", value)
        version = other.version()
        kept.store.recorded.set("daemon", value)
        assert other.version() == version
        assert other.recorded.get("daemon") == value
        other.recorded.set("daemon", [])
        assert kept.store.recorded.get("daemon") == []
        other.close()

    def test_a_shown_notification_is_remembered_until_it_is_gone(self, kept: Kept) -> None:
        """Where it stands, and since when it does not."""
        one = kept.show_now()
        assert kept.raw("SELECT * FROM posted") == [(one, ":1.7", 42, None, None)]
        kept.store.deliveries.record_closed(one, kept.clock.present())
        kept.clock.forward(hours=1)
        kept.store.deliveries.record_closed(one, kept.clock.present())
        kept.store.deliveries.record_closed("nobody", kept.clock.present())
        assert kept.raw("SELECT closed_at FROM posted") == [("2026-11-23T08:00:00.000000Z",)]

    def test_why_a_prompt_came_is_kept_beside_why_its_moment(self, kept: Kept) -> None:
        """`why` can explain the last prompt after months."""
        (one,) = kept.plan(10)
        kept.claim(one)
        ((why,),) = kept.raw("SELECT why FROM delivery")
        assert json.loads(str(why)) == {"moment": "random", "prompt": "the reason"}


class TestDevice:
    """A name for the machine that tells nothing of it."""

    def test_is_the_same_each_time_and_hides_the_machines_id(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One machine, one name; another machine, another; the id itself is nowhere in it."""
        names = []
        for content in (b"0123456789abcdef\n", b"0123456789abcdef", b"another", b""):
            file = tmp_path / "machine-id"
            file.write_bytes(content)
            monkeypatch.setattr(store, "_MACHINE_ID", file)
            kept = Kept(tmp_path / "reminderd.db")
            names.append(kept.store.device)
            kept.store.close()
        assert names[0] == names[1]
        assert len(set(names)) == 3
        assert "0123456789abcdef" not in names
        file.unlink()
        kept = Kept(tmp_path / "reminderd.db")
        assert kept.store.device == names[3], "without an id it is the name of the host"
        kept.store.close()

    def test_rows_of_another_machine_are_not_ours(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A copied database is not a cloned device: what waits there does not come here."""
        first = Kept(tmp_path / "reminderd.db")
        first.plan(10)
        first.claim(first.plan(11)[-1])
        first.store.close()
        monkeypatch.setattr(store, "_MACHINE_ID", tmp_path / "none")
        monkeypatch.setattr(os, "uname", lambda: os.uname_result(("", "elsewhere", "", "", "")))
        second = Kept(tmp_path / "reminderd.db")
        assert second.store.deliveries.waiting() == ()
        assert second.store.deliveries.record_interrupted(second.clock.present()) == 0
        assert second.store.reading.last_shown_at(second.clock.present()) is None
        assert len(second.plan(10)) == 1
        second.store.close()


@given(strategies.dates, st.timedeltas(timedelta(), timedelta(days=1)))
def test_times_survive_and_sort_as_text(day: date, since: timedelta) -> None:
    """Fixed width: the order of texts is the order of times, to the microsecond."""
    at = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC) + since
    later = at + timedelta(microseconds=1)
    assert rows.from_text(rows.to_text(at)) == at
    assert rows.to_text(at) < rows.to_text(later)
    assert len(rows.to_text(at)) == 27


@pytest.mark.parametrize("fold", [0, 1])
def test_wall_times_survive_with_their_pass(fold: int) -> None:
    """In whole seconds; the second pass of a repeated hour stays the second."""
    local = datetime(2026, 10, 25, 2, 30, 15, 999, fold=fold)  # noqa: DTZ001 -- wall time
    back = rows.from_local_text(rows.local_text(local))
    assert (back, back.fold) == (local.replace(microsecond=0), fold)
    assert rows.local_text(local)[:19] == "2026-10-25T02:30:15"


def test_identifiers_are_unique_and_in_the_order_of_time() -> None:
    """They are UUIDs of version 7, which any tool understands."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    made = [rows.new_id(now + timedelta(milliseconds=step)) for step in range(1000)]
    assert made == sorted(set(made))
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in made} == {
        (7, uuid.RFC_4122)
    }
    assert len({rows.new_id(now) for _ in range(1000)}) == 1000
