"""The section "Start": run, about (setup is in `setting_up.py`, service in `service.py`)."""

from __future__ import annotations

from typing import Final

import click

from reminderd import __version__
from reminderd.cli.output import bold, json_option, paragraph, say, say_json

# What is said of a person's practice; a test reads each for the words that never occur.
NO_TREATMENT: Final = (
    "reminderd is no treatment and no crisis service. In danger, call the local emergency number"
    " or a local crisis line."
)

ABOUT: Final = (
    (
        "It brings one small practice at a time, at a moment that suits you: to notice how you keep"
        " others at a distance, and to let them in at your own pace. What comes is chosen by how it"
        " went. What is not answered is let go."
    ),
    NO_TREATMENT,
    (
        "Nothing leaves this machine: it has no network, no account and no statistics. Settings,"
        " answers and notes are files that only you can read:"
    ),
)

# run


@click.command(short_help="Run in the foreground until Ctrl+C.")
@click.pass_context
def run(context: click.Context) -> None:
    r"""Run in the foreground until Ctrl+C. The very first start brings a first practice.

    `reminderd service install` lets it run by itself.

    \b
    Example:
      reminderd run
    """
    import gc

    gc.enable()  # `main` switches it off for commands, which are short
    from reminderd.launch import run as live

    context.exit(live())


# about


@click.command(short_help="Say what this is, and what it is not.")
@json_option
def about(as_json: bool) -> None:
    r"""Say what this is and is not, and where it keeps things.

    \b
    Example:
      reminderd about
    """
    from reminderd.adapters import paths

    if as_json:
        places = {
            "config": paths.config_file(),
            "prompts": paths.user_prompts_dir(),
            "database": paths.database_file(),
        }
        found = {name: str(place) for name, place in places.items()}
        say_json({"version": __version__, "licence": "MIT", **found, "about": ABOUT})
        return
    say(bold(f"reminderd {__version__}") + ", free software under the MIT licence")
    for text in ABOUT:
        say()
        say(paragraph(text))
    for what, place in (
        ("settings", paths.config_file()),
        ("own decks", paths.user_prompts_dir()),
        ("answers and notes", paths.database_file()),
    ):
        say(f"  {what.ljust(17)}  {place}")
