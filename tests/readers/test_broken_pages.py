"""A page cut or damaged at any place: each of its records is kept or held, or the run does not go on from there."""

import re
from collections.abc import Iterator

import pytest
from lxml import etree

from repository.model.errors import SourceError
from repository.readers.pages import ListPage, list_page
from tests.harvest.upstream import DC, deletion, listing, record

NAMES = tuple(f"oai:e:{n}" for n in range(4))
DESCRIBED = DC.format("<dc:title>B &amp; b</dc:title><dc:identifier>http://x/2</dc:identifier>")
PAGE = listing(
    record(NAMES[0], sets=("a",)),
    deletion(NAMES[1]) + "<!-- a remark -->\n",
    record(NAMES[2], DESCRIBED, about="<about><x xmlns='urn:x'><identifier>9</identifier></x></about>"),
    record(NAMES[3], DC.format("<dc:title><![CDATA[</record>]]></dc:title>")),
    token="more",
).encode()
PREFIXED = re.sub(rb"<(/?)(OAI-PMH|ListRecords|record|header|metadata|about|identifier)\b", rb"<\1o:\2", PAGE)
PREFIXED = re.sub(rb"<(/?)(setSpec|datestamp|resumptionToken|responseDate|request)\b", rb"<\1o:\2", PREFIXED)
PREFIXED = PREFIXED.replace(b"xmlns=", b"xmlns:o=", 1)
WHOLE = {
    name: PAGE[PAGE.rindex(b"<record>", 0, at) : PAGE.index(b"</record>", at) + len(b"</record>")]
    for name in NAMES[:3]
    for at in (PAGE.index(name.encode()),)
}


def well_formed(page: bytes) -> bool:
    try:
        etree.fromstring(page)
    except SyntaxError:
        return False
    return True


def look(damaged: bytes, where: object) -> None:
    """Nothing may be lost while the harvest goes on behind this page."""
    try:
        page = list_page(damaged)
    except SourceError:
        return  # The run stops, and asks for the same page again.
    if page.cut:
        return  # So it does here, though what is whole is kept.
    told = {found.identifier for found in page.records}
    faults = [found for found in page.records if found.fault]
    if well_formed(damaged):
        intact = {name for name in NAMES if header(name).search(damaged)}
        assert intact <= told, where
        return
    assert page.token or b"</resumptionToken>" not in damaged, where
    assert faults or told >= set(NAMES), where
    for name in NAMES:
        if header(name).search(damaged):
            assert name in told, (where, name)
    _untouched(page, damaged, where)


def header(name: str) -> re.Pattern[bytes]:
    """A header whose beginning is whole."""
    inside = rf"<(o:)?header[^<>]*><(o:)?identifier>{name}</(o:)?identifier>"
    return re.compile(inside.encode())


def _untouched(page: ListPage, damaged: bytes, where: object) -> None:
    """A record that was not touched is as good as ever; but for the one with `</record>` in its title."""
    good = {found.identifier for found in page.records if not found.fault}
    for name, whole in WHOLE.items():
        assert name in good or whole not in damaged, (where, name)


@pytest.mark.parametrize("page", [PAGE, PREFIXED], ids=["plain", "prefixed"])
def test_a_page_cut_at_any_byte_loses_nothing_and_is_asked_for_again(page: bytes) -> None:
    list_end = page.index(b"</ListRecords>" if page is PAGE else b"</o:ListRecords>")
    for end in range(len(page)):
        look(page[:end], end)
        try:
            cut = list_page(page[:end])
        except SourceError:
            continue
        assert cut.cut or end >= list_end, end
        assert [one.identifier for one in cut.records if not one.fault] == list(
            NAMES[: sum(not one.fault for one in cut.records)]
        )


def damages(page: bytes, step: int) -> Iterator[tuple[bytes, object]]:
    for at in range(0, len(page), step):
        yield page[:at] + page[at + 1 :], (at, "gone")
        for odd in (b"<", b">", b"&", b"\xff"):
            yield page[:at] + odd + page[at + 1 :], (at, odd)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "step"), [(PAGE, 1), (PREFIXED, 5)], ids=["plain", "prefixed"])
def test_a_page_damaged_at_any_byte_loses_nothing(page: bytes, step: int) -> None:
    for damaged, where in damages(page, step):
        look(damaged, where)


@pytest.mark.parametrize("length", [2, 8, 9, 17, 60, 150, 290, 420, 700])
def test_a_gap_that_runs_over_anything_loses_nothing_that_can_be_told(length: int) -> None:
    for at in range(len(PAGE) - length):
        look(PAGE[:at] + PAGE[at + length :], (at, length))


