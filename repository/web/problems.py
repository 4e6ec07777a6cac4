"""Answers to those who write: JSON, and problems as RFC 9457 has them. No page for people is ever among them.

Nothing here is for a browser: no CORS header, nothing to be kept by a cache.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from repository.model.errors import IdentifierError, LogError
from repository.model.site import Site
from repository.readers.reader import Finding
from repository.web.errors import Refused, number_of, report, report_unready
from repository.web.http import NEVER_KEEP

Headers = Mapping[str, str]

# Every kind of problem: its status and its title, which is the same each time. The name ends its type's URI.
KINDS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood"),
    "token-in-url": (400, "A token must not stand in a URL"),
    "digest-mismatch": (400, "The content is not what its digest says"),
    "doctype": (400, "XML with a DOCTYPE is not read"),
    "bad-coding": (400, "The content cannot be decoded"),
    "no-token": (401, "A token is needed"),
    "invalid-token": (401, "The token is not valid"),
    "insufficient-scope": (403, "The token does not allow this"),
    "unknown-record": (404, "There is no such record"),
    "not-found": (404, "There is nothing at this address"),
    "method-not-allowed": (405, "This cannot be done here"),
    "gone": (410, "The record is gone"),
    "condition-failed": (412, "The record is not as the request supposes"),
    "too-large": (413, "The content is too large"),
    "unsupported-type": (415, "No reader knows this type of content"),
    "unsupported-coding": (415, "This coding of content is not understood"),
    "unreadable": (422, "The content cannot be read"),
    "invalid-record": (422, "The record breaks a rule"),
    "invalid-batch": (422, "Records of the batch break rules"),
    "other-identifier": (422, "The content is about another record"),
    "not-one-record": (422, "The content is not exactly one record"),
    "bad-successor": (422, "The successor cannot be one"),
    "locked-out": (429, "Too many wrong tokens"),
    "internal-error": (500, "This request failed"),
    "busy": (503, "Not at the moment"),
    "disk-full": (507, "There is no room left"),
}


@dataclass(eq=False)  # context managers write to a passing exception, so it cannot be frozen
class Problem(Exception):  # noqa: N818 - it is an answer, not a fault
    """A refusal by its kind. `errors` name the rules that were broken, and by which values."""

    kind: str
    detail: str
    errors: Sequence[Mapping[str, Any]] = ()
    headers: Headers | None = None


def answer(body: object, status: int = 200, headers: Headers | None = None) -> Response:
    """A JSON document, or nothing (None)."""
    text = b"" if body is None else json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"
    return _response(text, status, "application/json" if text else "", headers or {})


def error_of(finding: Finding) -> dict[str, Any]:
    """A reader's finding as a program wants it: the rule, the value (in its text), the place."""
    found: dict[str, Any] = {"rule": finding.code, "severity": finding.severity, "value": finding.text}
    found |= {"done": finding.done}
    if finding.line:
        found["line"] = finding.line
    if finding.identifier:
        found["identifier"] = finding.identifier
    return found


def errors_of(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [error_of(finding) for finding in findings]


def reply_to(error: Exception, environ: Mapping[str, Any], site: Site) -> Response:
    """The problem that an exception of any kind is."""
    problem = _problem(error, environ)
    status, title = KINDS[problem.kind]
    body: dict[str, Any] = {"type": f"{site.page('problems')}#{problem.kind}", "title": title}
    body |= {"status": status, "detail": problem.detail}
    if problem.errors:
        body["errors"] = list(problem.errors)
    text = json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"
    return _response(text, status, "application/problem+json", problem.headers or {})


_OF_STATUS = {status: kind for kind, (status, _) in reversed(KINDS.items())} | {
    400: "bad-request",
    404: "not-found",
    414: "bad-request",
    431: "bad-request",
}


def _problem(error: Exception, environ: Mapping[str, Any]) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, IdentifierError):
        return Problem("not-found", f"{error}. Check the address.")
    if isinstance(error, LogError):
        report_unready(error, environ)
        # As SQLite has it; the name of a folder may hold the one word.
        if "disk is full" in str(error):
            # The beginning of a batch may be.
            kept = "" if environ.get("REQUEST_METHOD") == "POST" else "; nothing was kept"
            return Problem("disk-full", f"The disk of the repository is full{kept}.")
        return Problem("busy", "The record log cannot be written now.", headers={"Retry-After": "5"})
    if isinstance(error, Refused):
        kind = _OF_STATUS.get(error.status, "bad-request")
        return Problem(kind, f"{error.problem} {error.advice}".strip())
    if isinstance(error, HTTPException) and error.code and error.code >= 400:
        kind = _OF_STATUS.get(error.code, "bad-request")
        allow = ", ".join(sorted(error.valid_methods or ())) if isinstance(error, MethodNotAllowed) else ""
        detail = f"{HTTPStatus(error.code).phrase}."
        return Problem(kind, detail, headers={"Allow": allow} if allow else None)
    number = number_of(environ)
    report(error, environ, number)
    return Problem("internal-error", f"It is our mistake; tell the maintainer the number {number}.")


def _response(body: bytes, status: int, media_type: str, headers: Headers) -> Response:
    fixed = {"Cache-Control": NEVER_KEEP, "X-Content-Type-Options": "nosniff", "Vary": "Authorization"}
    response = Response(body, status, {**fixed, **headers})
    if media_type:
        response.headers["Content-Type"] = media_type
    else:
        del response.headers["Content-Type"]
    return response
