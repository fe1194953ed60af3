"""The section "Have quiet": pause, resume."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.look import next_lines
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    clock_time,
    day_column,
    is_conversation,
    json_option,
    say,
    say_json,
    tell,
    until_words,
)
from reminderd.errors import ReminderdError, SpokenError

if TYPE_CHECKING:
    from datetime import datetime

    from reminderd.adapters.store.store import Store
    from reminderd.app.status import DaemonFacts
    from reminderd.core.walltime import Present

LONG: Final = timedelta(days=7)
"""A pause of this length is asked about first: it is often a slip of the finger."""
MONTH: Final = timedelta(days=28)
"""One of this length is asked about even where nobody sits there to be asked."""
_ENDINGS: Final = frozenset({"off", "stop", "end", "over", "no", "resume", "none"})
_WAIT_SECONDS: Final = 1.0
_LOOK_EVERY: Final = 0.02

# What is said of a person's practice; a test reads each for the words that never occur.
QUIET: Final = "Quiet until {until}. To go on sooner: reminderd resume"
AS_IT_BEGINS: Final = "{end}, when that day begins"
SURE: Final = "Quiet until {until}, with no practice in between?"
ENDS_OTHERWISE: Final = "A pause is ended by another command."
ENDS_OTHERWISE_HINT: Final = "To go on now: reminderd resume"
HOW_LONG: Final = "For how long, or until when?"
NOT_SURE: Final = "A pause of a month is asked about first, and there was no answer."
NOT_SURE_HINT: Final = "To have it without the question, add --yes."
AS_IT_WAS: Final = "Nothing has changed."
GOING_ON: Final = "Going on."
ASK_STATUS: Final = "To see what comes next: reminderd status"
ASLEEP: Final = "reminderd is not running; to start it: reminderd run"
NO_PAUSE: Final = "There was no pause."


class _Pause(click.Command):
    """Takes "-1h" for the length that it is meant as, where click would look for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if below := next((one for one in args if re.match("-[0-9.,]", one)), None):
            from reminderd.core.spoken import quoted
            from reminderd.core.spoken_pause import OVER, OVER_HINT
            from reminderd.errors import SpokenError

            raise SpokenError(OVER.format(said=quoted(below)), OVER_HINT)
        return super().parse_args(ctx, args)


@click.command(cls=_Pause, short_help="Stop everything for a while.")
@click.argument("words", nargs=-1, metavar="LENGTH")
@click.option("--yes", is_flag=True, help="Do not ask, also for a week or a month.")
@json_option
def pause(words: tuple[str, ...], yes: bool, as_json: bool) -> None:
    r"""Stop all that comes by itself for a while, up to 30 days. It ends by itself.

    Without a length you are asked for one, on a terminal. There a week or more is asked about once
    again; a month is in scripts too.

    \b
    Examples:
      reminderd pause 2h
      reminderd pause for 90 min
      reminderd pause until tomorrow 9:00
      reminderd pause until tonight 8
      reminderd pause until friday evening
      reminderd pause until monday
      reminderd pause for the weekend
      reminderd pause until 2026-12-01
    """
    from reminderd.app.pausing import pause as stop
    from reminderd.core.walltime import resolve

    present = bootstrap.present()
    end = _end(" ".join(words), present) if words else _ask_how_long(present)
    until = present.now + end if isinstance(end, timedelta) else resolve(end, present.zone)
    if not yes and not _is_meant(until, present):
        say(AS_IT_WAS, err=as_json)
        return
    store = open_store(present)
    until = stop(store, end, present)
    bootstrap.wake(store)
    if as_json:
        from reminderd.app.status import local_iso

        say_json({"paused_until": local_iso(until, present.zone)})
    else:
        tell(QUIET.format(until=end_words(until, present)))


def _end(said: str, present: Present) -> timedelta | datetime:
    """Return for how long, or until which wall time, to be silent."""
    from reminderd.core.spoken_pause import parse_pause

    if said.strip().lower() in _ENDINGS:
        raise ReminderdError(ENDS_OTHERWISE, ENDS_OTHERWISE_HINT)
    return parse_pause(said, present.local)


def _ask_how_long(present: Present) -> timedelta | datetime:
    """Ask until it is understood; Ctrl+C leaves all as it was."""
    if not is_conversation():
        raise click.UsageError(
            "For how long? For example: reminderd pause 2h, or reminderd pause until tomorrow"
        )
    while True:
        try:
            return _end(str(click.prompt(HOW_LONG, default="2h")), present)
        except SpokenError as error:
            tell(f"{error.message}\n{error.hint}", err=True)


def _is_meant(until: datetime, present: Present) -> bool:
    """Ask about a long pause, and return whether it is meant."""
    length = until - present.now
    if length < LONG or (length < MONTH and not is_conversation()):
        return True
    sure = SURE.format(until=end_words(until, present))
    try:
        return click.confirm(sure, default=length < MONTH, err=not is_conversation())
    except click.Abort:
        if is_conversation():
            raise
        raise ReminderdError(NOT_SURE, NOT_SURE_HINT) from None


def end_words(until: datetime, present: Present) -> str:
    """Return when a pause ends, with the date: nobody is to take one day for another."""
    local = until.astimezone(present.zone)
    end = until_words(until, present)
    if local.date() != present.today:
        date = " ".join(day_column(local.date(), present).split())
        end = f"{end} ({date})" if end.startswith("tomorrow") else f"{date} {clock_time(local)}"
    is_midnight = (local.hour, local.minute) == (0, 0)
    return AS_IT_BEGINS.format(end=end) if is_midnight else end


@click.command(short_help="End the pause.")
@json_option
def resume(as_json: bool) -> None:
    r"""End the pause now.

    \b
    Example:
      reminderd resume
    """
    from reminderd.app.pausing import resume as go_on

    present = bootstrap.present()
    store = open_store(present)
    was_paused = go_on(store, present)
    running = bootstrap.wake(store)
    facts = _facts_without_pause(store) if running else None
    if as_json:
        say_json({"resumed": was_paused, "next": facts["next"] if facts else None})
        return
    said = [GOING_ON if was_paused else NO_PAUSE]
    if facts:
        said += next_lines(facts["next"], facts["held"], present)
    elif running:
        said.append(ASK_STATUS)
    elif was_paused:
        said.append(ASLEEP)
    tell(" ".join(said))


def _facts_without_pause(store: Store) -> DaemonFacts | None:
    """Return what the daemon records once it has seen that the pause is over; None if not soon."""
    import select
    import time

    from reminderd.app.status import daemon_facts

    until = time.monotonic() + _WAIT_SECONDS
    while (facts := daemon_facts(store)) and facts.get("paused_until"):
        if time.monotonic() >= until:
            return None
        select.select([], [], [], _LOOK_EVERY)  # a sleep fails under libfaketime
    return facts
