"""Our own answers by OAI-PMH, read back for the page of people: XML bytes in, frozen values out.

The page is made from what harvesters get, so the two cannot disagree. No log and no HTML is known here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_DC = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
# So many characters of metadata are put on a page; harvesters' pages have several MB in the richer formats.
MAX_METADATA = 1_500_000
# Containers that are nested deeper are shown as XML.
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a description: attributes and children are parts of their own."""

    name: str
    value: Value
    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a metadata, description or about container holds, in the one way that shows it best.

    `fields`: (element of Dublin Core, values). `part`: a small tree. `xml`: pretty, and cut where `cut` says so.
    """

    name: str
    namespace: str
    title: Value = Value("")
    fields: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    part: Part | None = None
    xml: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, or the header of one. `metadata` is None for a header alone, a deleted record, and where `cut`."""

    identifier: str
    datestamp: str
    sets: tuple[str, ...]
    deleted: bool
    metadata: Content | None = None
    about: tuple[Content, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SetRow:
    spec: str
    name: str
    descriptions: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class FormatRow:
    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Resumption:
    """The token element. `cursor` and `total` are -1 where the answer does not tell them."""

    token: str
    cursor: int
    total: int
    expires: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `verb` is the name of its element, empty for errors, which are (code, message)."""

    verb: str
    date: str
    errors: tuple[tuple[str, str], ...] = ()
    identity: tuple[tuple[str, tuple[str, ...]], ...] = ()
    descriptions: tuple[Content, ...] = ()
    formats: tuple[FormatRow, ...] = ()
    sets: tuple[SetRow, ...] = ()
    entries: tuple[Entry, ...] = ()
    resumption: Resumption | None = None


def read_answer(document: bytes) -> Answer:
    """What the document says. Entities are never followed, though no document of ours has any."""
    root = etree.fromstring(document, _parser())
    date = _text(root, "responseDate")
    errors = tuple((each.get("code", ""), each.text or "") for each in root.iterchildren(_OAI + "error"))
    if errors:
        return Answer("", date, errors=errors)
    body = next(
        child for child in _elements(root) if child.tag not in (_OAI + "responseDate", _OAI + "request")
    )
    resumption = _resumption(body.find(_OAI + "resumptionToken"))
    descriptions = tuple(_contents(body, "description"))
    return Answer(
        _local(body),
        date,
        identity=_identity(body) if _local(body) == "Identify" else (),
        descriptions=descriptions,
        formats=tuple(
            FormatRow(_text(each, "metadataPrefix"), _text(each, "schema"), _text(each, "metadataNamespace"))
            for each in body.iterchildren(_OAI + "metadataFormat")
        ),
        sets=tuple(
            SetRow(_text(each, "setSpec"), _text(each, "setName"), tuple(_contents(each, "setDescription")))
            for each in body.iterchildren(_OAI + "set")
        ),
        entries=tuple(_entries(body)),
        resumption=resumption,
    )


def _parser() -> etree.XMLParser:
    # A page of records may be longer than what lxml takes for huge.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def _identity(body: etree._Element) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(element, its values) in the order of the answer."""
    found: dict[str, list[str]] = {}
    for child in _elements(body):
        if child.tag != _OAI + "description":
            found.setdefault(_local(child), []).append(child.text or "")
    return tuple((name, tuple(values)) for name, values in found.items())


def _entries(body: etree._Element) -> Iterator[Entry]:
    room = _Room(MAX_METADATA)
    for element in body.iterchildren(_OAI + "record", _OAI + "header"):
        header = element if element.tag == _OAI + "header" else element.find(_OAI + "header")
        if header is None:
            continue
        metadata = element.find(_OAI + "metadata")
        shown = metadata is not None and room.left > 0
        yield Entry(
            _text(header, "identifier"),
            _text(header, "datestamp"),
            tuple(each.text or "" for each in header.iterchildren(_OAI + "setSpec")),
            header.get("status") == "deleted",
            metadata=next(_contents(element, "metadata", room), None) if shown else None,
            about=tuple(_contents(element, "about", room)) if room.left > 0 else (),
            cut=metadata is not None and not shown,
        )


@dataclass(slots=True)
class _Room:
    """What is left for metadata on a page."""

    left: int = field(default=MAX_METADATA)

    def take(self, text: str) -> str:
        """As much of the text as there is room for."""
        taken = text[: max(0, self.left)]
        self.left -= len(text)
        return taken


def _contents(parent: etree._Element, name: str, room: _Room | None = None) -> Iterator[Content]:
    for container in parent.iterchildren(_OAI + name):
        for root in _elements(container):
            yield _content(root, room or _Room(), tree=name != "metadata")


def _content(root: etree._Element, room: _Room, *, tree: bool) -> Content:
    """`tree`: what is small and nested is told in words, not as XML."""
    name, namespace = _local(root), etree.QName(root).namespace or ""
    title = next((_value(child) for child in _elements(root) if _local(child) == "title"), Value(""))
    if root.tag == _DC:
        fields = _fields(root, room)
        return Content(name, namespace, title, fields=fields, cut=room.left < 0)
    if tree and _depth(root) <= _MAX_DEPTH:
        return Content(name, namespace, title, part=_part(root))
    return Content(name, namespace, title, xml=room.take(pretty(root)), cut=room.left < 0)


def _fields(root: etree._Element, room: _Room) -> tuple[tuple[str, tuple[Value, ...]], ...]:
    found: dict[str, list[Value]] = {}
    for child in _elements(root):
        if room.left > 0:
            value = _value(child)
            found.setdefault(_local(child), []).append(Value(room.take(value.text), value.language))
    return tuple((name, tuple(values)) for name, values in found.items())


def _part(element: etree._Element) -> Part:
    value = _value(element)
    attributes = [
        Part(etree.QName(name).localname, Value(str(text)))
        for name, text in element.attrib.items()
        if not str(name).startswith((_XSI, _XML_LANG))
    ]
    below = tuple(map(_part, _elements(element)))
    if len(attributes) == 1 and not below and not value.text:
        # `<rightsReference ref="..."/>`: the attribute is what the element has to say.
        return Part(_local(element), attributes[0].value)
    return Part(_local(element), value, (*attributes, *below))


def _depth(element: etree._Element) -> int:
    """How many levels the element has; what is far beyond the limit is not looked at."""
    level, depth = [element], 0
    while level and depth <= _MAX_DEPTH:
        level, depth = [child for each in level for child in _elements(each)], depth + 1
    return depth


def pretty(root: etree._Element) -> str:
    """The element alone, indented, with the namespaces that it declares or needs and no others."""
    parent = root.getparent()
    inherited = parent.nsmap if parent is not None else {}
    own = [prefix for prefix, uri in root.nsmap.items() if prefix and inherited.get(prefix) != uri]
    # A copy has room for changes; serialising it drops what an enclosing envelope declares.
    alone = etree.fromstring(etree.tostring(root, with_tail=False), _parser())
    etree.cleanup_namespaces(alone, keep_ns_prefixes=own)
    etree.indent(alone)
    return etree.tostring(alone, encoding="unicode")


def _resumption(element: etree._Element | None) -> Resumption | None:
    if element is None:
        return None
    return Resumption(
        (element.text or "").strip(),
        int(element.get("cursor", "-1")),
        int(element.get("completeListSize", "-1")),
        element.get("expirationDate", ""),
    )


def _value(element: etree._Element) -> Value:
    language = element.get(_XML_LANG, "")
    return Value((element.text or "").strip(), language if _LANGUAGE.fullmatch(language) else "")


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(_OAI + name) or ""


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    """The children that are elements: no comments, no instructions."""
    return element.iterchildren("{*}*")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
