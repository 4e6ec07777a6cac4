"""A house whose queries the engine answers in the test's own process, over the samples and hostile records."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from repository.assembly import House, open_house
from repository.dump import dump
from repository.ingest import Ingest, find_files
from repository.model.settings import make_settings
from repository.sparql.question import Answer, QueryError, Question
from tests.ports import free_port
from tests.sparql.samples import RECORDS, store_of

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
# What breaks out of texts, attributes, text areas and scripts, where something forgets to escape.
PAYLOADS = [
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)' x=\"",
    "{{ 7*7 }}{% raw %}",
    "&lt;b&gt;&quot;",
    "]]><!-- --><svg/onload=alert(1)>",
    "\u202eexe.txt\u2066",
]

HOSTILE_TITLES = (
    "SELECT ?title { ?s <http://purl.org/dc/terms/title> ?title FILTER(CONTAINS(STR(?s), '/hostile:')) }"
)


def engine(quads: bytes) -> Callable[[Question], Answer]:
    """What stands behind /sparql, without its processes: the same engine over the union of all graphs."""
    store = store_of(quads)

    def answer(question: Question) -> Answer:
        began = time.monotonic()
        try:
            found = store.query(question.query, use_default_graph_as_union=True)
        except SyntaxError as error:
            raise QueryError("syntax", str(error)) from None
        graph = isinstance(found, ox.QueryTriples)
        form = (ox.RdfFormat if graph else ox.QueryResultsFormat).from_media_type(question.media_type)
        return Answer(found.serialize(format=form), question.media_type, 1, time.monotonic() - began)

    return answer


@contextmanager
def asking(folder: Path) -> Iterator[House]:
    """The sample records, and one with each payload as its title, under an address where a browser may find them."""
    base = f"http://127.0.0.1:{free_port()}"
    house = open_house(make_settings({"data": str(folder), "base_url": base, "repository_name": "Quay"}))
    try:
        Ingest(house.log, house.site).run(list(find_files([RECORDS])))
        hostile = "".join(
            f"<{house.site.thing(f'hostile:{number}')}> <http://purl.org/dc/terms/title> {ox.Literal(payload)} "
            f"<{house.site.record(f'hostile:{number}')}> .\n"
            for number, payload in enumerate(PAYLOADS)
        )
        quads = b"".join(dump(house.log, house.site)) + hostile.encode()
        yield replace(house, sparql=engine(quads))
    finally:
        house.close()
