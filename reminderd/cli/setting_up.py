"""The section "Start": setup (its questions are in `questions.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.opened import open_store
from reminderd.cli.output import moment, paragraph, say, until_words
from reminderd.cli.questions import KEYS, Questions
from reminderd.cli.start import NO_TREATMENT
from reminderd.errors import INTERRUPTED, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reminderd.adapters.setting_tables import Plain
    from reminderd.adapters.store.store import Store

# What is said of a person's practice; a test reads each for the words that never occur.
WELCOME: Final = (
    "Five short questions. Enter takes the answer in brackets; all can be changed later."
)
WELCOME_BACK: Final = "Welcome back. Your history is here."
NOTHING_CHANGED: Final = "Nothing was changed."
ALL_DONE: Final = "That is all. It is kept in {path}"
HOW_TO_RUN: Final = "To start it: reminderd run"
WHAT_COMES: Final = (
    "The first practice comes soon after the start, the next ones within those hours."
)
COMES_NEXT: Final = "The next practice comes {at}."
NO_ROOM: Final = (
    "Nothing fits so far. Quiet hours are {hours}; to change them:"
    " reminderd config set quiet.hours 23:00-07:00"
)
HOW_TO_PAUSE: Final = "Quiet for a while: reminderd pause 2h. One at once: reminderd now"

_DAYS_AHEAD: Final = 7


@click.command(short_help="Answer five questions, and it is ready.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what stands in brackets.")
@click.pass_context
def setup(context: click.Context, yes: bool) -> None:
    r"""Answer five questions, and it is ready. To be repeated whenever you like.

    Writes the settings, and offers to start reminderd at every login. What you have set otherwise,
    comments included, and your history stay. Answers may be piped in, a line each; where they end,
    the rest is taken from the brackets.

    \b
    Examples:
      reminderd setup
      reminderd setup --yes
    """
    before = _before()
    if _any_history():
        say(WELCOME_BACK)
    if not yes:
        say(paragraph(WELCOME))
    try:
        answers, wants_service = _asked(Questions(before, silent=yes))
    except (click.Abort, KeyboardInterrupt):
        say(f"\n{NOTHING_CHANGED}")
        context.exit(INTERRUPTED)
    store = open_store(bootstrap.present())
    path = _keep(answers, before)
    say()
    say(ALL_DONE.format(path=path))
    is_told = wants_service and _start_at_login(context)
    if not (is_told or bootstrap.wake(store)):
        say(HOW_TO_RUN)
    _say_what_comes(store)
    say(HOW_TO_PAUSE)
    say()
    say(paragraph(NO_TREATMENT))


def _asked(questions: Questions) -> tuple[dict[str, Plain], bool]:
    """Ask all five; return the settings, and whether it is to start at every login."""
    answers: dict[str, Plain] = {
        KEYS["windows"]: questions.windows(),
        KEYS["discreet"]: questions.discreet(),
        KEYS["back_off"]: questions.back_off(),
        KEYS["alone"]: questions.alone(),
    }
    return answers, questions.at_login()


def _before() -> Mapping[str, Plain]:
    """Return every setting as it is now; the defaults where there is no file."""
    import os

    from reminderd.adapters import paths
    from reminderd.adapters.settings import written

    return {key: one.value for key, one in written(paths.config_file(), os.environ).items()}


def _any_history() -> bool:
    """Return whether anything ever came; looking makes no database."""
    from reminderd.adapters import paths

    there = paths.database_file().exists()
    return there and open_store(bootstrap.present()).reading.any_history()


def _keep(answers: Mapping[str, Plain], before: Mapping[str, Plain]) -> str:
    """Write the answers, and return where."""
    from reminderd.adapters import config_file, paths

    path = paths.config_file()
    if not path.exists():
        config_file.create(path, answers)
    else:
        changed = {key: value for key, value in answers.items() if value != before[key]}
        words = {key: one if isinstance(one, list) else str(one) for key, one in changed.items()}
        config_file.set_values(path, words)
    return str(path)


def _start_at_login(context: click.Context) -> bool:
    """Install the service, which says how it goes on; return False where that could not be."""
    from reminderd.cli.service import install

    try:
        context.invoke(install, dry_run=False, as_json=False)
    except ServiceError as error:
        say(error.message)
        say(error.hint)
        return False
    return True


def _say_what_comes(store: Store) -> None:
    """Say what comes next, and what the settings leave no room for."""
    from reminderd.app.preview import preview
    from reminderd.cli.look import NOTHING_COMES, PAUSED, shortfall_lines
    from reminderd.core.pausing import paused_until
    from reminderd.core.pool import why_none
    from reminderd.core.spoken_window import format_window

    present = bootstrap.present()
    preferences = bootstrap.preferences(bootstrap.load_settings())
    found = preview(store, preferences, present, _DAYS_AHEAD)
    until = paused_until(store.answers.pause(), present.now, present.zone)
    if until:
        say(PAUSED.format(until=until_words(until, present)))
    prompts = bootstrap.load_decks().prompts
    if nothing := why_none(prompts, preferences.practice, store.answers.disabled()):
        say(paragraph(nothing))
        return
    if not store.reading.any_history():
        say(paragraph(WHAT_COMES))
    elif coming := [one.at for one in found.coming if until is None or one.at >= until]:
        say(COMES_NEXT.format(at=moment(coming[0], present)))
    elif not (until or found.crowded_out):
        say(NOTHING_COMES)
    for line in shortfall_lines(found, _DAYS_AHEAD, present):
        say(paragraph(line))
    if not (found.coming or found.crowded_out) and (hours := preferences.quiet.hours):
        quiet = ", ".join(format_window(one) for one in hours)
        say(paragraph(NO_ROOM.format(hours=quiet)))
