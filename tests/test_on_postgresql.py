"""The whole service over a log in PostgreSQL: the same questions, the same bytes as over SQLite."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from repository.log import Log
from tests.ports import free_port
from tests.postgres import Server

ROOT = Path(__file__).parents[1]
_SHEAF = [sys.executable, "-c", "from repository.cli.main import main; main()"]
_VERBS = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers&metadataPrefix=oai_dc")
_EXTENSIONS = (".ttl", ".jsonld", ".nt", ".rdf", ".bib", ".dc.xml", ".html")
_PAGES = (
    "/",
    "/browse",
    "/search?q=the&sort=added",
    "/feeds/",
    "/sitemap.xml",
    "/context.jsonld",
    "/void",
    "/machines",
)
# A moment of the answer, and of the token that it hands out.
_MOMENT = re.compile(rb"<responseDate>[^<]*</responseDate>|expirationDate=\"[^\"]*\"")
_TOKEN = re.compile(rb"(<resumptionToken[^>]*>)([^<]+)</resumptionToken>")


def environment(folder: Path, port: int, url: str = "") -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SHEAF_")}
    given = {
        "SHEAF_DATA": str(folder),
        "SHEAF_BASE_URL": f"http://127.0.0.1:{port}",
        "SHEAF_OAI_PAGE_SIZE": "4",
    }
    return plain | given | {"SHEAF_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}


def sheaf(env: dict[str, str], *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [*_SHEAF, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == status, (arguments, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout


@contextmanager
def serving(env: dict[str, str]) -> Iterator[httpx.Client]:
    base = env["SHEAF_BASE_URL"]
    process = subprocess.Popen(
        [*_SHEAF, "serve", "--port", base.rsplit(":", 1)[1], "--workers", "1"],
        env=env,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=base, timeout=60) as client:
            until(lambda: ready(client))
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def ready(client: httpx.Client) -> bool:
    try:
        answer = client.get("/readyz")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and "search: at entry" in answer.text


def until(holds: object) -> None:
    for _ in range(900):
        if holds():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise AssertionError("it never came to hold")


def answers(client: httpx.Client, identifiers: list[str]) -> Iterator[tuple[str, int, str | None, bytes]]:
    """What is asked, and what came back, without the moment at which it did."""
    paths = [*_PAGES, "/record/none:such", "/id/RePEc:none:such", "/doi/10.5555/none"]
    paths += [f"/record/{name}" for name in identifiers]
    paths += [f"/record/{name}{ending}" for name in identifiers[::4] for ending in _EXTENSIONS]
    for path in paths:
        answer = client.get(path, headers={"Accept": "text/html"})
        yield path, answer.status_code, answer.headers.get("ETag"), answer.content
    for verb in _VERBS:
        yield from harvest(client, f"/oai?verb={verb}")
    for prefix in ("oai_dc", "rdf"):
        yield from harvest(client, f"/oai?verb=ListRecords&metadataPrefix={prefix}")
    query = (
        "SELECT * WHERE { ?s a ?type . ?s <http://purl.org/dc/terms/title> ?title } ORDER BY ?s ?type ?title"
    )
    found = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    yield "/sparql", found.status_code, None, found.content


def harvest(client: httpx.Client, path: str) -> Iterator[tuple[str, int, str | None, bytes]]:
    verb = path.partition("verb=")[2].partition("&")[0]
    asked, page = path, 0
    while asked:
        answer = client.get(asked)
        token = _TOKEN.search(answer.content)
        body = _TOKEN.sub(rb"\1</resumptionToken>", _MOMENT.sub(b"", answer.content))
        body = re.sub(rb"<request [^>]*>", b"<request>", body)
        yield f"{path} page {page}", answer.status_code, None, body
        asked = (
            str(httpx.URL("/oai", params={"verb": verb, "resumptionToken": token[2].decode()}))
            if token
            else ""
        )
        page += 1


@pytest.mark.slow
def test_it_answers_every_question_as_over_sqlite(postgresql: Server, tmp_path: Path) -> None:
    port, url = free_port(), postgresql.fresh()
    there = environment(tmp_path / "there", port, url)
    here = environment(tmp_path / "here", port)
    sheaf(there, "ingest", "records")
    sheaf(there, "copy", url, f"sqlite:///{tmp_path / 'here' / 'log.sqlite'}")
    with closing(Log(url, read_only=True)) as log:
        names = [record.identifier for record in log.live()]
    assert len(names) > 20
    with serving(there) as client:
        one = list(answers(client, names))
        write(client, there)
    with serving(here) as client:
        other = list(answers(client, names))
    assert [(path, status) for path, status, *_ in one if status >= 500] == []
    assert sum(status == 200 for _, status, *_ in one) > 2 * len(names)
    for mine, its in zip(one, other, strict=True):
        assert mine == its
    commands(there, names[0])


def write(client: httpx.Client, env: dict[str, str]) -> None:
    """With a token, over HTTP: seen at once, and gone when it was deleted."""
    token = sheaf(env, "token", "add", "robot", "--prefix", "x:").split()[-1]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}
    subject = f"<{env['SHEAF_BASE_URL']}/id/x:1>"
    text = (
        f'{subject} a <http://purl.org/ontology/bibo/Article> ; <http://purl.org/dc/terms/title> "Written" .'
    )
    put = client.put("/record/x:1", headers=headers, content=text)
    assert put.status_code == 201, put.text
    assert b"Written" in client.get("/record/x:1.ttl").content
    assert client.put("/record/x:1", headers=headers, content=text).json()["outcome"] == "unchanged"
    until(lambda: b"Written" in client.get("/search?q=Written").content)
    assert client.delete("/record/x:1", headers=headers).status_code == 204
    assert client.get("/record/x:1.ttl").status_code == 410
    sheaf(env, "token", "revoke", "robot")
    assert client.put("/record/x:2", headers=headers, content=text).status_code == 401


def commands(env: dict[str, str], name: str) -> None:
    assert name in sheaf(env, "get", name, "--as", "ttl")
    assert "ASK" not in sheaf(env, "query", "ASK { ?s ?p ?o }")
    sheaf(env, "verify")
    assert "record log: PostgreSQL" in sheaf(env, "doctor")
    assert "digest" in sheaf(env, "backup", str(Path(env["SHEAF_DATA"]) / "backup"))
    assert "is not empty" in failing(env, "backup", str(Path(env["SHEAF_DATA"]) / "backup"))
    sheaf(env, "erase", name, "--yes")
    sheaf(env, "verify")


def failing(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*_SHEAF, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    return done.stderr
