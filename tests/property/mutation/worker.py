"""A process that runs cases, each in a fork of its own: quick, and none leaves a trace to the next.

`Worker` is the handle of whoever has the cases; the rest runs in the process that it starts, and in
that one's forks. Everything is imported once, before the forks.
"""

from __future__ import annotations

import gc
import io
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.property.mutation import acts
from tests.property.mutation.case import (
    CONVERSE,
    KILLED,
    LOOK,
    MOST_SECONDS,
    READ,
    Case,
    Outcome,
    Ran,
    Step,
    faults_of,
)

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tests.property.mutation.messages import Talk

ROOT: Final = Path(__file__).resolve().parents[3]
CONFIG: Final = ".config/reminderd/config.toml"
_ENDED_AFTER: Final = 5 * MOST_SECONDS
_TRIES: Final = 3
"""How often a slow case is run: what a busy machine makes slow once, it does not each time."""
_MOST_ADDRESSES: Final = 2 * 1024**3
"""Bytes; so that a case that takes all it can get fails by itself, not with the machine."""
KNOWN: Final = "dbus-fast 5.2.0 ends the process over a value without a type"
"""dbus-daemon drops whoever sends one; only a bus that made one up itself could pass it on."""
_LONGEST: Final = 200_000
"""Characters of an output that are handed on."""


class Worker:
    """Runs cases in a home below a folder; for `with`."""

    def __init__(self, folder: Path) -> None:
        self._home = folder / "home"
        self._ours, theirs = Pipe()
        # Without coverage: it would be slow, and forks that are ended hand in nothing.
        environ = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno()), str(self._home)],
            cwd=ROOT,
            env=environ | {"PYTHONPATH": str(ROOT)},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ours.close()
        self._process.wait()

    def run(self, case: Case) -> Ran:
        """Run a case; a slow one again, and its quickest times count."""
        ran = self._once(case)
        for _ in range(_TRIES - 1):
            if not ran.slow:
                break
            again = self._once(case)
            quicker = zip(ran.outcomes, again.outcomes, strict=False)
            ran = replace(ran, outcomes=tuple(min(both, key=_seconds) for both in quicker))
        return ran

    def check(self, case: Case) -> Ran:
        """Run a case that is to go well.

        Raises:
            AssertionError: Something happened that must not; all of it is told.
        """
        ran = self.run(case)
        faults = faults_of(ran)
        assert not faults, "\n".join(faults)
        return ran

    def _once(self, case: Case) -> Ran:
        self._ours.send(case)
        ran = self._ours.recv()
        assert isinstance(ran, Ran)
        return ran


def _seconds(outcome: Outcome) -> float:
    return outcome.seconds


# What follows runs in the process of its own


def _serve(cases: Connection, home: Path) -> None:
    """Run what comes, until nobody asks any more."""
    os.environ["HOME"], os.environ["TZ"] = str(home), "Europe/Berlin"
    for name in list(os.environ):
        if name.startswith(("XDG_", "REMINDERD_", "DBUS_")):
            del os.environ[name]
    acts.make_alike()
    _warm_up(home)
    # As a command does (cli/main.py), and what is there already is not to be copied by each fork.
    gc.disable()
    gc.freeze()
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(EOFError):
        while True:
            cases.send(_fork(cases.recv(), home))


def _warm_up(home: Path) -> None:
    """Let everything be imported, and caches be filled, as far as that is the same for all."""
    steps: tuple[Step, ...] = (
        READ,
        LOOK,
        *(("config", word) for word in ("check", "show")),
        ("config", "set", "cadence.random_per_day", "3"),
        ("config", "set", "cadence.random_per_day", "x"),
        *((word,) for word in ("status", "preview", "why", "history", "show")),
        ("prompts", "list"),
        ("prompts", "check"),
    )
    receives, sends = Pipe(duplex=False)
    with receives, sends:
        _lay_out(Case({}, steps), home)
        for step in steps:
            _run(step)


def _fork(case: Case, home: Path) -> Ran:
    receives, sends = Pipe(duplex=False)
    child = os.fork()
    if not child:
        _live(case, home, sends)
    sends.close()
    outcomes = []
    with receives, suppress(EOFError):
        for step in case.steps:
            if not receives.poll(_ENDED_AFTER):
                os.kill(child, signal.SIGKILL)
                outcomes.append(Outcome(step, KILLED, "", "", _ENDED_AFTER))
                break
            outcomes.append(receives.recv())
    _, status, used = os.wait4(child, 0)
    if len(outcomes) < len(case.steps) and (not outcomes or outcomes[-1].code != KILLED):
        step, how = case.steps[len(outcomes)], f"the process ended with {status}"
        is_known = case.talk and not case.talk.is_sound and status == signal.SIGSEGV
        outcomes.append(Outcome(step, 1 if is_known else KILLED, "", KNOWN, 0, how))
    return Ran(tuple(outcomes), used.ru_maxrss)


def _live(case: Case, home: Path, results: Connection) -> None:
    """Run the steps of a case in this fork, and end it."""
    try:
        _lay_out(case, home)
        os.environ.update(case.environ)
        for step in case.steps:
            results.send(_run(step, case.talk))
    finally:
        os._exit(0)


def _lay_out(case: Case, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    os.chdir(home)
    for name, content in case.files.items():
        path = home / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)


def _run(step: Step, talk: Talk | None = None) -> Outcome:
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(), "utf-8")
    sys.stdout, sys.stderr = io.TextIOWrapper(out, "utf-8"), io.TextIOWrapper(err, "utf-8")
    begun, busy = time.perf_counter(), time.process_time()
    code, defect = acts.act(step, talk)
    busy = time.process_time() - busy
    waited = time.perf_counter() - begun - busy
    if step == CONVERSE:  # which waits, again and again, for whoever does not answer
        waited = 0.0
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    path = Path(os.environ["HOME"], CONFIG)
    return Outcome(
        step,
        code,
        out.getvalue().decode(errors="replace")[:_LONGEST],
        err.getvalue().decode(errors="replace")[:_LONGEST],
        max(busy, waited),
        defect,
        path.read_bytes() if step[0] == "config" and path.exists() else None,
    )


if __name__ == "__main__":
    from tests.property.mutation import worker

    worker._serve(Connection(int(sys.argv[1])), Path(sys.argv[2]))  # noqa: SLF001 -- it is this one
