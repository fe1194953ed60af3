"""Has everything of reminderd loaded, and runs each command or daemon in a copy of itself.

`nursery.py` speaks to it: a line of JSON for each wish, on standard input; on standard output a
line for each process that began or ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from reminderd import adapters, app, cli, core, daemon
from reminderd.adapters import configuration
from reminderd.cli.main import main as reminderd

if TYPE_CHECKING:
    from reminderd.adapters.configuration import Configured


def load() -> None:
    """Load whatever a command or a daemon could ask for."""
    for package in (core, adapters, app, cli):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)


async def read_here(good: str, before: Configured | None = None) -> Configured:
    """Read settings and decks as `read_apart` does, but here: all that takes long is loaded."""
    await asyncio.sleep(0)
    del before  # it is for a child that cannot be run
    return configuration.read(good)


def begin(wish: dict[str, Any]) -> int:
    """Begin one process; return its id."""
    if pid := os.fork():
        return pid
    try:
        _become(wish)
    finally:
        os._exit(70)  # whatever happened, there is no second worker


def _become(wish: dict[str, Any]) -> NoReturn:
    os.setsid()  # Ctrl+C is for the tests
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    write, read = os.O_WRONLY | os.O_CREAT | os.O_APPEND, os.O_RDONLY
    os.environ.clear()
    os.environ.update(wish["env"])
    time.tzset()
    for number, (path, flags) in enumerate(
        ((wish["stdin"], read), (wish["out"], write), (wish["err"], write))
    ):
        descriptor = os.open(path, flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    vars(daemon)["read_apart"] = read_here
    program = Path(wish["env"]["HOME"], ".local/bin/reminderd")
    if program.exists():  # what `service install` is to start
        sys.argv[0] = str(program)
    sys.argv[1:] = wish["arguments"]
    gc.unfreeze()
    try:
        reminderd()
    except SystemExit as end:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)
    raise AssertionError("unreachable")


def say(**facts: int) -> None:
    """Tell the tests."""
    os.write(1, json.dumps(facts).encode() + b"\n")


def reap() -> None:
    """Tell of each process that has ended, negative numbers being signals."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            children.discard(found[0])
            say(ended=found[0], code=os.waitstatus_to_exitcode(found[1]))


children: set[int] = set()


def main() -> None:
    """Do what is wished for until nobody is there to wish."""
    load()
    gc.collect()
    gc.freeze()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say(ready=1)
    unread = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            reap()
        if 0 not in ready:
            continue
        if not (read := os.read(0, 65536)):
            break
        *lines, unread = (unread + read).split(b"\n")
        for line in lines:
            wish = json.loads(line)
            if "signal" in wish:
                if wish["pid"] in children:  # else it has ended, and the number may be another's
                    os.kill(wish["pid"], wish["signal"])
            else:
                pid = begin(wish)
                children.add(pid)
                say(began=pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
