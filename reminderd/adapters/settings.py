"""The settings as one value, read from the file and the environment.

`load_settings` is the one way in; the environment wins over the file. Nothing here writes:
`config_file.py` does, so that the daemon never loads tomlkit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from reminderd.adapters import setting_problems, toml_files
from reminderd.adapters.setting_kinds import MINUTE, SECOND, entries_of
from reminderd.adapters.setting_tables import (
    KEYS,
    CadenceTable,
    NotificationTable,
    PaceTable,
    Plain,
    PracticeTable,
    QuietTable,
    default_of,
    kind_of,
)
from reminderd.core.model import Cadence, Practice, Quiet
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

PREFIX: Final = "REMINDERD_"
DELIMITER: Final = "__"

OTHER_VARIABLES: Final = (
    "REMINDERD_CLOCK_WATCH",
    "REMINDERD_HYPOTHESIS",
    "REMINDERD_PYTHON",
)
"""Variables with our prefix that are no settings."""


class Settings(BaseSettings):
    """All settings; `load_settings` makes them from the file and the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    cadence: CadenceTable = CadenceTable()
    pace: PaceTable = PaceTable()
    quiet: QuietTable = QuietTable()
    notification: NotificationTable = NotificationTable()
    practice: PracticeTable = PracticeTable()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file; `load_settings` has read both."""
        del env_settings, dotenv_settings, file_secret_settings
        given = init_settings()
        return tuple(
            _Source(settings_cls, given.get(origin, {})) for origin in ("environment", "file")
        )

    def cadence_value(self) -> Cadence:
        """Return how often, in the core's words."""
        table = self.cadence
        return Cadence(
            random_per_day=table.random_per_day,
            at=table.at,
            every=None if table.every is None else table.every // MINUTE,
            windows=table.windows,
            min_gap=table.min_gap // MINUTE,
            max_per_day=table.max_per_day,
        )

    def quiet_value(self) -> Quiet:
        """Return when to be silent, in the core's words."""
        table = self.quiet
        return Quiet(
            hours=table.hours,
            do_not_disturb=table.do_not_disturb,
            when_locked=table.when_locked,
            when_away=None if table.when_away is None else table.when_away // SECOND,
            in_call=table.in_call,
        )

    def practice_value(self) -> Practice:
        """Return which prompts may come, in the core's words."""
        table = self.practice
        return Practice(decks=table.decks, tips=table.tips, alone_only=table.alone_only)


class _Source(PydanticBaseSettingsSource):
    """Values of one origin, as tables of keys."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, object]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: object, field_name: str) -> tuple[Any, str, bool]:
        """Return one table; pydantic asks for this name, though only `__call__` is used."""
        del field
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return all tables."""
        return dict(self._values)


@dataclass(frozen=True)
class Written:
    """A setting as the person wrote it.

    Attributes:
        value: The value, in TOML's types.
        origin: Where it was written: "file:line", a variable, or "" for the default.
    """

    value: Plain
    origin: str


@dataclass(frozen=True)
class Sifted:
    """All that is in order, and what is not.

    Attributes:
        file: The settings file, as far as it can be read.
        settings: Whatever is in order counts in them; whatever is not is left out.
        of_file: What is wrong with the file, one line each.
        of_variables: What is wrong with the variables, one line each.
    """

    file: toml_files.Toml
    settings: Settings
    of_file: SettingsError | None
    of_variables: SettingsError | None

    def in_order(self) -> Settings:
        """Return the settings where nothing is wrong.

        Raises:
            SettingsError: Something is; all of it is told, one line each.
        """
        if self.of_file and self.of_variables:
            raise SettingsError(
                f"{self.of_file.message}\n{self.of_variables.message}",
                f"{self.of_file.hint} {setting_problems.VARIABLE_TOO}",
            )
        if problem := self.of_file or self.of_variables:
            raise problem
        return self.settings


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
        text = toml_files.decode(toml_files.read_bytes(path, SettingsError), path, SettingsError)
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


def sift(file: toml_files.Toml, environ: Mapping[str, str]) -> Sifted:
    """Make settings of all that is in order.

    A variable that is wrong counts as unset, so that the key's value in the file holds.
    """
    names = {variable_of(key): key for key in KEYS}
    ours = [one for one in environ if one.upper().startswith(PREFIX) and one not in OTHER_VARIABLES]
    unknown = setting_problems.unknown_variables(ours, names, PREFIX)
    given = {tuple(key.split(".")): name for name, key in names.items() if name in environ}
    values = {
        name: dict(inside) if isinstance(inside, Mapping) else inside
        for name, inside in file.values.items()
    }
    settings, problems = _without_mistakes(file, values, given, environ)
    lines = [one.text for one in sorted(problems, key=lambda one: one.line) if one.line]
    of_file = SettingsError("\n".join(lines), setting_problems.HINT) if lines else None
    lines = [*(one.text for one in problems if not one.line), *unknown]
    hint = setting_problems.VARIABLE_HINT
    return Sifted(file, settings, of_file, SettingsError("\n".join(lines), hint) if lines else None)


def _without_mistakes(
    file: toml_files.Toml,
    values: dict[str, Any],
    given: dict[tuple[str, ...], str],
    environ: Mapping[str, str],
) -> tuple[Settings, list[setting_problems.Problem]]:
    """Take out what is wrong, until the rest is in order; return that, and what was wrong."""
    tables: dict[str, dict[str, str]] = {}
    for (table, name), variable in given.items():
        tables.setdefault(table, {})[name] = environ[variable]
    try:
        return Settings.model_validate({"file": values, "environment": tables}), []
    except ValidationError as error:
        problems = setting_problems.found_in(error, file, given)
    for path, _, _ in problems:  # each is a key or a table that is there: this comes to an end
        if given.pop(path, None) is None:
            del (values if len(path) == 1 else values[path[0]])[path[-1]]
    settings, behind = _without_mistakes(file, values, given, environ)
    return settings, problems + behind


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


def variable_of(key: str) -> str:
    """Return the environment variable of a key."""
    return PREFIX + key.replace(".", DELIMITER).upper()


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
