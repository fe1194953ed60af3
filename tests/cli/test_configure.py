"""The commands `config` and `prompts`, as a person meets them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters import paths
from reminderd.adapters.resources import prompts_dir
from reminderd.adapters.setting_tables import KEYS
from reminderd.cli.configure import config, prompts
from reminderd.cli.main import run
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from pathlib import Path

    import click

BAD = '[cadence]\nmin_gp = "2h"\n'


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- whatever it printed
        """What it printed, as JSON."""
        return json.loads(self.out)


class Person:
    """Somebody with settings and data of their own, who types commands."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.monkeypatch = monkeypatch
        self._capfd = capfd
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
        monkeypatch.setenv("TZ", "UTC")
        monkeypatch.delenv("VISUAL", raising=False)
        self.config = paths.config_file()
        self.prompts = paths.user_prompts_dir()

    def types(self, *words: str) -> Ran:
        """Run a command."""
        self._capfd.readouterr()
        code = run(words)
        said = self._capfd.readouterr()
        return Ran(code, said.out, said.err)

    def has(self, text: str) -> None:
        """Write the settings by hand."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text, "utf-8")

    def edits_with(self, command: str) -> None:
        """Choose an editor."""
        self.monkeypatch.setenv("EDITOR", command)

    def owns(self, name: str, text: str) -> Path:
        """Write a deck by hand."""
        self.prompts.mkdir(parents=True, exist_ok=True)
        path = self.prompts / name
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Person:
    """Somebody who has just installed it."""
    return Person(tmp_path, monkeypatch, capfd)


# config


def test_path_tells_where_the_settings_lie(person: Person) -> None:
    """Also of one's own decks, as JSON."""
    assert person.types("config", "path").out == f"{person.config}\n"
    assert person.types("config", "path", "--json").json == {
        "config": str(person.config),
        "prompts": str(person.prompts),
    }


def test_show_prints_toml_that_can_be_pasted(person: Person) -> None:
    """Every key, with its origin where it is not the default."""
    person.has('[cadence]\nmin_gap = "1 h 30 min"\n')
    person.monkeypatch.setenv("REMINDERD_CADENCE__RANDOM_PER_DAY", "3")
    shown = person.types("config", "show")
    tables = tomllib.loads(shown.out)
    assert [f"{table}.{key}" for table, keys in tables.items() for key in keys] == list(KEYS)
    assert tables["cadence"]["min_gap"] == "1 h 30 min"
    lines = {line.partition(" ")[0]: line for line in shown.out.split("\n")}
    assert lines["min_gap"].endswith("# config.toml:2")
    assert lines["random_per_day"].endswith("# REMINDERD_CADENCE__RANDOM_PER_DAY")
    assert "#" not in lines["max_per_day"]


def test_show_as_json_has_the_tables(person: Person) -> None:
    """With TOML's types."""
    shown = person.types("config", "show", "--json").json
    assert shown["cadence"]["random_per_day"] == 2
    assert shown["cadence"]["windows"] == ["09:30-20:30"]
    assert shown["quiet"]["in_call"] is True


@pytest.mark.parametrize(
    ("key", "out"),
    [
        ("cadence.min_gap", "90m\n"),
        ("cadence.windows", "09:30-20:30\n"),
        ("cadence.at", ""),
        ("quiet.in_call", "true\n"),
        ("cadence.random_per_day", "2\n"),
        ("pace", "ramp_up = true\n"),
    ],
)
def test_get_prints_one_setting(person: Person, key: str, out: str) -> None:
    """Bare, for scripts; a table as `show` has it."""
    got = person.types("config", "get", key)
    assert got.code == 0
    assert got.out.startswith(out)


def test_get_as_json(person: Person) -> None:
    """With its own type."""
    assert person.types("config", "get", "cadence.windows", "--json").json == ["09:30-20:30"]
    assert person.types("config", "get", "quiet.when_locked", "--json").json is True
    assert person.types("config", "get", "pace", "--json").json == {
        "ramp_up": True,
        "back_off": True,
    }


