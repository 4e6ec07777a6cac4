"""The sitemap and robots.txt: every live record once, parts that stay, dates that are true, and limits."""

import gzip
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from lxml import etree

from repository.assembly import House, open_house
from repository.dump import counts, counts_place
from repository.dump.counts import Counting
from repository.log import Log, heads
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.web import sitemap
from repository.web.app import create_app
from tests.kit import Clock, draft, removal

BASE = "https://papers.example.org/quay/"
NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    found = open_house(make_settings({"data": str(tmp_path), "base_url": BASE}))
    yield found
    found.close()


@pytest.fixture
def client(house) -> FlaskClient:
    return create_app(house).test_client()


@pytest.fixture
def small(monkeypatch) -> int:
    """Small blocks and files, so that a few records make an index."""
    monkeypatch.setattr(sitemap, "MOST_URLS", 10)
    for module in (sitemap, counts):
        monkeypatch.setattr(module, "BLOCK", 10)
    return 10


def entries(document: bytes, kind: str) -> dict[str, str]:
    """{address: date} of a document that keeps the rules of sitemap.xsd or siteindex.xsd."""
    root = etree.fromstring(document)
    each = {"urlset": "url", "sitemapindex": "sitemap"}[kind]
    assert root.tag == NS + kind
    assert len(root), "the schema wants one entry at least"
    assert len(document) <= 50 << 20
    assert document.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    found: dict[str, str] = {}
    for entry in root:
        assert entry.tag == NS + each
        assert [child.tag for child in entry] in ([NS + "loc"], [NS + "loc", NS + "lastmod"])
        address = entry[0].text
        assert 12 <= len(address) <= 2048
        assert address.startswith(BASE)
        date = entry[1].text if len(entry) > 1 else ""
        assert not date or datetime.fromisoformat(date)
        found[address] = date
    assert len(found) == len(root) <= 50_000
    return found


def address(name: object) -> str:
    return f"{BASE}record/RePEc:xxx:joujou:{name}"


def parts(client) -> dict[str, dict[str, str]]:
    """{address of a part: its entries} of the index."""
    index = entries(client.get("/sitemap.xml").data, "sitemapindex")
    return {part: entries(client.get(part.removeprefix(BASE[:-1])).data, "urlset") for part in index}


def test_a_small_repository_has_one_file_with_every_live_record_once(house, client):
    house.log.append([draft(n) for n in range(5)])
    house.log.append([removal(2)])
    house.log.append([draft(3, "Changed")])
    found = entries(client.get("/sitemap.xml").data, "urlset")
    assert set(found) == {address(n) for n in (0, 1, 3, 4)}
    stamps = {record.identifier: record.datestamp for record in house.log.live()}
    for each, date in found.items():
        identifier = each.removeprefix(f"{BASE}record/")
        assert datetime.fromisoformat(date).timestamp() == stamps[identifier]
        answer = client.get(f"/record/{identifier}")
        assert answer.status_code == 200
        assert f'<{each}>; rel="canonical"' in answer.headers["Link"]


def test_an_empty_repository_has_a_valid_one(client):
    assert entries(client.get("/sitemap.xml").data, "urlset") == {BASE: ""}


def test_identifiers_that_xml_would_misread_are_escaped(house, client):
    odd = "local/a&b'c;lt=1"
    house.log.append([Draft(odd, draft(1).body.replace(b"RePEc:xxx:joujou:1", odd.encode()))])
    document = client.get("/sitemap.xml").data
    assert b"a&amp;b&apos;c" in document
    assert set(entries(document, "urlset")) == {f"{BASE}record/{odd}"}


def test_beyond_the_limit_there_is_an_index_and_the_parts_have_every_record_once(house, client, small):
    house.log.append([draft(n) for n in range(10)])
    assert len(entries(client.get("/sitemap.xml").data, "urlset")) == 10
    house.log.append([draft(n) for n in range(10, 35)])
    found = parts(client)
    assert list(found) == [f"{BASE}sitemap/{n}.xml" for n in range(1, 5)]
    listed = [each for part in found.values() for each in part]
    assert sorted(listed) == sorted(address(n) for n in range(35))
    assert max(map(len, found.values())) <= small


def test_records_that_are_counted_already_are_not_counted_for_each_request(house, client, small, monkeypatch):
    house.log.append([draft(n) for n in range(10)])
    monkeypatch.setattr(heads, "count_to", lambda *_: pytest.fail("it goes through the tombstones"))
    assert len(entries(client.get("/sitemap.xml").data, "urlset")) == 10
    house.log.append([draft(10)])
    assert len(entries(client.get("/sitemap.xml").data, "sitemapindex")) == 2
    house.log.erase(draft(3).identifier, source="sheaf erase")
    assert len(entries(client.get("/sitemap.xml").data, "urlset")) == 10


