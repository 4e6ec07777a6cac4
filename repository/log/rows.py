"""How values stand in rows: seals, compressed bodies, set lists, links. No query lives here."""

import hashlib
import json
import re
import threading
from dataclasses import asdict, astuple
from functools import lru_cache
from typing import Any

import zstandard

from repository.model import bodies
from repository.model.records import Held, Origin, Record
from repository.model.sets import with_ancestors
from repository.model.site import doi_iri, internal_identifier, internal_thing
from repository.model.terms import BIBO, DCTERMS, DOI, PREFIXES, SHEAF

FORMAT_SET = "format:"


def seal(row: dict[str, Any]) -> bytes:
    """A checksum over every other column of an entry, so that `verify` sees one changed byte."""
    digest = row["digest"].hex() if row["digest"] else None
    values = [
        row[key] for key in ("seq", "identifier", "datestamp", "sets", "formats", "source", "successor")
    ]
    return hashlib.sha256(json.dumps([*values, digest]).encode()).digest()[:16]


def private_row(identifier: str, facts: str) -> dict[str, Any]:
    """A sealed row of private facts."""
    return {"identifier": identifier, "facts": facts, "seal": _sealed(identifier, facts)}


def origin_row(seq: int, chain: tuple[Origin, ...]) -> dict[str, Any]:
    """A sealed row of the way that an entry came."""
    # Rights stand last, and only where there are any: so every row is written again as it was first.
    steps = [[*astuple(step)[:-1], *([list(step.rights)] if step.rights else [])] for step in chain]
    text = json.dumps(steps)
    return {"seq": seq, "chain": text, "seal": _sealed(seq, text)}


def origin(row: Any) -> tuple[Origin, ...]:
    return tuple(Origin(*step[:6], *map(tuple, step[6:])) for step in json.loads(row.chain))


def held_row(held: Held) -> dict[str, Any]:
    """A sealed row of what could not be kept."""
    values = asdict(held)
    values["bytes"] = compress(values.pop("raw"))
    return {
        **values,
        "seal": _sealed(*(values[key] for key in sorted(values) if key != "bytes"), held.raw.hex()),
    }


def held(row: Any) -> Held:
    """Raises ZstdError where its bytes were damaged."""
    raw = decompress(row.bytes)
    return Held(row.source, row.identifier, row.datestamp, row.reason, raw, row.record, row.since)


def sealed_text(text: str) -> str:
    """A value of the state that is to be known for whole when it is read again."""
    return f"{_sealed(text).hex()} {text}"


def unsealed_text(kept: str) -> str | None:
    """The value that `sealed_text` was given; None for one that was changed since."""
    text = kept.partition(" ")[2]
    return text if sealed_text(text) == kept else None


def _sealed(*values: object) -> bytes:
    return hashlib.sha256(json.dumps(values).encode()).digest()[:16]


# zstandard's objects may be used by one thread at a time; making one costs more than a small body.
_threads = threading.local()


def compress(body: bytes) -> bytes:
    if not hasattr(_threads, "compressor"):
        _threads.compressor = zstandard.ZstdCompressor(level=3, write_checksum=False)
    done: bytes = _threads.compressor.compress(body)
    return done


def decompress(kept: bytes) -> bytes:
    """The body's bytes. Raises zstandard.ZstdError where they were damaged."""
    if not hasattr(_threads, "decompressor"):
        _threads.decompressor = zstandard.ZstdDecompressor()
    body: bytes = _threads.decompressor.decompress(kept, max_output_size=1 << 28)
    return body


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


@lru_cache(maxsize=4096)
def memberships(sets: tuple[str, ...], formats: tuple[str, ...]) -> frozenset[str]:
    """All set rows of a head: its sets, their ancestors, and its formats as hidden sets."""
    return frozenset((*with_ancestors(sets), *(FORMAT_SET + name for name in formats)))


_SHORT = {iri: prefix for prefix, iri in {**PREFIXES, "sheaf": SHEAF}.items()}
_NAMESPACE = re.compile(r"(.*[/#])([^/#]*)")
_ISSUED = b"<" + DCTERMS.encode() + b'issued> "'


_DOI_LITERAL = re.compile(b"> <" + BIBO.encode() + rb'doi> "([^"\\]+)"')


@lru_cache(maxsize=1024)
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
    found = set()
    own = internal_thing(identifier)
    for predicate, iri in bodies.internal_objects(body):
        if iri.startswith(own) and iri[len(own) :][:1] in ("", "#"):
            continue
        target = iri.lower() if iri.startswith(DOI) else internal_identifier(iri)
        if target and target != identifier:
            found.add((target, shorten(predicate)))
    # A foreign record may name its DOI in bibo:doi alone; it is found all the same.
    found |= {(doi_iri(doi.decode()).lower(), "owl:sameAs") for doi in _DOI_LITERAL.findall(body)}
    at = body.find(_ISSUED) + len(_ISSUED)
    date = body[at : body.index(b'"', at)].decode() if at >= len(_ISSUED) else ""
    return [
        {"object": target, "sort": date, "predicate": predicate, "subject": identifier}
        for target, predicate in sorted(found)
    ]