@pytest.mark.parametrize("command", [["get"], ["unset"], ["set"]])
def test_a_mistyped_key_is_answered_with_the_nearest(person: Person, command: list[str]) -> None:
    """On standard error, with exit code 1."""
    value = ["2h"] if command == ["set"] else []
    ran = person.types("config", *command, "cadance.min_gp", *value)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == '"cadance.min_gp" is not a setting.\nDid you mean cadence.min_gap?\n'


def test_set_and_unset_tell_what_they_did(person: Person) -> None:
    """With what it was before."""
    assert (
        person.types("config", "set", "cadence.max_per_day", "5").out == "cadence.max_per_day = 5\n"
    )
    changed = person.types("config", "set", "cadence.max_per_day", "6")
    assert changed.out == "cadence.max_per_day = 6 (it was 5)\n"
    same = person.types("config", "set", "cadence.max_per_day", "6")
    assert same.out == "cadence.max_per_day was 6 already.\n"
    assert "\nmax_per_day = 6 " in person.config.read_text()
    gone = person.types("config", "unset", "cadence.max_per_day")
    assert gone.out == "cadence.max_per_day has its default again: 4\n"
    again = person.types("config", "unset", "cadence.max_per_day")
    assert again.out == "cadence.max_per_day does not stand in the file; its default is 4\n"
    assert again.code == 0


def test_what_is_set_is_got_back_as_it_was_written(person: Person) -> None:
    """In the person's own spelling."""
    person.types("config", "set", "cadence.min_gap", "1", "h", "30", "min")
    assert person.types("config", "get", "cadence.min_gap").out == "1 h 30 min\n"
    person.types("config", "set", "cadence.windows", "Mon-Fri 9-12", "sat 11:00-16:00")
    assert person.types("config", "get", "cadence.windows").out == "Mon-Fri 9-12\nsat 11:00-16:00\n"


def test_a_value_that_is_not_allowed_is_not_written(person: Person) -> None:
    """A number below zero is no option either."""
    ran = person.types("config", "set", "cadence.random_per_day", "-1")
    assert ran.code == 1
    assert 'cadence.random_per_day: found "-1"; allowed: a whole number from 0 to 12.' in ran.err
    assert not person.config.exists()


@pytest.mark.parametrize("words", [("cadence.min_gap",), ()])
def test_set_without_a_value_is_wrong_usage(person: Person, words: tuple[str, ...]) -> None:
    """With exit code 2, and what is missing."""
    ran = person.types("config", "set", *words)
    assert ran.code == 2
    assert ("config set cadence.min_gap VALUE" if words else "KEY") in ran.err


@pytest.mark.parametrize(
    ("words", "got"),
    [
        (("cadence.min_gap=2h",), "2h\n"),
        (("cadence.min_gap", "=", "2h"), "2h\n"),
        (("cadence.min_gap=", "2h"), "2h\n"),
        (("cadence.min_gap", "=2h"), "2h\n"),
        (('cadence.min_gap="2h"',), "2h\n"),
        (("cadence.windows=mon-fri 9-12", "sat 11-16"), "mon-fri 9-12\nsat 11-16\n"),
        (("quiet.when_away=",), "\n"),
        (("quiet.when_away", "=", ""), "\n"),
    ],
)
def test_set_with_an_equals_sign(person: Person, words: tuple[str, ...], got: str) -> None:
    """As it stands in the file."""
    assert person.types("config", "set", *words).code == 0
    key = words[0].partition("=")[0]
    assert person.types("config", "get", key).out == got


def test_set_says_when_the_environment_wins(person: Person) -> None:
    """Else nothing would seem to happen."""
    person.monkeypatch.setenv("REMINDERD_CADENCE__MIN_GAP", "1h")
    ran = person.types("config", "set", "cadence.min_gap", "2h")
    assert "REMINDERD_CADENCE__MIN_GAP is set too, and wins over the file" in ran.out
    assert "2h" in person.config.read_text()


