"""The terminal notifier in real terminals: in front, in the background, and in a pipe."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
import termios
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.adapters.notifiers.terminal import TerminalNotifier
from reminderd.core.notice import NEUTRAL_TITLE, Button, Notice, Posted, Press, Refused, cover
from tests.integration.no_network import begin_watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Started = Callable[..., pexpect.spawn[str]]

# Python >= 3.12 warns about a fork beside threads, and pytest-xdist's workers have one.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

ROOT = Path(__file__).parents[2]
NOTICE = Notice(
    delivery="d1",
    title="A pause with a return",
    body="Pick words for an everyday disagreement: I need half an hour, then I want to go on. " * 2,
    cue="If I want to vanish, then I say when I will be back.",
    buttons=(Button("done", "Done"), Button("hard", "Hard today"), Button("later", "Later")),
)

# Shows one notice, tells presses as <delivery key>, shows another on SIGUSR1, closes on SIGUSR2.
PERSON_SIDE = """
import asyncio, os, signal, sys
from dataclasses import replace
from reminderd.adapters.notifiers.terminal import TerminalNotifier
from reminderd.core.notice import Button, Notice, SHOW, cover
from tests.integration.no_network import begin_watch

async def main(kind):
    loop, tasks, end = asyncio.get_running_loop(), set(), asyncio.Event()
    notice = Notice("d1", "A small pause", "One breath. " * 12, "If it is loud, then I wait.", (
        Button("taken" if kind == "next" else "done", "Done"), Button("hard", "Hard today"),
        Button("not-today", "Not today") if kind == "last" else Button("later", "Later")))

    def say(word):
        print(f"<{word}>", flush=True)

    def do(what, coroutine):
        async def doing():
            await coroutine
            say(what)
        tasks.add(loop.create_task(doing()))

    def on_press(press):
        say(f"{press.delivery} {press.key}")
        if press.key == SHOW:
            do("uncovered", notifier.show(notice))
        return kind != "unstored"

    out = sys.stdout
    if kind == "unread":
        reading, writing = os.pipe()
        os.close(reading)
        out = os.fdopen(writing, "w")
    notifier = TerminalNotifier(on_press=on_press, out=out)
    loop.add_signal_handler(signal.SIGUSR1, lambda: do(
        "again", notifier.show(replace(notice, delivery="d2"))))
    loop.add_signal_handler(signal.SIGUSR2, lambda: do("closed", notifier.close("d1")))
    loop.add_signal_handler(signal.SIGTERM, end.set)
    await notifier.start()
    if kind != "none":
        await notifier.show(cover(notice) if kind == "discreet" else notice)
    say("shown")
    if kind == "unread":
        await asyncio.sleep(0.5)
        say("left: " + sys.stdin.readline().strip())
    await end.wait()
    await notifier.stop()
    say("stopped")

asyncio.run(main(sys.argv[1]))
"""


NOTHING_OPEN = "Nothing is open here now. `reminderd now` brings one."


def stored(_: Press) -> bool:
    return True


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "person_side.py"
    file.write_text(PERSON_SIDE, "utf-8")
    return file


@pytest.fixture
def terminal() -> Iterator[Started]:
    """Start a program in a terminal of its own."""
    started: list[pexpect.spawn[str]] = []

    def start(*command: str, columns: int = 80, **environment: str) -> pexpect.spawn[str]:
        settings = {"PYTHONPATH": str(ROOT), "TERM": "xterm", "PS1": "$ "} | environment
        child = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=os.environ | settings,
            encoding="utf-8",
            timeout=10,
            dimensions=(24, columns),
            preexec_fn=begin_watch,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.fixture
def person(terminal: Started, program: Path) -> Started:
    """Start the person's side of one practice in the foreground of a terminal."""

    def start(kind: str = "now", columns: int = 80, **environment: str) -> pexpect.spawn[str]:
        child = terminal(sys.executable, str(program), kind, columns=columns, **environment)
        child.expect("<shown>")
        return child

    return start


