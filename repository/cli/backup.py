"""Commands that back up and restore."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from repository.backup import Manifest, back_up, log_file, restore
from repository.cli.progress import progress, progress_of_bytes
from repository.model.settings import Settings, load_settings
from repository.serve import locked

_PLACE = click.Path(path_type=Path)


@contextmanager
def _bytes(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress in bytes, whose total is known with the first telling."""
    with progress_of_bytes(label, 0) as tell:
        yield lambda done, total: tell(done, 0)


@contextmanager
def _entries(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress in entries of a log on a database server."""
    with progress(label, None, "entries") as tell:
        yield lambda done, _: tell(done, done)


@click.command()
@click.argument("folder", metavar="DIR", type=_PLACE)
def backup(folder: Path) -> None:
    """Back up into DIR, a new folder: the whole log as it is at one moment, and the settings.

    Safe beside a running service and while something is written. In the log are all records and their history, tokens,
    harvest positions, decisions, private facts, and the key that signs resumption tokens; so keep DIR to yourself.
    What is made of the log is not in it. DIR appears when it is whole. A log in PostgreSQL is copied into a file of
    SQLite, entry by entry: pg_dump is faster, but only PostgreSQL reads what it makes.

    \b
    Exit status: 0 backed up, 1 not, with the reason; DIR is not there then.
    Example:
      sheaf backup /var/backups/sheaf/$(date +%F)
    """
    settings = load_settings()
    with _bytes("back up") if log_file(settings) else _entries("back up") as tell:
        made = back_up(settings, folder, tell)
    size = sum(each.bytes for each in made.files.values())
    click.echo(f"backed up {_told(made)} to {folder} ({size / 1e6:.1f} MB)", err=True)
    click.echo(f"digest {made.digest}")


@click.command(name="restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help="Replace a log that has records; it is set aside, not deleted.")
def restore_command(folder: Path, force: bool) -> None:
    """Put the log of the backup in DIR into the data folder, or into an empty database if SHEAF_DATABASE_URL names one,
    once every file of it is what its manifest says.

    Nothing may run on the data folder meanwhile. The indexes and all else that is made of the log is made anew by the
    next `sheaf serve`. Settings are not touched: those of then are in DIR/sheaf.toml. `sheaf verify` prints the digest
    that `sheaf backup` printed. What was erased since the backup is there again: erase it again.

    \b
    Exit status: 0 restored, 1 not, with the reason; nothing was changed then.
    Example:
      SHEAF_DATA=/srv/sheaf sheaf restore /var/backups/sheaf/2026-11-26
    """
    settings = load_settings()
    with locked(settings):
        if log_file(settings):
            with _bytes("check the backup") as tell:
                done = restore(settings, folder, force=force, tell=tell)
        else:
            with _entries("fill the database") as tell:
                done = restore(settings, folder, force=force, tell_entries=tell)
    place = settings.data if log_file(settings) else "the database"
    click.echo(f"restored {_told(done.manifest)} to {place}", err=True)
    if done.former:
        click.echo(f"the former log is kept as {done.former}; delete it when you are sure", err=True)
    for line in _otherwise(settings, done.manifest):
        click.echo(line, err=True)
    click.echo(f"digest {done.manifest.digest}")


def _told(made: Manifest) -> str:
    return f"{made.records} live records, up to entry {made.seq}"


def _otherwise(settings: Settings, made: Manifest) -> Iterator[str]:
    """What harvesters and readers would see to be another repository."""
    for name in ("base_url", "oai_namespace"):
        then, now = getattr(made, name), getattr(settings, name)
        if then != now:
            yield f"note: {name} was {then} when this was backed up, and is {now} here"


COMMANDS = (backup, restore_command)
