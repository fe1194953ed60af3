"""TOML decks -> prompts. A deck that cannot be used is left out whole, and every mistake is named.

A deck is one file: `deck` names it (its file's name, where it does not), `about` may tell what it
is, and each `[[prompt]]` is one small practice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from reminderd.adapters import deck_folder, deck_problems, kinds, toml_files, trust
from reminderd.adapters.toml_files import shown_path
from reminderd.core.model import Needs, Prompt, When
from reminderd.errors import DeckError

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TITLE: Final = 40
LONGEST_BODY: Final = 140
LONGEST_CUE: Final = 100
LONGEST_GENTLER: Final = 120
MOST_BYTES: Final = 256 * 1024
"""Of all decks of a folder together: some 400 prompts of the usual length."""
MOST_PROMPTS: Final = 2000
_ONCE_MENDED: Final = "This deck can be used once it is mended."
_UNTIL_MENDED: Final = "This deck is left out until it is mended."
_ONE_OF_TWO: Final = (
    "Remove one of the two files, or give its prompts ids of their own; until then this one is"
    " left out."
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PromptTable(_Strict):
    """One `[[prompt]]` of a deck."""

    id: Annotated[str, kinds.slug()]
    tip: Annotated[str, kinds.slug()]
    basis: Annotated[str, kinds.dotted_slug()]
    when: Annotated[str, kinds.one_of(*When)]
    needs: Annotated[str, kinds.one_of(*Needs)]
    title: Annotated[str, kinds.line_of_text(LONGEST_TITLE)]
    body: Annotated[str, kinds.line_of_text(LONGEST_BODY)]
    cue: Annotated[str, kinds.line_of_text(LONGEST_CUE)]
    gentler: Annotated[str, kinds.line_of_text(LONGEST_GENTLER)]
    first: Annotated[bool, kinds.strict_flag()] = False


class DeckFile(_Strict):
    """A whole deck as it stands in its file."""

    deck: Annotated[str, kinds.slug()]
    about: Annotated[str, kinds.line_of_text(500)] = ""
    prompt: tuple[PromptTable, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a prompt comes from.

    Attributes:
        path: Its file.
        is_own: Whether that is the person's own.
        deck: The deck that the file names; an own prompt in the place of a bundled one is in that
            one's deck all the same.
    """

    path: Path
    is_own: bool
    deck: str


@dataclass(frozen=True, slots=True)
class LoadedDecks:
    """What was read.

    Attributes:
        prompts: The bundled ones in their order, own ones in the place and the deck of those they
            replace, then the other own ones.
        left_out: What is wrong with each own file that is left out.
        origins: For each prompt's id, where it comes from.
        bundled: For each id that comes with the program, its deck.
    """

    prompts: tuple[Prompt, ...]
    left_out: Mapping[Path, DeckError]
    origins: Mapping[str, Origin]
    bundled: Mapping[str, str]

    @property
    def problems(self) -> tuple[DeckError, ...]:
        """One for each own file that is left out."""
        return tuple(self.left_out.values())


def load_decks(bundled: Path, own: Path) -> LoadedDecks:
    """Read all decks; a bad one of the person's own never stops the others.

    Args:
        bundled: The folder of the decks that come with the program.
        own: The folder of the person's own decks, which need not exist.

    Raises:
        DeckError: A bundled deck cannot be used.
    """
    prompts, left_out = _read_folder(bundled, is_own=False)
    for problem in left_out.values():
        raise problem
    if not prompts:
        raise DeckError(f"There is no deck in {shown_path(bundled)}.", "Install reminderd again.")
    decks = {id_: prompt.deck for id_, (prompt, _) in prompts.items()}
    own_prompts, left_out = _read_folder(own, is_own=True)
    for id_, (prompt, origin) in own_prompts.items():
        prompts[id_] = (_in_place_of(prompts.get(id_), prompt), origin)
    return LoadedDecks(
        prompts=tuple(prompt for prompt, _ in prompts.values()),
        left_out=MappingProxyType(left_out),
        origins=MappingProxyType({id_: origin for id_, (_, origin) in prompts.items()}),
        bundled=MappingProxyType(decks),
    )


def _in_place_of(bundled: tuple[Prompt, Origin] | None, own: Prompt) -> Prompt:
    """Return an own prompt as it takes the place of a bundled one, if it does.

    Whatever its file says, it stays the first practice and in its deck: a copy that lies in a deck
    that is off would take down what was on.
    """
    if bundled is None:
        return own
    return replace(own, first=own.first or bundled[0].first, deck=bundled[0].deck)


def check_deck(path: Path) -> tuple[Prompt, ...]:
    """Read one deck, wherever it lies.

    Raises:
        DeckError: It cannot be used; all its mistakes are in it, one line each.
    """
    try:
        file = toml_files.read(path, DeckError)
    except FileNotFoundError:
        raise DeckError(f"There is no file {shown_path(path)}.") from None
    return check_text(file.text, path)


def check_text(text: str, path: Path) -> tuple[Prompt, ...]:
    """Read the text of a deck that is to lie somewhere.

    Raises:
        DeckError: As for `check_deck`.
    """
    file = toml_files.parse(text, path, DeckError)
    return tuple(prompt for prompt, _ in _prompts(file, {}, _ONCE_MENDED))


