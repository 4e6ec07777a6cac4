"""Refusals and failures as replies: what is wrong and what to do about it, in HTML or plain text.

A traceback never leaves here; an unknown error is ours (500) and carries a number that the log on stderr has too.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from repository import telling
from repository.model.errors import FormatError, IdentifierError, LogError
from repository.web.html import Html
from repository.web.http import FRESH, NEVER_KEEP, Link, Reply
from repository.web.negotiation import Offer, choose
from repository.web.surround import ID, shown

# Programs and terminals that have no wish read plain text better.
OFFERS = (Offer("text", "text/plain"), Offer("html", "text/html"))

_ADVICE = {
    404: "Check the address. Identifiers look like RePEc:aaa:series:item; case and %3A for : make no difference.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less: the arguments of a request fit into 64 kB.",
    500: "It is our mistake. If it stays, tell the maintainer the number above.",
    503: "Try again in a moment.",
}
_PROBLEMS = {404: "There is nothing at this address.", 500: "This request failed.", 503: "Not ready."}


@dataclass(eq=False)  # context managers write to a passing exception, so it cannot be frozen
class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """An answer other than the one asked for. `choices` are (URL, media type) to ask for instead.

    `ways` are (words, URL) of what to read instead. `varies` and `memento` as in `Reply`.
    """

    status: int
    problem: str
    advice: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    ways: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    retry_after: int = 0
    allow: str = ""
    varies: str = ""
    memento: int | None = None


def reply_to(error: Exception, environ: Mapping[str, Any], html: Html) -> Reply:
    """The reply to whatever a view raised."""
    refused = _refused(error, environ)
    wants_html = choose(environ.get("HTTP_ACCEPT"), OFFERS) is OFFERS[1]
    title = f"{refused.status} {HTTPStatus(refused.status).phrase}"
    if wants_html:
        body = html.render("error.html", title=title, refused=refused)
    else:
        body = _text(refused, title, f"{html.name}: {html.site.base}")
    return Reply(
        write=lambda: body,
        media_type="text/html" if wants_html else "text/plain",
        status=refused.status,
        cache=FRESH if _may_keep(refused, environ) else NEVER_KEEP,
        negotiated=True,
        varies=refused.varies,
        memento=refused.memento,
        links=refused.links,
        retry_after=refused.retry_after,
        allow=refused.allow,
    )


def _may_keep(refused: Refused, environ: Mapping[str, str]) -> bool:
    """A failure of ours, a limit of the moment, and what was answered to a form are not for the next to see.

    Nor is what the asker's address decided (403), or another header than Accept: not every cache heeds what Vary says
    of those.
    """
    lasts = refused.status < 500 and refused.status not in (403, 429) and not refused.varies
    return lasts and environ.get("REQUEST_METHOD") in ("GET", "HEAD")


def _refused(error: Exception, environ: Mapping[str, Any]) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, IdentifierError):
        return Refused(404, _PROBLEMS[404], _ADVICE[404])
    if isinstance(error, FormatError):
        return Refused(406, str(error), "Leave out the extension, or ask for another format.")
    if isinstance(error, LogError):
        report_unready(error, environ)
        return Refused(503, _PROBLEMS[503], _ADVICE[503], retry_after=5)
    if isinstance(error, HTTPException) and error.code and error.code >= 400:
        allow = ", ".join(sorted(error.valid_methods or ())) if isinstance(error, MethodNotAllowed) else ""
        problem = _PROBLEMS.get(error.code, f"{HTTPStatus(error.code).phrase}.")
        return Refused(error.code, problem, _ADVICE.get(error.code, ""), allow=allow)
    number = number_of(environ)
    report(error, environ, number)
    return Refused(500, f"{_PROBLEMS[500]} Its number is {number}.", _ADVICE[500])


def number_of(environ: Mapping[str, Any]) -> str:
    """What a failure is called: as the request is, whose id is in the reply's header and in the log."""
    return str(environ.get(ID) or secrets.token_hex(6))


def report(error: Exception, environ: Mapping[str, Any], number: str) -> None:
    """For the maintainer."""
    telling.failed(error, number, f"{environ.get('REQUEST_METHOD')} {shown(environ)}")


def report_unready(error: LogError, environ: Mapping[str, Any]) -> None:
    """For the maintainer: the log cannot be used, which is no fault of a program."""
    telling.unready(error, number_of(environ), f"{environ.get('REQUEST_METHOD')} {shown(environ)}")


def _text(refused: Refused, title: str, home: str) -> bytes:
    lines = [
        title,
        "",
        refused.problem,
        refused.advice,
        *(f"{words} {url}" for words, url in refused.ways),
        *(f"  {kind}  {url}" for url, kind in refused.choices),
    ]
    return "\n".join([*lines, "", home, ""]).encode()
