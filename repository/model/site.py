"""Every URI that we publish is minted and read here, from the configured base URL only.

Never from Host or X-Forwarded-*: two clients always see the same URI for the same thing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlencode

from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.terms import DOI, INTERNAL

# What oai-identifier.xsd allows in the local part; the rest is percent-encoded.
_OAI_SAFE = "-_.!~*'();/?:@&=+$,"


@dataclass(frozen=True, slots=True)
class Site:
    """`base` ends with `/`; `namespace` is the dotted domain of our OAI identifiers."""

    base: str
    namespace: str

    def thing(self, identifier: str) -> str:
        return f"{self.base}id/{identifier}"

    def record(self, identifier: str, extension: str | None = None) -> str:
        return f"{self.base}record/{identifier}" + (f".{extension}" if extension else "")

    def links(
        self, kind: str, identifier: str, *, extension: str = "", after: str = "", sort: str = ""
    ) -> str:
        """A page of an inbound list: its first, or the one behind `after`; newest first, or sorted otherwise."""
        address = f"{self.base}links/{kind}/{identifier}" + (f".{extension}" if extension else "")
        asked = {name: value for name, value in (("sort", sort), ("after", after)) if value}
        return address + ("?" + urlencode(asked) if asked else "")

    def version(self, seq: int, identifier: str, extension: str = "") -> str:
        """A record as it was: the state that the log's entry `seq` gave it."""
        return f"{self.base}version/{seq}/{identifier}" + (f".{extension}" if extension else "")

    def timegate(self, identifier: str) -> str:
        return f"{self.base}timegate/{identifier}"

    def timemap(self, identifier: str, extension: str = "", *, after: int = 0) -> str:
        """The list of a record's versions: its first page, or the one behind the version `after`."""
        address = f"{self.base}timemap/{identifier}" + (f".{extension}" if extension else "")
        return f"{address}?after={after}" if after else address

    def linkset(self, identifier: str, extension: str = "") -> str:
        """All links around a record (RFC 9264)."""
        return f"{self.base}linkset/{identifier}" + (f".{extension}" if extension else "")

    def page(self, path: str) -> str:
        """Any other address of ours: `oai`, `context/v1.jsonld`, `.well-known/void` ..."""
        return self.base + path

    def oai_identifier(self, identifier: str) -> str:
        return f"oai:{self.namespace}:{quote(identifier, safe=_OAI_SAFE)}"

    def from_oai_identifier(self, text: str) -> str:
        """The record's identifier for `oai:<namespace>:X`, `oai:RePEc:...` or the bare identifier.

        Raises IdentifierError if none of these can be read from `text`.
        """
        prefix = f"oai:{self.namespace}:"
        rest = text
        if text[: len(prefix)].lower() == prefix.lower():
            rest = text[len(prefix) :]
        elif text[:10].lower() == "oai:repec:":
            rest = text[4:]
        return normalise(unquote(rest, errors="strict") if "%" in rest else rest)

    def identifier_of(self, uri: str) -> str | None:
        """The identifier in one of our `/id/` or `/record/` URIs (a fragment is ignored), else None."""
        return _identifier_under(self.base, uri)

    def externalise(self, text: bytes) -> bytes:
        """Give the configured base to the internal IRIs of N-Triples that a body holds.

        Safe as plain replacement because a body writes `<` + the internal base in a literal as `\\u003C...`
        (`repository.model.bodies`), so these bytes only ever begin an IRI.
        """
        return text.replace(_INTERNAL_IRI, b"<" + self.base.encode())

    def quads(self, identifier: str, body: bytes) -> bytes:
        """A body as N-Quads with the configured base, in the graph that is named by its record's URI."""
        # A body has a line end only behind a statement's full stop.
        return self.externalise(body).replace(b" .\n", f" <{self.record(identifier)}> .\n".encode())

    def external(self, iri: str) -> str:
        """One IRI given the configured base."""
        return self.base + iri[len(INTERNAL) :] if iri.startswith(INTERNAL) else iri

    def internal(self, iri: str) -> str:
        """One IRI under the configured base, as bodies keep it."""
        return INTERNAL + iri[len(self.base) :] if iri.startswith(self.base) else iri


def index_graph(base: str) -> str:
    """The named graph in which a SPARQL server keeps how far our index in it has come."""
    return f"{base}.well-known/sheaf-index"


_INTERNAL_IRI = b"<" + INTERNAL.encode()
_DOI_SAFE = "-._~!$&'()*+,;=:@/"
_BARE = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
_OURS = re.compile(r"(?:id|record)/([^#]*)")


def doi_iri(doi: str) -> str:
    """The IRI of a bare DOI. Old DOIs hold `<`, `>` and `[`, which no IRI may: they are percent-encoded."""
    return DOI + quote(doi, safe=_DOI_SAFE)


def doi_of(iri: str) -> str:
    """The bare DOI of an IRI that `doi_iri` made; empty for any other."""
    doi = unquote(iri[len(DOI) :]) if iri.startswith(DOI) else ""
    return doi if _BARE.fullmatch(doi) else ""


def internal_thing(identifier: str) -> str:
    """The `/id/` IRI as bodies keep it."""
    return f"{INTERNAL}id/{identifier}"


# JEL codes, series and institutions come again and again.
@lru_cache(maxsize=4096)
def internal_identifier(iri: str) -> str | None:
    """The identifier in an internal `/id/` or `/record/` IRI, else None."""
    return _identifier_under(INTERNAL, iri)


def _identifier_under(base: str, iri: str) -> str | None:
    if not iri.startswith(base):
        return None
    match = _OURS.match(iri, len(base))
    if not match:
        return None
    try:
        return normalise(unquote(match[1], errors="strict"))
    except (IdentifierError, UnicodeDecodeError):
        return None
