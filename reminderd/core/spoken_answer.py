"""Answers as a person writes them: the words of the contract, and those on the buttons."""

from __future__ import annotations

from typing import Final

from reminderd.core.names import Answer

_OTHER_WORDS: Final = {
    "try": Answer.TAKEN,
    "i'll try": Answer.TAKEN,
    "ill try": Answer.TAKEN,
    "i will try": Answer.TAKEN,
    "will try": Answer.TAKEN,
    "hard today": Answer.HARD,
}
_WORDS: Final = {answer.value.replace("-", " "): answer for answer in Answer} | _OTHER_WORDS
_SAME: Final = str.maketrans(
    dict.fromkeys("-_\u2010\u2011\u2013\u2014", " ") | {"\u2018": "'", "\u2019": "'"}
)


def parse_answer(text: str) -> Answer | None:
    """Return the answer that is meant ("not-today", "I'll try"), or None where it is none."""
    return _WORDS.get(_plain(text))


def nearest_answer(text: str) -> Answer | None:
    """Return the answer that a mistyped one is most like, if one is near enough."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only a mistake needs it

    near = get_close_matches(_plain(text), _WORDS, n=1, cutoff=0.6)
    return _WORDS[near[0]] if near else None


def _plain(text: str) -> str:
    return " ".join(text.translate(_SAME).casefold().split()).strip(" .!\"'")
