"""What a person does while their daemon is killed again and again (`kills.py`)."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from reminderd.adapters.wake import knock
from reminderd.app.status import daemon_facts
from tests.integration.acknowledged import ABSENT, Acknowledged
from tests.integration.kills_home import AT_FIRST, TITLES

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping

    from tests.integration.daemons import Home
    from tests.integration.fake_server import FakeServer, Shown
    from tests.integration.nursery import Nursery

ANSWERS: Final = ("done", "done", "taken", "hard", "later", "not-today", "not-for-me")
NEWEST: Final = """
SELECT id, kind, json_extract(text, '$.title'),
  EXISTS (SELECT 1 FROM response WHERE response.delivery = delivery.id), server_id
FROM delivery LEFT JOIN posted ON posted.delivery = delivery.id
WHERE claim_order NOT NULL ORDER BY claim_order DESC LIMIT 1
"""

Moment = Literal["time", "asked", "replied", "pressed", "acknowledged", "command"]


@dataclass(frozen=True)
class Newest:
    """The newest delivery; `place` is its server's id, once it is recorded that it came up."""

    id: str
    kind: str
    title: str
    is_answered: bool
    place: int | None

    def is_at(self, shown: Shown) -> bool:
        """Return whether this is what stands there, and waits for an answer.

        What comes again has the title of the one before, which may stand there until it comes.
        """
        if self.is_answered or self.title != shown.summary:
            return False
        return self.place == shown.id or (self.place is None and self.kind != "again")


