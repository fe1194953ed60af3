"""Decks of one's own: what a copy of a bundled one becomes, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.resources import prompts_dir

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.people import Cli, Person

BUNDLED = "letting-people-in"
OWN = """
[[prompt]]
id = "quite-my-own"
tip = "my-theme"
basis = "my.point"
when = "now"
needs = "nobody"
title = "My title"
body = "My body."
cue = "If this, then I do that."
gentler = "Less."
"""
FIRST = "slow-umbrella-not-key"
MANY = (
    f"{FIRST} and 13 more ids of the deck mine come with reminderd, so they stay in the deck"
    f" {BUNDLED}. To make a deck of your own, give its prompts ids of their own."
)


def renamed() -> str:
    """Return a bundled deck under a new name."""
    text = (prompts_dir() / "take-it-slow.toml").read_text("utf-8")
    return text.replace(f'deck = "{BUNDLED}"', 'deck = "mine"')


@pytest.fixture
def copy(cli: Cli, person: Person) -> Path:
    """A copy of a bundled deck under a new name, in the folder of one's own."""
    del cli  # the commands that are to find it
    path = person.config.parent / "prompts/mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text(renamed(), "utf-8")
    return path


def test_a_copy_under_a_new_name_is_told_where_it_went(cli: Cli, copy: Path) -> None:
    """It is no mistake, and yet no deck of that name is to be seen anywhere."""
    said = cli("prompts", "check")
    assert (said.code, said.err) == (0, "")
    assert f"{copy}: 14 prompts, all is well.\n{MANY}\n" in said.out
    first, *others = cli("prompts", "check", "--json").json
    assert first == {"path": str(copy), "prompts": 14, "problems": [], "remarks": [MANY]}
    assert [one["remarks"] for one in others] == [[] for _ in others]


def test_a_copy_that_is_not_yet_in_its_folder_is_told_too(cli: Cli, tmp_path: Path) -> None:
    """Whoever checks a file first hears it before it vanishes."""
    path = tmp_path / "elsewhere.toml"
    path.write_text(renamed(), "utf-8")
    assert MANY in cli("prompts", "check", str(path)).out
    (found,) = cli("prompts", "check", str(path), "--json").json
    assert found["remarks"] == [MANY]


def test_a_single_id_in_a_deck_of_ones_own_is_told(cli: Cli, copy: Path) -> None:
    """The rest is the deck that it was meant to be."""
    prompt = renamed().split("[[prompt]]")[1]
    copy.write_text(f'deck = "mine"\n[[prompt]]{prompt}{OWN}', "utf-8")
    said = cli("prompts", "check").out
    assert (
        f"{FIRST} of the deck mine comes with reminderd, so it stays in the deck {BUNDLED}."
        " To make a deck of your own, give it an id of its own."
    ) in said
    assert cli("prompts", "enable", "mine").out == "mine is on.\n"


def test_a_copy_under_the_old_name_goes_without_a_remark(cli: Cli, copy: Path) -> None:
    """It is where its file says; so are prompts with ids of their own."""
    copy.write_text(renamed().replace('"mine"', f'"{BUNDLED}"'), "utf-8")
    (copy.parent / "other.toml").write_text(OWN, "utf-8")
    assert not any(one["remarks"] for one in cli("prompts", "check", "--json").json)
    assert "come with" not in cli("prompts", "check").out


@pytest.mark.parametrize(
    "words",
    [
        ("prompts", "enable", "mine"),
        ("prompts", "disable", "mine", "--as", "deck"),
        ("prompts", "list", "--deck", "mine"),
    ],
)
def test_its_name_is_answered_with_where_it_went(
    cli: Cli, copy: Path, words: tuple[str, ...]
) -> None:
    """Rather than with the nearest, as if the name were mistyped."""
    del copy
    said = cli(*words)
    assert said.code == 1
    assert said.err.startswith("There is no deck")
    assert said.err.endswith(f" named mine.\n{MANY}\n")


def test_a_file_that_is_no_deck_of_yours_is_not_called_left_out(cli: Cli, tmp_path: Path) -> None:
    """It may lie anywhere; only what lies in the folder is left out."""
    path = tmp_path / "elsewhere.toml"
    path.write_text(OWN.replace("when", "whenn"), "utf-8")
    said = cli("prompts", "check", str(path))
    assert said.code == 1
    assert "left out" not in said.err
    assert said.err.endswith("\nThis deck can be used once it is mended.\n")


def test_a_deck_of_yours_with_a_mistake_is_left_out(cli: Cli, copy: Path) -> None:
    """Until it is mended; what came with reminderd is used meanwhile."""
    copy.write_text(OWN.replace("when", "whenn"), "utf-8")
    assert cli("prompts", "check").err.endswith("\nThis deck is left out until it is mended.\n")
