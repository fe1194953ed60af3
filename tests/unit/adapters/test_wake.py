"""The socket that wakes the daemon and the lock that keeps it single, on the real kernel."""

from __future__ import annotations

import errno
import os
import select
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.wake import Lock, WakeSocket, knock, listens
from reminderd.errors import ReminderdError
from tests.accounts import ANOTHER, acting_as, give

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short: a socket's has 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="wake-") as made:
        yield Path(made) / "reminderd"


class Woken:
    """A socket, and how often it told that it was woken."""

    def __init__(self, *folders: Path | None) -> None:
        self.count = 0
        self.socket = WakeSocket(folders, self._wake)

    def _wake(self) -> None:
        self.count += 1

    @property
    def waits(self) -> bool:
        """Whether something has arrived that was not read yet."""
        return bool(select.select([self.socket], [], [], 0)[0])


@pytest.fixture
def woken(folder: Path) -> Iterator[Woken]:
    made = Woken(folder)
    yield made
    made.socket.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestKnocking:
    """One byte, and the daemon looks."""

    def test_wakes_whoever_listens(self, woken: Woken) -> None:
        """It arrives, and is read once."""
        assert knock(woken.socket.address) is True
        assert woken.waits
        woken.socket.drain()
        assert woken.count == 1
        assert not woken.waits

    def test_many_times_wakes_once(self, woken: Woken) -> None:
        """However many commands knocked, one look is enough."""
        for _ in range(5):
            knock(woken.socket.address)
        woken.socket.drain()
        assert woken.count == 1
        assert not woken.waits

    def test_never_waits_for_a_daemon_that_does_not_read(self, woken: Woken) -> None:
        """A full socket means that it is about to wake anyway: the command goes on."""
        assert all(knock(woken.socket.address) for _ in range(5000))

    def test_where_nobody_listens_is_fine(self, woken: Woken, folder: Path) -> None:
        """No socket, one that was left, a file, an address that cannot be: nobody is there."""
        left = folder / "left"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
            dead.bind(str(left))
        (folder / "file").touch()
        for address in (folder / "none", left, folder / "file", folder / ("long" * 50)):
            assert knock(str(address)) is False
            assert listens(str(address)) is False
        for no_path in ("", "\0abstract", "a\0b", "\udce9"):
            assert knock(no_path) is False
            assert listens(no_path) is False

    def test_asking_whether_somebody_listens_does_not_wake(self, woken: Woken) -> None:
        """`status` wakes nobody."""
        assert listens(woken.socket.address) is True
        assert not woken.waits


