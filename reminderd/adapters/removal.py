"""How this reminderd was installed, told by the line that removes it."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_NAME: Final = "reminderd"
_BY_PIPX: Final = "pipx_metadata.json"
_BY_UV: Final = "uv-receipt.toml"
"""What each of them leaves in the environments that it makes."""


@dataclass(frozen=True)
class Installation:
    """Where a program lies.

    Attributes:
        package: The folder of its code.
        prefix: The environment that it runs in.
        is_environment: Whether that is one of its own, and not the system's.
        python: The interpreter that runs it.
    """

    package: Path
    prefix: Path
    is_environment: bool
    python: Path


def this_installation() -> Installation:
    """Return where the running reminderd lies."""
    return Installation(
        package=Path(__file__).parents[1],
        prefix=Path(sys.prefix),
        is_environment=sys.prefix != sys.base_prefix,
        python=Path(sys.executable),
    )


def how_to_remove(one: Installation) -> str:
    """Return the command that removes an installation; empty where it is not known."""
    if (one.prefix / _BY_PIPX).exists():
        return f"pipx uninstall {shlex.quote(one.prefix.name)}"
    if (one.prefix / _BY_UV).exists():
        return f"uv tool uninstall {shlex.quote(one.prefix.name)}"
    if one.is_environment or not _is_the_systems(one.package):
        python = shlex.quote(str(one.python))
        if find_spec("pip"):
            return f"{python} -m pip uninstall {_NAME}"
        return f"uv pip uninstall --python {python} {_NAME}"
    return f"sudo apt remove {_NAME}" if shutil.which("apt") else ""


def _is_the_systems(package: Path) -> bool:
    """Return whether the system's package manager looks after a folder."""
    return package.is_relative_to("/usr") and not package.is_relative_to("/usr/local")
