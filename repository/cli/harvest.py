"""The command that takes records from another repository, by OAI-PMH or by its event stream."""

import contextlib
import json
import sys
from collections.abc import Callable

import click

from repository.assembly import House, opened
from repository.cli.progress import progress
from repository.harvest import (
    Asked,
    Follow,
    Harvest,
    Limits,
    Patience,
    Report,
    Wanted,
    look,
    running,
    take_over,
)
from repository.model import datestamps
from repository.model.errors import DateError, SourceError
from repository.model.records import Held
from repository.model.settings import load_settings
from repository.readers.fetching import Fetcher
from repository.readers.harvest import Upstream
from repository.readers.places import canonical
from repository.readers.reader import Finding
from repository.telling import on_one_line

_LIMITS = Limits()


def _date(context: click.Context, option: click.Parameter, value: str) -> str:
    try:
        if value:
            datestamps.parse_since(value)
    except DateError as error:
        raise click.BadParameter(str(error), context, option) from None
    return value


@click.command()
@click.argument("url")
@click.option(
    "--prefix", default="", help="The format to take.  [default: rdf if it can be read, else oai_dc]"
)
@click.option("--set", "set_spec", default="", help="Take this set alone.")
@click.option(
    "--from", "since", callback=_date, metavar="DATE", default="", help="Take what changed then or later."
)
@click.option(
    "--until", callback=_date, metavar="DATE", default="", help="Take what changed then or earlier."
)
@click.option("--full", is_flag=True, help="Take everything, not only what is new since the last time.")
@click.option(
    "--moved-from",
    metavar="URL",
    default="",
    help="Before: let the records that came from there be this one's, for the repository has moved.",
)
@click.option("--max-pages", type=click.IntRange(1), default=_LIMITS.pages, show_default=True)
@click.option("--max-records", type=click.IntRange(1), default=_LIMITS.records, show_default=True)
@click.option(
    "--max-minutes",
    type=click.FloatRange(0, min_open=True),
    default=_LIMITS.seconds / 60,
    show_default=True,
    help="Stop after so long; the next run goes on from there.",
)
@click.option("--quarantine", is_flag=True, help="Ask nobody: print what could not be kept before, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print findings and the summary as JSON lines.")
@click.option("--quiet", "-q", is_flag=True, help="Print the summary alone.")
@click.pass_context
def harvest(
    context: click.Context,
    url: str,
    prefix: str,
    set_spec: str,
    since: str,
    until: str,
    full: bool,
    moved_from: str,
    max_pages: int,
    max_records: int,
    max_minutes: float,
    quarantine: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Take the records of another repository, and report what could not be kept, and why.

    URL is its base URL of OAI-PMH, or the root of its Linked Data Event Stream. The second time only what is new is
    asked for. Safe to repeat; an interrupted or killed run is gone on with by the next. Deletions are applied to
    records that came from there; records from elsewhere are never overwritten.

    \b
    Exit status: 0 all kept, 1 some refused or stopped early, 2 usage, 130 interrupted.
    Example:
      sheaf harvest https://example.org/oai
      sheaf harvest https://example.org/oai --prefix oai_dc --set physics --from 2026-01-01
      sheaf harvest https://example.org/oai --quarantine
      sheaf harvest https://example.org/oai --moved-from http://old.example.org/oai
      sheaf harvest https://example.org/feeds/ldes
    """
    try:
        base_url, old = canonical(url), canonical(moved_from) if moved_from else ""
    except SourceError as error:
        raise click.UsageError(str(error)) from None
    if old == base_url:
        raise click.UsageError("--moved-from is where the repository was before, not where it is")
    if since and until and datestamps.parse_since(since) > datestamps.parse_until(until):
        raise click.UsageError("--from is later than --until")
    if full and since:
        raise click.UsageError("--full takes everything; --from takes a part: give one of them")
    settings = load_settings()
    if quarantine:
        with opened(settings, read_only=True) as house:
            _show_held(house, base_url, as_json)
        return
    wanted = Wanted(
        prefix, set_spec, Asked(since, until, full), Limits(max_pages, max_records, max_minutes * 60)
    )

    def heed(finding: Finding) -> None:
        if not quiet:
            _show(finding, as_json)

    with (
        running(settings.data, base_url),
        running(settings.data, old) if old else contextlib.nullcontext(),
        opened(settings) as house,
        progress("harvest", None) as tell,
    ):
        patience = Patience(wanted.limits.seconds)
        with Fetcher(base_url, sleep=patience.wait) as fetcher:
            known = (house, base_url, wanted, patience, heed, lambda records, total: tell(records, records))
            # A prefix is OAI-PMH's; without one, what comes there tells.
            is_stream = not prefix and look(fetcher.document, base_url, house.log)
            if is_stream and (set_spec or since or until):
                raise click.UsageError("--set, --from and --until are for OAI-PMH; this is an event stream")
            if old:
                if not is_stream:
                    # Nothing is handed to an address where no repository answers.
                    Upstream(fetcher.get).identify()
                moved = take_over(house.log, old, base_url)
                click.echo(f"{old}: {moved} records that came from there are {base_url}'s now", err=True)
            if is_stream:
                report = _followed(fetcher, *known)
            else:
                report = _harvested(fetcher, *known)
    _summary(report, as_json)
    context.exit(130 if report.interrupted else 0 if report.clean else 1)


Heed = Callable[[Finding], None]
Tell = Callable[[int, int | None], None]


def _harvested(
    fetcher: Fetcher, house: House, base_url: str, wanted: Wanted, patience: Patience, heed: Heed, tell: Tell
) -> Report:
    upstream = Upstream(fetcher.get)
    return Harvest(house.log, house.site, upstream, base_url, wanted, patience, heed, tell).run()


def _followed(
    fetcher: Fetcher, house: House, base_url: str, wanted: Wanted, patience: Patience, heed: Heed, tell: Tell
) -> Report:
    get = fetcher.document
    return Follow(house.log, house.site, get, base_url, wanted, patience, heed, tell).run()


def _show(finding: Finding, as_json: bool) -> None:
    if as_json:
        row = {"severity": finding.severity, "code": finding.code, "text": finding.text}
        click.echo(json.dumps({**row, "identifier": finding.identifier}, ensure_ascii=False))
    else:
        click.echo(f"{finding.severity}: {on_one_line(finding.text)} [{finding.code}; {finding.done}]")


def _show_held(house: House, base_url: str, as_json: bool) -> None:
    after: str | None = ""
    count = 0
    while after is not None:
        page = house.log.held(base_url, after=after)
        for held in page.items:
            count += 1
            _show_one(held, as_json)
        after = page.after
    click.echo(f"{count} records of {base_url} are held in quarantine", err=True)


def _show_one(held: Held, as_json: bool) -> None:
    since = datestamps.format_seconds(held.since)
    if as_json:
        row = {"identifier": held.identifier, "datestamp": held.datestamp, "reason": held.reason}
        row |= {"record": held.record, "since": since, "raw": held.raw.decode("utf-8", "backslashreplace")}
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(f"{held.identifier} ({since}): {on_one_line(held.reason)}")
    sys.stdout.flush()
    # As it came, for a person to look at; --json gives it for programs.
    click.echo("\n".join(map(on_one_line, held.raw.decode("utf-8", "backslashreplace").splitlines())))


def _summary(report: Report, as_json: bool) -> None:
    if as_json:
        names = ("base_url", "prefix", "set", "since", "until", "resumed", "pages", "records", "quarantined")
        row = {name: getattr(report, name) for name in names}
        row |= {"held": report.held, "outcomes": report.outcomes, "notes": report.notes}
        click.echo(json.dumps({"summary": {**row, "stopped": report.stopped}}, ensure_ascii=False))
        return
    for note in report.notes:
        click.echo(f"note: {on_one_line(note)}", err=True)
    window = f" from {report.since}" if report.since else ""
    window += f" until {report.until}" if report.until else ""
    outcomes = ", ".join(f"{n} {word}" for word, n in sorted(report.outcomes.items())) or "none"
    click.echo(
        f"{report.base_url} by {report.prefix}{f' in {report.set}' if report.set else ''}{window}: "
        f"{report.records} records in {report.pages} pages ({outcomes}), {report.quarantined} quarantined",
        err=True,
    )
    if report.held:
        click.echo(f"{report.held} records are held in quarantine: sheaf harvest URL --quarantine", err=True)
    if report.stopped:
        click.echo(f"stopped early: {on_one_line(report.stopped)}", err=True)


COMMANDS = (harvest,)
