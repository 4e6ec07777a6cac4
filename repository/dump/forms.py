"""The whole repository in one stream: bodies only, one named graph a record, sorted by identifier.

Each form holds the same quads, written from the sorted lines; no parser runs.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from repository.log import Log
from repository.model import ntriples
from repository.model.site import Site
from repository.model.terms import RDF


@dataclass(frozen=True, slots=True)
class Form:
    """`write` gives one record's graph: (its address, its N-Triples under the site's base, its quads)."""

    name: str
    extension: str
    media_type: str
    write: Callable[[str, bytes, Site], bytes]


def dump(log: Log, site: Site, form: "Form | None" = None) -> Iterator[bytes]:
    """One chunk for each live record, in constant memory and short reads: who takes the chunks slowly holds back
    nobody. A record that changes meanwhile is there once, as it was when it was read."""
    write = (form or NQUADS).write
    for record in log.live():
        if record.body is not None:
            yield write(record.identifier, record.body, site)


def _nquads(identifier: str, body: bytes, site: Site) -> bytes:
    return site.quads(identifier, body)


def _trig(identifier: str, body: bytes, site: Site) -> bytes:
    """A graph block; statements of one subject are written as one."""
    parts = [f"<{site.record(identifier)}> {{\n"]
    last = ""
    for line in site.externalise(body).decode().split("\n")[:-1]:
        subject, rest = line.split(" ", 1)
        lead = f"{subject} " if not last else "  ; " if subject == last else f"  .\n{subject} "
        parts.append(f"{lead}{rest[:-2]}\n")
        last = subject
    parts.append("  .\n}\n" if last else "}\n")
    return "".join(parts).encode()


def _jsonld(identifier: str, body: bytes, site: Site) -> bytes:
    """An expanded document on one line: it needs no context, so each line can be read without anything else."""
    nodes: dict[str, dict[str, list[Any]]] = {}
    for line in site.externalise(body).decode().split("\n")[:-1]:
        subject, predicate, rest = line.split(" ", 2)
        about = nodes.setdefault(subject[1:-1], {})
        term = ntriples.term(rest[:-2])
        if predicate == _TYPE and term.iri:
            about.setdefault("@type", []).append(term.value)
        else:
            about.setdefault(predicate[1:-1], []).append(_value(term))
    graph = [{"@id": subject, **about} for subject, about in nodes.items()]
    document = {"@id": site.record(identifier), "@graph": graph}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _value(term: ntriples.Term) -> dict[str, str]:
    if term.iri:
        return {"@id": term.value}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value, "@type": term.datatype} if term.datatype else {"@value": term.value}


_TYPE = f"<{RDF}type>"

NQUADS = Form("nquads", "nq", "application/n-quads", _nquads)
TRIG = Form("trig", "trig", "application/trig", _trig)
JSONL = Form("jsonl", "jsonl", "application/ld+json", _jsonld)
FORMS = {form.name: form for form in (NQUADS, TRIG, JSONL)}
