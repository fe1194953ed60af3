"""The section "Make it yours": config; `content.py` has prompts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.content import prompts
from reminderd.cli.output import json_option, one_line, say, say_json
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reminderd.adapters.config_file import Change
    from reminderd.adapters.setting_tables import Plain
    from reminderd.adapters.settings import Written

__all__ = ["config", "prompts"]

NOT_THERE: Final = "There is no {path}: every setting has its default."
ALL_WELL: Final = "All is well with {path}."
STAYS: Final = "{key} was {value} already."
UNCHANGED: Final = "Nothing has changed."
WAS: Final = "{key} = {value} (it was {before})"
DEFAULT_AGAIN: Final = "{key} has its default again: {value}"
NOT_SET: Final = "{key} does not stand in the file; its default is {value}"
ACTS_LATER: Final = "{key} acts from a later version on; until then it is kept."
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


@config.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("key")
@click.argument("value", nargs=-1, metavar="VALUE...")
@json_option
def set_(key: str, value: tuple[str, ...], as_json: bool) -> None:
    r"""Set a setting in the file; the rest of the file stays as it is.

    Durations, windows, times and weekdays are written as you would say them. A list takes several
    values, or one with commas between them. An equals sign after the key is fine too.

    \b
    Examples:
      reminderd config set cadence.random_per_day 3
      reminderd config set cadence.min_gap 2h
      reminderd config set cadence.windows "mon-fri 09:30-12:30" "sat 11:00-16:00"
      reminderd config set quiet.in_call off
    """
    from reminderd.adapters import config_file, paths
    from reminderd.cli import remarks

    key, value = _without_equals(key, value)
    change = config_file.set_value(paths.config_file(), key, value)
    if as_json:
        say_json(_changed(change) | {"remarks": _remarks(change)})
        remarks.tell_daemon()
        return
    after = _toml(change.after)
    if change.before == change.after:
        say(STAYS.format(key=key, value=after))
    elif change.before is None:
        say(f"{key} = {after}")
    else:
        say(WAS.format(key=key, value=after, before=_toml(change.before)))
    for line in _remarks(change):
        say(line)
    remarks.tell_daemon()


@config.command()
@click.argument("key")
@json_option
def unset(key: str, as_json: bool) -> None:
    r"""Take a setting out of the file, so that its default holds.

    \b
    Example:
      reminderd config unset cadence.random_per_day
    """
    from reminderd.adapters import config_file, paths
    from reminderd.adapters.setting_tables import KEYS, default_of
    from reminderd.cli import remarks

    change = config_file.unset(paths.config_file(), key)
    is_known = key in KEYS
    noticed = _remarks(change) if is_known else []
    if as_json:
        default = default_of(key) if is_known else None
        say_json(_changed(change) | {"default": default, "remarks": noticed})
    elif not is_known:  # a mistyped one that stood in the file
        say(f"{key} is taken out of the file.")
    else:
        told = NOT_SET if change.before is None else DEFAULT_AGAIN
        say(told.format(key=key, value=_toml(default_of(key))))
        for line in noticed:
            say(line)
    if is_known:
        remarks.tell_daemon()


@config.command()
def edit() -> None:
    r"""Open the settings in your editor, and check them after.

    Without a file yet, it opens one with every setting in it as a comment.

    \b
    Example:
      reminderd config edit
    """
    from reminderd.adapters import config_file, paths, toml_files
    from reminderd.adapters.settings import load_settings
    from reminderd.cli import editing, remarks

    path = paths.config_file()
    editing.editor()  # before a file is made for nothing
    if not os.path.lexists(path):
        config_file.create(path)
    before = toml_files.read_bytes(path, SettingsError)
    editing.edit(path, lambda: load_settings(path, os.environ))
    if toml_files.read_bytes(path, SettingsError) == before:
        say(UNCHANGED)
        return
    say(ALL_WELL.format(path=path))
    for line in remarks.noticed(""):
        say(line)
    remarks.tell_daemon()


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
        say(line)


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


def _without_equals(key: str, words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return a key and its values; people also type `key=value` and `key = value`."""
    if "=" in key:
        key, _, first = key.partition("=")
        words = (first, *words)
    elif words and words[0].startswith("="):
        words = (words[0].removeprefix("="), *words[1:])
    if not words:
        raise click.UsageError(f"A value is missing: reminderd config set {key} VALUE")
    return key.strip(), words


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
    """Return a setting as a line of TOML, with where it comes from and whether it acts yet."""
    from reminderd.adapters.setting_tables import acts_later

    origin = os.path.basename(one.origin)  # noqa: PTH119 -- a file and its line, or a variable
    notes = [origin, "acts from a later version" if acts_later(key) else ""]
    comment = ", ".join(filter(None, notes))
    pair = f"{key.partition('.')[2]} = {_toml(one.value)}"
    return f"{pair.ljust(_COMMENT_COLUMN)} # {comment}" if comment else pair


def _toml(value: Plain | None) -> str:
    from reminderd.adapters.toml_files import toml_text

    return one_line(toml_text(value)) if value is not None else ""


def _word(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _changed(change: Change) -> dict[str, object]:
    return {"key": change.key, "before": change.before, "after": change.after}


def _remarks(change: Change) -> list[str]:
    """Return what could surprise about a change."""
    from reminderd.adapters.setting_tables import acts_later
    from reminderd.cli import remarks

    later = [ACTS_LATER.format(key=change.key)] if acts_later(change.key) else []
    noticed = remarks.noticed(change.key.partition(".")[0])
    return remarks.overridden(change.key) + later + noticed
