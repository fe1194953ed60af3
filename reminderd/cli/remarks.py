"""What follows a change: what is allowed and yet may surprise is told, the daemon looks again."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.cli.output import tell
from reminderd.errors import ReminderdError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from reminderd.adapters.decks import LoadedDecks
    from reminderd.adapters.settings import Settings
    from reminderd.core.model import Cadence, Source

OVERRIDDEN: Final = "{variable} is set too, and wins over the file wherever it is set."
NOTHING_PLANNED: Final = "Nothing is planned: {why}."
UNKNOWN: Final = "practice.{key} names {name}, which no prompt has{guess}."
NO_SOUND: Final = "There is no file {path} to play."
BROKEN_DECK: Final = "A deck of your own is left out; `reminderd prompts check` tells why."
_DAYS_AHEAD: Final = 7


def tell_daemon() -> None:
    """Let a running daemon use what has changed at once; a change stands without it too."""
    from reminderd import bootstrap
    from reminderd.adapters import paths

    with suppress(ReminderdError, OSError):  # such as a folder that cannot be entered
        if paths.database_file().exists():
            bootstrap.wake()


def overridden(key: str) -> list[str]:
    """Return a remark where a change in the file has no effect, since the environment wins."""
    from reminderd.adapters.settings import variable_of

    variable = variable_of(key)
    return [OVERRIDDEN.format(variable=variable)] if variable in os.environ else []


def noticed(table: str) -> list[str]:
    """Return what is noticed about the settings of a table, or about all; nothing stops for it."""
    try:
        return remarks(table)
    except ReminderdError as problem:  # such as a mistyped variable: the file itself is all right
        tell(str(problem), err=True)
        return []


def remarks(table: str = "") -> list[str]:
    """Return what is to be said about the settings as they are.

    Args:
        table: The table of the settings that it is to be about; empty for all of them.

    Raises:
        SettingsError: The settings cannot be used at all.
    """
    from reminderd import bootstrap

    settings = bootstrap.load_settings()
    found: list[str] = []
    if table in {"", "cadence", "quiet"}:
        found += _plan_shortfalls(settings)
    if table in {"", "notification"}:
        found += _sound(settings)
    if table in {"", "practice"}:
        found += _practice(settings, bootstrap.load_decks())
    return found


def _plan_shortfalls(settings: Settings) -> Iterator[str]:
    """Yield what the cadence asks for and a week from today has no room for."""
    from reminderd import bootstrap
    from reminderd.cli.look import NOT_PLANNED, SOURCES
    from reminderd.core.cadence import draw, is_asked
    from reminderd.core.spoken import format_days

    cadence = settings.cadence_value()
    if nothing := why_nothing_is_planned(cadence):
        yield nothing
        return
    present = bootstrap.present()
    days: dict[tuple[Source, int, str], set[int]] = {}
    before: list[datetime] = []
    for ahead in range(-1, _DAYS_AHEAD):
        day = present.today + timedelta(days=ahead)
        plan = draw(
            *(cadence, settings.quiet_value(), day, present.zone),
            seed="",  # which moments are drawn does not matter, how many find room does
            allowance=cadence.max_per_day,
            before=before,
        )
        before = [moment.local_at for moment in plan.moments if moment.source == "at"]
        for one in plan.shortfalls if ahead >= 0 else ():
            if is_asked(one, day, cadence.windows):
                days.setdefault((one.source, one.count, one.why), set()).add(day.weekday())
    for (source, count, why), weekdays in days.items():
        when = (
            "on any day"
            if len(weekdays) == _DAYS_AHEAD
            else f"on {format_days(frozenset(weekdays))}"
        )
        thing = SOURCES[source.value] + ("" if count == 1 else "s")
        yield NOT_PLANNED.format(when=when, count=count, source=thing, why=why)


def why_nothing_is_planned(cadence: Cadence) -> str:
    """Return which settings leave nothing to plan, by name; empty where there is something."""
    is_drawn = bool(cadence.random_per_day or cadence.every)
    if cadence.at or (cadence.windows and is_drawn):
        return ""
    empty = [] if cadence.windows else ["cadence.windows is empty"]
    if not is_drawn:
        empty += ["cadence.random_per_day is 0", "cadence.every is empty"]
    return NOTHING_PLANNED.format(why=f"{', '.join(empty)} and cadence.at is empty")


def _sound(settings: Settings) -> Iterator[str]:
    path = os.path.expanduser(settings.notification.sound)  # noqa: PTH111 -- it may be no path
    if path.startswith("/") and not os.path.isfile(path):  # noqa: PTH113 -- as above
        yield NO_SOUND.format(path=path)


def _practice(settings: Settings, decks: LoadedDecks) -> Iterator[str]:
    from reminderd.adapters.toml_files import nearest
    from reminderd.cli.switches import disabled
    from reminderd.core.pool import why_none

    practice = settings.practice_value()
    for key, named, there in (
        ("decks", practice.decks, {prompt.deck for prompt in decks.prompts}),
        ("tips", practice.tips, {prompt.tip for prompt in decks.prompts}),
    ):
        for name in dict.fromkeys(named):
            if name not in {"*", *there}:
                near = nearest(name, sorted(there))
                guess = f"; did you mean {near}?" if near else ""
                yield UNKNOWN.format(key=key, name=name, guess=guess).replace("?.", "?")
    if decks.problems:
        yield BROKEN_DECK
    off: frozenset[str] = frozenset()
    with suppress(StoreError):  # what is wrong with the database is not the settings' to tell
        off = disabled()
    if nothing := why_none(decks.prompts, practice, off):
        yield nothing
