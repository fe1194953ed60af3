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
    say,
    say_json,
    tell,
    until_words,
)
from reminderd.core.words import AS_SET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from reminderd.adapters.store.store import Store
    from reminderd.app.preview import Preview
    from reminderd.app.status import PaceFacts, Status, Today
    from reminderd.core.walltime import Present

_FEW: Final = 3
_PATIENCE_SECONDS: Final = 2.0
"""How long systemd may take to say how the service stands; it takes a few milliseconds."""

# What is said of a person's practice; a test reads each for the words that never occur.
RUNNING: Final = "reminderd is running."
ASLEEP: Final = "reminderd is not running, so no practice comes by itself."
HOW_TO_START: Final = "To start it: reminderd run. At every login: reminderd service install"
PAUSED: Final = "Paused until {until}. To go on: reminderd resume"
NEXT: Final = "Next: {at}"
CROWDED_OUT: Final = (
    "Not to come: {count} planned for today, because max_per_day and min_gap leave no room beside"
    " what has come."
)
STARTING: Final = "It has just begun, and looks for the next moment."
SOON: Final = "Next: at the next good moment"
NEXT_UNKNOWN: Final = "Next: nothing is planned so far. To see why: reminderd preview"
NEXT_NONE: Final = "Next: nothing, since no prompt may come. To see why: reminderd preview"
WAITS: Final = "One waits for a good moment: {reason}."
CLOSED: Final = "Just now nothing comes by itself: {reason}."
OPEN: Final = "Open: “{title}” ({at}). To read or answer it: reminderd show"
OPEN_UNNAMED: Final = "One is open ({at}). To read or answer it: reminderd show"
PAUSE_ENDED: Final = "The pause ended {at}."
TODAY: Final = "Today: {shown}{cap}, {answered} answered."
TODAY_MORE: Final = (
    "Today: {shown}, {answered} answered. Beyond {most} a day, only what you ask for comes."
)
TODAY_NONE: Final = "Today: none so far{cap}."
PACE: Final = "Pace: up to {per_day} a day, {reason}."
NOTHING_COMES: Final = "Nothing is planned in this time."
NOT_PLANNED: Final = "Not planned {when}: {count} {source}, because {why}."
IN_PAUSE: Final = "Paused until {until}; what lies before that waits, or is let go."

SOURCES: Final = {"at": "fixed time", "every": "steady moment", "random": "random moment"}
WHERE: Final = {
    "freedesktop": "Practices come on your desktop",
    "plyer": "Practices come on your desktop",
    "terminal": "Practices come in the terminal where it runs",
}


@click.command(short_help="Show how things stand.")
@json_option
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "waybar"]),
    help="How to print it: for people, as JSON, or as one line for a bar.",
)
@click.option(
    "--follow",
    is_flag=True,
    help="Print it again at each change; a line each as JSON or for a bar.",
)
def status(as_json: bool, shape: str | None, follow: bool) -> None:
    r"""Show how things stand: whether it runs, what comes next, what is open.

    \b
    Examples:
      reminderd status --json
      reminderd status --follow --json
      reminderd status --follow --format waybar
    """
    shape = shape or ("json" if as_json else "text")
    if as_json and shape != "json":
        raise click.UsageError("--json and another --format do not go together: choose one.")
    if follow:
        from reminderd.cli.follow import follow as keep_on

        keep_on(shape)
        return
    present = bootstrap.present()
    now = stand(open_store(present), present)
    if shape == "json":
        say_json(now)
    elif shape == "waybar":
        say(bar_text(now, present))
    else:
        for line in status_lines(now, present):
            tell(line)


def bar_text(now: Status, present: Present) -> str:
    """Return how things stand as the one line that a bar reads."""
    import json

    from reminderd.cli.bar import bar

    return json.dumps(bar(now, present), ensure_ascii=False)


def stand(store: Store, present: Present) -> Status:
    """Return how things stand, and whether a daemon runs."""
    from reminderd.adapters import trouble
    from reminderd.app.status import daemon_facts, status

    facts = daemon_facts(store)
    running = bootstrap.daemon_listens(facts)
    now = status(store, facts, present, running=running)
    if running and (told := trouble.told()):
        now["problems"] = [*now["problems"], told]
    return now


def status_lines(now: Status, present: Present, *, for_bar: bool = False) -> Iterator[str]:
    """Yield what people see: the daemon, what is next, what is open, today.

    Args:
        now: How things stand.
        present: The present moment.
        for_bar: Whether others may read it: what is open is not named, nor what a server cannot do.
    """
    first, *then = [RUNNING] if now["running"] else asleep_lines()
    yield bold(first)
    yield from then
    if now["running"] and now["notifier"]:
        server = f" ({now['server']})" if now["server"] else ""
        why = f": {now['why']}" if now["why"] else ""
        where = WHERE.get(now["notifier"], f"Practices come through {now['notifier']}")
        yield one_line(f"{where}{server}{why}.")
    yield from ahead_lines(now, present)
    if now["open"]:
        shown = _words(now["open"]["shown_at"], present)
        title = one_line(now["open"]["title"])
        yield (OPEN_UNNAMED if for_bar else OPEN).format(title=title, at=shown)
    if now["pause_ended"]:
        yield dim(PAUSE_ENDED.format(at=_words(now["pause_ended"], present)))
    yield _today(now["today"])
    if now["pace"]:
        yield pace_line(now["pace"])
    yield from map(clean, now["problems"])
    if now["mended"] and not for_bar:
        yield clean(now["mended"])
    if not for_bar:
        yield from (dim(clean(line)) for line in now["limits"])


