"""The `sheaf` command and how its failures look. Each command stands in the file of its kind."""

import logging
import os
import signal
import sys
from importlib import import_module

import click

from repository import __version__
from repository.lifeline import collect_rarely
from repository.model.errors import SheafError
from repository.telling import say

# {command: the file it stands in}
FILES = {
    "serve": "service",
    "ingest": "records",
    "get": "records",
    "delete": "records",
    "dump": "dump",
    "export": "export",
    "mirror": "mirror",
    "harvest": "harvest",
    "follow": "index",
    "rebuild": "index",
    "query": "index",
    "verify": "care",
    "touch": "care",
    "backup": "backup",
    "restore": "backup",
    "doctor": "doctor",
    "copy": "copying",
    "erase": "erasing",
    "links": "links",
    "move": "moving",
    "report": "report",
    "check-oai": "check",
    "check-shapes": "shapes",
    "token": "token",
}


class _Commands(click.Group):
    """Loads the file of the command that is asked for and no other: all of them take a third of a second more."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(FILES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in FILES:
            return None
        found: tuple[click.Command, ...] = import_module(f"repository.cli.{FILES[cmd_name]}").COMMANDS
        return next(command for command in found if command.name == cmd_name)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="sheaf")
def sheaf() -> None:
    """Sheaf: a linked-data and OAI-PMH repository for bibliographic records.

    Settings come from ./sheaf.toml and SHEAF_* variables (SHEAF_DATA, SHEAF_BASE_URL ...).

    \b
    Example:
      sheaf ingest records
      sheaf serve
    """


def _open_what_is_closed() -> None:
    """A caller may have closed some of the three streams (`>&-`). What is opened next would take its place: the log,
    say, and whatever some library tells would be written into it."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - it stays open


def main() -> None:
    """The entry point: errors that a person can mend are one line, ours a traceback."""
    if sys.argv[1:2] == ["serve"]:
        # Whoever asks for a reload while this is loaded, which takes half a second, or while the log is opened, which
        # may take minutes after an upgrade, is heard when there is somebody to hear (`serve.family`), and ends nothing.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    _open_what_is_closed()
    collect_rarely()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        # With standalone_mode off, click hands the status of `context.exit(1)` back instead of exiting with it.
        status = sheaf.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Abort:
        click.echo("sheaf: interrupted; what was reported as kept is kept", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SheafError as error:
        say(str(error))
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"{place}{error.strerror or error}")
        sys.exit(1)
