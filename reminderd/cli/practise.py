"""The section "Practise": show, respond (now is in `bring.py`, note in `notes.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.notes import APART, ASK, PIPED, check_note, note_option, note_text
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    ANSWER_WORDS,
    bold,
    clean,
    dim,
    duration,
    json_option,
    moment,
    one_line,
    paragraph,
    say,
    say_json,
    tell,
    until_words,
)
from reminderd.core.words import ACKNOWLEDGED, NOTED
from reminderd.errors import (
    NothingOpenError,
    SpokenError,
    UnknownNameError,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from reminderd.adapters.store.store import Store
    from reminderd.app.respond import Receipt
    from reminderd.core.history import DeliveryRecord
    from reminderd.core.names import Answer
    from reminderd.core.walltime import Present

READING_IS_ENOUGH: Final = "reading is enough"
"""As the button says it: no answer, so it is nobody's `Answer`."""
_FULL_ID: Final = 36
_MINUTE: Final = 60

# What is said of a person's practice; a test reads each for the words that never occur.
LATER_SOON: Final = "It comes again at the next good moment."
LATER_IN: Final = "It comes again in about {length}, at a good moment."
LATER_PAUSED: Final = (
    "It is paused until {until}; before that nothing comes again. To go on sooner: reminderd resume"
)
LATER_ASLEEP: Final = "It comes back later, once reminderd runs: reminderd run"
GONE: Final = "It will not come again. To undo that: reminderd prompts enable {prompt}"
BACK_AGAIN: Final = "It may come again."
HOW_TO_ANSWER: Final = (
    "To answer: reminderd respond {first} (or hard, later, not-today, not-for-me)"
)
HOW_TO_ANSWER_LAST: Final = "To answer it still: reminderd respond {first} --delivery last"
HOW_TO_CHANGE: Final = "To change that: reminderd respond ANSWER --delivery last"
NOT_UNDERSTOOD: Final = '"{said}" is not understood.'
WHICH: Final = "Which answer?"
HOW_TO_NOTE: Final = "To be asked for it: reminderd respond ANSWER --note"
UNDERSTOOD: Final = 'One of: done, taken (or "I\'ll try"), hard, later, not-today, not-for-me.'
NOTHING_YET: Final = "No practice has come yet."
NOTHING_YET_HINT: Final = "To bring one: reminderd now"


@click.command(short_help="Show the newest practice in full.")
@json_option
def show(as_json: bool) -> None:
    r"""Show the newest practice in full: for the one that was waved away too quickly.

    \b
    Example:
      reminderd show
    """
    present = bootstrap.present()
    store = open_store(present)
    newest = store.reading.newest()
    if newest is None:
        raise NothingOpenError(NOTHING_YET, NOTHING_YET_HINT)
    if as_json:
        say_json(_as_json(newest, present))
        return
    text = newest.text
    blocks = [bold(one_line(text.title))]
    blocks += [paragraph(clean(part)) for part in (text.body, text.cue) if part]
    blocks.append(dim(_how_it_stands(newest, present)))
    say("\n\n".join(blocks))


def _as_json(newest: DeliveryRecord, present: Present) -> dict[str, object]:
    from reminderd.app.status import local_iso
    from reminderd.core.history import is_open

    return {
        "delivery": newest.id,
        "slot": str(newest.slot) if newest.slot else None,
        "kind": newest.kind.value,
        "prompt": newest.prompt,
        "tip": newest.tip,
        "title": newest.text.title,
        "body": newest.text.body,
        "cue": newest.text.cue,
        "when": newest.text.when.value,
        "shown_at": local_iso(newest.shown_at, present.zone) if newest.shown_at else None,
        "outcome": newest.outcome.value if newest.outcome else None,
        "open": is_open(newest, present.now),
        "response": newest.answer.value if newest.answer else None,
    }


def _how_it_stands(newest: DeliveryRecord, present: Present) -> str:
    from reminderd.core.history import is_open

    first = "done" if newest.text.when.value == "now" else "taken"
    came = f"{newest.tip}, {moment(newest.shown_at or newest.claimed_at, present)}"
    if newest.answer is not None:
        return f"{came}, answered: {ANSWER_WORDS[newest.answer.value]}\n{HOW_TO_CHANGE}"
    how = HOW_TO_ANSWER if is_open(newest, present.now) else HOW_TO_ANSWER_LAST
    return f"{came}\n{how.format(first=first)}"


