"""What the head of a page tells programs that read no RDF: Google Scholar, Zotero, readers of EconPapers, previews.

Plain pairs of a name and a value; how they stand in HTML is the matter of `head_macros.html`. The names are those of
Highwire, as Google Scholar reads them (https://scholar.google.com/intl/en/scholar/inclusion.html#indexing); of
EconPapers, whose pages programs have learnt to read; of Dublin Core and Open Graph.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from repository.formats.citation import institution, inverted, is_paper, page_ends
from repository.model.datestamps import date_parts
from repository.model.ntriples import ILLEGAL_XML
from repository.model.site import Site, doi_iri
from repository.model.work import Person, Text, Work

Tag = tuple[str, str]

# Zotero believes DC.type before anything else but og:type, and these words it knows: of the Eprints type vocabulary,
# else its own (it has other uses for `Software` and `preprint`). Without a word of the kind, what has a title is
# taken for an article.
_DC_TYPES = {
    "article": "journalArticle",
    "paper": "workingPaper",
    "book": "book",
    "chapter": "bookItem",
    "software": "computerProgram",
    "document": "document",
}
# What ReDIF has a word for.
_REDIF_TYPES = frozenset(["article", "paper", "book", "chapter", "software"])
# To Zotero `website` makes a web page of anything; `article` leaves the type to DC.type.
_OG_TYPES = {"book": "book", "person": "profile"}

# So many names, keywords and codes of a kind stand in a head; the exports have them all.
MOST = 100
_LONGEST_ABSTRACT = 10_000
_LONGEST_SUMMARY = 300
_LONGEST_WORD = 80
# All but those that hold words together.
_BLANKS = re.compile(r"[^\S\u00a0]+")
_PUBLIC = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def head_tags(work: Work, site: Site, series: Work | None = None) -> list[Tag]:
    """(name, content) in order, none empty, each on one line. Names that begin with `og:` are properties.

    `series`: the record of what the work stands in, which knows the ISSN of a journal.
    """
    if series and work.type == "article" and not work.issns:
        work = replace(work, issns=series.issns)
    found = [*_of_any(work, site)]
    if work.is_item:
        found += [
            *_of_item(work, site),
            *_BY_TYPE.get(work.type, _of_document)(work),
            *_dublin_core(work, site),
        ]
    return [(name, tidied) for name, value in found if value and (tidied := _tidy(value))]


def _tidy(value: str) -> str:
    # Most are as they should be, and this is the faster way to see it; what is blank but for U+0020 is not printable.
    if value.isprintable() and "  " not in value:
        return value.strip()
    return _BLANKS.sub(" ", ILLEGAL_XML.sub("", value)).strip()


def _of_any(work: Work, site: Site) -> Iterator[Tag]:
    summary = _summary((*work.abstracts, *work.descriptions))
    yield "description", summary
    yield "og:title", work.title.value or work.identifier
    yield "og:type", _OG_TYPES.get(work.type, "article" if work.is_item else "website")
    yield "og:url", site.record(work.identifier)
    # No og:site_name for works: Zotero prints it as the journal of whatever has none.
    yield "og:description", summary


def _of_item(work: Work, site: Site) -> Iterator[Tag]:
    signed = signatures(work)
    # Of the calendar alone: Google Scholar reads no other.
    date = "/".join(filter(None, date_parts(work.date)))
    yield "citation_title", work.title.value or work.identifier
    yield from (("citation_author", name) for name in _parted(signed[:MOST]))
    yield "citation_authors", _joined(map(inverted, signed[:MOST]))
    if not work.creators and work.editors:
        yield "isedited", "1"
    yield "citation_publication_date", date
    yield "citation_date", date
    yield "citation_year", work.year
    yield "citation_doi", _first(work.dois)
    yield "citation_language", _first(work.languages)
    yield "citation_keywords", _joined(keyword.value for keyword in work.keywords[:MOST])
    yield "JEL-Codes", "; ".join(work.jel[:MOST])
    # Programs find the handle at its end.
    yield "citation_abstract_html_url", site.thing(work.identifier)
    yield "citation_pdf_url", _first(_pdfs(work))
    yield "citation_abstract", _first(text.value[:_LONGEST_ABSTRACT] for text in work.abstracts)
    if work.type in _REDIF_TYPES:
        yield "redif-type", work.type


def _of_article(work: Work) -> Iterator[Tag]:
    yield "citation_journal_title", work.host
    yield "series", work.host
    yield from _numbered(work)
    yield from _pages(work)
    yield from (("citation_issn", number) for number in work.issns[:MOST])
    yield "citation_publisher", _first(work.publishers)


def _of_paper(work: Work) -> Iterator[Tag]:
    # What has no institution would be taken for an article by those who know nothing but Highwire's names.
    yield "citation_technical_report_institution", institution(work) or work.host
    yield "citation_technical_report_number", work.number or work.issue
    yield "wp-number", work.number or work.issue
    yield from _in_series(work)


def _of_book(work: Work) -> Iterator[Tag]:
    yield from _of_volume(work)
    yield from _in_series(work)


def _of_chapter(work: Work) -> Iterator[Tag]:
    yield "citation_inbook_title", work.host
    yield "book_title", work.host
    if work.creators:
        yield from (("citation_editor", name) for name in _parted(work.editors[:MOST]))
        yield "book_editor", _joined(map(inverted, work.editors[:MOST]))
    yield "book_chapter", work.chapter
    yield from _of_volume(work)
    yield from _pages(work)


def _of_volume(work: Work) -> Iterator[Tag]:
    yield "citation_publisher", " / ".join(work.publishers[:MOST])
    yield from (("citation_isbn", number) for number in work.isbns[:MOST])
    yield from _numbered(work)
    yield "book_edition", work.edition


def _of_software(work: Work) -> Iterator[Tag]:
    yield "citation_publisher", institution(work)
    yield from _in_series(work)


def _of_document(work: Work) -> Iterator[Tag]:
    yield "citation_publisher", _first(work.publishers)
    yield from (("citation_isbn", number) for number in work.isbns[:MOST])
    yield from (("citation_issn", number) for number in work.issns[:MOST])


_BY_TYPE = {
    "article": _of_article,
    "paper": _of_paper,
    "book": _of_book,
    "chapter": _of_chapter,
    "software": _of_software,
}


def _in_series(work: Work) -> Iterator[Tag]:
    yield "series", work.host
    yield "citation_series_title", work.host


def _numbered(work: Work) -> Iterator[Tag]:
    yield "citation_volume", work.volume
    yield "citation_issue", work.issue


def _pages(work: Work) -> Iterator[Tag]:
    first, last = page_ends(work)
    yield "citation_firstpage", first
    yield "citation_lastpage", last


def _dublin_core(work: Work, site: Site) -> Iterator[Tag]:
    """Google Scholar's last resort, and what many harvesters of pages read."""
    yield "DC.title", work.title.value or work.identifier
    yield from (("DC.creator", inverted(person)) for person in work.creators[:MOST])
    yield from (("DC.contributor", inverted(person)) for person in work.editors[:MOST])
    yield "DC.date", work.date
    yield "DC.type", _DC_TYPES.get(work.type, "document")
    yield "DC.identifier", site.thing(work.identifier)
    yield from (("DC.identifier", doi_iri(doi)) for doi in work.dois[:MOST])
    yield from (("DC.language", language) for language in work.languages[:MOST])
    yield from (("DC.publisher", name) for name in work.publishers[:MOST])
    yield from (("DC.subject", keyword.value) for keyword in work.keywords[:MOST])
    yield from (("DC.subject", code) for code in work.jel[:MOST])


