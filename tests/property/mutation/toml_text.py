"""TOML as somebody might write it: files that are TOML and make no sense, and files that are none.

Where `damage.py` knows only bytes, this knows keys, values and tables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from reminderd.adapters.toml_files import toml_text
from tests.property.mutation.damage import MOST_BYTES, damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ODD_TEXTS: Final = (
    *("", " ", "*", "-", ",", ";;;;", "%s{0}", "a" * 64, "a" * 65, "--help", "None", "true", "no"),
    *(
        "\0",
        "\x1b[31m",
        "\x07",
        "\x7f",
        "\u202eyad",
        "\u2066",
        "\u2028",
        "\ufeff",
        "\ud7ff",
        "e\u0301",
    ),
    *("\U0001f469\u200d\U0001f469", "\u0130\u0131\u00df", "\u200b", "two\nlines", "a\ttab", "\\"),
    *(
        "0m",
        "-1h",
        "1",
        "1e9h",
        "\u00b2h",
        "\uff11h",
        "\u0661\u0665m",
        "1.5m",
        "0,1s",
        "1h1h",
        "90000000d",
    ),
    *("9" * 199 + "d", "9" * 201 + "d", "0." + "0" * 180 + "1h", "1" + "," * 150 + "h"),
    *(
        "24:00-24:00",
        "25:61",
        "00:00-24:00",
        "9-5",
        "23:59-00:00",
        "mon-",
        "-sun 9:00",
        "sat",
        "mon" * 60,
    ),
    *("mon-sun,tue 9:00-9:01", "noon-midnight", "09:00 am", "9:00-10:00 mon 11:00", "13pm", "2500"),
    *("../../etc/passwd", "~root/x", "/dev/zero", "/" + "a" * 1100, "file:///x", "/dev/stdin", "~"),
    *(
        "[",
        '["a"',
        "[" * 3000,
        "[1, 2",
        "['09:00'",
        '["09:00", 5]',
        "[[]]",
        "[" + "1," * 5000 + "]",
    ),
    *("x" * 10_000, "y" * 50_000, "\u00e9" * 25_000, "a-" * 200, "a.b." * 50, "." * 64),
)

ODD_VALUES: Final = (
    *("true", "false", "0", "-1", "13", "9" * 18, "9" * 5000, "0x" + "f" * 300, "0o7", "0b1"),
    *("1e400", "-1e-400", "nan", "-inf", "-0.0", "3.0", "1_000", "1__0", "+1"),
    *("1979-05-27", "07:32:00", "23:59:60", "24:00:00", "09:30:00.999999999", "2026-02-30"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1979-05-27T07:32:00-99:99"),
    *("[]", "{}", "[[]]", "[{}]", "[true, 1, 'a', 1.5]", "[09:00:00, 10:00:00]", "{a = {a = 1}}"),
    *("[" * depth + "]" * depth for depth in (5, 19, 20, 21, 200, 3000, 30_000)),
    *("{a = " * depth + "1" + "}" * depth for depth in (20, 200, 3000, 9_000)),
    *("[" + "'09:00-10:00', " * count + "]" for count in (100, 101, 4_000)),
    *("[" + "'a', " * 10_000 + "]", "[" + "{}, " * 13_000 + "]", "{" + "}", "[,]", "[1,,2]"),
    *(
        "'''",
        '"""',
        '"""a\nb"""',
        "'''\n09:00'''",
        '"\\u0000"',
        '"\\uD800"',
        '"\\q"',
        "'a",
        '"a',
        "",
        "=",
    ),
    *(
        "yes",
        "no",
        "on",
        "\u201c9:00\u201d",
        "09:00-10:00",
        "5m",
        "null",
        "<<<<<<< HEAD",
        "# nothing",
    ),
)

