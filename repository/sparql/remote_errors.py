"""What a SPARQL server's refusals mean to the one who asked. No network: it reads what came back."""

import re

import httpx

from repository.sparql.question import QueryError, Reason

_MAX_LINE = 300
_ENDS = 8192

# The first that is found in the message decides, then the status. States are SQLSTATE codes of Virtuoso.
_MESSAGES: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (re.compile(r"S1TAT|S1T00|SR177|SR203|SQLCancel|estimated execution time|[Tt]imed? ?[Oo]ut"), "time"),
    (re.compile(r"SP030.*memory exhausted|Query too large"), "refused"),
    (re.compile(r"(?i)out of memory|memory exhausted|MaxMemPoolSize|memory pool|row is too long"), "memory"),
    (re.compile(r"SP030|SP031|Virtuoso 37000"), "syntax"),
)
_STATUSES: dict[int, Reason] = {
    400: "syntax",
    406: "format",
    408: "time",
    413: "refused",
    415: "format",
    429: "busy",
    500: "refused",
    501: "refused",
    504: "time",
}
_VIRTUOSO = re.compile(r"Virtuoso \S+ Error [^\n]*")
_RETRY_SECONDS = 5


def complaint(response: httpx.Response, url: str) -> QueryError:
    """The error that a reply with an error's status is. Virtuoso may write a part of the result before it says so."""
    text = _ends_of(response)
    line = _line(text)
    reason = next((reason for pattern, reason in _MESSAGES if pattern.search(line)), None)
    reason = reason or _STATUSES.get(response.status_code, "absent")
    if reason in ("absent", "busy"):
        return QueryError(
            reason, f"{url} answered {response.status_code}: {line}", retry_after=_RETRY_SECONDS
        )
    return QueryError(reason, f"the SPARQL server says: {line}")


def reason_of_part(headers: httpx.Headers) -> QueryError | None:
    """Why a reply of status 200 is a part of the result only; None where it is whole."""
    if "x-sql-state" in headers or "x-sql-message" in headers:
        message = headers.get("x-sql-message", headers.get("x-sql-state", ""))
        return QueryError("time", f"the SPARQL server says: {message[:_MAX_LINE]}")
    if "x-sparql-maxrows" in headers:
        return QueryError(
            "rows",
            f"the result has more rows than the SPARQL server gives ({headers['x-sparql-maxrows']}); "
            "ask for a part of it with LIMIT and OFFSET",
        )
    return None


def _ends_of(response: httpx.Response) -> str:
    head = tail = b""
    for chunk in response.iter_bytes(_ENDS):
        head = head or chunk
        tail = (tail + chunk)[-_ENDS:]
    return f"{head.decode(errors='replace')}\n{tail.decode(errors='replace')}"


def _line(text: str) -> str:
    found = _VIRTUOSO.search(text)
    line = found[0] if found else next((line for line in text.splitlines() if line.strip()), "nothing")
    return line.strip()[:_MAX_LINE]
