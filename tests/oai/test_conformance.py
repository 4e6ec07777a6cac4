"""The rows of the OAI-PMH conformance list, by their ids (A: requests ... K: deletions).

Spec: https://openarchives.org/OAI/2.0/openarchivesprotocol.2015-01-08.htm
"""

import re
import time
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from lxml import etree

from repository.formats import OAI_FORMATS
from repository.model.datestamps import format_seconds
from repository.model.identifiers import is_identifier
from tests.kit import START, draft, removal
from tests.oai.conftest import NS, Repository, headers, identifiers

OAI = "oai:sheaf.example:RePEc:xxx:joujou:"
DC = "metadataPrefix=oai_dc"


@pytest.fixture
def ten(repository: Repository) -> Repository:
    """Ten records at ten seconds' distance: 3 a paper, 5 deleted, 7 without oai_dc."""
    for n in range(10):
        repository.log.append([draft(n, type="paper" if n == 3 else "article")])
        repository.clock.now += 10
    repository.log.append([removal(5)])
    repository.log.append([draft("s", type="series", part_of=())])
    repository.clock.now += 10
    return repository


# -- A: requests --------------------------------------------------------------------------------------------

BAD_REQUESTS = [
    ("A3 no verb", "", ["badVerb"]),
    ("A3 empty verb", "verb=", ["badVerb"]),
    ("A3 unknown verb", "verb=Illegal", ["badVerb"]),
    ("A4 repeated verb", "verb=Identify&verb=Identify", ["badVerb"]),
    ("A5 verb in lower case", "verb=identify", ["badVerb"]),
    ("A5 unofficial verb", "verb=GetMetadata", ["badVerb"]),
    ("A6 unknown argument", "verb=Identify&foo=bar", ["badArgument"]),
    ("A6 argument of another verb", f"verb=Identify&{DC}", ["badArgument"]),
    ("A6 two unknown arguments", "verb=ListSets&a=1&b=2", ["badArgument", "badArgument"]),
    ("A7 repeated argument", f"verb=ListRecords&{DC}&{DC}", ["badArgument"]),
    (
        "A7 repeated with another value",
        "verb=ListRecords&metadataPrefix=rdf&metadataPrefix=oai_dc",
        ["badArgument"],
    ),
    ("A8 no metadataPrefix", "verb=ListRecords", ["badArgument"]),
    ("A8 no identifier", f"verb=GetRecord&{DC}", ["badArgument"]),
    ("A8 neither", "verb=GetRecord", ["badArgument", "badArgument"]),
    ("A9 token beside another argument", f"verb=ListRecords&resumptionToken=x&{DC}", ["badArgument"]),
    ("A13 empty metadataPrefix", "verb=ListRecords&metadataPrefix=", ["badArgument"]),
    ("A13 empty identifier", f"verb=GetRecord&identifier=&{DC}", ["badArgument"]),
    ("A13 empty from", f"verb=ListRecords&{DC}&from=", ["badArgument"]),
    ("A13 empty set", f"verb=ListRecords&{DC}&set=", ["badArgument"]),
    ("A13 empty token", "verb=ListRecords&resumptionToken=", ["badArgument"]),
    ("E3 unknown set", f"verb=ListRecords&{DC}&set=nowhere", ["noRecordsMatch"]),
    ("E3 hidden set", f"verb=ListRecords&{DC}&set=format:rdf", ["noRecordsMatch"]),
    ("G4 from after until", f"verb=ListRecords&{DC}&from=2026-06-02&until=2026-06-01", ["badArgument"]),
    (
        "G5 mixed granularity",
        f"verb=ListRecords&{DC}&from=2026-06-01&until=2026-06-02T00:00:00Z",
        ["badArgument"],
    ),
    ("G5 finer than supported", f"verb=ListRecords&{DC}&from=2026-06-01T00:00:00.5Z", ["badArgument"]),
    ("G7 empty range in the past", f"verb=ListRecords&{DC}&until=1999-01-01", ["noRecordsMatch"]),
    ("G8 empty range in the future", f"verb=ListRecords&{DC}&from=2099-01-01", ["noRecordsMatch"]),
    ("H1 unknown identifier", f"verb=GetRecord&{DC}&identifier={OAI}none", ["idDoesNotExist"]),
    (
        "H1 unknown to ListMetadataFormats",
        f"verb=ListMetadataFormats&identifier={OAI}none",
        ["idDoesNotExist"],
    ),
    (
        "H2 unknown prefix",
        f"verb=GetRecord&identifier={OAI}1&metadataPrefix=marc",
        ["cannotDisseminateFormat"],
    ),
    ("H2 unknown prefix in a list", "verb=ListRecords&metadataPrefix=marc", ["cannotDisseminateFormat"]),
    ("H4 prefix the item lacks", f"verb=GetRecord&identifier={OAI}s&{DC}", ["cannotDisseminateFormat"]),
    ("D2 prefix of wrong syntax", "verb=ListRecords&metadataPrefix=oai%20dc", ["badArgument"]),
    ("D3 formats of a deleted item", f"verb=ListMetadataFormats&identifier={OAI}5", ["noMetadataFormats"]),
]


