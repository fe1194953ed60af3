"""What holds while something in the settings is wrong, and what is said of it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reminderd.adapters import configuration, paths
from reminderd.adapters.setting_tables import KEYS, kind_of
from reminderd.adapters.settings import Settings, load, variable_of
from tests.unit.adapters.broken import NO_TOML, NOT_THE_DEFAULT, RIGHT, WRONG, text_of

if TYPE_CHECKING:
    from pathlib import Path

GOOD = '[cadence]\nmax_per_day = 7\n[notification]\ndiscreet = "never"\n'
LAST = "Until then the last settings that were in order hold."
REST = "Until then what is not in order has its default; everything else holds."


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of somebody, not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = paths.config_file()
    path.parent.mkdir()
    return path


@pytest.mark.parametrize(
    "mistake",
    [
        "min_gpa = 3",
        "min_gap = 3",
        "min_gap = 2h",
        'min_gap = "2h',
        "windows = 09:30-20:30",
        'windows = ["09:30-20:30"',
        'windows = [\n"09:30-20:30",\n',
        "max_per_day = 7",
        "[cadence]",
        "# f\xfcr mich",
        "'tis for the office",
        '\'min_gap = "3h"',
        '"min_gap = "3h"',
        "\0",
    ],
)
def test_at_the_first_start_whatever_is_in_order_counts(config: Path, mistake: str) -> None:
    """Somebody who wants to be discreet is not to be shown for a mistake in another line."""
    config.write_text(
        f'[cadence]\nmax_per_day = 6\n{mistake}\n[quiet]\nhours = ["13-15"]\n'
        '[notification]\ndiscreet = "always"\n',
        "latin-1",
    )
    now = configuration.read("")
    assert now.preferences.discretion == "always"
    assert [window.start for window in now.preferences.quiet.hours] == [13 * 60]
    assert now.preferences.cadence.max_per_day == 6
    assert now.preferences.cadence.min_gap == 90
    assert now.good == ""
    (problem,) = now.problems
    assert str(config) in problem
    assert problem.endswith(REST)


def test_the_last_line_takes_nothing_from_the_one_above(config: Path) -> None:
    """tomllib looks for the second mark until the end of the file, and then names no line."""
    config.write_text('[notification]\ndiscreet = "always"\n\n# mine\n\'tis for the office\n')
    now = configuration.read("")
    assert now.preferences.discretion == "always"
    assert f"{config}:5: not TOML: found 'tis for the office" in now.problems[0]


def test_a_variable_hides_no_mistake_of_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there for one start; the file is to be mended before the next. It wins all the same."""
    config.write_text('[cadence]\nmin_gap = 2\n[notification]\ndiscreet = "always"\n')
    monkeypatch.setenv("REMINDERD_CADENCE__MIN_GAP", "2h")
    now = configuration.read("")
    assert now.preferences.cadence.min_gap == 120
    assert now.preferences.discretion == "always"
    assert now.good == ""
    (problem,) = now.problems
    assert ":2: cadence.min_gap: found 2" in problem


def test_with_good_settings_to_fall_back_on_those_hold(config: Path) -> None:
    """All of them, whatever the file says now."""
    config.write_text('[cadence]\nmax_per_day = 6\nmin_gpa = "2h"\n')
    now = configuration.read(GOOD)
    assert now.preferences.cadence.max_per_day == 7
    assert now.preferences.discretion == "never"
    assert now.good == GOOD
    assert now.problems[0].endswith(LAST)


@pytest.mark.parametrize("good", ["[cadence\n", "[cadence]\nmin_gpa = 3\n"])
def test_what_was_good_for_an_older_version_may_be_so_no_more(config: Path, good: str) -> None:
    """Then the file counts as far as it is in order."""
    config.write_text('min_gap = 3\n[notification]\ndiscreet = "always"\n')
    now = configuration.read(good)
    assert now.preferences.discretion == "always"
    assert now.problems[0].endswith(REST)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMINDERD_CADENCE__MIN_GAP", "90"),
        ("REMINDERD_CADENCE__MIN_GPA", "2h"),
        ("reminderd_cadence__min_gap", "2h"),
    ],
)
@pytest.mark.parametrize("good", ["", GOOD])
def test_a_wrong_variable_leaves_the_file_and_the_other_variables(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, good: str
) -> None:
    """It counts as unset; the file is as good as it was."""
    text = '[cadence]\nmin_gap = "3h"\n[notification]\ndiscreet = "always"\n'
    config.write_text(text)
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("REMINDERD_CADENCE__MAX_PER_DAY", "8")
    now = configuration.read(good)
    assert now.preferences.discretion == "always"
    assert now.preferences.cadence.min_gap == 180
    assert now.preferences.cadence.max_per_day == 8
    assert now.good == text
    (problem,) = now.problems
    assert problem.startswith(name)
    assert "unset it" in problem
    assert "config edit" not in problem
    assert problem.endswith("counts as unset; everything else holds.")


