"""`sheaf harvest` of an event stream: only what is new, gone on with where it stopped, broken members held."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from repository.cli.main import main
from repository.feeds import ldes
from repository.harvest import Limits, look
from repository.log import Log
from repository.model.datestamps import parse_since
from repository.model.errors import SourceError
from repository.model.lens import read_work
from repository.model.records import Draft
from repository.readers.fetching import Document
from tests.feeds.feeding import Fed, Follower, fed, following, small_pages
from tests.harvest.upstream import Repository, Sheaf, listing, record, serving
from tests.kit import draft, removal

ONE = "RePEc:xxx:joujou:1"


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Fed]:
    with small_pages(), fed(tmp_path / "there") as made:
        yield made


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    with following(tmp_path / "here") as made:
        yield made


def live(source: Fed) -> dict[str, bytes | None]:
    return {each.identifier: each.body for each in source.house.log.live()}


# -- another Sheaf -------------------------------------------------------------------------------------------


def test_full_pages_are_fetched_once(source: Fed, follower: Follower) -> None:
    source.house.log.append([draft(n) for n in range(12)])
    assert follower.follow(source.get, source.root).clean
    source.asked.clear()
    source.house.log.append([draft(20)])
    report = follower.follow(source.get, source.root)
    assert source.asked == [source.root, f"{source.root}/3"]
    assert report.outcomes["new"] == 1
    assert follower.bodies() == live(source)


@pytest.mark.slow
def test_a_run_that_stopped_is_gone_on_with(source: Fed, follower: Follower) -> None:
    source.house.log.append([draft(n) for n in range(38)])
    for _ in range(3):
        report = follower.follow(source.get, source.root, limits=Limits(pages=4))
        assert "as many as are allowed" in report.stopped
    full = [url for url in source.asked if url.rpartition("/")[2].isdecimal()]
    assert len(set(full)) >= 6
    assert len(set(full)) == len(full)
    assert follower.follow(source.get, source.root).clean
    assert follower.bodies() == live(source)


def test_deletions_are_applied_and_returns_too(source: Fed, follower: Follower) -> None:
    source.house.log.append([draft(1), draft(2)])
    follower.follow(source.get, source.root)
    source.house.log.append([removal(1, "RePEc:xxx:joujou:2")])
    follower.follow(source.get, source.root)
    gone = follower.house.log.get(ONE)
    assert gone is not None
    assert (gone.deleted, gone.successor) == (True, "RePEc:xxx:joujou:2")
    source.house.log.append([draft(1, "Back")])
    follower.follow(source.get, source.root)
    assert follower.bodies() == live(source)


def test_records_of_another_source_are_left_alone(source: Fed, follower: Follower) -> None:
    follower.house.log.append([draft(1, "Ours")])
    source.house.log.append([draft(1, "Theirs"), draft(2)])
    report = follower.follow(source.get, source.root)
    assert (report.outcomes["foreign"], report.outcomes["new"], report.clean) == (1, 1, False)
    assert [finding.code for finding in follower.findings] == ["another-source"]
    source.house.log.append([removal(1)])
    follower.follow(source.get, source.root)
    kept = follower.house.log.get(ONE)
    assert kept is not None
    assert b"Ours" in (kept.body or b"")


def test_nothing_is_made_of_what_comes_again(source: Fed, follower: Follower) -> None:
    for title in ("One", "Two", "Three"):
        source.house.log.append([draft(n, title) for n in range(4)])
    follower.follow(source.get, source.root)
    newest = follower.house.log.newest()
    assert follower.follow(source.get, source.root).clean
    assert follower.house.log.newest() == newest
    # Where versions of one second are read again their order tells, and the last word is the same.
    assert follower.follow(source.get, source.root, full=True).clean
    assert follower.bodies() == live(source)


@pytest.mark.slow
def test_a_deletion_within_the_second_of_its_record_stays(source: Fed, follower: Follower) -> None:
    """A group of full pages is known and not read again; nor may an old page of it be."""
    with small_pages(2, 2):
        source.house.log.append([draft(1), draft(2)])
        source.house.log.append([removal(1)])
        time.sleep(1.1)
        source.house.log.append([draft(3)])
        for name in (4, 5):
            follower.follow(source.get, source.root)
            source.asked.clear()
            source.house.log.append([draft(name)])
        follower.follow(source.get, source.root)
        assert f"{source.root}/1" not in source.asked
        assert follower.bodies() == live(source)


def test_where_a_record_came_from_is_kept(source: Fed, follower: Follower) -> None:
    source.house.log.append([draft(1)])
    follower.follow(source.get, source.root)
    with follower.house.log.read() as reading:
        kept = reading.get(ONE)
        assert kept is not None
        (step,) = reading.origins([kept.seq])[kept.seq]
    assert step.base_url == source.root
    assert step.identifier == source.house.site.record(ONE)
    assert not step.altered


# -- streams of others ---------------------------------------------------------------------------------------

PREFIXES = """
@prefix ldes: <https://w3id.org/ldes#> .
@prefix tree: <https://w3id.org/tree#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix as: <https://www.w3.org/ns/activitystreams#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix : <https://stream.example/> .
"""
STREAM = (
    ":s a ldes:EventStream ; ldes:timestampPath dcterms:modified ; ldes:versionOfPath dcterms:isVersionOf ."
)
FIRST = f"""{PREFIXES}{STREAM}
:s tree:view <> ; tree:member :a1, :b1, :bad .
<> tree:relation [ a tree:GreaterThanOrEqualToRelation ; tree:node </later> ; tree:path dcterms:modified ;
                   tree:value "2026-02-01T00:00:00Z"^^xsd:dateTime ] .