@pytest.mark.parametrize(
    ("query", "codes"), [row[1:] for row in BAD_REQUESTS], ids=[row[0] for row in BAD_REQUESTS]
)
def test_a_bad_request_gets_its_code(ten: Repository, query: str, codes: list[str]) -> None:
    answer = ten.ask(query)
    assert answer.xpath("//o:error/@code", namespaces=NS) == codes
    # A15: each with a message for people.
    assert all(len(error.text) > 10 for error in answer.iterfind(".//o:error", NS))


STRANGE = [
    "%00", "%0B", "%EF%BF%BF", "%ED%A0%80", "%FF%FE", "%3Cscript%3E", "%22%27%26", "a b", "\u202e", "é", "//evil",
    "..%2F..%2Fetc%2Fpasswd", "a" * 10_000, "%25", "%25zz", "[x]", "oai:", ":", "http://[", "'; DROP TABLE entry;--",
]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("verb", ["GetRecord&metadataPrefix=oai_dc", "ListMetadataFormats"])
def test_a11_a_strange_identifier_is_refused_in_valid_xml(ten: Repository, verb: str, text: str) -> None:
    query = f"verb={verb}&identifier={text.replace('&', '%26').replace(';', '%3B')}"
    assert set(ten.codes(query)) <= {"idDoesNotExist", "badArgument"} != set()


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers", "ListSets"])
def test_a10_a_token_of_any_bytes_is_a_bad_resumption_token(ten: Repository, verb: str, text: str) -> None:
    query = f"verb={verb}&resumptionToken={text.replace(';', '%3B')}"
    assert ten.codes(query) == ["badResumptionToken"]


@pytest.mark.parametrize("name", ["metadataPrefix", "from", "until", "set", "foo", "identifier"])
@pytest.mark.parametrize("text", STRANGE)
def test_a12_bytes_that_xml_cannot_hold_never_reach_the_answer(ten: Repository, name: str, text: str) -> None:
    query = f"verb=ListRecords&{name}={text.replace(';', '%3B')}" + (
        "" if name == "metadataPrefix" else f"&{DC}"
    )
    assert ten.codes(query)


def test_a15_several_errors_are_reported_at_once(ten: Repository) -> None:
    assert ten.codes("verb=GetRecord&foo=1&bar=2") == ["badArgument"] * 2


# -- B: answers ---------------------------------------------------------------------------------------------


def test_b1_the_declaration_names_utf_8(ten: Repository) -> None:
    assert ten.raw([("verb", "Identify")]).startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH ')


def test_b2_the_root_pairs_its_namespace_with_its_schema(ten: Repository) -> None:
    root = ten.ask("verb=Identify")
    assert root.tag == "{http://www.openarchives.org/OAI/2.0/}OAI-PMH"
    assert root.get(f"{{{NS['xsi']}}}schemaLocation").split() == [NS["o"], NS["o"] + "OAI-PMH.xsd"]


def test_b2_the_response_date_is_now_in_utc_seconds(ten: Repository) -> None:
    date = ten.ask("verb=Identify").findtext("o:responseDate", namespaces=NS)
    stamp = datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    assert 0 <= ten.clock.now - stamp <= 1