def test_set_says_what_there_is_no_room_for(person: Person) -> None:
    """Twelve moments, of which a day may have four."""
    ran = person.types("config", "set", "cadence.random_per_day", "12")
    assert "Not planned on any day: 8 random moments" in ran.out


def test_set_works_beside_a_mistyped_variable(person: Person) -> None:
    """The file is all right; the variable is told."""
    person.monkeypatch.setenv("REMINDERD_CADANCE__MIN_GAP", "1h")
    ran = person.types("config", "set", "cadence.max_per_day", "5")
    assert ran.code == 0
    assert "REMINDERD_CADANCE__MIN_GAP is not known" in ran.err
    assert person.config.exists()


def test_check_tells_all_that_is_wrong(person: Person) -> None:
    """On standard error, with exit code 1; as JSON too."""
    person.has(BAD + "foo = 1\n")
    ran = person.types("config", "check")
    assert ran.code == 1
    assert f'{person.config}:2: cadence.min_gp = "2h" is not known; did you mean' in ran.err
    assert f"{person.config}:3: cadence.foo = 1 is not known" in ran.err
    as_json = person.types("config", "check", "--json")
    assert as_json.code == 1
    assert as_json.json["ok"] is False
    assert len(as_json.json["problems"]) == 2


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("[cadence]\nwindows = []\n", "Nothing is planned"),
        ("[cadence]\nrandom_per_day = 0\n", "Nothing is planned"),
        ('[cadence]\nat = ["sat 23:00"]\n', "Not planned on sat: 1 fixed time, because"),
        ('[practice]\ndecks = ["letting-peple-in"]\n', "did you mean letting-people-in?"),
        ("[practice]\ntips = []\n", "No prompt may come"),
        ('[notification]\nsound = "/no/such.oga"\n', "There is no file /no/such.oga"),
    ],
)
def test_check_tells_what_may_surprise(person: Person, text: str, remark: str) -> None:
    """It is allowed, so the exit code is 0."""
    person.has(text)
    ran = person.types("config", "check")
    assert ran.code == 0
    assert f"All is well with {person.config}." in ran.out
    assert remark in ran.out
    assert any(remark in line for line in person.types("config", "check", "--json").json["remarks"])


def test_check_is_content_with_the_defaults(person: Person) -> None:
    """There is nothing to say about them."""
    ran = person.types("config", "check")
    assert (ran.code, ran.out) == (
        0,
        f"There is no {person.config}: every setting has its default.\n",
    )
    assert person.types("config", "check", "--json").json == {
        "ok": True,
        "problems": [],
        "remarks": [],
    }


def test_edit_makes_a_file_that_explains_itself(person: Person) -> None:
    """And tells that all is well."""
    person.edits_with("sed -i 's/^# max_per_day = 4/max_per_day = 3/'")
    ran = person.types("config", "edit")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"All is well with {person.config}.\n"
    assert person.types("config", "get", "cadence.max_per_day").out == "3\n"
    person.edits_with("true")
    assert person.types("config", "edit").out == "Nothing has changed.\n"


def test_edit_tells_what_is_wrong_after(person: Person) -> None:
    """In a script it ends there, with exit code 1."""
    person.has('[cadence]\nmin_gap = "2h"\n')
    person.edits_with("sed -i s/2h/2x/")
    ran = person.types("config", "edit")
    assert ran.code == 1
    assert f'{person.config}:2: cadence.min_gap: found "2x"' in ran.err


@pytest.mark.parametrize("editor", ["no-such-editor", "'unclosed"])
def test_edit_makes_no_file_without_an_editor(person: Person, editor: str) -> None:
    """And says what to do."""
    person.edits_with(editor)
    ran = person.types("config", "edit")
    assert ran.code == 1
    assert "Set EDITOR" in ran.err
    assert not person.config.exists()


def test_an_editor_that_fails_is_told(person: Person) -> None:
    """Rather than taken for a change."""
    person.has("")
    person.edits_with("false")
    assert "false ended with an error (1)" in person.types("config", "edit").err


