"""The command that writes whole archives for RePEc."""

import json
import sys
from pathlib import Path

import click

from repository.assembly import opened
from repository.cli.progress import progress
from repository.export import Export, Report, Wanted
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.settings import Settings, load_settings


@click.group()
def export() -> None:
    """Write records as files that others take.

    \b
    Example:
      sheaf export redif /srv/repec --with-contacts
    """


@export.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--only", multiple=True, metavar="HANDLE", help="This archive or series alone; may be repeated."
)
@click.option(
    "--with-contacts",
    is_flag=True,
    help="Write the maintainers' own e-mail addresses and telephone numbers, for all to read, instead of admin_email.",
)
@click.option(
    "--prune", is_flag=True, help="Remove ReDIF files that Sheaf did not write from the folders, too."
)
@click.option(
    "--url", default="", help="Where the folder RePEc will be served.  [default: RePEc/ of the base URL]"
)
@click.option("--json", "as_json", is_flag=True, help="Print what is left out and the summary as JSON lines.")
@click.pass_context
def redif(
    context: click.Context,
    folder: Path,
    only: tuple[str, ...],
    with_contacts: bool,
    prune: bool,
    url: str,
    as_json: bool,
) -> None:
    """Write whole archives into FOLDER/RePEc, in RePEc's layout and ready for it.

    A second export of the same records writes nothing; deleted records vanish. A series or archive that has no record
    gets a template that says what its works say. RePEc refuses archives and series without Maintainer-Email: where the
    maintainers' own are not written, admin_email stands there. Safe to interrupt: each file is whole or as it was.

    \b
    Exit status: 0 all exported, 1 some left out or something failed, 2 usage.
    Example:
      sheaf export redif /srv/repec --with-contacts
      sheaf export redif /srv/repec --only RePEc:xde --only RePEc:xdf:wpaper
    """
    try:
        handles = tuple(map(normalise, only))
    except IdentifierError as error:
        raise click.UsageError(str(error)) from None
    for handle in handles:
        if not handle.startswith("RePEc:") or not 2 <= len(handle.split(":")) <= 3 or not _is_plain(handle):
            raise click.UsageError(f"{handle} is the handle of neither an archive nor a series")
    settings = load_settings()
    url = url or f"{settings.site.base}RePEc/"
    # The placeholder is nobody's address.
    email = settings.admin_email if settings.admin_email != Settings().admin_email else ""
    wanted = Wanted(handles, with_contacts, prune, email, url, settings.site)

    def heed(identifier: str, why: str) -> None:
        if as_json:
            click.echo(json.dumps({"identifier": identifier, "left_out": why}))
        else:
            click.echo(f"{identifier}: left out: {why}")

    with opened(settings, read_only=True) as house, progress("export", None) as tell:
        watched = sys.stderr.isatty()
        report = Export(
            house.log,
            folder,
            wanted,
            heed,
            lambda seen: tell(seen, seen) if not watched or seen % 500 == 0 else None,
        ).run()
    _summary(report, wanted, as_json)
    context.exit(1 if report.left_out else 0)


def _is_plain(handle: str) -> bool:
    return all(part.isascii() and part.isalnum() for part in handle.split(":"))


def _summary(report: Report, wanted: Wanted, as_json: bool) -> None:
    names = ("records", "files", "written", "removed", "derived", "without_contact", "left_out")
    if as_json:
        click.echo(json.dumps({"summary": {name: getattr(report, name) for name in names}}))
        return
    click.echo(
        f"{report.records} records in {report.files} files; {report.written} written, {report.removed} removed; "
        f"{report.derived} templates of series and archives without a record made up; "
        f"{report.left_out.total()} records left out",
        err=True,
    )
    if report.without_contact:
        click.echo(_without_contact(report.without_contact, wanted), err=True)


def _without_contact(count: int, wanted: Wanted) -> str:
    """What RePEc will say of archives and series that are written without their maintainers' addresses."""
    known = (
        "none is known of them"
        if wanted.contacts
        else "--with-contacts writes their own where they are known, for everybody to read"
    )
    if wanted.email:
        return f"note: in {count} archives and series Maintainer-Email, which RePEc asks for, is admin_email: {known}"
    return (
        f"warning: {count} archives and series have no Maintainer-Email, and RePEc refuses them: {known}; "
        "set SHEAF_ADMIN_EMAIL to have that address stand there"
    )


COMMANDS = (export,)
