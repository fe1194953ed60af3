"""Each mistake is told on its own line, at its own key, in plain words."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters import toml_files
from reminderd.adapters.setting_tables import KEYS
from reminderd.adapters.toml_pieces import POSITION, readable
from reminderd.errors import SettingsError
from tests.unit.adapters.broken import NO_TOML, RIGHT, line, name_of, text_of

MARKS_MISSING = "a quotation mark is missing"
NO_MARKS = "text needs quotation marks: "
STARTS = ("Unclosed box", "Expected newline, please", "Expected '=' or so", "Invalid", "Cannot")
NOT_CLOSED = '"]" is missing at the end of the list.'


def refused(text: str) -> str:
    """Return what a text is refused with, from its line on."""
    with pytest.raises(SettingsError) as problem:
        toml_files.parse(text, Path("x"), SettingsError)
    assert problem.value.message.isprintable()
    return problem.value.message.removeprefix("x:")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        # quotation marks
        ('b = "2h', f"b: not TOML: {MARKS_MISSING} (column 8)."),
        ('b = "2h\r', f"b: not TOML: {MARKS_MISSING}"),
        ("b = '2h\"", f"b: not TOML: {MARKS_MISSING} (column 9)."),
        ('b = 2h"', f'b: not TOML: {NO_MARKS}"2h" (column 6).'),
        ("b = always # not shown", f'b: not TOML: {NO_MARKS}"always" (column 5).'),
        ("b = 22:00-07:00", f'b: not TOML: {NO_MARKS}"22:00-07:00"'),
        ("b = 9:00", f'b: not TOML: {NO_MARKS}"9:00"'),
        ("b = 09:00", f'b: not TOML: {NO_MARKS}"09:00"'),
        ("b = [22:00-07:00]", f'b: not TOML: {NO_MARKS}"22:00-07:00"'),
        ("b = [mon-fri 9-12, sat 9-12]", f'b: not TOML: {NO_MARKS}"mon-fri 9-12"'),
        ('b = ["9-12", 13-15"]', f'b: not TOML: {NO_MARKS}"13-15"'),
        ('b = ["9-12", "13-15]', f"b: not TOML: {MARKS_MISSING}"),
        ('b = ["9-12, "13-15"]', "b: not TOML: a comma, "),
        ("b = “2h”", 'b: not TOML: the quotation mark is to be ", found “'),
        ('b = "2h""', 'b: not TOML: found " behind the value'),
        ('b = """2h"', f"b: not TOML: {MARKS_MISSING}."),
        ("'tis for the office", "not TOML: found 'tis for the office, where a key or a comment"),
        ('\'c = "2h"', 'not TOML: found \'c = "2h", where a key or a comment (#) is to start'),
        (
            '"c = "2h"',
            'not TOML: found "c = "2h", where a key or a comment (#) is to start (column 1)',
        ),
        ('  "c = 2', 'not TOML: found "c = 2, where a key or a comment (#) is to start (column 3)'),
        ('"c" = 2h', f'not TOML: {NO_MARKS}"2h" (column 8).'),
        # true and false
        ("b = yes", "b: not TOML: yes is written true here (column 5)."),
        ("b = True", "b: not TOML: True is written true here"),
        ("b = off", "b: not TOML: off is written false here"),
        # lists
        ('b = ["9-12"', f"b: not TOML: {NOT_CLOSED}"),
        ('b = ["9-12",', f"b: not TOML: {NOT_CLOSED}"),
        ('b = "9-12"]', "b: not TOML: found ] behind the value (column 11)."),
        ('b = ["9-12"]]', "b: not TOML: found ] behind the value"),
        ('b = ["9-12" "13-15"]', 'b: not TOML: a comma, "]" or a quotation mark is missing in'),
        ('b = ["9-12",, "13-15"]', "b: not TOML: a value is missing in front of ,"),
        ('b = "9-12", "13-15"', 'b: not TOML: found , "13-15" behind the value'),
        ('b = { c = "2h"', 'b: not TOML: a comma or "}" is missing'),
        # the rest of a line
        ('b "2h"', 'not TOML: "=" is missing behind b (column 3).'),
        ('b: "2h"', 'not TOML: "=" is missing behind b'),
        ("b", 'not TOML: "=" is missing behind b'),
        ("b =", "b: not TOML: the value is missing (column 4)."),
        ("b = # 3", "b: not TOML: the value is missing (column 5)."),
        ('b = "2h",', "b: not TOML: found , behind the value"),
        ('b = "2h";', "b: not TOML: found ; behind the value"),
        ('b = "2h" c = 3', "b: not TOML: found c = 3 behind the value"),
        ("b = 2 a day", "b: not TOML: found a day behind the value"),
        ("// b = 2", "not TOML: found // b = 2, where a key or a comment (#) is to start"),
        (r'b = "C:\x.oga"', r"b: not TOML: a backslash in a text is written \\"),
        ("a = 2", "a: not TOML: this key or table stands in the file twice."),
        ("a.b = 2", "a.b: not TOML: this key or table stands in the file twice."),
        # tables
        ("[quiet", 'not TOML: "]" is missing behind the name of the table'),
        ("[[quiet]", 'not TOML: "]" is missing behind the name of the table'),
        ("quiet]", 'not TOML: "[" is missing in front of the name of the table'),
        ("[one]", "not TOML: this key or table stands in the file twice."),
        # characters that nobody sees
        ("\ufeffb = 3", r"b: not TOML: the character '\ufeff' is not allowed"),
        ("b\u00a0= 3", r"b: not TOML: the character '\xa0' is not allowed"),
        ('b = "2\0h"', r"b: not TOML: the character '\x00' is not allowed"),
        ("\0b = 3", r"b: not TOML: the character '\x00' is not allowed"),
        ("\0\0", r"not TOML: the character '\x00' is not allowed"),
        ("# \0", r"not TOML: the character '\x00' is not allowed"),
        ("b = 3\rc = 4", "b: not TOML: this line ends with a carriage return alone"),
        # what would not end
        ("b = " + "[" * 3000, "b: not TOML: brackets are nested too deeply."),
        ("b = " + "9" * 5000, "b: not TOML: a number is too long."),
        ("b" + ".c" * 20 + " = 3", "b" + ".c" * 20 + ": not TOML: a name has more than 20 parts"),
        ("[" + '"b" . ' * 20 + "c]", "not TOML: a name has more than 20 parts"),
        ("b = {" + "b." * 20 + "c = 1}", "b: not TOML: a name has more than 20 parts"),
        ("b = [{a = 1, " + "b." * 20 + "c = 1}]", "b: not TOML: a name has more than 20 parts"),
    ],
)
@pytest.mark.parametrize("below", ["", "\n", "\n\nz = 3\n", '\n# z\n[z]\nb = "2h"\n'])
def test_a_mistake_is_told_where_it_is(written: str, told: str, below: str) -> None:
    """Whatever stands below it."""
    assert refused(f"[one]\n# first\na = 1\n{written}{below}").startswith(f"4: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a = [\n  "1",\n  "2\n]\nb = 3\n', f"3: a: not TOML: {MARKS_MISSING}"),
        ('a = [\n  "1"\n  "2"\n]\nb = 3\n', '3: a: not TOML: a comma, "]" or a quotation'),
        ('a = [\n  "1",\n  2-3,\n]\nb = 3\n', f'3: a: not TOML: {NO_MARKS}"2-3"'),
        ('a = [\n  "1",\n\n\nb = 3\n', f"1: a: not TOML: {NOT_CLOSED}"),
        ('a = 1\na = [\n  "1",\n]\nb = 3\n', "2: a: not TOML: this key or table stands"),
        ('a = {\n  b = "2h"\n}\n', "1: a: not TOML: this line ends too early"),
        ('a = """\nb = "\n"""\nc = 3h\n', f'4: c: not TOML: {NO_MARKS}"3h"'),
        ('a = """\nb = 3\n\nc = 3\n', f"1: a: not TOML: {MARKS_MISSING}"),
        ("a = '''\nb = 3\n\nc = 3\n", f"1: a: not TOML: {MARKS_MISSING}"),
        ("<html>\n", "1: not TOML: found <html>, where a key"),
        ('{\n  "a": {}\n}\n', "1: not TOML: found {, where a key"),
        ("a:\n  b: 2h\n", '1: not TOML: "=" is missing behind a'),
        ("a = 3\rb = 4\r", "1: a: not TOML: this line ends with a carriage return alone"),
    ],
)
def test_a_mistake_over_several_lines_is_told_where_it_is(text: str, told: str) -> None:
    """On the line that is to be changed, as far as that can be known."""
    assert refused(text).startswith(told)


