"""Commands about records: ingest, get, delete."""

import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from repository.assembly import opened
from repository.cli.progress import progress_of_bytes
from repository.formats import FORMATS, Format, by_extension, by_name, citing
from repository.ingest import Ingest, Placed, Places, Report
from repository.ingest.report_files import targets, write_reports
from repository.ingest.report_spool import Spool
from repository.model.errors import IdentifierError, SheafError
from repository.model.identifiers import normalise
from repository.model.lens import read_work
from repository.model.records import Draft
from repository.model.settings import load_settings
from repository.readers import READERS
from repository.telling import on_one_line


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--strict", is_flag=True, help="Refuse every template that RePEc's reference parser refuses.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice([reader.name for reader in READERS]),
    help="Read every file as this format, whatever its name.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings and the summary as JSON lines.")
@click.option("--quiet", "-q", is_flag=True, help="Print errors and warnings only, not what is merely noted.")
@click.option(
    "--replace", is_flag=True, help="Take over records that are kept from another place: they moved here."
)
@click.option(
    "--namespace", default="", help="What begins the identifiers of entries that have none of their own."
)
@click.option(
    "--jobs",
    type=click.IntRange(0, 64),
    default=min(2, os.cpu_count() or 1),
    show_default="2, or 1 where there is one processor",
    help="Processes that read beside the one that appends; 0 reads in the same process.",
)
@click.option(
    "--report",
    "report_path",
    type=click.Path(path_type=Path),
    help="Write all findings by archive: a .txt, .html or .json file, or all three in this folder.",
)
@click.pass_context
def ingest(
    context: click.Context,
    paths: tuple[Path, ...],
    strict: bool,
    format_name: str | None,
    as_json: bool,
    quiet: bool,
    replace: bool,
    namespace: str,
    jobs: int,
    report_path: Path | None,
) -> None:
    """Keep the records of files and folders, and report what was refused or dropped, and why.

    Reads ReDIF (.rdf, .redif), RDF and the other formats of docs/formats.md, also in .gz, .zst, .bz2, .zip and .tar. A
    folder is read with all its folders. Safe to repeat: identical records move no datestamp. Safe to interrupt: a
    second run goes on. A record that is kept from another place is not overwritten (see --replace).

    \b
    Exit status: 0 all kept, 1 some refused, 2 usage, 130 interrupted.
    Example:
      sheaf ingest records
      sheaf ingest --json RePEc/ > report.jsonl
      sheaf ingest --quiet --report report.html RePEc/
    """
    files = Places(paths, any_extension=bool(format_name))
    if next(iter(files), None) is None:
        raise click.UsageError("no file with a known extension is there; --format reads any file")
    show = _show_json if as_json else _show_line
    try:
        reports = targets(report_path) if report_path else {}
    except SheafError as error:
        raise click.UsageError(str(error)) from None
    spool = Spool()

    def heed(placed: Placed) -> None:
        if reports:
            spool.add(placed)
        if not (quiet and placed.finding.severity == "info"):
            show(placed)

    settings = load_settings()
    total = sum(_size(file.path) for file in files)
    with (
        closing(spool),
        opened(settings) as house,
        progress_of_bytes("ingest", total, as_json=as_json) as tell,
    ):
        run = Ingest(
            house.log,
            house.site,
            strict,
            format_name or "",
            heed,
            tell,
            replace=replace,
            jobs=jobs,
            url=settings.log_url,
            namespace=namespace,
        )
        try:
            report = run.run(files)
        except KeyboardInterrupt:
            _summary(run.report, as_json)
            raise
        write_reports(reports, report, spool)
    _summary(report, as_json)
    context.exit(0 if report.clean else 1)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _show_json(placed: Placed) -> None:
    finding = placed.finding
    row: dict[str, Any] = {"file": placed.file, "line": finding.line, "severity": finding.severity}
    row |= {"code": finding.code, "text": finding.text, "done": finding.done}
    row |= {name: value for name in ("field", "value") if (value := getattr(finding, name))}
    click.echo(json.dumps(row | {"identifier": finding.identifier}, ensure_ascii=False))


def _show_line(placed: Placed) -> None:
    finding = placed.finding
    place = f"{placed.file}:{finding.line}" if finding.line else placed.file
    click.echo(on_one_line(f"{place}: {finding.severity}: {finding.text} [{finding.code}; {finding.done}]"))


