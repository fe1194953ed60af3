"""The section "Practise": now (the others are in `practise.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    bold,
    clean,
    dim,
    is_conversation,
    json_option,
    one_line,
    paragraph,
    say,
    say_json,
    tell,
)
from reminderd.cli.practise import HOW_TO_ANSWER, acknowledgement, pause_words
from reminderd.errors import NothingOpenError, NotifierError, ReminderdError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reminderd.adapters.store.store import Store
    from reminderd.app.status import DaemonFacts
    from reminderd.core.model import Prompt
    from reminderd.core.notice import Delivered, Notice, Posted

_WAIT_SECONDS: Final = 2.0
_LOOK_EVERY: Final = 0.02

# What is said of a person's practice; a test reads each for the words that never occur.
STAYS_OPEN: Final = "It stays open. To answer it: reminderd respond {answer}"
ON_DESKTOP: Final = "It is on your desktop."
ON_SILENT_DESKTOP: Final = (
    "It is on your desktop, which is set to do not disturb and may not show it before that ends."
    " To read it here: reminderd show"
)
IN_TERMINAL: Final = "It is where reminderd runs. To read it here: reminderd show"
AS_SOON: Final = "It comes as soon as it can."
AS_SOON_HELD: Final = "It comes as soon as it can; for now there is nowhere to show it."
NO_PRACTICE: Final = "There is no practice to choose from."
NOT_DELIVERED: Final = "The practice may not have reached your desktop."
NOT_SEEN: Final = "To read it: reminderd show. To bring another: reminderd now"


@click.command(short_help="Bring one practice at once.")
@click.option("--tip", help="Of this theme, such as take-it-slow.")
@click.option("--prompt", help="This very one, by its id (`reminderd prompts list`).")
@json_option
def now(tip: str | None, prompt: str | None, as_json: bool) -> None:
    r"""Bring one practice at once, whatever the hour.

    Through the running daemon; where none runs, in this terminal (with --json on standard error).

    \b
    Example:
      reminderd now --tip self-compassion
    """
    if tip and prompt:
        raise click.UsageError("Give --tip or --prompt, not both.")
    present = bootstrap.present()
    store = open_store(present)
    if facts := _running(store):
        from reminderd.core.history import ASKED_FOR

        if tip or prompt:
            _check_names(bootstrap.load_decks().prompts, tip, prompt)
        delivery = store.deliveries.add_now(present, ASKED_FOR, prompt, tip)
        _bring_through_daemon(store, facts, delivery, as_json=as_json)
    else:
        _bring_here(store, tip=tip, prompt=prompt, as_json=as_json)


def _running(store: Store) -> DaemonFacts | None:
    """Return what the running daemon recorded, or None where none runs."""
    from reminderd.adapters.wake import listens
    from reminderd.app.status import daemon_facts

    facts = daemon_facts(store)
    return facts if facts is not None and listens(facts["socket"]) else None


def _check_names(prompts: Iterable[Prompt], tip: str | None, prompt: str | None) -> None:
    known = {one.id for one in prompts} if prompt else {one.tip for one in prompts}
    name = prompt or tip
    if name is None or name in known:
        return
    from difflib import get_close_matches

    kind = "prompt" if prompt else "tip"
    near = get_close_matches(name.lower(), sorted(known), n=3, cutoff=0.5)
    hints = [f"Near it: {', '.join(near)}."] if near else []
    hints += [] if prompt else [f"The tips are: {', '.join(sorted(known))}."]
    raise UnknownNameError(
        f"There is no {kind} {one_line(name)}.",
        " ".join([*hints, "To see all: reminderd prompts list"]),
    )


def _bring_through_daemon(
    store: Store, facts: DaemonFacts, delivery: str, *, as_json: bool
) -> None:
    """Ask the daemon, and wait a moment for what becomes of it."""
    import select
    import time

    from reminderd.app.status import daemon_facts

    bootstrap.wake(store)
    until = time.monotonic() + _WAIT_SECONDS
    outcome, _ = store.reading.outcome(delivery)
    # A daemon that has just begun says only after its first look where practices come.
    while (outcome is None or not facts["notifier"]) and time.monotonic() < until:
        select.select([], [], [], _LOOK_EVERY)  # a sleep fails under libfaketime
        outcome, _ = store.reading.outcome(delivery)
        facts = daemon_facts(store) or facts
    refused = outcome is None and _end_if_none_may_come(store, delivery)
    if as_json:
        _say_json(store, delivery)
    if refused:
        raise NothingOpenError(NO_PRACTICE, "To see which are switched on: reminderd prompts list")
    if outcome == "failed":
        raise NotifierError(NOT_DELIVERED, NOT_SEEN)
    if outcome == "shown":
        said = _where(facts)
    else:
        said = AS_SOON if _held(store, delivery) is None else AS_SOON_HELD
    if not as_json:
        tell(said)


def _where(facts: DaemonFacts) -> str:
    """Return where to look for what was shown."""
    if facts["notifier"] == "terminal":
        return IN_TERMINAL
    return ON_SILENT_DESKTOP if "do-not-disturb" in facts.get("closed", []) else ON_DESKTOP


def _say_json(store: Store, delivery: str) -> None:
    """Say what became of a delivery; what has not been claimed yet has no prompt."""
    record = store.reading.delivery(delivery)
    say_json(
        {
            "delivery": delivery,
            "prompt": record.prompt if record else None,
            "outcome": store.reading.outcome(delivery)[0],
        }
    )


def _held(store: Store, delivery: str) -> str | None:
    held = next((one.held for one in store.deliveries.waiting() if one.id == delivery), None)
    return None if held is None else held.value


def _end_if_none_may_come(store: Store, delivery: str) -> bool:
    """End what there is no practice for, lest it come later; return whether it was ended."""
    from reminderd.core.names import Reason

    if _held(store, delivery) != Reason.NO_PROMPT.value:
        return False
    store.deliveries.let_go([(delivery, Reason.NO_PROMPT)], bootstrap.present())
    return store.reading.outcome(delivery)[0] == "missed"


def _bring_here(store: Store, *, tip: str | None, prompt: str | None, as_json: bool) -> None:
    """Choose one with the engine's own rules, and show it in this terminal."""
    import asyncio
    from dataclasses import replace

    from reminderd.adapters.configuration import Configured
    from reminderd.app.now import bring_here

    preferences = bootstrap.preferences(bootstrap.load_settings())
    if preferences.discretion != "always":
        # What somebody asks for in their own terminal is theirs to read there.
        preferences = replace(preferences, discretion="never")
    decks = bootstrap.load_decks()
    for problem in decks.problems:
        say(str(problem), err=True)
    _check_names(decks.prompts, tip, prompt)
    here = _Here(can_answer=is_conversation() and not as_json, err=as_json)
    configured = Configured(preferences, "terminal", "", decks.prompts, problems=(), good="")
    engine = bootstrap.build_engine(store, configured, here, log=lambda _: None)
    is_here = asyncio.run(bring_here(engine, prompt, tip))
    if here.failure is not None:
        raise here.failure
    if as_json:
        if newest := store.reading.newest():  # claimed just now, here or by a daemon
            _say_json(store, newest.id)
    elif not is_here:
        say(ON_DESKTOP)
    elif here.asks is not None:
        _ask_answer(store, here.asks)


