"""Which prompt comes: longest unseen first, tips interleaved, nothing twice within two days."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.core.model import Answer, Needs, Practice, Prompt, Rule, Seen
from reminderd.core.pool import enabled, why_none
from reminderd.core.review import Review, Said, fold
from reminderd.core.selection import (
    Brought,
    Choice,
    Chooser,
    Past,
    first_practice,
)
from tests import strategies  # noqa: F401 -- sets how many examples there are
from tests.fakes import PROMPTS, prompt

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
A1, A2, B1, B2 = (prompt(f"{tip}{number}", tip) for tip in "ab" for number in (1, 2))


def rng() -> random.Random:
    return random.Random("seed")


def seen(*shown: tuple[Prompt, float]) -> dict[str, Seen]:
    """Return what was seen, in this order, each so many hours ago."""
    return {
        one.id: Seen(one.id, one.tip, NOW - timedelta(hours=hours), order, NOW - timedelta(days=9))
        for order, (one, hours) in enumerate(shown, 1)
    }


def choose(
    pool: list[Prompt], past: dict[str, Seen], now: datetime, rng: random.Random
) -> Choice | None:
    """Choose by what was seen alone: nothing was answered yet."""
    order = sorted(past.values(), key=lambda one: -one.order)
    recent = [Brought(one.prompt, one.tip, is_slot=False) for one in order]
    return Chooser(Past(past, {}, recent), now, UTC, new_per_week=5).choose(pool, rng)


def chosen(pool: list[Prompt], past: dict[str, Seen]) -> str:
    choice = choose(pool, past, NOW, rng())
    assert choice is not None
    return choice.prompt.id


def test_what_was_never_seen_comes_first() -> None:
    """Something new of another tip, and it is said why."""
    choice = choose([A1, A2, B1, B2], seen((B1, 100), (A1, 50)), NOW, rng())
    assert choice is not None
    assert choice.prompt == B2
    assert choice.why == "you had not met it yet"


def test_then_the_longest_unseen() -> None:
    """By the order of showings, never by a clock that may have been wrong."""
    past = seen((B2, 60), (A2, 300), (B1, 70), (A1, 50))
    choice = choose([A1, A2, B1, B2], past, NOW, rng())
    assert choice is not None
    assert choice.prompt == B2
    assert choice.why == "nothing was due, and it was the one you had not seen for the longest time"


def test_a_tip_does_not_come_twice_running_while_another_can() -> None:
    """Even something new waits when it is of the tip that has just been."""
    assert chosen([A1, A2, B1], seen((B1, 100), (A1, 1))) == "b1"


def test_the_same_tip_comes_again_where_there_is_no_other() -> None:
    """Whoever chose a single tip gets that tip."""
    assert chosen([A1, A2], seen((A2, 100), (A1, 60))) == "a2"


def test_nothing_comes_again_within_two_days_while_there_is_a_choice() -> None:
    """A prompt of another tip that is not rested gives way to a rested one of the same tip."""
    assert chosen([A1, A2, B1], seen((A2, 48), (B1, 47.9), (A1, 1))) == "a2"


def test_where_nothing_is_rested_tips_still_take_turns() -> None:
    """Four prompts shown within a day: the next is of the other tip."""
    assert chosen([A1, A2, B1, B2], seen((A1, 20), (B1, 15), (B2, 10), (A2, 1))) == "b1"


def test_where_nothing_is_rested_the_last_one_is_not_repeated() -> None:
    """Two prompts of one tip take turns."""
    assert chosen([A1, A2], seen((A1, 2), (A2, 1))) == "a1"


def test_a_single_prompt_comes_again_and_again() -> None:
    """One prompt is better than none."""
    assert chosen([A1], seen((A1, 1))) == "a1"


def test_nothing_to_choose_from_is_told() -> None:
    """An empty pool has no prompt, and none is made up."""
    assert choose([], seen((A1, 1)), NOW, rng()) is None


def test_a_prompt_that_left_the_pool_still_counts_as_last() -> None:
    """What was shown by hand from outside the pool sets the tip that is not repeated."""
    assert chosen([A1, B1], seen((A1, 200), (B1, 100), (A2, 1))) == "b1"


def test_a_showing_ahead_of_the_clock_is_not_rested() -> None:
    """Set back by hours, what was just shown does not count as seen long ago."""
    assert chosen([A1, B1], seen((B1, 100), (A1, -5))) == "b1"


@given(st.integers(0, 2**32))
def test_new_ones_are_drawn_from_the_generator_alone(seed: int) -> None:
    """The same generator gives the same prompt; every new one can come."""
    pool = [prompt(str(number), str(number)) for number in range(5)]
    one, other = (choose(pool, {}, NOW, random.Random(seed)) for _ in range(2))
    assert one == other
    drawn = {choose(pool, {}, NOW, random.Random(seed + step)) for step in range(100)}
    assert len(drawn) == 5


def test_no_prompt_starves_and_tips_take_turns() -> None:
    """Thirty prompts at two a day, none answered: none waits for more than four slots each."""
    pool = [prompt(f"{tip}{number}", tip) for tip in "abc" for number in range(10)]
    past: dict[str, Seen] = {}
    order_of: dict[str, list[int]] = {one.id: [0] for one in pool}
    tips: list[str] = []
    for order in range(1, 301):
        now = NOW + order * timedelta(hours=12)
        choice = choose(pool, past, now, random.Random(order))
        assert choice is not None
        came = choice.prompt
        tips.append(came.tip)
        order_of[came.id].append(order)
        first_at = past[came.id].first_at if came.id in past else now
        past[came.id] = Seen(came.id, came.tip, now, order, first_at)
    waits = [later - one for orders in order_of.values() for one, later in pairwise(orders)]
    assert max(waits) <= 4 * 30
    assert min(len(orders) for orders in order_of.values()) >= 300 / 42
    assert all(one != other for one, other in pairwise(tips))


def test_settings_and_choices_say_what_may_come() -> None:
    """Decks, tips, being alone and what was switched off: each takes away its own."""
    everything = Practice(("*",), ("*",), alone_only=False)
    assert enabled(PROMPTS, everything, ()) == PROMPTS

    def ids(practice: Practice, disabled: tuple[str, ...] = ()) -> set[str]:
        return {one.id for one in enabled(PROMPTS, practice, disabled)}

    every = {one.id for one in PROMPTS}
    assert ids(everything, ("a-one",)) == every - {"a-one"}
    assert ids(Practice(("*",), ("beta",), alone_only=False)) == {"b-one", "b-two"}
    assert ids(Practice(("letting-people-in",), ("*",), alone_only=False)) == every
    assert ids(Practice(("music-practice",), ("*",), alone_only=False)) == set()
    alone = {one.id for one in PROMPTS if one.needs is Needs.NOBODY}
    assert ids(Practice(("*",), ("*",), alone_only=True)) == alone == every - {"c-one"}


def test_the_first_practice_is_the_one_that_is_marked() -> None:
    """There may be none, where somebody replaced all decks."""
    found = first_practice(PROMPTS)
    assert found is not None
    assert found.id == "welcome"
    assert first_practice(PROMPTS[:-1]) is None


@pytest.mark.parametrize(
    ("practice", "off", "why", "then"),
    [
        (
            Practice((), ("*",), alone_only=False),
            (),
            "practice.decks is empty",
            "letting-people-in",
        ),
        (Practice(("x",), ("*",), alone_only=False), (), "practice.decks names none", "letting-"),
        (Practice(("*",), (), alone_only=False), (), "practice.tips is empty", "enable alpha"),
        (Practice(("*",), ("gamma",), alone_only=True), (), "practice.alone_only is on", "off"),
        (
            Practice(("*",), ("gamma",), alone_only=False),
            ("c-one",),
            "each one is switched off",
            "enable c-one",
        ),
    ],
)
def test_why_no_prompt_may_come(
    practice: Practice, off: tuple[str, ...], why: str, then: str
) -> None:
    """The setting that is in the way, and what changes it."""
    told = why_none(PROMPTS, practice, off)
    assert why in told
    assert then in told
    assert not enabled(PROMPTS, practice, off)


def test_nothing_is_told_where_one_may_come() -> None:
    """One is enough; and where there are no prompts at all, the deck's own problem is told."""
    assert why_none(PROMPTS, Practice(("*",), ("gamma",), alone_only=False), ()) == ""
    assert why_none((), Practice(("*",), ("*",), alone_only=False), ()) == ""


