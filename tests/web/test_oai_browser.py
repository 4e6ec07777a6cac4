"""Pages of OAI-PMH in a real browser: its own headers, its forms, its width."""

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from repository.assembly import open_house
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import draft, needs
from tests.ports import free_port
from tests.web.chromium import Page, browser
from tests.web.conftest import records
from tests.web.test_oai_page import REQUESTS, address


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[str]:
    base = f"http://127.0.0.1:{free_port()}/"
    house = open_house(
        make_settings(
            {
                "data": str(tmp_path_factory.mktemp("house")),
                "base_url": base,
                "repository_name": "Quay",
                "oai_page_size": "5",
            }
        )
    )
    house.log.append([*records(), draft("long", "Long" * 100)])
    server = make_server("127.0.0.1", urlsplit(base).port, create_app(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield base
    server.shutdown()
    thread.join()
    server.server_close()
    house.close()


@pytest.fixture(scope="module")
def tab(tmp_path_factory) -> Iterator[Page]:
    with browser(needs("chromium"), tmp_path_factory.mktemp("profile")) as opened_tab:
        opened_tab.call("Emulation.setScriptExecutionDisabled", value=False)
        yield opened_tab


HEADING = "document.querySelector('h1').textContent"


def test_a_browser_walks_from_the_address_to_records_by_forms_and_links(tab, served):
    tab.open(served + "oai")
    assert tab.evaluate(HEADING) == "Harvest the records"
    tab.follow("document.querySelector('main form button').click()")
    # The empty fields of the form are gone from the address, which can be given to a harvester.
    assert tab.evaluate("location.search") == "?verb=ListRecords&metadataPrefix=oai_dc"
    assert tab.evaluate(HEADING) == "Records 1 to 5 of 9"
    tab.follow("document.querySelector('a[rel=next]').click()")
    assert tab.evaluate(HEADING) == "Records 6 to 9 of 9"
    assert tab.evaluate("location.search").startswith("?verb=ListRecords&resumptionToken=")
    assert [said for said in tab.complaints if "favicon" not in said] == []


def test_a_browser_shows_the_xml_behind_the_page_and_gives_it_to_scripts(tab, served):
    tab.open(served + "oai?verb=Identify")
    assert tab.evaluate(HEADING) == "Quay"
    tab.open(served + "robots.txt")  # the policy of pages lets no script fetch anything
    fetched = tab.evaluate("fetch('/oai?verb=Identify').then(r => r.headers.get('content-type'))")
    assert fetched == "text/xml; charset=UTF-8"
    tab.open(served + "oai?verb=Identify")
    tab.follow("document.querySelector('a[type=\"text/xml\"]').click()")
    assert tab.evaluate("document.contentType") == "text/xml"
    assert "protocolVersion" in tab.evaluate("new XMLSerializer().serializeToString(document)")


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(tab, served, width):
    tab.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
    )
    try:
        for query in REQUESTS.values():
            tab.open(served + address(query)[1:])
            tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, query
    finally:
        tab.call("Emulation.clearDeviceMetricsOverride")
