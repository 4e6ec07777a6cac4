"""Search over a million records, without the log of a million: `python -m tests.bench.million FOLDER [--records N]`.

The index is made by the real reader, entries, documents and writer from the generated templates, once, and kept in
FOLDER. Not there: bodies of works in the log (lists of results read none of them), and counts of citations (all 0).
Series and archives are in the log, as facets name them.
"""

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from flask import Flask

from repository.assembly import opened
from repository.log import Log
from repository.model.site import Site
from repository.model.work import Work
from repository.readers import redif
from repository.readers.reader import Item, Source
from repository.search.documents import Entry, entry
from repository.search.writing import Position, SearchWriter
from repository.web.app import create_app
from tests.bench import processes, search
from tests.bench.store import ARCHIVE, Store
from tests.bench.templates import PER_FILE, files, template, write_archive
from tests.ports import free_port

# Answers that are not counted: modules are loaded, templates are compiled.
_FIRST = 5


def works(first: int, last: int, base: str) -> Iterator[Work]:
    """Works `first` to before `last`, as the reader of ReDIF has them."""
    text = "\n".join(template(n) for n in range(first, last))
    for each in redif.read(Source("bench.redif", text.encode(), Site(base, "bench"))):
        if isinstance(each, Item):
            assert isinstance(each.content, Work)
            yield each.content


def _entries(asked: tuple[int, int, str]) -> list[Entry]:
    first, last, base = asked
    return [entry(each, (), 0) for each in works(first, last, base)]


def make(folder: Path, count: int) -> None:
    """The index of `count` works, and a log of their series."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    data = folder / "data"
    _heads(folder, count, port)
    base = f"http://127.0.0.1:{port}/"
    pieces = [(at, min(count, at + 500), base) for at in range(0, count, 500)]
    began = time.monotonic()

    def made() -> Iterator[tuple[Entry, int]]:
        with multiprocessing.get_context("spawn").Pool(3) as pool:
            for number, entries in enumerate(pool.imap(_entries, pieces)):
                if number % 40 == 0:
                    print(f"{time.monotonic() - began:6.0f} s  {number * 500:,} records", flush=True)
                for at, each in enumerate(entries, number * 500 + 1):
                    yield each, at

    log = Log(f"sqlite:///{data / 'log.sqlite'}")
    newest = log.newest()
    position = Position(newest, log.mark(newest), base)
    log.close()
    writer = SearchWriter(data / "search")
    before = time.process_time()
    writer.load(position, made())
    cpu = time.process_time() - before
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(each.stat().st_size for each in (data / "search").rglob("*") if each.is_file())
    about = {
        "records": count,
        "port": port,
        "seconds": time.monotonic() - began,
        "cpu": cpu,
        "peak_mib": held,
    }
    print(f"{about} {size / 1e6:,.0f} MB, {count / cpu:,.0f} records a second of CPU", flush=True)
    (folder / "million.json").write_text(json.dumps(about), "utf-8")


def _heads(folder: Path, count: int, port: int) -> None:
    """Series and archives, by the real ingest."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, ARCHIVE)
        for file in range(files(count)):
            if file % 10 == 0:
                # One work, and what stands above it.
                write_archive(root, file * PER_FILE + 1, first=file)
        processes.run(
            [*processes.SHEAF, "ingest", str(root)], processes.environment(folder / "data", port), Path(place)
        )


def asked(folder: Path) -> Iterator[str]:
    """Lines: what 200 questions cost a worker that is alone, by kind, and what 8 clients wait for them."""
    about = json.loads((folder / "million.json").read_text("utf-8"))
    count, base = about["records"], f"http://127.0.0.1:{about['port']}/"
    chance = random.Random(11)
    numbers = chance.sample(range(count), min(search.QUESTIONS, count))
    paths = search.questions_about((each for n in numbers for each in works(n, n + 1, base)), chance)
    store = Store(count, folder, about["port"], None)
    for form, accept in (("JSON", "application/json"), ("HTML", "text/html")):
        yield from _by_kind(store, form, accept, paths)
        with store.web(folder / "data", workers=search.WORKERS) as server:
            found = search.ask(server, paths, accept)
        yield f"{form}, {search.CLIENTS} clients: {_waited(found)}, CPU {found.cpu:.1f} ms an answer"
        yield f"a worker after that: {found.held:.0f} MiB, own {found.own:.0f}"
        with store.web(folder / "data", workers=search.WORKERS) as server:
            paused = search.ask(server, paths, accept, pause=search.PAUSE_SECONDS)
        pause = f"each pausing {search.PAUSE_SECONDS:.0f} s before a question"
        yield f"{form}, {search.CLIENTS} clients, {pause}: {_waited(paused)}"


def _waited(found: search.Round) -> str:
    return ", ".join(f"p{part} {search.percentile(found.taken, part):.0f}" for part in (50, 95, 99)) + " ms"


def _by_kind(store: Store, form: str, accept: str, paths: Sequence[str]) -> Iterator[str]:
    """In this process, where CPU time is that of the answer alone: no clients, no server, no waiting."""
    taken: dict[str, list[float]] = {}
    with opened(store.settings, read_only=True) as house:
        _take(create_app(house), paths, accept, taken)
    for kind, each in sorted(taken.items(), key=lambda item: -len(item[1])):
        some = f"mean {sum(each) / len(each):.1f}, p95 {search.percentile(each, 95):.1f}, most {max(each):.1f} ms"
        yield f"{form}, CPU of {len(each)} answers, {kind}: {some}"


def _take(app: Flask, paths: Sequence[str], accept: str, taken: dict[str, list[float]]) -> None:
    for number, path in enumerate(paths):
        client = app.test_client()
        began = time.process_time()
        reply = client.get(path, headers={"Accept": accept})
        _ = reply.data
        spent = (time.process_time() - began) * 1e3
        if reply.status_code != 200:
            raise RuntimeError(f"{reply.status} {path}")
        if number >= _FIRST:
            taken.setdefault("all", []).append(spent)
            taken.setdefault(_kind(path), []).append(spent)


def _kind(path: str) -> str:
    signs = {
        "%22": "phrase",
        "author%3A": "author",
        "title%3A": "field or field",
        "%2A": "beginning",
        "10.5555": "DOI",
    }
    signs |= {"RePEc%3A": "handle", "jel%3A": "JEL", "year%3A": "years", "&": "narrowed"}
    return next((kind for sign, kind in signs.items() if sign in path), "words")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.million", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="where the index is kept; made there if there is none")
    parser.add_argument("--records", type=int, default=1_000_000, metavar="N", help="default: 1000000")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not (folder / "million.json").exists():
        make(folder, options.records)
    print(processes.machine(), (folder / "million.json").read_text("utf-8"))
    for line in asked(folder):
        print(line, flush=True)


if __name__ == "__main__":
    main()
