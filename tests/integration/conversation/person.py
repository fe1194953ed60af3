"""What the person does in a conversation: on the screen, and in a terminal."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from reminderd.app.pausing import pause, resume
from reminderd.app.respond import respond
from reminderd.core.history import ASKED_FOR, is_open
from reminderd.core.model import Answer
from reminderd.core.notice import IN_FULL, QUIET_WEEK, SHOW, VIEWS
from reminderd.errors import NothingOpenError, StoreError
from tests.integration.conversation.witness import Made

if TYPE_CHECKING:
    from reminderd.app.respond import Receipt
    from tests.integration.conversation.world import Conversation
    from tests.integration.fake_server import Shown


class Person:
    """Somebody with a screen, a pointer and a terminal.

    Where there is nothing to press, a practice is asked for instead.
    """

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    # The person, on the screen

    def press(self, which: int, what: int) -> None:
        """Press a button, or click on the text."""
        if (one := self._pick(self._talk.server.standing, which)) is not None:
            self._touch(one, what)
        else:
            self.asks()

    def press_stale(self, which: int, what: int) -> None:
        """Press what has just gone: the server tells of it all the same."""
        gone = {
            shown.id: shown
            for shown in self._talk.server.shown
            if shown.id not in self._talk.server.standing
        }
        if (one := self._pick(gone, which)) is not None:
            self._touch(one, what)
        else:
            self.asks()

    def reply(self, which: int, text: str) -> None:
        """Write a reply, where there is a field for one: it says what the first button says."""
        one = self._pick(self._talk.server.standing, which)
        if one is None or "inline-reply" not in one.actions:
            self.asks()
        else:
            self._notes(one, one.actions[0], text)
            self._talk.server.reply(one.id, text)

    def closes(self, which: int, reason: int) -> None:
        """Wave it away, or let it expire."""
        if (one := self._pick(self._talk.server.standing, which)) is not None:
            self._waves(one)
            self._talk.server.close(one.id, reason)
        else:
            self.asks()

    def click(self, which: int) -> None:
        """Click on the text."""
        if (one := self._pick(self._talk.server.standing, which)) and "default" in one.actions:
            self._touch(one, -1)
        else:
            self.asks()

    def press_newest(self, what: int) -> None:
        """Press a button of what came last."""
        if self._talk.server.standing:
            self._touch(self._talk.server.standing[max(self._talk.server.standing)], what)

    def _pick(self, among: dict[int, Shown], which: int) -> Shown | None:
        ids = sorted(server_id for server_id in among if self._talk.server.there)
        return among[ids[which % len(ids)]] if ids else None

    def _touch(self, one: Shown, what: int) -> None:
        actions = [action for action in one.actions[::2] if action != "inline-reply"]
        if actions:
            action = actions[what % len(actions)]
            self._notes(one, self._on_click(one) if action == "default" else action, None)
            self._talk.server.press(one.id, action)

    @staticmethod
    def _on_click(one: Shown) -> str:
        """Return the view that a click asks for: the text in full, where the answers stand."""
        return IN_FULL if Answer.HARD in one.actions else SHOW

    def _notes(self, one: Shown, key: str, note: str | None) -> None:
        delivery = self._talk.witness.shown(self._talk.server.place, one.id)
        must = self._must(one, delivery, key)
        self._talk.witness.made.append(Made(delivery, key, note, must))

    def _waves(self, one: Shown) -> None:
        """Tell the witness of a closing that the daemon is certain to hear of and to record."""
        talk, life = self._talk, self._talk.life
        delivery = talk.witness.shown(talk.server.place, one.id)
        touched = delivery in {made.delivery for made in talk.witness.made}
        sure = talk.settled and talk.server.tells_closing and talk.disk.room is None and not touched
        if sure and life is not None and life.name == one.sender:
            talk.witness.waves_away(delivery, life)

    def _must(self, one: Shown, delivery: str, key: str) -> bool:
        """Return whether an answer is certain to count: all is quiet, and it is the first."""
        life, newest = self._talk.life, self._talk.world.store.reading.newest()
        open_ = is_open(newest, self._talk.clock.now)
        return bool(
            self._talk.settled
            and key not in VIEWS | {QUIET_WEEK}
            and life is not None
            and (one.sender == life.name or self._is_adopted(one))
            and one.id in self._talk.server.standing
            and not self._talk.witness.answers(delivery)
            and not any(
                made.delivery == delivery and made.key not in VIEWS
                for made in self._talk.witness.made
            )
            and (key != Answer.LATER or (newest and newest.id == delivery and open_))
        )

    def _is_adopted(self, one: Shown) -> bool:
        """Return whether an earlier daemon brought it, and this one can hear of it."""
        found = self._talk.world.store.screen.standing()
        return (
            self._talk.server.broadcast
            and found is not None
            and self._talk.life is not None
            and self._talk.life.looked_well
            and (found.posted.owner, found.posted.server_id) == (self._talk.server.place, one.id)
        )

    # The person, in a terminal

    def answers(self, answer: Answer, delivery: str | None, note: str | None = None) -> None:
        """Answer the open practice, or correct the last answer."""
        try:
            receipt = self._respond(answer, delivery, note)
        except (NothingOpenError, StoreError):
            return
        self._talk.witness.said.append((receipt.delivery.id, receipt.answer, note))
        self._talk.knock()

    def _respond(self, answer: Answer, delivery: str | None, note: str | None) -> Receipt:
        return respond(
            *(self._talk.world.store, answer, self._talk.clock.present()),
            delivery=delivery,
            note=note,
            source="cli",
        )

    def asks(self) -> None:
        """Ask for a practice now."""
        with contextlib.suppress(StoreError):
            self._talk.world.store.deliveries.add_now(
                self._talk.clock.present(), ASKED_FOR, None, None
            )
            self._talk.knock()

    def pauses(self, minutes: int) -> None:
        """Pause."""
        with contextlib.suppress(StoreError):
            pause(self._talk.world.store, timedelta(minutes=minutes), self._talk.clock.present())
            self._talk.knock()

    def resumes(self) -> None:
        """End the pause."""
        with contextlib.suppress(StoreError):
            resume(self._talk.world.store, self._talk.clock.present())
            self._talk.knock()
