"""One request over HTTP from any address of loopback, timed; and whether what came is whole. Nothing is judged here."""

import csv
import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from lxml import etree

_LONGEST_ADDRESS = 6000
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came. `status` is 0 where no whole answer came, and `trouble` says what did."""

    status: int
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: str = ""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip()


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    address: str = "127.0.0.1",
    patience: float = 30.0,
) -> Heard:
    """A request on a connection of its own, which comes from `address`."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=patience, source_address=(address, 0))
    try:
        connection.request(method, path, body, dict(headers or {}))
        reply = connection.getresponse()
        content = reply.read()
    except (OSError, HTTPException) as error:
        return Heard(0, time.monotonic() - began, trouble=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
    named = {name.lower(): value for name, value in reply.getheaders()}
    return Heard(reply.status, time.monotonic() - began, named, content)


def query(
    port: int, text: str, way: str = "get", *, accept: str = "", extra: str = "", **options: object
) -> Heard:
    """A query by one of the protocol's ways: get, form, direct. What is too long for an address goes as a form.

    `extra`: further arguments, encoded.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    headers = {"Accept": accept} if accept else {}
    address = f"/sparql?query={quote(encoded)}&{extra}"
    if way == "get" and len(address) <= _LONGEST_ADDRESS:
        return ask(port, address, headers=headers, **options)  # type: ignore[arg-type]
    path, kind, body = f"/sparql?{extra}", DIRECT, encoded
    if way != "direct":
        path, kind, body = "/sparql", FORM, f"{urlencode({'query': encoded})}&{extra}".encode()
    headers["Content-Type"] = kind
    return ask(port, path, method="POST", body=body, headers=headers, **options)  # type: ignore[arg-type]


# -- whether it is whole -------------------------------------------------------------------------------------------


def _json(body: bytes) -> None:
    found = json.loads(body)
    if "boolean" not in found:
        assert set(found["results"]) == {"bindings"}
        assert all(set(row) <= set(found["head"]["vars"]) for row in found["results"]["bindings"])


def _xml(body: bytes) -> None:
    etree.fromstring(body, etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True))


def _html(body: bytes) -> None:
    assert body.rstrip().endswith(b"</html>")


def _csv(body: bytes) -> None:
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
    assert len({max(len(row), 1) for row in rows}) <= 1
    assert body in (b"true", b"false") or body.endswith(b"\n")


def _tsv(body: bytes) -> None:
    assert body in (b"true", b"false") or body.endswith(b"\n")
    assert len({line.count(b"\t") for line in body.removesuffix(b"\n").split(b"\n")}) <= 1


def _graph(syntax: ox.RdfFormat) -> Callable[[bytes], None]:
    def parsed(body: bytes) -> None:
        for _ in ox.parse(body, format=syntax):
            pass

    return parsed


def _jsonld(body: bytes) -> None:
    """Records name a context by its address, which nobody here fetches."""
    document = json.loads(body)
    if not (isinstance(document, dict) and isinstance(document.get("@context"), str)):
        _graph(ox.RdfFormat.JSON_LD)(body)


_READERS: Mapping[str, Callable[[bytes], None]] = {
    "application/sparql-results+json": _json,
    "application/sparql-results+xml": _xml,
    "text/csv": _csv,
    "text/tab-separated-values": _tsv,
    "text/turtle": _graph(ox.RdfFormat.TURTLE),
    "application/n-triples": _graph(ox.RdfFormat.N_TRIPLES),
    "application/rdf+xml": _graph(ox.RdfFormat.RDF_XML),
    "application/ld+json": _jsonld,
    "text/xml": _xml,
    "text/html": _html,
    "text/plain": lambda body: None,
    "application/x-bibtex": lambda body: None,
}


def broken(heard: Heard) -> str:
    """Why the body of a 200 is not the whole thing that it says to be; empty where it is."""
    reader = _READERS.get(heard.media_type)
    if reader is None:
        return f"nobody reads {heard.media_type or 'an answer without a type'}"
    try:
        reader(heard.body)
    except (ValueError, SyntaxError, AssertionError, KeyError, OSError) as error:
        return f"{type(error).__name__}: {error}"[:300]
    return ""
