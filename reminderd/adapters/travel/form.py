"""What an export looks like, for those who write it and those who read it; docs/export.md tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reminderd.adapters.store.records import FILES, HISTORY, OWN, RECORDS, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "reminderd export"
VERSION: Final = 1
"""Counts what a record can hold: a reader refuses a number that it does not know."""

LONGEST_RECORD: Final = 1024 * 1024
"""Characters of a record, or of a row; the longest thinkable one has a fifth of that."""

SECTIONS: Final = {
    "delivery": "deliveries",
    "hold": "holds",
    "response": "responses",
    "choice": "choices",
    "pause": "pauses",
    "settings": "settings",
    "deck": "decks",
}
"""Kinds of record in their order, each with its name in JSON."""

HEAD: Final = ("format", "version", "reminderd", "exported_at", "device")
"""What an export says of itself: keys of the JSON document, and columns of the CSV's first row."""

EXPORT: Final = "export"
END: Final = "end"
"""The kinds of the first and of the last row of a CSV: without the last, it was cut off."""


class Head(NamedTuple):
    """What an export says of itself.

    Attributes:
        reminderd: The version of the program.
        exported_at: When it was made, as the database writes times.
        device: The name of the machine that made it.
    """

    reminderd: str
    exported_at: str
    device: str

    def facts(self) -> dict[str, str | int]:
        """Return all of them, with the form's own."""
        return {"format": FORMAT, "version": VERSION, **self._asdict()}


def columns() -> Iterator[str]:
    """Yield the columns of a CSV: the kind of record, then every key of any kind once."""
    yield "record"
    keys = dict.fromkeys(key for kind in (*HISTORY, *OWN, *FILES) for key in RECORDS[kind])
    yield from dict.fromkeys((*keys, *HEAD))


def check_version(found: object) -> None:
    """Refuse an export of another version than ours.

    Raises:
        NewerExportError: It is a later one.
        RefusedError: It is none.
    """
    if type(found) is int and found > VERSION:
        raise NewerExportError
    if type(found) is not int or found != VERSION:
        raise RefusedError("version", f"found {str(found)[:40]!a}; allowed: {VERSION}")


class NewerExportError(Exception):
    """A newer reminderd made it."""