_Found = dict[str, tuple[Prompt, Origin]]
_LeftOut = dict[Path, DeckError]


def _read_folder(folder: Path, *, is_own: bool) -> tuple[_Found, _LeftOut]:
    """Read a folder's decks in the order of their names; the first of two equal ids wins."""
    prompts: _Found = {}
    places: dict[str, str] = {}
    if is_own and (problem := _distrust(folder)):
        return {}, {folder: problem}
    paths, left_out = _decks_in(folder)
    for path in paths:
        try:
            file = toml_files.read(path, DeckError, trusted=is_own)
            read = _prompts(file, places, _UNTIL_MENDED)
        except FileNotFoundError:
            continue  # gone since the folder was listed
        except DeckError as error:
            left_out[path] = error
            continue
        if len(prompts) + len(read) > MOST_PROMPTS:
            told = f"{shown_path(path)} is left out: only {MOST_PROMPTS} prompts in all are read."
            left_out[path] = DeckError(told)
            continue
        places |= {prompt.id: place for prompt, place in read}
        prompts |= {one.id: (one, Origin(path, is_own, one.deck)) for one, _ in read}
    return prompts, left_out


def _distrust(folder: Path) -> DeckError | None:
    """Return why nothing of a folder is used: another account could have put it there."""
    for one in (folder, folder.parent):
        try:
            trust.check(one, one.stat(), DeckError, or_roots=True)
        except OSError:
            return None  # there is none, or reading it says what is the matter
        except DeckError as problem:
            return problem
    return None


def _decks_in(folder: Path) -> tuple[list[Path], _LeftOut]:
    try:
        paths, there = deck_folder.decks_in(folder)
    except FileNotFoundError:
        return [], {}
    except OSError as error:
        told = f"{shown_path(folder)} cannot be read: {error.strerror}."
        return [], {folder: DeckError(told, "Make it a folder that you can read.")}
    total = 0
    for number, path in enumerate(paths):
        total += _size(path)
        if total > MOST_BYTES and number > 0:
            told = f"{shown_path(path)} and what follows is left out: only 256 KiB in all are read."
            return paths[:number], {path: DeckError(told)}
    if there == len(paths):
        return paths, {}
    told = f"{shown_path(folder)}: only the first {len(paths)} of {there} decks are read."
    return paths, {folder: DeckError(told)}


def _size(path: Path) -> int:
    """Return how much of a file would be read; what is too large by itself is refused unread."""
    try:
        size = path.stat().st_size
    except OSError:
        return 0
    return size if size <= toml_files.LARGEST_FILE else 0


def _prompts(
    file: toml_files.Toml, taken: Mapping[str, str], then: str
) -> list[tuple[Prompt, str]]:
    """Return a deck's prompts, each with "file:line".

    Args:
        file: The deck.
        taken: Where the ids of other decks stand, which must not come again.
        then: What follows from a mistake, for the person.

    Raises:
        DeckError: With all that is wrong, one line each.
    """
    rows = file.values.get("prompt")
    if not file.values or rows == []:
        told = f"{file.place()}: the deck is empty; allowed: one [[prompt]] or more."
        raise _refusal(file.path, [told], then)
    if isinstance(rows, list) and len(rows) > MOST_PROMPTS:
        told = f"{file.place()}: prompt: found {len(rows)}; allowed: {MOST_PROMPTS}."
        raise _refusal(file.path, [told], then)
    try:
        deck = DeckFile.model_validate({"deck": file.path.stem} | dict(file.values))
    except ValidationError as error:
        told_all = deck_problems.lines(error, file, DeckFile, PromptTable)
        raise _refusal(file.path, told_all, then) from None
    if hidden := deck_problems.hidden(file):
        raise _refusal(file.path, hidden, then)
    read = [
        (_prompt(deck.deck, row), file.place("prompt", index, "id"))
        for index, row in enumerate(deck.prompt)
    ]
    ids = [(prompt.id, place) for prompt, place in read]
    if shared := deck_problems.shared(ids, taken):
        raise _refusal(file.path, shared, _ONE_OF_TWO)
    if twice := deck_problems.twice(ids):
        raise _refusal(file.path, twice, then)
    return read


def _prompt(deck: str, row: PromptTable) -> Prompt:
    return Prompt(
        id=row.id,
        deck=deck,
        tip=row.tip,
        basis=row.basis,
        when=When(row.when),
        needs=Needs(row.needs),
        title=row.title,
        body=row.body,
        cue=row.cue,
        gentler=row.gentler,
        first=row.first,
    )


def _refusal(path: Path, lines: list[str], hint: str) -> DeckError:
    """Return what is wrong with a file; its whole path stands there once."""
    name = shown_path(path)
    told = lines[: toml_files.MOST_TOLD]
    if len(lines) > 1:
        short = shown_path(Path(path.parent.name, path.name))
        told = [line.replace(name, short) for line in told]
        hint = f"{name}: {hint}"
    if len(lines) > len(told):
        told.append(f"... and {len(lines) - len(told):,} more.")
    return DeckError("\n".join(told), hint)