class TestInFront:
    @pytest.mark.parametrize(
        ("typed", "key", "said"),
        [
            ("d", "done", "Noted."),
            ("Done", "done", "Noted."),
            ("h", "hard", "Noted. It comes back smaller, not soon."),
            ("hard today.", "hard", "Noted. It comes back smaller, not soon."),
            ("l", "later", "It comes back later, at a good moment."),
            ("later", "later", "It comes back later, at a good moment."),
            ("t", "taken", "Noted. It can wait for its occasion."),
            ("I\u2019ll try", "taken", "Noted. It can wait for its occasion."),
            ("n", "not-today", "It rests for today."),
            ("not today", "not-today", "It rests for today."),
            ("not-for-me", "not-for-me", "It will not come again."),
            ("i will try", "taken", "Noted. It can wait for its occasion."),
            ("ill try", "taken", "Noted. It can wait for its occasion."),
            ("will try", "taken", "Noted. It can wait for its occasion."),
            ("not_today", "not-today", "It rests for today."),
            ('"done"', "done", "Noted."),
            ("D.", "done", "Noted."),
        ],
    )
    def test_an_answer(
        self,
        person: Started,
        typed: str,
        key: str,
        said: str,
    ) -> None:
        """A letter or a word answers, once, and is acknowledged."""
        child = person()
        child.sendline(typed)
        child.expect_exact(f"<d1 {key}>")
        child.expect_exact(f"  {said}\r\n")
        child.sendline("d")
        child.expect_exact(NOTHING_OPEN)
        child.kill(signal.SIGTERM)
        child.expect_exact("<stopped>")
        assert "<d1" not in (child.before or "")

    @pytest.mark.parametrize("typed", ["d", "l"])
    def test_an_answer_that_is_not_stored_yet(self, person: Started, typed: str) -> None:
        """It is not acknowledged but kept, and no other is read."""
        child = person("unstored")
        child.sendline(typed)
        child.expect_exact("Kept, not stored yet; it is tried again.")
        assert "Noted" not in (child.before or "")
        child.sendline("h")
        child.kill(signal.SIGTERM)
        child.expect_exact("<stopped>")
        assert "<d1" not in (child.before or "")

    def test_what_is_not_understood(self, person: Started) -> None:
        """An unknown line is explained, an empty one says nothing, and the next is read."""
        child = person()
        child.sendline("")
        child.sendline("what?")
        child.expect_exact("Understood here: d for Done, h for Hard today or l for Later.")
        assert "Understood" not in (child.before or "")
        child.sendline("show")
        child.expect_exact("Understood here: ")
        child.sendline("h")
        child.expect_exact("<d1 hard>")

    def test_a_very_long_line(self, person: Started) -> None:
        """It is one line, and its end is no answer."""
        child = person()
        child.send("x" * 4000 + "done\n")
        child.expect_exact("Understood here: d for Done, h for Hard today or l for Later.")
        child.sendline("h")
        child.expect_exact("<d1 hard>")
        assert "<d1" not in (child.before or "")

    def test_what_cannot_be_written_takes_no_answer(self, person: Started) -> None:
        """What is typed then is for whoever reads this terminal next."""
        child = person("unread")
        child.sendline("mine")
        child.expect_exact("<left: mine>")

    def test_what_is_open_stays_so_while_another_cannot_be_shown(self, person: Started) -> None:
        """Ctrl+S, a practice that is refused for it, Ctrl+Q: the answer is to the one there is."""
        child = person()
        child.send("\x13")
        time.sleep(0.3)
        child.kill(signal.SIGUSR1)
        time.sleep(0.3)
        child.send("\x11")
        child.expect_exact("<again>")
        child.sendline("h")
        child.expect_exact("<d1 hard>")

    def test_later_on_the_last_showing(self, person: Started) -> None:
        """Nothing is promised that will not happen: it does not come back today."""
        child = person("last")
        child.sendline("later")
        child.expect_exact("<d1 later>")
        child.expect_exact("Noted.")

    def test_a_discreet_one(self, person: Started) -> None:
        """Only the neutral title is there until `s` uncovers it; then it is answered."""
        child = person("discreet")
        before = child.before or ""
        assert NEUTRAL_TITLE in before
        assert "One breath." not in before
        assert "Type s for Show or l for Later, then Enter." in before
        child.sendline("s")
        child.expect_exact("<d1 show>")
        child.expect_exact("One breath.")
        child.expect_exact("<uncovered>")
        child.sendline("d")
        child.expect_exact("<d1 done>")

    def test_answered_elsewhere(self, person: Started) -> None:
        """The invitation is taken back, and what is typed then is told once, and no answer."""
        child = person()
        child.kill(signal.SIGUSR2)
        child.expect_exact("  Closed: it was answered elsewhere, or its time is over.\r\n")
        child.expect_exact("<closed>")
        child.sendline("d")
        child.expect_exact(f"  {NOTHING_OPEN}\r\n")
        child.sendline("d")
        child.kill(signal.SIGTERM)
        child.expect_exact("<stopped>")
        assert "<d1" not in (child.before or "")
        assert NOTHING_OPEN not in (child.before or "")

    def test_a_line_before_the_first_practice(self, person: Started) -> None:
        """It is told that nothing is open, and each practice after that is answered."""
        child = person("none")
        child.sendline("hello")
        child.expect_exact(NOTHING_OPEN)
        child.kill(signal.SIGUSR1)
        child.expect_exact("<again>")
        child.sendline("d")
        child.expect_exact("<d2 done>")
        child.sendline("d")
        child.expect_exact(NOTHING_OPEN)

    def test_closed_after_it_was_answered_here(self, person: Started) -> None:
        """Nothing more is said."""
        child = person()
        child.sendline("d")
        child.expect_exact("Noted.")
        child.kill(signal.SIGUSR2)
        child.expect_exact("<closed>")
        assert "Closed" not in (child.before or "")

    def test_what_was_typed_before_it_appeared(self, person: Started) -> None:
        """A line from before is no answer to a practice that the person had not seen."""
        child = person()
        child.kill(signal.SIGSTOP)
        child.sendline("hard")
        child.send("har")  # not even its beginning
        child.kill(signal.SIGUSR1)
        child.kill(signal.SIGCONT)
        child.expect_exact("<again>")
        child.sendline("d")
        child.expect_exact("<d2 done>")
        assert "hard>" not in (child.before or "")

    def test_the_end_of_the_input(self, person: Started) -> None:
        """Ctrl-D ends nothing: the practice is still answered here, and so is the next."""
        child = person()
        child.sendeof()
        child.sendeof()
        child.sendline("d")
        child.expect_exact("<d1 done>")
        child.sendeof()
        child.kill(signal.SIGUSR1)
        child.expect_exact("<again>")
        child.sendline("h")
        child.expect_exact("<d2 hard>")

    def test_the_terminal_is_left_as_it_was(self, person: Started) -> None:
        """Echo and line editing stay on."""
        child = person()
        assert child.getecho()
        child.send("hx\x7f\r")
        child.expect_exact("<d1 hard>")


