"""What is checked on the bytes of RDF before any parser sees them: encoding, DOCTYPE, nesting, remote contexts.

Each check is one linear pass without recursion; no network is asked and no graph is built in this room.
"""

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urljoin

from lxml import etree

from repository.model.errors import DoctypeError, SourceError
from repository.model.site import Site
from repository.model.vocabulary import read_vocab
from repository.readers.redif_findings import shown

MAX_JSON_DEPTH = 64
MAX_TURTLE_DEPTH = 200
MAX_XML_DEPTH = 100


def utf8(data: bytes) -> bytes:
    """The bytes without a byte order mark. Raises SourceError, with the place, where they are not UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError("the file is UTF-16 or UTF-32 by its byte order mark; this format is always UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"the file is not UTF-8: byte {error.start} (line {line}) is 0x{data[error.start]:02X}"
        ) from None
    return data.removeprefix(codecs.BOM_UTF8)


# Strings, IRIs and comments are passed over whole. The quantifiers are possessive: a string that never ends must
# not be tried again from its every quote.
_JSON = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|([\[{])|[\]}]', re.S)
_TURTLE = re.compile(
    rb"""
    \#[^\n\r]*+
    | <[^<>"{}|^`\x00-\x20]*+>
    | \"\"\"(?:[^"\\]++|\\.|"(?!""))*+(?:\"\"\")?
    | '''(?:[^'\\]++|\\.|'(?!''))*+(?:''')?
    | "(?:[^"\\\n\r]++|\\.)*+"?
    | '(?:[^'\\\n\r]++|\\.)*+'?
    | \\.
    | (<<|[\[({])
    | >>|[\])}]
    """,
    re.S | re.X,
)
_CLOSING = frozenset((b"]", b"}", b")", b">>"))


def check_json_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") > MAX_JSON_DEPTH:
        _check_depth(_JSON, data, MAX_JSON_DEPTH, "objects and arrays")


def check_turtle_depth(data: bytes) -> None:
    """For N-Triples and N-Quads too: RDF 1.2 lets `<<( )>>` nest."""
    if sum(data.count(mark) for mark in (b"[", b"(", b"{", b"<<")) > MAX_TURTLE_DEPTH:
        _check_depth(_TURTLE, data, MAX_TURTLE_DEPTH, "brackets")


def _check_depth(pattern: re.Pattern[bytes], data: bytes, limit: int, what: str) -> None:
    depth = 0
    for match in pattern.finditer(data):
        if match[1]:
            depth += 1
            if depth > limit:
                line = data.count(b"\n", 0, match.start()) + 1
                raise SourceError(f"{what} nest more than {limit} deep at line {line}")
        elif match[0] in _CLOSING:
            depth -= 1


# XML 1.0 appendix F, for the encodings that real files have; longest mark first.
_XML_STARTS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_ONE_BYTE = {"utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1"}
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_FORBIDDEN = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.I)


def xml_text(data: bytes) -> str:
    """XML decoded, without its declaration. Raises SourceError where that cannot be done with certainty."""
    encoding = next((name for start, name in _XML_STARTS if data.startswith(start)), "")
    if not encoding:
        declared = _DECLARED.match(data.lstrip())
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
        if encoding not in _ONE_BYTE:
            raise SourceError(f"the XML declares the encoding {encoding}; save it as UTF-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"the file is not {encoding.upper()}: byte {error.start} cannot be") from None
    text = text.lstrip("\ufeff \t\r\n")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def safe_xml(data: bytes) -> bytes:
    """RDF/XML as UTF-8, shown to be without DOCTYPE and entities, and not deep.

    Entities are what makes 1 kB of XML 120 MB of text in the RDF/XML parser; so none is let through.
    """
    text = xml_text(data)
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise DoctypeError(
            f"the XML has a <!{forbidden[1].upper()}; take it out and write its entities in full"
        )
    clean = text.encode("utf-8", "strict")
    parser = etree.XMLParser(
        target=_Depth(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        etree.fromstring(clean, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"the XML is not well-formed: {error.msg}") from None
    return clean


class _Depth:
    """An lxml target that builds nothing and counts how deep elements nest."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, tag: str | bytes, attrib: Mapping[str | bytes, str | bytes]) -> None:
        self.depth += 1
        if self.depth > MAX_XML_DEPTH:
            raise SourceError(f"XML elements nest more than {MAX_XML_DEPTH} deep")

    def end(self, tag: str | bytes) -> None:
        self.depth -= 1

    def data(self, data: str | bytes) -> None:
        pass

    def comment(self, text: str | bytes) -> None:
        pass

    def close(self) -> None:
        pass


def local_json_ld(data: bytes, site: Site) -> bytes:
    """JSON-LD with our own context written out where its address stood. Raises SourceError for any other address.

    Call `check_json_depth` first: only then is `json` safe.
    """
    if b"@context" not in data and b"\\u" not in data:
        return data
    try:
        document = json.loads(data)
    except ValueError as error:
        raise SourceError(f"the file is not JSON: {error}") from None
    inlined = _Inliner(site)
    document = inlined.walk(document)
    return json.dumps(document).encode() if inlined.used else data


class _Inliner:
    def __init__(self, site: Site) -> None:
        self.base = site.base
        self.own = {site.page("context/v1.jsonld"), site.page("context.jsonld")}
        self.used = False

    def walk(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.walk(one) for one in value]
        if isinstance(value, dict):
            if "@import" in value:
                self._refuse(value["@import"])
            return {
                key: self._context(one) if key == "@context" else self.walk(one) for key, one in value.items()
            }
        return value

    def _context(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._context(one) for one in value]
        if not isinstance(value, str):
            return self.walk(value)
        try:
            whole = urljoin(self.base, value)
        except ValueError:
            # No address at all, such as http://[a
            whole = ""
        if whole not in self.own:
            self._refuse(value)
        self.used = True
        return json.loads(read_vocab("context.jsonld"))["@context"]

    def _refuse(self, address: object) -> NoReturn:
        raise SourceError(
            f"the JSON-LD asks for the remote context {shown(str(address))}, which is never fetched; "
            f"write the context out, or use {self.base}context/v1.jsonld"
        )