def signatures(work: Work) -> tuple[Person, ...]:
    """Who stands where authors do: those of an edited book are its editors, and somebody must (Google Scholar)."""
    return work.creators or work.editors


def _parted(people: Iterable[Person]) -> Iterator[str]:
    """Names, each for itself; Zotero's sign between two names is a semicolon."""
    names = [" ".join(inverted(person).split()).replace(";", ",") for person in people]
    if len(names) == 1 and ", " in names[0] and all(" " in part for part in names[0].split(", ")):
        # Zotero takes a lone `García Márquez, Gabriel José` for two people, but for blanks that hold together.
        names = [", ".join(part.replace(" ", "\u00a0") for part in names[0].split(", "))]
    return iter(names)


def _joined(values: Iterable[str]) -> str:
    """Values in one, as EconPapers has them: programs part them at semicolons, so none stands within a value."""
    return "; ".join(value.strip().replace(";", ",") for value in values)


def _pdfs(work: Work) -> Iterator[str]:
    """Files that say they are PDF and the work, but for those for subscribers: pages before a file would be no PDF."""
    return (file.url for file in work.files if is_paper(file) and _PUBLIC.match(file.url))


def _summary(texts: tuple[Text, ...]) -> str:
    """The beginning of the first text: whole words, of a script that has no blanks whole letters."""
    words = " ".join(_first(text.value[:_LONGEST_ABSTRACT] for text in texts).split())
    if len(words) <= _LONGEST_SUMMARY:
        return words
    begun = words[:_LONGEST_SUMMARY]
    whole = begun.rpartition(" ")[0]
    return (whole if len(begun) - len(whole) <= _LONGEST_WORD else begun).rstrip(" ,;:.") + " …"


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
