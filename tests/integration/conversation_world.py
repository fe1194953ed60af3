"""All that can happen in a conversation: to the daemon, its server, the disk, and by the person."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import tempfile
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from reminderd.app.pausing import pause, resume
from reminderd.app.respond import respond
from reminderd.app.tick import Backoff
from reminderd.core.history import ASKED_FOR, is_open
from reminderd.core.model import Answer, Context
from reminderd.core.notice import IN_FULL, INTIMATE_TIPS, QUIET_WEEK, SHOW, VIEWS, Discretion
from reminderd.errors import NothingOpenError, StoreError
from tests.fakes import World, cadence, prompt, window
from tests.integration.conversation_life import (
    ACTING,
    Disk,
    Fuse,
    Life,
    Server,
    busy_tasks,
    short_waits,
    through,
)
from tests.integration.conversation_witness import Made, Witness
from tests.integration.fake_server import ALL_CAPABILITIES, NAME, PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator

    from tests.integration.fake_server import Shown

PROMPTS: Final = tuple(
    prompt(f"p-{number:02}", min(INTIMATE_TIPS) if number % 4 == 0 else f"tip-{number % 3}")
    for number in range(1, 31)
)
PLAN: Final = cadence(every=45, windows=[window("8:00", "22:00")], min_gap=20, max_per_day=12)
MORNING: Final = "2026-11-23 07:50"
WEEK: Final = timedelta(weeks=1)
_MOST_ROUNDS: Final = 200
_MOST_SECONDS: Final = 20
_MOST_STOPS: Final = 12
_MOST_LOOKS: Final = 25


@dataclass
class Place:
    """What all conversations of a run share: a bus, a stranger on it, a loop.

    Attributes:
        address: The bus.
        folder: Where databases are made.
        disk: Where they lie.
        happened: How often each action was taken.
        came_of_it: How often what followed from them.
        errors: What was logged as a defect.
    """

    address: str
    folder: Path
    stranger: MessageBus
    loop: asyncio.AbstractEventLoop
    disk: Disk = field(default_factory=Disk)
    happened: Counter[str] = field(default_factory=Counter)
    came_of_it: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


@contextlib.contextmanager
def place_on(address: str) -> Iterator[Place]:
    """Have a place for conversations on a bus; `DBUS_SESSION_BUS_ADDRESS` must name it."""
    loop = asyncio.new_event_loop()
    logs = _Defects()
    ours = logging.getLogger("reminderd")
    with (
        patch.object(ours, "propagate", new=False),
        tempfile.TemporaryDirectory() as folder,
        short_waits(),
    ):
        stranger = loop.run_until_complete(_on_the_bus(address))
        place = Place(address, Path(folder), stranger, loop, errors=logs.told)
        loop.set_exception_handler(lambda _, context: logs.told.append(str(context)))
        loggers = (ours, logging.getLogger())
        for logger in loggers:
            logger.addHandler(logs)
        try:
            with place.disk.in_use():
                yield place
        finally:
            for logger in loggers:
                logger.removeHandler(logs)
            stranger.disconnect()
            loop.run_until_complete(asyncio.wait_for(stranger.wait_for_disconnect(), 5))  # type: ignore[no-untyped-call]  # dbus-fast has none there
            loop.close()


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
            self.asks()
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
        self.press(which, what)
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
        for _ in range(_MOST_STOPS):
            await self.settle()
            due_at = self.life.due_at if self.life else None
            if due_at is None or due_at > until:
                break
            self.clock.now = max(self.clock.now, due_at)
            self._knock()
        await self.settle()
        self.clock.now = until
        self._knock()

    async def sleeps(self, hours: int) -> None:
        """Let the machine be suspended."""
        await self.settle()
        self.clock.forward(hours=hours)
        self._knock()

    def lock(self, *, locked: bool) -> None:
        """Lock or unlock the screen."""
        self.world.desktop.told = Context(locked=locked)

    def _knock(self) -> None:
        if self.life is not None:
            self.life.knock()

    # The disk

    def fills(self, room: int | None) -> None:
        """Leave room for so many writes."""
        self.disk.room = room

    # The person, on the screen

    def press(self, which: int, what: int) -> None:
        """Press a button, or click on the text."""
        if (one := self._pick(self.server.standing, which)) is not None:
            self._touch(one, what)
        else:
            self.asks()

    def press_stale(self, which: int, what: int) -> None:
        """Press what has just gone: the server tells of it all the same."""
        gone = {
            shown.id: shown for shown in self.server.shown if shown.id not in self.server.standing
        }
        if (one := self._pick(gone, which)) is not None:
            self._touch(one, what)
        else:
            self.asks()

    def reply(self, which: int, text: str) -> None:
        """Write a reply, where there is a field for one: it says what the first button says."""
        one = self._pick(self.server.standing, which)
        if one is None or "inline-reply" not in one.actions:
            self.asks()
        else:
            self._notes(one, one.actions[0], text)
            self.server.reply(one.id, text)

    def closes(self, which: int, reason: int) -> None:
        """Wave it away, or let it expire."""
        if (one := self._pick(self.server.standing, which)) is not None:
            self.server.close(one.id, reason)
        else:
            self.asks()

    def click(self, which: int) -> None:
        """Click on the text."""
        if (one := self._pick(self.server.standing, which)) and "default" in one.actions:
            self._touch(one, -1)
        else:
            self.asks()

    def press_newest(self, what: int) -> None:
        """Press a button of what came last."""
        if self.server.standing:
            self._touch(self.server.standing[max(self.server.standing)], what)

    def _pick(self, among: dict[int, Shown], which: int) -> Shown | None:
        ids = sorted(server_id for server_id in among if self.server.there)
        return among[ids[which % len(ids)]] if ids else None

    def _touch(self, one: Shown, what: int) -> None:
        actions = [action for action in one.actions[::2] if action != "inline-reply"]
        if actions:
            action = actions[what % len(actions)]
            self._notes(one, self._on_click(one) if action == "default" else action, None)
            self.server.press(one.id, action)

    @staticmethod
    def _on_click(one: Shown) -> str:
        """Return the view that a click asks for: the text in full, where the answers stand."""
        return IN_FULL if Answer.HARD in one.actions else SHOW

    def _notes(self, one: Shown, key: str, note: str | None) -> None:
        delivery = self.witness.shown(self.server.place, one.id)
        must = self._must(one, delivery, key)
        self.witness.made.append(Made(delivery, key, note, must))

    def _must(self, one: Shown, delivery: str, key: str) -> bool:
        """Return whether an answer is certain to count: all is quiet, and it is the first."""
        life, newest = self.life, self.world.store.reading.newest()
        open_ = is_open(newest, self.clock.now)
        return bool(
            self.settled
            and key not in VIEWS | {QUIET_WEEK}
            and life is not None
            and (one.sender == life.name or self._is_adopted(one))
            and one.id in self.server.standing
            and not self.witness.answers(delivery)
            and not any(
                made.delivery == delivery and made.key not in VIEWS for made in self.witness.made
            )
            and (key != Answer.LATER or (newest and newest.id == delivery and open_))
        )

    def _is_adopted(self, one: Shown) -> bool:
        """Return whether an earlier daemon brought it, and this one can hear of it."""
        found = self.world.store.screen.standing()
        return (
            self.server.broadcast
            and found is not None
            and self.life is not None
            and self.life.looked_well
            and (found.posted.owner, found.posted.server_id) == (self.server.place, one.id)
        )

    # The person, in a terminal

    def answers(self, answer: Answer, delivery: str | None, note: str | None = None) -> None:
        """Answer the open practice, or correct the last answer."""
        try:
            receipt = self._respond(answer, delivery, note)
        except (NothingOpenError, StoreError):
            return
        self.witness.said.append((receipt.delivery.id, receipt.answer, note))
        self._knock()

    def _respond(self, answer: Answer, delivery: str | None, note: str | None) -> Any:  # noqa: ANN401 -- a Receipt
        return respond(
            *(self.world.store, answer, self.clock.present()),
            delivery=delivery,
            note=note,
            source="cli",
        )

    def asks(self) -> None:
        """Ask for a practice now."""
        with contextlib.suppress(StoreError):
            self.world.store.deliveries.add_now(self.clock.present(), ASKED_FOR, None, None)
            self._knock()

    def pauses(self, minutes: int) -> None:
        """Pause."""
        with contextlib.suppress(StoreError):
            pause(self.world.store, timedelta(minutes=minutes), self.clock.present())
            self._knock()

    def resumes(self) -> None:
        """End the pause."""
        with contextlib.suppress(StoreError):
            resume(self.world.store, self.clock.present())
            self._knock()

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


class _Defects(logging.Handler):
    """Notes whatever is logged as a defect."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or not record.name.startswith("reminderd"):
            self.told.append(logging.Formatter().format(record))


async def _on_the_bus(address: str) -> MessageBus:
    return await MessageBus(bus_address=address).connect()
