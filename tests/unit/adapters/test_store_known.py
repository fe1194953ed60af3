"""What is known of each prompt: when it was shown, and what its answers come to."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store.store import Store
from reminderd.core.model import Answer, Reason, Rule, Seen
from reminderd.core.review import Review, Said
from reminderd.core.selection import LOOKED_BACK, Brought, Past
from tests.fakes import choice
from tests.unit.adapters.kept import PROMPT, TEXT, Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

OTHER = ("b-one", "beta")
AGES = timedelta(days=1825)
A_DAY, A_MOMENT = timedelta(days=1), timedelta(microseconds=1)


def past(kept: Kept) -> Past:
    return kept.store.known.past(kept.clock.now)


def seen(kept: Kept) -> dict[str, Seen]:
    return dict(past(kept).seen)


def said(kept: Kept, prompt: str = "a-one", until: datetime | None = None) -> list[Said]:
    return kept.store.known.said(prompt, until or kept.clock.now)


def write(kept: Kept, sql: str, *values: str | None) -> None:
    """Change the file itself, through a connection that knows nothing of us."""
    with closing(sqlite3.connect(kept.path)) as connection, connection:
        connection.execute(sql, values)


def join(kept: Kept, *row: str | None) -> None:
    """Store an answer of another machine: id, time, delivery, prompt, answer."""
    write(
        kept,
        "INSERT INTO response (id, at, delivery, prompt, answer, device, zone, source)"
        " VALUES (?, ?, ?, ?, ?, 'another', 'UTC', 'cli')",
        *row,
    )


class TestSeen:
    """The first and the last showing of each prompt, by the order of showings."""

    def test_is_nothing_before_anything_came(self, kept: Kept) -> None:
        kept.plan(10, 14)
        assert past(kept) == Past({}, {}, [])

    def test_goes_by_the_order_on_a_clock_that_steps_back(self, kept: Kept) -> None:
        """The later showing is the last one, though its time is the earlier."""
        kept.show_now()
        first = kept.clock.now
        kept.clock.forward(hours=-5)
        kept.show_now()
        assert seen(kept) == {"a-one": Seen(*PROMPT, kept.clock.now, 2, first)}

    def test_names_the_theme_of_the_last_showing(self, kept: Kept) -> None:
        """An edited deck moves a prompt to another theme."""
        kept.show_now()
        kept.clock.forward(days=3)
        kept.show_now(("a-one", "beta"))
        assert seen(kept)["a-one"].tip == "beta"

    @pytest.mark.parametrize("prompt", [PROMPT, OTHER], ids=["the same prompt", "another"])
    def test_takes_a_refused_showing_back(self, prompt: tuple[str, str], kept: Kept) -> None:
        """Nothing was shown: what was seen before is what was seen last."""
        kept.show_now()
        before = seen(kept)
        kept.clock.forward(days=3)
        planned = kept.store.deliveries.add_now(kept.clock.present(), A_DAY, None, None)
        assert kept.claim(planned, prompt)
        assert seen(kept) != before
        kept.store.deliveries.release(planned)
        assert seen(kept) == before
        assert kept.claim(planned, OTHER)  # tried again with what was chosen then
        assert seen(kept) == before | {"b-one": Seen(*OTHER, kept.clock.now, 2, kept.clock.now)}

    def test_keeps_what_may_have_been_seen(self, kept: Kept) -> None:
        """Not delivered is not refused: it may have been on the screen."""
        one, two = kept.plan(10, 14)
        kept.claim(one)
        kept.store.deliveries.record_failed(one, Reason.NO_REPLY, kept.clock.present())
        kept.store.deliveries.release(one)
        kept.claim(two, OTHER)
        kept.store.deliveries.record_interrupted(kept.clock.present())
        assert set(seen(kept)) == {"a-one", "b-one"}

    def test_a_claim_that_came_too_late_changes_nothing(self, kept: Kept) -> None:
        """Somebody wrote to the database since the look."""
        (one,) = kept.plan(10)
        version = kept.store.version() + 1
        assert not kept.store.deliveries.claim(
            one, version, choice(*PROMPT), TEXT, kept.clock.present()
        )
        assert seen(kept) == {}


class TestSeenOnWrongClocks:
    """What lies more than a day ahead is left out while it lies there."""

    def test_a_last_showing_ahead_gives_way_to_the_one_before(self, kept: Kept) -> None:
        """Until the clock gets there."""
        kept.show_now()
        before = seen(kept)
        kept.clock.forward(days=1825)
        kept.show_now()
        ahead = seen(kept)
        for early, expected in ((AGES, before), (A_DAY + A_MOMENT, before), (A_DAY, ahead)):
            kept.clock.now = ahead["a-one"].at - early
            assert seen(kept) == expected

    def test_a_first_showing_ahead_was_not_the_first(self, kept: Kept) -> None:
        """Else it would count as met this week for five years, and keep new ones away."""
        kept.clock.forward(days=1825)
        ahead = kept.clock.now
        kept.show_now()
        kept.clock.forward(days=-1825)
        kept.show_now()
        now = kept.clock.now
        assert seen(kept) == {"a-one": Seen(*PROMPT, now, 2, now)}
        kept.clock.now = ahead - A_DAY
        assert seen(kept)["a-one"].first_at == ahead

    def test_what_was_only_shown_ahead_was_never_seen(self, kept: Kept) -> None:
        kept.clock.forward(days=1825)
        kept.show_now()
        kept.clock.forward(days=-1825)
        assert seen(kept) == {}


class TestRecent:
    """The last deliveries, newest first."""

    def test_tells_what_a_choice_looks_back_at(self, kept: Kept) -> None:
        """Which prompt and theme, whether it was a slot, by which rule, and if it had been hard."""
        (slot,) = kept.plan(10)
        asked = kept.store.deliveries.add_now(kept.clock.present(), A_DAY, None, None)
        for planned, rule, hard in ((slot, Rule.TURN, True), (asked, Rule.DUE, False)):
            one = choice(*PROMPT)
            one = type(one)(one.prompt, rule, "a reason", hard=hard)
            version = kept.store.version()
            assert kept.store.deliveries.claim(planned, version, one, TEXT, kept.clock.present())
        assert past(kept).recent == [
            Brought(*PROMPT, is_slot=False, rule=Rule.DUE, hard=False),
            Brought(*PROMPT, is_slot=True, rule=Rule.TURN, hard=True),
        ]

    def test_is_as_long_as_is_looked_back(self, kept: Kept) -> None:
        """By the order of showings, whatever the clock says."""
        for number in range(LOOKED_BACK + 2):
            kept.clock.forward(hours=-1)
            kept.show_now((f"number-{number}", "alpha"))
        recent = past(kept).recent
        assert [one.prompt for one in recent] == [
            f"number-{number}" for number in range(LOOKED_BACK + 1, 1, -1)
        ]

    def test_knows_nothing_of_a_rule_before_rules_were_recorded(self, kept: Kept) -> None:
        """As a database of an earlier version has it."""
        kept.show_now()
        write(kept, "UPDATE delivery SET why = '{}'")
        assert past(kept).recent == [Brought(*PROMPT, is_slot=False)]


class TestSaid:
    """The answers that count, earliest first."""

    def test_the_last_answer_to_a_delivery_counts(self, kept: Kept) -> None:
        """At its own time; a note counts by itself."""
        delivery = kept.show_now()
        kept.answer(Answer.DONE, delivery)
        kept.clock.forward(hours=1)
        kept.answer(Answer.DONE, None)
        noted = kept.clock.now
        kept.answer(Answer.TAKEN, None, prompt="b-one")
        kept.answer(Answer.TAKEN, None, prompt=None)
        kept.clock.forward(hours=1)
        kept.answer(Answer.HARD, delivery)
        assert said(kept) == [Said(noted, Answer.DONE), Said(kept.clock.now, Answer.HARD)]
        assert said(kept, "b-one") == [Said(noted, Answer.TAKEN)]
        assert said(kept, "c-one") == []

    def test_a_correction_ahead_leaves_the_answer_before_it(self, kept: Kept) -> None:
        """Of what has been said up to a moment, that moment included, the last counts."""
        delivery = kept.show_now()
        kept.answer(Answer.DONE, delivery)
        first = kept.clock.now
        kept.clock.forward(days=1825)
        kept.answer(Answer.HARD, delivery)
        last = kept.clock.now
        assert said(kept, until=first - A_MOMENT) == []
        assert said(kept, until=first) == [Said(first, Answer.DONE)]
        assert said(kept, until=last - A_MOMENT) == [Said(first, Answer.DONE)]
        assert said(kept, until=last) == [Said(last, Answer.HARD)]

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    def test_joined_histories_agree(self, order: Sequence[int], kept: Kept) -> None:
        """Whatever order they came in: what counts is the last by time, then by id."""
        delivery = kept.show_now()
        at = "2026-11-23T08:00:00.000000Z"
        rows = [
            ("id-1", at, delivery, "a-one", "hard"),
            ("id-2", at, delivery, "a-one", "done"),
            ("id-3", "2026-11-22T08:00:00.000000Z", delivery, "a-one", "later"),
        ]
        for number in order:
            join(kept, *rows[number])
        assert said(kept) == [Said(kept.clock.now, Answer.DONE)]

    @pytest.mark.parametrize("swapped", [False, True])
    def test_of_one_moment_they_go_by_id(self, swapped: bool, kept: Kept) -> None:
        rows = [
            (name, "2026-11-23T08:00:00.000000Z", None, "a-one", answer)
            for name, answer in (("id-1", "hard"), ("id-2", "done"))
        ]
        for row in reversed(rows) if swapped else rows:
            join(kept, *row)
        assert [one.answer for one in said(kept)] == [Answer.HARD, Answer.DONE]

    def test_since_a_number_they_come_as_they_were_stored(self, kept: Kept) -> None:
        """Each with its prompt and moment; a note of no prompt belongs to none."""
        kept.answer(Answer.DONE, None)
        later = kept.clock.now
        kept.clock.forward(hours=-2)
        kept.answer(Answer.LATER, kept.show_now(OTHER), prompt="b-one")
        kept.answer(Answer.DONE, None, prompt=None)
        known = kept.store.known
        (first, prompt, at), (second, *rest) = known.answered_since(0)
        assert (prompt, at, *rest) == ("a-one", later, "b-one", kept.clock.now)
        assert known.answered_since(first) == [(second, "b-one", kept.clock.now)]
        assert known.answered_since(second) == []


class TestReviews:
    """What answers come to is kept as it is."""

    @pytest.mark.parametrize(
        "review",
        [
            Review(),
            Review(put_off_at=datetime(2026, 11, 23, 8, 0, 0, 1, tzinfo=UTC)),
            Review(
                *(0.1 + 0.2, 1 / 3),
                due_at=datetime(2026, 12, 4, 8, tzinfo=UTC),
                last_at=datetime(2026, 11, 23, 8, 30, 15, 999999, tzinfo=UTC),
                hards=2,
            ),
        ],
    )
    def test_nothing_of_it_is_lost(self, review: Review, kept: Kept) -> None:
        """Not a digit, not a microsecond; in place of what was kept before."""
        kept.store.known.put_review("a-one", Review(1.0, 2.0, kept.clock.now, kept.clock.now, 9))
        kept.store.known.put_review("a-one", review)
        kept.store.known.put_review("b-one", Review(hards=1))
        assert past(kept).reviews == {"a-one": review, "b-one": Review(hards=1)}

    def test_all_are_forgotten_at_once(self, kept: Kept) -> None:
        for name in ("a-one", "b-one"):
            kept.store.known.put_review(name, Review(hards=1))
        before = past(kept)
        kept.store.known.forget_reviews()
        assert past(kept).reviews == {}
        assert set(before.reviews) == {"a-one", "b-one"}  # what was looked at stays as it was


class TestLookingAgain:
    """What nobody changed is not read again; what anybody changed is."""

    def test_sees_what_another_process_changed(self, kept: Kept) -> None:
        """`now` in a terminal brings and folds with a store of its own."""
        kept.show_now()
        assert set(past(kept).seen) == {"a-one"}
        ours, kept.store = kept.store, Store(kept.path, kept.clock.present())
        kept.show_now(OTHER)
        kept.store.known.put_review("b-one", Review(hards=1))
        theirs = past(kept)
        kept.store.close()
        kept.store = ours
        assert past(kept) == theirs
        assert set(theirs.seen) == {"a-one", "b-one"}
        assert theirs.reviews == {"b-one": Review(hards=1)}

    def test_sees_what_was_taken_back(self, kept: Kept) -> None:
        """A claim that could not be stored whole leaves nothing, also not in what was kept."""
        kept.show_now()
        before = past(kept)
        with suppress(ZeroDivisionError), kept.store.transaction():
            kept.store.known.put_review("a-one", Review(hards=1))
            assert past(kept).reviews == {"a-one": Review(hards=1)}
            raise ZeroDivisionError
        assert past(kept) == before
        kept.store.known.put_review("a-one", Review(hards=2))
        assert past(kept).reviews == {"a-one": Review(hards=2)}

    def test_reads_nothing_twice(self, kept: Kept) -> None:
        kept.show_now()
        kept.store.known.put_review("a-one", Review(hards=1))
        first, second = past(kept), past(kept)
        assert first.seen is second.seen
        assert first.reviews is second.reviews