@pytest.mark.parametrize(
    ("answers", "code", "content"), [("y\n", 0, '[cadence]\nmin_gap = "2hh"\n'), ("n\n", 1, BAD)]
)
def test_on_a_terminal_edit_offers_to_open_it_again(
    person: Person, tmp_path: Path, answers: str, code: int, content: str
) -> None:
    """Until it can be used, or until the person has had enough."""
    person.has(BAD)
    editor = tmp_path / "editor"
    # The first time it leaves the mistake, the second time it mends it.
    editor.write_text(
        f'#!/bin/sh\nif [ -e {tmp_path}/again ]; then printf "[cadence]\\n" > "$1"; fi\n'
        f"touch {tmp_path}/again\n"
    )
    editor.chmod(0o755)
    person.edits_with(str(editor))
    main, side = pty.openpty()
    program = [sys.executable, "-m", "reminderd", "config", "edit"]
    with watched(
        lambda: subprocess.Popen(program, stdin=side, stdout=side, stderr=side)
    ) as running:
        os.close(side)
        os.write(main, answers.encode())
        assert running.wait(60) == code
    said = os.read(main, 65536).decode()
    os.close(main)
    assert "cadence.min_gp" in said
    assert "Open it again?" in said
    assert person.config.read_text() == ("[cadence]\n" if code == 0 else content)


# prompts


ONE = """\
[[prompt]]
id = "mine"
tip = "my-theme"
basis = "my.point"
when = "now"
needs = "someone"
title = "My title"
body = "My body."
cue = "If this, then I do that."
gentler = "Less."
"""


def test_list_groups_prompts_by_deck_and_tip(person: Person) -> None:
    """Decks that are on first, each prompt with its state."""
    listed = person.types("prompts", "list").out
    lines = listed.split("\n")
    assert lines[0] == "letting-people-in"
    assert "music-practice (off)" in lines
    assert "  take-it-slow" in lines
    assert any(line.split()[:2] == ["kind-small-beginning", "on"] for line in lines)
    assert any(line.split()[:2] == ["music-half-tempo", "off"] for line in lines)
    assert "82 of 90 may come." in listed


def test_list_as_json(person: Person) -> None:
    """Every prompt, with what it is and whether it may come."""
    listed = {one["id"]: one for one in person.types("prompts", "list", "--json").json}
    assert len(listed) == 90
    one = listed["music-half-tempo"]
    assert (one["deck"], one["on"], one["own"]) == ("music-practice", False, False)
    assert one["off_because"] == "the deck music-practice is off"
    assert listed["kind-small-beginning"]["off_because"] is None


def test_list_of_one_tip_or_deck(person: Person) -> None:
    """A mistyped one is answered with the nearest."""
    listed = person.types("prompts", "list", "--tip", "take-it-slow", "--json").json
    assert {one["tip"] for one in listed} == {"take-it-slow"}
    listed = person.types("prompts", "list", "--deck", "music-practice", "--json").json
    assert {one["deck"] for one in listed} == {"music-practice"}
    ran = person.types("prompts", "list", "--tip", "take-it-slw")
    assert ran.err == "There is no tip named take-it-slw.\nDid you mean take-it-slow?\n"
    assert ran.code == 1


def test_looking_makes_no_database(person: Person) -> None:
    """Reading a list is no beginning."""
    person.types("prompts", "list")
    assert not paths.database_file().exists()


def test_list_tells_of_a_bad_deck_and_lists_the_rest(person: Person) -> None:
    """One bad deck never stops the others."""
    person.owns("good.toml", ONE)
    bad = person.owns("bad.toml", ONE.replace("My body.", "x" * 141))
    ran = person.types("prompts", "list", "--json")
    assert ran.code == 0
    assert "mine" in {one["id"] for one in ran.json}
    assert f'{bad}:8: prompt "mine", body: found "xxx' in ran.err


def test_show_prints_a_prompt_in_full(person: Person) -> None:
    """As text and as JSON; a mistyped id is answered with the nearest."""
    person.owns("good.toml", ONE)
    shown = person.types("prompts", "show", "mine").out
    for part in ("My title", "My body.", "If this, then I do that.", "Less.", "my-theme", "off:"):
        assert part in shown
    assert person.types("prompts", "show", "mine", "--json").json["body"] == "My body."
    assert "Did you mean mine?" in person.types("prompts", "show", "mein").err


