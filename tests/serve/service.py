"""The real service in a process of its own, and its processes as /proc shows them."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEB = "repository.serve.web:run"
# What systemd does between fork and exec: sd_listen_fds(3).
_HANDING = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something comes to hold within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


class Service:
    """A service over a folder of its own; `names` are those of tests.serve.start, none means the web server alone.

    `settings`: SHEAF_* variables. `door`: a listening socket that is handed over as systemd does it.
    """

    def __init__(
        self, data: Path, port: int, *names: str, door: socket.socket | None = None, **settings: str
    ) -> None:
        handing = [sys.executable, "-c", _HANDING, str(door.fileno())] if door else []
        self.port = port
        # Without an index, the real application never says that it is ready.
        self.sign = "/readyz" if "house" in names else "/healthz"
        self.process = subprocess.Popen(
            [*handing, sys.executable, "-m", "tests.serve.start", str(port), *names],
            pass_fds=(door.fileno(),) if door else (),
            env={**os.environ, **environment(data, port), **settings, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def status(self, path: str, **headers: str) -> int:
        """HTTP status; 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def child(self, run: str) -> int:
        """The process of the role that runs this; 0 where there is none."""
        name = f" {run} ".encode()
        return next((pid for pid in children(self.process.pid) if name in commandline(pid)), 0)

    def servers(self) -> set[int]:
        """Whoever answers HTTP: one process, and beside it while it is replaced, the next one and those that leave."""
        return {pid for pid in children(self.process.pid) if f" {WEB} ".encode() in commandline(pid)}

    def workers(self) -> list[int]:
        """The web workers."""
        server = self.child(WEB)
        return children(server) if server else []

    def accepting(self) -> int:
        """How many workers accept connections: granian wakes its own threads, once it has the application."""
        return sum("anon_inode:[eventfd]" in opened(pid) for pid in self.workers())

    def ready(self) -> bool:
        """Whether every worker came to answer, and every real child with them."""
        return eventually(lambda: self.status(self.sign) == 200 and self.accepting() == 2, 30)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def environment(data: Path, port: int) -> dict[str, str]:
    return {"SHEAF_DATA": str(data), "SHEAF_BASE_URL": f"http://127.0.0.1:{port}"}


def children(pid: int) -> list[int]:
    """Whoever was started by any thread of this process."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on."""
    found = children(pid)
    return found + [deeper for child in found for deeper in descendants(child)]


def signalled(service: Service, number: signal.Signals, whom: str) -> None:
    """A signal as a person sends it (the parent), a terminal (the group), or systemd (everyone, parent first)."""
    everyone = descendants(service.process.pid)
    os.killpg(service.process.pid, number) if whom == "the group" else service.process.send_signal(number)
    for pid in everyone if whom == "everyone" else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def opened(pid: int) -> set[str]:
    """What the process has open, as /proc names it."""
    found = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                found.add(os.readlink(file))
    return found


def commandline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except (FileNotFoundError, ProcessLookupError):
        return b""


def state(pid: int) -> str:
    """The letter of /proc/pid/stat; nothing where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    return state(pid) not in ("", "Z")


def ticks(pid: int) -> int:
    """CPU time taken so far, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def bindable(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