class _Here:
    """This terminal, as the engine's notifier.

    Args:
        can_answer: Whether an answer can be typed here.
        err: Whether to write to standard error, since standard output is JSON.

    Attributes:
        asks: The notice that waits for an answer typed here, if one does.
        failure: Why nothing could be written, if so.
    """

    def __init__(self, *, can_answer: bool, err: bool) -> None:
        self._can_answer = can_answer
        self._err = err
        self.asks: Notice | None = None
        self.failure: Exception | None = None

    def ready(self) -> bool:
        return True

    async def show(self, notice: Notice) -> Delivered:
        from reminderd.core.notice import NEUTRAL_BODY, Posted, Silent

        blocks = [bold(one_line(notice.title))]
        blocks += [paragraph(clean(text)) for text in (notice.body, notice.cue) if text]
        if notice.discreet:
            blocks.append(NEUTRAL_BODY)
        elif self._can_answer:
            self.asks = notice
        else:
            blocks.append(dim(HOW_TO_ANSWER.format(first=notice.buttons[0].key)))
        try:
            say("\n\n".join(blocks), err=self._err)
        except (OSError, ReminderdError) as error:
            self.failure = error  # told once it is recorded; a part may have been seen
            return Silent("it could not be written")
        return Posted("terminal", 0)

    async def close(self, delivery: str) -> None:
        """Do nothing: what is written stays."""

    def tell(self, text: str) -> None:
        """Do nothing: this command says what there is to say."""

    def stands(self, delivery: str) -> bool:  # noqa: ARG002 -- the port's
        """Return True: it is before the person's eyes."""
        return True

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Do nothing: this is another place."""


def _ask_answer(store: Store, notice: Notice) -> None:
    """Read the answer at once, where the person likes."""
    from reminderd.app.respond import respond as answer_it
    from reminderd.core.spoken_answer import parse_answer

    keys = {button.key[0]: button.key for button in notice.buttons}
    offered = ", ".join(f"{button.key[0]} {button.label}" for button in notice.buttons)
    say()
    while True:
        typed = click.prompt(f"{offered}, Enter leaves it open", default="", show_default=False)
        word = "-".join(str(typed).lower().replace("-", " ").split())
        if not word:
            say(STAYS_OPEN.format(answer=notice.buttons[0].key))
            return
        if answer := parse_answer(keys.get(word, str(typed))):
            break
    receipt = answer_it(
        *(store, answer, bootstrap.present()), delivery=notice.delivery, source="cli"
    )
    running = bootstrap.wake(store)
    tell(acknowledgement(receipt, None, running=running, paused=pause_words(store, None)))
