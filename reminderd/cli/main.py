"""The program's entry point: run a command, and end with one plain answer whatever happens.

To add a command: a line in the table below, and the function of that name in its module (with an
underscore behind a word that Python keeps for itself).

| exit code | meaning |
| --- | --- |
| 0 | it went well |
| 1 | an expected failure: what happened and what to do next, on standard error |
| 2 | the command was used in a way that it does not have |
| 3 | a defect of reminderd: one line, and where its traceback is |
| 130 | interrupted |
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from reminderd.errors import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reminderd.errors import ReminderdError

_NOT_WRITTEN: Final = frozenset(
    {
        *(errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        *(errno.EIO, errno.EBADF, errno.EAGAIN, errno.EROFS),
    }
)
"""What is wrong with an output that cannot be written to."""

# Section -> command -> (module, what its help says in one line). The line stands here as well as
# in the command, so that `reminderd --help` loads nothing; a test compares the two.
SECTIONS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Start": {
        "setup": ("setting_up", "Answer five questions, and it is ready."),
        "run": ("start", "Run in the foreground until Ctrl+C."),
        "service": ("service", "Start it at every login, as a systemd user service."),
        "about": ("start", "Say what this is, and what it is not."),
    },
    "Practise": {
        "now": ("bring", "Bring one practice at once."),
        "show": ("practise", "Show the newest practice in full."),
        "respond": ("practise", "Answer the open practice."),
        "note": ("notes", "Note a practice that happened by itself."),
    },
    "See how it stands": {
        "status": ("look", "Show how things stand."),
        "why": ("why", "Explain the last practice, the last silence and the next one."),
        "preview": ("look", "Show the coming moments."),
        "simulate": ("simulate", "Live some months in advance, in seconds."),
        "history": ("past", "Show what came, and what you answered."),
    },
    "Have quiet": {
        "pause": ("quiet", "Stop everything for a while."),
        "resume": ("quiet", "End the pause."),
    },
    "Your data": {
        "export": ("own_data", "Take your history out, in a file that others can read."),
        "import": ("own_data", "Bring in an export, or a backup."),
        "backup": ("keeping", "Make a copy of your history, whole at any moment."),
        "erase": ("keeping", "Erase your history, or part of it, for good."),
        "uninstall": ("uninstall", "Leave: stop it, and remove what starts and shows it."),
    },
    "Make it yours": {
        "config": ("configure", "Read and change the settings."),
        "prompts": ("configure", "See, edit, switch on and off what is practised."),
    },
}


def main() -> NoReturn:
    """Run the command line of this process, and end the process."""
    # A command is over before it has anything worth collecting, and the collector's own passes
    # would take a fifth of its time. `reminderd run` switches it on again.
    gc.disable()
    code = run(sys.argv[1:])
    _let_go_of_output()
    gc.freeze()  # nor is there anything to look through at the end
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing is raised."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- whatever is not expected is a defect, told as one
        from reminderd.cli.defect import tell

        return tell(error)


def _let_go_of_output() -> None:
    """Drop what could not be written, or Python would try again at its end and complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(arguments: Sequence[str]) -> int:
    import click

    from reminderd.cli.group import program
    from reminderd.errors import ReminderdError

    for stream in (sys.stdout, sys.stderr):
        # A person's own words may have letters that their terminal has not.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code: object = program.main(list(arguments), prog_name="reminderd", standalone_mode=False)
    except click.Abort:
        if sys.stderr is not None and sys.stderr.isatty():
            click.echo(err=True)  # the question's line is not to be the shell's as well
        return INTERRUPTED
    except ReminderdError as error:
        _tell(error)
        return error.exit_code
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return error.exit_code
    except OSError as error:
        refused = _refused(error)
        if refused is None:
            raise
        _tell(refused)
        return refused.exit_code
    except SystemExit:
        # click's way to end when standard output is a pipe that nobody reads any more: whoever
        # reads has read enough (`reminderd history | head -1`).
        return 0
    return code if isinstance(code, int) else 0


def _refused(error: OSError) -> ReminderdError | None:
    """Return what is told of the system's refusal; None where it can only come of a defect."""
    from reminderd.adapters import trust
    from reminderd.errors import ReminderdError

    # Any folder of the person's may have been closed to them, and so much looks at them that the
    # refusal is told here, once.
    if error.errno == errno.EACCES and isinstance(error.filename, str):
        return trust.closed(error.filename)
    # Without a file's name it came of writing help or version, which click does.
    if error.errno in _NOT_WRITTEN and error.filename is None:
        return ReminderdError(f"The output could not be written: {error.strerror}.")
    return None


def _tell(error: ReminderdError) -> None:
    """Tell of an expected failure."""
    import click

    from reminderd.cli.output import paragraph
    from reminderd.errors import DamagedStoreError

    if isinstance(error, DamagedStoreError):
        from reminderd.bootstrap import ask_to_mend

        error = ask_to_mend(error)
    with suppress(OSError):
        told = "\n".join(filter(None, (error.message, error.hint)))
        click.echo(paragraph(told, err=True), err=True)
