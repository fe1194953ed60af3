"""Reading a file to import to its end before anything of it goes into the database."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from reminderd.adapters import deck_folder
from reminderd.adapters.store.records import FILES, LONGEST_FILE, RefusedError
from reminderd.adapters.store.told import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reminderd.adapters.store.records import Row

_MOST_TEXT: Final = 5 * LONGEST_FILE
"""Characters of settings and decks in all: as much as is ever read of them."""


class Source(Protocol):
    """Something that records can be read from."""

    @property
    def place(self) -> str:
        """Where what was read last stands: its line, or its table and row."""
        ...

    def records(self) -> Iterator[tuple[str, Row]]:
        """Yield the records, checked; each with its kind."""
        ...


class Checked:
    """What a file holds, laid aside once each record of it by itself is in order.

    Most of what an import takes goes into that, and nobody has to wait for the database meanwhile.

    Args:
        source: What is read.
        database: Where the records are to go; beside it they are laid aside, in a file without a
            name, so that nothing is left of it whatever happens.

    Raises:
        StoreError: There is no room for that.
    """

    def __init__(self, source: Source, database: Path) -> None:
        self._source = source
        self._database = database
        self._place = ""
        with told(database):
            self._aside = tempfile.TemporaryFile(  # noqa: SIM115 -- `close` does
                "w+", dir=database.parent, encoding="utf-8"
            )

    @property
    def place(self) -> str:
        """Where what was read last stands."""
        return self._place or self._source.place

    def read(self) -> None:
        """Read the file to its end.

        Raises:
            RefusedError: It cannot be read, or something in it is not as one of ours.
            StoreError: There is no room to lay it aside.
        """
        room, files = _MOST_TEXT, deck_folder.MOST + 1
        with told(self._database):
            for kind, row in self._found():
                if kind in FILES:
                    room, files = room - len(str(row["text"])), files - 1
                if room < 0 or files < 0:
                    raise RefusedError("text", "this is more than all settings and decks ever are")
                self._aside.write(f"{json.dumps((self._source.place, kind, row))}\n")
            self._aside.seek(0)

    def _found(self) -> Iterator[tuple[str, Row]]:
        try:
            yield from self._source.records()
        except OSError as error:  # of the file: for the database it would be told as its own
            raise RefusedError("", f"it cannot be read: {error.strerror or error}") from error

    def records(self) -> Iterator[tuple[str, Row]]:
        """Yield the records, each with its kind."""
        for line in self._aside:
            self._place, kind, row = json.loads(line)
            yield kind, row

    def close(self) -> None:
        """Let go of what was laid aside."""
        with suppress(OSError):  # a full disk takes no rest of it, which nobody needs any more
            self._aside.close()
