"""RDF/XML: the whole graph for clients of the old school, and the parts that the OAI format `rdf` shares.

Written from the sorted lines; no parser runs. pyoxigraph's writer is not used: it leaves carriage returns
bare (parsers make newlines of them or drop them) and writes malformed XML for predicates without a name.
"""

import re
from functools import lru_cache

from repository.formats.format import Format, always
from repository.formats.graph import Tokens, arranged, record_graph
from repository.formats.xmltext import attribute, escaped
from repository.model import ntriples
from repository.model.errors import FormatError
from repository.model.ntriples import ILLEGAL_XML
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import PREFIXES, RDF, SHEAF

# Letters that both editions of XML 1.0 that parsers follow (4th and 5th) take in names.
_LETTERS = "A-Za-z_À-ÖØ-öø-ıΆΈ-ΊΌΎ-ΡΣ-ώЁ-Ќа-яА-Яא-תء-غぁ-んァ-ヶ一-龥가-힣"
_IN_NCNAME, _BEGINS_NCNAME = re.compile(f"[{_LETTERS}0-9.-]*"), re.compile(f"[{_LETTERS}]")

# Names of RDF/XML's own grammar (section 7.2.2 to 7.2.5): as elements they would mean something else.
_RESERVED = frozenset(
    RDF + name
    for name in (
        "RDF",
        "Description",
        "ID",
        "about",
        "parseType",
        "resource",
        "nodeID",
        "datatype",
        "li",
        "bagID",
        "aboutEach",
        "aboutEachPrefix",
    )
)
# Namespaces in XML 1.0, section 3: may not be declared.
_UNDECLARABLE = ("http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace")


def expressible_in_xml(body: bytes) -> bool:
    """Whether RDF/XML can carry a body: every predicate has a name that XML allows, every text is legal XML.

    Ingest asks this before it lists a record under the RDF/XML formats (rdfxml, rdf).
    """
    for line in body.decode().split("\n"):
        if line:
            _, predicate, rest = line.split(" ", 2)
            if not _split(predicate[1:-1])[1]:
                return False
            if "\\" in rest and ILLEGAL_XML.search(ntriples.term(rest[:-2]).value):
                return False
    return True


def write(record: Record, site: Site) -> bytes:
    document = rdf_element(arranged(record_graph(record, site), site), site)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + document + b"\n"


def rdf_element(graph: Tokens, site: Site, root_attributes: str = "") -> bytes:
    """The `rdf:RDF` element of a graph. Raises FormatError where `expressible_in_xml` would be false."""
    prefixes = {RDF: "rdf"}
    parts = []
    for subject, about in graph.items():
        parts.append(f'  <rdf:Description rdf:about="{attribute(subject[1:-1])}">\n')
        for predicate, objects in about.items():
            name = _element(predicate, prefixes, site)
            parts.extend(_property(name, token) for token in objects)
        parts.append("  </rdf:Description>\n")
    declared = "".join(
        f' xmlns:{prefix}="{attribute(iri)}"' for prefix, iri in sorted((p, n) for n, p in prefixes.items())
    )
    return f"<rdf:RDF{declared}{root_attributes}>\n{''.join(parts)}</rdf:RDF>".encode()


_KNOWN = {iri: prefix for prefix, iri in PREFIXES.items()}


def _element(predicate: str, prefixes: dict[str, str], site: Site) -> str:
    """The element's qualified name; `prefixes` grows by the namespaces that come to be needed."""
    namespace, local = _split(predicate[1:-1])
    if not local:
        raise FormatError(
            f"RDF/XML cannot write the predicate {predicate}: it does not end in a name that XML allows. "
            "Ask for Turtle, N-Triples or JSON-LD."
        )
    prefix = prefixes.get(namespace)
    if prefix is None:
        own = "sheaf" if namespace == site.external(SHEAF) else f"ns{len(prefixes)}"
        prefix = prefixes[namespace] = _KNOWN.get(namespace, own)
    return f"{prefix}:{local}"


def _property(name: str, token: str) -> str:
    if token[0] == "<":
        return f'    <{name} rdf:resource="{attribute(token[1:-1])}"/>\n'
    term = ntriples.term(token)
    if "\\" in token and ILLEGAL_XML.search(term.value):
        raise FormatError(
            f"XML cannot hold a control character in the text of {name}. Ask for Turtle or N-Triples."
        )
    mark = ""
    if term.language:
        mark = f' xml:lang="{term.language}"'
    elif term.datatype:
        mark = f' rdf:datatype="{attribute(term.datatype)}"'
    return f"    <{name}{mark}>{escaped(term.value)}</{name}>\n"


@lru_cache(maxsize=8192)
def _split(iri: str) -> tuple[str, str]:
    """Namespace and local name of a predicate; the local name is empty where there is no way to split it."""
    # From the end: looked for from the front, the name of a long IRI would be tried at each of its characters.
    behind = _IN_NCNAME.match(iri[::-1])
    begins = _BEGINS_NCNAME.search(iri, len(iri) - (behind.end() if behind else 0))
    if not begins or begins.start() == 0 or iri in _RESERVED:
        return iri, ""
    namespace, local = iri[: begins.start()], iri[begins.start() :]
    return (iri, "") if namespace in _UNDECLARABLE else (namespace, local)


RDFXML = Format(
    name="rdfxml",
    label="RDF/XML",
    media_type="application/rdf+xml",
    extension="rdf",
    version=1,
    applies=always,
    write=write,
    listed_as="rdf",
)