:a1 dcterms:isVersionOf :a ; dcterms:modified "2026-01-01T00:00:00Z"^^xsd:dateTime ; a bibo:Article ;
    dcterms:title "A, first" ; dcterms:creator [ a <http://xmlns.com/foaf/0.1/Person> ] .
:b1 dcterms:isVersionOf :b ; dcterms:modified "2026-01-02T00:00:00+01:00"^^xsd:dateTime ; a bibo:Article ;
    dcterms:title "B" .
:bad dcterms:isVersionOf :c ; dcterms:modified "2026-01-03T00:00:00Z"^^xsd:dateTime ; a bibo:Article .
"""
LATER = f"""{PREFIXES}{STREAM}
:s tree:member :a2, :b2 .
:a2 dcterms:isVersionOf :a ; dcterms:modified "2026-02-01T00:00:00Z"^^xsd:dateTime ; a bibo:Article ;
    dcterms:title "A, second" .
:b2 dcterms:isVersionOf :b ; dcterms:modified "2026-02-02T00:00:00Z"^^xsd:dateTime ; a as:Delete .
"""
URL = "https://stream.example/root"

Get = Callable[..., Document]


def pages(**texts: str) -> Get:
    def get(url: str, accept: str, *, tries: int | None = None) -> Document:
        text = texts.get(url.rpartition("/")[2])
        if text is None:
            raise SourceError(f"{url} answered 404 Not Found")
        return Document(url, "text/turtle", "", text.encode())

    return get


def titles(follower: Follower) -> list[str]:
    return sorted(read_work(name, body or b"").title.value for name, body in follower.bodies().items())


def test_a_stream_in_the_default_graph_is_followed(follower: Follower) -> None:
    report = follower.follow(pages(root=FIRST, later=LATER), URL)
    assert (report.pages, report.records, report.quarantined, report.stopped) == (2, 5, 1, "")
    assert titles(follower) == ["A, second"]
    ((name, body),) = follower.bodies().items()
    assert b"owl#sameAs> <https://stream.example/a>" in (body or b"")
    assert name == "https:~2F~2Fstream.example/a"
    (held,) = follower.house.log.held(URL).items
    assert (held.identifier, "title" in held.reason) == ("https://stream.example/c", True)
    assert b"stream.example/bad" in held.raw


def things(host: str) -> Get:
    """A stream in which a thing has the address /id/9."""
    root = FIRST.replace("//stream.example/", f"//{host}.example/")
    return pages(root=root.replace(":a ;", f"<https://{host}.example/id/9> ;"), later=f"{PREFIXES}{STREAM}")


def test_a_strangers_thing_is_known_by_its_whole_address_whatever_that_looks_like(follower: Follower) -> None:
    for host in ("one", "other"):
        assert not follower.follow(things(host), f"https://{host}.example/root").outcomes["foreign"]
        body = follower.bodies()[f"https:~2F~2F{host}.example/id/9"] or b""
        assert f"owl#sameAs> <https://{host}.example/id/9>".encode() in body


def test_the_deletion_of_a_strangers_thing_is_of_no_record_that_has_its_last_letters(
    follower: Follower,
) -> None:
    kept = (draft(9).body or b"").replace(b"RePEc:xxx:joujou:9", b"9")
    follower.house.log.append([Draft("9", kept, source="records/local.rdf")])
    later = LATER.replace(":b ;", "<https://stream.example/id/9> ;")
    report = follower.follow(pages(root=later), URL)
    assert (report.outcomes["absent"], report.outcomes["foreign"]) == (1, 0)
    assert report.clean


def test_a_strangers_thing_keeps_the_short_name_that_it_once_got(follower: Follower) -> None:
    url = "https://one.example/root"
    kept = (draft(9).body or b"").replace(b"RePEc:xxx:joujou:9", b"9")
    follower.house.log.append([Draft("9", kept, source=url)])
    follower.follow(things("one"), url)
    assert [name for name in follower.bodies() if name.endswith("9")] == ["9"]
    assert titles(follower)[0] == "A, first"


def test_the_successor_of_a_strangers_record_is_called_as_its_records_are(follower: Follower) -> None:
    follower.follow(pages(root=FIRST, later=f"{PREFIXES}{STREAM}"), URL)
    (of,) = [name for name in follower.bodies() if name.endswith("/b")]
    replaced = LATER.replace(
        "a as:Delete", "a as:Delete ; dcterms:isReplacedBy <https://stream.example/id/9>"
    )
    follower.follow(pages(root=FIRST, later=replaced), URL)
    gone = follower.house.log.get(of)
    assert gone is not None
    assert (gone.deleted, gone.successor) == (True, "https:~2F~2Fstream.example/id/9")


def test_what_was_held_leaves_quarantine_when_it_comes_in_good(follower: Follower) -> None:
    follower.follow(pages(root=FIRST, later=LATER), URL)
    mended = FIRST.replace(":bad dcterms:isVersionOf", ':bad dcterms:title "C" ; dcterms:isVersionOf')
    assert follower.follow(pages(root=mended, later=LATER), URL, full=True).clean
    assert not follower.house.log.held(URL).items
    assert titles(follower) == ["A, second", "C"]


def test_an_older_version_that_comes_late_changes_nothing(follower: Follower) -> None:
    follower.follow(pages(root=LATER), URL)
    follower.follow(
        pages(root=FIRST.partition("<> tree")[0] + FIRST[FIRST.index(":a1 dcterms") :]), URL, full=True
    )
    assert titles(follower) == ["A, second", "B"]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_year_of_utc_has_is_none_and_stops_nothing(follower: Follower, date: str) -> None:
    odd = FIRST.replace("2026-01-01T00:00:00Z", date).replace("2026-01-03T00:00:00Z", date)
    for _ in range(2):
        report = follower.follow(pages(root=odd, later=LATER), URL)
        assert (report.quarantined, report.stopped) == (1, "")
    assert titles(follower) == ["A, second"]


def test_what_a_stream_stamps_after_its_clock_was_set_back_is_read(follower: Follower) -> None:
    def page(name: str, moment: str) -> str:
        said = (
            f'dcterms:modified "2026-05-05T{moment}Z"^^xsd:dateTime ; a bibo:Article ; dcterms:title "{name}"'
        )
        return f"{PREFIXES}{STREAM} :s tree:member :{name} . :{name} {said} ."

    def root(**ends: str) -> str:
        ways = (
            f"[ a tree:LessThanOrEqualToRelation ; tree:node </{name}> ; tree:path dcterms:modified ;"
            f' tree:value "2026-05-05T{end}Z"^^xsd:dateTime ]'
            for name, end in ends.items()
        )
        return f"{PREFIXES}{STREAM} <> tree:relation {', '.join(ways)} ."

    now = parse_since("2026-05-05T05:00:00Z")
    early = page("early", "05:50:00")
    follower.follow(pages(root=root(first="05:50:00"), first=early), URL, now=now)
    later = pages(
        root=root(first="05:50:00", second="05:20:00"), first=early, second=page("later", "05:10:00")
    )
    follower.follow(later, URL, now=now + 3600)
    assert titles(follower) == ["early", "later"]


def test_how_a_stream_tells_of_its_members_is_known_though_the_page_that_says_so_is_not_read_again(
    follower: Follower,
) -> None:
    later = LATER.replace(STREAM, "")

    def get(url: str, accept: str, *, tries: int | None = None) -> Document:
        text, cache = (FIRST, "immutable") if url == URL else (later, "")
        return Document(url, "text/turtle", cache, text.encode())

    for _ in range(2):
        assert not follower.follow(get, URL).stopped
    assert list(follower.bodies()) == ["https:~2F~2Fstream.example/a"]


@pytest.mark.slow
def test_where_a_long_run_stands_is_not_written_for_each_page(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, written, remember = list[str](), list[int](), Log.remember
    count = 500

    def get(url: str, accept: str, *, tries: int | None = None) -> Document:
        asked.append(url)
        number = int(url.rpartition("/")[2])
        onward = f"<> tree:relation [ a tree:Relation ; tree:node <{number + 1}> ] ." * (number < count)
        return Document(
            url, "text/turtle", "immutable", f"{PREFIXES}{STREAM} <> a tree:Node . {onward}".encode()
        )

    def noted(self: Log, key: str, text: str | None, **others: Any) -> None:
        written.append(len(text or ""))
        remember(self, key, text, **others)

    monkeypatch.setattr(Log, "remember", noted)
    first = "https://stream.example/1"
    assert "as many as are allowed" in follower.follow(get, first, limits=Limits(pages=count - 100)).stopped
    assert follower.follow(get, first).clean
    assert len(asked) == len(set(asked)) == count
    assert sum(written) < 80 * max(written)


@pytest.mark.slow
def test_a_run_for_everything_that_stopped_is_gone_on_with(source: Fed, follower: Follower) -> None:
    source.house.log.append([draft(n) for n in range(40)])
    assert follower.follow(source.get, source.root).clean
    asked = []
    for _ in range(5):
        source.asked.clear()
        report = follower.follow(source.get, source.root, full=True, limits=Limits(pages=5))
        asked.append(set(source.asked) - {source.root})
        if report.clean:
            break
    assert report.clean
    assert not asked[0] & asked[1]
    source.asked.clear()
    assert follower.follow(source.get, source.root, full=True).clean
    assert asked[0] < set(source.asked)


HOSTILE = {
    "no media type of RDF": ("text/html", "<html>"),
    "not valid": ("text/turtle", PREFIXES + ":s tree:member"),
    "a remote context": ("application/ld+json", '{"@context": "https://evil.example/c", "@id": "x"}'),
    "nested too deep": ("text/turtle", PREFIXES + ":s tree:member " + "[ :p " * 5000 + "]" * 5000 + " ."),
    "not UTF-8": ("text/turtle", PREFIXES + ':s tree:x "\udcff" .'),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_page_that_cannot_be_read_stops_the_run_and_says_why(follower: Follower, what: str) -> None:
    kind, text = HOSTILE[what]
    body = text.encode("utf-8", "surrogateescape")
    report = follower.follow(lambda url, accept, tries=None: Document(url, kind, "", body), URL)
    assert report.stopped
    assert not follower.bodies()


def test_a_list_that_goes_round_and_addresses_of_other_schemes_end(follower: Follower) -> None:
    round_ = FIRST.replace("</later>", "<file:///etc/passwd>, <>, </later>, <javascript:x>")
    back = LATER + "<> tree:relation [ tree:node </root> ; a tree:Relation ] ."
    assert follower.follow(pages(root=round_, later=back), URL).stopped == ""


def test_a_stream_leads_nobody_into_a_network_of_ours(tmp_path: Path) -> None:
    """The place that was typed may be private; one that a page names may not."""
    turtle = {"Content-Type": "text/turtle"}
    with serving(lambda arguments: (200, turtle, b"")) as inner:
        text = f"{PREFIXES}{STREAM} <> tree:relation [ a tree:Relation ; tree:node <{inner.url}> ] ."
        with serving(lambda arguments: (200, turtle, text.encode())) as outer:
            status, summary = run(tmp_path / "here", outer.url)
        assert status == 1
        assert "not a public address" in str(summary["stopped"])
        assert not inner.asked


def test_a_member_without_an_address_or_with_an_endless_one_is_held(follower: Follower) -> None:
    text = (
        PREFIXES
        + STREAM
        + f":s tree:member [ dcterms:title 'x' ], :{'a' * 3000} . :{'a' * 3000} dcterms:title 'y' ."
    )
    report = follower.follow(pages(root=text), URL)
    assert (report.quarantined, report.stopped) == (2, "")


# -- the command ---------------------------------------------------------------------------------------------


def run(data: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    environ = {"SHEAF_DATA": str(data), "SHEAF_BASE_URL": "http://127.0.0.1:1"}
    out = io.StringIO()
    with (
        mock.patch.dict(os.environ, environ),
        mock.patch.object(sys, "argv", ["sheaf", "harvest", "--json", *arguments]),
        contextlib.redirect_stdout(out),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    last = out.getvalue().splitlines()[-1:] or ["{}"]
    return int(ended.value.code or 0), json.loads(last[0]).get("summary", {})


@pytest.fixture
def sheaf(tmp_path: Path) -> Iterator[Sheaf]:
    upstream = Sheaf(tmp_path / "upstream", oai_page_size="10")
    yield upstream
    upstream.close()


@pytest.mark.slow
def test_the_command_tells_a_stream_from_oai_by_what_comes(sheaf: Sheaf, tmp_path: Path) -> None:
    sheaf.house.log.append([draft(n) for n in range(7)])
    root = ldes.address(sheaf.house.site)
    told = {}
    for url in (root, f"{root}.trig", f"{root}.jsonld", sheaf.url):
        status, summary = run(tmp_path / url.rpartition("/")[2], url)
        told[url.rpartition("/")[2]] = (status, summary["prefix"], summary["outcomes"])
    new = {"new": 7}
    assert told == {
        "ldes": (0, "LDES", new),
        "ldes.trig": (0, "LDES", new),
        "ldes.jsonld": (0, "LDES", new),
        "oai": (0, "rdf", new),
    }
    assert run(tmp_path / "x", root, "--set", "type:article")[0] == 2


def test_a_foreign_oai_repository_is_no_stream(tmp_path: Path) -> None:
    page = listing(record("oai:x:1"))
    with serving(Repository(page)) as server:
        status, summary = run(tmp_path / "here", server.url)
    assert (status, summary["prefix"]) == (0, "oai_dc")


def test_a_stream_that_is_down_is_still_known_for_one(source: Fed, follower: Follower) -> None:
    def down(url: str, accept: str, *, tries: int | None = None) -> Document:
        raise SourceError("down")

    assert not look(down, source.root, follower.house.log)
    follower.follow(source.get, source.root)
    assert look(down, source.root, follower.house.log)


@pytest.mark.slow
def test_a_killed_run_is_gone_on_with(sheaf: Sheaf, tmp_path: Path) -> None:
    with small_pages(10):
        sheaf.house.log.append([draft(n) for n in range(120)])
        root = ldes.address(sheaf.house.site)
        data = tmp_path / "here"
        process = subprocess.Popen(
            [sys.executable, "-c", "from repository.cli.main import main; main()", "harvest", root],
            env={**os.environ, "SHEAF_DATA": str(data), "SHEAF_BASE_URL": "http://127.0.0.1:1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        asked: list[int] = []

        def count(query: str) -> None:
            asked.append(len(asked))
            if len(asked) == 8:
                process.send_signal(signal.SIGKILL)

        sheaf.before = count
        assert process.wait(30) == -signal.SIGKILL
        sheaf.before = lambda query: None
        status, summary = run(data, root)
        assert (status, summary["stopped"]) == (0, "")
        with following(data) as after:
            assert after.bodies() == {each.identifier: each.body for each in sheaf.house.log.live()}
            assert not list(after.house.log.verify())
