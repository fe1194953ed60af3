"""The entry and the icons by which desktops know reminderd: written, renewed, removed."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from reminderd.adapters import application
from reminderd.errors import ServiceError

LAUNCHERS = [
    "/home/ada/.local/bin/reminderd",
    "/home/ada lovelace/100 %/bin/reminderd",
    "/home/ada/$HOME `x`/reminderd",
    '/home/a"b\\c/reminderd',
    "/home/adélaïde/bin/reminderd",
]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs keep data, in an empty home."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def entry(home: Path) -> dict[str, str]:
    """Return the keys of the installed entry."""
    lines = (home / "applications/reminderd.desktop").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def unquoted(value: str) -> list[str]:
    """Read an Exec key as the specification says: the file's escapes, then quotes and codes."""
    plain = value.replace("\\\\", "\0").replace("\0", "\\")
    words, word, quoted, escaped = [], "", False, False
    for one in plain:
        if escaped:
            word, escaped = word + one, False
        elif quoted and one == "\\":
            escaped = True
        elif one == '"':
            quoted = not quoted
        elif one == " " and not quoted:
            words.append(word)
            word = ""
        else:
            word += one
    return [one.replace("%%", "%") for one in (*words, word)]


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_entry_starts_this_program(home: Path, launcher: str) -> None:
    """Whatever signs its path has, with one argument of its own."""
    application.install(Path(launcher))
    words = unquoted(entry(home)["Exec"])
    assert words[-2:] == [launcher, "now"]
    assert words[:-2] == (["env"] if "%" in launcher else [])


@pytest.mark.desktop
@pytest.mark.parametrize("folder", ["bin", "a b", "100 %f %%", "$HOME `x`", 'a"b\\c', "adélaïde"])
def test_gnome_starts_it(home: Path, tmp_path: Path, folder: str) -> None:
    """GLib finds the program by its entry, and starts it as a shell would by its path."""
    program = tmp_path / folder / "reminderd"
    program.parent.mkdir()
    script = '#!/bin/sh\nprintf %s, "$0" "$@" >"$OUT.part"; mv "$OUT.part" "$OUT"\n'
    program.write_text(script, "utf-8")
    program.chmod(0o755)
    application.install(program)
    out = tmp_path / "out"
    subprocess.run(
        ["gio", "launch", home / "applications/reminderd.desktop"],
        check=True,
        env={**os.environ, "OUT": str(out)},
        timeout=30,
    )
    deadline = time.monotonic() + 10
    while not out.exists():
        assert time.monotonic() < deadline, "it is not started"
        time.sleep(0.02)
    assert out.read_text("utf-8") == f"{program},now,"


@pytest.mark.desktop
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_entry_is_valid(home: Path, launcher: str) -> None:
    """The freedesktop tool has nothing to say about it, not even a hint."""
    application.install(Path(launcher))
    done = subprocess.run(
        ["desktop-file-validate", home / "applications/reminderd.desktop"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_desktops_list_it_among_their_notification_settings(home: Path) -> None:
    """GNOME and Plasma look for this key, Plasma not in hidden entries."""
    application.install(Path(LAUNCHERS[0]))
    keys = entry(home)
    assert keys["X-GNOME-UsesNotifications"] == "true"
    assert "NoDisplay" not in keys
    assert keys["Icon"] == "reminderd"


def test_it_can_be_installed_again_and_be_read_by_others(home: Path) -> None:
    """An update renews everything, whatever lies there; a link is replaced, not followed."""
    umask = os.umask(0o077)
    try:
        application.install(Path("/old/reminderd"))
        linked = home / "icons/hicolor/scalable/apps/reminderd.svg"
        elsewhere = home / "elsewhere.svg"
        elsewhere.write_text("mine", "utf-8")
        linked.unlink()
        linked.symlink_to(elsewhere)
        application.install(Path(LAUNCHERS[0]))
    finally:
        os.umask(umask)
    assert unquoted(entry(home)["Exec"])[0] == LAUNCHERS[0]
    assert elsewhere.read_text("utf-8") == "mine"
    assert {file.stat().st_mode & 0o777 for file in application.files()} == {0o644}


def test_running_desktops_are_made_to_look_again(home: Path) -> None:
    """They compare the time of the theme's folder."""
    application.install(Path(LAUNCHERS[0]))
    theme = home / "icons/hicolor"
    os.utime(theme, (0, 0))
    application.install(Path(LAUNCHERS[0]))
    assert theme.stat().st_mtime > 0


def test_removing_leaves_nothing_of_it(home: Path) -> None:
    """And what other programs have there stays; the second time there is nothing to remove."""
    application.install(Path(LAUNCHERS[0]))
    other = home / "applications/other.desktop"
    other.write_text("[Desktop Entry]\n", "utf-8")
    assert application.remove() is True
    assert [file for file in home.rglob("*") if file.is_file()] == [other]
    assert application.remove() is False


def test_what_cannot_be_looked_at_is_told_or_does_without(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removing names it; a notification, which asks each time, takes the icon by its file."""
    monkeypatch.setenv("XDG_DATA_HOME", f"/{'long' * 100}")
    assert application.icon_reference().startswith("file://")
    with pytest.raises(ServiceError, match="cannot be removed"):
        application.remove()


def test_what_cannot_be_written_is_named(home: Path) -> None:
    """With the next step."""
    home.mkdir()
    (home / "applications").write_text("a file", "utf-8")
    with pytest.raises(ServiceError, match=r"applications.*cannot be written") as told:
        application.install(Path(LAUNCHERS[0]))
    assert "writable" in told.value.hint


def test_a_notification_names_the_icon_or_its_file(home: Path) -> None:
    """By name once it is installed; before that by a file that exists."""
    before = urlsplit(application.icon_reference())
    assert before.scheme == "file"
    assert Path(unquote(before.path)).read_text("utf-8").startswith("<svg")
    application.install(Path(LAUNCHERS[0]))
    assert application.icon_reference() == "reminderd"
    application.remove()
    assert application.icon_reference() == before.geturl()


@pytest.mark.parametrize("name", ["reminderd.svg", "reminderd-symbolic.svg"])
def test_an_icon_is_a_plain_drawing(name: str) -> None:
    """Square, of shapes alone: nothing is run, nothing is fetched."""
    (folder,) = {Path(one).parent for one in [application.__file__]}
    root = ET.parse(folder / name).getroot()  # noqa: S314 -- our own file
    assert root.tag == f"{SVG}svg"
    left, top, width, height = root.attrib["viewBox"].split()
    assert (left, top, width) == ("0", "0", height)
    allowed = {"svg", "defs", "linearGradient", "stop", "rect", "path", "circle"}
    for element in root.iter():
        assert str(element.tag).removeprefix(SVG) in allowed
        for key, value in element.attrib.items():
            assert not key.startswith("on")
            assert "href" not in key
            assert "url(" not in value or value.startswith("url(#")


def test_the_symbolic_icon_has_one_colour() -> None:
    """Desktops exchange it for their own."""
    text = Path(application.__file__).with_name("reminderd-symbolic.svg").read_text("utf-8")
    assert len(set(re.findall(r'\bfill="([^"]*)"', text))) == 1
