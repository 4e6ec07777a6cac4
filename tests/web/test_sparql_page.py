"""The page of SPARQL and the doors of named queries: what is shown, what is refused, and what stays a text."""

import csv
import html
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from repository.assembly import House
from repository.model.site import Site
from repository.sparql.question import Answer, QueryError
from repository.web import sparql_page
from repository.web.app import create_app
from repository.web.sparql_page import MAX_ROWS, failure, shown
from tests.web.asking import HOSTILE_TITLES, HTML, PAYLOADS, asking
from tests.web.test_pages import Outline

SITE = Site("https://papers.example.org/", "sheaf.example")


@pytest.fixture(scope="module")
def made_house(tmp_path_factory) -> Iterator[House]:
    with asking(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def client(made_house) -> FlaskClient:
    return create_app(made_house).test_client()


def page(client: FlaskClient, path: str, **arguments: str) -> str:
    return client.get(path, query_string=arguments, headers=HTML).text


def editor_holds(text: str) -> str:
    """What a browser puts into the editor."""
    match = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", text, re.DOTALL)
    assert match
    return html.unescape(match[1])


# -- the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/sparql", "/sparql?query=ASK+{}", "/sparql?query=x", "/sparql/named/", "/sparql/named/most-cited"],
)
def test_the_page_is_whole_and_has_nothing_inline(client, path):
    reply = client.get(path, headers=HTML)
    outline = Outline(reply.text)
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert not outline.all("style")
    assert all(set(script) == {"src", "defer"} for script in outline.all("script"))
    for tag, attributes in outline.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")], tag


def test_only_the_editor_may_run_scripts_and_they_are_our_own_files(client):
    policy = client.get("/sparql", headers=HTML).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self'" in policy
    for weak in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert weak not in policy
    assert "script-src" not in client.get("/sparql/named/", headers=HTML).headers["Content-Security-Policy"]


def test_an_empty_editor_has_the_prefixes_and_a_query_that_runs(client, made_house):
    text = editor_holds(page(client, "/sparql"))
    for prefix in ("bibo", "cito", "dc", "dcterms", "foaf", "org", "prism", "prov", "skos"):
        assert f"PREFIX {prefix}: <http" in text
    assert f"PREFIX sheaf: <{made_house.site.page('vocab#')}>" in text
    assert "13 rows" in page(client, "/sparql", query=text)


def test_the_form_works_without_a_script(client):
    outline = Outline(page(client, "/sparql"))
    (form,) = [each for each in outline.all("form") if each.get("id") == "editor"]
    assert form["method"] == "get"
    # The page may be read under another name of this machine, and its policy allows forms to its own origin alone.
    assert form["action"] == "/sparql"
    assert outline.all("textarea")[0]["name"] == "query"


def test_every_worked_query_is_a_link_that_answers(client, made_house):
    outline = Outline(page(client, "/sparql"))
    links = [each["href"] for each in outline.all("a") if "/sparql/named/" in str(each["href"])]
    assert len(links) >= 28
    for link in links:
        assert client.get(link.removeprefix(made_house.site.base[:-1]), headers=HTML).status_code == 200, link


def test_things_of_this_site_link_to_their_pages_and_show_their_identifiers(client, made_house):
    text = page(client, "/sparql/named/most-cited")
    thing = "RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226"
    assert re.search(
        rf'<a href="{re.escape(made_house.site.thing(thing))}"[^>]*>{re.escape(thing)}</a>', text
    )
    assert "18 rows" in text


def test_every_download_gives_the_result_in_its_format(client, made_house):
    for name, kinds in (("most-cited", 4), ("record-graph", 4)):
        outline = Outline(page(client, f"/sparql/named/{name}"))
        downloads = [each for each in outline.all("a") if "accept=" in str(each["href"])]
        assert len(downloads) == kinds
        for link in downloads:
            reply = client.get(str(link["href"]).removeprefix(made_house.site.base[:-1]))
            assert reply.status_code == 200
            assert reply.mimetype == link["type"]


