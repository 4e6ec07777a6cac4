"""The shapes as queries find what pyshacl finds, node by node; nothing of the shapes is passed over."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import repository.report.survey as survey_module
from repository.dump import dump
from repository.log import Log
from repository.model import ntriples
from repository.model.ntriples import Term
from repository.model.site import internal_thing
from repository.model.terms import (
    BIBO,
    CITO,
    DC,
    DCMITYPE,
    DCTERMS,
    FOAF,
    INTERNAL,
    ORG,
    OWL,
    PRISM,
    PROV,
    RDF,
    RDFS,
    SHEAF,
    XSD,
)
from repository.model.vocabulary import read_vocab
from repository.report.checks import Said
from repository.report.conformance import Judge, profile
from repository.report.query import Words
from repository.report.result import ReportError
from repository.report.shacl import constraints
from repository.report.survey import survey
from tests.kit import draft
from tests.report.conftest import BASE, SITE, asking, asking_log

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
WORDS = Words(BASE)
SHAPES = read_vocab("shapes.ttl").replace(INTERNAL.encode(), BASE.encode())

# (focus node, path, component)
Finding = tuple[str, str, str]


def found(quads: bytes) -> set[Finding]:
    """What our queries find."""
    ask = asking(quads)
    return {
        (row["focus"].value, constraint.path, constraint.component)
        for constraint in profile(WORDS)
        for row in ask(WORDS.complete(f"SELECT DISTINCT ?focus WHERE {{\n{constraint.pattern}\n}}"))
    }


def checked(triples: Sequence[str]) -> set[Finding]:
    """What the same constraints find in the statements as records hold them."""
    lines = "".join(f"{triple} .\n" for triple in triples).replace(f"<{BASE}", f"<{INTERNAL}")
    said = ntriples.statements(lines.encode())

    def about(node: Term) -> Said:
        return said.get(node.value, {}) if node.iri else {}

    return {
        (SITE.external(subject), constraint.path, constraint.component)
        for constraint in profile(WORDS)
        for subject in said
        if constraint.is_for(said[subject])
        and (not constraint.needs or constraint.needs in said[subject])
        and constraint.breaks(about, Term(subject, True))
    }


def expected(quads: bytes) -> set[Finding]:
    """What pyshacl finds in the union.

    A shape that another includes by sh:node gets that one's targets, so that pyshacl names what is wrong in it too;
    its summary of the inclusion says nothing more and is left out.
    """
    pyshacl = pytest.importorskip("pyshacl")
    shapes = rdflib.Graph().parse(data=SHAPES, format="turtle")
    for _ in range(3):
        for outer, inner in list(shapes.subject_objects(SH.node)):
            for target in list(shapes.objects(outer, SH.targetClass)):
                shapes.add((inner, SH.targetClass, target))
    union = {f"{quad.triple} .\n" for quad in ox.parse(quads, format=ox.RdfFormat.N_QUADS)}
    data = rdflib.Graph().parse(data="".join(union), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False)
    results = {
        (
            str(report.value(result, SH.focusNode)),
            str(report.value(result, SH.resultPath) or ""),
            str(report.value(result, SH.sourceConstraintComponent)),
        )
        for result in report.objects(predicate=SH.result)
    }
    return {each for each in results if each[1] or not each[2].endswith("NodeConstraintComponent")}


def quads_of(triples: Sequence[str]) -> bytes:
    """One graph for each thing; a part's is its thing's."""
    lines = []
    for triple in triples:
        thing = re.match(r"<([^>#]*)", triple)
        assert thing
        lines.append(f"{triple} <{thing[1].replace('/id/', '/record/')}> .\n")
    return "".join(lines).encode()


def test_the_sample_records_keep_the_shapes_or_break_them_as_pyshacl_says(samples: Log) -> None:
    quads = b"".join(dump(samples, SITE))
    assert found(quads) == expected(quads)


A, B = f"{BASE}id/a", f"{BASE}id/b"
VOCAB = BASE + "vocab#"
ARTICLE = f"<{A}> <{RDF}type> <{BIBO}AcademicArticle>"
SOUND = (
    ARTICLE,
    f'<{A}> <{DCTERMS}identifier> "a"',
    f'<{A}> <{DCTERMS}title> "A title"',
)
PERSON = f"<{A}#author-1> <{RDF}type> <{FOAF}Person>"


@pytest.mark.parametrize(
    ("triples", "path", "component"),
    [
        ((ARTICLE, f'<{A}> <{DCTERMS}identifier> "a"'), DCTERMS + "title", "MinCount"),
        ((*SOUND, f'<{A}> <{DCTERMS}title> "B"'), DCTERMS + "title", "MaxCount"),
        ((*SOUND, f'<{A}> <{DCTERMS}title> "A title"@en'), DCTERMS + "title", "MaxCount"),
        ((*SOUND, f"<{A}> <{DCTERMS}abstract> <{B}>"), DCTERMS + "abstract", "Node"),
        ((*SOUND, f'<{A}> <{DCTERMS}issued> "2020"'), DCTERMS + "issued", "Node"),
        ((*SOUND, f'<{A}> <{DCTERMS}issued> "2021-02-29"^^<{XSD}date>'), DCTERMS + "issued", "Node"),
        ((*SOUND, f'<{A}> <{BIBO}doi> "https://doi.org/10.1/2"'), BIBO + "doi", "Pattern"),
        ((*SOUND, f'<{A}> <{BIBO}doi> "10.1/2"@en'), BIBO + "doi", "Datatype"),
        ((*SOUND, f'<{A}> <{BIBO}issn> "1"'), BIBO + "issn", "Pattern"),
        ((*SOUND, f'<{A}> <{DCTERMS}isPartOf> "A journal"'), DCTERMS + "isPartOf", "NodeKind"),
        ((*SOUND, f"<{A}> <{DCTERMS}creator> <{A}#author-1>"), DCTERMS + "creator", "Class"),
        ((*SOUND, f'<{A}> <{DCTERMS}creator> "Ada"'), DCTERMS + "creator", "NodeKind"),
        ((*SOUND, f"<{A}> <{CITO}cites> <{B}>"), DCTERMS + "references", "Equals"),
        ((*SOUND, f"<{A}> <{DCTERMS}references> <{B}>"), DCTERMS + "references", "Equals"),
        ((*SOUND, f"<{A}> <{DCTERMS}hasFormat> <{A}#file-1>"), DCTERMS + "hasFormat", "Node"),
        ((PERSON,), FOAF + "name", "MinCount"),
        ((PERSON, f'<{A}#author-1> <{VOCAB}shortId> "jones"'), VOCAB + "shortId", "Pattern"),
        (
            tuple(f'<{A}#r> <{DCTERMS}bibliographicCitation> "{n}"' for n in (1, 2)),
            DCTERMS + "bibliographicCitation",
            "MaxCount",
        ),
    ],
)
def test_what_breaks_a_shape_is_found_by_its_query_and_by_its_check(
    triples: tuple[str, ...], path: str, component: str
) -> None:
    quads = quads_of(triples)
    findings = found(quads)
    assert (path, f"{SH}{component}ConstraintComponent") in {each[1:] for each in findings}
    assert findings == expected(quads) == checked(triples)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2020-13", "gYearMonth"),
        ("2020-1", "gYearMonth"),
        ("20", "gYear"),
        ("year", "gYear"),
        ("2020", "date"),
    ],
)
def test_an_ill_formed_date_is_found_whatever_pyshacl_thinks_of_it(text: str, kind: str) -> None:
    # SHACL 4.1.2 asks for well-formed literals; rdflib, on which pyshacl leans, knows no months of gYearMonth.
    triples = (*SOUND, f'<{A}> <{DCTERMS}issued> "{text}"^^<{XSD}{kind}>')
    assert found(quads_of(triples)) == {(A, DCTERMS + "issued", f"{SH}NodeConstraintComponent")}
    assert checked(triples) == found(quads_of(triples))


@pytest.mark.parametrize(
    "triple",
    [
        f'<{A}> <{DCTERMS}issued> "2024-02-29"^^<{XSD}date>',
        f'<{A}> <{DCTERMS}issued> "1850"^^<{XSD}gYear>',
        f'<{A}> <{BIBO}issn> "0277-953X"',
        f'<{A}> <{DCTERMS}abstract> "Texte"@fr',
        f'<{A}#author-1> <{VOCAB}shortId> "PJO1"',
    ],
)
def test_what_keeps_the_shapes_is_not_found(triple: str) -> None:
    triples = (*SOUND, triple)
    quads = quads_of(triples)
    assert found(quads) == expected(quads) == checked(triples) == set()


_SUBJECTS = [A, B, f"{A}#author-1", f"{A}#authors", f"{A}#file-1", f"{B}#reference-1"]
_CLASSES = [
    BIBO + "AcademicArticle",
    BIBO + "Journal",
    BIBO + "Document",
    DCMITYPE + "Software",
    FOAF + "Person",
    FOAF + "Document",
    ORG + "Organization",
    RDF + "Seq",
]
_LITERALS = [
    '"A title"',
    '"Ein Titel"@de',
    '"10.1000/abc"',
    '"10.1000/ABC"',
    '"RePEc:a:b:c"',
    '"0277-9536"',
    '"9780198283652"',
    '"pjo1"',
    '"Field: value"',
    '""',
    f'"2020"^^<{XSD}gYear>',
    # No month that is none: rdflib does not know (see above).
    f'"2020-02"^^<{XSD}gYearMonth>',
    f'"2020-02-30"^^<{XSD}date>',
    f'"1900-02-29"^^<{XSD}date>',
    f'"2000-02-29"^^<{XSD}date>',
    f'"7"^^<{XSD}integer>',
]
_LINKS = [
    *_SUBJECTS,
    f"{BASE}id/jel:I11",
    "http://id.loc.gov/vocabulary/iso639-1/en",
    "http://purl.org/coar/resource_type/c_6501",
]
_PREDICATES = [
    *(DCTERMS + n for n in ("identifier", "type", "title", "creator", "issued", "subject", "language")),
    *(
        DCTERMS + n
        for n in ("references", "hasFormat", "publisher", "bibliographicCitation", "format", "rights")
    ),
    *(BIBO + n for n in ("doi", "issn", "isbn", "handle", "authorList", "editor", "volume")),
    *(FOAF + n for n in ("name", "page", "familyName", "homepage")),
    *(SHEAF.replace(INTERNAL, BASE) + n for n in ("sourceField", "shortId", "size", "nameEnglish")),
    CITO + "cites",
    DC + "subject",
    ORG + "memberOf",
    OWL + "sameAs",
    PRISM + "modificationDate",
    PROV + "specializationOf",
    RDF + "_1",
    RDFS + "label",
]


def _graphs() -> st.SearchStrategy[list[str]]:
    subjects = st.sampled_from(_SUBJECTS).map("<{}>".format)
    types = st.tuples(subjects, st.just(RDF + "type"), st.sampled_from(_CLASSES).map("<{}>".format))
    values = st.one_of(st.sampled_from(_LITERALS), st.sampled_from(_LINKS).map("<{}>".format))
    others = st.tuples(subjects, st.sampled_from(_PREDICATES), values)
    lines = st.tuples(
        st.lists(types, min_size=1, max_size=6, unique=True),
        st.lists(others, max_size=25, unique=True),
    )
    return lines.map(lambda parts: [f"{s} <{p}> {o}" for part in parts for s, p, o in part])


@pytest.mark.slow
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(_graphs())
def test_any_graph_breaks_the_shapes_where_pyshacl_says_so(triples: list[str]) -> None:
    quads = quads_of(triples)
    assert found(quads) == expected(quads)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(_graphs())
def test_checks_of_statements_find_in_any_graph_what_the_queries_find(triples: list[str]) -> None:
    assert checked(triples) == found(quads_of(triples))


@pytest.mark.parametrize(
    ("pattern", "value", "passes"),
    [("^[0-9]+$", "12", True), ("^[0-9]+$", "12\n", False), ("^a", "ab\n", True), ("[0-9]$", "x 1", True)],
)
def test_the_end_of_a_pattern_is_the_end_of_the_value(pattern: str, value: str, passes: bool) -> None:
    shape = f'''@prefix sh: <{SH}> . @prefix t: <http://example.org/> .
        t:S a sh:NodeShape ; sh:targetClass t:C ; sh:property [ sh:path t:p ; sh:pattern "{pattern}" ] .'''
    (constraint,) = constraints(shape.encode(), WORDS)
    said = {"http://example.org/p": [Term(value, False)]}
    assert constraint.breaks(lambda node: said, Term("http://example.org/a", True)) is not passes
    line = f"<{A}> <http://example.org/p> {ntriples.literal(value)}"
    quads = quads_of([line, f"<{A}> <{RDF}type> <http://example.org/C>"])
    rows = asking(quads)(f"SELECT ?focus WHERE {{ {constraint.pattern} }}")
    assert len(rows) == (not passes)


_NO_CONSTRAINT = (SH.path, SH.property, SH.flags, SH.severity, SH.targetClass, SH.targetSubjectsOf)


def _said(shapes: rdflib.Graph, shape: rdflib.URIRef) -> list[tuple[str, str]]:
    """(path, component) for each argument of a component that a shape and its property shapes have."""
    return [
        (str(shapes.value(node, SH.path) or ""), predicate.removeprefix(str(SH)))
        for node in (shape, *shapes.objects(shape, SH.property))
        for predicate in shapes.predicates(node)
        for _ in shapes.objects(node, predicate)
        if predicate.startswith(str(SH)) and predicate not in _NO_CONSTRAINT
    ]


def test_every_constraint_of_the_shapes_has_a_query() -> None:
    """Counted in the shapes graph itself, for every shape that has targets, its own or those of another's."""
    shapes = rdflib.Graph().parse(data=SHAPES, format="turtle")
    targeted = set(shapes.subjects(SH.targetClass)) | set(shapes.subjects(SH.targetSubjectsOf))
    for _ in range(3):
        targeted |= {inner for outer in targeted for inner in shapes.objects(outer, SH.node)}
    wanted = Counter((str(shape), *each) for shape in targeted for each in _said(shapes, shape))
    # Inclusion is said by what is included; what a file must be has a query for each thing that it must be.
    wanted = Counter({key: n for key, n in wanted.items() if key[1:] != ("", "node")})
    file = rdflib.URIRef(VOCAB + "FileShape")
    wanted[VOCAB + "WorkShape", DCTERMS + "hasFormat", "node"] += len(_said(shapes, file)) - 1
    translated = Counter(
        (each.shape, each.path, component[0].lower() + component[1:])
        for each in profile(WORDS)
        for component in [each.component.removeprefix(str(SH)).removesuffix("ConstraintComponent")]
    )
    assert translated == wanted
    assert len(translated) > 100


