"""What keeps a text from being TOML: the line, the key and the words for everybody.

tomllib names the place where it could not go on, which may be lines below the mistake: a list that
is not closed goes on until something in it is no value.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from reminderd.adapters.toml_lines import LIST, TEXT
from reminderd.adapters.toml_pieces import MULTILINE, POSITION, Piece, above, parsed, pieces
from reminderd.core.spoken import quoted

_KEY_OF_LINE: Final = re.compile(r"\s*([A-Za-z0-9_.-]{1,60})\s*=")
_FIRST_WORD: Final = re.compile(r"[\s\x00\ufeff]*([A-Za-z0-9_.-]{1,60})")
_OPEN_MARK: Final = re.compile(rf"[ \t]*(?!{TEXT}[ \t]*[.=])[\"']")
_BARE: Final = re.compile(r"[^\s,\[\]{}=\"'#]+")
_BARE_WORDS: Final = re.compile(r"[^,\[\]{}=\"'#]*")
_BEHIND_VALUE: Final = {
    "Unclosed array": 'a comma, "]" or a quotation mark is missing in front of {}',
    "Unclosed inline table": 'a comma or "}}" is missing',
}
_TWICE: Final = "this key or table stands in the file twice"
_CURLY: Final = "“”„‟‘’‚«»`´"  # noqa: RUF001 -- those are the marks that are mistaken for ours
_MEANT: Final = dict.fromkeys(("true", "yes", "on"), "true") | dict.fromkeys(
    ("false", "no", "off"), "false"
)


class Mistake(NamedTuple):
    """The first mistake of a text: on which line, at which key ("" for none), and what it is."""

    line: int
    key: str
    what: str


def first_mistake(text: str, said: str) -> Mistake:
    """Return the first mistake of a text that is no TOML.

    Args:
        text: The text.
        said: What `parsed` says of it.
    """
    position = POSITION.search(said)
    line = int(position[1]) if position and position[1] else text.count("\n") + 1
    until = [piece for piece in pieces(text) if piece.line <= line]
    if said.startswith("Cannot"):  # the end of what stands there twice is named
        return Mistake(until[-1].line, key_near(text, until[-1].line), _TWICE)
    for piece in [] if _may_cut_a_text(until, said) else until:
        if error := parsed(piece.text)[1]:
            return _told(text, piece, error)
    return _told(text, Piece(1, text), said)


def key_near(text: str, line: int) -> str:
    """Return the key that a line belongs to, where one is near."""
    for content in reversed(text.split("\n")[:line]):
        if found := _KEY_OF_LINE.match(content):
            return found[1]
        if content.lstrip().startswith("["):
            break
    return ""


def _may_cut_a_text(until: list[Piece], said: str) -> bool:
    """Return whether a piece may be part of a text over several lines, so that it says nothing."""
    is_open = said.startswith(("Unterminated", "Expected \"'''"))
    return not is_open and any(MULTILINE.search(piece.text) for piece in until)


def _told(text: str, piece: Piece, said: str) -> Mistake:
    """Return in words what tomllib says of a piece."""
    position = POSITION.search(said)
    what = POSITION.sub("", said)
    if not position or not position[1]:
        return Mistake(piece.line, key_near(text, piece.line), _without_place(what, piece.text))
    line = piece.line + int(position[1]) - 1
    column = int(position[2])
    content = text.split("\n")[line - 1]
    # Below what is whole, a line is a statement of its own: the key above has no part in it.
    is_own = not parsed(above(piece.text, int(position[1])))[1]
    if is_own and (mark := _OPEN_MARK.match(content)):
        return Mistake(line, "", f"{_tell_start('', '', content)} (column {mark.end()})")
    key = key_near(content, 1) if is_own else key_near(text, line)
    if what.startswith(("Expected '='", "Invalid statement")):
        first = _FIRST_WORD.match(content)
        key = first[1] if first else ""
    what = _with_place(what, content[: column - 1], content[column - 1 :])
    if what.startswith('"'):  # `"=" is missing behind min_gap`
        key = ""
    return Mistake(line, key, f"{what} (column {column})")


def _without_place(what: str, text: str) -> str:
    """Return in words what tomllib found at the end of a text, or says without a place."""
    if what.startswith("Recursion"):
        return "brackets are nested too deeply"
    if what.startswith("Exceeds the limit"):
        return "a number is too long"
    if what.startswith(("Unterminated", "Expected \"'")):
        return "a quotation mark is missing"
    if what == "Unclosed array" or LIST.match(text):
        return '"]" is missing at the end of the list'
    return "the value is missing" if what == "Invalid value" else what[:1].lower() + what[1:]


def _with_place(what: str, before: str, rest: str) -> str:
    """Return in words what tomllib found between the two parts of a line."""
    for start, tell in _TELL.items():
        if what.startswith(start):
            return tell(what, before, rest)
    return what[:1].lower() + what[1:]


def _tell_sign(what: str, _before: str, _rest: str) -> str:
    sign = what.rpartition("character ")[2]
    if sign in {r"'\n'", r"'\r'"}:
        return "a quotation mark is missing"
    return f"the character {sign} is not allowed"


def _tell_header(_what: str, _before: str, _rest: str) -> str:
    return '"]" is missing behind the name of the table'


def _tell_twice(_what: str, _before: str, _rest: str) -> str:
    return _TWICE


def _tell_backslash(_what: str, _before: str, _rest: str) -> str:
    return r"a backslash in a text is written \\"


def _tell_equals(_what: str, before: str, rest: str) -> str:
    if _is_hidden(rest):
        return f"the character {rest[0]!a} is not allowed"
    if rest.startswith("]"):
        return '"[" is missing in front of the name of the table'
    return f'"=" is missing behind {quoted(before.strip())[1:-1]}'


def _tell_start(_what: str, _before: str, rest: str) -> str:
    if _is_hidden(rest):
        return f"the character {rest[0]!a} is not allowed"
    if not rest.strip():
        return "this line ends too early"
    return f"found {_shown(rest)}, where a key or a comment (#) is to start"


def _tell_value(what: str, before: str, rest: str) -> str:
    """Say what is wrong at the place where a value ends, or where one is to start."""
    if rest.startswith("\r"):
        return "this line ends with a carriage return alone"
    if rest[:1] and rest[0] in _CURLY:
        return f'the quotation mark is to be ", found {rest[0]}'
    starts = what == "Invalid value"
    begun = "" if starts else _bare_end(before)
    if (begun or starts) and _BARE.match(rest):
        return _tell_bare(begun + _BARE_WORDS.findall(rest)[0].rstrip())
    if not starts:
        return _BEHIND_VALUE.get(what, "found {} behind the value").format(_shown(rest))
    is_last = not rest.strip() or rest.lstrip().startswith("#")
    return "the value is missing" if is_last else f"a value is missing in front of {_shown(rest)}"


def _tell_bare(words: str) -> str:
    if meant := _MEANT.get(words.lower()):
        return f"{words} is written {meant} here"
    return f"text needs quotation marks: {quoted(words)}"


def _bare_end(text: str) -> str:
    """Return the bare word that a text ends with; backwards, or a long line would take hours."""
    found = _BARE.match(text[::-1])
    return found.group()[::-1] if found else ""


def _is_hidden(rest: str) -> bool:
    return not rest[:1].isprintable() and rest[0] not in "\t\r"


def _shown(rest: str) -> str:
    return quoted(rest.strip())[1:-1]


_TELL: Final = {
    "Illegal character": _tell_sign,
    "Found invalid character": _tell_sign,
    "Cannot": _tell_twice,
    "Expected ']": _tell_header,
    "Expected '='": _tell_equals,
    "Invalid statement": _tell_start,
    "Invalid initial": _tell_start,
    "Unescaped": _tell_backslash,
    "Invalid value": _tell_value,
    "Expected newline": _tell_value,
    "Unclosed": _tell_value,
}
