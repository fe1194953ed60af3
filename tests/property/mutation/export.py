"""Exports of our own, and what becomes of them in other hands."""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from reminderd.adapters.store.store import Store
from reminderd.adapters.travel.form import Head
from reminderd.adapters.travel.writing import as_csv, as_json
from tests.fakes import FakeClock
from tests.property.mutation.acts import NOW
from tests.property.mutation.database import ODD_WORDS, sound
from tests.property.mutation.toml_text import ODD_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

_VALUE: Final = re.compile(rb'"[a-z_]+": ?("(?:[^"\\]|\\.)*"|-?[0-9.]+|null|true|false)')
_FIELD: Final = re.compile(rb"(?<=,)[^,\n]*(?=,)")
_LINE: Final = re.compile(rb"[^\n]*\n")
_RAW: Final = (
    *(b"[]", b"{}", b"1e999", b"-1", b"9" * 5_000, b"NaN", b"Infinity", b"nul", b"tru", b"", b"-0"),
    *(b"[" * 100_000, b'{"a":' * 50_000, b'"\\ud800"', b'"\\u0000"', b"=1+2", b'"a""b"', b"\t"),
)


@cache
def exports() -> tuple[bytes, ...]:
    """Return exports of one history with all that belongs to it: in JSON and in CSV."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "db"
        path.write_bytes(sound().closed)
        path.chmod(0o600)
        store = Store(path, FakeClock(NOW).present())
        head = Head("1.0", "2026-11-28T00:00:00.000000Z", store.device)
        with store.records(everything=True) as records:
            every = [(kind, dict(row)) for kind, row in records]
        store.close()
    made = (as_json(head, every, everything=True), as_csv(head, every))
    return tuple("".join(pieces).encode() for pieces in made)


def _odd_value(draw: st.DrawFn, content: bytes) -> bytes:
    pattern = _VALUE if content.lstrip()[:1] == b"{" else _FIELD
    found = list(pattern.finditer(content))
    if not found:
        return content
    place = draw(st.sampled_from(found))
    start, end = place.span(1 if pattern is _VALUE else 0)
    words = [one for one in ODD_WORDS if isinstance(one, str | int | float)]
    odd = draw(
        st.sampled_from(_RAW)
        | st.sampled_from(words).map(lambda one: json.dumps(one).encode())
        | st.sampled_from([one for one in ODD_TEXTS if len(one) < 100_000]).map(str.encode)
    )
    return content[:start] + odd + content[end:]


def _another_line(draw: st.DrawFn, content: bytes) -> bytes:
    """Have a line again elsewhere, or miss it."""
    lines = _LINE.findall(content)
    if not lines:
        return content
    number = draw(st.integers(0, len(lines) - 1))
    line = lines.pop(number)
    for _ in range(draw(st.sampled_from((0, 0, 1, 2, 3, 300)))):
        lines.insert(draw(st.integers(0, len(lines))), line)
    return b"".join(lines)


def _rename(draw: st.DrawFn, content: bytes) -> bytes:
    """Mistype one word everywhere."""
    words = sorted(set(re.findall(rb"[a-z_]{4,20}", content[:20_000])))
    word = draw(st.sampled_from(words)) if words else b"x"
    other = draw(st.sampled_from((b"", b"x", word.upper(), word[:-1], *words[:20])))
    return content.replace(word, other)


def _deeper(draw: st.DrawFn, content: bytes) -> bytes:
    depth = draw(st.sampled_from((1, 50, 20_000)))
    return b"[" * depth + content + b"]" * depth


def _in_another_code(draw: st.DrawFn, content: bytes) -> bytes:
    code = draw(st.sampled_from(("utf-16", "utf-8-sig", "utf-16-be", "utf-32")))
    return content.decode(errors="replace").encode(code)


_KINDS: Final[tuple[Callable[[st.DrawFn, bytes], bytes], ...]] = (
    *(_odd_value, _odd_value, _odd_value, _another_line, _another_line, _rename, _deeper),
    _in_another_code,
)


@st.composite
def odd_exports(draw: st.DrawFn, content: bytes) -> bytes:
    """An export with values, lines and names that it should not have."""
    for _ in range(draw(st.integers(1, 3))):
        content = draw(st.sampled_from(_KINDS))(draw, content)
    return content
