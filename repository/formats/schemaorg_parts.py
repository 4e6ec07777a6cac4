"""Nodes of schema.org that documents of all types share: people, organisations, hosts, files, identifiers.

A node is a dict without empty values; what has no value has no member.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from repository.formats.cataloguing import name_kind, parents, target
from repository.formats.rights import EMBARGOED, OPEN, RESTRICTED, access_to_work
from repository.model.identifiers import jel_identifier
from repository.model.site import Site, doi_iri
from repository.model.uris import is_followed
from repository.model.work import File, Organisation, Person, Text, Work

Node = dict[str, Any]

_RUN = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)

# What a work of this type is said to be part of.
_HOSTS = {
    "article": "Periodical",
    "chapter": "Book",
    "book": "BookSeries",
    "journal": "DataCatalog",
    "series": "DataCatalog",
}


def node(kind: str, iri: str = "", **members: Any) -> Node:
    head = {"@type": kind, "@id": iri} if iri else {"@type": kind}
    return head | {name: value for name, value in members.items() if value}


def one(values: Iterable[Any]) -> Any:
    """The only value as it is, several as an array, none as nothing."""
    found = list(values)
    return found[0] if len(found) == 1 else found


def text(value: Text, work: Work) -> Any:
    """A plain string in the language of the work; in another, one that says so."""
    if not value.language or (value.language,) == work.languages:
        return value.value
    return {"@value": value.value, "@language": value.language}


def texts(values: Iterable[Text], work: Work) -> Any:
    return one(text(value, work) for value in values if value.value.strip())


def people(persons: tuple[Person, ...], role: str, work: Work, site: Site) -> list[Node]:
    """In the order in which they signed; who has no identifier gets the name of the signature."""
    return [
        node(
            "Organization" if name_kind(person) == "corporate" else "Person",
            iri=target(person.identifier, site)
            if person.identifier
            else f"{site.thing(work.identifier)}#{role}-{number}",
            name=person.name or f"{person.given} {person.family}".strip(),
            givenName=person.given,
            familyName=person.family,
            url=person.homepage if is_followed(person.homepage) else "",
            affiliation=one(organisation(place, site) for place in person.workplaces),
        )
        for number, person in enumerate(persons, 1)
    ]


def organisation(place: Organisation, site: Site) -> Node:
    return node(
        "Organization",
        iri=target(place.identifier, site) if place.identifier else "",
        name=place.name or place.name_english,
        alternateName=place.name_english if place.name else "",
        url=place.homepage if is_followed(place.homepage) else "",
        address=place.postal,
        location=place.location,
    )


def publishers(work: Work) -> Any:
    return one(node("Organization", name=name) for name in work.publishers)


def hosts(work: Work, site: Site) -> list[Node]:
    """What the work is part of; volume and issue stand between it and its host."""
    kind = _HOSTS.get(work.type, "CreativeWorkSeries")
    host, series = parents(work)
    own = host if work.type == "chapter" else work.part_of
    found = [node(kind, iri=target(parent, site)) for parent in own]
    issn = one(work.issns) if work.is_item else ""
    # A book has no ISSN; the series that it is in has.
    about = (
        node(
            kind,
            name=work.host,
            bookEdition=work.edition,
            isbn=one(work.isbns),
            isPartOf=node("BookSeries", issn=issn) if issn else "",
        )
        if work.type == "chapter"
        else node(kind, name=work.host, issn=issn)
    )
    if len(found) == 1:
        found = [found[0] | about]
    elif len(about) > 1:
        found = [about, *found]
    found = found or _bare(work)
    beside = [node("CreativeWorkSeries", iri=target(each, site)) for each in series if work.type == "chapter"]
    return [*(_within(each, work) for each in found[:1]), *found[1:], *beside]


def _bare(work: Work) -> list[Node]:
    """A volume or an issue of nobody knows what."""
    return [{}] if work.volume or issue(work) else []


def _within(host: Node, work: Work) -> Node:
    if work.volume:
        host = node("PublicationVolume", volumeNumber=work.volume, isPartOf=host)
    if issue(work):
        host = node("PublicationIssue", issueNumber=issue(work), isPartOf=host)
    return host


def issue(work: Work) -> str:
    """Journals that count their articles through have numbers where others have issues."""
    return work.issue or (work.number if work.type == "article" else "")


def identifiers(work: Work, site: Site) -> Any:
    known = "RePEc" if work.handle else ""
    found = [_identifier(known, work.identifier, site.thing(work.identifier))]
    found += [_identifier("DOI", doi, doi_iri(doi)) for doi in work.dois]
    if work.type not in ("book", "chapter"):
        found += [_identifier("ISBN", isbn) for isbn in work.isbns]
    if work.short_id:
        found.append(_identifier("RePEc short-id", work.short_id))
    return one(found)


def _identifier(kind: str, value: str, url: str = "") -> Node:
    return node("PropertyValue", propertyID=kind, value=value, url=url)


def subjects(work: Work, site: Site) -> Any:
    return one(
        node(
            "DefinedTerm",
            iri=site.thing(jel_identifier(code)),
            termCode=code,
            inDefinedTermSet=site.page("vocab/jel"),
        )
        for code in work.jel
    )


def media(files: tuple[File, ...], work: Work) -> Any:
    return one(
        node(
            "MediaObject",
            contentUrl=file.url if is_followed(file.url) else "",
            encodingFormat=file.format,
            name=file.function,
            contentSize=f"{file.size} kB" if file.size.isdecimal() else file.size,
            conditionsOfAccess=text(file.restriction, work) if file.restriction else "",
        )
        for file in files
    )


def is_free(work: Work) -> bool | None:
    """Whether the record is sure that anybody may read the work, or that not everybody may; None where it is not."""
    access = access_to_work(work)
    return _FREE.get(access) if access else None


_FREE = {OPEN: True, EMBARGOED: False, RESTRICTED: False}


def harmless(iris: Iterable[str]) -> Iterator[str]:
    """Those that name something: whoever makes links of all that is the same must not run it."""
    return (iri for iri in iris if not _RUN.match(iri))


def things(found: Iterable[str], site: Site) -> Iterator[Node]:
    return ({"@id": target(identifier, site)} for identifier in found)
