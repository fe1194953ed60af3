"""The desk as it truly is: what the desktop could tell, and the screen that notices come up on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from reminderd.core.model import Context, Reason
from reminderd.core.notice import Posted, Refused, Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reminderd.core.notice import Delivered, Notice

Fuse = Literal["", "claimed", "shown"]
"""Where the daemon is to be killed: before a notice is up, or when it is, unrecorded."""

Temper = Literal["kind", "refuses", "silent", "silent but shows", "absent"]
"""How the server takes a notice."""

SIGNALS: Final[dict[str, frozenset[Reason]]] = {
    "all but calls": frozenset({Reason.IN_CALL}),
    "neither calls nor idle": frozenset({Reason.IN_CALL, Reason.AWAY}),
    "locked and inactive": frozenset({Reason.IN_CALL, Reason.AWAY, Reason.DO_NOT_DISTURB}),
}
"""What begins and ends without a signal, by what a desktop signals."""


class Killed(BaseException):
    """The daemon was killed: nothing of it runs any more."""


@dataclass
class Desk:
    """Somebody's desk, and a desktop that tells of it truthfully.

    Attributes:
        unsignalled: What begins and ends without a signal.
        untold: What nothing tells of at present.
        on_told: Hears of each question, and whether it was asked closely.
        lived: Time as it passes, which nobody sets.
        mark: The same, and what the clock was set forward by as a suspend might.
        left_at: When, by `lived`, somebody touched anything last; None while they do.
    """

    unsignalled: frozenset[Reason]
    untold: frozenset[Reason] = frozenset()
    on_told: Callable[[bool], None] = lambda _: None
    do_not_disturb: bool = False
    in_call: bool = False
    locked: bool = False
    inactive: bool = False
    lived: timedelta = timedelta()
    mark: timedelta = timedelta()
    left_at: timedelta | None = None

    def idle(self, ahead: timedelta = timedelta()) -> timedelta:
        """Return for how long nobody has touched anything, now or a while ahead."""
        return timedelta() if self.left_at is None else self.lived + ahead - self.left_at

    async def context(self, *, closely: bool) -> Context:
        """Tell what is so; without a closer look, only of what has signals."""
        self.on_told(closely)
        hidden = self.hidden(closely=closely)
        idle = int(self.idle().total_seconds())
        return Context(
            do_not_disturb=None if Reason.DO_NOT_DISTURB in hidden else self.do_not_disturb,
            in_call=None if Reason.IN_CALL in hidden else self.in_call,
            locked=None if Reason.LOCKED in hidden else self.locked,
            inactive=None if Reason.INACTIVE in hidden else self.inactive,
            away_seconds=None if Reason.AWAY in hidden else idle,
            unsignalled=self.unsignalled - self.untold,
        )

    def hidden(self, *, closely: bool) -> frozenset[Reason]:
        """Return what a look cannot see."""
        return self.untold if closely else self.untold | self.unsignalled

    def sources(self) -> Mapping[Reason, str]:
        """Return what tells of it; nobody asks here."""
        return {}


@dataclass
class Screen:
    """A server that shows one program's notices, and the program's own side of it.

    Attributes:
        on_show: Hears of each try to bring something up.
        on_shown: Hears of what may have been seen.
        on_refused: Hears of what certainly was not.
        meanwhile: What happens in the middle of the next look, when all else was read.
        was_disturbed: Whether anything did.
        temper: How the next notices are taken.
        fuse: Where the daemon dies over the next one.
        up: The deliveries that stand there.
        known: Those of them that the present process could take down.
        last: What the present process brought up last.
    """

    on_show: Callable[[Notice], None] = lambda _: None
    on_shown: Callable[[Notice], None] = lambda _: None
    on_refused: Callable[[Notice], None] = lambda _: None
    meanwhile: list[Callable[[], None]] = field(default_factory=list)
    was_disturbed: bool = False
    temper: Temper = "kind"
    fuse: Fuse = ""
    up: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    last: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a server."""
        return self.temper != "absent"

    def ready(self) -> bool:
        """Return whether there is a server; it is the last thing that a look asks."""
        while self.meanwhile:
            self.was_disturbed = True
            self.meanwhile.pop()()
        return self.is_there

    async def show(self, notice: Notice) -> Delivered:
        """Take a notice; it takes the place of what we know of."""
        fuse, self.fuse = self.fuse, ""
        self.on_show(notice)
        if fuse == "claimed":
            raise Killed
        if self.temper in {"refuses", "absent"}:
            self.on_refused(notice)
            return Refused("no")
        if self.temper != "silent":
            self.on_shown(notice)
        if fuse == "shown":
            raise Killed
        if self.temper != "kind":
            return Silent("no reply")
        self.up -= self.known
        self.up.add(notice.delivery)
        self.known = {notice.delivery}
        self.last = notice.delivery
        return Posted(":1.7", 1)

    async def close(self, delivery: str) -> None:
        """Take one down, if this process knows of it."""
        if delivery in self.known:
            self.is_down(delivery)

    def is_down(self, delivery: str) -> None:
        """Let one not stand any more."""
        self.up.discard(delivery)
        self.known.discard(delivery)

    def sweep(self) -> None:
        """Lose all of it, as a restart of the server does."""
        self.up.clear()
        self.forget()

    def forget(self) -> None:
        """Know of nothing, as another process does not."""
        self.known.clear()
        self.last = ""

    def tell(self, text: str) -> None:
        """Take a passing line."""

    def stands(self, delivery: str) -> bool:
        """Return whether this process brought it up, and nothing is known to have swept it away."""
        return self.last == delivery

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Take over what an earlier process brought up, if it is still there."""
        if not self.known and notice.delivery in self.up and posted.server_id:
            self.known.add(notice.delivery)
