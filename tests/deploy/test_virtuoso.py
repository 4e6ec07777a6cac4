"""deploy/virtuoso as its container starts it, without a container: a first start, a writer, no other, and a second."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.kit import needs
from tests.ports import free_port
from tests.serve.service import ROOT, eventually

FOLDER = ROOT / "deploy" / "virtuoso"
PASSWORD = "a-password_of-tests"
INSERT = "INSERT DATA { GRAPH <urn:x:g> { <urn:x:a> <urn:x:b> 1 } }"


@contextmanager
def started(folder: Path, http: int, sql: int) -> Iterator[str]:
    """Until the end of the block; gives the address of its SPARQL."""
    text = (FOLDER / "virtuoso.ini").read_text("utf-8")
    for old, new in {
        "ServerPort = 127.0.0.1:1111": f"ServerPort = 127.0.0.1:{sql}",
        "ServerPort = 8890": f"ServerPort = 127.0.0.1:{http}",
        "NumberOfBuffers = 85000": "NumberOfBuffers = 5000",
        "MaxDirtyBuffers = 65000": "MaxDirtyBuffers = 3000",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "virtuoso.ini").write_text(text, "utf-8")
    environment = {
        **os.environ,
        "VIRTUOSO_INI": str(folder / "virtuoso.ini"),
        "VIRTUOSO_SQL": f"127.0.0.1:{sql}",
        "DBA_PASSWORD": "another-of_tests",
        "SPARQL_PASSWORD": PASSWORD,
    }
    with (folder / "said").open("ab") as said:
        process = subprocess.Popen(
            ["sh", str(FOLDER / "start.sh")], cwd=folder, env=environment, stdout=said, stderr=said
        )
        url = f"http://127.0.0.1:{http}/sparql"
        try:
            assert eventually(lambda: (folder / ".prepared").exists() and answers(url), 120)
            yield url
        finally:
            # The shell has become the server by now, or must be told to give up.
            process.terminate()
            process.wait(60)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, params={"query": "ASK {}"}, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_it_prepares_itself_once_and_lets_sheaf_alone_write(tmp_path):
    needs("virtuoso-t")
    needs("isql-vt")
    http, sql = free_port(), free_port()
    auth = httpx.DigestAuth("sheaf", PASSWORD)
    with started(tmp_path, http, sql) as url:
        assert httpx.post(url, data={"update": INSERT}, timeout=20).status_code != 200
        assert httpx.post(f"{url}-auth", data={"update": INSERT}, timeout=20).status_code == 401
        assert httpx.post(f"{url}-auth", data={"update": INSERT}, auth=auth, timeout=20).status_code == 200
    # A lock that a killed one left keeps nobody out.
    (tmp_path / "virtuoso.lck").write_text("VIRT_PID=1\n")
    with started(tmp_path, http, sql) as url:
        asked = {"query": "ASK { GRAPH <urn:x:g> { ?s ?p ?o } }", "format": "text/plain"}
        assert "true" in httpx.get(url, params=asked, timeout=20).text


@pytest.mark.parametrize("password", ["", "it's", "a b"], ids=["none", "quote", "blank"])
def test_it_refuses_a_password_that_sql_would_read_otherwise(tmp_path, password):
    environment = {"PATH": os.environ["PATH"], "DBA_PASSWORD": "fine", "SPARQL_PASSWORD": password}
    done = subprocess.run(
        ["sh", str(FOLDER / "start.sh")], cwd=tmp_path, env=environment, capture_output=True, timeout=20
    )
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []
