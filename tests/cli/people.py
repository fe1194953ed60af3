"""A person with an empty home: commands as processes and in this one, and what is stored."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pexpect

from reminderd import bootstrap
from reminderd.adapters.store.store import Store
from reminderd.cli.main import run
from reminderd.core.history import ShownText
from reminderd.core.model import Answer, Reason, When
from reminderd.core.notice import Posted
from reminderd.core.walltime import Present
from tests.fakes import choice
from tests.integration.no_network import begin_watch, watched

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
"""A Sunday, 11:00 in Berlin."""

TEXT = ShownText(
    title="What somebody actually did",
    body="Name one considerate thing they did. Both count.",
    cue="If I start guessing, then I go back to what they did.",
    when=When.NOW,
)


def at(now: datetime = NOW) -> Present:
    """Return a present moment in Berlin."""
    return Present(now, ZONE, "Europe/Berlin")


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- whatever JSON holds
        """The JSON that it printed."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass
class Person:
    """Somebody with a home of their own."""

    home: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The environment of a process of theirs."""
        hidden = ("XDG_", "REMINDERD_", "DBUS_", "NO_COLOR", "INVOCATION_ID")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        here = {"HOME": str(self.home), "TZ": "Europe/Berlin", "TERM": "xterm"}
        return kept | here | {"XDG_RUNTIME_DIR": str(self.home / "run")} | self.extra

    @property
    def database(self) -> Path:
        """Where their database lies."""
        return self.home / ".local/share/reminderd/reminderd.db"

    @property
    def config(self) -> Path:
        """Where their settings lie."""
        return self.home / ".config/reminderd/config.toml"

    def store(self, now: datetime | None = None) -> Store:
        """Open their database."""
        return Store(self.database, at(now or datetime.now(UTC)))

    def brought(  # the facts of one delivery
        self,
        *,
        at_: datetime | None = None,
        text: ShownText = TEXT,
        prompt: str = "slow-what-they-did",
        tip: str = "take-it-slow",
        answers: tuple[Answer, ...] = (),
        note: str | None = None,
        outcome: str = "shown",
    ) -> str:
        """Let one practice have come, and return its id."""
        moment = at_ or datetime.now(UTC)
        store = Store(self.database, at(moment))
        identifier = store.deliveries.add_now(at(moment), timedelta(minutes=2), None, None)
        if outcome == "missed":
            store.deliveries.let_go([(identifier, Reason.QUIET_HOURS)], at(moment))
        else:
            version = store.version()
            chosen = choice(prompt, tip)
            assert store.deliveries.claim(identifier, version, chosen, text, at(moment))
        if outcome == "shown":
            store.deliveries.record_shown(identifier, Posted("test", 1), at(moment))
        elif outcome == "failed":
            store.deliveries.record_failed(identifier, Reason.NO_REPLY, at(moment))
        for count, answer in enumerate(answers, 1):
            store.answers.add_response(
                *(answer, at(moment + timedelta(seconds=count))),
                delivery=identifier,
                prompt=prompt,
                note=note,
                snooze=None,
                source="test",
            )
        store.close()
        return identifier

    def daemon_recorded(self, **facts: object) -> None:
        """Let a daemon have recorded how it stands."""
        store = self.store()
        store.recorded.set(
            "daemon",
            {
                "pid": 42,
                "socket": str(self.home / "nobody"),
                "notifier": "freedesktop",
                "why": "the desktop shows notifications",
                "desktop": {},
                "closed": [],
                "quiet_hours": True,
                "server": "dunst 1.9.0",
                "limits": [],
                "next": None,
                "held": None,
                "paused_until": None,
                "cap": 4,
                "pace": {"per_day": 4, "reason": "as you set it"},
                "problems": [],
            }
            | facts,
        )
        store.close()

    def run(
        self,
        *args: str,
        text: str | None = None,
        env: dict[str, str] | None = None,
        **kept: Any,  # noqa: ANN401 -- for subprocess.run
    ) -> Said:
        """Run a command as a process of its own."""
        done = watched(
            lambda: subprocess.run(
                [sys.executable, "-m", "reminderd", *args],
                check=False,
                env=self.env | (env or {}),
                input=(text or "").encode(),
                timeout=60,
                **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | kept),
            )
        )
        return Said(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())

    def terminal(self, *args: str, columns: int = 80) -> pexpect.spawn[str]:
        """Run a command on a terminal of its own."""
        return pexpect.spawn(
            sys.executable,
            ["-m", "reminderd", *args],
            env=self.env,
            encoding="utf-8",
            timeout=30,
            dimensions=(40, columns),
            preexec_fn=begin_watch,
        )


class Cli:
    """Commands in this process: quick, with a clock that the test sets."""

    def __init__(
        self,
        person: Person,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.person = person
        self.now = NOW
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR"):
            monkeypatch.delenv(f"XDG_{name}", raising=False)
        monkeypatch.setenv("HOME", str(person.home))
        monkeypatch.setenv("TZ", "Europe/Berlin")
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setattr(bootstrap, "present", self.present)
        monkeypatch.setattr(bootstrap, "open_clock", lambda: self)

    def present(self) -> Present:
        """Return the test's present moment, in place of the clock."""
        return at(self.now)

    def __call__(self, *args: str, text: str = "") -> Said:
        """Run a command."""
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
            code = run(args)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


def answers(person: Person) -> list[tuple[str | None, str | None]]:
    """Return what was answered and noted, newest first."""
    store = person.store()
    found = [(one.response and one.response.value, one.note) for one in store.reading.history(100)]
    store.close()
    return found
