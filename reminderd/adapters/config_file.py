"""Changing the config file: the whole is checked before it is written, and comments stay.

The only user of tomlkit; the daemon reads with `settings.py` and never loads this.
"""

from __future__ import annotations

import copy
import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError

from reminderd.adapters import atomic, paths, settings, toml_files
from reminderd.adapters.config_lists import with_entries
from reminderd.adapters.config_text import (
    default_config_text,
    has_header,
    with_new_key,
    without_key,
)
from reminderd.adapters.kinds import NotAllowedError
from reminderd.adapters.setting_kinds import entries_of
from reminderd.adapters.setting_tables import TABLES, Plain, kind_of
from reminderd.core.spoken_window import split_list
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Change", "create", "default_config_text", "set_value", "set_values", "unset"]


_LONGEST_EDITED: Final = 32 * 1024
"""Characters; ten times what a new file has."""


@dataclass(frozen=True)
class Change:
    """What became of a key in the file; None where it does not stand there."""

    key: str
    before: Plain | None
    after: Plain | None


@dataclass(frozen=True)
class _Edit:
    """What is to become of a key: how the file's text changes, and what it then says."""

    key: str
    text: Callable[[toml_files.Toml], str | None]
    after: Plain | None


def create(path: Path, values: Mapping[str, Plain] | None = None) -> None:
    """Write a new config file: the given values set, a comment for every key.

    Args:
        path: Where; what is there is replaced.
        values: What to set, by key with its table, such as "cadence.random_per_day".

    Raises:
        SettingsError: A value is not allowed, or the file cannot be written.
    """
    text = default_config_text(values)
    settings.check(toml_files.parse(text, path, SettingsError), {})
    paths.make_private(path.parent)
    atomic.write(path, text, SettingsError)


def set_value(path: Path, key: str, words: str | Sequence[str]) -> Change:
    """Set a key to what was typed for it, as one text or several.

    Where there is no file, a new one is made, with a comment for every other key.

    Raises:
        SettingsError: The key or the value is not allowed, the file has another problem, or it
            cannot be written; the file is then as it was.
    """
    (change,) = set_values(path, {key: words})
    return change


def set_values(path: Path, wanted: Mapping[str, str | Sequence[str]]) -> list[Change]:
    """Set some keys, all of them or none.

    Raises:
        SettingsError: As for `set_value`.
    """
    return _change(path, [_setting(key, words) for key, words in wanted.items()])


def _setting(key: str, words: str | Sequence[str]) -> _Edit:
    value = _typed(settings.known_key(key), [words] if isinstance(words, str) else words)
    table, _, name = key.partition(".")

    def edit(file: toml_files.Toml) -> str | None:
        if not (file.text or file.path.exists()):
            return default_config_text({key: value})
        inside = file.values.get(table, {})
        is_there = isinstance(inside, dict) and name in inside
        if not is_there and (table not in file.values or has_header(file.text, table)):
            return with_new_key(file.text, key, value)
        if isinstance(value, list) and (text := with_entries(file.text, key, value, _entry)):
            return text
        return _edited(file.text, lambda document: document[table].update({name: value}))

    return _Edit(key, edit, value)


def _entry(value: object) -> str:
    """Return an entry of a list in the file as it is typed."""
    (plain,) = cast("list[str]", settings.as_plain([value]))
    return plain


def unset(path: Path, key: str) -> Change:
    """Take a key out of the file, also one that stands there without being known.

    Of a table each key that stands there is taken out, one by one: comments and header stay.

    Raises:
        SettingsError: As for `set_value`.
    """
    table, _, name = key.rpartition(".")

    def edit(file: toml_files.Toml) -> str | None:
        inside = file.values.get(table, {}) if table else file.values
        if not isinstance(inside, dict) or name not in inside:
            settings.known_key(key)
            return file.text
        if name in TABLES and has_header(file.text, name):
            text: str | None = file.text
            for each in inside[name]:
                text = text and _without(text, name, each)
            return text
        return _without(file.text, table, name)

    (change,) = _change(path, [_Edit(key, edit, None)])
    return change


def _without(text: str, table: str, name: str) -> str | None:
    """Return a text without a key of a table, "" for the whole; None where that fails."""
    return without_key(text, f"{table}.{name}" if table else name) or _edited(
        text, lambda whole: (whole[table] if table else whole).remove(name)
    )


