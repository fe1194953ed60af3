"""The same behaviour on six real servers: docs/desktops.md is made of what is seen here."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from reminderd.core.notice import Posted
from tests.integration.behaviours import BEHAVIOURS, RECORD
from tests.integration.daemons import QUIET_CONFIG, eventually
from tests.integration.desktops import Heard
from tests.integration.freedesktop import NOTICE, notifying
from tests.integration.servers import PLUGINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.daemons import Home
    from tests.integration.real_server import RealServer
    from tests.integration.wire import Notified

pytest_plugins = ["tests.integration.daemons", *PLUGINS]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]

UMBRELLA, ASK = "slow-umbrella-not-key", "slow-small-ask"
EXPIRING: Final = Path(__file__).with_name("short_lived_daemon.py")
AT_ONCE: Final = 2.0
"""Seconds; a person who answered in a terminal has not looked up by then."""

HOSTILE: Final = """\
[[prompt]]
id = "hostile"
tip = "hostile"
basis = "hostile.one"
when = "now"
needs = "nobody"
title = '<b>Bold & half</b> &amp; <i>'
body = '<img src="file:///etc/passwd"> <a href="x">this & that</a> &lt; <b>half %s %n'
cue = 'If <b> & so on, then </b>.'
gentler = '<u>Nothing & more</u>.'
"""
FLOOD: Final = '<img src="file:///etc/passwd"> & <b>' * 300


@contextmanager
def seen(server: RealServer, behaviour: str) -> Iterator[None]:
    """Record whether a behaviour was seen on a server, where a record is asked for."""
    assert behaviour in BEHAVIOURS
    good = False
    try:
        yield
        good = True
    finally:
        if name := os.environ.get(RECORD):
            line = json.dumps([server.row.name, server.title, behaviour, good])
            with Path(name).open("a", encoding="utf-8") as record:
                record.write(f"{line}\n")


@pytest.fixture
def desk(home: Home, server: RealServer, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home on the desktop of this server, whose first practice is over."""
    home.configure(QUIET_CONFIG)
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = server.bus.address
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", server.bus.address)
    home.skip_first_practice()
    return home


def bring(desk: Home, server: RealServer, prompt: str) -> Notified:
    """Have a practice now, and wait until it alone is on the screen."""
    before = len(server.wire.notified())
    done = desk.run("now", "--prompt", prompt)
    assert done.returncode == 0, done.stderr
    return arrives(server, before)


def arrives(server: RealServer, before: int) -> Notified:
    """Wait until one more was asked for and stands there alone: on the screen, and by its id."""

    def is_up() -> bool:
        notified = server.wire.notified()
        stands = len(notified) > before and server.standing() == {notified[-1].id}
        return stands and server.displayed() == 1

    eventually(is_up, "it alone is on the screen")
    return server.wire.notified()[-1]


def answered(desk: Home, server: RealServer, response: str) -> None:
    """Wait until the newest practice has this answer, and nothing of ours stands."""
    eventually(lambda: newest(desk)["response"] == response, f"{response} is recorded")
    eventually(lambda: server.displayed() == 0, "it has gone")


def newest(desk: Home) -> dict[str, Any]:
    return desk.history()[0]


def closing_is_recorded(desk: Home) -> bool:
    """Return whether the newest notification is known to have gone by itself."""
    question = "SELECT closed_at FROM posted JOIN delivery ON id = delivery ORDER BY claim_order"
    with closing(sqlite3.connect(desk.database)) as database:
        return database.execute(question).fetchall()[-1][0] is not None


def test_buttons(desk: Home, server: RealServer) -> None:
    """A practice is drawn, and a real press of each button is its answer."""
    with desk.daemon():
        eventually(desk.running, "the daemon is up")
        with seen(server, "shown"):
            bring(desk, server, UMBRELLA)
            assert server.is_drawn()
        with seen(server, "done"):
            server.press("done")
            answered(desk, server, "done")
        with seen(server, "later"):
            bring(desk, server, ASK)
            server.press("later")
            answered(desk, server, "later")
        with seen(server, "hard"):
            before = len(server.wire.notified())
            bring(desk, server, UMBRELLA)
            server.press("hard")
            eventually(lambda: newest(desk)["response"] == "hard", "it is recorded")
            line = arrives(server, before + 1)
            assert line.summary == "Noted. It comes back smaller, not soon."
            assert line.actions == ()