@pytest.mark.parametrize(
    "query",
    [
        f"verb=ListRecords&{DC}&from=2026-05-28&until=2099-01-01&set=type",
        f"verb=GetRecord&{DC}&identifier={OAI}1",
        f"verb=GetRecord&{DC}&identifier={OAI}none",
        "verb=ListRecords&metadataPrefix=marc",
        f"verb=ListRecords&{DC}&until=1999-01-01T00:00:00Z",
        "verb=ListRecords&resumptionToken=not%20one%20%26%3C%22",
    ],
)
def test_b2_the_request_echoes_its_arguments_exactly(ten: Repository, query: str) -> None:
    request = ten.ask(query).find("o:request", NS)
    assert request.text == "http://127.0.0.1:8080/oai"
    assert dict(request.attrib) == dict(parse_qsl(query))


@pytest.mark.parametrize(
    "query", ["verb=Nothing&identifier=x", "verb=Identify&foo=1", f"verb=ListRecords&{DC}&from=x"]
)
def test_b2_nothing_is_echoed_with_bad_verb_and_bad_argument(ten: Repository, query: str) -> None:
    assert not ten.ask(query).find("o:request", NS).attrib


# -- C: Identify --------------------------------------------------------------------------------------------


def test_c_identify_says_what_this_repository_is(ten: Repository) -> None:
    identify = ten.ask("verb=Identify").find("o:Identify", NS)
    assert [child.tag.rpartition("}")[2] for child in identify] == [
        "repositoryName", "baseURL", "protocolVersion", "adminEmail", "earliestDatestamp", "deletedRecord",
        "granularity", "compression", "description",
    ]  # fmt: skip
    assert identify.findtext("o:baseURL", namespaces=NS) == "http://127.0.0.1:8080/oai"  # C1
    assert identify.findtext("o:deletedRecord", namespaces=NS) == "persistent"  # C5
    assert identify.findtext("o:granularity", namespaces=NS) == "YYYY-MM-DDThh:mm:ssZ"  # C4
    assert identify.findtext("o:earliestDatestamp", namespaces=NS) == format_seconds(START)  # C6
    assert re.fullmatch(r"\S+@(\S+\.)+\S+", identify.findtext("o:adminEmail", namespaces=NS))  # C3


def test_c7_the_sample_identifier_resolves_and_records_follow_its_scheme(ten: Repository) -> None:
    identify = ten.ask("verb=Identify")
    sample = identify.findtext(".//id:sampleIdentifier", namespaces=NS)
    domain = identify.findtext(".//id:repositoryIdentifier", namespaces=NS)
    assert not ten.codes(verb="GetRecord", metadataPrefix="rdf", identifier=sample)
    assert all(
        h[0].startswith(f"oai:{domain}:")
        for h in headers(*ten.walk("verb=ListIdentifiers&metadataPrefix=rdf"))
    )


def test_c7_the_sample_identifier_resolves_where_the_oldest_records_are_all_gone(
    repository: Repository,
) -> None:
    repository.log.append([draft(n) for n in range(120)])
    repository.log.append([removal(n) for n in range(110)])
    repository.log.append([draft(n, "Another") for n in range(110, 120)])
    sample = repository.ask("verb=Identify").findtext(".//id:sampleIdentifier", namespaces=NS)
    assert not repository.codes(verb="GetRecord", metadataPrefix="oai_dc", identifier=sample)


def test_an_empty_repository_answers_every_verb(repository: Repository) -> None:
    assert repository.ask("verb=Identify").find("o:Identify", NS) is not None
    assert repository.ask("verb=ListMetadataFormats").find("o:ListMetadataFormats", NS) is not None
    assert repository.codes(f"verb=ListRecords&{DC}") == ["noRecordsMatch"]


# -- D: formats ---------------------------------------------------------------------------------------------


def test_d1_oai_dc_is_offered_with_its_official_schema(ten: Repository) -> None:
    offered = {
        form.findtext("o:metadataPrefix", namespaces=NS): (
            form.findtext("o:schema", namespaces=NS),
            form.findtext("o:metadataNamespace", namespaces=NS),
        )
        for form in ten.ask("verb=ListMetadataFormats").iterfind(".//o:metadataFormat", NS)
    }
    assert offered["oai_dc"] == ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", NS["oai_dc"])
    assert offered["rdf"][1] == NS["rdf"]


