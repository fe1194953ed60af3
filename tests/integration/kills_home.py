"""The settings and the deck of a person whose daemon is killed again and again (`kills.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.integration.daemons import Home

CONFIG: Final = """\
# edited: 0
[cadence]
windows = []
min_gap = "1m"
max_per_day = 12
[pace]
back_off = false
[quiet]
hours = []
do_not_disturb = false
when_locked = false
when_away = ""
in_call = false
[notification]
notifier = "freedesktop"
discreet = "never"
snooze = "20m"
sound = "message"
[practice]
decks = ["kills"]
new_per_week = 100
"""
AT_FIRST: Final = {"cadence.max_per_day": [12]}
PROMPT: Final = """
[[prompt]]
id = "kills-{0}"
tip = "kills"
basis = "kills"
when = "now"
needs = "nobody"
title = "Practice {0}"
body = "One breath."
cue = "If it comes, then I breathe."
gentler = "Half a breath."
"""
PROMPTS: Final = 60
TITLES: Final = frozenset(f"Practice {number}" for number in range(PROMPTS))
"""Those of the practices, which no passing line has."""


def settle(home: Home) -> None:
    """Write settings and a deck."""
    home.configure(CONFIG)
    deck = home.config.parent / "prompts/kills.toml"
    deck.parent.mkdir()
    text = 'deck = "kills"\n' + "".join(map(PROMPT.format, range(PROMPTS)))
    deck.write_text(text, "utf-8")
