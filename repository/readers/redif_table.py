"""Which single field of a template becomes which attribute of a Work, for each template type: one table.

The rules that look at several fields at once stand in `redif_work`.
"""

from collections.abc import Callable
from functools import partial

from repository.model.work import Text
from repository.readers import redif_values as values
from repository.readers.redif_draft import Draft
from repository.readers.redif_fields import WORKS
from repository.readers.redif_issns import issns
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


def _issns(draft: Draft, entries: list[Field]) -> None:
    for entry in entries:
        given = draft.text(entry)
        found = issns(given)
        if not found:
            draft.gathered.note("invalid-issn", entry, "an ISSN has eight digits, of which the last may be X")
        elif found != [given]:
            draft.spelled(entry, f"read as {', '.join(found)}")
        draft.add("issns", found or [given])


def _status(draft: Draft, entries: list[Field]) -> None:
    _one("status", draft, entries)
    if not draft.attributes["status"].lower().startswith(("published", "forthcoming")):
        draft.gathered.note("odd-status", entries[0], "begin it with published or forthcoming")


def _version(published: bool, draft: Draft, entries: list[Field]) -> None:
    """A paper is a version of its published article; an article has the paper as one of its versions."""
    early = draft.gathered.kind in ("paper", "software")
    _LINKS["version_of" if published and early else "has_versions"](draft, entries)


def _release(draft: Draft, entries: list[Field]) -> None:
    """The Version of software. Where its Edition is told as well, the first that is read is the one."""
    if draft.attributes.get("edition"):
        for entry in entries:
            draft.gathered.keep(entry)
    else:
        _one("edition", draft, entries)


def _short_id(draft: Draft, entries: list[Field]) -> None:
    draft.attributes["short_id"] = draft.first(entries, draft.text).lower()


def _order_url(draft: Draft, entries: list[Field]) -> None:
    """Where to buy it. There is no property for that; ReDIF out gives it as it came."""
    for entry in map(draft.gathered.bare, entries):
        if values.url(entry.value) is None:
            draft.gathered.note("invalid-url", entry, "not an absolute http, https or ftp address")
        draft.gathered.keep(entry)


def _reference_list(draft: Draft, entries: list[Field]) -> None:
    """CitEc's input: an address of a list of references. A link of the work, and kept by its name for ReDIF out."""
    entries = list(map(draft.gathered.bare, entries))
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
    "issn": _issns,
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
    "software": {"version": _release, "edition": _release},
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
TABLES = {kind: _PUT | _PUT_OF.get(kind, {}) for kind in (*WORKS, *_PUT_OF, "institution")}
