"""Commands that are killed between two of their acts and run again, each over data of its own."""

import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.dump import counts_place, offered
from repository.dump import differences as differences_of_dumps
from repository.log import Log
from repository.model.settings import make_settings
from tests.bench.processes import environment
from tests.crash.drives import command
from tests.crash.points import Armed, Row
from tests.harvest.upstream import Sheaf
from tests.kit import draft
from tests.mirror.test_mirror import paper
from tests.readers.sources import ARCHIVE, SERIES

_RECORDS, _PAGE = 40, "10"
_FILES = 8


@dataclass
class Commands:
    """`upstream` is a Sheaf to be harvested, `there` a folder to be mirrored; `folder` is ours."""

    folder: Path
    upstream: Sheaf
    there: Path

    def kill(self, point: str, row: Row, chance: random.Random) -> list[str]:
        """Kill the command of a point there, run it again, and see that all is as if nothing had been; what is not."""
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        armed = Armed(self.folder / "points")
        arguments = self._arguments(point, data)
        armed.arm(point, 0 if point.startswith("dump.") else chance.randrange(3))
        environ = environment(data, 1) | {"TEST_CRASH_POINTS": str(armed.folder)}
        status = command(environ, *arguments)
        if status != -signal.SIGKILL:
            armed.disarm(point)
            row.missed += 1
            return [f"{point}: nobody died there, {' '.join(arguments)} ended with {status}"]
        row.kills += 1
        torn = _faults(data)
        row.torn += bool(torn)
        again = command(environ, *arguments)
        row.back += again == 0
        unequal = self._unequal(point, data)
        row.unequal += bool(unequal)
        return [f"{point}: {each}" for each in (*torn, *unequal)]

    def _arguments(self, point: str, data: Path) -> list[str]:
        kind = point.partition(".")[0]
        if kind == "dump":
            log = Log(make_settings({"data": str(data)}).log_url)
            log.append([draft(n) for n in range(_RECORDS)])
            log.close()
            return ["dump", "--publish"]
        return {"harvest": ["harvest", self.upstream.url], "mirror": ["mirror", str(self.there)]}[kind]

    def _unequal(self, point: str, data: Path) -> list[str]:
        settings = make_settings({"data": str(data), "base_url": "http://127.0.0.1:1"})
        kind = point.partition(".")[0]
        log = Log(settings.log_url, read_only=True)
        try:
            kept = {record.identifier: record.body for record in log.live()}
            if kind == "harvest":
                there = {record.identifier: record.body for record in self.upstream.house.log.live()}
                return [] if kept == there else ["the harvest is not what the upstream has"]
            if kind == "mirror":
                return [] if len(kept) == 2 + 5 * _FILES else [f"{len(kept)} records were mirrored"]
            wrong = list(differences_of_dumps(log, counts_place(data), settings.dumps_folder))
            found = offered(settings.dumps_folder)
            return wrong if len(found) == 1 else [*wrong, f"{len(found)} dumps are offered"]
        finally:
            log.close()


def _faults(data: Path) -> list[str]:
    log = Log(make_settings({"data": str(data)}).log_url)
    try:
        return [f"{fault.place}: {fault.name}: {fault.text}" for fault in log.verify()]
    finally:
        log.close()


@contextmanager
def commands(folder: Path) -> Iterator[Commands]:
    there = folder / "there"
    there.mkdir(parents=True)
    (there / "xyzarch.rdf").write_text(ARCHIVE)
    (there / "xyzseri.rdf").write_text(SERIES)
    for n in range(_FILES):
        (there / f"{n}.rdf").write_text("".join(paper(100 * n + k) for k in range(1, 6)))
    upstream = Sheaf(folder / "upstream", oai_page_size=_PAGE)
    try:
        upstream.house.log.append([draft(n) for n in range(_RECORDS)])
        yield Commands(folder, upstream, there)
    finally:
        upstream.close()
