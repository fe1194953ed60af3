"""now: through the daemon, or without one in this terminal."""

from __future__ import annotations

import errno
import json
import shlex
import socket
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd import bootstrap
from reminderd.cli import bring
from reminderd.core.model import Answer, Reason
from reminderd.core.notice import Posted
from tests.cli.people import TEXT, at
from tests.fakes import choice
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reminderd.adapters.store.store import Store
    from tests.cli.people import Cli, Person


@pytest.fixture
def listening(person: Person) -> Iterator[None]:
    """A daemon that listens and does nothing."""
    address = str(person.home / "run/wake")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
        waiting.bind(address)
        person.daemon_recorded(socket=address)
        yield


def newest(person: Person) -> tuple[str, str | None, str | None, str | None]:
    """Return kind, prompt, outcome and answer of the newest entry."""
    store = person.store()
    one = store.reading.history(1)[0]
    store.close()
    answer = one.response.value if one.response else None
    return one.kind, one.prompt, one.outcome and one.outcome.value, answer


# Without a daemon


def test_it_is_shown_here(cli: Cli, person: Person) -> None:
    """It is written out, recorded as shown, and it says how to answer."""
    said = cli("now", "--prompt", "slow-umbrella-not-key")
    assert said.out.startswith("An umbrella, not a key\n\n")
    assert "reminderd respond done" in said.out
    assert newest(person) == ("now", "slow-umbrella-not-key", "shown", None)
    assert cli("show", "--json").json["open"] is True


def test_a_tip_is_heeded(cli: Cli) -> None:
    """Only that theme is chosen from."""
    for _ in range(3):
        assert cli("now", "--tip", "talk-about-it").code == 0
        assert cli("show", "--json").json["tip"] == "talk-about-it"


def test_the_engine_chooses(cli: Cli) -> None:
    """Its own rules hold: not the same prompt or theme twice running."""
    seen = []
    for _ in range(6):
        cli("now")
        found = cli("show", "--json").json
        seen.append((found["prompt"], found["tip"]))
    assert len({prompt for prompt, _ in seen}) == 6
    assert all(one[1] != other[1] for one, other in pairwise(seen))


def test_it_obeys_neither_pause_nor_quiet_hours(cli: Cli, person: Person) -> None:
    """What is asked for by hand comes."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text('[quiet]\nhours = ["00:00-23:59"]\n')
    cli("pause", "2h")
    assert cli("now").code == 0
    assert newest(person)[2] == "shown"


def test_an_intimate_theme_is_shown_in_ones_own_terminal(cli: Cli) -> None:
    """`auto` covers what others might see; this was typed by hand."""
    said = cli("now", "--tip", "understanding")
    assert "A small practice" not in said.out


def test_always_discreet_shows_the_neutral_title(cli: Cli, person: Person) -> None:
    """And how to read the text."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text('[notification]\ndiscreet = "always"\n')
    said = cli("now", "--prompt", "slow-umbrella-not-key")
    assert said.out == "A small practice\n\nTo read it: reminderd show\n"
    assert "An umbrella" in cli("show").out


