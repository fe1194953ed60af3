"""Which prompt comes, over long lives: what must be true whatever the person answers."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.core.model import Answer, Prompt, Rule, Seen
from reminderd.core.review import Review, Said, fold
from reminderd.core.selection import (
    LOOKED_BACK,
    SUPPORTING,
    WEEKLY,
    Brought,
    Choice,
    Chooser,
    Past,
)
from tests import strategies
from tests.fakes import prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
PLAIN = ("take-it-slow", "talk-about-it", "aim-for-balance", "self-compassion")
ALL_TIPS = (*PLAIN, WEEKLY, *sorted(SUPPORTING))


@dataclass
class Lived:
    """A life: what came when, and what was answered."""

    came: list[tuple[datetime, Choice, Answer | None]] = field(default_factory=list)
    silent: int = 0

    @property
    def prompts(self) -> list[Prompt]:
        return [choice.prompt for _, choice, _ in self.came]


def live(
    pool: Sequence[Prompt],
    slots: int,
    per_day: int,
    answer: Callable[[int], Answer | None],
    *,
    new_per_week: int = 5,
) -> Lived:
    """Live through some slots, evenly spread over the days."""
    seen: dict[str, Seen] = {}
    said: dict[str, list[Said]] = {}
    reviews: dict[str, Review] = {}
    recent: list[Brought] = []
    lived = Lived()
    for number in range(slots):
        now = START + number * timedelta(days=1) / per_day
        chooser = Chooser(Past(seen, reviews, recent[:LOOKED_BACK]), now, UTC, new_per_week)
        choice = chooser.choose(chooser.rested(pool), random.Random(number), in_turn=True)
        if choice is None:
            lived.silent += 1
            continue
        one, order = choice.prompt, len(lived.came) + 1
        first_at = seen[one.id].first_at if one.id in seen else now
        seen[one.id] = Seen(one.id, one.tip, now, order, first_at)
        recent.insert(0, Brought(one.id, one.tip, is_slot=True, rule=choice.rule, hard=choice.hard))
        given_ = answer(number)
        lived.came.append((now, choice, given_))
        if given_ is not None:
            said.setdefault(one.id, []).append(Said(now + timedelta(minutes=5), given_))
            reviews[one.id] = fold(said[one.id], 21)
    return lived


@st.composite
def pools(draw: st.DrawFn, tips: Sequence[str] = ALL_TIPS, least: int = 1) -> list[Prompt]:
    """Draw some prompts of some tips."""
    counts = draw(st.lists(st.integers(1, 12), min_size=least, max_size=len(tips)))
    return [
        prompt(f"{tip}-{number}", tip)
        for tip, count in zip(tips, counts, strict=False)
        for number in range(count)
    ]


@st.composite
def people(draw: st.DrawFn) -> Callable[[int], Answer | None]:
    """Draw somebody who answers by chance, or always the same."""
    chances = draw(st.lists(st.sampled_from([*Answer, None]), min_size=1, max_size=6))
    # Retired prompts are the pool's concern.
    possible = [one for one in chances if one is not Answer.NOT_FOR_ME] or [None]
    seed = draw(st.integers(0, 999))
    return lambda number: random.Random(f"{seed}:{number}").choice(possible)


@given(pools(PLAIN), st.integers(1, 12), people(), st.integers(0, 20))
def test_each_is_reached_within_four_slots_for_each(
    pool: list[Prompt], per_day: int, answer: Callable[[int], Answer | None], new: int
) -> None:
    """Whatever the person answers, and however few new ones they want."""
    lived = live(pool, 4 * len(pool), per_day, answer, new_per_week=new)
    assert {one.id for one in lived.prompts} == {one.id for one in pool} or lived.silent
    if not lived.silent:
        first = {one.id: number for number, one in reversed(list(enumerate(lived.prompts, 1)))}
        assert max(first.values()) <= 4 * len(pool)


@given(pools(least=3), st.integers(1, 6), people())
@strategies.fewer(2)
def test_the_limits_of_themes_hold(
    pool: list[Prompt], per_day: int, answer: Callable[[int], Answer | None]
) -> None:
    """One in five for each supporting theme, while there is a choice; one a week, always."""
    plain = [prompt(f"{tip}+{number}", tip) for tip in PLAIN for number in range(40)]
    lived = live([*pool, *plain], 120, per_day, answer)
    tips = [one.tip for one in lived.prompts]
    for number in range(len(tips)):
        counted = Counter(tips[number : number + 5])
        assert all(counted[tip] <= 1 for tip in SUPPORTING), counted
    lived = live(pool, 300, per_day, answer)
    weekly = [at for at, choice, _ in lived.came if choice.prompt.tip == WEEKLY]
    assert all(later - one >= timedelta(days=7) for one, later in pairwise(weekly))


@pytest.mark.parametrize("answer", [Answer.DONE, Answer.HARD, None])
@pytest.mark.parametrize("per_day", [1, 2, 3, 4, 8])
def test_of_a_theme_with_a_limit_all_are_reached(per_day: int, answer: Answer | None) -> None:
    """Eight at one a week: within half a year, however slots and weeks meet."""
    pool = [prompt(f"{tip}-{number}", tip) for tip in PLAIN for number in range(12)]
    pool += [prompt(f"{WEEKLY}-{number}", WEEKLY) for number in range(8)]
    lived = live(pool, 182 * per_day, per_day, lambda _: answer)
    assert len({one.id for one in lived.prompts if one.tip == WEEKLY}) == 8


@given(st.integers(1, 4), people())
@strategies.fewer(2)
def test_a_share_keeps_nothing_from_coming(
    per_day: int, answer: Callable[[int], Answer | None]
) -> None:
    """Where only a theme with a share is left, it comes, and the one with a week keeps its week."""
    pool = [prompt(f"noticing-{number}", "noticing") for number in range(120)]
    pool += [prompt(f"{WEEKLY}-{number}", WEEKLY) for number in range(8)]
    assert live(pool, 100, per_day, answer).silent == 0


@given(pools(least=2), st.integers(1, 12), people())
@strategies.fewer(2)
def test_what_was_hard_rests(
    pool: list[Prompt], per_day: int, answer: Callable[[int], Answer | None]
) -> None:
    """Four days, then three weeks; and it comes back gentler."""
    lived = live(pool, 200, per_day, answer)
    hards: dict[str, tuple[datetime, int]] = {}
    for at, choice, answered in lived.came:
        name = choice.prompt.id
        if name in hards:
            since, running = hards[name]
            assert at - since >= timedelta(days=4 if running == 1 else 21)
            assert choice.gentler
            assert choice.hard
        if answered is Answer.HARD:
            hards[name] = (at, hards.get(name, (at, 0))[1] + 1)
        elif answered in {Answer.DONE, Answer.TAKEN}:
            hards.pop(name, None)


@given(pools(PLAIN, least=4), st.integers(1, 3), people())
@strategies.fewer(2)
def test_nothing_comes_twice_in_two_days_nor_a_theme_twice_running(
    pool: list[Prompt], per_day: int, answer: Callable[[int], Answer | None]
) -> None:
    """Where there is a choice: with enough of four themes there always is one."""
    many = [prompt(f"{one.id}-{copy}", one.tip) for one in pool for copy in range(8)]
    lived = live(many, 200, per_day, answer)
    last: dict[str, datetime] = {}
    for at, choice, _ in lived.came:
        before = last.get(choice.prompt.id)
        assert before is None or at - before >= timedelta(days=2)
        last[choice.prompt.id] = at
    if not any(choice.hard for _, choice, _ in lived.came):
        assert all(one.tip != other.tip for one, other in pairwise(lived.prompts))


@given(people())
@strategies.fewer(2)
def test_of_four_one_was_hard_at_most(answer: Callable[[int], Answer | None]) -> None:
    """While there is anything else."""
    pool = [prompt(f"{tip}-{number}", tip) for tip in PLAIN for number in range(15)]
    lived = live(pool, 200, 2, answer)
    hard = [choice.hard for _, choice, _ in lived.came]
    reviewed = [one for _, choice, one in lived.came if one is Answer.HARD]
    if len(reviewed) < len(lived.came) / 3:
        for number in range(len(hard)):
            assert sum(hard[number : number + 4]) <= 1


@given(pools(), st.integers(1, 12), people())
def test_put_off_means_another_day(
    pool: list[Prompt], per_day: int, answer: Callable[[int], Answer | None]
) -> None:
    """*Not today* is for the whole local date."""
    lived = live(pool, 120, per_day, answer)
    put_off: dict[str, datetime] = {}
    for at, choice, answered in lived.came:
        before = put_off.get(choice.prompt.id)
        assert before is None or before.date() != at.date()
        if answered is Answer.NOT_TODAY:
            put_off[choice.prompt.id] = at


@given(pools(least=2), st.integers(1, 6), people())
def test_every_fourth_is_given_in_turn(
    pool: list[Prompt], per_day: int, answer: Callable[[int], Answer | None]
) -> None:
    """A turn that waits for another theme moves none that follows."""
    lived = live(pool, 160, per_day, answer)
    turns = [number for number, (_, choice, _) in enumerate(lived.came) if choice.rule is Rule.TURN]
    assert all(later - one <= 5 for one, later in pairwise(turns))
    assert len(turns) >= len(lived.came) // 4 - 1


def test_nothing_starves_with_the_decks_own_sizes() -> None:
    """Sixty prompts, all answered: at one and at two a day all are met, and again and again."""
    pool = [prompt(f"{PLAIN[number % 4]}-{number}", PLAIN[number % 4]) for number in range(60)]
    for per_day in (1, 2):
        lived = live(pool, 720, per_day, lambda _: Answer.DONE)
        counts = Counter(one.id for one in lived.prompts)
        assert len(counts) == 60
        assert min(counts.values()) >= 3
