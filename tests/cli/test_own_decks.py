"""A deck of one's own over its life: checked, switched, edited, taken away; and *Not for me*."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.reviewing import keep_reviews
from reminderd.core.model import Answer, Practice, Reason
from tests.cli.people import at
from tests.fakes import PROMPTS, World, cadence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reminderd.core.review import Review
    from tests.cli.people import Cli, Person

DECK = """\
deck = "mine"
about = "What I practise."

[[prompt]]
id = "mine-one"
tip = "my-theme"
basis = "my.point"
when = "now"
needs = "nobody"
title = "My title"
body = "My body."
cue = "If this, then I do that."
gentler = "Less."

[[prompt]]
id = "mine-two"
tip = "my-theme"
basis = "my.point"
when = "next"
needs = "someone"
title = "My second"
body = "My other body."
cue = "If that, then I do this."
gentler = "Even less."
"""
ON = '[practice]\ndecks = ["letting-people-in", "mine"]\n'


@pytest.fixture
def deck(person: Person, cli: Cli) -> Path:
    """A deck of one's own with two prompts, which is on."""
    del cli  # the commands that are to find it
    path = person.config.parent / "prompts/mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text(DECK, "utf-8")
    person.config.write_text(ON, "utf-8")
    return path


def off_because(cli: Cli, id_: str) -> str | None:
    found: str | None = cli("prompts", "show", id_, "--json").json["off_because"]
    return found


# Not for me


def test_what_was_not_for_me_is_told_apart(cli: Cli, deck: Path) -> None:
    """From what a command switched off: in the list, in full, and as JSON."""
    del deck
    cli("now", "--prompt", "mine-one")
    cli("respond", "not-for-me")
    cli("prompts", "disable", "mine-two")
    one, two = cli("prompts", "list", "--tip", "my-theme").out.splitlines()[2:4]
    assert one.endswith("mine-one  off  My title (yours, you answered “not for me”)")
    assert two.endswith("mine-two  off  My second (yours)")
    assert "state  off: you answered “not for me”\n" in cli("prompts", "show", "mine-one").out
    assert "state  off: it is switched off\n" in cli("prompts", "show", "mine-two").out
    listed = cli("prompts", "list", "--tip", "my-theme", "--json").json
    assert [(entry["on"], entry["off_because"]) for entry in listed] == [
        (False, "you answered “not for me”"),
        (False, "it is switched off"),
    ]


def test_the_last_choice_is_what_is_told(cli: Cli, deck: Path) -> None:
    """Whichever way it came to be off, and on again."""
    del deck
    cli("prompts", "disable", "mine-one")
    assert off_because(cli, "mine-one") == "it is switched off"
    cli.now += timedelta(minutes=1)
    cli("now", "--prompt", "mine-one")
    cli("respond", "not-for-me")
    assert off_because(cli, "mine-one") == "you answered “not for me”"
    cli.now += timedelta(minutes=1)
    cli("prompts", "enable", "mine-one")
    assert off_because(cli, "mine-one") is None
    cli.now += timedelta(minutes=1)
    cli("prompts", "disable", "mine-one")
    assert off_because(cli, "mine-one") == "it is switched off"


def test_a_corrected_answer_lets_it_come_again(cli: Cli, deck: Path) -> None:
    """As the notification says; and back again."""
    del deck
    cli("now", "--prompt", "mine-one")
    for answer, why in (("not-for-me", "you answered “not for me”"), ("not-today", None)) * 2:
        cli("respond", answer, "--delivery", "last")
        assert off_because(cli, "mine-one") == why


def test_enable_brings_it_back(cli: Cli, deck: Path) -> None:
    """It comes again, by itself and when its theme is asked for."""
    del deck
    cli("prompts", "disable", "mine-two")
    cli("now", "--prompt", "mine-one")
    cli("respond", "not-for-me")
    assert "There is no practice to choose from." in cli("now", "--tip", "my-theme").err
    assert cli("simulate", "--tip", "my-theme", "--json").json == []
    assert cli("prompts", "enable", "mine-one").out == "mine-one is on.\n"
    assert "My title" in cli("now", "--tip", "my-theme").out
    assert {one["prompt"] for one in cli("simulate", "--tip", "my-theme", "--json").json} == {
        "mine-one"
    }


# Checked and switched


