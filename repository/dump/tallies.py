"""By what a repository is browsed, read from a record's body: its type, its year, the top classes of its JEL codes.

No count is kept here.
"""

import re
from collections.abc import Iterator

from repository.model.site import internal_thing
from repository.model.terms import DCTERMS, RDF
from repository.model.vocabulary import types_by_class, work_types

# `document` is what a thing is that says nothing narrower.
_RANK = {name: rank for rank, name in enumerate((*(n for n in work_types() if n != "document"), "document"))}
_YEAR = re.compile(rb'"([0-9]{4})(?:[-"])')
_JEL = re.compile(rb"/id/jel:([A-Z])[0-9]*>")
_TYPE, _ISSUED, _CREATED, _SUBJECT = (
    f"<{iri}> ".encode()
    for iri in (f"{RDF}type", f"{DCTERMS}issued", f"{DCTERMS}created", f"{DCTERMS}subject")
)
_READ = (_TYPE, _ISSUED, _CREATED, _SUBJECT)


def tallies(identifier: str, body: bytes) -> Iterator[tuple[str, str]]:
    """(which tally of `Counts`, key in it), each once. Only works have a year and JEL codes here."""
    said = _said(identifier, body)
    kinds = [types_by_class().get(value[1:-3].decode(), "") for value in said[_TYPE]]
    kind = min((each for each in kinds if each), key=_RANK.__getitem__, default="document")
    yield "types", kind
    if not work_types()[kind].item:
        return
    dated = (_YEAR.match(value) for value in (*said[_ISSUED], *said[_CREATED]))
    year = next((match[1].decode() for match in dated if match), "")
    if year:
        yield "years", year
    classes = {match[1].decode() for value in said[_SUBJECT] for match in _JEL.finditer(value)}
    yield from (("jel", letter) for letter in sorted(classes))


def _said(identifier: str, body: bytes) -> dict[bytes, list[bytes]]:
    """{property: what stands behind it in each statement of the record about itself}, of those that are tallied."""
    own = f"<{internal_thing(identifier)}> ".encode()
    found: dict[bytes, list[bytes]] = {predicate: [] for predicate in _READ}
    # Lines are sorted, so those of the record itself stand together.
    start = 0 if body.startswith(own) else body.find(b"\n" + own) + 1
    while body.startswith(own, start):
        end = body.find(b"\n", start)
        begun = start + len(own)
        for predicate in _READ:
            if body.startswith(predicate, begun):
                found[predicate].append(body[begun + len(predicate) : end])
                break
        start = end + 1
    return found
