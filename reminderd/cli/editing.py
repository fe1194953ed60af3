"""Opening a file in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import is_conversation, say
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FALLBACKS: Final = ("sensible-editor", "nano", "vim", "vi")
AGAIN: Final = "Open it again?"


def editor() -> list[str]:
    """Return the command that opens an editor: $VISUAL, $EDITOR, else what is installed.

    Raises:
        ReminderdError: There is none, or no terminal for it.
    """
    for variable in ("VISUAL", "EDITOR"):
        if chosen := os.environ.get(variable, "").strip():
            try:
                command = shlex.split(chosen)
            except ValueError:
                command = []
            if command and shutil.which(command[0]):
                return command
            raise ReminderdError(
                f"The editor that {variable} names is not found: {chosen}.",
                f"Set {variable} to one that is installed, such as nano.",
            )
    if not is_conversation():  # an editor in the terminal would wait for keys for ever
        raise ReminderdError(
            "There is no terminal to open an editor in.",
            "Use one, or set EDITOR to an editor with a window of its own. To change a single"
            " setting without an editor: reminderd config set",
        )
    for name in _FALLBACKS:
        if shutil.which(name):
            return [name]
    raise ReminderdError("There is no editor.", "Set EDITOR to one, such as nano.")


def edit(path: Path, check: Callable[[], object]) -> None:
    """Open a file until it can be used, or until the person has had enough.

    Args:
        path: The file.
        check: Raises a `ReminderdError` while the file cannot be used.

    Raises:
        ReminderdError: The editor could not be used, or the file cannot be used as it is left.
    """
    command = editor()
    while True:
        try:
            ended = subprocess.run([*command, str(path)], check=False)
        except OSError as error:
            raise ReminderdError(f"{command[0]} cannot be started: {error.strerror}.") from error
        if ended.returncode:
            raise ReminderdError(f"{command[0]} ended with an error ({ended.returncode}).")
        try:
            check()
        except ReminderdError as problem:
            if not is_conversation():
                raise
            say(str(problem), err=True)
            if not click.confirm(AGAIN, default=True):
                raise
        else:
            return