_MANY: Final = (
    *("".join(f"k{number} = {number}\n" for number in range(count)) for count in (20, 500, 4_500)),
    *("".join(f"[t{number}]\na = 1\n" for number in range(count)) for count in (20, 500, 4_000)),
    *("[[prompt]]\n" * count for count in (3, 2_001, 5_000)),
    "".join(f'[[prompt]]\nid = "i{number}"\n' for number in range(3_000)),
    *("a = 1\n" * 10_000, "[a]\n" * 20_000, "\n" * 60_000, "#" * 60_000, "# a\n" * 15_000),
    *(".".join("a" * count) + " = 1\n" for count in (19, 20, 21, 5_000, 25_000)),
    *(f"[{'.'.join('a' * count)}]\n" for count in (20, 21, 5_000, 25_000)),
    *(f"a = {{{'.'.join('b' * count)} = 1}}\n" for count in (19, 21, 2_000, 25_000)),
    "".join(f"[a.{'.'.join('b' * depth)}]\n" for depth in range(1, 19)),
    *('"' * 60_000, "'" * 60_001, "[" * 60_000, "{" * 60_000, "=" * 60_000, "." * 60_000),
    *(
        '"\\u0000" = 1\n',
        '"" = 1\n',
        '"a.b" = 1\n',
        "\u00e9 = 1\n",
        f'"{"k" * 60_000}" = 1\n',
        "\0\n",
    ),
    *("[cadence]\n", "[[cadence]]\n", "[cadence.at]\n", "[Cadence]\n", "[[[cadence]]]\n", "[quiet"),
    *(
        "cadence = 1\n",
        "cadence.at = []\n",
        "cadence.cadence.at = 1\n",
        "prompt = 1\n",
        "prompt.a = 1\n",
    ),
    *("x" * 60_000 + " = 1\n", ("z" * 100 + " ") * 550, "a = [\n" * 1_000, "k = '''\n" * 2_000),
)
"""What may stand in a place of its own, some of it very long."""

# No \s: with thousands of empty lines it would go through the rest of them at each one.
_PAIR: Final = re.compile(r"^#?[ \t]*([a-z_]+)[ \t]*=.*$", re.MULTILINE)


def _statements(text: str) -> list[re.Match[str]]:
    return list(_PAIR.finditer(text))


def _odd_value(draw: st.DrawFn, text: str) -> str:
    """Give a key a value that is not for it."""
    found = _statements(text)
    if not found:
        return text
    pair = draw(st.sampled_from(found))
    return f"{text[: pair.start()]}{pair[1]} = {draw(_values)}{text[pair.end() :]}"


def _odd_key(draw: st.DrawFn, text: str) -> str:
    """Mistype a key."""
    found = _statements(text)
    if not found:
        return text
    pair = draw(st.sampled_from(found))
    name = pair[1]
    other = draw(st.sampled_from(sorted({one[1] for one in found})))
    key = draw(
        st.sampled_from(
            (name.upper(), name[:-1], f"{name}s", f'"{name}"', f"{name}.{name}", f"'{name}'", other)
        )
        | st.sampled_from(ODD_TEXTS).map(toml_text)
    )
    value = pair[0].partition("=")[2]
    return f"{text[: pair.start()]}{key} ={value}{text[pair.end() :]}"


def _more(draw: st.DrawFn, text: str) -> str:
    """Put in more of something, between two lines."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    at = draw(st.sampled_from(starts[:400]))
    return text[:at] + draw(st.sampled_from(_MANY)) + text[at:]


def _twice(draw: st.DrawFn, text: str) -> str:
    """Have lines again elsewhere."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    start = draw(st.integers(0, len(lines) - 1))
    end = draw(st.integers(start, len(lines)))
    at = draw(st.integers(0, len(lines)))
    return "".join([*lines[:at], *lines[start:end], *lines[at:]])


def _uncomment(_draw: st.DrawFn, text: str) -> str:
    return re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.MULTILINE)


_KINDS: Final[Sequence[Callable[[st.DrawFn, str], str]]] = (
    *(_odd_value, _odd_value, _odd_value, _odd_key, _more, _twice, _uncomment),
)
_values = (
    st.sampled_from(ODD_VALUES)
    | st.sampled_from(ODD_TEXTS).map(toml_text)
    | st.lists(st.sampled_from(ODD_TEXTS), min_size=1, max_size=4).map(toml_text)
)
_ENCODED: Final[dict[str, Callable[[str], bytes]]] = {
    "utf-8": lambda text: text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "mixed": lambda text: text.replace("\n", "\r\n", 7).encode(),
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "two marks": lambda text: b"\xef\xbb\xbf" * 2 + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "latin-1": lambda text: text.encode("latin-1", "replace"),
    "no end": lambda text: text.rstrip("\n").encode(),
}


@st.composite
def odd_toml(draw: st.DrawFn, seeds: Sequence[str]) -> bytes:
    """A file that began as one of the seeds: odd as TOML, odd in its bytes, or both."""
    text = draw(st.sampled_from(list(seeds)))
    how = draw(st.sampled_from(("toml", "toml", "toml", "bytes", "both")))
    if how != "bytes":
        for _ in range(draw(st.integers(1, 4))):
            text = draw(st.sampled_from(_KINDS))(draw, text)
    code = draw(st.sampled_from(("utf-8",) * len(_ENCODED) + tuple(_ENCODED)))
    content = _ENCODED[code](text)
    if how == "toml":
        return content[:MOST_BYTES]
    return draw(damaged(content, [one.encode() for one in seeds]))
