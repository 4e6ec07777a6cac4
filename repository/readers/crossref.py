"""The Crossref reader: works of its REST API, a message each, in list messages, or as JSON lines.

What tells of Crossref's own record (when it was deposited, by which member, how often it is cited) is no part of a
work and is passed over; other members that have no place are kept as source fields.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from repository.model.site import doi_iri
from repository.model.work import File, Organisation, Text
from repository.readers import csl
from repository.readers import redif_values as values
from repository.readers.json_items import items, listed, shown, text
from repository.readers.left_out import LeftOut
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.redif_findings import shown as quoted
from repository.readers.reference import Making, about_file, kinds, person, text_of

_DATES = ("published-print", "published-online", "issued", "published", "posted", "created")
# Of Crossref's record, not of the work; `prefix`, `member` and `source` tell who deposited it.
_PASSED = frozenset(
    [
        "indexed",
        "deposited",
        "created",
        "score",
        "prefix",
        "member",
        "source",
        "reference-count",
        "references-count",
        "journal-issue",
        "issn-type",
        "isbn-type",
        "is-referenced-by-count",
        "content-domain",
        "short-container-title",
        "alternative-id",
        "content-created",
        "content-updated",
        "resource",
        "published",
        "accepted",
        "approved",
        "aliases",
        "update-policy",
    ]
)
_RELATIONS = {
    "has-version": "has_versions", "has-manuscript": "has_versions", "is-preprint-of": "has_versions",
    "is-version-of": "version_of", "is-manuscript-of": "version_of", "has-preprint": "version_of",
    "is-same-as": "same_as", "is-identical-to": "same_as", "references": "cites",
    "replaces": "replaces", "is-replaced-by": "replaced_by",
}  # fmt: skip
_OWN = frozenset(["journal-article", "posted-content", "book", "book-chapter", "report"])


def read(source: Source) -> Iterator[Item | Finding]:
    decoded, about = text_of(source)
    yield from about
    left = LeftOut()
    empty = True
    for found in items(decoded):
        fault = found.fault
        for one in _unwrapped(found.value, left, found.line) if not fault else [None]:
            empty = False
            made = Making(source, "Crossref", found.line)
            if isinstance(one, dict):
                yield _item(one, made, left)
            else:
                made.note("damaged-entry", fault or "the item is no JSON object")
                yield Item("", found.line, None, made.findings(""))
    yield from left.findings()
    if empty:
        yield about_file("empty-file", 1, "the file has no work")


CROSSREF = Reader("crossref", (), read)


def _unwrapped(value: Any, left: LeftOut, line: int) -> list[Any]:
    """The works of a message, of a list message, of a dump's `items`, or the work itself."""
    for _ in range(2):
        if isinstance(value, dict) and "DOI" not in value:
            for name in ("message", "items"):
                if name in value:
                    for other in value.keys() - {name}:
                        left.note(str(other), line)
                    value = value[name]
                    break
    return listed(value)


def _item(said: dict[str, Any], made: Making, left: LeftOut) -> Item:
    said = {str(name): value for name, value in said.items() if value not in (None, "", [], {})}
    word = text(said.pop("type", "")).strip()
    subtype = text(said.pop("subtype", ""))
    kind = _kinds().get(word)
    if kind is None:
        made.note("unknown-type", f"type {quoted(word)} is none of ours")
    if word not in _OWN:
        made.keep("Type", word)
    if subtype:
        made.keep("Subtype", subtype)
    for name, put in _MEMBERS.items():
        if name in said:
            put(made, name, said.pop(name))
    _title(made, said)
    _dates(made, said)
    for name, value in said.items():
        if name in _PASSED:
            left.note(name, made.line)
        else:
            made.leave(name, shown(value))
    return made.item(kind or "document")


def _kinds() -> dict[str, str]:
    return kinds("crossref")


def _title(made: Making, said: dict[str, Any]) -> None:
    titles = [text(one) for one in listed(said.pop("title", None))]
    subtitles = [text(one) for one in listed(said.pop("subtitle", None))]
    if titles and subtitles and subtitles[0].lower() not in titles[0].lower():
        titles[0] = f"{titles[0]}: {subtitles[0]}"
    made.title("title", titles)
    for name in ("original-title", "short-title"):
        made.texts("alternatives", name, map(text, listed(said.pop(name, None))))
    title = made.attributes.get("title")
    found = made.attributes.get("alternatives", ())
    made.attributes["alternatives"] = tuple(one for one in found if one != title)


def _dates(made: Making, said: dict[str, Any]) -> None:
    """As issued: the first date that there is of print, online, and what Crossref derives."""
    for name in _DATES:
        date = csl.date_of(said.get(name))
        if date:
            made.attributes["issued"] = date
            break
    for name in _DATES:
        value = said.pop(name, None)
        date = csl.date_of(value)
        if date and name in ("published-print", "published-online") and date != made.attributes["issued"]:
            made.keep(name, date)


