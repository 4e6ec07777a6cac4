"""A page of records as another repository sent it: each record by itself, however broken its neighbours are.

A page that is not well-formed as a whole is cut into its records; those that can be read are, the others keep their
bytes and the reason. What a record says is not read here.
"""

import codecs
import hashlib
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

_EDGE = re.compile(r"<(/?)(?:[\w.-]+:)?record(?:\s[^<>]*)?>")
_IDENTIFIER = re.compile(r"<(?:\w+:)?identifier(?:\s[^>]*)?>\s*([^<]{1,2000}?)\s*</")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
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


def parsed(xml: bytes) -> Any:
    """The root of an answer. Raises SyntaxError where it is not well-formed, or has a DOCTYPE."""
    root = etree.fromstring(xml, _parser())
    information: Any = root.getroottree().docinfo
    if information.doctype:
        raise SyntaxError("the response has a DOCTYPE")
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def list_page(xml: bytes) -> ListPage:
    """An answer with its records. Raises SourceError where not even its envelope can be read."""
    cut = False
    try:
        root = parsed(xml)
        records = tuple(_found(element) for element in root.iterfind(f"{OAI}*/{OAI}record"))
    except SyntaxError as error:
        if "DOCTYPE" in str(error):
            raise SourceError(
                "the answer has a DOCTYPE, which OAI-PMH never has: it is a web page or an attack; "
                "look whether this is the base URL of OAI-PMH"
            ) from None
        root, records, cut = _salvaged(xml, str(error))
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


def _found(record: Any) -> Found:
    header = record.find(f"{OAI}header")
    if header is None:
        return Found(_made_up(etree.tostring(record)), fault="the record has no header", source=record)
    identifier = (header.findtext(f"{OAI}identifier") or "").strip()
    if len(identifier) > MAX_NAME:
        name = f"{identifier[:100]}... {_made_up(identifier.encode())}"
        return Found(name, fault=f"its identifier is longer than {MAX_NAME} characters", source=record)
    metadata = record.find(f"{OAI}metadata")
    specs = ((spec.text or "").strip() for spec in header.iterfind(f"{OAI}setSpec"))
    return Found(
        identifier or _made_up(etree.tostring(record)),
        (header.findtext(f"{OAI}datestamp") or "").strip()[:_MAX_DATE],
        header.get("status") == "deleted",
        tuple(dict.fromkeys(spec for spec in specs if spec and len(spec) <= MAX_NAME))[:MAX_SETS],
        metadata if metadata is None else next(metadata.iterchildren(etree.Element), None),
        tuple(record.iterfind(f"{OAI}about")),
        "" if identifier else "the record has no identifier",
        record,
    )


def _made_up(raw: bytes) -> str:
    """A name to hold a record under that has none of its own; the same bytes give the same name."""
    return f"(no identifier, {hashlib.sha256(raw).hexdigest()[:16]})"


# -- pages that are not well-formed ------------------------------------------------------------------------


def _salvaged(xml: bytes, complaint: str) -> tuple[Any, tuple[Found, ...], bool]:
    """(the envelope, the records, whether the page broke off behind them)."""
    text = _decoded(xml)
    pieces = list(islice(_pieces(text), _MAX_PIECES + 1))
    if not pieces:
        raise SourceError(f"the answer is not well-formed XML: {complaint}")
    before, after = text[: pieces[0].start], text[pieces[-1].stop :]
    if len(pieces) > _MAX_PIECES or (len(before) + len(after)) * len(pieces) > _MAX_SALVAGE:
        raise SourceError(f"the answer is not well-formed XML, and too large to be cut up: {complaint}")
    cut = False
    if not _ROOT_END.search(after):
        token = _TOKEN.search(after)
        cut = token is None
        after = (token[0] if token else "") + _closing(before)
    try:
        envelope = parsed(_ILLEGAL.sub("", before + after).encode())
    except SyntaxError:
        # What stands before the first record, or behind the last: nothing here can be told from anything else.
        raise SourceError(f"the answer is not well-formed XML: {complaint}") from None
    return envelope, tuple(_piece(before, text[piece], after) for piece in pieces), cut


_ROOT_END = re.compile(r"</(?:[\w.-]+:)?OAI-PMH\s*>")
_TOKEN = re.compile(r"<((?:[\w.-]+:)?resumptionToken)(?=[\s>/])[^<>]*(?:/>|>[^<>]*</\1\s*>)")
_OPENED = re.compile(r"<((?:[\w.-]+:)?(?:OAI-PMH|ListRecords))(?=[\s>])")


def _closing(before: str) -> str:
    """The end tags of a page of which only the beginning came."""
    return "".join(f"</{name}>" for name in reversed(_OPENED.findall(before)))


def _pieces(text: str) -> Iterator[slice]:
    """Where records stand; one look at each character, whatever is left open.

    A record without an end reaches to the next one's beginning, or to the end of the list: it is held under its own
    name, and takes no other along.
    """
    begun = -1
    for edge in _EDGE.finditer(text):
        if begun >= 0:
            yield slice(begun, edge.end() if edge[1] else edge.start())
        begun = -1 if edge[1] else edge.start()
    if begun >= 0:
        rest = _REST.search(text, begun)
        yield slice(begun, rest.start() if rest else len(text))


_REST = re.compile(r"<(?:[\w.-]+:)?resumptionToken[\s>/]|</(?:[\w.-]+:)?(?:ListRecords|OAI-PMH)\s*>")


def _piece(before: str, piece: str, after: str) -> Found:
    """One record read within the page's own beginning and end, where its namespaces are declared."""
    raw = piece.encode("utf-8", "surrogateescape")
    try:
        root = parsed((_ILLEGAL.sub("", before) + piece + _ILLEGAL.sub("", after)).encode())
        return next(_found(element) for element in root.iterfind(f"{OAI}*/{OAI}record"))
    except UnicodeEncodeError:
        reason = "it has bytes that are not of the encoding that the page declares"
    except SyntaxError as error:
        reason = f"it is not well-formed XML: {error}"
    except StopIteration:
        reason = "it is not in the namespace of OAI-PMH"
    name = _IDENTIFIER.search(piece)
    identifier = _ILLEGAL.sub("", name[1]) if name else ""
    return Found(identifier or _made_up(raw), fault=reason, source=raw)


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
    return _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)