def reviewed(*said: tuple[Answer, float]) -> Review:
    """Return what answers so many days ago come to."""
    return fold([Said(NOW - timedelta(days=days), answer) for answer, days in said], 21)


def by_review(
    pool: list[Prompt],
    past: dict[str, Seen],
    reviews: dict[str, Review],
    recent: list[Brought] | None = None,
    new_per_week: int = 0,
) -> Choice:
    """Choose with reviews, from what does not rest."""
    order = sorted(past.values(), key=lambda one: -one.order)
    came = recent or [Brought(one.prompt, one.tip, is_slot=False) for one in order]
    chooser = Chooser(Past(past, reviews, came), NOW, UTC, new_per_week)
    choice = chooser.choose(chooser.rested(pool), rng(), in_turn=bool(recent))
    assert choice is not None
    return choice


C1, C2 = (prompt(f"c{number}", "c") for number in (1, 2))
DONE_LATELY, DONE_LONG_AGO = reviewed((Answer.DONE, 3)), reviewed((Answer.DONE, 9))


def test_what_is_due_comes_before_what_is_new_the_most_forgotten_first() -> None:
    """By FSRS's retrievability; it is said how it went and when."""
    past = seen((A1, 9 * 24), (B1, 3 * 24), (C1, 60))
    reviews = {"a1": DONE_LONG_AGO, "b1": DONE_LATELY}
    choice = by_review([A1, A2, B1, B2, C1, C2], past, reviews, new_per_week=9)
    assert (choice.prompt, choice.rule) == (A1, Rule.DUE)
    assert choice.why == "it was due again: it had gone well 9 days before"
    assert not choice.gentler


