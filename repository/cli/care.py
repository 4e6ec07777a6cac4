"""Commands that look after the house: verify, touch."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import click

from repository.assembly import House, opened
from repository.catalogue import catalogue_place
from repository.catalogue import differences as differences_of_lists
from repository.cli.progress import progress
from repository.dump import counts_place
from repository.dump import differences as differences_of_dumps
from repository.formats import OAI_FORMATS, by_name
from repository.index.compare import differences
from repository.index.opening import foreign_base, is_lost, shown
from repository.log import Log
from repository.model.errors import LogError, ProjectionError
from repository.model.records import Selection
from repository.model.settings import load_settings
from repository.oai.compare import differences as differences_of_chunks
from repository.search import place
from repository.search.checksums import damaged
from repository.search.compare import compared

_PREFIXES = [form.name for form in OAI_FORMATS]


@click.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Check the log record by record: seals, digests, heads, sets, links; if it is clean, what was made of it.

    That is the SPARQL index and the search index, by content; what was rendered for OAI-PMH, by rendering it again;
    the lists to browse, by making them again; the counts, by counting again; dumps, by their checksums. Records that
    cannot be given in a format are named. Repairs nothing: a log with faults is restored from a backup, the rest is
    made anew by `sheaf rebuild`.

    \b
    Exit status: 0 clean, 1 faults were found.
    Example:
      sheaf verify
    """
    settings = load_settings()
    with opened(settings, read_only=True) as house:
        found = _verify_log(house)
        if found:
            text = f"{found} faults; restore a backup, or ingest the records named again"
            click.echo(f"{text}; what is made of the log was not looked at", err=True)
        else:
            click.echo(f"clean: {house.log.count()} live records", err=True)
            seq = house.log.newest()
            # The one that `sheaf backup` and `sheaf restore` print.
            click.echo(f"digest {house.log.digest(seq)} of all entries up to {seq}", err=True)
            for name, check in _PROJECTIONS.items():
                found += _guarded(name, check, house)
    context.exit(1 if found else 0)


def _guarded(name: str, check: Callable[[House], int], house: House) -> int:
    """What a check finds; damage that keeps it from its end is one more, and the next check goes on."""
    try:
        return check(house)
    except (ProjectionError, LogError) as error:
        click.echo(f"{name} cannot be compared: {error}")
        return 1
    except BaseException as error:
        # Tantivy and Oxigraph say "damaged" with these, and with panics, which are no Exception and have no name here.
        if (
            not isinstance(error, (ValueError, RuntimeError, OSError))
            and type(error).__name__ != "PanicException"
        ):
            raise
        click.echo(f"{name} cannot be read to the end: {error}; `sheaf rebuild` makes it anew")
        return 1


def _verify_log(house: House) -> int:
    found = 0
    with progress("verify the log", house.log.count()) as tell:
        for fault in house.log.verify(tell=lambda checked: tell(checked, checked)):
            found += 1
            click.echo(f"{fault.place}: {fault.name}: {fault.text}")
    return found


@contextmanager
def _followed(house: House) -> Iterator[Log]:
    """The log that the SPARQL index is compared with. A server's index is everybody's: whoever follows for all may read
    another replica than ours, and ours may be behind it."""
    settings = house.settings
    if not (settings.sparql_url and settings.database_read_url):
        yield house.log
        return
    with closing(Log(settings.log_url, read_only=True)) as log:
        yield log


def _verify_index(house: House) -> int:
    found = 0
    if foreign := foreign_base(house.settings):
        click.echo(
            f"the SPARQL index has addresses under {foreign}, but here the base URL is {house.site.base}: "
            "set SHEAF_BASE_URL as the service has it",
            err=True,
        )
        return 1
    with (
        _followed(house) as log,
        shown(house.settings) as index,
        progress("verify the index", log.count()) as tell,
    ):
        if index is None and is_lost(house.settings):
            click.echo(
                "index: which snapshot is the current one cannot be read; `sheaf rebuild` makes it anew"
            )
            return 1
        if index is None:
            click.echo(
                "there is no SPARQL index yet: `sheaf follow --once` or `sheaf serve` makes it", err=True
            )
            return 0
        for difference in differences(log, house.site, index, lambda checked: tell(checked, checked)):
            found += 1
            click.echo(f"index: {difference.identifier}: {difference.text}")
        if found:
            click.echo(
                f"{found} differences between log and index; `sheaf rebuild` makes the index anew", err=True
            )
        else:
            click.echo(f"the index is clean, at entry {index.seq}", err=True)
    return found


