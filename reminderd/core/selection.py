"""Which prompt comes: longest unseen first, tips interleaved.

Reviews by FSRS, resting after *hard* and the limits of some tips come in a later version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.core.model import Needs, Practice, Prompt, Seen

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Mapping, Sequence

REST: Final = timedelta(days=2)
"""The same prompt does not come back sooner, while there is a choice."""

ALL: Final = "*"


@dataclass(frozen=True, slots=True)
class Choice:
    """A prompt and, in words for `why`, what made it the one; `gentler` asks for less of it."""

    prompt: Prompt
    why: str
    gentler: bool = False


def enabled(
    prompts: Sequence[Prompt], practice: Practice, disabled: Collection[str]
) -> tuple[Prompt, ...]:
    """Return the prompts that may come at all, as settings and the person's choices have it."""
    return tuple(
        prompt
        for prompt in prompts
        if (ALL in practice.decks or prompt.deck in practice.decks)
        and (ALL in practice.tips or prompt.tip in practice.tips)
        and not (practice.alone_only and prompt.needs is Needs.SOMEONE)
        and prompt.id not in disabled
    )


def why_none(prompts: Sequence[Prompt], practice: Practice, disabled: Collection[str]) -> str:
    """Return why no prompt may come at all and what lets one come; empty where one may."""
    if not prompts or enabled(prompts, practice, disabled):
        return ""
    in_decks = [one for one in prompts if {ALL, one.deck} & set(practice.decks)]
    in_tips = [one for one in in_decks if {ALL, one.tip} & set(practice.tips)]
    alone = [one for one in in_tips if not practice.alone_only or one.needs is Needs.NOBODY]
    if not in_decks:
        why = f"practice.decks {_names_none(practice.decks)}"
        then = f"reminderd prompts enable {prompts[0].deck}"
    elif not in_tips:
        why = f"practice.tips {_names_none(practice.tips)}"
        then = f"reminderd prompts enable {in_decks[0].tip}"
    elif not alone:
        why = "practice.alone_only is on, and those that are left need somebody else"
        then = "reminderd config set practice.alone_only off"
    else:
        why = "each one is switched off"
        then = f"reminderd prompts enable {alone[0].id}"
    return f"No prompt may come: {why}. To change that, for example: {then}"


def _names_none(names: Sequence[str]) -> str:
    return "names none that is there" if names else "is empty"


def choose(
    pool: Sequence[Prompt], seen: Mapping[str, Seen], now: datetime, rng: random.Random
) -> Choice | None:
    """Return the prompt for this moment, or None where there is none to choose from.

    Args:
        pool: The prompts that may come.
        seen: When each was last shown; prompts that never were are absent.
        now: The present moment, in UTC.
        rng: Decides between equals.
    """
    last = max(seen.values(), key=lambda one: one.order, default=None)
    rested = [p for p in pool if p.id not in seen or now - seen[p.id].at >= REST]
    other_tip = [p for p in rested if last is None or p.tip != last.tip]
    others = [p for p in pool if last is None or p.id != last.prompt]
    others_tip = [p for p in others if last is None or p.tip != last.tip]
    candidates = other_tip or rested or others_tip or others or list(pool)
    if not candidates:
        return None
    new = [prompt for prompt in candidates if prompt.id not in seen]
    if new:
        return Choice(_one_of(new, rng), "you have not met it yet")
    longest_unseen = min(candidates, key=lambda prompt: seen[prompt.id].order)
    return Choice(longest_unseen, "it is the one you have not seen for the longest time")


def first_practice(prompts: Sequence[Prompt]) -> Prompt | None:
    """Return the prompt that is marked for the very first practice."""
    return next((prompt for prompt in prompts if prompt.first), None)


def _one_of(prompts: Sequence[Prompt], rng: random.Random) -> Prompt:
    """Return one at random; `random.random` alone is stable across Python's versions."""
    return prompts[int(rng.random() * len(prompts))]
