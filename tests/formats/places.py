"""Where each field of a Work stands in each format: found by rendering works whose every value is told apart.

docs/formats.md shows it as a table; nothing here knows what a format ought to say.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache

from lxml import etree

from repository.formats import by_name
from repository.model.terms import INTERNAL, PREFIXES
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from tests.formats.graphs import SITE
from tests.strategies import record_of

FORMATS = (
    "oai_dc",
    "oai_qdc",
    "mods",
    "marcxml",
    "oai_datacite",
    "oai_openaire",
    "redif",
    "rdf",
    "schemaorg",
    "bibtex",
    "ris",
    "csl",
)
ITEMS = tuple(row.type for row in work_types().values() if row.item)
# (place, what stands there)
Pairs = Iterable[tuple[str, str]]

# Fields whose values formats write in ways of their own: the value, and what any of these ways holds.
_SPECIAL: Mapping[str, tuple[object, str]] = {
    "identifier": ("RePEc:qqq:itself:1", r"itself:1$"),
    "issued": ("2011-11-21", r"2011|\bnov"),
    "created": ("2012-10-22", r"2012|\boct"),
    "revised": (("2013-09-23",), r"2013"),
    "languages": (("de",), r"^(?:de|ger|deu)$|ger\|d$|iso639-1/de\b"),
    "volume": ("1717", r"1717"),
    "issue": ("1818", r"1818"),
    "number": ("1919", r"1919"),
    "pages": ("733-744", r"733|744"),
    "page_start": ("711", r"711"),
    "page_end": ("722", r"722"),
    "edition": ("1616", r"1616"),
    "chapter": ("1515", r"1515"),
    "dois": (("10.1234/told.apart",), r"told\.apart"),
    "isbns": (("978-3-16-148410-0",), r"978-?3-?16-?148410-?0"),
    "issns": (("1234-5679",), r"1234-5679"),
    "jel": (("Q57",), r"Q57"),
    "restriction": (Text("qqrestrictionqq"), r"qqrestrictionqq"),
    "short_id": ("pqq1", r"pqq1"),
}
_LINKS = (
    "part_of",
    "has_versions",
    "version_of",
    "has_parts",
    "replaces",
    "replaced_by",
    "cites",
    "made",
    "edited",
)
_ADDRESSES = ("landing_pages", "homepages", "see_also", "same_as")
_CLUSTERS = {
    "creators": Person,
    "editors": Person,
    "providers": Organisation,
    "workplaces": Organisation,
    "files": File,
}
_SHOWN_PARTS = ("creators", "providers", "files")


def rows() -> tuple[str, ...]:
    """Every field of a Work, and behind creators, providers and files, what these have in their turn."""
    found = []
    for field in fields(Work):
        found.append(field.name)
        if field.name in _SHOWN_PARTS:
            cluster = _CLUSTERS[field.name]
            found += [f"{field.name}.{part.name}" for part in fields(cluster)[1:]]
    return tuple(found)


def places(form: str, row: str) -> dict[str, frozenset[str]]:
    """{place: the types of works in which the row's value is found there}, in the order of the documents."""
    found: dict[str, set[str]] = {}
    for kind in _kinds(form):
        if row == "type":
            here = _of_type(form, kind)
        else:
            pattern = re.compile(_pattern(row), re.IGNORECASE)
            # First and last page show where the pages as given do not.
            works = (_full(kind), replace(_full(kind), pages=""), _alone(kind, row))
            here = [place for work in works for place, value in pairs(form, work) if pattern.search(value)]
        for place in here:
            found.setdefault(place, set()).add(kind)
    return {place: frozenset(kinds) for place, kinds in found.items()}


def _kinds(form: str) -> tuple[str, ...]:
    return tuple(work_types()) if form == "rdf" else ITEMS


def _of_type(form: str, kind: str) -> list[str]:
    """What is not the same in works of all types."""
    same = set.intersection(*(set(pairs(form, Work("x", other))) for other in _kinds(form)))
    return [place for place, value in pairs(form, Work("x", kind)) if (place, value) not in same]


# -- works -----------------------------------------------------------------------------------------------------


def _mark(row: str) -> str:
    return "qq" + re.sub(r"[^a-z]", "", row) + "qq"


def _pattern(row: str) -> str:
    return _SPECIAL[row][1] if row in _SPECIAL else _mark(row)


@cache
def _value(name: str) -> object:
    """A value of this field that no other field has."""
    if name in _SPECIAL:
        return _SPECIAL[name][0]
    if name in _LINKS:
        return (f"RePEc:qqq:{_mark(name)}:1",)
    if name in _ADDRESSES:
        return (f"https://e.example/{_mark(name)}",)
    if name in _CLUSTERS:
        parts = {part.name: _part(name, part.name) for part in fields(_CLUSTERS[name])}
        return (_CLUSTERS[name](**parts),)
    kind = str({field.name: field for field in fields(Work)}[name].type)
    mark = f"X-Field: {_mark(name)}" if name == "source_fields" else _mark(name)
    value: object = Text(mark) if "Text" in kind else mark
    return (value,) if kind.startswith("tuple") else value


def _part(cluster: str, part: str) -> object:
    first = fields(_CLUSTERS[cluster])[0].name
    mark = _mark(cluster if part == first else f"{cluster}.{part}")
    special: dict[str, object] = {
        "url": f"https://e.example/{mark}.pdf",
        "homepage": f"https://e.example/{mark}",
        "identifier": f"RePEc:per:1970-01-01:{mark}"
        if cluster in ("creators", "editors")
        else f"RePEc:edi:{mark}",
        "format": f"application/{mark}",
        "restriction": Text(mark),
        "workplaces": (Organisation(mark),),
    }
    return special.get(part, mark)


@cache
def _full(kind: str) -> Work:
    values = {name: _value(name) for name in _names() if name not in ("identifier", "type")}
    return Work("RePEc:qqq:itself:1", kind, **values)  # type: ignore[arg-type]


def _alone(kind: str, row: str) -> Work:
    """A work with this field alone; a part of a cluster with a name or address beside it, which makes one."""
    bare = Work("x", kind)
    name, _, part = row.partition(".")
    if name == "identifier":
        return Work("RePEc:qqq:itself:1", kind)
    if name not in _CLUSTERS:
        return replace(bare, **{name: _value(name)})
    cluster = _CLUSTERS[name]
    first = fields(cluster)[0].name
    known = {first: "https://e.example/a" if cluster is File else "A name"}
    known[part or first] = _part(name, part or first)  # type: ignore[assignment]
    return replace(bare, **{name: (cluster(**known),)})


def _names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Work))


