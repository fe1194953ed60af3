"""setup, run and about: from nothing to a good start in five questions."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd import __version__
from reminderd.adapters import autostart, service, systemd_unit
from reminderd.adapters.service import Standing
from reminderd.adapters.systemd_unit import LOGIN, Unit
from reminderd.cli import look, questions, setting_up, start
from reminderd.cli.output import moment
from reminderd.cli.service import NEXT_SESSION, START_NOW
from reminderd.errors import ServiceError
from tests.cli.people import NOW
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person


class Asked:
    """The questions on a terminal of their own, answered in order.

    What runs here counts as a throw-away, so that the fifth is not asked, wherever this checkout
    lies.
    """

    def __init__(self, person: Person, *answers: str, yes: bool = False) -> None:
        self.said = ""
        person.extra["XDG_CACHE_HOME"] = "/"
        terminal = person.terminal("setup", *(["--yes"] if yes else []), columns=200)
        for answer in answers:
            terminal.expect(r"\]: ")
            self.said += f"{terminal.before}{terminal.after}"
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        self.said = " ".join(f"{self.said}{terminal.before}".split())
        terminal.close()
        self.code = terminal.exitstatus


def settings(person: Person, *keys: str) -> list[object]:
    """Return some settings as `config get` has them."""
    return [person.run("config", "get", key, "--json").json for key in keys]


ASKED_FOR = ("cadence.windows", "notification.discreet", "pace.back_off", "practice.alone_only")


@pytest.fixture
def no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without systemd."""

    def plan() -> Unit:
        raise ServiceError("This system has no systemd.", "Use its autostart.")

    monkeypatch.setattr(service, "plan", plan)


def test_enter_takes_what_stands_in_brackets(person: Person) -> None:
    """Four times Enter writes the defaults, and it says what comes next."""
    asked = Asked(person, "", "", "", "")
    assert asked.code == 0
    assert settings(person, *ASKED_FOR) == [["09:30-20:30"], "auto", True, False]
    assert str(person.config) in asked.said
    for said in (setting_up.HOW_TO_PAUSE, start.NO_TREATMENT, setting_up.WHAT_COMES):
        assert said in asked.said


def test_the_answers_become_settings(person: Person) -> None:
    """Each in its own words; a beginning is enough."""
    asked = Asked(person, "mon-fri 9:00-12:30, sat 11am-4pm", "y", "read", "al")
    assert settings(person, *ASKED_FOR) == [
        *(["mon-fri 09:00-12:30", "sat 11:00-16:00"], "always", False, True)
    ]
    for said in (questions.SAY_DISCREET, questions.SAY_READS, questions.SAY_ALONE):
        assert said in asked.said
    text = person.config.read_text("utf-8")
    assert text.count("\n#") > 10  # the other settings stand there with a word on each


@pytest.mark.parametrize("text", ["9-5", "mon-fri 9-5"])
def test_hours_that_could_mean_two_things_are_asked_again(text: str, person: Person) -> None:
    """Nobody is at the computer from nine until five in the morning by a slip."""
    asked = Asked(person, text, "9-17", "", "", "")
    assert '09:00-17:00"' in asked.said
    assert '09:00-05:00"' in asked.said
    assert settings(person, "cadence.windows") == [["09:00-17:00"]]


@pytest.mark.parametrize(
    ("typed", "told"),
    [("9am-5pm", True), ("9-17", True), ("09:00-17:00", False), (" 09:00-17:00 ", False)],
)
def test_what_was_understood_is_said_where_it_was_typed_otherwise(
    typed: str, told: bool, cli: Cli, person: Person, no_systemd: None
) -> None:
    """Hours that read as they will stand need no echo."""
    said = cli("setup", text=f"{typed}\n").out
    assert (questions.THAT_IS.format(windows="09:00-17:00") in said) is told


@pytest.mark.parametrize(
    ("screen", "button", "somebody", "kept"),
    [
        ("yeah", "Buttons", "with somebody", ["always", True, False]),
        ("nope", "mostly read", "alone for now", ["auto", False, True]),
        ("Yes.", "reading", "someone", ["always", False, False]),
        ("no", "answer", "by myself", ["auto", True, True]),
    ],
)
def test_obvious_answers_are_understood(
    screen: str,
    button: str,
    somebody: str,
    kept: list[object],
    cli: Cli,
    no_systemd: None,
) -> None:
    """In the words of the question."""
    said = cli("setup", text=f"\n{screen}\n{button}\n{somebody}\n")
    assert (said.code, said.err) == (0, "")
    assert [cli("config", "get", key, "--json").json for key in ASKED_FOR[1:]] == kept