@given(
    st.lists(st.sampled_from(KEYS), min_size=1, unique=True),
    st.sampled_from(NO_TOML),
    st.sampled_from(RIGHT),
)
def test_among_lines_that_are_right_the_wrong_one_is_found(
    keys: list[str], wrong: str, right: str
) -> None:
    """By its line, and by the name of its key."""
    forms = dict.fromkeys(keys, right) | {keys[0]: wrong}
    text = text_of(forms)
    number = text[: text.index(line(keys[0], wrong))].count("\n") + 1
    told = refused(text)
    assert told.startswith(f"{number}: ")
    assert name_of(keys[0]) in told


@given(
    said=st.text(st.characters(codec="ascii", categories=["L", "P"]), max_size=20)
    | st.sampled_from(STARTS),
    broken=st.sampled_from(NO_TOML),
)
@pytest.mark.parametrize("has_place", [True, False])
def test_whatever_another_python_says_of_a_mistake_it_is_told(
    has_place: bool, said: str, broken: str
) -> None:
    """The words are those of a library, which may choose others; the line is told all the same."""
    loads = tomllib.loads

    def reworded(text: str) -> object:
        try:
            return loads(text)
        except tomllib.TOMLDecodeError as error:
            place = POSITION.search(str(error)) if has_place else None
            raise tomllib.TOMLDecodeError(said + (place[0] if place else "")) from None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", reworded)
        text = text_of({"cadence.min_gap": broken})
        assert refused(text).partition(":")[0].isdecimal()
        assert isinstance(readable(text), dict)


