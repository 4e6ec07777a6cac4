"""Commands about the SPARQL index and the search index: follow, rebuild; and query."""

import csv
import io
import math
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from repository.assembly import (
    FollowedElsewhereError,
    followed,
    followed_search,
    limits_of,
    open_broker,
    opened,
    rebuild_flag,
    search_rebuild_flag,
    standby_flag,
)
from repository.cli.progress import progress
from repository.dump import counts_place
from repository.index.opening import foreign_base
from repository.keeping import run_follower
from repository.model.errors import LockedError
from repository.model.settings import Settings, load_settings
from repository.search import place
from repository.sparql import guard, named
from repository.sparql.limits import Limits
from repository.sparql.place import marked
from repository.sparql.question import QueryError, Question
from repository.sparql.results import FORMATS, formats_of

# Whoever follows already is given so long to come to where the log is.
_PATIENCE_SECONDS = 30.0
# What a terminal obeys.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# At a terminal nobody else waits for the machine.
_ROWS, _BYTES = 100_000_000, 8 << 30
_TABLE = "table"
_NAMES = (_TABLE, *(form.name for form in FORMATS))


@click.command()
@click.option("--once", is_flag=True, help="End when the index has come to where the log is.")
def follow(once: bool) -> None:
    """Bring the SPARQL index to where the log is, and keep it there until Ctrl-C; with --once the search index too.

    `sheaf serve` does this by itself; this is for an index that is followed elsewhere, or before the first start.

    \b
    Example:
      sheaf follow --once
    """
    settings = load_settings()
    if not once:
        click.echo("following the log; stop it with Ctrl-C", err=True)
        run_follower(settings)
        return
    with (
        progress("index", None) as tell,
        followed(settings, lambda done, total: tell(done, done)) as follower,
    ):
        reason = follower.behind()
        if reason:
            click.echo(f"making the index: {reason}", err=True)
        follower.catch_up()
        position = follower.index.position()
    click.echo(f"the index is at entry {position.seq if position else 0}", err=True)
    _search_once(settings)


def _search_once(settings: Settings, *, anew: bool = False) -> None:
    """Bring the search index to where the log is, whoever may write it."""
    if settings.search != "yes":
        return
    try:
        with progress("search index", None) as tell, followed_search(settings, tell) as follower:
            if anew:
                follower.rebuild()
            follower.catch_up()
            position = follower.writer.position()
        click.echo(f"the search index is at entry {position.seq if position else 0}", err=True)
    except LockedError:
        if anew:
            _have_search_rebuilt(settings)
        else:
            click.echo("the service keeps the search index", err=True)


def _have_search_rebuilt(settings: Settings) -> None:
    flag = search_rebuild_flag(settings)
    flag.touch()
    click.echo("the service keeps the search index and was asked to make it anew", err=True)
    while flag.exists() or place.current(settings.search_folder) is None:
        time.sleep(0.2)


@click.command()
def rebuild() -> None:
    """Make the SPARQL index, the search index and the lists to browse anew; forget what was rendered and counted.

    Readers see the old ones until the new ones are whole; lists of OAI-PMH are rendered again as they are asked for.
    May be called while `sheaf serve` runs; its follower does it then.

    \b
    Example:
      sheaf rebuild
    """
    settings = load_settings()
    with opened(settings, read_only=True) as house:
        if house.chunks:
            house.chunks.clear()
        with progress("rebuild the lists", house.log.newest(), "entries") as tell:
            house.catalogue.rebuild(lambda done: tell(done, done))
    counts_place(settings.data).unlink(missing_ok=True)
    try:
        with (
            progress("rebuild", None) as tell,
            followed(settings, lambda done, _: tell(done, done)) as follower,
        ):
            follower.rebuild()
            follower.catch_up()
            position = follower.index.position()
        click.echo(f"the index was made anew, up to entry {position.seq if position else 0}", err=True)
    except LockedError as error:
        _refuse_foreign(settings)
        if isinstance(error, FollowedElsewhereError) or standby_flag(settings).exists():
            raise click.ClickException(
                "another service over the same log follows the SPARQL server: run sheaf rebuild with its data folder"
            ) from None
        _have_rebuilt(settings)
    _search_once(settings, anew=True)


def _refuse_foreign(settings: Settings) -> None:
    """Another base URL than that of whoever follows would see no record in the index that it knows."""
    if foreign := foreign_base(settings):
        raise click.ClickException(
            f"the service that follows the index has the base URL {foreign}, but here it is {settings.site.base}: "
            "set SHEAF_BASE_URL as the service has it"
        )


def _have_rebuilt(settings: Settings) -> None:
    """Ask the process that follows the index, and wait until it is done."""
    with opened(settings, read_only=True) as house:
        rebuild_flag(settings).touch()
        click.echo("the service follows the index and was asked to make it anew", err=True)
        while rebuild_flag(settings).exists() or house.index() is None:
            time.sleep(0.2)
        after = house.index()
    click.echo(f"the index was made anew, up to entry {after.seq if after else 0}", err=True)


