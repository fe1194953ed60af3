"""The section "Your data": backup and erase (export and import are in `own_data.py`)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    counted,
    is_conversation,
    json_option,
    one_line,
    paragraph,
    say_json,
    tell,
)
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from datetime import datetime

    from reminderd.adapters.store.store import Store
    from reminderd.core.erased import Erased
    from reminderd.core.walltime import Present

# What is said of a person's practice; a test reads each for the words that never occur.
BACKED_UP: Final = "Backed up to {path}. To bring it back anywhere: reminderd import {path}"
ASK_ALL: Final = "Erase your whole history, and what you switched off? This cannot be undone."
ASK_NOTES: Final = "Erase every note that you wrote? This cannot be undone."
ASK_BEFORE: Final = "Erase what came before {day}? This cannot be undone."
AS_IT_WAS: Final = "Nothing was erased."
NOT_ASKED: Final = "Nothing was erased: there is no terminal to ask in whether that is meant."
NOT_ASKED_HINT: Final = "To erase without the question, add --yes."
ERASED: Final = (
    "Erased: {practices}, {answers}, {notes}. Nothing of it is left in reminderd's files ({files}"
    " looked through)."
)
NOTHING: Final = "There was nothing to erase."
COPIES: Final = "Removed as well, for it was in there or may have been: {copies}."
NOT_LOOKED_AT: Final = "Not looked into: {unseen}."
STAYS: Final = "Your settings and your own decks stay, in {config}."
OUT_OF_REACH: Final = (
    "Not reached from here: your desktop's own list of past notifications, what you exported or"
    " backed up elsewhere, and what a disk or file system keeps of blocks that were overwritten."
)


@click.command(short_help="Make a copy of your history, whole at any moment.")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@json_option
def backup(path: Path | None, as_json: bool) -> None:
    r"""Make a copy of the database, also while reminderd runs.

    Without a PATH it takes the place of today's, of which the last seven are kept. PATH is a new
    file, or a folder to make one in.

    \b
    Examples:
      reminderd backup
      reminderd backup /media/stick
    """
    present = bootstrap.present()
    upkeep = open_store(present).upkeep
    if path is None:
        made = upkeep.back_up_daily(present.today)
    else:
        if path.is_dir():
            path /= f"reminderd-{present.local:%Y-%m-%dT%H%M%S}.db"
        made = upkeep.back_up_to(path.absolute())
    if as_json:
        say_json({"path": str(made)})
        return
    tell(BACKED_UP.format(path=one_line(str(made))))


@click.command(short_help="Erase your history, or part of it, for good.")
@click.option("--notes", is_flag=True, help="Only what you wrote; the answers stay.")
@click.option("--before", metavar="DATE", help="Only what came before a date.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def erase(notes: bool, before: str | None, yes: bool, as_json: bool) -> None:
    r"""Erase your history for good: from the database, its log, and the backups.

    \b
    Examples:
      reminderd erase
      reminderd erase --notes
      reminderd erase --before 2026-01-01
    """
    if notes and before:
        raise click.UsageError("--notes and --before do not go together: choose one.")
    present = bootstrap.present()
    moment = _moment(before, present) if before else None
    question = ASK_NOTES if notes else ASK_ALL
    if moment is not None:
        question = ASK_BEFORE.format(day=f"{moment.astimezone(present.zone):%Y-%m-%d %H:%M}")
    if not yes and not _is_meant(question, as_json):
        return
    store = open_store(present)
    try:
        erased = _erase(store, present, moment, notes=notes)
    finally:
        with suppress(ReminderdError):  # what went wrong before that is what is told
            bootstrap.wake(store)
    if as_json:
        say_json(erased._asdict())
        return
    _tell(erased)


def _moment(said: str, present: Present) -> datetime:
    """Return before which moment to erase, in UTC."""
    from reminderd.core.spoken_past import parse_past
    from reminderd.core.walltime import resolve

    start, _ = parse_past(said, present.local)
    return resolve(start, present.zone)


def _is_meant(question: str, as_json: bool) -> bool:
    if not is_conversation():
        raise ReminderdError(NOT_ASKED, NOT_ASKED_HINT)
    if click.confirm(paragraph(question, err=as_json), default=False, err=as_json):
        return True
    tell(AS_IT_WAS, err=as_json)
    return False


def _erase(store: Store, present: Present, moment: datetime | None, *, notes: bool) -> Erased:
    if notes:
        return store.upkeep.erase_notes(present.now, present.today)
    if moment is not None:
        return store.upkeep.erase_before(moment, present.now, present.today)
    return store.upkeep.erase_all(present.now)


def _tell(erased: Erased) -> None:
    from reminderd.adapters import own_files, paths

    if not erased.files:
        tell(NOTHING)
        return
    tell(
        ERASED.format(
            practices=counted(erased.practices, "practice"),
            answers=counted(erased.answers, "answer"),
            notes=counted(erased.notes, "note"),
            files=erased.files,
        )
    )
    copies = [
        counted(number, what)
        for number, what in ((erased.backups, "backup"), (erased.damaged, "damaged database"))
        if number
    ]
    if copies:
        tell(COPIES.format(copies=", ".join(copies)))
    if erased.unseen:
        tell(NOT_LOOKED_AT.format(unseen=one_line(", ".join(erased.unseen))))
    if own_files.are_there():
        tell(STAYS.format(config=paths.config_dir()))
    tell(OUT_OF_REACH)
