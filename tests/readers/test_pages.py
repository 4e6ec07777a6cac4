"""A page is read record by record: what is broken costs itself alone, in any encoding and however it is broken."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.model.errors import SourceError
from repository.readers.page_records import MAX_RAW
from repository.readers.pages import list_page
from tests.harvest.upstream import DC, deletion, envelope, listing, record


def test_a_page_gives_its_records_its_token_its_date_and_its_size() -> None:
    page = list_page(
        listing(
            record("oai:e:1", sets=("a", "a", "b:c"), about="<about><x/></about>"),
            deletion("oai:e:2"),
            token=" t&amp;1 ",
            attributes=' completeListSize="17" cursor="0"',
        ).encode()
    )
    first, second = page.records
    assert (page.token, page.date, page.total) == ("t&1", "2026-05-05T05:05:05Z", 17)
    assert (first.identifier, first.deleted, first.sets, len(first.about)) == (
        "oai:e:1",
        False,
        ("a", "b:c"),
        1,
    )
    assert first.metadata.tag.endswith("}dc")
    assert (second.identifier, second.deleted, second.metadata, second.fault) == ("oai:e:2", True, None, "")


def test_a_comment_ends_no_identifier_and_no_token() -> None:
    page = list_page(
        listing(
            record("oai:e<!-- old -->:1", sets=("a<?x y?>:b",)),
            record("oai:e<!-- old -->:2"),
            token="t<!-- 2 -->1",
        ).encode()
    )
    assert [found.identifier for found in page.records] == ["oai:e:1", "oai:e:2"]
    assert (page.records[0].sets, page.token) == (("a:b",), "t1")


@pytest.mark.parametrize("size", ["", "many", "-1", "1e3", "9" * 30])
def test_a_size_that_is_none_is_none(size: str) -> None:
    assert list_page(listing(attributes=f' completeListSize="{size}"').encode()).total is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "shift_jis"])
def test_a_broken_record_costs_itself_alone_in_any_encoding(encoding: str) -> None:
    good = record(
        "oai:e:good",
        DC.format("<dc:title>日本</dc:title>" if encoding == "shift_jis" else "<dc:title>é</dc:title>"),
    )
    bad = record("oai:e:bad", DC.format("<dc:title>a & b</dc:title>"))
    text = listing(bad, good, token="next").replace('encoding="UTF-8"', f'encoding="{encoding}"')
    page = list_page(text.encode(encoding))
    assert [(f.identifier, bool(f.fault)) for f in page.records] == [
        ("oai:e:bad", True),
        ("oai:e:good", False),
    ]
    assert page.token == "next"
    assert "".join(page.records[1].metadata.itertext()) in ("日本", "é")


def test_a_prefix_for_the_protocols_namespace_is_as_good_as_none() -> None:
    text = (
        '<o:OAI-PMH xmlns:o="http://www.openarchives.org/OAI/2.0/"><o:responseDate>x</o:responseDate><o:ListRecords>'
        "<o:record><o:header><o:identifier>1</o:identifier></o:header></o:record>"
        "<o:record><o:header><o:identifier>2</o:identifier></o:header><o:metadata>&bad;</o:metadata></o:record>"
        "<o:resumptionToken>t</o:resumptionToken></o:ListRecords></o:OAI-PMH>"
    )
    page = list_page(text.encode())
    assert [(f.identifier, bool(f.fault)) for f in page.records] == [("1", False), ("2", True)]
    assert page.token == "t"


def test_a_broken_envelope_around_whole_records_is_no_page() -> None:
    for damaged in ("<responseDate", "<request", "<OAI-PMH", "<ListRecords"):
        text = listing(record("1")).replace(damaged, damaged.replace("<", "<&"))
        with pytest.raises(SourceError, match="not well-formed"):
            list_page(text.encode())


def test_what_is_broken_behind_the_token_costs_nothing() -> None:
    page = list_page(listing(record("1"), token="t").replace("</ListRecords>", "</ListFoo>&").encode())
    assert ([f.identifier for f in page.records], page.token, page.cut) == (["1"], "t", False)


def test_a_doctype_inside_a_record_does_not_help_it_in() -> None:
    text = listing(record("1"), record("2", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"))
    page = list_page(text.encode())
    assert [bool(f.fault) for f in page.records] == [False, True]


def test_an_entity_of_the_outside_is_never_opened() -> None:
    text = (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + listing(record("1", "<a>&x;</a>")).split("?>", 1)[1]
    )
    with pytest.raises(SourceError, match="DOCTYPE"):
        list_page(text.encode())


def test_the_bytes_of_a_very_long_record_are_cut() -> None:
    page = list_page(listing(record("1", "<a>" + "x" * (2 * MAX_RAW) + "</a>")).encode())
    assert len(page.records[0].raw) == MAX_RAW


@pytest.mark.parametrize("filler", ["<record>", "<record ", "</record>", "<record><header>", "<identifier>"])
def test_a_page_made_to_be_slow_is_not(filler: str) -> None:
    text = envelope(f"<ListRecords>{filler * 200_000}</ListRecords>")
    began = time.process_time()
    with pytest.raises(SourceError):
        list_page(text.encode())
    assert time.process_time() - began < 5


def test_a_broken_page_whose_parts_would_be_read_too_often_is_refused() -> None:
    """Half a page of tiny records, the other half before them: each would be read with all of that."""
    records = "<record></record>" * 10_000
    text = listing(records, "&").replace("<ListRecords>", "<x/>" * 10_000 + "<ListRecords>")
    began = time.process_time()
    with pytest.raises(SourceError, match="too large to be cut up"):
        list_page(text.encode())
    behind = list_page(listing(records, "&", "<x/>" * 10_000).encode())
    assert len(behind.records) == 10_001
    assert time.process_time() - began < 10


PIECES = (
    "<record>",
    "</record>",
    "<header>",
    "</header>",
    "<identifier>",
    "a",
    "&",
    "<!DOCTYPE x>",
    "\x00",
    "]]>",
    "<a ",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.binary(max_size=6))
def test_whatever_stands_among_good_records_they_are_read_or_the_page_is_refused(
    noise: str, odd: bytes
) -> None:
    before, after = listing(record("oai:e:1"), "HERE", record("oai:e:2")).encode().split(b"HERE")
    try:
        page = list_page(before + noise.encode() + odd + after)
    except SourceError:
        return
    good = [found.identifier for found in page.records if not found.fault]
    assert good[0] == "oai:e:1"
    assert all(found.identifier for found in page.records)
    for found in page.records:
        assert isinstance(found.raw, bytes)