def test_a_query_too_long_for_an_address_is_sent_by_post(client):
    query = "ASK {}" + " " * sparql_page.MAX_URL
    outline = Outline(page(client, "/sparql", query=query))
    forms = {form.get("id") or form.get("class"): form["method"] for form in outline.all("form")}
    assert forms["editor"] == forms["formats"] == "post"
    reply = client.post("/sparql", data={"query": query, "accept": "text/csv"}, headers=HTML)
    assert reply.mimetype == "text/csv"


def test_an_error_shows_the_line_and_marks_the_place(client):
    reply = client.get("/sparql", query_string={"query": "ASK {\n ?a ?b\n FILTER }"}, headers=HTML)
    assert reply.status_code == 400
    assert 'role="alert"' in reply.text
    assert re.search(r'<pre class="place"[^>]*><span class="quiet">3  </span>.*<mark>.</mark>', reply.text)
    assert editor_holds(reply.text).startswith("ASK {\n ?a ?b\n FILTER }")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("line 2, column 3: no", (2, "ab", "c", "de")),
        ("error at 2:6: no", (2, "abcde", "", "")),
        ("error at 2:99: no", (2, "abcde", "", "")),
        ("error at 9:1: no", (0, "", "", "")),
        ("no place at all", (0, "", "", "")),
    ],
)
def test_a_place_is_found_or_left_out(message, expected):
    found = failure(QueryError("syntax", message), "first\nabcde")
    assert (found.line, found.before, found.at, found.after) == expected


# -- results ----------------------------------------------------------------------------------------------


def answer(*rows: dict[str, object], names: tuple[str, ...] = ("v",)) -> Answer:
    body = {"head": {"vars": list(names)}, "results": {"bindings": list(rows)}}
    text = json.dumps(body, separators=(",", ":"))
    return Answer(text.encode(), "application/sparql-results+json", 1, 0.0)


def cell(**value: str):
    ((cells,),) = shown(answer({"v": value}), SITE).rows
    return cells


def test_a_literal_tells_its_language_or_datatype_quietly():
    (text,) = cell(type="literal", value="a", **{"xml:lang": "de"})
    assert (text.note, text.language) == ("de", "de")
    (year,) = cell(type="literal", value="2020", datatype="http://www.w3.org/2001/XMLSchema#gYear")
    assert year.note == "xsd:gYear"
    (number,) = cell(type="literal", value="7", datatype="http://www.w3.org/2001/XMLSchema#integer")
    assert (number.kind, number.note) == ("number", "")


@pytest.mark.parametrize(
    ("iri", "text"),
    [
        ("https://papers.example.org/id/RePEc:a:b", "RePEc:a:b"),
        ("https://papers.example.org/record/RePEc:a:b", "record/RePEc:a:b"),
        ("https://papers.example.org/vocab#size", "sheaf:size"),
        ("http://purl.org/ontology/bibo/Book", "bibo:Book"),
        ("http://purl.org/ontology/bibo/a/b", "http://purl.org/ontology/bibo/a/b"),
        ("https://doi.org/10.1/a", "https://doi.org/10.1/a"),
    ],
)
def test_an_address_is_shown_short_and_leads_to_the_whole(iri, text):
    (found,) = cell(type="uri", value=iri)
    assert (found.text, found.target, found.title) == (text, iri, iri)


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "urn:x:y", "vbscript:x", "//x"])
def test_an_address_that_a_browser_should_not_follow_is_no_link(iri):
    (found,) = cell(type="uri", value=iri)
    assert (found.kind, found.target) == ("iri", "")


def test_a_text_of_several_addresses_is_shown_as_these():
    cells = cell(type="literal", value="https://papers.example.org/id/a https://papers.example.org/id/b")
    assert [each.text for each in cells] == ["a", "b"]


def test_long_values_and_long_results_are_cut_and_say_so():
    (text,) = cell(type="literal", value="x" * 10_000)
    assert (len(text.text), len(text.text) + len(text.more), text.cut) == (
        sparql_page.SHORT,
        sparql_page.LONG,
        10_000,
    )
    many = shown(answer(*[{"v": {"type": "literal", "value": "x"}}] * (MAX_ROWS + 1)), SITE)
    assert (many.count, len(many.rows), many.cut) == (MAX_ROWS + 1, MAX_ROWS, True)


