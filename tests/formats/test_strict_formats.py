"""XML formats against their official schemas, whatever a record says; MARCXML, which has more rules, by itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from repository.formats import by_name
from repository.formats.mods import mods
from repository.formats.oai_datacite import wrapped
from repository.formats.oai_dc import dublin_core
from repository.formats.oai_openaire import openaire
from repository.formats.oai_qdc import qualified
from repository.model.vocabulary import work_types
from repository.model.work import Work
from tests.formats.graphs import SITE
from tests.formats.hostile import HOSTILE, filled, texts
from tests.formats.schemas import including, schema_of
from tests.strategies import works

WRITERS = {
    "oai_dc": dublin_core,
    "oai_qdc": qualified,
    "oai_datacite": wrapped,
    "oai_openaire": openaire,
    "mods": mods,
}
DCMI, EDITIONS = "http://dublincore.org/schemas/xmls/qdc", ("2003/04/02", "2008/02/11")
ITEMS = tuple(row.type for row in work_types().values() if row.item)


@pytest.fixture(params=list(WRITERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def schemas(name: str) -> tuple[etree.XMLSchema, ...]:
    """Of qualified Dublin Core each edition, for harvesters have one or another."""
    if name != "oai_qdc":
        return (schema_of(name),)
    namespace = by_name[name].namespace
    return tuple(including(namespace, f"{DCMI}/{edition}/qualifieddc.xsd") for edition in EDITIONS)


def written(name: str, work: Work) -> etree._Element:
    """The element, after the schema has found it valid, and us nothing empty in it."""
    root = etree.fromstring(WRITERS[name](work, SITE))
    for schema in schemas(name):
        schema.assertValid(root)
    for element in root.iter():
        assert len(element) or (element.text or "").strip(), f"{element.tag} is empty"
        assert not any(value == "" for value in element.attrib.values()), (
            f"{element.tag} has an empty attribute"
        )
    return root


@pytest.mark.slow
@settings(deadline=None)
@given(work=works(ITEMS))
def test_any_work_is_valid(work: Work) -> None:
    for each in WRITERS:
        written(each, work)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", ITEMS)
def test_hostile_text_in_every_place_is_valid(name: str, kind: str, text: str) -> None:
    written(name, filled(kind, text))


@settings(deadline=None)
@given(kind=st.sampled_from(ITEMS), text=texts())
def test_any_text_in_every_place_is_valid(kind: str, text: str) -> None:
    for each in WRITERS:
        written(each, filled(kind, text))


@pytest.mark.parametrize("kind", ITEMS)
def test_a_work_that_says_nothing_is_valid(name: str, kind: str) -> None:
    written(name, Work("x", kind))


def test_text_comes_back_as_it_was(name: str) -> None:
    text = HOSTILE["markup"] + HOSTILE["end of a section"] + HOSTILE["line ends"]
    found = [element.text for element in written(name, filled("article", text)).iter()]
    assert text in found


def test_what_xml_cannot_hold_is_left_out(name: str) -> None:
    root = written(name, filled("article", HOSTILE["what XML cannot hold"]))
    assert "abcdefghij" in [element.text for element in root.iter()]
