"""The line that removes the program, by how it was installed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from reminderd.adapters import removal
from reminderd.adapters.removal import Installation, how_to_remove, this_installation


def installed(prefix: Path, package: str, *, is_environment: bool = True) -> Installation:
    python = prefix / "bin/python3"
    return Installation(prefix / package, prefix, is_environment, python)


@pytest.mark.parametrize(
    ("left", "command"),
    [
        ("pipx_metadata.json", "pipx uninstall reminderd"),
        ("uv-receipt.toml", "uv tool uninstall reminderd"),
    ],
)
def test_what_a_tool_installed_it_removes(left: str, command: str, tmp_path: Path) -> None:
    """Each leaves a file in the environments that it makes."""
    prefix = tmp_path / "reminderd"
    prefix.mkdir()
    (prefix / left).touch()
    assert how_to_remove(installed(prefix, "lib/python3.11/site-packages/reminderd")) == command


def test_an_environment_is_asked_by_its_own_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its path may need quotes; one that uv made has no pip."""
    one = installed(tmp_path / "my venv", "lib/python3.11/site-packages/reminderd")
    assert how_to_remove(one) == f"'{one.python}' -m pip uninstall reminderd"
    monkeypatch.setattr(removal, "find_spec", lambda name: None)
    assert how_to_remove(one) == f"uv pip uninstall --python '{one.python}' reminderd"


@pytest.mark.parametrize(
    ("package", "apt", "command"),
    [
        ("lib/python3/dist-packages/reminderd", "/usr/bin/apt", "sudo apt remove reminderd"),
        ("lib/python3/dist-packages/reminderd", None, ""),
        (
            "local/lib/python3.11/dist-packages/reminderd",
            "/usr/bin/apt",
            "/usr/bin/python3 -m pip uninstall reminderd",
        ),
    ],
)
def test_the_systems_own_is_its_package_managers(
    package: str, apt: str | None, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in /usr/local is not; another package manager than apt is not guessed."""
    monkeypatch.setattr(shutil, "which", lambda name: apt)
    assert how_to_remove(installed(Path("/usr"), package, is_environment=False)) == command


def test_this_one_is_found() -> None:
    found = this_installation()
    assert (found.package / "adapters/removal.py").exists()
    assert found.python == Path(sys.executable)
