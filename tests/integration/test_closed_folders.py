"""A folder of the person's that was closed to them: it is told as that, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.integration.daemons import QUIET_CONFIG, REMINDERD, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.daemons import Home

pytest_plugins = ["tests.integration.daemons"]

BOUND = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""What makes root heed the modes of its own files, as everybody else has to."""


@pytest.fixture
def lived_in(home: Home) -> Home:
    """A home that has settings and a history."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    return home


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Close a folder to everybody for a while."""
    before = folder.stat().st_mode
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(before)


def run(home: Home, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command that heeds modes."""
    return subprocess.run(
        [*BOUND, *REMINDERD, *args],
        check=False,
        capture_output=True,
        env=home.env,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("folder", [".local", ".local/share"])
@pytest.mark.parametrize(
    "command",
    [
        *(("config", "check"), ("prompts", "list"), ("prompts", "check")),
        *(("prompts", "edit", "slow-small-ask"), ("setup", "--yes"), ("service", "status")),
    ],
    ids=" ".join,
)
def test_a_closed_data_folder_is_told(
    command: tuple[str, ...], folder: str, lived_in: Home
) -> None:
    place = lived_in.folder / folder
    with closed(place):
        said = run(lived_in, *command)
    assert said.returncode == 1
    what, way_out = said.stderr.splitlines()
    assert what == f"{place} cannot be used: Permission denied."
    assert way_out == f"To open it to you again: chmod u+rwX {place}"


@pytest.mark.parametrize("command", ["status", "uninstall"])
def test_a_closed_config_folder_is_told_of_the_service(command: str, lived_in: Home) -> None:
    place = lived_in.folder / ".config"
    with closed(place):
        said = run(lived_in, "service", command)
    assert (said.returncode, f"chmod u+rwX {place}" in said.stderr) == (1, True), said.stderr


@pytest.mark.parametrize("folder", [".config", ".config/reminderd"])
def test_an_erasing_ends_well_with_closed_settings(folder: str, lived_in: Home) -> None:
    """They stay, whatever they are."""
    assert run(lived_in, "note", "--note=hello").returncode == 0
    with closed(lived_in.folder / folder):
        said = run(lived_in, "erase", "--yes")
    assert (said.returncode, said.stderr) == (0, "")
    assert "Your settings and your own decks stay" in said.stdout


def test_a_setting_is_set_also_where_the_daemon_cannot_be_told(lived_in: Home) -> None:
    with closed(lived_in.folder / ".local"):
        said = run(lived_in, "config", "set", "cadence.max_per_day", "3")
    assert (said.returncode, said.stderr) == (0, "")
    assert "max_per_day = 3" in lived_in.config.read_text("utf-8")


@pytest.mark.parametrize(
    "command",
    [
        *(("status",), ("service", "status"), ("service", "uninstall")),
        *(("note", "--note=hello"), ("pause", "2h")),
    ],
    ids=" ".join,
)
def test_a_closed_session_folder_is_as_none(command: tuple[str, ...], lived_in: Home) -> None:
    """Also while a daemon listens in it: what is stored is acknowledged."""
    with lived_in.daemon():
        eventually(lived_in.running, "the daemon runs")
        with closed(lived_in.folder / "run"):
            said = run(lived_in, *command)
    assert (said.returncode, said.stderr) == (0, "")


def test_the_daemon_starts_with_a_closed_session_folder(lived_in: Home) -> None:
    with (
        closed(lived_in.folder / "run"),
        lived_in.daemon((*BOUND, *REMINDERD, "run")) as daemon,
    ):
        eventually(lambda: "reminderd is running." in daemon.complained(), "the daemon runs")
        said = run(lived_in, "status")
    assert (said.returncode, "reminderd is running." in said.stdout) == (0, True), said.stderr


def test_a_daemon_bears_it_that_its_settings_are_closed(lived_in: Home) -> None:
    """It tells what is the matter, and takes the settings up again once they are opened."""
    with lived_in.daemon((*BOUND, *REMINDERD, "run")) as daemon:
        eventually(lived_in.running, "the daemon runs")
        with closed(lived_in.config.parent):
            said = run(lived_in, "config", "set", "cadence.max_per_day", "3")
            eventually(lambda: "Permission denied" in lived_in.run("status").stdout, "it is told")
        assert (said.returncode, "Permission denied" in said.stderr) == (1, True), said.stderr
        eventually(lambda: not lived_in.json("status")["problems"], "the settings hold again")
        assert "Traceback" not in daemon.complained()
