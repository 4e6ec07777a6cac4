"""`sheaf token`: who may write over HTTP."""

import json
import re
import time
from dataclasses import asdict

import click

from repository.assembly import opened
from repository.log import EVERYTHING, RIGHTS, TOKEN_NAME, Token, hashed_secret, make_token
from repository.model.datestamps import format_seconds, parse_since
from repository.model.errors import DateError, IdentifierError
from repository.model.identifiers import normalise
from repository.model.settings import load_settings

_DAYS = re.compile(r"(\d{1,5})d", re.ASCII)


@click.group()
def token() -> None:
    """Tokens with which programs write over HTTP: make, list and revoke them.

    \b
    Example:
      sheaf token add harbour-institute --prefix RePEc:xde: --expires 90d
    """


@token.command()
@click.argument("name")
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    required=True,
    help="Identifiers that begin so may be written (handles: case makes no difference); '*' for all. Repeatable.",
)
@click.option("--expires", help="In so many days (90d), or on a date (2027-01-31, UTC); without it never.")
@click.option(
    "--rights", default=",".join(RIGHTS), show_default=True, help="What it allows, separated by commas."
)
def add(name: str, prefixes: tuple[str, ...], expires: str | None, rights: str) -> None:
    """Make a token and print it, this once: only a hash of it is kept.

    NAME is published as the author of what is written with it. A prefix that ends within a name covers other names
    too: RePEc:xde is the beginning of RePEc:xdea:wpaper:1, RePEc:xde: is not.

    \b
    Exit status: 0 made, 1 there is one of this name, 2 usage.
    Example:
      sheaf token add harbour-institute --prefix RePEc:xde: --expires 90d --rights write
    """
    if not TOKEN_NAME.fullmatch(name):
        raise click.UsageError("a name has up to 64 letters, digits, dots, dashes and underscores")
    wanted = [right.strip() for right in rights.split(",") if right.strip()]
    if not wanted or set(wanted) - set(RIGHTS):
        raise click.UsageError(f"--rights takes some of {','.join(RIGHTS)}")
    now = int(time.time())
    made, text = make_token(name, [_prefix(each) for each in prefixes], wanted, now, _moment(expires, now))
    with opened(load_settings()) as house:
        house.log.add_token(made, hashed_secret(text))
    click.echo(text)
    for prefix in prefixes:
        if prefix != EVERYTHING and not prefix.endswith((":", "/")):
            more = "end it with : if that is not meant"
            click.echo(f"warning: {prefix} covers every name that begins so; {more}", err=True)
    click.echo(f"token {made.id} of {name}: shown this once, so keep it safe", err=True)


def _prefix(text: str) -> str:
    if text == EVERYTHING:
        return text
    try:
        normalise(text)
    except IdentifierError as error:
        raise click.UsageError(str(error)) from None
    return text


def _moment(text: str | None, now: int) -> int | None:
    if text is None:
        return None
    if not text.strip():
        raise click.UsageError("--expires is empty; leave it out for a token without end")
    if days := _DAYS.fullmatch(text):
        if not int(days[1]):
            raise click.UsageError(f"--expires {text} is over before it began")
        return now + int(days[1]) * 86_400
    try:
        moment = parse_since(text)
    except DateError:
        raise click.UsageError(f"--expires takes 90d or a date such as 2027-01-31, not {text!r}") from None
    if moment <= now:
        raise click.UsageError(f"--expires {text} is past")
    return moment


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def list_tokens(as_json: bool) -> None:
    """List tokens with what they allow, and when and from where each was last used. Secrets are not known.

    \b
    Example:
      sheaf token list --json
    """
    now = time.time()
    with opened(load_settings(), read_only=True) as house:
        for found in house.log.tokens():
            state = found.state(now)
            if as_json:
                click.echo(json.dumps({**asdict(found), "state": state}, ensure_ascii=False))
            else:
                click.echo(_line(found, state))


def _line(found: Token, state: str) -> str:
    until = f"until {format_seconds(found.expires)}" if found.expires is not None else "without end"
    used = (
        f"used {format_seconds(found.used)} from {found.client}" if found.used is not None else "never used"
    )
    return (
        f"{found.id}  {found.name:<20}  {state:<8}  {until}  {','.join(found.rights)}  "
        f"{' '.join(found.scopes)}  {used}"
    )


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke a token by its name or id, for good and at once.

    \b
    Exit status: 0 revoked (or was already), 1 there is none of that name.
    Example:
      sheaf token revoke harbour-institute
    """
    with opened(load_settings()) as house:
        found = house.log.revoke_token(name)
    if found is None:
        raise click.ClickException(f"there is no token {name}; `sheaf token list` shows them")
    click.echo(f"token {found.id} of {found.name} is revoked", err=True)


COMMANDS = (token,)
