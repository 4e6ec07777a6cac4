"""The command that asks any OAI-PMH repository whether it keeps the rules. What they are is `repository.check`'s."""

from pathlib import Path
from urllib.parse import urlsplit

import click

from repository import __version__
from repository.check import (
    ROWS,
    CatalogError,
    Limits,
    Schemas,
    UnreachableError,
    as_json,
    check,
    lines,
    status,
)
from repository.cli.progress import progress

_LIMITS = Limits()


@click.command("check-oai")
@click.argument("url")
@click.option("--json", "in_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--records",
    type=click.IntRange(min=1),
    default=_LIMITS.records,
    show_default=True,
    help="How many records of a list to walk at most; two pages are always walked.",
)
@click.option(
    "--row",
    "only",
    multiple=True,
    metavar="ID",
    type=click.Choice([row.id for row in ROWS], case_sensitive=False),
    help="Try this row alone; may be given again.  [default: all]",
)
@click.option("--set", "chosen_set", default="", help="Walk this set instead of the whole repository.")
@click.option("--prefix", default="", help="Walk in this format.  [default: oai_dc]")
@click.option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with official XML schemas and a catalog.xml: validate against these as well.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=_LIMITS.timeout,
    show_default=True,
    help="Seconds that one answer may take.",
)
@click.option(
    "--limit",
    type=click.FloatRange(min=1),
    default=_LIMITS.seconds,
    show_default=True,
    help="Seconds that the whole run may take.",
)
@click.option(
    "--pause",
    type=click.FloatRange(min=0),
    default=_LIMITS.pause,
    show_default=True,
    help="Seconds between two requests.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Send this header; may be given again.",
)
@click.pass_context
def check_oai(
    context: click.Context,
    url: str,
    in_json: bool,
    records: int,
    only: tuple[str, ...],
    chosen_set: str,
    prefix: str,
    schemas: Path | None,
    timeout: float,
    limit: float,
    pause: float,
    headers: tuple[str, ...],
) -> None:
    """Ask the OAI-PMH repository at URL, its base URL, whether it keeps the rules of the protocol.

    A line a row: its id, its verdict (ok, FAILED, warning, not applicable), what was seen, what to do. It only
    reads: some 300 to 500 requests, one at a time.

    \b
    Exit status: 0 nothing failed, 1 something did, 2 usage, or nobody answers.
    Example:
      sheaf check-oai http://127.0.0.1:8080/oai
      sheaf check-oai https://example.org/oai --set physics --pause 1 --json > report.json
    """
    base = _base(url)
    given = {"User-Agent": f"sheaf-check-oai/{__version__}", **dict(_header(text) for text in headers)}
    try:
        official = Schemas(schemas) if schemas else None
    except CatalogError as error:
        raise click.BadParameter(str(error), param_hint="--schemas") from None
    limits = Limits(records=records, timeout=timeout, seconds=limit, pause=pause)
    try:
        with progress("rows tried", len(only or ROWS), "requests") as tell:
            report = check(
                base,
                limits,
                chosen_set=chosen_set,
                prefix=prefix,
                headers=given,
                schemas=official,
                only=only or [row.id for row in ROWS],
                tell=lambda requests, rows: tell(rows, requests),
            )
    except UnreachableError as error:
        click.echo(f"sheaf: {error}", err=True)
        context.exit(2)
    for line in [as_json(report)] if in_json else lines(report):
        click.echo(line)
    context.exit(status(report))


def _base(url: str) -> str:
    try:
        parts, _ = urlsplit(url), urlsplit(url).port
    except ValueError as error:
        raise click.BadParameter(f"{url!r} is no base URL: {error}", param_hint="URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise click.BadParameter(
            f"{url!r} is no base URL; give one such as https://example.org/oai", param_hint="URL"
        )
    if "verb=" in parts.query:
        raise click.BadParameter("give the base URL alone, without verb and arguments", param_hint="URL")
    return url


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not text.isascii() or not text.isprintable():
        raise click.BadParameter(f"{text!r} is no header; write 'Name: value'", param_hint="--header")
    return name.strip(), value.strip()


COMMANDS = (check_oai,)
