"""Commands whose writes fail: each at each of its writes, and what has to hold of it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.migrations import MIGRATIONS
from tests.cli.people import Person
from tests.integration.daemons import QUIET_CONFIG, Home
from tests.integration.faults import (
    BROKEN,
    FULL,
    ONCE,
    SHORT,
    UNSYNCED,
    Fault,
    Faults,
    faults_below,
)
from tests.integration.nursery import Nursery
from tests.integration.there import NOW, what_is_there

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

FIRST_SCHEMA: Final = Path(__file__).parents[1] / "unit/adapters/schema_1.sql"
ANSWER: Final = """
INSERT INTO response (id, device, at, zone, prompt, answer, note, source) VALUES
('1', 'this', '2026-11-22T18:00:00.000000Z', 'Europe/Berlin', 'a-one', 'done', 'of before', 'cli')
"""
NEVER: Final = 10**6
NOT_WHOLE: Final = "What is there now is not whole"
ALREADY: Final = re.compile("There is (a file|something at)")
"""How those begin who write a new file and never over another."""
UNFINISHED: Final = re.compile(r"(^|/)\.[^/]+[.-]\w{8}$")
"""How the file is called that is written before it takes the place of another."""
MOST_LINES: Final = 8
PROMPT: Final = "slow-umbrella-not-key"
EDITOR: Final = '#!/bin/sh\ngrep -q seen "$1" || echo \'# seen\' >>"$1"\n'
SYSTEMCTL: Final = "#!/bin/sh\nexit 1\n"
"""A systemd without a user manager: then files are all there is to it."""


@dataclass(frozen=True)
class Command:
    """One that writes.

    Attributes:
        words: What is typed after `reminderd`; `{home}` stands for the person's home.
        text: What it reads from standard input.
        before: What is run before it, in a home with settings and a practice that has come.
        is_first: Whether it is the first command ever, in an empty home.
        is_update: Whether the database is one of the first version.
    """

    words: tuple[str, ...]
    text: str = ""
    before: tuple[tuple[str, ...], ...] = ()
    is_first: bool = False
    is_update: bool = False


NOTED: Final = ("respond", "hard", "--delivery", "last", "--note=a note")
EXPORT: Final = "{home}/export.json"
TAKEN_OUT: Final = ("export", "--all", "--output", EXPORT)
ANSWERS: Final = "10-18\nyes\nread\nalone\nno\n"
COMMANDS: Final = {
    "first note": Command(("note", "--note", "-"), "by itself", is_first=True),
    "note after an update": Command(("note", "--note", "-"), "by itself", is_update=True),
    "setup": Command(("setup",), ANSWERS),
    "respond": Command(("respond", "hard", "--delivery", "last", "--note", "-"), "a note"),
    "not for me": Command(("respond", "not-for-me", "--delivery", "last")),
    "note": Command(("note", "--prompt", PROMPT, "--note", "-"), "by itself"),
    "pause": Command(("pause", "2h")),
    "resume": Command(("resume",), before=(("pause", "2h"),)),
    "config set": Command(("config", "set", "notification.snooze", "40m")),
    "config unset": Command(("config", "unset", "cadence.max_per_day")),
    "prompts disable": Command(("prompts", "disable", PROMPT)),
    "prompts enable": Command(
        ("prompts", "enable", PROMPT), before=(("prompts", "disable", PROMPT),)
    ),
    "prompts edit": Command(("prompts", "edit", PROMPT)),
    "now": Command(("now",)),
    "backup": Command(("backup",)),
    "erase": Command(("erase", "--yes"), before=(NOTED, ("backup",))),
    "erase notes": Command(("erase", "--notes", "--yes"), before=(NOTED,)),
    "backup to": Command(("backup", "{home}/kept.db")),
    "export": Command(TAKEN_OUT),
    "import": Command(("import", EXPORT), before=(NOTED, TAKEN_OUT, ("erase", "--yes"))),
    "uninstall": Command(("uninstall", "--history", "export"), before=(("service", "install"),)),
    "service install": Command(("service", "install")),
    "service uninstall": Command(("service", "uninstall"), before=(("service", "install"),)),
}
MIXED: Final = (FULL, SHORT, ONCE, BROKEN)


class Failing:
    """A home in which writes fail.

    Args:
        folder: An empty one: the home, and as it was before each command.
        faults: What fails below it.
        nursery: Where commands come from, with those faults.
    """

    def __init__(self, folder: Path, faults: Faults, nursery: Nursery) -> None:
        self.home = Home(folder / "home")
        self._faults = faults
        self._nursery = nursery
        self._before = folder / "before"
        tools = folder / "tools"
        tools.mkdir()
        for name, text in (("systemctl", SYSTEMCTL), ("editor", EDITOR)):
            (tools / name).write_text(text, "utf-8")
            (tools / name).chmod(0o755)
        path = f"{self.home.folder}/.local/bin:{tools}:{self.home.env['PATH']}"
        self.home.extra |= {"EDITOR": "editor", "PATH": path}

    async def prepare(self, command: Command) -> None:
        """Make a home as it is before a command, and see what is there once it has run in peace."""
        self._faults.disarm()
        shutil.rmtree(self.home.folder, ignore_errors=True)
        program = self.home.folder / ".local/bin/reminderd"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n", "utf-8")
        program.chmod(0o755)
        (self.home.folder / "run").mkdir(mode=0o700)
        if not command.is_first:
            self.home.configure(QUIET_CONFIG)
            Person(self.home.folder).brought(prompt=PROMPT)
        if command.is_update:
            self.home.database.unlink()
            with closing(sqlite3.connect(self.home.database)) as database, database:
                database.executescript(FIRST_SCHEMA.read_text("utf-8"))
                first = MIGRATIONS[0]
                for statement in first.statements:
                    database.execute(statement)
                database.execute(
                    "INSERT INTO migration VALUES (?, ?, 'then')", (first.number, first.name)
                )
                database.execute(ANSWER)
        for words in command.before:
            assert (await self._run(Command(words)))[0] == 0
        shutil.rmtree(self._before, ignore_errors=True)
        shutil.copytree(self.home.folder, self._before, symlinks=True)
        self._there_before = what_is_there(self.home)
        self._as_before()
        code, said = await self._run(command)
        assert code == 0, said
        self._wanted = what_is_there(self.home)

    async def writes(self, command: Command) -> dict[Fault, int]:
        """Return how many calls of a command could fail, by the way in which they do."""
        counts = {}
        for fault in (*MIXED, UNSYNCED):
            self._as_before()
            self._faults.arm(fault, NEVER)
            await self._run(command)
            counts[fault] = self._faults.seen
        return counts

    async def fail(self, command: Command, fault: Fault, at: int) -> None:
        """Let one call of a command fail, then run it again in peace.

        Raises:
            AssertionError: What has to hold does not.
        """
        self._as_before()
        self._faults.arm(fault, at)
        code, said = await self._run(command)
        self._faults.disarm()
        where = f"{fault.name}, call {at} ({self._faults.what}), exit code {code}: {said}"
        assert self._faults.failed, where
        assert code in {0, 1}, where
        assert bool(said.strip()) or code == 0, where
        assert "Traceback" not in said, where
        assert "damaged" not in said, where
        assert len(said.splitlines()) <= MOST_LINES, where
        found = self._found(fault)
        if code == 0 and not said:
            assert found == self._wanted, where
        for part, (before, wanted) in self._parts(found):
            if f"{part} is written, but" in said or (
                NOT_WHOLE in said and part.partition(NOW)[0] in said
            ):
                continue  # as it says
            assert found.get(part) in (before, wanted), f"{part} is there by half: {where}"
            if f"{part} cannot be written" in said and "Nothing has changed" in said:
                assert found.get(part) == before, f"{part} has changed all the same: {where}"
        code_then, said_then = await self._run(command)
        if ALREADY.match(said_then):
            return
        assert code_then == 0, f"not mended: {said_then}after {where}"
        then = self._found(fault)
        for part, (_, wanted) in self._parts(then):
            assert _holds(then.get(part), wanted), f"{part}, when run again: {where}"

    def _parts(self, found: dict[str, object]) -> Iterator[tuple[str, tuple[object, object]]]:
        """Yield each part with what it was before, and what it is to be."""
        before, wanted = self._there_before, self._wanted
        for part in before.keys() | found.keys() | wanted.keys():
            yield part, (before.get(part), wanted.get(part))

    def _found(self, fault: Fault) -> dict[str, object]:
        """Return what is there; what a disk gone bad kept from being removed does not count."""
        found = what_is_there(self.home)
        if fault is BROKEN:
            return {part: what for part, what in found.items() if not UNFINISHED.search(part)}
        return found

    def _as_before(self) -> None:
        shutil.rmtree(self.home.folder)
        shutil.copytree(self._before, self.home.folder, symlinks=True)

    async def _run(self, command: Command) -> tuple[int, str]:
        """Run a command; return its exit code and what it said on standard error."""
        words = [word.replace("{home}", str(self.home.folder)) for word in command.words]
        child = await self._nursery.begin(*words, env=self.home.env, text=command.text)
        return await child.wait(), child.complained()


def _holds(found: object, wanted: object) -> bool:
    """Return whether a part is as wanted; there may be more rows, where it was done twice."""
    if isinstance(found, list) and isinstance(wanted, list):
        return all(row in found for row in wanted)
    return found == wanted


def mixed(counts: Mapping[Fault, int], most: int, shift: int) -> Iterator[tuple[Fault, int]]:
    """Yield calls that fail with one fault or another, in turn: each, or about `most` of them.

    Where not each one does, `shift` says with which to begin; commands have many calls in common.
    """
    apart = max(1, round(counts[FULL] / most))
    for number, at in enumerate(range(1 + shift % apart, counts[BROKEN] + 1, apart)):
        fault = MIXED[(number + shift) % len(MIXED)]
        if at <= counts[fault]:
            yield fault, at
    for at in range(1 + shift % apart, counts[UNSYNCED] + 1, apart):
        yield UNSYNCED, at


@asynccontextmanager
async def failing_in(folder: Path) -> AsyncIterator[Failing]:
    """Have a home in which writes fail."""
    with faults_below(folder, folder / "home") as faults:
        async with Nursery(faults.environ) as nursery:
            yield Failing(folder, faults, nursery)
