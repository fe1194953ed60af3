"""The service in a real, unprivileged `systemd --user`: installed, started, asked and removed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.user_manager import HOME, PROGRAM, UID, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.user_manager import Person

pytest_plugins = ["tests.integration.user_manager"]
pytestmark = [pytest.mark.systemd, pytest.mark.xdist_group("installed")]

UNITS = HOME / ".config/systemd/user"
UNIT = UNITS / "reminderd.service"
DATABASE = HOME / ".local/share/reminderd/reminderd.db"
NO_MANAGER = {"XDG_RUNTIME_DIR": "", "DBUS_SESSION_BUS_ADDRESS": ""}

APPLICATION = ["reminderd-symbolic.svg", "reminderd.desktop", "reminderd.svg"]

STAND_IN = """\
#!/srv/bin/python
import sys
if sys.argv[1:] != ["run"]:
    from reminderd.cli.main import main
    main()
"""
"""A program called reminderd whose daemon is what the test appends."""


def standing(person: Person) -> dict[str, Any]:
    """What `service status --json` prints."""
    printed: dict[str, Any] = json.loads(
        person.run("reminderd", "service", "status", "--json").stdout
    )
    return printed


def put_program(person: Person, place: Path, daemon: str) -> str:
    """Give the person a program called reminderd with a daemon of the test's own."""
    outside = person.outside(place)
    outside.parent.mkdir(parents=True)
    outside.write_text(STAND_IN + daemon, "utf-8")
    outside.chmod(0o755)
    return str(place)


def test_install_starts_it_and_it_is_seen_to_run(person: Person) -> None:
    """One command: active once the daemon is ready, enabled, and what it says can be read."""
    said = person.run("reminderd", "service", "install").stdout
    assert said.startswith("reminderd runs, and comes back with every login.\n")
    assert person.shown("ActiveState") == "active"
    eventually(lambda: "waits" in person.shown("StatusText"), "it says how it stands")
    text = person.shown("StatusText")
    assert f'Status: "{text}"' in person.systemctl("status", "reminderd")
    shown = standing(person)
    assert shown | {"since": None} == {
        "manager": True,
        "unit": str(UNIT),
        "enabled": True,
        "active": "active",
        "result": "success",
        "since": None,
        "pid": int(person.shown("MainPID")),
        "status": text,
    }
    assert shown["since"].endswith("+00:00")
    assert person.outside(UNIT).stat().st_mode & 0o777 == 0o644
    assert json.loads(person.run("reminderd", "status", "--json").stdout)["running"]


def test_it_stops_within_a_second(person: Person) -> None:
    """Logging out does not wait for reminderd, and it ends well."""
    person.run("reminderd", "service", "install")
    begin = time.monotonic()
    person.systemctl("stop", "reminderd")
    assert time.monotonic() - begin < 1
    assert (person.shown("ActiveState"), person.shown("Result")) == ("inactive", "success")


def application_files(data: Path) -> list[Path]:
    """Return what makes reminderd a program that desktops know."""
    return sorted(
        (file for name in ("applications", "icons") for file in (data / name).rglob("reminderd*")),
        key=lambda file: file.name,
    )


def test_uninstall_leaves_the_data_alone(person: Person) -> None:
    """Of ours only the data stay, and the command says where; it can be repeated."""
    person.run("reminderd", "service", "install")
    data = person.outside(DATABASE).parent.parent
    assert [file.name for file in application_files(data)] == APPLICATION
    said = person.run("reminderd", "service", "uninstall").stdout
    assert "ended" in said
    assert application_files(data) == []
    assert str(DATABASE.parent) in said
    assert person.shown("LoadState") == "not-found"
    assert list(person.outside(UNITS).iterdir()) == []
    assert person.outside(DATABASE).exists()
    assert "no service" in person.run("reminderd", "service", "uninstall").stdout
    shown = standing(person)
    assert (shown["unit"], shown["enabled"], shown["active"]) == (None, False, "inactive")


