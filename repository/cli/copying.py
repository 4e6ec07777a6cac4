"""The command that moves a log to another database."""

import click

from repository.cli.progress import progress
from repository.log import transfer


@click.command(name="copy")
@click.argument("source", metavar="FROM_URL")
@click.argument("target", metavar="TO_URL")
def copy_command(source: str, target: str) -> None:
    """Copy a whole log into an empty database: between SQLite and PostgreSQL, both ways, or to another of its kind.

    Every row comes along: seqs, datestamps and history, private facts, tokens, decisions, harvest positions, and the
    key that signs resumption tokens; so readers and harvesters see no difference. Interrupted, even by kill -9, it goes
    on when it is run again. Readers may go on meanwhile; end whoever writes, or what is written behind the last look
    stays behind. At the end every table of both is compared. Keep passwords out of the URLs: others see them in the
    list of processes (use PGPASSFILE or PGPASSWORD).

    \b
    Exit status: 0 copied and compared, 1 not, with the reason; 2 usage.
    Example:
      sheaf copy sqlite:////srv/sheaf/data/log.sqlite postgresql://sheaf@db.example.org/sheaf
    """
    with progress("copy", None, "entries") as tell:
        done = transfer(
            source, target, lambda now, _: tell(now, now), lambda text: click.echo(text, err=True)
        )
    click.echo(f"copied {done.rows} rows, up to entry {done.seq}", err=True)
    click.echo(f"digest {done.digest}")


COMMANDS = (copy_command,)
