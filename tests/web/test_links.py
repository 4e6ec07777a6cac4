"""Inbound lists, page by page, are what a scan of all records finds, in every form; nothing twice, nothing lost."""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.assembly import House, opened
from repository.catalogue import fold
from repository.ingest import Ingest, find_files
from repository.log import Around, Log
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.model.terms import CITO, DCTERMS, FOAF, ORG, PROV, SHEAF
from repository.model.work import Person
from repository.web import inbound
from repository.web.app import create_app
from repository.web.html import ICON, STYLE
from repository.web.targets import Target
from repository.web.targets import targets as targets_of
from tests.kit import draft, removal
from tests.kit import work as made

BASE = "https://papers.example.org/"
RECORDS = Path(__file__).parents[2] / "records"
NEXT = ox.NamedNode("http://www.w3.org/ns/hydra/core#next")
MEMBER = ox.NamedNode("http://www.w3.org/ns/hydra/core#member")
FORMS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "expanded.jsonld": ox.RdfFormat.JSON_LD,
    "trig": ox.RdfFormat.TRIG,
}
MADE = FOAF + "made"
# What each list is of, said here again.
PREDICATES = {
    "citations": {CITO + "cites", DCTERMS + "references", SHEAF + "refersTo"},
    "parts": {DCTERMS + "isPartOf"},
    "works": {PROV + "specializationOf", DCTERMS + "creator"},
    "people": {PROV + "specializationOf", ORG + "memberOf"},
    "versions": {DCTERMS + "hasVersion", DCTERMS + "isVersionOf"},
    "subjects": {DCTERMS + "subject"},
}
CITED, UNKNOWN = "RePEc:xxx:joujou:cited", "RePEc:nil:series:1"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The sample records, and a work that 230 cite; others cited it once, and were changed, deleted or erased."""
    folder = tmp_path_factory.mktemp("links")
    with opened(make_settings({"data": str(folder), "base_url": BASE})) as house:
        Ingest(house.log, house.site).run(list(find_files([RECORDS])))
        citing = [
            draft(f"c{n}", f"Citing {n}", cites=(CITED, UNKNOWN), issued=str(1990 + n % 7))
            for n in range(230)
        ]
        once = [draft(f"o{n}", cites=(CITED,)) for n in range(6)]
        house.log.append([draft("cited", "The cited one"), *citing, *once])
        house.log.append(
            [draft("o0", "It cites no more"), draft("o1", "Nor this one"), removal("o2"), removal("o3")]
        )
        house.log.erase("RePEc:xxx:joujou:o4")
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> FlaskClient:
    return create_app(house).test_client()


Scan = dict[str, set[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def scan(house: House) -> Scan:
    """{thing: (work, predicate, subject)} of every link between things that any record states."""
    found: Scan = defaultdict(set)
    people = re.compile(rb'<https://sheaf.invalid/id/([^>]+)> <[^>]*#shortId> "(\w+)"')
    short = {
        f"{BASE}id/{found[2].decode()}": f"{BASE}id/{found[1].decode()}"
        for record in house.log.live()
        for found in people.finditer(record.body or b"")
    }
    for record in house.log.live():
        assert record.body
        for quad in ox.parse(house.site.externalise(record.body), format=ox.RdfFormat.N_TRIPLES):
            if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(
                (f"{BASE}id/", f"{BASE}record/")
            ):
                target, work = (node.value.partition("#")[0] for node in (quad.object, quad.subject))
                target = target.replace(f"{BASE}record/", f"{BASE}id/")
                target = short.get(target, target)
                if target != work:
                    found[target].add((work, quad.predicate.value, quad.subject.value))
                if quad.predicate.value == MADE:
                    found[work].add((target, MADE, quad.subject.value))
    return found


def expected(scan: Scan, identifier: str, kind: str) -> set[tuple[str, str, str]]:
    """Of the versions the whole cluster; of works also what the person claims."""
    thing = f"{BASE}id/{identifier}"
    if kind == "versions":
        return {(work, "", "") for work in joined(scan, thing) - {thing}}
    wanted = PREDICATES.get(kind)
    # What a person's own record claims is on the list of works, and on no other.
    claims = {each for each in scan[thing] if each[1:] == (MADE, thing)}
    others = scan[thing] - claims
    return {each for each in others if wanted is None or each[1] in wanted} | (
        claims if kind == "works" else set()
    )


def joined(scan: Scan, thing: str) -> set[str]:
    """What is reached from a thing by statements about versions, either way."""
    reached, size = {thing}, 0
    while len(reached) > size:
        size = len(reached)
        for target, links in scan.items():
            for work, predicate, _ in links:
                if predicate in PREDICATES["versions"] and not reached.isdisjoint((target, work)):
                    reached |= {target, work}
    return reached


def pages(client: FlaskClient, path: str) -> Iterator[tuple[ox.Dataset, str]]:
    """(graph, address) of each page, from the address that the one before names in its graph and its header alike."""
    extension = max((each for each in FORMS if path.partition("?")[0].endswith(f".{each}")), key=len)
    while path:
        reply = client.get(path)
        assert reply.status_code == 200
        graph = ox.Dataset(ox.Quad(*quad.triple) for quad in ox.parse(reply.data, format=FORMS[extension]))
        yield graph, path
        named = {quad.object.value for quad in graph if quad.predicate == NEXT}
        header = re.findall(r'<([^>]+)>; rel="next"', reply.headers["Link"])
        assert len(named) == len(header) <= 1
        assert [each.replace(f".{extension}?", "?") for each in header] == list(named)
        path = header[0].removeprefix(BASE[:-1]) if header else ""


CASES = [
    *((CITED, kind) for kind in ("citations", "links", "parts", "versions")),
    (UNKNOWN, "citations"),
    (UNKNOWN, "links"),
    ("jel:I11", "subjects"),
    ("jel:I11", "links"),
    ("RePEc:xxx:joujou", "parts"),
]


@pytest.mark.parametrize(("identifier", "kind"), CASES)
def test_all_pages_of_a_list_together_are_a_scan_of_the_log(
    client: FlaskClient, scan: Scan, identifier: str, kind: str
) -> None:
    links = expected(scan, identifier, kind)
    works = {work for work, _, _ in links}
    statements = {(subject, predicate) for _, predicate, subject in links}
    for extension in FORMS:
        members, said = list[str](), set[tuple[str, str]]()
        for graph, path in pages(client, f"/links/{kind}/{identifier}.{extension}"):
            on_it = [quad.object.value for quad in graph if quad.predicate == MEMBER]
            assert len(on_it) <= inbound.LONG_PAGE, path
            members += on_it
            said |= {
                (quad.subject.value, quad.predicate.value)
                for quad in graph
                if quad.object == ox.NamedNode(f"{BASE}id/{identifier}")
                and quad.subject.value.startswith(f"{BASE}id/")
            }
        assert len(members) == len(set(members)), extension
        assert set(members) == works, extension
        assert said == statements, extension


@pytest.mark.slow
def test_the_lists_of_all_sample_records_are_a_scan_of_the_log(client: FlaskClient, scan: Scan) -> None:
    targets = [iri.removeprefix(f"{BASE}id/") for iri in tuple(scan) if "xde" in iri or "jel:" in iri]
    assert len(targets) > 40
    assert any(each[1] == MADE for links in scan.values() for each in links)
    for identifier in targets:
        for kind in (*PREDICATES, "links"):
            members = {
                quad.object.value
                for graph, _ in pages(client, f"/links/{kind}/{identifier}.nt")
                for quad in graph
                if quad.predicate == MEMBER
            }
            assert members == {work for work, _, _ in expected(scan, identifier, kind)}, (identifier, kind)


def test_people_read_the_same_list(client: FlaskClient, scan: Scan) -> None:
    path, shown = f"/links/citations/{CITED}", list[str]()
    while path:
        text = client.get(path, headers={"Accept": "text/html"}).text
        shown += [unescape(each) for each in re.findall(r'<li><a href="([^"]+/id/[^"]+)"', text)]
        found = re.search(r'<a rel="next" href="([^"]+)"', text)
        path = unescape(found[1]).removeprefix(BASE[:-1]) if found else ""
    assert len(shown) == len(set(shown)) == 231
    assert set(shown) == {work for work, _, _ in expected(scan, CITED, "citations")}


def test_what_no_longer_cites_is_on_no_list(client: FlaskClient) -> None:
    text = "".join(client.get(path).text for _, path in pages(client, f"/links/citations/{CITED}.nt"))
    assert [n for n in range(6) if f"joujou:o{n}>" in text] == [5]


def test_a_list_is_ordered_newest_first_and_always_alike(client: FlaskClient, house: House) -> None:
    with house.log.read() as reading:
        items, after = list[Target](), None
        while True:
            page = inbound.listing(reading, CITED, "citations", after=after, limit=7)
            items += page.items
            after = page.after
            if after is None:
                break
        whole = inbound.listing(reading, CITED, "citations", limit=1000)
    assert tuple(items) == whole.items
    years = [item.note for item in items]
    assert years == sorted(years, reverse=True)


@pytest.mark.parametrize("extension", ["", ".nt", ".html"])
def test_a_list_by_title_has_the_same_records_in_the_order_of_their_titles(
    client: FlaskClient, house: House, scan: Scan, extension: str
) -> None:
    walked, path = list[str](), f"/links/citations/{CITED}{extension}?sort=title"
    found = list[str]()
    while path:
        walked.append(path)
        reply = client.get(path, headers={"Accept": "text/html" if not extension else "*/*"})
        member = r"#member> <([^>]+)>" if extension == ".nt" else r'<li><a href="([^"]+/id/[^"]+)"'
        found += [unescape(each) for each in re.findall(member, reply.text)]
        links = {
            rel: address for address, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', reply.headers["Link"])
        }
        if len(walked) > 1:
            assert links["prev"] == BASE[:-1] + walked[-2]
        path = links.get("next", "").removeprefix(BASE[:-1])
    assert len(walked) == 5
    assert len(found) == len(set(found)) == 231
    assert set(found) == {work for work, _, _ in expected(scan, CITED, "citations")}
    if extension == ".html":
        names = [each.removeprefix(BASE + "id/") for each in found]
        with house.log.read() as reading:
            titles = {each.identifier: fold(each.title) for each in targets_of(reading, names)}
        assert [titles[name] for name in names] == sorted(titles[name] for name in names)


def test_a_list_says_how_it_can_be_sorted_and_refuses_another_order(client: FlaskClient) -> None:
    address = f"{BASE}links/citations/{CITED}"
    assert (
        f'<a class="quiet" href="{address}?sort=title">By title</a>'
        in client.get(f"/record/{CITED}.html").text
    )
    page = client.get(f"/links/citations/{CITED}.html?sort=title").text
    assert f'<li><a href="{address}?sort=title" aria-current="page">by title</a></li>' in page
    assert '<p class="sum quiet">1–50 of 231</p>' in page
    for query, status in (("sort=date", 200), ("sort=year", 400), ("sort=title&after=a%09b%09c", 400)):
        assert client.get(f"/links/citations/{CITED}?{query}").status_code == status, query
    assert client.get(f"/links/links/{CITED}?sort=title").status_code == 400


def test_a_list_longer_than_is_counted_has_one_order(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "MOST_COUNTED", 230)
    monkeypatch.setattr("repository.web.by_title.MOST_COUNTED", 230)
    reply = client.get(f"/links/citations/{CITED}.html?sort=title")
    assert (reply.status_code, "Take it newest first" in reply.text) == (400, True)
    assert "by title" not in client.get(f"/links/citations/{CITED}.html").text


def test_each_page_leads_back_to_the_one_before(client: FlaskClient) -> None:
    walked = [path for _, path in pages(client, f"/links/citations/{CITED}.nt")]
    assert len(walked) == 5
    for before, path in pairwise(walked):
        reply = client.get(path)
        assert f'<{BASE[:-1]}{before}>; rel="prev"' in reply.headers["Link"]
        assert f"hydra/core#previous> <{BASE[:-1]}{before.replace('.nt', '')}>" in reply.text
    assert "prev" not in client.get(walked[0]).headers["Link"]


def test_a_page_of_a_list_says_which_part_it_is(client: FlaskClient, house: House) -> None:
    def part(path: str) -> list[str]:
        return re.findall(r'<p class="sum quiet">(.*?)</p>', client.get(path).text)

    walked = [path.replace(".nt", ".html") for _, path in pages(client, f"/links/citations/{CITED}.nt")]
    assert [part(path) for path in walked] == [
        ["1–50 of 231"],
        *[["50 on this page, of 231"]] * 3,
        ["31 on this page, of 231"],
    ]
    assert part(f"/links/parts/{CITED}.html") == []
    house.log.append([draft("cites", references=tuple(f"Reference {n}" for n in range(80)))])
    address = "/links/references/RePEc:xxx:joujou:cites.html"
    assert (part(address), part(f"{address}?after=50")) == (["1–50 of 80"], ["51–80 of 80"])
    # What a record names itself is in it to be counted.
    house.log.append([draft("crowd", creators=tuple(Person(f"Ada {n}") for n in range(1500)))])
    assert part("/links/authors/RePEc:xxx:joujou:crowd.html") == ["1–50 of 1,500"]


@pytest.mark.slow
def test_a_work_that_cites_and_is_cited_by_many_fits_into_the_budget_of_a_page(house: House) -> None:
    title = "The effects of uncertain trade policy on household consumption: evidence from rural markets"
    people = tuple(Person(f"Maximilian {n} Fernández-Villaverde") for n in range(5))
    cited = "v:381:y:2025:i:c:s0277953625006458"

    def long(number: int, **said: object) -> Draft:
        return draft(f"v:381:y:2025:i:c:s{number:016}", f"{title} {number}", creators=people, **said)

    citing = [long(n, cites=(f"RePEc:xxx:joujou:{cited}",)) for n in range(120)]
    names = tuple(each.identifier for each in citing[:60])
    house.log.append([*citing, draft(cited, title, creators=people, cites=names)])
    client = create_app(house).test_client()
    page = client.get(f"/record/RePEc:xxx:joujou:{cited}.html")
    assert page.text.count('<ul class="list">') == 2
    assert len(page.data) <= 50_000
    # A list that is nothing else has room for all that it loads.
    listed = client.get(f"/links/citations/RePEc:xxx:joujou:{cited}.html").data
    assert len(listed) + len(STYLE) + len(ICON) <= 50_000


@pytest.mark.parametrize(("chapters", "count"), [(39, 38), (40, 39), (45, 41)])
def test_what_is_named_besides_is_taken_from_a_count_that_is_one(
    house: House, monkeypatch: pytest.MonkeyPatch, chapters: int, count: int
) -> None:
    monkeypatch.setattr(inbound, "MOST_COUNTED", 40)
    book = made("book", type="book", has_parts=("RePEc:xxx:joujou:c0",))
    house.log.append(
        [
            draft(f"c{n}", type="chapter", part_of=(book.identifier,), issued=str(2999 - n))
            for n in range(chapters)
        ]
    )
    with house.log.read() as reading:
        # As of a thing that so many link to that they are not gathered at once.
        around = Around(book.identifier, frozenset(), False, None)
        (parts,) = inbound.sections(reading, house.site, book, around)
    assert (parts.key, parts.count) == ("parts", count)


def test_a_record_leads_to_its_lists(client: FlaskClient) -> None:
    page = client.get(f"/record/{CITED}.html").text
    assert f'href="{BASE}links/citations/{CITED}"' in page
    assert f'rel="next" href="{BASE}links/citations/{CITED}?after=' in page
    assert f"<{BASE}links/links/{CITED}>" in client.get(f"/record/{CITED}").headers["Link"]


def test_an_empty_list_of_something_known_is_a_list(client: FlaskClient) -> None:
    assert client.get("/links/citations/jel:I11").status_code == 200
    assert client.get("/links/subjects/jel:A3.html").status_code == 200
    assert client.get("/links/citations/RePEc:nil:nothing:1").status_code == 404


@pytest.mark.parametrize("after", ["x", "a\tb", "a\tb\tc\td", "9" * 5000, "\t\t" + "x" * 5000, "%", "\0"])
def test_a_key_that_no_page_gave_is_refused(client: FlaskClient, after: str) -> None:
    assert client.get(f"/links/links/{CITED}", query_string={"after": after}).status_code == 400


@pytest.mark.parametrize(
    "after", ["\t\t", "\0\t\0\t\0", "'\t'\t'", "9999\tdcterms:isPartOf\t\U0001f4a3", "\ud800\t\t"]
)
def test_a_key_of_the_right_form_is_harmless(client: FlaskClient, after: str) -> None:
    for extension in ("html", *FORMS):
        path = f"/links/links/{CITED}.{extension}"
        reply = client.get(path, query_string={"after": after.encode("utf-8", "surrogatepass")})
        assert reply.status_code in (200, 400)


def test_a_link_to_a_record_is_one_to_its_thing(client: FlaskClient, house: House) -> None:
    thing, record = b"<https://sheaf.invalid/id/note>", b"<https://sheaf.invalid/record/note>"
    body = (
        thing
        + b' <http://purl.org/dc/terms/title> "A note" .\n'
        + thing
        + b" <http://www.w3.org/2000/01/rdf-schema#seeAlso> <https://sheaf.invalid/record/RePEc:nil:seen:1> .\n"
        + thing
        + b" <http://xmlns.com/foaf/0.1/isPrimaryTopicOf> "
        + record
        + b" .\n"
    )
    house.log.append([Draft("note", body)])
    quads = ox.parse(client.get("/record/RePEc:nil:seen:1.nt").data, format=ox.RdfFormat.N_TRIPLES)
    assert f"{BASE}record/RePEc:nil:seen:1" in {quad.subject.value for quad in quads}
    listed = client.get("/links/links/RePEc:nil:seen:1.nt").text
    assert (
        f"<{BASE}id/note> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <{BASE}record/RePEc:nil:seen:1>"
        in listed
    )
    assert "hydra/core#member" not in client.get("/links/links/note.nt").text
    assert list(house.log.verify()) == []


def test_a_statement_that_rdf_xml_cannot_write_leaves_that_form_out(
    client: FlaskClient, house: House
) -> None:
    body = (
        b"<https://sheaf.invalid/id/odd> <http://example.org/1> <https://sheaf.invalid/id/RePEc:nil:odd:1> .\n"
        b'<https://sheaf.invalid/id/odd> <http://purl.org/dc/terms/title> "Odd" .\n'
    )
    house.log.append([Draft("odd", body)])
    reply = client.get("/links/links/RePEc:nil:odd:1", headers={"Accept": "application/rdf+xml"})
    assert reply.status_code == 406
    assert f"{BASE}links/links/RePEc:nil:odd:1.ttl" in reply.text
    assert client.get("/links/links/RePEc:nil:odd:1.rdf").status_code == 404
    assert b"http://example.org/1" in client.get("/links/links/RePEc:nil:odd:1.ttl").data


@pytest.mark.parametrize("path", ["record/jel:I11", f"record/{UNKNOWN}", "links/works/jel:I11"])
def test_what_has_no_record_is_given_as_json_ld_without_a_context_too(client: FlaskClient, path: str) -> None:
    expanded = client.get(f"/{path}.expanded.jsonld")
    assert expanded.status_code == 200
    wanted = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
    assert expanded.headers["Content-Type"].replace(" ", "") == wanted
    assert "@context" not in expanded.text
    assert client.get(f"/{path}", headers={"Accept": wanted}).data == expanded.data
    said = [set(ox.parse(expanded.data, format=FORMS["expanded.jsonld"]))]
    said.append(set(ox.parse(client.get(f"/{path}.nt").data, format=FORMS["nt"])))
    assert said[0] == said[1]


# -- lists that change while they are walked ------------------------------------------------------------------

_EDITS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(("touch", "move", "leave", "delete"))), max_size=4
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(0, 30), limit=st.integers(1, 9), edits=st.lists(_EDITS, min_size=1, max_size=8))
def test_what_does_not_change_is_met_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, size: int, limit: int, edits: list[list[tuple[int, str]]]
) -> None:
    log = Log(f"sqlite:///{tmp_path_factory.mktemp('walk') / 'log.sqlite'}")
    try:
        log.append([citing(n) for n in range(size)])
        changed, met, after, rounds = set[int](), list[str](), None, iter(edits)
        while True:
            with log.read() as reading:
                page = inbound.listing(reading, CITED, "citations", after=after, limit=limit)
            met += [item.identifier for item in page.items]
            after = page.after
            if after is None:
                break
            now = [(n, how) for n, how in next(rounds, []) if n < size]
            changed |= {n for n, _ in now}
            for n, how in now:
                log.append([edit(n, how)])
        still = [f"RePEc:xxx:joujou:w{n}" for n in range(size) if n not in changed]
        assert [met.count(each) for each in still] == [1] * len(still)
    finally:
        log.close()


def citing(n: int, **values: object) -> Draft:
    return draft(f"w{n}", **({"cites": (CITED,), "issued": str(1990 + n % 3)} | values))


def edit(n: int, how: str) -> Draft:
    if how == "delete":
        return removal(f"w{n}")
    made = {"touch": {"volume": "9"}, "move": {"issued": "1980"}, "leave": {"cites": ()}}[how]
    return citing(n, **made)
