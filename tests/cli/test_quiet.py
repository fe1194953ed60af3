"""pause and resume: quiet for as long as somebody wants, and never by accident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pexpect
import pytest

from reminderd.app.status import status
from reminderd.cli import look, quiet
from reminderd.core.walltime import Present
from tests.cli.people import NOW
from tests.integration.daemons import eventually

if TYPE_CHECKING:
    import subprocess

    from tests.cli.people import Cli, Person


@pytest.mark.parametrize(
    ("words", "until", "said"),
    [
        ("2h", "2026-11-22T13:00:00+01:00", "13:00"),
        ("for 90 min", "2026-11-22T12:30:00+01:00", "12:30"),
        ("until tonight", "2026-11-22T18:00:00+01:00", "18:00"),
        ("1w", "2026-11-29T11:00:00+01:00", "sun 29 nov 11:00"),
        ("until tomorrow 9:00", "2026-11-23T09:00:00+01:00", "tomorrow 9:00 (mon 23 nov)"),
        ("friday morning", "2026-11-27T09:00:00+01:00", "fri 27 nov 9:00"),
        (
            "until monday",
            "2026-11-23T00:00:00+01:00",
            "tomorrow 0:00 (mon 23 nov), when that day begins",
        ),
        (
            "tomorrow",
            "2026-11-23T00:00:00+01:00",
            "tomorrow 0:00 (mon 23 nov), when that day begins",
        ),
        (
            "until 1.12.",
            "2026-12-01T00:00:00+01:00",
            "tue 1 dec 0:00, when that day begins",
        ),
    ],
)
def test_pause_takes_time_as_people_say_it(words: str, until: str, said: str, cli: Cli) -> None:
    """In several words or in one, and it says until when."""
    assert f"Quiet until {said}." in cli("pause", *words.split()).out
    assert cli("pause", words, "--json").json == {"paused_until": until}
    assert cli("status", "--json").json["paused_until"] == until


def test_an_end_today_reads_as_a_time_everywhere(cli: Cli, person: Person) -> None:
    """Nobody says "until today 13:00"."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text("", "utf-8")
    for said in (cli("pause", "2h"), cli("status"), cli("preview"), cli("setup", "--yes")):
        assert "until 13:00" in said.out


def test_pause_without_a_length_asks_for_one(cli: Cli) -> None:
    """With an example."""
    said = cli("pause")
    assert said.code == 2
    assert "reminderd pause 2h" in said.err


@pytest.mark.parametrize("words", ["31d", "until 2027-11-22", "until 2020-01-01", "0h", "soonish"])
def test_what_cannot_be_is_told(words: str, cli: Cli) -> None:
    """Nothing is paused then."""
    said = cli("pause", *words.split())
    assert said.code == 1
    assert cli("status", "--json").json["paused_until"] is None


@pytest.mark.parametrize(("answer", "is_paused"), [("", True), ("y", True), ("n", False)])
def test_a_week_is_asked_about(answer: str, is_paused: bool, person: Person) -> None:
    """On a terminal, with yes as what Enter means."""
    terminal = person.terminal("pause", "2w")
    terminal.expect("with no practice in between")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert (quiet.AS_IT_WAS in str(terminal.before)) is not is_paused
    assert bool(person.run("status", "--json").json["paused_until"]) is is_paused


def test_without_a_length_it_asks_on_a_terminal(person: Person) -> None:
    """Two hours is what Enter means; what is said otherwise counts."""
    for said, hours in (("", 2), ("3h", 3)):
        terminal = person.terminal("pause")
        terminal.expect_exact(quiet.HOW_LONG)
        terminal.sendline(said)
        terminal.expect_exact("Quiet until")
        terminal.expect(pexpect.EOF)
        until = datetime.fromisoformat(person.run("status", "--json").json["paused_until"])
        assert (
            timedelta(0)
            <= datetime.now(UTC) + timedelta(hours=hours) - until
            < timedelta(minutes=1)
        )


def test_what_is_not_understood_is_asked_again(person: Person) -> None:
    """With what is; nothing has to be typed anew from the beginning."""
    terminal = person.terminal("pause")
    terminal.expect_exact(quiet.HOW_LONG)
    terminal.sendline("a bit")
    terminal.expect_exact("is not understood")
    terminal.expect_exact(quiet.HOW_LONG)
    terminal.sendline("3h")
    terminal.expect_exact("Quiet until")
    terminal.expect(pexpect.EOF)
    assert person.run("status", "--json").json["paused_until"]


