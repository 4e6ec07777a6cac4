"""A repository to ask: a real log, a clock moved by hand, answers checked against the official schemas."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from lxml import etree

from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.oai import Provider
from tests.kit import START, Clock, draft, shared
from tests.oai.validity import faults

NS = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "id": "http://www.openarchives.org/OAI/2.0/oai-identifier",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


@dataclass
class Repository:
    """Asks a provider in process. Every answer is parsed, and validated where the schemas are at hand."""

    log: Log
    clock: Clock
    settings: Settings
    validate: Callable[[etree._Element], None]
    provider: Provider = field(init=False)

    def __post_init__(self) -> None:
        self.provider = Provider(self.log, self.settings, clock=self.clock)

    def raw(self, pairs: list[tuple[str, str]]) -> bytes:
        return self.provider.answer(pairs)

    def ask(self, query: str = "", **arguments: str) -> etree._Element:
        pairs = parse_qsl(query, keep_blank_values=True) + list(arguments.items())
        root = etree.fromstring(self.raw(pairs), etree.XMLParser(resolve_entities=False, no_network=True))
        self.validate(root)
        return root

    def codes(self, query: str = "", **arguments: str) -> list[str]:
        return self.ask(query, **arguments).xpath("//o:error/@code", namespaces=NS)

    def walk(self, query: str) -> list[etree._Element]:
        """All pages of a list."""
        verb = dict(parse_qsl(query))["verb"]
        pages = [self.ask(query)]
        while token := pages[-1].findtext(".//o:resumptionToken", namespaces=NS):
            pages.append(self.ask(verb=verb, resumptionToken=token))
        return pages


def headers(*pages: etree._Element) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    """(identifier, datestamp, deleted, setSpecs) of every header, in order."""
    return [
        (
            header.findtext("o:identifier", namespaces=NS),
            header.findtext("o:datestamp", namespaces=NS),
            header.get("status") == "deleted",
            tuple(spec.text for spec in header.findall("o:setSpec", NS)),
        )
        for page in pages
        for header in page.iterfind(".//o:header", NS)
    ]


def identifiers(*pages: etree._Element) -> list[str]:
    return [re.sub(r".*:", "", header[0]) for header in headers(*pages)]


@pytest.fixture(scope="session")
def validate() -> Callable[[etree._Element], None]:
    """Fails where an answer is not valid; judges nothing where the schemas are not at hand."""
    try:
        shared()
    except pytest.skip.Exception:
        return lambda root: None

    def check(root: etree._Element) -> None:
        found = faults(root)
        assert not found, (found, etree.tostring(root)[:3000])

    return check


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def repository(
    tmp_path: Path, clock: Clock, validate: Callable[[etree._Element], None]
) -> Iterator[Repository]:
    settings = make_settings(
        {"data": str(tmp_path), "oai_page_size": 3, "oai_identifiers_page_size": 4, "oai_sets_page_size": 5}
    )
    log = Log(settings.log_url, clock=clock)
    yield Repository(log, clock, settings, validate)
    log.close()


# So many records of one datestamp, and one before and one behind them.
BULK = 12_000
MANY = BULK + 2
# Every so many records one is in the small set beside the large ones.
RARE = BULK // 10


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log that nobody writes to: the bulk came at START, ten records of it in the set `rare`."""
    settings = make_settings({"data": str(tmp_path_factory.mktemp("many"))})
    clock = Clock(START - 100)
    log = Log(settings.log_url, clock=clock)
    log.append([draft("early", sets=("type:article",))])
    clock.now = START
    for start in range(0, BULK, 1000):
        log.append(
            [
                draft(n, sets=("type:article", "rare") if n % RARE == 0 else ("type:article",))
                for n in range(start, start + 1000)
            ]
        )
    clock.now = START + 30
    log.append([draft("late", sets=("type:article",))])
    log.close()
    reader = Log(settings.log_url, read_only=True)
    yield reader
    reader.close()
