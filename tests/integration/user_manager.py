"""A real, unprivileged `systemd --user` for a person of its own, and reminderd installed for them.

A test module that wants it says `pytest_plugins = ["tests.integration.user_manager"]`, marks itself
with `pytest.mark.systemd` and asks for `person`. The machine stays as it is: the person, their
home, /run and /srv exist only in namespaces, which end with the test; the cgroup is removed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS: Final = 10.0
UID: Final = 54321
HOME: Final = Path("/home/person")
PROGRAM: Final = Path("/srv/bin/reminderd")
_CGROUPS: Final = tuple(
    map(Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"))
)

# Run as root in fresh namespaces. A bus of our own, without service folders, and not systemd's:
# that would start whatever notification server is installed on this machine.
_BEGIN: Final = """
set -eu
uid=$1 home=$2 program=$3 cgroup=$4
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/user/$uid/systemd/user /run/home
ln -s /dev/null /run/user/$uid/systemd/user/dbus.socket
chown -R -h $uid:$uid /run/user/$uid
chmod 700 /run/user/$uid
mount --bind "$program" /srv
mount --bind "$home" /run/home
mount -t tmpfs -o mode=755 tmpfs /home
mkdir /home/person
mount --bind /run/home /home/person
{ cat /etc/passwd; echo "person:x:$uid:$uid::/home/person:/bin/sh"; } >/run/passwd
mount --bind /run/passwd /etc/passwd
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e $tree/cgroup.procs ] || continue
    mkdir $tree/$cgroup
    chown -R $uid $tree/$cgroup
    echo $$ >$tree/$cgroup/cgroup.procs
done
cat >/run/bus.conf <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=/run/user/$uid/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
cd /
shift 4
"$@" &
wait
"""
_INSTALL: Final = """
set -eu
umask 022
mount --bind "$1" /srv
/usr/bin/python3 -m venv /srv
exec /srv/bin/pip install --quiet --constraint constraints/run.txt "$2"
"""
_LIVE: Final = """
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile &
/lib/systemd/systemd --user --log-target=console --log-level=info &
wait
"""


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until something in another process has happened."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain until {what}")
        time.sleep(0.02)


@dataclass
class Person:
    """Somebody without privileges, with a home and, once logged in, a user manager.

    Attributes:
        home: The home as it is seen from outside; inside it is HOME.
        program: What lies at /srv: an environment with reminderd.
        log: Where bus and manager write what they have to say.
    """

    home: Path
    program: Path
    log: Path
    _cgroup: str = f"reminderd-tests-{os.getpid()}"
    _session: subprocess.Popen[bytes] | None = field(default=None)

    def login(self) -> None:
        """Start bus and manager, and wait until the manager is ready."""
        with self.log.open("ab") as log:
            self._session = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork"),
                    *("--kill-child", "--mount-proc", "bash", "-c", _BEGIN, "begin", str(UID)),
                    *(str(self.home), str(self.program), self._cgroup),
                    *(*_as_person(), "bash", "-c", _LIVE),
                ],
                stdout=log,
                stderr=log,
            )
        eventually(self._is_ready, f"the user manager is ready: {self.log.read_text('utf-8')}")

    def logout(self) -> None:
        """End every process of the person, and remove their cgroup."""
        if self._session is not None:
            self._session.kill()
            self._session.wait()
            self._session = None
        for tree in _CGROUPS:
            eventually(partial(_remove_cgroup, tree / self._cgroup), "the cgroup is empty")

    def run(
        self, *command: str, code: int | None = 0, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as the person, in their session; expect its exit code."""
        assert self._session is not None
        own = f"/proc/{self._session.pid}/ns"
        done = subprocess.run(
            [
                *("nsenter", f"--mount={own}/mnt", f"--pid={own}/pid_for_children"),
                *(*_as_person(environ), *command),
            ],
            cwd="/",
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=60,
        )
        assert code in {None, done.returncode}, f"{command}: {done.stdout}{done.stderr}"
        return done

    def systemctl(self, *words: str, code: int | None = 0) -> str:
        """Ask or tell the person's user manager."""
        return self.run("systemctl", "--user", *words, code=code).stdout.strip()

    def shown(self, name: str) -> str:
        """Return a property of the service as systemd knows it."""
        return self.systemctl("show", "reminderd.service", "--value", f"--property={name}")

    def outside(self, inside: Path) -> Path:
        """Return where a place in the home lies for the test."""
        return self.home / inside.relative_to(HOME)

    def _is_ready(self) -> bool:
        return self.systemctl("is-system-running", code=None) in {"running", "degraded"}


def _as_person(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return what comes before a command to be run as the person; an empty value unsets."""
    runtime = f"/run/user/{UID}"
    settings = {
        "HOME": str(HOME),
        "USER": "person",
        "LANG": "C.UTF-8",
        "PATH": "/srv/bin:/usr/bin:/bin",
        "XDG_RUNTIME_DIR": runtime,
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
        **(environ or {}),
    }
    said = [f"{name}={value}" for name, value in settings.items() if value]
    ids = ("--reuid", str(UID), "--regid", str(UID), "--clear-groups")
    return ["setpriv", *ids, "env", "-i", *said]


def _remove_cgroup(top: Path) -> bool:
    """Remove a cgroup with all in it; return whether it is gone."""
    with contextlib.suppress(OSError):
        for folder, _, _ in os.walk(top, topdown=False):
            Path(folder).rmdir()
    return not top.exists()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder)],
        cwd=CHECKOUT,
        # Relative: pip would take a space in it for two paths.
        env=os.environ | {"PIP_CONSTRAINT": "constraints/run.txt"},
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment for /srv with the wheel in it, made with a Python that everybody can read."""
    folder = tmp_path_factory.mktemp("program")
    folder.chmod(0o755)
    subprocess.run(
        ["unshare", "--mount", "bash", "-c", _INSTALL, "install", str(folder), str(wheel)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def person(program: Path, tmp_path: Path) -> Iterator[Person]:
    """A person with an empty home who has just logged in, without a graphical session."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, UID, UID)
    somebody = Person(home, program, tmp_path / "log")
    try:
        somebody.login()
        yield somebody
    finally:
        somebody.logout()
