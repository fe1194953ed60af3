"""The group that knows its commands from a table, and loads one when it is called."""

from __future__ import annotations

import os
from importlib import import_module
from keyword import iskeyword
from typing import Any, Final

import click

from reminderd import __version__
from reminderd.cli.main import SECTIONS

_MODULES: Final = {
    name: module for section in SECTIONS.values() for name, (module, _) in section.items()
}


class Program(click.Group):
    """A group that knows its commands from the table and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help."""
        del ctx
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        del ctx
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"reminderd.cli.{_MODULES[cmd_name]}")
        command: click.Command = getattr(
            module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        )
        _mark_examples(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a mistyped one is answered with the nearest there is."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # click looks for near names among the commands that are loaded: none.
            raise click.NoSuchCommand(error.command_name, possibilities=_MODULES, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in their sections, without loading them."""
        del ctx
        longest = max(map(len, _MODULES))
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(longest), line) for name, (_, line) in section.items()]
                )

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 -- as click declares it
    ) -> click.Context:
        """Switch colour off where the person asks for none (https://no-color.org)."""
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            extra["color"] = False
        return super().make_context(info_name, args, parent, **extra)


def _mark_examples(command: click.Command) -> None:
    r"""Let click see where examples begin, in a command and those below it.

    It wants a backspace character before a block that keeps its lines. Docstrings are written raw,
    so that they show the two characters `\b` for it.
    """
    command.help = command.help and command.help.replace("\\b\n", "\b\n")
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _mark_examples(inner)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="reminderd", message="%(prog)s %(version)s")
def program() -> None:
    r"""A quiet companion: one small practice at a good moment, on your desktop.

    \b
    Examples:
      reminderd setup         five questions, each with an answer to start from
      reminderd now           one practice at once
      reminderd pause 2h      quiet for two hours
      reminderd COMMAND -h    what a command does, with an example
    """


_mark_examples(program)
