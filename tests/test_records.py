"""The sample records: the seed's article is what the profile says, and the invented archive is a model one."""

import re
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import graph_diff, to_isomorphic

from repository.formats import by_extension
from repository.ingest import Ingest, Placed, Report, find_files
from repository.log import Log
from repository.model.settings import make_settings
from repository.model.site import Site
from tests.kit import shared

RECORDS = Path(__file__).parents[1] / "records"
SEED = "RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458"
SITE = Site("http://127.0.0.1:8080/", "sheaf.example")


def ingested(tmp_path: Path, *paths: Path, strict: bool = False) -> tuple[Log, Report, list[Placed]]:
    log = Log(make_settings({"data": str(tmp_path)}).log_url)
    heard: list[Placed] = []
    run = Ingest(log, SITE, strict=strict, heed=heard.append)
    return log, run.run(list(find_files(paths))), heard


@pytest.mark.parametrize("extension", ["ttl", "nt", "rdf"])
@pytest.mark.parametrize("file", ["socmed-381.redif", "socmed-381.ttl"])
def test_the_seeds_article_is_the_profiles_example(tmp_path: Path, file: str, extension: str) -> None:
    text = (shared() / "design" / "profile-example.ttl").read_text()
    log, _, _ = ingested(tmp_path, RECORDS / "eee" / "eeeseri.rdf", RECORDS / "eee" / "socmed" / file)
    record = log.get(SEED)
    assert record is not None
    given = by_extension[extension].write(record, SITE)
    names = {"ttl": "turtle", "nt": "nt", "rdf": "xml"}
    ours = to_isomorphic(Graph().parse(data=given, format=names[extension]))
    from repository.model.datestamps import format_seconds

    text = text.replace("2026-01-01T00:00:00Z", format_seconds(record.datestamp))
    _, missing, more = graph_diff(to_isomorphic(Graph().parse(data=text, format="turtle")), ours)
    assert (set(missing), set(more)) == (set(), set())
    log.close()


def test_all_sample_records_are_kept_without_an_error_and_a_second_run_appends_nothing(
    tmp_path: Path,
) -> None:
    log, first, heard = ingested(tmp_path, RECORDS)
    assert not [placed for placed in heard if placed.finding.severity == "error"]
    assert first.refused == 0
    seq = log.get(SEED).seq  # type: ignore[union-attr]
    second = Ingest(log, SITE).run(list(find_files([RECORDS])))
    assert set(second.outcomes) == {"unchanged"}
    assert log.get(SEED).seq == seq  # type: ignore[union-attr]
    assert not list(log.verify())
    log.close()


def test_the_demonstration_archive_is_strictly_valid_and_says_that_it_is_invented(tmp_path: Path) -> None:
    log, report, heard = ingested(tmp_path, RECORDS / "demo", strict=True)
    assert (report.refused, heard) == (0, [])
    for record in log.live():
        if record.identifier.count(":") in (1, 2) and ":xde" in record.identifier:
            assert re.search(rb"(?i)invented", record.body or b""), record.identifier
    types = {spec for record in log.live() for spec in record.sets if spec.startswith("type:")}
    assert types >= {
        f"type:{t}" for t in ("article", "paper", "book", "chapter", "software", "series", "person")
    }
    log.close()


def test_no_e_mail_address_of_the_samples_reaches_a_body(tmp_path: Path) -> None:
    log, _, _ = ingested(tmp_path, RECORDS)
    assert any(log.private(record.identifier) for record in log.live())
    for record in log.live():
        assert not re.search(rb"[\w.]+@[\w.]+\.(org|com|edu)", record.body or b""), record.identifier
    log.close()