def test_a_good_deck_is_told_as_good(cli: Cli, deck: Path) -> None:
    """With how many prompts it has; it may lie anywhere."""
    assert cli("prompts", "check", str(deck)).out == f"{deck}: 2 prompts, all is well.\n"
    elsewhere = deck.parent.parent / "elsewhere.toml"
    deck.rename(elsewhere)
    assert cli("prompts", "check", str(elsewhere), "--json").json == [
        {"path": str(elsewhere), "prompts": 2, "problems": [], "remarks": []}
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('when = "now"', 'when = "soon"', ':8: prompt "mine-one", when: found "soon"; allowed:'),
        ('needs = "someone"', "needs = 1", ':20: prompt "mine-two", needs: found 1; allowed:'),
        ('title = "My title"\n', "", ':4: prompt "mine-one", title is missing; allowed:'),
        ("gentler", "gentlr", ':13: prompt "mine-one", gentlr = "Less." is not known; did you'),
        ('"My title"', f'"{"x" * 41}"', ':10: prompt "mine-one", title: found "xxx'),
        ('"My body."', '""', ':11: prompt "mine-one", body: found ""'),
        ('"My body."', '"a\\nb"', ':11: prompt "mine-one", body: found "a\\nb"'),
        ('"mine-two"', '"Mine Two"', ':16: prompt "Mine Two", id: found "Mine Two"'),
        ('"mine-two"', '"mine-one"', ':16: prompt "mine-one", id: found "mine-one", which stands'),
        ('"My body."', '"My\u202e body."', ":11: "),
        ('title = "My title"', "title = My title", ":10: title: not TOML: "),
        ('deck = "mine"', "deck = 3", ":1: deck: found 3; allowed:"),
        ("[[prompt]]", "[[promt]]", ":4: promt is not known; did you mean prompt?"),
    ],
)
def test_each_mistake_names_file_line_and_key(
    before: str, after: str, told: str, cli: Cli, deck: Path
) -> None:
    """And the prompt where it is in one; nothing else is said of the file."""
    deck.write_text(DECK.replace(before, after, 1), "utf-8")
    said = cli("prompts", "check", str(deck))
    assert (said.code, said.out) == (1, "")
    assert f"{deck}{told}" in said.err
    assert said.err.count(str(deck)) == 1 + ("which stands" in told)
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the deck is empty"),
        (b'deck = "mine"\n', "prompt"),
        (b'deck = "m\xe4ine"\n', ":1: deck: not UTF-8 text, found the byte 0xE4."),
    ],
)
def test_what_is_no_deck_is_told(content: bytes, told: str, cli: Cli, deck: Path) -> None:
    """In words, with exit code 1."""
    deck.write_bytes(content)
    said = cli("prompts", "check", str(deck))
    assert (said.code, said.out) == (1, "")
    assert told in said.err


def test_a_deck_a_tip_and_a_prompt_of_yours_are_switched(cli: Cli, deck: Path) -> None:
    """Each by its name; what is off does not come, and comes again."""
    del deck

    def comes() -> set[str]:
        found = cli("simulate", "--tip", "my-theme", "--days", "20", "--json").json
        return {one["prompt"] for one in found}

    assert comes() == {"mine-one", "mine-two"}
    for name, left, why in (
        ("mine", set(), "the deck mine is off"),
        ("my-theme", set(), "the tip my-theme is off"),
        ("mine-one", {"mine-two"}, "it is switched off"),
    ):
        assert cli("prompts", "disable", name).out == f"{name} is off.\n"
        assert (comes(), off_because(cli, "mine-one")) == (left, why)
        cli.now += timedelta(minutes=1)
        assert cli("prompts", "enable", name).out == f"{name} is on.\n"
        assert comes() == {"mine-one", "mine-two"}


# Edited


def review(person: Person, cli: Cli, id_: str) -> Review:
    """Return what its answers come to."""
    store = person.store(cli.now)
    keep_reviews(store, Practice(("*",), ("*",), alone_only=False), at(cli.now))
    found = store.known.past(cli.now).reviews[id_]
    store.close()
    return found


def test_an_edited_prompt_keeps_its_past(cli: Cli, person: Person, deck: Path) -> None:
    """Its history says what was shown then, its review goes on; the id is what counts."""
    cli("now", "--prompt", "mine-one")
    cli("respond", "done")
    before = review(person, cli, "mine-one")
    assert before.last_at is not None
    deck.write_text(DECK.replace("My title", "My better title").replace("My body", "New"), "utf-8")
    assert review(person, cli, "mine-one") == before
    assert "My title\n\nMy body." in cli("show").out

    cli.now += timedelta(days=9)
    cli("prompts", "disable", "mine-two")
    said = cli("now", "--tip", "my-theme").out
    assert "My better title\n\nNew." in said
    store = person.store(cli.now)
    last = store.accounts.last(cli.present())
    store.close()
    assert last is not None
    assert last.why == "it was due again: it had gone well 9 days before"
    cli("respond", "done")
    after = review(person, cli, "mine-one")
    assert (after.stability or 0) > (before.stability or 0)
    new, old = cli("history").out.splitlines()
    assert "  My better title  done" in new
    assert "  My title         done" in old


