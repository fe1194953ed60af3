"""Words of the code in words for people."""

from __future__ import annotations

from typing import Final

NOTED: Final = "Noted."
ACKNOWLEDGED: Final = {
    "done": NOTED,
    "taken": "Noted. It can wait for its occasion.",
    "hard": "Noted. It comes back smaller, not soon.",
    "later": "It comes back later, at a good moment.",
    "not-today": "It rests for today.",
}
"""What an answer is met with, by the value of its `Answer`."""

PASSING: Final = {
    "hard": ACKNOWLEDGED["hard"],
    "not-for-me": (
        "It will not come again.\nTo undo that: reminderd respond not-today --delivery last"
    ),
    "quiet-week": "Quiet for a week.\nTo end it sooner: reminderd resume",
}
"""What a press is met with where its closing alone would not say enough, by the button's key.

A desktop may cut the first line; what follows it is the text below.
"""

KEPT: Final = "Your answer is kept.\nIt cannot be stored yet, and is tried again."
STORED_NOW: Final = "Your answer is stored now."
KEEPS_PACE: Final = (
    "It keeps its pace, answered or not.\nTo undo that: reminderd config set pace.back_off on"
)
"""What *Reading is enough* is met with, once the setting is changed."""
NOT_CHANGED: Final = (
    "That could not be changed just now.\nTo do it: reminderd config set pace.back_off off"
)
NOT_SHOWN: Final = "It cannot be shown just now.\nTo read it: reminderd show"
NOT_STORED: Final = (
    "Your answer could not be stored.\n"
    "To give it again later: reminderd respond ANSWER --delivery last"
)

HELD: Final = {
    "paused": "it is paused",
    "quiet-hours": "these are quiet hours",
    "do-not-disturb": "the desktop is set to do not disturb",
    "in-call": "microphone or camera are in use",
    "locked": "the screen is locked",
    "inactive": "another session has the screen",
    "away": "nobody has been there for a while",
    "just-back": "you have only just come back",
    "min-gap": "another came a short while ago",
    "daily-cap": "there were enough for today",
    "no-server": "there is nowhere to show it",
    "no-prompt": "there is no practice to choose from",
    "resting": "every practice rests just now",
}
"""Why a practice waits, by the value of its `Reason`; each goes on from "because" or a colon."""

QUIETER: Final = "Quieter for now"
"""How the words on a pace begin that back-off has brought down."""
AS_SET: Final = "as you set it"
"""What the pace is where neither ramp-up nor back-off has changed it."""
