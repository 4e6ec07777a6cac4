"""A real `sheaf serve` as one of several machines behind one address: a port and a data folder of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repository.model.settings import make_settings
from tests.bench.processes import SHEAF, environment
from tests.ports import free_port
from tests.soak.service import Running, await_ready

PUBLIC = "http://127.0.0.1:8080"


@contextmanager
def host(folder: Path, **settings: str) -> Iterator[Running]:
    """A service over `folder/data`, once it is ready, that has the address PUBLIC for its readers.

    At the end it is stopped; it leaves no process behind and has told of no error.
    """
    folder.mkdir(exist_ok=True)
    port = free_port()
    values = {"base_url": PUBLIC, "sparql_workers": "1", **settings}
    environ = environment(folder / "data", port, **values)
    command = [sys.executable, *SHEAF, "serve", "--port", str(port), "--behind-proxy"]
    with (folder / "said").open("a") as said:
        process = subprocess.Popen(
            command, env=environ, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    running = Running(folder, port, make_settings({"data": str(folder / "data"), **values}), environ, process)
    try:
        await_ready(running, 240)
        yield running
    finally:
        left = running.stop()
    assert not left
    assert "Traceback" not in running.said
