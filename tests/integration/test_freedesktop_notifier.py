"""What the notifier sends to a server, and what it believes of what comes back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from dbus_fast import Message, MessageType

from reminderd.adapters.application import icon_reference
from reminderd.adapters.notifiers import on_screen
from reminderd.adapters.notifiers.notify_call import expiry_of
from reminderd.adapters.notifiers.quirks import QUIRKS
from reminderd.core.names import LONGEST_NOTE
from reminderd.core.notice import (
    IN_FULL,
    NEUTRAL_BODY,
    NEUTRAL_TITLE,
    QUIET_WEEK,
    SHOW,
    Notice,
    Posted,
    Press,
    Refused,
    Silent,
    cover,
    in_full,
    line,
)
from reminderd.core.words import PASSING
from tests.integration.fake_server import FakeServer
from tests.integration.freedesktop import NOTICE, OTHER, notifying

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
    from tests.integration.desktops import Heard, PrivateBus

pytest_plugins = ["tests.integration.desktops", "tests.integration.freedesktop"]
pytestmark = pytest.mark.desktop


class TestWhatIsSent:
    async def test_a_notice_arrives_whole(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """Title, body, buttons with their keys, and hints that fit a quiet companion."""
        assert await notifier.show(NOTICE) == Posted(server.place, 1)

        shown = server.shown[0]
        assert (shown.app, shown.icon, shown.replaces) == ("reminderd", icon_reference(), 0)
        assert (shown.summary, shown.body) == (NOTICE.title, NOTICE.body)
        assert shown.buttons == {"done": "Done", "hard": "Hard today", "later": "Later"}
        assert shown.actions[-2] == "default"
        assert shown.hints == {
            "urgency": 1,
            "category": "x-reminderd.practice",
            "desktop-entry": "reminderd",
            "suppress-sound": True,
        }
        assert shown.expires == expiry_of(NOTICE) >= 20_000

    async def test_a_discreet_notice_tells_nothing(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """Only the neutral title goes out, and the server is asked not to keep it."""
        await notifier.show(cover(NOTICE))

        shown = server.shown[0]
        assert (shown.summary, shown.body) == (NEUTRAL_TITLE, "")
        assert shown.buttons == {SHOW: "Show", "later": "Later"}
        assert shown.hints["transient"] is True

    @pytest.mark.parametrize(
        ("sound", "hint"),
        [
            ("message-new-instant", {"sound-name": "message-new-instant"}),
            ("/a folder/bell.oga", {"sound-file": "/a folder/bell.oga"}),
            ("", {"suppress-sound": True}),
        ],
    )
    async def test_a_practice_sounds_as_it_is_set(
        self,
        notifier: FreedesktopNotifier,
        server: FakeServer,
        sound: str,
        hint: dict[str, str | bool],
    ) -> None:
        """Once, when it comes: never when it is put up again or shown in another way."""
        notifier.sound = sound
        for notice in (NOTICE, replace(NOTICE, silent=True), in_full(NOTICE)):
            await notifier.show(notice)
        told = [
            {key: value for key, value in shown.hints.items() if "sound" in key}
            for shown in server.shown
        ]
        assert told == [hint, {"suppress-sound": True}, {"suppress-sound": True}]
        assert ("plays no sounds" in " ".join(notifier.limits)) is bool(sound)

    async def test_an_expiry_suits_reading(self) -> None:
        """Half a minute, a second for each word, two minutes at most; a passing line is short."""
        assert expiry_of(replace(NOTICE, title="", body="")) == 30_000
        assert expiry_of(replace(NOTICE, title="Two words", body="And three more.")) == 35_000
        assert expiry_of(in_full(NOTICE)) > expiry_of(NOTICE)
        assert expiry_of(replace(NOTICE, body="word " * 1000)) == 120_000
        assert 5_000 < expiry_of(line("Noted.")) < 10_000

    async def test_markup_is_escaped_where_it_is_read(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """The body is escaped for a server with markup; the summary never is."""
        await notifier.show(replace(NOTICE, title="<b>T</b> & co", body="<i>B</i> & co"))

        assert server.shown[0].summary == "<b>T</b> & co"
        assert server.shown[0].body == "&lt;i&gt;B&lt;/i&gt; &amp; co"

    async def test_plain_text_where_markup_is_not_read(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """A server that would show entities gets none."""
        server.capabilities = ("actions", "body")
        async with notifying(heard) as notifier:
            await notifier.show(replace(NOTICE, body="Tom & <Jerry>"))

        assert server.shown[0].body == "Tom & <Jerry>"

    async def test_without_buttons_the_body_says_how_to_answer(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """No actions are sent; the text and `limits` name the command instead."""
        server.capabilities = ("body",)
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            await notifier.show(cover(OTHER))
            assert notifier.limits == ("fake has no buttons: answer with `reminderd respond`.",)

        assert [shown.actions for shown in server.shown] == [(), ()]
        assert (
            server.shown[0].body
            == f"{NOTICE.body}\nAnswer: reminderd respond done (or hard, later)"
        )
        assert server.shown[1].body == NEUTRAL_BODY

    @pytest.mark.parametrize("name", [name for name, quirk in QUIRKS.items() if quirk.menu])
    async def test_where_buttons_are_hidden_the_body_says_how_to_answer_too(
        self, server: FakeServer, heard: Heard, name: str
    ) -> None:
        """Actions that sit in a menu which may be missing are no way to answer by themselves."""
        server.name = name
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            await notifier.show(cover(OTHER))
            assert name in notifier.limits[0]
            assert "reminderd respond" in notifier.limits[0]

        assert all(shown.actions for shown in server.shown)
        assert server.shown[0].body.endswith("\nAnswer: reminderd respond done (or hard, later)")
        assert server.shown[1].body == NEUTRAL_BODY

    async def test_a_click_is_offered_only_where_it_spoils_no_buttons(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """LXQt draws a list in place of buttons once there are four actions."""
        server.name = "lxqt-notificationd"
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            await notifier.show(cover(OTHER))
            assert "reminderd show" in notifier.limits[0]
        assert not any("default" in shown.actions for shown in server.shown)

    async def test_where_a_click_is_a_button_show_is_not_doubled(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """Xfce draws the one as it draws the other; elsewhere the text still asks for *More*."""
        server.name = "Xfce Notify Daemon"
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            await notifier.show(cover(OTHER))
        assert ["default" in shown.actions for shown in server.shown] == [True, False]

    async def test_what_lingers_is_taken_off_by_its_place(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """notification-daemon leaves on the screen what is only closed; never two, though."""
        server.name, server.vendor = "Notification Daemon", "GNOME"
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            await notifier.show(OTHER)
            assert [shown.replaces for shown in server.shown] == [0, 1]
            await notifier.close("d2")
            await server.until(lambda: len(server.shown) == 3)
            fading = server.shown[2]
            assert (fading.replaces, fading.expires, fading.actions) == (1, 1, ())
            server.close(1, 1)
            await server.settled()
        assert server.closed == []
        assert heard.closed == []

    async def test_a_flood_of_text_is_harmless(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """Control characters, invalid ones and ten thousand letters leave a small message."""
        flood = replace(NOTICE, title="\x1b[2J\ud800x\u202e" * 1000, body="<&\x00\n" * 10_000)
        assert isinstance(await notifier.show(flood), Posted)

        assert len(server.shown[0].summary) <= 120
        assert len(server.shown[0].body) <= 10_000

    async def test_one_of_ours_at_a_time(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """The same delivery is replaced, another one closes the one before, nobody is told."""
        first = await notifier.show(NOTICE)
        assert await notifier.show(NOTICE) == first
        assert await notifier.show(OTHER) == Posted(server.place, 2)
        await server.settled()

        assert [shown.replaces for shown in server.shown] == [0, 1, 0]
        assert (server.closed, list(server.standing)) == ([1], [2])
        assert heard.closed == []


class TestPassingLines:
    async def test_hard_is_met_with_a_line(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """It takes the practice's place, asks for nothing, and gives way to the next practice."""
        await notifier.show(NOTICE)
        server.press(1, "hard")
        await server.until(lambda: len(server.shown) == 2)
        said = server.shown[1]
        assert (said.text, said.actions) == (PASSING["hard"], ())
        assert said.hints["transient"] is True
        assert list(server.standing) == [2]

        await notifier.show(OTHER)
        assert list(server.standing) == [3]
        server.close(2, 1)
        await server.settled()
        assert heard.closed == []

    @pytest.mark.parametrize("key", ["done", "later"])
    async def test_other_answers_need_no_line(
        self, notifier: FreedesktopNotifier, server: FakeServer, key: str
    ) -> None:
        """That the notification goes says enough."""
        await notifier.show(NOTICE)
        server.press(1, key)
        await server.until(lambda: server.closed == [1])
        await server.settled()
        assert len(server.shown) == 1

    async def test_a_line_never_takes_the_place_of_a_practice(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """Only of one that was answered, though its answer could not be stored yet."""
        heard.stores = False
        await notifier.show(NOTICE)
        notifier.tell("Something")
        assert list(server.standing) == [1]
        server.press(1, "done")
        await heard.until(lambda: bool(heard.presses))
        notifier.tell("Something")
        await server.until(
            lambda: [shown.summary for shown in server.standing.values()] == ["Something"]
        )

    async def test_a_line_passes_where_nothing_expires(
        self, notifier: FreedesktopNotifier, server: FakeServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A server that ignores time-outs is told to take it down."""
        monkeypatch.setattr(on_screen, "expiry_of", lambda _: 50)
        notifier.tell("Something")
        await server.until(lambda: server.closed == [1])

    async def test_no_server_is_started_for_a_line(
        self, private_bus: PrivateBus, heard: Heard
    ) -> None:
        """Where nothing is shown, nothing is to be said."""
        private_bus.offer_server("/bin/false")
        async with notifying(heard) as notifier:
            notifier.tell("Something")
            assert notifier.trouble == ""

    async def test_a_line_waits_for_nobody(self, server: FakeServer, heard: Heard) -> None:
        """A server that does not answer holds up neither the next practice nor the end."""
        server.silent = {"Notify"}
        begun = asyncio.get_running_loop().time()
        async with notifying(heard, 0.3) as notifier:
            notifier.tell("Something")
            assert isinstance(await notifier.show(NOTICE), Silent)
            notifier.tell("Another")  # beside a practice that may come up yet
            server.silent = set()
        assert asyncio.get_running_loop().time() - begun < 1
        assert server.asked["Notify"] == 2


class TestTakingOver:
    """What an earlier process of ours left standing."""

    async def test_it_is_replaced_and_answered(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """The same delivery takes its place, and its buttons lead to us."""
        notifier.adopt(NOTICE, Posted(server.place, 7))
        assert not notifier.stands("d1")
        await notifier.show(NOTICE)
        assert notifier.stands("d1")
        assert server.shown[0].replaces == 7
        server.press(1, "done")
        await heard.until(lambda: bool(heard.presses))
        assert heard.presses == [Press("d1", "done")]

    async def test_it_is_closed(self, notifier: FreedesktopNotifier, server: FakeServer) -> None:
        """By name, or because another one comes."""
        notifier.adopt(NOTICE, Posted(server.place, 7))
        await notifier.close("d1")
        await server.until(lambda: server.closed == [7])

    async def test_a_press_on_it_counts_where_everybody_is_told(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """The person sees a button and presses it; a covered one is uncovered."""
        server.broadcast = True
        notifier.adopt(NOTICE, Posted(server.place, 7))
        server.press(7, SHOW)
        server.press(7, "hard")
        await heard.until(lambda: len(heard.presses) > 1)
        assert heard.presses == [Press("d1", SHOW), Press("d1", "hard")]

    @pytest.mark.parametrize("place", [":1.999 {bus}", "{name} another-bus", "terminal", ""])
    async def test_what_is_nobodys_is_left_alone(
        self, notifier: FreedesktopNotifier, server: FakeServer, place: str
    ) -> None:
        """Ids of another server, or of the same name on another bus, mean nothing here."""
        name, bus = server.place.split()
        notifier.adopt(NOTICE, Posted(place.format(name=name, bus=bus), 7))
        await notifier.close("d1")
        await notifier.show(NOTICE)
        await server.settled()
        assert (server.closed, server.shown[0].replaces) == ([], 0)

    @pytest.mark.parametrize("key", ["not-for-me", "not-today", QUIET_WEEK, "done", "later"])
    async def test_whatever_view_it_stands_in(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard, key: str
    ) -> None:
        """Which one is not recorded; only what was drawn can be pressed. A click shows the text."""
        server.broadcast = True
        notifier.adopt(NOTICE, Posted(server.place, 7))
        server.press(7, "default")
        server.press(7, key)
        await heard.until(lambda: len(heard.presses) > 1)
        assert [press.key for press in heard.presses] == [SHOW, key]

    async def test_nothing_of_our_own_is_given_up_for_it(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """Taking over comes first, or not at all."""
        await notifier.show(NOTICE)
        notifier.adopt(OTHER, Posted(server.place, 7))
        await notifier.close("d1")
        await server.until(lambda: server.closed == [1])


class TestWhatIsHeard:
    async def test_an_answer_is_told_once_and_closes(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """The first press counts, every later one does not, and we close it ourselves."""
        await notifier.show(NOTICE)
        for key in ("done", "done", "hard"):
            server.press(1, key)
        await server.until(lambda: server.closed == [1])
        await server.settled()

        assert heard.presses == [Press("d1", "done")]
        assert heard.closed == []

    async def test_an_answer_that_is_not_stored_yet(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """It stands until it is closed, as its end reads as an acknowledgement; nothing changes."""
        heard.stores = False
        await notifier.show(NOTICE)
        for key in ("done", "done", "hard"):
            server.press(1, key)
        await heard.until(lambda: bool(heard.presses))
        await server.settled()
        assert heard.presses == [Press("d1", "done")]
        assert server.closed == []

        await notifier.close("d1")
        await server.until(lambda: server.closed == [1])
        await server.settled()
        assert heard.closed == []

    async def test_keys_that_are_no_answer(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """Neither a click on the text nor a key that was never offered is an answer."""
        await notifier.show(NOTICE)
        for key in ("default", "taken", "inline-reply", IN_FULL, "later"):
            server.press(1, key)
        await heard.until(lambda: len(heard.presses) > 1)

        assert heard.presses == [Press("d1", IN_FULL), Press("d1", "later")]

    async def test_a_click_shows_it_in_full(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """With cue and rarer choices, in its place; another click brings the usual ones back."""
        await notifier.show(NOTICE)
        server.press(1, "default")
        await heard.until(lambda: bool(heard.presses))
        await notifier.show(in_full(NOTICE))
        shown = server.shown[1]
        assert (shown.replaces, shown.body) == (1, f"{NOTICE.body}\n{NOTICE.cue}")
        assert list(shown.buttons) == ["not-today", "not-for-me", QUIET_WEEK]
        server.press(1, "default")
        await heard.until(lambda: len(heard.presses) > 1)
        await notifier.show(NOTICE)
        server.press(1, "done")
        await heard.until(lambda: len(heard.presses) > 2)

        assert [press.key for press in heard.presses] == [IN_FULL, SHOW, "done"]
        assert heard.closed == []

    async def test_a_written_reply_is_the_first_answer_with_a_note(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """Where a server can take one; once, and nothing where nothing was written."""
        server.capabilities = (*server.capabilities, "inline-reply")
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            assert "inline-reply" in server.shown[0].actions
            for text in (" \n", "I said it.\nIt was good.\x07", "and more"):
                server.reply(1, text)
            server.press(1, "hard")
            await server.until(lambda: server.closed == [1])

        assert heard.presses == [Press("d1", "done", "I said it.\nIt was good.")]

    async def test_a_reply_without_end_is_cut_with_a_mark(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """The answer counts whatever is written beside it."""
        server.capabilities = (*server.capabilities, "inline-reply")
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            server.reply(1, "x" * 1_000_000)
            await heard.until(lambda: bool(heard.presses))

        note = heard.presses[0].note or ""
        assert (len(note), note[-1]) == (LONGEST_NOTE, "…")

    @pytest.mark.parametrize("view", [cover, in_full])
    async def test_no_reply_where_the_usual_answers_are_not_offered(
        self, server: FakeServer, heard: Heard, view: Callable[[Notice], Notice]
    ) -> None:
        """A covered practice has not been read; one in full offers other choices."""
        server.capabilities = (*server.capabilities, "inline-reply")
        async with notifying(heard) as notifier:
            await notifier.show(view(NOTICE))
            server.reply(1, "something")
            await server.settled()
        assert "inline-reply" not in server.shown[0].actions
        assert heard.presses == []

    async def test_a_view_that_does_not_come_leaves_the_one_before(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """That is waved away then, and this is told."""
        await notifier.show(NOTICE)
        server.press(1, "default")
        await heard.until(lambda: bool(heard.presses))
        server.refuse = "org.example.Full"
        assert isinstance(await notifier.show(in_full(NOTICE)), Refused)
        server.close(1, 2)
        await heard.until(lambda: bool(heard.closed))
        assert heard.closed == [("d1", 2)]

    async def test_what_was_pressed_before_we_leave_counts(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """It is on the wire already when the daemon is told to end."""
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            server.press(1, "done")
        assert heard.presses == [Press("d1", "done")]

    @pytest.mark.parametrize("closes", [True, False])
    async def test_doubled_signals(self, server: FakeServer, heard: Heard, closes: bool) -> None:
        """A server that says everything twice is understood once."""
        server.doubled, server.closes_on_press = True, closes
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
            server.press(1, "done")
            await server.settled()
            await notifier.show(OTHER)
            server.close(2, 2)
            await heard.until(lambda: bool(heard.closed))
            await server.settled()

        assert heard.presses == [Press("d1", "done")]
        assert heard.closed == [("d2", 2)]

    async def test_show_keeps_it_standing(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """The full notice then replaces the covered one and is answered."""
        await notifier.show(cover(NOTICE))
        server.press(1, SHOW)
        await heard.until(lambda: bool(heard.presses))
        await server.settled()
        assert server.closed == []
        await notifier.show(NOTICE)
        server.press(1, "hard")
        await heard.until(lambda: len(heard.presses) > 1)

        assert (server.shown[1].replaces, server.shown[1].summary) == (1, NOTICE.title)
        assert heard.presses == [Press("d1", SHOW), Press("d1", "hard")]

    async def test_show_where_a_press_closes(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """A server that closes on every press is no dismissal; the full notice comes anew."""
        await notifier.show(cover(NOTICE))
        server.press(1, SHOW)
        server.close(1, 2)
        await heard.until(lambda: bool(heard.presses))
        await server.settled()
        assert await notifier.show(NOTICE) == Posted(server.place, 2)

        assert server.shown[1].replaces == 0
        assert heard.closed == []

    @pytest.mark.parametrize("reason", [1, 2, 3, 4])
    async def test_a_closing_is_told_with_its_reason(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard, reason: int
    ) -> None:
        """Expired, dismissed, or closed by some other program: told once."""
        await notifier.show(NOTICE)
        server.close(1, reason, to=server.shown[0].sender)
        server.close(1, reason, to=server.shown[0].sender)
        await heard.until(lambda: bool(heard.closed))
        await server.settled()

        assert heard.closed == [("d1", reason)]

    async def test_a_press_after_its_closing_counts(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """Some servers close first and tell which button it was afterwards."""
        await notifier.show(NOTICE)
        server.close(1, 2)
        server.press(1, "done")
        await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", "done")]

    async def test_our_own_closing_is_not_told(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """Whoever calls close knows; closing what does not stand does nothing."""
        await notifier.show(NOTICE)
        await notifier.close("another")
        await notifier.close("d1")
        await notifier.close("d1")
        await server.until(lambda: bool(server.closed))
        await server.settled()

        assert server.closed == [1]
        assert heard.closed == []

    async def test_signals_right_behind_the_reply(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """A press that arrives in one burst with the id is not lost."""
        server.after_reply = lambda server_id: server.press(server_id, "done")
        await notifier.show(NOTICE)
        await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", "done")]

    async def test_signals_before_the_reply(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """A server that signals before it tells the id is understood."""
        server.before_reply = lambda server_id: server.close(
            server_id, 1, to=server.shown[-1].sender
        )
        await notifier.show(NOTICE)
        await heard.until(lambda: bool(heard.closed))

        assert heard.closed == [("d1", 1)]

    async def test_the_end_of_what_is_being_replaced(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """A press that is on its way while its notification is replaced belongs to that one."""
        await notifier.show(NOTICE)
        server.before_reply = lambda _: server.press(1, "done", to=server.shown[0].sender)
        await notifier.show(OTHER)
        await heard.until(lambda: bool(heard.presses))
        server.press(2, "hard")
        await heard.until(lambda: len(heard.presses) > 1)

        assert heard.presses == [Press("d1", "done"), Press("d2", "hard")]

    @pytest.mark.parametrize("broadcast", [False, True])
    async def test_strangers_are_ignored(
        self,
        private_bus: PrivateBus,
        notifier: FreedesktopNotifier,
        server: FakeServer,
        heard: Heard,
        broadcast: bool,
    ) -> None:
        """Another program that signals with our id, to us or to all, is not believed."""
        await notifier.show(NOTICE)
        stranger = FakeServer(private_bus.address)
        await stranger.connect()
        to = None if broadcast else server.shown[0].sender
        stranger.press(1, "done", to=to)
        stranger.close(1, 2, to=to)
        await stranger.settled()
        await stranger.vanish()
        server.press(1, "later")
        await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", "later")]
        assert heard.closed == []

    async def test_a_forged_reply_is_not_believed(
        self,
        private_bus: PrivateBus,
        notifier: FreedesktopNotifier,
        server: FakeServer,
        heard: Heard,
    ) -> None:
        """Another program that guesses the number of our call is no server of ours."""
        stranger = FakeServer(private_bus.address)
        await stranger.connect()
        server.silent = {"Notify"}
        showing = asyncio.create_task(notifier.show(NOTICE))
        await server.until(lambda: "Notify" in server.asked)
        for serial in range(1, 60):
            stranger.bus.send(
                Message(
                    message_type=MessageType.METHOD_RETURN,
                    destination=server.unanswered_sender,
                    reply_serial=serial,
                    signature="u",
                    body=[77],
                )
            )
        await stranger.settled()
        server.answer_late()
        assert await showing == Posted(server.place, 1)
        await stranger.vanish()

    async def test_other_programs_notifications(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """A server that tells everybody about everything: only our own id matters."""
        server.broadcast = True
        await notifier.show(NOTICE)
        server.press(7, "done")
        server.close(8, 2)
        server.press(1, "later")
        await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", "later")]
        assert heard.closed == []
