"""Characters that XML 1.0 cannot hold, in every text of a record, a set, a setting and a request, through every format.

ask() parses each answer and judges it by the schemas; a parser takes no illegal character.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from repository.formats import OAI_FORMATS, Format
from repository.log import Log
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.settings import Settings
from repository.model.work import File, Organisation, Person, Text, Work
from repository.oai.request import VERBS
from tests.kit import Clock, draft
from tests.oai.conftest import NS, Repository, headers, identifiers
from tests.oai.door import Door, door_of
from tests.web.conftest import as_draft

ILLEGAL = "\x00\x01\x08\x0b\x0c\x0e\x1b\x1f\ufffe\uffff"
# How a text may be spoilt.
SPOILT: dict[str, Callable[[str], str]] = {
    "within": lambda text: text[:1] + ILLEGAL + text[1:],
    "around": lambda text: f"{ILLEGAL}{text}{ILLEGAL}",
    "nothing else": lambda text: ILLEGAL,
    "beside markup": lambda text: f"<b>&amp;{ILLEGAL}</b>]]>\"'",
}
BANK = Organisation(
    "Bank", "Bank in English", "https://bank.example.org/", "1 Road", "Town", "RePEc:edi:bank"
)
# Every attribute is there, whatever type of work would have it.
WHOLE = Work(
    identifier="RePEc:xxx:joujou:whole",
    type="article",
    title=Text("Title", "en"),
    alternatives=(Text("Alternative", "de"),),
    abstracts=(Text("Abstract", "en"),),
    descriptions=(Text("Description"),),
    notes=(Text("Note"),),
    creators=(
        Person(
            "Ada Garden", "Ada", "Garden", "https://ada.example.org/", "RePEc:per:1970-01-01:ADA", (BANK,)
        ),
    ),
    editors=(Person("Ed Itor", "Ed", "Itor"),),
    providers=(BANK,),
    workplaces=(BANK,),
    files=(
        File("https://example.org/a.pdf", "application/pdf", "Full text", Text("Subscribers", "en"), "12"),
    ),
    references=("A reference",),
    issued="2020-01-02",
    created="2019",
    revised=("2021",),
    languages=("en",),
    part_of=("RePEc:xxx:joujou",),
    host="Journal",
    publishers=("Press",),
    volume="1",
    issue="2",
    number="3",
    pages="4-5",
    page_start="4",
    page_end="5",
    edition="6th",
    chapter="7",
    dois=("10.1000/182",),
    isbns=("978-3-16-148410-0",),
    issns=("0277-9536",),
    keywords=(Text("Keyword", "en"),),
    jel=("I11",),
    status="published",
    restriction=Text("Restricted", "en"),
    landing_pages=("https://example.org/a",),
    homepages=("https://example.org/h",),
    see_also=("https://example.org/s",),
    same_as=("https://example.org/same",),
    has_versions=("RePEc:xxx:joujou:2",),
    version_of=("RePEc:xxx:joujou:3",),
    has_parts=("RePEc:xxx:joujou:4",),
    replaces=("RePEc:xxx:joujou:5",),
    replaced_by=("RePEc:xxx:joujou:6",),
    cites=("RePEc:xxx:joujou:7",),
    made=("RePEc:xxx:joujou:8",),
    edited=("RePEc:xxx:joujou:9",),
    given="Given",
    family="Family",
    short_id="pga1",
    name_english="English",
    maintainer="Maintainer",
    postal="2 Road",
    location="City",
    source_fields=("X-Field: value",),
)
DC = "metadataPrefix=oai_dc"
# Not texts: their grammars are checked before anything is kept.
KEYS = {"identifier", "type"}
IRIS = {"homepage", "url", "landing_pages", "homepages", "see_also", "same_as"}
NAMES = {
    "part_of", "has_versions", "version_of", "has_parts", "replaces", "replaced_by", "cites", "made", "edited", "jel",
}  # fmt: skip


def spoilings(value: Any, spoil: Callable[[str], str], path: str = "") -> Iterator[tuple[str, Any]]:
    """(path of a text, the value with that one text spoilt), for every text in a value."""
    if isinstance(value, str):
        yield path, spoil(value)
    elif isinstance(value, tuple):
        for at, one in enumerate(value):
            for name, other in spoilings(one, spoil, path):
                yield name, (*value[:at], other, *value[at + 1 :])
    elif is_dataclass(value):
        for each in fields(value):
            if each.name not in KEYS | IRIS | NAMES and each.name != "language":
                for name, other in spoilings(
                    getattr(value, each.name), spoil, f"{path}.{each.name}".strip(".")
                ):
                    yield name, replace(value, **{each.name: other})  # type: ignore[type-var]


def test_the_whole_work_has_every_attribute() -> None:
    """A new one must be added here, so that it is spoilt as well."""
    for value in (WHOLE, WHOLE.creators[0], BANK, WHOLE.files[0]):
        assert all(getattr(value, each.name) for each in fields(value)), value
    assert len(list(spoilings(WHOLE, SPOILT["within"]))) > 50


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Log, dict[str, str]]]:
    """A log of works with one spoilt text each, as no reader of ours would give them, and {identifier: which text}."""
    log = Log(f"sqlite:///{tmp_path_factory.mktemp('spoilt') / 'log.sqlite'}", clock=Clock())
    listings = tuple(sorted({form.listing for form in OAI_FORMATS}))
    what: dict[str, str] = {}
    drafts = []
    for way, spoil in SPOILT.items():
        for path, work in spoilings(WHOLE, spoil):
            name = f"RePEc:xxx:joujou:n{len(what)}"
            what[name] = f"{path}, {way}"
            body = write_work(replace(work, identifier=name))
            drafts.append(Draft(name, body, ("type:article",), listings))
    log.append(drafts)
    yield log, what
    log.close()


@pytest.mark.parametrize("form", OAI_FORMATS, ids=lambda form: form.name)
def test_no_text_of_a_record_makes_a_page_that_is_no_xml(
    spoilt: tuple[Log, dict[str, str]], validate: Callable[[etree._Element], None], form: Format
) -> None:
    log, what = spoilt
    repository = Repository(log, Clock(), Settings(oai_page_size=25), validate)
    shown = [
        header[0] for header in headers(*repository.walk(f"verb=ListRecords&metadataPrefix={form.name}"))
    ]
    if form.name != "rdf":
        # What RDF/XML cannot say is left out; the others say it without the character.
        assert {name.partition("sheaf.example:")[2] for name in shown} == set(what)


def test_a_text_that_nothing_is_left_of_leaves_no_empty_element(
    spoilt: tuple[Log, dict[str, str]], validate: Callable[[etree._Element], None]
) -> None:
    """Dublin Core has no attributes that an empty element could be for."""
    log, what = spoilt
    repository = Repository(log, Clock(), Settings(oai_page_size=1000), validate)
    (page,) = repository.walk(f"verb=ListRecords&{DC}")
    elements = page.findall(".//oai_dc:dc/*", NS)
    assert len(elements) > len(what)
    assert all((element.text or "").strip() for element in elements)


@pytest.mark.parametrize("form", OAI_FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("place", ["titleZ", "https://example.org/Z"], ids=["in a text", "in an IRI"])
@pytest.mark.parametrize("char", ILLEGAL, ids=lambda char: f"U+{ord(char):04X}")
def test_a_damaged_body_with_a_bare_character_makes_no_page_that_is_no_xml(
    repository: Repository, form: Format, place: str, char: str
) -> None:
    """N-Triples escapes them; a body that was damaged on the disk may hold them bare."""
    repository.log.append(
        [draft(1), draft(2, "A titleZ", landing_pages=("https://example.org/Z",)), draft(3)]
    )
    body = repository.log.get("RePEc:xxx:joujou:2").body
    damaged = body.replace(place.encode(), place[:-1].encode() + char.encode())
    assert damaged != body
    repository.log.append([Draft("RePEc:xxx:joujou:2", damaged, ("type:article",), ("oai_dc", "rdf"))])
    shown = identifiers(*repository.walk(f"verb=ListRecords&metadataPrefix={form.name}"))
    assert {"1", "3"} <= set(shown)


# -- sets and settings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("kind", ["journal", "series"])
def test_no_name_of_a_set_makes_a_page_that_is_no_xml(
    repository: Repository, kind: str, spoil: Callable[[str], str]
) -> None:
    repository.log.append([as_draft(Work("RePEc:xxx", "archive", Text(spoil("Archive")))), draft(1)])
    repository.log.append([as_draft(Work("RePEc:xxx:joujou", kind, Text(spoil("Journal"))))])
    sets = [each for page in repository.walk("verb=ListSets") for each in page.iterfind(".//o:set", NS)]
    names = {
        each.findtext("o:setSpec", namespaces=NS): each.findtext("o:setName", namespaces=NS) for each in sets
    }
    clean = re.sub(f"[{ILLEGAL}]", "", spoil("Journal"))
    assert names["RePEc:xxx:joujou"] == clean


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_no_name_of_a_repository_makes_an_identify_that_is_no_xml(
    repository: Repository, spoil: Callable[[str], str]
) -> None:
    repository.log.append([draft(1)])
    chosen = replace(repository.settings, repository_name=spoil("Papers"))
    asked = Repository(repository.log, repository.clock, chosen, repository.validate)
    assert asked.ask("verb=Identify").find("o:Identify", NS) is not None


# -- requests -------------------------------------------------------------------------------------------------

ARGUMENTS = sorted(
    {name for each in VERBS.values() for name in each.required | each.optional} | {"resumptionToken"}
)


@pytest.fixture(scope="module")
def door(
    tmp_path_factory: pytest.TempPathFactory, validate: Callable[[etree._Element], None]
) -> Iterator[Door]:
    with door_of(tmp_path_factory.mktemp("data"), validate) as (house, found):
        house.log.append([draft(n) for n in range(3)])
        yield found


@pytest.mark.parametrize("char", [*ILLEGAL, "\ud800"], ids=lambda char: f"U+{ord(char):04X}")
@pytest.mark.parametrize("name", [*ARGUMENTS, "verb", "unknown"])
def test_no_argument_makes_an_answer_that_is_no_xml(door: Door, name: str, char: str) -> None:
    """Echoed, in an error's text, or both: as a value, and as the name of an argument."""
    sent = quote(char.encode("utf-8", "surrogatepass"))
    for verb in VERBS:
        for query in (
            f"verb={verb}&{name}=a{sent}b",
            f"verb={verb}&{name}{sent}=1",
            f"{name}={sent}&verb={verb}",
        ):
            assert door.codes_of(door.get(query))
            form = "application/x-www-form-urlencoded"
            assert door.codes_of(door.client.post("/oai", data=query, content_type=form))