def test_a_prompt_that_moves_to_another_file_keeps_its_past(
    cli: Cli, person: Person, deck: Path
) -> None:
    """Nor does its deck or its theme matter."""
    cli("now", "--prompt", "mine-one")
    cli("respond", "hard")
    before = review(person, cli, "mine-one")
    text = DECK.replace('deck = "mine"', 'deck = "other"').replace("my-theme", "another-theme")
    deck.rename(deck.with_name("other.toml")).write_text(text, "utf-8")
    cli("prompts", "enable", "other")
    cli.now += timedelta(days=30)
    assert review(person, cli, "mine-one") == before
    assert "My title\n\nLess." in cli("now", "--prompt", "mine-one").out


# Taken away


def test_a_removed_prompt_keeps_its_past(cli: Cli, person: Person, deck: Path) -> None:
    """It can still be read and answered; everything else goes on without it."""
    cli("now", "--prompt", "mine-two")
    cli("respond", "taken")
    cli.now += timedelta(minutes=1)
    cli("now", "--prompt", "mine-one")
    deck.unlink()
    assert "My title\n\nMy body." in cli("show").out
    assert cli("status", "--json").json["open"]["title"] == "My title"
    assert cli("respond", "hard").out.startswith("Noted.")
    found = cli("history", "--json").json
    assert [(one["prompt"], one["tip"], one["response"]) for one in found] == [
        ("mine-one", "my-theme", "hard"),
        ("mine-two", "my-theme", "taken"),
    ]
    assert "My title" in cli("history").out

    gone = cli("prompts", "show", "mine-one")
    assert (gone.code, gone.err.split("\n")[0]) == (1, "There is no prompt named mine-one.")
    assert "mine-one" not in cli("prompts", "list").out
    assert cli("now", "--prompt", "mine-one").code == 1
    assert cli("simulate", "--days", "20").code == 0
    assert cli("preview").code == 0
    cli.now += timedelta(days=30)
    assert review(person, cli, "mine-one").hards == 1
    assert cli("now").code == 0
    assert cli("history", "--json").json[0]["prompt"] not in {"mine-one", "mine-two"}
    assert "practice.decks names mine, which no prompt has" in cli("config", "check").out


def test_a_prompt_that_comes_back_goes_on(cli: Cli, person: Person, deck: Path) -> None:
    """With its review, and with what was switched off."""
    cli("now", "--prompt", "mine-two")
    cli("respond", "done")
    cli("now", "--prompt", "mine-one")
    cli("respond", "not-for-me")
    before = review(person, cli, "mine-two")
    deck.unlink()
    cli.now += timedelta(days=2)
    assert cli("now").code == 0
    deck.write_text(DECK, "utf-8")
    assert review(person, cli, "mine-two") == before
    assert off_because(cli, "mine-one") == "you answered “not for me”"
    assert off_because(cli, "mine-two") is None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A daemon's parts, with a fixed time at noon and another in the evening."""
    plan = cadence(fixed=["12:10", "18:00"], min_gap=0)
    world = World(tmp_path / "reminderd.db", plan, local="2026-11-22 11:00")
    yield world
    world.close()


async def test_a_removed_prompt_that_was_snoozed_is_let_go(world: World) -> None:
    """With the reason, at the end of its day; meanwhile it is in nobody's way."""
    await world.tick()
    present = world.clock.present()
    world.store.deliveries.add_now(present, timedelta(minutes=2), "a-one", None)
    await world.tick()
    world.answer(Answer.LATER)
    world.engine.prompts = {one.id: one for one in PROMPTS if one.id != "a-one"}
    for moment in ("2026-11-22 11:20", "2026-11-22 12:10", "2026-11-22 18:00"):
        await world.tick(moment)
    assert len(world.titles) == 3
    assert world.titles[0] == "Title of a-one"
    assert "Title of a-one" not in world.titles[1:]
    await world.tick("2026-11-23 00:00")
    (gone,) = [one for one in world.history() if one.kind == "again"]
    assert (gone.outcome, gone.reason) == ("missed", Reason.NO_PROMPT)
