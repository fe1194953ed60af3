"""Many commands and daemons in little time: each is a copy of a process that has loaded it all.

A program of its own takes a quarter of a second to load, a copy a few milliseconds. From there on
it is the real thing: a process with its own id, environment and descriptors, that runs the entry
point of the command line and can be killed. One thing differs: a daemon reads its settings in its
own process, since the child that it would start for that would have to load everything again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORKER = Path(__file__).with_name("nursery_worker.py")
_PATIENCE_SECONDS = 60.0


@dataclass(eq=False)
class Child:
    """One process."""

    nursery: Nursery
    pid: int
    out: Path
    err: Path
    code: asyncio.Future[int] = field(default_factory=asyncio.Future)

    def signal(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal, unless it has ended."""
        if not self.code.done():
            self.nursery.ask(pid=self.pid, signal=number)

    async def wait(self) -> int:
        """Return its exit code once it has ended; minus the signal's number if one ended it."""
        return await asyncio.wait_for(asyncio.shield(self.code), _PATIENCE_SECONDS)

    def said(self) -> str:
        """Return what it wrote to standard output."""
        return self.out.read_text("utf-8")

    def complained(self) -> str:
        """Return what it wrote to standard error."""
        return self.err.read_text("utf-8")


class Nursery:
    """Where they come from; ends with the block, and everything in it.

    Args:
        environ: Beside the environment of the tests: what is wanted in place from the first moment.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = dict(environ or {})
        self._count = 0
        self._place = tempfile.TemporaryDirectory(prefix="reminderd-nursery-")
        self._beginning: deque[asyncio.Future[int]] = deque()
        self._children: dict[int, Child] = {}
        self._over: dict[int, int] = {}
        self._process: asyncio.subprocess.Process
        self._reading: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        """Load everything."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE")}
        root = Path(__file__).parents[2]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(_WORKER)),
            env=kept | {"PYTHONPATH": str(root)} | self._environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline(), "the nursery could not load everything"
        self._reading = asyncio.create_task(self._read(self._process.stdout))
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it, and all that still runs in it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading
        self._place.cleanup()

    async def begin(self, *arguments: str, env: Mapping[str, str], text: str = "") -> Child:
        """Begin a command or a daemon.

        Args:
            arguments: What comes after `reminderd`.
            env: Its whole environment.
            text: What it reads from standard input.
        """
        self._count += 1
        place = Path(self._place.name)
        out, err, given = (place / f"{self._count}.{name}" for name in ("out", "err", "in"))
        for path in (out, err):
            path.touch()
        if text:
            given.write_text(text, "utf-8")
        began: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._beginning.append(began)
        self.ask(
            arguments=arguments,
            env={name: value for name, value in env.items() if not name.startswith("COVERAGE")},
            stdin=str(given) if text else os.devnull,
            out=str(out),
            err=str(err),
        )
        child = Child(self, await began, out, err)
        self._children[child.pid] = child
        if child.pid in self._over:
            child.code.set_result(self._over.pop(child.pid))
        return child

    def ask(self, **wish: object) -> None:
        """Send the worker a wish."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")

    async def _read(self, told: asyncio.StreamReader) -> None:
        while line := await told.readline():
            facts = json.loads(line)
            if "began" in facts:
                self._beginning.popleft().set_result(facts["began"])
            elif child := self._children.pop(facts["ended"], None):
                child.code.set_result(facts["code"])
            else:  # sooner than `begin` heard of it
                self._over[facts["ended"]] = facts["code"]
