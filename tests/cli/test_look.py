"""status and preview: how it stands, and what comes."""

from __future__ import annotations

import socket
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd import bootstrap
from reminderd.adapters import trouble
from reminderd.app.planning import keep_plan
from reminderd.cli import look
from reminderd.core.model import Answer
from tests.cli.people import NOW, TEXT, at

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.cli.people import Cli, Person

STATUS_KEYS = {
    *("running", "pid", "notifier", "server", "paused_until", "next", "today", "pace", "open"),
    *("held", "why", "limits", "problems", "desktop", "closed", "pause_ended", "mended"),
}


@pytest.fixture
def address(person: Person) -> Iterator[str]:
    """A socket on which a daemon listens."""
    path = str(person.home / "run/wake")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
        waiting.bind(path)
        yield path


AT_ONCE = "[pace]\nramp_up = false\n"
"""For whom the first weeks are as all others."""


def configure(person: Person, text: str) -> None:
    """Write the settings."""
    person.config.parent.mkdir(parents=True, exist_ok=True)
    person.config.write_text(text, "utf-8")


# status


def test_status_of_a_new_machine(cli: Cli) -> None:
    """It does not run, and it says how to start it."""
    assert cli("status").out.splitlines() == [
        look.ASLEEP,
        look.HOW_TO_START,
        "Today: none so far.",
    ]


def test_status_json_of_a_new_machine(cli: Cli) -> None:
    """The keys are those of the contract, and nothing is made up."""
    found = cli("status", "--json").json
    assert set(found) == STATUS_KEYS
    assert found["running"] is False
    assert found["today"] == {"shown": 0, "answered": 0, "cap": None}
    assert [key for key in STATUS_KEYS if found[key]] == ["today"]


def test_status_of_a_running_daemon(cli: Cli, person: Person, address: str) -> None:
    """Where practices come and why, the next moment, today, the pace, the open one."""
    person.brought(at_=NOW - timedelta(hours=2), answers=(Answer.DONE,))
    person.brought(at_=NOW - timedelta(minutes=5))
    person.daemon_recorded(
        socket=address,
        next="2026-11-22T15:40:00+01:00",
        limits=["The terminal takes no answers: answer with `reminderd respond`."],
        problems=["config.toml:3: something is not right."],
    )
    assert cli("status").out.splitlines() == [
        "reminderd is running.",
        "Practices come on your desktop (dunst 1.9.0): the desktop shows notifications.",
        "Next: today 15:40",
        f"Open: “{TEXT.title}” (today 10:55). To read or answer it: reminderd show",
        "Today: 2 of at most 4, 1 answered.",
        "Pace: up to 4 a day, as you set it.",
        "config.toml:3: something is not right.",
        "The terminal takes no answers: answer with `reminderd respond`.",
    ]


@pytest.mark.parametrize(
    ("coming", "said"),
    [
        ("2026-11-22T15:40:00+01:00", "today 15:40"),
        ("2026-11-23T09:12:00+01:00", "tomorrow 9:12"),
        ("2026-11-24T11:05:00+01:00", "tue 11:05"),
        ("2026-11-28T11:05:00+01:00", "sat 11:05"),
        ("2026-11-29T11:05:00+01:00", "29 nov 11:05"),
        ("2027-01-02T00:00:00+01:00", "2 jan 2027 0:00"),
        ("2026-11-21T23:59:00+01:00", "at the next good moment"),
        ("2026-11-22T23:30:00+00:00", "tomorrow 0:30"),
    ],
)
def test_moments_are_said_in_words(
    coming: str, said: str, cli: Cli, person: Person, address: str
) -> None:
    """As people say them, in the zone they are in."""
    person.daemon_recorded(socket=address, next=coming)
    assert f"Next: {said}\n" in cli("status").out


def test_status_says_why_one_is_held(cli: Cli, person: Person, address: str) -> None:
    """In words for people."""
    person.daemon_recorded(socket=address, held="do-not-disturb")
    assert "the desktop is set to do not disturb" in cli("status").out


@pytest.mark.parametrize("held", [None, "do-not-disturb"])
def test_status_says_that_nothing_comes_just_now(
    held: str | None, cli: Cli, person: Person, address: str
) -> None:
    """Though nothing is due; where something waits that says it."""
    person.daemon_recorded(socket=address, closed=["do-not-disturb"], held=held)
    assert cli("status", "--json").json["closed"] == ["do-not-disturb"]
    said = look.CLOSED.format(reason="the desktop is set to do not disturb")
    assert (said in cli("status").out) is (held is None)


