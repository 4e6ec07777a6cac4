"""Small archives, asked by pyoxigraph itself: the union of one named graph for each record."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from repository.dump import dump
from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.site import Site
from repository.report import Ask, Row, rows_of_json
from repository.report.result import Figure
from tests.kit import Clock

BASE = "https://papers.example.org/"
SITE = Site(BASE, "papers.example.org")
RECORDS = Path(__file__).parents[2] / "records"


def asking(quads: bytes) -> Ask:
    """An engine over N-Quads."""
    store = ox.Store()
    store.bulk_load(quads, format=ox.RdfFormat.N_QUADS)

    def ask(query: str) -> list[Row]:
        result = store.query(query, use_default_graph_as_union=True)
        return rows_of_json(result.serialize(format=ox.QueryResultsFormat.JSON))

    return ask


def asking_log(log: Log) -> Ask:
    return asking(b"".join(dump(log, SITE)))


def figures(value: object) -> list[Figure]:
    """Every figure of a report, wherever it stands."""
    if isinstance(value, Figure):
        return [value]
    if isinstance(value, tuple):
        return [figure for each in value for figure in figures(each)]
    if is_dataclass(value):
        return [figure for field in fields(value) for figure in figures(getattr(value, field.name))]
    return []


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = Log(f"sqlite:///{tmp_path / 'log.sqlite'}", clock=Clock())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """The sample records, kept by the real ingest."""
    opened = Log(f"sqlite:///{tmp_path_factory.mktemp('samples') / 'log.sqlite'}", clock=Clock())
    Ingest(opened, SITE).run(list(find_files([RECORDS])))
    yield opened
    opened.close()
