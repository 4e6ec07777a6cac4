"""The classification of the Journal of Economic Literature, as vocab/jel.ttl has it.

No address is minted here: statements are against the internal base, as bodies are.
"""

from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from repository.model.site import internal_identifier
from repository.model.terms import INTERNAL, SKOS
from repository.model.vocabulary import read_vocab

SCHEME = INTERNAL + "vocab/jel"


@dataclass(frozen=True, slots=True)
class Concept:
    """One class. `broader` is a code, empty at the top; `statements` are all that the file says of it, as N-Triples."""

    code: str
    label: str
    broader: str
    narrower: tuple[str, ...]
    statements: bytes


def concept(identifier: str) -> Concept | None:
    """The class of an identifier such as `jel:I11`; None for anything else, and for a code that JEL has not."""
    return concepts().get(identifier.removeprefix("jel:")) if identifier.startswith("jel:") else None


def label(code: str) -> str:
    """What a code means; empty where that is not known."""
    known = concepts().get(code)
    return known.label if known else ""


@cache
def concepts() -> dict[str, Concept]:
    """{code: class}, in alphabetical order."""
    said: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(read_vocab("jel.ttl"), format=ox.RdfFormat.TURTLE):
        identifier = internal_identifier(quad.subject.value) or ""
        if identifier.startswith("jel:"):
            said.setdefault(identifier.removeprefix("jel:"), []).append(quad.triple)
    return {code: _concept(code, said[code]) for code in sorted(said)}


def _concept(code: str, triples: list[ox.Triple]) -> Concept:
    about: dict[str, list[str]] = {}
    for triple in triples:
        about.setdefault(triple.predicate.value, []).append(str(getattr(triple.object, "value", "")))
    broader, narrower = ([_code(iri) for iri in about.get(SKOS + way, [])] for way in ("broader", "narrower"))
    lines = sorted(f"{triple} .\n" for triple in triples)
    return Concept(
        code, about[SKOS + "prefLabel"][0], "".join(broader), tuple(sorted(narrower)), "".join(lines).encode()
    )


def _code(iri: str) -> str:
    return (internal_identifier(iri) or "").removeprefix("jel:")
