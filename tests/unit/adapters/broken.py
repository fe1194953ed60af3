"""A settings file in which some keys are in order and some are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.adapters.setting_tables import KEYS, TABLES, Plain
from reminderd.adapters.toml_files import toml_text

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_THE_DEFAULT: Final[dict[str, Plain]] = {
    "cadence.random_per_day": 3,
    "cadence.at": ["9:00", "sat 11:00"],
    "cadence.every": "3h",
    "cadence.windows": ["10-12", "mon-fri 14:00-16:00"],
    "cadence.min_gap": "2h",
    "cadence.max_per_day": 5,
    "pace.ramp_up": False,
    "pace.back_off": False,
    "quiet.hours": ["22:00-07:00"],
    "quiet.do_not_disturb": False,
    "quiet.when_locked": False,
    "quiet.when_away": "",
    "quiet.in_call": False,
    "notification.notifier": "terminal",
    "notification.discreet": "always",
    "notification.snooze": "1h",
    "notification.sound": "bell",
    "practice.decks": ["*"],
    "practice.tips": ["one", "two"],
    "practice.alone_only": True,
    "practice.new_per_week": 3,
    "practice.max_interval": "7d",
}
"""A value for each key."""
assert tuple(NOT_THE_DEFAULT) == KEYS

WRONG: Final = ("{name} = {{}}", "{name}_x = {value}")
"""Ways to get a line wrong that is TOML all the same."""
NO_TOML: Final = (
    "{name} = {cut}",
    "{name} = {value} x",
    "{name} = {value},",
    "{name} =",
    "{name}",
    "{name} {value}",
    "{name}: {value}",
    "{name} = maybe",
    "{name} = 22:00-07:00",
    "{name} = \u201c2h\u201d",
    "{name} = [09:30-12:30]",
    '{name} = ["9-12" "13-15"]',
    '{name} = ["9-12", 13-15"]',
    "\0{name} = {value}",
    "{name} = {value} \0",
    "{name}\u00a0= {value}",
    "'{name} = {value}",
    '"{name} = {value}',
)
"""Ways to write a line that is none."""
RIGHT: Final = ("{name} = {value}", "  {name}\t= {value} # {name} = 3", "{name} = {tall}")
"""Ways to write a line that is right."""


def line(key: str, form: str) -> str:
    """Return the line of a key in one of those forms."""
    value = NOT_THE_DEFAULT[key]
    text = toml_text(value)
    tall = (
        "[\n  # " + name_of(key) + " = 2\n  " + ",\n  ".join(map(toml_text, value)) + ",\n]"
        if isinstance(value, list)
        else text
    )
    return form.format(name=name_of(key), value=text, cut=text[:-1], tall=tall)


def name_of(key: str) -> str:
    """Return the name of a key in its table."""
    return key.partition(".")[2]


def text_of(forms: Mapping[str, str]) -> str:
    """Return a file with some keys, each in its form."""
    lines = []
    for table in TABLES:
        lines += [f"[{table}] # one, two", "# note"]
        lines += [line(key, form) for key, form in forms.items() if key.startswith(f"{table}.")]
        lines.append("")
    return "\n".join(lines)
