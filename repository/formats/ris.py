"""RIS, for EndNote, Zotero, Mendeley and their like: one line a field, CRLF, `ER  - ` at the end.

Tags by type as EconPapers gives them, with what its export lacks: DOI, dates, ISSN, languages; never an empty field.
"""

import re
from collections.abc import Iterator

from repository.formats.citation import inverted, is_paper, page_ends, page_range
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.model.datestamps import date_parts
from repository.model.ntriples import ILLEGAL_XML
from repository.model.records import Record
from repository.model.site import Site
from repository.model.uris import is_followed
from repository.model.work import Person, Work

# More than from one page to another: `98-105, 110`.
_AND_MORE = re.compile(r"([^-‐-―−,\s]++)\s*+[-‐-―−]++\s*+([^,]++,.+)")
_HOST = {"article": "JF", "chapter": "T2"}


def write(record: Record, site: Site) -> bytes:
    return entry(work_of(record, site), site)


def entry(work: Work, site: Site) -> bytes:
    """The one reference of a work."""
    lines = [f"TY  - {work.row.ris or 'GEN'}"]
    for tag, value in _fields(work, site):
        text = " ".join(ILLEGAL_XML.sub("", value).split())
        if text:
            lines.append(f"{tag}  - {text}")
    return "".join(f"{line}\r\n" for line in (*lines, "ER  - ")).encode()


def _fields(work: Work, site: Site) -> Iterator[tuple[str, str]]:
    yield "TI", work.title.value
    yield from (("TT", text.value) for text in work.alternatives)
    yield from (("AU", _name(person)) for person in work.creators)
    yield from (("ED", _name(person)) for person in work.editors)
    yield "PY", work.year
    if work.year:
        # Three slashes, whatever is known: year/month/day/words.
        yield "DA", f"{'/'.join(date_parts(work.date))}/"
    yield _HOST.get(work.type, "T3"), work.host
    yield "VL", work.volume
    # The number of a paper is what the issue is of an article.
    first, second = (
        (work.issue, work.number) if work.type in ("article", "chapter") else (work.number, work.issue)
    )
    yield "IS", first
    yield "M1", second
    yield from _pages(work)
    yield "CP", work.chapter
    yield "ET", work.edition
    yield from (("PB", name) for name in work.publishers)
    yield from (("SN", number) for number in (*work.isbns, *work.issns))
    if work.dois:
        yield "DO", work.dois[0]
    yield from (("AB", text.value) for text in work.abstracts)
    yield from (("N1", text.value) for text in work.notes)
    yield from (("KW", text.value) for text in work.keywords)
    yield from (("LA", language) for language in work.languages)
    yield "ID", work.identifier
    yield "UR", site.thing(work.identifier)
    files = dict.fromkeys(file.url for file in work.files)
    # Reference managers make links of these.
    yield from (("UR", page) for page in work.landing_pages if page not in files and is_followed(page))
    yield from (("L1" if is_paper(file) else "L2", file.url) for file in work.files if is_followed(file.url))


def _pages(work: Work) -> Iterator[tuple[str, str]]:
    first, last = page_ends(work)
    if first and (found := _AND_MORE.fullmatch(page_range(work).strip())):
        # Readers print the two with a dash between them.
        first, last = found.groups()
    elif "," in work.pages or not first:
        first, last = page_range(work), ""
    yield "SP", first
    yield "EP", last


def _name(person: Person) -> str:
    """`Last, First`; another name with a comma ends with one, as EndNote has it, so that nothing is parted."""
    if person.family.strip() and person.given.strip() and "," not in person.family + person.given:
        return inverted(person)
    name = (person.name or inverted(person)).strip()
    return f"{name}," if "," in name else name


RIS = Format(
    name="ris",
    label="RIS",
    media_type="application/x-research-info-systems",
    extension="ris",
    version=7,
    applies=works_only,
    write=write,
    listed_as="oai_dc",
)
