"""Which files of a folder are decks, and how many of them are looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MOST: Final = 200
"""Decks of a folder that are looked at."""


def decks_in(folder: Path) -> tuple[list[Path], int]:
    """Return the first decks of a folder by their names, and how many there are in all.

    Raises:
        OSError: There is no such folder, or it cannot be read.
    """
    # By name alone: a path for each of very many files would take seconds.
    names = os.listdir(folder)  # noqa: PTH208 -- as above
    decks = sorted(name for name in names if name.endswith(".toml") and not name.startswith("."))
    return [folder / name for name in decks[:MOST]], len(decks)
