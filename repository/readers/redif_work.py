"""Which field of a template becomes which attribute of a Work: one table for single fields, a few rules beside it.

What has no attribute becomes a source field; nothing is dropped in this room.
"""

from collections.abc import Callable
from functools import partial

from repository.model.identifiers import series_of
from repository.model.work import Organisation, Text, Work
from repository.readers import redif_exact
from repository.readers import redif_values as values
from repository.readers.redif_draft import Draft
from repository.readers.redif_fields import LEVELS, PROVIDERS, WORKS
from repository.readers.redif_findings import KEPT
from repository.readers.redif_gather import Gathered
from repository.readers.redif_people import files, landing_pages, organisations, people
from repository.readers.redif_text import Field

Put = Callable[[Draft, list[Field]], None]


def _one(attribute: str, draft: Draft, entries: list[Field]) -> None:
    draft.attributes[attribute] = draft.first(entries, draft.text)


def _many(attribute: str, draft: Draft, entries: list[Field]) -> None:
    draft.add(attribute, map(draft.text, entries))


def _texts(attribute: str, draft: Draft, entries: list[Field]) -> None:
    draft.add(attribute, (Text(draft.text(entry)) for entry in entries))


def _tagged(attribute: str, draft: Draft, entries: list[Field]) -> None:
    draft.add(attribute, map(draft.tagged, entries))


def _found(attribute: str, read: Callable[[Draft, Field], str], draft: Draft, entries: list[Field]) -> None:
    draft.add(attribute, filter(None, (read(draft, entry) for entry in entries)))


def _title(draft: Draft, entries: list[Field]) -> None:
    draft.attributes["title"], *others = map(draft.tagged, entries)
    if others:
        draft.gathered.note(
            "repeated-field", entries[1], "the record has a title already", "kept as an alternative"
        )
        draft.add("alternatives", others)


def _restriction(draft: Draft, entries: list[Field]) -> None:
    draft.attributes["restriction"] = Text(draft.first(entries, draft.text), draft.language)


def _pages(draft: Draft, entries: list[Field]) -> None:
    pages = draft.attributes["pages"] = draft.first(entries, draft.text)
    both = values.page_range(pages)
    if both:
        draft.attributes["page_start"], draft.attributes["page_end"] = both


def _keywords(draft: Draft, entries: list[Field]) -> None:
    words: list[str] = []
    for entry in entries:
        found = values.keywords(draft.unmarked(entry))
        if not found:
            draft.gathered.note("empty-field", entry, "marks, and nothing between them")
        words += found
    draft.add("keywords", (Text(word, draft.language) for word in words))


def _jel(draft: Draft, entries: list[Field]) -> None:
    draft.add("jel", (code for entry in entries for code in draft.jel(entry)))


def _status(draft: Draft, entries: list[Field]) -> None:
    _one("status", draft, entries)
    if not draft.attributes["status"].lower().startswith(("published", "forthcoming")):
        draft.gathered.note("odd-status", entries[0], "begin it with published or forthcoming")


def _version(published: bool, draft: Draft, entries: list[Field]) -> None:
    """A paper is a version of its published article; an article has the paper as one of its versions."""
    early = draft.gathered.kind in ("paper", "software")
    _LINKS["version_of" if published and early else "has_versions"](draft, entries)


def _short_id(draft: Draft, entries: list[Field]) -> None:
    draft.attributes["short_id"] = draft.first(entries, draft.text).lower()


def _order_url(draft: Draft, entries: list[Field]) -> None:
    """Where to buy it. There is no property for that; ReDIF out gives it as it came."""
    for entry in entries:
        if values.url(entry.value) is None:
            draft.gathered.note("invalid-url", entry, "not an absolute http, https or ftp address")
        draft.gathered.keep(entry)


def _reference_list(draft: Draft, entries: list[Field]) -> None:
    """CitEc's input: an address of a list of references. A link of the work, and kept by its name for ReDIF out."""
    draft.add("see_also", filter(None, (values.url(entry.value) for entry in entries)))
    for entry in entries:
        draft.gathered.keep(entry)


