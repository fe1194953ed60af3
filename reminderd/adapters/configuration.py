"""Settings and decks as plain values, read by a process of its own.

What reads them (pydantic above all) takes a third of the memory that a daemon would otherwise hold
for months; so the daemon lets a short-lived child read, and keeps nothing but the outcome.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from reminderd.core.model import Preferences, Prompt
from reminderd.errors import DeckError, ReminderdError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from reminderd.adapters.settings import Settings

_PATIENCE_SECONDS: Final = 20
_LAST: Final = "Until then the last settings that were in order hold."
_REST: Final = "Until then what is not in order has its default; everything else holds."
_NOTHING: Final = "Until then the defaults hold."
_UNSET: Final = (
    "Until reminderd is started again, a variable that is not in order counts as unset;"
    " everything else holds."
)


@dataclass(frozen=True)
class Configured:
    """Settings and decks, with what is wrong about them.

    Attributes:
        preferences: What the settings mean to the engine.
        notifier: The notifier that is asked for.
        sound: A file or a name of the sound theme; empty for silence.
        prompts: Every prompt there is.
        problems: What could not be used, in lines for the person; the rest holds all the same.
        good: The text of the last settings that were in order, to fall back on; empty for none.
    """

    preferences: Preferences
    notifier: Literal["auto", "freedesktop", "plyer", "terminal"]
    sound: str
    prompts: tuple[Prompt, ...]
    problems: tuple[str, ...]
    good: str


def read(good: str) -> Configured:
    """Read settings and decks here and now.

    Args:
        good: The text of the last settings that were in order; empty for none.
    """
    settings, text, problems = _settings(good)
    prompts, deck_problems = _prompts()
    return Configured(
        preferences=preferences_of(settings),
        notifier=settings.notification.notifier,
        sound=os.path.expanduser(settings.notification.sound),  # noqa: PTH111 -- may be no path
        prompts=prompts,
        problems=(*problems, *deck_problems),
        good=text,
    )


def preferences_of(settings: Settings) -> Preferences:
    """Return what the settings mean to the engine."""
    return Preferences(
        cadence=settings.cadence_value(),
        quiet=settings.quiet_value(),
        pace=settings.pace_value(),
        practice=settings.practice_value(),
        discretion=settings.notification.discreet,
        snooze=settings.notification.snooze,
    )


async def read_apart(good: str, before: Configured | None = None) -> Configured:
    """Do the same in a child process, while the loop goes on.

    Args:
        good: The text of the last settings that were in order; empty for none.
        before: What holds on where the child cannot be run, as in the middle of an upgrade.

    Raises:
        ReminderdError: The child cannot be run, and there is nothing to go on with.
    """
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            written = await _ask_child("reminderd.adapters.configuration", text=good)
            found = pickle.loads(written)  # noqa: S301 -- by ourselves, below
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


async def set_apart(key: str, value: str) -> bool:
    """Change a setting in a child process; return whether that worked."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await _ask_child("reminderd", "config", "set", key, value)
    except (OSError, TimeoutError, ChildProcessError):
        return False
    return True


async def _ask_child(module: str, *arguments: str, text: str = "") -> bytes:
    """Return what a child wrote that runs one of our modules.

    A thread waits for it, not asyncio: its way of starting a process hangs now and then when it is
    cancelled half-way (Python 3.11.7), as by Ctrl+C in the first moment.
    """
    loop = asyncio.get_running_loop()
    written: asyncio.Future[bytes] = loop.create_future()
    child = subprocess.Popen(  # noqa: ASYNC220 -- starting it takes a millisecond
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,  # what it complains about goes where ours goes
        start_new_session=True,  # Ctrl+C is for us alone
    )

    def settle(text: bytes) -> None:
        if not written.done():
            written.set_result(text)

    def wait() -> None:
        read, _ = child.communicate(text.encode())
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, read)

    threading.Thread(target=wait, daemon=True).start()
    try:
        found = await written
        if child.returncode:
            raise ChildProcessError(child.returncode)
        return found
    finally:
        child.kill()  # does nothing to one that has ended


def _settings(good: str) -> tuple[Settings, str, list[str]]:
    """Return the settings that hold, the text to fall back on, and what is wrong with those of now.

    A mistake in the file leaves the last good text in effect; where there is none, everything
    that is in order counts. A mistaken variable counts as unset in either case.
    """
    from reminderd.adapters import paths
    from reminderd.adapters.settings import load

    now = load(paths.config_file(), os.environ)
    problems = [f"{now.of_variables} {_UNSET}"] if now.of_variables else []
    if now.of_file is None:
        return now.settings, now.file.text, problems
    if last := _last(good):
        return last, good, [f"{now.of_file} {_LAST}", *problems]
    until_then = _REST if now.file.values else _NOTHING
    return now.settings, "", [f"{now.of_file} {until_then}", *problems]


def _last(good: str) -> Settings | None:
    """Return the last settings that were in order, where there were any."""
    from reminderd.adapters import paths, toml_files
    from reminderd.adapters.setting_sieve import sift

    try:
        last = sift(toml_files.parse(good, paths.config_file(), SettingsError), os.environ)
    except SettingsError:
        return None
    return None if not good or last.of_file else last.settings


def _prompts() -> tuple[tuple[Prompt, ...], list[str]]:
    from reminderd.adapters import paths
    from reminderd.adapters.decks import load_decks
    from reminderd.adapters.resources import prompts_dir

    try:
        decks = load_decks(prompts_dir(), paths.user_prompts_dir())
    except DeckError as error:
        return (), [str(error)]
    return decks.prompts, [_in_short(path, one) for path, one in decks.left_out.items()]


def _in_short(path: Path, problem: DeckError) -> str:
    """Return in one line what is wrong with an own deck; `prompts check` tells all of it."""
    from reminderd.adapters.toml_files import shown_path

    told = problem.message.split("\n")
    if len(told) == 1:
        return str(problem)
    return f"{shown_path(path)} is left out for now: {told[0]} To see all: reminderd prompts check"


if __name__ == "__main__":
    # By its importable name: what is pickled here is unpickled by another process.
    from reminderd.adapters import configuration  # noqa: PLW0406 -- as said above

    # A daemon that is killed meanwhile takes nothing any more: then this ends with it.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    outcome = configuration.read(sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(pickle.dumps(outcome))
