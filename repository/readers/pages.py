"""A page of records as another repository sent it: each record by itself, however broken its neighbours are.

A page that is not well-formed as a whole is cut into its records; those that can be read are, the others keep their
bytes and the reason. What a record says is not read here.
"""

import codecs
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from repository.model.errors import SourceError

OAI = "{http://www.openarchives.org/OAI/2.0/}"
# What is kept of the bytes of one record that cannot be read.
MAX_RAW = 1 << 20
# Longer names are an attack on whoever keeps them; an upstream with a set for each record is one on ListSets.
MAX_NAME = 2000
MAX_SETS = 50
_MAX_DATE = 100
# Each record of a broken page is read anew with what stands before and after all of them: so many characters in all.
_MAX_SALVAGE = 1 << 28

# More pieces than this are no page but an attack.
_MAX_PIECES = 100_000
# No tag of a record or header is longer.
_MAX_EDGE = 300
_MAX_PROLOG = 100_000

_EDGE = re.compile(r"<(/?)(?:[\w.-]+:)?record(?:\s[^<>]*)?>")
_IDENTIFIER = re.compile(r"<(?:[\w.-]+:)?identifier(?:\s[^<>]*)?>([^<]{1,2100})</(?:[\w.-]+:)?identifier\s*>")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_DOCTYPE = re.compile(
    rb"[\xef\xbb\xbf\xff\xfe]*(?:\s|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*<!DOCTYPE", re.DOTALL
)
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Found:
    """One record of a page. `fault` says why it cannot be read at all; then there is no metadata."""

    identifier: str
    datestamp: str = ""
    deleted: bool = False
    sets: tuple[str, ...] = ()
    metadata: Any = None
    about: tuple[Any, ...] = ()
    fault: str = ""
    source: Any = b""

    @property
    def raw(self) -> bytes:
        """The bytes of the record, for someone who is to look at them; a very long one is cut."""
        source = self.source
        whole = (
            source if isinstance(source, bytes) else etree.tostring(source, encoding="utf-8", with_tail=False)
        )
        return whole[:MAX_RAW]


@dataclass(frozen=True, slots=True)
class ListPage:
    """`date` is the upstream's responseDate, `token` empty at the end, `total` its completeListSize if it gives one.

    `cut`: the page broke off, so `records` are not all and the token is unknown.
    """

    envelope: Any
    records: tuple[Found, ...]
    token: str
    date: str
    total: int | None
    cut: bool = False


class DoctypeError(SyntaxError):
    """An answer that may be well-formed, but has what no answer has."""


def parsed(xml: bytes) -> Any:
    """The root of an answer. Raises SyntaxError where it is not well-formed, DoctypeError where it has a DOCTYPE."""
    if _DOCTYPE.match(xml[:_MAX_PROLOG].replace(b"\0", b"")):
        raise DoctypeError("the response has a DOCTYPE")
    root = etree.fromstring(xml, _parser())
    information: Any = root.getroottree().docinfo
    if information.doctype:
        raise DoctypeError("the response has a DOCTYPE")
    return root


def _why(error: SyntaxError) -> str:
    """What a parser complains of; there are documents for which it has no word."""
    return " ".join((error.msg or "its parser gives no reason").split())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def list_page(xml: bytes) -> ListPage:
    """An answer with its records. Raises SourceError where not even its envelope can be read."""
    cut = False
    try:
        root = parsed(xml)
        records = tuple(_records(root))
    except DoctypeError:
        raise SourceError(
            "the answer has a DOCTYPE, which OAI-PMH never has: it is a web page or an attack; "
            "look whether this is the base URL of OAI-PMH"
        ) from None
    except SyntaxError as error:
        root, records, cut = _salvaged(xml, _why(error))
    if root.tag != f"{OAI}OAI-PMH":
        raise SourceError(
            f"the answer is XML, but not of OAI-PMH 2.0: its root is {str(root.tag)[:200]}; "
            "look whether this is the base URL of OAI-PMH"
        )
    token = root.find(f"{OAI}*/{OAI}resumptionToken")
    size = "" if token is None else token.get("completeListSize", "").strip()
    return ListPage(
        root,
        records,
        "" if token is None else (token.text or "").strip(),
        (root.findtext(f"{OAI}responseDate") or "").strip(),
        int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
        cut,
    )


