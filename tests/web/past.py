"""A house whose records have a past of known seconds, and the answers of RFC 7089 taken apart by foreign parsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime

from flask.testing import FlaskClient
from requests.utils import parse_header_links

from repository.assembly import House
from repository.log import Log
from repository.web.app import create_app
from tests.kit import Clock


@dataclass
class Past:
    """`log` writes with a clock of its own into the log that `house` reads."""

    house: House
    log: Log
    clock: Clock

    @property
    def client(self) -> FlaskClient:
        return create_app(self.house).test_client()

    def at(self, seconds: int, *drafts: object) -> int:
        """Keep drafts at a second; the seq of the last."""
        self.clock.now = seconds
        self.log.append(list(drafts))  # type: ignore[arg-type]
        return self.log.newest()


@contextmanager
def past(house: House) -> Iterator[Past]:
    clock = Clock()
    log = Log(house.settings.log_url, clock=clock)
    try:
        yield Past(house, log, clock)
    finally:
        log.close()


def asking(seconds: int) -> dict[str, str]:
    return {"Accept-Datetime": formatdate(seconds, usegmt=True)}


def links(text: str) -> list[dict[str, str]]:
    """Link header or link-format, by the parser of requests; `rel` is split into its words beside it."""
    return parse_header_links(text.replace(",\n<", ", <").strip())


def by_rel(text: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for link in links(text):
        for word in link["rel"].split():
            found.setdefault(word, []).append(link)
    return found


def seconds(link: dict[str, str], name: str = "datetime") -> int:
    return int(parsedate_to_datetime(link[name]).timestamp())
