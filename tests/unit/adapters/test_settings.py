"""Settings from file and environment, and how each mistake is told."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reminderd.adapters.setting_sieve import OTHER_VARIABLES
from reminderd.adapters.setting_tables import KEYS, default_of
from reminderd.adapters.settings import (
    Settings,
    load_settings,
    variable_of,
    written,
)
from reminderd.core.model import Cadence, FixedTime, Practice, Quiet, Window
from reminderd.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EVERY_DAY = frozenset(range(7))

DESIGN = """\
[cadence]
random_per_day = 2                     # moments drawn inside the windows
at = []                                # and fixed times: ["09:00", "sat 11:00"]
every = ""                             # or a steady interval inside the windows: "3h"
windows = ["09:30-20:30"]
min_gap = "90m"
max_per_day = 4                        # 1 to 12
[pace]
ramp_up = true                         # one a day in the first week
back_off = true                        # rarer while unanswered
[quiet]
hours = ["21:30-08:00"]
do_not_disturb = true
when_locked = true
when_away = "5m"
in_call = true
[notification]
notifier = "auto"
discreet = "auto"
snooze = "20m"
sound = ""
[practice]
decks = ["letting-people-in"]
tips = ["*"]
alone_only = false
new_per_week = 5
max_interval = "21d"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The settings file, not there yet."""
    return tmp_path / "config.toml"


def load(path: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    """Load a file with this text."""
    path.write_text(text, "utf-8")
    return load_settings(path, environ or {})


def told(path: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the lines that a file with this text is refused with, without its folder."""
    with pytest.raises(SettingsError) as refused:
        load(path, text, environ)
    return refused.value.message.replace(f"{path.parent}/", "").split("\n")


def test_without_a_file_the_defaults_hold(path: Path) -> None:
    """They are those of the design."""
    assert load_settings(path, {}) == load(path, DESIGN) == load(path, "") == Settings()


def test_the_defaults_become_the_cores_values(path: Path) -> None:
    """In the core's units."""
    settings = load_settings(path, {})
    assert settings.cadence_value() == Cadence(
        random_per_day=2,
        at=(),
        every=None,
        windows=(Window(EVERY_DAY, 570, 1230),),
        min_gap=90,
        max_per_day=4,
    )
    assert settings.quiet_value() == Quiet(hours=(Window(EVERY_DAY, 1290, 1920),))
    assert settings.practice_value() == Practice(("letting-people-in",), ("*",), alone_only=False)
    assert settings.notification.snooze == timedelta(minutes=20)
    assert settings.practice.max_interval == timedelta(days=21)


def test_every_value_can_be_set(path: Path) -> None:
    """As a person writes them."""
    settings = load(
        path,
        """
        [cadence]
        random_per_day = 0
        at = ["9am", "Sat 11:00"]
        every = "3 hours"
        windows = ["mon-fri 09:30-12:30", "22:00 \u2013 1:00"]
        min_gap = "1 h 30 min"
        max_per_day = 12
        [quiet]
        hours = []
        when_away = ""
        [notification]
        notifier = "terminal"
        discreet = "always"
        snooze = "90s"
        sound = "/usr/share/sounds/a b.oga"
        [practice]
        decks = ["*"]
        alone_only = true
        """,
    )
    cadence = settings.cadence_value()
    assert cadence.at == (FixedTime(EVERY_DAY, 540), FixedTime(frozenset({5}), 660))
    assert cadence.every == 180
    assert cadence.windows == (
        Window(frozenset(range(5)), 570, 750),
        Window(EVERY_DAY, 1320, 1500),
    )
    assert (cadence.min_gap, cadence.random_per_day, cadence.max_per_day) == (90, 0, 12)
    assert settings.quiet_value() == Quiet(hours=(), when_away=None)
    assert settings.notification.snooze == timedelta(seconds=90)
    assert settings.practice_value() == Practice(("*",), ("*",), alone_only=True)