def _verify_search(house: House) -> int:
    found = 0
    for name in damaged(house.settings.search_folder):
        found += 1
        click.echo(f"search: the file {name} is damaged")
    if found:
        click.echo(f"{found} damaged files of the search index; `sheaf rebuild` makes it anew", err=True)
        return found
    try:
        index = compared(house.settings.search_folder)
    except ProjectionError as error:
        click.echo(f"search: {error}; `sheaf rebuild` makes it anew")
        return 1
    if index is None and place.is_lost(house.settings.search_folder):
        click.echo("search: which index is the current one cannot be read; `sheaf rebuild` makes it anew")
        return 1
    if index is None:
        click.echo("there is no search index yet: `sheaf follow --once` or `sheaf serve` makes it", err=True)
        return 0
    with progress("verify the search index", house.log.count()) as tell:
        for difference in index.differences(house.log, lambda done: tell(done, done)):
            found += 1
            click.echo(f"search: {difference.identifier}: {difference.text}")
    if found:
        click.echo(
            f"{found} differences between log and search index; `sheaf rebuild` makes it anew", err=True
        )
    else:
        click.echo(f"the search index is clean, at entry {index.position.seq}", err=True)
    return found


def _verify_chunks(house: House) -> int:
    found: set[str] = set()
    if house.chunks:
        with progress("verify what was rendered", house.chunks.count()) as tell:
            for each in differences_of_chunks(
                house.log, house.settings, house.chunks, lambda checked: tell(checked, checked)
            ):
                text = f"oai: {each.identifier}: {each.text}"
                if text not in found:
                    click.echo(text)
                found.add(text)
    return len(found)


def _verify_lists(house: House) -> int:
    found = 0
    try:
        with progress("verify the lists to browse", house.log.newest(), "entries") as tell:
            for text in differences_of_lists(
                catalogue_place(house.settings.data), house.log, lambda done: tell(done, done)
            ):
                found += 1
                click.echo(f"lists: {text}")
    except ProjectionError as error:
        # What nobody could look at is not clean.
        click.echo(f"lists: {error}")
        return found + 1
    if found:
        click.echo(
            f"{found} differences between log and lists to browse; `sheaf rebuild` makes them anew", err=True
        )
    return found


def _verify_counts(house: House) -> int:
    found = 0
    settings = house.settings
    with progress("verify counts and dumps", house.log.newest(), "entries") as tell:
        for text in differences_of_dumps(
            house.log,
            counts_place(settings.data),
            settings.dumps_folder,
            lambda counted: tell(counted, counted),
        ):
            found += 1
            click.echo(text)
    return found


# Each by the name that it has in messages.
_PROJECTIONS: dict[str, Callable[[House], int]] = {
    "the SPARQL index": _verify_index,
    "the search index": _verify_search,
    "what was rendered for OAI-PMH": _verify_chunks,
    "the lists to browse": _verify_lists,
    "what was counted or dumped": _verify_counts,
}


@click.command()
@click.option("--set", "chosen", help="Only records of this set.")
@click.option(
    "--prefix",
    type=click.Choice(_PREFIXES),
    default="rdf",
    show_default=True,
    help="Only records that have this format.",
)
def touch(chosen: str | None, prefix: str) -> None:
    """Offer records again under a new datestamp, for the day a crosswalk changes.

    \b
    Example:
      sheaf touch --set type:article --prefix oai_dc
    """
    with opened(load_settings()) as house:
        with house.log.read() as reading:
            if chosen and not reading.has_set(chosen):
                raise click.ClickException(f"{chosen} is no set here; see /oai?verb=ListSets")
        touched = house.log.touch(Selection(set=chosen), by_name[prefix].listing)
    click.echo(f"{touched} records touched", err=True)


COMMANDS = (verify, touch)
