"""Services over a folder with a few records, ended with the test."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repository.assembly import opened
from repository.model.settings import make_settings
from tests.ports import free_port
from tests.serve.service import Service
from tests.web.conftest import records


@pytest.fixture
def data(tmp_path) -> Path:
    with opened(make_settings({"data": str(tmp_path)})) as house:
        house.log.append(records())
    return tmp_path


@pytest.fixture
def start(data) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start_one(*names: str, folder: Path = data, port: int = 0) -> Service:
        started.append(Service(folder, port or free_port(), *names))
        return started[-1]

    yield start_one
    for service in started:
        with contextlib.suppress(ProcessLookupError):
            service.process.kill()
        service.process.communicate(timeout=10)
