"""What a bar shows: one line of JSON, a word for how it stands, and nobody's practice."""

from __future__ import annotations

import errno
import json
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.cli.follow import NO_WATCH
from reminderd.core.history import ShownText
from reminderd.core.model import When
from tests.cli.people import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.people import Cli, Person

SECRET = ShownText(
    title="Something <b>nobody</b> & else is to read",
    body="A body & more.",
    cue="If <i>, then.",
    when=When.NOW,
)


@pytest.fixture
def address(person: Person) -> Iterator[str]:
    """A socket on which a daemon listens."""
    path = str(person.home / "run/wake")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
        waiting.bind(path)
        yield path


def bar(cli: Cli) -> dict[str, str]:
    """Return what the bar reads: one line, with four texts."""
    said = cli("status", "--format", "waybar")
    assert said.code == 0, said.err
    (line,) = said.out.splitlines()
    found: dict[str, str] = json.loads(line)
    assert set(found) == {"text", "tooltip", "class", "alt"}
    assert found["alt"] == found["class"]
    assert not set("&<>\x1b") & set("".join(found.values()))
    assert "[1m" not in found["tooltip"]
    assert "[2m" not in found["tooltip"]
    assert "nobody" not in found["tooltip"] + found["text"]
    return found


def test_nothing_runs(cli: Cli) -> None:
    """That is no failure: a bar would show one."""
    found = bar(cli)
    assert (found["class"], found["text"]) == ("stopped", "not running")
    assert "reminderd run" in found["tooltip"]


def test_how_it_stands_in_one_word(cli: Cli, person: Person, address: str) -> None:
    """What asks for something comes before what only is so."""
    person.daemon_recorded(socket=address, next=None, limits=["It cannot do everything."])
    assert "everything" not in bar(cli)["tooltip"]
    assert (bar(cli)["class"], bar(cli)["text"]) == ("quiet", "")
    person.daemon_recorded(socket=address, next="2026-11-22T15:40:00+01:00")
    assert (bar(cli)["class"], bar(cli)["text"]) == ("next", "15:40")
    person.daemon_recorded(socket=address, next=None, held="locked")
    assert (bar(cli)["class"], bar(cli)["text"]) == ("held", "one waits")
    person.brought(at_=NOW - timedelta(minutes=5), text=SECRET)
    assert (bar(cli)["class"], bar(cli)["text"]) == ("open", "one to read")
    assert "One is open (today 10:55)." in bar(cli)["tooltip"]
    cli("pause", "2h")
    assert (bar(cli)["class"], bar(cli)["text"]) == ("paused", "paused until 13:00")


def test_markup_in_what_is_told_does_nothing(cli: Cli, person: Person, address: str) -> None:
    """A server may call itself what it likes, and a problem quote what is in a file."""
    person.daemon_recorded(
        socket=address, server="<b>R&D</b>", next=None, problems=["config.toml:1: <i>&amp;"]
    )
    assert "R+D" in bar(cli)["tooltip"]


def test_the_same_json_by_either_name(cli: Cli) -> None:
    assert cli("status", "--format", "json").json == cli("status", "--json").json
    assert cli("status", "--json", "--format", "json").code == 0
    assert cli("status", "--format", "text").out == cli("status").out


def test_two_shapes_at_once_are_refused(cli: Cli) -> None:
    said = cli("status", "--json", "--format", "waybar")
    assert (said.code, said.out) == (2, "")
    assert "choose one" in said.err


def test_the_end_of_a_pause_is_told_for_a_day(cli: Cli, person: Person) -> None:
    """One quiet line, until something has come or a day has passed; not after `resume`."""
    cli("pause", "2h")
    end = NOW + timedelta(hours=2)
    assert cli("status", "--json").json["pause_ended"] is None
    cli.now = end + timedelta(minutes=1)
    assert cli("status", "--json").json["pause_ended"] == "2026-11-22T13:00:00+01:00"
    assert "The pause ended today 13:00." in cli("status").out
    cli.now = end + timedelta(days=1)
    assert cli("status", "--json").json["pause_ended"] is None
    cli.now = end + timedelta(minutes=30)
    person.brought(at_=end + timedelta(minutes=20))
    assert cli("status", "--json").json["pause_ended"] is None


def test_whoever_ended_it_is_not_told_that_it_ended(cli: Cli) -> None:
    cli("pause", "2h")
    cli("resume")
    cli.now = NOW + timedelta(hours=3)
    assert cli("status", "--json").json["pause_ended"] is None


def test_with_no_file_watch_left_it_says_so(
    cli: Cli, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No defect, and what to do."""

    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("reminderd.cli.follow.StoreWatch", none_left)
    monkeypatch.setattr("reminderd.cli.follow._when_nobody_reads", lambda *_: None)
    said = cli("status", "--follow")
    assert said.code == 1
    assert NO_WATCH in said.err