def test_a_wrong_variable_leaves_the_last_good_settings(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also beside a file that is wrong; each is told with what holds for it."""
    config.write_text("[cadence\n")
    monkeypatch.setenv("REMINDERD_CADENCE__MIN_GAP", "90")
    monkeypatch.setenv("REMINDERD_NOTIFICATION__SNOOZE", "1h")
    now = configuration.read(GOOD)
    assert now.preferences.cadence.max_per_day == 7
    assert now.preferences.snooze == timedelta(hours=1)
    of_file, of_variable = now.problems
    assert "config.toml:1: " in of_file
    assert of_file.endswith(LAST)
    assert of_variable.startswith("REMINDERD_CADENCE__MIN_GAP")


def test_of_a_file_that_cannot_be_read_the_defaults_hold(config: Path) -> None:
    """There is nothing else."""
    config.mkdir()
    now = configuration.read("")
    assert now.preferences == configuration.preferences_of(Settings())
    assert now.problems[0].endswith("Until then the defaults hold.")


def value(settings: Settings, key: str) -> object:
    """Return what a key has."""
    table, _, name = key.partition(".")
    return getattr(getattr(settings, table), name)


def read(key: str) -> object:
    """Return the value of a key that is not its default, as settings hold it."""
    return kind_of(key).read(NOT_THE_DEFAULT[key])


def in_environment(key: str) -> str:
    """Return that value as a variable has it."""
    plain = NOT_THE_DEFAULT[key]
    return ", ".join(plain) if isinstance(plain, list) else str(plain)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(RIGHT + WRONG + NO_TOML)),
    st.dictionaries(st.sampled_from(KEYS), st.booleans()),
)
def test_what_is_in_order_holds_whatever_else_is_wrong(
    config: Path, forms: dict[str, str], variables: dict[str, bool]
) -> None:
    """A variable before the file, the file before the default."""
    config.write_text(text_of(forms), "utf-8")
    environ = {
        variable_of(key): in_environment(key) if is_right else "? ?"
        for key, is_right in variables.items()
    }
    now = load(config, environ)
    for key in KEYS:
        is_set = variables.get(key) or forms.get(key) in RIGHT
        assert value(now.settings, key) == (read(key) if is_set else value(Settings(), key)), key
    wrong = [key for key, is_right in variables.items() if not is_right]
    told = now.of_variables.message if now.of_variables else ""
    assert [line.partition(":")[0].partition(",")[0] for line in told.splitlines()] == [
        variable_of(key) for key in KEYS if key in wrong
    ]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(RIGHT)), st.data())
def test_of_a_text_that_ends_anywhere_nothing_is_misread(
    config: Path, forms: dict[str, str], data: st.DataObject
) -> None:
    """As while it is being written: each key has its value or its default, never another."""
    text = text_of(forms)
    config.write_text(text[: data.draw(st.integers(0, len(text)))], "utf-8")
    now = load(config, {})
    for key in KEYS:
        found = value(now.settings, key)
        assert found in ([read(key)] if key in forms else []) + [value(Settings(), key)]


_SIGNS = ["[cadence]", "[", "]", "quiet", ".", "hours", "min_gap", " = ", '"2h"', '"', "'''", "\n"]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.lists(st.sampled_from(_SIGNS)).map("".join).map(str.encode))
def test_any_file_gives_settings(config: Path, content: bytes) -> None:
    """Those that it can; what is wrong is told unless all of it counts."""
    config.write_bytes(content)
    now = load(config, {})
    assert isinstance(now.settings, Settings)
    assert now.of_variables is None


def test_an_own_deck_with_many_mistakes_is_one_line(config: Path) -> None:
    """`status` and the log say that it is left out and where to read on, not all of it."""
    deck = config.parent / "prompts" / "mine.toml"
    deck.parent.mkdir()
    deck.write_text('[[prompt]]\nid = "One"\ntitle = 3\n', "utf-8")
    (problem,) = configuration.read("").problems
    assert problem.startswith(f"{deck} is left out for now: prompts/mine.toml:")
    assert problem.endswith("To see all: reminderd prompts check")
    assert "\n" not in problem


def test_a_reader_whose_daemon_was_killed_ends_without_a_word(config: Path) -> None:
    """Nobody takes what it has read any more; that is no traceback in anybody's terminal."""
    nobody, end = os.pipe()
    os.close(nobody)
    done = subprocess.run(
        [sys.executable, "-m", configuration.__name__],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=subprocess.PIPE,
    )
    os.close(end)
    assert done.stderr == b""


def test_a_deck_with_an_odd_name_is_told_as_it_can_be_printed(config: Path) -> None:
    own = paths.user_prompts_dir()
    own.mkdir()
    (own / "\x1b[31m\udcff.toml").write_text("[[prompt]]\n")
    (problem,) = configuration.read("").problems
    assert problem.isprintable()
    assert "\\x1b[31m\\udcff.toml is left out for now" in problem