def test_check_goes_through_all_decks(person: Person) -> None:
    """A deck of one's own that is off is easily forgotten."""
    path = person.owns("good.toml", ONE)
    ran = person.types("prompts", "check")
    assert ran.code == 0
    assert f"{path}: 1 prompt, all is well.\n" in ran.out
    assert "The deck good is off. To switch it on: reminderd prompts enable good" in ran.out
    assert len(person.types("prompts", "check", "--json").json) == len(
        [*prompts_dir().glob("*.toml"), path]
    )


def test_check_of_a_file_tells_all_its_mistakes(person: Person, tmp_path: Path) -> None:
    """With exit code 1, also as JSON; the good ones beside it are told too."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ONE)
    bad.write_text(ONE.replace('"now"', '"soon"') + "foo = 1\n")
    ran = person.types("prompts", "check", str(good), str(bad), str(tmp_path / "none.toml"))
    assert ran.code == 1
    assert f"{good}: 1 prompt, all is well." in ran.out
    short = f"{tmp_path.name}/bad.toml"
    assert f'{short}:5: prompt "mine", when: found "soon"' in ran.err
    assert f'{short}:11: prompt "mine", foo = 1 is not known' in ran.err
    assert ran.err.count(str(bad)) == 1
    assert f"There is no file {tmp_path / 'none.toml'}." in ran.err
    as_json = person.types("prompts", "check", str(bad), "--json")
    assert as_json.code == 1
    assert len(as_json.json[0]["problems"]) == 2
    assert as_json.json[0]["path"] == str(bad)


def test_check_of_a_bad_own_deck_fails(person: Person) -> None:
    """The others are told as well."""
    person.owns("bad.toml", "")
    ran = person.types("prompts", "check")
    assert ran.code == 1
    assert "the deck is empty" in ran.err
    assert "all is well" in ran.out


def test_check_tells_of_ones_own_decks_first(person: Person) -> None:
    """What is wrong before all, and what came with reminderd last."""
    good = person.owns("good.toml", ONE)
    person.owns("other.toml", ONE)
    ran = person.types("prompts", "check")
    assert ran.out.startswith(f"{good}: 1 prompt, all is well.\n")
    assert len(ran.err.strip().split("\n")) == 2
    assert "Remove one of the two files" in ran.err
    as_json = json.loads(person.types("prompts", "check", "--json").out)
    assert [one["path"] for one in as_json[:2]] == [str(person.prompts / "other.toml"), str(good)]


def test_edit_copies_a_bundled_prompt(person: Person) -> None:
    """The copy takes its place, and says so."""
    person.edits_with("sed -i 's/^title = .*/title = \"Mine\"/'")
    ran = person.types("prompts", "edit", "kind-small-beginning")
    path = person.prompts / "kind-small-beginning.toml"
    assert ran.code == 0
    assert str(path) in ran.out
    shown = person.types("prompts", "show", "kind-small-beginning", "--json").json
    assert (shown["title"], shown["own"], shown["first"]) == ("Mine", True, True)
    assert path.stat().st_mode & 0o777 == 0o600
    person.edits_with("sed -i s/Mine/Yours/")
    person.types("prompts", "edit", "kind-small-beginning")
    shown = person.types("prompts", "show", "kind-small-beginning", "--json").json
    assert shown["title"] == "Yours"


@pytest.mark.parametrize("editor", ["true", "false"])
def test_edit_leaves_no_copy_of_what_was_not_changed(person: Person, editor: str) -> None:
    """Else updates of that prompt would never be seen."""
    person.edits_with(editor)
    person.types("prompts", "edit", "kind-small-beginning")
    assert list(person.prompts.iterdir()) == []


def test_edit_tells_what_is_wrong_with_the_copy(person: Person) -> None:
    """It is left as it is, to be mended; the bundled one is used until then."""
    person.edits_with("sed -i s/^title/titel/")
    ran = person.types("prompts", "edit", "kind-small-beginning")
    assert ran.code == 1
    assert "titel" in ran.err
    assert "did you mean title?" in ran.err
    assert not person.types("prompts", "show", "kind-small-beginning", "--json").json["own"]
    person.edits_with("sed -i s/^titel.*/title=\\'Mine\\'/")
    assert person.types("prompts", "edit", "kind-small-beginning").code == 0


def test_a_deck_is_switched_on_and_off(person: Person) -> None:
    """In the settings, whose comments stay."""
    person.has("# mine\n[practice]\n# decks\ndecks = ['letting-people-in'] # these\n")
    ran = person.types("prompts", "enable", "music-practice")
    assert (ran.code, ran.out) == (0, "music-practice is on.\n")
    assert person.config.read_text() == (
        '# mine\n[practice]\n# decks\ndecks = ["letting-people-in", "music-practice"] # these\n'
    )
    person.types("prompts", "disable", "letting-people-in")
    assert person.types("config", "get", "practice.decks").out == "music-practice\n"
    ran = person.types("prompts", "disable", "music-practice")
    assert "No prompt may come" in ran.out


def test_a_tip_is_switched_off_and_on(person: Person) -> None:
    """When all are on again, those to come are on too."""
    person.types("prompts", "disable", "talk-with-a-therapist")
    chosen = person.types("config", "get", "practice.tips").out.split()
    assert "talk-with-a-therapist" not in chosen
    assert "take-it-slow" in chosen
    listed = person.types("prompts", "list", "--tip", "talk-with-a-therapist", "--json").json
    assert {one["off_because"] for one in listed} == {"the tip talk-with-a-therapist is off"}
    person.types("prompts", "enable", "talk-with-a-therapist")
    assert person.types("config", "get", "practice.tips").out == "*\n"


def test_a_prompt_is_switched_off_and_on(person: Person) -> None:
    """That is remembered beside the answers, not in the settings."""
    assert person.types("prompts", "disable", "kind-small-beginning").code == 0
    shown = person.types("prompts", "show", "kind-small-beginning", "--json").json
    assert (shown["on"], shown["off_because"]) == (False, "it is switched off")
    assert not person.config.exists()
    person.types("prompts", "enable", "kind-small-beginning")
    assert person.types("prompts", "show", "kind-small-beginning", "--json").json["on"]
    ran = person.types("prompts", "enable", "music-half-tempo")
    assert "does not come yet: the deck music-practice is off" in ran.out


def test_a_name_that_means_several_things_is_asked_about(person: Person) -> None:
    """A deck may be called like a tip."""
    person.owns("my-theme.toml", ONE)
    ran = person.types("prompts", "enable", "my-theme")
    assert ran.code == 1
    assert ran.err == (
        "my-theme is the name of a deck and of a tip.\nSay which: --as deck or --as tip.\n"
    )
    person.types("prompts", "enable", "my-theme", "--as", "deck")
    assert "my-theme" in person.types("config", "get", "practice.decks").out


def test_what_does_not_exist_cannot_be_switched(person: Person) -> None:
    """It is answered with the nearest."""
    ran = person.types("prompts", "disable", "talk-with-therapist")
    assert ran.code == 1
    assert "There is no deck, tip or prompt named talk-with-therapist." in ran.err
    assert "Did you mean talk-with-a-therapist?" in ran.err
    assert person.types("prompts", "enable", "mine", "--as", "prompt").code == 1


def test_switching_says_when_the_environment_wins(person: Person) -> None:
    """The change stands in the file, and waits there."""
    person.monkeypatch.setenv("REMINDERD_PRACTICE__DECKS", "letting-people-in")
    ran = person.types("prompts", "enable", "music-practice")
    assert "REMINDERD_PRACTICE__DECKS is set too, and wins" in ran.out


def test_alone_only_is_told_as_a_reason(person: Person) -> None:
    """Nobody wonders where the others went."""
    person.has('[practice]\nalone_only = true\ndecks = ["*"]\n')
    person.owns("good.toml", ONE)
    assert "alone_only" in person.types("prompts", "show", "mine", "--json").json["off_because"]


def test_set_and_unset_as_json(person: Person) -> None:
    """What it was, what it is, and what may surprise; nothing else on standard output."""
    key = "cadence.random_per_day"
    first = person.types("config", "set", key, "12", "--json").json
    assert (first["key"], first["before"], first["after"]) == (key, None, 12)
    assert any("Not planned on any day" in line for line in first["remarks"])
    second = person.types("config", "set", "--json", key, "3").json
    assert second == {"key": key, "before": 12, "after": 3, "remarks": []}
    gone = person.types("config", "unset", key, "--json").json
    assert gone == {"key": key, "before": 3, "after": None, "default": 2, "remarks": []}
    person.monkeypatch.setenv("REMINDERD_CADENCE__MIN_GAP", "1h")
    ran = person.types("config", "set", "cadence.min_gap", "2h", "--json").json
    assert "wins over the file" in ran["remarks"][0]


def test_unset_of_a_mistyped_key_as_json(person: Person) -> None:
    """It has no default."""
    person.has(BAD)
    gone = person.types("config", "unset", "cadence.min_gp", "--json").json
    assert gone == {
        "key": "cadence.min_gp",
        "before": "2h",
        "after": None,
        "default": None,
        "remarks": [],
    }


def test_switching_as_json(person: Person) -> None:
    """What it is, whether it is on, and what may surprise."""
    ran = person.types("prompts", "disable", "talk-with-a-therapist", "--json")
    assert ran.json == {
        "name": "talk-with-a-therapist",
        "sort": "tip",
        "on": False,
        "remarks": [],
    }
    ran = person.types("prompts", "enable", "music-half-tempo", "--json")
    assert (ran.json["sort"], ran.json["on"]) == ("prompt", True)
    assert "the deck music-practice is off" in ran.json["remarks"][0]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"random_per_day": "0"}, ("random_per_day is 0",)),
        ({"windows": ""}, ("windows is empty",)),
        ({"windows": "", "random_per_day": "0"}, ("windows is empty", "random_per_day is 0")),
    ],
)
def test_what_is_zero_or_empty_is_named(
    person: Person, changes: dict[str, str], named: tuple[str, ...]
) -> None:
    """Nobody looks for a window that is there."""
    for key, value in changes.items():
        person.types("config", "set", f"cadence.{key}", value)
    said = person.types("config", "check").out
    (line,) = [one for one in said.splitlines() if one.startswith("Nothing is planned")]
    for part in (*named, "at is empty"):
        assert f"cadence.{part}" in line
    assert ("windows" in line) == ("windows" in changes)


@pytest.mark.parametrize("words", [("config", "edit"), ("prompts", "edit", "kind-small-beginning")])
def test_no_editor_is_opened_without_a_terminal(person: Person, words: tuple[str, ...]) -> None:
    """Else it would wait for keys that nobody can type."""
    person.monkeypatch.delenv("EDITOR", raising=False)
    person.monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("one was opened"))
    person.monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    ran = person.types(*words)
    assert ran.code == 1
    assert "There is no terminal" in ran.err
    assert "EDITOR" in ran.err
    assert not person.config.exists()
    assert not person.prompts.exists()


# both


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=f"{group.name} {name}")
        for group in (config, prompts)
        for name, command in group.commands.items()
    ],
)
def test_every_command_has_help_with_an_example(command: click.Command) -> None:
    """The first line says in few words what it does."""
    assert command.help
    first = command.help.split("\n")[0]
    assert first.endswith(".")
    assert len(first) < 100
    assert f" {command.name}" in command.help[command.help.index("Example") :]


def test_ids_in_examples_exist(person: Person) -> None:
    """An example that is typed as it stands works."""
    for name in ("show", "edit"):
        example = str(prompts.commands[name].help).strip().split("\n")[-1].split()
        assert example[:3] == ["reminderd", "prompts", name]
        assert person.types("prompts", "show", example[3]).code == 0
