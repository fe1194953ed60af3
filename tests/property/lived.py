"""Histories to travel with: made through the store, as daemon and commands make them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from hypothesis import strategies as st

from reminderd.adapters.store import store as store_module
from reminderd.app.snoozing import plan_snoozed
from reminderd.core.model import Answer, Pause, Reason
from reminderd.core.notice import Posted
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reminderd.core.model import Planned

DAY = timedelta(days=1)
PROMPTS = (("a-one", "alpha"), ("a-two", "alpha"), ("b-one", "beta"))
Life = list[tuple[str, Any]]
_REASONS = st.sampled_from((Reason.LOCKED, Reason.QUIET_HOURS, Reason.AWAY))

notes = st.one_of(
    st.none(),
    st.sampled_from(
        ("=1+2", "\\", "\\\\x", "record", 'a "b", c;\n\nd\r\ne', "\ufeffä", "-", "'", " ")
    ),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
    ),
)
"""What a note may be, and more: a button's reply is not all that may have been written."""

_step = st.one_of(
    st.tuples(st.just("plan"), st.integers(1, 3)),
    st.tuples(st.just("now"), st.none()),
    st.tuples(st.just("first"), st.none()),
    st.tuples(st.just("hold"), _REASONS),
    st.tuples(st.just("let go"), _REASONS),
    st.tuples(st.just("show"), st.sampled_from(PROMPTS)),
    st.tuples(st.just("show"), st.sampled_from(PROMPTS)),
    st.tuples(st.just("claim"), st.sampled_from(PROMPTS)),
    st.tuples(st.just("refuse"), st.sampled_from(PROMPTS)),
    st.tuples(st.just("lose"), st.sampled_from(PROMPTS)),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("answer"), st.tuples(st.integers(0, 3), st.sampled_from(Answer), notes)),
    st.tuples(st.just("answer"), st.tuples(st.just(0), st.just(Answer.LATER), st.none())),
    st.tuples(st.just("note"), st.tuples(st.none() | st.just("b-one"), notes)),
    st.tuples(st.just("switch"), st.booleans()),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from((1, 60, 24 * 60, 3 * 24 * 60, -30, -2 * 24 * 60))),
)
lives = st.lists(_step, max_size=25)
"""What happens in turn; each step does what it can."""


@contextmanager
def machine(name: str) -> Iterator[None]:
    """Let stores that are opened meanwhile be on a machine of that name."""
    with patch.object(store_module, "_device_name", lambda: name):
        yield


def lived(path: Path, name: str, steps: Life) -> Kept:
    """Return the store of somebody who lived so, on a machine of that name."""
    with machine(name):
        life = _Life(Kept(path))
    for kind, value in steps:
        getattr(life, kind.replace(" ", "_"))(value)
    return life.kept


class _Life:
    """One history as it is made."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.brought: list[tuple[str, str]] = []

    @property
    def _deliveries(self) -> Any:  # noqa: ANN401 -- the store's own
        return self.kept.store.deliveries

    def _next(self) -> Planned | None:
        return next((one for one in self._deliveries.waiting() if not one.withdrawn), None)

    def plan(self, count: int) -> None:
        now = self.kept.clock.present()
        hours = range(now.local.hour + 1, min(now.local.hour + 1 + count, 24))
        self.kept.plan(*hours, day=now.today)

    def now(self, _: None) -> None:
        self._deliveries.add_now(self.kept.clock.present(), timedelta(minutes=2), None, None)

    def first(self, _: None) -> None:
        present = self.kept.clock.present()
        self._deliveries.add_first(present, datetime.combine(present.today + 2 * DAY, time()))

    def hold(self, reason: Reason) -> None:
        if one := self._next():
            self._deliveries.hold(one.id, reason, self.kept.clock.present())

    def let_go(self, reason: Reason) -> None:
        if one := self._next():
            self._deliveries.let_go([(one.id, reason)], self.kept.clock.present())

    def claim(self, prompt: tuple[str, str]) -> str | None:
        plan_snoozed(self.kept.store, timedelta(minutes=20), self.kept.clock.present())
        one = self._next()
        if one is None:
            return None
        chosen = (one.prompt, one.tip) if one.prompt and one.tip else prompt
        assert self.kept.claim(one.id, chosen)
        self.brought.append((one.id, chosen[0]))
        return one.id

    def show(self, prompt: tuple[str, str]) -> None:
        if one := self.claim(prompt):
            self._deliveries.record_shown(one, Posted(":1.7", 7), self.kept.clock.present())

    def refuse(self, prompt: tuple[str, str]) -> None:
        """It may even have been answered before the server said that it never came up."""
        if one := self.claim(prompt):
            if prompt == PROMPTS[0]:
                self.kept.answer(Answer.DONE, one, prompt=self.brought[-1][1])
            self._deliveries.release(one)
            self.brought.pop()

    def lose(self, prompt: tuple[str, str]) -> None:
        if one := self.claim(prompt):
            self._deliveries.record_failed(one, Reason.NO_REPLY, self.kept.clock.present())

    def restart(self, _: None) -> None:
        self._deliveries.record_interrupted(self.kept.clock.present())

    def answer(self, said: tuple[int, Answer, str | None]) -> None:
        back, answer, note = said
        if self.brought:
            delivery, prompt = self.brought[-1 - back % len(self.brought)]
            self.kept.answer(answer, delivery, prompt=prompt, note=note)

    def note(self, said: tuple[str | None, str | None]) -> None:
        self.kept.answer(Answer.DONE, None, prompt=said[0], note=said[1])

    def switch(self, enabled: bool) -> None:
        self.kept.store.answers.add_choice("a-two", self.kept.clock.present(), enabled=enabled)

    def pause(self, on_the_wall: bool) -> None:
        present = self.kept.clock.present()
        pause = (
            Pause(present.now, None, present.local + DAY)
            if on_the_wall
            else Pause(present.now, present.now + DAY, None)
        )
        self.kept.store.answers.add_pause(pause, present)

    def wait(self, minutes: int) -> None:
        self.kept.clock.now += timedelta(minutes=minutes)