def _people(attribute: str) -> Callable[[Making, str, Any], None]:
    def put(made: Making, name: str, value: Any) -> None:
        found = []
        for one in listed(value):
            if not isinstance(one, dict):
                made.leave(name, shown(one), "invalid-value", "no name")
                continue
            part = {
                key: made.clean(name, text(one.get(key))) for key in ("given", "family", "name", "suffix")
            }
            family = " ".join(filter(None, (part["family"], part["suffix"]))) if part["family"] else ""
            if not (part["name"] or family or part["given"]):
                continue
            signed = person(part["name"], part["given"], family)
            found.append(_with_links(signed, made, name, one))
        made.attributes[attribute] = (*made.attributes.get(attribute, ()), *found)

    return put


def _with_links(signed: Any, made: Making, name: str, said: dict[str, Any]) -> Any:
    places = [one.get("name") for one in listed(said.get("affiliation")) if isinstance(one, dict)]
    orcid = values.url(text(said.get("ORCID")).replace("http://orcid.org", "https://orcid.org")) or ""
    names = [made.clean(name, text(place)) for place in places]
    workplaces = tuple(Organisation(place) for place in names if place)
    return replace(signed, identifier=orcid, workplaces=workplaces)


def _references(made: Making, name: str, value: Any) -> None:
    """Each as words, in order; those with a DOI as links besides."""
    words, cites = [], []
    for one in listed(value):
        if not isinstance(one, dict):
            made.leave(name, shown(one), "invalid-value", "no reference")
            continue
        doi = values.doi(text(one.get("DOI")))
        if doi:
            cites.append(doi_iri(doi))
        parts = [text(one.get(key)) for key in ("author", "year", "article-title", "volume-title", "journal-title",
                                                "volume", "first-page")]  # fmt: skip
        said = text(one.get("unstructured")) or ", ".join(filter(None, parts)) or (doi and f"doi:{doi}") or ""
        if said:
            words.append(made.clean(name, said))
    made.attributes["references"] = tuple(filter(None, words))
    made.add("cites", cites)


def _relation(made: Making, name: str, value: Any) -> None:
    for relation, targets in value.items() if isinstance(value, dict) else ():
        for one in listed(targets):
            doi = None
            if isinstance(one, dict) and text(one.get("id-type")) == "doi":
                doi = values.doi(text(one.get("id")))
            if doi and relation in _RELATIONS:
                made.add(_RELATIONS[relation], [doi_iri(doi)])
            else:
                made.leave(f"relation-{relation}", shown(one))


def _licences(made: Making, name: str, value: Any) -> None:
    """The first address is the work's restriction; another of other versions is kept."""
    found = [text(one.get("URL")) for one in listed(value) if isinstance(one, dict)]
    for n, url in enumerate(dict.fromkeys(filter(None, map(values.url, found)))):
        if n == 0:
            made.attributes["restriction"] = Text(url)
        else:
            made.keep("License", url)


def _files(made: Making, name: str, value: Any) -> None:
    for one in listed(value):
        url = values.url(text(one.get("URL"))) if isinstance(one, dict) else None
        if url is None:
            made.leave(name, shown(one), "invalid-url", "no address")
            continue
        format_ = text(one.get("content-type")).lower()
        made.add(
            "files", [File(url, format_ if format_ != "unspecified" and values.is_mime(format_) else "")]
        )


def _institutions(made: Making, name: str, value: Any) -> None:
    names = [text(one.get("name")) if isinstance(one, dict) else text(one) for one in listed(value)]
    made.add("publishers", filter(None, (made.clean(name, one) for one in names)))


def _article_number(made: Making, name: str, value: Any) -> None:
    if not made.attributes.get("pages"):
        made.put("pages", name, text(value))
    else:
        made.leave(name, text(value))


_HEADING = re.compile(r"\s*<(jats:)?title>\s*(?:abstract|summary)\s*</(?:jats:)?title>", re.I)


def _abstract(made: Making, name: str, value: Any) -> None:
    """Without JATS, and without the heading that says that it is one."""
    made.texts("abstracts", name, (_HEADING.sub("", text(one)) for one in listed(value)))


_SAME = ("volume", "issue", "page", "DOI", "ISBN", "ISSN", "publisher", "language", "URL")
_MEMBERS: dict[str, Callable[[Making, str, Any], None]] = {
    **{name: csl.VARIABLES[name] for name in _SAME},
    "container-title": csl.VARIABLES["container-title"],
    "group-title": csl.VARIABLES["container-title"],
    "author": _people("creators"),
    "editor": _people("editors"),
    "abstract": _abstract,
    "article-number": _article_number,
    "edition-number": csl.VARIABLES["edition"],
    "subject": lambda made, name, value: made.texts("keywords", name, map(text, listed(value))),
    "reference": _references,
    "relation": _relation,
    "license": _licences,
    "link": _files,
    "institution": _institutions,
}
