"""The Link header of one form of a record, written from a pattern: records in the same formats have the same links.

Which links there are, and in which order, is known to `signposts`, of whom each pattern is taken once.
"""

from functools import lru_cache
from typing import NamedTuple

from repository.model.records import Record
from repository.model.site import Site
from repository.web import variants
from repository.web.http import Link, shown_links
from repository.web.signposts import Known, Signposts, known_of, licence_of_record

# Stand in a pattern for the identifier, for how the work is cited, and for the links of its own: no address that we
# give and no identifier can hold one of these.
_IDENTIFIER, _CITE_AS, _OWN = "\x00", "\x01", "\x02"


class _Part(NamedTuple):
    """One link, how long it is without the identifier, and how often it has that."""

    text: str
    size: int
    times: int


class _Pattern(NamedTuple):
    """Links before and behind those of the work itself; `own` is false where it has none here."""

    before: tuple[_Part, ...]
    behind: tuple[_Part, ...]
    own: bool


def link_header(
    site: Site, licence: str, record: Record, taken: frozenset[str], name: str, extension: str, room: int
) -> str:
    """For the form `name` of a live record at the address of its extension, or, without one, at the negotiated."""
    licence = licence_of_record(licence, record.origin)
    pattern = _pattern(site, licence, record.formats, taken, name, extension)
    identifier, cite_as, own = record.identifier, "", list[str]()
    if pattern.own:
        known = known_of(Signposts(site, identifier, (), record, licence, taken))
        cite_as, own = known.cite_as, [str(link) for link in known.links]
    # As `fitting` chooses, but that lengths are reckoned, and texts are filled together.
    found: list[str] = []
    length, more = len(identifier), len(cite_as) - len(_CITE_AS)
    for text, size, times in pattern.before:
        size += times * length + (more if _CITE_AS in text else 0)
        if size <= room:
            found.append(text)
            room -= size + len(", ")
    for text in own:
        if len(text) <= room:
            found.append(text)
            room -= len(text) + len(", ")
    for text, size, times in pattern.behind:
        size += times * length
        if size <= room:
            found.append(text)
            room -= size + len(", ")
    return ", ".join(found).replace(_IDENTIFIER, identifier).replace(_CITE_AS, cite_as)


@lru_cache(maxsize=512)
def _pattern(
    site: Site, licence: str, formats: tuple[str, ...], taken: frozenset[str], name: str, extension: str
) -> _Pattern:
    record = Record(_IDENTIFIER, 0, 0, b"", b"", (), formats)
    forms = variants.of_record(record, site, bytes, taken)
    chosen = next(form for form in forms if form.offer.name == name)
    signs = Signposts(site, _IDENTIFIER, forms, record, licence, taken)
    links = signs.header(chosen, extension, Known(_CITE_AS, (Link(_OWN, ""),)))
    texts = [str(link) for link in shown_links(links, chosen.content_type or chosen.offer.media_type)]
    at = next((n for n, text in enumerate(texts) if _OWN in text), None)
    before, behind = (texts, []) if at is None else (texts[:at], texts[at + 1 :])
    return _Pattern(tuple(map(_part, before)), tuple(map(_part, behind)), at is not None)


def _part(text: str) -> _Part:
    times = text.count(_IDENTIFIER)
    return _Part(text, len(text) - times * len(_IDENTIFIER), times)
