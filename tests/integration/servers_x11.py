"""How notifications are pressed on an X screen: with the mouse, or by dunst's own program."""

from __future__ import annotations

import shlex
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.desktops import PATIENCE_SECONDS, choose_in_dunst, dunstrc_in
from tests.integration.real_server import RealServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OURS: Final = "notif"
"""What the class of the windows of every one of these servers has in it, and of no other window."""
_DARK: Final = bytes(grey < 100 for grey in range(256))
"""Every one of these servers writes in dark letters on something light. What else moves there, as
MATE's orange clock does, is not dark."""
_EDGE: Final = 10
"""Pixels at the edges of a window where there are no buttons."""
_LETTER: Final = 5
"""Rows of pixels that letters have at least; what is lower is a line."""
_BETWEEN: Final = 10
"""Pixels between two labels at least; words have less between them."""
_TEXT: Final = (100, 45)
"""A place on the text of every one of them, from the upper left corner."""
_ASIDE: Final = ("5", "300")
"""Where the pointer waits: on a notification it would keep it from expiring. It stays where it has
pressed: LXQt takes down what came up under it once it leaves."""


class Dunst(RealServer):
    """Draws no buttons; `dunstctl` opens a menu of them."""

    stage = "screen"

    def command(self) -> list[str]:
        return ["dunst", "-conf", str(dunstrc_in(self.folder))]

    def press(self, key: str) -> None:
        choose_in_dunst(self.folder, self.label_of(key))
        self.run("dunstctl", "context")

    def click_body(self) -> None:
        self.run("dunstctl", "action", "0")

    def dismiss(self) -> None:
        self.run("dunstctl", "close")

    def displayed(self) -> int:
        return int(self.run("dunstctl", "count", "displayed"))


@dataclass(frozen=True)
class Window:
    """A window and what is written in it: for each pixel, row by row, whether it is dark."""

    x: int
    y: int
    width: int
    height: int
    dark: bytes

    def labels(self, left: int) -> list[tuple[int, int]]:
        """Return the middle of each label in the lowest line of letters, from `left` on."""
        columns = range(left, self.width - _EDGE)
        rows = [
            y
            for y in range(_EDGE, self.height - _EDGE)
            if any(self._is_dark(x, y) for x in columns)
        ]
        lines = [(top, end) for top, end in _runs(rows, 1) if end - top >= _LETTER]
        if not lines:
            return []
        top, end = lines[-1]
        written = [x for x in columns if any(self._is_dark(x, y) for y in range(top, end + 1))]
        return [((left + right) // 2, (top + end) // 2) for left, right in _runs(written, _BETWEEN)]

    def _is_dark(self, x: int, y: int) -> bool:
        return bool(self.dark[y * self.width + x])


class Drawn(RealServer):
    """Draws a button for each action, which is pressed with the mouse."""

    stage = "screen"

    def start(self) -> None:
        self.run("xdotool", "mousemove", *_ASIDE)
        super().start()

    def press(self, key: str) -> None:
        drawn = [
            name
            for name, label in self.wire.notified()[-1].actions
            if label and (name != "default" or self.row.default == "button")
        ]
        window = self._still(lambda window: len(self._labels(window)) == len(drawn))
        self._click(window, self._labels(window)[drawn.index(key)])

    def click_body(self) -> None:
        if self.row.default == "button":
            self.press("default")
        else:
            self._click(self._still(), _TEXT)

    def dismiss(self) -> None:
        window = self._still()
        cross = self.row.cross
        self._click(window, _TEXT if cross is None else (window.width + cross[0], cross[1]))

    def displayed(self) -> int:
        return len(self._search().split())

    def is_drawn(self) -> bool:
        return bool(self._labels(self._still()))

    def _labels(self, window: Window) -> list[tuple[int, int]]:
        return window.labels(self.row.left or _EDGE)

    def _still(self, fits: Callable[[Window], bool] = lambda _: True) -> Window:
        """Return the window once it fits, is drawn as a whole, and does not move."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before = None
        while time.monotonic() < deadline:
            now = self._look()
            if now is not None and now == before and fits(now):
                return now
            before = now
            time.sleep(0.05)
        picture = Path(tempfile.gettempdir()) / f"{self.row.name}.png"
        self.run("import", "-window", "root", str(picture))
        pytest.fail(f"what was expected did not come up: {picture}")

    def _look(self) -> Window | None:
        """Return the window as it is now; None while there is none as a whole on the screen."""
        told = self._search("getwindowgeometry", "--shell")
        where = dict(line.split("=") for line in told.splitlines())
        if not where:
            return None
        x, y, width, height = (int(where[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        dark = self._dark(f"{width}x{height}+{x}+{y}")
        return Window(x, y, width, height, dark) if len(dark) == width * height else None

    def _search(self, *then: str) -> str:
        """Look for windows and do something with the first; say nothing where there is none."""
        search = ["xdotool", "search", "--onlyvisible", "--class", _OURS]
        return self.run("sh", "-c", shlex.join([*search, *then]) + " || true")

    def _dark(self, part: str) -> bytes:
        """Return for each pixel of a part of the screen whether it is dark."""
        path = self.folder / "window.gray"
        self.run("import", "-window", "root", "-crop", part, "+repage", "-depth", "8", str(path))
        return path.read_bytes().translate(_DARK)

    def _click(self, window: Window, place: tuple[int, int]) -> None:
        x, y = window.x + place[0], window.y + place[1]
        self.run("xdotool", "mousemove", str(x), str(y), "click", "1")


def _runs(numbers: Iterable[int], gap: int) -> list[tuple[int, int]]:
    """Return first and last of each run of numbers that lie at most `gap` apart."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number - runs[-1][1] <= gap:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
