"""The section "Start": setup (run and about are in `start.py`)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import dim, moment, one_line, paragraph, say
from reminderd.cli.start import NO_TREATMENT
from reminderd.errors import ReminderdError, ServiceError, SpokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from reminderd.adapters.setting_tables import Plain
    from reminderd.adapters.store.store import Store

    Value = TypeVar("Value")

# What is said of a person's practice; a test reads each for the words that never occur.
WELCOME: Final = (
    "Five short questions. Enter takes the answer in brackets; all can be changed later."
)
WELCOME_BACK: Final = "Welcome back. Your history is here."
ASK_WINDOWS: Final = "1. When do you use this computer?"
ASK_DISCREET: Final = "2. Can others see its screen?"
SAY_DISCREET: Final = "Only a neutral title is shown then; `reminderd show` has the text."
ASK_READS: Final = "3. Will you answer with a button, or mostly read?"
SAY_READS: Final = "Reading is enough. It keeps its pace, answered or not."
ASK_ALONE: Final = "4. Practise with somebody you feel safe with too, or alone for now?"
SAY_ALONE: Final = "Then nothing comes that needs anybody else."
ASK_LOGIN: Final = "5. Shall it start by itself at every login?"
NO_LOGIN: Final = "5. Starting at every login:"
ALL_DONE: Final = "That is all. It is kept in {path}"
HOW_TO_RUN: Final = "To start it: reminderd run"
WHAT_COMES: Final = (
    "The first practice comes soon after the start, the next ones within those hours."
)
COMES_NEXT: Final = "The next practice comes {at}."
NO_ROOM: Final = (
    "Nothing fits so far. Quiet hours are {hours}; to change them:"
    " reminderd config set quiet.hours 23:00-07:00"
)
HOW_TO_PAUSE: Final = "Quiet for a while: reminderd pause 2h. One at once: reminderd now"

_KEYS: Final = {
    "windows": "cadence.windows",
    "discreet": "notification.discreet",
    "back_off": "pace.back_off",
    "alone": "practice.alone_only",
}
_LONGEST_LINE: Final = 4096
_MOST_TRIES: Final = 3
_DAYS_AHEAD: Final = 7


@click.command(short_help="Answer five questions, and it is ready.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what stands in brackets.")
@click.pass_context
def setup(context: click.Context, yes: bool) -> None:
    r"""Answer five questions, and it is ready. To be repeated whenever you like.

    Writes the settings, and offers to start reminderd at every login. What you have set otherwise,
    comments included, and your history stay. Answers may be piped in, a line each; where they end,
    the rest is taken from the brackets.

    \b
    Examples:
      reminderd setup
      reminderd setup --yes
    """
    before = _before()
    if _any_history():
        say(WELCOME_BACK)
    if not yes:
        say(paragraph(WELCOME))
    questions = _Questions(before, silent=yes)
    answers = {
        _KEYS["windows"]: questions.windows(),
        _KEYS["discreet"]: questions.discreet(),
        _KEYS["back_off"]: questions.back_off(),
        _KEYS["alone"]: questions.alone(),
    }
    wants_service = questions.at_login()
    store = open_store(bootstrap.present())
    path = _keep(answers, before)
    say()
    say(ALL_DONE.format(path=path))
    is_up = wants_service and _start_at_login(context)
    if not (is_up or bootstrap.wake(store)):
        say(HOW_TO_RUN)
    _say_what_comes(store)
    say(HOW_TO_PAUSE)
    say()
    say(paragraph(NO_TREATMENT))


def _before() -> Mapping[str, Plain]:
    """Return every setting as it is now; the defaults where there is no file."""
    import os

    from reminderd.adapters import paths
    from reminderd.adapters.settings import written

    return {key: one.value for key, one in written(paths.config_file(), os.environ).items()}


def _any_history() -> bool:
    """Return whether anything ever came; looking makes no database."""
    from reminderd.adapters import paths

    there = paths.database_file().exists()
    return there and open_store(bootstrap.present()).reading.any_history()


class _Questions:
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
        known = self._before[_KEYS["windows"]]
        now = [str(one) for one in known] if isinstance(known, list) else [str(known)]
        return self._ask(ASK_WINDOWS, ", ".join(now), _read_windows) or now

    def discreet(self) -> Plain:
        """Ask whether others see the screen."""
        now = self._before[_KEYS["discreet"]]
        seen = self._ask(ASK_DISCREET, "yes" if now == "always" else "no", _choice("yes", "no"))
        if seen == "yes":
            self._tell(SAY_DISCREET)
            return "always"
        return "auto" if now == "always" else now

    def back_off(self) -> bool:
        """Ask whether the person will answer at all; whoever only reads is left in peace."""
        now = bool(self._before[_KEYS["back_off"]])
        said = self._ask(ASK_READS, "button" if now else "read", _choice("button", "read"))
        if said == "read":
            self._tell(SAY_READS)
        return said == "button"

    def alone(self) -> bool:
        """Ask whether somebody may be part of it."""
        now = bool(self._before[_KEYS["alone"]])
        said = self._ask(ASK_ALONE, "alone" if now else "both", _choice("both", "alone"))
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
        return self._ask(ASK_LOGIN, "yes", _choice("yes", "no")) == "yes"

    def _tell(self, text: str) -> None:
        if not self._silent:
            say(dim(paragraph(text)))

    def _ask(self, question: str, default: str, read: Callable[[str], Value]) -> Value:
        """Ask until the answer is understood."""
        tries = 0
        while not self._silent:
            tries += 1
            typed = self._typed(question, default, is_first=tries == 1)
            try:
                return read(typed)
            except SpokenError as error:
                if self._pipe and tries == _MOST_TRIES:  # as in `yes | reminderd setup`
                    raise
                say(error.message)
                say(error.hint)
        return read(default)

    def _typed(self, question: str, default: str, *, is_first: bool) -> str:
        """Return what a person types on the terminal, or what a pipe has for them."""
        if self._pipe is None:
            return str(click.prompt(question, default=default))
        click.echo(f"{question} [{default}]: ", nl=False)
        line = self._pipe.line()
        say(one_line(line or ""))
        if line is None and not is_first:
            raise SpokenError("The answers end where one was not understood.", "Nothing is kept.")
        return (line or "").strip() or default


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
        return read.decode("utf-8", "replace") if read else None


def _read_windows(text: str) -> list[str]:
    """Return windows as the settings have them."""
    from reminderd.core.spoken import format_window, parse_window, split_list

    return [format_window(parse_window(one)) for one in split_list(text)]


def _choice(*words: str) -> Callable[[str], str]:
    """Return a reader of one of some words, or of how one begins."""

    def read(text: str) -> str:
        typed = text.strip().lower()
        found = [word for word in words if typed and word.startswith(typed)]
        if len(found) != 1:
            raise SpokenError("That is not understood.", f"One of: {', '.join(words)}.")
        return found[0]

    return read


def _keep(answers: Mapping[str, Plain], before: Mapping[str, Plain]) -> str:
    """Write the answers, and return where."""
    from reminderd.adapters import config_file, paths

    path = paths.config_file()
    if not path.exists():
        config_file.create(path, answers)
    for key, value in answers.items():
        if path.exists() and value != before[key]:
            words = value if isinstance(value, list) else str(value)
            config_file.set_value(path, key, words)
    return str(path)


def _start_at_login(context: click.Context) -> bool:
    """Install the service, and return whether it runs; whatever is in the way is said."""
    from reminderd.cli.service import install

    try:
        context.invoke(install, dry_run=False, as_json=False)
    except ServiceError as error:
        say(error.message)
        say(error.hint)
        return False
    return True


def _say_what_comes(store: Store) -> None:
    """Say what comes next, and what the settings leave no room for."""
    from reminderd.app.preview import preview
    from reminderd.cli.look import NOTHING_COMES, PAUSED, shortfall_lines
    from reminderd.core.pausing import paused_until
    from reminderd.core.spoken import format_window

    present = bootstrap.present()
    preferences = bootstrap.preferences(bootstrap.load_settings())
    found = preview(store, preferences, present, _DAYS_AHEAD)
    until = paused_until(store.answers.pause(), present.now, present.zone)
    if until:
        say(PAUSED.format(until=moment(until, present)))
    if not store.reading.any_history():
        say(paragraph(WHAT_COMES))
    elif coming := [one.at for one in found.coming if until is None or one.at >= until]:
        say(COMES_NEXT.format(at=moment(coming[0], present)))
    elif not until:
        say(NOTHING_COMES)
    for line in shortfall_lines(found, _DAYS_AHEAD, present):
        say(paragraph(line))
    if not found.coming and (hours := preferences.quiet.hours):
        quiet = ", ".join(format_window(one) for one in hours)
        say(paragraph(NO_ROOM.format(hours=quiet)))
