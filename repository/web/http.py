"""Replies: status, body and every header that clients and caches need, set here and nowhere else.

Views say what they answer as a `Reply`; no view touches a header, and nothing here knows a record.
"""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from flask import Response
from isal import igzip

from repository.web import conditions, downloads
from repository.web.downloads import Download
from repository.web.headers import http_date, of_kind, preflight
from repository.web.negotiation import accepts_gzip

# How long a reply may be kept, by what it is; one of these is in every reply.
# Records, their pages and lists, and that something is not there (404, 406, 410): a client sees a change within a
# minute; after that a conditional request costs it next to nothing.
FRESH = "public, max-age=60"
# What changes with the software or a setting: where things lead (303), our vocabulary, robots.txt.
LONG = "public, max-age=300"
# What has its version in its address.
FOREVER = "public, max-age=31536000, immutable"
# What grows while it is read, or costs the asking client alone: OAI-PMH, SPARQL.
ALWAYS_ASK = "no-cache"
# What was true for one request: failures, refused conditions, health, answers to forms.
NEVER_KEEP = "no-store"

# CloudFront and nginx refuse headers not much larger (dspace-angular#5293, invenio-rdm-records#1966).
MAX_LINK = 4000
# nginx reads a whole header section, and what its cache notes beside it, into 4096 bytes, and answers 502 where that is
# too little. What is left for us when it and our server have added theirs, and a request its id; the address is noted
# too (where that is longer than any usual one, its cache is lost in any case).
_ROOM = 3508
_LONG_ADDRESS = 200
_WORTH_CODING = 500
# A batch may be committed so long after the second with which it is stamped, another one in the same second before it.
_SETTLED = 3
# Set in the environment of a request whose reply will have another header when that time is over.
PASSING = "sheaf.passing"
_JSONLD = "application/ld+json"

_FAILED = {
    412: b"The condition that this request names does not hold (If-Match, If-Unmodified-Since or If-None-Match).\n",
    416: b"The file ends before the range that this request names (Range).\n",
}
_DECIDED = ("ETag", "Vary", "X-Content-Type-Options", "Content-Range")


class Link(NamedTuple):
    """One target of the Link header (RFC 8288), a URI. `profile`: which of the forms of its media type it has.

    `attributes`: further ones by name; their values are ours, and have no quotation mark in them.
    """

    target: str
    rel: str
    type: str = ""
    profile: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        # Thirty of them are in a reply, so no loop runs for those that every link may have.
        text = f'<{self.target}>; rel="{self.rel}"'
        if self.type:
            text = f'{text}; type="{self.type}"'
        if self.profile:
            text = f'{text}; profile="{self.profile}"'
        for name, value in self.attributes:
            text = f'{text}; {name}="{value}"'
        return text


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers.

    `write` gives the body; it is not called where a 304 will do. `tag` names the bytes before they exist: equal
    tags promise equal bytes. Without one, a `tagged` reply gets a hash of its type and bytes.
    `negotiated`: the same URL gives other bodies to other Accept headers. `varies`: other request headers that
    decide the body. `modified`: seconds since 1970.
    `links`: for the Link header, which is as long as it may be; a function is not called for a 304, whose receiver
    has them. `link_header` gives that header ready-made, in at most so many characters. `scripts`: the page loads
    scripts of our own. `gzip`: gives the same body gzipped, where that costs less than to gzip it. `download`: the body
    is this file, `tag` is given as it is, and `write` is not called. `memento`: the second in which the record was as
    this reply shows it (RFC 7089). `unlisted`: search engines show another address instead. `posted`: POST
    reads here, too.
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
    links: tuple[Link, ...] | Callable[[], Iterable[Link]] = ()
    link_header: Callable[[int], str] | None = None
    filename: str = ""
    allow: str = ""
    retry_after: int = 0
    scripts: bool = False
    gzip: Callable[[], bytes] | None = None
    download: Download | None = None
    memento: int | None = None
    unlisted: bool = False
    posted: bool = False


class Answer(NamedTuple):
    """A reply as it is sent, but for its length."""

    status: int
    headers: dict[str, str]
    body: bytes


def respond(reply: Reply, environ: MutableMapping[str, Any]) -> Response:
    """The response to one request: coded, tagged, or 304 where the client has these bytes already."""
    reply = _dated(reply, environ)
    if reply.download:
        return _download(reply, reply.download, _headers(reply), environ)
    status, headers, body = _answered(reply, environ)
    return Response(body, status, headers)


def answered(reply: Reply, environ: MutableMapping[str, Any]) -> Answer:
    """What `respond` puts into its response; not for downloads."""
    return _answered(_dated(reply, environ), environ)


def _dated(reply: Reply, environ: MutableMapping[str, Any]) -> Reply:
    if reply.modified is not None and reply.modified > time.time() - _SETTLED:
        # Something else may still be written in that second, and no date would tell one from the other.
        environ[PASSING] = True
        return replace(reply, modified=None)
    return reply


