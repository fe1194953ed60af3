"""Changes to the config file: checked as a whole, comments kept, never half written."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
import time
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reminderd.adapters import atomic, config_file, config_lists
from reminderd.adapters.setting_tables import KEYS, Plain, about, default_of
from reminderd.adapters.settings import Settings, load_settings
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OWN = """\
# my settings
[cadence]
random_per_day = 2     # two are enough
# least
min_gap = "90m" # gap
windows = [
  "mon-fri 09:30-12:30", # mornings
  # the weekend
  "sat 11:00-16:00",
]

# silence!
[quiet]
hours = ["21:30-08:00"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The settings file, not there yet, nor its folder."""
    return tmp_path / "reminderd" / "config.toml"


@pytest.fixture
def own(path: Path) -> Path:
    """A settings file with comments."""
    path.parent.mkdir()
    path.write_text(OWN)
    return path


def refused(path: Path, key: str, *words: str) -> str:
    """Return what setting a key is refused with; the file is as it was."""
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(SettingsError) as problem:
        config_file.set_value(path, key, words)
    assert (path.read_bytes() if path.exists() else None) == before
    return problem.value.message


def test_a_value_is_replaced_and_all_else_stays(own: Path) -> None:
    """To the last blank."""
    change = config_file.set_value(own, "cadence.random_per_day", "3")
    assert own.read_text() == OWN.replace("random_per_day = 2 ", "random_per_day = 3 ")
    assert (change.before, change.after) == (2, 3)


def test_a_new_key_comes_to_its_table(own: Path) -> None:
    """Before the blank line and the comment of the next."""
    config_file.set_value(own, "cadence.max_per_day", ["5"])
    assert "]\nmax_per_day = 5\n\n# silence!\n[quiet]\n" in own.read_text()


def test_a_new_table_comes_in_the_order_of_the_design(own: Path) -> None:
    """Before the comment of the table that follows, or at the end."""
    config_file.set_value(own, "pace.ramp_up", "off")
    config_file.set_value(own, "notification.snooze", ["1 h", "30 min"])
    text = own.read_text()
    assert "]\n\n[pace]\nramp_up = false\n\n# silence!\n[quiet]\n" in text
    assert text.endswith('hours = ["21:30-08:00"]\n\n[notification]\nsnooze = "1 h 30 min"\n')


def test_a_list_over_several_lines_keeps_them_and_their_comments(own: Path) -> None:
    """What stays in the list stays where it is."""
    config_file.set_value(own, "cadence.windows", ["mon-fri 09:30-12:30", "sun 10-12"])
    text = own.read_text()
    assert '  "mon-fri 09:30-12:30", # mornings\n  # the weekend\n  "sun 10-12"' in text
    assert load_settings(own, {}).cadence.windows[1].days == {6}


@pytest.mark.parametrize(
    ("written", "words", "expected"),
    [
        (
            'at = ["09:00", # a\n  "10:00",   # b\n  # tail\n]',
            ["08:00", "10:00", "09:00"],
            'at = [\n  "08:00",\n  "10:00",   # b\n  "09:00", # a\n  # tail\n]',
        ),
        (
            'at = [ # mine\n    # morning\n    09:00:00,\n    # evening\n    "19:00"]  # end',
            ["09:00", "12:00"],
            'at = [ # mine\n    # morning\n    "09:00",\n    # evening\n    "12:00",\n]  # end',
        ),
        (
            "at = [\n\t'09:00', # nine\n\t# both\n\t'10:00', '11:00' # two\n]",
            ["11:00"],
            "at = [\n\t# nine\n\t# both\n\t'11:00', # two\n]",
        ),
        ('at = [\n  "09:00", # gone\n]', [], "at = [\n  # gone\n]"),
        (
            '  at = [\n    "09:00",\n    # noon\n    "12:00",\n\n    "19:00",\n    "20:00"\n  ]',
            ["09:00", "12:00", "20:00"],
            '  at = [\n    "09:00",\n    # noon\n    "12:00",\n\n    "20:00",\n  ]',
        ),
        (
            'at = [\n\n  "09:00",\n\n  "12:00",\n\n  # late\n  "19:00", "20:00"\n\n  ]',
            ["12:00"],
            'at = [\n\n  "12:00",\n\n  # late\n\n  ]',
        ),
        (
            'at = [\n  "09:00",\n  \n  "12:00",\n\n  "19:00"]',
            ["12:00", "13:00"],
            'at = [\n  "12:00",\n\n  "13:00",\n]',
        ),
        (
            '  at = [\n    "09:00",\n\n    "12:00",\n\n    "19:00"]',
            ["12:00"],
            '  at = [\n    "12:00",\n  ]',
        ),
        ("at = [\n]", ["09:00"], 'at = [\n    "09:00",\n]'),
    ],
)
def test_entries_of_a_list_keep_their_comments(
    path: Path, written: str, words: list[str], expected: str
) -> None:
    """Above and beside them; a comment of one that goes stays in its place."""
    path.parent.mkdir()
    for end in ("\n", "\r\n"):
        path.write_bytes(f"[cadence]\n{written}\nevery = '' # x\n".replace("\n", end).encode())
        config_file.set_value(path, "cadence.at", words)
        now = f"[cadence]\n{expected}\nevery = '' # x\n".replace("\n", end)
        assert path.read_bytes().decode() == now


@given(
    st.lists(st.sampled_from(["", "  # above\n", "\n", "\n\n  # above\n"]), max_size=6),
    st.sampled_from(["", "\n", "  # last\n", "\n  # last\n"]),
    st.sampled_from(["", "  ", "\t"]),
)
def test_a_list_that_stays_the_same_is_written_the_same(
    above: list[str], tail: str, indent: str
) -> None:
    """To the last blank line, and with its bracket where it was."""
    hours = [f"{number:02}:00" for number in range(len(above))]
    body = "".join(f'{gap}  "{hour}",\n' for gap, hour in zip(above, hours, strict=True))
    text = f"[cadence]\nat = [\n{body}{tail}{indent}]\n"
    assert config_lists.with_entries(text, "cadence.at", hours, str) == text


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["", "# above\n", "\n"]), st.integers(0, 23), st.booleans()),
        max_size=6,
    ),
    hours=st.lists(st.integers(0, 23), max_size=6, unique=True),
)
def test_no_comment_of_a_list_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, int, bool]],
    hours: list[int],
) -> None:
    """Whatever goes, stays or comes."""
    path = tmp_path_factory.mktemp("lists") / "config.toml"
    body = "".join(
        f'{above}"{hour:02}:00",{f" # beside {number}" if beside else ""}\n'
        for number, (above, hour, beside) in enumerate(rows)
    )
    path.write_text(f"[cadence]\nat = [\n{body}# last\n] # end\n", "utf-8")
    comments = sorted(re.findall(r"#.*", path.read_text("utf-8")))
    config_file.set_value(path, "cadence.at", [f"{hour:02}:00" for hour in hours])
    assert sorted(re.findall(r"#.*", path.read_text("utf-8"))) == comments


def test_an_unset_key_leaves_the_line_ends_as_they_are(path: Path) -> None:
    """A file from elsewhere stays a file from elsewhere."""
    path.parent.mkdir()
    path.write_bytes(config_file.default_config_text().replace("\n", "\r\n").encode())
    before = path.read_bytes()
    config_file.set_value(path, "cadence.min_gap", "40m")
    config_file.unset(path, "cadence.min_gap")
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert path.read_bytes() == before


def test_a_file_is_made_for_the_person_alone(path: Path) -> None:
    """Nobody else learns when they are silent."""
    config_file.set_value(path, "quiet.hours", "22-7")
    assert load_settings(path, {}).quiet.hours[0].start == 22 * 60
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("key", KEYS)
def test_a_file_that_is_made_explains_every_key(path: Path, key: str) -> None:
    """Like one of setup's: what is set is the only line without a # in front."""
    default = default_of(key)
    config_file.set_value(path, key, default if isinstance(default, list) else str(default))
    (line,) = (one for one in path.read_text().splitlines() if one and one[0] not in "#[")
    assert line.endswith(about(key))
    assert all(about(other) in path.read_text() for other in KEYS)
    config_file.unset(path, key)
    assert path.read_text() == config_file.default_config_text()


def test_a_link_is_followed_and_the_mode_is_kept(path: Path, tmp_path: Path) -> None:
    """A file that lies among somebody's dotfiles stays there."""
    real = tmp_path / "dotfiles" / "reminderd.toml"
    real.parent.mkdir()
    real.write_text(OWN)
    real.chmod(0o640)
    path.parent.mkdir()
    path.symlink_to("../dotfiles/reminderd.toml")
    config_file.set_value(path, "cadence.random_per_day", "3")
    assert path.is_symlink()
    assert "random_per_day = 3" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in real.parent.iterdir()] == ["reminderd.toml"]


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("cadence.windows", ["mon-fri 09:30-12:30", "sat 11:00-16:00"], 2),
        ("cadence.windows", ["mon-fri 09:30-12:30, sat 11:00-16:00"], 2),
        ("cadence.windows", ['["mon-fri 09:30-12:30", "sat 11:00-16:00"]'], 2),
        ("cadence.windows", ["mon-fri", "09:30-12:30", "sat", "11:00-16:00"], 2),
        ("cadence.at", [""], 0),
        ("cadence.at", ["[]"], 0),
        ("practice.decks", ["one", "two,three"], 3),
        ("practice.tips", ["*"], 1),
    ],
)
def test_a_list_is_typed_in_many_ways(path: Path, key: str, words: list[str], value: int) -> None:
    """Several words, commas, or as TOML has it."""
    written = config_file.set_value(path, key, words).after
    assert isinstance(written, list)
    assert len(written) == value
    assert load_settings(path, {}) is not None


