"""Reading a note: given with the command, from standard input, or asked for."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import click

from reminderd.cli.output import clean, one_line
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_NOTE: Final = 10_000
TOO_LONG: Final = f"A note has up to {LONGEST_NOTE:,} characters; this one has more."
TOO_LONG_HINT: Final = "Nothing was stored. A shorter one will do."
NO_TEXT: Final = "This note is not in UTF-8, so it cannot be read, and nothing was stored."
NO_TEXT_HINT: Final = (
    "Text in Latin-1 can come through `iconv -f latin1 -t utf-8` into the same command."
)
WITHOUT_OPTION: Final = "A text goes with --note: reminderd note --note {text}"
A_PROMPT: Final = "A prompt goes with --prompt: reminderd note --prompt {text}"
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


def refuse_without_option(words: list[str]) -> NoReturn:
    """Say how a note is written to which somebody gave the text alone, or a prompt's id."""
    import shlex

    text = " ".join(words)
    is_id = re.fullmatch("[a-z0-9]+(-[a-z0-9]+)+", text)
    raise click.UsageError(
        (A_PROMPT if is_id else WITHOUT_OPTION).format(text=shlex.quote(one_line(text)))
    )


def note_text(note: str, is_wanted: Callable[[], bool]) -> str | None:
    """Return the text of a note: given, read from standard input, or asked for.

    Raises:
        ReminderdError: It is too long, or no text; nothing of it is dropped without a word.
    """
    if note == ASK and not is_wanted():
        return None
    try:
        if note == ASK:
            note = str(click.prompt("Note", default="", show_default=False))
        elif note == "-":
            note = _piped()
        note.encode("utf-8")  # an argument that is no text has letters that stand for its bytes
    except UnicodeError:
        raise ReminderdError(NO_TEXT, NO_TEXT_HINT) from None
    text = clean(note).strip()
    if len(text) > LONGEST_NOTE:
        raise ReminderdError(TOO_LONG, TOO_LONG_HINT)
    return text or None


def _piped() -> str:
    """Return what comes from standard input; of more than any note has, only that it is more."""
    most = 4 * LONGEST_NOTE  # in UTF-8 no character takes more than four bytes
    read = sys.stdin.buffer.read(most + 1) if sys.stdin else b""
    if len(read) > most:
        raise ReminderdError(TOO_LONG, TOO_LONG_HINT)
    return read.decode("utf-8")
