"""The program that a service is to start: this reminderd, where it is installed to stay."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from reminderd.errors import ServiceError

PROGRAM: Final = "reminderd"
_FLEETING: Final = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 -- nothing is written there
_HOW_TO_KEEP_IT: Final = (
    "To have one that stays: `pipx install .` in its checkout, then `reminderd service install`."
)


def find_launcher() -> Path:
    """Return the program that systemd is to start: this reminderd, by a name that stays.

    Raises:
        ServiceError: It was not installed, or only into a place that is cleared by and by.
    """
    here = (Path(sys.argv[0]).absolute(), Path(sys.executable).parent / PROGRAM)
    running = next((one for one in here if one.name == PROGRAM and os.access(one, os.X_OK)), None)
    named = shutil.which(PROGRAM)
    if named and (running is None or running.samefile(named)):
        running = Path(named).absolute()  # ~/.local/bin/reminderd outlives what it leads to
    if running is None:
        raise ServiceError("There is no program `reminderd` to be started.", _HOW_TO_KEEP_IT)
    if is_fleeting(running) or is_fleeting(running.resolve()):
        raise ServiceError(f"This is a throw-away installation, {running}.", _HOW_TO_KEEP_IT)
    return running


def is_fleeting(path: Path) -> bool:
    """Return whether a path lies where things are cleared away: a cache or a temporary folder.

    `uvx` and `pipx run` keep what they run in caches. What lies in the person's home is as lasting
    as their settings, wherever that home is.
    """
    named = (os.environ.get(name, "") for name in ("XDG_CACHE_HOME", "UV_CACHE_DIR"))
    caches = [Path.home() / ".cache", *map(Path, filter(os.path.isabs, named))]
    if ".cache" in path.parts or any(map(path.is_relative_to, caches)):
        return True
    if path.is_relative_to(Path.home()):
        return False
    return any(map(path.is_relative_to, [tempfile.gettempdir(), *_FLEETING]))