@click.command(short_help="Answer the open practice.")
@click.argument("words", nargs=-1, metavar="ANSWER")
@click.option(
    "--delivery",
    metavar="ID|last",
    help="Answer, or correct the answer to, this delivery: an id or how it begins, or `last`.",
)
@click.option("--for", "length", metavar="20m", help="With later: in how long.")
@note_option
@json_option
def respond(
    words: tuple[str, ...],
    delivery: str | None,
    length: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    r"""Answer the open practice, in one of six ways.

    What stands on a button is understood too.

    \b
    done        it is done
    taken       you will try it at the next occasion
    hard        it is hard today
    later       the same again in a while
    not-today   it rests for today
    not-for-me  it does not come again

    `respond reading is enough` keeps the pace as you set it, answered or not.

    \b
    Examples:
      reminderd respond done
      reminderd respond not for me
      reminderd respond later --for 40m
      reminderd respond hard --delivery last --note
    """
    if one_line(" ".join(words)).lower() == READING_IS_ENOUGH:
        _keep_pace(as_json=as_json)
        return
    answer = _answer(words, note)
    if length is not None and answer.value != "later":
        raise click.UsageError("--for goes with later.")
    check_note(note)
    present = bootstrap.present()
    snooze = _snooze(length)
    store = open_store(present)
    if delivery is not None:
        delivery = _delivery_id(store, delivery)
    from reminderd.app.respond import respond as answer_it

    if note is not None:
        note, present = note_text(note, lambda: _can_answer(store, delivery)), bootstrap.present()
    receipt = answer_it(
        *(store, answer, present),
        delivery=delivery,
        note=note,
        snooze=snooze,
        source="cli",
    )
    running = bootstrap.wake(store)
    if as_json:
        say_json({"delivery": receipt.delivery.id, "response": receipt.answer.value})
    else:
        tell(acknowledgement(receipt, snooze, running=running, paused=pause_words(store, snooze)))


def pause_words(store: Store, snooze: timedelta | None) -> str:
    """Return when a pause ends, in words; nothing where none keeps away what was put off."""
    from reminderd.core.pausing import paused_until

    present = bootstrap.present()
    until = paused_until(store.answers.pause(), present.now, present.zone)
    comes_at = present.now if snooze is None else present.now + snooze
    return until_words(until, present) if until and until > comes_at else ""


def _keep_pace(*, as_json: bool) -> None:
    """Do what the button of this name does: who only reads is left in peace."""
    from reminderd.adapters import config_file, paths
    from reminderd.cli import remarks
    from reminderd.core.words import KEEPS_PACE

    config_file.set_value(paths.config_file(), "pace.back_off", "off")
    remarks.tell_daemon()
    if as_json:
        say_json({"pace.back_off": False})
    else:
        tell("\n".join([KEEPS_PACE, *remarks.overridden("pace.back_off")]))


def _answer(words: tuple[str, ...], note: str | None) -> Answer:
    """Return the answer that one or several words mean; words of a note are not said again."""
    from reminderd.core.spoken_answer import nearest_answer, parse_answer

    said = " ".join(words)
    if answer := parse_answer(said):
        return answer
    if len(words) > 1 and note not in {None, ASK, PIPED}:
        raise click.UsageError(f"{APART} {HOW_TO_NOTE}")
    near = nearest_answer(said)
    told = (
        NOT_UNDERSTOOD.format(said=one_line(said)) if said else WHICH,
        f"Did you mean {near.value}?" if near else "",
        UNDERSTOOD,
    )
    raise click.UsageError(" ".join(filter(None, told)))


def acknowledgement(
    receipt: Receipt, snooze: timedelta | None, *, running: bool, paused: str
) -> str:
    """Return the one sentence that an answer is met with.

    Args:
        receipt: What was stored.
        snooze: In how long it is to come again, where the person said it.
        running: Whether a daemon runs.
        paused: Until when it is paused, in words; nothing where it is not.
    """
    answer, before = receipt.answer.value, receipt.delivery.answer
    said = ACKNOWLEDGED.get(answer, NOTED)
    if answer == "not-for-me":
        return GONE.format(prompt=receipt.delivery.prompt)
    if answer == "later" and not running:
        said = LATER_ASLEEP
    elif answer == "later" and paused:
        said = LATER_PAUSED.format(until=paused)
    elif answer == "later" and snooze is not None:
        said = _later_in(round(snooze.total_seconds()))
    if before is not None and before.value == "not-for-me":
        said = f"{said} {BACK_AGAIN}"
    return said


def _later_in(seconds: int) -> str:
    if seconds < _MINUTE / 2:
        return LATER_SOON
    minutes = (seconds + _MINUTE // 2) // _MINUTE
    return LATER_IN.format(length="a minute" if minutes == 1 else duration(minutes))


def _snooze(length: str | None) -> timedelta | None:
    """Return how long *Later* waits: less than a day."""
    if length is None:
        return None
    from reminderd.core.spoken import DURATION_HINT, parse_duration

    snooze = parse_duration(length)
    if not snooze:
        raise SpokenError(
            "That is at once.", f"From 1s on it fits. {DURATION_HINT} At once: reminderd show"
        )
    if snooze.days:
        raise SpokenError(
            "That is a day or more, and *later* is for less.",
            "A shorter time fits, and so does: reminderd respond not-today",
        )
    return snooze


def _delivery_id(store: Store, text: str) -> str:
    """Return the id that is meant: a whole one, `last`, or the only one that begins so."""
    wanted = text.strip().lower()
    if wanted == "last" or len(wanted) >= _FULL_ID:
        return wanted
    found = store.reading.beginning_with(wanted) if wanted else []
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownNameError(
            f"Several deliveries begin with {one_line(text)}.", "More of the id tells which."
        )
    raise UnknownNameError(
        f"There is no delivery {one_line(text)}.", "Their ids are in: reminderd history --json"
    )


def _can_answer(store: Store, delivery: str | None) -> bool:
    """Return whether a note could belong to anything; nobody is to write one in vain."""
    from reminderd.core.history import is_open

    if delivery is not None and delivery != "last":
        return store.reading.delivery(delivery) is not None
    newest = store.reading.newest()
    return newest is not None and (delivery is not None or is_open(newest, bootstrap.present().now))
