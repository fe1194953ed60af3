"""The command `prompts`: what is practised, and what of it may come."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import say, say_json
from reminderd.errors import DeckError, ReminderdError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.cli.switches import Sort, Switches
    from reminderd.core.model import Prompt

COUNT: Final = "{on} of {all} may come. To read one: reminderd prompts show ID"
FINE: Final = "{path}: {count}, all is well."
DECK_OFF: Final = "The deck {deck} is off. To switch it on: reminderd prompts enable {deck}"
YOURS: Final = "Your own {path} holds {id} now, and is used from the next practice on."
GIVE_BACK: Final = "Without that file, what came with reminderd is back."
UNCHANGED: Final = "Nothing has changed."
IS_ON: Final = "{name} is on."
IS_OFF: Final = "{name} is off."
STILL_OFF: Final = "{id} does not come yet: {why}."

_as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_sort = click.option(
    "--as",
    "sort",
    type=click.Choice(("deck", "tip", "prompt")),
    help="What NAME is, where a deck, a tip or a prompt share it.",
)


@click.group(short_help="See, edit, switch on and off what is practised.")
def prompts() -> None:
    r"""See, edit, switch on and off what is practised.

    A deck is one file of prompts; each prompt belongs to a theme, its tip. Your own decks lie in
    the folder prompts/ beside the settings, and are written like those that came with reminderd.

    \b
    Examples:
      reminderd prompts list
      reminderd prompts disable talk-with-a-therapist
    """


@prompts.command("list")
@click.option("--tip", metavar="T", help="Only this theme.")
@click.option("--deck", metavar="D", help="Only this deck.")
@_as_json
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
        say(str(problem), err=True)


@prompts.command()
@click.argument("id_", metavar="ID")
@_as_json
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
    say(f"\n{prompt.body}\n\n{prompt.cue}\n\nGentler: {prompt.gentler}\n")
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
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@_as_json
def check(files: tuple[Path, ...], as_json: bool) -> None:
    r"""Check decks: the given files, or all that are there.

    \b
    Examples:
      reminderd prompts check
      reminderd prompts check my-deck.toml
    """
    from reminderd.adapters.toml_files import shown_path

    found = _checked(files) if files else _checked_all()
    if as_json:
        say_json(
            [
                {"path": path, "prompts": count, "problems": problem.split("\n") if problem else []}
                for path, count, problem in found
            ]
        )
    else:
        for path, count, problem in found:
            if not problem:
                say(FINE.format(path=shown_path(Path(path)), count=_counted(count)))
        for deck in _own_decks_off() if not files else ():
            say(DECK_OFF.format(deck=deck))
    problems = [problem for _, _, problem in found if problem]
    if problems and as_json:
        click.get_current_context().exit(DeckError.exit_code)
    if problems:
        raise DeckError(
            "\n".join(problems), "A deck with a problem is left out until it is mended."
        )


@prompts.command()
@click.argument("id_", metavar="ID")
def edit(id_: str) -> None:
    r"""Open a prompt in your editor; one that came with reminderd is copied for you first.

    \b
    Example:
      reminderd prompts edit slow-small-thing-said
    """
    from reminderd import bootstrap
    from reminderd.adapters import atomic, paths
    from reminderd.adapters.deck_text import deck_text
    from reminderd.adapters.decks import check_deck
    from reminderd.cli import editing, remarks
    from reminderd.cli.switches import Switches

    switches = Switches.read()
    prompt = switches.prompt(id_)
    origin = switches.decks.origins[id_]
    editing.editor()  # before a copy is made for nothing
    path = origin.path if origin.is_own else paths.user_prompts_dir() / f"{id_}.toml"
    is_new = not path.exists()
    if is_new:
        paths.make_private(paths.config_dir())
        paths.make_private(path.parent)
        atomic.write(path, deck_text(prompt), DeckError)
    before = path.read_bytes()
    try:
        editing.edit(path, lambda: check_deck(path))
    finally:
        is_changed = not path.exists() or path.read_bytes() != before
        if is_new and not is_changed:
            path.unlink()
    if not is_changed:
        say(UNCHANGED)
        return
    say(YOURS.format(path=path, id=id_))
    if not origin.is_own:
        say(GIVE_BACK)
    for problem in bootstrap.load_decks().problems:
        say(str(problem), err=True)
    remarks.tell_daemon()


@prompts.command()
@click.argument("name")
@_sort
def enable(name: str, sort: Sort | None) -> None:
    r"""Let a deck, a tip or a single prompt come again.

    \b
    Example:
      reminderd prompts enable music-practice
    """
    _switch(name, sort, on=True)


@prompts.command()
@click.argument("name")
@_sort
def disable(name: str, sort: Sort | None) -> None:
    r"""Let a deck, a tip or a single prompt no longer come.

    \b
    Example:
      reminderd prompts disable talk-with-a-therapist
    """
    _switch(name, sort, on=False)


def _switch(name: str, sort: Sort | None, *, on: bool) -> None:
    from reminderd.cli import remarks
    from reminderd.cli.switches import Switches

    switches = Switches.read()
    sort = sort or switches.sort_of(name)
    switches.known(sort, name)
    switches.switch(sort, name, on=on)
    say((IS_ON if on else IS_OFF).format(name=name))
    now = Switches.read()
    if sort != "prompt":
        remarks.tell_if_overridden(f"practice.{sort}s")
    elif on and (why := now.why_off(now.prompt(name))):
        say(STILL_OFF.format(id=name, why=why))
    remarks.tell("practice")
    remarks.tell_daemon()


def _print_list(chosen: Sequence[Prompt], switches: Switches) -> None:
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
        own = " (yours)" if switches.decks.origins[prompt.id].is_own else ""
        say(f"    {prompt.id.ljust(widest)}  {state:<3}  {prompt.title}{own}")
    on = sum(not switches.why_off(prompt) for prompt in chosen)
    say(COUNT.format(on=on, all=len(chosen)))


def _facts(prompt: Prompt, switches: Switches) -> dict[str, object]:
    origin = switches.decks.origins[prompt.id]
    return asdict(prompt) | {
        "on": not switches.why_off(prompt),
        "off_because": switches.why_off(prompt),
        "own": origin.is_own,
        "file": str(origin.path),
    }


def _own_decks_off() -> list[str]:
    """Return the person's own decks that are not on: a new one is easily forgotten."""
    from reminderd.cli.switches import Switches

    try:
        switches = Switches.read()
    except ReminderdError:  # settings that cannot be used are `config check`'s to tell
        return []
    origins = switches.decks.origins
    own = {prompt.deck for prompt in switches.decks.prompts if origins[prompt.id].is_own}
    return sorted(deck for deck in own if not switches.is_on("deck", deck))


def _counted(count: int) -> str:
    return f"{count} prompt" + ("s" if count != 1 else "")


def _checked(files: Sequence[Path]) -> list[tuple[str, int, str]]:
    from reminderd.adapters.decks import check_deck

    found = []
    for path in files:
        try:
            found.append((str(path), len(check_deck(path)), ""))
        except DeckError as error:
            found.append((str(path), 0, error.message))
    return found


def _checked_all() -> list[tuple[str, int, str]]:
    from collections import Counter

    from reminderd import bootstrap

    decks = bootstrap.load_decks()
    counts = Counter(str(origin.path) for origin in decks.origins.values())
    fine = [(path, count, "") for path, count in counts.items()]
    return fine + [("", 0, problem.message) for problem in decks.problems]
