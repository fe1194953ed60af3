"""The five questions of `setup`, on a terminal or answered from a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import dim, one_line, paragraph, say
from reminderd.errors import ReminderdError, ServiceError, SpokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from reminderd.adapters.setting_tables import Plain

    Value = TypeVar("Value")

# What is said of a person's practice; a test reads each for the words that never occur.
ASK_WINDOWS: Final = "1. When do you use this computer?"
THAT_IS: Final = "That is {windows}"
ASK_DISCREET: Final = "2. Can others see the screen?"
SAY_DISCREET: Final = "Only a neutral title is shown then; `reminderd show` has the text."
ASK_READS: Final = "3. Will you answer with a button, or mostly read?"
SAY_READS: Final = "Reading is enough. It keeps its pace, answered or not."
ASK_ALONE: Final = "4. Practise with somebody you feel safe with too, or alone for now?"
SAY_ALONE: Final = "Then nothing comes that needs anybody else."
ASK_LOGIN: Final = "5. Shall it start by itself at every login?"
NO_LOGIN: Final = "5. Starting at every login:"

ENTER_KEEPS: Final = "Enter takes what stands in brackets."
STILL_AT_LOGIN: Final = "It still does. To end that: reminderd service uninstall"

KEYS: Final = {
    "windows": "cadence.windows",
    "discreet": "notification.discreet",
    "back_off": "pace.back_off",
    "alone": "practice.alone_only",
}
_YES_NO: Final = {"yes": ("yeah", "yep", "sure", "ok"), "no": ("nope", "nah")}
_BUTTON_READ: Final = {
    "button": ("buttons", "with a button", "answer", "press"),
    "read": ("reading", "mostly read", "mostly reading", "only read", "just read"),
}
_BOTH_ALONE: Final = {
    "both": ("with somebody", "with someone", "somebody", "someone", "together", "with others"),
    "alone": ("alone for now", "by myself", "on my own", "just me", "myself"),
}
"""What answers a question, and other words for it."""
_LONGEST_LINE: Final = 4096
_MOST_TRIES: Final = 3


class Questions:
    """The five questions; what stands in brackets is how things are.

    Args:
        before: The settings as they are.
        silent: Whether to ask nothing, and take that.
    """

    def __init__(self, before: Mapping[str, Plain], *, silent: bool) -> None:
        self._before = before
        self._silent = silent
        self._pipe = None if silent or (sys.stdin and sys.stdin.isatty()) else _Pipe()

    def windows(self) -> list[str]:
        """Ask for the windows."""
        known = self._before[KEYS["windows"]]
        now = [str(one) for one in known] if isinstance(known, list) else [str(known)]
        typed, found = self._ask(ASK_WINDOWS, ", ".join(now), _read_windows)
        windows = ", ".join(found or now)
        if typed.strip() != windows:
            self._tell(THAT_IS.format(windows=windows))
        return found or now

    def discreet(self) -> Plain:
        """Ask whether others see the screen."""
        now = self._before[KEYS["discreet"]]
        seen = self._ask(ASK_DISCREET, "yes" if now == "always" else "no", _choice(_YES_NO))
        if seen == "yes":
            self._tell(SAY_DISCREET)
            return "always"
        return "auto" if now == "always" else now

    def back_off(self) -> bool:
        """Ask whether the person will answer at all; whoever only reads is left in peace."""
        now = bool(self._before[KEYS["back_off"]])
        said = self._ask(ASK_READS, "button" if now else "read", _choice(_BUTTON_READ))
        if said == "read":
            self._tell(SAY_READS)
        return said == "button"

    def alone(self) -> bool:
        """Ask whether somebody may be part of it."""
        now = bool(self._before[KEYS["alone"]])
        said = self._ask(ASK_ALONE, "alone" if now else "both", _choice(_BOTH_ALONE))
        if said == "alone":
            self._tell(SAY_ALONE)
        return said == "alone"

    def at_login(self) -> bool:
        """Ask whether it starts by itself, where it can."""
        from reminderd.adapters import service as systemd

        try:
            systemd.plan()
        except ServiceError as error:
            say(paragraph(f"{NO_LOGIN} {error.message}"))
            say(paragraph(error.hint))
            return False
        wants = self._ask(ASK_LOGIN, "yes", _choice(_YES_NO)) == "yes"
        if not wants and systemd.is_installed():
            say(paragraph(STILL_AT_LOGIN))
        return wants

    def _tell(self, text: str) -> None:
        if not self._silent:
            say(dim(paragraph(text)))

    def _ask(self, question: str, default: str, read: Callable[[str], Value]) -> Value:
        """Ask until the answer is understood; a pipe's end takes the default."""
        problem: SpokenError | None = None
        tries = 0
        while True:
            tries += 1
            typed = default if self._silent else self._typed(question, default)
            if problem and typed is None:
                raise problem
            try:
                return read(typed or default)
            except SpokenError as error:
                if self._pipe and tries == _MOST_TRIES:  # as in `yes | reminderd setup`
                    raise
                say(f"{error.message}\n{error.hint}")
                if self._pipe is None:
                    say(ENTER_KEEPS)
                problem = error

    def _typed(self, question: str, default: str) -> str | None:
        """Return what a person types on the terminal, or what a pipe has for them."""
        if self._pipe is None:
            return str(click.prompt(question, default=default))
        click.echo(f"{question} [{default}]: ", nl=False)
        line = self._pipe.line()
        say(one_line(line or ""))
        return line


class _Pipe:
    """Answers from a standard input that is no terminal."""

    def __init__(self) -> None:
        self._any = False

    def line(self) -> str | None:
        """Return the next line, or None where there are no more.

        Raises:
            ReminderdError: There was none at all, as without any input.
        """
        read = sys.stdin.buffer.readline(_LONGEST_LINE) if sys.stdin else b""
        if not read and not self._any:
            say()
            raise ReminderdError(
                "There is no terminal to ask the questions in.",
                "To take the answers that stand in brackets: reminderd setup --yes",
            )
        self._any = True
        return read.decode("utf-8", "replace").strip() if read else None


def _read_windows(text: str) -> tuple[str, list[str]]:
    """Return a text, and its windows as the settings have them."""
    from reminderd.core.spoken_window import format_window, parse_window, split_list

    return text, [format_window(parse_window(one)) for one in split_list(text)]


def _choice(choices: Mapping[str, tuple[str, ...]]) -> Callable[[str], str]:
    """Return a reader of one of some choices: by how its word begins, else by how another does."""

    def read(text: str) -> str:
        typed = " ".join(text.lower().split()).rstrip(".!")
        found = [choice for choice in choices if typed and choice.startswith(typed)]
        found = found or [
            choice
            for choice, others in choices.items()
            if typed and any(word.startswith(typed) for word in others)
        ]
        if len(found) != 1:
            raise SpokenError("That is not understood.", f"One of: {', '.join(choices)}.")
        return found[0]

    return read