@pytest.mark.parametrize(("answer", "is_paused"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_month_is_asked_about_wherever_it_is_said(answer: str, is_paused: bool, cli: Cli) -> None:
    """By a script too, which may answer."""
    said = cli("pause", "a", "month", text=answer)
    assert said.code == 0
    assert "no practice in between" in said.err
    assert bool(cli("status", "--json").json["paused_until"]) is is_paused


def test_a_month_without_an_answer_is_no_pause(cli: Cli) -> None:
    """It says how to have it all the same, and that works."""
    said = cli("pause", "4w")
    assert said.code == 1
    assert quiet.NOT_SURE in said.err
    assert "--yes" in said.err
    assert cli("status", "--json").json["paused_until"] is None
    assert cli("pause", "4w", "--yes", "--json").json["paused_until"]
    assert cli("pause", "27d").code == 0


@pytest.mark.parametrize("word", ["off", "stop", "resume"])
def test_whoever_wants_to_go_on_is_told_how(word: str, cli: Cli) -> None:
    """The pause stays: a word that is no length changes nothing."""
    cli("pause", "2h")
    said = cli("pause", word)
    assert (said.code, said.out) == (1, "")
    assert "reminderd resume" in said.err
    assert cli("status", "--json").json["paused_until"]


def test_more_than_a_month_is_refused(cli: Cli) -> None:
    """With or without a yes."""
    said = cli("pause", "31d", "--yes")
    assert said.code != 0
    assert "30 days are the most" in said.err
    assert cli("status", "--json").json["paused_until"] is None


def test_a_wall_time_stays_true_on_a_journey(cli: Cli, person: Person) -> None:
    """Until nine in the morning, wherever that is; a length stays a length."""
    for words, there in (
        (("until", "tomorrow", "9:00"), "2026-11-23T09:00:00+09:00"),
        (("22h",), "2026-11-23T17:00:00+09:00"),
    ):
        cli("pause", *words)
        store = person.store(NOW)
        tokyo = Present(NOW, ZoneInfo("Asia/Tokyo"), "Asia/Tokyo")
        assert status(store, None, tokyo, running=False)["paused_until"] == there
        store.close()


@pytest.mark.parametrize(
    "args", [("2w", "--yes"), ("6d",), ("2w", "--yes", "--json")], ids=" ".join
)
def test_what_is_clear_is_not_asked_about(args: tuple[str, ...], person: Person) -> None:
    """Neither what is shorter nor what was said twice."""
    terminal = person.terminal("pause", *args)
    terminal.expect(pexpect.EOF)
    assert "in between" not in str(terminal.before)
    assert person.run("status", "--json").json["paused_until"]


def test_resume_without_a_pause(cli: Cli) -> None:
    """Says so, and changes nothing."""
    assert cli("resume").out == f"{quiet.NO_PAUSE}\n"
    assert cli("resume", "--json").json == {"resumed": False, "next": None}


def test_resume_without_a_daemon_says_that_nothing_comes(cli: Cli) -> None:
    """Going on alone brings nothing."""
    cli("pause", "2h")
    cli.now += timedelta(minutes=1)
    assert cli("resume").out == f"{quiet.GOING_ON} {quiet.ASLEEP}\n"
    assert cli("status", "--json").json["paused_until"] is None


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"next": "2026-11-22T12:40:00+01:00"}, "Next: today 12:40"),
        ({"next": "2026-11-23T09:31:00+01:00"}, "Next: tomorrow 9:31"),
        ({"next": "2026-11-22T11:00:00+01:00"}, look.SOON),
        ({"held": "locked"}, look.WAITS.format(reason="the screen is locked")),
        ({"held": "no-prompt"}, look.NEXT_NONE),
        ({}, look.NEXT_UNKNOWN),
        ({"paused_until": "2026-11-22T13:00:00+01:00"}, quiet.ASK_STATUS),
    ],
)
def test_resume_says_what_comes_next(
    facts: dict[str, str],
    said: str,
    cli: Cli,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `status` says it; where the daemon takes its time, how to ask for it."""
    cli("pause", "2h")
    cli.now += timedelta(seconds=1)
    person.daemon_recorded(**facts)
    monkeypatch.setattr("reminderd.bootstrap.wake", lambda _: True)
    assert cli("resume").out == f"{quiet.GOING_ON} {said}\n"


def test_resume_waits_for_the_daemon_to_look_again(
    person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """What is told next is not what the pause had put off."""
    plan = '[cadence]\nwindows = []\nat = ["00:00", "08:00", "16:00"]\n[quiet]\nhours = []\n'
    person.config.write_text(plan, "utf-8")
    eventually(
        lambda: person.run("status", "--json").json["next"] is not None, "the daemon has looked"
    )
    for _ in range(3):
        person.run("pause", "3d")
        resumed = person.run("resume", "--json").json
        assert resumed["next"] == person.run("status", "--json").json["next"]


def test_a_pause_reaches_the_daemon(person: Person, daemon: subprocess.Popen[bytes]) -> None:
    """It is woken, and status tells it at once."""
    assert person.run("pause", "2h").code == 0
    found = person.run("status", "--json").json
    assert found["running"] is True
    assert found["paused_until"]
    assert person.run("resume", "--json").json["resumed"] is True
    assert person.run("status", "--json").json["paused_until"] is None


@pytest.mark.parametrize("words", ["-1h", "-30 min", "-1h --json", "--yes -2h", "until -1h", "-5"])
def test_a_length_below_zero_is_told(words: str, cli: Cli) -> None:
    """It is no option; what is understood is said."""
    said = cli("pause", *words.split())
    assert (said.code, said.out) == (1, "")
    assert "would be over already" in said.err
    assert "reminderd pause 2h" in said.err
    assert cli("status", "--json").json["paused_until"] is None


def test_a_mistyped_option_is_still_one(cli: Cli) -> None:
    """With the nearest there is."""
    said = cli("pause", "2h", "--jsn")
    assert said.code == 2
    assert "--json" in said.err