@pytest.mark.parametrize(
    ("line", "value"),
    [("discreet = true", "always"), ("discreet = false", "never"), ('discreet = "Auto"', "auto")],
)
def test_discreet_may_be_said_with_true_and_false(path: Path, line: str, value: str) -> None:
    """Whoever wants it on writes so."""
    assert load(path, f"[notification]\n{line}\n").notification.discreet == value


def test_tomls_own_times_and_single_texts_are_understood(path: Path) -> None:
    """A list of one is often written without its brackets."""
    settings = load(path, '[cadence]\nat = [09:00:00]\nwindows = "mon,wed 9-12, sat 11-16"\n')
    assert settings.cadence.at == (FixedTime(EVERY_DAY, 540),)
    assert [window.days for window in settings.cadence.windows] == [{0, 2}, {5}]


@pytest.mark.parametrize("off", ['""', '"off"', '"never"', "false"])
def test_being_away_can_be_left_out_of_account(path: Path, off: str) -> None:
    """In whatever way it is said."""
    assert load(path, f"[quiet]\nwhen_away = {off}\n").quiet_value().when_away is None


@pytest.mark.parametrize(
    ("table", "line", "expected"),
    [
        ("cadence", "random_per_day = 13", "found 13; allowed: a whole number from 0 to 12"),
        ("cadence", "random_per_day = -1", "found -1; allowed: a whole number from 0 to 12"),
        ("cadence", "random_per_day = 2.5", "found 2.5; allowed: a whole number from 0 to 12"),
        ("cadence", "random_per_day = true", "found true; allowed: a whole number"),
        ("cadence", 'random_per_day = "many"', 'found "many"; allowed: a whole number'),
        ("cadence", "max_per_day = 0", "found 0; allowed: a whole number from 1 to 12"),
        ("cadence", "max_per_day = 13", "found 13; allowed: a whole number from 1 to 12"),
        ("cadence", "min_gap = 90", 'found 90 (a number needs a unit, such as "90m")'),
        ("cadence", 'min_gap = "90"', 'found "90" (it has no unit); allowed: a duration'),
        ("cadence", 'min_gap = "13h"', 'found "13h"; allowed: a duration from 1m to 12h'),
        ("cadence", 'min_gap = "0m"', 'found "0m"; allowed: a duration from 1m to 12h'),
        ("cadence", 'min_gap = ""', 'found ""'),
        ("cadence", 'min_gap = "90s"', 'found "90s" (it does not come to whole minutes)'),
        ("cadence", 'every = "25h"', 'found "25h"; allowed: a duration from 1m to 1d, or ""'),
        ("cadence", 'windows = ["9-9"]', 'entry 1: found "9-9" (it starts and ends at the same'),
        ("cadence", "windows = [930]", "entry 1: found 930; allowed: windows such as"),
        ("cadence", 'at = ["sat"]', 'entry 1: found "sat"; allowed: times such as'),
        ("cadence", "at = 9", "found 9; allowed: times such as"),
        ("pace", 'ramp_up = "maybe"', 'found "maybe"; allowed: true or false'),
        ("pace", "ramp_up = 2", "found 2; allowed: true or false"),
        ("quiet", "when_away = true", 'found true; allowed: a duration from 1s to 1d, or ""'),
        ("quiet", "hours = {}", "found a table; allowed: windows such as"),
        ("notification", 'notifier = "dbus"', 'found "dbus"; allowed: "auto", "freedesktop", '),
        ("notification", 'discreet = "si"', 'found "si"; allowed: "auto", "always", "never"'),
        ("notification", 'snooze = "0s"', 'found "0s"; allowed: a duration from 1s to 12h'),
        ("notification", 'sound = "a b"', 'found "a b"; allowed: an absolute path, a sound name'),
        ("notification", 'sound = "On"', 'found "On"; allowed: an absolute path, a sound name'),
        ("notification", "sound = 3", "found 3; allowed: an absolute path"),
        ("practice", 'decks = ["A b"]', 'entry 1: found "A b"; allowed: names in small letters'),
        ("practice", "tips = [1]", "entry 1: found 1; allowed: names in small letters"),
        ("practice", "new_per_week = 101", "found 101; allowed: a whole number from 0 to 100"),
        ("practice", 'max_interval = "366d"', 'found "366d"; allowed: a duration from 1d to 365d'),
        ("practice", 'max_interval = "36h"', "(it does not come to whole days)"),
    ],
)
def test_a_wrong_value_is_told(path: Path, table: str, line: str, expected: str) -> None:
    """File, line, key, the value found, and what is allowed."""
    key = line.partition(" ")[0]
    (message,) = told(path, f"\n[{table}]\n# note\n{line}\n")
    assert message.startswith(f"config.toml:4: {table}.{key}")
    assert expected in message
    assert "allowed: " in message


