"""A house that may be written to, and tokens for it."""

import time
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from repository.assembly import House, open_house
from repository.log import hashed_secret, make_token
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.web.conftest import BASE, records

ONE = "RePEc:xxx:joujou:1"
NEW = "RePEc:xde:wpferr:2020-01"


def redif(identifier: str = NEW, title: str = "On being waved at") -> bytes:
    lines = ("Template-Type: ReDIF-Paper 1.0", f"Title: {title}", "Author-Name: Ada Garden")
    return "\n".join([*lines, "Creation-Date: 2020-03", f"Handle: {identifier}", ""]).encode()


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Iterator[House]:
    """One for all tests that use records of their own: its reading process is started once."""
    folder = tmp_path_factory.mktemp("written")
    house = open_house(make_settings({"data": str(folder), "base_url": BASE, "trusted_proxies": "127.0.0.1"}))
    house.log.append(records())
    yield house
    house.close()


@pytest.fixture(scope="session")
def give(written) -> Callable[..., dict[str, str]]:
    """Makes a token and gives the headers that a writer of ReDIF sends with it."""
    made = iter(range(10_000))

    def given(
        *scopes: str, rights: tuple[str, ...] = ("write", "delete"), seconds: int | None = None
    ) -> dict[str, str]:
        now = int(time.time())
        expires = None if seconds is None else now + seconds
        token, text = make_token(f"writer-{next(made)}", scopes or ("*",), rights, now, expires)
        written.log.add_token(token, hashed_secret(text))
        return {"Authorization": f"Bearer {text}", "Content-Type": "application/x-redif"}

    return given


@pytest.fixture(scope="session")
def door(written) -> FlaskClient:
    return create_app(written).test_client()


@pytest.fixture(scope="session")
def headers(give) -> dict[str, str]:
    return give("*")
