"""What is typed for `simulate`: how likely each answer is, when somebody is away, the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from reminderd.core.model import Answer
    from reminderd.core.walltime import Present

NONE: Final = "none"

_CHANCES: Final = "--answers"
_CHANCES_HINT: Final = "For example: --answers done=.6,hard=.1,none=.3"
_AWAY: Final = "--away"
_AWAY_HINT: Final = "For example: --away 2026-07-01..2026-07-21"
_FROM: Final = "--from"
_FROM_HINT: Final = "For example: --from 2026-07-01"
_MORNING: Final = 8
"""The hour at which the made-up person starts it for the first time."""
_YEARS: Final = range(1970, 3000)
"""Far from the first and the last date that there is, as zones reach beyond both."""
_NEARLY: Final = 1e-9


def chances(text: str) -> Mapping[Answer, float]:
    """Return how likely each answer is.

    Raises:
        click.BadParameter: It is not said how likely, or of what, or together they exceed 1.
    """
    found: dict[Answer | None, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        answer = _answer(name)
        if answer in found:
            said = answer.value if answer else NONE
            raise _bad(_CHANCES, f"{said} stands there twice", _CHANCES_HINT)
        found[answer] = _chance(number, part)
    total = sum(found.values())
    if total > 1 + _NEARLY:
        raise _bad(_CHANCES, f"together they are {total:g}, more than 1", _CHANCES_HINT)
    return {answer: chance for answer, chance in found.items() if answer is not None}


def _answer(name: str) -> Answer | None:
    """Return the answer that is named; None for no answer."""
    from reminderd.adapters.toml_files import nearest
    from reminderd.core.names import Answer
    from reminderd.core.spoken_answer import parse_answer

    if name.strip().lower() == NONE:
        return None
    if answer := parse_answer(name):
        return answer
    allowed = [*(one.value for one in Answer), NONE]
    near = nearest(name.strip(), allowed)
    what = f'"{one_line(name)}" is no answer'
    hint = f"Did you mean {near}? {_CHANCES_HINT}" if near else f"Allowed: {', '.join(allowed)}"
    raise _bad(_CHANCES, what, hint)


def _chance(number: str, part: str) -> float:
    try:
        chance = float(number)
    except ValueError:
        chance = -1.0
    if not 0 <= chance <= 1:  # which is so of what is no number either
        raise _bad(_CHANCES, f'"{one_line(part)}" names no chance from 0 to 1', _CHANCES_HINT)
    return chance


def away_time(text: str) -> tuple[date, date]:
    """Return the first and the last date of a time.

    Raises:
        click.BadParameter: These are not two dates, the earlier first.
    """
    first, between, last = map(str.strip, text.partition(".."))
    if not between:
        raise _bad(_AWAY, f'"{one_line(text)}" is not two dates with ".." between', _AWAY_HINT)
    if not first or not last:
        missing = "last" if first else "first"
        raise _bad(_AWAY, f'"{one_line(text)}" has no {missing} date', _AWAY_HINT)
    dates = _date(first, _AWAY, _AWAY_HINT), _date(last, _AWAY, _AWAY_HINT)
    if dates[0] > dates[1]:
        raise _bad(_AWAY, f"{first} comes after {last}", _AWAY_HINT)
    return dates


def beginning(text: str, present: Present) -> Present:
    """Return the morning of a date, or of today where none is named: when somebody would start it.

    Raises:
        click.BadParameter: It is no date, or one that is too far off.
    """
    from datetime import datetime, time

    from reminderd.core.walltime import Present, resolve

    day = _date(text, _FROM, _FROM_HINT) if text else present.today
    if day.year not in _YEARS:
        raise _bad(_FROM, f"{day} is too far off", _FROM_HINT)
    morning = resolve(datetime.combine(day, time(_MORNING)), present.zone)
    return Present(morning, present.zone, present.zone_name)


def _date(text: str, option: str, hint: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _bad(option, f'"{one_line(text)}" is no date', hint) from None


def _bad(option: str, what: str, hint: str) -> click.BadParameter:
    return click.BadParameter(f"{what}. {hint}", param_hint=f"'{option}'")
