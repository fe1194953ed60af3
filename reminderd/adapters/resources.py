"""Where the files lie that come with the program: bundled prompts and the systemd unit.

A wheel carries them inside the package, in `_data`; a checkout, also one that is installed as
editable, has them beside the package. Plain paths, since importlib.resources costs a command more
to import than all the rest of this, and nothing runs from a zip file here.
"""

from __future__ import annotations

from pathlib import Path

from reminderd.errors import ReminderdError

_PACKAGE = Path(__file__).resolve().parent.parent


def prompts_dir() -> Path:
    """Return the folder of the bundled decks."""
    return _folder("prompts")


def systemd_dir() -> Path:
    """Return the folder of the templates of systemd units."""
    return _folder("systemd")


def _folder(name: str) -> Path:
    # The wheel's place first: beside an installed package any folder could have that name.
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ReminderdError(
        f"The folder {name!r} that belongs to reminderd is missing beside {_PACKAGE}.",
        "Install reminderd again.",
    )