def _summary(report: Report, as_json: bool) -> None:
    if as_json:
        summary = {"files": report.files, "kept": report.kept, "refused": report.refused}
        click.echo(
            json.dumps(
                {"summary": {**summary, "outcomes": report.outcomes, "findings": report.findings}},
                ensure_ascii=False,
            )
        )
        return
    outcomes = ", ".join(f"{n} {word}" for word, n in sorted(report.outcomes.items())) or "none"
    click.echo(
        f"{report.files} files: {report.kept} records kept ({outcomes}), {report.refused} refused; "
        f"{report.severities['error']} errors, {report.severities['warning']} warnings, "
        f"{report.severities['info']} notes",
        err=True,
    )


@click.command()
@click.argument("identifier")
@click.option(
    "--as",
    "name",
    default="ttl",
    show_default=True,
    help=f"A format: {', '.join(sorted({form.extension or form.name for form in FORMATS}))}; or cite.",
)
@click.option(
    "--style",
    type=click.Choice([style.name for style in citing.STYLES]),
    help=f"How --as cite cites.  [default: {citing.DEFAULT.name}]",
)
def get(identifier: str, name: str, style: str | None) -> None:
    """Print one record.

    \b
    Example:
      sheaf get RePEc:xde:jharbr:v:1:y:2020:i:1:p:1-31 --as bib
      sheaf get RePEc:xde:jharbr:v:1:y:2020:i:1:p:1-31 --as cite --style apa
    """
    # By extension first: `rdf` is the whole RDF/XML document, not the element that OAI-PMH wraps.
    chosen: Format | None = by_extension.get(name) or by_name.get(name)
    if chosen is None and name != "cite":
        raise click.UsageError(f"{name} is no format here; formats are cite, {', '.join(sorted(by_name))}")
    if style and name != "cite":
        raise click.UsageError("--style goes with --as cite")
    with opened(load_settings(), read_only=True) as house:
        record = house.log.get(_identifier(identifier))
        if record is None:
            raise click.ClickException(f"{identifier} is not kept here")
        if record.deleted:
            to = f"; {record.successor} took its place" if record.successor else ""
            raise click.ClickException(f"{record.identifier} is deleted{to}")
        work = read_work(record.identifier, record.body or b"")
        if not (chosen.applies(work) if chosen else work.is_item):
            raise click.ClickException(f"{record.identifier} cannot be given as {name}")
        if chosen:
            written = chosen.write(record, house.site)
        else:
            wanted = citing.by_style[style] if style else citing.DEFAULT
            cited = citing.cite(work, house.site, wanted)
            if cited.style is not wanted:
                click.echo(
                    f"cannot be printed in {wanted.label}; here it is in {cited.style.label}", err=True
                )
            written = cited.text.encode()
        sys.stdout.buffer.write(written.rstrip(b"\n") + b"\n")


@click.command()
@click.argument("identifiers", nargs=-1, required=True)
@click.option("--successor", help="The record that took the place of the one deleted.")
@click.pass_context
def delete(context: click.Context, identifiers: tuple[str, ...], successor: str | None) -> None:
    """Delete records: each leaves a tombstone that harvesters are told of, and its history.

    \b
    Example:
      sheaf delete RePEc:xde:wpferr:2015-01 --successor RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226
    """
    if successor and len(identifiers) > 1:
        raise click.UsageError("--successor goes with one identifier")
    heir = _identifier(successor) if successor else None
    if heir and heir in map(_identifier, identifiers):
        raise click.UsageError("a record cannot be its own successor")
    drafts = [
        Draft(_identifier(i), None, source="sheaf delete", agent="sheaf delete", successor=heir)
        for i in identifiers
    ]
    with opened(load_settings(), read_only=False) as house:
        kept = house.log.get(heir) if heir else None
        if heir and kept is None:
            raise click.ClickException(f"the successor {heir} is not kept here; ingest it first")
        if kept is not None and kept.deleted:
            after = f"; name {kept.successor}, which took its place" if kept.successor else ""
            raise click.ClickException(f"the successor {heir} is deleted itself{after}")
        outcomes = house.log.append(drafts)
    words = {"absent": "was never kept here", "unchanged": "was deleted already", "deleted": "deleted"}
    for draft, outcome in zip(drafts, outcomes, strict=True):
        click.echo(f"{draft.identifier}: {words[outcome]}", err=True)
    context.exit(1 if "absent" in outcomes else 0)


def _identifier(text: str) -> str:
    try:
        return normalise(text)
    except IdentifierError as error:
        raise click.UsageError(str(error)) from None


COMMANDS = (ingest, get, delete)
