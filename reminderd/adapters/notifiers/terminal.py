"""The terminal that `reminderd run` was started in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Final, TextIO

from reminderd.adapters.notifiers.markup import how_to_answer, plain_text, title_of
from reminderd.adapters.unblocked import Outlet, never_stopped
from reminderd.core.names import Answer
from reminderd.core.notice import (
    NEUTRAL_BODY,
    READING,
    SHOW,
    Button,
    Delivered,
    Notice,
    Posted,
    Press,
    Refused,
)
from reminderd.core.spoken_answer import parse_answer
from reminderd.core.words import ACKNOWLEDGED, NOTED, PASSING

if TYPE_CHECKING:
    from collections.abc import Callable

_STDIN: Final = 0
_LINE_BYTES: Final = 8192
"""More than the longest line that a terminal gives (4,096 on Linux): its end is no line."""
_INDENT: Final = "  "
_KEPT: Final = "Kept, not stored yet; it is tried again."
_CLOSED: Final = "Closed: it was answered elsewhere, or its time is over."
_NOTHING_OPEN: Final = "Nothing is open here now. `reminderd now` brings one."
_ELSEWHERE: Final = "Practices come on your desktop from now on."
_STOPPED: Final = "the terminal takes no text at the moment"
_WIDTHS: Final = (20, 78)
"""Narrower is unreadable, wider is tiring."""

_SHORT: Final[dict[str, str]] = {
    "d": Answer.DONE,
    "t": Answer.TAKEN,
    "h": Answer.HARD,
    "l": Answer.LATER,
    "n": Answer.NOT_TODAY,
    "r": READING,
    READING: READING,
    "reading is enough": READING,
    "s": SHOW,
    SHOW: SHOW,
}
"""What is understood beside the words for an answer, whatever the buttons are."""


class TerminalNotifier:
    """Writes a practice to standard output and reads one answer as a line, where that is possible.

    Whatever else the person types there is met with a line that says what to do.

    Args:
        on_press: The person typed an answer. Returns whether it is stored: it is acknowledged
            then, else said to be kept; no other answer is read either way.
        out: Where to write; standard output if not given.
        fd: Where to read.
    """

    name = "terminal"
    server = ""

    def __init__(
        self, *, on_press: Callable[[Press], bool], out: TextIO | None = None, fd: int = _STDIN
    ) -> None:
        self._on_press = on_press
        self._out: TextIO | None = out or sys.stdout  # None if it was closed before the start
        self._fd = fd
        self._notice: Notice | None = None
        self._listening = False
        self._told = False  # that nothing is open
        self._outlet = Outlet(self._out)

    @property
    def limits(self) -> tuple[str, ...]:
        """What cannot be done here, in plain words."""
        if _in_foreground(self._fd):
            return ()
        return ("The terminal takes no answers: answer with `reminderd respond`.",)

    @property
    def trouble(self) -> str:
        """Why nothing can be brought up now, in plain words; empty when it can."""
        return "standard output cannot be written to" if self._outlet.gone else ""

    def seen(self) -> bool:
        """Return whether a person probably looks at what is written."""
        return self._is_terminal() and self._out is not None and _in_foreground(self._out.fileno())

    def ready(self) -> bool:
        """Return whether there is still somewhere to write."""
        return not self._outlet.gone

    async def start(self) -> None:
        """Listen also before the first practice, if the person sees what is said to them here."""
        if self.seen():
            self._listen()

    async def stop(self) -> None:
        """Stop reading, and drop what nobody has read until now."""
        self._forget()
        self._stop_listening()
        self._outlet.drop()

    async def hand_over(self) -> None:
        """Stop reading, as practices come on the desktop now; say so where one could answer."""
        listened = self._listening
        await self.stop()
        if listened and _in_foreground(self._fd):
            self._write(f"{self._wrapped(_ELSEWHERE)}\n")

    async def show(self, notice: Notice) -> Delivered:
        """Write it, and read its answer where there is one to read. Never raises."""
        listening = self._listen()
        if self._outlet.stuck or not self._write(self._laid_out(notice, listening=listening)):
            if self._notice is None and not self.seen():
                self._stop_listening()
            return Refused(self.trouble or _STOPPED)  # what was open before still is
        self._notice, self._told = notice, False
        if listening and not self._drop_typed():
            self._say_elsewhere(notice)
        return Posted(self.name, 0)

    def tell(self, text: str) -> None:
        """Write one line, if somebody looks."""
        if self.seen():
            self._write(f"{self._wrapped(text)}\n")

    def stands(self, delivery: str) -> bool:  # noqa: ARG002 -- the port's
        """Return True: what is written stays there to be read."""
        return True

    async def close(self, delivery: str) -> None:
        """Take no answer for it any more, and say so where one was asked for."""
        if self._notice is not None and self._notice.delivery == delivery:
            self._forget()
            if self._listening and _in_foreground(self._fd):
                self._write(f"{self._wrapped(_CLOSED)}\n")

    def _laid_out(self, notice: Notice, *, listening: bool) -> str:
        title = title_of(notice)
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        if self._is_terminal() and not plain:
            title = f"\x1b[1m{title}\x1b[0m"
        blocks = [_INDENT + title]
        blocks += [self._wrapped(text) for text in (notice.body, notice.cue) if text]
        blocks.append(self._wrapped(_invitation(notice, listening=listening)))
        return "\n" + "\n\n".join(blocks) + "\n\n"

    def _is_terminal(self) -> bool:
        try:
            return self._out is not None and self._out.isatty()
        except ValueError:  # it is closed
            return False

    def _wrapped(self, text: str) -> str:
        columns = 0
        with contextlib.suppress(OSError, ValueError):  # a pipe, or no file at all
            if self._out is not None:
                columns = os.get_terminal_size(self._out.fileno()).columns
        narrowest, widest = _WIDTHS
        width = max(narrowest, min((columns or widest) - 1, widest))
        return "\n".join(
            textwrap.fill(line, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
            for line in plain_text(text).split("\n")
        )

    def _write(self, text: str) -> bool:
        return self._outlet.write(text)

    def _listen(self) -> bool:
        """Begin to read, or go on; return whether this is possible now."""
        if not _in_foreground(self._fd):
            self._stop_listening()
        elif not self._listening:
            asyncio.get_running_loop().add_reader(self._fd, self._read)
            self._listening = True
        return self._listening

    def _drop_typed(self) -> bool:
        """Drop what was typed before a practice appeared, as it is no answer to it.

        Returns:
            Whether that is so; else nothing is read.
        """
        import termios  # noqa: PLC0415 - unknown to Windows, where nothing is in the foreground

        try:
            with never_stopped():
                termios.tcflush(self._fd, termios.TCIFLUSH)
        except (OSError, termios.error):
            self._stop_listening()
        return self._listening

    def _stop_listening(self) -> None:
        if self._listening:
            self._listening = False
            asyncio.get_running_loop().remove_reader(self._fd)

    def _forget(self) -> None:
        """Have nothing open; listen on only where the person sees what is said to them."""
        self._notice = None
        self._told = False
        if not self.seen():
            self._stop_listening()

    def _read(self) -> None:
        line = _one_line(self._fd) if _in_foreground(self._fd) else None
        if line is None:  # it belongs to another program now, or it is gone
            self._stop_listening()
            if self._notice is not None:
                self._say_elsewhere(self._notice)
        elif typed := line.decode(errors="replace").strip():
            self._answer(typed)

    def _say_elsewhere(self, notice: Notice) -> None:
        """Say how to answer, as it cannot be typed here any more."""
        self._write(f"\n{self._wrapped(_invitation(notice, listening=False))}\n")

    def _answer(self, typed: str) -> None:
        notice = self._notice
        if notice is None:
            if not self._told:
                self._told = True
                self._write(f"{self._wrapped(_NOTHING_OPEN)}\n")
            return
        key = _SHORT.get(typed.casefold().rstrip(" .!")) or parse_answer(typed)
        offered = {button.key for button in notice.buttons}
        if key is None or (key in {SHOW, READING} and key not in offered):
            self._write(self._wrapped(f"Understood here: {_choices(notice.buttons)}.") + "\n")
        elif key in {SHOW, READING}:  # no answer, so it stays open
            self._on_press(Press(notice.delivery, key))
        else:
            self._forget()
            stored = self._on_press(Press(notice.delivery, key))
            comes = key != Answer.LATER or Answer.LATER in offered
            said = ACKNOWLEDGED.get(key) or PASSING.get(key, NOTED)
            said = said if comes else NOTED
            self._write(f"{self._wrapped(said if stored else _KEPT)}\n")


def _in_foreground(fd: int) -> bool:
    """Return whether the terminal behind `fd` is this process's to read and to be seen in."""
    try:
        return os.isatty(fd) and os.tcgetpgrp(fd) == os.getpgrp()
    except (OSError, AttributeError):  # a terminal that has gone; a system without such groups
        return False


