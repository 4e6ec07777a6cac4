"""Which values come back from the fields of ReDIF as they are, and which fields a template may have."""

import re

from repository.formats.redif_lines import LIMITS, OTHER_LIMIT, is_clean_url, text, without_markup
from repository.model.identifiers import SHORT_ID, is_handle, is_identifier
from repository.model.terms import INTERNAL
from repository.model.work import File, Organisation, Person, Text, Work

WORKS = frozenset(("paper", "article", "software", "book", "chapter"))
LANGUAGE = re.compile(r"[a-z]{2}")
_MIME = re.compile(r"[a-z0-9][a-z0-9!#$^_.+\-]*/[a-z0-9][a-z0-9!#$^_.+\-]*")
_DOI = re.compile(r"10\.\d{4,9}/[!-~]+", re.ASCII)
_ISSN = re.compile(r"\d{4}-\d{3}[\dX]", re.ASCII)
_OPENED = {")": "(", "]": "[", "}": "{"}
_NEXT_DOI = re.compile(r"[,;|](?:https?://|doi:|10\.\d{4,9}/)", re.ASCII)
_JEL = re.compile(r"[ABCDEFGHIJKLMNOPQRYZ](?:\d{1,2})?", re.ASCII)
# Source fields that a type has and a Work has not: read again as they were written, and refused by nobody.
_PLAIN_NAMES = {
    kind: frozenset(names.lower().split())
    for kind, names in {
        "paper": "Order-URL Availability Length Notification Price",
        "article": "Order-URL Notification Price",
        "book": "Order-URL Price",
        "chapter": "Order-URL",
        "software": "Programming-Language Length Requires Size Price",
        "archive": "Notification",
        "series": "Order-Homepage Order-Postal Price Notification",
        "mirror": (
            "User Group Directory Machine Archives-Included Archives-Excluded Series-Included Series-Excluded "
            "ReDIF-only"
        ),
        "person": "Name-Prefix Name-Middle Name-Suffix Name-ASCII",
    }.items()
}
_LOCAL = re.compile(r"X-(?!Sheaf-|Reference$)[A-Za-z0-9\-]{1,60}", re.IGNORECASE)
# What stands behind `X-` of these is read as the field of another type, or hidden as somebody's address.
_TAKEN = re.compile(
    r"x-(?:(?:author|editor|file|provider|publisher|sponsor|workplace|primary|secondary|tertiary|quaternary)-.*"
    r"|.*(?:mail|phone|tel|mobile|cell|fax).*|x-.*|title|handle|language|abstract|classification-jel|keywords.*|number|[a-z]+-date|publication-.*|order-url|[a-z]+-handle"
    r"|restriction|price|notification|note|length|series|availability|journal|volume|year|issue|month|pages|doi"
    r"|programming-language|version|size|requires|isbn|issn|haschapter|edition|book-title|chapter|in-book)",
    re.IGNORECASE,
)
_SERIES_TYPE = re.compile(r"Type: ReDIF-(?:Book|Chapter|Software)", re.IGNORECASE)
_PRIVATE = re.compile(
    r"[A-Za-z0-9#\-]*?(?:\b|-)(?:e-?mail|mail|phone|telephone|tel|mobile|cell|fax)s?(?:-?(?:\d+|numbers?|no|nr))?\s*:",
    re.IGNORECASE,
)


def plain(value: str, name: str = "") -> bool:
    """Whether a text comes back from a field of this name as it is: on one line, and no longer than RePEc takes."""
    return (
        bool(value)
        and text(value) == value
        and " ".join(value.split()) == value
        and len(without_markup(value)) <= LIMITS.get(name, OTHER_LIMIT)
    )


def is_doi(value: str) -> bool:
    """Whether a DOI comes back as it is: readers of ReDIF doubt one that ends with a mark of a sentence or a bracket
    that it did not open, and take none for what another seems to follow."""
    return (
        _DOI.fullmatch(value) is not None
        and value.lower() == value
        and not value.endswith((".", ",", ";", ":", '"', "'"))
        and value.count(value[-1]) <= value.count(_OPENED.get(value[-1], value[-1]))
        and not _NEXT_DOI.search(value)
        and len(value) <= OTHER_LIMIT
    )