@pytest.mark.parametrize(
    ("key", "word", "value"),
    [
        ("quiet.in_call", "off", False),
        ("quiet.in_call", "yes", True),
        ("cadence.min_gap", '"2h"', "2h"),
        ("cadence.every", "", ""),
        ("cadence.random_per_day", "3", 3),
        ("notification.discreet", "true", "always"),
        ("notification.notifier", "Terminal", "terminal"),
    ],
)
def test_a_value_is_typed_in_many_ways(path: Path, key: str, word: str, value: Plain) -> None:
    """It is written as its key has it."""
    assert config_file.set_value(path, key, word).after == value
    table, _, name = key.partition(".")
    assert tomllib.loads(path.read_text())[table][name] == value


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [
        ("cadence.random_per_day", ["99"], 'found "99"; allowed: a whole number from 0 to 12'),
        ("cadence.random_per_day", ["3", "4"], 'found "3 4"; allowed: a whole number'),
        ("cadence.min_gap", ["90"], 'found "90" (it has no unit)'),
        ("cadence.windows", ["9-10", "9-9"], 'found "9-9" (it starts and ends'),
        ("cadence.windows", ["mon"], 'found "mon"'),
        ("quiet.in_call", ["perhaps"], "allowed: true or false"),
        ("cadence.min_gp", ["2h"], '"cadence.min_gp" is not a setting.'),
        ("min_gap", ["2h"], '"min_gap" is not a setting.'),
    ],
)
def test_what_is_not_allowed_is_not_written(
    own: Path, key: str, words: list[str], expected: str
) -> None:
    """The file stays as it was."""
    assert expected in refused(own, key, *words)


