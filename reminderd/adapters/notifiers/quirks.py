"""What has to be known of notification servers by name, since they do not tell it: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Quirk:
    """How a server departs from what it says it can do.

    Attributes:
        menu: Where the actions are on a server that draws no buttons for them; empty where it does.
        clickable: Whether a click on the text may be offered beside the buttons.
        click_is_button: Whether it draws a button for that.
        lingers: Whether what its program closes stays on the screen until its time is over.
    """

    menu: str = ""
    clickable: bool = True
    click_is_button: bool = False
    lingers: bool = False


PLAIN: Final = Quirk()

QUIRKS: Final[Mapping[str, Quirk]] = {
    # Both advertise actions; a menu opens only where another program is installed.
    "dunst": Quirk(menu="`dunstctl context` opens them as a menu where dmenu is installed"),
    "mako": Quirk(menu="`makoctl menu` opens them as a menu"),
    # With a fourth action, and a click counts as one, it draws a list to choose from, no buttons.
    "lxqt-notificationd": Quirk(clickable=False),
    # A click on the text only waves it away; the action for it is a button like the others.
    "Xfce Notify Daemon": Quirk(click_is_button=True),
    # CloseNotification is answered and signalled, and the window stays; what is put in its place
    # with a time of its own goes. (MATE's server has the same name, and closes.)
    "Notification Daemon (GNOME)": Quirk(lingers=True),
}
"""By the name that a server tells, with its vendor in brackets where two share one."""


def quirk_of(name: str, vendor: str) -> Quirk:
    """Return what is known of a server by name and vendor."""
    return QUIRKS.get(name) or QUIRKS.get(f"{name} ({vendor})", PLAIN)
