"""The section "Your data": export and import."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reminderd import __version__, bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import clean, counted, json_option, say_json, tell
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from reminderd.adapters.store.records import Row
    from reminderd.adapters.travel.importing import Imported

# What is said of a person's practice; a test reads each for the words that never occur.
WRITTEN: Final = "Written to {path}, for you alone to read: {practices} and {answers}."
CAME: Final = "{came} came in."
CAME_TOO: Final = "{came} came in; here already: {known}."
NOTHING_NEW: Final = "Nothing has changed; here already: {known}."
FILES_CAME: Final = "Written beside them: {names}."
LEFT: Final = "Not taken: {name}. {why}"

_JSON_NAMES: Final = {
    "practice": "practices",
    "delivery": "let_go",
    "hold": "holds",
    "response": "answers",
    "choice": "choices",
    "pause": "pauses",
}
"""How JSON names what is counted."""


@click.command(short_help="Take your history out, in a file that others can read.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["json", "csv"]),
    default="json",
    help="JSON (as it is), or CSV for a spreadsheet.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Beside the history: what you switched on and off, pauses, settings and your own decks.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a new file that you alone can read, in place of standard output.",
)
def export(shape: str, everything: bool, output: Path | None) -> None:
    r"""Take your history out: all that came, what you answered, and your notes.

    `reminderd import` brings it back, on this machine or on another.

    \b
    Examples:
      reminderd export --output practice.json
      reminderd export --all --output everything.json
      reminderd export --format csv --output practice.csv
    """
    from itertools import chain

    from reminderd.adapters import own_files
    from reminderd.adapters.store.rows import to_text
    from reminderd.adapters.toml_files import shown_path
    from reminderd.adapters.travel import writing
    from reminderd.adapters.travel.form import Head

    present = bootstrap.present()
    store = open_store(present)
    files, left_out = own_files.take_out() if everything else ([], "")  # before anything is written
    head = Head(__version__, to_text(present.now), store.device)
    to_terminal = not output and sys.stdout is not None and sys.stdout.isatty()
    with (
        store.records(everything=everything) as records,
        writing.new_file(output) if output else _standard_output() as file,
    ):
        taken = _Counted(chain(records, files))
        for piece in (
            writing.as_json(head, taken, everything=everything)
            if shape == "json"
            else writing.as_csv(head, taken)
        ):
            file.write((clean(piece) if to_terminal else piece).encode())
    if output:
        said = WRITTEN.format(
            path=shown_path(output),
            practices=counted(taken.practices, "practice"),
            answers=counted(taken.answers, "answer"),
        )
        tell(said)
    if left_out:
        tell(left_out, err=True)


class _Counted:
    """Records on their way out, counted."""

    def __init__(self, records: Iterable[tuple[str, Row]]) -> None:
        self._records = records
        self.practices = self.answers = 0

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        for kind, row in self._records:
            self.practices += kind == "delivery" and row["claimed_at"] is not None
            self.answers += kind == "response"
            yield kind, row


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """Write bytes to standard output, whatever the terminal makes of letters."""
    if sys.stdout is None:
        raise ReminderdError(
            "Standard output is closed.", "To write a file: reminderd export --output FILE"
        )
    file = sys.stdout.buffer
    try:
        yield file
        file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReminderdError(f"The output could not be written: {error.strerror}.") from error


@click.command(name="import", short_help="Bring in an export, or a backup.")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def import_(file: Path, as_json: bool) -> None:
    r"""Bring in what `reminderd export` took out, in JSON or CSV, or a backup.

    What is here stays, and nothing comes in twice. Settings and decks are taken where there are
    none of their name.

    \b
    Examples:
      reminderd import practice.json
      reminderd import reminderd-backup.db
    """
    from reminderd.adapters import paths
    from reminderd.adapters.travel.importing import import_file

    present = bootstrap.present()
    store = open_store(present)
    imported = import_file(file, store, paths.database_file(), present)
    bootstrap.wake(store)
    if as_json:
        say_json(_facts(imported))
        return
    for line in _lines(imported):
        tell(line)
    for name, error in imported.left.items():
        tell(LEFT.format(name=name, why=error), err=True)


def _facts(imported: Imported) -> dict[str, object]:
    def named(counts: Counter[str]) -> dict[str, int]:
        return {name: counts[kind] for kind, name in _JSON_NAMES.items()}

    return {
        "new": named(imported.records.new),
        "known": named(imported.records.known),
        "files": {
            "new": imported.new,
            "known": imported.known,
            "left": {name: str(error) for name, error in imported.left.items()},
        },
    }


def _lines(imported: Imported) -> Iterator[str]:
    new, known = imported.records.new, imported.records.known
    came, here = _both(new), _both(known)
    is_here = known["practice"] or known["response"]
    if is_here and not any(new.values()):
        yield NOTHING_NEW.format(known=here)
    else:
        yield (CAME_TOO if is_here else CAME).format(came=came, known=here)
    if imported.new:
        yield FILES_CAME.format(names=", ".join(imported.new))


def _both(counts: Counter[str]) -> str:
    practices = counted(counts["practice"], "practice")
    return f"{practices} and {counted(counts['response'], 'answer')}"
