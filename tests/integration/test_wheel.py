"""The wheel, installed with pipx into an empty home: what a person gets who has no checkout."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.integration.no_network import watched
from tests.integration.user_manager import CHECKOUT, PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytest_plugins = ["tests.integration.user_manager"]
pytestmark = pytest.mark.xdist_group("installed")

FIRST_PRACTICE_SECONDS = 5


@dataclass(frozen=True)
class Installed:
    """A home in which pipx has installed reminderd, without a session around it."""

    home: Path

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of a shell there."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.home}/.local/bin:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": str(self.home / "run"),
        }

    def run(self, *command: str) -> str:
        """Run a command there to its good end; return what it said."""
        done = watched(
            lambda: subprocess.run(
                command,
                env=self.environ,
                capture_output=True,
                check=False,
                encoding="utf-8",
                timeout=60,
            )
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An empty home into which pipx then installs the wheel."""
    there = Installed(tmp_path_factory.mktemp("installed") / "home")
    there.home.mkdir()
    (there.home / "run").mkdir(mode=0o700)
    settings = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    places = {
        "PIPX_HOME": str(there.home / ".local/share/pipx"),
        "PIPX_BIN_DIR": str(there.home / ".local/bin"),
    }
    constraint = shlex.quote(f"--constraint={CHECKOUT / 'constraints/run.txt'}")
    done = subprocess.run(
        [sys.executable, "-m", "pipx", "install", f"--pip-args={constraint}", str(wheel)],
        env={**settings, **there.environ, **places},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return there


def test_prompts_and_unit_are_in_the_wheel(wheel: Path) -> None:
    """Nothing that lies beside the package in a checkout is forgotten."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("prompts", "systemd"):
        for path in (CHECKOUT / folder).iterdir():
            assert f"reminderd/_data/{folder}/{path.name}" in names
    for path in (CHECKOUT / "reminderd/adapters/application").glob("reminderd*"):
        assert f"reminderd/adapters/application/{path.name}" in names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_the_bundled_prompts_are_found(installed: Installed) -> None:
    """`prompts list` finds the decks that came with the program."""
    said = installed.run("reminderd", "prompts", "list")
    for deck in (CHECKOUT / "prompts").glob("*.toml"):
        assert deck.stem in said


def test_run_shows_a_first_practice_and_ends_when_asked(
    installed: Installed, tmp_path: Path
) -> None:
    """Without a desktop the first practice comes in the terminal; SIGTERM is a good end."""
    out = tmp_path / "out"
    with out.open("wb") as file:
        begin = time.monotonic()
        daemon = watched(
            lambda: subprocess.Popen(["reminderd", "run"], env=installed.environ, stdout=file)
        )
    try:
        while not out.read_text("utf-8").strip():
            assert time.monotonic() - begin < FIRST_PRACTICE_SECONDS
            time.sleep(0.02)
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE_SECONDS) == 0


def faults(installed: Installed, unit: Path) -> list[str]:
    """What systemd finds wrong with a unit; others of this machine may have faults of their own."""
    found = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        env=installed.environ,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    return [line for line in found.stderr.splitlines() if unit.name in line]


@pytest.mark.systemd
def test_the_service_is_installed_and_its_unit_is_sound(installed: Installed) -> None:
    """`service install` writes a unit for the link that pipx made, and systemd finds no fault."""
    assert "starts at a login" in installed.run("reminderd", "service", "install")
    unit = installed.home / ".config/systemd/user/reminderd.service"
    assert f'\nExecStart="{installed.home}/.local/bin/reminderd" run\n' in unit.read_text("utf-8")
    assert faults(installed, unit) == []
    broken = installed.home / "broken/reminderd.service"
    broken.parent.mkdir()
    broken.write_text(unit.read_text("utf-8") + "Nonsense=1\n", "utf-8")
    assert len(faults(installed, broken)) == 1
    installed.run("reminderd", "service", "uninstall")
    assert not unit.exists()
