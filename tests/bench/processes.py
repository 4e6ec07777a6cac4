"""Child processes: started, measured by /proc and stopped by their ids. What they are to do, others say."""

import contextlib
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHEAF = ("-c", "from repository.cli.main import main; main()")
# A busy machine may take most of a minute.
_BEGIN_SECONDS = 120.0
_TICK = os.sysconf("SC_CLK_TCK")
_KINDS = {
    b"repository.serve.web:run": "web server",
    b"repository.keeping:run_follower": "follower",
    b"repository.keeping:run_broker": "broker",
    b"repository.keeping:run_search": "search follower",
}
_UNDER = {"web server": "web worker", "broker": "query worker"}


@dataclass(frozen=True, slots=True)
class Ended:
    """What a finished process took: seconds by the clock and of CPU, and its largest resident memory in MiB.

    `own` is the largest part of it that is no file's; `beside` the largest memory of any process that it started.
    """

    seconds: float
    cpu: float
    peak: float
    own: float
    errors: str
    beside: float = 0.0


def run(arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> Ended:
    """Run Python with arguments to the end. Raises RuntimeError where it fails."""
    with (folder / "stderr.txt").open("w+") as errors:
        began = time.perf_counter()
        process = _start(arguments, environ, folder, errors.fileno())
        peak = own = beside = 0.0
        # Not ru_maxrss: it begins with what the parent had at the fork.
        while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            held = memory(process.pid)
            peak, own = max(peak, held.get("VmHWM", 0.0)), max(own, held.get("RssAnon", 0.0))
            for child in _children(process.pid):
                beside = max(beside, memory(child).get("VmHWM", 0.0))
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments[:4])} ... ended with {process.returncode}: {text[-2000:]}")
    return Ended(seconds, usage.ru_utime + usage.ru_stime, peak, own, text, beside)


def environment(data: Path, port: int, **settings: str) -> dict[str, str]:
    """Ours without any setting of Sheaf but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHEAF_")}
    chosen = {f"SHEAF_{name.upper()}": value for name, value in settings.items()}
    base = {"SHEAF_DATA": str(data), "SHEAF_BASE_URL": f"http://127.0.0.1:{port}", "PYTHONPATH": str(ROOT)}
    return kept | base | chosen


def machine() -> dict[str, object]:
    """What a figure has to be read with."""
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": "/".join(f"{value:.1f}" for value in os.getloadavg()),
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
    }


@dataclass(frozen=True, slots=True)
class Server:
    """A server on loopback with its one worker."""

    port: int
    pid: int

    @property
    def worker(self) -> int:
        """The process that answers: the web server's child that holds most memory (others only watch)."""
        server = next(pid for pid in _children(self.pid) if b"repository.serve.web:run" in _command(pid))
        return max(_children(server), key=lambda pid: memory(pid).get("VmRSS", 0.0))

    def cpu(self) -> float:
        """CPU seconds that the worker has taken."""
        return _cpu(self.worker)

    def cpu_of_all(self) -> float:
        """CPU seconds of the process, its children and theirs, as far as they still run."""
        return sum(map(_cpu, self.family()))

    def family(self) -> list[int]:
        """The process, its children and theirs."""
        return _family(self.pid)

    def kinds(self) -> dict[str, int]:
        """One process of each kind that `sheaf serve` has; of several, the one with most memory."""
        found: dict[str, int] = {}
        for pid in _children(self.pid):
            command = _command(pid)
            name = next((name for sign, name in _KINDS.items() if sign in command), "")
            if name:
                found[name] = pid
            beside = _family(pid)[1:]
            if name in _UNDER and beside:
                found[_UNDER[name]] = max(beside, key=lambda each: memory(each).get("VmRSS", 0.0))
        return found


@contextmanager
def serving(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    port: int,
    program: str = sys.executable,
) -> Iterator[Server]:
    """A server process from its first good answer on; told to stop at the end, and killed if it does not.

    Raises RuntimeError where it does not answer, and where another one answers on its port, which would be measured.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"somebody else listens on port {port}")
    with (folder / "server.txt").open("w+") as output:
        process = _start(arguments, environ, folder, output.fileno(), program)
        try:
            _await(port, process)
            yield Server(port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def memory(pid: int) -> dict[str, float]:
    """MiB by the names of /proc/pid/status (VmRSS, VmHWM, RssAnon, RssFile); empty where there is no such file."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split(":") for line in lines if line.endswith(" kB"))
    return {name: int(rest.split()[0]) / 1024 for name, rest in pairs}


def share(pid: int) -> float:
    """MiB of a process, what it shares with others divided among them (PSS); 0 where that cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def disk(folder: Path) -> int:
    """Bytes that a file, or all in a folder, takes on disk; what several names share is counted once."""
    paths = [folder, *(folder.rglob("*") if folder.is_dir() else ())]
    blocks: dict[int, int] = {}
    for path in paths:
        with contextlib.suppress(OSError):
            if path.is_file():
                found = path.stat()
                blocks[found.st_ino] = found.st_blocks * 512
    return sum(blocks.values())


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        found += _children(each)
    return found


def _children(pid: int) -> list[int]:
    """Of any thread of it; none of a process that has gone."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def _cpu(pid: int) -> float:
    """CPU seconds of a process; of its living threads to the nanosecond, where the kernel counts so."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
        if tasks:
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _start(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    output: int,
    program: str = sys.executable,
) -> subprocess.Popen[bytes]:
    command = [program, *arguments]
    return subprocess.Popen(command, env=dict(environ), cwd=folder, stdout=output, stderr=output)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _BEGIN_SECONDS
    while time.monotonic() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"the server on port {port} does not answer (exit status {process.poll()})")