def test_setting_a_broken_key_mends_the_file(path: Path) -> None:
    """Whoever sees the mistake can correct it at once."""
    path.parent.mkdir()
    path.write_text('[cadence]\nmin_gap = "2"\n')
    config_file.set_value(path, "cadence.min_gap", "2h")
    assert path.read_text() == '[cadence]\nmin_gap = "2h"\n'


def test_taking_a_mistyped_key_out_mends_the_file(path: Path) -> None:
    """Also one that stands in no table."""
    path.parent.mkdir()
    path.write_text('[cadence]\nmin_gp = "2h"\n')
    assert config_file.unset(path, "cadence.min_gp").before == "2h"
    path.write_text('min_gap = "2h"\n')
    config_file.unset(path, "min_gap")
    assert path.read_text() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[cadence]\nmin_gap = "2"\n', ":2: cadence.min_gap"),
        ("[cadence\n", ":1: not TOML"),
        ("pace = 3\n", ":1: pace: found 3"),
        ("quiet = 3\n", ":1: quiet: found 3"),
    ],
)
def test_a_file_with_another_problem_is_not_changed(path: Path, text: str, expected: str) -> None:
    """What is wrong is said first, in the lines of the file as it is."""
    path.parent.mkdir()
    path.write_text(text)
    assert expected in refused(path, "quiet.in_call", "off")


