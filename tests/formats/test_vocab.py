"""vocab/ says what the code does: context, terms, shapes and README name every property of the profile."""

import json
import re
import typing
from dataclasses import replace

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings

from repository.formats import context_document
from repository.model.lens import FILE, ORGANISATION, PERSON, WORK, write_work
from repository.model.site import Site
from repository.model.terms import (
    BIBO,
    CITO,
    DCTERMS,
    FOAF,
    INTERNAL,
    ORG,
    PREFIXES,
    RDF,
    RDFS,
    SHEAF,
    VOID,
)
from repository.model.vocabulary import read_vocab, work_types
from repository.model.work import Text, Work
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, WORKS
from tests.formats.works import PERSON as ONEILL
from tests.strategies import works

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
PROFILE = {
    *(predicate for table in (WORK, PERSON, ORGANISATION, FILE) for predicate, _ in table.values()),
    *(DCTERMS + name for name in ("type", "identifier", "creator", "publisher", "hasFormat", "references")),
    *(BIBO + name for name in ("authorList", "editor", "editorList", "handle")),
    CITO + "cites",
    DCTERMS + "bibliographicCitation",
    ORG + "memberOf",
}

# What no body says: statements of lists that we derive.
DERIVED = {SHEAF + name for name in ("sameWorkAs", "refersTo", "DerivedLink", "rule", "evidence")}


def _graph(name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=read_vocab(name), format="turtle")


def _context() -> dict[str, typing.Any]:
    context: dict[str, typing.Any] = json.loads(read_vocab("context.jsonld"))["@context"]
    return context


def _iris() -> dict[str, str]:
    """{name: IRI} of the context."""
    terms = {name: entry for name, entry in _context().items() if name[0] != "@"}
    entries = {name: entry if isinstance(entry, str) else entry.get("@id") for name, entry in terms.items()}
    return {name: iri for name, iri in entries.items() if iri}


def test_the_context_names_the_whole_profile() -> None:
    added = {DCTERMS + "modified", VOID + "inDataset", FOAF + "primaryTopic"}
    assert set(_iris().values()) >= PROFILE | added
    assert set(_iris().values()) >= {row.rdf_class for row in work_types().values()} | {RDF + "Seq"}


def test_no_two_names_of_the_context_mean_the_same() -> None:
    assert len(set(_iris().values())) == len(_iris())


def test_no_name_of_the_context_can_be_taken_for_a_prefix() -> None:
    # Or a foreign <doi:10.1/2> would be expanded: IRIs that end so make prefixes (JSON-LD 1.1, 4.1.5).
    assert all(iri[-1] not in ":/?#[]@" for iri in _iris().values())


def test_the_context_is_served_with_the_base_of_the_site() -> None:
    served = context_document(Site("https://records.example.org/deep/", "example.org"))
    assert INTERNAL.encode() not in served
    assert b'"https://records.example.org/deep/vocab#sourceField"' in served
    assert INTERNAL.encode() not in context_document(SITE)


def test_every_term_of_our_own_is_described() -> None:
    terms = _graph("terms.ttl")
    own = {predicate for predicate in PROFILE if predicate.startswith(SHEAF)}
    described = {str(s) for s in terms.subjects(rdflib.URIRef(RDFS + "isDefinedBy"))}
    assert described == own | DERIVED
    for term in own | DERIVED:
        for wanted in ("label", "comment"):
            assert terms.value(rdflib.URIRef(term), rdflib.URIRef(RDFS + wanted)), f"{term} has no {wanted}"
    assert not set(terms.objects(predicate=rdflib.URIRef(RDFS + "domain")))


def test_the_shapes_speak_of_the_whole_profile() -> None:
    paths = {str(path) for path in _graph("shapes.ttl").objects(predicate=SH.path)}
    assert paths == PROFILE | {RDF + "_1"}


def test_every_type_has_a_shape() -> None:
    targets = {str(target) for target in _graph("shapes.ttl").objects(predicate=SH.targetClass)}
    assert targets >= {row.rdf_class for row in work_types().values()}


def test_the_readme_tells_of_every_property_attribute_and_type() -> None:
    text = read_vocab("README.md").decode()
    names = {iri: prefix for prefix, iri in PREFIXES.items()} | {SHEAF: "sheaf"}
    for predicate in PROFILE:
        namespace = predicate[: len(predicate) - len(re.split(r"[#/]", predicate)[-1])]
        assert f"`{names[namespace]}:{predicate[len(namespace) :]}`" in text, predicate
    for attribute in {*Work.__dataclass_fields__} - {"identifier", "type"}:
        assert f"`{attribute}`" in text, attribute
    for kind in work_types():
        assert f"| {kind} |" in text, kind


def test_coar_types_are_those_of_the_vocabulary() -> None:
    # Checked against OpenAIRE's list of them; the labels are COAR's.
    codes = {kind: row.coar.rsplit("/", 1)[-1] for kind, row in work_types().items() if row.coar}
    assert codes == {
        "article": "c_6501",  # journal article
        "paper": "c_8042",  # working paper
        "book": "c_2f33",  # book
        "chapter": "c_3248",  # book part
        "software": "c_5ce6",  # software
        "document": "c_18cf",  # text
        "journal": "c_0640",  # journal
    }


def _report(body: bytes) -> str:
    """What SHACL has against a body; empty if nothing."""
    pyshacl = pytest.importorskip("pyshacl", reason="pyshacl is not installed, so the shapes are only parsed")
    data = rdflib.Graph().parse(data=body, format="nt")
    conforms, _, text = pyshacl.validate(data, shacl_graph=_graph("shapes.ttl"), allow_warnings=True)
    return "" if conforms else str(text)


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_the_example_works_keep_the_shapes(work: Work) -> None:
    assert not _report(write_work(work))


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(works())
def test_any_work_with_a_title_keeps_the_shapes(work: Work) -> None:
    assert not _report(write_work(replace(work, title=Text("A title"))))


@pytest.mark.parametrize(
    ("work", "path"),
    [
        (replace(ARTICLE, title=Text("")), "dcterms:title"),
        (replace(ARTICLE, dois=("https://doi.org/10.1/2",)), "bibo:doi"),
        (replace(ARTICLE, dois=("10.1016/J.SOC",)), "bibo:doi"),
        (replace(ARTICLE, languages=("eng",)), "dcterms:language"),
        (replace(ONEILL, short_id="jones"), "sheaf:shortId"),
    ],
)
def test_the_shapes_find_what_is_wrong(work: Work, path: str) -> None:
    assert path in _report(write_work(work))


def test_a_second_title_is_found() -> None:
    line = f'<{INTERNAL}id/{ARTICLE.identifier}> <{DCTERMS}title> "Another" .\n'
    assert "dcterms:title" in _report(write_work(ARTICLE) + line.encode())
