"""One service and one browser for all tests of this folder."""

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium(needs("chromium")) as started:
        yield started
