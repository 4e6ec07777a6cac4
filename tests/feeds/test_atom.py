"""The Atom feed: RFC 4287's structure, RFC 5005's archive, RFC 6721's deletions."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from repository.feeds import atom
from repository.model.records import Draft
from tests.feeds.feeding import BASE, Fed, fed
from tests.kit import draft, removal

A = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
FH = "{http://purl.org/syndication/history/1.0}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
FEED = "/feeds/atom"


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Fed]:
    with fed(tmp_path / "data") as made:
        yield made


def feed(source: Fed, path: str = FEED) -> Any:
    answer = source.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.data)
    check(root)
    return root


def check(root: Any) -> None:
    """What RFC 4287 (4.1.1, 4.1.2) and RFC 6721 (3) ask of a feed and of what is in it."""
    assert root.tag == f"{A}feed"
    for holder in (root, *root.iterfind(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{A}{name}")) == 1
            assert holder.findtext(f"{A}{name}")
        assert datetime.fromisoformat(holder.findtext(f"{A}updated"))
        assert DATE.fullmatch(holder.findtext(f"{A}updated"))
        assert holder.findtext(f"{A}id").startswith(BASE)
        alternates = [
            (link.get("type"), link.get("hreflang"))
            for link in holder.iterfind(f"{A}link")
            if link.get("rel") == "alternate"
        ]
        assert alternates
        assert len(alternates) == len(set(alternates))
    assert root.findtext(f"{A}author/{A}name")
    assert [link.get("rel") for link in root.iterfind(f"{A}link")].count("self") == 1
    for gone in root.iterfind(f"{AT}deleted-entry"):
        assert gone.get("ref").startswith(BASE)
        assert DATE.fullmatch(gone.get("when"))
    names = [*(e.findtext(f"{A}id") for e in root.iterfind(f"{A}entry"))]
    names += [gone.get("ref") for gone in root.iterfind(f"{AT}deleted-entry")]
    assert len(names) == len(set(names))


def link(root: Any, rel: str) -> str:
    return next((each.get("href") for each in root.iterfind(f"{A}link") if each.get("rel") == rel), "")


def test_the_newest_change_stands_first(source: Fed) -> None:
    source.house.log.append([draft(1, "First"), draft(2, "Second")])
    source.house.log.append([draft(1, "First, revised")])
    titles = [entry.findtext(f"{A}title") for entry in feed(source).iterfind(f"{A}entry")]
    assert titles == ["First, revised", "Second"]


def test_a_deletion_is_a_deleted_entry_with_what_took_its_place(source: Fed) -> None:
    source.house.log.append([draft(1), draft(2)])
    source.house.log.append([removal(1, "RePEc:xxx:joujou:2")])
    (gone,) = feed(source).iterfind(f"{AT}deleted-entry")
    assert gone.get("ref") == f"{BASE}record/RePEc:xxx:joujou:1"
    assert gone.find(f"{A}link").get("href") == f"{BASE}id/RePEc:xxx:joujou:2"


def test_a_reader_of_the_archive_misses_nothing_and_archives_stay(source: Fed) -> None:
    seen: dict[str, bytes] = {}
    for batch in range(4):
        source.house.log.append([draft(n, f"Batch {batch}") for n in range(batch * 45, batch * 45 + 45)])
        found, path = set(), FEED
        while path:
            root = feed(source, path)
            found |= {entry.findtext(f"{A}id") for entry in root.iterfind(f"{A}entry")}
            assert (root.find(f"{FH}archive") is not None) == (path != FEED)
            if path != FEED:
                data = source.client.get(path).data
                assert seen.setdefault(path, data) == data
                assert "immutable" in source.client.get(path).headers["Cache-Control"]
            path = link(root, "prev-archive").replace(BASE.rstrip("/"), "")
        assert len(found) == (batch + 1) * 45
    assert len(seen) > 1


def test_an_empty_log_and_an_erased_body_make_valid_feeds(source: Fed) -> None:
    assert not feed(source).findall(f"{A}entry")
    source.house.log.append([draft(n, "A secret") for n in range(atom.PAGE)])
    source.house.log.erase("RePEc:xxx:joujou:7")
    root = feed(source, f"{FEED}/1")
    erased = [e for e in root.iterfind(f"{A}entry") if e.findtext(f"{A}id").endswith(":7")]
    assert [entry.findtext(f"{A}title") for entry in erased] == ["RePEc:xxx:joujou:7"]


def test_what_xml_cannot_hold_breaks_no_feed(source: Fed) -> None:
    body = draft(1, "PLACE").body or b""
    nasty = rb"a \u0000\u0008\uFFFE]]> <b>&amp; " + b"\\n\\r\xc2\x85" + b"x" * 2000
    source.house.log.append([Draft("RePEc:xxx:joujou:1", body.replace(b"PLACE", nasty))])
    (entry,) = feed(source).iterfind(f"{A}entry")
    assert entry.findtext(f"{A}title").startswith("a ]]> <b>&amp; x")


@pytest.mark.parametrize("number", ["0", "1", "-1", "x", "9" * 12, "9" * 300, "1.xml", "٣", "..", "%00"])
def test_an_archive_that_is_not_there_is_404(source: Fed, number: str) -> None:
    source.house.log.append([draft(1)])
    assert source.client.get(f"{FEED}/{number}").status_code == 404
