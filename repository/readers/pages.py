"""A page of records as another repository sent it: each record by itself, however broken its neighbours are.

A page that is not well-formed as a whole is cut into its records; those that can be read are (`page_records`), the
others keep their bytes and the reason. What a record says is not read here.
"""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from repository.model.errors import SourceError
from repository.readers.page_records import (
    NAMELESS,
    OAI,
    DoctypeError,
    Found,
    parsed,
    records_of,
    unread,
    why,
)

# Each record of a broken page is read anew with what stands before and after all of them: so many characters in all.
_MAX_SALVAGE = 1 << 28
# More pieces than this are no page but an attack.
_MAX_PIECES = 100_000
# No tag of a record or header is longer.
_MAX_EDGE = 300

_EDGE = re.compile(r"<(/?)(?:[\w.-]+:)?record(?:\s[^<>]*)?>")
_IDENTIFIER = re.compile(r"<(?:[\w.-]+:)?identifier(?:\s[^<>]*)?>([^<]{1,2100})</(?:[\w.-]+:)?identifier\s*>")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def list_page(xml: bytes) -> ListPage:
    """An answer with its records. Raises SourceError where not even its envelope can be read."""
    cut = False
    try:
        root = parsed(xml)
        records = tuple(records_of(root))
    except DoctypeError:
        raise SourceError(
            "the answer has a DOCTYPE, which OAI-PMH never has: it is a web page or an attack; "
            "look whether this is the base URL of OAI-PMH"
        ) from None
    except SyntaxError as error:
        root, records, cut = _salvaged(xml, why(error))
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
    if cut and found[-1].fault and found[-1].identifier.startswith(NAMELESS):
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
        found = tuple(records_of(root))
        if found:
            return found
        reason = "nothing of it is a record"
    except UnicodeEncodeError:
        reason = "it has bytes that are not of the encoding that the page declares"
    except SyntaxError as error:
        reason = f"it is not well-formed XML: {why(error)}"
    return tuple(unread(name, reason, raw) for name in dict.fromkeys(_names(piece)) or ("",))


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
