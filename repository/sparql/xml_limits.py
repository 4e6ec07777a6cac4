"""What XML 1.0 and RDF/XML cannot say, which pyoxigraph 0.5 writes all the same: then nobody can read the result."""

import re

import pyoxigraph as ox

from repository.sparql.question import QueryError

_START = (
    r"A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
# Some end of a predicate must be an XML name (RDF 1.1 XML Syntax, 7.2.35).
_NAMED = re.compile(rf"[{_START}][{_START}.0-9\u00b7\u0300-\u036f\u203f\u2040\-]*\Z")
# XML 1.0, 2.2 Char, in UTF-8.
_NO_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


def check_predicate(triple: ox.Triple) -> None:
    """Raises QueryError("format") where RDF/XML has no way to write the predicate."""
    if not _NAMED.search(triple.predicate.value):
        raise QueryError(
            "format",
            f"RDF/XML cannot write the predicate {triple.predicate}, which ends in no XML name; "
            "ask for Turtle or N-Triples",
        )


def check_characters(written: bytes) -> None:
    """Raises QueryError("format") where a piece of XML holds what XML cannot."""
    if _NO_CHARACTER.search(written):
        raise QueryError(
            "format", "the result has control characters, which XML cannot hold; ask for another format"
        )
