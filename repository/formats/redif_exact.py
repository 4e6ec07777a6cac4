"""What ReDIF cannot say of a work, as `X-Sheaf-` fields: with them a template reads back to an equal Work.

ReDIF has no language of a text, no page numbers of their own, no way to tell a publisher from a provider. Such a
field names an attribute of `Work` and holds its whole value as JSON in ASCII; the reader lets it win over what the
other fields say. It is written only where they say something else; other readers of ReDIF pass over it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, is_dataclass

from repository.formats.cataloguing import is_date
from repository.formats.redif_lines import LIMITS, bare, holds_entity, text, without_markup
from repository.formats.redif_plain import (
    LANGUAGE,
    WORKS,
    Said,
    is_doi,
    is_issn,
    is_jel,
    is_own_field,
    is_private,
    is_series_type,
    is_status,
    plain,
)
from repository.model.identifiers import series_of
from repository.model.terms import INTERNAL
from repository.model.work import Text, Work

# They exist before they are published: Creation-Date is their date, and an article is what they become.
EARLY = frozenset(("paper", "software"))
PREFIX = "X-Sheaf-"
_RANGE = re.compile(r"(\d+)-(\d+)", re.ASCII)
_FILLED = frozenset(("host", "publishers", "providers", "creators"))


def unsaid(work: Work, kind: str, *, filled: bool) -> Iterator[tuple[str, str]]:
    """(field name, JSON) of each attribute that the template says otherwise or not at all. `filled`: also say what a
    work is without, where RePEc wants it or a reader would take it from the series."""
    if _type(work, kind) != work.type:
        yield _field("type", work.type)
    said = Said(work, kind)
    for attribute, holds in _TABLE.items():
        value = getattr(work, attribute)
        empty = filled and kind in WORKS and attribute in _FILLED and not value
        if attribute in ("issued", "created") and not is_date(value):
            # What is no date is none in any format that has dates.
            value = ""
        if attribute == "source_fields":
            value = tuple(one for one in value if not is_private(one))
        if empty or not holds(said):
            yield _field(attribute, value)


def _type(work: Work, kind: str) -> str:
    return work.type if kind == "series" and work.type in ("series", "journal") else kind


def _field(attribute: str, value: object) -> tuple[str, str]:
    words = json.dumps(_jsonable(value), separators=(",", ":"))
    for character in "<>&":
        words = words.replace(character, f"\\u{ord(character):04x}")
    # Readers join lines by one blank, and a line is only ever folded at one.
    words = re.sub(r"(?<= ) ", r"\\u0020", words)
    return PREFIX + "-".join(part.capitalize() for part in attribute.split("_")), words


def _jsonable(value: object) -> object:
    if isinstance(value, str) and value.startswith(INTERNAL):
        # An address of the house itself, whatever its base URL is: `<id/RePEc:...>`.
        return f"<{value[len(INTERNAL) :]}>"
    if isinstance(value, Text):
        return [value.value, value.language]
    if isinstance(value, tuple):
        return [_jsonable(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _jsonable(getattr(value, name)) for name in asdict(value) if getattr(value, name)}
    return value


def _only(kinds: frozenset[str], attribute: str, holds: Callable[[Said], bool]) -> Callable[[Said], bool]:
    """What holds in templates of some kinds; the others have no field for it."""
    return lambda said: not getattr(said.work, attribute) or (said.kind in kinds and holds(said))


def _title(said: Said) -> bool:
    name = "title" if said.is_work else "" if said.kind == "person" else "name"
    return plain(said.work.title.value, name) and said.work.title.language == said.language


def _creators(said: Said) -> bool:
    return all(map(said.person, said.work.creators))


def _editors(said: Said) -> bool:
    return all(map(said.person, said.work.editors))


def _providers(said: Said) -> bool:
    """Publishers that are no providers are written as such, for want of another place."""
    if said.kind not in WORKS | {"series"}:
        return not said.work.providers
    named = {one.name for one in said.work.providers}
    return all(map(said.organisation, said.work.providers)) and named >= set(said.work.publishers)


def _publishers(said: Said) -> bool:
    work = said.work
    if said.kind not in WORKS | {"series"}:
        return not work.publishers
    if not all(map(said.organisation, work.providers)) or not all(plain(n, "name") for n in work.publishers):
        return not (work.publishers or work.providers)
    read = {one.name for one in work.providers if one.name != one.identifier} | {
        name for name in work.publishers if name not in {one.name for one in work.providers}
    }
    return set(work.publishers) == read


def _files(said: Said) -> bool:
    named = {one.url for one in said.work.files}
    if not said.is_work:
        return not said.work.files
    return all(map(said.file, said.work.files)) and named >= set(said.work.landing_pages)


def _landing_pages(said: Said) -> bool:
    work = said.work
    if not said.is_work:
        return not work.landing_pages
    if not all(map(said.file, work.files)) or not said.urls(work.landing_pages):
        return not (work.files or work.landing_pages)
    named = {one.url for one in work.files}
    read = {one.url for one in work.files if one.format in ("", "text/html")}
    return set(work.landing_pages) == read | (set(work.landing_pages) - named)


def _workplaces(said: Said) -> bool:
    found = said.work.workplaces
    if said.kind == "institution":
        return levelled(said.work) and all(map(said.organisation, found))
    return not found or (said.kind == "person" and all(map(said.organisation, found)))


def levelled(work: Work) -> bool:
    """Whether an institution and those above it have room in the four levels of ReDIF."""
    return len(work.workplaces) <= 3 and all(one.name or one.identifier for one in work.workplaces)


def _references(said: Said) -> bool:
    found = said.work.references
    whole = all(text(one) == one and " ".join(one.split()) == one and one for one in found)
    return whole and len(set(found)) == len(found) and not any("repec" in one.lower() for one in found)


def _cites(said: Said) -> bool:
    """A reference that begins with a handle may be read as a citation, and a mark behind a handle as the sentence's."""
    found = said.work.cites
    marked = any(one.endswith((".", ",", ";")) for one in found)
    others = any(one.lower().startswith("repec:") for one in said.work.references)
    return said.handles(found) and not marked and not others


