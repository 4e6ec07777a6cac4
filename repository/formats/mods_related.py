"""Related items of MODS: the journal, book or series that a work is in, its versions, and what it cites.

What MODS says of the work itself is in `mods`.
"""

from collections.abc import Iterable

from repository.formats.cataloguing import has_host, pages, parents
from repository.formats.citation import page_range
from repository.formats.elements import element, group
from repository.formats.mods_elements import (
    date,
    names,
    standard_numbers,
    tagged,
    thing_identifiers,
    title_info,
)
from repository.formats.xmltext import uri
from repository.model.site import Site
from repository.model.work import Text, Work

# attribute of Work -> the type of related item.
_LINKS = {
    "has_versions": "otherVersion",
    "version_of": "otherVersion",
    "has_parts": "constituent",
    "replaces": "preceding",
    "replaced_by": "succeeding",
    "cites": "references",
}


def related_items(work: Work, site: Site) -> str:
    host, series = parents(work)
    found = [_host(work, host, site) if has_host(work) else _series(work, site)]
    found += [_related("series", thing_identifiers(each, site)) for each in series if has_host(work)]
    for attribute, kind in _LINKS.items():
        linked: tuple[str, ...] = getattr(work, attribute)
        found += [_related(kind, thing_identifiers(identifier, site)) for identifier in linked]
    found += [
        _related("references", element("note", text, ' type="citation/reference"'))
        for text in work.references
    ]
    found += [_see_also(site.external(address)) for address in work.see_also]
    return "".join(found)


def _related(kind: str, content: str) -> str:
    return group("relatedItem", content, f' type="{kind}"')


def _see_also(address: str) -> str:
    place = group("location", element("url", uri(address)))
    return group("relatedItem", place, ' displayLabel="See also"')


def _host(work: Work, parents: tuple[str, ...], site: Site) -> str:
    """The journal of an article or the book of a chapter, with the place of the work in it."""
    of_book = work.type == "chapter"
    content = (
        title_info(Text(work.host))
        + (names(work.editors, "editor", site) if of_book else "")
        + (group("originInfo", element("edition", work.edition)) if of_book else "")
        + _identifiers(parents, site)
        + standard_numbers(work)
        + _part(work)
    )
    return _related("host", content)


def _part(work: Work) -> str:
    first, last = pages(work)
    extent = element("start", first) + element("end", last)
    listed = page_range(work) if work.pages else ""
    if f"{first}-{last}" != listed:
        extent += element("list", listed)
    content = (
        _detail("volume", work.volume)
        + _detail("issue", work.issue)
        + _detail("chapter", work.chapter)
        + _detail("number", work.number)
        + group("extent", extent, ' unit="page"')
    )
    if content and work.issued:
        content += date("date", work.issued)
    return group("part", content)


def _detail(kind: str, number: str) -> str:
    return group("detail", element("number", number), f' type="{kind}"')


def _series(work: Work, site: Site) -> str:
    """The series of a paper, book or program; `partNumber` is the work's number in it."""
    number = ", ".join(part for part in (work.volume, work.issue, work.number) if part.strip())
    title = title_info(Text(work.host), extra=element("partNumber", number))
    numbers = standard_numbers(work, with_isbns=False) if work.host and work.issns else ""
    return _related("series", title + _identifiers(work.part_of, site) + numbers)


def _identifiers(things: tuple[str, ...], site: Site) -> str:
    return "".join(thing_identifiers(identifier, site) for identifier in things)


def notes(texts: Iterable[Text], kind: str) -> str:
    return "".join(tagged("note", text, kind) for text in texts)
