"""A repository asked through HTTP: bytes of a query in, the reply of the real application out.

What is asked in process, with a clock moved by hand, is `tests.oai.conftest.Repository`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from repository.assembly import House, opened
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import Clock
from tests.oai.conftest import NS, Repository

SMALL_PAGES = {"oai_page_size": 3, "oai_identifiers_page_size": 4, "oai_sets_page_size": 5}


@dataclass
class Door(Repository):
    """A `Repository` behind the application's own address; its clock is the machine's."""

    client: FlaskClient = field(kw_only=True)

    def __post_init__(self) -> None:
        self.path = self.settings.site.page("oai").removeprefix(self.settings.site.base.rstrip("/"))

    def get(self, query: bytes | str, **headers: str) -> TestResponse:
        """`query` goes as it is; headers are named with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(self.path, query_string=query, headers=named)

    def codes_of(self, reply: TestResponse) -> list[str]:
        """The error codes of a reply, which is found to be a valid answer."""
        assert reply.status_code == 200, reply.status
        root = etree.fromstring(reply.data)
        self.validate(root)
        return root.xpath("//o:error/@code", namespaces=NS)

    def raw(self, pairs: list[tuple[str, str]]) -> bytes:
        reply = self.get(urlencode(pairs))
        assert reply.status_code == 200, reply.status
        assert reply.content_type == "text/xml; charset=UTF-8"
        return reply.data


@contextmanager
def door_of(
    folder: Path, validate: Callable[[etree._Element], None], **settings: object
) -> Iterator[tuple[House, Door]]:
    """A house of its own and the door to it."""
    chosen: Mapping[str, object] = {"data": str(folder), **SMALL_PAGES, **settings}
    with opened(make_settings(chosen)) as house:
        client = create_app(house).test_client()
        yield house, Door(house.log, Clock(), house.settings, validate, client=client)
