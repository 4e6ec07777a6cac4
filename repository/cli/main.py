"""The `sheaf` command and how its failures look. Each command stands in the file of its kind."""

import logging
import sys

import click

from repository import __version__
from repository.cli import (
    backup,
    care,
    check,
    copying,
    doctor,
    dump,
    erasing,
    export,
    harvest,
    index,
    links,
    mirror,
    moving,
    records,
    report,
    service,
    shapes,
    token,
)
from repository.model.errors import SheafError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sheaf")
def sheaf() -> None:
    """Sheaf: a linked-data and OAI-PMH repository for bibliographic records.

    Settings come from ./sheaf.toml and SHEAF_* variables (SHEAF_DATA, SHEAF_BASE_URL ...).

    \b
    Example:
      sheaf ingest records
      sheaf serve
    """


for command in (
    *service.COMMANDS,
    *records.COMMANDS,
    *dump.COMMANDS,
    *export.COMMANDS,
    *mirror.COMMANDS,
    *harvest.COMMANDS,
    *index.COMMANDS,
    *care.COMMANDS,
    *backup.COMMANDS,
    *doctor.COMMANDS,
    *copying.COMMANDS,
    *erasing.COMMANDS,
    *links.COMMANDS,
    *moving.COMMANDS,
    *report.COMMANDS,
    *check.COMMANDS,
    *shapes.COMMANDS,
    *token.COMMANDS,
):
    sheaf.add_command(command)


def main() -> None:
    """The entry point: errors that a person can mend are one line, ours a traceback."""
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
        sys.exit(2 if isinstance(error, click.UsageError) else 1)
    except SheafError as error:
        click.echo(f"sheaf: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"sheaf: {place}{error.strerror or error}", err=True)
        sys.exit(1)
