"""The commands `prompts check` and `prompts edit`: decks as the files that they are."""

from __future__ import annotations

from dataclasses import dataclass
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

    found = sorted(
        _checked(files) if files else _checked_all(), key=lambda one: one.problem is None
    )
    if as_json:
        say_json([one.facts() for one in found])
    else:
        for one in found:
            if one.problem:
                tell(f"{one.problem.message}\n{one.problem.hint}".strip(), err=True)
                continue
            say(FINE.format(path=shown_path(one.path), count=_counted(one.prompts)))
            for remark in one.remarks:
                tell(remark)
        for deck in _own_decks_off() if not files else ():
            tell(DECK_OFF.format(deck=deck))
    if any(one.problem for one in found):
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
    before = _content(path)
    try:
        editing.edit(path, lambda: check_deck(path))
    finally:
        is_changed = _content(path) != before
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


def _content(path: Path) -> bytes | None:
    """Return what a deck holds; None where it is gone, or is none any more."""
    from reminderd.adapters import toml_files

    try:
        return toml_files.read_bytes(path, DeckError)
    except (FileNotFoundError, DeckError):
        return None


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


@dataclass(frozen=True)
class _Checked:
    """A file, what is wrong with it, how many prompts it has, and what of them may surprise."""

    path: Path
    problem: DeckError | None = None
    prompts: int = 0
    remarks: Sequence[str] = ()

    def facts(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "path": str(self.path),
            "prompts": self.prompts,
            "problems": self.problem.message.split("\n") if self.problem else [],
            "remarks": self.remarks,
        }


def _checked(files: Sequence[Path]) -> list[_Checked]:
    from reminderd import bootstrap
    from reminderd.adapters.deck_problems import staying
    from reminderd.adapters.decks import check_deck

    bundled = bootstrap.load_decks().bundled
    found: list[_Checked] = []
    for path in files:
        try:
            prompts = check_deck(path)
        except DeckError as error:
            found.append(_Checked(path, error))
        else:
            remarks = staying({prompt.id: prompt.deck for prompt in prompts}, bundled)
            found.append(_Checked(path, None, len(prompts), remarks))
    return found


def _checked_all() -> list[_Checked]:
    """Check every deck: the person's own first, those that came with reminderd after them."""
    from reminderd import bootstrap
    from reminderd.adapters.deck_problems import staying

    decks = bootstrap.load_decks()
    found = [_Checked(path, problem) for path, problem in decks.left_out.items()]
    named: dict[tuple[bool, Path], dict[str, str]] = {}
    for id_, origin in decks.origins.items():
        named.setdefault((not origin.is_own, origin.path), {})[id_] = origin.deck
    for (_, path), ids in sorted(named.items()):
        found.append(_Checked(path, None, len(ids), staying(ids, decks.bundled)))
    return found
