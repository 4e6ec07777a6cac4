"""A real `sheaf serve` over generated records, and its processes by role as /proc shows them. It asks for nothing."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.settings import Settings, make_settings
from tests.bench.processes import SHEAF, environment
from tests.bench.templates import write_archive
from tests.ports import free_port
from tests.serve.service import alive, children, commandline, descendants
from tests.soak.asking import ask

QUERY_WORKER = "query worker"
WEB_WORKER = "web worker"
_BY_COMMAND = (
    (b"repository.serve.web:run", "web server"),
    (b"repository.keeping:run_follower", "follower"),
    (b"repository.keeping:run_broker", "broker"),
    (b"repository.keeping:run_search", "search index"),
    (b"spawn_main", QUERY_WORKER),
    (b"resource_tracker", "resource tracker"),
)
_READY_SECONDS = 60
_END_SECONDS = 15


@dataclass
class Running:
    """A service that runs. What it says on stdout and stderr is in `said`, its temporary files in `temporary`."""

    folder: Path
    port: int
    settings: Settings
    environ: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text()

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def roles(self) -> dict[int, str]:
        """Every process of the service, itself included."""
        found = {self.process.pid: "service"}
        for pid in descendants(self.process.pid):
            if role := _role(pid):
                found[pid] = role
        return _workers_told_apart(found)

    def of(self, role: str) -> list[int]:
        return [pid for pid, its in self.roles().items() if its == role]

    def counted(self) -> Counter[str]:
        return Counter(self.roles().values())

    def sheaf(self, *arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """A command beside the service, over the same data. Raises TimeoutExpired."""
        command = [sys.executable, *SHEAF, *arguments]
        return subprocess.run(
            command, env=self.environ, cwd=self.folder, text=True, capture_output=True, timeout=seconds
        )

    def stop(self) -> list[int]:
        """Tell it to stop; whoever of its processes is still there seconds after it ended."""
        everyone = list(self.roles())
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        end = time.monotonic() + 2
        while any(map(alive, everyone)) and time.monotonic() < end:
            time.sleep(0.05)
        return [pid for pid in everyone if alive(pid)]


def _role(pid: int) -> str:
    """The role that a process's command names; nothing for one that is gone, or not yet what it will be."""
    command = commandline(pid)
    if not command:
        return ""
    return next(
        (role for part, role in _BY_COMMAND if part in command), command.decode(errors="replace")[:60]
    )


def _workers_told_apart(found: dict[int, str]) -> dict[int, str]:
    """The web server forks its workers, so they have its command."""
    for pid in [pid for pid, role in found.items() if role == "web server"]:
        for child in children(pid):
            if found.get(child) == "web server":
                found[child] = WEB_WORKER
    return found


def records(folder: Path, count: int) -> None:
    """A log of so many generated records in `folder/data`."""
    write_archive(folder / "archive", count)
    settings = make_settings({"data": str(folder / "data")})
    log = Log(settings.log_url)
    try:
        Ingest(log, settings.site).run(list(find_files([folder / "archive"])))
    finally:
        log.close()


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Running]:
    """A service over `folder/data`, once it is ready; killed at the end where nobody stopped it."""
    port = free_port()
    (folder / "tmp").mkdir(exist_ok=True)
    environ = environment(folder / "data", port, **{key: str(value) for key, value in settings.items()})
    environ["TMPDIR"] = str(folder / "tmp")
    command = [sys.executable, *SHEAF, "serve", "--port", str(port)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            command, env=environ, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    made = make_settings({"data": str(folder / "data"), "base_url": f"http://127.0.0.1:{port}", **settings})
    running = Running(folder, port, made, environ, process)
    try:
        await_ready(running)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def await_ready(running: Running, seconds: float = _READY_SECONDS) -> float:
    """Seconds until it said so. Raises RuntimeError where it does not."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if ask(running.port, "/readyz", patience=5).status == 200:
            return time.monotonic() - began
        if running.process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the service is not ready after {seconds} s:\n{running.said[-3000:]}")
