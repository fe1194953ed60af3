"""The settings, read from the file and the environment.

`load_settings` is the one way in; the environment wins over the file. Nothing here writes:
`config_file.py` does, so that the daemon never loads tomlkit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import TYPE_CHECKING

from reminderd.adapters import setting_problems, toml_files
from reminderd.adapters.setting_kinds import entries_of
from reminderd.adapters.setting_model import Settings, variable_of
from reminderd.adapters.setting_sieve import Sifted, sift
from reminderd.adapters.setting_tables import KEYS, Plain, default_of, kind_of
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Settings",
    "Written",
    "as_plain",
    "check",
    "known_key",
    "load",
    "load_settings",
    "read_file",
    "variable_of",
    "written",
]


@dataclass(frozen=True)
class Written:
    """A setting as the person wrote it.

    Attributes:
        value: The value, in TOML's types.
        origin: Where it was written: "file:line", a variable, or "" for the default.
    """

    value: Plain
    origin: str


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings; where there is no file, the defaults hold.

    Raises:
        SettingsError: They cannot be used; all that is wrong is in it, one line each.
    """
    return load(path, environ).in_order()


def load(path: Path, environ: Mapping[str, str]) -> Sifted:
    """Read all settings that are in order, also of a file that is no TOML."""
    try:
        return sift(read_file(path), environ)
    except SettingsError as refusal:
        return replace(sift(toml_files.salvage(path), environ), of_file=refusal)


def read_file(path: Path) -> toml_files.Toml:
    """Read the settings file; where there is none, it counts as empty.

    Raises:
        SettingsError: It cannot be read as TOML.
    """
    try:
        content = toml_files.read_bytes(path, SettingsError, trusted=True)
        text = toml_files.decode(content, path, SettingsError)
    except FileNotFoundError:
        return toml_files.Toml(path, "", {})
    try:
        return toml_files.parse(text, path, SettingsError)
    except SettingsError as error:
        raise SettingsError(error.message, f"{error.hint} {setting_problems.HINT}") from None


def check(file: toml_files.Toml, environ: Mapping[str, str]) -> Settings:
    """Make settings of what was read.

    Raises:
        SettingsError: They cannot be used; all that is wrong is in it, one line each.
    """
    return sift(file, environ).in_order()


def known_key(key: str) -> str:
    """Return a key that exists.

    Raises:
        SettingsError: It does not exist.
    """
    if key in KEYS:
        return key
    near = setting_problems.nearest_key(key)
    raise SettingsError(
        f"{toml_files.found(key)} is not a setting.",
        f"Did you mean {near}?" if near else "`reminderd config show` lists the settings.",
    )


def written(path: Path, environ: Mapping[str, str]) -> dict[str, Written]:
    """Return every setting as the person wrote it, in the order of the tables.

    Raises:
        SettingsError: The settings cannot be used.
    """
    read = load(path, environ)
    settings = read.in_order()
    return {key: _written(key, read.file, environ, settings) for key in KEYS}


def _written(
    key: str, file: toml_files.Toml, environ: Mapping[str, str], settings: Settings
) -> Written:
    table, _, name = key.partition(".")
    if (text := environ.get(variable_of(key))) is not None:
        used = getattr(getattr(settings, table), name)
        if isinstance(used, int):  # also true and false
            return Written(used, variable_of(key))
        split = kind_of(key).split
        plain = as_plain(list(entries_of(text, split))) if split else text.strip()
        return Written(plain, variable_of(key))
    values = file.values.get(table)
    if isinstance(values, Mapping) and name in values:
        return Written(as_plain(values[name]), file.place(table, name))
    return Written(default_of(key), "")


def as_plain(value: object) -> Plain:
    """Return a TOML value in the types that settings are shown in; TOML's times become texts."""
    if isinstance(value, list):
        return [f"{one:%H:%M}" if isinstance(one, time) else str(one) for one in value]
    return value if isinstance(value, str | int) else str(value)
