"""The commands `prompts check` and `prompts edit`: decks as the files that they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import json_option, say, say_json, tell
from reminderd.errors import DeckError, ReminderdError

if TYPE_CHECKING:
    from collections.abc import Sequence

FINE: Final = "{path}: {count}, all is well."
DECK_OFF: Final = "The deck {deck} is off. To switch it on: reminderd prompts enable {deck}"
YOURS: Final = "Your own {path} holds {id} now, and is used from the next practice on."
GIVE_BACK: Final = "Without that file, what came with reminderd is back."
UNCHANGED: Final = "Nothing has changed."


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@json_option
def check(files: tuple[Path, ...], as_json: bool) -> None:
    r"""Check decks: the given files, or all that are there.

    \b
    Examples:
      reminderd prompts check
      reminderd prompts check my-deck.toml
    """
    from reminderd.adapters.toml_files import shown_path

    found = _checked(files) if files else _checked_all()
    problems = [(path, problem) for path, _, problem in found if problem]
    fine = [(path, count) for path, count, problem in found if not problem]
    if as_json:
        say_json(
            [
                {"path": path, "prompts": 0, "problems": problem.message.split("\n")}
                for path, problem in problems
            ]
            + [{"path": path, "prompts": count, "problems": []} for path, count in fine]
        )
    else:
        for _, problem in problems:
            tell(f"{problem.message}\n{problem.hint}".strip(), err=True)
        for path, count in fine:
            say(FINE.format(path=shown_path(Path(path)), count=_counted(count)))
        for deck in _own_decks_off() if not files else ():
            tell(DECK_OFF.format(deck=deck))
    if problems:
        click.get_current_context().exit(DeckError.exit_code)


@click.command()
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
    tell(YOURS.format(path=path, id=id_))
    if not origin.is_own:
        tell(GIVE_BACK)
    for problem in bootstrap.load_decks().problems:
        tell(f"{problem.message}\n{problem.hint}".strip(), err=True)
    remarks.tell_daemon()


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


_Checked = tuple[str, int, DeckError | None]
"""A file, how many prompts it has, and what is wrong with it."""


def _checked(files: Sequence[Path]) -> list[_Checked]:
    from reminderd.adapters.decks import check_deck

    found: list[_Checked] = []
    for path in files:
        try:
            found.append((str(path), len(check_deck(path)), None))
        except DeckError as error:
            found.append((str(path), 0, error))
    return found


def _checked_all() -> list[_Checked]:
    """Check every deck: the person's own first, those that came with reminderd after them."""
    from collections import Counter

    from reminderd import bootstrap

    decks = bootstrap.load_decks()
    counts = Counter((not origin.is_own, str(origin.path)) for origin in decks.origins.values())
    problems: list[_Checked] = [(str(path), 0, one) for path, one in decks.left_out.items()]
    return problems + [(path, count, None) for (_, path), count in sorted(counts.items())]
