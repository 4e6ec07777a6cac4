"""Records on a page that another repository sent and that is well-formed: each that can be read, the others with their
bytes and the reason. What a record says is not read here.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

OAI = "{http://www.openarchives.org/OAI/2.0/}"
# What is kept of the bytes of one record that cannot be read.
MAX_RAW = 1 << 20
# Longer names are an attack on whoever keeps them; an upstream with a set for each record is one on ListSets.
MAX_NAME = 2000
MAX_SETS = 50
_MAX_DATE = 100
_MAX_PROLOG = 100_000

_DOCTYPE = re.compile(
    rb"[\xef\xbb\xbf\xff\xfe]*(?:\s|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*<!DOCTYPE", re.DOTALL
)


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


def why(error: SyntaxError) -> str:
    """What a parser complains of; there are documents for which it has no word."""
    return " ".join((error.msg or "its parser gives no reason").split())


def _parser() -> etree.XMLParser:
    # A comment would end the text that it stands in: an identifier, say, and two records were one.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def records_of(root: Any) -> Iterator[Found]:
    """What stands in a list; whatever is no record there is one that cannot be read."""
    for verb in ("ListRecords", "GetRecord"):
        for element in root.iterfind(f"{OAI}{verb}/*"):
            if element.tag == f"{OAI}record":
                yield from _found(element)
            elif element.tag != f"{OAI}resumptionToken":
                name = (element.findtext("{*}header/{*}identifier") or "").strip()
                yield unread(
                    name, f"{str(element.tag)[:200]} stands where a record of OAI-PMH is due", element
                )


def _found(record: Any) -> Iterator[Found]:
    """The record; where others ran into it, each that is named."""
    headers = record.findall(f"{OAI}header")
    if not headers:
        yield unread("", "the record has no header", record)
        return
    parts = [*headers[0].findall(f"{OAI}identifier")[1:], *headers[0].findall(f"{OAI}datestamp")[1:]]
    inside = [child for one in record.findall(f"{OAI}metadata") for child in one.iterchildren(etree.Element)]
    if len(headers) > 1 or parts or len(inside) > 1:
        identifiers = [each for header in headers for each in header.findall(f"{OAI}identifier")]
        for name in dict.fromkeys((each.text or "").strip() for each in identifiers) or ("",):
            yield unread(name, "two headers or two metadata are in it: records ran into one another", record)
        return
    yield _one(record, headers[0], inside[0] if inside else None)


def _one(record: Any, header: Any, metadata: Any) -> Found:
    identifier = (header.findtext(f"{OAI}identifier") or "").strip()
    if not identifier or len(identifier) > MAX_NAME:
        return unread(identifier, "the record has no identifier", record)
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


def unread(name: str, fault: str, source: Any) -> Found:
    """What is held: under its own name where it has one that can be kept."""
    if len(name) > MAX_NAME:
        fault = f"its identifier is longer than {MAX_NAME} characters"
        name = f"{name[:100]}... {_made_up(name.encode())}"
    raw = source if isinstance(source, bytes) else etree.tostring(source)
    return Found(name or _made_up(raw), fault=fault, source=source)


NAMELESS = "(no identifier"


def _made_up(raw: bytes) -> str:
    """A name to hold a record under that has none of its own; the same bytes give the same name."""
    return f"{NAMELESS}, {hashlib.sha256(raw).hexdigest()[:16]})"
