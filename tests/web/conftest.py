"""A house with a few records behind a client that speaks WSGI; the log is real SQLite."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask.testing import FlaskClient

from repository.assembly import House, open_house, opened
from repository.formats import oai_prefixes
from repository.log import Log
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.settings import make_settings
from repository.model.work import File, Organisation, Person, Text, Work
from repository.web.app import create_app
from tests.kit import draft, removal, work

BASE = "https://papers.example.org/"
ARTICLE = "RePEc:xxx:joujou:1"
GONE = "RePEc:xxx:joujou:9"
MOVED, HEIR = "RePEc:xxx:joujou:8", "RePEc:xxx:joujou:5"
SERIES = "RePEc:xxx:joujou"
PERSON = "RePEc:per:1970-01-01:ADA_GARDEN"
MENTIONED = "RePEc:yyy:absent:7"

FULL = work(
    1,
    "Ferries & <lighthouses>",
    creators=(
        Person("Ada Garden", identifier=PERSON, workplaces=(Organisation("Harbour Institute"),)),
        Person("عمر المنارة", homepage="https://example.org/omar"),
    ),
    abstracts=(Text("On ferries.", "en"), Text("Über Fähren.", "de")),
    keywords=(Text("ferries", "en"), Text("light", "en")),
    volume="3",
    issue="2",
    pages="10-20",
    page_start="10",
    page_end="20",
    publishers=("Quay Press",),
    dois=("10.1000/abc(1)",),
    languages=("en",),
    jel=("I11", "Q57"),
    files=(
        File(
            "https://example.org/a.pdf", "application/pdf", "Full text", Text("Subscribers only", "en"), "120"
        ),
    ),
    cites=(MENTIONED, "RePEc:xxx:joujou:2"),
    references=("Keeper (1843). On being waved at.",),
    has_versions=("RePEc:xxx:joujou:3",),
    source_fields=("X-Odd: kept",),
)


def as_draft(made: Work) -> Draft:
    return Draft(made.identifier, write_work(made), sets_of(made), oai_prefixes(made))


def records() -> list[Draft]:
    return [
        as_draft(FULL),
        draft(2, "The cited one"),
        draft(3, "A working paper of it", type="paper"),
        draft(4, "One that cites", cites=(ARTICLE,)),
        draft(5, "Dotted", dois=("10.1002/1097<1::aid>3.0.co;2-1",)),
        as_draft(Work(SERIES, "journal", Text("Journal of Tests"), part_of=("RePEc:xxx",))),
        as_draft(
            Work(PERSON, "person", Text("Ada Garden"), made=(ARTICLE,), homepages=("https://example.org/",))
        ),
        as_draft(Work("local/2020/7.ttl", "document", Text("Named like a file"))),
        draft(8),
        draft(9),
        removal(8, successor=HEIR),
        removal(9),
    ]


@pytest.fixture(scope="session")
def open_at(tmp_path_factory) -> Iterator[Callable[[str], House]]:
    """Opens a house of its own with the records, under a base URL."""
    houses: list[House] = []

    def open_with(base: str) -> House:
        folder = tmp_path_factory.mktemp("house")
        settings = make_settings({"data": str(folder), "base_url": base, "repository_name": "Quay"})
        # A minute ago: what was written in this second has no date yet.
        with closing(Log(settings.log_url, clock=lambda: time.time() - 60)) as log:
            log.append(records())
        house = open_house(settings)
        houses.append(house)
        return house

    yield open_with
    for house in houses:
        house.close()


@pytest.fixture(scope="session")
def client(open_at) -> Iterator[FlaskClient]:
    """For tests that only read."""
    with opened(open_at(BASE).settings, read_only=True) as house:
        yield create_app(house).test_client()


@pytest.fixture
def house(open_at) -> Iterator[House]:
    """For tests that write; `fresh` is its client."""
    opened = open_at(BASE)
    yield opened
    # Now, not with the last: each holds files open, and select() knows a thousand.
    opened.close()


@pytest.fixture
def fresh(house) -> FlaskClient:
    return create_app(house).test_client()
