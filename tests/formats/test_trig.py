"""TriG: the record's graph, what its entry says, and where it came from, each in a graph of its own."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.cli.main import sheaf
from repository.formats.graph import about_record, record_graph
from repository.formats.provenance import about_version
from repository.formats.trig import TRIG
from repository.log import Log
from repository.model.records import Origin, Record
from repository.model.site import Site
from repository.model.terms import DC, DCTERMS, PROV, RDF, RDFS, XSD
from repository.model.work import Work
from tests.formats.graphs import SITE, Triples, oxigraph
from tests.formats.works import ARTICLE, WORKS
from tests.kit import Clock, draft, needs, removal
from tests.strategies import FOREIGN, UNSPEAKABLE, foreign_bodies, record_of, record_with, texts, works

# rdflib warns of what its own Dataset calls, and of odd booleans, which are what the test is about.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Parsing weird boolean"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib"),
]

GOLDEN = Path(__file__).parent / "golden"
ELSEWHERE = Site("https://records.example.org/deep/path/", "example.org")


@pytest.fixture(autouse=True, scope="module")
def _literals_as_written() -> Iterator[None]:
    """rdflib would read "007"^^xsd:integer as 7."""
    rdflib.NORMALIZE_LITERALS = False
    yield
    rdflib.NORMALIZE_LITERALS = True


def by_oxigraph(text: bytes) -> dict[str, Triples]:
    """{graph's name: its triples}; the default graph's name is empty."""
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TRIG))
    names = {quad.graph_name for quad in dataset}
    graphs = {}
    for name in names:
        lines = ox.serialize(
            (q.triple for q in dataset.quads_for_graph_name(name)), format=ox.RdfFormat.N_TRIPLES
        )
        graphs["" if isinstance(name, ox.DefaultGraph) else name.value] = _of_lines(lines or b"")
    return graphs


def by_rdflib(text: bytes) -> dict[str, Triples]:
    dataset = rdflib.Dataset(default_union=False)
    dataset.parse(data=text, format="trig")
    return {
        "" if "x-rdflib:default" in str(graph.identifier) else str(graph.identifier): _of_lines(
            graph.serialize(format="nt", encoding="utf-8")
        )
        for graph in dataset.graphs()
        if len(graph)
    }


def _of_lines(lines: bytes) -> Triples:
    return oxigraph(lines, ox.RdfFormat.N_TRIPLES)


def assert_three_graphs(record: Record, site: Site) -> None:
    document = TRIG.write(record, site)
    name = site.record(record.identifier)
    graphs = by_oxigraph(document)
    assert by_rdflib(document) == graphs
    assert set(graphs) == {"", name, f"{name}#provenance"}
    assert graphs[name] == _of_lines(site.externalise(record.body or b""))
    assert graphs[""] == _of_lines(about_record(record, site))
    assert graphs[""] | graphs[name] == _of_lines(record_graph(record, site))
    assert graphs[f"{name}#provenance"] == _of_lines(about_version(record, site))


@settings(max_examples=30)
@given(works())
def test_record_and_entry_are_together_what_other_notations_carry(work: Work) -> None:
    assert_three_graphs(record_of(work), SITE)


@settings(max_examples=60)
@given(foreign_bodies(FOREIGN + UNSPEAKABLE))
def test_foreign_graphs_too(found: tuple[str, bytes]) -> None:
    assert_three_graphs(record_with(*found), ELSEWHERE)


ODD_TEXTS = st.one_of(
    texts(0),
    st.sampled_from(
        ("https://a.example/oai?x=<y>", "oai:x:1 .", '"', "\\", "a\nb", "\x00", "http://[::1]/", "x>y")
    ),
)
STEPS = st.builds(
    Origin,
    base_url=ODD_TEXTS,
    identifier=ODD_TEXTS,
    datestamp=st.one_of(ODD_TEXTS, st.just("2020-02-30"), st.just("2020-02-03")),
    namespace=ODD_TEXTS,
    harvested=st.integers(0, 4_000_000_000),
    altered=st.booleans(),
    rights=st.lists(ODD_TEXTS, max_size=2).map(tuple),
)


@settings(max_examples=40)
@given(st.lists(STEPS, max_size=4), ODD_TEXTS, st.one_of(st.none(), st.integers(1, 9)))
def test_whatever_an_upstream_or_a_file_is_called(
    origin: list[Origin], source: str, former: int | None
) -> None:
    record = replace(record_of(ARTICLE), origin=tuple(origin), source=source, former=former)
    assert_three_graphs(record, ELSEWHERE)


@pytest.mark.parametrize("name", WORKS)
def test_the_golden_files_are_read_by_others(name: str) -> None:
    text = (GOLDEN / f"{name}.trig").read_bytes()
    graphs = by_oxigraph(text)
    assert by_rdflib(text) == graphs
    lines = (GOLDEN / f"{name}.nt").read_bytes()
    assert graphs[""] | graphs[SITE.record(WORKS[name].identifier)] == _of_lines(lines)


def test_rapper_reads_it() -> None:
    path = GOLDEN / "article.trig"
    command = [needs("rapper"), "-q", "-i", "trig", "-o", "nquads", str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert not done.stderr
    theirs = ox.Dataset(ox.parse(done.stdout, format=ox.RdfFormat.N_QUADS))
    ours = ox.Dataset(ox.parse(path.read_bytes(), format=ox.RdfFormat.TRIG))
    assert theirs == ours


# -- what provenance says ------------------------------------------------------------------------------------------

VERSION = SITE.version(1, ARTICLE.identifier)


def said(**values: object) -> set[tuple[str, str, tuple[str, ...]]]:
    return set(_of_lines(about_version(replace(record_of(ARTICLE), **values), SITE)))


def objects(facts: set[tuple[str, str, tuple[str, ...]]], subject: str, predicate: str) -> list[str]:
    return sorted(o[0] for s, p, o in facts if (s, p) == (subject, predicate))


def test_a_version_is_of_its_record_its_time_and_the_one_before() -> None:
    facts = said(former=7)
    assert objects(facts, VERSION, RDF + "type") == [PROV + "Entity"]
    assert objects(facts, VERSION, PROV + "specializationOf") == [SITE.record(ARTICLE.identifier)]
    assert objects(facts, VERSION, PROV + "generatedAtTime") == ["2026-01-01T00:00:00Z"]
    assert objects(facts, VERSION, PROV + "wasRevisionOf") == [SITE.version(7, ARTICLE.identifier)]
    assert not objects(said(), VERSION, PROV + "wasRevisionOf")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("jour.rdf:12", "jour.rdf:12"),
        ("eee/socmed/jour.rdf:12", "jour.rdf:12"),
        ("/home/jane/private/jour.rdf", "jour.rdf"),
        ("C:\\Users\\jane\\jour.rdf:12", "jour.rdf:12"),
        ("jane\njane/jour.rdf", "jour.rdf"),
    ],
)
def test_of_a_file_its_name_alone_is_told(source: str, name: str) -> None:
    facts = said(source=source)
    assert objects(facts, f"{VERSION}#source", DC + "identifier") == [name]
    assert objects(facts, VERSION, PROV + "wasDerivedFrom") == [f"{VERSION}#source"]
    assert objects(facts, VERSION, PROV + "wasGeneratedBy") == [f"{VERSION}#ingest"]
    assert objects(facts, f"{VERSION}#ingest", PROV + "endedAtTime") == ["2026-01-01T00:00:00Z"]
    assert "jane" not in str(facts)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("https://a.example/feed", ["https://a.example/feed"]),
        ("https://a.example/feed?key=secret#x", ["https://a.example/feed"]),
        ("https://jane:secret@a.example/feed", []),
        ("file:///home/jane/secret.rdf", []),
        ("file://machine/home/jane/secret.rdf", []),
        ("https://a.example/<secret>", []),
        ("", []),
        ("/home/secret/", []),
    ],
)
def test_of_an_address_what_anybody_may_see(source: str, address: list[str]) -> None:
    facts = said(source=source)
    assert objects(facts, VERSION, PROV + "wasDerivedFrom") == address
    assert "secret" not in str(facts)


STEP = Origin("https://a.example/oai", "oai:a:1", "2020-02-03", "http://ns.example/dc/", 1_700_000_000, False)


def test_the_whole_way_of_a_harvested_record() -> None:
    before = replace(
        STEP, base_url="http://b.example/oai", datestamp="2019-01-01T00:00:00Z", harvested=0, altered=True
    )
    licence = replace(STEP, rights=("https://creativecommons.org/licenses/by/4.0/", "<rights>all</rights>"))
    facts = said(origin=(licence, before), source="https://a.example/oai")
    one, two, first = f"{VERSION}#source-1", f"{VERSION}#source-2", f"{VERSION}#harvest-1"
    assert objects(facts, VERSION, PROV + "wasQuotedFrom") == [one]
    assert objects(facts, VERSION, PROV + "wasGeneratedBy") == [first]
    assert objects(facts, first, PROV + "used") == [one]
    assert objects(facts, first, RDFS + "label") == ["harvest"]
    assert objects(facts, first, PROV + "endedAtTime") == ["2023-11-14T22:13:20Z"]
    assert objects(facts, one, DC + "identifier") == ["oai:a:1"]
    assert objects(facts, one, PROV + "atLocation") == ["https://a.example/oai"]
    assert objects(facts, one, DCTERMS + "conformsTo") == ["http://ns.example/dc/"]
    assert (one, DCTERMS + "modified", ("2020-02-03", "", XSD + "date")) in facts
    assert objects(facts, one, DCTERMS + "rights") == [
        "<rights>all</rights>",
        "https://creativecommons.org/licenses/by/4.0/",
    ]
    assert objects(facts, one, PROV + "wasDerivedFrom") == [two]
    assert objects(facts, f"{VERSION}#harvest-2", PROV + "endedAtTime") == []
    assert (two, DCTERMS + "modified", ("2019-01-01T00:00:00Z", "", XSD + "dateTime")) in facts


# -- from the log ----------------------------------------------------------------------------------------------------


def test_the_log_tells_what_the_format_writes(tmp_path: Path) -> None:
    clock = Clock()
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}", clock=clock)
    try:
        log.append([replace(draft(1, "First"), origin=(STEP,))])
        log.append([removal(1)])
        log.append([draft(1, "Second", source="deep/down/jour.rdf:3")])
        with log.read() as reading:
            first, newest = reading.entry(1), reading.get("RePEc:xxx:joujou:1")
            assert first is not None
            assert newest is not None
            assert (first.origin, first.former) == ((STEP,), None)
            # The deletion between them is no version of it.
            assert (newest.origin, newest.former) == ((), 1)
            assert newest == reading.entry(3)
            assert reading.entry(4) is None
    finally:
        log.close()


@pytest.mark.slow
def test_sheaf_gets_it_and_takes_it_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path / "data"))
    (tmp_path / "paper.nt").write_bytes(SITE.externalise(record_of(ARTICLE).body or b""))
    runner = CliRunner()
    assert runner.invoke(sheaf, ["ingest", str(tmp_path / "paper.nt")]).exit_code == 0
    got = runner.invoke(sheaf, ["get", ARTICLE.identifier, "--as", "trig"])
    assert got.exit_code == 0
    graphs = by_oxigraph(got.stdout.encode())
    name = SITE.record(ARTICLE.identifier)
    assert graphs[name] == _of_lines(SITE.externalise(record_of(ARTICLE).body or b""))
    facts = set(graphs[f"{name}#provenance"])
    assert objects(facts, f"{VERSION}#source", DC + "identifier") == ["paper.nt"]
    assert str(tmp_path) not in got.stdout
    (tmp_path / "again.trig").write_text(got.stdout, "utf-8")
    again = runner.invoke(sheaf, ["ingest", str(tmp_path / "again.trig")])
    assert again.exit_code == 0
    assert "1 unchanged" in again.stderr
    assert "0 warnings" in again.stderr
