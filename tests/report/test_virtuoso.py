"""The queries of a report mean the same to Virtuoso as to the embedded engine: every number and every list."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from repository.assembly import followed
from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.report import SECTIONS, Ask, Row, make_report, rows_of_json
from tests.index.virtuoso import PASSWORD, USER, Virtuoso
from tests.kit import draft
from tests.report.conftest import BASE, RECORDS, SITE, asking_log, figures

BAD = 'Ärger <b>bold</b> & "quoted" \\ title'


@pytest.fixture
def virtuoso(tmp_path: Path) -> Iterator[Virtuoso]:
    server = Virtuoso(tmp_path / "virtuoso")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(tmp_path: Path, virtuoso: Virtuoso) -> Settings:
    (tmp_path / "data").mkdir()
    return make_settings(
        {
            "data": str(tmp_path / "data"),
            "base_url": BASE,
            "sparql_url": virtuoso.url,
            "sparql_update_url": virtuoso.update_url,
            "sparql_user": USER,
            "sparql_password": PASSWORD,
        }
    )


@pytest.fixture
def asked(settings: Settings) -> Iterator[tuple[Log, Ask]]:
    """The sample records and some that are wrong, followed into Virtuoso, and a way to ask it."""
    log = Log(settings.log_url)
    Ingest(log, settings.site).run(list(find_files([RECORDS])))
    log.append([draft(n, BAD, dois=("10.1/X",)) for n in range(3)])
    log.append([draft("a", "", jel=()), draft("b", "T", languages=("eng",), cites=("RePEc:abs:ent:1",))])
    with followed(settings) as follower:
        follower.catch_up()
    with httpx.Client(timeout=60, headers={"Accept": "application/sparql-results+json"}) as client:

        def ask(query: str) -> list[Row]:
            reply = client.post(settings.sparql_url, data={"query": query})
            assert reply.status_code == 200, reply.text
            return rows_of_json(reply.content)

        yield log, ask
    log.close()


@pytest.mark.slow
def test_virtuoso_and_the_embedded_engine_make_the_same_report(asked: tuple[Log, Ask]) -> None:
    log, ask = asked
    theirs, ours = (make_report(each, log, SITE, seq=1) for each in (ask, asking_log(log)))
    for section in SECTIONS:
        assert getattr(theirs, section) == getattr(ours, section), section
    assert theirs.shapes is not None
    assert len(theirs.shapes.failures) >= 3
    for figure in figures(theirs):
        assert len(ask(figure.query)) == figure.count, figure.query
