"""Linking entries of MARC 21: series (490, 830), the host of a part (773), versions, parts and works cited (774-787).

`$w` holds the control number of a record here, `$o` an address.
"""

from functools import lru_cache

from repository.formats.cataloguing import has_host, isbn, issn, local_identifier, parents, target
from repository.formats.citation import page_ends, page_range
from repository.formats.marcxml_fields import Subfields, datafield, subfield
from repository.model.site import Site
from repository.model.terms import CITO
from repository.model.work import Work

# attribute of Work -> (tag, indicators, what is shown before it, what relation it is, where MARC has a word or IRI).
_LINKS = (
    ("has_parts", "774", "08", "Part", ""),
    ("has_versions", "775", "08", "Other version", ""),
    ("version_of", "775", "08", "Version of", ""),
    ("replaces", "780", "00", "", ""),
    ("replaced_by", "785", "00", "", ""),
    ("cites", "787", "08", "Cites", CITO + "cites"),
)


def series_statement(work: Work, site: Site) -> str:
    """490: the series as the work names it; the first indicator tells whether 830 follows."""
    if has_host(work) or not work.host.strip():
        return ""
    series: Subfields = [("a", work.host), *_issns(work), ("v", _number_in_series(work))]
    return datafield("490", "1 " if work.part_of else "0 ", series)


def series_entries(work: Work, site: Site) -> str:
    """830: the series that has an identifier, which stands in for a name that nobody gave."""
    _, series = parents(work)
    if not series:
        return ""
    traced: list[tuple[str, str]] = [("a", series[0])]
    if work.host.strip() and not has_host(work):
        # 830 has room for one, all are in 490.
        traced = [("a", work.host), ("v", _number_in_series(work)), *_issns(work)[:1]]
    return datafield("830", " 0", [*traced, *(_link(identifier, site, "1") for identifier in series)])


def _number_in_series(work: Work) -> str:
    return ", ".join(part for part in (work.volume, work.issue, work.number) if part.strip())


def _issns(work: Work) -> Subfields:
    return [("x", issn(value) or value) for value in work.issns]


def linked_entries(work: Work, site: Site) -> str:
    found = [_host(work, site)] if has_host(work) else []
    for attribute, tag, indicators, shown, relation in _LINKS:
        linked: tuple[str, ...] = getattr(work, attribute)
        fixed = _relation(relation) if relation and linked else ""
        for identifier in linked:
            # What it is called comes first, but says nothing alone.
            links: Subfields = [("i", shown), ("o", target(identifier, site)), *_local(identifier, site)]
            found.append(datafield(tag, indicators, links, fixed))
    for text in work.references:
        if text.strip():
            found.append(datafield("787", "08", [("i", "Cites"), ("t", text)], _relation(CITO + "cites")))
    return "".join(found)


@lru_cache
def _relation(iri: str) -> str:
    return subfield("4", iri)


def _local(identifier: str, site: Site) -> Subfields:
    return [_link(identifier, site)] if local_identifier(identifier) else []


def _link(identifier: str, site: Site, address: str = "o") -> tuple[str, str]:
    """`address`: the subfield for one of elsewhere; `$o` of 830 is about music."""
    if local_identifier(identifier):
        return "w", f"({site.namespace}){identifier}"
    return address, identifier


def _host(work: Work, site: Site) -> str:
    """773: the journal or book, and where in it the work is, in words and as `volume:issue<page`."""
    first, _ = page_ends(work)
    where: list[tuple[str, str]] = [("t", work.host)]
    if work.type == "chapter":
        where.append(("b", work.edition))
    where.append(("g", _enumeration(work)))
    if work.volume.strip() and first.strip():
        issue = f":{work.issue}" if work.issue.strip() else ""
        where.append(("q", f"{work.volume}{issue}<{first}"))
    # `$x` may not come twice, as a journal's numbers in print and online would have it.
    where += [("o", f"ISSN {value}") if n else (code, value) for n, (code, value) in enumerate(_issns(work))]
    where += [("z", isbn(value) or value) for value in work.isbns]
    host, _ = parents(work)
    where += [_link(identifier, site) for identifier in host]
    return datafield("773", "0 ", where, subfield("7", "nnam" if work.type == "chapter" else "nnas"))


def _enumeration(work: Work) -> str:
    """`Vol. 381, no. C (2025), p. 1-20`."""
    pages = page_range(work)
    parts = [
        work.volume.strip() and f"Vol. {work.volume}",
        work.issue.strip() and f"no. {work.issue}",
        work.chapter.strip() and f"chap. {work.chapter}",
        work.number.strip() and f"art. {work.number}",
    ]
    shown = ", ".join(filter(None, parts))
    if work.year.strip() and (shown or pages):
        shown = f"{shown} ({work.year})".strip()
    return ", ".join(part for part in (shown, pages.strip() and f"p. {pages}") if part)
