"""`addressed`: a work as the world is told of it, with addresses of this site where its body has the internal base.

A graph may name what the site serves otherwise (`<base>papers/1.pdf`, a page, a person's homepage), and bodies keep
every address of the site under the internal base. Identifiers stay as they are.
"""

from dataclasses import replace
from operator import attrgetter
from typing import Any

from repository.model.site import Site
from repository.model.terms import INTERNAL
from repository.model.work import Organisation, Person, Work

_LINKS = (
    "landing_pages",
    "homepages",
    "see_also",
    "same_as",
    "part_of",
    "has_versions",
    "version_of",
    "has_parts",
    "replaces",
    "replaced_by",
    "cites",
    "made",
    "edited",
)
_links = attrgetter(*_LINKS)


def addressed(work: Work, site: Site) -> Work:
    changes: dict[str, Any] = {}
    for name, values in zip(_LINKS, _links(work), strict=True):
        for value in values:
            if value.startswith(INTERNAL):
                changes[name] = tuple(map(site.external, values))
                break
    if any(file.url.startswith(INTERNAL) for file in work.files):
        changes["files"] = tuple(replace(file, url=site.external(file.url)) for file in work.files)
    for name, people in (("creators", work.creators), ("editors", work.editors)):
        if any(map(_person_is_ours, people)):
            changes[name] = tuple(_person(person, site) for person in people)
    for name, places in (("providers", work.providers), ("workplaces", work.workplaces)):
        if any(map(_is_ours, places)):
            changes[name] = tuple(_organisation(place, site) for place in places)
    return replace(work, **changes) if changes else work


def _is_ours(one: Person | Organisation) -> bool:
    return one.homepage.startswith(INTERNAL) or one.identifier.startswith(INTERNAL)


def _person_is_ours(person: Person) -> bool:
    return _is_ours(person) or any(map(_is_ours, person.workplaces))


def _person(person: Person, site: Site) -> Person:
    return replace(
        person,
        homepage=site.external(person.homepage),
        identifier=site.external(person.identifier),
        workplaces=tuple(_organisation(place, site) for place in person.workplaces),
    )


def _organisation(place: Organisation, site: Site) -> Organisation:
    return replace(place, homepage=site.external(place.homepage), identifier=site.external(place.identifier))
