"""What the store tells of the past and of this installation."""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.store import rows, store
from reminderd.adapters.store.store import Store
from reminderd.core.history import Came
from reminderd.core.model import Answer, Outcome, Reason, Slot
from tests import strategies
from tests.fakes import BERLIN

if TYPE_CHECKING:
    from pathlib import Path

from tests.unit.adapters.kept import TODAY, Kept


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
        assert kept.store.reading.came_on(date(2026, 11, 24), present) == 1
        assert set(kept.store.known.past(present.now).seen) == {"a-one"}
        kept.clock.set("2026-11-23 08:59")
        present = kept.clock.present()
        assert kept.store.reading.came_on(date(2026, 11, 24), present) == 0
        assert kept.store.known.past(present.now).seen == {}
        assert kept.store.reading.shown_on(date(2026, 11, 24), present) == 0

    def test_what_failed_was_not_shown_but_may_have_been_seen(self, kept: Kept) -> None:
        """It counts for gap and cap, and its prompt does not come again so soon."""
        (one,) = kept.plan(9)
        kept.claim(one)
        kept.store.deliveries.record_failed(one, Reason.NO_REPLY, kept.clock.present())
        present = kept.clock.present()
        assert kept.store.reading.shown_on(TODAY, present) == 0
        assert kept.store.reading.came_on(TODAY, present) == 1
        assert kept.store.reading.last_came() == Came(one, present.now)
        assert kept.store.reading.dates_before(date(2026, 11, 24), 7, present) == []
        kept.answer(Answer.DONE, one)
        assert kept.store.reading.answered_on(TODAY) == 0, "of those that are known to be shown"
        seen = kept.store.known.past(present.now).seen
        assert (seen["a-one"].at, seen["a-one"].order, len(seen)) == (present.now, 1, 1)

    def test_seen_tells_the_last_showing_of_each(self, kept: Kept) -> None:
        """By the order of showings: the second counts, not the first."""
        kept.show_now()
        kept.clock.forward(hours=1)
        kept.show_now(("b-one", "beta"))
        kept.clock.forward(hours=1)
        kept.show_now()
        seen = kept.store.known.past(kept.clock.now).seen
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
        kept.store.screen.record_closed(one, kept.clock.present())
        kept.clock.forward(hours=1)
        kept.store.screen.record_closed(one, kept.clock.present())
        kept.store.screen.record_closed("nobody", kept.clock.present())
        assert kept.raw("SELECT closed_at FROM posted") == [("2026-11-23T08:00:00.000000Z",)]

    def test_why_a_prompt_came_is_kept_beside_why_its_moment(self, kept: Kept) -> None:
        """`why` can explain the last prompt after months."""
        (one,) = kept.plan(10)
        kept.claim(one)
        ((why,),) = kept.raw("SELECT why FROM delivery")
        assert json.loads(str(why)) == {
            "moment": "random",
            "prompt": "the reason",
            "rule": "new",
            "hard": 0,
        }


class TestDevice:
    """A name for the machine that tells nothing of it."""

    def test_is_the_same_each_time_and_hides_the_machines_id(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One machine, one name; another machine, another; the id itself is nowhere in it."""
        names = []
        file = tmp_path / "machine-id"
        for content in (b"0123456789abcdef\n", b"0123456789abcdef", b"another", b""):
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
        assert second.store.reading.last_came() is None
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


def test_an_answer_is_in_the_history_before_the_outcome_is(kept: Kept) -> None:
    """Whoever brought it may have died in between; what was acknowledged is there to be seen."""
    (one,) = kept.plan(10)
    kept.claim(one)
    assert kept.store.reading.history(9) == []
    kept.answer(Answer.DONE, one)
    (entry,) = kept.store.reading.history(9)
    assert (entry.id, entry.outcome, entry.response) == (one, None, Answer.DONE)