def test_unanswered(desk: Home, server: RealServer) -> None:
    """What goes away is not answered, unless it goes away because it was."""
    with desk.daemon():
        eventually(desk.running, "the daemon is up")
        with seen(server, "dismissed"):
            bring(desk, server, UMBRELLA)
            server.dismiss()
            eventually(lambda: server.displayed() == 0, "it has gone")
            eventually(lambda: closing_is_recorded(desk), "that is recorded")
            assert newest(desk)["response"] is None
        with seen(server, "elsewhere"):
            bring(desk, server, ASK)
            assert desk.run("respond", "taken").returncode == 0
            begun = time.monotonic()
            eventually(lambda: server.displayed() == 0, "it has gone")
            assert time.monotonic() - begun < AT_ONCE
            assert newest(desk)["response"] == "taken"


def test_expired(desk: Home, server: RealServer) -> None:
    """It goes unanswered, and that is recorded where the server tells."""
    with desk.daemon([sys.executable, str(EXPIRING), "1000"]):
        eventually(desk.running, "the daemon is up")
        with seen(server, "expired"):
            bring(desk, server, UMBRELLA)
            eventually(lambda: server.displayed() == 0, "it has gone")
            if server.row.tells_expiry:
                eventually(lambda: closing_is_recorded(desk), "that is recorded")
            assert newest(desk)["response"] is None


def test_markup(desk: Home, server: RealServer) -> None:
    """A deck's text is shown and not obeyed; a flood of it does no harm, and the next one comes."""
    folder = desk.config.parent / "prompts"
    folder.mkdir()
    (folder / "hostile.toml").write_text(HOSTILE, "utf-8")
    with desk.daemon():
        eventually(desk.running, "the daemon is up")
        with seen(server, "markup"):
            bring(desk, server, "hostile")
            server.press("done")
            answered(desk, server, "done")
        with seen(server, "flood"):
            asyncio.run(flood(server))
            eventually(lambda: server.displayed() == 0, "it has gone")
            bring(desk, server, ASK)
            server.press("taken")
            answered(desk, server, "taken")
            assert server.lives()


async def flood(server: RealServer) -> None:
    """Show more than a deck may hold, which the notifier has to bear all the same."""
    async with notifying(Heard()) as notifier:
        assert isinstance(await notifier.show(replace(NOTICE, title=FLOOD, body=FLOOD)), Posted)
        await asyncio.to_thread(eventually, lambda: server.displayed() == 1, "it is up")


def test_a_click_on_the_text(desk: Home, server: RealServer) -> None:
    """It is no answer: it puts the practice up in full, with the choices that are rarely made."""
    with desk.daemon():
        eventually(desk.running, "the daemon is up")
        with seen(server, "in_full"):
            shown = bring(desk, server, UMBRELLA)
            server.click_body()
            if server.row.default == "none":
                assert "default" not in dict(shown.actions)
                server.press("done")
                answered(desk, server, "done")
            else:
                full = arrives(server, 1)
                assert "If trust feels like all or nothing" in full.body
                assert newest(desk)["response"] is None
                server.press("not-today")
                answered(desk, server, "not-today")


def test_the_server_dies(desk: Home, server: RealServer) -> None:
    """What was open is put up again on the next one, once, and answered as before."""
    with desk.daemon() as daemon:
        eventually(desk.running, "the daemon is up")
        with seen(server, "server_killed"):
            shown = bring(desk, server, UMBRELLA)
            server.restart()
            again = arrives(server, 1)
            assert (again.summary, again.actions) == (shown.summary, shown.actions)
            server.press("done")
            answered(desk, server, "done")
            server.restart()
            bring(desk, server, ASK)
            assert len(server.wire.notified()) == 3, "what was answered does not come again"
            assert daemon.process.poll() is None


def test_the_daemon_dies(desk: Home, server: RealServer) -> None:
    """kill -9: what is open is put up again once, in the place where it stands, and answered."""
    with seen(server, "daemon_killed"):
        with desk.daemon() as daemon:
            eventually(desk.running, "the daemon is up")
            shown = bring(desk, server, UMBRELLA)
            daemon.end(signal.SIGKILL)
        with desk.daemon():
            again = arrives(server, 1)
            assert again.replaces == shown.id
            assert (again.summary, again.actions) == (shown.summary, shown.actions)
            server.press("done")
            answered(desk, server, "done")
            assert server.standing() == set()
        with desk.daemon():
            eventually(desk.running, "the third daemon is up")
            bring(desk, server, ASK)
            assert len(server.wire.notified()) == 3, "what was answered does not come again"
