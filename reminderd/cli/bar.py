"""How things stand as one line for a bar: `status --format waybar`.

Others may look at this screen, so no practice is named. Bars read markup, so there is none of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.look import status_lines
from reminderd.cli.output import clean, one_line, until_words

if TYPE_CHECKING:
    from reminderd.app.status import Status
    from reminderd.core.walltime import Present

# "&", "<" and ">" would be read as markup, or make a line unreadable that is not escaped.
_PLAIN: Final = str.maketrans({"&": "+", "<": "(", ">": ")"})


def bar(now: Status, present: Present) -> dict[str, str]:
    """Return what a bar shows: `text`, `tooltip`, and one word for icon and colour."""
    word, text = _state(now, present)
    lines = map(click.unstyle, status_lines(now, present, for_bar=True))
    tooltip = "\n".join(map(clean, lines))
    return {
        "text": one_line(text).translate(_PLAIN),
        "tooltip": tooltip.translate(_PLAIN),
        "class": word,
        "alt": word,
    }


def _state(now: Status, present: Present) -> tuple[str, str]:
    """Return one word for how it stands, and a few for the bar; what asks for least comes last."""
    if not now["running"]:
        return "stopped", "not running"
    if now["paused_until"]:
        until = until_words(datetime.fromisoformat(now["paused_until"]), present)
        return "paused", f"paused until {until}"
    if now["open"]:
        return "open", "one to read"
    if now["held"]:
        return "held", "one waits"
    coming = datetime.fromisoformat(now["next"]) if now["next"] else None
    if coming is None or coming <= present.now:
        return "quiet", ""
    return "next", until_words(coming, present)
