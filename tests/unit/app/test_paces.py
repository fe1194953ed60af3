"""The pace of each date, from what is stored of those before it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.paces import Paces, fall_before
from reminderd.core.model import (
    Answer,
    PaceSettings,
    Practice,
    Preferences,
    Quiet,
    Reason,
)
from reminderd.core.pacing import Fall, Pace, allowance
from tests.fakes import cadence, window
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
AGES = 1825
DONE, HARD, LATER = Answer.DONE, Answer.HARD, Answer.LATER
THREE_A_DAY = cadence(random_per_day=3, windows=[window("9:00", "21:00")])


class Paced(Kept):
    """A store whose past is made here, one practice after the other."""

    settings = PaceSettings()

    @property
    def today(self) -> date:
        return self.clock.local.date()

    def bring(self, *answers: Answer | None, hours: float = 24) -> None:
        """Bring one, answer it if it is answered, and let time pass; for each."""
        for answer in answers:
            delivery = self.show_now()
            if answer is not None:
                self.answer(answer, delivery)
            self.clock.forward(hours=hours)

    def fail(self, answer: Answer | None = None) -> None:
        """Bring one of which nobody knows whether it was seen."""
        delivery = self.claim_now()
        self.store.deliveries.record_failed(delivery, Reason.NO_REPLY, self.clock.present())
        if answer is not None:
            self.answer(answer, delivery)

    def claim_now(self) -> str:
        planned = self.store.deliveries.add_now(self.clock.present(), DAY, None, None)
        assert self.claim(planned)
        return planned

    def midnight(self) -> None:
        """Wait until just after midnight, when a date is planned."""
        self.clock.set(f"{self.today + DAY} 00:01")

    @property
    def fall(self) -> Fall:
        """How far back-off has gone when today is planned."""
        self.midnight()
        return fall_before(self.store, self.clock.now, self.clock.present())

    @property
    def paces(self) -> Paces:
        preferences = Preferences(
            cadence=THREE_A_DAY,
            quiet=Quiet(()),
            pace=self.settings,
            practice=Practice(("*",), ("*",), alone_only=False),
            discretion="never",
            snooze=timedelta(minutes=20),
        )
        return Paces(self.store, preferences, self.clock.present())

    @property
    def pace(self) -> Pace:
        """The pace of today."""
        return self.paces.of(self.today)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Paced]:
    made = Paced(tmp_path / "data" / "reminderd.db")
    yield made
    made.store.close()


class TestFall:
    """How far back-off has gone, by the deliveries before a moment that are closed."""

    def test_counts_what_was_closed_without_an_answer(self, kept: Paced) -> None:
        assert kept.fall == Fall()
        kept.bring(None, None, None)
        assert kept.fall == Fall(0, 3)
        kept.bring(None)
        assert kept.fall == Fall(1, 4, fresh=True)

    def test_answers_bring_it_back(self, kept: Paced) -> None:
        """The last one to each counts, also where it came later."""
        kept.bring(*[None] * 7, HARD)
        assert kept.fall == Fall(1, 0)
        newest = kept.store.reading.newest()
        assert newest is not None
        kept.answer(DONE, newest.id)
        assert kept.fall == Fall()

    @pytest.mark.parametrize(("hours", "unanswered"), [(3, 3), (7, 4)])
    def test_what_is_open_does_not_count_yet(
        self, hours: int, unanswered: int, kept: Paced
    ) -> None:
        """Brought at nine in the evening it is open at midnight; at five it is closed."""
        kept.bring(None, None, None)
        kept.clock.set(f"{kept.today + DAY} 00:00")
        kept.clock.forward(hours=-hours)
        kept.bring(None, hours=0)
        assert kept.fall.unanswered == unanswered

    def test_answered_it_counts_at_once(self, kept: Paced) -> None:
        kept.bring(None, None, None)
        kept.clock.set(f"{kept.today} 23:50")
        kept.bring(LATER, hours=0)
        assert kept.fall == Fall()

    def test_what_may_never_have_been_seen_counts_for_nothing(self, kept: Paced) -> None:
        """Until it is answered."""
        kept.bring(None, None, None)
        kept.fail()
        kept.clock.forward(hours=12)
        assert kept.fall == Fall(0, 3)
        kept.fail(DONE)
        kept.clock.forward(hours=12)
        assert kept.fall == Fall()

    @pytest.mark.parametrize("ends", [True, False], ids=["not delivered", "nobody knows yet"])
    @pytest.mark.parametrize("last", [None, HARD])
    def test_one_that_failed_late_in_the_evening_hides_no_other(
        self, last: Answer | None, ends: bool, kept: Paced
    ) -> None:
        """It is open itself, and does not count; what came before it is closed."""
        kept.bring(None, None, None, last)
        before = kept.fall
        kept.clock.set(f"{kept.today} 23:50")
        if ends:
            kept.fail()
        else:
            kept.claim_now()
        assert kept.fall == before

    def test_what_another_machine_brought_counts_there(self, kept: Paced) -> None:
        """Of a copied database, also while the last of it is open."""
        kept.clock.set(f"{kept.today} 23:50")
        kept.bring(*[None] * 5, hours=0)
        with closing(sqlite3.connect(kept.path)) as connection, connection:
            connection.execute("UPDATE delivery SET device = 'another'")
        assert kept.fall == Fall()

    def test_a_second_showing_counts_by_itself(self, kept: Paced) -> None:
        """*Later* is an answer; what came of it has its own, or none."""
        kept.bring(None, None, None)
        delivery = kept.show_now()
        kept.answer(LATER, delivery)
        present = kept.clock.present()
        kept.store.deliveries.add_again(delivery, present.local, present.local + DAY, present)
        (again,) = kept.store.deliveries.waiting()
        kept.clock.forward(minutes=20)
        kept.show(again.id)
        kept.clock.forward(days=1)
        assert kept.fall == Fall(0, 1)

    def test_what_never_came_counts_for_nothing(self, kept: Paced) -> None:
        """Let go, refused, or planned and not there: the machine was off."""
        kept.bring(None, None, None)
        gone, refused, _ = kept.plan(10, 14, 18, day=kept.today)
        kept.store.deliveries.let_go([(gone, Reason.LOCKED)], kept.clock.present())
        kept.claim(refused)
        kept.store.deliveries.release(refused)
        kept.clock.forward(days=90)
        assert kept.fall == Fall(0, 3)

    def test_what_comes_after_the_moment_is_not_looked_at(self, kept: Paced) -> None:
        """The pace of a date follows from those before it, whenever it is asked for."""
        kept.bring(None, None, None)
        kept.midnight()
        moment = kept.clock.now
        for hours in (0, 8):
            kept.bring(None, hours=hours)
            found = fall_before(kept.store, moment, kept.clock.present())
            assert found == Fall(0, 3)

    def test_a_clock_years_ahead_slows_nothing_down(self, kept: Paced) -> None:
        """What was brought then is left out while it lies there, and counts once it is reached."""
        kept.bring(None, None)
        here = kept.clock.now
        kept.clock.forward(days=AGES)
        kept.bring(*[None] * 14)
        assert kept.fall.steps == 3
        kept.clock.now = here
        assert kept.fall == Fall(0, 2)
        kept.bring(None)
        assert kept.fall == Fall(0, 3)
        kept.clock.forward(days=AGES + 30)
        assert kept.fall.steps == 3


class TestRampUp:
    """One a day for seven dates on which something came, then one more a day."""

    def test_counts_the_dates_and_not_the_deliveries(self, kept: Paced) -> None:
        for number in range(15):
            assert kept.pace.most == 1 + number // 7
            kept.bring(DONE, DONE, hours=1)
            kept.midnight()
        kept.settings = PaceSettings(ramp_up=False)
        assert kept.pace.most == THREE_A_DAY.max_per_day

    def test_dates_on_which_nothing_came_count_for_nothing(self, kept: Paced) -> None:
        """Also where something was tried."""
        kept.bring(*[DONE] * 6)
        kept.clock.forward(days=90)
        kept.fail()
        kept.clock.forward(days=1)
        assert kept.pace.most == 1
        kept.bring(DONE)
        assert kept.pace.most == 2

    def test_the_date_itself_does_not_count(self, kept: Paced) -> None:
        """Planned anew at noon, today has the pace that it had in the morning."""
        kept.bring(*[DONE] * 6)
        kept.bring(DONE, hours=1)
        assert kept.pace.most == 1
        assert kept.paces.of(kept.today + DAY).most == 2

    @pytest.mark.parametrize("came", [True, False])
    def test_each_date_of_a_preview_counts_once(self, came: bool, kept: Paced) -> None:
        """Planned ahead or come already."""
        kept.bring(*[DONE] * 5)
        if came:
            kept.bring(DONE, hours=0)
        paces, found = kept.paces, []
        for offset in range(10):
            day = kept.today + offset * DAY
            found.append(paces.of(day).most)
            paces.brings(day)
        assert found == [1, 1, *[2] * 7, 3]

    def test_dates_of_a_clock_years_ahead_are_left_out(self, kept: Paced) -> None:
        """On whichever side of it they lie."""
        kept.clock.forward(days=AGES)
        kept.bring(*[DONE] * 14)
        assert kept.pace.most == 3
        kept.clock.forward(days=-AGES)
        assert kept.pace.most == 1
        kept.clock.forward(days=-30)
        assert kept.pace == Pace(1)


class TestOneAWeek:
    """After fourteen without an answer one comes a week after the last that came."""

    @pytest.fixture
    def weekly(self, kept: Paced) -> Paced:
        kept.bring(*[None] * 14)
        kept.clock.forward(days=-1)
        kept.midnight()
        return kept

    @staticmethod
    def granted(kept: Paced, days: int) -> list[int]:
        """Return what the next dates are granted; nothing comes on any of them."""
        paces, found = kept.paces, []
        for offset in range(days):
            day = kept.today + offset * DAY
            granted = allowance(THREE_A_DAY, paces.of(day), day)
            if granted:
                paces.brings(day)
            found.append(granted)
        return found

    def test_follows_the_last_date(self, weekly: Paced) -> None:
        """What is planned ahead counts as come, for a preview."""
        assert weekly.pace == Pace(1, 3, weekly.today - DAY)
        assert self.granted(weekly, 15) == [*[0] * 6, 1, *[0] * 6, 1, 0]

    def test_a_date_without_the_machine_moves_it_on(self, weekly: Paced) -> None:
        """It comes on the first date on which somebody is there."""
        weekly.clock.forward(days=8)
        assert self.granted(weekly, 8) == [1, *[0] * 6, 1]
        weekly.clock.forward(days=1)
        assert self.granted(weekly, 8) == [1, *[0] * 6, 1]

    def test_what_failed_is_not_what_came(self, weekly: Paced) -> None:
        weekly.clock.forward(days=6)
        weekly.fail()
        weekly.midnight()
        assert self.granted(weekly, 1) == [1]

    def test_today_counts_for_those_after_it_once_it_is_planned(self, weekly: Paced) -> None:
        """Though nothing has come yet."""
        weekly.clock.forward(days=6)
        paces = weekly.paces
        paces.of(weekly.today)
        paces.brings(weekly.today)
        assert paces.of(weekly.today + DAY).last == weekly.today
        assert weekly.paces.of(weekly.today + DAY).last == weekly.today - 7 * DAY

    def test_a_date_of_a_clock_ahead_is_not_the_last(self, weekly: Paced) -> None:
        last = weekly.today - DAY
        weekly.clock.forward(days=AGES)
        weekly.bring(None)
        weekly.clock.forward(days=-AGES - 1)
        assert weekly.pace.last == last

    def test_is_over_where_back_off_is_not_wanted(self, weekly: Paced) -> None:
        """As the button *Reading is enough* has it."""
        weekly.settings = PaceSettings(back_off=False)
        assert self.granted(weekly, 3) == [3, 3, 3]

    def test_one_practice_brings_it_up_by_a_step(self, weekly: Paced) -> None:
        weekly.bring(DONE)
        assert weekly.pace.steps == 2
