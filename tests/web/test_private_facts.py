"""Row 50 of docs/threats.md: e-mail addresses and telephone numbers leave by no door, whatever one asks for."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from repository.assembly import House, opened
from repository.cli.main import sheaf
from repository.formats import by_name
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.serve.service import ROOT
from tests.web.conftest import BASE
from tests.web.crawling import crawl

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The sample records, as their files say them, with both indexes."""
    folder = tmp_path_factory.mktemp("samples")
    told = {"SHEAF_DATA": str(folder), "SHEAF_BASE_URL": BASE.rstrip("/")}
    for words in (["ingest", "--quiet", "--jobs", "0", str(ROOT / "records")], ["follow", "--once"]):
        assert CliRunner(env=told).invoke(sheaf, words, standalone_mode=False).exception is None
    with opened(make_settings({"data": str(folder), "base_url": BASE.rstrip("/")}), read_only=True) as house:
        yield house


@pytest.fixture(scope="module")
def secrets(samples: House) -> list[bytes]:
    """What the log keeps apart, of all records."""
    kept = (samples.log.private(record.identifier) for record in samples.log.live())
    found = {value for facts in kept for values in facts.values() for value in values}
    assert len(found) > 5
    return sorted(value.encode() for value in found)


def test_row_50_no_address_tells_a_private_fact(samples: House, secrets: list[bytes]) -> None:
    client = create_app(samples).test_client()
    answers = {path: answer.all for (path, _), answer in crawl(client, BASE).items()}
    for record in samples.log.live():
        for end in (*(form.extension for form in by_name.values() if form.extension), "html"):
            path = f"/record/{record.identifier}.{end}"
            answers[path] = client.get(path).data
    for prefix in by_name:
        path = f"/oai?verb=ListRecords&metadataPrefix={prefix}"
        answers[path] = client.get(path).data
    assert len(answers) > 1000
    assert {path: secret for path, body in answers.items() for secret in secrets if secret in body} == {}


def test_row_50_nobody_finds_a_record_by_a_private_fact(samples: House, secrets: list[bytes]) -> None:
    client = create_app(samples).test_client()
    assert client.get("/search.json?q=ferry").json["total"] > 0  # type: ignore[index]
    for secret in secrets:
        asked = quote('"' + secret.decode() + '"')
        assert client.get(f"/search.json?q={asked}").json["total"] == 0, secret  # type: ignore[index]


def test_row_50_dumps_queries_and_exports_hold_no_private_fact(
    samples: House, secrets: list[bytes], tmp_path: Path
) -> None:
    told = {"SHEAF_DATA": str(samples.settings.data), "SHEAF_BASE_URL": samples.settings.base_url}
    given = b""
    for words in (
        ["dump"],
        ["export", "redif", str(tmp_path)],
        ["query", "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }", "--as", "csv"],
    ):
        ran = CliRunner(env=told).invoke(sheaf, words, standalone_mode=False)
        assert ran.exception is None, words
        given += ran.stdout_bytes
    files = [path.read_bytes() for path in tmp_path.rglob("*.r*") if path.is_file()]
    assert len(files) > 5
    assert given.count(b"\n") > 4000
    assert [secret for secret in secrets if secret in given or any(secret in file for file in files)] == []