def _records(root: Any) -> Iterator[Found]:
    """What stands in a list; whatever is no record there is one that cannot be read."""
    for verb in ("ListRecords", "GetRecord"):
        for element in root.iterfind(f"{OAI}{verb}/*"):
            if element.tag == f"{OAI}record":
                yield from _found(element)
            elif element.tag != f"{OAI}resumptionToken":
                name = (element.findtext("{*}header/{*}identifier") or "").strip()
                yield _unread(
                    name, f"{str(element.tag)[:200]} stands where a record of OAI-PMH is due", element
                )


def _found(record: Any) -> Iterator[Found]:
    """The record; where others ran into it, each that is named."""
    headers = record.findall(f"{OAI}header")
    if not headers:
        yield _unread("", "the record has no header", record)
        return
    parts = [*headers[0].findall(f"{OAI}identifier")[1:], *headers[0].findall(f"{OAI}datestamp")[1:]]
    inside = [child for one in record.findall(f"{OAI}metadata") for child in one.iterchildren(etree.Element)]
    if len(headers) > 1 or parts or len(inside) > 1:
        identifiers = [each for header in headers for each in header.findall(f"{OAI}identifier")]
        for name in dict.fromkeys((each.text or "").strip() for each in identifiers) or ("",):
            yield _unread(name, "two headers or two metadata are in it: records ran into one another", record)
        return
    yield _one(record, headers[0], inside[0] if inside else None)


def _one(record: Any, header: Any, metadata: Any) -> Found:
    identifier = (header.findtext(f"{OAI}identifier") or "").strip()
    if not identifier or len(identifier) > MAX_NAME:
        return _unread(identifier, "the record has no identifier", record)
    specs = ((spec.text or "").strip() for spec in header.iterfind(f"{OAI}setSpec"))
    return Found(
        identifier,
        (header.findtext(f"{OAI}datestamp") or "").strip()[:_MAX_DATE],
        header.get("status") == "deleted",
        tuple(dict.fromkeys(spec for spec in specs if spec and len(spec) <= MAX_NAME))[:MAX_SETS],
        metadata,
        tuple(record.iterfind(f"{OAI}about")),
        source=record,
    )


def _unread(name: str, fault: str, source: Any) -> Found:
    """What is held: under its own name where it has one that can be kept."""
    if len(name) > MAX_NAME:
        fault = f"its identifier is longer than {MAX_NAME} characters"
        name = f"{name[:100]}... {_made_up(name.encode())}"
    raw = source if isinstance(source, bytes) else etree.tostring(source)
    return Found(name or _made_up(raw), fault=fault, source=source)


_NAMELESS = "(no identifier"


def _made_up(raw: bytes) -> str:
    """A name to hold a record under that has none of its own; the same bytes give the same name."""
    return f"{_NAMELESS}, {hashlib.sha256(raw).hexdigest()[:16]})"


# -- pages that are not well-formed ------------------------------------------------------------------------


def _salvaged(xml: bytes, complaint: str) -> tuple[Any, tuple[Found, ...], bool]:
    """(the envelope, the records, whether it is unknown where the list goes on).

    All that stands in the list is in one piece or another, so that nothing of it is lost unseen.
    """
    text = _decoded(xml)
    broken = SourceError(f"the answer is not well-formed XML: {complaint}")
    begin = _BEGIN.search(text)
    pieces = list(islice(_pieces(text, begin.end()), _MAX_PIECES + 1)) if begin else []
    if not begin or not _EDGE.search(text, begin.end()):
        raise broken
    before, tail = text[: begin.end()], text[pieces[-1].stop :]
    token = _TOKEN.search(tail)
    after = (token[0] if token else "") + _closing(before)
    if len(pieces) > _MAX_PIECES or (len(before) + len(after)) * len(pieces) > _MAX_SALVAGE:
        raise SourceError(f"the answer is not well-formed XML, and too large to be cut up: {complaint}")
    try:
        envelope = parsed(_ILLEGAL.sub("", before + after).encode())
    except SyntaxError:
        # What stands before the first record: nothing here can be told from anything else.
        raise broken from None
    # Where no token stands, damage may have taken it, unless the last record and the list came to their ends.
    last = pieces[-1]
    ended = _ENDED.search(text, max(last.start, last.stop - _MAX_EDGE), last.stop)
    cut = token is None and not (ended and _END.match(tail))
    found = [one for piece in pieces for one in _piece(before, text[piece], after)]
    if cut and found[-1].fault and found[-1].identifier.startswith(_NAMELESS):
        # The rag at the edge comes again with the whole page.
        found.pop()
    return envelope, tuple(found), cut


