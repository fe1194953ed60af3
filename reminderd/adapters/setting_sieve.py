"""Settings of whatever is in order: what is not is taken out, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from reminderd.adapters import setting_problems
from reminderd.adapters.setting_model import PREFIX, Settings, variable_of
from reminderd.adapters.setting_tables import KEYS
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from reminderd.adapters.toml_files import Toml

OTHER_VARIABLES: Final = (
    "REMINDERD_CLOCK_WATCH",
    "REMINDERD_HYPOTHESIS",
    "REMINDERD_PYTHON",
)
"""Variables with our prefix that are no settings."""


@dataclass(frozen=True)
class Sifted:
    """All that is in order, and what is not.

    Attributes:
        file: The settings file, as far as it can be read.
        settings: Whatever is in order counts in them; whatever is not is left out.
        of_file: What is wrong with the file, one line each.
        of_variables: What is wrong with the variables, one line each.
    """

    file: Toml
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


def sift(file: Toml, environ: Mapping[str, str]) -> Sifted:
    """Make settings of all that is in order.

    The file is sifted by itself first: a variable wins over what the file says, but hides no
    mistake in it. A variable that is wrong counts as unset, so that the file's value holds.
    """
    names = {variable_of(key): key for key in KEYS}
    ours = [one for one in environ if one.upper().startswith(PREFIX) and one not in OTHER_VARIABLES]
    unknown = setting_problems.unknown_variables(ours, names, PREFIX)
    given = {tuple(key.split(".")): name for name, key in names.items() if name in environ}
    values = {
        name: dict(inside) if isinstance(inside, Mapping) else inside
        for name, inside in file.values.items()
    }
    _, problems = _without_mistakes(file, values, {}, environ)
    settings, others = _without_mistakes(file, values, given, environ)
    problems += others
    lines = setting_problems.lines(one for one in problems if one.line)
    of_file = SettingsError("\n".join(lines), setting_problems.HINT) if lines else None
    lines = [*(one.tell() for one in problems if not one.line), *unknown]
    hint = setting_problems.VARIABLE_HINT
    return Sifted(file, settings, of_file, SettingsError("\n".join(lines), hint) if lines else None)


def _without_mistakes(
    file: Toml,
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
