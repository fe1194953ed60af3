"""All that can happen in a conversation: to the daemon, its server, the disk and the clock."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter, deque
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import Message, MessageType

from reminderd.app.between_looks import Backoff
from reminderd.core.model import Context
from reminderd.core.notice import INTIMATE_TIPS, Discretion
from tests.fakes import World, cadence, prompt, window
from tests.integration.conversation.life import ACTING, Fuse, Life, busy_tasks
from tests.integration.conversation.person import Person
from tests.integration.conversation.server import Server, through
from tests.integration.conversation.witness import Witness
from tests.integration.fake_server import ALL_CAPABILITIES, NAME, PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from tests.integration.conversation.place import Place

PROMPTS: Final = tuple(
    prompt(f"p-{number:02}", min(INTIMATE_TIPS) if number % 4 == 0 else f"tip-{number % 3}")
    for number in range(1, 31)
)
PLAN: Final = cadence(every=45, windows=[window("8:00", "22:00")], min_gap=20, max_per_day=12)
MORNING: Final = "2026-11-23 07:50"
_MOST_ROUNDS: Final = 200
_MOST_SECONDS: Final = 20
_MOST_STOPS: Final = 12
_MOST_STOPS_AT_ONCE: Final = 3
_MOST_LOOKS: Final = 25


class Conversation:
    """One life-long conversation, from an empty database on.

    Args:
        place: Where it takes place.
        discretion: As the person set it.
    """

    def __init__(self, place: Place, discretion: Discretion) -> None:
        self.place = place
        self.disk, self.disk.room = place.disk, None
        self.folder = Path(tempfile.mkdtemp(dir=place.folder))
        self.world = World(self.folder / "reminderd.db", PLAN, local=MORNING, prompts=PROMPTS)
        self.world.engine.preferences = replace(
            self.world.engine.preferences, discretion=discretion
        )
        self.clock = self.world.clock
        self.witness = Witness(self.clock, self.world.path)
        self.server = self._new_server()
        self.ghost: Server | None = None
        self.life: Life | None = None
        self.settled = self.broken = False
        self.story: list[str] = []
        self.person = Person(self)

    def do(self, name: str, action: Callable[[], Awaitable[None] | None], *, hurry: bool) -> None:
        """Take an action, and see whether all is as it must be.

        Args:
            name: What it is counted as.
            action: What to do.
            hurry: Whether what comes next is not to wait for what follows from this.
        """
        self.place.happened[name] += 1
        self.story.append(f"{self.clock.local:%a %H:%M:%S} {name} {'(hurried)' * hurry}")
        self.broken = True
        try:
            self._run(self._do(action, hurry=hurry))
        except AssertionError as error:
            error.add_note("\n".join(self.story))
            raise
        self.broken = False

    def _run(self, coroutine: Coroutine[None, None, None]) -> None:
        loop = self.place.loop
        loop.run_until_complete(loop.create_task(coroutine, name=ACTING))

    async def _do(self, action: Callable[[], Awaitable[None] | None], *, hurry: bool) -> None:
        async with asyncio.timeout(_MOST_SECONDS):
            if (waited := action()) is not None:
                await waited
            if not hurry:
                await self.settle()
        self.settled = not hurry
        self._check()

    def _check(self) -> None:
        self.witness.check(self.life, self.server, settled=self.settled)
        assert not self.place.errors, self.place.errors

    async def settle(self) -> None:
        """Wait until everybody has heard everything and has nothing to do."""
        quiet, before = 0, self._stirred()
        looks = self.life.looks if self.life else 0
        for _ in range(_MOST_ROUNDS):
            if busy := busy_tasks():
                await asyncio.wait(busy)
            if self.life is not None and not self.life.alive:
                self._bury()
            if self.life is not None:
                with contextlib.suppress(OSError, EOFError):  # it may be killed meanwhile
                    await self.life.flush()
            await through(self.server.bus if self.server.there else self.place.stranger)
            at_rest = self.life is None or self.life.quiet() or not self.life.alive
            after = self._stirred()
            quiet = quiet + 1 if at_rest and not busy_tasks() and after == before else 0
            before = after
            if quiet > 1:
                break
        else:
            raise AssertionError("it does not come to rest")
        if self.life is not None:
            assert self.life.looks - looks <= _MOST_LOOKS, "a busy loop"

    def _stirred(self) -> tuple[object, ...]:
        life = self.life
        heard = (life.looks, len(self.witness.heard)) if life else ()
        return (*heard, sum(self.server.asked.values()), len(self.witness.all_tries))

    def _bury(self) -> None:
        """Take leave of a daemon that was killed: what it kept is gone."""
        self.life = None
        self.witness.forgives()

    # The daemon

    async def start(self) -> None:
        """Start the daemon, unless it runs; it is asked for something then."""
        if self.life is not None:
            self.person.asks()
        else:
            base, store = self.world.engine, self.world.open()
            engine = replace(
                base, store=store, backoff=Backoff(), unwritten=deque(), presses=deque()
            )
            self.witness.is_born()
            self.life = Life(engine, store, self.witness)
            self.life.start()
            while self.life.alive and not self.life.at_rest:  # noqa: ASYNC110 -- its time is turns
                await asyncio.sleep(0)

    async def restart(self) -> None:
        """End the daemon as it should end, and start it again."""
        if (life := self.life) is not None:
            await life.leave()
            await self.settle()
            sure = self.settled and not (
                self.disk.room is not None or self.server.silent or life.fuse
            )
            if not sure:
                self.witness.forgives()
            self.witness.check(None, self.server, settled=True)
            left = [one.id for one in self.server.standing.values() if one.sender == life.name]
            place = self.server.place if left else ""
            assert not (sure and any(self.witness.shown(place, one) for one in left)), "left behind"
            self._bury()
        await self.start()

    async def presses_and_restarts(self, which: int, what: int) -> None:
        """Press something in the moment in which the daemon is told to end."""
        self.person.press(which, what)
        await self.restart()

    async def kill(self) -> None:
        """Kill the daemon, or start it where it was killed before."""
        if self.life is None:
            await self.start()
        else:
            self.life.drop()
            if busy := busy_tasks():
                await asyncio.wait(busy)
            self._bury()

    async def light(self, fuse: Fuse) -> None:
        """Let the daemon be killed when it comes to a certain point."""
        await self.start()
        if self.life is not None:
            self.life.fuse = fuse

    # Time

    async def passes(self, seconds: int) -> None:
        """Let time pass, with a look whenever the daemon wants one, up to a dozen."""
        until = self.clock.now + timedelta(seconds=seconds)
        stops = Counter[datetime]()
        for _ in range(_MOST_STOPS):
            await self.settle()
            due_at = self.life.due_at if self.life else None
            if due_at is None or due_at > until:
                break
            self.clock.now = max(self.clock.now, due_at)
            stops[self.clock.now] += 1
            assert stops[self.clock.now] <= _MOST_STOPS_AT_ONCE, "it looks again without end"
            self.knock()
        await self.settle()
        self.clock.now = until
        self.knock()

    async def sleeps(self, hours: int) -> None:
        """Let the machine be suspended."""
        await self.settle()
        self.clock.forward(hours=hours)
        self.knock()

    def lock(self, *, locked: bool) -> None:
        """Lock or unlock the screen."""
        self.world.desktop.told = Context(locked=locked)

    def knock(self) -> None:
        """Wake the daemon, as a command does."""
        if self.life is not None:
            self.life.knock()

    # The disk

    def fills(self, room: int | None) -> None:
        """Leave room for so many writes."""
        self.disk.room = room
        self.witness.doubts()

    # The server

    def tempers(self, what: str, value: Any) -> None:  # noqa: ANN401 -- whatever the attribute is
        """Change how the server is."""
        setattr(self.server, what, value)

    def is_silent(self, methods: frozenset[str]) -> None:
        """Let it leave some methods without a reply from now on."""
        self.server.silent = set(methods)

    def replies_late(self) -> None:
        """Let it reply to what it left without a reply."""
        if self.server.there:
            self.server.silent.discard("Notify")
            self.server.answer_late()

    async def vanishes(self) -> None:
        """Let it crash, or come back."""
        if self.server.there:
            await self.server.vanish()
        else:
            await self.server.come_back()

    async def comes(self, *, inline: bool, most_kept: int) -> None:
        """Let it come, or come back, as a new process whose ids begin again."""
        await self.server.vanish()
        self.server.capabilities = (*ALL_CAPABILITIES, "inline-reply")[: 3 + inline]
        self.server.most_kept = most_kept
        await self.server.come_back()

    def _new_server(self) -> Server:
        server = Server(self.place.address)
        server.on_notify = self._notified
        server.on_accept = lambda message, server_id: self.witness.shows(
            *(server.place, message, server_id)
        )
        return server

    def _notified(self, message: Message) -> None:
        self.witness.gets(message)
        if self.life is not None and self.life.fuse == "notified":
            self.life.drop()

    async def is_replaced(self) -> None:
        """Let another take its name, while it lives on without."""
        if self.server.there:
            if self.ghost is not None:
                await self.ghost.vanish()
            self.ghost, self.server = self.server, self._new_server()
            await self.server.connect()
            await self.server.own_name()
        else:
            await self.server.come_back()

    def meanwhile(self, action: Callable[[], None], *, before: bool) -> None:
        """Let something happen in the burst in which the next Notify is replied to."""
        server = self.server

        def happens(_: int) -> None:
            server.before_reply = server.after_reply = None
            settled, self.settled = self.settled, False
            action()
            self.settled = settled

        if before:
            server.before_reply = happens
        else:
            server.after_reply = happens

    def in_a_look(self, action: Callable[[], None]) -> None:
        """Let something happen in the middle of the next look."""

        def happens() -> None:
            self.world.desktop.on_ask = lambda: None
            settled, self.settled = self.settled, False
            action()
            self.settled = settled

        self.world.desktop.on_ask = happens

    # Others

    async def forges(self, member: str, server_id: int, body: str | int, *, to_us: bool) -> None:
        """Let a program that is no notification server speak of our notifications."""
        await self.settle()
        before, closed = self.witness.state(), len(self.server.closed)
        name = self.life.name if self.life and to_us else None
        signature = "us" if isinstance(body, str) else "uu"
        ghosts = [self.ghost.bus] if self.ghost is not None and self.ghost.there else []
        for bus in (self.place.stranger, *ghosts):
            await bus.send(
                Message(
                    message_type=MessageType.SIGNAL,
                    destination=name or None,
                    path=PATH,
                    interface=NAME,
                    member=member,
                    signature=signature,
                    body=[server_id, body],
                )
            )
            await through(bus)
        await self.settle()
        assert self.witness.state() == before, "a forged signal is believed"
        assert len(self.server.closed) == closed, "a forged signal is believed"

    # The end

    def end(self) -> None:
        """Let all be well again, see what must be then, and leave nothing behind."""
        try:
            if not self.broken:
                self.do("end", self._end_well, hurry=False)
                self.place.came_of_it.update(self.witness.summary())
        finally:
            self._run(self._clear())

    async def _end_well(self) -> None:
        await self.settle()
        self.disk.room = None
        self.server.silent, self.server.refusals = set(), 0
        self.server.before_reply = self.server.after_reply = None
        self.world.desktop.on_ask = lambda: None
        if self.server.there:
            self.server.answer_late()
        else:
            await self.comes(inline=False, most_kept=20)
        await self.settle()
        await self.light("")
        for seconds in (31, 11 * 60):
            await self.passes(seconds)
        await self.settle()
        assert self.life is not None
        assert self.life.looked_well
        assert not self.life.kept, "kept for ever"

    async def _clear(self) -> None:
        self.disk.room = None
        if self.life is not None:
            self.life.drop()
        for server in (self.server, self.ghost):
            if server is not None:
                await server.vanish()
        if others := {one for one in asyncio.all_tasks() if one.get_name() != ACTING}:
            await asyncio.wait(others, timeout=5)
        self.witness.close()
        self.world.close()
        self.place.errors.clear()
        shutil.rmtree(self.folder)
