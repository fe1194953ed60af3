"""The section "Have quiet": pause, resume."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import is_conversation, json_option, moment, say, say_json

if TYPE_CHECKING:
    from datetime import datetime

    from reminderd.adapters.store.store import Store
    from reminderd.core.walltime import Present

LONG: Final = timedelta(days=7)
"""A pause of this length is asked about first: it is often a slip of the finger."""

# What is said of a person's practice; a test reads each for the words that never occur.
QUIET: Final = "Quiet until {until}. To go on sooner: reminderd resume"
SURE: Final = "Quiet until {until}, with no practice in between?"
AS_IT_WAS: Final = "Nothing has changed."
GOING_ON: Final = "Going on."
NEXT: Final = "Next: {at}"
SOON: Final = "Next: at the next good moment"
ASLEEP: Final = "reminderd is not running; to start it: reminderd run"
NO_PAUSE: Final = "There was no pause."


class _Pause(click.Command):
    """Takes "-1h" for the length that it is meant as, where click would look for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if below := next((one for one in args if re.match("-[0-9.,]", one)), None):
            from reminderd.core.spoken import quoted
            from reminderd.core.spoken_moment import PAUSE_HINT
            from reminderd.errors import SpokenError

            raise SpokenError(f"{quoted(below)} is not in the future.", PAUSE_HINT)
        return super().parse_args(ctx, args)


@click.command(cls=_Pause, short_help="Stop everything for a while.")
@click.argument("words", nargs=-1, metavar="LENGTH")
@click.option("--yes", is_flag=True, help="Do not ask, also for a week or more.")
@json_option
def pause(words: tuple[str, ...], yes: bool, as_json: bool) -> None:
    r"""Stop everything for a while, up to 30 days. It ends by itself.

    \b
    Examples:
      reminderd pause 2h
      reminderd pause for 90 min
      reminderd pause until tomorrow 9:00
      reminderd pause until monday
      reminderd pause until 2026-12-01
    """
    if not words:
        raise click.UsageError(
            "For how long? For example: reminderd pause 2h, or reminderd pause until tomorrow"
        )
    from reminderd.app.pausing import pause as stop
    from reminderd.core.spoken_moment import parse_pause
    from reminderd.core.walltime import resolve

    present = bootstrap.present()
    end = parse_pause(" ".join(words), present.local)
    until = present.now + end if isinstance(end, timedelta) else resolve(end, present.zone)
    is_long = until - present.now >= LONG
    if is_long and not yes and is_conversation() and not _is_meant(until, present):
        say(AS_IT_WAS)
        return
    store = open_store(present)
    until = stop(store, end, present)
    bootstrap.wake(store)
    if as_json:
        from reminderd.app.status import local_iso

        say_json({"paused_until": local_iso(until, present.zone)})
    else:
        say(QUIET.format(until=moment(until, present)))


def _is_meant(until: datetime, present: Present) -> bool:
    return click.confirm(SURE.format(until=moment(until, present)), default=True)


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
    coming = _next(store, present) if running else None
    if as_json:
        from reminderd.app.status import local_iso

        at = local_iso(coming, present.zone) if coming else None
        say_json({"resumed": was_paused, "next": at})
        return
    said = [GOING_ON if was_paused else NO_PAUSE]
    if coming is not None:
        said.append(SOON if coming <= present.now else NEXT.format(at=moment(coming, present)))
    elif was_paused and not running:
        said.append(ASLEEP)
    say(" ".join(said))


def _next(store: Store, present: Present) -> datetime | None:
    """Return the next moment that is planned for today, from what is stored."""
    from reminderd.core.walltime import resolve

    ahead = [
        max(resolve(one.local_at, present.zone), present.now)
        for one in store.deliveries.waiting()
        if resolve(one.local_until, present.zone) > present.now
    ]
    return min(ahead, default=None)