def test_an_entry_of_a_list_is_told_on_its_own_line(path: Path) -> None:
    """Lists grow long."""
    (message,) = told(path, '[cadence]\nwindows = [\n  "9-12",\n  # note\n  "9-9",\n]\n')
    assert message.startswith('config.toml:5: cadence.windows, entry 2: found "9-9"')


def test_a_list_is_not_endless(path: Path) -> None:
    """A thousand windows are a mistake."""
    (message,) = told(path, f"[cadence]\nwindows = {['9-10'] * 101}\n")
    assert "(at most 100 of them)" in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[cadence]\nmin_gp = "1h"\n',
            (
                'config.toml:2: cadence.min_gp = "1h" is not known; did you mean cadence.min_gap? '
                "allowed in [cadence]: random_per_day, at, every, windows, min_gap, max_per_day."
            ),
        ),
        ('[cadence]\nsnooze = "1h"\n', "did you mean notification.snooze?"),
        ("[cadance]\nx = 1\n", "config.toml:1: cadance is not known; did you mean [cadence]?"),
        ("[Cadence]\n", "config.toml:1: Cadence is not known; did you mean [cadence]?"),
        ('\nmin_gap = "1h"\n', 'config.toml:2: min_gap = "1h" is not known; did you mean cadence.'),
        ("pace = 3\n", "config.toml:1: pace: found 3; allowed: a table, [pace]."),
        ("[[pace]]\n", "config.toml:1: pace: found [a table]; allowed: a table, [pace]."),
        ('cadence.min_gp = "1h"\n', "config.toml:1: cadence.min_gp"),
        ("[cadence]\nxyz = 1\n", "config.toml:2: cadence.xyz = 1 is not known; allowed in"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(path: Path, text: str, expected: str) -> None:
    """A typo is the most common mistake."""
    (message,) = told(path, text)
    assert expected in message


def test_everything_that_is_wrong_is_told_at_once(path: Path) -> None:
    """One line each, in the order of the file, and the variables too."""
    lines = told(
        path,
        '[quiet]\nhours = "x"\n[cadence]\nmin_gap = 1\nfoo = 2\n[bar]\n',
        {"REMINDERD_PACE__RAMP_UP": "maybe", "REMINDERD_CADANCE__MIN_GAP": "2h"},
    )
    assert [line.split(":")[1] for line in lines[:4]] == ["2", "4", "5", "6"]
    assert lines[4].startswith("REMINDERD_PACE__RAMP_UP: ")
    assert lines[5].startswith("REMINDERD_CADANCE__MIN_GAP is not known")
    assert len(lines) == 6


@pytest.mark.uncounted
def test_a_file_full_of_mistakes_is_told_in_short_and_at_once(path: Path) -> None:
    """Nobody reads thousands of lines; the first in the order of the file are the ones told."""
    begun = time.process_time()
    lines = told(path, "[pace]\n" + "".join(f"k{number} = 1\n" for number in range(5_000)))
    assert [line.split(":")[1] for line in lines[:10]] == [str(line) for line in range(2, 12)]
    assert lines[10:] == ["... and 4,990 more."]
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("text", ["[cadence\n", "min_gap = 3\n"])
def test_what_to_do_next_is_told_for_file_and_variables(path: Path, text: str) -> None:
    """Editing the file mends no variable."""
    path.write_text(text)
    environ = {"REMINDERD_PACE__RAMP_UP": "maybe"}
    with pytest.raises(SettingsError) as of_both:
        load_settings(path, environ)
    assert of_both.value.message.split("\n")[1].startswith("REMINDERD_PACE__RAMP_UP: ")
    with pytest.raises(SettingsError) as of_file:
        load_settings(path, {})
    path.unlink()
    with pytest.raises(SettingsError) as of_variable:
        load_settings(path, environ)
    hints = [one.value.hint for one in (of_file, of_variable, of_both)]
    assert ["config edit" in hint for hint in hints] == [True, False, True]
    assert ["variable" in hint for hint in hints] == [False, True, True]
    assert ["config check" in hint for hint in hints] == [True, True, True]


def test_a_file_that_is_no_toml_is_told(path: Path) -> None:
    """With its line and what can be done."""
    path.write_text("[cadence\n")
    with pytest.raises(SettingsError, match=r"config\.toml:1: not TOML") as refused:
        load_settings(path, {})
    assert 'key = "text"' in refused.value.hint
    assert "Mend it (`reminderd config edit`), then" in refused.value.hint


def test_the_environment_wins(path: Path) -> None:
    """Over the file, key by key."""
    settings = load(
        path,
        '[cadence]\nmin_gap = "2h"\nrandom_per_day = 1\n',
        {
            "REMINDERD_CADENCE__RANDOM_PER_DAY": " 3 ",
            "REMINDERD_PACE__RAMP_UP": "off",
            "REMINDERD_QUIET__WHEN_AWAY": "",
            "REMINDERD_NOTIFICATION__DISCREET": "true",
            "PATH": "/bin",
        },
    )
    assert settings.cadence.random_per_day == 3
    assert settings.cadence.min_gap == timedelta(hours=2)
    assert settings.pace.ramp_up is False
    assert settings.quiet.when_away is None
    assert settings.notification.discreet == "always"


@pytest.mark.parametrize("text", ["cadence = 3\n", "[cadence]\nmin_gap = 3\n", "[[cadence]]\n"])
def test_a_variable_hides_no_mistake_of_the_file(path: Path, text: str) -> None:
    """The file is refused as it is without the variable."""
    assert told(path, text, {"REMINDERD_CADENCE__MIN_GAP": "2h"}) == told(path, text)


@pytest.mark.parametrize(
    "text",
    [
        "mon-fri 09:00-12:00, sat 11:00-16:00",
        '["mon-fri 09:00-12:00", "sat 11:00-16:00"]',
        "mon-fri 9-12;sat 11-16",
    ],
)
def test_lists_in_the_environment(path: Path, text: str) -> None:
    """Plain text and JSON both work."""
    windows = load_settings(path, {"REMINDERD_CADENCE__WINDOWS": text}).cadence.windows
    assert windows == (
        Window(frozenset(range(5)), 540, 720),
        Window(frozenset({5}), 660, 960),
    )


def test_names_in_the_environment(path: Path) -> None:
    """Names are cut at commas alone."""
    environ = {"REMINDERD_PRACTICE__DECKS": "one, two", "REMINDERD_PRACTICE__TIPS": '["a"]'}
    practice = load_settings(path, environ).practice_value()
    assert (practice.decks, practice.tips) == (("one", "two"), ("a",))
    assert load_settings(path, {"REMINDERD_CADENCE__AT": ""}).cadence.at == ()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REMINDERD_CADENCE__MIN_GAP", "90", 'REMINDERD_CADENCE__MIN_GAP: found "90" (it has no'),
        ("REMINDERD_CADENCE__AT", "9, x", 'REMINDERD_CADENCE__AT, entry 2: found "x"'),
        ("REMINDERD_CADENCE__AT", "[9", "(a list is written"),
        ("REMINDERD_CADANCE__MIN_GAP", "2h", "did you mean REMINDERD_CADENCE__MIN_GAP?"),
        ("REMINDERD_MIN_GAP", "2h", "did you mean REMINDERD_CADENCE__MIN_GAP?"),
        ("REMINDERD_CADENCE_MIN_GAP", "2h", "did you mean REMINDERD_CADENCE__MIN_GAP?"),
        ("reminderd_cadence__min_gap", "2h", "did you mean REMINDERD_CADENCE__MIN_GAP?"),
        ("REMINDERD_CADENCE", "{}", "REMINDERD_CADENCE is not known"),
        ("REMINDERD_XYZZY", "1", "REMINDERD_XYZZY is not known; `reminderd config show`"),
    ],
)
def test_a_wrong_variable_is_told(path: Path, name: str, value: str, expected: str) -> None:
    """By its name, with the nearest that exists."""
    with pytest.raises(SettingsError) as refused:
        load_settings(path, {name: value})
    assert expected in refused.value.message


