"""What of the content is on: decks and tips by the settings, single prompts by a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

from reminderd.errors import ReminderdError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.adapters.decks import LoadedDecks
    from reminderd.adapters.store.answers import Answers
    from reminderd.core.model import Practice, Prompt

LEFT_OUT: Final = "A deck of your own is left out because of a mistake: reminderd prompts check"

Sort = Literal["deck", "tip", "prompt"]

# What is said of a person's practice; a test reads each for the words that never occur.
NOT_FOR_ME: Final = "you answered “not for me”"
SWITCHED_OFF: Final = "it is switched off"
SET_OFF: Final = "the {sort} {name} is off"
NOT_ALONE: Final = "it needs somebody else, and practice.alone_only is on"


@dataclass(frozen=True)
class Switches:
    """The content, and what of it may come.

    Attributes:
        decks: All prompts there are.
        practice: What the settings let come.
        disabled: The prompts that were switched off one by one.
        declined: Those of them that were answered with *Not for me*.
    """

    decks: LoadedDecks
    practice: Practice
    disabled: frozenset[str]
    declined: frozenset[str]

    @classmethod
    def read(cls) -> Self:
        """Read decks, settings and choices."""
        from reminderd import bootstrap

        practice = bootstrap.load_settings().practice_value()
        answers = _answers()
        off = (answers.disabled(), answers.declined()) if answers else (frozenset(), frozenset())
        return cls(bootstrap.load_decks(), practice, *off)

    def names(self, sort: Sort) -> list[str]:
        """Return the names there are of a sort, in the order of the prompts."""
        return list(dict.fromkeys(_name(prompt, sort) for prompt in self.decks.prompts))

    def known(self, sort: Sort, name: str | None) -> None:
        """Let pass a name that exists.

        Raises:
            UnknownNameError: It does not.
        """
        if name is not None and name not in self.names(sort):
            raise self._unknown(f"There is no {sort} named {name}.", name, (sort,))

    def prompt(self, id_: str) -> Prompt:
        """Return a prompt.

        Raises:
            UnknownNameError: There is none with this id.
        """
        self.known("prompt", id_)
        return next(prompt for prompt in self.decks.prompts if prompt.id == id_)

    def sort_of(self, name: str) -> Sort:
        """Return what a name names.

        Raises:
            UnknownNameError: Nothing.
            ReminderdError: More than one thing.
        """
        sorts: tuple[Sort, ...] = ("deck", "tip", "prompt")
        found = [sort for sort in sorts if name in self.names(sort)]
        if not found:
            raise self._unknown(f"There is no deck, tip or prompt named {name}.", name, sorts)
        if len(found) > 1:
            raise ReminderdError(
                f"{name} is the name of a {' and of a '.join(found)}.",
                f"Say which: {' or '.join(f'--as {sort}' for sort in found)}.",
            )
        return found[0]

    def is_on(self, sort: Literal["deck", "tip"], name: str) -> bool:
        """Return whether the settings let a deck or tip come."""
        chosen = self.practice.decks if sort == "deck" else self.practice.tips
        return "*" in chosen or name in chosen

    def why_off(self, prompt: Prompt) -> str | None:
        """Return why a prompt does not come, or None where it may."""
        if prompt.id in self.declined:
            return NOT_FOR_ME
        if prompt.id in self.disabled:
            return SWITCHED_OFF
        for sort in ("deck", "tip"):
            if not self.is_on(sort, _name(prompt, sort)):
                return SET_OFF.format(sort=sort, name=_name(prompt, sort))
        alone = self.practice.alone_only and prompt.needs == "someone"
        return NOT_ALONE if alone else None

    def place(self, prompt: Prompt) -> tuple[bool, int, int]:
        """Return where a prompt stands in a list: decks that are on first, each deck together."""
        decks, tips = self.names("deck"), self.names("tip")
        return (
            not self.is_on("deck", prompt.deck),
            decks.index(prompt.deck),
            tips.index(prompt.tip),
        )

    def switch(self, sort: Sort, name: str, *, on: bool) -> None:
        """Let something come, or no longer come."""
        if sort == "prompt":
            if on == (name in self.disabled):
                _choose(name, on=on)
            return
        _set_names(sort, name, self.names(sort), on=on)

    def _unknown(self, message: str, name: str, sorts: Sequence[Sort]) -> UnknownNameError:
        """Return a refusal that says what the name could have meant."""
        from reminderd.adapters.deck_problems import staying
        from reminderd.adapters.toml_files import nearest

        origins = self.decks.origins.items()
        named = {id_: origin.deck for id_, origin in origins if origin.deck == name}
        if "deck" in sorts and (stay := staying(named, self.decks.bundled)):
            return UnknownNameError(message, "\n".join(stay))
        if self.decks.problems:
            return UnknownNameError(message, LEFT_OUT)
        near = nearest(name, [each for sort in sorts for each in self.names(sort)])
        return UnknownNameError(
            message, f"Did you mean {near}?" if near else "To see all: reminderd prompts list"
        )


def disabled() -> frozenset[str]:
    """Return the prompts that were switched off one by one; asking makes no database."""
    answers = _answers()
    return answers.disabled() if answers else frozenset()


def _answers() -> Answers | None:
    from reminderd import bootstrap
    from reminderd.adapters import paths
    from reminderd.cli.opened import open_store

    return open_store(bootstrap.present()).answers if paths.database_file().exists() else None


def _name(prompt: Prompt, sort: Sort) -> str:
    return {"deck": prompt.deck, "tip": prompt.tip, "prompt": prompt.id}[sort]


def _choose(prompt: str, *, on: bool) -> None:
    from reminderd import bootstrap
    from reminderd.cli.opened import open_store

    present = bootstrap.present()
    open_store(present).answers.add_choice(prompt, present, enabled=on)


def _set_names(sort: Literal["deck", "tip"], name: str, names: list[str], *, on: bool) -> None:
    """Change practice.decks or practice.tips in the file; the environment has no say in that."""
    from reminderd.adapters import config_file, paths
    from reminderd.adapters.settings import load_settings

    path = paths.config_file()
    practice = load_settings(path, {}).practice_value()
    chosen = list(practice.decks if sort == "deck" else practice.tips)
    if on == ("*" in chosen or name in chosen):
        return
    if on:
        chosen.append(name)
        if sort == "tip" and set(names) <= set(chosen):
            chosen = ["*"]  # as before one of them was switched off: tips to come are on too
    else:
        chosen = [one for one in (names if "*" in chosen else chosen) if one != name]
    config_file.set_value(path, f"practice.{sort}s", chosen)
