"""The section "See how it stands": status, preview (history is in `past.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    bold,
    clean,
    clock_time,
    day_column,
    dim,
    json_option,
    moment,
    one_line,
    paragraph,
    say,
    say_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from reminderd.app.preview import Preview
    from reminderd.app.status import Status
    from reminderd.core.walltime import Present

_FEW: Final = 3

# What is said of a person's practice; a test reads each for the words that never occur.
RUNNING: Final = "reminderd is running."
ASLEEP: Final = "reminderd is not running, so no practice comes by itself."
HOW_TO_START: Final = "To start it: reminderd run. At every login: reminderd service install"
PAUSED: Final = "Paused until {until}. To go on: reminderd resume"
NEXT: Final = "Next: {at}"
NEXT_UNKNOWN: Final = "Next: nothing is planned so far. To see why: reminderd preview"
WAITS: Final = "One waits for a good moment: {reason}."
OPEN: Final = "Open: “{title}” ({at}). To read or answer it: reminderd show"
TODAY: Final = "Today: {shown}{cap}, {answered} answered."
TODAY_NONE: Final = "Today: none so far{cap}."
PACE: Final = "Pace: up to {per_day} a day, {reason}."
NOTHING_COMES: Final = "Nothing is planned in this time."
NOT_PLANNED: Final = "Not planned {when}: {count} {source}, because {why}."
IN_PAUSE: Final = "Paused until {until}; what lies before that is let go."

SOURCES: Final = {"at": "fixed time", "every": "steady moment", "random": "random moment"}
WHERE: Final = {
    "freedesktop": "Practices come on your desktop",
    "plyer": "Practices come on your desktop",
    "terminal": "Practices come in the terminal where it runs",
}


@click.command(short_help="Show how things stand.")
@json_option
def status(as_json: bool) -> None:
    r"""Show how things stand: whether it runs, what comes next, what is open.

    \b
    Example:
      reminderd status --json
    """
    from reminderd.adapters.wake import listens
    from reminderd.app.status import daemon_facts
    from reminderd.app.status import status as stand

    present = bootstrap.present()
    store = open_store(present)
    facts = daemon_facts(store)
    running = facts is not None and listens(facts["socket"])
    now = stand(store, facts, present, running=running)
    if as_json:
        say_json(now)
    else:
        say("\n".join(_status_lines(now, present)))


def _status_lines(now: Status, present: Present) -> Iterator[str]:
    """Yield what people see: the daemon, what is next, what is open, today."""
    yield bold(RUNNING if now["running"] else ASLEEP)
    if not now["running"]:
        yield HOW_TO_START
    elif now["notifier"]:
        server = f" ({now['server']})" if now["server"] else ""
        why = f": {now['why']}" if now["why"] else ""
        where = WHERE.get(now["notifier"], f"Practices come through {now['notifier']}")
        yield paragraph(one_line(f"{where}{server}{why}."))
    if now["paused_until"]:
        yield PAUSED.format(until=_words(now["paused_until"], present))
    if now["running"]:
        yield from _next_lines(now, present)
    if now["open"]:
        shown = _words(now["open"]["shown_at"], present)
        yield OPEN.format(title=one_line(now["open"]["title"]), at=shown)
    today = now["today"]
    cap = f" of at most {today['cap']}" if today["cap"] is not None else ""
    said = TODAY if today["shown"] else TODAY_NONE
    yield said.format(shown=today["shown"], cap=cap, answered=today["answered"])
    if now["pace"]:
        yield PACE.format(**now["pace"])
    for line in (*now["limits"], *now["problems"]):
        yield dim(paragraph(clean(line)))


def _next_lines(now: Status, present: Present) -> Iterator[str]:
    """Yield what waits, and what comes next."""
    if now["held"] and not now["paused_until"]:
        from reminderd.core.words import HELD

        yield WAITS.format(reason=HELD.get(now["held"], now["held"]))
    if now["next"]:
        yield NEXT.format(at=_words(now["next"], present))
    elif not now["held"]:
        yield NEXT_UNKNOWN


def _words(iso: str, present: Present) -> str:
    return moment(datetime.fromisoformat(iso), present)


@click.command(short_help="Show the coming moments.")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=7,
    metavar="N",
    help="How many days, today the first of them (7).",
)
@json_option
def preview(days: int, as_json: bool) -> None:
    r"""Show the coming moments at today's pace, and what could not be planned.

    \b
    Example:
      reminderd preview --days 14
    """
    from reminderd.app.preview import preview as look_ahead
    from reminderd.core.pausing import paused_until

    present = bootstrap.present()
    preferences = bootstrap.preferences(bootstrap.load_settings())
    store = open_store(present)
    found = look_ahead(store, preferences, present, days)
    if as_json:
        say_json(
            [
                {
                    "slot": str(one.slot),
                    "at": one.at.isoformat(timespec="seconds"),
                    "kind": one.source.value,
                }
                for one in found.coming
            ]
        )
    else:
        say("\n".join(_preview_lines(found, present)))
        if until := paused_until(store.answers.pause(), present.now, present.zone):
            say(IN_PAUSE.format(until=moment(until, present)))
    for line in shortfall_lines(found, days, present):
        say(line, err=True)


def _preview_lines(found: Preview, present: Present) -> Iterator[str]:
    """Yield a line for each date, with its times."""
    if not found.coming:
        yield NOTHING_COMES
    times: dict[date, list[str]] = {}
    for one in found.coming:
        times.setdefault(one.at.date(), []).append(
            clock_time(one.at).rjust(5) + ("" if one.source.value == "random" else " *")
        )
    for day, clocks in times.items():
        yield f"{bold(day_column(day, present))}  {'  '.join(clocks)}"
    if any("*" in clock for clocks in times.values() for clock in clocks):
        yield dim("* at a fixed time or a steady interval; the others are drawn")


def shortfall_lines(found: Preview, days: int, present: Present) -> Iterator[str]:
    """Yield what could not be planned, each once, with its dates."""
    dates: dict[tuple[str, int, str], list[date]] = {}
    for day, one in found.shortfalls:
        dates.setdefault((one.source.value, one.count, one.why), []).append(day)
    for (source, count, why), missing in dates.items():
        if len(missing) == days and days > 1:
            when = "on any of these days"
        else:
            shown = [" ".join(day_column(day, present).split()) for day in missing[:_FEW]]
            more = len(missing) - len(shown)
            when = f"on {', '.join(shown)}" + (f" and {more} more" if more else "")
        thing = SOURCES[source] + ("s" if count != 1 else "")
        yield NOT_PLANNED.format(when=when, count=count, source=thing, why=why)