def test_what_was_due_and_stayed_unanswered_gives_way() -> None:
    """Or it would come every other day, before all others."""
    past = seen((B1, 100), (A1, 49), (C1, 30))
    assert by_review([A1, B1, C1], past, {"a1": DONE_LONG_AGO}).prompt == B1


def test_what_was_due_and_put_off_is_due_still() -> None:
    """On another day, as was asked for."""
    put_off = reviewed((Answer.DONE, 9), (Answer.NOT_TODAY, 2.04))
    past = seen((B1, 100), (A1, 49), (C1, 30))
    assert by_review([A1, B1, C1], past, {"a1": put_off}).rule is Rule.DUE


@pytest.mark.parametrize(("limit", "comes"), [(0, "a1"), (1, "a1"), (2, "b1")])
def test_so_many_are_met_in_a_week(limit: int, comes: str) -> None:
    """One was met in these seven days, another before that."""
    past = {
        "a1": Seen("a1", "a", NOW - timedelta(days=6), 2, NOW - timedelta(days=6)),
        "a2": Seen("a2", "a", NOW - timedelta(days=5), 3, NOW - timedelta(days=8)),
        "c1": Seen("c1", "c", NOW - timedelta(days=3), 4, NOW - timedelta(days=30)),
    }
    assert by_review([A1, A2, B1, C1], past, {}, new_per_week=limit).prompt.id == comes


def test_with_nothing_seen_something_new_comes_whatever_the_limit() -> None:
    """Else nothing ever would."""
    assert by_review([A1, B1], {}, {}, new_per_week=0).rule is Rule.NEW


def test_the_fourth_slot_is_given_in_turn() -> None:
    """To the never seen, though another is due and no new one is due this week."""
    past = seen((A1, 9 * 24), (C1, 60))
    slots = [Brought("c1", "c", is_slot=True, rule=Rule.DUE) for _ in range(3)]
    turn = Brought("c1", "c", is_slot=True, rule=Rule.TURN)
    ordinary = by_review([A1, B1, C1], past, {"a1": DONE_LONG_AGO}, [*slots[:2], turn, *slots])
    assert ordinary.rule is Rule.DUE
    fourth = by_review([A1, B1, C1], past, {"a1": DONE_LONG_AGO}, [*slots, turn])
    assert (fourth.prompt, fourth.rule) == (B1, Rule.TURN)


def test_what_was_asked_for_takes_nobodys_turn() -> None:
    """Only slots are counted."""
    past = seen((A1, 9 * 24), (C1, 60))
    turn = Brought("c1", "c", is_slot=True, rule=Rule.TURN)
    asked = [Brought("c1", "c", is_slot=False, rule=Rule.ASKED) for _ in range(9)]
    assert by_review([A1, B1, C1], past, {"a1": DONE_LONG_AGO}, [*asked, turn]).rule is Rule.DUE


def test_of_four_one_at_most_was_hard_last_time() -> None:
    """What was hard and is due again gives way where one of the last three was hard too."""
    past = seen((A1, 30 * 24), (B1, 100), (C1, 90))
    reviews = {"a1": reviewed((Answer.HARD, 30))}
    slots = [Brought("c1", "c", is_slot=True, rule=Rule.TURN)]
    hard = [Brought("c2", "c", is_slot=True, rule=Rule.DUE, hard=True)]
    assert by_review([A1, B1, C1], past, reviews, slots).prompt == A1
    assert by_review([A1, B1, C1], past, reviews, [*slots, *hard]).prompt == B1
    assert by_review([A1], past, reviews, [*slots, *hard]).prompt == A1


@pytest.mark.parametrize(("days", "gentler"), [(59, False), (61, True)])
def test_after_a_long_time_it_comes_back_smaller(days: int, gentler: bool) -> None:
    """Whether or not it was ever answered."""
    choice = by_review([A1], seen((A1, days * 24)), {})
    assert choice.gentler is gentler
    assert choice.why.endswith("smaller this time, after so long") is gentler


def test_what_was_hard_comes_back_smaller_and_says_so() -> None:
    """And no longer once it went well."""
    choice = by_review([A1], seen((A1, 200)), {"a1": reviewed((Answer.HARD, 8))})
    assert choice.gentler
    assert (
        choice.why == "it was due again: it had been hard 8 days before;"
        " smaller this time, since it had been hard"
    )
    well = reviewed((Answer.HARD, 30), (Answer.DONE, 22))
    assert not by_review([A1], seen((A1, 22 * 24)), {"a1": well}).gentler
