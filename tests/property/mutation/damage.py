"""What becomes of bytes that a disk, a crash, an editor or another program has damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_BYTES: Final = 70_000
"""No file grows beyond this: a little more than is read of any."""

# What is odd in some file: signs that end, begin, escape, hide or count as numbers where few expect
# them, in UTF-8 and in other codes.
ODD_BYTES: Final = (
    *(bytes([number]) for number in (0, 1, 7, 8, 9, 10, 13, 27, 34, 39, 91, 92, 127, 128, 255)),
    *(b"\r\n", b"\n\n", b'"""', b"'''", b"]]", b"[[", b"={", b"#", b"\\u0000", b"\\uD800", b"%s"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"),
    *(one.encode() for one in ("\u202e", "\u2066", "\u2028", "\u0085", "\u00a0", "\ufeff")),
    *(
        one.encode()
        for one in ("\u0661", "\u00b2", "\uff11", "e\u0301", "\U0001f469\u200d", "\u2013")
    ),
    *(
        b"9" * 19,
        b"9" * 5000,
        b"1e999",
        b"-0",
        b"nan",
        b"0x" + b"f" * 17,
        b"A" * 1024,
        b"A" * 100_000,
    ),
)


def _flip(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(_place(content))
    bit = 1 << draw(st.integers(0, 7))
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :] if content else content


def _cut(draw: st.DrawFn, content: bytes) -> bytes:
    start, end = draw(_stretch(content))
    return content[:start] + content[end:]


def _end_early(draw: st.DrawFn, content: bytes) -> bytes:
    return content[: draw(_place(content))]


def _insert(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(_place(content))
    return content[:at] + draw(st.sampled_from(ODD_BYTES)) + content[at:]


def _overwrite(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(_place(content))
    odd = draw(st.sampled_from(ODD_BYTES))
    return content[:at] + odd + content[at + len(odd) :]


def _blank(draw: st.DrawFn, content: bytes) -> bytes:
    """What a crash leaves of blocks that never reached the disk."""
    start, end = draw(_stretch(content))
    return content[:start] + bytes(end - start) + content[end:]


def _double(draw: st.DrawFn, content: bytes) -> bytes:
    start, end = draw(_stretch(content))
    times = draw(st.sampled_from((1, 2, 10, 1000, 300_000)))
    times = min(times, MOST_BYTES // max(1, end - start))
    return content[:end] + content[start:end] * times + content[end:]


def _swap(draw: st.DrawFn, content: bytes) -> bytes:
    first, second = sorted((draw(_stretch(content)), draw(_stretch(content))))
    if first[1] > second[0]:
        return content
    return (
        content[: first[0]]
        + content[second[0] : second[1]]
        + content[first[1] : second[0]]
        + content[first[0] : first[1]]
        + content[second[1] :]
    )


_KINDS: Final[Sequence[Callable[[st.DrawFn, bytes], bytes]]] = (
    *(_flip, _cut, _end_early, _insert, _insert, _overwrite, _blank, _double, _swap),
)


def _place(content: bytes) -> st.SearchStrategy[int]:
    return st.integers(0, max(0, len(content) - 1))


@st.composite
def _stretch(draw: st.DrawFn, content: bytes) -> tuple[int, int]:
    start = draw(_place(content))
    length = draw(st.one_of(st.integers(1, 16), st.integers(1, max(1, len(content)))))
    return start, min(len(content), start + length)


@st.composite
def damaged(draw: st.DrawFn, content: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Some damage to some bytes; a part of another file may have come into them."""
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from((*_KINDS, *([_splice_of(others)] if others else []))))
        content = kind(draw, content)[:MOST_BYTES]
    return content


def _splice_of(others: Sequence[bytes]) -> Callable[[st.DrawFn, bytes], bytes]:
    def splice(draw: st.DrawFn, content: bytes) -> bytes:
        other = draw(st.sampled_from(list(others)))
        start, end = draw(_stretch(other))
        at = draw(_place(content))
        return content[:at] + other[start:end] + content[at:]

    return splice