@pytest.mark.parametrize("name", OTHER_VARIABLES)
def test_variables_for_other_things_are_let_be(path: Path, name: str) -> None:
    """They share the prefix and are no settings."""
    assert load_settings(path, {name: "x"}) == Settings()


def test_what_was_written_comes_back_as_it_was_written(path: Path) -> None:
    """With where it was written."""
    path.write_text('[cadence]\nmin_gap = "1 h 30 min"\nat = [09:00:00]\nrandom_per_day = 1\n')
    settings = written(
        path,
        {
            "REMINDERD_CADENCE__RANDOM_PER_DAY": "03",
            "REMINDERD_QUIET__HOURS": "22-7, sat 9-10",
            "REMINDERD_PRACTICE__TIPS": "a,b",
            "REMINDERD_PACE__BACK_OFF": "no",
        },
    )
    assert list(settings) == list(KEYS)
    assert settings["cadence.min_gap"].value == "1 h 30 min"
    assert settings["cadence.min_gap"].origin == f"{path}:2"
    assert settings["cadence.at"].value == ["09:00"]
    assert settings["cadence.random_per_day"].value == 3
    assert settings["cadence.random_per_day"].origin == "REMINDERD_CADENCE__RANDOM_PER_DAY"
    assert settings["quiet.hours"].value == ["22-7", "sat 9-10"]
    assert settings["practice.tips"].value == ["a", "b"]
    assert settings["pace.back_off"].value is False
    assert settings["practice.max_interval"].value == "21d"
    assert settings["practice.max_interval"].origin == ""


