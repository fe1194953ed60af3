"""The section "Make it yours": config (changes: `changing.py`); `content.py` has prompts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.changing import ALL_WELL, edit, in_toml, set_, unset
from reminderd.cli.content import prompts
from reminderd.cli.output import json_option, one_line, say, say_json, tell
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reminderd.adapters.setting_tables import Plain
    from reminderd.adapters.settings import Written

__all__ = ["config", "prompts"]

NOT_THERE: Final = "There is no {path}: every setting has its default."
_COMMENT_COLUMN: Final = 38


@click.group(short_help="Read and change the settings.")
def config() -> None:
    r"""Read and change the settings.

    They lie in one file, which you may edit by hand as well; `config path` tells where. Each can
    also come from the environment: REMINDERD_CADENCE__RANDOM_PER_DAY=3, and so on.

    \b
    Examples:
      reminderd config show
      reminderd config set cadence.random_per_day 3
    """


config.add_command(set_)
config.add_command(unset)
config.add_command(edit)


@config.command()
@json_option
def show(as_json: bool) -> None:
    r"""Show every setting, and where those come from that are not the default.

    \b
    Example:
      reminderd config show
    """
    from reminderd.adapters import paths
    from reminderd.adapters.toml_files import shown_path

    settings = _written()
    if as_json:
        say_json(_nested(settings))
        return
    path = paths.config_file()
    say(
        f"# {shown_path(path)}" if path.exists() else f"# {NOT_THERE.format(path=shown_path(path))}"
    )
    for table in dict.fromkeys(key.partition(".")[0] for key in settings):
        say(f"\n[{table}]")
        for key, one in settings.items():
            if key.startswith(f"{table}."):
                say(_line(key, one))


@config.command()
@click.argument("key")
@json_option
def get(key: str, as_json: bool) -> None:
    r"""Print one setting as it is written, or a whole table.

    \b
    Examples:
      reminderd config get cadence.min_gap
      reminderd config get quiet
    """
    from reminderd.adapters.settings import known_key

    settings = _written()
    inside = {name: one for name, one in settings.items() if name.startswith(f"{key}.")}
    if inside and as_json:
        say_json(_nested(inside)[key])
    elif inside:
        for name, one in inside.items():
            say(_line(name, one))
    elif as_json:
        say_json(settings[known_key(key)].value)
    else:
        value = settings[known_key(key)].value
        for line in value if isinstance(value, list) else [value]:
            say(one_line(_word(line)))


@config.command()
@json_option
def check(as_json: bool) -> None:
    r"""Check the settings, and tell what they leave no room for.

    \b
    Example:
      reminderd config check
    """
    from reminderd.adapters import paths
    from reminderd.cli.remarks import remarks

    try:
        found = remarks()
    except SettingsError as error:
        if not as_json:
            raise
        say_json({"ok": False, "problems": error.message.split("\n"), "remarks": []})
        click.get_current_context().exit(error.exit_code)
    if as_json:
        say_json({"ok": True, "problems": [], "remarks": found})
        return
    path = paths.config_file()
    say((ALL_WELL if path.exists() else NOT_THERE).format(path=path))
    for line in found:
        tell(line)


@config.command("path")
@json_option
def path_(as_json: bool) -> None:
    r"""Print where the settings lie.

    \b
    Example:
      reminderd config path
    """
    from reminderd.adapters import paths

    if as_json:
        folders = {"config": paths.config_file(), "prompts": paths.user_prompts_dir()}
        say_json({name: str(path) for name, path in folders.items()})
    else:
        say(str(paths.config_file()))


def _written() -> Mapping[str, Written]:
    from reminderd.adapters import paths
    from reminderd.adapters.settings import written

    return written(paths.config_file(), os.environ)


def _nested(settings: Mapping[str, Written]) -> dict[str, dict[str, object]]:
    tables: dict[str, dict[str, object]] = {}
    for key, one in settings.items():
        table, _, name = key.partition(".")
        tables.setdefault(table, {})[name] = one.value
    return tables


def _line(key: str, one: Written) -> str:
    """Return a setting as a line of TOML, with where it comes from."""
    origin = os.path.basename(one.origin)  # noqa: PTH119 -- a file and its line, or a variable
    pair = f"{key.partition('.')[2]} = {in_toml(one.value)}"
    return f"{pair.ljust(_COMMENT_COLUMN)} # {origin}" if origin else pair


def _word(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
