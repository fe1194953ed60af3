"""Writing exports: JSON and CSV, record by record."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager, suppress
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FILE
from reminderd.adapters.store.records import FILES, HISTORY, OWN
from reminderd.adapters.toml_files import shown_path
from reminderd.adapters.travel.form import END, EXPORT, SECTIONS, Head, columns
from reminderd.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from reminderd.adapters.store.records import Row

_OBEYED: Final = {
    code: f"\\u{code:04x}"
    for code in (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""What a terminal obeys, or what makes text read as what it is not; in JSON it can be spelt."""


def as_json(head: Head, records: Iterable[tuple[str, Row]], *, everything: bool) -> Iterator[str]:
    """Yield one JSON document piece by piece: a record a line."""
    facts = ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in head.facts().items())
    yield f"{{\n{facts}"
    waiting = [*HISTORY, *((*OWN, *FILES) if everything else ())]
    for kind, found in groupby(records, itemgetter(0)):
        while waiting[0] != kind:
            yield f',\n"{SECTIONS[waiting.pop(0)]}": []'
        yield f',\n"{SECTIONS[waiting.pop(0)]}": ['
        for number, (_, row) in enumerate(found):
            yield f"{',' if number else ''}\n{_json(row)}"
        yield "\n]"
    for kind in waiting:
        yield f',\n"{SECTIONS[kind]}": []'
    yield "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).translate(_OBEYED)


def as_csv(head: Head, records: Iterable[tuple[str, Row]]) -> Iterator[str]:
    """Yield one CSV table line by line: a record a row, of every kind in turn."""
    pieces: list[str] = []
    table = csv.DictWriter(_Lines(pieces), tuple(columns()))

    def rows() -> Iterator[dict[str, object]]:
        yield {"record": EXPORT, **head.facts()}
        for kind, row in records:
            yield {"record": kind, **{key: _cell(value) for key, value in row.items()}}
        yield {"record": END}

    table.writeheader()
    for row in rows():
        table.writerow(row)
        yield "".join(pieces)
        pieces.clear()


def _cell(value: str | int | None) -> str | int | None:
    r"""Return a value so that no text looks like nothing: an empty one is `\`.

    A text that begins with `\` has one more in front.
    """
    return f"\\{value}" if value == "" or (isinstance(value, str) and value[0] == "\\") else value


class _Lines:
    """Where `csv` writes to."""

    def __init__(self, pieces: list[str]) -> None:
        self.write = pieces.append


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Make a file for the person alone; it is gone again if it cannot be written to its end.

    Raises:
        ExportError: There is one, or it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, PRIVATE_FILE)
    except FileExistsError:
        raise ExportError(
            f"There is a file {shown_path(path)} already, and it stays as it is.",
            "Choose another name, or move that one away.",
        ) from None
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
    except BaseException as error:
        with suppress(OSError):  # a disk that goes bad may refuse that too
            path.unlink()
        if isinstance(error, OSError):
            raise _unwritten(path, error) from error
        raise


def _unwritten(path: Path, error: OSError) -> ExportError:
    left = "What is there now is not whole" if path.exists() else "Nothing was left there"
    return ExportError(
        f"{shown_path(path)} cannot be written: {error.strerror or error}.",
        f"{left}. Choose a place that you can write to and that has room.",
    )
