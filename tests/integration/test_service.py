"""The service in a real, unprivileged `systemd --user`: installed, started, asked and removed."""

from __future__ import annotations

import json
import re
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.user_manager import HOME, PROGRAM, UID, eventually

if TYPE_CHECKING:
    from tests.integration.user_manager import Person

pytest_plugins = ["tests.integration.user_manager"]
pytestmark = [pytest.mark.uncounted, pytest.mark.systemd]

UNITS = HOME / ".config/systemd/user"
UNIT = UNITS / "reminderd.service"
CONFIG = HOME / ".config/reminderd/config.toml"
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
        "autostart": None,
        "masked": False,
        "active": "active",
        "result": "success",
        "since": None,
        "pid": int(person.shown("MainPID")),
        "status": text,
        "daemon": json.loads(person.run("reminderd", "status", "--json").stdout),
    }
    assert shown["since"].endswith("+00:00")
    assert shown["daemon"]["pid"] == shown["pid"]
    assert person.outside(UNIT).stat().st_mode & 0o777 == 0o644


def test_it_stops_within_a_second(person: Person) -> None:
    """Logging out does not wait for reminderd, and it ends well."""
    person.run("reminderd", "service", "install")
    begin = time.monotonic()
    person.systemctl("stop", "reminderd")
    assert time.monotonic() - begin < 1
    assert (person.shown("ActiveState"), person.shown("Result")) == ("inactive", "success")
    assert person.shown("StatusText") == "Ending, as it was asked to."
    said = person.run("reminderd", "status").stdout
    assert "Its service is stopped. To start it: systemctl --user start reminderd\n" in said


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
    assert not person.outside(UNITS).exists()
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
    assert not person.outside(UNITS).exists()
    assert "Its unit is gone" in person.run("reminderd", "service", "status").stdout
    person.systemctl("stop", "reminderd")
    assert "There is no service." in person.run("reminderd", "service", "status").stdout


def drop_in(person: Person, *lines: str) -> None:
    """Let the unit of a person be otherwise in something."""
    person.run("mkdir", "-p", f"{UNIT}.d")
    person.outside(Path(f"{UNIT}.d/test.conf")).write_text("\n".join(("[Service]", *lines)))


def test_a_killed_daemon_comes_back_and_a_reload_keeps_it(person: Person) -> None:
    """Reload is a signal to the same process; a crash is followed by a new one."""
    drop_in(person, "RestartSec=100ms")
    person.run("reminderd", "service", "install")
    before = person.shown("MainPID")
    person.systemctl("reload", "reminderd")
    assert person.shown("MainPID") == before
    eventually(lambda: person.shown("ActiveState") == "active", "it has read all anew")
    person.systemctl("kill", "--signal=KILL", "reminderd")
    eventually(partial(is_another, person, before), "there is a new process")
    eventually(lambda: person.shown("ActiveState") == "active", "it is ready")


STUCK = """
import asyncio, signal, time
from reminderd import daemon
from reminderd.cli.main import main

def stand_still(*_):
    time.sleep(600)

async def never_ends(*_):
    await asyncio.Event().wait()

def let_looks_never_end(*_):
    daemon.tick = never_ends

signal.signal(signal.SIGUSR1, stand_still)
signal.signal(signal.SIGUSR2, let_looks_never_end)
main()
"""
"""The daemon itself, which hangs in one of two ways when it is told to."""


def test_a_daemon_that_hangs_is_started_anew(person: Person) -> None:
    """One whose loop stands still, and one whose look never ends while its loop goes round."""
    errors = HOME / "errors"
    drop_in(
        person,
        *("WatchdogSec=2s", "RestartSec=100ms"),
        f"StandardError=append:{errors}",
    )
    person.run(put_program(person, HOME / "bin/reminderd", STUCK), "service", "install")
    eventually(lambda: "waits" in person.shown("StatusText"), "it has looked")
    for number in ("USR1", "USR2"):
        before = person.shown("MainPID")
        person.systemctl("kill", f"--signal={number}", "reminderd")
        person.run("reminderd", "pause", "1h")  # wakes it
        eventually(partial(is_another, person, before), f"a new process comes after {number}")
        eventually(lambda: "Paused until" in person.shown("StatusText"), "it works")
    told = person.outside(errors).read_text("utf-8")
    assert "in stand_still" in told  # where it hung
    assert person.shown("ActiveState") == "active"


