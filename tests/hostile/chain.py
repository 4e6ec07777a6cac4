"""The service with a page of some MB, alone and behind nginx."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.assembly import opened
from repository.model.settings import make_settings
from repository.model.work import Text
from tests.deploy.front import front
from tests.kit import draft
from tests.ports import free_port
from tests.serve.service import Service, descendants, eventually
from tests.soak.asking import ask

RECORDS = 400
_ABSTRACT = 10_000
RECORD = "/record/RePEc:xxx:joujou:7"
# About 4.5 MB, uncoded.
PAGE = "/oai?verb=ListRecords&metadataPrefix=oai_dc"


@dataclass(frozen=True)
class Chain:
    """Ports of nginx and of the server behind it, and their processes."""

    front: int
    origin: int
    service: Service
    nginx: int

    def memory_mb(self, name: str) -> int:
        """Resident memory of nginx or of the service with all their processes, pages that they share counted once
        for each."""
        first = self.nginx if name == "nginx" else self.service.process.pid
        return sum(_resident(pid) for pid in (first, *descendants(first))) >> 10


@contextmanager
def chain(folder: Path) -> Iterator[Chain]:
    """The whole of it until the end of the block, over new records in `folder`."""
    data = folder / "data"
    with opened(make_settings({"data": str(data)})) as house:
        for first in range(0, RECORDS, 100):
            house.log.append([_record(n) for n in range(first, first + 100)])
    service = Service(data, free_port(), SHEAF_OAI_PAGE_SIZE=str(RECORDS), SHEAF_TRUSTED_PROXIES="127.0.0.1")
    try:
        (folder / "nginx").mkdir()
        port = free_port()
        with front(folder / "nginx", port, service.port) as nginx:
            assert service.ready()
            assert eventually(lambda: ask(port, "/healthz").status == 200, 20)
            # Rendered once: what is tried is how answers are sent.
            assert len(ask(port, PAGE).body) > RECORDS * _ABSTRACT
            yield Chain(port, service.port, service, nginx)
    finally:
        service.process.terminate()
        service.end()


def _record(n: int) -> object:
    return draft(n, f"Title {n}", abstracts=(Text(f"Abstract {n}. " + "On ferries. " * (_ABSTRACT // 12)),))


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
