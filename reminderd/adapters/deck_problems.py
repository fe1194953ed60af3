"""What is wrong with a deck, one line each: file, line, prompt, key, what is there, what may be.

What is allowed and yet may surprise is a remark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.adapters.kinds import Kind, NotAllowedError, hidden_in
from reminderd.adapters.toml_files import MOST_TOLD, Toml, found, nearest, shown_path
from reminderd.adapters.toml_mistakes import key_near
from reminderd.core.spoken import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

ONE_STAYS: Final = (
    "{id} of the deck {named} comes with reminderd, so it stays in the deck {deck}. To make a deck"
    " of your own, give it an id of its own."
)
SOME_STAY: Final = (
    "{id} and {more} of the deck {named} come with reminderd, so they stay in the deck {deck}. To"
    " make a deck of your own, give its prompts ids of their own."
)
_MOST_COMPARED: Final = 100
"""Mistakes among which one is looked for that another follows from."""
_TABLES = 'prompts, each under its own line "[[prompt]]"'


def lines(
    error: ValidationError, file: Toml, deck: type[BaseModel], prompt: type[BaseModel]
) -> list[str]:
    """Return the lines of a validation error, in the order of the file; of many only the first few.

    Whatever is not told has an empty line.

    Args:
        error: What pydantic found.
        file: The deck, for its lines and ids.
        deck: The model of a deck's file.
        prompt: The model of one of its prompts.
    """
    details = sorted(error.errors(include_url=False), key=lambda one: file.line(*one["loc"]))
    mistyped = {_meant(detail, deck, prompt) for detail in details[:_MOST_COMPARED]}
    told: list[str] = []
    for detail in details:
        path = tuple(detail["loc"])
        if detail["type"] == "missing" and path in mistyped:
            continue  # it stands there under the name that is told as not known
        if len(told) >= MOST_TOLD:
            told.append("")
            continue
        inside = len(path) > 2  # noqa: PLR2004 -- prompt, its number, its key
        said = _said(detail, str(path[-1]), prompt if inside else deck)
        if path[0] == "prompt" and not inside and detail["type"] != "missing":
            said = f"prompt: found {found(detail['input'])}; allowed: {_TABLES}"
        told.append(f"{file.place(*path)}: {_whose(file, path)}{said}.")
    return told


def _meant(
    detail: ErrorDetails, deck: type[BaseModel], prompt: type[BaseModel]
) -> tuple[str | int, ...] | None:
    """Return the path that a mistyped key was meant to have."""
    *around, key = detail["loc"]
    if detail["type"] != "extra_forbidden":
        return None
    near = nearest(str(key), (prompt if around else deck).model_fields)
    return (*around, near) if near else None


def _whose(file: Toml, path: tuple[str | int, ...]) -> str:
    """Return which prompt it is about: its id, else its number, counted from 1."""
    rows = file.values.get("prompt")
    if len(path) < 2 or not isinstance(path[1], int) or not isinstance(rows, list):  # noqa: PLR2004
        return ""
    row = rows[path[1]]
    id_ = row.get("id") if isinstance(row, dict) else None
    return f"prompt {quoted(id_) if isinstance(id_, str) and id_ else path[1] + 1}, "


def _said(detail: ErrorDetails, key: str, model: type[BaseModel]) -> str:
    value = detail["input"]
    if detail["type"] == "extra_forbidden":
        near = nearest(key, model.model_fields)
        guess = f"did you mean {near}? " if near else ""
        held = "" if isinstance(value, dict | list) else f" = {found(value)}"
        known = ", ".join(model.model_fields)
        return f"{quoted(key)[1:-1]}{held} is not known; {guess}allowed: {known}"
    allowed = _allowed(model, key)
    if detail["type"] == "missing":
        return f"{key} is missing; allowed: {allowed}"
    refusal = detail.get("ctx", {}).get("error")
    reason = refusal.reason if isinstance(refusal, NotAllowedError) else ""
    return f"{key}: found {found(value)}{f' ({reason})' if reason else ''}; allowed: {allowed}"


def _allowed(model: type[BaseModel], key: str) -> str:
    field = model.model_fields.get(key)
    allowed = [one.allowed for one in field.metadata if isinstance(one, Kind)] if field else []
    return allowed[0] if allowed else _TABLES


def hidden(file: Toml) -> list[str]:
    """Return a line for each line of a deck, comments too, with a sign that nobody sees.

    Of many only the first few are told, as by `lines`.
    """
    problems: list[str] = []
    for number, line in enumerate(file.text.split("\n"), start=1):
        if said := hidden_in(line.removesuffix("\r").replace("\t", " ")):
            if len(problems) >= MOST_TOLD:
                problems.append("")
                continue
            key = key_near(file.text, number)
            where = f"{shown_path(file.path)}:{number}: {f'{key}: ' if key else ''}"
            problems.append(f"{where}{said}; allowed: text without signs that nobody sees.")
    return problems


def twice(ids: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each id that stands in a deck a second time.

    Args:
        ids: The deck's ids, each with "file:line".
    """
    places: dict[str, str] = {}
    problems = []
    for id_, place in ids:
        if id_ in places:
            problems.append(f"{_again(id_, place, places[id_])}; allowed: an id of its own.")
        places.setdefault(id_, place)
    return problems


def shared(ids: Iterable[tuple[str, str]], taken: Mapping[str, str]) -> list[str]:
    """Return a line for each file that has ids of this deck: often the one is a copy of the other.

    Args:
        ids: The deck's ids, each with "file:line".
        taken: The same of the decks before it.
    """
    by_file: dict[str, list[tuple[str, str]]] = {}
    for id_, place in ids:
        if id_ in taken:
            by_file.setdefault(taken[id_].rpartition(":")[0], []).append((id_, place))
    problems = []
    for (id_, place), *more in by_file.values():
        also = f", and so do {len(more)} more of its ids" if len(more) > 1 else ""
        also = ", and so does one more of its ids" if len(more) == 1 else also
        own = "ids of its own" if more else "an id of its own"
        problems.append(f"{_again(id_, place, taken[id_])}{also}; allowed: {own}.")
    return problems


def _again(id_: str, place: str, other: str) -> str:
    return f'{place}: prompt "{id_}", id: found "{id_}", which stands in {other} too'


def staying(named: Mapping[str, str], bundled: Mapping[str, str]) -> list[str]:
    """Return a remark for each deck that loses prompts to the bundled deck of their ids.

    Args:
        named: For each id, the deck that its file names.
        bundled: For each id that comes with the program, its deck.
    """
    lost: dict[tuple[str, str], list[str]] = {}
    for id_, deck in named.items():
        if bundled.get(id_, deck) != deck:
            lost.setdefault((deck, bundled[id_]), []).append(id_)
    remarks = []
    for (deck, stays_in), (id_, *others) in lost.items():
        more = f"{len(others)} more ids" if len(others) > 1 else "one more id"
        told = SOME_STAY if others else ONE_STAYS
        remarks.append(told.format(id=id_, more=more, named=deck, deck=stays_in))
    return remarks
