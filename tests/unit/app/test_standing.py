"""The notification that stands: seen in another way, put up again, taken down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store.connection import Database
from reminderd.app import standing
from reminderd.app.pausing import pause
from reminderd.app.pressing import store_kept, take
from reminderd.app.standing import AGAIN_WITHIN, keep_standing, show_view
from reminderd.core.history import OPEN_FOR
from reminderd.core.model import Answer, Context
from reminderd.core.notice import (
    IN_FULL,
    NEUTRAL_TITLE,
    QUIET_WEEK,
    SHOW,
    Notice,
    Posted,
    Press,
    Refused,
    Silent,
)
from reminderd.core.words import NOT_SHOWN
from reminderd.errors import StoreError
from tests.fakes import cadence

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.core.notice import Delivered
    from tests.fakes import World


@pytest.fixture
async def shown(make_world: Callable[..., World]) -> World:
    """A world in which two practices were shown, the second one just now."""
    world = make_world(cadence(fixed=["10:00", "14:00"]))
    for when in ("2026-11-22 22:00", "2026-11-23 10:00", "2026-11-23 14:00"):
        await world.tick(when)
    return world


@pytest.fixture
def newest(shown: World) -> Notice:
    return shown.notifier.shown[1]


def busy(*_: object) -> None:
    """Refuse a write."""
    raise StoreError("Another program holds the database.")


class TestViews:
    async def test_a_covered_one_is_shown_with_its_text(self, shown: World, newest: Notice) -> None:
        """In the same place, with all its buttons, silently, and it counts as no new delivery."""
        await show_view(shown.engine, Press(newest.delivery, SHOW))
        assert shown.notifier.shown[2:] == [replace(newest, silent=True)]
        assert len(shown.history()) == 2

    async def test_a_click_shows_it_in_full(self, shown: World, newest: Notice) -> None:
        """With its cue, and the choices that are rarely made; where it stands now is recorded."""
        await show_view(shown.engine, Press(newest.delivery, IN_FULL))
        full = shown.notifier.shown[2]
        assert (full.view, full.cue) == ("full", newest.cue)
        found = shown.store.screen.standing()
        assert found is not None
        assert found.posted == Posted(":1.7", 3)

    @pytest.mark.parametrize("key", [SHOW, IN_FULL])
    async def test_what_is_over_is_not_shown(self, shown: World, newest: Notice, key: str) -> None:
        """Neither an older one, which would close the newest, nor what was answered meanwhile."""
        await show_view(shown.engine, Press(shown.notifier.shown[0].delivery, key))
        await show_view(shown.engine, Press("nobody", key))
        shown.answer(Answer.DONE)
        await show_view(shown.engine, Press(newest.delivery, key))
        assert len(shown.notifier.shown) == 2

    async def test_what_its_server_closed_on_the_click_is_not_over(
        self, shown: World, newest: Notice
    ) -> None:
        """Many servers close what is clicked on; the view that follows stands all the same."""
        shown.store.screen.record_closed(newest.delivery, shown.clock.present())
        await show_view(shown.engine, Press(newest.delivery, SHOW))
        found = shown.store.screen.standing()
        assert found is not None
        assert found.delivery == newest.delivery

    async def test_an_intimate_one_is_not_kept_once_it_was_read(
        self, shown: World, newest: Notice
    ) -> None:
        """Its text does not stay in a list that others may open."""
        shown.engine.preferences = replace(shown.engine.preferences, discretion="always")
        for key in (SHOW, IN_FULL):
            await show_view(shown.engine, Press(newest.delivery, key))
        assert [one.private for one in shown.notifier.shown[2:]] == [True, True]

    async def test_a_server_that_wants_a_moment_gets_one(
        self, shown: World, newest: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Some refuse what comes within a second; the person asked to see it."""
        monkeypatch.setattr(standing, "_TRIES_SECONDS", (0, 0.01, 0.01))
        shown.notifier.answers = [Refused("too soon"), Refused("too soon")]
        await show_view(shown.engine, Press(newest.delivery, SHOW))
        assert len(shown.notifier.shown) == 5
        assert shown.notifier.stands(newest.delivery)

    async def test_what_cannot_be_shown_is_told(
        self, shown: World, newest: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With another way to read it, where the way to the text is blocked for good."""
        monkeypatch.setattr(standing, "_TRIES_SECONDS", (0, 0, 0))

        def broken() -> None:
            raise StoreError("The database cannot be used.")

        monkeypatch.setattr(shown.engine.store.reading, "newest", broken)
        await show_view(shown.engine, Press(newest.delivery, SHOW))
        assert shown.notifier.told == [NOT_SHOWN]

    async def test_a_quiet_week_after_it_ends_it(
        self, shown: World, newest: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also where neither could be recorded at first: in the order in which they happened."""
        with monkeypatch.context() as held:
            held.setattr(Database, "write", busy)
            await show_view(shown.engine, Press(newest.delivery, SHOW))
            take(shown.engine, Press(newest.delivery, QUIET_WEEK), "freedesktop")
        await store_kept(shown.engine)
        await shown.tick()
        assert shown.store.screen.standing() is None
        assert not shown.engine.presses

    async def test_what_cannot_be_recorded_is_shown_all_the_same(
        self, shown: World, newest: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And recorded at the next look."""
        with monkeypatch.context() as held:
            held.setattr(Database, "write", busy)
            await show_view(shown.engine, Press(newest.delivery, SHOW))
        assert len(shown.notifier.shown) == 3
        await shown.tick()
        found = shown.store.screen.standing()
        assert found is not None
        assert found.posted == Posted(":1.7", 3)


class TestTakingDown:
    async def test_what_is_answered_elsewhere(self, shown: World, newest: Notice) -> None:
        """Not while it is open; after an answer it is, and that is recorded."""
        await keep_standing(shown.engine)
        assert shown.notifier.closed == []
        shown.answer(Answer.DONE)
        await keep_standing(shown.engine)
        assert set(shown.notifier.closed) == {newest.delivery}
        assert shown.store.screen.standing() is None

    async def test_what_nobody_answered_after_six_hours(self, shown: World, newest: Notice) -> None:
        """A notification does not stand all night."""
        shown.clock.forward(hours=6)
        await keep_standing(shown.engine)
        assert set(shown.notifier.closed) == {newest.delivery}

    async def test_what_came_up_though_nobody_knew(self, make_world: Callable[..., World]) -> None:
        """A server was silent and showed it all the same: an answer takes it down."""
        world = make_world(cadence(fixed=["10:00"]))
        await world.tick()
        world.notifier.answers = [Silent("no reply")]
        await world.tick("2026-11-23 10:00")
        world.answer(Answer.DONE)
        await keep_standing(world.engine)
        assert world.notifier.closed == [world.notifier.shown[0].delivery]

    async def test_before_anything_was_shown(self, world: World) -> None:
        """There is nothing to close."""
        await keep_standing(world.engine)
        assert world.notifier.closed == []


class TestPuttingUpAgain:
    """After a restart of the daemon or of the server."""

    async def test_what_is_open_once(self, shown: World, newest: Notice) -> None:
        """Silently, in the place of what may still be there, and no second time."""
        shown.notifier.sweep()
        assert await keep_standing(shown.engine) is None
        assert shown.notifier.adopted == [(newest.delivery, Posted(":1.7", 2))]
        assert shown.notifier.shown[2:] == [replace(newest, silent=True)]
        assert len(shown.history()) == 2

        shown.notifier.sweep()
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 3
        assert newest.delivery in shown.notifier.closed, "its buttons are dead, so it goes"

    async def test_nothing_that_stands(self, shown: World) -> None:
        """A look changes nothing about what this process brought, until its six hours end."""
        until = shown.clock.now + OPEN_FOR
        for _ in range(3):
            assert await keep_standing(shown.engine) == until
        assert len(shown.notifier.shown) == 2

    async def test_nothing_after_a_recorded_close(self, shown: World, newest: Notice) -> None:
        """What the person waved away stays away."""
        shown.store.screen.record_closed(newest.delivery, shown.clock.present())
        shown.notifier.sweep()
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 2

    @pytest.mark.parametrize(("late", "comes"), [(timedelta(), 3), (timedelta(seconds=1), 2)])
    async def test_nothing_after_half_an_hour(
        self, shown: World, late: timedelta, comes: int
    ) -> None:
        """It is no news any more; it is taken down, and the command line still takes its answer."""
        shown.notifier.sweep()
        shown.clock.now += AGAIN_WITHIN + late
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == comes
        shown.answer(Answer.DONE)

    async def test_nothing_that_is_answered(self, shown: World, newest: Notice) -> None:
        """What an earlier daemon left standing is taken down."""
        shown.answer(Answer.DONE)
        shown.notifier.sweep()
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 2
        assert shown.notifier.adopted == [(newest.delivery, Posted(":1.7", 2))]
        assert newest.delivery in shown.notifier.closed

    async def test_not_what_is_pressed_in_that_very_moment(
        self, shown: World, newest: Notice
    ) -> None:
        """While the desktop is asked an old button may still be pressed."""
        shown.notifier.sweep()

        def press() -> None:
            take(shown.engine, Press(newest.delivery, Answer.DONE), "freedesktop")
            shown.desktop.on_ask = lambda: None

        shown.desktop.on_ask = press
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 2

    async def test_nothing_whose_answer_waits_to_be_stored(
        self, shown: World, newest: Notice
    ) -> None:
        """The person has said what there is to say."""
        present = shown.clock.present()
        shown.engine.presses.append((Press(newest.delivery, Answer.DONE), "", present))
        shown.notifier.sweep()
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 2

    async def test_not_at_a_bad_moment(self, shown: World) -> None:
        """While the screen is locked, nobody is there, or it is paused; after that it comes."""
        shown.notifier.sweep()
        shown.desktop.told = Context(locked=True)
        await keep_standing(shown.engine)
        shown.desktop.told = Context()
        shown.notifier.is_ready = False
        assert await keep_standing(shown.engine) is not None
        shown.notifier.is_ready = True
        pause(shown.store, timedelta(minutes=10), shown.clock.present())
        assert await keep_standing(shown.engine) == shown.clock.now + timedelta(minutes=10)
        assert len(shown.notifier.shown) == 2

        shown.clock.forward(minutes=10)
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 3

    async def test_covered_where_that_is_wished(self, shown: World) -> None:
        """What was seen by its title alone is put up again so."""
        shown.engine.preferences = replace(shown.engine.preferences, discretion="always")
        shown.notifier.sweep()
        await keep_standing(shown.engine)
        assert shown.notifier.shown[2].title == NEUTRAL_TITLE

    async def test_a_refusal_is_tried_again_later(self, shown: World, newest: Notice) -> None:
        """It was certainly not shown, so the one time is not used up; and not all the time."""
        shown.notifier.sweep()
        shown.notifier.answers = [Refused("no room")]
        again = await keep_standing(shown.engine)
        assert again is not None
        assert again > shown.clock.now
        assert await keep_standing(shown.engine) == again
        assert len(shown.notifier.shown) == 3

        shown.clock.now = again
        await keep_standing(shown.engine)
        assert [one.delivery for one in shown.notifier.shown[2:]] == [newest.delivery] * 2

    @pytest.mark.parametrize("outcome", [Refused("no room"), Posted(":1.9", 7)])
    async def test_what_came_of_it_is_recorded_once_that_can_be(
        self, shown: World, newest: Notice, monkeypatch: pytest.MonkeyPatch, outcome: Delivered
    ) -> None:
        """A refused one has its one time still; what came up is known by its new place."""
        shown.notifier.sweep()
        shown.notifier.answers = [outcome]

        with monkeypatch.context() as held:
            shown.notifier.on_show = lambda _: held.setattr(Database, "write", busy)
            with pytest.raises(StoreError):
                await keep_standing(shown.engine)
        shown.notifier.on_show = lambda _: None

        shown.clock.forward(minutes=1)
        await shown.tick()
        await keep_standing(shown.engine)
        assert shown.notifier.stands(newest.delivery)
        found = shown.store.screen.standing()
        assert found is not None
        assert found.posted == (outcome if isinstance(outcome, Posted) else Posted(":1.7", 4))

    async def test_silence_counts_as_the_one_time(self, shown: World) -> None:
        """It may be up: a doubled one costs trust."""
        shown.notifier.sweep()
        shown.notifier.answers = [Silent("no reply")]
        await keep_standing(shown.engine)
        shown.notifier.sweep()
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 3

    async def test_a_wish_in_that_very_moment_wins(self, shown: World) -> None:
        """A pause that is typed between the look and the mark is seen before anything is shown."""
        shown.notifier.sweep()
        other = shown.open()

        def pause_it() -> None:
            pause(other, timedelta(hours=1), shown.clock.present())

        shown.notifier.on_ready = pause_it
        assert await keep_standing(shown.engine) == shown.clock.now
        shown.notifier.on_ready = lambda: None
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == 2

    async def test_an_older_one_left_by_a_crash_is_taken_down(self, shown: World) -> None:
        """A daemon died between its claim and what stood before: that is not the newest now."""
        await shown.tick("2026-11-23 14:05")
        shown.store.deliveries.add_now(shown.clock.present(), timedelta(minutes=2), None, None)
        shown.notifier.on_show = lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            await shown.tick()
        shown.notifier.on_show = lambda _: None
        shown.notifier.sweep()
        before = len(shown.notifier.shown)
        await keep_standing(shown.engine)
        assert len(shown.notifier.shown) == before
        assert shown.notifier.shown[1].delivery in shown.notifier.closed
        assert shown.store.screen.standing() is None
