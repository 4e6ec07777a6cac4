"""The command that checks records against the profile. What breaks it is `repository.report.validation`'s."""

import json
from collections import Counter
from collections.abc import Iterator

import click

from repository.assembly import House, opened
from repository.cli.progress import progress
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.records import Record
from repository.model.settings import load_settings
from repository.report.validation import Breach, breaches


@click.command("check-shapes")
@click.argument("identifiers", nargs=-1)
@click.option("--json", "in_json", is_flag=True, help="Print all as JSON.")
@click.pass_context
def check_shapes(context: click.Context, identifiers: tuple[str, ...], in_json: bool) -> None:
    """Check records against the application profile (vocab/shapes.ttl) with pyshacl: those named, or all.

    Some thirty records a second; `sheaf report --section shapes` asks the index instead, in one go. pyshacl is not
    installed with Sheaf: pip install 'sheaf-repository[shapes]'.

    \b
    Exit status: 0 all conform (warnings do not count), 1 some do not, 2 usage.
    Example:
      sheaf check-shapes
      sheaf check-shapes --json RePEc:xde:wpferr:2015-01
    """
    found, checked = list[Breach](), 0
    with opened(load_settings(), read_only=True) as house:
        total = len(identifiers) or house.log.count()
        with progress("check the profile", total) as tell:
            for _, broken in breaches(_records(house, identifiers), house.site):
                checked += 1
                found += broken
                tell(checked, checked)
                if not in_json:
                    for breach in broken:
                        click.echo(_line(breach))
    shapes = Counter(breach.shape for breach in found)
    failed = {breach.record for breach in found if breach.severity == "Violation"}
    if in_json:
        document = {
            "checked": checked,
            "failed": sorted(failed),
            "shapes": dict(sorted(shapes.items())),
            "breaches": [breach.as_dict() for breach in found],
        }
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
    for shape, count in sorted(shapes.items()):
        click.echo(f"{shape}: {count}", err=True)
    click.echo(f"{checked - len(failed)} of {checked} records keep the profile", err=True)
    context.exit(1 if failed else 0)


def _records(house: House, identifiers: tuple[str, ...]) -> Iterator[Record]:
    """Those named, or every live record. Raises ClickException for one that is not there."""
    if not identifiers:
        yield from house.log.live()
    for identifier in identifiers:
        try:
            record = house.log.get(normalise(identifier))
        except IdentifierError as error:
            raise click.UsageError(str(error)) from None
        if record is None or record.body is None:
            raise click.ClickException(f"{identifier} is not kept here")
        yield record


def _line(breach: Breach) -> str:
    value = f" {breach.value[:120]!r}" if breach.value else ""
    part = breach.focus.partition("#")[2]
    place = f"{breach.record}#{part}" if part else breach.record
    return f"{place}: {breach.severity}: {breach.shape}: {breach.path}{value}: {breach.message}"


COMMANDS = (check_shapes,)
