"""The command that tells how good the records are. What it computes is `repository.report`'s."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from repository.assembly import limits_of, open_broker, opened
from repository.cli.index import up_to_date
from repository.cli.progress import progress
from repository.cli.report_text import lines
from repository.model.settings import Settings, load_settings
from repository.report import SECTIONS, Ask, Row, as_json, make_report, place, rows_of_json, write_report
from repository.sparql.question import QueryError, Question

_JSON = "application/sparql-results+json"
_NAMES = tuple(name.replace("_", "-") for name in SECTIONS)


@click.command()
@click.option("--json", "in_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--section",
    "chosen",
    multiple=True,
    type=click.Choice(_NAMES),
    help="Only this section; may be given again.  [default: all]",
)
@click.option(
    "--queries", is_flag=True, help="Print behind each number the query that lists what was counted."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=600.0,
    show_default=True,
    help="How long one query may take.",
)
def report(in_json: bool, chosen: tuple[str, ...], queries: bool, seconds: float) -> None:
    """Tell how good the records are: completeness, growth, duplicates, dead ends, the profile.

    A whole report is also what the page /report shows from then on.

    \b
    Example:
      sheaf report
      sheaf report --section duplicates --queries
      sheaf report --json > report.json
    """
    settings = load_settings()
    sections = tuple(name.replace("-", "_") for name in chosen) or SECTIONS
    up_to_date(settings)
    try:
        with (
            opened(settings, read_only=True) as house,
            _asking(settings, seconds) as ask,
            progress("report", None, "steps") as tell,
        ):
            source = house.index()
            made = make_report(
                ask,
                house.log,
                house.site,
                seq=source.seq if source else house.log.newest(),
                sections=sections,
                tell=lambda done, _: tell(done, done),
            )
    except QueryError as error:
        raise click.ClickException(error.message) from None
    if set(sections) == set(SECTIONS):
        write_report(place(settings.data), made)
    if in_json:
        sys.stdout.buffer.write(as_json(made) + b"\n")
        return
    for line in lines(made, queries=queries):
        click.echo(line)


@contextmanager
def _asking(settings: Settings, seconds: float) -> Iterator[Ask]:
    """Asks the index through a broker of its own, so that no guest waits for it."""
    folder = Path(tempfile.mkdtemp(prefix="sheaf-report-"))
    broker = open_broker(
        settings, folder, replace(limits_of(settings), seconds=seconds, workers=1, cache_bytes=0)
    )

    def ask(query: str) -> list[Row]:
        _, file = broker.answer(Question(query, _JSON))
        with file:
            return rows_of_json(file.read())

    try:
        yield ask
    finally:
        broker.close()
        shutil.rmtree(folder, ignore_errors=True)


COMMANDS = (report,)
