"""What a delivery says on the screen, and what became of bringing it there."""

from __future__ import annotations

from dataclasses import dataclass
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
"""The key of the button that uncovers a discreet notice; every other key is an `Answer`."""


@dataclass(frozen=True, slots=True)
class Button:
    """One button; `key` is the value of an `Answer`, or `SHOW`."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery as a notifier brings it up.

    Attributes:
        delivery: The delivery's id.
        title: At most 40 characters for our own decks; plain text.
        body: Plain text, may be empty; a notifier escapes it as its server needs.
        cue: The if-then plan; plain text, may be empty; for notifiers with room for it.
        buttons: At most three, the most likely first.
        discreet: Whether the text is covered; a server is then asked not to keep it.
    """

    delivery: str
    title: str
    body: str
    cue: str
    buttons: tuple[Button, ...]
    discreet: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """It is up. `owner` and `server_id` name it on its server; 0 where there are no ids."""

    owner: str
    server_id: int


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


def is_discreet(discretion: Discretion, prompt: Prompt, *, locked: bool | None) -> bool:
    """Return whether only the neutral title may be seen."""
    if discretion == "auto":
        return locked is True or prompt.tip in INTIMATE_TIPS
    return discretion == "always"


def buttons_for(when: When, showing: int) -> tuple[Button, ...]:
    """Return the buttons of a prompt's `showing`-th showing (1 is the first)."""
    first = Button(Answer.DONE, "Done") if when is When.NOW else Button(Answer.TAKEN, "I'll try")
    last = (
        Button(Answer.LATER, "Later")
        if showing < LAST_SHOWING
        else Button(Answer.NOT_TODAY, "Not today")
    )
    return (first, Button(Answer.HARD, "Hard today"), last)


def text_of(prompt: Prompt, *, gentler: bool) -> ShownText:
    """Return what is shown of a prompt; its gentler version is for here and now, without a plan."""
    if gentler:
        return ShownText(prompt.title, prompt.gentler, "", When.NOW)
    return ShownText(prompt.title, prompt.body, prompt.cue, prompt.when)


def compose(text: ShownText, delivery: str, showing: int) -> Notice:
    """Return the notice of a delivery in full."""
    return Notice(
        delivery=delivery,
        title=text.title,
        body=text.body,
        cue=text.cue,
        buttons=buttons_for(text.when, showing),
    )


def cover(notice: Notice) -> Notice:
    """Return the same notice with nothing but the neutral title and a way to read it."""
    return Notice(
        delivery=notice.delivery,
        title=NEUTRAL_TITLE,
        body="",
        cue="",
        buttons=(Button(SHOW, "Show"), *notice.buttons[-1:]),
        discreet=True,
    )
