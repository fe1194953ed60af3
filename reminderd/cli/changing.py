"""The commands `config set`, `config unset` and `config edit`: what changes the settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import json_option, one_line, say, say_json, tell
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from reminderd.adapters.config_file import Change
    from reminderd.adapters.setting_tables import Plain

ALL_WELL: Final = "All is well with {path}."
STAYS: Final = "{key} was {value} already."
UNCHANGED: Final = "Nothing has changed."
WAS: Final = "{key} = {value} (it was {before})"
DEFAULT_AGAIN: Final = "{key} has its default again: {value}"
NOT_SET: Final = "{key} does not stand in the file; its default is {value}"


@click.command("set", context_settings={"ignore_unknown_options": True})
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
    after = in_toml(change.after)
    if change.before == change.after:
        say(STAYS.format(key=key, value=after))
    elif change.before is None:
        say(f"{key} = {after}")
    else:
        say(WAS.format(key=key, value=after, before=in_toml(change.before)))
    for line in _remarks(change):
        tell(line)
    remarks.tell_daemon()


@click.command()
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
        say(told.format(key=key, value=in_toml(default_of(key))))
        for line in noticed:
            tell(line)
    if is_known:
        remarks.tell_daemon()


@click.command()
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
        tell(line)
    remarks.tell_daemon()


def in_toml(value: Plain | None) -> str:
    """Return a value as it would be written in the file; nothing for none."""
    from reminderd.adapters.toml_files import toml_text

    return one_line(toml_text(value)) if value is not None else ""


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


def _changed(change: Change) -> dict[str, object]:
    return {"key": change.key, "before": change.before, "after": change.after}


def _remarks(change: Change) -> list[str]:
    """Return what could surprise about a change."""
    from reminderd.cli import remarks

    noticed = remarks.noticed(change.key.partition(".")[0])
    return remarks.overridden(change.key) + noticed