def is_another(person: Person, before: str) -> bool:
    """Return whether another process than before is the daemon."""
    return person.shown("MainPID") not in {before, "0"}


BROKEN = '[cadence]\nrandom_per_day = "many"\n'


def test_edits_are_read_anew_and_a_broken_one_stops_nothing(person: Person) -> None:
    """It runs on the defaults, then on the last settings that were in order, and says so."""
    config = person.outside(CONFIG)
    person.run("mkdir", "-p", str(CONFIG.parent))
    config.write_text(BROKEN)
    drop_in(person, "WatchdogSec=2s")
    person.run("reminderd", "service", "install")
    process = person.shown("MainPID")

    def says(*words: str) -> bool:
        text = person.shown("StatusText")
        return all(word in text for word in words)

    eventually(lambda: says("config.toml:2", "default"), "the defaults hold")
    changed = person.shown("StateChangeTimestampMonotonic")
    config.write_text("[cadence]\nrandom_per_day = 3\n")
    eventually(lambda: not says("config.toml"), "the mended file is read anew")
    eventually(lambda: person.shown("ActiveState") == "active", "it is done with that")
    assert person.shown("StateChangeTimestampMonotonic") != changed  # systemd heard of both
    config.write_text(BROKEN)
    eventually(lambda: says("config.toml:2", "last settings"), "the last good ones hold")
    said = person.run("reminderd", "service", "status").stdout
    assert "config.toml:2" in said
    assert (person.shown("MainPID"), person.shown("NRestarts")) == (process, "0")
    person.systemctl("restart", "reminderd")
    eventually(lambda: says("config.toml:2", "last settings"), "they hold after a start too")
    assert person.shown("ActiveState") == "active"


def test_a_leave_is_without_a_trace(person: Person) -> None:
    """Of all that came into the home, only settings and history are left, and they are named."""
    before = {*person.home.rglob("*")}
    person.run("reminderd", "setup", "--yes")
    assert person.shown("ActiveState") == "active"
    said = person.run("reminderd", "uninstall").stdout
    stays = [CONFIG.parent, DATABASE.parent]
    assert all(f" in {place}.\n" in said for place in stays)
    assert said.splitlines()[-1].endswith("/srv/bin/python3 -m pip uninstall reminderd")
    places = [person.outside(place) for place in stays]
    left = {*person.home.rglob("*")} - before - {above for one in places for above in one.parents}
    assert [one for one in left if not any(map(one.is_relative_to, places))] == []
    assert {path.name for path in left} >= {"config.toml", "reminderd.db"}
    assert person.shown("LoadState") == "not-found"
    assert "reminderd" not in person.run("ps", "-u", str(UID), "-o", "args").stdout


def test_a_second_daemon_waits_and_takes_over(person: Person) -> None:
    """A service beside a daemon in a terminal is no failure: it waits, says so, and follows."""
    person.run("sh", "-c", "reminderd run >/dev/null 2>&1 & echo $! >~/pid")
    eventually(
        lambda: '"running": true' in person.run("reminderd", "status", "--json").stdout,
        "the daemon in the terminal runs",
    )
    drop_in(person, "WatchdogSec=2s")
    said = person.run("reminderd", "service", "install").stdout
    assert "another reminderd is running" in said
    assert person.shown("WatchdogUSec") == "0"  # it waits in the kernel, and cannot say so
    assert "The other one is process" in person.run("reminderd", "service", "status").stdout
    person.run("sh", "-c", "kill $(cat ~/pid)")
    eventually(lambda: "another" not in person.shown("StatusText"), "the service takes over")
    eventually(lambda: person.shown("WatchdogUSec") == "2s", "it is expected again")
    assert (person.shown("ActiveState"), person.shown("NRestarts")) == ("active", "0")