def _one_line(fd: int) -> bytes | None:
    """Read what is there; b"" if there is nothing after all, None if nothing can be read any more.

    A line can be flushed away after it was announced (Ctrl-Z does that), and a read would then
    stand still until the next one, the whole daemon with it. So the terminal is opened anew for a
    read that does not wait: the flags of our standard input are the shell's as well.
    Ctrl+D is an empty line here: what is typed after it can still be read.
    """
    try:
        own = _opened_anew(fd)
    except OSError:
        return None
    try:
        with never_stopped():
            return os.read(own, _LINE_BYTES)
    except BlockingIOError:
        return b""
    except OSError:
        return None
    finally:
        os.close(own)


def _opened_anew(fd: int) -> int:
    """Open the terminal behind `fd` once more, for reads that do not wait."""
    how = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
    try:
        return os.open(os.ttyname(fd), how)
    except OSError:  # after `su` it is another's by name
        return os.open("/dev/tty", how)


def _invitation(notice: Notice, *, listening: bool) -> str:
    if listening and notice.buttons:
        return f"Type {_choices(notice.buttons)}, then Enter."
    if notice.discreet:
        return NEUTRAL_BODY
    return how_to_answer(notice).replace("Answer:", "Answer from any terminal:")


def _choices(buttons: tuple[Button, ...]) -> str:
    """Return what can be typed, in words."""
    *most, last = (f"{button.key[0]} for {button.label}" for button in buttons)
    return f"{', '.join(most)} or {last}" if most else last
