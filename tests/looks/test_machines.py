"""The page for machines: every command runs as the page shows it, on a terminal, against the real service."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kit import needs
from tests.looks.service import Running
from tests.web.test_machines import commands

pytestmark = pytest.mark.slow
NOTHING = "204 No Content"
# What curl answered last: it tells it as if `-w` had been written, and is asked nothing else than the page says.
_CURL = """#!/bin/sh
exec {curl} --no-progress-meter --write-out '%{{stderr}}%{{http_code}} %{{content_type}}\\n' "$@"
"""
_PYTHON = f"""#!/bin/sh
exec {sys.executable} "$@"
"""


@pytest.fixture(scope="module")
def page(service: Running) -> str:
    request = urllib.request.Request(f"{service.base}machines", headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="module")
def environ(service: Running, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A terminal with curl, zstd, and a Python that has rdflib."""
    needs("zstd")
    folder = tmp_path_factory.mktemp("bin")
    for name, text in (("curl", _CURL.format(curl=needs("curl"))), ("python3", _PYTHON)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    said = service.sheaf("token", "add", "looks", "--prefix", "*", "--rights", "write,delete")
    token = re.search(r"sheaf_\S+", said)
    assert token
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "TOKEN": token[0],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }


def test_every_command_runs_as_it_stands_and_answers_what_it_says(
    page: str, environ: Mapping[str, str], tmp_path: Path
):
    found = commands(page)
    assert len(found) > 35
    assert {"PUT", "DELETE"} <= set(re.findall(r"curl -X (\w+)", " ".join(command for command, _ in found)))
    wrong = []
    # In the order of the page: what is deleted in the end was sent before.
    for command, gives in found:
        done = subprocess.run(
            ["bash", "-c", command], env=environ, cwd=tmp_path, capture_output=True, timeout=60, check=False
        )
        told = done.stderr.decode().splitlines()
        if command.startswith("python3"):
            good = done.returncode == 0 and b"dcterms:title" in done.stdout
        else:
            status, _, media_type = (told or [""])[-1].partition(" ")
            good = (status, media_type.partition(";")[0]) == (
                ("204", "") if gives == NOTHING else ("200", gives)
            )
        if not good or not (done.stdout or "-o " in command or gives == NOTHING):
            wrong.append((command, told, done.stdout[-200:]))
    assert wrong == []