@pytest.mark.parametrize(("name", "prefixes"), [("1", [form.name for form in OAI_FORMATS]), ("s", ["rdf"])])
def test_d3_d4_an_items_formats_are_those_it_can_be_fetched_in(
    ten: Repository, name: str, prefixes: list[str]
) -> None:
    answer = ten.ask(verb="ListMetadataFormats", identifier=OAI + name)
    assert [e.text for e in answer.iterfind(".//o:metadataPrefix", NS)] == prefixes
    for prefix in prefixes:
        assert not ten.codes(verb="GetRecord", identifier=OAI + name, metadataPrefix=prefix)


def test_d3_a_record_that_lives_in_no_format_is_not_called_deleted(ten: Repository) -> None:
    ten.log.append([draft("plain", type="series", part_of=(), formats=())])
    query = f"verb=ListMetadataFormats&identifier={OAI}plain"
    assert ten.codes(query) == ["noMetadataFormats"]
    assert "deleted" not in ten.ask(query).findtext(".//o:error", namespaces=NS)


@pytest.mark.parametrize("prefix", ["oai_dc", "rdf"])
def test_d5_d6_metadata_declares_the_namespace_and_schema_of_its_format(ten: Repository, prefix: str) -> None:
    form = ten.ask("verb=ListMetadataFormats").xpath(
        "//o:metadataFormat[o:metadataPrefix=$p]", namespaces=NS, p=prefix
    )[0]
    schema, namespace = (
        form.findtext("o:schema", namespaces=NS),
        form.findtext("o:metadataNamespace", namespaces=NS),
    )
    for page in ten.walk(f"verb=ListRecords&metadataPrefix={prefix}"):
        for metadata in page.iterfind(".//o:metadata", NS):
            assert etree.QName(metadata[0]).namespace == namespace
            assert metadata[0].get(f"{{{NS['xsi']}}}schemaLocation").split() == [namespace, schema]


def test_d7_oai_dc_has_no_empty_element(ten: Repository) -> None:
    for page in ten.walk(f"verb=ListRecords&{DC}"):
        assert all(element.text.strip() for element in page.iterfind(".//oai_dc:dc/*", NS))


# -- E: sets ------------------------------------------------------------------------------------------------


def test_e1_e2_sets_are_unique_named_described_and_have_their_ancestors(ten: Repository) -> None:
    pages = ten.walk("verb=ListSets")
    specs = [e.text for page in pages for e in page.iterfind(".//o:setSpec", NS)]
    assert specs == sorted(set(specs))
    assert {"RePEc", "RePEc:xxx", "RePEc:xxx:joujou", "jel:I:I1:I11", "jel", "type:paper"} <= set(specs)
    for spec in specs:
        assert spec.rpartition(":")[0] in {"", *specs}
    assert all(e.text for page in pages for e in page.iterfind(".//o:setName", NS))
    assert all(
        len(e.findall(".//dc:description", NS)) == 1 for page in pages for e in page.iterfind(".//o:set", NS)
    )


@pytest.mark.parametrize("query", ["verb=ListSets", f"verb=ListRecords&{DC}&set=type"])
def test_e1_without_sets_there_is_no_set_hierarchy(repository: Repository, query: str) -> None:
    assert repository.codes(query) == ["noSetHierarchy"]


def test_e4_e5_a_set_has_its_descendants_records_and_no_others(ten: Repository) -> None:
    everything = headers(*ten.walk("verb=ListIdentifiers&metadataPrefix=rdf"))
    specs = {e.text for page in ten.walk("verb=ListSets") for e in page.iterfind(".//o:setSpec", NS)}
    assert {spec for h in everything for spec in h[3]} <= specs
    for spec in specs:
        inside = [h for h in everything if any(s == spec or s.startswith(spec + ":") for s in h[3])]
        assert (
            headers(*ten.walk(f"verb=ListIdentifiers&metadataPrefix=rdf&set={spec}")) == inside
        )  # E6 as well


