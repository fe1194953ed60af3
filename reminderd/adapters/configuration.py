"""Settings and decks as plain values, read by a process of its own.

What reads them (pydantic above all) takes a third of the memory that a daemon would otherwise hold
for months; so the daemon lets a short-lived child read, and keeps nothing but the outcome.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from reminderd.core.model import Preferences, Prompt
from reminderd.errors import DeckError, ReminderdError, SettingsError

if TYPE_CHECKING:
    from reminderd.adapters.settings import Settings

_PATIENCE_SECONDS: Final = 20
_PREFIX: Final = "REMINDERD_"


@dataclass(frozen=True)
class Configured:
    """Settings and decks, with what is wrong about them.

    Attributes:
        preferences: What the settings mean to the engine.
        notifier: The notifier that is asked for.
        prompts: Every prompt there is.
        problems: What could not be used, in lines for the person; the rest holds all the same.
        good: The text of the settings that are in effect, to fall back on.
    """

    preferences: Preferences
    notifier: Literal["auto", "freedesktop", "plyer", "terminal"]
    prompts: tuple[Prompt, ...]
    problems: tuple[str, ...]
    good: str


def read(good: str) -> Configured:
    """Read settings and decks here and now.

    Args:
        good: The text of the last settings that were in order; empty for the defaults.
    """
    settings, text, problems = _settings(good)
    prompts, deck_problems = _prompts()
    return Configured(
        preferences=preferences_of(settings),
        notifier=settings.notification.notifier,
        prompts=prompts,
        problems=(*problems, *deck_problems),
        good=text,
    )


def preferences_of(settings: Settings) -> Preferences:
    """Return what the settings mean to the engine."""
    return Preferences(
        cadence=settings.cadence_value(),
        quiet=settings.quiet_value(),
        practice=settings.practice_value(),
        discretion=settings.notification.discreet,
        snooze=settings.notification.snooze,
    )


async def read_apart(good: str, before: Configured | None = None) -> Configured:
    """Do the same in a child process, while the loop goes on.

    Args:
        good: The text of the last settings that were in order; empty for the defaults.
        before: What holds on where the child cannot be run, as in the middle of an upgrade.

    Raises:
        ReminderdError: The child cannot be run, and there is nothing to go on with.
    """
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            found = pickle.loads(await _ask_child(good))  # noqa: S301 -- written by ourselves below
    except (OSError, TimeoutError, pickle.PickleError, EOFError) as error:
        problem = ReminderdError(
            f"Settings and decks could not be read ({type(error).__name__}).",
            "If reminderd is being upgraded, this mends itself: systemctl --user restart reminderd",
        )
        if before is None:
            raise problem from error
        return replace(before, problems=(str(problem),))
    assert isinstance(found, Configured)  # noqa: S101 -- tells mypy what pickle cannot
    return found


async def _ask_child(good: str) -> bytes:
    """Return what the child wrote.

    A thread waits for it, not asyncio: its way of starting a process hangs now and then when it is
    cancelled half-way (Python 3.11.7), as by Ctrl+C in the first moment.
    """
    loop = asyncio.get_running_loop()
    written: asyncio.Future[bytes] = loop.create_future()
    child = subprocess.Popen(  # noqa: ASYNC220 -- starting it takes a millisecond
        [sys.executable, "-m", "reminderd.adapters.configuration"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,  # what it complains about goes where ours goes
        start_new_session=True,  # Ctrl+C is for us alone
    )

    def settle(text: bytes) -> None:
        if not written.done():
            written.set_result(text)

    def wait() -> None:
        text, _ = child.communicate(good.encode())
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, text)

    threading.Thread(target=wait, daemon=True).start()
    try:
        return await written
    finally:
        child.kill()  # does nothing to one that has ended


def _settings(good: str) -> tuple[Settings, str, list[str]]:
    """Return the settings that hold, their text, and what is wrong with those of now."""
    from reminderd.adapters import paths, toml_files
    from reminderd.adapters.settings import check, read_file

    path = paths.config_file()
    try:
        file = read_file(path)
        return check(file, os.environ), file.text, []
    except SettingsError as error:
        until_then = "the last settings that were in order hold" if good else "the defaults hold"
        problem = f"{error} Until then {until_then}."
    plain = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(_PREFIX)
    }
    for text, environ in ((good, os.environ), (good, plain)):
        try:
            return check(toml_files.parse(text, path, SettingsError), environ), text, [problem]
        except SettingsError:
            continue
    return check(toml_files.parse("", path, SettingsError), plain), "", [problem]


def _prompts() -> tuple[tuple[Prompt, ...], list[str]]:
    from reminderd.adapters import paths
    from reminderd.adapters.decks import load_decks
    from reminderd.adapters.resources import prompts_dir

    try:
        decks = load_decks(prompts_dir(), paths.user_prompts_dir())
    except DeckError as error:
        return (), [str(error)]
    return decks.prompts, [str(problem) for problem in decks.problems]


if __name__ == "__main__":
    # By its importable name: what is pickled here is unpickled by another process.
    from reminderd.adapters import configuration  # noqa: PLW0406 -- as said above

    outcome = configuration.read(sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(pickle.dumps(outcome))
