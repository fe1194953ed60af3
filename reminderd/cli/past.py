"""The section "See how it stands": history (the others are in `look.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    ANSWER_WORDS,
    cells,
    clean,
    clock_time,
    day_column,
    dim,
    fitted,
    json_option,
    one_line,
    paragraph,
    say,
    say_json,
    width,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from reminderd.core.history import HistoryEntry
    from reminderd.core.walltime import Present

LATEST: Final = 20
"""Lines of history that people see unless they ask for more."""
_ALL: Final = -1

# What is said of a person's practice; a test reads each for the words that never occur.
LET_GO: Final = "let go ({reason})"
NOT_DELIVERED: Final = "not delivered"
NOTED: Final = "noted"
A_NOTE: Final = "A note"
NO_HISTORY: Final = "Nothing has come yet. To bring a practice: reminderd now"
REASONS: Final = {
    "paused": "paused",
    "quiet-hours": "quiet hours",
    "do-not-disturb": "do not disturb",
    "in-call": "in a call",
    "locked": "the screen was locked",
    "inactive": "another session had the screen",
    "just-back": "you were just back",
    "away": "nobody was there",
    "min-gap": "soon after another",
    "daily-cap": "enough for the day",
    "no-server": "nowhere to show it",
    "no-prompt": "no practice to choose",
    "resting": "every practice rested",
    "merged": "the next one came",
    "answered": "answered before",
    "not-running": "reminderd was not running",
    "restored": "after a restore",
}


@click.command(short_help="Show what came, and what you answered.")
@click.option(
    "--limit",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help=f"At most so many, the newest. ({LATEST}; with --json all there are)",
)
@click.option("--notes", is_flag=True, help="Show your notes too.")
@json_option
def history(limit: int | None, notes: bool, as_json: bool) -> None:
    r"""Show what came and what you answered, newest first.

    \b
    Example:
      reminderd history --limit 5 --notes
    """
    present = bootstrap.present()
    store = open_store(present)
    found = store.reading.history(limit or (_ALL if as_json else LATEST))
    zones = _Zones(present)
    if as_json:
        say_json([_entry_json(one, zones) for one in found])
    else:
        say("\n".join(_history_lines(found, zones, present, notes=notes)) or NO_HISTORY)


class _Zones:
    """The zones in which things happened, by name; where a name is unknown, the present one."""

    def __init__(self, present: Present) -> None:
        self._zones = {present.zone_name: present.zone}
        self._else = present.zone

    def local(self, at: datetime, name: str) -> datetime:
        """Return a moment in the zone of that name."""
        if name not in self._zones:
            from zoneinfo import ZoneInfo

            try:
                self._zones[name] = ZoneInfo(name)
            except (LookupError, ValueError, OSError):
                self._zones[name] = self._else
        return at.astimezone(self._zones[name])


def _entry_json(one: HistoryEntry, zones: _Zones) -> dict[str, object]:
    def iso(at: datetime | None) -> str | None:
        return zones.local(at, one.zone).isoformat(timespec="seconds") if at else None

    return {
        "id": one.id,
        "slot": str(one.slot) if one.slot else None,
        "kind": one.kind,
        "prompt": one.prompt,
        "tip": one.tip,
        "planned_at": iso(one.planned_at),
        "shown_at": iso(one.shown_at),
        "outcome": one.outcome.value if one.outcome else None,
        "reason": one.reason.value if one.reason else None,
        "response": one.response.value if one.response else None,
        "note": one.note,
        "device": one.device,
    }


def _history_lines(
    found: Iterable[HistoryEntry], zones: _Zones, present: Present, *, notes: bool
) -> Iterator[str]:
    """Yield a line for each entry: when, what, and what became of it."""
    rows = []
    for one in found:
        local = zones.local(one.shown_at or one.planned_at, one.zone)
        when = f"{day_column(local.date(), present)} {clock_time(local).rjust(5)}"
        title = one_line(one.title or one.prompt or (A_NOTE if one.kind == "note" else ""))
        rows.append((when, title, _what_became(one), one.note))
    whens = max((len(when) for when, *_ in rows), default=0)
    words = max((len(became) for _, _, became, _ in rows), default=0)
    columns = width()
    room = max((cells(title) for _, title, _, _ in rows), default=0)
    if columns is not None:
        room = max(0, min(room, columns - whens - words - 5))
    for when, title, became, note in rows:
        yield f"{when.ljust(whens)}  {fitted(title, room)}  {became}".rstrip()
        if notes and note:
            yield from (dim(f"    {line}") for line in paragraph(clean(note)).split("\n"))


def _what_became(one: HistoryEntry) -> str:
    outcome = one.outcome.value if one.outcome else None
    response = ANSWER_WORDS[one.response.value] if one.response else ""
    if one.kind == "note":
        return NOTED
    if outcome == "missed":
        return LET_GO.format(
            reason=REASONS.get(one.reason.value, one.reason.value) if one.reason else ""
        )
    if outcome == "failed":
        return f"{NOT_DELIVERED}, {response}" if response else NOT_DELIVERED
    return response