@pytest.mark.slow
def test_any_gap_whatever_loses_nothing_that_can_be_told() -> None:
    for at in range(0, len(PAGE), 3):
        for length in range(1, len(PAGE) - at, 5):
            look(PAGE[:at] + PAGE[at + length :], (at, length))


def names_of(page: ListPage) -> list[tuple[str, bool]]:
    return [(found.identifier, bool(found.fault)) for found in page.records]


def test_a_gap_over_two_records_holds_both_under_their_own_names() -> None:
    text = listing(*map(record, NAMES), token="more")
    begin, end = text.index("Title of oai:e:1"), text.index("<identifier>oai:e:2")
    page = list_page((text[:begin] + text[end:]).encode())
    assert names_of(page) == [(NAMES[0], False), (NAMES[1], True), (NAMES[2], True), (NAMES[3], False)]
    assert page.token == "more"


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("token", ["more", ""])
def test_a_record_without_a_beginning_is_held_under_its_own_name(number: int, token: str) -> None:
    text = listing(*map(record, NAMES), token=token)
    at = text.index(f"<record><header><identifier>{NAMES[number]}")
    page = list_page((text[:at] + "<recrd" + text[at + len("<record") :]).encode())
    assert names_of(page) == [(name, n == number) for n, name in enumerate(NAMES)]
    assert (page.token, page.cut) == (token, False)


def test_two_records_that_ran_into_one_well_formed_one_are_both_held() -> None:
    text = listing(*map(record, NAMES)).replace("</record><record>", "", 1)
    assert names_of(list_page(text.encode())) == [(name, n < 2) for n, name in enumerate(NAMES)]
    whole = listing(record(NAMES[0]), record(NAMES[1]))
    first = whole.index("<datestamp>")
    second = whole.index(f"<identifier>{NAMES[1]}")
    assert names_of(list_page((whole[:first] + whole[second:]).encode())) == [
        (NAMES[0], True),
        (NAMES[1], True),
    ]
    twice = record(NAMES[0]).replace("</metadata>", "</metadata><metadata><x/></metadata>")
    assert names_of(list_page(listing(twice).encode())) == [(NAMES[0], True)]


def test_what_is_no_record_of_the_protocol_is_held_and_not_passed_over() -> None:
    strange = record(NAMES[1]).replace("<record>", '<record xmlns="">')
    page = list_page(listing(record(NAMES[0]), strange, "<note>x</note>").encode())
    assert names_of(page)[:2] == [(NAMES[0], False), (NAMES[1], True)]
    assert [bool(found.fault) for found in page.records] == [False, True, True]
    assert "stands where a record of OAI-PMH is due" in page.records[2].fault


def test_where_damage_may_have_taken_the_token_the_list_is_not_at_its_end() -> None:
    text = listing(*map(record, NAMES), token="more")
    end = text.index("</resumptionToken>")
    for begin in (
        text.index("Title of oai:e:3"),
        text.rindex("</record>"),
        text.index("<resumptionToken>") + 5,
    ):
        assert list_page((text[:begin] + text[end + 5 :]).encode()).cut
    assert list_page(text.replace("<resumptionToken>more</resumptionToken></ListRecords>", "").encode()).cut
    # Without one, a list whose last record is whole is at its end, wherever else it is broken.
    alone = listing(record(NAMES[0], "&"), record(NAMES[1])).replace(
        "<resumptionToken></resumptionToken>", ""
    )
    assert (list_page(alone.encode()).cut, names_of(list_page(alone.encode()))) == (
        False,
        [(NAMES[0], True), (NAMES[1], False)],
    )


def test_identifiers_of_what_is_described_name_no_record() -> None:
    bad = record(NAMES[0], DC.format("<dc:title>&</dc:title><dc:identifier>http://x/1</dc:identifier>"))
    assert names_of(list_page(listing(bad).encode())) == [(NAMES[0], True)]
    nameless = bad.replace(f"<identifier>{NAMES[0]}", "<idntifier>")
    (held,) = list_page(listing(nameless).encode()).records
    assert held.identifier.startswith("(no identifier")


def test_a_name_is_the_one_that_it_would_be_on_a_whole_page() -> None:
    bad = record("oai:e:1&amp;2", "&")
    assert names_of(list_page(listing(bad).encode())) == [("oai:e:1&2", True)]