@pytest.mark.parametrize(
    ("screen", "button", "somebody", "kept"),
    [("y", "b", "b", ["always", True, False]), ("n", "r", "a", ["auto", False, True])],
)
def test_the_first_letter_of_each_choice_answers(
    screen: str,
    button: str,
    somebody: str,
    kept: list[object],
    cli: Cli,
    no_systemd: None,
) -> None:
    """Whatever else begins with it."""
    said = cli("setup", text=f"\n{screen}\n{button}\n{somebody}\n")
    assert (said.code, said.err) == (0, "")
    assert [cli("config", "get", key, "--json").json for key in ASKED_FOR[1:]] == kept


@pytest.mark.parametrize(("letter", "is_installed"), [("y", True), ("n", False)])
def test_the_first_letter_answers_the_fifth_question_too(
    letter: str,
    is_installed: bool,
    cli: Cli,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the others."""
    unit = Unit(person.home / "reminderd.service", LOGIN, "[Unit]\n", person.home)
    standing = Standing(manager=True, unit=unit.path, enabled=True, active="active")
    monkeypatch.setattr(service, "plan", lambda: unit)
    monkeypatch.setattr(service, "install", lambda _: standing)
    said = cli("setup", text=f"\n\n\n\n{letter}\n").out
    assert ("comes back with every login" in said) is is_installed


def test_what_is_not_understood_is_asked_again(person: Person) -> None:
    """With what would be."""
    asked = Asked(person, "nine to five", "09:00-17:00", "perhaps", "no", "", "")
    assert asked.code == 0
    assert "Understood:" in asked.said
    assert "One of: yes, no." in asked.said
    assert settings(person, "cadence.windows") == [["09:00-17:00"]]


def test_the_settings_that_are_there_stay(person: Person) -> None:
    """They are what stands in brackets; comments and everything else stay as they are."""
    person.config.parent.mkdir(parents=True)
    before = (
        "# mine\n[cadence]\nwindows = ['10:00-12:00']  # mornings\nrandom_per_day = 1\n\n"
        '[notification]\ndiscreet = "never"\n'
    )
    person.config.write_text(before, "utf-8")
    assert "[10:00-12:00]" in Asked(person, "", "", "", "").said
    assert person.config.read_text("utf-8") == before
    Asked(person, "10:00-13:00", "", "read", "")
    after = person.config.read_text("utf-8")
    assert "# mine" in after
    assert "# mornings" in after
    values = settings(person, *ASKED_FOR, "cadence.random_per_day")
    assert values == [["10:00-13:00"], "never", False, False, 1]


def test_a_machine_with_a_history_is_welcomed_back(person: Person) -> None:
    """And the history is kept."""
    identifier = person.brought()
    asked = Asked(person, "", "", "", "")
    assert setting_up.WELCOME_BACK in asked.said
    assert setting_up.WHAT_COMES not in asked.said
    assert [one["id"] for one in person.run("history", "--json").json] == [identifier]


def test_hours_without_room_are_told(person: Person) -> None:
    """Whoever is there at night only hears of the quiet hours."""
    asked = Asked(person, "22:00-23:30", "", "", "")
    assert "Quiet hours are 21:30-08:00" in asked.said
    assert "config set quiet.hours" in asked.said


def test_without_a_terminal_it_says_how(cli: Cli, person: Person) -> None:
    """Nothing is written."""
    said = cli("setup")
    assert said.code == 1
    assert "setup --yes" in said.err
    assert not person.config.exists()


def test_yes_asks_nothing(cli: Cli, person: Person, no_systemd: None) -> None:
    """And where systemd is not there, it says so."""
    said = cli("setup", "--yes")
    assert (said.code, said.err) == (0, "")
    assert "]:" not in said.out
    assert "This system has no systemd.\nUse its autostart.\n" in said.out
    assert setting_up.HOW_TO_RUN in said.out
    assert person.config.exists()


def test_without_systemd_the_desktop_session_starts_it(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fifth question holds there too; how to start it meanwhile is said once."""
    monkeypatch.setattr(service, "find_launcher", lambda: Path("/usr/bin/reminderd"))
    monkeypatch.setenv("PATH", str(person.home))
    said = cli("setup", "--yes")
    assert (said.code, said.err) == (0, "")
    assert f"{NEXT_SESSION} {START_NOW}\n" in said.out
    assert said.out.count("reminderd run") == 1
    assert autostart.entry_file().exists()
    assert questions.STILL_AT_LOGIN in cli("setup", text="\n\n\n\nn\n").out.replace("\n", " ")


def test_an_interrupted_setup_writes_nothing(person: Person) -> None:
    """Ctrl+C in the middle leaves all as it was."""
    terminal = person.terminal("setup")
    terminal.expect(r"\]: ")
    terminal.sendline("")
    terminal.expect(r"\]: ")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert str(terminal.before).endswith(f"\r\n{setting_up.NOTHING_CHANGED}\r\n")
    assert not person.config.exists()


def test_the_service_is_installed_once_the_settings_are_there(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts with them."""
    unit = Unit(person.home / "reminderd.service", LOGIN, "[Unit]\n", person.home)
    standing = Standing(manager=True, unit=unit.path, enabled=True, active="active")

    def install(_: Unit) -> Standing:
        assert person.config.exists()
        return standing

    monkeypatch.setattr(service, "plan", lambda: unit)
    monkeypatch.setattr(service, "install", install)
    said = cli("setup", "--yes")
    assert "comes back with every login" in said.out
    assert setting_up.HOW_TO_RUN not in said.out


def test_who_does_not_want_the_service_gets_none(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fifth question takes a no."""
    monkeypatch.setattr(service, "plan", lambda: Unit(person.home / "unit", LOGIN, "", person.home))
    said = cli("setup", text="\n\n\n\nn\n")
    assert said.code == 0
    assert questions.ASK_LOGIN in said.out
    assert setting_up.HOW_TO_RUN in said.out
    assert not (person.home / "unit").exists()
    assert questions.STILL_AT_LOGIN not in said.out
    systemd_unit.unit_file().parent.mkdir(parents=True)
    systemd_unit.unit_file().write_text("[Unit]\n")
    assert questions.STILL_AT_LOGIN in cli("setup", text="\n\n\n\nn\n").out


def test_a_service_that_does_not_start_is_told(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is done all the same."""

    def install(_: Unit) -> Standing:
        raise ServiceError("It does not start.", "Its log says more.")

    monkeypatch.setattr(service, "plan", lambda: Unit(person.home / "unit", LOGIN, "", person.home))
    monkeypatch.setattr(service, "install", install)
    said = cli("setup", "--yes")
    assert said.code == 0
    assert "It does not start.\nIts log says more.\n" in said.out
    assert setting_up.HOW_TO_RUN in said.out


def test_a_service_without_a_manager_is_told_how_to_run(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and with nothing that is not so."""
    unit = Unit(person.home / "reminderd.service", LOGIN, "[Unit]\n", person.home)
    standing = Standing(manager=False, unit=unit.path, enabled=True)
    monkeypatch.setattr(service, "plan", lambda: unit)
    monkeypatch.setattr(service, "install", lambda _: standing)
    said = cli("setup", "--yes").out
    assert said.count("reminderd run\n") == 1
    assert "next login" not in said


def test_broken_settings_are_told_first(cli: Cli, person: Person, no_systemd: None) -> None:
    """Before any question, with file and line."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text("[cadence\n", "utf-8")
    said = cli("setup", "--yes")
    assert said.code == 1
    assert "config.toml:1" in said.err
    assert person.config.read_text("utf-8") == "[cadence\n"


# about


def test_about_says_what_it_is_and_is_not(cli: Cli, person: Person) -> None:
    """Version, licence, no treatment and no crisis service, and where things are kept."""
    said = cli("about").out
    assert said.startswith(f"reminderd {__version__}, free software under the MIT licence\n")
    assert start.NO_TREATMENT in said
    for place in (person.config, person.config.parent / "prompts", person.database):
        assert str(place) in said


def test_about_makes_nothing(cli: Cli, person: Person) -> None:
    """Looking leaves no trace."""
    cli("about")
    assert [one.name for one in person.home.iterdir()] == ["run"]


# run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_ends_when_told_to(
    number: signal.Signals, person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """Ctrl+C and systemd's way both end it well."""
    daemon.send_signal(number)
    assert daemon.wait(20) == 0


def test_a_second_run_is_an_expected_failure(
    person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """It says that one runs, how to see it, and how to end it; which is true."""
    said = person.run("run")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "reminderd is already running for you.\n"
        "To see how it stands: reminderd status\n"
        f"To end it: kill {daemon.pid}\n"
    )
    subprocess.run(said.err.splitlines()[-1].removeprefix("To end it: ").split(), check=True)
    assert daemon.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_ends_well_while_it_still_begins(number: signal.Signals, person: Person) -> None:
    """The lock is held, so it says that it runs; there is no loop yet to hear a signal."""
    script = (
        "import os, sys\n"
        "from reminderd import launch\n"
        f"launch.open_store = lambda: os.kill(os.getpid(), {number:d})\n"
        "sys.exit(launch.run())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=person.env, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_run_collects_its_garbage(person: Person) -> None:
    """The collector is off in short commands alone."""
    script = (
        "import gc, sys, types\n"
        "launch = types.ModuleType('reminderd.launch')\n"
        "launch.run = lambda: print(gc.isenabled()) or 7\n"
        "sys.modules['reminderd.launch'] = launch\n"
        "from reminderd.cli.main import main\n"
        "sys.argv = ['reminderd', 'run']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=person.env, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (7, b"True")


def test_the_first_lines_of_a_setup_are_short(person: Person) -> None:
    """Nobody reads a page before the first question."""
    asked = Asked(person, "", "", "", "")
    before, _, _ = asked.said.partition("1. When")
    assert len(before) < 160


def test_about_as_json(cli: Cli, person: Person) -> None:
    """Version, licence, places, and the words."""
    found = cli("about", "--json").json
    assert found == {
        "version": __version__,
        "licence": "MIT",
        "config": str(person.config),
        "prompts": str(person.config.parent / "prompts"),
        "database": str(person.database),
        "about": list(start.ABOUT),
    }


# Answers from a pipe


def test_answers_may_be_piped(cli: Cli, person: Person, no_systemd: None) -> None:
    """Line by line, as they are asked for."""
    said = cli("setup", text="mon-fri 9:00-12:30\ny\nread\nalone\n")
    assert (said.code, said.err) == (0, "")
    found = [cli("config", "get", key, "--json").json for key in ASKED_FOR]
    assert found == [["mon-fri 09:00-12:30"], "always", False, True]


@pytest.mark.parametrize("text", ["10:00-13:00", "10:00-13:00\n", "10:00-13:00\n\n"])
def test_the_end_of_a_pipe_takes_the_remaining_defaults(
    text: str, cli: Cli, person: Person, no_systemd: None
) -> None:
    """What was given counts."""
    assert cli("setup", text=text).code == 0
    found = [cli("config", "get", key, "--json").json for key in ASKED_FOR]
    assert found == [["10:00-13:00"], "auto", True, False]


@pytest.mark.parametrize("text", ["y\n" * 1000, "nine to five", "\nperhaps\n"])
def test_a_pipe_that_is_not_understood_ends_it(
    text: str, cli: Cli, person: Person, no_systemd: None
) -> None:
    """No endless questions, as in `yes | reminderd setup`; nothing is written."""
    said = cli("setup", text=text)
    assert said.code == 1
    assert "Understood:" in said.err or "One of: yes, no." in said.err
    assert not person.config.exists()


def test_bytes_that_are_no_text_are_no_defect(person: Person) -> None:
    """Nor is a standard input that is closed."""
    command = [sys.executable, "-m", "reminderd", "setup"]
    done = watched(
        lambda: subprocess.run(
            command, input=b"\xe9\n" * 9, capture_output=True, check=False, env=person.env
        )
    )
    assert (done.returncode, b"Understood:" in done.stderr) == (1, True)
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
    done = watched(lambda: subprocess.run(closed, capture_output=True, check=False, env=person.env))
    assert (done.returncode, b"setup --yes" in done.stderr) == (1, True)
    assert not person.config.exists()


def test_an_empty_input_leaves_no_trace(cli: Cli, person: Person) -> None:
    """Neither settings nor a database."""
    assert cli("setup").code == 1
    assert [one.name for one in person.home.iterdir()] == ["run"]


# What comes next


def test_a_repeated_setup_says_what_comes_next(cli: Cli, person: Person, no_systemd: None) -> None:
    """The first planned moment, as in `preview`."""
    person.brought(at_=NOW - timedelta(days=1))
    said = cli("setup", "--yes").out
    at = datetime.fromisoformat(cli("preview", "--json").json[0]["at"])
    assert setting_up.COMES_NEXT.format(at=moment(at, cli.present())) in said
    assert setting_up.WHAT_COMES not in said


def test_a_repeated_setup_knows_the_pause(cli: Cli, person: Person, no_systemd: None) -> None:
    """What lies in it does not come."""
    person.brought(at_=NOW - timedelta(days=1))
    cli("pause", "3d")
    said = cli("setup", "--yes").out
    assert "Paused until wed 11:00" in said
    coming = [datetime.fromisoformat(one["at"]) for one in cli("preview", "--json").json]
    first = next(at for at in coming if at >= NOW + timedelta(days=3))
    assert setting_up.COMES_NEXT.format(at=moment(first, cli.present())) in said


def test_a_repeated_setup_says_that_nothing_comes(
    cli: Cli, person: Person, no_systemd: None
) -> None:
    """Where the settings leave nothing."""
    person.brought(at_=NOW - timedelta(days=1))
    cli("config", "set", "cadence.random_per_day", "0")
    assert look.NOTHING_COMES in cli("setup", "--yes").out


def test_a_repeated_setup_says_why_no_prompt_may_come(
    cli: Cli, person: Person, no_systemd: None
) -> None:
    """In the words of `preview`, and with no moment beside them."""
    person.brought(at_=NOW - timedelta(days=1))
    cli("config", "set", "practice.tips", "")
    said = cli("setup", "--yes").out
    told = cli("preview").out.splitlines()[0]
    assert told.startswith("No prompt may come")
    assert f"\n{told}\n" in said
    assert setting_up.COMES_NEXT.partition("{")[0] not in said