def test_install_again_starts_what_is_installed_now(person: Person) -> None:
    """After an update or a move the new program runs, started by one link; what is yours stays."""
    person.run("reminderd", "service", "install")
    before = person.shown("MainPID")
    odd = HOME / "100% $HOME/of my own" / "reminderd"
    person.run("mkdir", "-p", str(odd.parent))
    person.run("cp", str(PROGRAM), str(odd))
    person.run("mkdir", f"{UNIT}.d")
    person.run("sh", "-c", f"printf '[Service]\\nEnvironment=MINE=1\\n' >{UNIT}.d/mine.conf")
    person.run(str(odd), "service", "install")
    assert person.shown("ActiveState") == "active"
    assert person.shown("MainPID") not in {before, "0"}
    assert f"path={odd} ;" in person.shown("ExecStart")
    assert person.shown("Environment") == "MINE=1"
    assert [path.name for path in person.outside(UNITS).glob("*.wants/*")] == ["reminderd.service"]


def test_with_a_graphical_session_it_comes_and_goes(person: Person) -> None:
    """Where the desktop tells systemd of its session, reminderd starts and ends with it."""
    person.run("mkdir", "-p", str(UNITS))
    person.run(
        *("sh", "-c"),
        f"printf '[Unit]\\nBindsTo=graphical-session.target\\n' >{UNITS}/desktop.target",
    )
    person.systemctl("daemon-reload")
    person.systemctl("start", "desktop.target")
    said = person.run("reminderd", "service", "install").stdout
    assert said.startswith("reminderd runs, and comes back with every desktop session.\n")
    person.systemctl("stop", "desktop.target")
    eventually(lambda: person.shown("ActiveState") == "inactive", "it ends with the session")
    person.systemctl("start", "desktop.target")
    eventually(lambda: person.shown("ActiveState") == "active", "it comes with the session")
    person.run("reminderd", "service", "install")
    assert "desktop session" not in person.systemctl("status", "reminderd")


def test_without_a_manager_it_starts_at_the_next_login(person: Person) -> None:
    """Installed from where no manager answers, it says so; the next login starts it."""
    done = person.run("reminderd", "service", "install", environ=NO_MANAGER)
    assert "it starts at a login that brings one" in done.stdout
    shown = json.loads(
        person.run("reminderd", "service", "status", "--json", environ=NO_MANAGER).stdout
    )
    assert (shown["manager"], shown["enabled"], shown["active"]) == (False, True, None)
    person.logout()
    person.login()
    eventually(lambda: person.shown("ActiveState") == "active", "the login starts it")
    person.run("reminderd", "service", "uninstall", environ=NO_MANAGER)
    assert list(person.outside(UNITS).iterdir()) == []


def test_a_killed_daemon_comes_back_and_a_reload_keeps_it(person: Person) -> None:
    """Reload is a signal to the same process; a crash is followed by a new one."""
    person.run("mkdir", "-p", f"{UNIT}.d")
    person.run("sh", "-c", f"printf '[Service]\\nRestartSec=100ms\\n' >{UNIT}.d/soon.conf")
    person.run("reminderd", "service", "install")
    before = person.shown("MainPID")
    person.systemctl("reload", "reminderd")
    assert (person.shown("ActiveState"), person.shown("MainPID")) == ("active", before)
    person.systemctl("kill", "--signal=KILL", "reminderd")
    eventually(lambda: person.shown("MainPID") not in {before, "0"}, "there is a new process")
    eventually(lambda: person.shown("ActiveState") == "active", "it is ready")


def test_a_second_daemon_waits_and_takes_over(person: Person) -> None:
    """A service beside a daemon in a terminal is no failure: it waits, says so, and follows."""
    person.run("sh", "-c", "reminderd run >/dev/null 2>&1 & echo $! >~/pid")
    eventually(
        lambda: '"running": true' in person.run("reminderd", "status", "--json").stdout,
        "the daemon in the terminal runs",
    )
    said = person.run("reminderd", "service", "install").stdout
    assert "another reminderd is running" in said
    person.run("sh", "-c", "kill $(cat ~/pid)")
    eventually(lambda: "another" not in person.shown("StatusText"), "the service takes over")
    assert person.shown("ActiveState") == "active"


def test_what_does_not_start_is_told_and_can_be_mended(person: Person) -> None:
    """A daemon that fails is an expected failure with the next step; its past does not count."""
    broken = put_program(person, HOME / "bin/reminderd", "sys.exit('broken')\n")
    done = person.run(broken, "service", "install", code=1)
    assert "does not start (exit-code)" in done.stderr
    assert "journalctl" in done.stderr
    for _ in range(5):
        person.systemctl("restart", "reminderd", code=1)
    assert person.shown("ActiveState") == "failed"  # and no more tries: the limit is reached
    assert "failed (exit-code" in person.run("reminderd", "service", "status").stdout
    person.run("reminderd", "service", "install")
    assert person.shown("ActiveState") == "active"


