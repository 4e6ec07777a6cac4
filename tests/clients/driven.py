"""Programs in Node.js that are asked line by line, a job as JSON in, a reply as JSON out. `make test` brings them."""

import json
import os
import select
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.serve.service import ROOT

# Of the checkout and not of the interpreter: the tests run on several of these.
FOLDER = ROOT / ".venv" / "share" / "sheaf" / "clients"


class ClientError(Exception):
    """What a client complained of."""


class Driven:
    """`driver` is a file beside this one, `package` what it cannot do without."""

    def __init__(self, node: str, driver: str, package: str) -> None:
        if not (FOLDER / "node_modules" / package).is_dir():
            reason = f"needs {package}, which `make test` brings in where there are npm and a network"
            if os.environ.get("TEST_SERVICES") == "required":
                pytest.fail(f"{reason}, and TEST_SERVICES says that it must be here")
            pytest.skip(reason)
        self._package = package
        self._process = subprocess.Popen(
            [node, str(Path(__file__).with_name(driver)), str(FOLDER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """The reply. Raises ClientError where it is a complaint."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        assert select.select([self._process.stdout], [], [], 60)[0], f"{self._package} says nothing"
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise ClientError(reply["error"])
        return reply

    def close(self) -> None:
        self._process.communicate(timeout=10)
