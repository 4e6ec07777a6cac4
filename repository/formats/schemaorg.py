"""schema.org as JSON-LD: for search engines, and for those who read what search engines read.

The context is named, never fetched. `author` is an array in the order of the signatures; RDF forgets the order of an
array, so `creator` names the same people once more, as a list.
"""

import json
from typing import Any

from repository.formats import schemaorg_parts as parts
from repository.formats.citation import COUNTED, page_ends, page_range
from repository.formats.format import Format, always
from repository.formats.graph import work_of
from repository.formats.rights import licence, statements
from repository.formats.schemaorg_parts import Node, one, things
from repository.model.datestamps import is_partial_date
from repository.model.records import Record
from repository.model.site import Site, doi_iri
from repository.model.uris import is_followed
from repository.model.work import Work

CONTEXT = "https://schema.org/"

# Types whose pages are places within something.
_PAGED = ("article", "paper", "chapter")
_EDITIONS = {"book": "bookEdition", "software": "softwareVersion"}


def write(record: Record, site: Site) -> bytes:
    document = described(work_of(record, site), site)
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def embedded(work: Work, site: Site) -> str:
    """For a script element of a page: nothing in it can end or begin one (`</script>`, `<!--<script>`).

    What may run to thousands is left out; the page has lists of it, and the document has it whole.
    """
    document = described(work, site, lists=False)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def described(work: Work, site: Site, *, lists: bool = True) -> Node:
    """The document of a work; without `lists`, without its references and without what a person made."""
    members = {
        "additionalType": work.row.coar,
        "name": parts.text(work.title, work) if work.title.value else work.identifier,
        "alternateName": _other_names(work),
        "identifier": parts.identifiers(work, site),
        "url": one(dict.fromkeys(filter(is_followed, (*work.landing_pages, *work.homepages)))),
        "sameAs": one((*map(doi_iri, work.dois), *parts.harmless(work.same_as))),
        "mainEntityOfPage": site.record(work.identifier),
        "description": parts.texts((*work.descriptions, *work.notes), work),
        **_SHAPES.get(work.type, _creative)(work, site),
    }
    if lists:
        members |= _lists(work, site)
    head = {"@context": CONTEXT, "@id": site.thing(work.identifier), "@type": work.row.schema_org}
    return head | {name: value for name, value in members.items() if value or value is False}


def _other_names(work: Work) -> Any:
    names = [parts.text(title, work) for title in work.alternatives]
    return one(
        names + [work.name_english] * bool(work.name_english and work.title.value != work.name_english)
    )


def _creative(work: Work, site: Site) -> Node:
    authors = parts.people(work.creators, "author", work, site)
    return {
        "author": authors,
        "creator": {"@list": [{"@id": author["@id"]} for author in authors]} if len(authors) > 1 else None,
        "editor": parts.people(work.editors, "editor", work, site),
        "publisher": parts.publishers(work),
        "provider": one(parts.organisation(place, site) for place in work.providers),
        "maintainer": parts.node("Person", name=work.maintainer) if work.maintainer else None,
        "datePublished": _date(work.issued),
        "dateCreated": _date(work.created),
        "dateModified": max(filter(None, map(_date, work.revised)), default=""),
        "inLanguage": one(work.languages),
        "isPartOf": one(parts.hosts(work, site)),
        "hasPart": one(things(work.has_parts, site)),
        "exampleOfWork": one(things(work.version_of, site)),
        "workExample": one(things(work.has_versions, site)),
        **_extent(work),
        "abstract": parts.texts(work.abstracts, work),
        "keywords": parts.texts(work.keywords, work),
        "about": parts.subjects(work, site),
        "creativeWorkStatus": work.status,
        "license": one(
            dict.fromkeys(known.uri for said in statements(work) if (known := licence(said.value)))
        ),
        "conditionsOfAccess": parts.text(work.restriction, work) if work.restriction else "",
        "isAccessibleForFree": parts.is_free(work),
        "encoding": parts.media(work.files, work),
    }


def _date(text: str) -> str:
    return text if is_partial_date(text) else ""


def _extent(work: Work) -> Node:
    """Numbers, editions and pages, by what schema.org has of each type."""
    first, last = page_ends(work)
    paged, book = work.type in _PAGED, work.type == "book"
    count = COUNTED.fullmatch(work.pages.strip()) if book else None
    number = (work.chapter if work.type == "chapter" else "") or work.number
    return {
        "reportNumber" if work.type == "paper" else "position": "" if number == parts.issue(work) else number,
        # That of a chapter is its book's.
        _EDITIONS.get(work.type, "version"): "" if work.type == "chapter" else work.edition,
        "isbn": one(work.isbns) if book else "",
        "issn": "" if work.is_item else one(work.issns),
        "pagination": page_range(work) if paged else "",
        "pageStart": first if paged else "",
        "pageEnd": last if paged else "",
        "numberOfPages": int(count[1]) if count else None,
        "materialExtent": "" if paged or count else work.pages,
    }


def _person(work: Work, site: Site) -> Node:
    return {
        "givenName": work.given,
        "familyName": work.family,
        "affiliation": one(parts.organisation(place, site) for place in work.workplaces),
        "address": work.postal,
        "workLocation": work.location,
    }


def _organisation(work: Work, site: Site) -> Node:
    return {"address": work.postal, "location": work.location}


def _service(work: Work, site: Site) -> Node:
    return {"provider": one(parts.organisation(place, site) for place in work.providers)}


_SHAPES = {"person": _person, "institution": _organisation, "mirror": _service}


def _lists(work: Work, site: Site) -> Node:
    backwards = {
        "author": one(things(work.made, site)),
        "editor": one(things(work.edited, site)),
    }
    cited = () if work.type in _SHAPES else (*things(work.cites, site), *work.references)
    return {
        "citation": one(cited),
        "@reverse": {name: value for name, value in backwards.items() if value},
    }


SCHEMAORG = Format(
    name="schemaorg",
    label="schema.org",
    media_type="application/ld+json",
    extension="schema.jsonld",
    version=8,
    applies=always,
    write=write,
    profile="https://schema.org",
    says_profile=True,
)
