"""What the documents show is what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reminderd.adapters.config_text import default_config_text
from reminderd.adapters.decks import check_deck
from reminderd.adapters.store.records import RECORDS
from reminderd.cli.main import SECTIONS
from tests.integration.behaviours import BEHAVIOURS
from tests.integration.servers import SERVERS

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))


def test_the_configuration_shows_every_default() -> None:
    """docs/configuration.md holds the very text of a new config file."""
    assert default_config_text() in (ROOT / "docs/configuration.md").read_text("utf-8")


def test_the_example_deck_is_in_order(tmp_path: Path) -> None:
    """The deck that the documents show passes the check that they name."""
    text = (ROOT / "docs/configuration.md").read_text("utf-8")
    deck = next(
        block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[[" in block
    )
    file = tmp_path / "guitar.toml"
    file.write_text(deck, "utf-8")
    check_deck(file)


def test_the_desktops_are_all_there() -> None:
    """docs/desktops.md says something of every behaviour that is looked for, on every server."""
    text = (ROOT / "docs/desktops.md").read_text("utf-8")
    heading, _, *rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    assert heading.split(" | ")[1:] == list(SERVERS)
    said = {row[0]: row[1:] for row in (line.split(" | ") for line in rows)}
    for behaviour in BEHAVIOURS.values():
        assert len(said[behaviour]) == len(SERVERS)
        assert set(said[behaviour]) <= {"yes", "yes, untold", "yes, by a button", "not offered"}
    assert all(f"- **{name}**: " in text for name in SERVERS)


def test_every_key_of_an_export_is_explained() -> None:
    """docs/export.md has a table for each kind of record, with its keys in their order."""
    text = (ROOT / "docs/export.md").read_text("utf-8")
    for kind, keys in RECORDS.items():
        (table,) = re.findall(rf"^### {kind}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
        named = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
        assert re.findall(r"`(\w+)`", " ".join(named)) == list(keys)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_documents_name_commands_that_exist(path: Path) -> None:
    """No `reminderd something` in them is a command that is not there."""
    known = {name for section in SECTIONS.values() for name in section}
    named = set(re.findall(r"reminderd ([a-z]+)\b", path.read_text("utf-8")))
    assert named - known <= _PROSE


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_files_that_they_name_exist(path: Path) -> None:
    """A path in backquotes that looks like one of ours leads somewhere."""
    for name in re.findall(
        r"`((?:docs|bench|scripts|tests|prompts|systemd)/[\w./-]*)`", path.read_text("utf-8")
    ):
        assert (ROOT / name).exists(), name


_PROSE = {"is", "at", "was", "must", "needs", "takes", "names", "means"}
