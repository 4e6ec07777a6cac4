"""The three rules of a body, and what makes plain replacement of the base safe."""

import pyoxigraph as ox
import pytest
from hypothesis import given

from repository.model import bodies
from repository.model.errors import BodyError
from repository.model.lens import read_work, write_work
from repository.model.lens.glance import glance, of_work
from repository.model.site import Site, internal_thing
from repository.model.terms import BIBO, CITO, DCTERMS, INTERNAL, ORG, OWL, RDF
from repository.model.work import Text, Work
from tests.strategies import works

SITE = Site("https://example.org/deep/", "sheaf.example")
THING = "https://example.org/deep/id/x"


def body(turtle: str) -> bytes:
    quads = ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE, base_iri=SITE.base)
    return bodies.from_triples([quad.triple for quad in quads], "x", SITE)


@pytest.mark.slow
@given(works())
def test_what_is_written_is_what_is_read_and_keeps_the_rules(work: Work) -> None:
    written = write_work(work)
    bodies.check(written, work.identifier)
    assert read_work(work.identifier, written) == work
    assert bodies.from_triples(bodies.to_triples(written, SITE), work.identifier, SITE) == written


def test_the_base_is_never_given_inside_a_literal() -> None:
    told = f"see <{INTERNAL}id/x> and {INTERNAL}id/x"
    kept = write_work(Work(identifier="x", type="article", title=Text(told)))
    triples = bodies.to_triples(kept, SITE)
    assert {t.object.value for t in triples if t.predicate.value.endswith("title")} == {told}
    assert {t.subject.value for t in triples} == {THING}


def test_the_same_graph_gives_the_same_bytes_whatever_its_blank_nodes_are_called() -> None:
    one = body('<id/x> <http://a/p> [ <http://a/q> "1" ], [ <http://a/q> "2" ] .')
    two = body('_:z <http://a/q> "2" . _:a <http://a/q> "1" . <id/x> <http://a/p> _:z, _:a .')
    assert one == two
    assert b"_:" not in one


@pytest.mark.parametrize(
    "turtle",
    [
        '<id/y> <http://a/p> "1" .',
        '<id/xy> <http://a/p> "1" .',
        '<record/x> <http://a/p> "1" .',
        '<http://evil.example/> <http://a/p> "1" .',
    ],
)
def test_a_record_speaks_of_itself_alone(turtle: str) -> None:
    with pytest.raises(BodyError, match="speaks of itself alone"):
        body('<id/x> <http://a/p> "1" .' + turtle)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b'<https://sheaf.invalid/id/x> <http://a/p> "1"',
        b'_:b <http://a/p> "1" .\n',
        b'<https://sheaf.invalid/id/x> <http://a/p> "2" .\n<https://sheaf.invalid/id/x> <http://a/p> "1" .\n',
    ],
)
def test_what_is_no_body_is_refused(text: bytes) -> None:
    with pytest.raises(BodyError):
        bodies.check(text, "x")


def test_authors_listed_as_literals_keep_their_order_and_are_no_links() -> None:
    seq = (
        "<id/x> <http://purl.org/ontology/bibo/authorList> <id/x#l> . <id/x#l> "
        '<http://www.w3.org/1999/02/22-rdf-syntax-ns#_2> "Ada" ; '
        '<http://www.w3.org/1999/02/22-rdf-syntax-ns#_1> "Plato" ; '
        f'<http://www.w3.org/1999/02/22-rdf-syntax-ns#_{"9" * 5000}> "Nobody" .'
    )
    people = read_work("x", body(seq)).creators
    assert [(p.name, p.identifier) for p in people] == [("Plato", ""), ("Ada", "")]


@pytest.mark.parametrize(
    "said",
    [
        "<#l> rdf:first 'Zoe' ; rdf:rest <#m> . <#m> rdf:first <id/pga1> ; rdf:rest rdf:nil .",
        "<#l> a rdf:Seq ; rdf:_2 <id/pga1> ; rdf:_1 'Zoe' .",
    ],
)
@pytest.mark.parametrize(("link", "role"), [("dcterms:creator", "creators"), ("bibo:editor", "editors")])
def test_a_list_as_the_one_creator_is_its_members_in_order(said: str, link: str, role: str) -> None:
    prefixes = f"@prefix dcterms: <{DCTERMS}> . @prefix bibo: <{BIBO}> . @prefix rdf: <{RDF}> . "
    found = body(f"{prefixes} <id/x> {link} <#l> . {said}".replace("<#", "<id/x#"))
    work = read_work("x", found)
    assert [(p.name, p.identifier) for p in getattr(work, role)] == [("Zoe", ""), ("pga1", "pga1")]
    assert glance("x", found) == of_work(work)


