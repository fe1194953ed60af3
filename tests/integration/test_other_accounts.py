"""Commands and daemons where another account has, or could have had, a hand in it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.accounts import SOMEBODY, give
from tests.integration.daemons import QUIET_CONFIG, eventually

if TYPE_CHECKING:
    from tests.integration.daemons import Home

pytest_plugins = ["tests.integration.daemons"]


def settings(cap: int) -> str:
    """Return settings that tell by the daily cap whether they hold."""
    return QUIET_CONFIG.replace("max_per_day = 12", f"max_per_day = {cap}")


def standing(home: Home) -> tuple[int | None, list[str]]:
    """Return which cap holds, and what is told to be wrong."""
    said: dict[str, Any] = home.json("status")
    return said["today"]["cap"], said["problems"]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_settings_that_others_could_write_count_as_broken_ones(what: str, home: Home) -> None:
    """The last good ones hold, one line says how to mend it, and that is enough to mend it."""
    home.configure(settings(5))
    place = home.config if what == "file" else home.config.parent
    with home.daemon() as daemon:
        eventually(lambda: standing(home) == (5, []), "the settings hold")
        place.chmod(0o777 if what == "folder" else 0o666)
        home.configure(settings(11))
        eventually(lambda: bool(standing(home)[1]), "the daemon tells it")
        cap, problems = standing(home)
        assert cap == 5
        (problem,) = problems
        assert problem == (
            f"{place} can be written to by other accounts, so it is not used."
            f" To close it to them: chmod go-w {place}"
            " Until then the last settings that were in order hold."
        )
        assert problem in home.run("status").stdout
        subprocess.run(["chmod", "go-w", place], check=True)
        eventually(lambda: standing(home) == (11, []), "it is mended by the command alone")
        assert "Traceback" not in daemon.complained()


@pytest.mark.accounts
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("pause", "2h"),
        ("run",),
        ("config", "set", "cadence.max_per_day", "3"),
        ("prompts", "disable", "slow-small-ask"),
    ],
)
def test_root_leaves_nothing_in_somebodys_home(command: tuple[str, ...], home: Home) -> None:
    """As with `sudo reminderd status`: it is refused, and says whose commands these are."""
    home.configure(settings(5))
    with home.store():
        pass
    for one in (home.folder, *home.folder.rglob("*")):
        give(one, SOMEBODY)
    before = sorted(home.folder.rglob("*"))
    said = home.run(*command)
    assert said.returncode == 1
    assert f"belongs to the account {SOMEBODY}, and reminderd runs as root." in said.stderr
    assert f"Nothing was touched. Run it as {SOMEBODY}, without sudo." in said.stderr
    assert sorted(home.folder.rglob("*")) == before
