"""The daemon's life without the process: its looks on the real store, its starts, its deaths."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from unittest.mock import patch

from reminderd.adapters.store import rows
from reminderd.adapters.store.connection import Database
from reminderd.adapters.store.store import Store
from reminderd.app.standing import adopt_standing, keep_standing, record_withdrawn, standing_here
from reminderd.app.tick import Engine, begin, tick
from reminderd.core.decision import Hold, Wait
from tests.fakes import FakeClock, prompt
from tests.property.moments.desk import Desk, Killed, Screen
from tests.property.moments.truth import Truth
from tests.property.moments.wall import on_the_wall
from tests.property.moments.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from zoneinfo import ZoneInfo

    from reminderd.core.model import Preferences, Reason
    from tests.property.moments.desk import Fuse

_Result = TypeVar("_Result")

PROMPTS: Final = {
    one.id: one
    for one in (prompt(f"{tip}-{number}", tip) for tip in "abcdef" for number in range(12))
}

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- a folder of its own is made there


class Life:
    """All that a daemon goes through on one database, watched by a witness.

    Args:
        path: The database.
        start: When it begins, in UTC.
        zone: Where.
        wish: The settings at first.
        unsignalled: What of the desktop begins and ends without a signal.
    """

    def __init__(
        self,
        path: Path,
        start: datetime,
        zone: ZoneInfo,
        wish: Preferences,
        unsignalled: frozenset[Reason],
    ) -> None:
        self.clock = FakeClock(start, zone)
        self.desk, self.screen = Desk(unsignalled), Screen()
        self._path = path
        self.person = self._store = Store(path, self.clock.present())
        self.person.recorded.meta("seed", "the same in every run")
        self.truth = Truth(self.clock, self.desk, wish)
        self.witness = Witness(path, self.truth, self.screen)
        self.engine: Engine | None = None
        self.next_look = start
        self.said: list[str] = []
        self.happened = Counter[str]()
        self.is_supervised = True  # it is started again soon after it was killed
        self._begun = False
        self._writes_left: int | None = None

    def do(self, name: str, action: Callable[[], None]) -> None:
        """Do one thing, and look whether every promise still holds."""
        self.said.append(
            f"{on_the_wall(self.clock.now, self.clock.zone)} {self.clock.zone}: {name}"
        )
        self.happened[name.partition(" ")[0]] += 1
        action()
        if self.witness.troubles:
            shown = [f"{one.at} {one.kind}" for one in self.truth.shown[-12:]]
            told = [*self.witness.troubles, "after", *self.said[-25:], "which showed", *shown]
            raise AssertionError("\n".join(told))

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()
        self.person.close()
        self.witness.close()

    def start(self) -> None:
        """Start it, if it does not run."""
        if self.engine is None:
            self._store = Store(self._path, self.clock.present())
            self.engine = Engine(
                *(self._store, self.screen, self.desk, self.clock),
                *(self.truth.wish, PROMPTS),
                log=lambda _: None,
            )
            self._begun, self.is_supervised = False, True
            self.truth.started(self.witness.waiting.values())
            self.look()

    def look(self) -> None:
        """Look once, as the daemon does whenever it wakes."""
        if (engine := self.engine) is None:
            return
        self.witness.begins_look()
        try:
            with self._fused():
                if not self._begun:
                    begin(engine)
                    self._begun = True
                adopt_standing(engine)
                action = _run(tick(engine)).action
                retry = _run(keep_standing(engine))
        except Killed:
            self.dies()
            return
        assert isinstance(action, Hold | Wait)
        self.next_look = max(min(filter(None, (action.until, retry))), self.clock.now)
        self.witness.after_look(self.next_look)
        if self.screen.was_disturbed:  # whoever did that has woken the daemon
            self.look()

    @contextmanager
    def _fused(self) -> Iterator[None]:
        """Let it be killed over a write, if that is to be."""
        if self._writes_left is None:
            yield
            return
        write = Database.write

        def written(database: Database, sql: str, *values: object) -> int:
            assert self._writes_left is not None
            self._writes_left -= 1
            if self._writes_left < 0:
                raise Killed
            return write(database, sql, *values)

        with patch.object(Database, "write", written):
            yield

    def is_killed(self, fuse: Fuse, writes: int) -> None:
        """Let it be killed over the next notice, or over one of the next things that it writes."""
        if self.engine is not None:
            self.screen.fuse = fuse
            self._writes_left = None if fuse else writes

    def dies(self) -> None:
        """Let it be killed."""
        if self.engine is not None:
            self._store.close()
            self.engine, self._writes_left, self.screen.fuse = None, None, ""
            self.screen.forget()
            self.witness.died()

    def stops(self) -> None:
        """Let it end as it is asked to: what stands is taken down."""
        if (engine := self.engine) is not None:
            if (stood := standing_here(engine)) is not None:
                self.screen.is_down(stood)
                record_withdrawn(engine, stood)
            self.dies()

    def passes(self, length: timedelta) -> None:
        """Let time pass, on every clock."""
        self.clock.now += length
        self.desk.lived += length
        self.desk.mark += length


@contextmanager
def in_memory() -> Iterator[Path]:
    """Have a folder in which nothing waits for a disk, where the system has one."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="reminderd-", dir=place) as folder:
        yield Path(folder)


@contextmanager
def same_ids() -> Iterator[None]:
    """Let ids follow from what happens, so that the same actions do the same in every run."""
    numbers = itertools.count()

    def new_id(now: datetime) -> str:
        return f"{now.astimezone(UTC):%Y%m%d%H%M%S}-{next(numbers):09}"

    with patch.object(rows, "new_id", new_id):
        yield


def _run(coroutine: Coroutine[None, None, _Result]) -> _Result:
    """Run something that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _Result = done.value
        return result
    raise AssertionError("a look does not wait here")