def _reference(draft: Draft, entries: list[Field]) -> None:
    # A mark behind a handle that stands alone is the sentence's.
    cited = [values.handle(entry.value.rstrip(" .,;")) for entry in entries]
    draft.add("cites", filter(None, cited))
    draft.add("references", (draft.text(e) for e, handle in zip(entries, cited, strict=True) if not handle))


_LINKS = {
    name: partial(_found, name, Draft.link)
    for name in (
        "part_of",
        "has_parts",
        "version_of",
        "has_versions",
        "replaces",
        "replaced_by",
        "made",
        "edited",
    )
}
_PUT: dict[str, Put] = {
    "title": _title,
    "abstract": partial(_tagged, "abstracts"),
    "description": partial(_texts, "descriptions"),
    "note": partial(_texts, "notes"),
    "keywords": _keywords,
    "classification-jel": _jel,
    "restriction": _restriction,
    "publication-status": _status,
    "revision-date": partial(_found, "revised", Draft.date),
    "doi": partial(_found, "dois", Draft.doi),
    "isbn": partial(_many, "isbns"),
    "issn": partial(_many, "issns"),
    "volume": partial(_one, "volume"),
    "issue": partial(_one, "issue"),
    "number": partial(_one, "number"),
    "edition": partial(_one, "edition"),
    "chapter": partial(_one, "chapter"),
    "pages": _pages,
    "in-book": _LINKS["part_of"],
    "haschapter": _LINKS["has_parts"],
    "article-handle": partial(_version, True),
    "book-handle": partial(_version, True),
    "chapter-handle": partial(_version, True),
    "paper-handle": partial(_version, False),
    "software-handle": partial(_version, False),
    "followup": _LINKS["replaced_by"],
    "predecessor": _LINKS["replaces"],
    "homepage": partial(_found, "homepages", Draft.url),
    "maintainer-name": partial(_one, "maintainer"),
    "location": partial(_one, "location"),
    "order-url": _order_url,
    "x-reference": _reference,
    "x-file-ref": _reference_list,
}
# What a field means in one template type alone.
_PUT_OF: dict[str, dict[str, Put]] = {
    "archive": {"name": _title, "url": partial(_found, "see_also", Draft.url)},
    "series": {"name": _title},
    "mirror": {
        "name": _title,
        "url": partial(_found, "see_also", Draft.url),
        "archive-handle": _LINKS["part_of"],
    },
    "person": {
        "name-full": _title,
        "name-first": partial(_one, "given"),
        "name-last": partial(_one, "family"),
        "short-id": _short_id,
        **{f"author-{kind}": _LINKS["made"] for kind in WORKS},
        "editor-series": _LINKS["edited"],
        "editor-book": _LINKS["edited"],
    },
}
_TABLES = {kind: _PUT | _PUT_OF.get(kind, {}) for kind in (*WORKS, *_PUT_OF, "institution")}


def work(gathered: Gathered, identifier: str) -> Work:
    """The Work of a template; findings and what found no place are left in `gathered`."""
    draft = Draft(gathered)
    exact = redif_exact.take(gathered)
    _languages(draft)
    kind = _series_type(draft) if gathered.kind == "series" else gathered.kind
    if gathered.kind in WORKS:
        _host(draft)
        _dates(draft)
        place = series_of(identifier)
        if place:
            draft.add("part_of", (place,))
    elif kind == "person":
        _workplaces(draft)
    elif kind == "institution":
        _levels(draft)
    table = _TABLES[gathered.kind]
    for key, entries in gathered.found.items():
        put = table.get(key)
        if put:
            put(draft, entries)
        else:
            for entry in entries:
                gathered.keep(entry)
    if gathered.clusters:
        _clusters(draft)
    if "title" not in draft.attributes and kind == "person":
        names = (draft.attributes.get("given"), draft.attributes.get("family"))
        draft.attributes["title"] = Text(" ".join(filter(None, names)))
    if gathered.source_fields:
        draft.attributes["source_fields"] = tuple(dict.fromkeys(gathered.source_fields))
    made = Work(identifier=identifier, type=kind, **draft.attributes)
    return redif_exact.applied(made, exact, gathered) if exact else made