def _dates(said: Said) -> bool:
    issued, created = said.work.issued, said.work.created
    if not said.is_work:
        return not (issued or created)
    return all(is_date(one) for one in (issued, created) if one) and bool(issued or not created)


def _part_of(said: Said) -> bool:
    own = series_of(said.work.identifier)
    if not said.is_work:
        return not said.work.part_of
    return said.handles(said.work.part_of) and (own is None or own in said.work.part_of)


def _pages(said: Said) -> bool:
    work = said.work
    bounds = (work.page_start, work.page_end)
    if not work.pages or not said.is_work:
        return not (work.pages or any(bounds))
    found = _RANGE.fullmatch(work.pages)
    if found:
        return bounds == found.groups() and plain(work.pages)
    return plain(work.pages) and not any(bounds) and re.search(r"[-‐-―−]", work.pages) is None


def _keywords(said: Said) -> bool:
    found = said.work.keywords
    sound = all(bare(one.value) == one.value and ";" not in one.value for one in found)
    # Of a semicolon that seems to end an entity a reader may think that it parts nothing.
    apart = not holds_entity("; ".join(one.value for one in found) + ";")
    return (
        sound
        and apart
        and said.texts(found, said.language, "keywords")
        and len(_joined(found)) <= LIMITS["keywords"]
    )


def _joined(found: tuple[Text, ...]) -> str:
    return without_markup("; ".join(one.value for one in found) + ";")


def _source_fields(said: Said) -> bool:
    public = [one for one in said.work.source_fields if not is_private(one)]
    return all(_is_read_back(said, *one.partition(": ")) for one in public)


def _is_read_back(said: Said, name: str, mark: str, value: str) -> bool:
    if said.work.type == "series" and is_series_type(name + mark + value):
        return True
    return bool(mark) and is_own_field(said.kind, name) and plain(value)


def _lines(*names: str) -> dict[str, Callable[[Said], bool]]:
    def holds(name: str) -> Callable[[Said], bool]:
        return lambda said: said.line(getattr(said.work, name))

    return {name: _only(WORKS, name, holds(name)) for name in names}


def _of_institution(name: str) -> Callable[[Said], bool]:
    return lambda said: said.line(getattr(said.work, name)) and levelled(said.work)


