"""One case: the files of a home, what is run there, and what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.vendor.pretty import RepresentationPrinter

    from tests.property.mutation.messages import Talk

Step = tuple[str, ...]
"""A command line; or one of the next three, which are no commands."""
READ: Final[Step] = ("(the daemon reads settings and decks)",)
LOOK: Final[Step] = ("(the daemon looks)",)
CONVERSE: Final[Step] = ("(the daemon talks with the desktop)",)

MOST_SECONDS: Final = 1.0
MOST_KIB: Final = 128 * 1024
MOST_TOLD: Final = 20_000
"""Characters on standard error; a person reads a few lines."""
KILLED: Final = -9
"""The code of a step that was ended from outside."""
_DEFECT: Final = 3
_SHOWN: Final = 500
_SPOILS: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
"""What a terminal obeys, or what makes a line read as what it is not."""


@dataclass(frozen=True, repr=False)
class Case:
    """What is tried.

    Attributes:
        files: What lies in the home, by path below it.
        steps: What is run there, in order.
        environ: What is set besides.
        talk: What is said on the bus, where it is listened to.
    """

    files: Mapping[str, bytes]
    steps: tuple[Step, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    talk: Talk | None = None

    def __repr__(self) -> str:
        """Return it in short: some files are a megabyte."""
        files = {name: _short(content) for name, content in self.files.items()}
        if self.talk:
            return repr(self.talk)
        return f"Case(files={files}, steps={self.steps}, environ={dict(self.environ)})"

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        """Have Hypothesis print that; else it prints every field in full."""
        printer.text(repr(self))


@dataclass(frozen=True)
class Outcome:
    """What came of one step.

    Attributes:
        code: The exit code: 0, or 1 where it was refused with a message.
        seconds: How long it worked, or how long it waited for anything, whichever is more: on a
            machine with other work, the two together say nothing.
        defect: The traceback of whatever was not expected.
        left: The config file afterwards, where a command was to change it.
    """

    step: Step
    code: int
    out: str
    err: str
    seconds: float
    defect: str = ""
    left: bytes | None = None


@dataclass(frozen=True)
class Ran:
    """What came of a case.

    Attributes:
        outcomes: One for each step, fewer where one was ended from outside.
        kib: The most memory that it held at once, what every command has included.
    """

    outcomes: tuple[Outcome, ...]
    kib: int

    @property
    def slow(self) -> bool:
        """Whether a step took longer than it may."""
        return any(one.seconds > MOST_SECONDS for one in self.outcomes)


def _short(content: bytes) -> bytes | str:
    return content if len(content) <= 2 * _SHOWN else f"{len(content)} bytes, {content[:_SHOWN]!r}…"


def faults_of(ran: Ran) -> list[str]:
    """Return what must not have happened, one line each."""
    faults = [fault for one in ran.outcomes for fault in _faults_of(one)]
    if ran.kib > MOST_KIB:
        faults.append(f"it held {ran.kib / 1024:.0f} MiB")
    return faults


def _faults_of(one: Outcome) -> list[str]:
    name = " ".join(one.step)
    faults = []
    if one.code == KILLED:
        return [f"{name}: {one.defect or f'did not end within {one.seconds:.0f} s'}"]
    if one.code not in {0, 1}:
        faults.append(f"{name}: ended with {one.code}\n{one.defect or one.err}")
    if one.seconds > MOST_SECONDS:
        faults.append(f"{name}: took {one.seconds:.1f} s, three times in a row")
    said = one.out + one.err
    if one.code != _DEFECT and "Traceback" in said:
        faults.append(f"{name}: shows a traceback:\n{said[-2000:]}")
    if one.code == 1 and not said.strip():
        faults.append(f"{name}: says nothing of why it ended with 1")
    if len(one.err) > MOST_TOLD:
        faults.append(f"{name}: says {len(one.err):,} characters of what is wrong")
    is_data = "--json" in one.step or one.step[0] == "export"  # which programs read
    if not is_data and (found := _SPOILS.search(said)):
        around = said[max(0, found.start() - 60) : found.end() + 20]
        faults.append(f"{name}: prints the sign {found.group()!a} in {around!a}")
    return faults