def test_status_of_a_daemon_with_nothing_planned(cli: Cli, person: Person, address: str) -> None:
    """It points to what tells why."""
    person.daemon_recorded(socket=address)
    assert look.NEXT_UNKNOWN in cli("status").out


def test_status_does_not_believe_a_daemon_that_is_gone(cli: Cli, person: Person) -> None:
    """What it recorded last is no longer so."""
    person.daemon_recorded(next="2026-11-22T15:40:00+01:00", held="paused")
    found = cli("status", "--json").json
    assert [found[key] for key in ("running", "pid", "next", "held")] == [False, None, None, None]
    assert found["today"]["cap"] == 4


def test_status_tells_a_pause(cli: Cli) -> None:
    """Until when, and how to go on."""
    cli("pause", "until", "tomorrow", "9:00")
    assert "Paused until tomorrow 9:00. To go on: reminderd resume" in cli("status").out
    assert cli("status", "--json").json["paused_until"] == "2026-11-23T09:00:00+01:00"


def test_status_of_a_real_daemon(person: Person, daemon: subprocess.Popen[bytes]) -> None:
    """It is found by its socket, and lost as soon as it ends."""
    assert person.run("status", "--json").json["pid"] == daemon.pid
    daemon.terminate()
    daemon.wait(20)
    assert person.run("status", "--json").json["running"] is False


def test_more_than_a_day_plans_is_said_truly(cli: Cli, person: Person) -> None:
    """What was asked for with `now` counts for the cap, and is not stopped by it."""
    for minutes in (1, 2, 3):
        person.brought(at_=NOW - timedelta(minutes=minutes))
    person.daemon_recorded(cap=2)
    assert look.TODAY_MORE.format(shown=3, answered=0, most=2) in cli("status").out
    person.daemon_recorded(cap=3)
    assert "Today: 3 of at most 3, 0 answered." in cli("status").out


NONE = "No prompt may come: practice.tips is empty. To change that, for example: reminderd "


def test_status_promises_nothing_where_no_prompt_may_come(
    cli: Cli, person: Person, address: str
) -> None:
    """It says so, why, and what to do; as JSON in the keys that are there."""
    person.daemon_recorded(socket=address, held="no-prompt", problems=[NONE])
    said = cli("status").out
    assert look.NEXT_NONE in said
    assert NONE in said
    found = cli("status", "--json").json
    assert (found["next"], found["held"], found["problems"]) == (None, "no-prompt", [NONE])


@pytest.mark.parametrize(("columns", "is_folded"), [(30, True), (200, False)])
def test_status_is_folded_for_who_reads_it(columns: int, is_folded: bool, person: Person) -> None:
    """On a narrow terminal; words stay whole."""
    terminal = person.terminal("status", columns=columns)
    terminal.expect(pexpect.EOF)
    lines = str(terminal.before).replace("\x1b[1m", "").replace("\x1b[0m", "").split("\r\n")
    assert (look.ASLEEP in lines) is not is_folded
    assert max(map(len, lines)) < columns
    assert " ".join(lines).startswith(look.ASLEEP)


# preview


def test_preview_json(cli: Cli, person: Person) -> None:
    """A list of slots, earliest first, with local times and their offset."""
    configure(person, AT_ONCE)
    found = cli("preview", "--days", "3", "--json").json
    assert {tuple(one) for one in found} == {("slot", "at", "kind")}
    assert [one["slot"] for one in found if "2026-11-22" not in one["slot"]] == [
        *("2026-11-23#1", "2026-11-23#2", "2026-11-24#1", "2026-11-24#2")
    ]
    times = [one["at"] for one in found]
    assert times == sorted(times)
    assert all(time.endswith(":00+01:00") for time in times)
    assert {one["kind"] for one in found} == {"random"}


def test_preview_knows_the_offset_that_holds_then(cli: Cli, person: Person) -> None:
    """Beyond the clock change it is another."""
    configure(person, '[cadence]\nrandom_per_day = 0\nat = ["15:00"]\n[pace]\nramp_up = false\n')
    found = cli("preview", "--days", "366", "--json").json
    assert len(found) == 366
    assert {one["kind"] for one in found} == {"at"}
    in_the_afternoon = {one["at"][:10]: one["at"][10:] for one in found}
    assert in_the_afternoon["2027-03-27"] == "T15:00:00+01:00"
    assert in_the_afternoon["2027-03-28"] == "T15:00:00+02:00"