@pytest.mark.parametrize(
    "said",
    [
        "sh:minLength 3",
        "sh:nodeKind sh:Literal",
        "sh:datatype xsd:duration",
        "sh:path [ sh:inversePath dcterms:title ]",
    ],
)
def test_a_constraint_that_is_not_understood_is_an_error(said: str) -> None:
    path = "" if "sh:path" in said else "sh:path dcterms:title ; "
    head = "\n".join(line for line in SHAPES.decode().splitlines() if line.startswith("@prefix"))
    shape = f"{head}\nsheaf:X a sh:NodeShape ; sh:targetClass bibo:Book ; sh:property [ {path}{said} ] ."
    with pytest.raises(ReportError, match="shapes: "):
        constraints(shape.encode(), WORDS)


@pytest.mark.parametrize("remembered", [16 << 20, 0])
@pytest.mark.parametrize("page", [1, 2, 500])
def test_what_a_link_leads_to_is_looked_up_wherever_it_stands(
    log: Log, page: int, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An author is a person with a record, a part of another record, no person, or nobody."""
    monkeypatch.setattr(survey_module, "PAGE", page)
    monkeypatch.setattr(survey_module, "_REMEMBERED_BYTES", remembered)
    person = draft("p")
    one = internal_thing(person.identifier)
    body = f'<{one}> <{RDF}type> <{FOAF}Person> .\n<{one}> <{FOAF}name> "Ada" .\n'.encode()
    signature = internal_thing(draft("w0").identifier) + "#author-1"
    leads = [one, signature, internal_thing(draft("j").identifier), internal_thing("nobody")]
    works = []
    for n, iri in enumerate(leads):
        work = draft(f"w{n}")
        line = f"<{internal_thing(work.identifier)}> <{DCTERMS}creator> <{iri}> .\n".encode()
        lines = {*(work.body or b"").splitlines(True), line}
        works.append(replace(work, body=b"".join(sorted(lines))))
    log.append([*works, replace(person, body=body), draft("j", type="journal")])
    judge = Judge(WORDS)
    survey(log, [judge], lambda more: None)
    (failure,) = [each for each in judge.found().failures if each.path == "dcterms:creator"]
    assert failure.nodes.count == len(asking_log(log)(failure.nodes.query)) == 2


def test_counts_are_those_of_the_lists_behind_them(log: Log) -> None:
    bad = [draft(n, dois=("10.1/X", "10.1/Y")) for n in range(3)]
    log.append([*bad, draft(4, title="", jel=())])
    ask = asking_log(log)
    judge = Judge(WORDS)
    survey(log, [judge], lambda more: None)
    result = judge.found()
    assert [(f.path, f.severity, f.nodes.count) for f in result.failures] == [
        ("bibo:doi", "Violation", 3),
        ("dcterms:title", "Violation", 1),
    ]
    for failure in result.failures:
        assert len(ask(failure.nodes.query)) == failure.nodes.count
    assert {row["example"].value for row in ask(result.failures[0].nodes.query)} <= {"10.1/X", "10.1/Y"}
    assert result.records.count == 4
    things = {row["thing"].value for row in ask(result.records.query)}
    assert things == {SITE.external(internal_thing(each.identifier)) for each in [*bad, draft(4)]}
