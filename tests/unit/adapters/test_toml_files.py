"""Files that a person wrote, and everything that can be in their place."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from reminderd.adapters import toml_files
from reminderd.errors import DeckError, SettingsError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file to write."""
    return tmp_path / "file.toml"


def refused(path: Path) -> str:
    """Return what a file is refused with."""
    with pytest.raises(SettingsError) as problem:
        toml_files.read(path, SettingsError)
    assert problem.value.hint
    return problem.value.message


def test_a_byte_order_mark_and_windows_line_ends_are_let_be(path: Path) -> None:
    """Editors of other systems write both."""
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    assert toml_files.read(path, SettingsError).values == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'a = 1\nb = "\xe9"\n', ":2: b: not UTF-8 text, found the byte 0xE9"),
        ("a = 1".encode("utf-16"), ":1: this is UTF-16"),
        (
            b'a = 1\nb = "x\x07y"\n',
            ":2: b: not TOML: the character '\\x07' is not allowed (column 7",
        ),
        (b'a = "x\n', ":1: a: not TOML: a quotation mark is missing"),
        (b"a = 1\n\na = 2\n", ":3: a: not TOML: this key or table stands in the file twice"),
        (b"[a]\n[a]\n", ":2: not TOML: this key or table stands in the file twice"),
        (b"x = 1\na = 09:00\n", ":2: a: not TOML:"),
        (b"[a\n", ":1: not TOML:"),
        (b'a = """\n\n', ":1: a: not TOML: a quotation mark is missing"),
        (b"a = " + b"[" * 50_000, ":1: a: not TOML: brackets are nested too deeply"),
        (b"b = 1\na = " + b"9" * 5000, ":2: a: not TOML: a number is too long"),
        (b"\0" * 20, ":1: not TOML:"),
    ],
)
def test_what_is_no_toml_is_told_with_line_and_key(path: Path, content: bytes, told: str) -> None:
    """File, line, and the key where one is near."""
    path.write_bytes(content)
    message = refused(path)
    assert message.startswith(f"{path}{told}")
    assert "\n" not in message


def test_a_huge_file_is_not_read(path: Path) -> None:
    """Ten megabytes are no settings."""
    path.write_bytes(b"#" * 10 * 1024 * 1024)
    assert refused(path) == f"{path}:1: the file is 10,240 KiB large; at most 64 KiB are read."


def test_a_file_of_just_the_allowed_size_is_read(path: Path) -> None:
    """The bound itself is within bounds."""
    path.write_bytes(b"a = 1\n".ljust(toml_files.LARGEST_FILE, b"#"))
    assert toml_files.read(path, SettingsError).values == {"a": 1}


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe would wait for ever, a device never end."""
    os.mkfifo(tmp_path / "pipe")
    assert "is no regular file" in refused(tmp_path / "pipe")
    assert "is no regular file" in refused(Path("/dev/zero"))
    assert "is a folder" in refused(tmp_path)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """A daemon that reads again and again would run out of them."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        refused(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_link_to_nothing_is_no_missing_file(path: Path) -> None:
    """Whoever linked it has settings; the defaults would be other ones."""
    path.symlink_to("/nowhere/at/all")
    assert 'is a link to "/nowhere/at/all", which is not there' in refused(path)


def test_a_link_to_itself_is_told(path: Path) -> None:
    """Also where it takes a turn on its way."""
    path.symlink_to(path.name)
    assert refused(path) == f"{path} is a link that leads to itself."
    path.unlink()
    (other := path.with_name("other")).symlink_to(path)
    path.symlink_to(other)
    assert "is a link that leads to itself" in refused(path)


def test_a_missing_file_is_the_callers_to_judge(path: Path) -> None:
    """For settings it is fine, for a deck it is not."""
    with pytest.raises(FileNotFoundError):
        toml_files.read(path, DeckError)


def test_a_file_that_may_not_be_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the system says; root, who may read everything, runs this test too."""

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)
    message = refused(path)
    monkeypatch.undo()
    assert message == f"{path} cannot be read: Permission denied."


def test_a_file_below_a_file_is_told(path: Path) -> None:
    """The folder of the settings may be in the way itself."""
    path.write_text("a = 1")
    assert "cannot be read: Not a directory" in refused(path / "config.toml")


def test_a_name_that_is_no_text_can_be_printed() -> None:
    """A message must reach any terminal, and stay in its line."""
    name = os.fsdecode(b"/tmp/\xff\n\x1b[31mx.toml")
    shown = toml_files.shown_path(Path(name))
    assert shown.isprintable()
    assert shown.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (3, "3"),
        ("a\u202eb\n", '"a\\u202eb\\n"'),
        ({"a": 1}, "a table"),
        (["a", 1, 2, 3], '["a", 1, 2, …]'),
        ("x" * 500, '"' + "x" * 59 + '…"'),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_short_and_harmless(value: object, text: str) -> None:
    """What was found stands in one line, whatever it is."""
    assert toml_files.found(value) == text


@pytest.mark.parametrize("value", ["a", 'q"\\', "é", "tab\t\x7f", 3, True, ["a", "b,c"], []])
def test_a_value_is_written_as_toml(value: str | int | list[str]) -> None:
    """What is written is read back."""
    file = toml_files.parse(f"key = {toml_files.toml_text(value)}", Path("x"), SettingsError)
    assert file.values == {"key": value}
