"""A service that is to be killed, and what its clients know: which of their records were acknowledged."""

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from repository.dump import publish
from repository.ingest import Ingest, find_files
from repository.log import Log, hashed_secret, make_token
from repository.model.settings import Settings, make_settings
from tests.bench.processes import SHEAF, environment
from tests.bench.templates import write_archive
from tests.crash.points import Armed
from tests.crash.writer import batch
from tests.soak.asking import Heard, ask, broken, query
from tests.soak.service import Running, await_ready

# More than are rendered for one answer, so that chunks are kept.
RECORDS = 150
PUT = "RePEc:xde:wpcrash:1"
# So that no result is one that was kept.
_NUMBERS = itertools.count()


@dataclass
class Scene:
    """`turn` is the last batch that the writer was told is kept; `put` the last edition that a PUT was told is."""

    folder: Path
    port: int
    settings: Settings
    log: Log
    armed: Armed
    token: str
    dump: str
    turn: int = 1
    put: int = 0
    tried: int = 0
    service: Running | None = None
    answers: int = 0
    misled: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> Running:
        assert self.service is not None
        return self.service

    def heard(self, what: str, heard: Heard, *, whole: bool = True) -> Heard:
        """Note an answer. Whoever is killed may leave none (0), or a part that says that it is one."""
        why = ""
        if heard.status not in (0, 200, 201, 503):
            why = f"{heard.status} {heard.body[:200]!r}"
        elif heard.status == 200 and whole:
            why = broken(heard)
        with self.lock:
            self.answers += 1
            if why:
                self.misled.append(f"{what}: {why}")
        return heard

    def put_one(self) -> None:
        """Keep the next edition of a record over HTTP."""
        with self.lock:
            self.tried += 1
            edition = self.tried
        redif = f"Template-Type: ReDIF-Paper 1.0\nTitle: Edition {edition}\nAuthor-Name: Ada Garden\nHandle: {PUT}\n"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-redif"}
        heard = ask(self.port, f"/record/{PUT}", method="PUT", body=redif.encode(), headers=headers)
        self.heard("PUT", heard, whole=False)
        if heard.status in (200, 201):
            with self.lock:
                self.put = max(self.put, edition)

    def edition(self) -> int:
        """Which edition of that record the log has."""
        kept = self.log.get(PUT)
        if kept is None or kept.body is None:
            return 0
        return int(kept.body.split(b'"Edition ')[1].split(b'"')[0])


@contextmanager
def prepared(folder: Path, port: int) -> Iterator[Scene]:
    """A log of some records in `folder/data`, with one dump and a token. No service runs yet."""
    write_archive(folder / "archive", RECORDS)
    base = f"http://127.0.0.1:{port}"
    settings = make_settings({"data": str(folder / "data"), "base_url": base, "sparql_workers": "2"})
    log = Log(settings.log_url)
    try:
        Ingest(log, settings.site).run(list(find_files([folder / "archive"])))
        log.append(batch(1))
        token, secret = make_token("crash", ("*",), ("write",), int(time.time()), None)
        log.add_token(token, hashed_secret(secret))
        dump = publish(settings.dumps_folder, log, settings.site, settings.dump_keep)
        yield Scene(folder, port, settings, log, Armed(folder / "points"), secret, dump.path.name)
    finally:
        log.close()


@contextmanager
def served(scene: Scene) -> Iterator[Running]:
    """The service, once it is ready; whoever is left of it at the end is killed."""
    environ = environment(scene.settings.data, scene.port)
    environ |= {"TMPDIR": str(scene.folder), "TEST_CRASH_POINTS": str(scene.armed.folder)}
    environ["SHEAF_SPARQL_WORKERS"] = str(scene.settings.sparql_workers)
    command = [sys.executable, *SHEAF, "serve", "--port", str(scene.port)]
    with (scene.folder / "said").open("a") as said:
        process = subprocess.Popen(
            command, env=environ, cwd=scene.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    running = Running(scene.folder, scene.port, scene.settings, environ, process)
    scene.service = running
    try:
        await_ready(running, 240)
        yield running
    finally:
        scene.service = None
        if process.poll() is None:
            running.stop()


def count(port: int) -> Heard:
    """A query that is answered anew each time: how many graphs there are."""
    text = f"SELECT (COUNT(DISTINCT ?g) AS ?n{next(_NUMBERS)}) {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    return query(port, text, accept="application/sparql-results+json")


def counted(heard: Heard) -> int:
    """The number that it gave; -1 for none."""
    if heard.status != 200:
        return -1
    rows = json.loads(heard.body)["results"]["bindings"]
    return int(next(iter(rows[0].values()))["value"]) if rows else -1
