"""An answer read with patience: by local names, in any namespace, mended where it is no XML.

So one fault of the envelope is found by the row that owns it, and the other rows still see the rest. Nothing is judged
here.
"""

import hashlib
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from lxml import etree

from repository.check.exchange import Exchange

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA_LOCATION = f"{{{XSI}}}schemaLocation"
VERBS = ("Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListIdentifiers", "ListRecords")
_ITEMS = {"ListRecords": "record", "GetRecord": "record", "ListIdentifiers": "header"}
_DOCTYPE = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*<!DOCTYPE", re.DOTALL)
# What XML 1.0 cannot hold (2.2), as characters; and as references to them.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is empty on the last page."""

    text: str
    cursor: str | None
    size: str | None
    expires: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """A header, and of a whole record a digest of all it holds."""

    identifier: str
    datestamp: str
    sets: tuple[str, ...]
    status: str | None
    digest: str = ""

    @property
    def deleted(self) -> bool:
        return self.status == "deleted"

    @property
    def claims(self) -> tuple[str, tuple[str, ...], str | None]:
        """What every list must say alike about an item."""
        return self.datestamp, self.sets, self.status


@dataclass(frozen=True, slots=True)
class Record:
    """A record as an element; in ListIdentifiers `element` is the header itself and `whole` is False."""

    header: Header
    element: etree._Element
    whole: bool
    metadata: tuple[etree._Element, ...] | None
    abouts: tuple[etree._Element, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`root` is None where nothing of it can be read; `fault` says why it is no well-formed XML."""

    exchange: Exchange
    root: etree._Element | None = None
    fault: str = ""
    illegal: str = ""
    text_fault: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    container: etree._Element | None = None
    verb: str = ""
    response_date: str = ""
    request: etree._Element | None = None
    records: tuple[Record, ...] = ()
    tokens: tuple[Token, ...] = field(default=())

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.errors)

    @property
    def headers(self) -> tuple[Header, ...]:
        return tuple(record.header for record in self.records)

    @property
    def token(self) -> str:
        """The token that asks for the next page."""
        return self.tokens[0].text if self.tokens else ""

    def children(self, name: str) -> tuple[etree._Element, ...]:
        """Those of the verb's element with this local name."""
        return tuple(named(self.container, name)) if self.container is not None else ()

    def told(self) -> str:
        """What came, in words."""
        if not self.exchange.answered:
            return f"no answer: {self.exchange.problem}"
        if self.errors:
            return " and ".join(code or "an error without code" for code in self.codes)
        if self.verb:
            held = f" with {len(self.records)} records" if self.verb in _ITEMS else ""
            return f"no error, but {self.verb}{held}"
        kind = self.exchange.headers.get("content-type", "no Content-Type")
        why = self.exchange.problem or self.fault or "no verb and no error in it"
        # Of a page that tells of an error by its status, nobody wants to know what XML it is not.
        return f"HTTP {self.exchange.status}, {kind}" + (f": {why}" if self.exchange.status == 200 else "")


def read(exchange: Exchange) -> Answer:
    if not exchange.body:
        return Answer(exchange=exchange, fault=exchange.problem or "an empty answer")
    text_fault, illegal = _characters(exchange.body)
    root, fault = _parsed(exchange.body)
    answer = Answer(exchange=exchange, root=root, fault=fault, illegal=illegal, text_fault=text_fault)
    return answer if root is None else _understood(answer, root)


def local(element: etree._Element) -> str:
    # Not by QName: in a tree that was mended, names may be what no name can be.
    return str(element.tag).rpartition("}")[2]


def namespace(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (child for child in parent if isinstance(child.tag, str))


def named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in elements(parent) if local(child) == name)


def text_of(parent: etree._Element | None, name: str) -> str:
    """Text of the first child of this name, without white space around it; empty where there is none."""
    found = next(named(parent, name), None) if parent is not None else None
    return (found.text or "").strip() if found is not None else ""


def locations(element: etree._Element) -> dict[str, str]:
    """{namespace: schema} of an element's own xsi:schemaLocation."""
    words = str(element.get(SCHEMA_LOCATION, "")).split()
    return dict(zip(words[::2], words[1::2], strict=False))


def digest(*parts: etree._Element, masked: Container[str] = ()) -> str:
    """Equal where the elements say the same, whatever the prefixes declared around them.

    Of elements with a `masked` name it counts only whether there is text. Not by canonical XML: that refuses trees that
    were mended.
    """
    made = hashlib.sha256()
    for part in parts:
        for event, element in etree.iterwalk(part, events=("start", "end")):
            if event == "end":
                made.update(repr((element is not part and element.tail) or "").encode("utf-8", "replace"))
                continue
            seen: tuple[object, ...] = (element.tag, sorted(element.attrib.items()), element.text or "")
            if local(element) in masked:
                seen = (element.tag, bool(element.text))
            made.update(repr(seen).encode("utf-8", "replace"))
    return made.hexdigest()


def _parsed(body: bytes) -> tuple[etree._Element | None, str]:
    if _DOCTYPE.match(body[:100_000]):
        return None, "it has a document type declaration, which this tool does not read"
    try:
        return etree.fromstring(body, _parser(recover=False)), ""
    except etree.XMLSyntaxError as error:
        fault = error.msg or "no XML"
    try:
        return etree.fromstring(body, _parser(recover=True)), fault
    except etree.XMLSyntaxError:
        return None, fault


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _characters(body: bytes) -> tuple[str, str]:
    """(why it is no UTF-8, the first character that XML cannot hold)."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return f"byte {error.object[error.start]:#04x} at {error.start} is no UTF-8", ""
    if found := _ILLEGAL.search(text):
        return "", f"U+{ord(found[0]):04X} at character {found.start()}"
    for reference in _REFERENCE.finditer(text):
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        if code > 0x10FFFF or code == 0 or _ILLEGAL.match(chr(code)):
            return "", f"the reference {reference[0]} at character {reference.start()}"
    return "", ""


def _understood(answer: Answer, root: etree._Element) -> Answer:
    container = next((child for child in elements(root) if local(child) in VERBS), None)
    verb = local(container) if container is not None else ""
    return Answer(
        exchange=answer.exchange,
        root=root,
        fault=answer.fault,
        illegal=answer.illegal,
        text_fault=answer.text_fault,
        errors=tuple((str(e.get("code") or ""), (e.text or "").strip()) for e in named(root, "error")),
        container=container,
        verb=verb,
        response_date=text_of(root, "responseDate"),
        request=next(named(root, "request"), None),
        records=tuple(_records(container, _ITEMS[verb])) if container is not None and verb in _ITEMS else (),
        tokens=tuple(_token(t) for t in named(container, "resumptionToken")) if container is not None else (),
    )


def _records(container: etree._Element, item: str) -> Iterator[Record]:
    for element in named(container, item):
        if item == "header":
            yield Record(_header(element, ""), element, whole=False, metadata=None, abouts=())
            continue
        parts = [part for name in ("metadata", "about") for part in named(element, name)]
        metadata = next(named(element, "metadata"), None)
        yield Record(
            _header(next(named(element, "header"), None), digest(*parts)),
            element,
            whole=True,
            metadata=tuple(elements(metadata)) if metadata is not None else None,
            abouts=tuple(named(element, "about")),
        )


def _header(element: etree._Element | None, made: str) -> Header:
    if element is None:
        return Header("", "", (), None, made)
    sets = tuple(sorted((spec.text or "").strip() for spec in named(element, "setSpec")))
    status = element.get("status")
    return Header(
        text_of(element, "identifier"),
        text_of(element, "datestamp"),
        sets,
        str(status) if status is not None else None,
        made,
    )


def _token(element: etree._Element) -> Token:
    def attribute(name: str) -> str | None:
        value = element.get(name)
        return str(value) if value is not None else None

    return Token(
        # The text is sent back as it came; only white space alone counts as nothing.
        (element.text or "") if (element.text or "").strip() else "",
        attribute("cursor"),
        attribute("completeListSize"),
        attribute("expirationDate"),
    )
