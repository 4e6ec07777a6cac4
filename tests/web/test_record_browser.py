"""A record's page in a real browser: its data for search engines is data, whatever is in it, and breaks no policy."""

import json
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from repository.assembly import open_house
from repository.model.settings import make_settings
from repository.model.work import Person, Text
from repository.web.app import create_app
from tests.kit import needs, work
from tests.ports import free_port
from tests.web.asking import PAYLOADS
from tests.web.chromium import Page, browser
from tests.web.conftest import ARTICLE, as_draft, records

HOSTILE = " ".join([*PAYLOADS, "</script><script>document.title='broken'</script>", "<!--<script>"])
DATA = "document.querySelector('script').textContent"


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[str]:
    base = f"http://127.0.0.1:{free_port()}/"
    house = open_house(make_settings({"data": str(tmp_path_factory.mktemp("house")), "base_url": base}))
    hostile = work("hostile", HOSTILE, abstracts=(Text(HOSTILE),), creators=(Person(HOSTILE),), host=HOSTILE)
    house.log.append([*records(), as_draft(hostile)])
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
        yield opened_tab


@pytest.mark.parametrize("identifier", [ARTICLE, "RePEc:xxx:joujou:hostile"])
def test_pitfall_20_the_data_of_a_page_is_read_and_never_run(tab, served, identifier):
    tab.complaints.clear()
    tab.requests.clear()
    tab.open(f"{served}id/{identifier}")
    assert tab.evaluate("document.scripts.length") == 1
    assert tab.evaluate("document.scripts[0].type") == "application/ld+json"
    found = json.loads(tab.evaluate(DATA))
    assert found["@id"] == f"{served}id/{identifier}"
    if identifier != ARTICLE:
        assert found["name"] == HOSTILE
        assert tab.evaluate("document.querySelector('h1').textContent") == HOSTILE
        assert tab.evaluate("document.title") != "broken"
    # Neither the policy nor anything else was broken, and schema.org was asked for nothing.
    assert tab.complaints == []
    assert all(address.startswith((served, "data:")) for address in tab.requests)
