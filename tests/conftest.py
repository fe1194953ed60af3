"""What holds for every test: its group's programs are there, and the person's own data is not."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

# Shared modules explain their asserts as tests do, and may be imported as well as be plugins.
_HERE = Path(__file__).parent
pytest.register_assert_rewrite(*(f"tests.{path.stem}" for path in _HERE.glob("[a-z]*")))

_OWN_PLACES = pytest.StashKey[Path]()


def _needs() -> dict[str, list[tuple[str, str]]]:
    """Reads groups.txt: for each group the things it needs and the packages that bring them."""
    needs = defaultdict(list)
    for line in (_HERE / "groups.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            group, thing, package = line.split()
            needs[group].append((thing, package))
    return needs


def _is_there(thing: str) -> bool:
    if thing == "root":
        return os.geteuid() == 0
    if thing.startswith("/"):
        return any(Path("/").glob(thing[1:]))
    return shutil.which(thing) is not None


def _why_not(group: str, needs: list[tuple[str, str]]) -> str:
    """Says why the group cannot run here and what would enable it; empty when it can."""
    missing = [(thing, package) for thing, package in needs if not _is_there(thing)]
    if not missing:
        return ""
    said = f"the {group} tests want {', '.join(thing for thing, _ in missing)}"
    packages = [package for _, package in missing if package != "-"]
    return said + (f": sudo apt install {' '.join(packages)}" if packages else "")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --no-skips, which scripts/test hands on."""
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failed one")


def pytest_configure(config: pytest.Config) -> None:
    """Makes the groups markers, and hides the person's settings, data and desktop from tests."""
    for group in _needs():
        config.addinivalue_line("markers", f"{group}: needs what groups.txt says for {group}")
    config.addinivalue_line("markers", "uncounted: runs without coverage, which would slow it down")

    for name in list(os.environ):
        if name.startswith("REMINDERD_"):
            del os.environ[name]
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "NOTIFY_SOCKET", "WAYLAND_DISPLAY"):
        os.environ.pop(name, None)
    # A shell's `&` in a script leaves Ctrl+C ignored, and every program started here would have it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Short and in the system's own place: a socket's path has 107 characters at most.
    places = config.stash[_OWN_PLACES] = Path(tempfile.mkdtemp(prefix="reminderd-tests-"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        place = places / name.split("_")[1].lower()
        place.mkdir(mode=0o700)
        os.environ[name] = str(place)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes what `pytest_configure` made."""
    shutil.rmtree(config.stash[_OWN_PLACES], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips tests whose group cannot run here."""
    reasons = {group: _why_not(group, needs) for group, needs in _needs().items()}
    for item in items:
        for group, reason in reasons.items():
            if reason and item.get_closest_marker(group) is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


def _fail_if_skipped(
    report: pytest.TestReport | pytest.CollectReport, config: pytest.Config
) -> None:
    if report.skipped and config.getoption("no_skips") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here, and this was. {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skipped test into a failed one where nothing may be skipped."""
    report = yield
    _fail_if_skipped(report, item.config)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Does the same for a whole module."""
    report = yield
    _fail_if_skipped(report, collector.config)
    return report
