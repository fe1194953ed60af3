"""Which prompts may come at all, as settings and the person's choices have it, and why none may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.core.model import Needs, Practice, Prompt

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

ALL: Final = "*"


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