@dataclass
class Person:
    """Somebody who answers, notes, presses, pauses and reconfigures, one thing after the other.

    Attributes:
        reach: Called with what has just been reached, for whoever kills at such a moment.
        acknowledged: What they were told is done.
        came_of_it: What they did, counted.
        is_over: Whether the daemon is being killed.
        kills_command: Whether a command in mid-flight is killed with it.
        before: How many notifications there had been when the present daemon began.
    """

    home: Home
    server: FakeServer
    nursery: Nursery
    random: random.Random
    reach: Callable[[Moment], None]
    acknowledged: Acknowledged = field(default_factory=Acknowledged)
    came_of_it: Counter[str] = field(default_factory=Counter)
    is_over: bool = False
    kills_command: bool = False
    before: int = 0
    _told: int = 0

    def begin(self, *, kills_command: bool) -> None:
        """Know that a new daemon begins."""
        self.is_over, self.kills_command = False, kills_command
        self.before = len(self.server.shown)

    async def act(self) -> None:
        """Do one thing after the other until it is over."""
        whenever: Mapping[Callable[[], Awaitable[None]], int] = {
            self._correct: 2,
            self._note: 2,
            self._pause_and_resume: 1,
            self._set: 4,
            self._edit: 2,
            self._ask_for_one: 1,
            self._wait: 4,
        }
        while not self.is_over:
            newest = self._newest()
            is_open = newest is not None and not newest.is_answered
            actions = (
                {**whenever, self._answer: 4, self._press: 20}
                if is_open
                else {**whenever, self._have_one_planned: 16}
            )
            (action,) = self.random.choices(list(actions), list(actions.values()))
            await action()

    async def _wait(self) -> None:
        await asyncio.sleep(self.random.uniform(0, 0.04))

    async def _have_one_planned(self) -> None:
        """Let a slot be due, and what came before be long ago for gap and cap."""
        await asyncio.sleep(0)
        self.home.plan_slot()
        with closing(sqlite3.connect(self.home.database, timeout=5)) as database, database:
            database.execute(
                "UPDATE delivery SET shown_date = '2020-01-01',"
                " claimed_at = strftime(?1, claimed_at, '-3 minutes'),"
                " shown_at = strftime(?1, shown_at, '-3 minutes')"
                " WHERE claimed_at NOT NULL AND shown_date <> '2020-01-01'",
                ("%Y-%m-%dT%H:%M:%f000Z",),
            )
        with self.home.store() as (store, _):
            if facts := daemon_facts(store):
                knock(facts["socket"])

    async def _answer(self) -> None:
        await self._say(self.random.choice(ANSWERS))

    async def _correct(self) -> None:
        await self._say(self.random.choice(ANSWERS), "--delivery", "last")

    async def _say(self, answer: str, *more: str) -> None:
        if answer == "later":
            more = (*more, "--for", "1s")
        note = self._new_note()
        if await self._run("respond", answer, f"--note={note}", *more) == 0:
            self.acknowledged.notes[note] = f"respond {answer}"
            self.came_of_it["answers by command"] += 1

    async def _note(self) -> None:
        note = self._new_note()
        if await self._run("note", "--note", "-", text=note) == 0:
            self.acknowledged.notes[note] = "note"
            self.came_of_it["notes"] += 1

    async def _ask_for_one(self) -> None:
        await self._run("now")

    async def _pause_and_resume(self) -> None:
        was_paused = await self._run("pause", "2h") == 0
        was_resumed = await self._run("resume") == 0
        # There may be nothing to end where the pause was killed.
        stored = was_paused + (was_paused and was_resumed)
        self.acknowledged.pauses += stored
        self.came_of_it["pauses begun or ended"] += stored

    async def _set(self) -> None:
        key, value, words = self.random.choice(
            (
                ("cadence.max_per_day", number := self.random.randint(2, 12), str(number)),
                ("practice.max_interval", days := f"{self.random.randint(2, 300)}d", days),
                ("pace.ramp_up", flag := self.random.random() < 0.5, str(flag).lower()),
                ("practice.max_interval", ABSENT, ""),
            )
        )
        before = self.acknowledged.settings.get(key, set(AT_FIRST.get(key, [ABSENT])))
        self.acknowledged.settings[key] = before | {value}
        code = await self._run("config", *(("set", key, words) if words else ("unset", key)))
        if code == 0:
            self.acknowledged.settings[key] = {value}
            self.came_of_it["settings changed"] += 1

    async def _edit(self) -> None:
        """Save the settings as an editor does: in place, with a moment in which half is written."""
        number = self.acknowledged.edits + 1
        text = self.home.config.read_text("utf-8")
        text = text.replace(f"# edited: {self.acknowledged.edits}\n", f"# edited: {number}\n")
        text = re.sub('snooze = ".*"', f'snooze = "{number}s"', text)
        if self.random.random() < 0.5:
            other = self.home.config.with_suffix(".new")
            other.write_text(text, "utf-8")
            other.replace(self.home.config)
        else:
            with self.home.config.open("w", encoding="utf-8") as file:
                file.write(text[: len(text) // 2])
                file.flush()
                await asyncio.sleep(self.random.uniform(0, 0.005))
                file.write(text[len(text) // 2 :])
        self.acknowledged.edits = number
        self.acknowledged.settings["notification.snooze"] = {f"{number}s"}
        self.came_of_it["edits by hand"] += 1

    async def _press(self) -> None:
        """Press a button, or write a reply, on what stands; its end is the acknowledgement."""
        newest, standing = self._newest(), self._standing()
        if newest is None or standing is None or not newest.is_at(standing):
            return
        seen = len(self.server.closed)
        key = self.random.choice(list(standing.buttons))
        note = self._new_note()
        with_note = self.random.random() < 0.3
        if with_note:
            key = next(iter(standing.buttons))
            self.server.reply(standing.id, note)
        else:
            self.server.press(standing.id, key)
        self.reach("pressed")
        with suppress(TimeoutError):
            await until(lambda: self.is_over or standing.id in self.server.closed[seen:], 1)
        if standing.id not in self.server.closed[seen:]:
            return
        after = self._newest()
        if after is None or after.id != newest.id:
            return  # it may have given way to the next one in that moment
        self.acknowledged.presses.add((newest.id, key))
        if with_note:
            self.acknowledged.notes[note] = f"a reply to {newest.id}"
        self.came_of_it["presses"] += 1
        self.reach("acknowledged")

    def _standing(self) -> Shown | None:
        """Return what stands there with buttons that lead somewhere: of the present daemon."""
        for one in reversed(self.server.shown[self.before :]):
            if one.summary in TITLES and self.server.standing.get(one.id) is one:
                return one
        return None

    def _newest(self) -> Newest | None:
        """Return the newest delivery, None where there is none or it cannot be read now."""
        to_read = f"{self.home.database.as_uri()}?mode=ro"
        with (
            suppress(sqlite3.OperationalError),  # there is none yet, or nobody to open the log
            closing(sqlite3.connect(to_read, uri=True)) as database,
        ):
            row = database.execute(NEWEST).fetchone()
            return None if row is None else Newest(*row)
        return None

    async def _run(self, *command: str, text: str = "") -> int:
        """Run a command; it is killed with the daemon if that is how the round goes."""
        child = await self.nursery.begin(*command, env=self.home.env, text=text)
        self.reach("command")
        while not child.code.done():
            if self.is_over and (self.kills_command or command == ("now",)):
                await asyncio.sleep(self.random.uniform(0, 0.01))
                child.signal()
                break
            await asyncio.wait({child.code}, timeout=0.002)
        code = await child.wait()
        assert code in {0, 1, -signal.SIGKILL}, child.complained()
        assert "cannot be" not in child.complained(), child.complained()
        self.came_of_it["commands killed"] += code < 0
        return code

    def _new_note(self) -> str:
        self._told += 1
        return f"note {self._told}"


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until something that nobody signals is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- as said above
            await asyncio.sleep(0.003)