_BEGIN = re.compile(r"<(?:[\w.-]+:)?(?:ListRecords|GetRecord)(?:\s[^<>]*)?>")
_ENDED = re.compile(r"</(?:[\w.-]+:)?record\s*>\Z")
_END = re.compile(r"\s*</(?:[\w.-]+:)?(?:ListRecords|GetRecord)\s*>")
_TOKEN = re.compile(r"<((?:[\w.-]+:)?resumptionToken)(?=[\s>/])[^<>]*(?:/>|>[^<>]*</\1\s*>)")
_OPENED = re.compile(r"<((?:[\w.-]+:)?(?:OAI-PMH|ListRecords|GetRecord))(?=[\s>])")


def _closing(before: str) -> str:
    """The end tags of a page of which only the beginning is taken."""
    return "".join(f"</{name}>" for name in reversed(_OPENED.findall(before)))


def _pieces(text: str, begin: int) -> Iterator[slice]:
    """Where records stand, and whatever stands between them; one look at each character, whatever is left open.

    A record without an end reaches to the next one's beginning, or to the end of the list: it is held under its own
    name, and takes no other along. One without a beginning reaches from the end of the last.
    """
    at, within = begin, False
    for edge in _EDGE.finditer(text, begin):
        if edge[1]:
            yield slice(at, edge.end())
        elif within or not _BLANK.fullmatch(text, at, edge.start()):
            yield slice(at, edge.start())
        at, within = (edge.end(), False) if edge[1] else (edge.start(), True)
    rest = _REST.search(text, at)
    end = rest.start() if rest else len(text)
    if within or not _BLANK.fullmatch(text, at, end):
        yield slice(at, end)


_REST = re.compile(
    r"<(?:[\w.-]+:)?resumptionToken[\s>/]|</(?:[\w.-]+:)?(?:ListRecords|GetRecord|OAI-PMH)\s*>"
)
_BLANK = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)*", re.DOTALL)


def _piece(before: str, piece: str, after: str) -> tuple[Found, ...]:
    """One record read within the page's own beginning and end, where its namespaces are declared.

    Of a piece that cannot be read, each header that is in it has a name to be held under.
    """
    raw = piece.encode("utf-8", "surrogateescape")
    try:
        root = parsed((_ILLEGAL.sub("", before) + piece + _ILLEGAL.sub("", after)).encode())
        found = tuple(_records(root))
        if found:
            return found
        reason = "nothing of it is a record"
    except UnicodeEncodeError:
        reason = "it has bytes that are not of the encoding that the page declares"
    except SyntaxError as error:
        reason = f"it is not well-formed XML: {_why(error)}"
    return tuple(_unread(name, reason, raw) for name in dict.fromkeys(_names(piece)) or ("",))


def _names(piece: str) -> Iterator[str]:
    """The identifiers that headers give, and no identifier of what is described."""
    metadata = _METADATA.search(piece)
    for match in _IDENTIFIER.finditer(piece):
        first = metadata is None or match.end() <= metadata.start()
        if (
            first
            or _DATE_NEXT.match(piece, match.end())
            or _HEADER.search(piece, max(0, match.start() - _MAX_EDGE), match.start())
        ):
            yield html.unescape(_ILLEGAL.sub("", match[1])).strip()


_METADATA = re.compile(r"<(?:[\w.-]+:)?metadata[\s>]")
_DATE_NEXT = re.compile(r"\s*<(?:[\w.-]+:)?datestamp[\s>]")
_HEADER = re.compile(r"<(?:[\w.-]+:)?header(?:\s[^<>]*)?>\s*\Z")


def _decoded(xml: bytes) -> str:
    """The text of a page; bytes that cannot be are lone surrogates, so that their record is known by them."""
    declared = _DECLARED.match(xml.lstrip(b"\xef\xbb\xbf \t\r\n"))
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    if xml.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = xml.decode(encoding, "surrogateescape")
    except (LookupError, UnicodeError):
        raise SourceError(
            f"the answer declares the encoding {encoding}, in which it cannot be read"
        ) from None
    text = text.lstrip("\ufeff")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text