@pytest.mark.slow
def test_a_result_of_a_hundred_thousand_rows_takes_hardly_more_memory_than_its_bytes():
    row = {"v": {"type": "literal", "value": '},{ "a"'}}
    result = answer(*[row] * 100_000)
    tracemalloc.start()
    try:
        found = shown(result, SITE)
        assert (found.count, len(found.rows), found.cut) == (100_000, MAX_ROWS, True)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(result.body)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("rows", [0, 1, MAX_ROWS])
def test_a_result_that_fits_is_shown_whole(rows):
    found = shown(answer(*[{}] * rows), SITE)
    assert (found.count, len(found.rows), found.cut) == (rows, rows, False)


def test_blank_nodes_unbound_variables_and_triple_terms_have_their_place():
    assert cell(type="bnode", value="b0")[0].text == "_:b0"
    part = {"type": "uri", "value": "a:b"}
    found = shown(
        answer({"v": {"type": "triple", "value": {"subject": part, "predicate": part, "object": part}}}, {}),
        SITE,
    )
    assert '"a:b"' in found.rows[0][0][0].text
    assert found.rows[1][0][0].kind == "none"


# -- named queries ----------------------------------------------------------------------------------------


def test_the_list_is_a_page_for_people_and_json_for_programs(client, made_house):
    assert "<h1>Named queries</h1>" in page(client, "/sparql/named/")
    listed = client.get("/sparql/named/").json
    by_name = {query["name"]: query for query in listed["queries"]}
    assert by_name["cited-by"]["address"] == made_house.site.page("sparql/named/cited-by")
    assert [each["name"] for each in by_name["cited-by"]["parameters"]] == ["work"]


def test_a_name_and_arguments_are_an_address_that_gives_data(client):
    reply = client.get("/sparql/named/cited-by?work=RePEc:XDE:dpgard:1", headers={"Accept": "text/csv"})
    assert reply.mimetype == "text/csv"
    assert len(list(csv.reader(io.StringIO(reply.text)))) == 1 + 9
    named = client.get("/sparql/named/most-cited?limit=3&accept=application/sparql-results%2Bjson").json
    assert len(named["results"]["bindings"]) == 3


def test_a_csv_holds_the_very_values(client):
    """Nothing is added for spreadsheets' sake, and nothing is escaped but what CSV asks for."""
    query = HOSTILE_TITLES + " ORDER BY ?s"
    reply = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    found = list(csv.reader(io.StringIO(reply.data.decode("utf-8"), newline="")))
    assert found == [["title"], *([payload] for payload in PAYLOADS)]


def test_the_page_of_a_named_query_has_its_parameters_filled_in(client):
    outline = Outline(page(client, "/sparql/named/cited-by", work="RePEc:xde:dpgard:1"))
    (field,) = (each for each in outline.all("input") if each["name"] != "q")
    assert (field["name"], field["value"]) == ("work", "RePEc:xde:dpgard:1")
    downloads = [each["href"] for each in outline.all("a") if "accept=" in str(each["href"])]
    assert all(parse_qs(urlsplit(str(url)).query)["work"] == ["RePEc:xde:dpgard:1"] for url in downloads)


@pytest.mark.parametrize("headers", [HTML, {}], ids=["people", "programs"])
@pytest.mark.parametrize("value", ["a b", "x" * 10_000, *(each for each in PAYLOADS if each[0] != "&")])
def test_a_value_that_does_not_fit_is_refused_by_its_parameters_name(client, headers, value):
    reply = client.get("/sparql/named/cited-by", query_string={"work": value}, headers=headers)
    assert reply.status_code == 400
    assert "the parameter work" in reply.text
    assert len(reply.text) < 60_000


