"""Bringing a file in: its records into the database, then what it has of files of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reminderd.adapters import own_files
from reminderd.adapters.store.records import FILES
from reminderd.adapters.travel.reading import opened
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reminderd.adapters.store.bringing_in import Brought
    from reminderd.adapters.store.records import Row
    from reminderd.adapters.store.store import Store
    from reminderd.adapters.travel.checked import Checked
    from reminderd.core.walltime import Present


@dataclass
class Imported:
    """What became of an import.

    Attributes:
        records: How many came into the database, and how many were there.
        new: The names of files that were written.
        known: Of those that are here already, just so.
        left: Why a file was not taken, by its name.
    """

    records: Brought
    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    left: dict[str, ReminderdError] = field(default_factory=dict)


def import_file(path: Path, store: Store, database: Path, present: Present) -> Imported:
    """Bring in an export or a backup: all of its records or, if anything is amiss, none.

    Settings and decks come after them, each where there is none of its name.

    Args:
        path: The file.
        store: Where the records go.
        database: The file in which `store` keeps them.
        present: The present moment.

    Raises:
        ExportError: The file cannot be used; nothing was changed.
        StoreError: The database cannot be used.
    """
    files: list[tuple[str, Row]] = []
    with opened(path, database) as source:
        imported = Imported(store.bring_in(_records(source, files), present))
    for kind, row in files:
        name = str(row["name"])
        try:
            (imported.new if own_files.bring_in(kind, row) else imported.known).append(name)
        except ReminderdError as error:
            imported.left[name] = error
    return imported


def _records(source: Checked, files: list[tuple[str, Row]]) -> Iterator[tuple[str, Row]]:
    """Yield what goes into the database, and put the rest aside."""
    for kind, row in source.records():
        if kind in FILES:
            files.append((kind, row))
        else:
            yield kind, row
