"""Deployments of one house: each a real `sheaf serve` of the sample records, which is asked over HTTP alone."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.deployments.queries import PREFIXES
from tests.index.virtuoso import PASSWORD, USER, Virtuoso
from tests.kit import needs
from tests.oai.pages import ListPage, Pairs, walk
from tests.postgres import Server
from tests.serve.hosts import PUBLIC, host
from tests.serve.service import ROOT, eventually
from tests.soak.asking import Heard, ask, query
from tests.soak.service import Running
from tests.sparql.differential.normalise import Row, rows, triples

EMBEDDED, TOGETHER = "embedded", "postgresql-virtuoso"
# In every deployment the same, and small, so that lists have many pages.
_COMMON = {
    "workers": "1",
    "oai_page_size": "7",
    "oai_identifiers_page_size": "9",
    "oai_sets_page_size": "20",
    # Of a machine that does other work meanwhile.
    "sparql_seconds": "50",
    "sparql_client_seconds": "6000",
}
_PREFIX = "x:"
# A record that was there, and is no more.
GONE = "x:gone"
WAIT = 120
_NEWEST = "RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458"


@dataclass
class Deployment:
    """`start` it, ask it, `stop` it, and start it again over what it kept."""

    name: str
    folder: Path
    settings: dict[str, str]
    running: Running | None = None
    token: str = ""
    _stands: AbstractContextManager[Running] | None = None

    @property
    def port(self) -> int:
        assert self.running, "it is not running"
        return self.running.port

    def start(self) -> None:
        self._stands = host(self.folder, **_COMMON, **self.settings)
        self.running = self._stands.__enter__()

    def stop(self) -> None:
        """By SIGTERM. Fails where it left a process behind or told of an error."""
        if self._stands:
            stands, self._stands, self.running = self._stands, None, None
            stands.__exit__(None, None, None)

    def restart(self) -> None:
        """Ends when both indexes are where the log is."""
        self.stop()
        self.start()
        self.await_followed()

    def sheaf(self, *arguments: str) -> str:
        assert self.running
        done = self.running.sheaf(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def begin(self) -> None:
        """With a writer's token, a record that is deleted again, and then the sample records."""
        self.start()
        self.token = self.sheaf("token", "add", "robot", "--prefix", _PREFIX).split()[-1]
        assert self.put(GONE, "Soon gone").status == 201
        assert self.delete(GONE).status == 204
        self.sheaf("ingest", str(ROOT / "records"))
        self.await_followed()
        # The lists to browse say of no entry that it is theirs, but the newest record is there when all are.
        assert eventually(lambda: _NEWEST in self.get("/browse/types/article").body.decode(), WAIT)

    def get(self, path: str, accept: str = "") -> Heard:
        return ask(self.port, path, headers={"Accept": accept} if accept else {}, patience=60)

    def put(self, identifier: str, title: str) -> Heard:
        subject = f"<{PUBLIC}/id/{identifier}>"
        text = (
            f'{subject} a <http://purl.org/ontology/bibo/Book> ; <http://purl.org/dc/terms/title> "{title}" ;'
            f' <http://purl.org/ontology/bibo/doi> "10.5555/{identifier.removeprefix(_PREFIX)}" .'
        )
        return self._write("PUT", identifier, text.encode())

    def delete(self, identifier: str) -> Heard:
        return self._write("DELETE", identifier, None)

    def _write(self, method: str, identifier: str, body: bytes | None) -> Heard:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "text/turtle"}
        return ask(self.port, f"/record/{identifier}", method=method, body=body, headers=headers, patience=60)

    def await_followed(self) -> None:
        assert eventually(self._followed, WAIT), self.get("/readyz").body

    def _followed(self) -> bool:
        """Whether both indexes say that they are where the log is."""
        text = self.get("/readyz").body.decode()
        places = dict(re.findall(r"(?m)^(log|index|search): at entry (\d+)$", text))
        return len(places) == 3 and len(set(places.values())) == 1

    def solutions(self, text: str) -> list[Row]:
        """Of a query of any form; a graph's triples are rows of s, p and o."""
        heard = query(
            self.port,
            PREFIXES + text,
            accept="application/sparql-results+json, application/n-triples;q=0.9",
            patience=60,
        )
        assert heard.status == 200, (text, heard.body)
        return rows(heard.body) if heard.media_type.endswith("json") else triples(heard.body)

    def oai(self, pairs: Pairs) -> bytes:
        heard = self.get(f"/oai?{urlencode(pairs)}")
        assert (heard.status, heard.media_type) == (200, "text/xml"), heard
        return heard.body

    def pages(self, asked: str) -> list[ListPage]:
        return list(walk(self.oai, asked, most=100))

    def identifiers(self, asked: str = "verb=ListIdentifiers&metadataPrefix=rdf") -> list[str]:
        """Of a list of OAI-PMH: all records unless it says otherwise, but not the deleted ones."""
        found = [header for page in self.pages(asked) for header in page.headers]
        return [header.identifier.split(":", 2)[2] for header in found if not header.deleted]


@contextmanager
def standing(folder: Path, postgresql: Server) -> Iterator[dict[str, Deployment]]:
    """Both deployments with the sample records in them."""
    virtuoso = Virtuoso(folder / "virtuoso")
    one = Deployment(EMBEDDED, folder / "one", {})
    together = {
        "database_url": postgresql.fresh(),
        "sparql_url": virtuoso.url,
        "sparql_update_url": virtuoso.update_url,
        "sparql_user": USER,
        "sparql_password": PASSWORD,
    }
    other = Deployment(TOGETHER, folder / "other", together)
    needs("virtuoso-t")
    with ExitStack() as stack:
        stack.callback(virtuoso.stop)
        stack.callback(other.stop)
        stack.callback(one.stop)
        with ThreadPoolExecutor(1) as beside:
            begun = beside.submit(one.begin)
            virtuoso.start()
            other.begin()
            begun.result()
        yield {EMBEDDED: one, TOGETHER: other}
