"""A conversation with the desktop as a state machine: whatever may happen, in any order.

`world.py` and `person.py` say what each action does, `witness.py` what must be true.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from reminderd.core.model import Answer
from tests.integration.conversation.world import Conversation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reminderd.core.notice import Discretion
    from tests.integration.conversation.life import Fuse
    from tests.integration.conversation.place import Place

hurries = st.sampled_from([False, False, False, True])
few = st.integers(0, 5)
any_note = st.sampled_from(["a note", "two\nlines", "x" * 50])
lengths = st.sampled_from([1, 5, 30, 60, 300, 1200, 1500, 2700, 2700, 3600])
absences = st.sampled_from([20, 1200, 1900, 2600])  # half an hour is when it comes up no more
any_answer = st.sampled_from(list(Answer))
any_fuse = st.sampled_from(["claimed", "notified", "posted", "pressed", "stored"])
any_temper = st.sampled_from(
    [
        ("doubled", True),
        ("doubled", False),
        ("broadcast", True),
        ("broadcast", False),
        ("tells_closing", True),
        ("tells_closing", False),
        ("closes_on_press", True),
        ("closes_on_press", False),
    ]
)

silences = [
    frozenset[str](),
    frozenset[str](),
    frozenset({"Notify"}),
    frozenset({"Notify"}),
    frozenset({"GetServerInformation", "GetCapabilities"}),
]
forgeries = [
    *(("ActionInvoked", key) for key in ("done", "hard", "later", "default", "show", "quiet-week")),
    ("NotificationReplied", "a forged note"),
    ("NotificationClosed", 2),
]


class Conversing(RuleBasedStateMachine):
    """Everything that can happen, as rules; `place` is where."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.talk: Conversation | None = None

    @property
    def it(self) -> Conversation:
        """The conversation."""
        assert self.talk is not None
        return self.talk

    def do(
        self,
        action: Callable[..., Awaitable[None] | None],
        *args: Any,  # noqa: ANN401 -- handed on
        hurry: bool = False,
        **values: Any,  # noqa: ANN401 -- handed on
    ) -> None:
        """Do one thing, and look whether every promise still holds."""
        name = action.__name__
        self.it.do(name, partial(action, *args, **values), hurry=hurry)

    @initialize(
        discretion=st.sampled_from(["auto", "always", "never"]),
        inline=st.booleans(),
        most_kept=st.sampled_from([1, 3, 20]),
        there=st.booleans(),
    )
    def begins(self, discretion: Discretion, inline: bool, most_kept: int, there: bool) -> None:
        self.talk = Conversation(self.place, discretion)
        if there:
            self.do(self.talk.comes, inline=inline, most_kept=most_kept)
        self.do(self.talk.start)

    def teardown(self) -> None:
        if self.talk is not None:
            self.talk.end()

    # Time, and what it brings

    @rule(seconds=lengths)
    def passes(self, seconds: int) -> None:
        self.do(self.it.passes, seconds)

    @rule(seconds=lengths)
    def passes_too(self, seconds: int) -> None:
        self.do(self.it.passes, seconds)

    @rule(hours=st.sampled_from([1, 3, 7, 12]), hurry=hurries)
    def sleeps(self, hours: int, hurry: bool) -> None:
        self.do(self.it.sleeps, hours, hurry=hurry)

    @rule(hurry=hurries)
    def asks(self, hurry: bool) -> None:
        self.do(self.it.person.asks, hurry=hurry)

    @rule(hurry=hurries)
    def asks_too(self, hurry: bool) -> None:
        self.do(self.it.person.asks, hurry=hurry)

    @rule(locked=st.booleans())
    def lock(self, locked: bool) -> None:
        self.do(self.it.lock, locked=locked)

    # The person

    @rule(which=few, what=few, hurry=hurries)
    def press(self, which: int, what: int, hurry: bool) -> None:
        self.do(self.it.person.press, which, what, hurry=hurry)

    @rule(which=few, what=few, hurry=hurries)
    def press_too(self, which: int, what: int, hurry: bool) -> None:
        self.do(self.it.person.press, which, what, hurry=hurry)

    @rule(which=few, what=few, hurry=hurries)
    def press_stale(self, which: int, what: int, hurry: bool) -> None:
        self.do(self.it.person.press_stale, which, what, hurry=hurry)

    @rule(which=few, hurry=hurries)
    def click(self, which: int, hurry: bool) -> None:
        self.do(self.it.person.click, which, hurry=hurry)

    @rule(which=few, text=any_note, hurry=hurries)
    def reply(self, which: int, text: str, hurry: bool) -> None:
        self.do(self.it.person.reply, which, text, hurry=hurry)

    @rule(which=few, reason=st.integers(1, 4), hurry=hurries)
    def closes(self, which: int, reason: int, hurry: bool) -> None:
        self.do(self.it.person.closes, which, reason, hurry=hurry)

    @rule(answer=any_answer, last=st.booleans(), hurry=hurries)
    def answers(self, answer: Answer, last: bool, hurry: bool) -> None:
        self.do(self.it.person.answers, answer, "last" if last else None, hurry=hurry)

    @rule(minutes=st.sampled_from([1, 20, 300]), hurry=hurries)
    def pauses(self, minutes: int, hurry: bool) -> None:
        self.do(self.it.person.pauses, minutes, hurry=hurry)

    @rule(hurry=hurries)
    def resumes(self, hurry: bool) -> None:
        self.do(self.it.person.resumes, hurry=hurry)

    # The server

    @rule(temper=any_temper)
    def tempers(self, temper: tuple[str, bool]) -> None:
        self.do(self.it.tempers, *temper)

    @rule(times=st.sampled_from([0, 0, 1, 2, 3, 10**9]))
    def refuses(self, times: int) -> None:
        self.do(self.it.tempers, "refusals", times)

    @rule(methods=st.sampled_from(silences))
    def is_silent(self, methods: frozenset[str]) -> None:
        self.do(self.it.is_silent, methods)

    @rule(hurry=hurries)
    def replies_late(self, hurry: bool) -> None:
        self.do(self.it.replies_late, hurry=hurry)

    @rule(hurry=hurries)
    def vanishes(self, hurry: bool) -> None:
        self.do(self.it.vanishes, hurry=hurry)

    @rule(inline=st.booleans(), most_kept=st.sampled_from([1, 3, 20]), hurry=hurries)
    def comes(self, inline: bool, most_kept: int, hurry: bool) -> None:
        self.do(self.it.comes, inline=inline, most_kept=most_kept, hurry=hurry)

    @rule(hurry=hurries)
    def is_replaced(self, hurry: bool) -> None:
        self.do(self.it.is_replaced, hurry=hurry)

    @rule(what=few, before=st.booleans())
    def pressed_at_once(self, what: int, before: bool) -> None:
        self.do(self.it.meanwhile, partial(self.it.person.press_newest, what), before=before)

    @rule(before=st.booleans(), reason=st.integers(1, 4))
    def closed_at_once(self, before: bool, reason: int) -> None:
        self.do(self.it.meanwhile, partial(self.it.person.closes, -1, reason), before=before)

    @rule(before=st.booleans(), answer=any_answer)
    def answered_at_once(self, before: bool, answer: Answer) -> None:
        self.do(self.it.meanwhile, partial(self.it.person.answers, answer, None), before=before)

    @rule(answer=any_answer)
    def answered_in_a_look(self, answer: Answer) -> None:
        self.do(self.it.in_a_look, partial(self.it.person.answers, answer, None))

    @rule(minutes=st.sampled_from([1, 20]))
    def paused_in_a_look(self, minutes: int) -> None:
        self.do(self.it.in_a_look, partial(self.it.person.pauses, minutes))

    # The daemon and its disk

    @rule()
    def start(self) -> None:
        self.do(self.it.start)

    @rule()
    def restart(self) -> None:
        self.do(self.it.restart)

    @rule(which=few, what=few)
    def presses_and_restarts(self, which: int, what: int) -> None:
        self.do(self.it.presses_and_restarts, which, what)

    @rule(starts=st.booleans())
    def kill(self, starts: bool) -> None:
        self.do(self.it.kill)
        if starts:
            self.do(self.it.start)

    @rule(which=few, reason=st.integers(1, 4))
    def is_killed_after_a_closing(self, which: int, reason: int) -> None:
        self.do(self.it.person.closes, which, reason)
        self.do(self.it.kill)
        self.do(self.it.start)

    @rule(seconds=absences)
    def is_away(self, seconds: int) -> None:
        self.do(self.it.kill)
        self.do(self.it.passes, seconds)
        self.do(self.it.start)

    @rule(seconds=absences)
    def server_is_away(self, seconds: int) -> None:
        self.do(self.it.vanishes)
        self.do(self.it.passes, seconds)
        self.do(self.it.comes, inline=True, most_kept=3)

    @rule(fuse=any_fuse)
    def light(self, fuse: Fuse) -> None:
        self.do(self.it.light, fuse)

    @rule(room=st.sampled_from([None, None, 0, 1, 2, 3, 5]))
    def fills(self, room: int | None) -> None:
        self.do(self.it.fills, room)

    @rule(before=st.booleans(), room=st.integers(0, 3))
    def fills_at_once(self, before: bool, room: int) -> None:
        self.do(self.it.meanwhile, partial(self.it.fills, room), before=before)

    # Others

    @rule(
        signal=st.sampled_from(forgeries),
        server_id=st.integers(1, 4),
        to_us=st.booleans(),
    )
    def forges(self, signal: tuple[str, str | int], server_id: int, to_us: bool) -> None:
        self.do(self.it.forges, signal[0], server_id, signal[1], to_us=to_us)