def _typed(key: str, words: Sequence[str]) -> Plain:
    """Return what to write for what was typed, where the key allows it."""
    kind = kind_of(key)
    plain: object = None
    try:
        plain = _entries(words, kind.split) if kind.split else _unquoted(" ".join(words))
        value = kind.read(plain)
    except NotAllowedError as error:
        wrong = " ".join(words) if error.index is None else error.entry
        reason = f" ({error.reason})" if error.reason else ""
        raise SettingsError(
            f"{key}: found {toml_files.found(wrong)}{reason}; allowed: {kind.allowed}.",
            "Nothing was written.",
        ) from None
    return value if isinstance(value, str | int) else settings.as_plain(plain)


def _entries(words: Sequence[str], split: Callable[[str], list[str]]) -> list[object]:
    """Return the entries of a list; a weekday that the shell cut off belongs to the next word."""
    entries: list[object] = []
    waiting = ""
    for word in words:
        waiting = f"{waiting} {word}".strip()
        if split is not split_list or re.search(r"[0-9\[]|noon|midnight", waiting):
            entries += entries_of(_unquoted(waiting), split)
            waiting = ""
    return [*entries, waiting] if waiting else entries


def _unquoted(word: str) -> str:
    """Return a word without TOML's quotation marks, which a shell does not need."""
    with suppress(ValueError):
        value = tomllib.loads(f"value = {word.strip()}")["value"]
        return value if isinstance(value, str) else word.strip()
    return word.strip()


def _change(path: Path, edits: Sequence[_Edit]) -> list[Change]:
    """Read, edit, check the whole, write once; two commands at once wait for each other."""
    with atomic.alone(paths.make_private(path.parent), SettingsError):
        file = settings.read_file(path)
        text, changes = file.text, []
        for edit in edits:
            changes.append(_change_of(file, edit))
            if (new := edit.text(file)) != file.text:
                file = toml_files.parse(_checked(file, new, edit), path, SettingsError)
        if file.text != text:
            atomic.write(path, file.text, SettingsError)
    return changes


def _change_of(file: toml_files.Toml, edit: _Edit) -> Change:
    table, _, name = edit.key.rpartition(".")
    inside = file.values.get(table) if table else file.values
    before = inside.get(name) if isinstance(inside, dict) else None
    return Change(edit.key, None if before is None else settings.as_plain(before), edit.after)


def _checked(file: toml_files.Toml, text: str | None, edit: _Edit) -> str:
    """Return a text that can be used, and that says what is intended and nothing else."""
    key, after = edit.key, edit.after
    problem = SettingsError(
        f"{key} cannot be changed the way {toml_files.shown_path(file.path)} is written.",
        "Nothing was written. Change it with `reminderd config edit`.",
    )
    try:
        new = toml_files.parse(text or "", file.path, SettingsError)
        if text is not None and _tidy(new.values) == _tidy(_with(file.values, key, after)):
            settings.check(new, {})
            return text
    except SettingsError as error:
        problem = error
    try:
        settings.check(file, {})
    except SettingsError as error:  # in the lines of the file as it is
        raise SettingsError(
            f"Nothing was written, since the file has another problem:\n{error.message}", error.hint
        ) from None
    raise problem


def _with(values: Mapping[str, object], key: str, after: Plain | None) -> dict[str, Any]:
    """Return what a file is to hold once a key is set, or is gone."""
    wanted: dict[str, Any] = copy.deepcopy(dict(values))
    table, _, name = key.rpartition(".")
    inside = wanted.setdefault(table, {}) if table else wanted
    if isinstance(inside, dict):
        inside.pop(name, None)
        inside |= {} if after is None else {name: after}
    return wanted


def _tidy(values: Mapping[str, object]) -> dict[str, object]:
    """Return values without empty tables, which mean nothing."""
    return {name: value for name, value in values.items() if value != {}}


def _edited(text: str, change: Callable[[Any], object]) -> str | None:
    """Return a text after a change to its tomlkit document, or None where tomlkit cannot.

    It stumbles over some texts that are fine; `_checked` finds those that it mistakes. A long one
    would take it seconds.
    """
    if len(text) > _LONGEST_EDITED:
        return None
    with suppress(TOMLKitError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        document = tomlkit.parse(text)
        change(document)
        return tomlkit.dumps(document)
    return None