def asleep_lines() -> Iterator[str]:
    """Yield that no daemon runs, and what starts one; where something should, why it does not."""
    from reminderd.adapters import paths

    if not (paths.unit_file().exists() or paths.autostart_file().exists()):
        yield ASLEEP  # systemd is not even asked: this is to be quick
        yield HOW_TO_START
        return
    from reminderd.adapters.service import query
    from reminderd.cli.standing import unheard_lines

    yield from unheard_lines(query(_PATIENCE_SECONDS))


def ahead_lines(now: Status, present: Present) -> Iterator[str]:
    """Yield what lies ahead, and what keeps it from coming."""
    if now["paused_until"]:
        yield PAUSED.format(until=_until(now["paused_until"], present))
    if now["running"] and not now["notifier"]:
        yield STARTING
    elif now["running"]:
        held = None if now["paused_until"] and now["held"] == "paused" else now["held"]
        if now["closed"] and not held and not now["paused_until"]:
            from reminderd.core.words import HELD

            yield CLOSED.format(reason=HELD.get(now["closed"][0], now["closed"][0]))
        yield from next_lines(now["next"], held, present)


def next_lines(coming: str | None, held: str | None, present: Present) -> Iterator[str]:
    """Yield what waits, and what comes next, as the daemon has it.

    Args:
        coming: When the next one comes, in ISO 8601.
        held: Why one waits.
        present: Now.
    """
    if held and held != "no-prompt":
        from reminderd.core.words import HELD

        yield WAITS.format(reason=HELD.get(held, held))
    if coming:
        at = datetime.fromisoformat(coming)
        yield SOON if at <= present.now else NEXT.format(at=moment(at, present))
    elif held == "no-prompt":
        yield NEXT_NONE
    elif not held:
        yield NEXT_UNKNOWN


def pace_line(pace: PaceFacts) -> str:
    """Return how much of the cadence comes, and why."""
    said = PACE if pace["reason"] == AS_SET else "{reason}"
    return clean(said.format(**pace))


def _today(today: Today) -> str:
    shown, most = today["shown"], today["cap"]
    if most is not None and shown > most:
        return TODAY_MORE.format(shown=shown, answered=today["answered"], most=most)
    cap = f" of at most {most}" if most is not None else ""
    said = TODAY if shown else TODAY_NONE
    return said.format(shown=shown, cap=cap, answered=today["answered"])


def _words(iso: str, present: Present) -> str:
    return moment(datetime.fromisoformat(iso), present)


def _until(iso: str, present: Present) -> str:
    return until_words(datetime.fromisoformat(iso), present)


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
    from reminderd.app.preview import Preview
    from reminderd.app.preview import preview as look_ahead
    from reminderd.cli.remarks import why_nothing_is_planned
    from reminderd.core.pool import why_none

    present = bootstrap.present()
    preferences = bootstrap.preferences(bootstrap.load_settings())
    prompts = bootstrap.load_decks().prompts
    store = open_store(present)
    nothing = why_none(prompts, preferences.practice, store.answers.disabled())
    found = Preview((), (), 0) if nothing else look_ahead(store, preferences, present, days)
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
        if nothing:
            tell(nothing, err=True)
    else:
        nothing = nothing or why_nothing_is_planned(preferences.cadence)
        for line in [nothing] if nothing else _preview_lines(found, present):
            tell(line)
        for line in _around(stand(store, present), found, present):
            tell(line)
    for line in shortfall_lines(found, days, present):
        tell(line, err=True)


def _preview_lines(found: Preview, present: Present) -> Iterator[str]:
    """Yield a line for each date, with its times, and the pace where it is not as it was set."""
    if not found.coming and not found.crowded_out:
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
    if found.pace and found.pace["reason"] != AS_SET:
        yield found.pace["reason"]


def _around(now: Status, found: Preview, present: Present) -> Iterator[str]:
    """Yield what the times alone do not tell, so that `status` says nothing else."""
    if now["paused_until"]:
        yield IN_PAUSE.format(until=_until(now["paused_until"], present))
    if not now["running"]:
        yield from asleep_lines()
        return
    held = None if now["held"] in {"paused", "no-prompt"} else now["held"]
    coming = datetime.fromisoformat(now["next"]) if now["next"] else None
    if held or (coming and coming not in [one.at for one in found.coming[:1]]):
        yield from next_lines(now["next"], held, present)


def shortfall_lines(found: Preview, days: int, present: Present) -> Iterator[str]:
    """Yield what could not be planned, each once, with its dates, and what does not come."""
    if found.crowded_out:
        yield CROWDED_OUT.format(count=found.crowded_out)
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
