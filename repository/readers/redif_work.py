"""From the fields of a template to a Work: single fields by `redif_table`, and the few rules that look at several.

What has no attribute becomes a source field; nothing is dropped in this room.
"""

from repository.model.identifiers import series_of
from repository.model.work import Organisation, Text, Work
from repository.readers import redif_exact
from repository.readers import redif_values as values
from repository.readers.redif_draft import Draft
from repository.readers.redif_fields import LEVELS, PROVIDERS, WORKS
from repository.readers.redif_findings import KEPT
from repository.readers.redif_gather import Gathered
from repository.readers.redif_people import files, landing_pages, organisation, organisations, people
from repository.readers.redif_table import TABLES


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
    table = TABLES[gathered.kind]
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
    for entry in map(draft.gathered.bare, draft.take("language")):
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
    kind, _, rest = draft.first(entries, draft.text).lower().removeprefix("redif-").partition(" ")
    # Behind it a version stands, or a line that went astray.
    more = any(map(str.isalpha, rest))
    if more or (kind and kind not in WORKS):
        why = "one type alone" if more else "not ReDIF-Article, -Book, -Chapter, -Paper or -Software"
        draft.gathered.note("invalid-type", entries[0], why)
    if more or kind not in ("", "paper", "article"):
        draft.gathered.keep(entries[0])
    return "journal" if kind == "article" else "series"


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
    named = tuple(_named(draft.text(entry)) for entry in draft.take("workplace-organization"))
    if found or named:
        draft.attributes["workplaces"] = found + named


def _named(name: str) -> Organisation:
    """By its name, or by its handle as many have it here."""
    handle = values.handle(name)
    return Organisation(handle, identifier=handle) if handle else Organisation(name)


def _levels(draft: Draft) -> None:
    """The deepest level that is named is the institution; the levels above are what it is part of, in order."""
    clusters = [c for level in LEVELS for c in draft.gathered.clusters.pop(level, ())]
    if not clusters:
        return
    for entry in clusters[-1].parts.pop("institution", ()):
        draft.gathered.keep(entry)
    own = organisation(draft, clusters[-1])
    draft.attributes["workplaces"] = organisations(draft, clusters[:-1])
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
