"""Where a format says a field of a work, found by looking: a mark is set in the field, and sought in the XML.

A place is written as documentation writes it: `relatedItem/volume`, `date (Issued)`, `oaire:file@mimeType`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml import etree

from repository.model.site import Site
from repository.model.work import File, Organisation, Person, Text, Work
from tests.formats.graphs import SITE

Writer = Callable[[Work, Site], bytes]

# Attributes that tell one use of an element from another.
_USES = ("dateType", "relationType", "descriptionType", "titleType", "contributorType")
# What a place is told to be in; other parents only gather.
_PARENTS = ("relatedItem",)
_ITEMS = ("article", "chapter", "paper", "software")
_URL = "https://qqq.example/qqq"


def places(writer: Writer, field: str) -> set[str]:
    """The places at which a format says this field of works of any type."""
    found = set()
    for values, marks in PROBES[field]:
        for kind in _ITEMS:
            work = replace(Work("x", kind, title=Text("T", "en"), host="H"), **values)
            found |= set(_marked(etree.fromstring(writer(work, SITE)), marks))
    return found


def _marked(root: etree._Element, marks: tuple[str, ...]) -> Iterator[str]:
    for element in root.iter():
        if not len(element) and (element.text or "") in marks:
            yield _place(element)
        for name, value in element.attrib.items():
            if value in marks and name not in _USES:
                yield f"{_place(element)}@{name}"


def _place(element: etree._Element) -> str:
    name = f"{element.prefix}:{_local(element)}" if element.prefix else _local(element)
    uses = [element.get(use, "") for use in _USES if element.get(use)]
    parent = element.getparent()
    while parent is not None and _local(parent) not in _PARENTS:
        parent = parent.getparent()
    within = f"{_local(parent)}/" if parent is not None else ""
    return within + name + (f" ({uses[0]})" if uses else "")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _person(**values: str) -> tuple[Person, ...]:
    return (Person(**({"name": "N"} | values)),)  # type: ignore[arg-type]


def _at_work(**values: str) -> tuple[Person, ...]:
    return (Person("N", workplaces=(Organisation(**({"name": "W"} | values)),)),)  # type: ignore[arg-type]


def _file(**values: object) -> tuple[File, ...]:
    return (File(**({"url": "https://example.org/f"} | values)),)  # type: ignore[arg-type]


def _each(
    name: str, value: object, *marks: str
) -> dict[str, list[tuple[dict[str, object], tuple[str, ...]]]]:
    return {name: [({name: value}, marks)]}


_LINK = "http://127.0.0.1:8080/id/RePEc:q:qqqqqq:1"
_WORDS = ("alternatives", "abstracts", "descriptions", "notes", "keywords")
_LINKS = ("part_of", "has_versions", "version_of", "has_parts", "replaces", "replaced_by", "cites")
_ADDRESSES = ("landing_pages", "homepages", "see_also", "same_as")
_TEXTS = ("host", "volume", "issue", "number")
_UNSAID = ("made", "edited", "source_fields", "references", "publishers")

# field: what to set, with the texts by which it is found.
PROBES: dict[str, list[tuple[dict[str, object], tuple[str, ...]]]] = {
    **_each("identifier", "RePEc:q:qqqqqq:1", "RePEc:q:qqqqqq:1", _LINK),
    "type": [
        (
            {},
            (
                "Text",
                "article",
                "journal article",
                "JournalArticle",
                "http://purl.org/coar/resource_type/c_6501",
            ),
        )
    ],
    **_each("title", Text("qqq"), "qqq"),
    **{name: probe for name in _WORDS for probe in _each(name, (Text("qqq"),), "qqq").values()},
    "creators.name": [({"creators": _person(name="qqq")}, ("qqq",))],
    "creators.given, family": [({"creators": _person(given="qq", family="qqq")}, ("qq", "qqq", "qqq, qq"))],
    "creators.homepage": [({"creators": _person(homepage=_URL)}, (_URL,))],
    "creators.identifier": [({"creators": _person(identifier="RePEc:per:q")}, ("RePEc:per:q",))],
    "creators.workplaces.name": [({"creators": _at_work(name="qqq")}, ("qqq",))],
    "creators.workplaces.identifier": [({"creators": _at_work(identifier="RePEc:edi:q")}, ("RePEc:edi:q",))],
    "editors": [({"editors": _person(name="qqq")}, ("qqq",))],
    "providers.name": [({"providers": (Organisation("qqq"),)}, ("qqq",))],
    "files.url": [({"files": _file(url=_URL)}, (_URL,))],
    "files.format": [({"files": _file(format="qqq/qqq")}, ("qqq/qqq",))],
    "files.function": [({"files": _file(function="Data")}, ("Data", "dataset"))],
    "files.restriction": [
        (
            {"files": _file(restriction=Text("Open access"))},
            ("Open access", "open access", "http://purl.org/coar/access_right/c_abf2"),
        )
    ],
    "files.size": [({"files": _file(size="qqq")}, ("qqq",))],
    "issued": [({"issued": "1987-03"}, ("1987-03", "1987", "H (1987)"))],
    "created": [({"created": "1987-03"}, ("1987-03", "1987", "H (1987)"))],
    **_each("revised", ("1987-03",), "1987-03"),
    **_each("languages", ("qq",), "qq"),
    **{name: probe for name in _LINKS for probe in _each(name, ("RePEc:q:qqqqqq:1",), _LINK).values()},
    **{name: probe for name in _ADDRESSES for probe in _each(name, (_URL,), _URL).values()},
    **{name: probe for name in _TEXTS for probe in _each(name, "qqq", "qqq", "H, qqq", "H, (qqq)").values()},
    **{name: probe for name in _UNSAID for probe in _each(name, ("qqq",), "qqq").values()},
    "pages": [({"pages": "87-88"}, ("87", "88", "H, 87-88")), ({"pages": "qqq"}, ("qqq", "H, qqq"))],
    "page_start, page_end": [({"page_start": "87", "page_end": "88"}, ("87", "88", "H, 87-88"))],
    **_each("edition", "qqq", "qqq", "H, qqq ed."),
    **_each("chapter", "qqq", "qqq", "H, chap. qqq"),
    **_each("dois", ("10.1000/qqq",), "10.1000/qqq", "https://doi.org/10.1000/qqq"),
    **_each("isbns", ("978-3-16-148410-0",), "9783161484100", "urn:isbn:9783161484100"),
    **_each("issns", ("1234-5679",), "1234-5679", "urn:issn:1234-5679"),
    **_each("jel", ("Z87",), "Z87", "JEL: Z87"),
    "status": [({"status": "qqq"}, ("qqq",)), ({"status": "Accepted manuscript"}, ("AM",))],
    "restriction": [
        ({"restriction": Text("Open access")}, ("Open access", "open access")),
        (
            {"restriction": Text("http://creativecommons.org/licenses/by/4.0/")},
            ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ),
    ],
}
