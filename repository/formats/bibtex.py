"""BibTeX, for reference managers and LaTeX.

Field by type as EconPapers orders them, with what its export lacks: DOI, months, escaping, never an empty field.
"""

import re
from collections.abc import Callable

from repository.formats import latex
from repository.formats.citation import article_number, edition, institution, page_range
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.languages import bibliographic
from repository.model.datestamps import date_parts, is_partial_date
from repository.model.records import Record
from repository.model.site import Site
from repository.model.work import Text, Work

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNSAFE_IN_KEY = re.compile(r"[^A-Za-z0-9:._/+-]")
_RANGE = re.compile(r"(?<=\w)\s*(?:-{1,3}|[‐-―−])\s*(?=\w)")


def write(record: Record, site: Site) -> bytes:
    return entry(work_of(record, site), site)


def entry(work: Work, site: Site) -> bytes:
    """The one entry of a work."""
    lines = [f"@{work.row.bibtex or 'misc'}{{{key(work.identifier)},"]
    month = date_parts(work.date)[1]
    for name in (*_FIRST, *_BY_TYPE.get(work.type, _BY_TYPE["document"]), *_LAST):
        value = FIELDS[name](work)
        if value:
            lines.append(f"  {name} = {{{value}}},")
        if name == "year" and month:
            # A macro, so that each style writes the month in its own way.
            lines.append(f"  month = {_MONTHS[int(month) - 1]},")
    lines.append(f"  url = {{{latex.verbatim(site.thing(work.identifier))}}}")
    return ("\n".join(lines) + "\n}\n").encode()


def key(identifier: str) -> str:
    """The identifier with what BibTeX forbids in keys written as `_` and two hexadecimal digits."""
    return _UNSAFE_IN_KEY.sub(lambda match: f"_{ord(match[0]):02x}", identifier)


def _title(work: Work) -> str:
    """In the one language of the work, where that of the title is not told: styles put the nouns of others in lower
    case, too."""
    (language,) = work.languages if len(work.languages) == 1 else ("",)
    known = bibliographic(language)
    told = work.title.language or ("" if known == "eng" else known)
    return latex.title(Text(work.title.value, told))


def _pages(work: Work) -> str:
    return latex.text(_RANGE.sub("–", page_range(work))).replace("–", "--")


def _where(work: Work) -> str:
    return latex.text(", ".join(part for part in (work.host, *work.publishers) if part))


FIELDS: dict[str, Callable[[Work], str]] = {
    "title": _title,
    "author": lambda work: latex.names(work.creators),
    "editor": lambda work: latex.names(work.editors),
    "year": lambda work: work.year,
    # BibLaTeX's, where the day is known: BibTeX has no field for it.
    "date": lambda work: work.date if len(work.date) == 10 and is_partial_date(work.date) else "",
    "journal": lambda work: latex.text(work.host),
    "booktitle": lambda work: latex.text(work.host),
    "series": lambda work: latex.text(work.host),
    "type": lambda work: latex.text(work.host),
    "institution": lambda work: latex.text(institution(work)),
    "publisher": lambda work: latex.text(" / ".join(work.publishers)),
    "howpublished": _where,
    "volume": lambda work: latex.text(work.volume),
    "number": lambda work: latex.text(work.issue or work.number),
    "edition": lambda work: latex.text(edition(work)),
    "chapter": lambda work: latex.text(work.chapter),
    "pages": _pages,
    # BibLaTeX's and REVTeX's.
    "eid": lambda work: latex.text(article_number(work)),
    "isbn": lambda work: latex.text(" ".join(work.isbns)),
    "issn": lambda work: latex.text(" ".join(work.issns)),
    "abstract": lambda work: latex.text(work.abstracts[0].value) if work.abstracts else "",
    "keywords": lambda work: latex.text("; ".join(keyword.value.strip() for keyword in work.keywords)),
    "doi": lambda work: latex.verbatim(work.dois[0]) if work.dois else "",
}
_FIRST = ("title", "author", "editor", "year")
_BY_TYPE = {
    "article": ("journal", "volume", "number", "pages", "eid", "issn"),
    "paper": ("institution", "type", "number", "pages"),
    "book": ("series", "volume", "number", "edition", "publisher", "isbn"),
    "chapter": ("booktitle", "chapter", "pages", "volume", "edition", "publisher", "isbn"),
    # Styles print `howpublished` alone; the other two are for programs, which could not part it.
    "software": ("howpublished", "series", "publisher", "number", "edition"),
    "document": ("howpublished", "series", "publisher", "volume", "number", "pages", "isbn", "issn"),
}
_LAST = ("date", "abstract", "keywords", "doi")

BIBTEX = Format(
    name="bibtex",
    label="BibTeX",
    media_type="application/x-bibtex",
    extension="bib",
    version=9,
    applies=works_only,
    write=write,
    listed_as="oai_dc",
)
