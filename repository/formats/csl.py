"""CSL-JSON, for citation processors (citeproc, Pandoc, Zotero): one item in an array.

Values are plain texts: no HTML, no LaTeX. What CSL 1.0.2 has no variable for is left out.
"""

import json
import re
from typing import Any

from repository.formats.citation import page_count, page_range
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.model.datestamps import date_parts
from repository.model.ntriples import ILLEGAL_XML
from repository.model.records import Record
from repository.model.site import Site
from repository.model.work import Person, Work

_STANDS_IN = ("article", "chapter")
_RANGE = re.compile(r"(?<=\w)\s*(?:-{1,3}|[‐-―−])\s*(?=\w)")


def write(record: Record, site: Site) -> bytes:
    work = work_of(record, site)
    return (json.dumps([item(work, site)], ensure_ascii=False, indent=1) + "\n").encode()


def item(work: Work, site: Site) -> dict[str, Any]:
    """The one item of a work; nothing empty stands in it."""
    counted = page_count(work)
    host = "container-title" if work.type in _STANDS_IN else "collection-title"
    made: dict[str, Any] = {
        "id": work.identifier,
        "type": work.row.csl or "document",
        "title": _text(work.title.value),
        "author": _names(work.creators),
        "editor": _names(work.editors),
        "issued": _date(work.date),
        host: _text(work.host),
        "publisher": _text(" / ".join(work.publishers)),
        "volume": _text(work.volume),
        "issue": _text(work.issue),
        "number": _text(work.number),
        # Of a work that stands in no other they are counted; processors print `page` as a place in one.
        "page": "" if counted else _RANGE.sub("-", _text(page_range(work))),
        "number-of-pages": _text(counted),
        "page-first": _text(work.page_start),
        "version" if work.type == "software" else "edition": _text(work.edition),
        "chapter-number": _text(work.chapter),
        "DOI": _text(work.dois[0]) if work.dois else "",
        "ISBN": _text(" ".join(work.isbns)),
        "ISSN": _text(" ".join(work.issns)),
        "abstract": _text(work.abstracts[0].value) if work.abstracts else "",
        "keyword": _text("; ".join(keyword.value.strip() for keyword in work.keywords)),
        "note": _text(work.notes[0].value) if work.notes else "",
        "status": _text(work.status),
        "language": _text(work.languages[0]) if len(work.languages) == 1 else "",
        "URL": site.thing(work.identifier),
    }
    return {name: value for name, value in made.items() if value}


def _text(value: str) -> str:
    return " ".join(ILLEGAL_XML.sub("", value).split())


def _names(people: tuple[Person, ...]) -> list[dict[str, str]]:
    return list(filter(None, map(_name, people)))


def _name(person: Person) -> dict[str, str]:
    """In parts where the source tells them apart; another name is printed as it stands (`literal`)."""
    family, given = _text(person.family), _text(person.given)
    if family and given:
        return {"family": family, "given": given}
    name = _text(person.name) or family or given
    return {"literal": name} if name else {}


def _date(date: str) -> dict[str, list[list[int]]]:
    parts = [int(part) for part in date_parts(date) if part]
    return {"date-parts": [parts]} if parts else {}


CSL = Format(
    name="csl",
    label="CSL-JSON",
    media_type="application/vnd.citationstyles.csl+json",
    extension="csl.json",
    version=5,
    applies=works_only,
    write=write,
    listed_as="oai_dc",
)