def test_e6_a_record_that_left_a_set_is_announced_there_as_deleted(ten: Repository) -> None:
    ten.log.append([draft(3, type="article")])
    left = headers(ten.ask(f"verb=ListRecords&{DC}&set=type:paper"))
    assert [(h[0], h[2]) for h in left] == [(OAI + "3", True)]
    assert "type:paper" in left[0][3]
    live = headers(ten.ask(verb="GetRecord", identifier=OAI + "3", metadataPrefix="oai_dc"))
    assert (live[0][2], "type:paper" in live[0][3]) == (False, False)


# -- F: lists and tokens ------------------------------------------------------------------------------------


def test_f1_a_list_is_complete_each_record_once_in_order_of_datestamp(ten: Repository) -> None:
    found = headers(*ten.walk("verb=ListRecords&metadataPrefix=rdf"))
    assert len(found) == len({h[0] for h in found}) == 11
    assert [h[1] for h in found] == sorted(h[1] for h in found)


def test_f2_the_last_page_of_a_resumed_list_has_an_empty_token(ten: Repository) -> None:
    pages = ten.walk(f"verb=ListRecords&{DC}")
    tokens = [page.findall(".//o:resumptionToken", NS) for page in pages]
    assert [len(t) for t in tokens] == [1] * len(pages)
    assert [bool(t[0].text) for t in tokens] == [True] * (len(pages) - 1) + [False]


def test_f2_a_complete_list_has_no_token(ten: Repository) -> None:
    page = ten.ask(f"verb=ListRecords&{DC}&set=type:paper")
    assert page.find(".//o:resumptionToken", NS) is None


@pytest.mark.parametrize("records", [3, 6, 4])
def test_f2_a_total_that_is_a_multiple_of_the_page_size_ends_without_an_empty_page(
    repository: Repository, records: int
) -> None:
    repository.log.append([draft(n) for n in range(records)])
    pages = repository.walk(f"verb=ListRecords&{DC}")
    assert [len(page.findall(".//o:record", NS)) for page in pages] == [3] * (records // 3) + [1] * (
        records % 3 > 0
    )


@pytest.mark.parametrize(
    "query", [f"verb=ListRecords&{DC}", "verb=ListIdentifiers&metadataPrefix=rdf", "verb=ListSets"]
)
def test_f3_cursor_and_size_are_right_on_every_page(ten: Repository, query: str) -> None:
    pages = ten.walk(query)
    sizes = [len(page.xpath("//o:header|//o:set", namespaces=NS)) for page in pages]
    assert len(sizes) > 1
    for n, page in enumerate(pages):
        token = page.find(".//o:resumptionToken", NS)
        assert int(token.get("cursor")) == sum(sizes[:n])
        assert int(token.get("completeListSize")) == sum(sizes)


def test_f3_a_list_that_grows_is_never_larger_than_its_size(ten: Repository) -> None:
    page, n, seen = ten.ask(f"verb=ListRecords&{DC}"), 0, 0
    while True:
        token = page.find(".//o:resumptionToken", NS)
        seen += len(page.findall(".//o:record", NS))
        assert int(token.get("cursor")) + len(page.findall(".//o:record", NS)) <= int(
            token.get("completeListSize")
        )
        if not token.text:
            break
        if n < 6:
            ten.log.append([draft(f"new{n}")])
        n += 1
        page = ten.ask(verb="ListRecords", resumptionToken=token.text)
    assert int(token.get("completeListSize")) == seen


