"""`sheaf links`: what was derived between records, and the maintainer's word about it."""

import getpass
import json
from dataclasses import asdict

import click

from repository.assembly import opened
from repository.cli.progress import progress
from repository.log import ACCEPTED, REJECTED, Decision
from repository.model.datestamps import format_seconds
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.settings import load_settings
from repository.telling import on_one_line


@click.group()
def links() -> None:
    """Links that were derived between records: see them, accept and reject them.

    Versions of one work are joined by what records say, by equal DOIs and by your word; references are matched by the
    DOIs and handles in them. Nothing of it is written into a record. docs/linking.md has the rules.

    \b
    Example:
      sheaf links review --state held
      sheaf links reject RePEc:xde:wpferr:2015-01 RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226 --why "another study"
    """


@links.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option(
    "--state",
    type=click.Choice(["derived", "held", ACCEPTED, REJECTED]),
    help="Only links in this state; held ones wait for you.",
)
@click.option("--rule", help="Only links of this rule: stated, equal-doi, shared-doi, reference-doi ...")
def review(as_json: bool, state: str | None, rule: str | None) -> None:
    """List every derived link with its rule and its evidence.

    \b
    Exit status: 0, whatever is listed.
    Example:
      sheaf links review --json > links.jsonl
    """
    with opened(load_settings(), read_only=True) as house:
        for found in house.log.review():
            if (state and found.state != state) or (rule and found.rule != rule):
                continue
            if as_json:
                click.echo(json.dumps(asdict(found), ensure_ascii=False))
            else:
                why = f"  ({on_one_line(found.why)})" if found.why else ""
                click.echo(
                    f"{found.state:<8}  {found.rule:<16}  {found.one}  {found.two or '-'}  {found.evidence}{why}"
                )


@links.command()
@click.argument("one")
@click.argument("two")
@click.option("--why", default="", help="A reason for those who come after you.")
@click.option("--by", "who", default="", help="Who decides; the user of this terminal, unless said.")
def accept(one: str, two: str, why: str, who: str) -> None:
    """Say that two records are versions of one work. Kept until you take it back.

    \b
    Example:
      sheaf links accept RePEc:xde:wpferr:2015-01 RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226
    """
    _decide(one, two, ACCEPTED, why, who)


@links.command()
@click.argument("one")
@click.argument("two")
@click.option("--why", default="", help="A reason for those who come after you.")
@click.option("--by", "who", default="", help="Who decides; the user of this terminal, unless said.")
def reject(one: str, two: str, why: str, who: str) -> None:
    """Say that nothing derived holds between two records: they are no versions, and neither cites the other by a match.

    Kept until you take it back, whatever is read in or rebuilt. What a record itself says stays in the record.

    \b
    Example:
      sheaf links reject RePEc:xde:wpferr:2015-01 RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226 --why "another study"
    """
    _decide(one, two, REJECTED, why, who)


@links.command()
@click.argument("one")
@click.argument("two")
@click.pass_context
def forget(context: click.Context, one: str, two: str) -> None:
    """Take a decision back: the rules hold again between the two.

    \b
    Exit status: 0 taken back, 1 there was none.
    Example:
      sheaf links forget RePEc:xde:wpferr:2015-01 RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226
    """
    with opened(load_settings()) as house:
        there = house.log.undecide(_identifier(one), _identifier(two))
    click.echo("taken back" if there else "nothing was decided about these two", err=True)
    context.exit(0 if there else 1)


@links.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def list_decisions(as_json: bool) -> None:
    """List what was decided, by whom and when.

    \b
    Example:
      sheaf links list
    """
    with opened(load_settings(), read_only=True) as house:
        for made in house.log.decisions():
            click.echo(_line(made) if not as_json else json.dumps(asdict(made), ensure_ascii=False))


@links.command()
def rebuild() -> None:
    """Make the links of all records anew from what they say. Decisions stay.

    A newer Sheaf does so by itself, and says so, when it first opens an older log for writing. Safe to interrupt.

    \b
    Example:
      sheaf links rebuild
    """
    with opened(load_settings()) as house, progress("links", house.log.count()) as tell:
        done = house.log.relink(lambda done: tell(done, done))
    click.echo(f"the links of {done} records were made anew", err=True)


def _decide(one: str, two: str, verdict: str, why: str, who: str) -> None:
    first, second = _identifier(one), _identifier(two)
    if first == second:
        raise click.UsageError("a decision is about two records; these are one")
    if len(why) > 1000 or len(who) > 200:
        raise click.UsageError("a reason has at most 1,000 characters, a name 200")
    with opened(load_settings()) as house:
        for name in (first, second):
            if house.log.get(name) is None:
                raise click.ClickException(f"{name} was never kept here")
        made = house.log.decide(first, second, verdict, who=who or _user(), why=why)
    click.echo(f"{verdict}: {made.one} {made.other}", err=True)


def _line(made: Decision) -> str:
    why = f": {on_one_line(made.why)}" if made.why else ""
    who = on_one_line(made.who)
    return f"{made.verdict:<8}  {made.one}  {made.other}  by {who}, {format_seconds(made.at)}{why}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _identifier(text: str) -> str:
    try:
        return normalise(text)
    except IdentifierError as error:
        raise click.UsageError(str(error)) from None


COMMANDS = (links,)
