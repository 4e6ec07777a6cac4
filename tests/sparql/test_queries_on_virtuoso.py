"""The worked queries on a server that is not ours: a Virtuoso gives the same rows as the embedded engine."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from repository.index.index import Position
from repository.index.remote import RemoteIndex
from repository.sparql import guard, named
from repository.sparql.remote import query_remote
from tests.index.virtuoso import PASSWORD, USER, Virtuoso
from tests.sparql.samples import SITE, rows, sample_quads, store_of

# The order of what GROUP_CONCAT joins is nobody's promise (SPARQL 1.1, 18.5.1.7).
JOINED = {"subjects", "codes", "kinds", "works", "as", "editors"}
# These count what stands in every graph, and Virtuoso has graphs of its own.
ABOUT_ALL = {"properties", "classes"}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, bytes]]:
    folder = tmp_path_factory.mktemp("virtuoso")
    quads = sample_quads(tmp_path_factory.mktemp("samples"))
    server = Virtuoso(folder).start()
    try:
        index = RemoteIndex(server.url, server.update_url, base=SITE.base, user=USER, password=PASSWORD)
        index.load(Position(1, "mark", SITE.base), by_graph(quads))
        index.close()
        yield server.url, quads
    finally:
        server.stop()


def by_graph(quads: bytes) -> list[bytes]:
    found: dict[bytes, list[bytes]] = {}
    for line in quads.splitlines(keepends=True):
        found.setdefault(line.rsplit(b" ", 2)[1], []).append(line)
    return [b"".join(lines) for lines in found.values()]


def normal(found: list[dict[str, str]]) -> Counter[str]:
    for row in found:
        for name in JOINED & row.keys():
            if not row[name].isdigit():
                row[name] = " ".join(sorted(row[name].replace("; ", ";").replace(" ", ";").split(";")))
    return Counter(
        json.dumps({key: value for key, value in row.items() if value}, sort_keys=True) for row in found
    )


@pytest.mark.slow
def test_virtuoso_gives_the_rows_that_the_embedded_engine_gives(served):
    url, quads = served
    store = store_of(quads)
    for query in named.built_in(SITE):
        guarded = guard.examine(named.bind(query, {}, SITE, year=2026))
        if guarded.form != "SELECT" or query.name in ABOUT_ALL:
            continue
        body = bytearray()
        query_remote(
            url, guarded.text, media_type="application/sparql-results+json", write=body.extend, seconds=60
        )
        theirs = [
            {name: term["value"] for name, term in row.items()}
            for row in json.loads(body)["results"]["bindings"]
        ]
        assert normal(theirs) == normal(rows(store, guarded.text)), query.name
