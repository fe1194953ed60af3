"""How commands speak: plain text and JSON, moments in words, nothing a terminal would obey."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Final

import click

from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from reminderd.core.walltime import Present

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
ANSWER_WORDS: Final = {
    "done": "done",
    "taken": "I'll try",
    "hard": "hard",
    "later": "later",
    "not-today": "not today",
    "not-for-me": "not for me",
}
_WIDEST: Final = 78
_NARROWEST: Final = 20
_WORD: Final = re.compile(r"( *)([^ ]+)")
# The same, but that a command between backticks or behind a colon counts as one word.
_TOGETHER: Final = re.compile(
    r"( *)((?<=: )reminderd\b.*?(?=[.,;]? \(|[.,;] |$)[.,;]?|(?:`[^`]*`|[^ ])+)"
)
_A_WEEK: Final = 7

# Left out: what a terminal obeys (controls but for tab and line end), what makes text read as what
# it is not (bidirectional embeddings, overrides and isolates), and what is no character at all.
_UNWANTED: Final = dict.fromkeys(
    [
        *(code for code in range(0x20) if code not in {0x09, 0x0A}),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def say(text: str = "", *, err: bool = False) -> None:
    """Write a line.

    Raises:
        ReminderdError: It cannot be written, as on a full disk.
    """
    try:
        click.echo(text, err=err)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReminderdError(f"The output could not be written: {error.strerror}.") from error


def tell(text: str, *, err: bool = False) -> None:
    """Write prose: folded where it goes to a terminal, as it is where it does not."""
    say(paragraph(text, err=err), err=err)


def say_json(value: object) -> None:
    """Write a value as JSON."""
    import json

    say(json.dumps(value, ensure_ascii=False, indent=2))


def bold(text: str) -> str:
    """Return a text that stands out on a terminal."""
    return click.style(text, bold=True)


def dim(text: str) -> str:
    """Return a text that stands back on a terminal."""
    return click.style(text, dim=True)


def clean(text: str) -> str:
    """Return a text without anything that hides, reverses or commands."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNWANTED)
    return lines.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Return a text as one harmless line."""
    return " ".join(clean(text).split())


def is_conversation() -> bool:
    """Return whether a person sits at both ends: one who reads, and can answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def width(*, err: bool = False) -> int | None:
    """Return how wide the terminal is that is written to; None where it is none."""
    stream = sys.stderr if err else sys.stdout
    if stream is None or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def paragraph(text: str, *, err: bool = False) -> str:
    """Return a text folded to the terminal's width; as it is where there is none.

    Words stay whole. So does what can be copied, where it fits on a line: what stands between
    backticks, and what follows "To ...: reminderd ..." up to the next comma or end.
    """
    columns = width(err=err)
    if columns is None:
        return text
    room = max(_NARROWEST, min(columns - 1, _WIDEST))
    return "\n".join(_folded(line.expandtabs(), room) for line in text.split("\n"))


def _folded(line: str, room: int) -> str:
    rows = [""]
    for blanks, piece in _pieces(line, room):
        longer = f"{rows[-1]}{blanks}{piece}"
        if not rows[-1] or _columns(longer) <= room:
            rows[-1] = longer
        else:
            rows.append(piece)
    return "\n".join(rows)


def _pieces(line: str, room: int) -> Iterator[tuple[str, str]]:
    """Yield what a line may be folded between, each with the blanks before it."""
    for found in _TOGETHER.finditer(line):
        if _columns(found[2]) <= room:
            yield found[1], found[2]
        else:
            yield from _WORD.findall(found[0])


def _columns(text: str) -> int:
    """Return how much of a line a text takes; what styles it takes nothing."""
    return len(click.unstyle(text))


def cells(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(one) in {"Mn", "Me", "Cf"} else 2 if east_asian_width(one) in "WF" else 1
        for one in text
    )


def fitted(text: str, room: int) -> str:
    """Return a text in exactly so many columns."""
    if cells(text) > room:
        while text and cells(text) > room - 1:
            text = text[:-1]
        text = f"{text.rstrip()}…" if room > 0 else ""
    return text + " " * (room - cells(text))


def clock_time(local: datetime) -> str:
    """Return the time of day as people write it: "9:12"."""
    return f"{local.hour}:{local.minute:02}"


def moment(at: datetime, present: Present) -> str:
    """Return a moment in words: "today 15:40", "tomorrow 9:12", "tue 11:05", "1 dec 9:00"."""
    local = at.astimezone(present.zone)
    today = present.today
    days = (local.date() - today).days
    if near := {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days):
        day = near
    elif 0 < days < _A_WEEK:
        day = DAYS[local.weekday()]
    else:
        day = f"{local.day} {MONTHS[local.month - 1]}"
        day += f" {local.year}" if local.year != today.year else ""
    return f"{day} {clock_time(local)}"


def until_words(at: datetime, present: Present) -> str:
    """Return a moment in words that stand after "until": "15:40", "tomorrow 9:12"."""
    return moment(at, present).removeprefix("today ")


def day_column(day: date, present: Present) -> str:
    """Return a date in a column's width: "sun 22 nov", with the year where it is another."""
    year = f" {day.year}" if day.year != present.today.year else ""
    return f"{DAYS[day.weekday()]} {day.day:2} {MONTHS[day.month - 1]}{year}"


def duration(minutes: int) -> str:
    """Return a length in words, roughly: "20 minutes", "2 hours"."""
    hours, rest = divmod(minutes, 60)
    if hours and rest in range(10, 51):
        return f"{hours} h {rest} min"
    count, unit = (hours + (rest > 50), "hour") if hours else (minutes, "minute")  # noqa: PLR2004
    return f"{count} {unit}" + ("s" if count != 1 else "")


def counted(number: int, thing: str) -> str:
    """Return a number of things in words: "1 answer", "1,200 answers"."""
    return f"{number:,} {thing}" + ("s" if number != 1 else "")
