"""Where the files lie that come with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reminderd.adapters import resources
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_checkout_has_them_beside_the_package() -> None:
    """As the tests run."""
    assert (resources.prompts_dir() / "noticing.toml").is_file()
    assert resources.systemd_dir().is_dir()


def test_a_wheel_has_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of that name beside an installed package belongs to somebody else."""
    inside = tmp_path / "reminderd" / "_data" / "prompts"
    inside.mkdir(parents=True)
    (tmp_path / "prompts").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "reminderd")
    assert resources.prompts_dir() == inside


def test_an_incomplete_installation_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what helps."""
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "reminderd")
    with pytest.raises(ReminderdError, match="missing") as problem:
        resources.systemd_dir()
    assert "Install" in problem.value.hint