def test_preview_in_words(cli: Cli, person: Person) -> None:
    """A line for each date, with the times; what is not drawn is marked."""
    plan = '[cadence]\nrandom_per_day = 0\nat = ["mon 9:30", "15:05"]\nwindows = []\n'
    configure(person, plan + AT_ONCE)
    said = cli("preview", "--days", "2")
    assert said.out.splitlines() == [
        "sun 22 nov  15:05 *",
        "mon 23 nov   9:30 *  15:05 *",
        "* at a fixed time or a steady interval; the others are drawn",
        look.ASLEEP,
        look.HOW_TO_START,
    ]


def test_preview_is_what_the_daemon_plans(cli: Cli, person: Person) -> None:
    """Before, while and after a date is planned; also after the settings have changed."""
    configure(person, AT_ONCE)
    preferences = bootstrap.preferences(bootstrap.load_settings())
    first = cli("preview", "--days", "2", "--json").json
    store = person.store(NOW)
    keep_plan(store, preferences, at())
    assert cli("preview", "--days", "2", "--json").json == first
    tomorrow = NOW + timedelta(hours=14)  # 1:00
    cli.now = tomorrow
    keep_plan(store, preferences, at(tomorrow))
    mondays = [one for one in first if one["slot"].startswith("2026-11-23")]
    assert cli("preview", "--days", "1", "--json").json == mondays

    configure(person, f"[cadence]\nrandom_per_day = 4\n{AT_ONCE}")
    changed = cli("preview", "--days", "2", "--json").json
    assert [one["slot"] for one in changed][:4] == [f"2026-11-23#{n}" for n in (3, 4, 5, 6)]
    keep_plan(store, bootstrap.preferences(bootstrap.load_settings()), at(tomorrow))
    assert cli("preview", "--days", "2", "--json").json == changed
    store.close()


def test_preview_begins_gently(cli: Cli, person: Person) -> None:
    """One a day on the first seven dates, then two, then all; the plan itself is no shortfall.

    On the very first one that is the first practice.
    """
    plan = '[cadence]\nrandom_per_day = 0\nat = ["13:00", "15:00", "18:00"]\n'
    configure(person, plan)
    said = cli("preview", "--days", "16", "--json")
    dates = Counter(one["slot"].partition("#")[0] for one in said.json)
    assert list(dates.values()) == [1] * 6 + [2] * 7 + [3] * 2
    assert said.err == ""
    configure(person, plan + AT_ONCE)
    assert len(cli("preview", "--days", "16", "--json").json) == 16 * 3


def test_preview_has_what_is_left_of_a_night(cli: Cli, person: Person) -> None:
    """After midnight, yesterday's window is still to come."""
    configure(
        person,
        '[cadence]\nrandom_per_day = 0\nevery = "2h"\nwindows = ["21:00-03:00"]\n'
        f"[quiet]\nhours = []\n{AT_ONCE}",
    )
    store = person.store(NOW)
    keep_plan(store, bootstrap.preferences(bootstrap.load_settings()), at())
    store.close()
    cli.now = NOW + timedelta(hours=13, minutes=30)  # 0:30
    found = cli("preview", "--days", "1", "--json").json
    assert found[0] == {"slot": "2026-11-22#3", "at": "2026-11-23T01:00:00+01:00", "kind": "every"}
    assert [one["slot"] for one in found[1:]] == [f"2026-11-23#{n}" for n in (1, 2, 3)]


def test_preview_leaves_out_what_has_passed(cli: Cli, person: Person) -> None:
    """At the end of the day today has nothing more."""
    store = person.store(NOW)
    keep_plan(store, bootstrap.preferences(bootstrap.load_settings()), at())
    store.close()
    cli.now = NOW + timedelta(hours=12)
    assert cli("preview", "--days", "1", "--json").json == []
    assert cli("preview", "--days", "1").out.startswith(f"{look.NOTHING_COMES}\n")