def test_f4_a_token_expires_in_the_future_and_not_before_23_hours(ten: Repository) -> None:
    token = ten.ask(f"verb=ListRecords&{DC}").find(".//o:resumptionToken", NS)
    expires = (
        datetime.strptime(token.get("expirationDate"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    )
    assert expires >= ten.clock.now + 23 * 3600
    ten.clock.now = expires
    assert not ten.codes(verb="ListRecords", resumptionToken=token.text)
    ten.clock.now = expires + 1
    assert ten.codes(verb="ListRecords", resumptionToken=token.text) == ["badResumptionToken"]


def test_f6_a_token_may_be_used_again_with_the_same_result(ten: Repository) -> None:
    token = ten.ask(f"verb=ListRecords&{DC}").findtext(".//o:resumptionToken", namespaces=NS)
    first, second = (ten.raw([("verb", "ListRecords"), ("resumptionToken", token)]) for _ in range(2))
    assert first == second


def test_f7_a_token_of_another_verb_is_bad(ten: Repository) -> None:
    token = ten.ask(f"verb=ListRecords&{DC}").findtext(".//o:resumptionToken", namespaces=NS)
    for verb in ("ListIdentifiers", "ListSets"):
        assert ten.codes(verb=verb, resumptionToken=token) == ["badResumptionToken"]


def test_f7_a_token_with_any_character_altered_is_bad(ten: Repository) -> None:
    token = ten.ask(f"verb=ListRecords&{DC}").findtext(".//o:resumptionToken", namespaces=NS)
    for at, char in enumerate(token):
        other = "B" if char != "B" else "C"
        assert ten.codes(verb="ListRecords", resumptionToken=token[:at] + other + token[at + 1 :])
    for odd in (token[:-1], token + "A", token + "=", token.lower(), f" {token}"):
        assert ten.codes(verb="ListRecords", resumptionToken=odd) == ["badResumptionToken"]


def test_f8_list_records_and_list_identifiers_agree(ten: Repository) -> None:
    assert headers(*ten.walk(f"verb=ListRecords&{DC}")) == headers(*ten.walk(f"verb=ListIdentifiers&{DC}"))


def test_f9_a_valid_token_never_meets_no_records_match(ten: Repository) -> None:
    """Every record behind the token moves out of the window while the list is walked."""
    until = format_seconds(START + 60)
    page = ten.ask(f"verb=ListRecords&{DC}&until={until}")
    token = page.findtext(".//o:resumptionToken", namespaces=NS)
    ten.log.append([draft(n, "Moved") for n in range(10)])
    rest = ten.ask(verb="ListRecords", resumptionToken=token)
    assert rest.find(".//o:error", NS) is None
    assert rest.find(".//o:record", NS) is not None


def test_a_resumed_list_keeps_its_set_and_dates(ten: Repository) -> None:
    query = f"verb=ListIdentifiers&{DC}&set=type:article&from={format_seconds(START + 10)}&until=2099-01-01T00:00:00Z"
    found = identifiers(*ten.walk(query))
    assert found == ["1", "2", "4", "6", "7", "8", "9", "5"]


# -- G: dates -----------------------------------------------------------------------------------------------

MALFORMED = [
    "2026", "2026-6-1", "2026-06", "2026-13-01", "2026-02-30", "2026-06-01T00:00Z", "2026-06-01T00:00:00",
    "2026-06-01T25:00:00Z", "2026-06-01T00:00:00+00:00", "2026-06-01 00:00:00Z", " 2026-06-01", "2026/06/01",
    "20260601", "2026-06-01t00:00:00z", "２０２６-06-01", "0000-01-01", "yesterday", "2026-06-01T00:00:61Z",
]  # fmt: skip


@pytest.mark.parametrize("name", ["from", "until"])
@pytest.mark.parametrize("date", MALFORMED)
def test_g6_a_malformed_date_is_a_bad_argument(ten: Repository, name: str, date: str) -> None:
    assert ten.codes(**{"verb": "ListRecords", "metadataPrefix": "oai_dc", name: date}) == ["badArgument"]


def test_g1_g2_g3_datestamps_are_seconds_not_before_the_earliest_nor_in_the_future(ten: Repository) -> None:
    earliest = ten.ask("verb=Identify").findtext(".//o:earliestDatestamp", namespaces=NS)
    for header in headers(*ten.walk("verb=ListIdentifiers&metadataPrefix=rdf")):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", header[1])
        assert earliest <= header[1] <= format_seconds(int(ten.clock.now))
    before = format_seconds(START - 1)
    assert ten.codes(f"verb=ListIdentifiers&metadataPrefix=rdf&until={before}") == ["noRecordsMatch"]


def test_g9_from_equal_to_until_includes_that_second(ten: Repository) -> None:
    date = format_seconds(START + 20)
    assert identifiers(ten.ask(f"verb=ListRecords&{DC}&from={date}&until={date}")) == ["2"]


def test_g10_a_day_covers_the_whole_day(ten: Repository) -> None:
    day = format_seconds(START)[:10]
    assert len(identifiers(*ten.walk(f"verb=ListRecords&{DC}&from={day}&until={day}"))) == 10


def test_g11_from_and_until_split_a_list_exactly(ten: Repository) -> None:
    whole = headers(*ten.walk(f"verb=ListIdentifiers&{DC}"))
    for second in (START, START + 35, START + 40, START + 100):
        early = f"verb=ListIdentifiers&{DC}&until={format_seconds(second)}"
        late = f"verb=ListIdentifiers&{DC}&from={format_seconds(second + 1)}"
        assert headers(*ten.walk(early), *ten.walk(late)) == whole


# -- H: GetRecord -------------------------------------------------------------------------------------------


def test_h3_get_record_gives_the_listed_record(ten: Repository) -> None:
    for page in ten.walk("verb=ListRecords&metadataPrefix=rdf"):
        for record in page.iterfind(".//o:record", NS):
            name = record.findtext(".//o:identifier", namespaces=NS)
            alone = ten.ask(verb="GetRecord", metadataPrefix="rdf", identifier=name).find(".//o:record", NS)
            assert (
                etree.tostring(alone, method="c14n").strip() == etree.tostring(record, method="c14n").strip()
            )


@pytest.mark.parametrize(
    "spelling",
    [
        OAI + "1",
        "oai:RePEc:xxx:joujou:1",
        "RePEc:xxx:joujou:1",
        "repec:XXX:JouJou:1",
        "oai:repec:xxx:joujou:1",
    ],
)
def test_get_record_takes_the_handle_in_every_spelling(ten: Repository, spelling: str) -> None:
    assert headers(ten.ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=spelling))[0][0] == OAI + "1"


# -- K: deletions -------------------------------------------------------------------------------------------


def test_k2_a_deleted_record_has_a_header_with_status_and_nothing_else(ten: Repository) -> None:
    deleted = [
        record
        for page in ten.walk(f"verb=ListRecords&{DC}")
        for record in page.iterfind(".//o:record", NS)
        if record.find("o:header", NS).get("status")
    ]
    assert [len(record) for record in deleted] == [1]


def test_k3_get_record_of_a_deleted_record_gives_its_header(ten: Repository) -> None:
    answer = ten.ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=OAI + "5")
    assert headers(answer)[0][1:3] == (format_seconds(START + 100), True)


