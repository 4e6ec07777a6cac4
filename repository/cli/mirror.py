"""The command that follows archives of others in RePEc's layout."""

import hashlib
import json
import re
import sys
from contextlib import closing, nullcontext
from pathlib import Path

import click

from repository.assembly import House, opened
from repository.cli.progress import progress
from repository.mirror import BusyError, Mirror, Report, alone, is_remote, named, opened_place
from repository.mirror.known import Store
from repository.model.errors import SheafError, SourceError
from repository.model.settings import Settings, load_settings
from repository.readers.reader import Finding
from repository.telling import on_one_line

_FINE, _FINDINGS, _UNREACHABLE, _BUSY, _FAILED = 0, 1, 3, 4, 5


class _FailedError(click.ClickException):
    """A schedule takes what is refused for an everyday thing; this is none."""

    exit_code = _FAILED


@click.command()
@click.argument("sources", nargs=-1, required=True)
@click.option(
    "--vanish-after",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    metavar="N",
    help="Delete what was missing in so many good passes.",
)
@click.option("--strict", is_flag=True, help="Refuse every template that RePEc's reference parser refuses.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print findings and summaries as JSON lines.")
@click.option("--quiet", "-q", is_flag=True, help="Print errors alone.")
@click.pass_context
def mirror(
    context: click.Context,
    sources: tuple[str, ...],
    vanish_after: int,
    strict: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Follow archives in RePEc's layout: fetch what changed, keep it, and keep its records.

    A source is a folder, an http, https or ftp address, or an archive template that says where its archive is. What
    vanishes is deleted after some good passes; one in which anything could not be listed, had or read deletes nothing.
    Made for schedules: says little, and goes on where it was killed.

    \b
    Exit status: 0 all good, 1 something was refused, 2 usage, 3 a source cannot be reached, 4 another run is at it,
    5 nothing can be kept: settings are wrong, or the log or the disk will not do.
    Example:
      sheaf mirror https://example.org/RePEc/xde/ ftp://example.org/RePEc/xdf/
      sheaf mirror /srv/repec --vanish-after 5 --json
    """
    worst = _FINE
    try:
        settings = load_settings()
        with opened(settings) as house:
            for source in sources:
                worst = max(
                    worst, _one(house, settings, source, vanish_after, strict, dry_run, as_json, quiet)
                )
    except (SheafError, OSError) as error:
        raise _FailedError(str(error)) from None
    context.exit(worst)


def _one(
    house: House,
    settings: Settings,
    source: str,
    vanish_after: int,
    strict: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    folder = settings.data / "mirror" / _folder(source)

    def heed(path: str, finding: Finding) -> None:
        if finding.severity == "error" or (not quiet and finding.severity == "warning"):
            _show(source, path, finding, as_json)

    watched = (
        progress("mirror", None)
        if sys.stderr.isatty() and not quiet
        else nullcontext(lambda files, records: None)
    )
    try:
        with alone(folder, source), closing(opened_place(source, house.site)) as place, watched as tell:
            if not is_remote(place.name) and not dry_run:
                place.name = named(place.name, Path(source), folder)
            report = Mirror(
                house.log, house.site, place, Store(folder), vanish_after, strict, dry_run, heed, tell
            ).run()
    except BusyError as error:
        click.echo(f"{source}: {error}", err=True)
        return _BUSY
    except SourceError as error:
        heed("", Finding("error", "unreachable", 0, str(error), "nothing changed here"))
        return _UNREACHABLE
    asked = dry_run and not quiet
    if as_json or asked or sys.stderr.isatty() or not report.clean:
        _summary(report, as_json)
    return _FINE if report.clean else _FINDINGS if report.reached else _UNREACHABLE


def _folder(source: str) -> str:
    """A name for a source that may be one of a folder; two sources never share it."""
    known = source.rstrip("/") if is_remote(source) else str(Path(source).resolve())
    words = re.sub(r"[^a-z0-9]+", "-", known.lower()).strip("-")[-40:]
    return f"{words}-{hashlib.sha256(known.encode()).hexdigest()[:12]}"


def _show(source: str, path: str, finding: Finding, as_json: bool) -> None:
    if as_json:
        # A name in bytes that are no UTF-8.
        path = path.encode("utf-8", "backslashreplace").decode()
        row = {"source": source, "file": path, "line": finding.line, "severity": finding.severity}
        row |= {"code": finding.code, "text": finding.text, "done": finding.done}
        click.echo(json.dumps(row | {"identifier": finding.identifier}, ensure_ascii=False))
        return
    place = f"{source} {path}".strip() + (f":{finding.line}" if finding.line else "")
    text = f"{place}: {finding.severity}: {finding.text} [{finding.code}; {finding.done}]"
    click.echo(on_one_line(text))


def _summary(report: Report, as_json: bool) -> None:
    names = (
        "source",
        "reached",
        "good",
        "files",
        "fetched",
        "changed",
        "refused",
        "missing",
        "outcomes",
        "findings",
    )
    if as_json:
        click.echo(
            json.dumps({"summary": {name: getattr(report, name) for name in names}}, ensure_ascii=False)
        )
        return
    outcomes = ", ".join(f"{n} {word}" for word, n in sorted(report.outcomes.items())) or "nothing new"
    uncounted = "" if report.good else "; not a good pass: nothing was counted as missing"
    click.echo(
        f"{report.source}: {report.files} files, {report.fetched} fetched, {report.changed} changed ({outcomes}); "
        f"{report.refused} refused, {report.missing} records missing{uncounted}",
        err=True,
    )


COMMANDS = (mirror,)
