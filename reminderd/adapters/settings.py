"""The settings as one value, read from the file and the environment.

`load_settings` is the one way in; the environment wins over the file. Nothing here writes:
`config_file.py` does, so that the daemon never loads tomlkit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings; where there is no file, the defaults hold.

    Raises:
        SettingsError: They cannot be used; all that is wrong is in it, one line each.
    """
    return check(read_file(path), environ)


def read_file(path: Path) -> toml_files.Toml:
    """Read the settings file; where there is none, it counts as empty.

    Raises:
        SettingsError: It cannot be read as TOML.
    """
    try:
        return toml_files.read(path, SettingsError)
    except FileNotFoundError:
        return toml_files.Toml(path, "", {})


def check(file: toml_files.Toml, environ: Mapping[str, str]) -> Settings:
    """Make settings of what was read.

    Raises:
        SettingsError: They cannot be used; all that is wrong is in it, one line each.
    """
    lines = setting_problems.unknown_variables(
        [
            name
            for name in environ
            if name.upper().startswith(PREFIX) and name not in OTHER_VARIABLES
        ],
        {variable_of(key): key for key in KEYS},
        PREFIX,
    )
    try:
        settings = Settings.model_validate({"file": file.values, "environment": _tables(environ)})
    except ValidationError as error:
        given = {key: variable_of(key) for key in KEYS if variable_of(key) in environ}
        lines = setting_problems.lines(error, file, given) + lines
    else:
        if not lines:
            return settings
    raise SettingsError("\n".join(lines), setting_problems.HINT) from None


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


def _tables(environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for key in KEYS:
        if (text := environ.get(variable_of(key))) is not None:
            table, _, name = key.partition(".")
            tables.setdefault(table, {})[name] = text
    return tables


def written(path: Path, environ: Mapping[str, str]) -> dict[str, Written]:
    """Return every setting as the person wrote it, in the order of the tables.

    Raises:
        SettingsError: The settings cannot be used.
    """
    file = read_file(path)
    settings = check(file, environ)
    return {key: _written(key, file, environ, settings) for key in KEYS}


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
