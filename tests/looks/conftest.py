"""One service for all tests of this folder, and a browser for each of its files."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.kit import needs
from tests.looks.chromium import chromium
from tests.looks.service import Running, running


@pytest.fixture(scope="session")
def service(tmp_path_factory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("looks")) as started:
        yield started


# Not for longer: while one is open, an event loop runs in this thread, and nobody else can run one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(needs("chromium")) as started:
        yield started
