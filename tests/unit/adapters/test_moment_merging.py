"""What several sources tell of the moment together, and which of them is in force where."""

from __future__ import annotations

from random import Random  # noqa: TC003 -- hypothesis looks at annotations
from typing import TYPE_CHECKING

import pytest
from dbus_fast import Message, MessageType
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.desktop import dconf, do_not_disturb
from reminderd.adapters.desktop.idle import x11_display
from reminderd.adapters.desktop.source import NOTHING, facts_in, merged
from reminderd.core.model import Context, Reason
from tests.strategies import fewer

if TYPE_CHECKING:
    from reminderd.adapters.desktop.source import Source

FIELDS = {
    Reason.DO_NOT_DISTURB: "do_not_disturb",
    Reason.IN_CALL: "in_call",
    Reason.LOCKED: "locked",
    Reason.INACTIVE: "inactive",
    Reason.AWAY: "away_seconds",
}
FACTS = st.none() | st.booleans()
CONTEXTS = st.builds(
    Context,
    do_not_disturb=FACTS,
    in_call=FACTS,
    locked=FACTS,
    inactive=FACTS,
    away_seconds=st.none() | st.integers(0, 10**6),
)
TOLD = st.lists(st.tuples(CONTEXTS, st.booleans()), max_size=6)


@fewer(1)
@given(TOLD, st.randoms())
def test_who_says_that_it_holds_is_believed_over_any_other(
    told: list[tuple[Context, bool]], random: Random
) -> None:
    """True wins over False, and False over unknown, in whatever order they are asked."""
    together = merged(told)
    for field in FIELDS.values():
        said = {getattr(context, field) for context, _ in told} - {None}
        assert getattr(together, field) == max(said, default=None)
    assert facts_in(together) == frozenset().union(*(facts_in(context) for context, _ in told))
    random.shuffle(told)
    assert merged(told) == together


@fewer(1)
@given(TOLD)
def test_unsignalled_is_what_nobody_with_a_signal_says(told: list[tuple[Context, bool]]) -> None:
    holds = {
        signalled: {
            reason
            for context, has_signal in told
            for reason, field in FIELDS.items()
            if has_signal is signalled and getattr(context, field)
        }
        for signalled in (True, False)
    }
    assert merged(told).unsignalled == holds[False] - holds[True]


@fewer(1)
@given(TOLD)
def test_who_tells_nothing_changes_nothing(told: list[tuple[Context, bool]]) -> None:
    assert merged([*told, (NOTHING, True), (NOTHING, False)]) == merged(told)
    assert merged([]) == NOTHING


@pytest.mark.parametrize(
    ("environ", "display"),
    [
        ({"DISPLAY": ":0"}, "unix/:0"),
        ({"DISPLAY": ":10.0"}, "unix/:10"),
        ({"DISPLAY": "unix:1"}, "unix/:1"),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}, "unix/:0"),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "tty"}, "unix/:0"),  # startx from a terminal
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": ""}, "unix/:0"),
        ({}, ""),
        ({"DISPLAY": ""}, ""),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ""),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, ""),
        ({"DISPLAY": "localhost:10.0"}, ""),  # of whoever came by ssh
        ({"DISPLAY": "elsewhere.example:0"}, ""),
        ({"DISPLAY": "tcp/elsewhere:0"}, ""),
        ({"DISPLAY": ":"}, ""),
        ({"DISPLAY": "0"}, ""),
        ({"DISPLAY": ":0\n:1"}, ""),
        ({"DISPLAY": ":0; true"}, ""),
    ],
)
def test_the_screen_of_this_desk(environ: dict[str, str], display: str) -> None:
    assert x11_display(environ) == display


GNOME, MATE, CINNAMON = "GNOME", "MATE", "Cinnamon"


