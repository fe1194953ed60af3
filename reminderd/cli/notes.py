"""The section "Practise": note; and how a note is read, beside an answer too."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import clean, json_option, say, say_json
from reminderd.core.names import LONGEST_NOTE
from reminderd.core.words import NOTED
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable

_SLUG: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_LONGEST_SLUG: Final = 64
"""As in `adapters.kinds`, which takes too long to load; a test compares the two."""

# What is said of a person's practice; a test reads each for the words that never occur.
NOTHING_TO_READ: Final = "The note was to be read from standard input, which is closed."
TOO_LONG: Final = f"A note has up to {LONGEST_NOTE:,} characters; this one has more."
TOO_LONG_HINT: Final = "Nothing was stored. A shorter one will do."
NO_TEXT: Final = "This note is not in UTF-8, so it cannot be read, and nothing was stored."
NO_TEXT_HINT: Final = (
    "Text in Latin-1 can come through `iconv -f latin1 -t utf-8` into the same command."
)
APART: Final = (
    "A text goes with --note, in quotation marks where it has several words."
    " Nothing was stored. In a command the shell remembers it, and other programs can see it."
)
HOW_TO_NOTE: Final = (
    "To be asked for it: reminderd note. To name a prompt: reminderd note --prompt ID"
)
EMPTY: Final = "There is no word in this note, so nothing is stored."
EMPTY_HINT: Final = (
    "To write one: reminderd note. Without words: reminderd note --prompt ID --note="
)
ASK: Final = "\0ask"
"""What click puts in place of a `--note` without a text; no argument of a process can hold it."""
PIPED: Final = "-"

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
    """Return the text of a note: given, read from standard input, or asked for.

    Raises:
        ReminderdError: It is too long, or no text; nothing of it is dropped without a word.
    """
    if note == ASK and not is_wanted():
        return None
    try:
        if note == ASK:
            note = str(click.prompt("Note", default="", show_default=False))
        elif note == PIPED:
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
    if sys.stdin is None:
        raise ReminderdError(NOTHING_TO_READ, "To be asked for it: --note without a text.")
    most = 4 * LONGEST_NOTE  # in UTF-8 no character takes more than four bytes
    read = sys.stdin.buffer.read(most + 1)
    if len(read) > most:
        raise ReminderdError(TOO_LONG, TOO_LONG_HINT)
    return read.decode("utf-8")


@click.command(
    short_help="Note a practice that happened by itself.",
    context_settings={"allow_extra_args": True},
)
@click.pass_context
@click.option(
    "--prompt",
    help="The prompt it was like, by its id. An id is taken as it is, since a deck may be away.",
)
@note_option
@json_option
def note(context: click.Context, prompt: str | None, note: str | None, as_json: bool) -> None:
    r"""Note a practice that happened by itself. Without --note it asks for the text.

    \b
    Examples:
      reminderd note
      reminderd note --prompt slow-small-ask --note
    """
    if context.args:  # click would say them again
        raise click.UsageError(f"{APART} {HOW_TO_NOTE}")
    if prompt is not None and (len(prompt) > _LONGEST_SLUG or not re.fullmatch(_SLUG, prompt)):
        raise click.BadParameter(
            "an id has small letters, digits and dashes, such as slow-small-ask.",
            param_hint="--prompt",
        )
    note = ASK if note is None else note
    check_note(note)
    store = open_store(bootstrap.present())
    text = note_text(note, lambda: True)
    if text is None and prompt is None:
        raise ReminderdError(EMPTY, EMPTY_HINT)
    from reminderd.app.respond import note_practice

    entry = note_practice(store, prompt, text, bootstrap.present())
    bootstrap.wake(store)
    if as_json:
        say_json({"id": entry, "prompt": prompt})
    else:
        say(NOTED)