def test_k4_losing_a_format_is_a_deletion_in_that_format_alone(ten: Repository) -> None:
    ten.log.append([draft(1, formats=("rdf",))])
    now = format_seconds(int(ten.clock.now))
    (gone,) = headers(ten.ask(f"verb=ListRecords&{DC}&from={now}"))
    assert gone[:3] == (OAI + "1", now, True)
    assert headers(ten.ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=OAI + "1"))[0][2] is True
    assert headers(ten.ask(verb="GetRecord", metadataPrefix="rdf", identifier=OAI + "1"))[0][2] is False


def test_deletions_stay_for_ever(ten: Repository) -> None:
    ten.clock.now += 20 * 365 * 86_400
    assert OAI + "5" in [h[0] for h in headers(*ten.walk(f"verb=ListIdentifiers&{DC}")) if h[2]]


def test_a_broken_record_breaks_no_page(ten: Repository) -> None:
    with ten.log._database.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE body SET bytes = x'00' WHERE digest = (SELECT digest FROM entry WHERE seq = 2)"
        )
    found = identifiers(*ten.walk(f"verb=ListRecords&{DC}"))
    assert found == ["0", "2", "3", "4", "6", "7", "8", "9", "5"]


def test_every_identifier_under_the_grammar_makes_a_valid_oai_identifier(repository: Repository) -> None:
    odd = "x!$&'()*+,-./:;=@_~9"
    assert is_identifier(odd)
    repository.log.append([draft(odd)])
    (header,) = headers(repository.ask(f"verb=ListIdentifiers&{DC}"))
    assert not repository.codes(verb="GetRecord", metadataPrefix="oai_dc", identifier=header[0])


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_machines_time_zone_changes_no_byte(
    ten: Repository, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    queries = [
        "verb=Identify",
        f"verb=ListRecords&{DC}",
        f"verb=ListRecords&{DC}&from=2026-05-28&until=2026-05-29",
    ]
    before = [ten.raw(parse_qsl(query)) for query in queries]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [ten.raw(parse_qsl(query)) for query in queries] == before
    finally:
        monkeypatch.undo()
        time.tzset()
