"""plyer: what it puts on a real screen, what it leaves in the process list, what it lacks."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.notifiers import plyer as plyer_module
from reminderd.adapters.notifiers.plyer import PlyerNotifier
from reminderd.core.notice import (
    NEUTRAL_BODY,
    NEUTRAL_TITLE,
    Button,
    Notice,
    Posted,
    Refused,
    Silent,
    cover,
)

if TYPE_CHECKING:
    from tests.integration.desktops import Dunst, PrivateBus

pytest_plugins = ["tests.integration.desktops"]

NOTICE = Notice(
    delivery="d1",
    title="--version of a day",
    body="Name one considerate thing anybody did today.",
    cue="",
    buttons=(Button("taken", "I'll try"), Button("later", "Later")),
)

ROOT = Path(__file__).parents[2]

HANGING = """
import asyncio
from reminderd.adapters.notifiers.plyer import PlyerNotifier
from reminderd.core.notice import Notice

async def main():
    print(await PlyerNotifier(patience=0.5).show(Notice("d1", "", "", "", ())), flush=True)

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _fresh_plyer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plyer keeps what it found at its first use."""
    for name in [name for name in sys.modules if name.split(".")[0] == "plyer"]:
        monkeypatch.delitem(sys.modules, name)


HARD_TEXTS = {
    "-h": "like an option",
    "": "empty",
    "x" * 5000: "5000 letters",
    "\N{PARTY POPPER}" * 200: "emoji",
    "\u05e9\u05dc\u05d5\u05dd \u05dc\u05da": "right to left",
    "<b>bold</b> & <img src='x'>": "markup",
}
ANSWER = "Answer: reminderd respond taken (or later)"


@pytest.mark.desktop
class TestOnLinux:
    async def test_it_shows_the_neutral_title(self, dunst: Dunst) -> None:
        """A real server shows it, with how to read the practice and nothing else."""
        notifier = PlyerNotifier()
        assert notifier.ready()
        assert await notifier.show(NOTICE) == Posted("plyer", 0)
        assert await dunst.displayed() == 1
        await dunst.dismiss()

        shown = (await dunst.past())[0]
        assert (shown["summary"], shown["message"]) == (
            f"{NEUTRAL_TITLE}",
            f"<b>{NEUTRAL_TITLE}</b>\n{NEUTRAL_BODY}",
        )

    @pytest.mark.parametrize("text", HARD_TEXTS, ids=HARD_TEXTS.values())
    async def test_hard_texts_do_no_harm(self, dunst: Dunst, text: str) -> None:
        """Nothing of a deck reaches the command line, so the neutral words arrive."""
        notice = replace(NOTICE, title=text, body=text)
        assert await PlyerNotifier().show(notice) == Posted("plyer", 0)
        assert await dunst.displayed() == 1
        await dunst.dismiss()
        assert (await dunst.past())[0]["summary"] == NEUTRAL_TITLE

    async def test_nothing_of_it_is_in_the_process_list(
        self, dunst: Dunst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command line of notify-send holds no word of the deck."""
        told = tmp_path / "arguments"
        program = tmp_path / "notify-send"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n', "utf-8")
        program.chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        assert await PlyerNotifier().show(NOTICE) == Posted("plyer", 0)

        arguments = told.read_text("utf-8").splitlines()
        assert arguments[:2] == [NEUTRAL_TITLE, NEUTRAL_BODY]
        assert not [word for word in arguments if word in f"{NOTICE.title} {NOTICE.body}" and word]

    async def test_no_server(self, private_bus: PrivateBus) -> None:
        """notify-send would fail without a word to us: it is not even started."""
        assert isinstance(await PlyerNotifier().show(NOTICE), Refused)

    async def test_no_program(
        self, private_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither notify-send nor dbus-python: plyer would return None and raise nothing."""
        monkeypatch.setenv("PATH", "/nowhere")
        notifier = PlyerNotifier()

        assert not notifier.ready()
        assert await notifier.show(NOTICE) == Refused(
            "neither notify-send nor dbus-python is installed"
        )

    async def test_a_program_that_hangs(
        self, dunst: Dunst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is given up on in time, and nobody knows whether it is up."""
        program = tmp_path / "notify-send"
        program.write_text("#!/bin/sh\nsleep 1\n", "utf-8")
        program.chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        begun = time.monotonic()

        assert isinstance(await PlyerNotifier(patience=0.3).show(NOTICE), Silent)
        assert time.monotonic() - begun < 0.9

    async def test_a_program_that_hangs_holds_nobody(
        self, dunst: Dunst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process ends within a second though notify-send does not."""
        program = tmp_path / "notify-send"
        program.write_text("#!/bin/sh\nexec sleep 4 >/dev/null\n", "utf-8")
        program.chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", HANGING), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert (await process.stdout.readline()).startswith(b"Silent")
        begun = time.monotonic()
        assert await process.wait() == 0
        assert time.monotonic() - begun < 1


async def test_no_session_bus() -> None:
    """On Linux each of plyer's ways needs one."""
    notifier = PlyerNotifier(platform="linux")

    assert not notifier.ready()
    assert await notifier.show(NOTICE) == Refused("there is no session bus")


async def test_a_session_bus_on_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does notify-send, which would follow it, get to run."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=127.0.0.1,port=1")
    notifier = PlyerNotifier(platform="linux")

    assert not notifier.ready()
    refused = await notifier.show(NOTICE)
    assert isinstance(refused, Refused)
    assert refused.why.endswith("reminderd uses no network")


class TestElsewhere:
    @pytest.fixture
    def handed(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
        """What plyer's own facade hands to a system; there is no Windows and no macOS here."""
        handed: list[dict[str, object]] = []

        import plyer  # noqa: PLC0415 -- anew for each test, see above
        from plyer.facades import Notification  # noqa: PLC0415

        class Recorder(Notification):  # type: ignore[misc]  # plyer has no types
            def _notify(self, **given: object) -> None:
                handed.append(given)

        monkeypatch.setattr(plyer, "notification", Recorder())
        return handed

    async def test_the_text_and_how_to_answer(self, handed: list[dict[str, object]]) -> None:
        """Title and body as composed, also one that begins like an option."""
        assert await PlyerNotifier(platform="win32").show(NOTICE) == Posted("plyer", 0)

        assert handed[0]["title"] == "--version of a day"
        assert handed[0]["message"] == f"{NOTICE.body}\nAnswer: reminderd respond taken (or later)"

    async def test_a_discreet_one(self, handed: list[dict[str, object]]) -> None:
        """Only the neutral title and how to read it."""
        await PlyerNotifier(platform="win32").show(cover(NOTICE))

        assert handed[0]["title"] == NEUTRAL_TITLE
        assert handed[0]["message"] == NEUTRAL_BODY

    @pytest.mark.parametrize("platform", ["win32", "darwin"])
    @pytest.mark.parametrize("text", HARD_TEXTS, ids=HARD_TEXTS.values())
    async def test_hard_texts_arrive_or_are_marked(
        self,
        handed: list[dict[str, object]],
        monkeypatch: pytest.MonkeyPatch,
        platform: str,
        text: str,
    ) -> None:
        """Whole, or cut with a mark in the units in which Windows counts; `status` tells."""
        monkeypatch.setitem(sys.modules, "pyobjus", ModuleType("pyobjus"))
        monkeypatch.setattr(plyer_module, "find_spec", lambda _: object())
        notifier = PlyerNotifier(platform=platform)
        assert await notifier.show(replace(NOTICE, title=text, body=text)) == Posted("plyer", 0)

        title, message = str(handed[0]["title"]), str(handed[0]["message"])
        body = message.removesuffix(ANSWER).removesuffix("\n")
        for arrived, most in ((title, 63), (message, 255)):
            assert len(arrived.encode("utf-16-le")) // 2 <= most
        assert title in {text or NEUTRAL_TITLE, f"{text[: len(title) - 1]}…"}
        assert body in {text, f"{text[: len(body) - 1]}…"}
        assert message.endswith(ANSWER)
        assert "cuts long texts" in " ".join(notifier.limits)

    async def test_a_long_one_fits_a_balloon(self, handed: list[dict[str, object]]) -> None:
        """Windows would lose a longer text; the command at its end stays."""
        long = Notice("d1", "x" * 500, "y" * 500, "", NOTICE.buttons)
        await PlyerNotifier(platform="win32").show(long)

        message = str(handed[0]["message"])
        assert len(str(handed[0]["title"])) < 64
        assert len(message) < 256
        assert message.endswith("…\nAnswer: reminderd respond taken (or later)")

    async def test_an_error_is_a_refusal_without_its_text(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever plyer raises is told by its kind alone."""

        def fail(title: str, message: str) -> None:
            raise RuntimeError(title)

        monkeypatch.setattr(plyer_module, "_hand_over", fail)
        assert await PlyerNotifier(platform="win32").show(NOTICE) == Refused(
            "plyer could not hand it over (RuntimeError)"
        )

    async def test_macos_needs_pyobjus(self) -> None:
        """Without it plyer prints a traceback; it is not even asked."""
        notifier = PlyerNotifier(platform="darwin")

        assert not notifier.ready()
        assert await notifier.show(NOTICE) == Refused("pyobjus is not installed")


def test_it_says_what_it_cannot_do() -> None:
    """Plain words for `status`."""
    assert len(PlyerNotifier(platform="linux").limits) == 4
    assert len(PlyerNotifier(platform="win32").limits) == 3