_SERIES = frozenset(("series",))
_INSTITUTION = frozenset(("institution",))
_PERSON = frozenset(("person",))
_TABLE: Mapping[str, Callable[[Said], bool]] = {
    "title": _title,
    "alternatives": _only(WORKS, "alternatives", lambda s: s.texts(s.work.alternatives, s.language, "title")),
    "abstracts": _only(WORKS, "abstracts", lambda s: s.texts(s.work.abstracts, s.language, "abstract")),
    "descriptions": _only(
        frozenset(("archive", "series")), "descriptions", lambda s: s.texts(s.work.descriptions, "")
    ),
    "notes": _only(WORKS, "notes", lambda s: s.texts(s.work.notes, "")),
    "creators": _only(WORKS, "creators", _creators),
    "editors": _only(WORKS | {"series"}, "editors", _editors),
    "providers": _providers,
    "publishers": _publishers,
    "workplaces": _workplaces,
    "files": _files,
    "landing_pages": _landing_pages,
    "references": _only(WORKS, "references", _references),
    "cites": lambda s: _cites(s) if s.is_work else not s.work.cites,
    "issued": _dates,
    "created": _dates,
    "revised": _only(WORKS, "revised", lambda s: all(map(is_date, s.work.revised))),
    "languages": _only(
        WORKS, "languages", lambda s: all(LANGUAGE.fullmatch(one) is not None for one in s.work.languages)
    ),
    "part_of": _part_of,
    **_lines("host", "volume", "issue", "number", "edition", "chapter"),
    "pages": _pages,
    "page_start": _pages,
    "page_end": _pages,
    "dois": _only(WORKS, "dois", lambda s: all(map(is_doi, s.work.dois))),
    "isbns": _only(WORKS, "isbns", lambda s: all(map(plain, s.work.isbns))),
    "issns": _only(WORKS | {"series"}, "issns", lambda s: all(map(is_issn, s.work.issns))),
    "keywords": _only(WORKS | {"series"}, "keywords", _keywords),
    "jel": _only(WORKS | {"archive", "series", "person"}, "jel", lambda s: all(map(is_jel, s.work.jel))),
    "status": _only(WORKS, "status", lambda s: plain(s.work.status) and is_status(s.work.status)),
    "restriction": _only(
        WORKS | {"archive", "series"},
        "restriction",
        lambda s: s.work.restriction is None or s.texts((s.work.restriction,), s.language),
    ),
    "homepages": _only(
        frozenset(("archive", "person", "institution")),
        "homepages",
        lambda s: (
            s.urls(s.work.homepages)
            and (s.kind != "institution" or (len(s.work.homepages) == 1 and levelled(s.work)))
        ),
    ),
    "see_also": _only(frozenset(("archive",)), "see_also", lambda s: s.urls(s.work.see_also)),
    "same_as": _only(frozenset(), "same_as", lambda s: False),
    "has_versions": _only(WORKS, "has_versions", lambda s: s.handles(s.work.has_versions)),
    "version_of": _only(EARLY, "version_of", lambda s: s.handles(s.work.version_of)),
    "has_parts": _only(WORKS, "has_parts", lambda s: s.handles(s.work.has_parts)),
    "replaces": _only(_SERIES, "replaces", lambda s: s.handles(s.work.replaces)),
    "replaced_by": _only(_SERIES, "replaced_by", lambda s: s.handles(s.work.replaced_by)),
    "made": _only(_PERSON, "made", lambda s: s.handles(s.work.made)),
    "edited": _only(_PERSON, "edited", lambda s: s.handles(s.work.edited)),
    "given": _only(_PERSON, "given", lambda s: s.line(s.work.given)),
    "family": _only(_PERSON, "family", lambda s: s.line(s.work.family)),
    "short_id": _only(_PERSON, "short_id", lambda s: s.line(s.work.short_id) and s.work.short_id.islower()),
    **{
        name: _only(_INSTITUTION, name, _of_institution(name))
        for name in ("name_english", "postal", "location")
    },
    "maintainer": _only(frozenset(("archive", "series")), "maintainer", lambda s: s.line(s.work.maintainer)),
    "source_fields": _source_fields,
}
