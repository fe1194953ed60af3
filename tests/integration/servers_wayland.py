"""mako on a headless sway, as somebody unprivileged: sway refuses root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.desktops import running, until
from tests.integration.real_server import RealServer, as_nobody, give_to_nobody

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADLESS = {
    "WLR_BACKENDS": "headless",
    "WLR_LIBINPUT_NO_DEVICES": "1",
    "WLR_RENDERER": "pixman",
    "LIBSEAT_BACKEND": "noop",
}


@pytest.fixture(scope="session")
def wayland() -> Iterator[dict[str, str]]:
    """One Wayland screen for all tests of a run: what has to be in the environment to use it."""
    folder = Path(tempfile.mkdtemp(prefix="reminderd-sway-"))  # where everybody gets through to it
    give_to_nobody(folder)
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    with (folder / "sway.log").open("wb") as log:
        sway = subprocess.Popen(
            [*as_nobody(), "sway", "-c", "/dev/null"],
            env=environ | _HEADLESS,
            stdout=log,
            stderr=log,
        )
    with running(sway):
        until(lambda: any(folder.glob("wayland-*.lock")), "sway is there")
        (lock,) = folder.glob("wayland-*.lock")
        yield {"WAYLAND_DISPLAY": str(lock.with_suffix(""))}
    shutil.rmtree(folder)


class Mako(RealServer):
    """Draws no buttons; `makoctl` presses them."""

    stage = "wayland"

    def command(self) -> list[str]:
        return [*as_nobody(), "mako", "--config", "/dev/null"]

    def press(self, key: str) -> None:
        self.run("makoctl", "invoke", key)

    def click_body(self) -> None:
        self.run("makoctl", "invoke")

    def dismiss(self) -> None:
        self.run("makoctl", "dismiss")

    def displayed(self) -> int:
        (found,) = json.loads(self.run("makoctl", "list"))["data"]
        return len(found)
