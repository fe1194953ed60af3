"""The help: complete, with examples, in sections, and at no cost."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING

import click
import pytest

from reminderd import __version__
from reminderd.cli.group import program
from reminderd.cli.main import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.people import Cli, Person

TABLE = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
CONTRACT = {
    *("setup", "run", "about", "service", "now", "show", "respond", "note", "status", "preview"),
    *("simulate", "why", "history", "pause", "resume", "config", "prompts", "export", "import"),
    *("backup", "erase", "uninstall"),
}
SLOW = {
    *("pydantic", "pydantic_settings", "apscheduler", "dbus_fast", "asyncio", "logging"),
    *("subprocess", "importlib.metadata", "difflib", "tomlkit", "tomllib", "plyer", "hashlib"),
    *("reminderd.core.model", "tempfile", "random", "socket"),
    *("reminderd.core.cadence", "reminderd.core.notice", "reminderd.adapters.store.deliveries"),
    "fsrs",
}
"""What no quick command may load."""
QUICK = [
    ("--version",),
    ("--help",),
    ("status",),
    ("show",),
    ("respond", "done", "--delivery", "last"),
    ("note", "--note=x"),
    ("pause", "2h"),
]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, those inside groups included."""
    context = click.Context(program)

    def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield name, command
        if isinstance(command, click.Group):
            for inner, one in command.commands.items():
                yield from below(f"{name} {inner}", one)

    for name in TABLE:
        command = program.get_command(context, name)
        assert command is not None
        yield from below(name, command)


EVERY = dict(commands())


def loaded_by(person: Person, *args: str) -> set[str]:
    """Return the modules that a command of one's own process has loaded at its end."""
    script = (
        "import sys\nfrom reminderd.cli.main import run\n"
        f"code = run({list(args)!r})\nprint(*sys.modules, sep='\\n', file=sys.stderr)\n"
        "sys.exit(code)"
    )
    # Coverage, which the whole run measures in every process, has modules of its own.
    env = {name: value for name, value in person.env.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, env=env, text=True
    )
    return set(done.stderr.split())


def test_the_table_has_the_commands_of_the_contract() -> None:
    """All of them, and none that belongs to a later version."""
    assert set(TABLE) == CONTRACT


@pytest.mark.parametrize("name", TABLE)
def test_the_table_says_what_the_command_says(name: str) -> None:
    """The one-liner that stands twice is the same twice."""
    module, line = TABLE[name]
    function = f"{name}_" if iskeyword(name) else name
    command: click.Command = getattr(import_module(f"reminderd.cli.{module}"), function)
    assert command.get_short_help_str(limit=200) == line


@pytest.mark.parametrize("name", EVERY)
def test_every_command_has_help_with_an_example(name: str, cli: Cli) -> None:
    """Every one explains itself and shows how it is typed, in lines that stay lines."""
    said = cli(*name.split(), "--help")
    assert said.code == 0
    lines = [line.strip() for line in said.out.splitlines()]
    head = next(line for line in lines if line in {"Example:", "Examples:"})
    assert lines[lines.index(head) + 1].startswith(f"reminderd {name}")
    assert "\\b" not in said.out


@pytest.mark.parametrize("name", EVERY)
def test_every_parameter_has_help(name: str) -> None:
    """Every option explains itself."""
    for option in EVERY[name].params:
        assert not isinstance(option, click.Option) or option.help, option.name


def test_the_help_is_in_sections(cli: Cli) -> None:
    """Each section is named, and its commands stand under it in their order."""
    said = cli("--help")
    places = [said.out.index(f"\n{section}:\n") for section in SECTIONS]
    assert places == sorted(places)
    listed = [line.split()[0] for line in said.out[places[0] :].splitlines() if line[:2] == "  "]
    assert listed == list(TABLE)


def test_h_is_help(cli: Cli) -> None:
    """The short form does as well."""
    assert cli("pause", "-h").out == cli("pause", "--help").out


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_command(option: str, person: Person) -> None:
    """They load neither a command nor the wiring."""
    ours = {name for name in loaded_by(person, option) if name.startswith("reminderd.")}
    assert ours == {
        *("reminderd.cli", "reminderd.cli.main", "reminderd.cli.group", "reminderd.errors")
    }


@pytest.mark.parametrize("args", QUICK, ids=" ".join)
def test_quick_commands_load_nothing_slow(args: tuple[str, ...], person: Person) -> None:
    """What answers at once does not wait for the daemon's and the settings' libraries."""
    person.brought()
    assert loaded_by(person, *args) & SLOW == set()


def test_the_usual_zone_needs_no_search(person: Person) -> None:
    """A zone that TZ or /etc/localtime names is read without the library for all other places."""
    assert "tzlocal" not in loaded_by(person, "status")


@pytest.mark.parametrize(
    ("typed", "meant"), [("statsu", "status"), ("paus", "pause"), ("prompt", "prompts")]
)
def test_a_mistyped_command_names_the_nearest(typed: str, meant: str, cli: Cli) -> None:
    """A slip of the finger is answered with what was probably meant."""
    said = cli(typed)
    assert said.code == 2
    assert f"'{meant}'" in said.err


def test_a_mistyped_option_names_the_nearest(cli: Cli) -> None:
    """So is one in an option."""
    said = cli("preview", "--dayz", "3")
    assert said.code == 2
    assert "--days" in said.err


@pytest.mark.parametrize("name", ["doctor"])
def test_what_comes_later_is_not_there_yet(name: str, cli: Cli) -> None:
    """Nothing is listed that does not work."""
    assert cli(name).code == 2
    assert f"\n  {name} " not in cli("--help").out


def test_the_version_is_the_packages(cli: Cli) -> None:
    """It is told in one line."""
    assert cli("--version").out == f"reminderd {__version__}\n"
