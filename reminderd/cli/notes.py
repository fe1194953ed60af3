"""Reading a note: given with the command, from standard input, or asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import clean
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_NOTE: Final = 10_000
ASK: Final = "\0ask"
"""What click puts in place of a `--note` without a text; no argument of a process can hold it."""

note_option = click.option(
    "--note",
    is_flag=False,
    flag_value=ASK,
    metavar="[TEXT|-]",
    help="Write a note beside it, up to 10,000 characters. --note alone asks for the text;"
    " --note - reads it from standard input; --note=TEXT takes it from the command line, which"
    " shells remember and other programs can see.",
)


def check_note(note: str | None) -> None:
    """Refuse to ask where nobody can answer."""
    if note == ASK and not (sys.stdin is not None and sys.stdin.isatty()):
        raise click.UsageError(
            "There is no terminal to ask for the note in. --note - reads it from standard input."
        )


def note_text(note: str, is_wanted: Callable[[], bool]) -> str | None:
    """Return the text of a note: given, read from standard input, or asked for."""
    if note == ASK:
        if not is_wanted():
            return None
        note = str(click.prompt("Note", default="", show_default=False))
    elif note == "-":
        # In UTF-8 no character takes more than four bytes.
        bound = 4 * LONGEST_NOTE + 1
        note = sys.stdin.buffer.read(bound).decode("utf-8", "replace") if sys.stdin else ""
    text = clean(note).strip()
    if len(text) > LONGEST_NOTE:
        raise ReminderdError(
            f"A note has up to {LONGEST_NOTE:,} characters; this one has more.",
            "Nothing was stored. A shorter one will do.",
        )
    return text or None
