"""What is said and kept when a command ends with a defect of reminderd."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFECT: Final = 3
"""The exit code."""
_ABOUT_CODE: Final = (AttributeError, ImportError, NameError, OSError, TypeError)
"""Failures whose text names code or a file, never a person's words."""


def tell(error: BaseException) -> int:
    """Say what it comes from, and return the exit code.

    Where the database holds what reminderd did not write, or cannot be looked at, that is it. Else
    it is a defect: said in one line, with its traceback kept for a report.
    """
    from reminderd import bootstrap
    from reminderd.adapters import paths
    from reminderd.errors import ReminderdError

    expected: ReminderdError | None
    try:
        expected = bootstrap.damage_of_store()
    except ReminderdError as second:
        expected = second
    except Exception:  # noqa: BLE001 -- a second failure must not hide the first one
        expected = None
    if expected is not None:
        if sys.stderr is not None:
            with suppress(OSError):
                told = filter(None, (expected.message, expected.hint))
                sys.stderr.write("\n".join((*told, "")))
        return expected.exit_code
    path = paths.crash_file()
    try:
        _keep(path, "".join(_report(error)))
    except Exception as second:  # noqa: BLE001 -- a second failure must not hide the first one
        kept = f"It could not be written to {path} ({type(second).__name__})."
    else:
        kept = f"What happened is in {path}."
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(
                f"This is a defect of reminderd, not yours: {type(error).__name__}. {kept}\n"
            )
    return DEFECT


def _report(error: BaseException) -> Iterator[str]:
    """Yield where it happened, the first cause first; never what a person wrote.

    Values of variables are left out, and so is the text of every failure that may quote one.
    """
    from reminderd import __version__

    chain = [error]
    while (before := chain[0].__cause__ or chain[0].__context__) and before not in chain:
        chain.insert(0, before)
    yield f"reminderd {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n"
    for one in chain:
        yield "\n"
        yield from traceback.format_tb(one.__traceback__)
        text = f": {one}" if isinstance(one, _ABOUT_CODE) else ""
        yield f"{type(one).__module__}.{type(one).__qualname__}{text}\n"


def _keep(path: Path, text: str) -> None:
    """Write the report in place of the last one, readable by the person alone."""
    from reminderd.adapters import paths

    paths.make_private(path.parent)
    path.unlink(missing_ok=True)  # whatever it is: nothing is written where a link leads
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, paths.PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
