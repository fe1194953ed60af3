"""Which prompt comes: due, new, longest unseen; every fourth in turn, so that nothing starves.

There are two kinds of rules. What rests, was put off to another day, or is of the theme that comes
once a week does not come by itself. All else is a preference: kept while there is a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from reminderd.core.model import Prompt, Rule, Seen
from reminderd.core.review import Review, retrievability
from reminderd.core.walltime import local_now

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

REST: Final = timedelta(days=2)
"""The same prompt does not come back sooner, while there is a choice."""
LONG_UNSEEN: Final = timedelta(days=60)
"""What comes back after longer is shown in its gentler version."""
WEEK: Final = timedelta(days=7)

TURN: Final = 4
"""Every so many slots one goes to the never seen, else to the longest unseen. Without it only 42 of
60 prompts were ever seen at two a day, all answered (simulated)."""
SUPPORTING: Final = frozenset({"noticing", "understanding"})
"""Themes that look at signs and reasons: each takes one of `SHARE` deliveries at most."""
SHARE: Final = 5
HARD_SHARE: Final = 4
"""Of so many deliveries one at most was hard the last time."""
WEEKLY: Final = "talk-with-a-therapist"

LIMITED: Final = SUPPORTING | {WEEKLY}
"""Themes that come at most so often."""

LOOKED_BACK: Final = 24
"""So many deliveries are enough to look back at."""

_LONGEST: Final = "the one you had not seen for the longest time"


@dataclass(frozen=True, slots=True)
class Choice:
    """A prompt, the rule that chose it and, in words for `why`, what made it the one.

    Attributes:
        gentler: Whether its smaller version is shown.
        hard: Whether it was hard the last time.
    """

    prompt: Prompt
    rule: Rule
    why: str
    gentler: bool = False
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """One of the last deliveries; `hard` is whether its prompt had been hard the time before."""

    prompt: str
    tip: str
    is_slot: bool
    rule: Rule | None = None
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What a choice looks back at.

    Attributes:
        seen: By prompt, when it was shown; prompts that never were are absent.
        reviews: By prompt, what its answers come to.
        recent: The last deliveries, newest first, `LOOKED_BACK` of them.
    """

    seen: Mapping[str, Seen]
    reviews: Mapping[str, Review]
    recent: Sequence[Brought] = ()


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses for one moment.

    Attributes:
        past: What came before.
        now: The moment, in UTC.
        zone: Where the person is.
        new_per_week: How many are met for the first time in a week; a turn may bring more.
    """

    past: Past
    now: datetime
    zone: tzinfo
    new_per_week: int

    def choose(
        self, pool: Sequence[Prompt], rng: random.Random, *, in_turn: bool = False
    ) -> Choice | None:
        """Return the prompt for this moment, or None where there is none to choose from.

        Args:
            pool: The prompts that may come.
            rng: Decides between equals.
            in_turn: Whether this is a slot, of which every fourth is given in turn.
        """
        best = _least(pool, self._burden)
        others = _least(best, self._repeats_tip)
        if not others:
            return None
        if in_turn and (waited := self._turn_waited()) is not None:
            chosen = self._longest_unseen(others if waited else best, rng)
            if chosen in others:  # else its theme was the last, and it has its turn next time
                return self.describe(chosen, Rule.TURN)
        return self._ordinary(others, rng)

    def rested(self, pool: Sequence[Prompt]) -> list[Prompt]:
        """Return, of the prompts that may come at all, those that may come by themselves now."""
        recent = {one.tip for one in self.past.recent[: SHARE - 1]}
        too_often = SUPPORTING & recent
        weekly = [one for one in self.past.seen.values() if one.tip == WEEKLY]
        if any(self._is_within(one.at, WEEK) for one in weekly):
            too_often |= {WEEKLY}
        awake = [prompt for prompt in pool if not self._rests(prompt)]
        found = [prompt for prompt in awake if prompt.tip not in too_often]
        # A share of what comes keeps nothing from coming: once all else rests it would for good.
        return found or [prompt for prompt in awake if prompt.tip not in too_often - SUPPORTING]

    def describe(self, prompt: Prompt, rule: Rule, why: str = "") -> Choice:
        """Return a prompt with the version that suits, and why it is the one."""
        seen, review = self.past.seen.get(prompt.id), self.past.reviews.get(prompt.id)
        hard = review is not None and review.hards > 0
        long_unseen = seen is not None and not self._is_within(seen.at, LONG_UNSEEN)
        why = why or self._why(prompt, rule)
        if hard:
            why += "; smaller this time, since it had been hard"
        elif long_unseen:
            why += "; smaller this time, after so long"
        return Choice(prompt, rule, why, gentler=hard or long_unseen, hard=hard)

    def _ordinary(self, pool: Sequence[Prompt], rng: random.Random) -> Choice:
        due = [prompt for prompt in pool if self._is_due(prompt)]
        if due:
            return self._of_its_theme(min(due, key=self._retrievability), pool, rng)
        seen = [prompt for prompt in pool if prompt.id in self.past.seen]
        new = [prompt for prompt in pool if prompt.id not in self.past.seen]
        met = [one for one in self.past.seen.values() if self._is_within(one.first_at, WEEK)]
        if new and (not seen or len(met) < self.new_per_week):
            return self.describe(_one_of(new, rng), Rule.NEW)
        return self.describe(self._longest_unseen(seen, rng), Rule.LONGEST_UNSEEN)

    def _of_its_theme(self, due: Prompt, pool: Sequence[Prompt], rng: random.Random) -> Choice:
        """Return what is due; of a theme with a limit, the one that has waited longest.

        A theme that may come once a week would else have few that are due, over and over.
        """
        if due.tip in LIMITED:
            chosen = self._longest_unseen([one for one in pool if one.tip == due.tip], rng)
            if chosen != due:
                rule = Rule.LONGEST_UNSEEN if chosen.id in self.past.seen else Rule.NEW
                why = (
                    f"its theme was due, and it was {_LONGEST}"
                    if chosen.id in self.past.seen
                    else ""
                )
                return self.describe(chosen, rule, why)
        return self.describe(due, Rule.DUE)

    def _longest_unseen(self, pool: Sequence[Prompt], rng: random.Random) -> Prompt:
        new = [prompt for prompt in pool if prompt.id not in self.past.seen]
        if new:
            fresh_tip = _least(new, self._repeats_tip)
            return _one_of(fresh_tip, rng)
        return min(pool, key=lambda prompt: self.past.seen[prompt.id].order)

    def _turn_waited(self) -> bool | None:
        """Return whether a turn had to wait, or None where none is to be given.

        One that had to wait moves none that follows.
        """
        slots = [one for one in self.past.recent if one.is_slot]
        turns = [number for number, one in enumerate(slots, 1) if one.rule is Rule.TURN]
        if not turns:
            return bool(slots)
        late = max(0, turns[1] - turns[0] - TURN) if len(turns) > 1 else 0
        over = turns[0] - TURN + late
        return over > 0 if over >= 0 else None

    # What is wrong with a prompt at this moment; the least of it is taken

    def _burden(self, prompt: Prompt) -> tuple[int, bool]:
        review = self.past.reviews.get(prompt.id)
        was_hard = review is not None and review.hards > 0
        recent = self.past.recent[: HARD_SHARE - 1]
        return self._soon(prompt), was_hard and any(one.hard for one in recent)

    def _soon(self, prompt: Prompt) -> int:
        seen = self.past.seen.get(prompt.id)
        if seen is None:
            return 0
        is_last = bool(self.past.recent) and self.past.recent[0].prompt == prompt.id
        return 2 if is_last else int(self._is_within(seen.at, REST))

    def _repeats_tip(self, prompt: Prompt) -> bool:
        return bool(self.past.recent) and self.past.recent[0].tip == prompt.tip

    def _rests(self, prompt: Prompt) -> bool:
        review = self.past.reviews.get(prompt.id)
        if review is None:
            return False
        if review.rests_until is not None and review.rests_until > self.now:
            return True
        return review.put_off_at is not None and self._date(review.put_off_at) >= self._date(
            self.now
        )

    # Facts

    def _is_within(self, at: datetime, length: timedelta) -> bool:
        """Return whether a moment lies less than so long back, or ahead of a clock set back."""
        return self.now - at < length

    def _is_due(self, prompt: Prompt) -> bool:
        """Return whether its interval is over and it has not come since, but to be put off.

        What was brought and not answered gives way to others, or it would come every other day.
        """
        review, seen = self.past.reviews.get(prompt.id), self.past.seen.get(prompt.id)
        if review is None or review.due_at is None or review.due_at > self.now:
            return False
        if seen is None or seen.at < review.due_at:
            return True
        return review.put_off_at is not None and review.put_off_at >= seen.at

    def _retrievability(self, prompt: Prompt) -> float:
        return retrievability(self.past.reviews[prompt.id], self.now)

    def _date(self, at: datetime) -> date:
        return local_now(at, self.zone).date()

    def _why_due(self, review: Review) -> str:
        days = (self._date(self.now) - self._date(review.last_at or self.now)).days
        went = "been hard" if review.hards else "gone well"
        return f"it was due again: it had {went} {days} {'day' if days == 1 else 'days'} before"

    def _why(self, prompt: Prompt, rule: Rule) -> str:
        if rule is Rule.DUE:
            return self._why_due(self.past.reviews[prompt.id])
        is_new = prompt.id not in self.past.seen
        if rule is Rule.TURN:
            one = "one you had not met yet" if is_new else _LONGEST
            return f"every fourth one goes to {one}"
        return "you had not met it yet" if is_new else f"nothing was due, and it was {_LONGEST}"


def _least(pool: Sequence[Prompt], key: Callable[[Prompt], tuple[int, ...] | int]) -> list[Prompt]:
    """Return the prompts for which a key is the least."""
    keys = [key(prompt) for prompt in pool]
    least = min(keys, default=None)
    return [prompt for prompt, one in zip(pool, keys, strict=True) if one == least]


def first_practice(prompts: Sequence[Prompt]) -> Prompt | None:
    """Return the prompt that is marked for the very first practice."""
    return next((prompt for prompt in prompts if prompt.first), None)


def _one_of(prompts: Sequence[Prompt], rng: random.Random) -> Prompt:
    """Return one at random; `random.random` alone is stable across Python's versions."""
    return prompts[int(rng.random() * len(prompts))]
