"""Single RDF terms: which are private facts, and how links and DOIs are spelt.

Which record a statement belongs to is not known here.
"""

import re
from typing import Protocol, TypeAlias
from urllib.parse import unquote

import pyoxigraph as ox

from repository.model.site import doi_iri
from repository.model.terms import BIBO, FOAF, OWL
from repository.readers.redif_values import doi

_VCARD = "http://www.w3.org/2006/vcard/ns#"
_SCHEMA = ("http://schema.org/", "https://schema.org/")
# predicate -> the name under which its values are kept
_PRIVATE = {
    **{FOAF + name: f"foaf:{name}" for name in ("mbox", "mbox_sha1sum", "phone")},
    **{
        _VCARD + name: f"vcard:{name}"
        for name in ("hasEmail", "email", "hasTelephone", "tel", "telephone", "fax", "Email")
    },
    **{base + name: f"schema:{name}" for base in _SCHEMA for name in ("email", "telephone", "faxNumber")},
}
# The word alone is a text like any other.
_ADDRESS = re.compile(r"(?:mailto|xmpp|sips?):(?=[^\s@]+@)|(?:tel|fax):(?=[+(\d])", re.I)
_SAME_AS = OWL + "sameAs"
_DOI = BIBO + "doi"
_DOI_IRI = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(.+)", re.I)


Subject: TypeAlias = ox.NamedNode | ox.BlankNode
Object: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Terms(Protocol):
    """What gives a node of the source the name that it has here."""

    def term(self, node: Object) -> Object: ...


def private_fact(quad: ox.Quad) -> tuple[str, str] | None:
    """(what it is called, value) of a statement that holds an e-mail address or telephone number, else None."""
    name = _PRIVATE.get(quad.predicate.value)
    if isinstance(quad.object, ox.BlankNode):
        # A vCard node: what it holds is looked at statement by statement.
        return None
    if not isinstance(quad.object, ox.NamedNode | ox.Literal):
        return None
    value = quad.object.value
    if name is None and not _ADDRESS.match(value):
        return None
    if name is None and isinstance(quad.object, ox.Literal) and " " in value:
        # A sentence that begins with "Tel:" is a text like any other.
        return None
    return name or quad.predicate.value, _ADDRESS.sub("", value, count=1)


class Mender:
    """Spells DOIs as bodies have them, and names as `Names` gives them."""

    def __init__(self, names: Terms) -> None:
        self.names = names

    def mended(self, quad: ox.Quad) -> tuple[ox.NamedNode, Object]:
        """Predicate and object of a statement as a body has them."""
        predicate, found = quad.predicate, quad.object
        if predicate.value == _SAME_AS and isinstance(found, ox.NamedNode):
            match = _DOI_IRI.fullmatch(found.value)
            bare = doi(unquote(match[1])) if match else None
            return predicate, ox.NamedNode(doi_iri(bare)) if bare else self.names.term(found)
        if predicate.value == _DOI and isinstance(found, ox.Literal):
            return predicate, ox.Literal(doi(found.value) or found.value)
        return predicate, self.names.term(found)
