"""A record log of N generated records: made by the real `sheaf ingest`, and what making it took; or a kept one, used
again and again, which several processes prepared by the same steps.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model import datestamps
from repository.model.records import Draft, Record
from repository.model.settings import Settings, make_settings
from tests.bench import processes
from tests.bench.processes import Ended, Server
from tests.bench.templates import PER_FILE, files, template, write_archive
from tests.ports import free_port

PAGE = 1000
ARCHIVE = "RePEc"
# Goes up when the same N would give another log.
_EDITION = 2
_KEPT = re.compile(r"(\d+) records kept .*?, (\d+) refused")
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Store:
    """`count` works; `ended` is the ingest that made the log, None for one that was kept.

    `folder` holds the data folder; `log_url` names the log where that is elsewhere.
    """

    count: int
    folder: Path
    port: int
    ended: Ended | None
    log_url: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """Settings beside the data folder and the base URL."""
        url = {"database_url": self.log_url} if self.log_url else {}
        return {"oai_page_size": str(PAGE), **url}

    @property
    def settings(self) -> Settings:
        places = {"data": str(self.folder / "data"), "base_url": f"http://127.0.0.1:{self.port}"}
        return make_settings({**places, **self.chosen})

    def open(self) -> Log:
        return Log(self.settings.log_url, read_only=True)

    def megabytes(self) -> float:
        """The size of the log."""
        log = Path(self.settings.log_url.removeprefix("sqlite:///"))
        return sum(file.stat().st_size for file in log.parent.glob(f"{log.name}*")) / 1e6

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Server]:
        """`sheaf serve` over it, with one worker."""
        environ = self.environment(self.folder / "data", **settings)
        arguments = [*processes.SHEAF, "serve", "--port", str(self.port), "--workers", "1"]
        with processes.serving(arguments, environ, self.folder, self.port) as server:
            yield server

    @contextmanager
    def web(
        self, data: Path, application: str = "", *, workers: int = 1, **settings: str
    ) -> Iterator[Server]:
        """The web server of `sheaf serve` alone over the log; all else it keeps is in `data`."""
        data.mkdir(parents=True, exist_ok=True)
        environ = self.environment(data, **settings, database_url=self.settings.log_url)
        arguments = ["-m", "tests.bench.alone", str(self.port), str(workers)]
        arguments += [application] if application else []
        with processes.serving(arguments, environ, data.parent, self.port) as server:
            yield server

    def environment(self, data: Path, **settings: str) -> dict[str, str]:
        return processes.environment(data, self.port, **{**self.chosen, **settings})

    def again(self, what: Path, *options: str) -> Ended:
        """What `sheaf ingest` takes to make a log of these, kept nowhere. Raises RuntimeError unless all are kept."""
        data = self.folder / "again"
        ended = _ingest(self.folder, what, self.environment(data), *options)
        shutil.rmtree(data)
        return _whole(ended, self.count)

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
        _ingest(self.folder, changes, self.environment(self.folder / "data"), "--replace")
        with log.read() as reading:
            newest = reading.newest()[1]
        log.close()
        return datestamps.format_seconds(newest)


def make(folder: Path, count: int) -> Store:
    """Generate, then ingest. Raises RuntimeError unless every record was kept."""
    folder.mkdir(parents=True)
    write_archive(folder / ARCHIVE, count)
    port = free_port()
    ended = _ingest(folder, folder / ARCHIVE, processes.environment(folder / "data", port))
    return Store(count, folder, port, _whole(ended, count))


def _whole(ended: Ended, count: int) -> Ended:
    summary = _KEPT.search(ended.errors)
    if not summary or int(summary[1]) < count or summary[2] != "0":
        raise RuntimeError(f"ingest kept something else than {count} records: {ended.errors[-500:]}")
    return ended


def _ingest(folder: Path, what: Path, environ: dict[str, str], *options: str) -> Ended:
    return processes.run([*processes.SHEAF, "ingest", *options, str(what)], environ, folder)


# -- kept stores -------------------------------------------------------------------------------------------------


def kept(
    place: Path, count: int, folder: Path, tell: Callable[[str], None], *, measured: bool = False
) -> Store:
    """The log that is kept in `place`, made first if there is none; `folder` gets all that a run adds.

    `measured`: it is made by the real `sheaf ingest`, and `ended` of the store tells what that took.
    Raises RuntimeError where `place` holds another log.
    """
    label, ended = place / "store.json", None
    about = {"records": count, "edition": _EDITION}
    if label.exists():
        found = json.loads(label.read_text("utf-8"))
        if found != about:
            raise RuntimeError(f"{place} holds {found}, not {about}: remove it, or name another folder")
        tell(f"using the {count:,} records in {place}")
    elif place.exists() and any(place.iterdir()):
        raise RuntimeError(f"{place} holds no whole store: remove it, or name another folder")
    else:
        tell(f"preparing {count:,} records in {place}")
        place.mkdir(parents=True, exist_ok=True)
        if measured:
            ended = _measured(place / "log.sqlite", count, folder)
        else:
            prepare(place / "log.sqlite", count, tell)
        label.write_text(json.dumps(about), "utf-8")
    url = f"sqlite:///{place.resolve() / 'log.sqlite'}"
    # Once for writing: a log that was kept by an older program gets its tables.
    Log(url).close()
    (folder / "data").mkdir(parents=True, exist_ok=True)
    return Store(count, folder, free_port(), ended, url)


def _measured(log: Path, count: int, folder: Path) -> Ended:
    (folder / "data").mkdir(parents=True)
    write_archive(folder / ARCHIVE, count)
    url = f"sqlite:///{log.resolve()}"
    environ = processes.environment(folder / "data", free_port(), database_url=url)
    return _whole(_ingest(folder, folder / ARCHIVE, environ), count)


def prepare(path: Path, count: int, tell: Callable[[str], None] = lambda text: None) -> None:
    """The log that `sheaf ingest` makes of the archive, with the drafts prepared by several processes.

    Raises RuntimeError unless every record was kept.
    """
    log = Log(f"sqlite:///{path}")
    new = 0
    for number, drafts in enumerate(_prepared(count), 1):
        new += sum(
            outcome == "new" and draft.identifier.count(":") > 2
            for outcome, draft in zip(log.append(drafts), drafts, strict=True)
        )
        if number % 50 == 0:
            tell(f"{number * PER_FILE:,} records are kept")
    log.close()
    if new != count:
        raise RuntimeError(f"{new} records were kept, not {count}")


def _prepared(count: int) -> Iterator[Sequence[Draft]]:
    """Drafts of file after file; not many files ahead of whoever takes them."""
    workers = os.cpu_count() or 1
    waiting: deque[Future[list[Draft]]] = deque()
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for file in range(files(count)):
            waiting.append(pool.submit(_drafts, file, count))
            if len(waiting) > _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _drafts(file: int, count: int) -> list[Draft]:
    """What ingest would append for one file of works, its archive's and its series' templates before it."""
    with tempfile.TemporaryDirectory(prefix="sheaf-bench-") as place:
        root = Path(place, "RePEc")
        write_archive(root, min(count, (file + 1) * PER_FILE), first=file)
        taken = _Taken()
        report = Ingest(taken, make_settings({}).site, strict=True).run(list(find_files([root])))  # type: ignore[arg-type]
    if not report.clean:
        raise RuntimeError(f"file {file}: {report.findings}")
    # As plain dicts private facts can go from process to process.
    return [replace(draft, private=dict(draft.private)) for draft in taken.drafts]


@dataclass(slots=True)
class _Taken:
    """Stands where ingest wants its log, and holds what would be appended."""

    drafts: list[Draft] = field(default_factory=list)

    def append(self, drafts: Sequence[Draft], *, may: object = None) -> tuple[str, ...]:
        self.drafts += drafts
        return ("new",) * len(drafts)

    def get(self, identifier: str) -> Record | None:
        """Series are looked up, before the works that take over from them."""
        found = next((draft for draft in self.drafts if draft.identifier == identifier), None)
        return found and Record(identifier, 0, 0, b"", found.body, found.sets, found.formats)


def main() -> None:
    """Make a store to be kept: `python -m tests.bench.store FOLDER RECORDS`."""
    place, count = Path(sys.argv[1]), int(sys.argv[2])
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        kept(
            place,
            count,
            Path(folder),
            lambda text: print(f"{time.monotonic() - began:5.0f} s  {text}", flush=True),
        )


if __name__ == "__main__":
    main()
