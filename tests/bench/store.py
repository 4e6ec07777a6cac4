"""A record log of N generated records, made by the real `sheaf ingest`, and what making it took."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.log import Log
from repository.model import datestamps
from repository.model.settings import Settings, make_settings
from tests.bench import processes
from tests.bench.processes import Ended, Server
from tests.bench.templates import template, write_archive

PAGE = 1000
_KEPT = re.compile(r"(\d+) records kept .*?, (\d+) refused")


@dataclass(frozen=True, slots=True)
class Store:
    """`count` works in `folder`; `ended` is the ingest that made it."""

    count: int
    folder: Path
    port: int
    ended: Ended

    @property
    def settings(self) -> Settings:
        return make_settings(
            {
                "data": str(self.folder / "data"),
                "base_url": f"http://127.0.0.1:{self.port}",
                "oai_page_size": PAGE,
            }
        )

    @property
    def rate(self) -> float:
        return self.count / self.ended.seconds

    def open(self) -> Log:
        return Log(self.settings.log_url, read_only=True)

    def megabytes(self) -> float:
        return sum(file.stat().st_size for file in (self.folder / "data").iterdir()) / 1e6

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Server]:
        """`sheaf serve` over it, with one worker."""
        chosen = {"oai_page_size": str(PAGE), **settings}
        environ = processes.environment(self.folder / "data", self.port, **chosen)
        arguments = [*processes.SHEAF, "serve", "--port", str(self.port), "--workers", "1"]
        with processes.serving(arguments, environ, self.folder, self.port) as server:
            yield server

    def change(self, number: int) -> str:
        """Give `number` records another title in one ingest; the `from` that a poll for just these has."""
        log = self.open()
        with log.read() as reading:
            before = reading.newest()[1]
        while time.time() < before + 2:
            time.sleep(0.1)
        changes = self.folder / "changes.redif"
        step = max(1, self.count // number)
        texts = (template(n, edition=int(time.time())) for n in range(0, self.count, step))
        changes.write_text("\n".join(text for text, _ in zip(texts, range(number), strict=False)), "utf-8")
        _ingest(self.folder, changes, self.port)
        with log.read() as reading:
            newest = reading.newest()[1]
        log.close()
        return datestamps.format_seconds(newest)


def make(folder: Path, count: int) -> Store:
    """Generate, then ingest. Raises RuntimeError unless every record was kept."""
    folder.mkdir(parents=True)
    write_archive(folder / "RePEc", count)
    port = processes.free_port()
    ended = _ingest(folder, folder / "RePEc", port)
    summary = _KEPT.search(ended.errors)
    if not summary or int(summary[1]) < count or summary[2] != "0":
        raise RuntimeError(f"ingest kept something else than {count} records: {ended.errors[-500:]}")
    return Store(count, folder, port, ended)


def _ingest(folder: Path, what: Path, port: int) -> Ended:
    environ = processes.environment(folder / "data", port)
    return processes.run([*processes.SHEAF, "ingest", str(what)], environ, folder)