def _answered(reply: Reply, environ: Mapping[str, Any]) -> Answer:
    """Conditions are looked at for what would be a 200 and has a tag; what has none is computed each time."""
    coding = "gzip" if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING")) else ""
    headers = _headers(reply)
    if environ.get("REQUEST_METHOD") == "OPTIONS":
        headers = preflight(headers, reply.posted, environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "GET"))
    can_match = reply.tagged and reply.status == 200
    body = None if reply.gzip or (can_match and reply.tag) else reply.write()
    if can_match:
        named = reply.tag.encode() if body is None else bytes_named(reply.media_type, body)
        headers["ETag"] = conditions.etag(_hashed(named), coding)
        status = conditions.status(headers["ETag"], reply.modified, environ)
        if status == 304:
            return Answer(304, headers, b"")
        if status == 412:
            return _failed(headers)
    room = _room(headers, environ)
    if link := reply.link_header(room) if reply.link_header else _link_header(reply, room):
        headers["Link"] = link
    if coding and reply.gzip and body is None:
        headers["Content-Encoding"] = coding
        return Answer(reply.status, headers, reply.gzip())
    body = reply.write() if body is None else body
    if coding and len(body) > _WORTH_CODING:
        body = igzip.compress(body, 2, mtime=0)
        headers["Content-Encoding"] = coding
    return Answer(reply.status, headers, body)


def _download(
    reply: Reply, download: Download, headers: dict[str, str], environ: Mapping[str, str]
) -> Response:
    """The file, a range of it, or neither; as it is on the disk, in no other coding."""
    headers |= {"ETag": conditions.etag(reply.tag, ""), "Accept-Ranges": "bytes"}
    status = conditions.status(headers["ETag"], reply.modified, environ)
    span = downloads.asked(environ, download.size, headers["ETag"], reply.modified)
    if status != 200 or span is None:
        download.file.close()
        if status == 304:
            return Response(b"", 304, headers)
        if status == 200:
            status, headers["Content-Range"] = 416, f"bytes */{download.size}"
        status, headers, refusal = _failed(headers, status)
        return Response(refusal, status, headers)
    first, length = span
    headers["Content-Length"] = str(length)
    if length < download.size:
        status = 206
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{download.size}"
    body = downloads.Part(download.file, first, length)
    return Response(body, status, headers, direct_passthrough=True)


def _failed(headers: Mapping[str, str], status: int = 412) -> Answer:
    """412 or 416. The representation's own headers do not describe this body, except for what decided about it; and no
    cache may give it to who asks otherwise."""
    kept = {name: value for name, value in headers.items() if name in _DECIDED or name.startswith("Access-")}
    kept |= {"Cache-Control": NEVER_KEEP, "Content-Type": "text/plain; charset=utf-8"}
    return Answer(status, kept, _FAILED[status])


def _headers(reply: Reply) -> dict[str, str]:
    headers = of_kind(reply.media_type, reply.cache, reply.negotiated, reply.varies, reply.scripts).copy()
    if reply.modified is not None:
        headers["Last-Modified"] = http_date(reply.modified)
    if reply.memento is not None:
        headers["Memento-Datetime"] = http_date(reply.memento)
    if reply.unlisted:
        headers["X-Robots-Tag"] = "noindex"
    if reply.location:
        headers["Location"] = reply.location
    if reply.content_location:
        headers["Content-Location"] = reply.content_location
    if reply.filename:
        headers["Content-Disposition"] = f'inline; filename="{reply.filename}"'
    if reply.allow:
        headers["Allow"] = reply.allow
    if reply.retry_after:
        headers["Retry-After"] = str(reply.retry_after)
    return headers


def _room(headers: Mapping[str, str], environ: Mapping[str, Any]) -> int:
    """What the other headers leave to Link."""
    address = len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", ""))
    others = sum(len(name) + len(value) + len(": \r\n") for name, value in headers.items())
    if PASSING in environ:
        # The same links a moment later, when there is a date.
        others += len(f"Last-Modified: {http_date(0)}\r\n")
    return min(MAX_LINK, _ROOM - min(address, _LONG_ADDRESS) - others - len("Link: \r\n"))


def _link_header(reply: Reply, room: int) -> str:
    links = reply.links() if callable(reply.links) else reply.links
    return fitting(map(str, shown_links(links, reply.media_type)), room)


def fitting(links: Iterable[str], room: int) -> str:
    """As many links as fit, in their order."""
    found: list[str] = []
    for text in links:
        if len(text) <= room:
            found.append(text)
            room -= len(text) + len(", ")
    return ", ".join(found)


def shown_links(links: Iterable[Link], media_type: str) -> Iterable[Link]:
    """Those that a reply of this type can have."""
    return _with_one_alternate(links) if media_type.startswith(_JSONLD) else links


def _with_one_alternate(links: Iterable[Link]) -> Iterator[Link]:
    """For JSON-LD: pyld (3.3 and before) reads no document that has two of them."""
    alternates = 0
    for link in links:
        alternates += link.rel == "alternate"
        if link.rel != "alternate" or alternates == 1:
            yield link


def _hashed(named: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(named).digest()[:15]).decode()


def bytes_named(media_type: str, body: bytes) -> bytes:
    """What a tag is made of where only the bytes name themselves. Equal bytes are another representation under another
    type (an empty graph in Turtle and in N-Triples), and no tag may confirm two."""
    return b"%s\0%s" % (media_type.encode(), body)


def entity_tag(named: bytes) -> str:
    """The tag of what these bytes name, in no coding, as `respond` gives it."""
    return conditions.etag(_hashed(named), "")