@pytest.mark.parametrize(
    "text",
    [
        'cadence.min_gap = "2h"\npace.ramp_up = true\ncadence.max_per_day = 3\n',
        'cadence = {min_gap = "2h", max_per_day = 3} # note\n[quiet]\nhours = []\n',
        '["cadence"]\n"min_gap" = "2h"\n# note\nmax_per_day = 3\n',
        '[quiet]\nhours = []\n[cadence]\nmin_gap = "2h"\nmax_per_day = 3',
        '[cadence]\r\nmin_gap = "2h" # note\r\nmax_per_day = 3\r\n\r\n[quiet]\r\n',
    ],
)
def test_other_ways_to_write_a_table_are_kept(path: Path, text: str) -> None:
    """Set, added and taken out, each key alone changes."""
    path.parent.mkdir()
    path.write_bytes(text.encode())
    config_file.set_value(path, "cadence.min_gap", "1h")
    config_file.set_value(path, "cadence.random_per_day", "1")
    config_file.unset(path, "cadence.max_per_day")
    values = tomllib.loads(path.read_bytes().decode())
    assert values["cadence"] == {"min_gap": "1h", "random_per_day": 1}
    content = path.read_bytes()
    assert content.count(b"note") == text.count("note")
    assert b"\r\n" not in content or content.count(b"\r\n") == content.count(b"\n")


def test_taking_a_key_out_keeps_the_rest(own: Path) -> None:
    """The line goes, with all lines of its value."""
    config_file.unset(own, "cadence.windows")
    assert own.read_text() == OWN.replace(OWN[OWN.index("windows") : OWN.index("\n# silence")], "")
    assert config_file.unset(own, "cadence.windows").before is None


@pytest.mark.uncounted
def test_a_very_long_file_is_left_to_the_editor(path: Path) -> None:
    """Changing a value in it would take seconds; a new key is only a line more."""
    path.parent.mkdir()
    path.write_text("[pace]\nramp_up = true\n" + "# a word\n" * 5_000)
    begun = time.process_time()
    assert "cannot be changed the way" in refused(path, "pace.ramp_up", "off")
    assert time.process_time() - begun < 1
    config_file.set_value(path, "pace.back_off", "off")
    assert "back_off = false" in path.read_text()


def test_taking_out_what_never_was_a_key_is_refused(own: Path) -> None:
    """A typo is not told as done."""
    with pytest.raises(SettingsError, match="is not a setting"):
        config_file.unset(own, "cadence.windws")


def test_setting_the_same_again_writes_nothing(own: Path) -> None:
    """A running daemon has nothing to read anew."""
    before = own.stat().st_ino
    config_file.set_value(own, "cadence.random_per_day", "2")
    assert own.stat().st_ino == before


