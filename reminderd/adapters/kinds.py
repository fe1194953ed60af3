"""Kinds of value in a file that a person writes: how each is read, and what is allowed.

pydantic's own messages name types; ours name what was found and what may stand there instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG: Final = 64

_YES_NO: Final = dict.fromkeys(("true", "on", "yes", "1"), True) | dict.fromkeys(
    ("false", "off", "no", "0"), False
)
# Control characters, line and paragraph separators, and what makes text read as what it is not. The
# plain direction marks are allowed: right-to-left languages need them.
_HIDDEN: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")


class NotAllowedError(ValueError):
    """A value that a kind refuses.

    Args:
        reason: What is the matter, where that is more than "not one of those allowed".
        index: Which entry of a list it is about.
        entry: That entry.
    """

    def __init__(self, reason: str = "", index: int | None = None, entry: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.index = index
        self.entry = entry


@dataclass(frozen=True)
class Kind:
    """How a setting is read; pydantic finds it in the annotation and uses it as the validator.

    Attributes:
        read: Turns what is written into the value, or raises `NotAllowedError`.
        allowed: What may be written, in words.
        split: Cuts one text into entries, where the setting is a list.
    """

    read: Callable[[object], object]
    allowed: str
    split: Callable[[str], list[str]] | None = None

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: object
    ) -> core_schema.CoreSchema:
        """Let pydantic call `read` and nothing else."""
        return core_schema.no_info_plain_validator_function(self.read)


def flag() -> Kind:
    """Yes or no."""

    def read(value: object) -> bool:
        text = str(value).strip().lower() if isinstance(value, bool | int | str) else ""
        if text not in _YES_NO:
            raise NotAllowedError
        return _YES_NO[text]

    return Kind(read, "true or false")


def strict_flag() -> Kind:
    """TOML's own true or false."""

    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise NotAllowedError
        return value

    return Kind(read, "true or false")


def one_of(*choices: str, spelled: dict[bool, str] | None = None) -> Kind:
    """One of a few words; `spelled` says which of them a plain true or false means."""

    def read(value: object) -> str:
        if spelled and isinstance(value, bool):
            return spelled[value]
        text = value.strip().lower() if isinstance(value, str) else ""
        if spelled and text not in choices and text in _YES_NO:
            return spelled[_YES_NO[text]]
        if text not in choices:
            raise NotAllowedError
        return text

    return Kind(read, ", ".join(f'"{choice}"' for choice in choices))


def slug() -> Kind:
    """A name that stays: small letters, digits and single dashes."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not SLUG.fullmatch(value) or len(value) > LONGEST_SLUG:
            raise NotAllowedError
        return value

    return Kind(read, f'small letters, digits and dashes, at most {LONGEST_SLUG}: "one-small-yes"')


def dotted_slug() -> Kind:
    """Slugs with dots between them."""

    def read(value: object) -> str:
        is_text = isinstance(value, str) and len(value) <= LONGEST_SLUG
        if not is_text or not all(SLUG.fullmatch(part) for part in str(value).split(".")):
            raise NotAllowedError
        return str(value)

    return Kind(read, f'small letters, digits, dots, dashes, at most {LONGEST_SLUG}: "slow.trust"')


def line_of_text(most: int) -> Kind:
    """A text in one line, without signs that nobody sees."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise NotAllowedError
        if hidden := hidden_in(value):
            raise NotAllowedError(hidden)
        if len(value.strip()) > most:
            raise NotAllowedError(f"it has {len(value.strip())} characters")
        if not value.strip():
            raise NotAllowedError
        return value.strip()

    return Kind(read, f"a text of 1 to {most} characters, in one line")


def hidden_in(text: str) -> str:
    """Return the first sign of a text that nobody sees, with its place; empty if all are seen."""
    found = _HIDDEN.search(text)
    return f"character {found.start() + 1} is {_name(found.group())}" if found else ""


def _name(sign: str) -> str:
    import unicodedata  # noqa: PLC0415 -- a megabyte that only a mistake needs

    kind = "a line end" if sign in "\n\r" else unicodedata.name(sign, "a control character")
    return f"U+{ord(sign):04X}, {kind}"
