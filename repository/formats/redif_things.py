"""Templates of what works hang on: series, archives, mirrors, persons, institutions, as (field, value) pairs in order.

How a field is written stands in `redif_lines`, what no field says in `redif_exact`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from repository.formats.redif_clusters import organisations, people, providers
from repository.formats.redif_exact import levelled
from repository.formats.redif_lines import bare, handle, is_clean_url, text, without_markup
from repository.formats.redif_plain import is_jel
from repository.model.work import Organisation, Work

Pairs = Iterator[tuple[str, str]]
_LEVELS = ("Primary", "Secondary", "Tertiary", "Quaternary")
_ITEM_PARTS = 3


def _archive(work: Work) -> Pairs:
    yield "Name", _title(work)
    yield from (("URL", url) for url in work.see_also if is_clean_url(url))
    yield from (("Homepage", url) for url in work.homepages if is_clean_url(url))
    yield from _said_of_itself(work)


def _series(work: Work) -> Pairs:
    yield "Name", _title(work)
    if work.type == "journal":
        yield "Type", "ReDIF-Article"
    yield from _said_of_itself(work)
    yield "Keywords", _keywords(work)
    yield from (("ISSN", _text(issn)) for issn in work.issns)
    for part, value in organisations(providers(work)):
        yield f"Provider-{part}", value
    for part, value in people(work.editors):
        yield f"Editor-{part}", value
    yield from (("Predecessor", handle(one)) for one in work.replaces)
    yield from (("Followup", handle(one)) for one in work.replaced_by)


def _mirror(work: Work) -> Pairs:
    """Without a Handle of its own it is known by that of its archive."""
    yield "Name", _title(work)
    own = work.identifier.removeprefix(UNHANDLED) if work.identifier.startswith(UNHANDLED) else ""
    yield "Archive-Handle", handle(own)
    yield from (("Archive-Handle", handle(one)) for one in work.part_of if one != own)
    yield from (("URL", url) for url in work.see_also if is_clean_url(url))
    yield "Maintainer-Name", _text(work.maintainer)
    yield "Location", _text(work.location)


def _said_of_itself(work: Work) -> Pairs:
    for description in work.descriptions:
        yield "Description", _text(description.value)
    yield "Maintainer-Name", _text(work.maintainer)
    yield "Classification-JEL", ", ".join(filter(is_jel, work.jel))
    if work.restriction:
        yield "Restriction", _text(work.restriction.value)


def _person(work: Work) -> Pairs:
    yield "Name-Full", _title(work)
    yield "Name-First", _text(work.given)
    yield "Name-Last", _text(work.family)
    yield "Short-ID", _text(work.short_id)
    yield from (("Homepage", url) for url in work.homepages if is_clean_url(url))
    yield "Classification-JEL", ", ".join(filter(is_jel, work.jel))
    for part, value in organisations(work.workplaces):
        yield f"Workplace-{part}", value
    for made in work.made:
        # Which kind of work it is, its handle tells only of articles.
        yield "Author-Article" if ":v:" in made else "Author-Paper", handle(made)
    for edited in work.edited:
        yield "Editor-Book" if edited.count(":") >= _ITEM_PARTS else "Editor-Series", handle(edited)


def _institution(work: Work) -> Pairs:
    """The deepest level is the institution itself; above it what it is part of."""
    homepage = work.homepages[0] if work.homepages else ""
    own = Organisation(
        text(work.title.value) or UNTITLED, work.name_english, homepage, work.postal, work.location
    )
    above = work.workplaces if levelled(work) else ()
    for level, organisation in zip(_LEVELS, (*above, own), strict=False):
        for part, value in organisations((replace(organisation),)):
            yield f"{level}-{part}", value


def _title(work: Work) -> str:
    return _text(work.title.value) or UNTITLED


def _text(value: str) -> str:
    return without_markup(text(value))


def _keywords(work: Work) -> str:
    return without_markup(
        "; ".join(clean for one in work.keywords if (clean := bare(text(one.value))))
        + (";" if len(work.keywords) == 1 else "")
    )


# What stands where RePEc wants a title or a name and there is none.
UNTITLED = "(no title given)"
# Begins the identifier of what has no Handle.
UNHANDLED = "mirror:"
THINGS: Mapping[str, Callable[[Work], Pairs]] = {
    "archive": _archive,
    "series": _series,
    "journal": _series,
    "mirror": _mirror,
    "person": _person,
    "institution": _institution,
}
