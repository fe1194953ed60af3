"""What is wrong with the settings, one line each: where, which key, what is there, what may be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from reminderd.adapters.kinds import NotAllowedError
from reminderd.adapters.setting_tables import KEYS, TABLES, kind_of
from reminderd.adapters.toml_files import MOST_TOLD, Toml, found, nearest
from reminderd.core.spoken import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_CHECK: Final = "then `reminderd config check` tells if all is well."
HINT: Final = f"Mend it (`reminderd config edit`), {_CHECK}"
VARIABLE_HINT: Final = f"Put the variable right where it is set, or unset it, {_CHECK}"
VARIABLE_TOO: Final = "Put the variable right where it is set, or unset it."


class Problem(NamedTuple):
    """Something that is wrong: in which table or at which key, on which line, in words on request.

    A variable has no line, that is 0.
    """

    path: tuple[str, ...]
    line: int
    tell: Callable[[], str]


def found_in(
    error: ValidationError, file: Toml, variables: Mapping[tuple[str, ...], str]
) -> list[Problem]:
    """Return what a validation error is about.

    Args:
        error: What pydantic found.
        file: The settings file, for its lines.
        variables: The environment variable of each table and key that has its value from there.
    """
    problems = []
    for detail in error.errors(include_url=False):
        path = tuple(str(part) for part in detail["loc"])
        refusal = detail.get("ctx", {}).get("error")
        refusal = refusal if isinstance(refusal, NotAllowedError) else NotAllowedError()
        variable = variables.get(path)
        inside: list[str | int] = [*path, *([] if refusal.index is None else [refusal.index])]
        line = 0 if variable else file.line(*inside)
        where = variable or f"{file.place(*inside)}: {_shown(path)}"
        problems.append(Problem(path, line, partial(_told, where, path, detail, refusal)))
    return problems


def lines(problems: Iterable[Problem]) -> list[str]:
    """Return what is wrong, one line each in the order of the file; too many are only counted."""
    placed = sorted(problems, key=lambda one: one.line)
    told = [one.tell() for one in placed[:MOST_TOLD]]
    more = len(placed) - len(told)
    return [*told, f"... and {more:,} more."] if more else told


def _told(where: str, path: tuple[str, ...], detail: ErrorDetails, refusal: NotAllowedError) -> str:
    return where + _said(path, detail, refusal)


def _shown(path: tuple[str, ...]) -> str:
    return ".".join(quoted(part)[1:-1] for part in path)


def _said(path: tuple[str, ...], detail: ErrorDetails, refusal: NotAllowedError) -> str:
    if detail["type"] == "extra_forbidden":
        held = "" if isinstance(detail["input"], dict) else f" = {found(detail['input'])}"
        return f"{held} is not known; {_meant(path, detail['input'])}."
    if len(path) == 1:
        return f": found {found(detail['input'])}; allowed: a table, [{path[0]}]."
    value = detail["input"] if refusal.index is None else refusal.entry
    entry = "" if refusal.index is None else f", entry {refusal.index + 1}"
    reason = f" ({refusal.reason})" if refusal.reason else ""
    return f"{entry}: found {found(value)}{reason}; allowed: {kind_of('.'.join(path)).allowed}."


def _meant(path: tuple[str, ...], value: object) -> str:
    """Return what could be meant by a key or table that does not exist, and what is allowed."""
    if len(path) == 1 and isinstance(value, dict):
        near = nearest(path[0], TABLES)
        guess = f"did you mean [{near}]? " if near else ""
        return guess + "allowed: " + ", ".join(f"[{table}]" for table in TABLES)
    near = nearest_key(".".join(path))
    guess = f"did you mean {near}? " if near else ""
    known = TABLES[path[0]].model_fields if path[0] in TABLES else [f"[{name}]" for name in TABLES]
    inside = f" in [{path[0]}]" if path[0] in TABLES else ""
    return f"{guess}allowed{inside}: " + ", ".join(known)


def nearest_key(name: str) -> str | None:
    """Return the key that a mistyped one is most like: in its own table first, then in any."""
    table, _, last = name.rpartition(".")
    by_last = {key.partition(".")[2]: key for key in KEYS}
    if table in TABLES and (near := nearest(last, TABLES[table].model_fields)):
        return f"{table}.{near}"
    if near := nearest(last, by_last):
        return by_last[near]
    return nearest(name, KEYS) if table and table not in TABLES else None


def unknown_variables(names: Iterable[str], known: Mapping[str, str], prefix: str) -> list[str]:
    """Return a line for each variable with our prefix that is none of the known ones.

    Args:
        names: The variables that are set.
        known: The variable of each key, with the key.
        prefix: What all of them start with.
    """
    problems = []
    for name in sorted(names):
        if name in known:
            continue
        # Compared as keys: the prefix that all share would make anything look near.
        near = nearest_key(name[len(prefix) :].lower().replace("__", "."))
        meant = next((variable for variable, key in known.items() if key == near), None)
        guess = f"did you mean {meant}?" if meant else "`reminderd config show` lists the settings."
        problems.append(f"{quoted(name)[1:-1]} is not known; {guess}")
    return problems
