"""The command `prompts`: what is practised, and what of it may come (files: `deck_files.py`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.deck_files import check, edit
from reminderd.cli.output import json_option, say, say_json, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.cli.switches import Sort, Switches
    from reminderd.core.model import Prompt

COUNT: Final = "{on} of {all} may come. To read one: reminderd prompts show ID"
IS_ON: Final = "{name} is on."
IS_OFF: Final = "{name} is off."
YOURS: Final = "yours"
STILL_OFF: Final = "{id} does not come yet: {why}."

_sort = click.option(
    "--as",
    "sort",
    type=click.Choice(("deck", "tip", "prompt")),
    help="What NAME is, where a deck, a tip or a prompt share it.",
)


@click.group(short_help="See, edit, switch on and off what is practised.")
def prompts() -> None:
    r"""See, edit, switch on and off what is practised.

    A deck is one file of prompts or several; each prompt belongs to a theme, its tip. Yours lie in
    the folder prompts/ beside the settings, and are written like those that came with reminderd.

    \b
    Examples:
      reminderd prompts list
      reminderd prompts disable talk-with-a-therapist
    """


prompts.add_command(check)
prompts.add_command(edit)


@prompts.command("list")
@click.option("--tip", metavar="T", help="Only this theme.")
@click.option("--deck", metavar="D", help="Only this deck.")
@json_option
def list_(tip: str | None, deck: str | None, as_json: bool) -> None:
    r"""List all prompts by deck and tip, and which of them may come.

    \b
    Examples:
      reminderd prompts list
      reminderd prompts list --tip take-it-slow
    """
    from reminderd.cli.switches import Switches

    switches = Switches.read()
    switches.known("deck", deck)
    switches.known("tip", tip)
    chosen = [
        prompt
        for prompt in switches.decks.prompts
        if deck in {None, prompt.deck} and tip in {None, prompt.tip}
    ]
    if as_json:
        say_json([_facts(prompt, switches) for prompt in chosen])
    else:
        _print_list(chosen, switches)
    for problem in switches.decks.problems:
        tell(str(problem), err=True)


@prompts.command()
@click.argument("id_", metavar="ID")
@json_option
def show(id_: str, as_json: bool) -> None:
    r"""Show one prompt in full.

    \b
    Example:
      reminderd prompts show slow-small-thing-said
    """
    from reminderd.adapters.toml_files import shown_path
    from reminderd.cli.switches import Switches

    switches = Switches.read()
    prompt = switches.prompt(id_)
    if as_json:
        say_json(_facts(prompt, switches))
        return
    say(prompt.title)
    tell(f"\n{prompt.body}\n\n{prompt.cue}\n\nGentler: {prompt.gentler}\n")
    why = switches.why_off(prompt)
    when = "two minutes, here" if prompt.when == "now" else "the next occasion"
    for name, value in (
        ("id", prompt.id),
        ("deck", prompt.deck),
        ("tip", f"{prompt.tip} ({prompt.basis})"),
        ("when", when),
        ("needs", prompt.needs.value),
        ("state", f"off: {why}" if why else "on"),
        ("file", shown_path(switches.decks.origins[prompt.id].path)),
    ):
        say(f"{name:<6} {value}")


@prompts.command()
@click.argument("name")
@_sort
@json_option
def enable(name: str, sort: Sort | None, as_json: bool) -> None:
    r"""Let a deck, a tip or a single prompt come again.

    \b
    Example:
      reminderd prompts enable music-practice
    """
    _switch(name, sort, on=True, as_json=as_json)


@prompts.command()
@click.argument("name")
@_sort
@json_option
def disable(name: str, sort: Sort | None, as_json: bool) -> None:
    r"""Let a deck, a tip or a single prompt no longer come.

    \b
    Example:
      reminderd prompts disable talk-with-a-therapist
    """
    _switch(name, sort, on=False, as_json=as_json)


def _switch(name: str, sort: Sort | None, *, on: bool, as_json: bool) -> None:
    from reminderd.cli import remarks
    from reminderd.cli.switches import Switches

    switches = Switches.read()
    sort = sort or switches.sort_of(name)
    switches.known(sort, name)
    switches.switch(sort, name, on=on)
    now = Switches.read()
    noticed = []
    if sort != "prompt":
        noticed = remarks.overridden(f"practice.{sort}s")
    elif on and (why := now.why_off(now.prompt(name))):
        noticed = [STILL_OFF.format(id=name, why=why)]
    noticed += remarks.noticed("practice")
    if as_json:
        say_json({"name": name, "sort": sort, "on": on, "remarks": noticed})
    else:
        tell("\n".join([(IS_ON if on else IS_OFF).format(name=name), *noticed]))
    remarks.tell_daemon()


def _print_list(chosen: Sequence[Prompt], switches: Switches) -> None:
    from reminderd.cli.switches import NOT_FOR_ME

    widest = max((len(prompt.id) for prompt in chosen), default=0)
    deck = tip = ""
    for prompt in sorted(chosen, key=switches.place):
        if prompt.deck != deck:
            deck, tip = prompt.deck, ""
            say(f"{deck}{'' if switches.is_on('deck', deck) else ' (off)'}")
        if prompt.tip != tip:
            tip = prompt.tip
            say(f"  {tip}{'' if switches.is_on('tip', tip) else ' (off)'}")
        state = "off" if switches.why_off(prompt) else "on"
        marks = [YOURS] if switches.decks.origins[prompt.id].is_own else []
        marks += [NOT_FOR_ME] if prompt.id in switches.declined else []
        marked = f" ({', '.join(marks)})" if marks else ""
        say(f"    {prompt.id.ljust(widest)}  {state:<3}  {prompt.title}{marked}")
    on = sum(not switches.why_off(prompt) for prompt in chosen)
    tell(COUNT.format(on=on, all=len(chosen)))


def _facts(prompt: Prompt, switches: Switches) -> dict[str, object]:
    origin = switches.decks.origins[prompt.id]
    return asdict(prompt) | {
        "on": not switches.why_off(prompt),
        "off_because": switches.why_off(prompt),
        "own": origin.is_own,
        "file": str(origin.path),
    }