@pytest.mark.parametrize(
    "name",
    [
        "none-of-this-name",
        "..",
        "../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e%2fnamed",
        "most-cited.rq",
        "most-cited%00",
        "MOST-CITED",
        "a" * 10_000,
        "<script>alert(1)</script>",
        "%3Cscript%3E",
    ],
)
def test_what_is_no_name_is_not_found_and_no_file_is_touched(client, name):
    reply = client.get(f"/sparql/named/{name}", headers=HTML)
    assert reply.status_code in (404, 308, 405)
    assert "<script>alert" not in reply.text
    assert "root:" not in reply.text


def test_an_own_query_is_listed_and_a_broken_one_reported_beside_it(made_house):
    folder = made_house.settings.data / "queries"
    folder.mkdir()
    try:
        (folder / "ours.rq").write_text("# title: Ours & theirs\nASK { ?s ?p ?o }")
        (folder / "broken.rq").write_text("# param <b>x</b>\nASK {}")
        client = create_app(made_house).test_client()
        listed = page(client, "/sparql/named/")
        assert "Ours &amp; theirs" in listed
        assert "queries/broken.rq, line 1: " in listed
        assert "<b>x</b>" not in listed
        assert "Yes" in page(client, "/sparql/named/ours")
        reply = client.get("/sparql/named/broken", headers=HTML)
        assert reply.status_code == 400
        assert "queries/broken.rq, line 1" in reply.text
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


# -- hostile ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_stands_in_a_query_is_a_text_on_the_page(client, payload):
    query = f"SELECT ({ox.Literal(payload)} AS ?v) {{}} # {payload}"
    text = page(client, "/sparql", query=query)
    assert editor_holds(text).rstrip("\n") == query
    calm = Outline(page(client, "/sparql", query='SELECT ("a" AS ?v) {} # a'))
    assert [tag for tag, _ in Outline(text).tags] == [tag for tag, _ in calm.tags]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_stands_in_a_broken_query_is_a_text_on_the_page(client, payload):
    text = page(client, "/sparql", query=f"SELECT {payload}\n{{")
    assert editor_holds(text).startswith(f"SELECT {payload}\n{{")
    assert len(Outline(text).all("script")) in (0, 2)
    assert not Outline(text).all("img")


def test_what_stands_in_records_is_a_text_on_the_page(client):
    query = (
        "SELECT ?title { ?s <http://purl.org/dc/terms/title> ?title FILTER(CONTAINS(STR(?s), '/hostile:')) }"
    )
    outline = Outline(page(client, "/sparql", query=query))
    assert len(outline.all("script")) in (0, 2)
    assert not outline.all("img")
    assert not outline.all("svg")
    graph = page(
        client, "/sparql", query=query.replace("SELECT ?title", "CONSTRUCT WHERE").split("FILTER")[0] + "}"
    )
    assert len(Outline(graph).all("script")) in (0, 2)


# -- queries that pages offer -----------------------------------------------------------------------------


def offered(client: FlaskClient, house: House, path: str) -> list[str]:
    links = (str(each["href"]) for each in Outline(page(client, path)).all("a"))
    return [link.removeprefix(house.site.base[:-1]) for link in links if "/sparql/named/" in link]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (
            "/record/RePEc:xde:dpgard:1",
            ["cited-by", "versions", "same-authors", "more-like-this", "record-graph"],
        ),
        ("/record/RePEc:xde:jharbr", ["series-by-year", "series-by-volume", "series-authors"]),
        ("/record/RePEc:per:1970-01-01:ELENI_LAMPADARI", ["person-works", "co-authors"]),
        ("/record/RePEc:edi:ferryxd", ["institution-people"]),
        ("/record/RePEc:xde", ["links-here", "record-graph"]),
        ("/record/jel:R41", ["links-here", "works-with-jel"]),
        ("/", ["most-cited", "series-overview", "jel-by-year"]),
    ],
)
def test_a_page_offers_queries_about_its_own_subject_that_answer(client, made_house, path, names):
    links = offered(client, made_house, path)
    for name in names:
        assert [link for link in links if link.startswith(f"/sparql/named/{name}")], name
    for link in links:
        assert client.get(link, headers=HTML).status_code == 200, link
    subject = path.removeprefix("/record/").removeprefix("jel:")
    assert all(subject in unquote(link) for link in links if "?" in link)
