"""plyer: the systems without D-Bus, and Linux where the person chose it.

plyer tells nothing back: `notify` returns None whether or not anybody saw anything, so what it
needs is looked at first. On Linux its usual path is `notify-send TITLE BODY`, which puts both into
the process list for every account to read: so there only the neutral title goes out. Nothing of a
deck reaches a command line, which also settles a title that starts with `-`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import shutil
import sys
import threading
import warnings
from importlib.util import find_spec
from typing import Final

from reminderd.adapters.bus_address import bus_address, why_no_bus
from reminderd.adapters.notifiers.markup import how_to_answer, plain_line, plain_text
from reminderd.core.notice import (
    NEUTRAL_BODY,
    NEUTRAL_TITLE,
    Delivered,
    Notice,
    Posted,
    Refused,
    Silent,
)

PATIENCE_SECONDS: Final = 5.0
EXPIRE_SECONDS: Final = 20
"""On Windows plyer keeps a thread for as long; it ends with the process, as ours does."""

_TITLE_LIMIT: Final = 63
_MESSAGE_LIMIT: Final = 255
"""What fits into a Windows balloon tip, in units of UTF-16; a longer text is not shown there."""


class PlyerNotifier:
    """Hands a practice to plyer, and hears nothing of what becomes of it.

    Args:
        platform: As `sys.platform` has it.
        patience: Seconds that one `show` may take.
    """

    name = "plyer"
    server = ""

    def __init__(self, *, platform: str = sys.platform, patience: float = PATIENCE_SECONDS) -> None:
        self._on_linux = platform == "linux"
        self._on_macos = platform == "darwin"
        self._patience = patience

    @property
    def limits(self) -> tuple[str, ...]:
        """What plyer cannot do, in plain words."""
        limits: tuple[str, ...] = (
            "plyer has no buttons: answer with `reminderd respond`.",
            "plyer cannot take a notification down again, nor tell whether it was seen.",
        )
        if self._on_linux:
            return (
                *limits,
                "plyer shows the neutral title only: read with `reminderd show`.",
                "Without dbus-python plyer lets it stand until it is waved away.",
            )
        return (*limits, "plyer cuts long texts, ending in “…”: read them with `reminderd show`.")

    @property
    def trouble(self) -> str:
        """What plyer would need and does not find, empty when nothing is missing."""
        if self._on_linux:
            if bus_address("session") is None:
                return why_no_bus("session")
            if find_spec("dbus") is None and shutil.which("notify-send") is None:
                return "neither notify-send nor dbus-python is installed"
        elif self._on_macos and find_spec("pyobjus") is None:
            return "pyobjus is not installed"
        return ""

    def ready(self) -> bool:
        """Return whether what plyer needs is there."""
        return not self.trouble

    async def start(self) -> None:
        """Do nothing: plyer is loaded when it is first needed."""

    async def stop(self) -> None:
        """Do nothing: there is no connection."""

    async def show(self, notice: Notice) -> Delivered:
        """Hand it over; what of ours stands cannot be taken down. Never raises."""
        handed = False
        try:
            async with asyncio.timeout(self._patience):
                if refusal := self.trouble or await self._nobody_there():
                    return Refused(refusal)
                handed = True
                await _hand_over_beside(*self._words(notice))
        except TimeoutError:
            why = f"plyer did not come back within {self._patience:g} s"
            return Silent(why) if handed else Refused(why)
        except Exception as error:  # noqa: BLE001 - plyer documents none, its paths raise many
            # Only the type: the error's text could repeat what was to be shown.
            return Refused(f"plyer could not hand it over ({type(error).__name__})")
        return Posted(self.name, 0)

    async def close(self, delivery: str) -> None:
        """Do nothing: plyer cannot take anything down."""

    def tell(self, text: str) -> None:
        """Do nothing: it could not be taken down again."""

    def stands(self, delivery: str) -> bool:  # noqa: ARG002 -- the port's
        """Return True: what cannot be taken down must not be put up again."""
        return True

    async def _nobody_there(self) -> str:
        """Return why no server would get it: notify-send's exit code does not reach us."""
        if not self._on_linux:
            return ""
        from reminderd.adapters.notifiers.notification_server import (  # noqa: PLC0415 - Linux only
            NotificationServer,
        )

        server = NotificationServer(
            on_message=lambda _: None, on_change=lambda _: None, on_lost=lambda _: None
        )
        try:
            return await server.rouse()
        except ConnectionError:
            return "the session bus went away"
        finally:
            await server.disconnect()

    def _words(self, notice: Notice) -> tuple[str, str]:
        if self._on_linux:
            return NEUTRAL_TITLE, NEUTRAL_BODY
        answer = how_to_answer(notice)
        body = _fitting(plain_text(notice.body), _MESSAGE_LIMIT - len(answer) - 1)
        title = _fitting(plain_line(notice.title), _TITLE_LIMIT)
        return title or NEUTRAL_TITLE, f"{body}\n{answer}".strip()


def _fitting(text: str, units: int) -> str:
    """Return as much of a text as fits, with a mark where that is not all."""
    if len(text.encode("utf-16-le")) // 2 <= units:
        return text
    start = text.encode("utf-16-le")[: 2 * (units - 1)].decode("utf-16-le", "ignore")
    return f"{start.rstrip()}…"


async def _hand_over_beside(title: str, message: str) -> None:
    """Hand it over in a thread that nobody waits for at the end of the process.

    The executor of `asyncio.to_thread` would be waited for, and notify-send may hang.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.done():  # given up on
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def work() -> None:
        failed: Exception | None = None
        try:
            _hand_over(title, message)
        except Exception as error:  # noqa: BLE001 - raised again where it is awaited
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, failed)

    threading.Thread(target=work, name="plyer", daemon=True).start()
    await done


def _hand_over(title: str, message: str) -> None:
    with warnings.catch_warnings():  # plyer warns on stderr where dbus-python is not installed
        warnings.simplefilter("ignore")
        notification = importlib.import_module("plyer").notification
        notification.notify(
            title=title, message=message, app_name="reminderd", timeout=EXPIRE_SECONDS
        )
