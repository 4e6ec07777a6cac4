"""The event stream: full pages never change, all notations say the same, caches are told the truth (pitfall 26)."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.feeds import ldes
from repository.model.records import Selection
from repository.model.terms import DCTERMS, INTERNAL, PROV
from tests.feeds.feeding import BASE, NQUADS, Fed, fed, small_pages
from tests.kit import draft, removal

ROOT = "/feeds/ldes"
MEMBER = ox.NamedNode(ldes.TREE + "member")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Fed]:
    with fed(tmp_path / "data") as made:
        yield made


# -- pages ---------------------------------------------------------------------------------------------------

CHANGES = st.lists(
    st.tuples(st.sampled_from(("keep", "delete", "move", "touch")), st.integers(0, 6), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


def change(source: Fed, what: str, name: int, other: int) -> None:
    log = source.house.log
    if what == "keep":
        log.append([draft(name, f"Title {other}")])
    elif what == "delete":
        log.append([removal(name)])
    elif what == "move":
        log.append([removal(name, f"RePEc:xxx:joujou:{other}")])
    else:
        log.touch(Selection(), "rdf")


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES)
def test_what_was_full_once_never_changes(changes: list[tuple[str, int, int]]) -> None:
    full: dict[str, tuple[bytes, str]] = {}
    with tempfile.TemporaryDirectory() as folder, small_pages(4, 2), fed(Path(folder)) as source:
        for what, name, other in changes:
            change(source, what, name, other)
            newest = source.house.log.newest()
            for page in (
                *map(str, range(1, newest // 4 + 1)),
                *(f"group-{n}" for n in range(1, newest // 8 + 1)),
            ):
                answer = source.client.get(f"{ROOT}/{page}", headers=NQUADS)
                assert "immutable" in answer.headers["Cache-Control"]
                now = (answer.data, answer.headers["ETag"])
                assert full.setdefault(page, now) == now
        every = [seq for n in range(1, -(-source.house.log.newest() // 4) + 1) for seq in seqs(source, n)]
        assert every == list(range(1, source.house.log.newest() + 1))


def seqs(source: Fed, page: int) -> list[int]:
    members = [quad.object.value for quad in source.quads(f"{ROOT}/{page}") if quad.predicate == MEMBER]
    return sorted(int(name.removeprefix(f"{BASE}version/").partition("/")[0]) for name in members)


def test_every_page_is_found_from_the_root(source: Fed) -> None:
    with small_pages(2, 3):
        source.house.log.append([draft(n) for n in range(17)])
        waiting, met = [source.root], set()
        while waiting:
            url = waiting.pop()
            if url in met:
                continue
            met.add(url)
            quads = source.quads(url.removeprefix(BASE.rstrip("/")))
            waiting += [q.object.value for q in quads if q.predicate.value == ldes.TREE + "node"]
        names = {url.removeprefix(source.root) for url in met}
        assert names == {"", "/group-1", "/group-2", *(f"/{n}" for n in range(1, 10))}


def test_a_body_is_the_graph_of_its_member(source: Fed) -> None:
    source.house.log.append([draft(1, "One <https://sheaf.invalid/x> two")])
    source.house.log.append([draft(1, "Three")])
    for record in source.house.log.history("RePEc:xxx:joujou:1"):
        name = ox.NamedNode(source.house.site.version(record.seq, record.identifier))
        lines = [
            f"{quad.triple} .\n".encode().replace(f"<{BASE}".encode(), f"<{INTERNAL}".encode())
            for quad in source.quads(f"{ROOT}/1")
            if quad.graph_name == name
        ]
        assert lines
        there = {str(triple) for triple in _triples(b"".join(lines))}
        assert there == {str(triple) for triple in _triples(record.body or b"")}


def _triples(text: bytes) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)}


def test_a_deletion_is_told_with_its_successor(source: Fed) -> None:
    source.house.log.append([draft(1), draft(2)])
    source.house.log.append([removal(1, "RePEc:xxx:joujou:2")])
    version = ox.NamedNode(f"{BASE}version/3/RePEc:xxx:joujou:1")
    said = {(q.predicate.value, q.object) for q in source.quads(f"{ROOT}/1") if q.subject == version}
    assert (DCTERMS + "isReplacedBy", ox.NamedNode(f"{BASE}id/RePEc:xxx:joujou:2")) in said
    assert (DCTERMS + "isVersionOf", ox.NamedNode(f"{BASE}record/RePEc:xxx:joujou:1")) in said
    assert ox.NamedNode(ldes.ACTIVITY + "Delete") in {value for _, value in said}


def test_an_erased_body_is_a_stated_gap_with_another_etag(source: Fed) -> None:
    with small_pages(2):
        source.house.log.append([draft(1, "A secret"), draft(2)])
        before = source.client.get(f"{ROOT}/1", headers=NQUADS)
        assert b"A secret" in before.data
        source.house.log.erase("RePEc:xxx:joujou:1")
        after = source.client.get(f"{ROOT}/1", headers={**NQUADS, "If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert b"A secret" not in after.data
        assert f"{PROV}invalidatedAtTime".encode() in after.data
        # No cache may hold what the law has erased for longer than an hour.
        assert "max-age=3600" in before.headers["Cache-Control"]


# -- forms and caches ----------------------------------------------------------------------------------------

FORMATS = {
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}


def test_what_has_no_members_is_turtle_too(source: Fed) -> None:
    with small_pages(3, 1):
        source.house.log.append([draft(n) for n in range(4)])
        for path in (ROOT, f"{ROOT}/group-1"):
            answer = source.client.get(path, headers={"Accept": "text/turtle"})
            assert answer.content_type == "text/turtle; charset=utf-8"
            assert answer.data == source.client.get(f"{path}.ttl").data
            found = {quad.triple for quad in ox.parse(answer.data, format=ox.RdfFormat.TURTLE)}
            assert found == {quad.triple for quad in source.quads(path)}
        assert source.client.get(f"{ROOT}/1", headers={"Accept": "text/turtle"}).status_code == 406
        assert source.client.get(f"{ROOT}/1.ttl").status_code == 404


def test_browsers_walk_the_stream_as_pages_and_find_every_version(source: Fed) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    with small_pages(3, 2):
        source.house.log.append([draft(n) for n in range(8)])
        source.house.log.append([removal(2), draft(3, "Another title")])
        root = source.client.get(ROOT, headers=browser)
        assert root.content_type == "text/html; charset=utf-8"
        assert re.findall(r'<li><a href="[^"]*/feeds/ldes/([^"]+)">', root.text) == ["group-1", "3", "4"]
        assert root.text.count("still open") == 1
        seen, path = list[str](), f"{ROOT}/1"
        while path:
            reply = source.client.get(path, headers=browser)
            assert reply.headers["Cache-Control"] == "public, max-age=60"
            assert reply.data == source.client.get(f"{path}.html").data
            seen += re.findall(r'<a href="[^"]*(/version/\d+/[^"]+)">', reply.text)
            more = re.findall(r'<a rel="next" href="[^"]+(/feeds/ldes/[^"]+)"', reply.text)
            if before := re.findall(r'<a rel="prev" href="[^"]+(/feeds/ldes/[^"]+)"', reply.text):
                assert (
                    f'rel="next" href="{source.root}{path.removeprefix(ROOT)}"'
                    in source.client.get(before[0], headers=browser).text
                )
            path = more[0] if more else ""
        assert [each.split("/")[2] for each in seen] == [str(seq) for seq in range(1, 11)]
        assert {source.client.get(each).status_code for each in seen} == {200, 410}
        kinds = re.findall(
            r'</a> <span class="quiet">(\w+) \d{4}-', source.client.get(f"{ROOT}/3.html").text + reply.text
        )
        assert kinds == ["new", "new", "deleted", "changed"]


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/1", "/feeds/atom"])
def test_no_date_stands_for_the_state_of_a_feed(source: Fed, path: str) -> None:
    # What is erased changes a page that got its last member long before.
    source.house.log.append([draft(1)])
    assert "Last-Modified" not in source.client.get(path, headers=NQUADS if "ldes" in path else {}).headers


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/1", f"{ROOT}/2", f"{ROOT}/group-1"])
def test_every_notation_says_the_same_quad_for_quad(source: Fed, path: str) -> None:
    with small_pages(3, 1):
        source.house.log.append([draft(n, f'Tïtle "{n}" \\ \u0085') for n in range(4)])
        source.house.log.append([removal(2)])
        wanted = source.quads(path)
        assert wanted
        for extension, (kind, form) in FORMATS.items():
            for answer in (
                source.client.get(f"{path}.{extension}", headers={"Accept": "text/html"}),
                source.client.get(path, headers={"Accept": kind}),
            ):
                assert answer.status_code == 200
                assert answer.headers["Content-Type"].partition(";")[0] == kind
                assert set(ox.parse(answer.data, format=form)) == wanted
                assert not any(isinstance(q.subject, ox.BlankNode) for q in wanted)


def test_only_what_is_full_is_immutable_and_vary_names_accept(source: Fed) -> None:
    with small_pages(2):
        source.house.log.append([draft(n) for n in range(3)])
        kept = {
            path: source.client.get(path).headers["Cache-Control"]
            for path in (ROOT, f"{ROOT}/1", f"{ROOT}/2")
        }
        assert ["immutable" in each for each in kept.values()] == [False, True, False]
        for path in kept:
            tags = set()
            for accept in (kind for kind, _ in FORMATS.values()):
                answer = source.client.get(path, headers={"Accept": accept})
                assert "Accept" in answer.headers["Vary"].split(", ")
                again = {"Accept": accept, "If-None-Match": answer.headers["ETag"]}
                assert source.client.get(path, headers=again).status_code == 304
                tags.add(answer.headers["ETag"])
            assert len(tags) == len(FORMATS)


def test_what_cannot_be_given_is_refused_with_a_list(source: Fed) -> None:
    answer = source.client.get(ROOT, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert b"application/trig" in answer.data


@pytest.mark.parametrize(
    "name",
    ["0", "-1", "2", "1.5", "01", "1e9", "٣", "9" * 12, "9" * 400, "group-0", "group-1", "group-", "1.exe",
     "1.trig.trig", "%00", "..", "1%2F2", "'", "group-9999999999999", "9999999999999", "\U0001f600",
     "1;DROP", " 1", "1 "],
)  # fmt: skip
def test_a_page_that_is_not_there_is_404(source: Fed, name: str) -> None:
    source.house.log.append([draft(1)])
    assert source.client.get(f"{ROOT}/{name}").status_code == 404


def test_an_empty_log_has_an_empty_stream(source: Fed) -> None:
    for path in (ROOT, f"{ROOT}/1"):
        assert not [quad for quad in source.quads(path) if quad.predicate == MEMBER]


def test_addresses_come_from_the_configured_base_alone(source: Fed) -> None:
    source.house.log.append([draft(1)])
    headers = {**NQUADS, "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path in (ROOT, f"{ROOT}/1", f"/prefix{ROOT}/1", "/feeds/atom"):
        data = source.client.get(path, headers=headers).data
        assert b"evil" not in data
        assert BASE.encode() in data


def test_private_facts_are_in_no_feed(source: Fed) -> None:
    source.house.log.append([draft(1, private={"email": ("ada@example.org",)})])
    for path in (ROOT, f"{ROOT}/1", "/feeds/atom"):
        assert b"ada@" not in source.client.get(path).data