def test_a_failing_disk_leaves_the_file_and_no_traces(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails, the old file is whole."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "cannot be written: No space left on device" in refused(own, "pace.ramp_up", "off")
    assert [file.name for file in own.parent.iterdir()] == ["config.toml"]


def test_two_commands_at_once_both_hold(own: Path) -> None:
    """Neither writes over what the other has just set."""
    program = (
        "import sys; from pathlib import Path; from reminderd.adapters import config_file;"
        "config_file.set_value(Path(sys.argv[1]), sys.argv[2], sys.argv[3])"
    )
    wanted = {
        "cadence.max_per_day": "5",
        "pace.ramp_up": "off",
        "notification.snooze": "15m",
        "practice.new_per_week": "7",
    }
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(own), key, value])
        for key, value in wanted.items()
    ]
    assert [one.wait(60) for one in running] == [0] * len(wanted)
    values = tomllib.loads(own.read_text())
    assert values["cadence"]["max_per_day"] == 5
    assert values["pace"]["ramp_up"] is False
    assert values["notification"]["snooze"] == "15m"
    assert values["practice"]["new_per_week"] == 7


def test_a_new_file_explains_every_key() -> None:
    """Each with its default, as a comment."""
    text = config_file.default_config_text()
    for key in KEYS:
        assert f"# {key.partition('.')[2]} = " in text
        assert f"# {about(key)}\n" in text
    assert load_text(text) == {}


def test_a_default_that_is_uncommented_is_the_default(path: Path) -> None:
    """The comments are no lies."""
    lines = config_file.default_config_text().split("\n")
    names = {key.partition(".")[2] for key in KEYS}
    active = [line[2:] if line[2:].partition(" ")[0] in names else line for line in lines]
    path.parent.mkdir()
    path.write_text("\n".join(active))
    assert len(load_text(path.read_text())) == len(KEYS)
    assert load_settings(path, {}) == Settings()


def load_text(text: str) -> dict[str, object]:
    """Return what a text sets, by key with its table."""
    tables = tomllib.loads(text)
    return {
        f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()
    }


ALLOWED: dict[str, st.SearchStrategy[Plain]] = {
    "cadence.random_per_day": st.integers(0, 12),
    "cadence.min_gap": st.sampled_from(["2h", "1 h 30 min"]),
    "cadence.windows": st.lists(st.sampled_from(["9-12", "sat 22:00-01:00"]), max_size=2),
    "quiet.in_call": st.booleans(),
    "notification.sound": st.sampled_from(["", "bell", '/a/b "c".oga']),
    "practice.tips": st.just(["*"]),
}


@given(st.fixed_dictionaries({}, optional=ALLOWED))
def test_a_new_file_says_exactly_what_is_given(values: dict[str, Plain]) -> None:
    """Nothing more, nothing less."""
    assert load_text(config_file.default_config_text(values)) == values


def test_a_new_file_is_checked_before_it_is_written(path: Path) -> None:
    """`setup` cannot leave a broken one either."""
    config_file.create(path, {"cadence.random_per_day": 3})
    assert load_settings(path, {}).cadence.random_per_day == 3
    before = path.read_text()
    with pytest.raises(SettingsError, match="found 99"):
        config_file.create(path, {"cadence.random_per_day": 99})
    assert path.read_text() == before


def test_a_key_takes_the_place_of_its_comment_and_becomes_it_again(path: Path) -> None:
    """The explanations of a new file survive trying things out."""
    config_file.create(path, {"cadence.max_per_day": 3})
    before = path.read_text()
    config_file.set_value(path, "cadence.min_gap", "2h")
    assert 'min_gap = "90m"' not in path.read_text()  # taking its # away would set the key twice
    line = rf'^min_gap = "2h" +# {about("cadence.min_gap")}$'
    assert re.search(line, path.read_text(), re.MULTILINE)
    config_file.unset(path, "cadence.min_gap")
    assert path.read_text() == before
    config_file.unset(path, "cadence.max_per_day")
    assert path.read_text() == config_file.default_config_text()


