"""What answers come to is kept, and only what was answered anew is folded anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store.known import Known
from reminderd.adapters.store.store import Store
from reminderd.app.respond import note_practice
from reminderd.app.reviewing import keep_reviews
from reminderd.core.model import Answer, Practice
from reminderd.core.review import Review, Said, fold
from reminderd.errors import StoreError
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

DONE, HARD = Answer.DONE, Answer.HARD


class Reviewed(Kept):
    """A store of which the reviews are kept."""

    days = 21

    def keep(self, store: Store | None = None, days: int | None = None) -> None:
        practice = Practice(("*",), ("*",), alone_only=False, max_interval=days or self.days)
        keep_reviews(store or self.store, practice, self.clock.present())

    def note(self, prompt: str | None = "a-one", store: Store | None = None) -> datetime:
        """Note a practice of this moment; return the moment."""
        note_practice(store or self.store, prompt, None, self.clock.present())
        return self.clock.now

    def open_beside(self) -> Store:
        """Open the same database once more."""
        return Store(self.path, self.clock.present())

    @property
    def reviews(self) -> dict[str, Review]:
        return dict(self.store.known.past(self.clock.now).reviews)

    def expected(self, *moments: datetime, answer: Answer = DONE) -> Review:
        return fold([Said(at, answer) for at in moments], self.days)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Reviewed]:
    made = Reviewed(tmp_path / "data" / "reminderd.db")
    yield made
    made.store.close()


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> Iterator[None]:
    """Let something happen once, just before the database is locked."""
    begin, waiting = Store.transaction, [happens]

    def transaction(store: Store) -> AbstractContextManager[None]:
        if waiting:
            waiting.pop()()
        return begin(store)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "transaction", transaction)
        yield
    assert not waiting


class TestWhatIsFolded:
    """As little as possible."""

    @pytest.fixture
    def folded(self, kept: Reviewed, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The prompts that are folded from now on; two have been answered before."""
        kept.note("a-one")
        kept.note("b-one")
        kept.keep()
        found: list[str] = []
        put = Known.put_review

        def put_review(known: Known, prompt: str, review: Review) -> None:
            found.append(prompt)
            put(known, prompt, review)

        monkeypatch.setattr(Known, "put_review", put_review)
        return found

    def test_is_what_was_answered_since(self, kept: Reviewed, folded: list[str]) -> None:
        """Its own prompt, once, however often it was answered."""
        kept.clock.forward(days=3)
        kept.note("b-one")
        kept.note("b-one")
        kept.keep()
        assert folded == ["b-one"]

    def test_is_nothing_where_nothing_was_said(self, kept: Reviewed, folded: list[str]) -> None:
        """Whatever the clock does by an hour or a year; nor is anything written."""
        other = kept.open_beside()
        version = other.version()
        for hours in (0, 1, -1, 24 * 365):
            kept.clock.forward(hours=hours)
            kept.keep()
        assert folded == []
        assert other.version() == version
        other.close()

    def test_a_note_of_no_prompt_is_nothing(self, kept: Reviewed, folded: list[str]) -> None:
        kept.note(None)
        kept.keep()
        kept.note("b-one")
        kept.note(None)
        kept.keep()
        assert folded == ["b-one"]

    @pytest.mark.usefixtures("folded")
    def test_is_all_of_it_after_the_longest_interval_was_set(self, kept: Reviewed) -> None:
        """And again when it is set back."""
        first = kept.reviews
        for days in (1, 21):
            kept.days = days
            kept.keep()
            assert kept.reviews["b-one"] == kept.expected(kept.clock.now)
        assert kept.reviews == first


class TestAnswers:
    """Which of them count."""

    def test_a_correction_takes_the_place_of_what_it_corrects(self, kept: Reviewed) -> None:
        """Also of an answer to a delivery that others have followed."""
        first = kept.show_now()
        answered = kept.clock.now
        kept.answer(DONE, first)
        kept.clock.forward(days=2)
        kept.answer(DONE, kept.show_now())
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(answered, kept.clock.now)}
        kept.clock.forward(days=1)
        kept.answer(HARD, first)
        kept.keep()
        expected = [Said(kept.clock.now - timedelta(days=1), DONE), Said(kept.clock.now, HARD)]
        assert kept.reviews == {"a-one": fold(expected, 21)}

    def test_corrected_on_a_clock_set_back_it_still_counts(self, kept: Reviewed) -> None:
        """A correction comes after what it corrects, whatever the clock says."""
        delivery = kept.show_now()
        kept.answer(DONE, delivery)
        kept.keep()
        after = kept.clock.now + timedelta(microseconds=1)
        kept.clock.forward(hours=-3)
        kept.answer(HARD, delivery)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(after, answer=HARD)}

    def test_what_was_stored_late_takes_its_place_in_time(self, kept: Reviewed) -> None:
        """As an answer on a clock that was set back does, or one that was kept for a while."""
        second = kept.note()
        kept.keep()
        kept.clock.forward(hours=-20)
        first = kept.note()
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first, second)}