def is_issn(value: str) -> bool:
    return _ISSN.fullmatch(value) is not None


def is_jel(code: str) -> bool:
    return _JEL.fullmatch(code) is not None


def is_status(value: str) -> bool:
    """Whether RePEc takes it as a Publication-Status."""
    return value.lower().startswith(("published", "forthcoming"))


def is_own_field(kind: str, name: str) -> bool:
    """Whether a source field may stand in a template of this kind under its own name, in whatever case it came."""
    return name.lower() in _PLAIN_NAMES.get(kind, ()) or (
        _LOCAL.fullmatch(name) is not None and _TAKEN.fullmatch(name) is None
    )


def is_own_line(work: Work, kind: str, name: str, line: str) -> bool:
    """Whether a source field is written under its own name. One that names a list of references, which CitEc reads, is
    read as a link, too: only beside `X-Sheaf-See-Also`, which says what links there are."""
    if name.lower() == "x-file-ref":
        return kind in WORKS and bool(work.see_also)
    return is_own_field(kind, name) or (work.type == "series" and is_series_type(line))


def is_private(line: str) -> bool:
    """Whether a source field is somebody's address or number by its name."""
    return _PRIVATE.match(line) is not None


def is_series_type(line: str) -> bool:
    """Whether a source field is the Type of a series that holds something else than papers or articles."""
    return _SERIES_TYPE.fullmatch(line) is not None


def is_url(url: str) -> bool:
    """Whether an address comes back as it is. One of the house itself is written as that of its site."""
    ours = url.startswith(INTERNAL)
    return not ours and is_clean_url(url) and len(without_markup(url)) <= OTHER_LIMIT


def is_short(identifier: str) -> bool:
    return (
        identifier.isascii()
        and identifier == identifier.lower()
        and (SHORT_ID.fullmatch(identifier) is not None)
    )


class Said:
    """A work beside what a reader makes of the fields of its template."""

    def __init__(self, work: Work, kind: str) -> None:
        self.work, self.kind = work, kind
        self.is_work = kind in WORKS
        codes = [code for code in work.languages if LANGUAGE.fullmatch(code)] if self.is_work else []
        self.language = codes[0] if len(codes) == 1 else ""

    def line(self, value: str, name: str = "") -> bool:
        return not value or plain(value, name)

    def texts(self, found: tuple[Text, ...], language: str, name: str = "") -> bool:
        return all(plain(one.value, name) and one.language == language for one in found)

    def handles(self, found: tuple[str, ...]) -> bool:
        return all(is_handle(one) and is_identifier(one) and len(one) <= OTHER_LIMIT for one in found)

    def urls(self, found: tuple[str, ...]) -> bool:
        return all(map(is_url, found))

    def organisation(self, one: Organisation) -> bool:
        lines = (one.name_english, one.postal, one.location)
        return (
            plain(one.name, "name")
            and all(map(self.line, lines))
            and (not one.homepage or is_url(one.homepage))
            and (not one.identifier or self.handles((one.identifier,)))
        )

    def person(self, one: Person) -> bool:
        named = bool(one.given or one.family) or "," not in one.name
        known = not one.identifier or is_short(one.identifier) or self.handles((one.identifier,))
        return (
            plain(one.name, "name")
            and named
            and known
            and self.line(one.given)
            and self.line(one.family)
            and (not one.homepage or is_url(one.homepage))
            and all(map(self.organisation, one.workplaces))
        )

    def file(self, one: File) -> bool:
        return (
            is_url(one.url)
            and (not one.format or (_MIME.fullmatch(one.format) is not None and plain(one.format)))
            and self.line(one.function)
            and self.line(one.size)
            and (one.restriction is None or self.texts((one.restriction,), self.language))
        )