@pytest.mark.parametrize(
    "text",
    [
        "a\n" * 5000,
        "a = 1\n" * 2000 + "b\n",
        "a = [\n" + '"9-12",\n' * 2000 + "'b\n",
        f"[{'a' * 14_000}]\n" + "".join(f"b{number} = 1\n" for number in range(1400)) + "b\n",
        f"[{'a.' * 7000}a]\n" + "".join(f"b{number} = 1\n" for number in range(1400)) + "b\n",
        f"[{'a.' * 19}a]\n" * 400 + "b = 1\n" * 400 + "b\n",
    ],
)
def test_a_long_text_is_read_only_a_few_times(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file far below a megabyte would take longer than the daemon has patience for."""
    loads = tomllib.loads
    read = 0

    def counted(part: str) -> object:
        nonlocal read
        read += len(part)
        return loads(part)

    monkeypatch.setattr(tomllib, "loads", counted)
    refused(text)
    readable(text)
    assert read < 10 * len(text)


@given(
    junk=st.lists(
        st.text(st.characters(exclude_characters="\n"), max_size=20)
        | st.sampled_from(["'tis", '"""', "[", "]", "{", "b", "'", '"x" = [', "'''"]),
        min_size=1,
    ),
    end=st.sampled_from(["", "\n"]),
)
def test_no_line_below_takes_anything_from_those_above(junk: list[str], end: str) -> None:
    """Whatever stands there, and whether or not the text ends with it."""
    text = "[a]\nb = 'always'\nc = [\n  1,\n]\n" + "\n".join(junk) + end
    assert readable(text)["a"].items() >= {"b": "always", "c": [1]}.items()


@pytest.mark.parametrize(
    "text",
    ["b = a " + "b" * 200_000 + '"', "b = {" + "b." * 100_000 + "c = 1}", "[" * 200_000],
    ids=["word", "name", "brackets"],
)
@pytest.mark.uncounted
def test_a_very_long_mistake_is_told_at_once(text: str) -> None:
    begun = time.process_time()
    refused(text)
    readable(text)
    assert time.process_time() - begun < 1


def test_a_very_deep_table_is_no_trouble() -> None:
    """Neither the stack nor the time of the daemon is used up by it."""
    assert readable(f"[{'a.' * 3000}a]\nb = 1\nc = 2\n[d]\ne = 1\nf\n") == {"d": {"e": 1}}
