"""The command that writes every record into one stream or file."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from repository.assembly import opened
from repository.cli.progress import progress
from repository.dump import COMPRESSIONS, FORMS, compressed, publish, whole
from repository.dump import dump as dump_all
from repository.model.settings import load_settings


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="nquads",
    show_default=True,
    help="N-Quads, TriG, or a JSON-LD document a line.",
)
@click.option("--compress", type=click.Choice([name for name in COMPRESSIONS if name]), help="While writing.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file to write, - for standard output. It is there when it is whole, and replaces what was there.",
)
@click.option(
    "--publish",
    "publishes",
    is_flag=True,
    help="Make today's dump for download at /dumps/, as `serve` does by itself at SHEAF_DUMP_AT.",
)
def dump(form: str, compress: str | None, output: Path | None, publishes: bool) -> None:
    """Print every live record: one named graph a record, sorted by identifier.

    All formats hold the same quads. Safe beside a running service; safe to interrupt.

    \b
    Example:
      sheaf dump | head
      sheaf dump --format trig --compress zstd -o records.trig.zst
    """
    if publishes:
        if output or compress or form != "nquads":
            raise click.UsageError(
                "--publish writes N-Quads by zstd into the data folder, and takes no other option"
            )
        _publish()
        return
    with opened(load_settings(), read_only=True) as house:
        try:
            with _out(output) as out, compressed(out, compress or "") as stream, _told() as tell:
                for done, chunk in enumerate(dump_all(house.log, house.site, FORMS[form]), 1):
                    stream.write(chunk)
                    tell(done)
        except BrokenPipeError:
            # The reader of a pipe has enough (sheaf dump | head): no fault of anyone.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _publish() -> None:
    settings = load_settings()
    with opened(settings, read_only=True) as house, _told() as tell:
        made = publish(settings.dumps_folder, house.log, house.site, settings.dump_keep, tell=tell)
    click.echo(f"{made.path}: {made.size} bytes", err=True)


@contextmanager
def _out(path: Path | None) -> Iterator[BinaryIO]:
    if path and str(path) != "-":
        with whole(path) as out:
            yield out
    else:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


@contextmanager
def _told() -> Iterator[Callable[[int], None]]:
    """Progress for who watches a terminal. A job of the night says nothing unless something is wrong."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with progress("dump", None) as tell:
        yield lambda done: tell(done, done) if done % 1000 == 0 else None


COMMANDS = (dump,)
