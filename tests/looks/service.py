"""`sheaf serve` over the sample records, and some invented ones that pages find hard."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.records import Draft
from repository.model.settings import Settings, make_settings
from tests.looks.hard import GONE, MOVED, SERIES, changed, hard
from tests.ports import free_port
from tests.serve.service import ROOT, eventually

SHEAF = Path(sys.executable).with_name("sheaf")
# When those that pages find hard came.
_HARD = 150
# (days ago, what came then): a repository that grew, as its plot should show.
_CAME = (
    (400, ("eee/eeearch.rdf", "eee/eeeseri.rdf", "eee/socmed/socmed-381.redif")),
    (
        330,
        ("demo/RePEc/per", "demo/RePEc/edi", "demo/RePEc/xde/xdearch.redif", "demo/RePEc/xde/xdeseri.redif"),
    ),
    (290, ("demo/RePEc/xde/lhquar", "demo/RePEc/xde/bkquay")),
    (200, ("demo/RePEc/xde/dpgard",)),
    (_HARD, ("demo/RePEc/xde/wpferr", "demo/RePEc/xde/chquay")),
    (20, ("demo/RePEc/xde/swlamp", "demo/RePEc/xde/jharbr")),
)
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Running:
    """`base` ends with `/`. `sheaf` runs a command of the maintainer's on the same data, and gives what it says."""

    base: str
    settings: Settings
    environ: Mapping[str, str]

    def sheaf(self, *words: str) -> str:
        done = subprocess.run(
            [SHEAF, *words], env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def running(folder: Path, *, with_hard: bool = True) -> Iterator[Running]:
    """The service, ready, with everything that it makes by itself made: indexes, counts, a report, a dump."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    chosen = {
        "data": str(folder / "data"),
        "base_url": base,
        "metadata_licence": "https://creativecommons.org/publicdomain/zero/1.0/",
        "sparql_client_seconds": "1200",
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SHEAF_")}
    environ |= {f"SHEAF_{name.upper()}": value for name, value in chosen.items()}
    service = Running(base, make_settings(chosen), environ)
    _fill(service.settings, with_hard=with_hard)
    if with_hard:
        service.sheaf("move", MOVED, f"{SERIES}:2020-01")
    service.sheaf("dump", "--publish")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [SHEAF, "serve", "--port", str(port)], env=environ, cwd=folder, stdout=said, stderr=said
        )
    try:
        assert eventually(lambda: _answers(f"{base}readyz"), 60), (folder / "said").read_text()
        service.sheaf("report")
        yield service
    finally:
        process.terminate()
        assert process.wait(20) == 0, (folder / "said").read_text()


def _fill(settings: Settings, *, with_hard: bool) -> None:
    now = time.time()
    for days, names in _CAME:
        with closing(Log(settings.log_url, clock=_clock(now - days * _DAY))) as log:
            files = [*find_files([ROOT / "records" / name for name in names])]
            assert Ingest(log, settings.site, url=settings.log_url).run(files).clean
            if with_hard and days == _HARD:
                log.append([*hard()])
                log.append([Draft(GONE, None)])
    if with_hard:
        with closing(Log(settings.log_url, clock=_clock(now - _DAY))) as log:
            log.append([changed()])


def _clock(at: float) -> Callable[[], float]:
    return lambda: at


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
