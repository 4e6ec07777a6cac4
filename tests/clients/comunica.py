"""Comunica, a SPARQL engine of others in Node.js, asked through `comunica.mjs`. `make test` brings it in."""

import json
import os
import select
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.serve.service import ROOT

# Of the checkout and not of the interpreter: the tests run on several of these.
FOLDER = ROOT / ".venv" / "share" / "sheaf" / "clients"
_DRIVER = Path(__file__).with_name("comunica.mjs")


@dataclass(frozen=True, slots=True)
class Said:
    """`asked`: every request that the engine made, as {method, url, accept}."""

    text: str
    asked: list[dict[str, str]]


class ComunicaError(Exception):
    """What Comunica complained of."""


class Comunica:
    def __init__(self, node: str) -> None:
        if not (FOLDER / "node_modules" / "@comunica" / "query-sparql").is_dir():
            reason = "needs Comunica, which `make test` brings in where there are npm and a network"
            if os.environ.get("TEST_SERVICES") == "required":
                pytest.fail(f"{reason}, and TEST_SERVICES says that it must be here")
            pytest.skip(reason)
        self._process = subprocess.Popen(
            [node, str(_DRIVER), str(FOLDER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(
        self, query: str, *sources: str, media_type: str = "application/sparql-results+json"
    ) -> Said:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {"query": query, "sources": sources, "mediaType": media_type}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        assert select.select([self._process.stdout], [], [], 60)[0], "Comunica says nothing"
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise ComunicaError(reply["error"])
        return Said(reply["result"], reply["asked"])

    def close(self) -> None:
        self._process.communicate(timeout=10)
