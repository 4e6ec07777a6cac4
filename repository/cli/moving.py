"""`sheaf move`: handles that changed, one or a whole archive's."""

import click

from repository.assembly import opened
from repository.cli.progress import progress
from repository.ingest.moving import Move, carry_out, move_of, moves_of_prefix
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.settings import load_settings


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--prefix", is_flag=True, help="Move every record whose identifier begins with OLD.")
@click.option("--dry-run", is_flag=True, help="Print what would move; change nothing.")
def move(old: str, new: str, prefix: bool, dry_run: bool) -> None:
    """Give a record another handle: it answers at NEW, and OLD leads there for good (308).

    Where NEW is kept already, it stays as it is and OLD leads to it. Harvesters are told that OLD is deleted. Whatever
    links to OLD is listed at NEW too. Change the handle in the source as well: read in again, OLD would come back.

    \b
    Exit status: 0 moved, 1 nothing to move, 2 usage.
    Example:
      sheaf move RePEc:xde:wpferr:2015-01 RePEc:xde:dpferr:2015-01
      sheaf move --prefix RePEc:aaa: RePEc:bbb: --dry-run
    """
    if prefix and not (old.endswith(":") and new.endswith(":")):
        raise click.UsageError("prefixes end with a colon, so that RePEc:aaa: is not RePEc:aaab: too")
    try:
        first, second = normalise(old), normalise(new)
    except IdentifierError as error:
        raise click.UsageError(str(error)) from None
    if prefix and (first.startswith(second) or second.startswith(first)):
        raise click.UsageError("one prefix is within the other: name the handles one by one")
    with opened(load_settings(), read_only=dry_run) as house:
        if prefix:
            moves = list(moves_of_prefix(house.log, first, second))
        else:
            moves = [move_of(house.log, first, second)]
        if not moves:
            raise click.ClickException(f"no live record here begins with {first}")
        if dry_run:
            _show(moves)
            return
        with progress("move", len(moves)) as tell:
            done = carry_out(house.log, moves, "sheaf move", lambda done: tell(done, len(moves)))
    merged = sum(each.merged for each in moves)
    text = f"{done} moved" + (f", {merged} of them to records that are kept already" if merged else "")
    click.echo(text, err=True)


def _show(moves: list[Move]) -> None:
    for each in moves:
        click.echo(f"{each.old}  {each.new}" + ("  (kept already)" if each.merged else ""))
    click.echo(f"{len(moves)} would move; nothing was changed", err=True)


COMMANDS = (move,)
