"""What a step does, in the worker's forks: a command as a whole, or a part of the daemon's work."""

from __future__ import annotations

import asyncio
import pickle
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from reminderd import bootstrap, launch
from reminderd.adapters import configuration, decks, paths
from reminderd.adapters.resources import prompts_dir
from reminderd.app.safekeeping import Safekeeping
from reminderd.app.standing import adopt_standing, keep_standing
from reminderd.app.tick import begin, tick
from reminderd.cli.defect import DEFECT
from reminderd.cli.main import run
from reminderd.errors import StoreError
from tests.fakes import FakeClock, FakeNotifier
from tests.property.mutation.case import CONVERSE, LOOK, READ, Step
from tests.property.mutation.talking import converse

if TYPE_CHECKING:
    from pathlib import Path

    from reminderd.app.tick import Engine
    from tests.property.mutation.messages import Talk

NOW: Final = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
"""A Saturday, 11:00 in Berlin."""
_LOOKS: Final = 3


def make_alike() -> None:
    """Have the same moment in each case, and the bundled decks read only once: it takes longest."""
    clock = FakeClock(NOW)
    bootstrap.present = clock.present
    bootstrap.open_clock = lambda: clock  # type: ignore[assignment,return-value]  # as far as used
    read = decks._read_folder  # noqa: SLF001 -- there is no other place
    bundled, _ = read(prompts_dir(), is_own=False)

    def own_only(folder: Path, *, is_own: bool) -> object:
        return read(folder, is_own=True) if is_own else (dict(bundled), {})

    decks._read_folder = own_only  # type: ignore[assignment]  # noqa: SLF001 -- as above


def act(step: Step, talk: Talk | None) -> tuple[int, str]:
    """Run a step; return its exit code, and the traceback of what nobody expects."""
    if step not in {READ, LOOK, CONVERSE}:
        code = run(step)
        return code, _crash() if code == DEFECT else ""
    try:
        if talk:
            converse(talk)
            return 0, ""
        return _read() if step == READ else _look(), ""
    except BaseException:  # noqa: BLE001 -- whatever it is, it is told
        return DEFECT, traceback.format_exc(limit=-12)


def _crash() -> str:
    path = paths.crash_file()
    return path.read_text("utf-8") if path.exists() else ""


def _read() -> int:
    """Do what the daemon's child does; what is wrong is told, and the rest holds."""
    read = configuration.read("")
    pickle.dumps(read)
    sys.stderr.write("\n".join(read.problems))
    return 0


def _look() -> int:
    """Have the daemon's looks on the store, with nobody who shows anything, until one goes well."""
    try:
        store = launch.open_store()
    except StoreError as error:  # which is told, and tried again later
        _say(str(error))
        return 1
    engine = bootstrap.build_engine(store, configuration.read(""), FakeNotifier(), lambda _: None)
    safe = Safekeeping(lambda line: _say(f"{line}\n"))
    try:
        for _ in range(_LOOKS):
            if asyncio.run(_goes_well(engine, safe)):
                return 0
        return 1
    finally:
        store.close()


def _say(text: str) -> None:
    sys.stderr.write(text)


async def _goes_well(engine: Engine, safe: Safekeeping) -> bool:
    """Look once, as `Daemon` does; return whether that went well.

    Raises:
        Exception: It did not, and it is no trouble with the database either.
    """
    store, present = engine.store, engine.clock.present()
    try:
        safe.follow(store, present)
        begin(engine)
        adopt_standing(engine)
        await tick(engine)
        await keep_standing(engine)
        safe.look_after(store, present)
    except Exception as error:
        if not safe.mend(store, present) and not isinstance(error, StoreError):
            raise
        _say(str(error))
        return False
    return True