@pytest.mark.parametrize(
    ("desktop", "server", "count"),
    [
        ("GNOME", "gnome-shell gnome", {GNOME}),
        ("ubuntu:GNOME", "gnome-shell gnome", {GNOME}),
        ("pop:GNOME", "", {GNOME}),
        ("Unity", "notify-osd canonical ltd", {GNOME}),
        ("GNOME-Flashback:GNOME", "notification daemon gnome", {GNOME}),
        (None, "gnome-shell gnome", {GNOME}),
        (None, "notification daemon gnome", {GNOME}),
        (None, "", {GNOME}),
        ("MATE", "notification daemon mate desktop environment", {MATE}),
        (None, "notification daemon mate desktop environment", {GNOME, MATE}),
        ("MATE", "", {MATE}),
        ("X-Cinnamon", "cinnamon linux mint", {CINNAMON}),
        ("X-Cinnamon", "", {CINNAMON}),
        ("KDE", "plasma kde", set()),
        ("XFCE", "xfce notify daemon xfce", set()),
        ("sway", "mako emersion", set()),
        ("i3", "dunst knopwob", set()),
        ("i3", "", set()),
        ("LXQt", "lxqt-notificationd lxqt.org", set()),
        (None, "dunst knopwob", {GNOME}),
        (None, "mako emersion", {GNOME}),
        (None, "xfce notify daemon xfce", {GNOME}),
    ],
)
def test_which_setting_counts_on_which_desktop(
    desktop: str | None, server: str, count: set[str]
) -> None:
    environ = {} if desktop is None else {"XDG_CURRENT_DESKTOP": desktop}
    sources = [dconf.source_of(key, environ) for key in dconf.KEYS]
    assert {source.told_by for source in sources if source.counts(server)} == count


def gnome() -> Source:
    return dconf.source_of(dconf.KEYS[0], {})


@pytest.mark.parametrize(
    ("prefix", "changes", "is_sign"),
    [
        ("/org/gnome/desktop/notifications/show-banners", [""], True),
        ("/org/gnome/desktop/notifications/", ["show-banners"], True),
        ("/org/gnome/desktop/notifications/", ["other", "show-banners"], True),
        ("/org/gnome/", ["desktop/interface/", "desktop/notifications/"], True),
        ("/org/gnome/", [""], True),  # all below it was reset
        ("/", [""], True),
        ("/org/gnome/desktop/notifications/", ["show-in-lock-screen"], False),
        ("/org/gnome/desktop/notifications/application-children", [""], False),
        ("/org/gnome/desktop/notifications/application/firefox/", ["enable"], False),
        ("/org/gnome/desktop/notifications/", [], False),
        ("/org/gnome/desktop/notif", [""], False),
    ],
)
def test_which_changes_in_dconf_are_signs(prefix: str, changes: list[str], is_sign: bool) -> None:
    body: list[object] = [prefix, changes, "tag"]
    writer = "ca.desrt.dconf.Writer"
    assert gnome().is_sign(signal(writer, "Notify", "sass", body)) is is_sign


def signal(interface: str, member: str, signature: str, body: list[object]) -> Message:
    return Message(
        message_type=MessageType.SIGNAL,
        path="/ca/desrt/dconf/Writer/user",
        interface=interface,
        member=member,
        signature=signature,
        body=body,
    )


@pytest.mark.parametrize(
    "message",
    [
        signal("ca.desrt.dconf.Writer", "Notify", "", []),
        signal("ca.desrt.dconf.Writer", "Notify", "s", ["/org/gnome/desktop/notifications/"]),
        signal("org.example.Other", "Notify", "sass", ["/", [""], ""]),
    ],
)
def test_what_dconf_would_never_say_is_no_sign(message: Message) -> None:
    assert not gnome().is_sign(message)


@pytest.mark.parametrize(
    ("modes", "silent"),
    [
        ([], False),
        (["default"], False),
        (["default", "do-not-disturb"], True),
        (["do_not_disturb"], True),
        (["DoNotDisturb"], True),
        (["dnd"], True),
        (["DND", "away"], True),
        (["dndish", "not-dnd"], False),
        (["away"], False),
        ("dnd", None),
        (None, None),
        (True, None),
        ([7], False),
    ],
)
def test_which_modes_of_mako_are_silent(modes: object, silent: bool | None) -> None:
    rows = [row for row in do_not_disturb.ROWS if row.told_by == "mako"]
    assert {row.means(modes) for row in rows} == {silent}


@pytest.mark.parametrize(
    ("server", "environ", "counts"),
    [
        ("", {}, False),
        ("dunst knopwob", {}, False),
        ("dunst knopwob", {"XDG_CURRENT_DESKTOP": "i3"}, False),
        ("xfce notify daemon xfce", {}, True),
        ("", {"XDG_CURRENT_DESKTOP": "XFCE"}, True),
    ],
)
def test_xfces_key_counts_with_xfces_server_and_on_its_desktop(
    server: str, environ: dict[str, str], counts: bool
) -> None:
    """Before the bus has started its server the desktop alone can tell; all others count."""
    sources = [do_not_disturb.source_of(row, environ) for row in do_not_disturb.ROWS]
    others = {"the notification server", "dunst", "swaync", "mako"}
    expected = others | {"Xfce"} if counts else others
    assert {source.told_by for source in sources if source.counts(server)} == expected
