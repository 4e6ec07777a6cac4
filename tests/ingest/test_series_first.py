"""What a series says of itself is in its works from the first run on, wherever it stands and however it is written."""

from pathlib import Path

import pytest

from repository.ingest import Ingest, find_files
from repository.ingest.report import Placed
from repository.log import Log
from repository.model.errors import LogError
from tests.readers.sources import PAPER, SERIES, SITE

BEGINS = {
    "as documented": "Template-Type: ReDIF-Series 1.0",
    "blank before the colon": "Template-Type : ReDIF-Series 1.0",
    "on the next line": "Template-Type:\n  ReDIF-Series 1.0",
    "no-break space": "Template-Type:\u00a0ReDIF-Series 1.0",
    "small, behind a mark": "\ufefftemplate-type: redif-series 1.0",
}


@pytest.mark.parametrize("which", BEGINS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_second_run_over_works_before_their_series_appends_nothing(
    tmp_path: Path, which: str, encoding: str
) -> None:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    series = SERIES.replace("Template-Type: ReDIF-Series 1.0", BEGINS[which])
    (tmp_path / "in.rdf").write_bytes(f"{PAPER}Note: \u00e9\n{series}".encode(encoding, "ignore"))
    try:
        for outcomes in ({"new": 2}, {"unchanged": 2}):
            report = Ingest(log, SITE).run(list(find_files([tmp_path / "in.rdf"])))
            assert report.outcomes == outcomes
    finally:
        log.close()


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_log_that_cannot_be_asked_for_a_series_refuses_no_record_and_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    def away(*_: object) -> None:
        raise LogError("the record log could not be used: the server is starting up")

    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    (tmp_path / "in.rdf").write_text(PAPER)
    told: list[Placed] = []
    try:
        with monkeypatch.context() as patched:
            patched.setattr(Log, "get", away)
            with pytest.raises(LogError, match="starting up"):
                Ingest(log, SITE, heed=told.append, jobs=jobs).run(list(find_files([tmp_path / "in.rdf"])))
        assert not [each for each in told if each.finding.severity == "error"]
        assert Ingest(log, SITE).run(list(find_files([tmp_path / "in.rdf"]))).outcomes == {"new": 1}
    finally:
        log.close()