@click.command()
@click.argument("text", required=False, metavar="[SPARQL]")
@click.option("--named", "name", help="Ask a named query instead; see /sparql/named/ for those there are.")
@click.option("--with", "-w", "values", multiple=True, metavar="NAME=VALUE", help="A parameter of it.")
@click.option(
    "--file", "-f", "file", type=click.File("r", encoding="utf-8-sig"), help="Read the query; - is stdin."
)
@click.option(
    "--as",
    "form_name",
    type=click.Choice(_NAMES),
    help="The format; a table on a terminal, else CSV or Turtle.",
)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 86_400), default=300.0, show_default=True, help="The deadline."
)
@click.option(
    "--save", metavar="NAME", help="Keep the query under a name, for --named and /sparql/named/NAME."
)
def query(
    text: str | None,
    name: str | None,
    values: tuple[str, ...],
    file: io.TextIOBase | None,
    form_name: str | None,
    seconds: float,
    save: str | None,
) -> None:
    """Ask the records a question in SPARQL. The answer sees every record that was kept before.

    \b
    Exit status: 0 answered, 1 the query failed, 2 usage.
    Example:
      sheaf query 'SELECT ?title { ?w <http://purl.org/dc/terms/title> ?title } LIMIT 5'
      sheaf query --named cited-by --with work=RePEc:xde:dpgard:1 --as csv
    """
    if sum(given is not None for given in (text, name, file)) != 1:
        raise click.UsageError("give one query: as an argument, with --file, or with --named")
    if values and not name:
        raise click.UsageError("--with goes with --named")
    if math.isnan(seconds):
        raise click.BadParameter("nan is no number of seconds", param_hint="--seconds")
    settings = load_settings()
    asked = _named(settings, name, values) if name else _read(file) if file else text or ""
    try:
        guarded = guard.examine(asked)
        if save:
            path = named.save(settings.data, save, asked, settings.site)
            click.echo(f"saved as {path}", err=True)
        forms = {form.name: form for form in formats_of(guarded.form)}
        wanted = form_name or (
            _TABLE
            if sys.stdout.isatty() and "csv" in forms
            else next(n for n in ("csv", "turtle") if n in forms)
        )
        if (wanted not in forms and wanted != _TABLE) or (wanted == _TABLE and "csv" not in forms):
            raise click.UsageError(f"the result of a {guarded.form} query can be had as {', '.join(forms)}")
        media_type = forms["csv" if wanted == _TABLE else wanted].media_type
        up_to_date(settings)
        limits = replace(limits_of(settings), seconds=seconds, rows=_ROWS, bytes=_BYTES, workers=1)
        show = _show_table if wanted == _TABLE else _show
        _ask(settings, limits, Question(guarded.text, media_type, own_dataset=guarded.own_dataset), show)
    except QueryError as error:
        raise click.ClickException(marked(asked, error.message)) from None


def _read(file: io.TextIOBase) -> str:
    try:
        return str(file.read())
    except UnicodeDecodeError as error:
        raise click.ClickException(f"the query is not UTF-8: {error}") from None


def _named(settings: Settings, name: str, values: tuple[str, ...]) -> str:
    library = named.library(settings.data, settings.site)
    found = library.get(name)
    if found is None:
        raise click.UsageError(
            f"there is no query named {name}; there are: {', '.join(sorted(library.queries))}"
        )
    if odd := [value for value in values if "=" not in value]:
        raise click.UsageError(f"--with takes NAME=VALUE, not {odd[0]}")
    pairs = dict(value.partition("=")[::2] for value in values)
    unknown = sorted(set(pairs) - {parameter.name for parameter in found.parameters})
    if unknown:
        raise click.UsageError(f"{name} has no parameter {', '.join(unknown)}")
    return named.bind(found, pairs, settings.site, year=datetime.now(UTC).year)


def up_to_date(settings: Settings) -> None:
    """See that the index has everything the log has now, by whoever may write it."""
    try:
        with (
            progress("index", None) as tell,
            followed(settings, lambda done, _: tell(done, done)) as follower,
        ):
            follower.catch_up()
        return
    except LockedError:
        _refuse_foreign(settings)
    end = time.monotonic() + _PATIENCE_SECONDS
    with opened(settings, read_only=True) as house:
        newest = house.log.newest()
        while (source := house.index()) is None or source.seq < newest:
            if time.monotonic() > end:
                click.echo(
                    f"the index is behind the log (at {source.seq if source else 0} of {newest})", err=True
                )
                return
            time.sleep(0.1)


def _ask(settings: Settings, limits: Limits, question: Question, show: Callable[[BinaryIO], None]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="sheaf-query-"))
    broker = open_broker(settings, folder, limits)
    try:
        _, file = broker.answer(question)
        with file:
            show(file)
    finally:
        broker.close()
        shutil.rmtree(folder, ignore_errors=True)


def _show(file: BinaryIO) -> None:
    shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _show_table(file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="")
    rows = csv.reader(text)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in next(rows, []):
        table.add_column(heading, overflow="fold")
    for row in rows:
        # Texts of records are shown as they are: neither rich's markup nor what terminals obey.
        table.add_row(*(Text(_CONTROL.sub("\ufffd", cell)) for cell in row))
    text.detach()
    Console().print(table)


COMMANDS = (follow, rebuild, query)
