"""YASGUI on the page of SPARQL, and the page in a real browser: with scripts and without, and what it asks of whom."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from repository.assembly import House
from repository.model.site import Site
from repository.web import yasgui
from repository.web.app import create_app
from tests.kit import needs
from tests.web.asking import PAYLOADS, asking
from tests.web.chromium import Page, browser

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SITE = Site("https://papers.example.org/", "sheaf.example")


@pytest.fixture(scope="module")
def made_house(tmp_path_factory) -> Iterator[House]:
    with asking(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def client(made_house) -> FlaskClient:
    return create_app(made_house).test_client()


# -- YASGUI -----------------------------------------------------------------------------------------------


def brought_in() -> yasgui.Addresses:
    found = yasgui.addresses(SITE)
    if found is None:
        needs("the editor YASGUI (make install, with npm)")
    assert found is not None
    return found


def test_the_editor_comes_by_hash_and_from_no_other_place():
    lock = json.loads((ROOT / "deploy" / "yasgui" / "package-lock.json").read_text())
    packages = {name: about for name, about in lock["packages"].items() if name}
    assert "node_modules/@zazuko/yasgui" in packages
    for name, about in packages.items():
        assert about["integrity"].startswith("sha512-"), name
        assert about.get("resolved", "https://registry.npmjs.org/").startswith(
            "https://registry.npmjs.org/"
        ), name


def test_the_editors_files_are_kept_for_good_and_coded(client):
    found = brought_in()
    for address in (found.style, *found.scripts):
        reply = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert reply.status_code == 200
        assert "immutable" in reply.headers["Cache-Control"]
        assert reply.headers["Content-Encoding"] == "gzip"
        assert reply.mimetype in ("text/css", "text/javascript")


@pytest.mark.parametrize(
    "name",
    ["yasgui.min.js", "..%2f..%2f..%2fpyvenv.cfg", "../../../pyvenv.cfg", "%00", "sparql.js", "x" * 5000],
)
def test_nothing_but_the_listed_files_is_served(client, name):
    assert client.get(f"/static/yasgui/{name}").status_code == 404


# -- a real browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(made_house) -> Iterator[str]:
    """The address of the house behind a small server of this process."""
    port = urlsplit(made_house.site.base).port
    server = make_server("127.0.0.1", port, create_app(made_house), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made_house.site.base
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory) -> Iterator[Page]:
    with browser(needs("chromium"), tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def tab(chromium) -> Page:
    chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    chromium.requests.clear()
    chromium.complaints.clear()
    return chromium


def only_ours(tab: Page, base: str) -> None:
    """Nobody else was asked for anything, and the browser had nothing to complain of."""
    assert [url for url in tab.requests if not url.startswith((base, "data:", "blob:", "about:"))] == []
    assert [said for said in tab.complaints if "favicon" not in said] == []


def test_a_browser_with_scripts_runs_a_query_in_place_and_asks_nobody_else(tab, served):
    brought_in()
    tab.open(served + "sparql")
    assert tab.evaluate("document.querySelectorAll('.yasqe .CodeMirror').length") == 1
    assert tab.evaluate("getComputedStyle(document.getElementById('query')).display") == "none"
    tab.evaluate(
        "document.querySelector('.yasqe .CodeMirror').CodeMirror.setValue('SELECT ?s { ?s a ?c } LIMIT 60')"
    )
    tab.evaluate("document.querySelector('#editor button').click()")
    tab.wait_for("document.querySelector('.yasr table tbody tr')")
    assert tab.evaluate("document.querySelector('.outcome h2 span').textContent") == "60 rows"
    assert tab.evaluate("document.querySelectorAll('.yasr tbody tr').length") == 50
    shared = tab.evaluate("location.href")
    assert parse_qs(urlsplit(shared).query)["query"] == ["SELECT ?s { ?s a ?c } LIMIT 60"]
    assert tab.evaluate("document.querySelectorAll('.outcome .formats a').length") == 4
    only_ours(tab, served)
    tab.open(shared)
    assert tab.evaluate("document.querySelectorAll('#result tbody tr').length") == 60


def test_a_browser_shows_graphs_and_errors_in_place(tab, served):
    brought_in()
    tab.open(served + "sparql")
    tab.evaluate(
        "document.querySelector('.yasqe .CodeMirror').CodeMirror.setValue('CONSTRUCT WHERE { ?s ?p ?o } LIMIT 5')"
    )
    tab.evaluate("document.querySelector('#editor button').click()")
    tab.wait_for("document.querySelector('.yasr .CodeMirror')")
    assert tab.evaluate("document.querySelector('.outcome .formats a').textContent") == "Turtle"
    only_ours(tab, served)
    tab.evaluate("document.querySelector('.yasqe .CodeMirror').CodeMirror.setValue('SELECT * {\\n ?a ?b }')")
    tab.evaluate("document.querySelector('#editor button').click()")
    tab.wait_for("document.querySelector('.failure pre')")
    assert "^" in tab.evaluate("document.querySelector('.failure pre').textContent")


def test_completing_names_asks_nobody(tab, served):
    """YASQE has completers that ask a server in Spain; ours know variables, and the prefixes of the page."""
    brought_in()
    tab.open(served + "sparql")
    tab.evaluate(
        "window.editor = document.querySelector('.yasqe .CodeMirror').CodeMirror;"
        "editor.setValue('SELECT ?work {\\n ?work <http://purl.org/dc/terms/ti> ?t .\\n ?s \\n}');"
        "editor.focus(); editor.setCursor({line: 1, ch: 30}); editor.autocomplete();"
        "editor.setCursor({line: 2, ch: 4}); editor.replaceSelection('prism:')"
    )
    tab.wait_for("editor.getValue().startsWith('PREFIX prism: <http://prismstandard.org/')")
    tab.evaluate("editor.setCursor({line: 2, ch: 8}); editor.autocomplete()")
    only_ours(tab, served)


def test_the_table_in_place_has_the_very_values(tab, served):
    """Braces as in LaTeX among them, which YASR takes for templates."""
    brought_in()
    values = [*PAYLOADS, "{{GDP}} and {{ v }}", "{{w}}"]
    texts = " ".join(f"({ox.Literal(value)} {ox.Literal('other')})" for value in values)
    tab.open(served + "sparql")
    query = json.dumps(f"SELECT ?v ?w {{ VALUES (?v ?w) {{ {texts} }} }}")
    tab.evaluate(f"document.querySelector('.yasqe .CodeMirror').CodeMirror.setValue({query})")
    tab.evaluate("document.querySelector('#editor button').click()")
    tab.wait_for("document.querySelector('.yasr table tbody tr')")
    shown = tab.evaluate("[...document.querySelectorAll('.yasr tbody tr')].map(r => r.cells[0].textContent)")
    assert shown == values
    # DOMPurify reads each value in a document that runs nothing; the browser names the handlers it would refuse.
    assert all("inline event handler" in said for said in tab.complaints if "favicon" not in said)


def test_a_browser_without_scripts_has_the_form_and_the_table(tab, served):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(served + "sparql?" + urlencode({"query": "SELECT ?s { ?s a ?c } LIMIT 3"}))
    assert tab.evaluate("document.querySelectorAll('.yasqe').length") == 0
    assert tab.evaluate("document.getElementById('query').checkVisibility()") is True
    assert tab.evaluate("document.querySelectorAll('#result tbody tr').length") == 3
    only_ours(tab, served)


HOSTILE_VALUES = [
    *PAYLOADS,
    "<img src=x onerror=window.broken=1>",
    "<a href=javascript:window.broken=1>x</a>",
    "{{s}}<iframe srcdoc='<script>parent.broken=1</script>'>",
]
HOSTILE_IRIS = ["javascript:window.broken=1", "http://x/'onmouseover='window.broken=1", "data:text/html,<b>"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_no_value_becomes_markup_or_code_in_a_browser(tab, served, scripts):
    if scripts:
        brought_in()
    texts = " ".join(f"({ox.Literal(value)})" for value in HOSTILE_VALUES)
    iris = " ".join(
        f"(IRI({ox.Literal(value)}) AS ?iri{number})" for number, value in enumerate(HOSTILE_IRIS)
    )
    for query in (
        f"SELECT ?v {{ VALUES (?v) {{ {texts} }} }}",
        f"SELECT {iris} {{}}",
        f"CONSTRUCT {{ <a:a> <a:b> ?v }} {{ VALUES (?v) {{ {texts} }} }}",
        *(f"SELECT {value}" for value in HOSTILE_VALUES),
    ):
        tab.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        tab.open(served + "sparql?" + urlencode({"query": query}))
        if scripts:
            tab.evaluate("document.querySelector('#editor button').click()")
            tab.wait_for(
                "document.querySelector('.yasr .yasr_results *, .failure') && !document.querySelector('.running')"
            )
            tab.evaluate(
                "for (const each of document.querySelectorAll('#result *'))"
                " each.dispatchEvent(new MouseEvent('mouseover'))"
            )
        assert tab.evaluate("typeof window.broken") == "undefined"
        assert (
            tab.evaluate(
                "document.querySelectorAll('#result script, #result iframe, #result svg[onload]').length"
            )
            == 0
        )
        assert (
            tab.evaluate(
                "[...document.querySelectorAll('#result a[href]')].filter(a => !/^https?:/.test(a.href)).length"
            )
            == 0
        )


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "path", ["sparql", "sparql/named/", "sparql/named/jel-by-year", "sparql/named/record-graph"]
)
def test_no_page_is_wider_than_its_window(tab, served, path, width):
    tab.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
    )
    try:
        tab.open(served + path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        tab.call("Emulation.clearDeviceMetricsOverride")


def test_the_form_works_at_another_name_of_the_machine(tab, served):
    """Someone who opens localhost where the base URL says 127.0.0.1 can still ask."""
    here = served.replace("127.0.0.1", "localhost")
    tab.open(here + "sparql")
    tab.evaluate("document.querySelector('#editor button').click()")
    tab.wait_for("document.querySelector('#result table tbody tr')")
    only_ours(tab, here)


def test_a_query_in_the_address_is_a_value_of_the_editor(tab, served):
    brought_in()
    for payload in PAYLOADS:
        query = f"ASK {{}} # {payload}"
        tab.open(served + "sparql?query=" + quote(query))
        assert tab.evaluate("document.querySelector('.yasqe .CodeMirror').CodeMirror.getValue()") == query