def test_parts_stay_as_they_are_when_records_are_added(house, client, small):
    house.log.append([draft(n) for n in range(25)])
    before = {part: client.get(part.removeprefix(BASE[:-1])).headers["ETag"] for part in parts(client)}
    house.log.append([draft(n) for n in range(25, 60)])
    for part in list(before)[:2]:
        again = client.get(part.removeprefix(BASE[:-1]), headers={"If-None-Match": before[part]})
        assert again.status_code == 304
    assert len(parts(client)) == 6


def test_a_changed_record_moves_to_the_last_part_and_a_deleted_one_goes(house, client, small):
    house.log.append([draft(n) for n in range(25)])
    first = f"{BASE}sitemap/1.xml"
    tag = client.get("/sitemap/1.xml").headers["ETag"]
    house.log.append([draft(3, "Changed"), removal(4)])
    found = parts(client)
    assert address(3) not in found[first]
    assert address(3) in found[f"{BASE}sitemap/3.xml"]
    assert not any(address(4) in part for part in found.values())
    assert client.get("/sitemap/1.xml", headers={"If-None-Match": tag}).status_code == 200


def test_a_part_without_a_record_is_not_named_and_not_there(house, client, small):
    house.log.append([draft(n) for n in range(25)])
    house.log.append([draft(n, "Changed") for n in range(10)])
    assert list(parts(client)) == [f"{BASE}sitemap/{n}.xml" for n in (2, 3, 4)]
    assert client.get("/sitemap/1.xml").status_code == 404


def test_the_index_says_when_each_part_last_changed(tmp_path, small):
    settings = make_settings({"data": str(tmp_path), "base_url": BASE})
    house, clock = open_house(settings), Clock()
    writer = Log(settings.log_url, clock=clock)
    try:
        client = create_app(house).test_client()
        expected = {}
        for n in range(3):
            writer.append([draft(each) for each in range(10 * n, 10 * n + 10)])
            expected[f"{BASE}sitemap/{n + 1}.xml"] = clock.now
            clock.now += 100
        writer.append([removal(3)])
        expected[f"{BASE}sitemap/1.xml"] = clock.now
        index = entries(client.get("/sitemap.xml").data, "sitemapindex")
        assert {each: datetime.fromisoformat(date).timestamp() for each, date in index.items()} == expected
    finally:
        writer.close()
        house.close()


def test_where_the_dates_are_not_known_up_to_now_none_is_told(house, client, small, monkeypatch):
    monkeypatch.setattr(counts, "_MOST_AT_ONCE", 5)
    house.log.append([draft(n) for n in range(25)])
    assert set(entries(client.get("/sitemap.xml").data, "sitemapindex").values()) == {""}
    counting = Counting(counts_place(house.settings.data), house.log)
    counting.path.parent.mkdir()
    counting.step()
    assert "" not in entries(client.get("/sitemap.xml").data, "sitemapindex").values()


def test_it_is_gzipped_for_those_who_take_that_and_not_sent_again(house, client):
    house.log.append([draft(n) for n in range(50)])
    plain = client.get("/sitemap.xml")
    coded = client.get("/sitemap.xml", headers={"Accept-Encoding": "gzip"})
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.data) == plain.data
    for answer in (plain, coded):
        ask = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "gzip" if answer is coded else ""}
        assert client.get("/sitemap.xml", headers=ask).status_code == 304


@pytest.mark.parametrize(
    "name",
    [
        "0.xml",
        "01.xml",
        "-1.xml",
        "2.xml",
        "1",
        "1.xml.gz",
        "x.xml",
        ".xml",
        "١.xml",
        "9" * 11 + ".xml",
        "9" * 500,
    ],
)
def test_other_parts_are_not_there(house, client, name):
    house.log.append([draft(1)])
    assert client.get("/sitemap/1.xml").status_code == 200
    assert client.get(f"/sitemap/{name}").status_code == 404


def test_another_host_gives_the_same_bytes(house, client, small):
    house.log.append([draft(n) for n in range(25)])
    for path in ("/sitemap.xml", "/sitemap/1.xml", "/robots.txt", "/quay/sitemap.xml"):
        other = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Proto": "ftp"})
        assert other.data == client.get(path).data
        assert b"evil" not in other.data


def test_robots_may_read_pages_and_the_sitemap_but_not_walk_endless_addresses(client):
    lines = client.get("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    closed_here = ["oai", "sparql", "timegate/", "similar/", "dumps/sheaf-", "*?"]
    assert closed == [f"/quay/{each}" for each in closed_here]
    assert lines[-1] == f"Sitemap: {BASE}sitemap.xml"


@pytest.mark.slow
def test_fifty_thousand_fit_into_one_file_and_one_more_makes_an_index(house, client):
    body = draft(0).body

    def drafts(first: int, last: int) -> list[Draft]:
        return [
            Draft(f"local/{n}", body.replace(b"RePEc:xxx:joujou:0", b"local/%d" % n))
            for n in range(first, last)
        ]

    house.log.append(drafts(0, 50_000))
    assert len(entries(client.get("/sitemap.xml").data, "urlset")) == 50_000
    house.log.append(drafts(50_000, 50_001))
    found = parts(client)
    assert sum(map(len, found.values())) == 50_001
    assert len(found) == 3
