"""What a delivery says on the screen, and what became of bringing it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from reminderd.core.history import ShownText
from reminderd.core.names import LAST_SHOWING, Answer, When

if TYPE_CHECKING:
    from reminderd.core.model import Prompt

Discretion = Literal["auto", "always", "never"]

INTIMATE_TIPS: Final = frozenset({"talk-with-a-therapist", "understanding", "noticing"})
"""Themes that are shown by their neutral title only, unless the person says otherwise."""

NEUTRAL_TITLE: Final = "A small practice"
NEUTRAL_BODY: Final = "To read it: reminderd show"

SHOW: Final = "show"
"""The key that brings up the text with the usual buttons: of a covered notice, or of a full one."""
IN_FULL: Final = "in-full"
"""The key of a click on the text: it asks for the practice in full and is no answer to it."""
VIEWS: Final = frozenset({SHOW, IN_FULL})
"""The keys that ask to see the same practice in another way."""
QUIET_WEEK: Final = "quiet-week"
"""The key of the button that pauses everything for a week."""
READING: Final = "reading"
"""The key of the button that ends getting rarer; every other key is an `Answer`."""

View = Literal["usual", "covered", "full", "line"]
"""How a notice looks: text and answers; the neutral title alone; text and cue with the rarer
choices; or one passing line that is no practice."""

Change = Literal["appeared", "changed"]
"""What became of notification servers: one is there that we did not start, or anything else."""


@dataclass(frozen=True, slots=True)
class Button:
    """One button; `key` is the value of an `Answer`, or one of the keys above."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery as a notifier brings it up.

    Attributes:
        delivery: The delivery's id; empty for a line.
        title: At most 40 characters for our own decks; plain text.
        body: Plain text, may be empty; a notifier escapes it as its server needs.
        cue: The if-then plan; plain text, may be empty; for notifiers with room for it.
        buttons: At most three, the most likely first.
        view: How it looks.
        silent: Whether it must make no sound: it was seen before.
        private: Whether a server is asked not to keep it, in a list that others may open.
    """

    delivery: str
    title: str
    body: str
    cue: str
    buttons: tuple[Button, ...]
    view: View = "usual"
    silent: bool = False
    private: bool = False

    @property
    def discreet(self) -> bool:
        """Whether the text is covered."""
        return self.view == "covered"

    @property
    def on_click(self) -> str:
        """The key of a click on the text; empty where it means nothing."""
        return _ON_CLICK[self.view]

    @property
    def on_reply(self) -> Button | None:
        """The answer to which a written reply is the note; None where none can be written."""
        return self.buttons[0] if self.view == "usual" and self.buttons else None


_ON_CLICK: Final[dict[View, str]] = {"usual": IN_FULL, "covered": SHOW, "full": SHOW, "line": ""}


@dataclass(frozen=True, slots=True)
class Posted:
    """It is up. `owner` and `server_id` name it on its server; 0 where there are no ids."""

    owner: str
    server_id: int


NOWHERE: Final = Posted("", 0)
"""The place of what we took down for a while ourselves."""


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """What is recorded of the newest notification that nobody is known to have closed.

    Attributes:
        posted: Where it was brought up last.
        again: Whether it has been put up again already, which happens once.
    """

    delivery: str
    posted: Posted
    again: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """It is certainly not up; trying again later is safe. `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody knows whether it is up; it is never repeated. `why` is for the log."""

    why: str


Delivered = Posted | Refused | Silent


@dataclass(frozen=True, slots=True)
class Press:
    """The person pressed a button; `key` is a button's, `note` what was written beside it."""

    delivery: str
    key: str
    note: str | None = None


def is_discreet(discretion: Discretion, tip: str, *, locked: bool | None) -> bool:
    """Return whether only the neutral title may be seen of a prompt of this tip."""
    if discretion == "auto":
        return locked is True or tip in INTIMATE_TIPS
    return discretion == "always"


def buttons_for(when: When, showing: int, *, reading: bool = False) -> tuple[Button, ...]:
    """Return the buttons of a prompt's `showing`-th showing (1 is the first).

    Args:
        when: When it is to be practised.
        showing: How often it was put off with *Later*, and one.
        reading: Whether to ask if reading is enough, as it has just got rarer.
    """
    first = Button(Answer.DONE, "Done") if when is When.NOW else Button(Answer.TAKEN, "I'll try")
    last = (
        Button(Answer.LATER, "Later")
        if showing < LAST_SHOWING
        else Button(Answer.NOT_TODAY, "Not today")
    )
    if reading:
        last = Button(READING, "Reading is enough")
    return (first, Button(Answer.HARD, "Hard today"), last)


def text_of(prompt: Prompt, *, gentler: bool) -> ShownText:
    """Return what is shown of a prompt; its gentler version is for here and now, without a plan."""
    if gentler:
        return ShownText(prompt.title, prompt.gentler, "", When.NOW)
    return ShownText(prompt.title, prompt.body, prompt.cue, prompt.when)


def compose(text: ShownText, delivery: str, showing: int, *, reading: bool = False) -> Notice:
    """Return the notice of a delivery in full."""
    return Notice(
        delivery=delivery,
        title=text.title,
        body=text.body,
        cue=text.cue,
        buttons=buttons_for(text.when, showing, reading=reading),
    )


def cover(notice: Notice) -> Notice:
    """Return the same notice with nothing but the neutral title and a way to read it."""
    return Notice(
        delivery=notice.delivery,
        title=NEUTRAL_TITLE,
        body="",
        cue="",
        buttons=(Button(SHOW, "Show"), *notice.buttons[-1:]),
        view="covered",
        silent=notice.silent,
        private=True,
    )


def in_full(notice: Notice) -> Notice:
    """Return the same notice with all there is to read, and the choices that are rarely made."""
    rare = (
        Button(Answer.NOT_TODAY, "Not today"),
        Button(Answer.NOT_FOR_ME, "Not for me"),
        Button(QUIET_WEEK, "Quiet for a week"),
    )
    return replace(notice, buttons=rare, view="full")


def line(text: str) -> Notice:
    """Return one passing line in the place of a practice; what it adds stands below."""
    title, _, body = text.partition("\n")
    return Notice("", title, body, cue="", buttons=(), view="line", private=True)