def test_a_whole_table_is_taken_out_key_by_key(own: Path, path: Path) -> None:
    """Its header and its comments stay; one that is no table of ours goes as it is."""
    config_file.create(path, {"quiet.hours": ["22:00-07:00"], "quiet.in_call": False})
    config_file.unset(path, "quiet")
    assert path.read_text() == config_file.default_config_text()
    path.write_text(OWN)
    config_file.unset(own, "quiet")
    assert own.read_text() == OWN.replace('hours = ["21:30-08:00"]\n', "")
    path.write_text(f"{OWN}\n[cadance]\nrandom_per_day = 4\n")
    config_file.unset(own, "cadance")
    assert tomllib.loads(own.read_text()) == tomllib.loads(OWN)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["cadence", "quiet", "pace"]), st.integers(0, 2)), max_size=4
    ),
    st.sampled_from(KEYS),
    st.booleans(),
)
def test_any_sound_file_can_be_changed(
    tmp_path: Path, layout: Sequence[tuple[str, int]], key: str, crlf: bool
) -> None:
    """Whatever tables and comments it has, setting and taking out gives what was meant."""
    text = "".join(
        f"# about {table}\n[{table}]\n" + "\n# note\n" * notes
        for table, notes in dict(layout).items()
    )
    path = tmp_path / "config.toml"
    path.write_bytes(text.replace("\n", "\r\n" if crlf else "\n").encode())
    default = default_of(key)
    config_file.set_value(path, key, default if isinstance(default, list) else str(default).lower())
    after = path.read_bytes().decode()
    assert load_text(after) == {key: default}
    assert after.count("# note") == text.count("# note")
    config_file.unset(path, key)
    assert load_text(path.read_bytes().decode()) == {}


def test_another_error_than_an_expected_one_leaves_no_file(tmp_path: Path) -> None:
    """A text that cannot be encoded is a defect, and leaves nothing behind."""
    with pytest.raises(UnicodeEncodeError):
        atomic.write(tmp_path / "config.toml", "\ud800", SettingsError)
    assert list(tmp_path.iterdir()) == []


def test_of_several_keys_all_are_set_or_none(tmp_path: Path) -> None:
    """One that is not allowed keeps the others from being written too."""
    path = tmp_path / "config.toml"
    path.write_text("# mine\n", "utf-8")
    with pytest.raises(SettingsError):
        config_file.set_values(path, {"cadence.max_per_day": "3", "pace.back_off": "perhaps"})
    assert path.read_text("utf-8") == "# mine\n"
    config_file.set_values(path, {"cadence.max_per_day": "3", "pace.back_off": "off"})
    assert load_text(path.read_text("utf-8")) == {
        "cadence.max_per_day": 3,
        "pace.back_off": False,
    }
    assert path.read_text("utf-8").startswith("# mine\n")


def test_several_keys_make_one_new_file(tmp_path: Path) -> None:
    """With a comment for every other key."""
    path = tmp_path / "config.toml"
    config_file.set_values(path, {"cadence.max_per_day": "3", "pace.back_off": "off"})
    assert load_text(path.read_text("utf-8")) == {
        "cadence.max_per_day": 3,
        "pace.back_off": False,
    }
    assert "# random_per_day = 2" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "The disk is full: make some room, then try again."),
        (errno.EIO, "The disk did not take it: look after the disk, then try again."),
        (errno.EACCES, "Make its folder one that you can write to."),
    ],
)
def test_a_write_that_fails_says_what_lets_it_work(
    number: int, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else the folder needs, a full disk needs room."""

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SettingsError) as caught:
        atomic.write(tmp_path / "config.toml", "# new\n", SettingsError)
    assert caught.value.hint == f"Nothing has changed. {hint}"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_may_not_survive_a_power_cut_is_not_said_to_be_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its content has reached the disk, its name perhaps not."""
    sync = os.fsync

    def fail_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    path = tmp_path / "config.toml"
    with pytest.raises(SettingsError, match="is written, but the disk does not confirm it"):
        atomic.write(path, "# new\n", SettingsError)
    assert path.read_text("utf-8") == "# new\n"
