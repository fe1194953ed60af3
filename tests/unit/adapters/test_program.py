"""Another program may print what it likes, for as long as it likes: ours is not held up."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
from pathlib import Path

import pytest

from reminderd.adapters.desktop.program import output_of

SECONDS = 0.8
MOST_SECONDS = 3.0
"""A busy machine takes longer than what is promised to start and end programs."""
TOO_LONG = "too long"


async def output(script: str) -> str | None:
    async with asyncio.timeout(MOST_SECONDS):
        try:
            return await output_of("sh", "-c", script, seconds=SECONDS)
        except TimeoutError:
            return TOO_LONG


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo said", "said\n"),
        ("true", ""),
        ("echo said >&2; echo also", "also\n"),
        ("printf '\\377'", "\N{REPLACEMENT CHARACTER}"),
        ("echo $LC_ALL", "C.UTF-8\n"),
        ("cat", ""),  # it has nothing to read
        ("head -c 200000 /dev/zero | tr '\\0' x", "x" * 200_000),
        ("echo said; exit 3", None),
        ("echo said; kill -9 $$", None),
    ],
)
async def test_what_it_prints_is_told_where_it_does_not_fail(script: str, told: str | None) -> None:
    assert await output(script) == told


async def test_it_is_not_told_of_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be another machine's, and some look there for more settings."""
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    assert await output("echo ${DISPLAY-none} $LC_ALL") == "none C.UTF-8\n"


async def test_what_is_not_installed_tells_nothing(tmp_path: Path) -> None:
    not_ours = tmp_path / "program"
    not_ours.write_text("no program at all", "utf-8")
    not_ours.chmod(0o700)
    assert await output_of("reminderd-has-no-such-program", seconds=SECONDS) is None
    assert await output_of(str(not_ours), seconds=SECONDS) is None
    assert await output_of(str(tmp_path), seconds=SECONDS) is None


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text("utf-8").split()[2] == "Z"


@pytest.mark.parametrize(
    ("goes_on", "told"),
    [
        ("exec sleep 30", TOO_LONG),
        ("trap '' TERM; while :; do sleep 0.1; done", TOO_LONG),
        ("exec >&-; sleep 30", TOO_LONG),
    ],
)
async def test_what_goes_on_too_long_is_ended(
    tmp_path: Path, goes_on: str, told: str | None
) -> None:
    """Silent, stubborn, or done with printing alone."""
    note = tmp_path / "pid"
    assert await output(f"echo $$ >{note}; {goes_on}") == told
    assert is_gone(int(note.read_text("utf-8")))


async def test_who_prints_too_much_is_ended_at_once() -> None:
    begun = asyncio.get_running_loop().time()
    assert await output("exec yes") is None
    assert asyncio.get_running_loop().time() - begun < 0.75


@pytest.mark.parametrize(
    ("then", "told"),
    [("exec sleep 30", TOO_LONG), ("exit 1", None), ("exit", "")],
)
async def test_what_it_leaves_behind_holds_up_nobody(
    tmp_path: Path, then: str, told: str | None
) -> None:
    """Somebody started by it holds on to its output: a sound server, a bus."""
    note = tmp_path / "pid"
    assert await output(f"sleep 30 & echo $! >{note}; {then}") == told
    left = int(note.read_text("utf-8"))
    for _ in range(int(MOST_SECONDS / 0.01)):
        if is_gone(left):  # the kernel tells nobody of it but whoever takes in orphans
            return
        await asyncio.sleep(0.01)
    pytest.fail("it lives")


async def test_where_nothing_can_be_written_it_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A disk that is full or not there."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    assert await output("echo said") in {"said\n", None}


async def test_with_too_many_files_open_it_tells_nothing() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    await output("true")  # what the loop opens for its first child
    with tempfile.TemporaryFile() as highest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest.fileno() + 1, hard))
        try:
            assert await output("echo said") is None
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_it_does_not_outlive_the_one_who_asks(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    os.mkfifo(note)
    script = f"echo $$ >{note}; exec sleep 30"
    asking = asyncio.create_task(output_of("sh", "-c", script, seconds=SECONDS))
    pid = int(await asyncio.to_thread(note.read_text, "utf-8"))
    asking.cancel()
    async with asyncio.timeout(MOST_SECONDS):
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert is_gone(pid)


async def test_many_at_once_do_not_mix_up_what_they_print() -> None:
    say = [sys.executable, "-Sc", "import sys; print(sys.argv[1])"]
    told = await asyncio.gather(
        *(output_of(*say, str(number), seconds=SECONDS) for number in range(3))
    )
    assert told == ["0\n", "1\n", "2\n"]
