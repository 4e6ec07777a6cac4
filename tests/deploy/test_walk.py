"""docs/deploy.md, from one machine to many, as one walk: SQLite alone, then PostgreSQL, Virtuoso and a second host."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.processes import SHEAF
from tests.deploy.front import GIVEN, adjusted, front
from tests.deploy.test_virtuoso import PASSWORD, started
from tests.kit import needs
from tests.ports import free_port
from tests.postgres import running
from tests.serve.service import ROOT, Service, descendants, eventually
from tests.soak.asking import Heard, ask, query

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]
BASE = "http://papers.example.org"
RECORD = "/record/RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458.ttl"
LIST = "/oai?verb=ListIdentifiers"
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)<")
_IDENTIFIER = re.compile(rb"<identifier>([^<]+)<")


def sheaf(*arguments: str, **settings: str) -> None:
    done = subprocess.run(
        [sys.executable, *SHEAF, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "SHEAF_BASE_URL": BASE, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def host(data: Path, **settings: str):
    settings = {"SHEAF_BASE_URL": BASE, "SHEAF_OAI_IDENTIFIERS_PAGE_SIZE": "10", **settings}
    service = Service(data, free_port(), "house", SHEAF_TRUSTED_PROXIES="127.0.0.1", **settings)
    try:
        assert eventually(lambda: ask(service.port, "/readyz").status == 200, 150), ask(
            service.port, "/readyz"
        )
        yield service
    finally:
        with contextlib.suppress(ProcessLookupError):
            service.process.terminate()
        service.end()


def walk(ask_next) -> list[bytes]:
    """Every identifier of a list whose pages are had by `ask_next`, one after the other."""
    heard: Heard = ask_next(f"{LIST}&metadataPrefix=oai_dc")
    assert (heard.status, b"<error" in heard.body) == (200, False), heard
    found = _IDENTIFIER.findall(heard.body)
    while token := _TOKEN.search(heard.body):
        heard = ask_next(f"{LIST}&resumptionToken={token[1].decode()}")
        assert heard.status == 200, heard
        found += _IDENTIFIER.findall(heard.body)
    return found


def test_from_one_machine_to_many_nobody_outside_sees_a_difference(tmp_path):
    needs("nginx")
    needs("virtuoso-t")
    first, second = tmp_path / "first", tmp_path / "second"
    sheaf("ingest", "--quiet", "records", SHEAF_DATA=str(first))
    with host(first) as alone:
        record = ask(alone.port, RECORD)
        listed = walk(lambda path: ask(alone.port, path))
        counted = query(alone.port, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", accept="text/csv").body
    assert record.status == 200
    assert len(set(listed)) == len(listed) > 30
    (tmp_path / "virtuoso").mkdir()
    with running() as server, started(tmp_path / "virtuoso", free_port(), free_port()) as sparql:
        url = server.fresh()
        sheaf("copy", f"sqlite:///{first / 'log.sqlite'}", url)
        shared = {
            "SHEAF_DATABASE_URL": url,
            "SHEAF_SPARQL_URL": sparql,
            "SHEAF_SPARQL_UPDATE_URL": f"{sparql}-auth",
            "SHEAF_SPARQL_USER": "sheaf",
            "SHEAF_SPARQL_PASSWORD": PASSWORD,
        }
        with host(first, **shared) as one, host(second, **shared) as two:
            # As the guide says: a line for each machine.
            line = "server 127.0.0.1:8080 max_fails=3 fail_timeout=5s;"
            given = GIVEN.read_text("utf-8").replace(line, f"{line}\nserver 127.0.0.1:{two.port};")
            (tmp_path / "nginx").mkdir()
            port = free_port()
            with front(
                tmp_path / "nginx", port, one.port, adjusted(tmp_path / "nginx", port, one.port, given)
            ):
                assert eventually(lambda: ask(port, "/healthz").status == 200, 20)
                turns = iter(range(1000))

                def by_turns(path: str) -> Heard:
                    return ask((one.port, two.port, port)[next(turns) % 3], path)

                assert walk(by_turns) == listed
                for each in (one.port, two.port, port):
                    assert (ask(each, RECORD).body, ask(each, RECORD).headers["etag"]) == (
                        record.body,
                        record.headers["etag"],
                    )
                    text = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} # {each}"
                    assert query(each, text, accept="text/csv").body == counted
                # One machine goes away, in the midst of it.
                everyone = [one.process.pid, *descendants(one.process.pid)]
                for pid in everyone:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                answers = [ask(port, f"{RECORD}?{n}").status for n in range(30)]
                assert answers == [200] * 30
                assert walk(lambda path: ask(port, path)) == listed