class TestWrongClocks:
    """What lies more than a day ahead is left out while it lies there."""

    def test_an_answer_of_a_clock_years_ahead_waits_until_then(self, kept: Reviewed) -> None:
        """It counts again from the day before on."""
        first = kept.note()
        kept.keep()
        kept.clock.forward(days=1825)
        ahead = kept.note()
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first, ahead)}
        kept.clock.forward(days=-1825)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first)}
        kept.clock.forward(days=1)
        second = kept.note()
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first, second)}
        kept.clock.now = ahead - timedelta(days=1, microseconds=1)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first, second)}
        kept.clock.forward(microseconds=1)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first, second, ahead)}

    def test_a_clock_set_back_behind_answers_leaves_them_out(self, kept: Reviewed) -> None:
        """Those alone that lie too far ahead then, by a moment at the least."""
        last = kept.note()
        kept.keep()
        kept.clock.forward(hours=-1)
        first = kept.note()
        kept.keep()
        kept.clock.now = last - timedelta(days=1)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first, last)}
        kept.clock.forward(microseconds=-1)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(first)}

    def test_an_answer_just_a_day_ahead_counts_until_the_clock_steps_back(
        self, kept: Reviewed
    ) -> None:
        at = kept.note()
        kept.clock.forward(days=-1)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(at)}
        kept.clock.forward(microseconds=-1)
        kept.keep()
        assert kept.reviews.get("a-one", Review()) == Review()

    def test_what_was_only_answered_then_is_not_known(self, kept: Reviewed) -> None:
        kept.clock.forward(days=1825)
        kept.note()
        kept.keep()
        kept.clock.forward(days=-1825)
        kept.keep()
        assert kept.reviews.get("a-one", Review()) == Review()

    def test_a_clock_years_behind_forgets_nothing_for_good(self, kept: Reviewed) -> None:
        """What is answered then lies long before the rest."""
        first = kept.note()
        kept.keep()
        kept.clock.forward(days=-1825)
        behind = kept.note()
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(behind)}
        kept.clock.forward(days=1825)
        kept.keep()
        assert kept.reviews == {"a-one": kept.expected(behind, first)}


class TestBeside:
    """Others write to the same database: commands, and `now` in a terminal keeps reviews too."""

    @pytest.fixture
    def other(self, kept: Reviewed) -> Iterator[Store]:
        other = kept.open_beside()
        yield other
        other.close()

    @pytest.mark.parametrize("again", [False, True], ids=["the first time", "later"])
    def test_an_answer_in_that_moment_is_not_passed_over(
        self, again: bool, kept: Reviewed, other: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of a prompt that is being folded, and of one that is not."""
        if again:
            kept.note("c-one")
            kept.keep()
        before = kept.note("a-one")
        kept.clock.forward(hours=1)

        def answered() -> None:
            for prompt in ("a-one", "b-one"):
                kept.note(prompt, store=other)

        with meanwhile(monkeypatch, answered):
            kept.keep()
        kept.keep()
        assert kept.reviews["a-one"] == kept.expected(before, kept.clock.now)
        assert kept.reviews["b-one"] == kept.expected(kept.clock.now)

    def test_settings_of_another_leave_no_mixture(
        self, kept: Reviewed, other: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A `now` with a longest interval of its own keeps the reviews in the middle of ours."""
        kept.note("b-one")
        kept.keep()
        kept.note("a-one")
        with meanwhile(monkeypatch, partial(kept.keep, other, 1)):
            kept.keep()
        kept.keep()
        one = kept.expected(kept.clock.now)
        assert kept.reviews == {"a-one": one, "b-one": one}

    def test_what_breaks_in_the_middle_is_done_again(
        self, kept: Reviewed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All of it or nothing."""
        kept.note("a-one")
        kept.keep()
        before = kept.reviews
        kept.clock.forward(days=1)
        kept.note("b-one")
        kept.days = 1
        put = Known.put_review

        def put_one(known: Known, prompt: str, review: Review) -> None:
            if prompt == "b-one":
                raise StoreError("The disk is full.")
            put(known, prompt, review)

        with monkeypatch.context() as patched:
            patched.setattr(Known, "put_review", put_one)
            with pytest.raises(StoreError, match="full"):
                kept.keep()
        assert kept.reviews == before
        kept.keep()
        last = kept.clock.now
        assert kept.reviews == {
            "a-one": kept.expected(last - timedelta(days=1)),
            "b-one": kept.expected(last),
        }


def test_folding_anew_leaves_nothing_of_what_was_taken_out(kept: Reviewed) -> None:
    """Of answers that are not there any more."""
    kept.note("a-one")
    kept.note("b-one")
    kept.keep()
    with closing(sqlite3.connect(kept.path)) as connection, connection:
        connection.execute("DELETE FROM response WHERE prompt = 'a-one'")
    kept.days = 1
    kept.keep()
    assert set(kept.reviews) == {"b-one"}


def test_a_database_without_answers_has_no_reviews(kept: Reviewed) -> None:
    kept.keep()
    assert kept.reviews == {}