@pytest.mark.parametrize(
    ("args", "near"),
    [
        (("--tip", "self-compasion"), "self-compassion"),
        (("--prompt", "slow-umbrela-not-key"), "slow-umbrella-not-key"),
        (("--prompt", "\x1b[31m"), "prompts list"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(
    args: tuple[str, ...], near: str, cli: Cli, person: Person
) -> None:
    """And nothing is planned."""
    said = cli("now", *args)
    assert said.code == 1
    assert near in said.err
    assert "\x1b" not in said.err
    assert cli("history", "--json").json == []


def test_tip_and_prompt_together_are_wrong_usage(cli: Cli) -> None:
    """One of them says it."""
    assert cli("now", "--tip", "noticing", "--prompt", "slow-small-ask").code == 2


def test_no_practice_to_choose_from(cli: Cli, person: Person) -> None:
    """Says so kindly, and where to look."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text('[practice]\ndecks = ["no-such-deck"]\n')
    said = cli("now")
    assert said.code == 1
    assert "prompts list" in said.err


def test_broken_settings_are_told(cli: Cli, person: Person) -> None:
    """Whether it is to be discreet would be unknown."""
    person.config.parent.mkdir(parents=True)
    person.config.write_text("[notification\n")
    said = cli("now")
    assert said.code == 1
    assert "config.toml" in said.err


def test_the_answer_is_read_at_once(person: Person) -> None:
    """On a terminal one letter answers; what is not understood is asked again."""
    terminal = person.terminal("now", "--prompt", "slow-umbrella-not-key")
    terminal.expect("d Done, h Hard today, l Later, Enter leaves it open: ")
    terminal.sendline("hm")
    terminal.expect("Enter leaves it open: ")
    terminal.sendline("H")
    terminal.expect("Noted. It comes back smaller, not soon.")
    terminal.expect(pexpect.EOF)
    assert newest(person) == ("now", "slow-umbrella-not-key", "shown", "hard")


@pytest.mark.parametrize(
    ("typed", "answer"), [("done", "done"), ("Not for me", "not-for-me"), ("", None)]
)
def test_any_answer_can_be_typed(typed: str, answer: str | None, person: Person) -> None:
    """In full, with or without dashes; an empty line leaves it open."""
    terminal = person.terminal("now", "--prompt", "slow-umbrella-not-key")
    terminal.expect("Enter leaves it open: ")
    terminal.sendline(typed)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert newest(person)[3] == answer


# With a daemon


def test_a_running_daemon_brings_it(person: Person, daemon: subprocess.Popen[bytes]) -> None:
    """It is on its way within two seconds, and it says where."""
    said = person.run("now", "--tip", "self-compassion")
    assert (said.code, said.out) == (0, f"{bring.IN_TERMINAL}\n")
    assert person.run("show", "--json").json["tip"] == "self-compassion"


def test_an_unknown_name_does_not_reach_the_daemon(
    person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """It is told at once, as without one."""
    said = person.run("now", "--tip", "nope")
    assert said.code == 1
    assert "self-compassion" in said.err


def test_what_takes_longer_comes_as_soon_as_it_can(
    cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two seconds it no longer waits."""
    monkeypatch.setattr(bring, "_WAIT_SECONDS", 0.05)
    said = cli("now")
    assert (said.code, said.out) == (0, f"{bring.AS_SOON}\n")


def become(
    monkeypatch: pytest.MonkeyPatch, *, outcome: str, reason: Reason = Reason.NO_SERVER
) -> None:
    """Let the daemon do something with what was asked for as soon as it is woken."""

    def wake(store: Store) -> bool:
        present = bootstrap.present()
        (planned,) = store.deliveries.waiting()
        if outcome == "held":
            store.deliveries.hold(planned.id, reason, present)
        else:
            chosen = choice("slow-small-ask", "take-it-slow")
            store.deliveries.claim(planned.id, store.version(), chosen, TEXT, present)
            if outcome == "failed":
                store.deliveries.record_failed(planned.id, Reason.NO_REPLY, present)
            else:
                store.deliveries.record_shown(planned.id, Posted(":1.7", 42), present)
        return True

    monkeypatch.setattr(bootstrap, "wake", wake)
    monkeypatch.setattr(bring, "_WAIT_SECONDS", 0.05)


def test_what_was_perhaps_not_delivered_is_told_kindly(
    cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it was seen, so it says how to read it."""
    become(monkeypatch, outcome="failed")
    said = cli("now")
    assert said.code == 1
    assert said.err == f"{bring.NOT_DELIVERED}\n{bring.NOT_SEEN}\n"


@pytest.mark.parametrize(
    ("closed", "said"),
    [
        (["do-not-disturb"], bring.ON_SILENT_DESKTOP),
        (["in-call", "away"], bring.ON_DESKTOP),
    ],
)
def test_a_silenced_desktop_may_not_show_it_yet(
    closed: list[str],
    said: str,
    cli: Cli,
    person: Person,
    listening: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was asked for, so it is sent; where to read it is told."""
    person.daemon_recorded(socket=str(person.home / "run/wake"), closed=closed)
    become(monkeypatch, outcome="shown")
    assert cli("now").out == f"{said}\n"


def test_what_is_held_says_why(cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nowhere to show it yet."""
    become(monkeypatch, outcome="held")
    assert cli("now").out == f"{bring.AS_SOON_HELD}\n"


def test_what_has_no_prompt_says_so(
    cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting would change nothing."""
    become(monkeypatch, outcome="held", reason=Reason.NO_PROMPT)
    said = cli("now")
    assert said.code == 1
    assert bring.NO_PRACTICE in said.err


def test_a_daemon_that_starts_meanwhile_may_bring_it(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is the daemon's then, and it is shown once."""
    person.brought(answers=(Answer.DONE,))
    opened = bootstrap.open_store

    def taken(present: object) -> Store:
        store = opened(at())
        real = store.deliveries.add_now

        def add_now(*args: object) -> str:
            identifier = real(*args)  # type: ignore[arg-type]
            other = person.store()
            chosen = choice("slow-small-ask", "take-it-slow")
            other.deliveries.claim(identifier, other.version(), chosen, TEXT, at())
            other.close()
            return identifier

        monkeypatch.setattr(store.deliveries, "add_now", add_now)
        return store

    monkeypatch.setattr(bootstrap, "open_store", taken)
    said = cli("now")
    assert (said.code, said.out) == (0, f"{bring.ON_DESKTOP}\n")


# As JSON


def test_json_here_is_all_on_standard_output(cli: Cli) -> None:
    """The practice itself is beside it, for whoever reads along."""
    said = cli("now", "--prompt", "slow-umbrella-not-key", "--json")
    shown = cli("show", "--json").json
    assert said.json == {
        "delivery": shown["delivery"],
        "prompt": "slow-umbrella-not-key",
        "outcome": "shown",
    }
    assert "An umbrella, not a key" in said.err


def test_json_asks_nothing(person: Person) -> None:
    """Also on a terminal."""
    terminal = person.terminal("now", "--json")
    terminal.expect('"outcome": "shown"')
    terminal.expect(pexpect.EOF)
    assert "Enter leaves" not in str(terminal.before)


def test_json_through_the_daemon(person: Person, daemon: subprocess.Popen[bytes]) -> None:
    """The same keys."""
    found = person.run("now", "--prompt", "slow-small-ask", "--json").json
    assert set(found) == {"delivery", "prompt", "outcome"}
    assert (found["prompt"], found["outcome"]) == ("slow-small-ask", "shown")


def test_json_of_what_is_not_there_yet(
    cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has neither a prompt nor an outcome."""
    become(monkeypatch, outcome="held")
    found = cli("now", "--json").json
    assert (found["prompt"], found["outcome"]) == (None, None)
    assert found["delivery"]


def test_json_of_what_was_perhaps_not_delivered(
    cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told in both, and the exit code is 1."""
    become(monkeypatch, outcome="failed")
    said = cli("now", "--json")
    assert said.code == 1
    assert json.loads(said.out)["outcome"] == "failed"
    assert said.err == f"{bring.NOT_DELIVERED}\n{bring.NOT_SEEN}\n"


def test_it_waits_without_sleeping(
    cli: Cli, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under libfaketime a sleep fails (EINVAL)."""

    def sleep(_: float) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(bring, "_WAIT_SECONDS", 0.05)
    assert cli("now").out == f"{bring.AS_SOON}\n"


def test_what_cannot_be_written_is_recorded_all_the_same(person: Person) -> None:
    """Nobody knows what was seen; it is in the history at once, and its answer counts."""
    command = f"{shlex.quote(sys.executable)} -m reminderd now >/dev/full"
    done = watched(
        lambda: subprocess.run(
            ["sh", "-c", command], env=person.env, capture_output=True, check=False
        )
    )
    assert done.returncode == 1
    assert b"could not be written" in done.stderr
    assert person.run("respond", "done", "--note=still").code == 0
    (entry,) = person.run("history", "--json").json
    assert (entry["outcome"], entry["reason"]) == ("failed", "no-reply")
    assert (entry["response"], entry["note"]) == ("done", "still")
