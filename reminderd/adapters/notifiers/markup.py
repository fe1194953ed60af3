"""A practice's text as a screen may have it: nothing that hides, reverses, floods or commands."""

from __future__ import annotations

import re
from typing import Final

from reminderd.core.names import Answer
from reminderd.core.notice import NEUTRAL_BODY, NEUTRAL_TITLE, QUIET_WEEK, Notice

TITLE_LIMIT: Final = 120
BODY_LIMIT: Final = 1000
"""Far above what a practice needs (140), far below what makes a server slow or a window huge."""

# Anybody's deck may be shown. Left out are control characters (a terminal obeys them, D-Bus refuses
# NUL), bidirectional embeddings, overrides and isolates (they make text read as what it is not),
# and surrogates and noncharacters (not valid in D-Bus strings). Plain direction marks stay:
# right-to-left languages need them.
_UNWANTED: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    r"\ufffe\uffff]"
)
_BREAKS: Final = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_MANY_BREAKS: Final = re.compile(r"[ \t]*\n(?:[ \t]*\n)+[ \t]*")


def plain_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """Return the text as one harmless line."""
    return _bounded(" ".join(_UNWANTED.sub("", text).split()), limit)


def plain_text(text: str, limit: int = BODY_LIMIT) -> str:
    """Return the text as harmless lines, with at most one empty line in a row."""
    lines = _UNWANTED.sub("", _BREAKS.sub("\n", text)).replace("\t", " ")
    return _bounded(_MANY_BREAKS.sub("\n\n", lines).strip(), limit)


def _bounded(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def title_of(notice: Notice) -> str:
    """Return a notice's title, never empty: some servers refuse a summary without text."""
    return plain_line(notice.title) or NEUTRAL_TITLE


def how_to_answer(notice: Notice) -> str:
    """Return the line for wherever there are no buttons."""
    answers = [button.key for button in notice.buttons if button.key in set(Answer)]
    if notice.discreet or not answers:
        return NEUTRAL_BODY
    first, *others = answers
    also = f" (or {', '.join(others)})" if others else ""
    quiet = any(button.key == QUIET_WEEK for button in notice.buttons)
    return f"Answer: reminderd respond {first}{also}" + quiet * ", or reminderd pause 1w"


def escape(text: str) -> str:
    """Return plain text for a server that reads markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