def test_what_cannot_be_planned_is_told_once(cli: Cli, person: Person) -> None:
    """On standard error, with its dates and why; standard output stays what it is."""
    plan = '[cadence]\nrandom_per_day = 5\nmax_per_day = 3\nat = ["mon 22:00"]\n'
    configure(person, f"{plan}[pace]\nramp_up = false\n")
    said = cli("preview", "--days", "8", "--json")
    assert len(said.json) > 8
    many, quiet = said.err.splitlines()
    assert many == (
        "Not planned on any of these days: 2 random moments,"
        " because there are more than max_per_day allows."
    )
    assert quiet == "Not planned on mon 23 nov: 1 fixed time, because the time lies in quiet hours."


def test_many_dates_are_not_all_named(cli: Cli, person: Person) -> None:
    """Three of them do."""
    configure(person, '[cadence]\nat = ["mon-fri 22:00"]\n')
    said = cli("preview", "--days", "7")
    assert "on mon 23 nov, tue 24 nov, wed 25 nov and 2 more:" in said.err


def test_a_day_without_a_window_is_no_shortfall(cli: Cli, person: Person) -> None:
    """Whoever is there from Monday to Friday asked for nothing on Sunday."""
    configure(person, '[cadence]\nwindows = ["mon-fri 9:00-17:00"]\n')
    assert cli("preview").err == ""
    assert "Not planned" not in cli("config", "check").out


def test_windows_in_quiet_hours_are_not_said_to_lack_a_gap(cli: Cli, person: Person) -> None:
    """What is in the way is named."""
    configure(person, '[cadence]\nwindows = ["22:00-23:00"]\n')
    assert "because the windows lie in quiet hours." in cli("preview").err


def test_preview_promises_nothing_where_no_prompt_may_come(cli: Cli, person: Person) -> None:
    """It says why and what to do, whatever it is that is switched off."""
    configure(person, "[practice]\ntips = []\n")
    assert cli("preview").out.startswith(NONE)
    as_json = cli("preview", "--json")
    assert (as_json.json, as_json.err.startswith(NONE)) == ([], True)
    configure(person, '[practice]\ndecks = ["music-practice"]\n')
    ids = [one["id"] for one in cli("prompts", "list", "--deck", "music-practice", "--json").json]
    for one in ids:
        cli("prompts", "disable", one)
    said = cli("preview").out
    assert "each one is switched off" in said
    assert f"reminderd prompts enable {ids[0]}" in said
    assert "each one is switched off" in cli("config", "check").out


def test_preview_names_the_settings_that_plan_nothing(cli: Cli, person: Person) -> None:
    """`status` sends people here to see why."""
    configure(person, "[cadence]\nrandom_per_day = 0\n")
    assert "cadence.random_per_day is 0" in cli("preview").out


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"next": "2026-11-22T13:00:00+01:00"}, ["Next: today 13:00"]),
        ({"next": "2026-11-22T15:05:00+01:00"}, []),
        ({"held": "locked"}, [look.WAITS.format(reason="the screen is locked")]),
        ({"held": "quiet-hours", "next": "2026-11-22T15:05:00+01:00"}, None),
    ],
)
def test_preview_says_of_the_next_what_status_says(
    facts: dict[str, str], said: list[str] | None, cli: Cli, person: Person, address: str
) -> None:
    """A snoozed one before the first, one that is held, and nothing that the times tell already."""
    plan = '[cadence]\nrandom_per_day = 0\nat = ["15:05"]\n'
    configure(person, f"{plan}[pace]\nramp_up = false\n")
    person.daemon_recorded(socket=address, **facts)
    around = cli("preview", "--days", "1").out.splitlines()[2:]
    status = cli("status").out.splitlines()
    assert all(line in status for line in around)
    assert said is None or around == said


