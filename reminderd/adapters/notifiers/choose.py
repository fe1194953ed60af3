"""Which notifier a practice goes to: what the settings say, or what is there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Literal, TextIO

from reminderd.adapters.notifiers.plyer import PlyerNotifier
from reminderd.adapters.notifiers.terminal import TerminalNotifier
from reminderd.errors import NotifierError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
    from reminderd.core.notice import Change, Delivered, Notice, Posted, Press

    _Notifier = FreedesktopNotifier | PlyerNotifier | TerminalNotifier

Setting = Literal["auto", "freedesktop", "plyer", "terminal"]

_NO_TERMINAL: Final = "a service has no terminal"


class Chooser:
    """The notifier that the daemon uses: the one that suits now. Does nothing until `start`.

    Under systemd it is never the terminal, and `terminal` means `auto`: the output goes to the
    journal, where nobody would see a practice and others might.

    Args:
        setting: What the person chose.
        on_press: The person pressed a button or typed an answer; returns whether the answer is
            stored, because an acknowledgement follows then.
        on_closed: A notification went away unanswered, by itself or by the person's hand.
        on_change: `ready`, `name` or `server` may have changed.
        on_lost: The session bus is gone, once and for good.
        under_systemd: Whether the daemon runs as a service.
        sound: A file or a name of the sound theme; empty for silence.
        platform: As `sys.platform` has it.
        out: Where the terminal notifier writes; standard output if not given.
        fd: Where it reads.

    Raises:
        NotifierError: The setting is `freedesktop`, on a system that lacks what that needs.
    """

    def __init__(  # noqa: PLR0913 - four callbacks, and what a test puts in place of the world
        self,
        setting: Setting,
        *,
        on_press: Callable[[Press], bool],
        on_closed: Callable[[str, int], None],
        on_change: Callable[[Change], None],
        on_lost: Callable[[str], None],
        under_systemd: bool,
        sound: str = "",
        platform: str = sys.platform,
        out: TextIO | None = None,
        fd: int = 0,
    ) -> None:
        self._overruled = setting == "terminal" and under_systemd
        if self._overruled:
            setting = "auto"
        self._setting = setting
        self._under_systemd = under_systemd
        self._plyer = PlyerNotifier(platform=platform)
        self._terminal = TerminalNotifier(on_press=on_press, out=out, fd=fd)
        self._desktop: FreedesktopNotifier | None = None
        if setting == "freedesktop" or (setting == "auto" and platform == "linux"):
            self._desktop = _desktop_notifier(on_press, on_closed, on_change, on_lost)
        self.set_sound(sound)
        self._shown: tuple[_Notifier, str] | None = None

    @property
    def name(self) -> str:
        """The present choice's name, as the settings spell it."""
        return self._choice().name

    @property
    def server(self) -> str:
        """The notification server's name and version, empty where there is none or unknown."""
        return self._choice().server

    @property
    def limits(self) -> tuple[str, ...]:
        """What the present choice cannot do, in plain words."""
        return self._choice().limits

    @property
    def why(self) -> str:
        """Why it is the present choice, and what is in its way, in plain words."""
        choice = self._choice()
        if self._setting != "auto":
            return "the settings say so" + (choice.trouble and f", but {choice.trouble}")
        if self._overruled:
            return f"the settings say `terminal`, but {_NO_TERMINAL}; {self._why_auto(choice)}"
        return self._why_auto(choice)

    def _why_auto(self, choice: _Notifier) -> str:
        desktop = self._desktop
        if choice is self._plyer:
            return "this is how this system shows notifications"
        if choice is self._terminal or desktop is None:
            return (desktop or self._plyer).trouble
        if desktop.served:
            failed = desktop.trouble and (
                f"the desktop has a notification server, but the last time: {desktop.trouble}"
            )
            return failed or "the desktop shows notifications"
        if desktop.connected:
            return f"{desktop.trouble}; practices wait until one is there"
        if self._overruled:  # said already
            return f"{desktop.trouble}; practices wait"
        no_terminal = _NO_TERMINAL if self._under_systemd else self._terminal.trouble
        return f"{desktop.trouble}, and {no_terminal}; practices wait"

    def set_sound(self, sound: str) -> None:
        """Let practices sound so from now on."""
        if self._desktop is not None:
            self._desktop.sound = sound

    def ready(self) -> bool:
        """Return whether bringing something up could work now."""
        return self._choice().ready()

    async def start(self) -> None:
        """Connect to what there is."""
        if self._desktop is not None:
            await self._desktop.start()
        if self._choice() is self._terminal:
            await self._terminal.start()

    async def stop(self) -> None:
        """Let go of everything; nothing is called back after this."""
        await self._terminal.stop()
        if self._desktop is not None:
            await self._desktop.stop()

    async def show(self, notice: Notice) -> Delivered:
        """Bring it up within 5 s, in place of whatever of ours stands there. Never raises."""
        choice = self._choice()
        if choice is not self._terminal:
            await self._terminal.hand_over()
        if self._shown is not None and self._shown[0] is not choice:
            before, delivery = self._shown
            await before.close(delivery)
        self._shown = choice, notice.delivery
        return await choice.show(notice)

    async def close(self, delivery: str) -> None:
        """Take it down if it still stands. Never raises."""
        await self._terminal.close(delivery)
        if self._desktop is not None:
            await self._desktop.close(delivery)

    def tell(self, text: str) -> None:
        """Show one passing line, unless a practice waits for its answer there. Never raises."""
        self._choice().tell(text)

    def stands(self, delivery: str) -> bool:
        """Return whether this process brought it up, and nothing is known to have swept it away."""
        by, shown = self._shown or (self._choice(), "")
        return (by if shown == delivery else self._choice()).stands(delivery)

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Take over what an earlier process brought up, if it is still there."""
        if self._desktop is not None and self._shown is None:
            self._desktop.adopt(notice, posted)

    def _choice(self) -> _Notifier:
        if self._setting == "plyer":
            return self._plyer
        if self._setting == "terminal":
            return self._terminal
        desktop = self._desktop
        if desktop is None:  # "auto", and not on Linux
            return self._plyer if self._plyer.ready() or self._under_systemd else self._terminal
        if self._setting == "auto" and not desktop.served and self._terminal_suits(desktop):
            return self._terminal
        return desktop

    def _terminal_suits(self, desktop: FreedesktopNotifier) -> bool:
        """Return whether to write practices while there is no notification server."""
        if self._under_systemd or not self._terminal.ready():
            return False
        # Where a bus is, a server may come yet; what goes into a pipe or a log would be lost on it.
        return not desktop.connected or self._terminal.seen()


def _desktop_notifier(
    on_press: Callable[[Press], bool],
    on_closed: Callable[[str, int], None],
    on_change: Callable[[Change], None],
    on_lost: Callable[[str], None],
) -> FreedesktopNotifier:
    try:
        # Loaded here, not above: dbus-fast is installed on Linux only, and takes memory.
        from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotifierError(
            "The notifier `freedesktop` needs dbus-fast, which is not installed.",
            "Set notification.notifier to auto.",
        ) from error
    return FreedesktopNotifier(
        on_press=on_press, on_closed=on_closed, on_change=on_change, on_lost=on_lost
    )
