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
    # Most works name nothing of the kind, and each is asked each time that it is shown: loops, and no generators.
    changes: dict[str, Any] = {}
    for name, values in zip(_LINKS, _links(work), strict=True):
        for value in values:
            if value.startswith(INTERNAL):
                changes[name] = tuple(map(site.external, values))
                break
    for file in work.files:
        if file.url.startswith(INTERNAL):
            changes["files"] = tuple(replace(each, url=site.external(each.url)) for each in work.files)
            break
    for name, people in (("creators", work.creators), ("editors", work.editors)):
        for person in people:
            if _is_ours(person) or (person.workplaces and any(map(_is_ours, person.workplaces))):
                changes[name] = tuple(_person(each, site) for each in people)
                break
    for name, places in (("providers", work.providers), ("workplaces", work.workplaces)):
        for place in places:
            if _is_ours(place):
                changes[name] = tuple(_organisation(each, site) for each in places)
                break
    return replace(work, **changes) if changes else work


def _is_ours(one: Person | Organisation) -> bool:
    return one.homepage.startswith(INTERNAL) or one.identifier.startswith(INTERNAL)


def _person(person: Person, site: Site) -> Person:
    return replace(
        person,
        # Of whom nothing but an address is known, that is the name.
        name=site.external(person.name),
        homepage=site.external(person.homepage),
        identifier=site.external(person.identifier),
        workplaces=tuple(_organisation(place, site) for place in person.workplaces),
    )


def _organisation(place: Organisation, site: Site) -> Organisation:
    return replace(
        place,
        name=site.external(place.name),
        homepage=site.external(place.homepage),
        identifier=site.external(place.identifier),
    )
