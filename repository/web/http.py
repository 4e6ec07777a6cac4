"""Replies: status, body and every header that clients and caches need, set here and nowhere else.

Views say what they answer as a `Reply`; no view touches a header, and nothing here knows a record.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime

from flask import Response
from isal import igzip

from repository.web.negotiation import accepts_gzip

# A client sees a change within a minute; after that a conditional request costs it next to nothing.
FRESH = "public, max-age=60"
LONG = "public, max-age=300"
FOREVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"
NEVER_KEEP = "no-store"

# CloudFront and nginx refuse headers not much larger (dspace-angular#5293, invenio-rdm-records#1966).
MAX_LINK = 4000
_WORTH_CODING = 500

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# For the one page that has scripts, which are files of ours: no inline script, no eval, no other host. The hash is
# that of the one style sheet which YASGUI 4.6.2 writes into the page, for the grips between columns.
_CSP_SCRIPTS = (
    _CSP.replace("style-src 'self'", "style-src 'self' 'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='")
    + "; script-src 'self'; connect-src 'self'"
)
_EXPOSED = (
    "Allow, Content-Disposition, Content-Location, ETag, Last-Modified, Link, Location, Retry-After, Vary"
)
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_WITH_CHARSET = ("text/", "application/xml", "application/rdf+xml", "application/x-bibtex")


@dataclass(frozen=True, slots=True)
class Link:
    """One target of the Link header (RFC 8288)."""

    target: str
    rel: str
    type: str = ""

    def __str__(self) -> str:
        return f'<{self.target}>; rel="{self.rel}"' + (f'; type="{self.type}"' if self.type else "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers.

    `write` gives the body; it is not called where a 304 will do. `tag` names the bytes before they exist: equal
    tags promise equal bytes. Without one, a `tagged` reply gets a hash of its bytes.
    `negotiated`: the same URL gives other bodies to other Accept headers. `varies`: other request headers that
    decide the body. `modified`: seconds since 1970.
    `scripts`: the page loads scripts of our own. `gzip`: gives the same body gzipped, where that costs less than
    to gzip it.
    """

    write: Callable[[], bytes]
    media_type: str
    status: int = 200
    cache: str = FRESH
    tag: str = ""
    tagged: bool = True
    modified: int | None = None
    negotiated: bool = False
    varies: str = ""
    location: str = ""
    content_location: str = ""
    links: tuple[Link, ...] = ()
    filename: str = ""
    allow: str = ""
    retry_after: int = 0
    scripts: bool = False
    gzip: Callable[[], bytes] | None = None


def respond(reply: Reply, environ: Mapping[str, str]) -> Response:
    """The response to one request: coded, tagged, or 304 where the client has these bytes already."""
    coding = "gzip" if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING")) else ""
    headers = _headers(reply)
    if environ.get("REQUEST_METHOD") == "OPTIONS":
        headers.update(_PREFLIGHT)
    can_match = reply.tagged and reply.status == 200
    body = None if reply.gzip or (can_match and reply.tag) else reply.write()
    if can_match:
        headers["ETag"] = _etag(reply.tag.encode() if body is None else body, coding)
        if _has_already(headers["ETag"], reply.modified, environ):
            return Response(b"", 304, headers)
    if coding and reply.gzip and body is None:
        headers["Content-Encoding"] = coding
        return Response(reply.gzip(), reply.status, headers, content_type=headers["Content-Type"])
    body = reply.write() if body is None else body
    if coding and len(body) > _WORTH_CODING:
        body = igzip.compress(body, 2, mtime=0)
        headers["Content-Encoding"] = coding
    return Response(body, reply.status, headers, content_type=headers["Content-Type"])


def _headers(reply: Reply) -> dict[str, str]:
    media_type = reply.media_type
    if media_type.startswith(_WITH_CHARSET) and "charset" not in media_type:
        media_type += "; charset=utf-8"
    headers = {
        "Content-Type": media_type,
        "Cache-Control": reply.cache,
        "Vary": _vary(reply),
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": _EXPOSED,
    }
    csp = _CSP_SCRIPTS if reply.scripts else _CSP
    optional = {
        "Content-Security-Policy": csp if media_type.startswith("text/html") else "",
        "Last-Modified": formatdate(reply.modified, usegmt=True) if reply.modified is not None else "",
        "Location": reply.location,
        "Content-Location": reply.content_location,
        "Link": _link_header(reply.links),
        "Content-Disposition": f'inline; filename="{reply.filename}"' if reply.filename else "",
        "Allow": reply.allow,
        "Retry-After": str(reply.retry_after) if reply.retry_after else "",
    }
    headers.update((name, value) for name, value in optional.items() if value)
    return headers


def _vary(reply: Reply) -> str:
    names = ("Accept" if reply.negotiated else "", "Accept-Encoding", reply.varies)
    return ", ".join(name for name in names if name)


def _link_header(links: tuple[Link, ...]) -> str:
    """As many links as fit, in their order."""
    text = ""
    for link in links:
        longer = f"{text}, {link}" if text else str(link)
        if len(longer) <= MAX_LINK:
            text = longer
    return text


def _etag(named: bytes, coding: str) -> str:
    """A strong entity tag: other bytes, another tag; each coding has its own (RFC 9110, 8.8.3)."""
    hashed = urlsafe_b64encode(hashlib.sha256(named).digest()[:15]).decode()
    return f'"{hashed}-{coding}"' if coding else f'"{hashed}"'


def _has_already(etag: str, modified: int | None, environ: Mapping[str, str]) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides where it is sent; If-Modified-Since only without it."""
    given = environ.get("HTTP_IF_NONE_MATCH")
    if given is not None:
        return given.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in given.split(","))
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(since).timestamp() >= modified
    except (ValueError, TypeError, OverflowError, IndexError):
        return False
