"""Writes docs/desktops.md: what was seen on six real notification servers, and on which versions.

Runs tests/integration/test_six_servers.py, which needs what tests/groups.txt says for `desktop`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # tests/ is no installed package

from tests.integration.behaviours import BEHAVIOURS, RECORD  # noqa: E402 -- see the line above
from tests.integration.servers import SERVERS  # noqa: E402 -- as above

PAGE = ROOT / "docs/desktops.md"
SUITE = "tests/integration/test_six_servers.py"
PACKAGES = {"mako": "mako-notifier"}
IN_FULL = {"click": "yes", "button": "yes, by a button", "none": "not offered"}

TEXT = """\
# Seen on real desktops

Practices come through any notification server that follows the freedesktop specification. This is
what one suite saw on six of them, with a real daemon, real commands and real presses. The page is
written by `bench/desktops.py`, from a run of `tests/integration/test_six_servers.py`. The screen of
the first five is Xvfb with openbox, that of mako a headless sway.

{table}

What each row asks for:

- {shown}: `reminderd now` puts one notification of ours on the screen,
  and no other.
- {done}, {hard}, {later}: a real press, of the mouse,
  or by `dunstctl` and `makoctl` where no buttons are drawn, is in the history as that answer, and
  the notification goes. *Hard today* is met with one passing line.
- {in_full}: a click on the text is no answer. The practice comes in full, with its
  if-then plan and *Not today*, *Not for me*, *Quiet for a week*.
- {dismissed}, {expired}: it stays unanswered, and that it went is recorded.
  *Untold* means that the server does not say so.
- {elsewhere}: `reminderd respond` takes it down within two seconds.
- {markup}, {flood}: `<b>`, `&`, `<img src=…>`, entities and halves of
  them do nothing. The server lives, and the next practice comes and is answered.
- {server_killed}: the practice that was open is put up again on the next one, once, and
  its button answers.
- {daemon_killed}, with `kill -9`: the next daemon puts the open practice up again once,
  in its old place, and its button answers.

What is peculiar to each:

{peculiar}

## Not run here

GNOME Shell, KDE Plasma, Cinnamon, Budgie, COSMIC, Deepin, Enlightenment, notify-osd, swaync, fnott
and others were not run. Nothing is assumed of them that the specification does not promise; what is
known of how they differ is played by a server inside the tests
(`tests/integration/fake_server.py`). Where buttons are not drawn, or vanish, `reminderd respond`
always answers.
"""


def run_suite(record: Path) -> dict[tuple[str, str], tuple[str, bool]]:
    """Run the suite; return for server and behaviour the server's own name, and the result."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SUITE],
        cwd=ROOT,
        env=os.environ | {RECORD: str(record)},
        check=False,  # what did not work is in the table
    )
    lines = record.read_text("utf-8").splitlines() if record.exists() else []
    told = [json.loads(line) for line in lines]
    return {(name, behaviour): (title, good) for name, title, behaviour, good in told}


def cell(name: str, behaviour: str, found: dict[tuple[str, str], tuple[str, bool]]) -> str:
    """Return what the table says of one behaviour on one server."""
    if (name, behaviour) not in found:
        return "not reached"
    row, (_, good) = SERVERS[name], found[name, behaviour]
    if not good:
        return "**no**"
    if behaviour == "in_full":
        return IN_FULL[row.default]
    return "yes, untold" if behaviour == "expired" and not row.tells_expiry else "yes"


def version(name: str) -> str:
    """Return the version of the Debian package."""
    package = PACKAGES.get(name, name)
    return subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Version}", package],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def table(found: dict[tuple[str, str], tuple[str, bool]]) -> str:
    """Return the table of behaviours and servers."""
    titles = {name: title for (name, _), (title, _) in found.items()}
    rows = [
        ["", *SERVERS],
        ["---"] * (len(SERVERS) + 1),
        ["Debian's version", *(version(name) for name in SERVERS)],
        ["It calls itself", *(titles.get(name, "") for name in SERVERS)],
    ]
    rows += [
        [said, *(cell(name, key, found) for name in SERVERS)] for key, said in BEHAVIOURS.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> int:
    """Run, write, and say how it went; the exit code is 1 where anything did not work."""
    with tempfile.TemporaryDirectory() as folder:
        found = run_suite(Path(folder) / "record")
    peculiar = "\n".join(
        textwrap.fill(f"- **{row.name}**: {row.peculiar}", 100, subsequent_indent="  ")
        for row in SERVERS.values()
    )
    PAGE.write_text(TEXT.format(table=table(found), peculiar=peculiar, **BEHAVIOURS), "utf-8")
    good = sum(good for _, good in found.values())
    print(f"{good} of {len(SERVERS) * len(BEHAVIOURS)} seen; written to {PAGE.relative_to(ROOT)}")
    return 0 if good == len(SERVERS) * len(BEHAVIOURS) else 1


if __name__ == "__main__":
    sys.exit(main())