def test_links_are_told_from_texts_that_look_like_them() -> None:
    thing, other = "https://sheaf.invalid/id/RePEc:a:b:1", "https://sheaf.invalid/id/RePEc:a:b:2"
    doi = "https://doi.org/10.5555/x"
    lines = [
        f"<{thing}> <http://a.org/link> <{other}> .",
        f"<{thing}> <http://a.org/part> <{thing}#part> .",
        f"<{thing}#part> <http://a.org/same> <{doi}> .",
        f"<{thing}> <http://a.org/own> <{thing}> .",
        f'<{thing}> <http://a.org/text> "see > <{doi}> ." .',
        f'<{thing}> <http://a.org/typed> "see > <{doi}"^^<http://a.org/type> .',
        f'<{thing}> <http://a.org/tagged> "> <{doi}> ."@en .',
        f"<{thing}> <http://a.org/page> <https://example.org/> .",
    ]
    found = set(bodies.internal_objects(bodies.join(lines), thing))
    assert found == {(thing, "http://a.org/link", other), (f"{thing}#part", "http://a.org/same", doi)}


@pytest.mark.parametrize(
    ("same", "dois"),
    [
        (["https://doi.org/10.1000/182"], ("10.1000/182",)),
        (["https://doi.org/10.1000/b", "https://doi.org/10.1000/a%3Cb%3E"], ("10.1000/a<b>", "10.1000/b")),
        (["https://doi.org/", "https://doi.org/about", "https://example.org/10.1000/182"], ()),
    ],
)
def test_a_doi_that_a_link_alone_tells_is_one(same: list[str], dois: tuple[str, ...]) -> None:
    thing = internal_thing("a")
    lines = [f"<{thing}> <{RDF}type> <{BIBO}AcademicArticle> ."]
    body = bodies.join([*lines, *(f"<{thing}> <{OWL}sameAs> <{iri}> ." for iri in same)])
    work = read_work("a", body)
    assert work.dois == dois
    assert glance("a", body) == of_work(work)


def test_an_empty_text_hides_none_that_says_something() -> None:
    found = body(
        f"""@prefix d: <{DCTERMS}> . @prefix f: <http://xmlns.com/foaf/0.1/> . @base <{THING}> .
        <> a <{BIBO}Book> ; d:title "", " "@de, "Trade"@en ; d:creator <#a> ; d:hasFormat <#f> ; d:rights "", "Free" .
        <#a> f:name "", "Bo Li" .
        <#f> f:page <http://a.org/> ; d:format "", "pdf" ; d:rights " ", "Members" ."""
    )
    work = read_work("x", found)
    assert work.title == Text("Trade", "en")
    assert [person.name for person in work.creators] == ["Bo Li"]
    assert work.restriction == Text("Free")
    assert [(file.format, file.restriction) for file in work.files] == [("pdf", Text("Members"))]
    assert glance("x", found) == of_work(work)


_CC = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("stated", "restriction"),
    [
        ({"rights": f"<{_CC}>"}, Text(_CC)),
        ({"license": f"<{_CC}>"}, Text(_CC)),
        ({"license": f"<{_CC}>", "rights": '"Members only"@en'}, Text("Members only", "en")),
        # What is said there is said of a part; its address would tell nobody.
        ({"rights": f"<{internal_thing('a')}#rights-1>"}, None),
        ({"license": "<urn:x:y>"}, None),
    ],
    ids=["rights", "licence", "rights in words", "a part", "a name"],
)
def test_a_licence_that_is_a_link_is_what_a_work_states(
    stated: dict[str, str], restriction: Text | None
) -> None:
    thing = internal_thing("a")
    lines = [f"<{thing}> <{RDF}type> <{BIBO}AcademicArticle> ."]
    body = bodies.join(
        [*lines, *(f"<{thing}> <{DCTERMS}{name}> {token} ." for name, token in stated.items())]
    )
    assert read_work("a", body).restriction == restriction


@pytest.mark.parametrize("iri", ["urn:issn:1234-5679", "info:doi/10.1000/182", "doi:10.1000/182"])
def test_an_iri_that_might_be_an_identifier_is_never_taken_for_a_thing_of_ours(iri: str) -> None:
    thing = internal_thing("a")
    lines = [f"<{thing}> <{RDF}type> <{BIBO}AcademicArticle> ."]
    links = [DCTERMS + name for name in ("isPartOf", "hasVersion", "isVersionOf", "creator", "publisher")]
    links += [CITO + "cites", ORG + "memberOf", BIBO + "editor"]
    body = bodies.join(lines + [f"<{thing}> <{link}> <{iri}> ." for link in links])
    work = read_work("a", body)
    assert (work.part_of, work.has_versions, work.version_of, work.cites) == ((),) * 4
    for one in (*work.creators, *work.editors, *work.providers, *work.workplaces):
        assert (one.name, one.identifier) == (iri, "")
    assert glance("a", body) == of_work(work)
    ours = read_work("a", bodies.join([*lines, f"<{thing}> <{DCTERMS}isPartOf> <{internal_thing(iri)}> ."]))
    assert ours.part_of == (iri,)
