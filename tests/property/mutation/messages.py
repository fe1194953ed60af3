"""What servers and services say, as the real ones say it, and as nobody should.

`ANSWERS` and `SIGNALS` are what dunst, logind, GNOME and others say (docs/desktops.md,
docs/moments.md); a `Talk` is what is said instead, for a while.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import MessageType, Variant
from hypothesis import strategies as st

from tests.property.mutation.damage import damaged
from tests.property.mutation.toml_text import ODD_TEXTS
from tests.property.mutation.wire import BUS, OURS, SERVER, Spoken, refusal, reply, signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOTIFICATIONS: Final = "org.freedesktop.Notifications"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_LOGIN: Final = "org.freedesktop.login1"
_LOGIN_PATH: Final = "/org/freedesktop/login1"
_SESSION: Final = f"{_LOGIN_PATH}/session/c2"
_SERVER_PATH: Final = "/org/freedesktop/Notifications"
_TRUE: Final = Variant("b", value=True)
_ABILITIES: Final = ["actions", "body", "body-markup", "icon-static", "persistence", "sound"]

ANSWERS: Final[Mapping[str, Spoken]] = {
    "Hello": reply("s", OURS, sender=BUS),
    "GetId": reply("s", "5b3f9d2c7ae14f0b8c6d1e2f3a4b5c6d", sender=BUS),
    "AddMatch": reply(sender=BUS),
    "ListActivatableNames": reply("as", [BUS, NOTIFICATIONS], sender=BUS),
    "GetNameOwner": reply("s", SERVER, sender=BUS),
    "StartServiceByName": reply("u", 1, sender=BUS),
    "GetServerInformation": reply("ssss", "dunst", "knopwob", "1.9.0 (2022-06-27)", "1.2"),
    "GetCapabilities": reply("as", _ABILITIES),
    "Notify": reply("u", 7),
    "CloseNotification": reply(),
    "Get": reply("v", Variant("b", value=False)),
    "GetAll": reply(
        "a{sv}",
        {
            "Active": _TRUE,
            "IdleHint": Variant("b", value=False),
            "IdleSinceHint": Variant("t", 1_795_000_000_000_000),
            "LockedHint": Variant("b", value=False),
            "Seat": Variant("(so)", ["seat0", f"{_LOGIN_PATH}/seat/seat0"]),
            "State": Variant("s", "active"),
            "Type": Variant("s", "x11"),
        },
    ),
    "GetDnd": reply("b", False),
    "ListModes": reply("as", ["default"]),
    "GetProperty": refusal("org.xfce.Xfconf.Error.PropertyNotFound"),
    "GetActive": reply("b", False),
    "GetIdletime": reply("t", 2_000),
    "AddIdleWatch": reply("u", 1),
    "AddUserActiveWatch": reply("u", 2),
    "RemoveWatch": reply(),
    "GetSession": reply("o", _SESSION),
    "GetUser": reply("o", f"{_LOGIN_PATH}/user/_{os.getuid()}"),
    "ListSessions": reply("a(susso)", [["c2", os.getuid(), "somebody", "seat0", _SESSION]]),
}
"""What is answered to each call."""
_OF_SERVICES: Final = sorted(name for name, one in ANSWERS.items() if one.fields["sender"] != BUS)
"""What programs on the bus answer; the bus itself is believed, as long as there is one."""

BACK: Final = signal(
    *("/org/freedesktop/DBus", BUS, "NameOwnerChanged", "sss"),
    *(NOTIFICATIONS, "", SERVER),
    sender=BUS,
)
"""Tells that the server is there again, whatever was said of it before."""

_MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
_SAVER: Final = "org.gnome.ScreenSaver"
SIGNALS: Final = (
    BACK,
    replace(BACK, body=[NOTIFICATIONS, SERVER, ""]),
    replace(BACK, body=[NOTIFICATIONS, SERVER, ":1.6"]),
    replace(BACK, body=[_LOGIN, SERVER, ""]),
    signal(_SERVER_PATH, NOTIFICATIONS, "ActionInvoked", "us", 7, "done"),
    signal(_SERVER_PATH, NOTIFICATIONS, "ActionInvoked", "us", 7, "default"),
    signal(_SERVER_PATH, NOTIFICATIONS, "NotificationClosed", "uu", 7, 2),
    signal(_SERVER_PATH, NOTIFICATIONS, "NotificationReplied", "us", 7, "It rained."),
    signal(
        *(_SERVER_PATH, _PROPERTIES, "PropertiesChanged", "sa{sv}as"),
        *("org.dunstproject.cmd0", {"paused": _TRUE}, []),
    ),
    signal(
        *(_SESSION, _PROPERTIES, "PropertiesChanged", "sa{sv}as"),
        *(f"{_LOGIN}.Session", {"LockedHint": _TRUE}, ["IdleHint"]),
    ),
    signal(_LOGIN_PATH, f"{_LOGIN}.Manager", "SessionNew", "so", "c3", f"{_SESSION}3"),
    signal(_LOGIN_PATH, f"{_LOGIN}.Manager", "SessionRemoved", "so", "c2", _SESSION),
    signal(_LOGIN_PATH, f"{_LOGIN}.Manager", "PrepareForSleep", "b", False),
    signal("/org/gnome/ScreenSaver", _SAVER, "ActiveChanged", "b", True),
    signal("/org/gnome/Mutter/IdleMonitor/Core", _MUTTER, "WatchFired", "u", 1),
    signal("/org/xfce/Xfconf", "org.xfce.Xfconf", "PropertyChanged", "ssv", "a", "/b", _TRUE),
    signal(
        "/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer", "Notify", "sass", "/org/", [""], "t"
    ),
    signal(
        "/org/erikreider/swaync/cc", "org.erikreider.swaync.cc", "Subscribe", "ubb", 0, True, False
    ),
    signal(
        "/org/freedesktop/timedate1",
        _PROPERTIES,
        "PropertiesChanged",
        "sa{sv}as",
        "org.freedesktop.timedate1",
        {},
        [],
    ),
    Spoken(
        MessageType.METHOD_CALL,
        {"path": "/", "interface": "org.freedesktop.DBus.Peer", "member": "Ping", "sender": SERVER},
    ),
    Spoken(
        MessageType.METHOD_CALL,
        {"path": "/x", "interface": "x.y", "member": "Z", "sender": SERVER, "destination": OURS},
        "s",
        ["what is this"],
    ),
    reply("u", 1),
    refusal("org.freedesktop.DBus.Error.NoReply"),
)
"""What is said without being asked."""

_TEXTS: Final = tuple(one for one in ODD_TEXTS if "\0" not in one and len(one) < 200_000)
_LONG: Final = "\u00e9" * 500_000


def _nested(depth: int) -> Variant:
    inside = Variant("s", "x")
    for _ in range(depth):
        inside = Variant("v", inside)
    return inside


_BODIES: Final[Sequence[tuple[str, list[Any]]]] = (
    *(("", []), ("s", [""]), ("s", [_LONG]), ("ss", ["", _LONG]), ("u", [0]), ("u", [2**32 - 1])),
    *(("i", [-1]), ("t", [2**64 - 1]), ("x", [-(2**63)]), ("d", [float("nan")]), ("y", [255])),
    *(("d", [float("inf")]), ("b", [True]), ("o", ["/"]), ("g", ["a{sv}"]), ("n", [-1])),
    *(
        ("as", [[]]),
        ("as", [[""] * 30_000]),
        ("as", [["dnd", "\u202e", _LONG]]),
        ("ai", [[1] * 200_000]),
    ),
    *(("ao", [["/"]]), ("av", [[Variant("s", "x")]]), ("a{sv}", [{}]), ("a{ss}", [{"a": "b"}])),
    *(("v", [Variant("s", _LONG)]), ("v", [Variant("as", [])]), ("v", [Variant("t", 2**64 - 1)])),
    *(("v", [Variant("(so)", ["", "/"])]), ("v", [_nested(30)]), ("v", [Variant("a{sv}", {})])),
    *(("v", [Variant("d", float("nan"))]), ("v", [Variant("as", ["do-not-disturb"] * 20_000)])),
    *(
        ("us", [7, _LONG]),
        ("us", [7, ""]),
        ("us", [0, "done"]),
        ("uu", [7, 2**32 - 1]),
        ("ii", [7, 2]),
    ),
    *(
        ("su", ["7", 7]),
        ("uus", [7, 7, "x"]),
        ("sss", ["", "", ""]),
        ("sss", [NOTIFICATIONS, "", "x"]),
    ),
    *(
        ("ssss", ["", "", "", ""]),
        ("ssss", [_LONG, "\x1b[31m", "\u202e", "\n"]),
        ("(ssss)", [["a"] * 4]),
    ),
    *(("sass", [_LONG, [_LONG], ""]), ("sass", ["/", ["/"] * 30_000, "x"]), ("b", [False])),
    *(("a(susso)", [[]]), ("a(susso)", [[["c2", os.getuid(), "x", "", "/x"]] * 5_000])),
    *(("a{sv}", [{name: Variant("s", "x") for name in ("Active", "IdleHint", "Seat", "State")}]),),
    *(("a{sv}", [{"IdleSinceHint": Variant("t", 2**64 - 1), "IdleHint": _TRUE, "Active": _TRUE}]),),
    *(
        (
            "a{sv}",
            [{"Seat": Variant("as", []), "Class": Variant("i", 3), "Type": Variant("as", ["tty"])}],
        ),
    ),
    *(("a{sv}", [{str(number): _TRUE for number in range(10_000)}]), ("aas", [[[]] * 1_000])),
)


@dataclass(frozen=True, repr=False)
class Talk:
    """What a bus says instead, until it comes to its senses.

    Attributes:
        answers: By member what is answered to its first calls, one after the other.
        unasked: What is said by itself after the first answer to a member, and how many times.
        is_sound: Whether each is a message: then nobody is to leave the bus over them.
    """

    answers: Mapping[str, Sequence[bytes]]
    unasked: Mapping[str, Sequence[tuple[bytes, int]]]
    is_sound: bool

    def __repr__(self) -> str:
        """Return it in short."""
        answers = {name: [one[:200] for one in some] for name, some in self.answers.items()}
        unasked = {
            name: [(one[:200], times) for one, times in some] for name, some in self.unasked.items()
        }
        return f"Talk(answers={answers}, unasked={unasked}, is_sound={self.is_sound})"


_bodies = st.one_of(
    st.sampled_from(_BODIES),
    st.sampled_from(_TEXTS).map(lambda text: ("s", [text])),
    st.sampled_from(_TEXTS).map(lambda text: ("us", [7, text])),
    st.sampled_from(_TEXTS).map(lambda text: ("ssss", [text] * 4)),
    st.sampled_from(_TEXTS).map(lambda text: ("as", [[text, text]])),
    st.sampled_from(_TEXTS).map(lambda text: ("v", [Variant("s", text)])),
)
_errors = st.sampled_from(
    (
        *("org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.UnknownMethod"),
        *("org.freedesktop.DBus.Error.ServiceUnknown", "a.b", "x." + "y" * 250),
        "org.freedesktop.DBus.Error.Spawn.ChildSignaled",
    )
)


@st.composite
def _odd(draw: st.DrawFn, spoken: Spoken, *, is_sound: bool) -> bytes:
    """One message, said otherwise."""
    if not is_sound and draw(st.booleans()):
        return draw(damaged(spoken.bytes()))
    if spoken.kind is MessageType.METHOD_RETURN and not draw(st.integers(0, 4)):
        error = refusal(draw(_errors), draw(st.sampled_from(_TEXTS)), spoken.fields["sender"])
        return error.bytes()
    signature, body = draw(_bodies)
    return replace(spoken, signature=signature, body=body).bytes()


@st.composite
def odd_talks(draw: st.DrawFn) -> Talk:
    """What a bus says for a while: answers and signals of other kinds, floods, or no messages."""
    is_sound = draw(st.booleans())
    able = _OF_SERVICES if is_sound else sorted(ANSWERS)
    answers = {
        member: draw(st.lists(_odd(ANSWERS[member], is_sound=is_sound), min_size=1, max_size=3))
        for member in draw(st.lists(st.sampled_from(able), max_size=4, unique=True))
    }
    times = st.sampled_from((1, 1, 1, 2, 10, 10_000))
    unasked = {}
    for member in draw(st.lists(st.sampled_from(sorted(ANSWERS)), max_size=2, unique=True)):
        spoken = draw(st.sampled_from(SIGNALS))
        said = st.just(spoken.bytes())
        if not is_sound or spoken.fields["sender"] != BUS:
            said |= _odd(spoken, is_sound=is_sound)
        unasked[member] = draw(st.lists(said.map(lambda one: (one, 1)), max_size=3))
        if draw(st.booleans()):
            unasked[member].append((spoken.bytes(), draw(times)))
    return Talk(answers, unasked, is_sound)
