"""Clusters of a ReDIF template as people, organisations and files of a Work.

The order of the source is kept; a part that has no place in a Work goes back to the source fields.
"""

import re
from collections.abc import Iterable, Iterator

from repository.model.work import File, Organisation, Person, Text
from repository.readers import redif_names as names
from repository.readers import redif_values as values
from repository.readers.redif_draft import Draft
from repository.readers.redif_gather import Cluster
from repository.readers.redif_markup import without_markup

_BREAK = re.compile(r"\s*<br\s*/?>\s*(?!$)", re.I)


def people(draft: Draft, prefix: str) -> tuple[Person, ...]:
    return tuple(_person(draft, cluster) for cluster in draft.gathered.clusters.get(prefix, ()))


def _person(draft: Draft, cluster: Cluster) -> Person:
    parts = cluster.parts
    entries = parts.get("name")
    name = _text(draft, cluster, "name")
    given, family = _text(draft, cluster, "name-first"), _text(draft, cluster, "name-last")
    # A name that is made of the parts that are said is in no doubt.
    if entries and not (given and family and len(name) <= len(given) + len(family) + 2):
        # Where its lines end may tell two people apart.
        raw = _BREAK.sub("\n", entries[0].value) if "<" in entries[0].value else entries[0].value
        raw = without_markup(raw) if "\n" in raw else name
        doubted = names.doubt(raw)
        if doubted and (doubted[0] != names.MERGED or not (given or family)):
            draft.gathered.note(doubted[0], entries[0], doubted[1])
        elif not doubted and not given and not family:
            given, family = names.parted(name)
    person = Person(
        name=name,
        given=given,
        family=family,
        homepage=_url(draft, cluster, "homepage"),
        identifier=_link(draft, cluster, "person"),
        workplaces=organisations(draft, cluster.workplaces) if cluster.workplaces else (),
    )
    if parts:
        _keep_rest(draft, cluster)
    return person


_NOBODY = Organisation("")


def organisations(draft: Draft, clusters: Iterable[Cluster]) -> tuple[Organisation, ...]:
    """But for those that are known by a handle alone, which is none."""
    found = (organisation(draft, cluster) for cluster in clusters)
    return tuple(one for one in found if one != _NOBODY)


def organisation(draft: Draft, cluster: Cluster) -> Organisation:
    identifier = _link(draft, cluster, "institution")
    made = Organisation(
        name=_text(draft, cluster, "name") or identifier,
        name_english=_text(draft, cluster, "name-english"),
        homepage=_url(draft, cluster, "homepage"),
        postal=_text(draft, cluster, "postal"),
        location=_text(draft, cluster, "location"),
        identifier=identifier,
    )
    if cluster.parts:
        for entry in cluster.parts.get("share", ()):
            if not values.is_share(entry.value):
                draft.gathered.note("invalid-share", entry, "a share is a number from 0 to 99")
        _keep_rest(draft, cluster)
    return made


def files(draft: Draft) -> tuple[File, ...]:
    return tuple(_files(draft))


def _files(draft: Draft) -> Iterator[File]:
    for cluster in draft.gathered.clusters.get("file", ()):
        url = _url(draft, cluster, "url")
        if not url:
            _keep_rest(draft, cluster)
            continue
        restriction = _text(draft, cluster, "restriction")
        yield File(
            url=url,
            format=_format(draft, cluster),
            function=_text(draft, cluster, "function"),
            restriction=Text(restriction, draft.language) if restriction else None,
            size=_text(draft, cluster, "size"),
        )
        if cluster.parts:
            _keep_rest(draft, cluster)


def landing_pages(found: Iterable[File]) -> tuple[str, ...]:
    """Addresses that a person is better sent to than a program: web pages, and files of unsaid format."""
    return tuple(dict.fromkeys(file.url for file in found if file.format in ("", "text/html")))


def _format(draft: Draft, cluster: Cluster) -> str:
    entries = cluster.parts.get("format")
    value = _text(draft, cluster, "format").lower()
    if entries and not values.is_mime(value):
        draft.gathered.note("odd-format", entries[0], "this is no MIME type such as application/pdf")
    return value


def _text(draft: Draft, cluster: Cluster, part: str) -> str:
    entries = cluster.parts.pop(part, None)
    return draft.first(entries, draft.text) if entries else ""


def _url(draft: Draft, cluster: Cluster, part: str) -> str:
    entries = cluster.parts.pop(part, None)
    return draft.first(entries, draft.url) if entries else ""


def _link(draft: Draft, cluster: Cluster, part: str) -> str:
    entries = cluster.parts.pop(part, None)
    return draft.first(entries, draft.person if part == "person" else draft.link) if entries else ""


def _keep_rest(draft: Draft, cluster: Cluster) -> None:
    for entries in cluster.parts.values():
        for entry in entries:
            draft.gathered.keep(entry)
