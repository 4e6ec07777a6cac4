"""How values stand in rows: seals, compressed bodies, set lists, links. No query lives here."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

import zstandard

from repository.model import bodies
from repository.model.records import Record
from repository.model.sets import with_ancestors
from repository.model.site import internal_identifier
from repository.model.terms import DCTERMS, DOI, PREFIXES, SHEAF

FORMAT_SET = "format:"


def seal(row: dict[str, Any]) -> bytes:
    """A checksum over every other column of an entry, so that `verify` sees one changed byte."""
    digest = row["digest"].hex() if row["digest"] else None
    values = [
        row[key] for key in ("seq", "identifier", "datestamp", "sets", "formats", "source", "successor")
    ]
    return hashlib.sha256(json.dumps([*values, digest]).encode()).digest()[:16]


def compress(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3, write_checksum=False).compress(body)


def decompress(kept: bytes) -> bytes:
    """The body's bytes. Raises zstandard.ZstdError where they were damaged."""
    return zstandard.ZstdDecompressor().decompress(kept, max_output_size=1 << 28)


def readable(kept: bytes | None) -> bytes | None:
    """The body's bytes, None for an erased or damaged one: readers go on, `verify` names it."""
    try:
        return decompress(kept) if kept else None
    except zstandard.ZstdError:
        return None


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def record(row: Any, *, gone: bool = False) -> Record:
    """A Record of a row of entry columns; `bytes` may be among them."""
    kept = getattr(row, "bytes", None)
    return Record(
        identifier=row.identifier,
        seq=row.seq,
        datestamp=row.datestamp,
        digest=row.digest,
        body=None if gone else readable(kept),
        sets=words(row.sets),
        formats=words(row.formats),
        source=row.source,
        successor=row.successor,
        gone=gone,
    )


def memberships(sets: Iterable[str], formats: Iterable[str]) -> set[str]:
    """All set rows of a head: its sets, their ancestors, and its formats as hidden sets."""
    return {*with_ancestors(tuple(sets)), *(FORMAT_SET + name for name in formats)}


_SHORT = {iri: prefix for prefix, iri in {**PREFIXES, "sheaf": SHEAF}.items()}
_NAMESPACE = re.compile(r"(.*[/#])([^/#]*)")
_ISSUED = re.compile(rb"(?m)^[^ ]+ <" + DCTERMS.encode() + rb'issued> "([^"\\]*)"')


def shorten(predicate: str) -> str:
    """`cito:cites`, or the whole IRI of a predicate from elsewhere."""
    match = _NAMESPACE.fullmatch(predicate)
    return f"{_SHORT[match[1]]}:{match[2]}" if match and match[1] in _SHORT else predicate


def lengthen(short: str) -> str:
    prefix, colon, name = short.partition(":")
    namespace = {**PREFIXES, "sheaf": SHEAF}.get(prefix)
    return namespace + name if colon and namespace else short


def links(identifier: str, body: bytes) -> list[dict[str, str]]:
    """Rows of `link` for what a body says of other things of ours and of DOIs; `sort` is its date."""
    issued = _ISSUED.search(body)
    found = set()
    for predicate, iri in bodies.internal_objects(body):
        target = iri.lower() if iri.startswith(DOI) else internal_identifier(iri)
        if target and target != identifier:
            found.add((target, shorten(predicate)))
    date = issued[1].decode() if issued else ""
    return [
        {"object": target, "sort": date, "predicate": predicate, "subject": identifier}
        for target, predicate in sorted(found)
    ]