# -- documents -------------------------------------------------------------------------------------------------


@cache
def pairs(form: str, work: Work) -> tuple[tuple[str, str], ...]:
    """Each place in the document of a work, as people call it, with what stands there."""
    if not by_name[form].applies(work):
        return ()
    document = by_name[form].write(record_of(work), SITE)
    readers = {
        "marcxml": _marc,
        "redif": _redif,
        "rdf": _rdf,
        "schemaorg": _tree,
        "bibtex": _bibtex,
        "ris": _ris,
        "csl": _tree,
    }
    return tuple(readers.get(form, _xml)(document))


# Attributes that say what an element is; others hold something themselves.
_KINDS = (
    "type",
    "authority",
    "titleType",
    "descriptionType",
    "dateType",
    "contributorType",
    "relationType",
    "relatedItemType",
    "alternateIdentifierType",
)


def _xml(document: bytes) -> Iterator[tuple[str, str]]:
    root = etree.fromstring(document)
    for element in root.iter():
        path = "/".join(map(_called, [*reversed(list(element.iterancestors())), element][1:]))
        # What DataCite's own element wraps begins at its `resource`.
        path = _WRAPPED.sub("", path)
        # `creators/creator` is one thing to people, and so is a prefix that all of a path has.
        path = _SAME_PREFIX.sub("/", _CONTAINER.sub("", path))
        for name, value in element.attrib.items():
            if name in _KINDS:
                continue
            yield f"{path}/@{etree.QName(name).localname}", value
        if element.text and element.text.strip():
            yield path, element.text.strip()


_WRAPPED = re.compile(r"^.*?\bresource/")
_CONTAINER = re.compile(r"\b(?:\w+:)?(\w+)s/(?=(?:\w+:)?\1\b)")
_SAME_PREFIX = re.compile(r"/\w+:(?=\w)")


def _called(element: etree._Element) -> str:
    name = etree.QName(element).localname
    prefix = f"{element.prefix}:" if element.prefix else ""
    kind = next((element.get(kind) for kind in _KINDS if element.get(kind)), "")
    return f"{prefix}{name}" + (f"[{kind}]" if kind else "")


def _marc(document: bytes) -> Iterator[tuple[str, str]]:
    for field in etree.fromstring(document):
        tag = field.get("tag", "leader")
        if field.text:
            yield tag, field.text
        for part in field:
            yield f"{tag} ${part.get('code')}", part.text or ""


# Local in every type; a source field goes out under the name under which it came.
_LOCAL = {"X-Reference": "X-Reference", "X-Field": "as it came"}


def _redif(document: bytes) -> Iterator[tuple[str, str]]:
    name = ""
    for line in (etree.fromstring(document).text or "").strip().split("\n"):
        if not line.startswith(" "):
            name, _, line = line.partition(": ")
        # Where RePEc has no such field for a type, it is local.
        yield _LOCAL.get(name, name.removeprefix("X-")), line.strip()


def _rdf(document: bytes) -> Iterator[tuple[str, str]]:
    names = {iri: prefix for prefix, iri in PREFIXES.items()} | {SITE.external(INTERNAL) + "vocab#": "sheaf"}
    for element in etree.fromstring(document).iter():
        name = etree.QName(element)
        prefix = names.get(name.namespace or "", "")
        for value in (element.text or "", *element.attrib.values()):
            # The subject's own address is no statement.
            if value.strip() and not element.get(f"{{{PREFIXES['rdf']}}}about"):
                yield f"{prefix}:{name.localname}", value.strip()


def _tree(document: bytes, node: object = None, path: str = "") -> Iterator[tuple[str, str]]:
    """Members of JSON-LD by their names; what stands in an array, a list or a text with a language, as if alone."""
    node = json.loads(document) if node is None else node
    if isinstance(node, dict):
        for name, value in node.items():
            within = path if name in ("@list", "@value") else f"{path}/{name}" if path else name
            yield from _tree(document, value, within)
    elif isinstance(node, list):
        for each in node:
            yield from _tree(document, each, path)
    else:
        # How often a part stands within its like tells nothing.
        yield re.sub(r"(?:isPartOf/)+", "isPartOf/", path), str(node)


def _bibtex(document: bytes) -> Iterator[tuple[str, str]]:
    for line in document.decode().split("\n"):
        if match := re.match(r"@(\w+)\{(.*),", line):
            yield "entry", match[1]
            yield "key", match[2]
        elif match := re.match(r"  (\w+) = \{?(.*?)\}?,?$", line):
            yield match[1], match[2]


def _ris(document: bytes) -> Iterator[tuple[str, str]]:
    for line in document.decode().split("\r\n"):
        if line:
            yield line[:2], line[6:]