@pytest.mark.parametrize("key", KEYS)
def test_every_default_is_allowed_from_the_environment_too(path: Path, key: str) -> None:
    """As one text."""
    default = default_of(key)
    text = ",".join(default) if isinstance(default, list) else str(default)
    assert load_settings(path, {variable_of(key): text}) == Settings()


def test_reading_settings_loads_no_editor_of_toml() -> None:
    """The daemon's memory is not for what only `config set` needs."""
    program = "import sys, reminderd.adapters.settings, reminderd.adapters.decks;"
    program += "print([name for name in sys.modules if name.split('.')[0] == 'tomlkit'])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


toml_words = st.sampled_from(
    [
        "[cadence]\n",
        "[quiet]\n",
        "[[cadence]]\n",
        "min_gap",
        "windows",
        "at",
        "random_per_day",
        " = ",
        '"',
        "'",
        "\n",
        "[",
        "]",
        "{",
        "}",
        ",",
        "90m",
        '"90m"',
        '"9-10"',
        "9",
        "true",
        "1e400",
        "nan",
        "-1",
        "09:00:00",
        "2026-01-01",
        ".",
        "#",
        "\\u202e",
        "sound",
        "hours",
    ]
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.lists(toml_words, max_size=14).map("".join).map(str.encode))
def test_any_file_gives_settings_or_says_why_not(path: Path, content: bytes) -> None:
    """Nothing else escapes, whatever lies there."""
    path.write_bytes(content)
    try:
        assert isinstance(load_settings(path, {}), Settings)
    except SettingsError as refused:
        message = refused.message
    else:
        return
    assert all(line.startswith(f"{path}:") for line in message.split("\n"))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(KEYS), st.text(max_size=30))
def test_any_variable_gives_settings_or_says_why_not(path: Path, key: str, text: str) -> None:
    """With the variable's name, in one line."""
    try:
        load_settings(path, {variable_of(key): text})
    except SettingsError as refused:
        message = refused.message
    else:
        return
    assert message.startswith(variable_of(key))
    assert message.isprintable()
