"""Somebody with an empty home, and their commands."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.people import Cli, Person
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who has never used it."""
    (tmp_path / "run").mkdir(mode=0o700)
    return Person(tmp_path)


@pytest.fixture
def cli(person: Person, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands of that person, at 11:00 on a Sunday."""
    return Cli(person, capsys, monkeypatch)


@pytest.fixture
def daemon(person: Person) -> Iterator[subprocess.Popen[bytes]]:
    """A real daemon of that person, without a desktop: it writes to its own output."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text("[cadence]\nwindows = []\n[quiet]\nhours = []\n", "utf-8")
    process = watched(
        lambda: subprocess.Popen(
            [sys.executable, "-m", "reminderd", "run"],
            env=person.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    )
    try:
        deadline = time.monotonic() + 30
        while not person.run("status", "--json").json["running"]:
            assert time.monotonic() < deadline, "the daemon does not start"
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(20)
