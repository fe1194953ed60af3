"""What is typed for simulate, and names of tips anywhere: bad input is one clear error each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--answers", "done=1.5"), '"done=1.5" names no chance from 0 to 1'),
        (("--answers", "done=-.1"), '"done=-.1" names no chance from 0 to 1'),
        (("--answers", "done=nan"), '"done=nan" names no chance from 0 to 1'),
        (("--answers", "done=inf"), '"done=inf" names no chance from 0 to 1'),
        (("--answers", "done=often"), '"done=often" names no chance from 0 to 1'),
        (("--answers", "done"), '"done" names no chance from 0 to 1'),
        (("--answers", "done=.6,hard=.5"), "together they are 1.1, more than 1"),
        (("--answers", "done=1,none=.1"), "together they are 1.1, more than 1"),
        (("--answers", "dne=.5"), '"dne" is no answer. Did you mean done?'),
        (("--answers", "nonne=.5"), '"nonne" is no answer. Did you mean none?'),
        (("--answers", "xyz=.5"), "Allowed: done, taken, hard, later, not-today, not-for-me, none"),
        (("--answers", ""), '"" is no answer'),
        (("--answers", "done=.1,done=.2"), "done stands there twice"),
        (("--answers", "try=.1,taken=.2"), "taken stands there twice"),
        (("--answers", "none=.1,none=.2"), "none stands there twice"),
        (("--days", "-3"), "-3 is not in the range"),
        (("--days", "0"), "0 is not in the range"),
        (("--days", "many"), "'many' is not a valid integer"),
        (("--away", "2026-07-21..2026-07-01"), "2026-07-21 comes after 2026-07-01"),
        (("--away", "2026-07-01.."), '"2026-07-01.." has no last date'),
        (("--away", "..2026-07-01"), '"..2026-07-01" has no first date'),
        (("--away", "2026-07-01"), 'is not two dates with ".." between'),
        (("--away", "2026-02-30..2026-07-01"), '"2026-02-30" is no date'),
        (("--away", "2026-07-01...2026-07-02"), '".2026-07-02" is no date'),
        (("--from", "soon"), '"soon" is no date'),
        (("--from", "9999-12-31"), "9999-12-31 is too far off"),
        (("--from", "0001-01-01"), "0001-01-01 is too far off"),
        (("--from", "2026-13-01"), '"2026-13-01" is no date'),
    ],
)
def test_bad_input_is_one_clear_error(words: tuple[str, str], what: str, cli: Cli) -> None:
    """What is wrong, of which option, and an example; nothing is simulated."""
    said = cli("simulate", *words)
    assert (said.code, said.out) == (2, "")
    (told,) = [line for line in said.err.split("\n") if line.startswith("Error: ")]
    assert f"'{words[0]}'" in told
    assert what in told
    assert words[0] == "--days" or "For example: --" in told or "Allowed: " in told


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", "--tip", "{}"),
        ("simulate", "--tip", "noticing", "--tip", "{}", "--json"),
        ("now", "--tip", "{}"),
        ("prompts", "list", "--tip", "{}"),
        ("prompts", "enable", "{}", "--as", "tip"),
        ("prompts", "disable", "{}", "--as", "tip"),
    ],
)
def test_an_unknown_tip_is_one_clear_error(words: tuple[str, ...], cli: Cli) -> None:
    """Wherever one can be named: that there is none, and the nearest or where to find them."""
    for name, mend in (("noticng", "noticing"), ("nope", "reminderd prompts list")):
        said = cli(*(word.format(name) for word in words))
        assert (said.code, said.out) == (1, "")
        first, second = said.err.strip().split("\n")
        assert first.startswith("There is no tip")
        assert name in first
        assert mend in second


def test_an_unknown_tip_in_the_settings_is_told(cli: Cli, person: Person) -> None:
    """It may be of a deck that is still to come, so it is kept; the nearest is named."""
    said = cli("config", "set", "practice.tips", "noticng")
    assert said.code == 0
    assert "practice.tips names noticng, which no prompt has; did you mean noticing?" in said.out
    assert "No prompt may come: practice.tips names none that is there." in cli("simulate").out
    assert "noticng" in person.config.read_text()