def test_preview_and_status_agree_while_paused(
    person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """With a real daemon: neither tells a moment that the pause is in the way of."""
    plan = '[cadence]\nwindows = []\nat = ["00:00", "06:00", "12:00", "18:00"]\nmin_gap = "1m"\n'
    configure(person, f"{plan}[quiet]\nhours = []\n")
    while (coming := person.run("status", "--json").json["next"]) is None:
        assert daemon.poll() is None
    assert person.run("preview", "--json").json[0]["at"] == coming
    assert "Next:" not in person.run("preview").out
    person.run("pause", "2d")
    while person.run("status", "--json").json["next"] == coming:
        assert daemon.poll() is None
    (said,) = [one for one in person.run("status").out.split("\n") if one.startswith("Next:")]
    assert said in person.run("preview").out.split("\n")
    configure(person, f"{plan}[quiet]\nhours = []\n[practice]\ndecks = []\n")
    while person.run("status", "--json").json["held"] != "no-prompt":
        assert daemon.poll() is None
    told = person.run("status")
    assert look.NEXT_NONE in told.out
    assert "practice.decks is empty" in told.out
    assert "practice.decks is empty" in person.run("preview").out


def test_preview_tells_of_a_pause(cli: Cli) -> None:
    """What lies before its end is let go."""
    cli("pause", "1d")
    assert "Paused until tomorrow 11:00" in cli("preview").out


@pytest.mark.parametrize("days", ["0", "367", "-1", "x"])
def test_days_have_bounds(days: str, cli: Cli) -> None:
    """One to a leap year."""
    assert cli("preview", "--days", days).code == 2


def test_preview_of_broken_settings_says_where(cli: Cli, person: Person) -> None:
    """File and line."""
    configure(person, '[cadence]\nrandom_per_day = "x"\n')
    said = cli("preview")
    assert said.code == 1
    assert "config.toml:2" in said.err


def test_preview_leaves_out_what_the_cap_does_not_let_come(cli: Cli, person: Person) -> None:
    """What was asked for counts too; what is said is what then comes."""
    plan = '[cadence]\nwindows = []\nat = ["20:00", "22:00"]\nmax_per_day = 2\nrandom_per_day = 0\n'
    configure(person, f"{plan}[quiet]\nhours = []\n{AT_ONCE}")
    assert [one["at"][11:16] for one in cli("preview", "--days", "1", "--json").json] == [
        *("20:00", "22:00")
    ]
    person.brought(at_=NOW - timedelta(minutes=2))
    one_left = cli("preview", "--days", "1")
    assert "20:00" in one_left.out
    assert "22:00" not in one_left.out
    assert one_left.err == look.CROWDED_OUT.format(count=1) + "\n"
    person.brought(at_=NOW - timedelta(minutes=1))
    none_left = cli("preview", "--days", "1", "--json")
    assert (none_left.json, none_left.err) == ([], look.CROWDED_OUT.format(count=2) + "\n")


def test_preview_shows_when_the_cap_lets_it_come(cli: Cli, person: Person) -> None:
    """A window over midnight has room again when the next date begins."""
    configure(
        person,
        '[cadence]\nwindows = ["22:00-02:00"]\nrandom_per_day = 0\nat = ["23:50"]\n'
        "max_per_day = 1\n[quiet]\nhours = []\n[pace]\nramp_up = false\n",
    )
    person.brought(at_=NOW)
    (one,) = cli("preview", "--days", "1", "--json").json
    assert (one["at"][:16], one["slot"]) == ("2026-11-23T00:00", "2026-11-22#1")


def test_preview_keeps_the_gap_to_what_was_asked_for(cli: Cli, person: Person) -> None:
    """What falls due within it waits, as the daemon lets it wait."""
    configure(
        person,
        '[cadence]\nwindows = ["0:00-24:00"]\nrandom_per_day = 0\nmin_gap = "90m"\n'
        'at = ["16:00"]\n[quiet]\nhours = []\n[pace]\nramp_up = false\n',
    )
    store = person.store(NOW)
    keep_plan(store, bootstrap.preferences(bootstrap.load_settings()), at())
    store.close()
    cli.now = NOW + timedelta(hours=4, minutes=30)  # 15:30
    person.brought(at_=cli.now)
    assert cli("preview", "--days", "1", "--json").json[0]["at"] == "2026-11-22T17:00:00+01:00"


@pytest.mark.parametrize("running", [True, False])
def test_what_a_daemon_cannot_write_into_the_database_is_told_all_the_same(
    running: bool, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: it leaves a line in the session's folder, which counts while it lives."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(cli.person.home / "run"))
    monkeypatch.setattr(bootstrap, "daemon_listens", lambda facts: running)
    (cli.person.home / "run/reminderd").mkdir(mode=0o700)
    trouble.tell("There is no room on the disk.")
    assert ("There is no room on the disk." in cli("status").out) == running
    assert cli("status", "--json").json["problems"] == ["There is no room on the disk."] * running
    trouble.tell("")
    assert "no room" not in cli("status").out
    assert list((cli.person.home / "run/reminderd").iterdir()) == []
