"""The sample records as a small store, for what asks about them."""

from pathlib import Path

import pyoxigraph as ox

from repository.dump import dump
from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.settings import make_settings
from repository.model.site import Site

RECORDS = Path(__file__).parents[2] / "records"
SITE = Site("https://papers.example.org/", "sheaf.example")


def sample_quads(folder: Path) -> bytes:
    """The records of `records/` as the index holds them: one graph a record."""
    log = Log(make_settings({"data": str(folder)}).log_url)
    try:
        Ingest(log, SITE).run(list(find_files([RECORDS])))
        return b"".join(dump(log, SITE))
    finally:
        log.close()


def store_of(quads: bytes) -> ox.Store:
    store = ox.Store()
    store.bulk_load(quads, format=ox.RdfFormat.N_QUADS)
    return store


def rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    """The solutions of a SELECT over the union of all graphs, values without their types."""
    found = store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: str(row[name].value) for name in names if row[name] is not None} for row in found]
