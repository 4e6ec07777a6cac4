"""How values stand in rows: seals, compressed bodies, set lists, links. No query lives here."""

import hashlib
import json
import re
import threading
from dataclasses import asdict, astuple
from functools import lru_cache
from typing import Any, NamedTuple

import zstandard

from repository.model import bodies, ntriples
from repository.model.identifiers import SHORT_ID
from repository.model.records import Held, Origin, Record
from repository.model.references import MOST_NAMES, names_in
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
    # Last, and only where there are any: so entries from before they were kept have the seals that they were given.
    made = [row.get("agent", ""), row.get("reader", "")]
    return hashlib.sha256(json.dumps([*values, digest, *(made if any(made) else ())]).encode()).digest()[:16]


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
        # Without the checksum two of three flipped bits come out as other text, which no reader knows for damaged.
        _threads.compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
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
    except (zstandard.ZstdError, MemoryError):
        # The second where its head tells of terabytes.
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
        agent=row.agent,
        reader=row.reader,
        successor=row.successor,
        gone=gone,
    )


@lru_cache(maxsize=256)
def memberships(sets: tuple[str, ...], formats: tuple[str, ...]) -> frozenset[str]:
    """All set rows of a head: its sets, their ancestors, and its formats as hidden sets."""
    return _hidden(formats).union(*map(_with_ancestors, sets))


# Records have sets that few others have all of, and formats that most have.
@lru_cache(maxsize=4096)
def _with_ancestors(spec: str) -> tuple[str, ...]:
    return with_ancestors((spec,))


@lru_cache(maxsize=256)
def _hidden(formats: tuple[str, ...]) -> frozenset[str]:
    return frozenset(FORMAT_SET + name for name in formats)


_SHORT = {iri: prefix for prefix, iri in {**PREFIXES, "sheaf": SHEAF}.items()}
_NAMESPACE = re.compile(r"(.*[/#])([^/#]*)")
_ISSUED = b"<" + DCTERMS.encode() + b'issued> "'


_SAYS_DOI = b"> <" + BIBO.encode() + b'doi> "'
_DOI_LITERAL = re.compile(_SAYS_DOI + rb'([^"\\]+)"')


@lru_cache(maxsize=1024)
def shorten(predicate: str) -> str:
    """`cito:cites`, or the whole IRI of a predicate from elsewhere."""
    match = _NAMESPACE.fullmatch(predicate)
    return f"{_SHORT[match[1]]}:{match[2]}" if match and match[1] in _SHORT else predicate


def lengthen(short: str) -> str:
    prefix, colon, name = short.partition(":")
    namespace = {**PREFIXES, "sheaf": SHEAF}.get(prefix)
    return namespace + name if colon and namespace else short


# Rules by which link rows are made of a body; another number makes a log compute them anew.
LINKS_VERSION = "3"

_CITED = f"<{DCTERMS}bibliographicCitation> ".encode()
_SHORT_ID = re.compile(rb"> <" + SHEAF.encode() + rb'shortId> "([A-Za-z]+[0-9]+)"')
# A record's own DOI, and a DOI or handle that a reference of it names: these are matched when somebody reads.
HAS_DOI, REFERS = "owl:sameAs", "sheaf:refersTo"


class LinkRow(NamedTuple):
    """A row of `link`, in the order of its columns."""

    object: str
    sort: str
    predicate: str
    subject: str


def links(identifier: str, body: bytes) -> list[LinkRow]:
    """What a body says of other things of ours and of DOIs; `sort` is its date.

    What its references name is there under `sheaf:refersTo`, whether anything of that name is kept or not.
    """
    own = internal_thing(identifier)
    found = _stated(identifier, own, body) | _own_dois(own, body)
    dois = {target for target, predicate in found if predicate == HAS_DOI and target.startswith(DOI)}
    named = _named_in_references(body)
    found.update((target, REFERS) for target in named if target != identifier and target not in dois)
    at = body.find(_ISSUED) + len(_ISSUED)
    date = body[at : body.index(b'"', at)].decode() if at >= len(_ISSUED) else ""
    return [LinkRow(target, date, predicate, identifier) for target, predicate in sorted(found)]


def _stated(identifier: str, own: str, body: bytes) -> set[tuple[str, str]]:
    found = set()
    for subject, predicate, iri in bodies.internal_objects(body, own):
        target = iri.lower() if iri.startswith(DOI) else internal_identifier(iri)
        if target and target != identifier:
            short = shorten(predicate)
            # The DOI of a part, such as a reference that is a node, is not the record's.
            if short == HAS_DOI and subject != own and iri.startswith(DOI):
                short = REFERS
            found.add((target, short))
    return found


def _own_dois(own: str, body: bytes) -> set[tuple[str, str]]:
    """DOIs in bibo:doi, which foreign records may have alone; that of a part is a reference's."""
    found = set()
    at = body.find(_SAYS_DOI)
    for match in _DOI_LITERAL.finditer(body, at) if at >= 0 else ():
        start = body.rfind(b"\n", 0, match.start()) + 1
        subject = body[start + 1 : match.start()].decode()
        iri = doi_iri(ntriples.term(f'"{match[1].decode()}"').value).lower()
        found.add((iri, HAS_DOI if subject == own else REFERS))
    return found


def _named_in_references(body: bytes) -> set[str]:
    found: set[str] = set()
    at = body.find(_CITED)
    while at >= 0 and len(found) < MOST_NAMES:
        end = body.find(b"\n", at)
        found.update(names_in(ntriples.term(body[at + len(_CITED) : end - 2].decode()).value))
        at = body.find(_CITED, end)
    return set(sorted(found)[:MOST_NAMES])


class AliasRow(NamedTuple):
    """A row of `alias`, in the order of its columns."""

    other: str
    identifier: str
    owner: str


def aliases(identifier: str, body: bytes | None, successor: str | None) -> list[AliasRow]:
    """The short-ids that a person's record claims, or where a tombstone's record went."""
    if body is None:
        found = {(identifier, successor)} if successor and successor != identifier else set()
    elif identifier.startswith("RePEc:per:"):
        claimed = {match.decode().lower() for match in _SHORT_ID.findall(body)}
        found = {(each, identifier) for each in claimed if SHORT_ID.fullmatch(each)}
    else:
        found = set()
    return [AliasRow(other, name, identifier) for other, name in sorted(found)]


def decision_row(one: str, other: str, verdict: str, who: str, why: str, at: int) -> dict[str, Any]:
    values = {"one": one, "other": other, "verdict": verdict, "who": who, "why": why, "at": at}
    return {**values, "seal": _sealed(*values.values())}


def token_row(values: dict[str, Any]) -> dict[str, Any]:
    """A row of `token`, sealed but for what its use changes."""
    kept = [values[key] for key in ("id", "name", "scopes", "rights", "made", "expires", "revoked")]
    return {**values, "seal": _sealed(*kept, values["hash"].hex())}
