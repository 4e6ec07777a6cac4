"""`sheaf erase`: what nobody may read any more, out of the log and out of all that was made of it."""

import sys

import click

from repository.assembly import House, followed, followed_search, opened, rebuild_flag, search_rebuild_flag
from repository.backup import former_logs
from repository.cli.progress import progress
from repository.dump import withdraw
from repository.index import snapshots
from repository.index.opening import foreign_base
from repository.model.errors import IdentifierError, LockedError, LogError, ProjectionError
from repository.model.identifiers import normalise
from repository.model.settings import Settings, load_settings
from repository.report import place as report_place
from repository.search import place
from repository.sparql.cache import forget_results
from repository.web.replies import blank


@click.command()
@click.argument("identifier")
@click.option("--yes", is_flag=True, help="Erase without asking.")
def erase(identifier: str, yes: bool) -> None:
    """Delete a record and blank the content of all its versions, by law's order; under every former handle, too.

    Its entries stay in the log with a stated gap, so that harvesters learn of the deletion. Dumps that were offered
    hold what is erased, so they are withdrawn, as is the quality report, which may quote it. The SPARQL index and the
    search index are made anew, for their files keep what was deleted: at once where nobody serves, else by the service,
    a moment later.

    Of what a harvest could not keep, and only holds, the held bytes go; its upstream may send it again.

    Yours to see to: backups, former logs that `sheaf restore` set aside (they are named), what `sheaf mirror` fetched,
    dumps that others have, a SPARQL server of your own.

    \b
    Exit status: 0 erased, 1 never kept here, or not wholly, with the reason; 2 usage.
    Example:
      sheaf erase RePEc:xde:wpferr:2015-01 --yes
    """
    try:
        name = normalise(identifier)
    except IdentifierError as error:
        raise click.UsageError(str(error)) from None
    settings = load_settings()
    with opened(settings) as house:
        if house.log.get(name) is None and not house.log.holds(name):
            raise click.ClickException(f"{identifier} was never kept here")
        if not (yes or _agreed()):
            raise click.ClickException("nothing was erased")
        _erase(house, name)
        if house.chunks:
            house.chunks.clear()
        blank(settings.replies_file)
        for former in former_logs(settings):
            click.echo(f"{former}, which a restore set aside, may hold it still: delete it", err=True)
        if withdrawn := withdraw(settings.dumps_folder):
            click.echo(f"{withdrawn} dumps withdrawn; `sheaf dump --publish` makes a new one", err=True)
        forget_results(settings.index_folder)
        house.catalogue.rewrite()
        wrong = [_rewritten(house)]
    # Whatever could not be cleaned, the rest is: it may well have more readers.
    wrong += [_renew_index(settings), _renew_search(settings)]
    # It quotes titles and names of records that look alike, as the index had them.
    report_place(settings.data).unlink(missing_ok=True)
    if any(wrong):
        raise click.ClickException(
            f"{'; '.join(filter(None, wrong))}; nobody is shown what was erased, but these files hold it still: free "
            "some space (as much as the log has), and run this again"
        )


def _rewritten(house: House) -> str:
    """Why the log could not be written anew; empty where it was."""
    try:
        house.log.rewrite()
    except LogError as error:
        return str(error)
    return ""


def _agreed() -> bool:
    prompt = "The content of every version, under former handles too, will be gone for good. Erase it?"
    try:
        return click.confirm(prompt, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.ClickException(
            "nobody answered, so nothing was erased; --yes erases without asking"
        ) from None


def _erase(house: House, name: str) -> None:
    """The record and what led to it; says how much of each, and which records may be meant as well."""
    with house.log.read() as reading:
        former, back = reading.former(name)
        now = reading.resolve([name])[name]
    blanked = house.log.erase_all([name, *former], source="sheaf erase", agent="sheaf erase")
    for each, versions in blanked.items():
        text = "" if each == name else f" (it led to {name})"
        click.echo(f"{each}{text}: {versions} versions blanked", err=True)
    for each in back:
        click.echo(f"{each} led to {name} once, but is a live record again: it was left as it is", err=True)
    if now != name:
        click.echo(f"{name} had moved to {now}, which was left as it is: `sheaf erase {now}`", err=True)


def _renew_index(settings: Settings) -> str:
    """Why the index could not be made anew; empty where it was, or will be."""
    if settings.sparql_url or snapshots.current(settings.index_folder) is None:
        return ""
    try:
        # Made here under another base URL than the service has, it would have to be made once more.
        if foreign_base(settings):
            raise LockedError("the index is another's")
        with (
            progress("index", None) as tell,
            followed(settings, lambda done, _: tell(done, done)) as follower,
        ):
            follower.rebuild()
        click.echo("the SPARQL index was made anew", err=True)
    except LockedError:
        rebuild_flag(settings).touch()
        _asked("SPARQL index")
    except ProjectionError as error:
        rebuild_flag(settings).touch()
        return str(error)
    return ""


def _renew_search(settings: Settings) -> str:
    """The same of the search index."""
    if place.current(settings.search_folder) is None:
        return ""
    try:
        with progress("search index", None) as tell, followed_search(settings, tell) as follower:
            follower.rebuild()
        click.echo("the search index was made anew", err=True)
    except LockedError:
        search_rebuild_flag(settings).touch()
        _asked("search index")
    except ProjectionError as error:
        search_rebuild_flag(settings).touch()
        return str(error)
    return ""


def _asked(what: str) -> None:
    click.echo(
        f"the service was asked to make the {what} anew; until it has, the index's files hold what was erased",
        err=True,
    )


COMMANDS = (erase,)
