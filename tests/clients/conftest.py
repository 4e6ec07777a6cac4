"""`sheaf serve` over the sample records and some of our own, filled and dumped by `sheaf` as a maintainer does it."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.clients import works
from tests.clients.comunica import Comunica
from tests.kit import needs
from tests.ports import free_port
from tests.serve.service import ROOT, eventually

SHEAF = Path(sys.executable).with_name("sheaf")
# A query without end is to be stopped soon, and nobody is to run out of seconds for asking so much.
SECONDS = 3


@dataclass(frozen=True, slots=True)
class Served:
    """`oracle` holds what `sheaf dump` wrote; `findings` are those of the ingest of the intruders, by file."""

    base: str
    dumped: bytes = field(repr=False)
    oracle: ox.Store = field(repr=False)
    findings: Mapping[str, Sequence[Mapping[str, Any]]] = field(repr=False)

    @property
    def sparql(self) -> str:
        return f"{self.base}/sparql"

    def thing(self, identifier: str) -> str:
        return f"{self.base}/id/{identifier}"

    def record(self, identifier: str) -> str:
        return f"{self.base}/record/{identifier}"

    def rows(self, query: str, **dataset: Any) -> list[tuple[Any, ...]]:
        """What a SELECT must give, in the oracle's order; terms as pyoxigraph has them."""
        found = self.oracle.query(query, **(dataset or {"use_default_graph_as_union": True}))
        assert isinstance(found, ox.QuerySolutions)
        return [tuple(row) for row in found]

    def graph(self, query: str) -> set[ox.Triple]:
        found = self.oracle.query(query, use_default_graph_as_union=True)
        assert isinstance(found, ox.QueryTriples)
        return set(found)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("clients"), free_port()
    base = f"http://127.0.0.1:{port}"
    chosen = {
        "data": str(folder / "data"),
        "base_url": base,
        "sparql_seconds": str(SECONDS),
        "sparql_client_seconds": "1200",
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SHEAF_")}
    environ |= {f"SHEAF_{name.upper()}": value for name, value in chosen.items()}

    def run(*words: str, codes: tuple[int, ...] = (0,)) -> bytes:
        done = subprocess.run([SHEAF, *words], env=environ, cwd=folder, capture_output=True, timeout=60)
        assert done.returncode in codes, done.stderr.decode()
        return done.stdout

    for name in ("own", "intruders"):
        (folder / name).mkdir()
    works.write(folder / "own")
    works.write_intruders(folder / "intruders", base)
    run("ingest", str(ROOT / "records"), "own")
    told = [json.loads(line) for line in run("ingest", "--json", "intruders", codes=(1,)).splitlines()]
    findings = {
        name: [line for line in told if line.get("file") == f"intruders/{name}"] for name in works.INTRUDERS
    }
    dumped = run("dump")
    oracle = ox.Store()
    oracle.load(dumped, format=ox.RdfFormat.N_QUADS)
    with (folder / "said").open("wb") as said:
        service = subprocess.Popen(
            [SHEAF, "serve", "--port", str(port)], env=environ, cwd=folder, stdout=said, stderr=said
        )
    try:
        assert eventually(lambda: _ready(base), 60), (folder / "said").read_text()
        yield Served(base, dumped, oracle, findings)
    finally:
        service.terminate()
        assert service.wait(20) == 0, (folder / "said").read_text()


def _ready(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def comunica() -> Iterator[Comunica]:
    """Comunica in one process of Node.js for all tests; a fresh engine a query."""
    engine = Comunica(needs("node"))
    yield engine
    engine.close()
