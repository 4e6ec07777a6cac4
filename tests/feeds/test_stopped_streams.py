"""A stream that promises of no page that it stays, followed by runs that stop on their way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.harvest import Limits
from repository.model.datestamps import parse_since
from repository.model.errors import LogError
from repository.model.lens import read_work
from repository.readers.fetching import Document
from tests.feeds.feeding import Follower, following

ROOT = "https://stream.example/root"
TEXT = """
@prefix ldes: <https://w3id.org/ldes#> .
@prefix tree: <https://w3id.org/tree#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix : <https://stream.example/> .
:s a ldes:EventStream ; ldes:timestampPath dcterms:modified ; ldes:versionOfPath dcterms:isVersionOf .
"""


class Growing:
    """A page for each day, a record on each; the root says from when to when they reach. `late`: what the first page
    has besides."""

    def __init__(self, days: int) -> None:
        self.days, self.late, self.asked = days, list[str](), list[str]()

    def get(self, url: str, accept: str, *, tries: int | None = None) -> Document:
        self.asked.append(url)
        name = url.rpartition("/")[2]
        text = self._root() if url == ROOT else self._page(int(name))
        return Document(url, "text/turtle", "no-cache", f"{TEXT}{text}".encode())

    def _root(self) -> str:
        return "".join(
            f"<> tree:relation [ a tree:{kind} ; tree:node </{day}> ; tree:path dcterms:modified ; "
            f'tree:value "2026-01-{edge:02}T00:00:00Z"^^xsd:dateTime ] .\n'
            for day in range(1, self.days + 1)
            for kind, edge in (("GreaterThanOrEqualToRelation", day), ("LessThanRelation", day + 1))
        )

    def _page(self, day: int) -> str:
        return "".join(
            f":s tree:member :v{name} . :v{name} dcterms:isVersionOf :{name} ; a bibo:Article ; "
            f'dcterms:title "{name}" ; dcterms:modified "2026-01-{day:02}T{hour}:00:00Z"^^xsd:dateTime .\n'
            for name, hour in ((f"d{day}", 12), *((late, 18) for late in self.late if day == 1))
        )


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    with following(tmp_path / "here") as made:
        yield made


def titles(follower: Follower) -> list[str]:
    return sorted(read_work(name, body or b"").title.value for name, body in follower.bodies().items())


def test_a_run_that_is_gone_on_with_asks_for_no_page_again_but_the_root(follower: Follower) -> None:
    stream, now = Growing(days=9), parse_since("2026-01-20")
    for _ in range(2):
        assert follower.follow(stream.get, ROOT, limits=Limits(pages=4), now=now).stopped
    report = follower.follow(stream.get, ROOT, limits=Limits(pages=4), now=now)
    assert (report.resumed, report.clean) == (True, True)
    assert len(titles(follower)) == 9
    wanted = [f"https://stream.example/{day}" for day in range(1, 10)]
    assert [url for url in stream.asked if url != ROOT] == wanted


def test_what_came_to_a_page_after_it_was_read_comes_with_the_run_after_this_one(follower: Follower) -> None:
    stream = Growing(days=2)
    # The day is not over when its page is read, and the run stops there.
    during = parse_since("2026-01-01T13:00:00Z")
    assert follower.follow(stream.get, ROOT, limits=Limits(pages=2), now=during).stopped
    stream.days, stream.late = 3, ["late"]
    for _ in range(2):
        assert follower.follow(stream.get, ROOT, now=parse_since("2026-01-05")).clean
    assert titles(follower) == ["d1", "d2", "d3", "late"]


def test_pages_that_ended_before_a_whole_run_began_are_not_asked_for_again(follower: Follower) -> None:
    stream = Growing(days=3)
    assert follower.follow(stream.get, ROOT, now=parse_since("2026-01-03T13:00:00Z")).clean
    stream.asked.clear()
    assert follower.follow(stream.get, ROOT, now=parse_since("2026-01-03T14:00:00Z")).clean
    assert stream.asked == [ROOT, "https://stream.example/3"]


def test_a_log_that_could_not_be_asked_holds_no_member_and_the_next_run_keeps_it(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise LogError("the record log could not be used: the server is starting up")

    stream, now = Growing(days=1), parse_since("2026-01-20")
    with monkeypatch.context() as patched:
        patched.setattr("repository.harvest.members.MemberSorter._is_older", away)
        with pytest.raises(LogError, match="starting up"):
            follower.follow(stream.get, ROOT, limits=Limits(), now=now)
    report = follower.follow(stream.get, ROOT, limits=Limits(), now=now)
    assert (report.held, report.clean, titles(follower)) == (0, True, ["d1"])