def _languages(draft: Draft) -> None:
    for entry in draft.take("language"):
        codes = values.languages(entry.value)
        if codes is None:
            draft.gathered.note("invalid-language", entry, "write a code of two letters such as en")
            draft.gathered.keep(entry)
        else:
            draft.add("languages", codes)
            if not entry.value.islower():
                draft.spelled(entry, "read in lower case")
    codes = draft.attributes.get("languages", ())
    draft.language = codes[0] if len(codes) == 1 else ""


def _series_type(draft: Draft) -> str:
    """`journal` or `series`; what kind of series is said by a source field."""
    entries = draft.take("type")
    kind = draft.first(entries, draft.text).lower().removeprefix("redif-").split(" ")[0]
    if kind == "article":
        return "journal"
    if kind and kind not in WORKS:
        draft.gathered.note(
            "invalid-type", entries[0], "not ReDIF-Article, -Book, -Chapter, -Paper or -Software"
        )
    if kind and kind != "paper":
        draft.gathered.keep(entries[0])
    return "series"


_HOSTS = ("journal", "book-title", "series")


def _host(draft: Draft) -> None:
    """The journal, the book of a chapter, or the series of others, by its name."""
    names = [name for name in _HOSTS if name in draft.gathered.found]
    if not names:
        return
    entries = draft.take(names[0])
    draft.attributes["host"] = draft.first(entries, draft.text)
    if len(names) > 1:
        left = ", ".join(draft.gathered.found[name][0].name for name in names[1:])
        draft.gathered.done[entries[0].line] = f"read; {KEPT}: {left}"


def _dates(draft: Draft) -> None:
    """`issued` is Year and Month, else Publication-Date, else Creation-Date; what is left of them is kept."""
    issued = _year_and_month(draft)
    publications = draft.take("publication-date")
    published = draft.first(publications, draft.date)
    created = draft.first(draft.take("creation-date"), draft.date)
    if published and published.startswith(issued):
        issued = published
    elif published and published != issued:
        draft.gathered.keep(publications[0]._replace(name="Publication-Date", value=published))
    if issued and created:
        draft.attributes["created"] = created
    if issued or created:
        draft.attributes["issued"] = issued or created


def _year_and_month(draft: Draft) -> str:
    year = draft.first(draft.take("year"), draft.date)
    months = draft.take("month")
    if not months:
        return year
    number = values.month(draft.first(months, draft.text))
    if number is None:
        near = values.nearest_month(months[0].value)
        hint = f"; did you mean {near}?" if near else ""
        draft.gathered.note("invalid-month", months[0], f"write a month's English name or its number{hint}")
    if number is None or len(year) != 4:
        draft.gathered.keep(months[0])
        return year
    return f"{year}-{number}"


def _workplaces(draft: Draft) -> None:
    found = organisations(draft, draft.gathered.clusters.pop("workplace", ()))
    named = tuple(Organisation(draft.text(entry)) for entry in draft.take("workplace-organization"))
    if found or named:
        draft.attributes["workplaces"] = found + named


def _levels(draft: Draft) -> None:
    """The deepest level that is named is the institution; the levels above are what it is part of, in order."""
    clusters = [c for level in LEVELS for c in draft.gathered.clusters.pop(level, ())]
    if not clusters:
        return
    for entry in clusters[-1].parts.pop("institution", ()):
        draft.gathered.keep(entry)
    *above, own = organisations(draft, clusters)
    draft.attributes["workplaces"] = tuple(above)
    draft.attributes.update(name_english=own.name_english, postal=own.postal, location=own.location)
    if own.name:
        draft.attributes["title"] = Text(own.name)
    if own.homepage:
        draft.add("homepages", (own.homepage,))


def _clusters(draft: Draft) -> None:
    clusters = draft.gathered.clusters
    if "author" in clusters:
        draft.attributes["creators"] = people(draft, "author")
    if "editor" in clusters:
        draft.attributes["editors"] = people(draft, "editor")
    if "file" in clusters:
        found = draft.attributes["files"] = files(draft)
        draft.add("landing_pages", landing_pages(found))
    providers = organisations(draft, (c for p in PROVIDERS for c in clusters.get(p, ())))
    if providers:
        draft.attributes["providers"] = providers
        draft.add("publishers", (o.name for o in providers if o.name != o.identifier))
