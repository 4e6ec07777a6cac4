"""Search: making the index, its size, and 200 questions as people ask them, by 8 clients at once of cold processes.

The vocabulary of generated records is small, so that a word is in many more of them than one of real records would be.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from repository.log import Log
from repository.model.lens import read_work
from repository.model.work import Work
from tests.bench import processes
from tests.bench.processes import Ended, Server
from tests.bench.store import Store
from tests.bench.table import Row
from tests.bench.templates import handle
from tests.ports import free_port

CLIENTS = 8
QUESTIONS = 200
WORKERS = 2
# As people do who read what they found, if only for a moment.
PAUSE_SECONDS = 1.0
_ROUNDS = 3
_MAKE = """
from repository.assembly import followed_search
from repository.model.settings import load_settings
with followed_search(load_settings()) as follower:
    follower.rebuild()
"""
_NOTE = (
    f"{QUESTIONS} different questions, each with all facets, sent by {CLIENTS} clients without a pause to {WORKERS} "
    "workers that have answered nothing yet; clients and server share the machine's cores; median of "
    f"{_ROUNDS} rounds, each with processes of its own"
)


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of each answer, the workers' CPU milliseconds for one, MiB of the larger worker."""

    taken: list[float]
    cpu: float
    held: float
    own: float


def rows(store: Store, folder: Path, tell: Callable[[str], None]) -> Iterator[Row]:
    # Another run of rows may have a whole service on the store's own port.
    store, data = replace(store, port=free_port()), folder / "search"
    tell("making the search index")
    ended = make_index(store, data)
    size = sum(file.stat().st_size for file in (data / "search").rglob("*") if file.is_file())
    rate = store.count / ended.seconds
    yield Row(
        f"search index of {store.count:,} records, made",
        rate,
        f"{rate:,.0f}/s ({ended.seconds:,.0f} s, {ended.cpu:,.0f} s of CPU; peak {ended.peak:,.0f} MiB)",
        unit="/s",
    )
    yield Row("its size", size / 1e6, f"{size / 1e6:,.0f} MB ({size / store.count:,.0f} bytes a record)")
    asked = questions(store)
    for form, accept, owed in (("JSON", "application/json", 50.0), ("HTML", "text/html", 50.0)):
        found = []
        for number in range(_ROUNDS):
            tell(f"asking {len(asked)} questions for {form}, round {number + 1}")
            with store.web(data, workers=WORKERS) as server:
                found.append(ask(server, asked, accept))
        best = sorted(found, key=lambda each: percentile(each.taken, 95))[_ROUNDS // 2]
        yield _waited(f"search, {form}, p95 of {CLIENTS} clients", best, owed, _NOTE)
        yield Row(
            f"a worker after that, {form}",
            best.held,
            f"{best.held:,.0f} MiB, own {best.own:,.0f} (the rest are mapped files)",
        )
        tell(f"asking them for {form} once more, with pauses")
        with store.web(data, workers=WORKERS) as server:
            paused = ask(server, asked, accept, pause=PAUSE_SECONDS)
        what = (
            f"search, {form}, p95 of {CLIENTS} clients, each pausing {PAUSE_SECONDS:.0f} s before a question"
        )
        yield _waited(what, paused, owed)


def _waited(what: str, found: Round, owed: float, note: str = "") -> Row:
    p50, p95, p99 = (percentile(found.taken, each) for each in (50, 95, 99))
    shown = f"{p95:.0f} ms (p50 {p50:.0f}, p99 {p99:.0f}; CPU {found.cpu:.1f} ms an answer)"
    return Row(what, p95, shown, owed, better="less", unit=" ms", note=note)


def make_index(store: Store, data: Path) -> Ended:
    """Make the search index in a data folder, in a process of its own."""
    data.mkdir(parents=True, exist_ok=True)
    return processes.run(["-c", _MAKE], store.environment(data, database_url=store.settings.log_url), data)


def percentile(values: Sequence[float], part: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def questions(store: Store, among: int | None = None) -> list[str]:
    """About records chosen from all, or from the first so many: then a larger store is asked the same questions."""
    chance = random.Random(11)
    log = store.open()
    try:
        works = list(_works(log, min(store.count, among or store.count), chance))
    finally:
        log.close()
    return questions_about(works, chance)


def questions_about(works: Iterable[Work], chance: random.Random) -> list[str]:
    """Questions as logs of catalogues have them: mostly two or three words of a title, some names, some narrowed."""
    return [f"/search?q={quote(_question(chance, work))}{_narrowing(chance, work)}" for work in works]


def _works(log: Log, count: int, chance: random.Random) -> Iterator[Work]:
    for n in chance.sample(range(count), min(QUESTIONS, count)):
        record = log.get(handle(n))
        if record is not None and record.body is not None:
            yield read_work(record.identifier, record.body)


def _question(chance: random.Random, work: Work) -> str:
    words = [word for word in work.title.value.split() if len(word) > 3 and word.isalpha()] or ["economics"]
    some = chance.sample(words, min(len(words), chance.choice([1, 2, 2, 2, 3, 3, 4])))
    person = work.creators[0].family or work.creators[0].name
    kinds = {
        " ".join(some): 45,
        f"{person.lower()} {some[0]}": 15,
        f"author:{person}": 6,
        f'"{" ".join(work.title.value.split()[:3])}"': 8,
        f"{some[0]} jel:{work.jel[0] if work.jel else 'I'}": 5,
        f"{' '.join(some)} year:{int(work.year or 2000) - 3}..{work.year or 2003}": 6,
        f"{some[0][:5]}* {some[-1]}": 4,
        f"title:{some[0]} OR keyword:{some[-1]}": 3,
        f"{some[0][:-2]}x{some[0][-1:]}": 3,
        work.dois[0] if work.dois else work.identifier: 5,
    }
    return chance.choices(list(kinds), list(kinds.values()))[0]


def _narrowing(chance: random.Random, work: Work) -> str:
    ways = {
        "": 70,
        f"&type={work.type}": 8,
        f"&year={work.year}": 8,
        "&sort=date": 6,
        "&sort=citations": 4,
        "&page=2": 4,
    }
    return chance.choices(list(ways), list(ways.values()))[0]


def ask(
    server: Server, asked: Sequence[str], accept: str, clients: int = CLIENTS, *, pause: float = 0.0
) -> Round:
    """All questions once, by so many clients, each of whom waits `pause` seconds before a question, and they
    begin one after the other. Raises RuntimeError for an answer that is none."""
    waiting, lock = list(asked), threading.Lock()
    taken: list[float] = []
    failed: list[str] = []

    def client(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        time.sleep(pause * number / clients)
        while True:
            time.sleep(pause)
            with lock:
                if not waiting:
                    break
                path = waiting.pop()
            began = time.perf_counter()
            connection.request("GET", path, headers={"Accept": accept, "Accept-Encoding": "gzip"})
            reply = connection.getresponse()
            reply.read()
            taken.append((time.perf_counter() - began) * 1e3)
            if reply.status != 200:
                failed.append(f"{reply.status} {path}")
        connection.close()

    before = server.cpu_of_all()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if failed:
        raise RuntimeError(f"{len(failed)} questions were not answered, such as {failed[0]}")
    cpu = (server.cpu_of_all() - before) / len(asked) * 1e3
    held = max((processes.memory(pid) for pid in server.family()), key=lambda each: each.get("VmRSS", 0.0))
    return Round(taken, cpu, held.get("VmRSS", 0.0), held.get("RssAnon", 0.0))
