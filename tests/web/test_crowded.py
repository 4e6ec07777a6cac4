"""Connections to the log are fewer than the threads that answer: whoever holds one waits for no other.

Else as many as there are connections wait for each other, and everybody for them.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from repository.assembly import House, opened
from repository.log import Log
from repository.web.app import create_app
from tests.kit import draft
from tests.web.conftest import ARTICLE, BASE, GONE, PERSON, SERIES
from tests.web.crawling import SEEDS

DOORS = (
    *SEEDS,
    *(f"/record/{identifier}" for identifier in (ARTICLE, SERIES, PERSON, GONE)),
    f"/timemap/{ARTICLE}",
    f"/version/1/{ARTICLE}",
    f"/links/links/{SERIES}",
    "/browse",
    "/browse/types/article",
    "/browse/authors/g",
    "/feeds/ldes/1",
    "/feeds/atom/1",
    "/sitemap/1.xml",
    "/report/kept/2026-01",
    "/readyz",
    "/metrics",
)
# What SQLAlchemy's pool has unless it is told otherwise.
CONNECTIONS = 15


@pytest.fixture
def crowded(open_at) -> Iterator[House]:
    """A house of whose connections all but one are taken."""
    with opened(open_at(BASE).settings, read_only=True) as house, ExitStack() as taken:
        house.log._database.engine.pool._timeout = 0.1
        for _ in range(CONNECTIONS - 1):
            taken.enter_context(house.log.read())
        yield house


def test_no_door_needs_two_connections_at_a_time(client, crowded) -> None:
    there = create_app(crowded).test_client()
    for door in DOORS:
        for accept in ("text/html", "text/turtle"):
            headers = {"Accept": accept}
            expected = client.get(door, headers=headers).status_code
            assert there.get(door, headers=headers).status_code == expected, (door, accept)


def test_a_crowd_of_harvesters_at_lists_that_were_never_rendered_is_answered_at_once(open_at) -> None:
    settings = open_at(BASE).settings
    log = Log(settings.log_url)
    log.append([draft(f"c{n}") for n in range(100)])
    log.close()
    arrived = threading.Barrier(2 * CONNECTIONS)
    with opened(settings, read_only=True) as house, ThreadPoolExecutor(2 * CONNECTIONS) as crowd:
        house.log._database.engine.pool._timeout = 5

        def ask(number: int) -> bytes:
            arrived.wait()
            prefix = ("oai_dc", "rdf", "mods")[number % 3]
            return house.oai([("verb", "ListRecords"), ("metadataPrefix", prefix)]).identity()

        answers = list(crowd.map(ask, range(2 * CONNECTIONS)))
    assert all(answer.count(b"<record>") > 100 for answer in answers)
