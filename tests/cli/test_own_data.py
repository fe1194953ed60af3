"""export, import: a history taken out and brought in again."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters import deck_folder
from reminderd.core.model import Answer
from tests.cli.people import NOW, Person, answers, at
from tests.integration.no_network import watched
from tests.property.lived import machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.people import Cli

FORMATS = ("json", "csv")
NOTE = '=1+2, "ä"\nsecond line'
DECK = """
[[prompt]]
id = "mine-one"
tip = "mine"
basis = "mine"
when = "now"
needs = "nobody"
title = "One of mine"
body = "Do it."
cue = "If it rains, then I do it."
gentler = "Think of it."
"""


@pytest.fixture
def old(tmp_path: Path) -> Person:
    """Somebody's other machine, on which two practices came, one of them answered with a note."""
    old = Person(tmp_path / "old")
    with machine("there"):
        old.brought(at_=NOW - timedelta(hours=3), answers=(Answer.HARD,), note=NOTE)
        old.brought(at_=NOW - timedelta(hours=2))
    return old


@pytest.fixture
def there(old: Person, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Export on the other machine, into a file."""

    def export(*args: str) -> Path:
        path = old.home / f"export{len(list(old.home.iterdir()))}"
        with monkeypatch.context() as patch, machine("there"):
            patch.setenv("HOME", str(old.home))
            said = cli("export", "--output", str(path), *args)
        assert said.code == 0, said.err
        return path

    return export


@pytest.mark.parametrize("shape", FORMATS)
def test_a_history_moves_to_another_machine(
    shape: str, there: Callable[..., Path], old: Person, cli: Cli, person: Person
) -> None:
    """`history` tells the same here as there, the other device's name included."""
    path = there("--format", shape)
    said = cli("import", str(path))
    assert (said.code, said.err) == (0, "")
    assert said.out == "2 practices and 1 answer came in.\n"
    assert cli("history", "--json").json == old.run("history", "--json").json
    assert answers(person)[1] == ("hard", NOTE)
    again = cli("import", str(path))
    assert again.out == "Nothing has changed; here already: 2 practices and 1 answer.\n"


def test_it_says_what_came_and_what_was_here(there: Callable[..., Path], cli: Cli) -> None:
    """In words, and in numbers for programs."""
    first = there()
    cli("import", str(first))
    cli("note", "--note=more", "--prompt", "slow-small-ask")
    path = first.with_name("more")
    cli("export", "--output", str(path))
    said = cli("import", str(path), "--json").json
    assert said["known"]["practices"] == 2
    assert said["known"]["answers"] == 2
    assert not any(said["new"].values())
    assert said["files"] == {"new": [], "known": [], "left": {}}


def test_the_file_is_for_the_person_alone(cli: Cli, person: Person) -> None:
    """Whatever the umask; and what it says names the file."""
    before = os.umask(0)
    try:
        said = cli("export", "--output", str(person.home / "out"))
    finally:
        os.umask(before)
    assert said.out == (
        f"Written to {person.home}/out, for you alone to read: 0 practices and 0 answers.\n"
    )
    assert stat.S_IMODE((person.home / "out").stat().st_mode) == 0o600


def test_a_file_that_is_there_stays(cli: Cli, person: Person) -> None:
    """Nor does it follow a link that somebody has laid out."""
    there, link = person.home / "there", person.home / "link"
    there.write_text("mine", "utf-8")
    link.symlink_to(person.home / "elsewhere")
    for path in (there, link):
        said = cli("export", "--output", str(path))
        assert said.code == 1
        assert said.err.startswith(f"There is a file {path} already, and it stays as it is.\n")
    assert there.read_text("utf-8") == "mine"
    assert not (person.home / "elsewhere").exists()


def test_what_cannot_be_written_leaves_nothing(person: Person) -> None:
    """On a disk without room there is no half an export."""
    person.brought(answers=(Answer.DONE, Answer.HARD) * 5, note="x" * 9_000)
    limit = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000));"
    code = limit + "from reminderd.cli.main import main; main()"
    path = person.home / "out"
    done = watched(
        lambda: subprocess.run(
            [sys.executable, "-c", code, "export", "--output", str(path)],
            env=person.env | {"COVERAGE_PROCESS_START": ""},
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path} cannot be written: File too large.\n")
    assert not path.exists()


def test_standard_output_has_the_bytes_as_they_are(old: Person) -> None:
    """Also where the terminal has no such letters; and whoever reads may stop."""
    said = old.run("export", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert said.code == 0
    assert "ä" in said.out
    with Path("/dev/full").open("wb") as full:
        said = old.run("export", stdout=full)
    assert (said.code, said.err) == (
        1,
        "The output could not be written: No space left on device.\n",
    )
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        said = old.run("export", "--format", "csv", stdout=pipe)
    assert (said.code, said.err) == (0, "")


def test_nothing_that_a_terminal_obeys_is_in_json(cli: Cli, person: Person) -> None:
    """A note is somebody's text; it is spelt out instead, and comes back as it was."""
    note = "a\x9b31mb\u202ec"
    person.brought(at_=NOW, answers=(Answer.DONE,), note=note)
    said = cli("export")
    assert "a\\u009b31mb\\u202ec" in said.out
    (response,) = said.json["responses"]
    assert response["note"] == note


class TestAll:
    """With --all come choices, pauses, the settings and the person's own decks."""

    @pytest.fixture
    def rich(self, old: Person, there: Callable[..., Path], cli: Cli) -> Callable[..., Path]:
        """Export a machine that has all of them."""
        old.config.parent.mkdir(parents=True)
        old.config.write_text("[cadence]\nrandom_per_day = 3  # enough\n", "utf-8")
        (old.config.parent / "prompts").mkdir()
        (old.config.parent / "prompts/mine.toml").write_text(DECK, "utf-8")
        store = old.store(NOW)
        store.answers.add_choice("slow-small-ask", at(NOW), enabled=False)
        store.close()
        return there

    @pytest.mark.parametrize("shape", FORMATS)
    def test_comes_where_there_is_nothing(
        self, shape: str, rich: Callable[..., Path], cli: Cli, person: Person
    ) -> None:
        """A new machine is as the old one, comments of the settings included."""
        said = cli("import", str(rich("--all", "--format", shape)))
        assert said.err == ""
        assert said.out.splitlines()[1:] == ["Written beside them: config.toml, mine.toml."]
        assert person.config.read_text("utf-8").endswith("random_per_day = 3  # enough\n")
        assert (person.config.parent / "prompts/mine.toml").read_text("utf-8") == DECK
        assert stat.S_IMODE(person.config.stat().st_mode) == 0o600
        store = person.store()
        assert store.answers.disabled() == {"slow-small-ask"}
        store.close()

    def test_without_it_only_the_history_comes(
        self, rich: Callable[..., Path], cli: Cli, person: Person
    ) -> None:
        """What is set up there is nobody's business here."""
        cli("import", str(rich()))
        assert not person.config.exists()
        store = person.store()
        assert store.answers.disabled() == frozenset()
        store.close()

    def test_what_is_here_stays(self, rich: Callable[..., Path], cli: Cli, person: Person) -> None:
        """And it is named, with the way to have the other one."""
        cli("config", "set", "quiet.when_locked", "off")
        mine = person.config.read_text("utf-8")
        said = cli("import", str(rich("--all")))
        assert said.code == 0
        assert person.config.read_text("utf-8") == mine
        assert said.err == (
            f"Not taken: config.toml. {person.config} is here already, and stays as it is."
            " To have the other one, move yours away and import again.\n"
        )
        assert "Written beside them: mine.toml." in said.out

    def test_what_could_not_be_used_is_not_taken(
        self, rich: Callable[..., Path], cli: Cli, person: Person
    ) -> None:
        """The history comes in all the same, and the mistake is named."""
        path = rich("--all")
        text = path.read_text("utf-8")
        path.write_text(text.replace("random_per_day = 3", "random_per_day = many"), "utf-8")
        said = cli("import", str(path))
        assert said.code == 0
        assert said.out.startswith("2 practices")
        assert said.err.startswith(f"Not taken: config.toml. {person.config}:2: ")
        assert not person.config.exists()

    def test_a_deck_lies_where_decks_lie(
        self, rich: Callable[..., Path], cli: Cli, person: Person
    ) -> None:
        """A name leads nowhere else."""
        path = rich("--all")
        text = path.read_text("utf-8")
        for name in ("../config.toml", "/x.toml", "a/b.toml", ".x.toml", "x.txt", "a\\nb.toml"):
            path.write_text(text.replace("mine.toml", name), "utf-8")
            said = cli("import", str(path))
            assert said.code == 1
            assert "name: found " in said.err
        assert not person.config.parent.exists()

    def test_a_deck_that_could_not_be_read_is_not_brought_in(
        self, rich: Callable[..., Path], cli: Cli, person: Person
    ) -> None:
        """What is larger than what is read of a file would be a riddle there; the rest comes."""
        path = rich("--all")
        found = json.loads(path.read_text("utf-8"))
        found["decks"][0]["text"] += f"# {'é' * 40_000}\n"
        path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        said = cli("import", str(path))
        assert said.code == 0
        assert "would be larger than what is read of a file, 64 KiB." in said.err
        assert not (person.config.parent / "prompts" / found["decks"][0]["name"]).exists()

    def test_settings_that_are_no_text_are_told_before_anything_is_written(
        self, cli: Cli, person: Person
    ) -> None:
        """An export is whole or is not there."""
        person.config.parent.mkdir(parents=True)
        person.config.write_bytes(b"[cadence]\nx = '\xe9'\n")
        said = cli("export", "--all", "--output", str(person.home / "out"))
        assert said.code == 1
        assert f"{person.config}:2:" in said.err
        assert not (person.home / "out").exists()

    def test_of_too_many_decks_the_first_are_taken_out(
        self, cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As they are the first that are read; and it is said, since an export looks whole."""
        monkeypatch.setattr(deck_folder, "MOST", 2)
        folder = person.config.parent / "prompts"
        folder.mkdir(parents=True)
        for number in range(3):
            (folder / f"{number}.toml").write_text(f"# {number}\n", "utf-8")
        said = cli("export", "--all")
        assert [one["name"] for one in said.json["decks"]] == ["0.toml", "1.toml"]
        assert said.err == (
            f"{folder}: only the first 2 of 3 decks are taken out."
            " To keep the others too, copy that folder.\n"
        )


def test_a_refused_file_is_told_kindly(cli: Cli, there: Callable[..., Path]) -> None:
    """With its place, and that nothing was changed."""
    path = there()
    path.write_text(path.read_text("utf-8").replace('"hard"', '"awful"'), "utf-8")
    said = cli("import", str(path))
    assert said.code == 1
    assert said.err == (
        f"{path}:13: answer: found 'awful';"
        " allowed: done, taken, hard, later, not-today, not-for-me.\nNothing was changed.\n"
    )
    assert cli("history", "--json").json == []


def test_a_running_daemon_goes_on(
    there: Callable[..., Path], person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """It takes what came in for what it is: the past of another machine."""
    deadline = time.monotonic() + 20
    while (before := person.run("status", "--json").json)["open"] is None:
        assert time.monotonic() < deadline, "the first practice does not come"
        time.sleep(0.05)
    assert person.run("import", str(there())).code == 0
    after = person.run("status", "--json").json
    assert after["open"] == before["open"]
    assert after["today"]["shown"] == before["today"]["shown"] == 1
    assert after["today"]["answered"] == 0
    brought = person.run("now", "--json")
    assert brought.code == 0, brought.err
    assert person.run("respond", "done").code == 0
    newest, *_ = person.run("history", "--json").json
    assert newest["response"] == "done"
    assert newest["device"] != "there"
    assert daemon.poll() is None


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        ('"deliveries": [{"id": "', "x"),
        ('"deliveries": [', " "),
        ('"deliveries": [{"id": [', "{},"),
        ('"decks": [{"name": "a.toml", "text": "', "\\n"),
        ('"settings": [', '{"name": "config.toml", "text": ""},'),
        ('"holds": [{"a": 1', ', "a": 1'),
    ],
    ids=["text", "blanks", "small things", "a large deck", "many files", "many of one name"],
)
def test_a_file_costs_little_memory(begin: str, piece: str, person: Person, tmp_path: Path) -> None:
    """Whatever is in it: 128 MiB at the most."""
    path = tmp_path / "file"
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"format": "reminderd export", "version": 1,\n{begin}')
        for _ in range(300):
            file.write(piece * (100_000 // len(piece)))
    code = (
        "import re, sys\nfrom reminderd.cli.main import run\ncode = run(sys.argv[1:])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])\n"
        "sys.exit(code)"
    )
    done = watched(
        lambda: subprocess.run(
            [sys.executable, "-c", code, "import", str(path)],
            env=person.env,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}:2: ")
    assert int(done.stdout) < 128 * 1024
