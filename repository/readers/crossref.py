"""The Crossref reader: works of its REST API, a message each, in list messages, or as JSON lines.

What tells of Crossref's own record (when it was deposited, by which member, how often it is cited) is no part of a
work: one finding a file says that it is left out. Other members that have no place are kept as source fields.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from repository.model.site import doi_iri
from repository.model.work import File, Text
from repository.readers import csl
from repository.readers import redif_values as values
from repository.readers.addresses import exact
from repository.readers.crossref_people import organisation, people
from repository.readers.crossref_references import references
from repository.readers.json_items import around, items, listed, shown, text, within
from repository.readers.left_out import LeftOut
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.redif_findings import shown as quoted
from repository.readers.reference import Making
from repository.readers.reference_files import about_file, text_of
from repository.readers.reference_words import kinds

_DATES = ("published-print", "published-online", "issued", "published", "posted", "created")
# Of Crossref's record, not of the work; `prefix`, `member` and `source` tell who deposited it, `published` is the first
# of the other dates, and the types of ISSNs and ISBNs tell print from online.
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
        "issn-type",
        "isbn-type",
        "is-referenced-by-count",
        "content-domain",
        "published",
        "update-policy",
    ]
)
_RELATIONS = {
    "has-version": "has_versions", "has-manuscript": "has_versions", "has-preprint": "has_versions",
    "is-version-of": "version_of", "is-manuscript-of": "version_of", "is-preprint-of": "version_of",
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
        works = _unwrapped(found.value, left, found.line) if not fault else [None]
        if doubled := around(works, found.repeated):
            yield _damaged(source, found.line, doubled)
        for one in works:
            empty = False
            made = Making(source, "Crossref", found.line)
            made.leave_repeated(within(one, found.repeated))
            if isinstance(one, dict):
                yield _item(one, made, left)
            else:
                yield _damaged(source, found.line, fault or "the item is no JSON object")
    yield from left.findings()
    if empty:
        yield about_file("empty-file", 1, "the file has no work")


def _damaged(source: Source, line: int, fault: str) -> Item:
    made = Making(source, "Crossref", line)
    made.note("damaged-entry", fault)
    return Item("", line, None, made.findings(""))


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
    _dates(made, said)
    _numbers(made, said)
    for name, put in _MEMBERS.items():
        if name in said:
            put(made, name, said.pop(name))
    _title(made, said)
    for name, value in said.items():
        if name in _PASSED:
            left.note(name, made.line)
        else:
            made.leave(name, shown(value))
    return made.item(kind or "document")


def _kinds() -> dict[str, str]:
    """Its own words, and those of CSL, which it gives to whoever resolves a DOI as CSL-JSON."""
    return kinds("csl") | kinds("crossref")


def _numbers(made: Making, said: dict[str, Any]) -> None:
    """ISSNs and ISBNs that only the lists of their types have; the types themselves are left out."""
    for kind in ("ISSN", "ISBN"):
        name = f"{kind.lower()}-type"
        known = set(map(text, listed(said.get(kind))))
        for one in listed(said.get(name)):
            value = text(one.get("value")) if isinstance(one, dict) else ""
            if not value:
                made.leave(name, shown(one), "invalid-value", "no number")
            elif value not in known:
                made.numbers(name, value)


def _title(made: Making, said: dict[str, Any]) -> None:
    titles = list(csl.words(made, "title", said.pop("title", None)))
    subtitles = list(csl.words(made, "subtitle", said.pop("subtitle", None)))
    if titles and subtitles and subtitles[0].lower() not in titles[0].lower():
        titles[0] = f"{titles[0]}: {subtitles[0]}"
    made.title("title", titles)
    for other in subtitles[1:]:
        made.leave("subtitle", other)
    for name in ("original-title", "short-title"):
        made.texts("alternatives", name, csl.words(made, name, said.pop(name, None)))
    title = made.attributes.get("title")
    found = made.attributes.get("alternatives", ())
    made.attributes["alternatives"] = tuple(one for one in found if one != title)


def _dates(made: Making, said: dict[str, Any]) -> None:
    """As issued: the first date that there is of print, online, and what Crossref derives; others are kept."""
    found = [(name, date) for name in _DATES if (date := csl.date_of(said.get(name)))]
    issued = found[0][1] if found else ""
    made.attributes["issued"] = issued
    if found and found[0][0] == "created":
        made.note(
            "repaired-date", f"no date but that of Crossref's own record: read as {issued}", "used as it is"
        )
    if found and issued.count("-") < len(csl.first_parts(said[found[0][0]])[:3]) - 1:
        # A season is a month above twelve.
        name = found[0][0]
        made.leave(name, shown(said[name]), "repaired-date", f"read as {issued}")
    for name, date in found:
        if name not in _PASSED and not issued.startswith(date):
            made.leave(name, date)
    for name in _DATES:
        # Crossref writes [[null]] where it has no date.
        if (name, csl.date_of(said.get(name))) in found and (name not in _PASSED or name == found[0][0]):
            del said[name]
        elif "null" in shown(said.get(name)):
            said.pop(name, None)


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


def _version(licence: Any) -> int:
    word = text(licence.get("content-version")) if isinstance(licence, dict) else ""
    return {"vor": 0, "tdm": 2}.get(word, 1)


def _licences(made: Making, name: str, value: Any) -> None:
    """That of the published version is the work's restriction, else the first; others, and what begins later, are kept.

    Publishers name a licence for text mining besides, mostly first.
    """
    for one in sorted(listed(value), key=_version):
        url = exact(text(one.get("URL"))) if isinstance(one, dict) else None
        if url and made.attributes.get("restriction") is None:
            made.attributes["restriction"] = Text(url)
            if one.get("delay-in-days"):
                made.leave(name, shown(one))
        elif not url or made.attributes["restriction"].value != url:
            made.leave(name, shown(one))


def _files(made: Making, name: str, value: Any) -> None:
    """What a file is for (text mining, checks of similarity) and which version it is are its function."""
    for one in listed(value):
        url = exact(text(one.get("URL"))) if isinstance(one, dict) else None
        if url is None:
            made.leave(name, shown(one), "invalid-url", "no address")
            continue
        said = [text(one.get(key)) for key in ("content-type", "intended-application", "content-version")]
        format_, *function = [
            "" if part.lower() == "unspecified" else made.clean(name, part) for part in said
        ]
        format_ = format_.lower()
        told = ", ".join(filter(None, function))
        made.add("files", [File(url, format_ if values.is_mime(format_) else "", function=told)])


def _institutions(made: Making, name: str, value: Any) -> None:
    """Publishers by name; where they are is kept besides."""
    found = [one for each in listed(value) if (one := organisation(made, name, each))]
    made.add("publishers", (one.name for one in found))
    for one in found:
        made.leave(f"{name}-place", one.location)
        made.leave(f"{name}-id", one.identifier)


def _short_host(made: Making, name: str, value: Any) -> None:
    for one in csl.words(made, name, value):
        if made.clean(name, one) != made.attributes.get("host"):
            made.leave(name, one)


def _other_names(made: Making, name: str, value: Any) -> None:
    """Identifiers of the publisher's own, but for the DOI again."""
    for one in csl.words(made, name, value):
        if values.doi(one) not in made.attributes.get("dois", ()):
            made.leave(name, one)


