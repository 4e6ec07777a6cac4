"""What is done so that a process comes to the point where it is to die. Each returns when somebody died, or in time."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from repository.assembly import rebuild_flag, search_rebuild_flag
from tests.bench.processes import ROOT
from tests.bench.templates import handle
from tests.crash.points import RANDOM
from tests.crash.scene import RECORDS, Scene, count, counted
from tests.kit import draft
from tests.serve.service import children
from tests.soak.asking import ask
from tests.soak.service import QUERY_WORKER

PATIENCE_SECONDS = 120
_REBUILT = {
    "index.loaded": rebuild_flag,
    "search.loaded": search_rebuild_flag,
    "search.replaced": search_rebuild_flag,
}


def until(spent: Callable[[], bool], step: Callable[[], None]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not spent() and time.monotonic() < end:
        step()
    return spent()


def of(scene: Scene, role: str) -> list[int]:
    """The processes of a role. Who reads what strangers send looks like a query worker: those are the broker's."""
    found = scene.running.of(role)
    if role != QUERY_WORKER:
        return found
    ours = [pid for broker in scene.running.of("broker") for pid in children(broker)]
    return [pid for pid in found if pid in ours]


def arranged(scene: Scene, role: str, point: str, chance: random.Random) -> Callable[[], bool]:
    """Have one process of a role die; the value tells whether it did. At a random time it is we who kill it."""
    if point != RANDOM:
        scene.armed.arm(point, chance.randrange(3) if point.startswith(("log.", "web.", "chunks.")) else 0)
        return lambda: scene.armed.spent(point)
    moment, dead = time.monotonic() + chance.uniform(0.1, 1.5), list[int]()

    def killed() -> bool:
        if not dead and time.monotonic() >= moment:
            for pid in of(scene, role)[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    dead.append(pid)
        return bool(dead)

    return killed


def writer(scene: Scene, point: str, spent: Callable[[], bool], chance: random.Random) -> bool:
    """Batch after batch, until the writer or somebody else who writes died."""
    stop = scene.armed.folder / (point if point != RANDOM else "writer")
    if point == RANDOM:
        stop.touch()
    command = [
        sys.executable,
        "-m",
        "tests.crash.writer",
        scene.settings.log_url,
        str(scene.turn + 1),
        str(stop),
    ]
    environ = {**scene.armed.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    moment = 0.0
    with process:
        for line in process.stdout:
            scene.turn = int(line)
            moment = moment or time.monotonic() + chance.uniform(0.0, 0.6)
            if point == RANDOM and time.monotonic() >= moment:
                process.kill()
    if point == RANDOM:
        stop.unlink()
    return process.returncode == -signal.SIGKILL or (process.returncode == 0 and spent())


def changes(scene: Scene, point: str, spent: Callable[[], bool], chance: random.Random) -> bool:
    """News for those who follow the log, and a wish to have their index made anew where the point lies there."""
    number = 0

    def step() -> None:
        nonlocal number
        scene.log.append([draft("nudge", f"Nudge {time.monotonic_ns()}")])
        if point in _REBUILT and number % 10 == 0:
            _REBUILT[point](scene.settings).touch()
        number += 1
        time.sleep(0.2)

    return until(spent, step)


def queries(scene: Scene, point: str, spent: Callable[[], bool], chance: random.Random) -> bool:
    def step() -> None:
        heard = scene.heard("query", count(scene.port))
        if heard.status == 200 and counted(heard) < RECORDS:
            scene.misled.append(f"query: {heard.body!r}")
        time.sleep(0.02)

    return until(spent, step)


def readers(scene: Scene, point: str, spent: Callable[[], bool], chance: random.Random) -> bool:
    """Records, lists, a download, and a record that is written by PUT."""
    turtle = {"Accept": "text/turtle"}

    def step() -> None:
        path = f"/record/{handle(chance.randrange(RECORDS))}"
        for _ in range(2):
            scene.heard("record", ask(scene.port, path, headers=turtle))
        scene.heard("list", ask(scene.port, "/oai?verb=ListRecords&metadataPrefix=rdf"))
        if point in ("web.piece", RANDOM):
            scene.heard("dump", ask(scene.port, f"/dumps/{scene.dump}"), whole=False)
        if point.startswith(("put.", "chunks.", "replies.")) or point == RANDOM:
            scene.put_one()

    return until(spent, step)


# -- commands, each over data of its own ---------------------------------------------------------------------------


def command(environ: dict[str, str], *arguments: str) -> int:
    """The status of a `sheaf` command; what it says is nobody's."""
    line = [sys.executable, "-c", "from repository.cli.main import main; main()", *arguments]
    return subprocess.run(line, env=environ, cwd=ROOT, capture_output=True, check=False).returncode


DRIVES: dict[str, Callable[[Scene, str, Callable[[], bool], random.Random], bool]] = {
    "writer": writer,
    "follower": changes,
    "search index": changes,
    "broker": queries,
    "query worker": queries,
    "web worker": readers,
}
