"""The person's own files beside the database, as they travel: settings and decks."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reminderd.adapters import atomic, deck_folder, paths, toml_files
from reminderd.errors import DeckError, ReminderdError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reminderd.adapters.store.records import Row

LEFT_OUT: Final = (
    "{folder}: only the first {count} of {there} decks are taken out."
    " To keep the others too, copy that folder."
)


def are_there() -> bool:
    """Return whether there is, or may be, anything of the person's among settings and own decks."""
    hidden: list[OSError] = []
    found = any(names for *_, names in os.walk(paths.config_dir(), onerror=hidden.append))
    return found or not all(isinstance(error, FileNotFoundError) for error in hidden)


def remove_empty_folders() -> None:
    """Remove the folders of settings and decks where nothing is in them: a daemon makes them."""
    for folder in (paths.user_prompts_dir(), paths.config_dir()):
        with suppress(OSError):  # not there, or the person has something in it
            folder.rmdir()


def take_out() -> tuple[list[tuple[str, Row]], str]:
    """Return the settings and each own deck that is read, as records, and what is left out.

    Raises:
        SettingsError: The settings are no text, or cannot be read.
        DeckError: The same of a deck.
    """
    folder = paths.user_prompts_dir()
    decks, there = _decks(folder)
    left_out = ""
    if len(decks) < there:
        shown = toml_files.shown_path(folder)
        left_out = LEFT_OUT.format(folder=shown, count=len(decks), there=there)
    return [
        *_record("settings", paths.config_file(), SettingsError),
        *(one for path in decks for one in _record("deck", path, DeckError)),
    ], left_out


def _record(kind: str, path: Path, refusal: type[ReminderdError]) -> Iterator[tuple[str, Row]]:
    with suppress(FileNotFoundError):
        text = toml_files.decode(toml_files.read_bytes(path, refusal), path, refusal)
        yield kind, {"name": path.name, "text": text}


def _decks(folder: Path) -> tuple[list[Path], int]:
    try:
        return deck_folder.decks_in(folder)
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        told = f"{toml_files.shown_path(folder)} cannot be read: {error.strerror}."
        raise DeckError(told, "Make it a folder that you can read.") from error


def bring_in(kind: str, row: Row) -> bool:
    """Write a file where there is none of its name; what is there stays.

    Returns:
        Whether it was written; a file of the same text counts as being there.

    Raises:
        ReminderdError: There is another one, or it cannot be used, or cannot be written.
    """
    name, text = str(row["name"]), str(row["text"])
    is_deck = kind == "deck"
    path = paths.user_prompts_dir() / name if is_deck else paths.config_file()
    refusal = DeckError if is_deck else SettingsError
    paths.make_private(paths.config_dir())
    with atomic.alone(paths.make_private(path.parent), refusal):
        if path.is_symlink() or path.exists():
            if toml_files.decode(toml_files.read_bytes(path, refusal), path, refusal) == text:
                return False
            raise refusal(
                f"{toml_files.shown_path(path)} is here already, and stays as it is.",
                "To have the other one, move yours away and import again.",
            )
        _check(kind, text, path)
        atomic.write(path, text, refusal)
    return True


def _check(kind: str, text: str, path: Path) -> None:
    """Refuse a file that could not be used.

    Raises:
        ReminderdError: Everything that is wrong is in it.
    """
    if len(text.encode()) > toml_files.LARGEST_FILE:
        raise ReminderdError(
            f"{toml_files.shown_path(path)} would be larger than what is read of a file,"
            f" {toml_files.LARGEST_FILE // 1024} KiB.",
            "Make two decks of it." if kind == "deck" else "Take out comments.",
        )
    if kind == "deck":
        from reminderd.adapters.decks import check_text  # noqa: PLC0415 -- loads pydantic

        check_text(text, path)
    else:
        from reminderd.adapters import settings  # noqa: PLC0415 -- the same

        settings.check(toml_files.parse(text, path, SettingsError), {})