class TestLayout:
    def test_it_fits_the_width(self, person: Started) -> None:
        """Every line fits a narrow terminal, and the title is set off."""
        lines = (person(columns=40).before or "").replace("\r", "").split("\n")

        assert "  \x1b[1mA small pause\x1b[0m" in lines
        assert "  If it is loud, then I wait." in lines
        assert max(len(line) for line in lines if "\x1b" not in line) < 40

    @pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
    def test_no_colour_where_it_is_not_wanted(
        self, person: Started, variable: str, value: str
    ) -> None:
        """NO_COLOR and a dumb terminal get plain text."""
        assert "\x1b" not in (person(**{variable: value}).before or "")

    async def test_a_pipe(self) -> None:
        """Plain lines, and the command that answers; nothing is read."""
        pipe = StringIO()
        read_end, write_end = os.pipe()
        os.write(write_end, b"d\n")
        presses: list[Press] = []

        def on_press(press: Press) -> bool:
            presses.append(press)
            return True

        notifier = TerminalNotifier(on_press=on_press, out=pipe, fd=read_end)
        assert await notifier.show(NOTICE) == Posted("terminal", 0)
        await notifier.stop()
        os.close(write_end)
        os.close(read_end)

        text = pipe.getvalue()
        assert text.startswith(f"\n  {NOTICE.title}\n\n  Pick words for an everyday")
        assert text.endswith(
            "\n\n  Answer from any terminal: reminderd respond done (or hard, later)\n\n"
        )
        assert "\x1b" not in text
        assert presses == []

    async def test_a_discreet_one_in_a_pipe(self) -> None:
        """It says how to read it."""
        pipe = StringIO()
        await TerminalNotifier(on_press=stored, out=pipe, fd=-1).show(cover(NOTICE))

        assert pipe.getvalue() == f"\n  {NEUTRAL_TITLE}\n\n  To read it: reminderd show\n\n"

    async def test_a_deck_commands_nothing(self) -> None:
        """Escape sequences of a deck do not reach the terminal."""
        pipe = StringIO()
        notice = replace(
            NOTICE, title="\x1b[2Jtitle", body="one\x1b]0;x\x07\n\n\ntwo", cue="\x9b1mcue"
        )
        await TerminalNotifier(on_press=stored, out=pipe, fd=-1).show(notice)

        text = pipe.getvalue()
        assert not set(text) & {"\x1b", "\x07", "\x9b"}
        assert "  one]0;x\n\n  two\n\n  1mcue\n" in text

    async def test_letters_that_the_terminal_does_not_have(self, tmp_path: Path) -> None:
        """An ASCII terminal gets question marks, not an error."""
        with (tmp_path / "out").open("w", encoding="ascii") as out:
            notifier = TerminalNotifier(on_press=stored, out=out, fd=-1)
            assert isinstance(await notifier.show(replace(NOTICE, title="déjà")), Posted)

        assert "d?j?" in (tmp_path / "out").read_text("ascii")

    async def test_a_reader_that_has_gone(self) -> None:
        """A closed pipe refuses, and is not tried again."""
        read_end, write_end = os.pipe()
        os.close(read_end)
        out = os.fdopen(write_end, "w")
        notifier = TerminalNotifier(on_press=stored, out=out, fd=-1)
        assert notifier.ready()
        assert isinstance(await notifier.show(NOTICE), Refused)
        assert not notifier.ready()
        out.close()

    async def test_a_pipe_that_nobody_reads(self) -> None:
        """It takes no practice once it is full, and the daemon does not wait; later it does."""
        read_end, write_end = os.pipe()
        with os.fdopen(read_end, "rb", buffering=0) as reader, os.fdopen(write_end, "w") as out:
            notifier = TerminalNotifier(on_press=stored, out=out, fd=-1)
            flood = replace(NOTICE, body="many words " * 60)
            delivered = [await notifier.show(flood) for _ in range(200)]
            first = delivered.index(next(one for one in delivered if isinstance(one, Refused)))
            assert all(isinstance(one, Posted) for one in delivered[:first])
            assert all(isinstance(one, Refused) for one in delivered[first:])
            assert notifier.ready()

            os.set_blocking(read_end, False)
            for _ in iter(lambda: reader.read(4096), None):
                await asyncio.sleep(0.01)  # the rest of the last one follows by itself
            assert isinstance(await notifier.show(replace(NOTICE, title="The end")), Posted)
            assert b"The end" in reader.read(1 << 16)

    async def test_a_terminal_that_is_stopped(self) -> None:
        """Ctrl+S holds the terminal, not the daemon; nothing is said to be shown meanwhile."""
        main, terminal = pty.openpty()
        with os.fdopen(terminal, "w") as out:
            notifier = TerminalNotifier(on_press=stored, out=out, fd=-1)
            termios.tcflow(out.fileno(), termios.TCOOFF)
            assert isinstance(await notifier.show(NOTICE), Refused)
            termios.tcflow(out.fileno(), termios.TCOON)
            assert isinstance(await notifier.show(NOTICE), Posted)
            assert NOTICE.title.encode() in os.read(main, 4096)
        os.close(main)

    async def test_a_terminal_whose_window_hangs(self) -> None:
        """What the window does not take is refused, however much comes."""
        main, terminal = pty.openpty()
        with os.fdopen(terminal, "w") as out:
            notifier = TerminalNotifier(on_press=stored, out=out, fd=-1)
            flood = replace(NOTICE, body="many words " * 60)
            delivered = [await notifier.show(flood) for _ in range(300)]
            assert isinstance(delivered[0], Posted)
            assert isinstance(delivered[-1], Refused)
            await notifier.stop()
        os.close(main)

    async def test_a_file_that_is_closed(self, tmp_path: Path) -> None:
        """It is no terminal, and refuses."""
        out = (tmp_path / "out").open("w")
        out.close()
        notifier = TerminalNotifier(on_press=stored, out=out, fd=-1)
        assert not notifier.seen()
        assert isinstance(await notifier.show(NOTICE), Refused)
        assert not notifier.ready()

    async def test_no_standard_output(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A program may be started without one."""
        monkeypatch.setattr(sys, "stdout", None)
        notifier = TerminalNotifier(on_press=stored, fd=-1)
        assert not notifier.seen()
        assert not notifier.ready()
        assert await notifier.show(NOTICE) == Refused("standard output cannot be written to")
        assert notifier.trouble == "standard output cannot be written to"


class TestJobControl:
    @pytest.fixture
    def shell(self, terminal: Started, program: Path) -> pexpect.spawn[str]:
        shell = terminal("bash", "--norc", "--noprofile", "-i")
        shell.expect_exact("$ ")
        person = join([sys.executable, str(program), "now"])
        shell.sendline(f"alias person={quote(person)}")
        shell.expect_exact("$ ")
        return shell

    def test_started_in_the_background(self, shell: pexpect.spawn[str]) -> None:
        """It reads nothing that belongs to the shell, is never stopped, and says how to answer."""
        shell.sendline("person &")
        shell.expect_exact("Answer from any terminal: reminderd respond done")
        shell.expect_exact("<shown>")
        shell.sendline("echo d; jobs")
        shell.expect("Running +.*person")
        shell.sendline("fg")
        shell.expect_exact("person")
        shell.sendline("d")
        shell.expect_exact("d")
        shell.sendcontrol("c")
        shell.expect_exact("KeyboardInterrupt")
        assert "<d1" not in (shell.before or "")

    def test_put_into_the_background_while_reading(self, shell: pexpect.spawn[str]) -> None:
        """Ctrl-Z and bg: the shell's lines stay the shell's; in front again the next is read."""
        shell.sendline("person")
        shell.expect_exact("<shown>")
        shell.sendcontrol("z")
        shell.expect("Stopped")
        shell.expect_exact("$ ")  # what is typed before the shell has the terminal may be lost
        shell.sendline("bg")
        shell.expect_exact("$ ")
        shell.sendline("echo a-$((1+1)); sleep 2")
        shell.expect_exact("a-2")
        said = shell.before or ""
        shell.sendline("echo one-$((1+1)); jobs")  # it lies there for two seconds, to be noticed
        shell.expect_exact("one-2")
        said += shell.before or ""
        assert "  Answer from any terminal: reminderd respond done (or hard, later)\r\n" in said
        shell.expect("Running +.*person")
        shell.expect_exact("$ ")
        shell.sendline("echo two-$((1+1)); jobs")
        shell.expect_exact("two-2")
        shell.expect("Running +.*person")
        shell.expect_exact("$ ")
        shell.sendline("kill -USR1 %1; fg")
        shell.expect_exact("<again>")
        shell.sendline("kill")
        shell.expect_exact("kill")
        shell.sendcontrol("z")
        shell.expect("Stopped")
        shell.expect_exact("$ ")  # what is typed before the shell has the terminal may be lost
        shell.sendline("kill -USR1 %1; fg")
        shell.expect_exact("<again>")
        shell.sendline("h")
        shell.expect_exact("<d2 hard>")
        shell.sendcontrol("c")
        shell.expect_exact("KeyboardInterrupt")