def test_a_removed_program_fails_at_no_login(person: Person) -> None:
    """The program is gone and its uninstall command with it: systemd passes over the unit."""
    program = HOME / "bin/reminderd"
    person.run("mkdir", str(program.parent))
    person.run("cp", str(PROGRAM), str(program))
    person.run(str(program), "service", "install")
    person.outside(program).unlink()
    person.logout()
    person.login()
    assert (person.shown("ActiveState"), person.shown("Result")) == ("inactive", "success")
    assert person.shown("ConditionResult") == "no"


def test_the_daemon_uses_the_database_of_the_shell(person: Person) -> None:
    """XDG_DATA_HOME set in a shell alone would give daemon and commands a database each."""
    data = HOME / '50% "my" data'
    person.run("reminderd", "service", "install", environ={"XDG_DATA_HOME": str(data)})
    assert (person.outside(data) / "reminderd/reminderd.db").exists()
    assert not person.outside(DATABASE).exists()


def test_a_manager_that_looks_elsewhere_is_told(person: Person) -> None:
    """XDG_CONFIG_HOME set in a shell alone: the manager never sees the unit, and we say so."""
    done = person.run(
        *("reminderd", "service", "install"),
        code=1,
        environ={"XDG_CONFIG_HOME": str(HOME / "elsewhere")},
    )
    assert "does not look" in done.stderr
    assert "environment.d" in done.stderr


PROBE = """
import ctypes, errno, json, mmap, os, resource, signal, socket

libc = ctypes.CDLL(None, use_errno=True)
found = {}

def attempt(name, act):
    try:
        result = act()
    except OSError as error:
        result = errno.errorcode[error.errno]
    found[name] = result

def call(name, *words):
    if libc[name](*words) == -1:
        raise OSError(ctypes.get_errno(), "")
    return "works"

def chmod_suid():
    os.chmod(os.path.expanduser("~/probe"), 0o4755)

open(os.path.expanduser("~/probe"), "w").close()
attempt("inet", lambda: socket.socket(socket.AF_INET))
attempt("inet6", lambda: socket.socket(socket.AF_INET6))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK))
attempt("unix", lambda: bool(socket.socketpair()))
attempt("suid", chmod_suid)
attempt("namespace", lambda: call("unshare", 0x10000000))
attempt("writable code", lambda: mmap.mmap(-1, 4096, prot=7))
attempt("callback", lambda: ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 42)())
attempt("personality", lambda: call("personality", 0x0008))
attempt("ptrace", lambda: call("ptrace", 0, 0, 0, 0))
attempt("timerfd", lambda: call("timerfd_create", 0, 0))
attempt("inotify", lambda: call("inotify_init1", 0))
attempt("core", lambda: resource.getrlimit(resource.RLIMIT_CORE)[1])
status = dict(line.split(":") for line in open("/proc/self/status"))
found["new privileges"] = int(status["NoNewPrivs"])
found["mode"] = os.stat(os.path.expanduser("~/probe")).st_mode & 0o777
with open(os.path.expanduser("~/found"), "w") as file:
    json.dump(found, file)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
    sender.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
signal.pause()
"""


def test_the_sandbox_takes_effect_and_lets_the_daemon_work(person: Person) -> None:
    """Each directive forbids what it says, for a user without privileges, and nothing else."""
    person.run(put_program(person, HOME / "bin/reminderd", PROBE), "service", "install")
    assert json.loads(person.outside(HOME / "found").read_text("utf-8")) == {
        "inet": "EAFNOSUPPORT",
        "inet6": "EAFNOSUPPORT",
        "netlink": "EAFNOSUPPORT",
        "unix": True,
        "suid": "EPERM",
        "namespace": "EPERM",
        "writable code": "EPERM",
        "callback": 42,
        "personality": "EPERM",
        "ptrace": "EPERM",
        "timerfd": "works",
        "inotify": "works",
        "core": 0,
        "new privileges": 1,
        "mode": 0o600,
    }
    assert person.shown("MemoryMax") == str(256 * 1024**2)
    assert person.shown("TasksMax") == "32"
    assert person.outside(HOME / "found").stat().st_uid == UID
