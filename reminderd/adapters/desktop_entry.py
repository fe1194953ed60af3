"""How a program is named in the entries by which desktops start programs.

By the Desktop Entry Specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def program(launcher: Path, *settings: str) -> str:
    """Return how an `Exec` key begins that starts a program.

    GLib looks for its first word as it is written, so a program with a percent sign, which has to
    be doubled, is never found and the entry passed over. It finds `env`, and gives that the path.

    Args:
        launcher: The program.
        settings: What its environment is to have beside what a session gives it, as `NAME=value`.
    """
    before = "env " if settings or "%" in str(launcher) else ""
    return before + " ".join(map(_argument, (*settings, str(launcher))))


def text(value: str) -> str:
    """Return a value as a key has it that takes any text."""
    return value.replace("\\", "\\\\")


def _argument(word: str) -> str:
    """Return a word as one argument of an `Exec` key.

    It is quoted like in a shell, then escaped once more as any text in the file is; a percent sign
    begins a field code.
    """
    quoted = "".join(f"\\{one}" if one in '"`$\\' else one for one in word)
    return '"' + text(quoted).replace("%", "%%") + '"'
