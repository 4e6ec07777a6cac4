"""Every format against the files in golden/. `pytest --update-golden` rewrites them; a human reads the diff."""

import os
from pathlib import Path

import pytest
import rdflib
from lxml import etree
from rdflib.compare import graph_diff, to_isomorphic

from repository.formats import FORMATS, OAI_FORMATS, Format, by_extension, by_name, oai_prefixes
from repository.model.lens import read_work, write_work
from repository.model.terms import DCTERMS
from repository.model.vocabulary import work_types
from repository.model.work import Work
from tests.formats.graphs import SITE
from tests.formats.schemas import schema_of
from tests.formats.works import ARTICLE, WORKS
from tests.strategies import record_of

GOLDEN = Path(__file__).parent / "golden"
SHARED = Path(os.environ.get("TEST_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))
EXAMPLE = SHARED / "design" / "profile-example.ttl"

CASES = [
    pytest.param(name, form, id=f"{name}.{form.extension or 'oai.' + form.name}")
    for name, work in WORKS.items()
    for form in FORMATS
    if form.applies(work)
]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_golden(name: str, form: Format, pytestconfig: pytest.Config) -> None:
    written = form.write(record_of(WORKS[name]), SITE)
    path = GOLDEN / f"{name}.{form.extension or 'oai.' + form.name}"
    if pytestconfig.getoption("update_golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written)
    assert written.decode() == path.read_bytes().decode()


def test_no_golden_file_is_left_over() -> None:
    expected = {case.id for case in CASES}
    assert {path.name for path in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize("form", ["oai_dc", "mods", "marcxml", "oai_qdc", "oai_datacite", "oai_openaire"])
@pytest.mark.parametrize("name", [name for name, work in WORKS.items() if work.is_item])
def test_records_are_valid_against_the_official_schema(name: str, form: str) -> None:
    element = by_name[form].write(record_of(WORKS[name]), SITE)
    schema_of(form).assertValid(etree.fromstring(element))


@pytest.mark.parametrize("form", OAI_FORMATS, ids=lambda form: form.name)
def test_the_root_pairs_namespace_and_schema(form: Format) -> None:
    root = etree.fromstring(form.write(record_of(ARTICLE), SITE))
    assert etree.QName(root).namespace == form.namespace
    location = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert location is not None
    assert location.split() == [form.namespace, SITE.external(form.schema)]


def test_the_article_is_the_worked_example_of_the_profile() -> None:
    if not EXAMPLE.is_file():
        pytest.skip(f"{EXAMPLE} is not there; set TEST_SHARED to the folder that holds design/")
    ours, theirs = rdflib.Graph(), rdflib.Graph()
    ours.parse(data=by_name["turtle"].write(record_of(ARTICLE), SITE), format="turtle")
    theirs.parse(data=EXAMPLE.read_bytes(), format="turtle")
    for graph in (ours, theirs):
        graph.remove((None, rdflib.URIRef(DCTERMS + "modified"), None))
    _, missing, surplus = graph_diff(to_isomorphic(theirs), to_isomorphic(ours))
    assert not set(missing)
    assert not set(surplus)


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_the_example_works_survive_their_bodies(work: Work) -> None:
    assert read_work(work.identifier, write_work(work)) == work


def test_names_and_extensions_are_unique() -> None:
    assert len(by_name) == len(FORMATS)
    assert len(by_extension) == len([form for form in FORMATS if form.extension])


@pytest.mark.parametrize("kind", list(work_types()))
def test_works_are_items_in_every_oai_format_and_others_under_rdf_alone(kind: str) -> None:
    work = Work("x", kind)
    assert oai_prefixes(work) == (("oai_dc", "rdf") if work.is_item else ("rdf",))
