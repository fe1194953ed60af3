"""Where the keys of a TOML text stand."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.toml_lines import line_of, spans

TEXT = '''\
# a comment with [brackets] and key = 1
top = 1
a.b.c = 2

[cadence]   # the header
min_gap = "90m"
windows = [   # not ] the end
  "mon [",    # one
  # "none"

  'sat = 1',
]
"quoted key" = """
[fake]
fake = 1 \\""" """
inline = { a = 1, b = [1,
 2] }
after = 5
[[prompt]]
id = "a"
body = "x # y"
[[prompt]]
id = "b"
[prompt.inside]
key = 1
[last]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a", "b", "c"), 3),
        (("cadence",), 5),
        (("cadence", "min_gap"), 6),
        (("cadence", "windows"), 7),
        (("cadence", "windows", 0), 8),
        (("cadence", "windows", 1), 11),
        (("cadence", "quoted key"), 13),
        (("cadence", "inline"), 16),
        (("cadence", "inline", "a"), 16),
        (("cadence", "inline", "b", 1), 17),
        (("cadence", "after"), 18),
        (("prompt", 0), 19),
        (("prompt", 0, "body"), 21),
        (("prompt", 1, "id"), 23),
        (("prompt", 1, "inside", "key"), 25),
        (("last",), 26),
    ],
)
def test_the_line_of_a_key(path: tuple[str | int, ...], line: int) -> None:
    """Strings, comments and arrays over several lines do not count as keys."""
    assert line_of(spans(TEXT), path) == line


def test_the_text_of_these_tests_is_toml() -> None:
    """The lines above are those of a text that tomllib reads."""
    assert tomllib.loads(TEXT)["cadence"]["windows"] == ["mon [", "sat = 1"]


def test_what_is_not_there_is_told_at_what_is_around_it() -> None:
    """A missing key stands at its table, and that of a missing table at the top."""
    found = spans(TEXT)
    assert line_of(found, ("cadence", "nothing")) == 5
    assert line_of(found, ("prompt", 1, "title")) == 22
    assert line_of(found, ("nothing", "at", "all")) == 1


def test_a_value_over_several_lines_has_a_last_line() -> None:
    """Whoever takes a key out takes all of it."""
    assert spans(TEXT)["cadence", "windows"] == (7, 12)
    assert spans(TEXT)["cadence", "quoted key"] == (13, 15)


def test_line_ends_of_windows_count_once() -> None:
    """A carriage return is no line of its own."""
    assert line_of(spans(TEXT.replace("\n", "\r\n")), ("cadence", "after")) == 18


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), unique_by=lambda one: one[0])
)
def test_every_key_of_a_flat_text_is_found(keys: list[tuple[str, int]]) -> None:
    """Each on its own line, whatever blank lines and comments are between."""
    lines: list[str] = []
    expected = {}
    for key, gap in keys:
        lines += ["# note"] * gap + [f"{key} = 1"]
        expected[key] = len(lines)
    found = spans("\n".join(lines))
    assert {key: line_of(found, (key,)) for key in expected} == expected


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "[",
                "]",
                "[[",
                "]]",
                "{",
                "}",
                "=",
                '"',
                "'",
                '"""',
                "'''",
                "\\",
                "\n",
                "\r\n",
                "#",
                ",",
                ".",
                "a",
                "b",
                "1",
                " ",
                "\t",
                "key = ",
                "[table]\n",
                "[[prompt]]\n",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_text_is_walked_over(text: str) -> None:
    """It ends, and every line it names is one of the text's."""
    last = text.count("\n") + 1
    assert all(1 <= span.first <= span.last <= last for span in spans(text).values())


@pytest.mark.uncounted
def test_a_megabyte_of_brackets_takes_no_time() -> None:
    """Neither the stack nor the patience of the daemon is used up."""
    assert len(spans("a = " + "[" * 1_000_000)) < 100


@pytest.mark.parametrize("around", ["{} = 1", "[{}]", "[[{}]]", "a = {{{} = 1}}"])
def test_a_name_of_many_parts_takes_no_memory(around: str) -> None:
    """All its parts are in no path, or paths would take a thousand times what the text does."""
    assert max(map(len, spans(around.format("b." * 20_000 + "c")))) < 50