def test_a_daemon_that_ended_is_said_to_come_back(person: Person) -> None:
    """In the seconds that systemd lets pass, nobody needs to start it."""
    drop_in(person, "RestartSec=1min")
    person.run("reminderd", "service", "install")
    person.systemctl("kill", "--signal=KILL", "reminderd")
    eventually(lambda: person.shown("SubState") == "auto-restart", "systemd has seen it")
    said = person.run("reminderd", "status").stdout
    assert "ended unexpectedly (signal 9); systemd starts it again" in said
    assert "ended (signal 9; more" in person.run("reminderd", "service", "status").stdout


def test_what_does_not_start_is_told_and_can_be_mended(person: Person) -> None:
    """A daemon that fails is an expected failure with the next step; its past does not count."""
    broken = put_program(person, HOME / "bin/reminderd", "sys.exit('broken')\n")
    done = person.run(broken, "service", "install", code=1)
    assert "does not start (exit-code)" in done.stderr
    assert "reminderd service logs" in done.stderr
    for _ in range(5):
        person.systemctl("restart", "reminderd", code=1)
    assert person.shown("ActiveState") == "failed"  # and no more tries: the limit is reached
    assert "service failed (exit code 1" in person.run("reminderd", "service", "status").stdout
    assert "service failed (exit code 1" in person.run("reminderd", "status").stdout
    person.run("reminderd", "service", "install")
    assert person.shown("ActiveState") == "active"


def test_a_masked_service_is_told_and_can_be_had_again(person: Person) -> None:
    """The words that systemd has for it, and the command that takes the mask off."""
    person.systemctl("mask", "reminderd")
    for command in (["service", "status"], ["status"]):
        assert "is masked (systemctl --user mask)" in person.run("reminderd", *command).stdout
    said = person.run("reminderd", "service", "install").stdout.splitlines()
    assert "was masked" in said[0]
    assert said[1].startswith("reminderd runs")
    assert person.shown("LoadState") == "loaded"


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


EXPOSURE = 5.9
"""What `systemd-analyze --user security` may say at most; docs/decisions.md says of what it is."""

PROBE = """
import ctypes, errno, json, mmap, os, resource, signal, socket, subprocess, sys

KEYCTL = 250 if os.uname().machine == "x86_64" else 219

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

def keyring(which):
    # keyctl(KEYCTL_GET_KEYRING_ID), which libc has no function for
    return libc.syscall(KEYCTL, 0, which, 0)

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
attempt("chown", lambda: call("chown", b"/", -1, -1))
attempt("setuid", lambda: call("setuid", os.getuid()))
attempt("priority", lambda: call("setpriority", 0, 0, 1))
attempt("scheduler", lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)))
attempt("own keys", lambda: keyring(-3) != keyring(-5))
attempt("files of others", lambda: bool(os.readlink(f"/proc/{os.getppid()}/fd/0")))
attempt("child", lambda: subprocess.run([sys.executable, "-c", ""]).returncode)
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
        "chown": "EPERM",
        "setuid": "EPERM",
        "priority": "EPERM",
        "scheduler": "EPERM",
        "own keys": True,
        "files of others": True,
        "child": 0,
        "timerfd": "works",
        "inotify": "works",
        "core": 0,
        "new privileges": 1,
        "mode": 0o600,
    }
    assert person.shown("MemoryMax") == str(256 * 1024**2)
    assert person.shown("TasksMax") == "32"
    assert person.outside(HOME / "found").stat().st_uid == UID
    analysed = person.run("systemd-analyze", "--user", "security", "reminderd").stdout
    exposure = re.search(r"exposure level for reminderd.service: ([\d.]+)", analysed)
    assert exposure
    assert float(exposure[1]) <= EXPOSURE