class TestSocket:
    """Where it lies."""

    def test_is_for_the_person_alone(self, folder: Path) -> None:
        """Whatever the umask says, and though the folder was open before."""
        folder.mkdir()
        folder.chmod(0o755)
        before = os.umask(0)
        try:
            woken = Woken(folder)
        finally:
            os.umask(before)
        assert mode(Path(woken.socket.address)) == 0o600
        assert mode(folder) == 0o700
        woken.socket.close()

    def test_is_private_from_its_first_moment(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No change of its mode has to follow, in a folder that stays open to others."""
        place = folder.parent / "open"
        place.mkdir()
        place.chmod(0o755)
        monkeypatch.setattr(Path, "chmod", lambda *_: pytest.fail("its mode was changed later"))
        woken = Woken(place)
        assert mode(place) == 0o755
        assert mode(Path(woken.socket.address)) == 0o600
        assert os.umask(os.umask(0o022)) != 0o177, "the umask is back"
        woken.socket.close()

    def test_takes_the_place_of_one_that_was_left(self, folder: Path) -> None:
        """A daemon that was killed leaves its socket; the next is reachable all the same."""
        first = Woken(folder)
        second = Woken(folder)
        assert first.socket.address == second.socket.address
        knock(second.socket.address)
        assert second.waits
        assert not first.waits
        second.socket.close()
        first.socket.close()

    def test_of_another_daemon_stays_when_one_is_closed(self, folder: Path) -> None:
        """Who took the place meanwhile is still reachable."""
        first, second = Woken(folder), Woken(folder)
        first.socket.close()
        assert knock(second.socket.address)
        assert second.waits
        second.socket.close()

    def test_is_gone_when_it_is_closed(self, folder: Path) -> None:
        """And closing it when somebody removed it is no failure."""
        woken = Woken(folder)
        woken.socket.close()
        assert knock(woken.socket.address) is False
        assert list(folder.iterdir()) == []
        other = Woken(folder)
        Path(other.socket.address).unlink()
        other.socket.close()

    @pytest.mark.parametrize("session", ["none", "too deep", "not ours", "open to all"])
    def test_takes_the_next_place_where_the_session_has_none(
        self, folder: Path, session: str
    ) -> None:
        """Without a runtime folder, or with one that is too deep or cannot be ours: the next."""
        shared = folder.parent / "shared"
        shared.mkdir()
        shared.chmod(0o777)
        places = {
            "none": None,
            "too deep": folder / ("deep" * 30),
            "not ours": Path("/proc/no"),
            "open to all": shared,
        }
        woken = Woken(places[session], folder)
        assert Path(woken.socket.address).parent == folder
        assert knock(woken.socket.address)
        woken.socket.close()
        assert folder.exists(), "what others use as well stays"

    def test_has_a_place_of_its_own_where_there_is_none_at_all(self, folder: Path) -> None:
        """Private, and removed with the socket."""
        woken = Woken(None, folder / ("deep" * 30))
        address = Path(woken.socket.address)
        assert knock(str(address))
        assert mode(address.parent) == 0o700
        woken.socket.close()
        assert not address.parent.exists(), "nothing is left behind"


@pytest.mark.accounts
class TestOthers:
    """What another account meets: the kernel refuses it, whatever it tries."""

    @pytest.mark.parametrize("door", ["folder", "socket"])
    def test_cannot_wake(self, door: str, woken: Woken, folder: Path) -> None:
        """Its folder keeps others out, and where that is open the socket itself does."""
        for around in (folder.parent, *([folder] if door == "socket" else [])):
            around.chmod(0o755)
        with acting_as(ANOTHER, reads_all=False):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as theirs:
                with pytest.raises(PermissionError):
                    theirs.connect(woken.socket.address)
                with pytest.raises(PermissionError):
                    theirs.sendto(b"1", woken.socket.address)
            assert knock(woken.socket.address) is False
        assert not woken.waits

    def test_are_not_taken_for_a_daemon(self, tmp_path: Path) -> None:
        """A socket that another put where one was left tells nobody that a daemon runs."""
        address = tmp_path / "wake"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as theirs:
            theirs.bind(str(address))
            assert listens(str(address))
            give(address, ANOTHER)
            assert listens(str(address)) is False
            assert knock(str(address)) is False

    @pytest.mark.parametrize("door", ["folder", "file"])
    def test_cannot_hold_the_lock(self, door: str, folder: Path) -> None:
        """Who can read a file can lock it, so nobody else can read it, though it was open once."""
        for around in (folder.parent, folder):
            around.mkdir(exist_ok=True)
            around.chmod(0o755)
        path = folder / "reminderd.lock"
        path.touch(mode=0o644)
        lock = Lock(folder / "reminderd.db", service=False)
        if door == "file":
            folder.chmod(0o755)
        with acting_as(ANOTHER, reads_all=False), pytest.raises(PermissionError):
            os.close(os.open(path, os.O_RDONLY))
        assert lock.try_lock()
        lock.release()

    def test_cannot_have_made_the_lock(self, folder: Path) -> None:
        """One of another account, or that another could write into, is refused."""
        folder.mkdir(mode=0o700)
        path = folder / "reminderd.lock"
        path.touch(mode=0o600)
        give(path, ANOTHER)
        with pytest.raises(ReminderdError, match=f"belongs to the account {ANOTHER}"):
            Lock(folder / "reminderd.db", service=False)
        give(path, "root").chmod(0o666)
        with pytest.raises(ReminderdError, match="written to by other accounts"):
            Lock(folder / "reminderd.db", service=False)


LOCKED = """
import sys
from pathlib import Path
from reminderd.adapters.wake import Lock
lock = Lock(Path(sys.argv[1]), service=False)
print(lock.try_lock(), flush=True)
sys.stdin.readline()
"""


class TestLock:
    """One daemon per account."""

    def held_elsewhere(self, database: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", LOCKED, str(database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def test_is_had_by_one_at_a_time(self, tmp_path: Path) -> None:
        """The second is told no; when the first lets go it is told yes."""
        database = tmp_path / "data" / "reminderd.db"
        first, second = Lock(database, service=False), Lock(database, service=False)
        assert first.try_lock() is True
        assert first.try_lock() is True
        assert second.try_lock() is False
        first.release()
        assert second.try_lock() is True
        second.release()
        assert mode(tmp_path / "data" / "reminderd.lock") == 0o600
        assert mode(tmp_path / "data") == 0o700

    def test_is_had_once_another_lets_go_within_a_moment(self, tmp_path: Path) -> None:
        """A daemon that was killed has it a little longer, by a program that it was starting."""
        database = tmp_path / "reminderd.db"
        first, second = Lock(database, service=False), Lock(database, service=False)
        assert first.try_lock()
        assert second.try_lock(0.05) is False
        soon = threading.Timer(0.05, first.release)
        soon.start()
        assert second.try_lock(20) is True
        soon.join()
        second.release()

    def test_ends_with_its_process(self, tmp_path: Path) -> None:
        """A daemon that is killed holds nothing: the kernel lets go of it."""
        database = tmp_path / "reminderd.db"
        lock = Lock(database, service=False)
        with self.held_elsewhere(database) as process:
            assert process.stdout
            assert process.stdout.readline() == "True\n"
            assert lock.try_lock() is False
            process.kill()
            process.wait(timeout=10)
        assert lock.try_lock() is True
        lock.release()

    @pytest.mark.parametrize("service", [True, False])
    def test_says_who_holds_it(self, tmp_path: Path, *, service: bool) -> None:
        """To whoever is told no: its process, and whether systemd runs it."""
        database = tmp_path / "reminderd.db"
        first, second = Lock(database, service=service), Lock(database, service=not service)
        assert second.holder() is None
        assert first.try_lock()
        assert second.holder() == (os.getpid(), service)
        first.release()
        assert second.holder() is None
        assert second.try_lock()
        assert second.holder() == (os.getpid(), not service)
        second.release()

    def test_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        """As in a folder that cannot be written: no defect, and what to do."""
        (tmp_path / "reminderd.lock").mkdir()
        with pytest.raises(ReminderdError, match=r"reminderd\.lock cannot be opened"):
            Lock(tmp_path / "reminderd.db", service=False)

    def test_is_no_link(self, tmp_path: Path) -> None:
        """Nothing is made or cleared where one leads."""
        target = tmp_path / "target"
        target.write_text("something else")
        for leads_to in (target, tmp_path / "nothing"):
            (tmp_path / "reminderd.lock").symlink_to(leads_to)
            with pytest.raises(ReminderdError, match="is a link, and links are not followed"):
                Lock(tmp_path / "reminderd.db", service=False)
            (tmp_path / "reminderd.lock").unlink()
        assert target.read_text() == "something else"
        assert not (tmp_path / "nothing").exists()

    def test_is_no_pipe(self, tmp_path: Path) -> None:
        """What is no file is refused, and nothing waits for its other end."""
        os.mkfifo(tmp_path / "reminderd.lock")
        with pytest.raises(ReminderdError, match="is no plain file"):
            Lock(tmp_path / "reminderd.db", service=False)

    def test_can_be_waited_for(self, tmp_path: Path) -> None:
        """A second service waits, and goes on when the first ends."""
        database = tmp_path / "reminderd.db"
        first, second = Lock(database, service=False), Lock(database, service=False)
        assert first.try_lock()
        waiting = threading.Thread(target=second.wait, daemon=True)
        waiting.start()
        waiting.join(timeout=0.1)
        assert waiting.is_alive()
        first.release()
        waiting.join(timeout=10)
        assert not waiting.is_alive()
        third = Lock(database, service=False)
        assert third.try_lock() is False
        third.release()
        second.release()

    @pytest.mark.parametrize("removed", ["file", "folder"])
    def test_is_waited_for_where_it_has_gone(self, tmp_path: Path, removed: str) -> None:
        """Who holds it follows to a new file, and who waited for the old one waits for that."""
        database = tmp_path / "data" / "reminderd.db"
        first, second = Lock(database, service=False), Lock(database, service=True)
        assert first.try_lock()
        waiting = threading.Thread(target=second.wait, daemon=True)
        waiting.start()
        waiting.join(timeout=0.1)
        if removed == "file":
            database.with_suffix(".lock").unlink()
        else:
            shutil.rmtree(database.parent)
        assert first.follow()
        waiting.join(timeout=0.1)
        assert waiting.is_alive()
        third = Lock(database, service=False)
        assert third.holder() == (os.getpid(), False)
        first.release()
        waiting.join(timeout=10)
        assert not waiting.is_alive()
        assert third.try_lock() is False
        assert third.holder() == (os.getpid(), True)
        third.release()
        second.release()

    def test_is_had_anew_before_the_old_file_is_let_go_of(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who waits for the old one looks there next, and does not come in between."""
        database = tmp_path / "reminderd.db"
        lock = Lock(database, service=False)
        assert lock.try_lock()
        database.with_suffix(".lock").unlink()
        came_between: list[bool] = []
        close = os.close

        def closing(descriptor: int) -> None:
            close(descriptor)
            with monkeypatch.context() as patch:
                patch.setattr(os, "close", close)
                other = Lock(database, service=True)
                came_between.append(other.try_lock())
                other.release()

        with monkeypatch.context() as patch:
            patch.setattr(os, "close", closing)
            assert lock.follow()
        assert came_between == [False]
        lock.release()

    def test_that_another_has_by_now_keeps_its_name(self, tmp_path: Path) -> None:
        """Who lost it with its file lets go of nothing that is the other's."""
        database = tmp_path / "reminderd.db"
        first = Lock(database, service=False)
        assert first.try_lock()
        database.with_suffix(".lock").unlink()
        second = Lock(database, service=True)
        assert second.try_lock()
        assert first.follow() is False
        first.release()
        assert second.holder() == (os.getpid(), True)
        second.release()

    def test_is_not_handed_on_to_programs_that_are_started(self, tmp_path: Path) -> None:
        """A notification program that lives on does not keep the daemon from starting again."""
        database = tmp_path / "reminderd.db"
        lock = Lock(database, service=False)
        assert lock.try_lock()
        with subprocess.Popen(["sleep", "60"], close_fds=False) as program:
            lock.release()
            again = Lock(database, service=False)
            assert again.try_lock() is True
            again.release()
            with suppress(ProcessLookupError):
                program.kill()


def test_a_place_where_no_socket_can_be_made_is_passed_over(folder: Path) -> None:
    """Whatever is in the way there, the next place does."""
    other = folder.with_name("other")
    (folder / "wake").mkdir(parents=True)
    woken = Woken(folder, other)
    assert woken.socket.address == str(other / "wake")
    assert knock(woken.socket.address)
    woken.socket.close()


def test_a_lock_is_let_go_of_though_its_file_cannot_be_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad disk is no reason for a daemon to end with an error."""
    lock = Lock(folder / "reminderd.db", service=False)
    assert lock.try_lock()

    def fail(descriptor: int, size: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", fail)
        lock.release()
    after = Lock(folder / "reminderd.db", service=False)
    assert after.try_lock()
    after.release()