def _issue_again(made: Making, name: str, value: Any) -> None:
    """The issue, and when it was published: mostly what stands outside, too."""
    for key, one in value.items() if isinstance(value, dict) else ():
        if key == "issue":
            made.put("issue", name, text(one))
        elif csl.date_of(one) and csl.date_of(one) == made.attributes.get("issued"):
            continue
        elif csl.date_of(one):
            made.leave(f"{name}-{key}", csl.date_of(one))
        else:
            made.leave(f"{name}-{key}", shown(one))


def _page(made: Making, name: str, value: Any) -> None:
    """The publisher's page of the work; what else there is of it is kept."""
    for key, one in value.items() if isinstance(value, dict) else ():
        if key == "primary" and isinstance(one, dict) and text(one.get("URL")):
            made.address(name, text(one.get("URL")))
        else:
            made.leave(f"{name}-{key}", shown(one))


def _article_number(made: Making, name: str, value: Any) -> None:
    if not made.attributes.get("pages"):
        made.put("pages", name, text(value))
    else:
        made.leave(name, text(value))


_HEADING = re.compile(r"\s*<(jats:)?title>\s*(?:abstract|summary)\s*</(?:jats:)?title>", re.I)


def _abstract(made: Making, name: str, value: Any) -> None:
    """Without JATS, and without the heading that says that it is one."""
    made.texts("abstracts", name, (_HEADING.sub("", one) for one in csl.words(made, name, value)))


_SAME = ("volume", "issue", "page", "DOI", "ISBN", "ISSN", "publisher", "language", "URL")
_MEMBERS: dict[str, Callable[[Making, str, Any], None]] = {
    **{name: csl.VARIABLES[name] for name in _SAME},
    "container-title": csl.VARIABLES["container-title"],
    "group-title": csl.VARIABLES["container-title"],
    "author": people("creators"),
    "editor": people("editors"),
    "abstract": _abstract,
    "article-number": _article_number,
    "edition-number": csl.VARIABLES["edition"],
    "subject": lambda made, name, value: made.texts("keywords", name, csl.words(made, name, value)),
    "reference": references,
    "relation": _relation,
    "license": _licences,
    "link": _files,
    "institution": _institutions,
    "short-container-title": _short_host,
    "alternative-id": _other_names,
    "journal-issue": _issue_again,
    "resource": _page,
}
