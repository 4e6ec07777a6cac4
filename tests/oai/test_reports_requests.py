"""What users of other repositories report, as promises by number: requests, identifiers and limits (22 to 26)."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from lxml import etree

from repository.model.errors import SettingsError
from repository.model.settings import make_settings
from tests.kit import Clock, draft, removal
from tests.oai.conftest import NS, headers
from tests.oai.door import Door, door_of
from tests.oai.pages import ListPage

DC = "metadataPrefix=oai_dc"
NAME = "oai:sheaf.example:RePEc:xxx:joujou:"
Validate = Callable[[etree._Element], None]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, validate: Validate) -> Door:
    """For tests that only read."""
    with door_of(tmp_path_factory.mktemp("data"), validate) as (house, found):
        house.log.append([draft(n) for n in range(9)])
        house.log.append([removal(4)])
        house.log.append([draft(odd) for odd in ODD])
        yield found


ODD = ["a(b)c", "v:1:y:2020:i:c:p:1-2", "x!$&'*+,;=@~9", "95/12"]


# -- 22: addresses ------------------------------------------------------------------------------------------

BASES = {
    "a proxy's https": ("https://papers.example.org", "https://papers.example.org/oai"),
    "a slash at the end": ("http://papers.example.org/", "http://papers.example.org/oai"),
    "a path before it": ("https://example.org/library/papers/", "https://example.org/library/papers/oai"),
    "a port": ("http://127.0.0.1:8099", "http://127.0.0.1:8099/oai"),
}
LYING = {
    "Host": "evil.example",
    "X_Forwarded_Host": "evil.example",
    "X_Forwarded_Proto": "gopher",
    "X_Forwarded_Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=gopher",
}


@pytest.mark.parametrize(("base", "address"), BASES.values(), ids=BASES)
def test_report_22_the_base_url_is_the_configured_one_character_for_character(
    tmp_path: Path, validate: Validate, base: str, address: str
) -> None:
    with door_of(tmp_path, validate, base_url=base) as (house, door):
        house.log.append([draft(n) for n in range(5)])
        said = {door.ask("verb=Identify").findtext(".//o:baseURL", namespaces=NS)}
        for query in (
            f"verb=ListRecords&{DC}",
            "verb=ListSets",
            "verb=Nothing",
            f"verb=GetRecord&{DC}&identifier=x",
        ):
            said |= {page.findtext("o:request", namespaces=NS) for page in door.walk(query)}
    assert said == {address}


@pytest.mark.parametrize(
    "query", ["verb=Identify", f"verb=GetRecord&{DC}&identifier={NAME}1", "verb=ListMetadataFormats"]
)
def test_report_22_no_header_of_a_request_or_proxy_changes_an_address(door: Door, query: str) -> None:
    lied, plain = (re.sub(rb"<responseDate>.*?</", b"", door.get(query, **said).data) for said in (LYING, {}))
    assert lied == plain
    assert b"evil" not in lied


# -- 23: bad arguments --------------------------------------------------------------------------------------

_BYTES = st.binary(max_size=30).map(lambda raw: quote(raw, safe=""))
_WORDS = st.sampled_from(
    (
        "verb", "Identify", "ListRecords", "ListIdentifiers", "ListSets", "GetRecord", "ListMetadataFormats",
        "metadataPrefix", "oai_dc", "rdf", "identifier", NAME + "1", "from", "until", "set", "type", "2026-05-28",
        "2026-05-28T00:00:00Z", "resumptionToken", "WyJMaXN0", "%00", "%EF%BF%BF", "%ED%A0%80", "%zz", "<&\">'", "",
    )
)  # fmt: skip
_PART = st.one_of(_WORDS, _WORDS, _BYTES, st.text(st.characters(max_codepoint=255), max_size=10))
QUERY = st.lists(st.tuples(_PART, _PART), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("latin-1")
)


@given(
    query=QUERY,
    verb=st.sampled_from(["", "verb=ListRecords&", f"verb=ListIdentifiers&{DC}&", f"verb=GetRecord&{DC}&"]),
)
@examples(max_examples=300, suppress_health_check=list(HealthCheck))
def test_report_23_whatever_is_asked_the_answer_is_valid_and_no_server_error(
    door: Door, validate: Validate, query: bytes, verb: str
) -> None:
    asked = verb.encode() + query
    posted = door.client.post("/oai", data=asked, content_type="application/x-www-form-urlencoded")
    for reply in (door.get(asked.decode("latin-1")), posted):
        assert reply.status_code == 200
        assert reply.content_type == "text/xml; charset=UTF-8"
        assert reply.data.endswith(b"</OAI-PMH>\n")
        root = etree.fromstring(reply.data)
        validate(root)
        assert len(root) > 2


REPORTED = {
    "no verb": ("", "badVerb"),
    "a verb in lower case": ("verb=listrecords", "badVerb"),
    "a date that is none": (f"verb=ListRecords&{DC}&from=junk", "badArgument"),
    "a date of no day": (f"verb=ListRecords&{DC}&from=2026-02-30", "badArgument"),
    "an unknown format": ("verb=ListRecords&metadataPrefix=junk", "cannotDisseminateFormat"),
    "an unknown record": (f"verb=GetRecord&{DC}&identifier=junk", "idDoesNotExist"),
    "a token that is none": ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
    "an unknown set": (f"verb=ListRecords&{DC}&set=junk", "noRecordsMatch"),
    "an argument too many": ("verb=Identify&junk=junk", "badArgument"),
}


@pytest.mark.parametrize(("query", "code"), REPORTED.values(), ids=REPORTED)
def test_report_23_a_bad_argument_is_an_error_of_the_protocol_and_nothing_follows_it(
    door: Door, query: str, code: str
) -> None:
    reply = door.get(query)
    assert reply.status_code == 200
    assert reply.data.endswith(b"</OAI-PMH>\n")
    assert b"html" not in reply.data.lower()
    assert door.codes(query) == [code]


# -- 24 and 25: identifiers ---------------------------------------------------------------------------------


def spellings(name: str) -> dict[str, str]:
    """The same identifier as different clients write it into an address."""
    return {
        "raw": name.replace("&", "%26").replace("+", "%2B").replace(";", "%3B"),
        "reserved characters encoded": quote(name, safe=""),
        "in lower case hexadecimal": re.sub("%..", lambda code: code[0].lower(), quote(name, safe="")),
        "every character encoded": "".join(f"%{ord(char):02X}" for char in name),
    }


@pytest.mark.parametrize("spelling", spellings("x"))
def test_report_24_an_identifier_is_the_same_raw_and_encoded(door: Door, spelling: str) -> None:
    listed = [header[0] for header in headers(*door.walk("verb=ListIdentifiers&metadataPrefix=rdf"))]
    assert len(listed) == 9 + len(ODD)
    for name in listed:
        sent = spellings(name)[spelling]
        for query in (
            f"verb=GetRecord&{DC}&identifier={sent}",
            f"verb=ListMetadataFormats&identifier={sent}",
        ):
            answer = etree.fromstring(door.get(query).data)
            assert answer.find("o:request", NS).get("identifier") == name
            assert answer.xpath("//o:error/@code", namespaces=NS) in ([], ["noMetadataFormats"])
        found = headers(etree.fromstring(door.get(f"verb=GetRecord&{DC}&identifier={sent}").data))
        assert [header[0] for header in found] == [name]


@pytest.mark.parametrize(
    "namespace",
    ["sheaf", "localhost", "", "a..b", ".org", "a.b", "a.b.", "1a.org", "a b.org", "a.b/c", "é.org"],
)
def test_report_25_a_namespace_that_the_schema_of_identifiers_refuses_cannot_be_chosen(
    namespace: str,
) -> None:
    with pytest.raises(SettingsError, match="oai_namespace"):
        make_settings({"oai_namespace": namespace})


@pytest.mark.parametrize("namespace", ["econ-papers.example.org", "a.bc", "x1.y2.z3", "RePEc.org"])
def test_report_25_every_identifier_begins_with_the_dotted_namespace_that_identify_declares(
    tmp_path: Path, validate: Validate, namespace: str
) -> None:
    """ask() judges them by oai-identifier.xsd."""
    with door_of(tmp_path, validate, oai_namespace=namespace) as (house, door):
        house.log.append([draft(n) for n in range(3)])
        identify = door.ask("verb=Identify")
        assert identify.findtext(".//id:repositoryIdentifier", namespaces=NS) == namespace
        sample = identify.findtext(".//id:sampleIdentifier", namespaces=NS)
        listed = [header[0] for header in headers(*door.walk(f"verb=ListIdentifiers&{DC}"))]
        assert listed == [f"oai:{namespace}:RePEc:xxx:joujou:{n}" for n in range(3)]
        assert sample in listed
        assert not door.codes(verb="GetRecord", metadataPrefix="oai_dc", identifier=sample)


# -- 26: limits ---------------------------------------------------------------------------------------------


def test_report_26_who_asks_too_often_is_told_in_whole_seconds_when_to_come_again(
    tmp_path: Path, validate: Validate
) -> None:
    """Some clients die of 429, of a date, of more than an hour."""
    with door_of(tmp_path, validate, oai_requests_per_minute=5) as (house, door):
        house.log.append([draft(n) for n in range(9)])
        replies = [door.get(f"verb=ListRecords&{DC}") for _ in range(8)]
        posted = door.client.post("/oai", data={"verb": "Identify"})
    assert [reply.status_code for reply in replies] == [200] * 5 + [503] * 3
    assert posted.status_code == 503
    for reply in (*replies[5:], posted):
        (wait,) = reply.headers.getlist("Retry-After")
        assert re.fullmatch(r"[1-9]\d*", wait)
        assert int(wait) <= 3600
        assert "no-store" in reply.headers["Cache-Control"]


def test_report_26_a_limit_loses_no_record_of_a_list_that_is_under_way(
    tmp_path: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A harvester that sends the refused request again, when it was told to, ends with the whole list."""
    with door_of(tmp_path, validate, oai_requests_per_minute=60, oai_page_size=1) as (house, door):
        now = Clock()
        assert house.pace is not None
        monkeypatch.setattr(house.pace, "_clock", now)
        house.log.append([draft(n) for n in range(90)])
        refused, names, query = 0, [], f"verb=ListRecords&{DC}"
        while query:
            reply = door.get(query)
            if reply.status_code == 503:
                refused += 1
                now.now += int(reply.headers["Retry-After"])
                continue
            page = ListPage(reply.data)
            names += [header.identifier for header in page.headers]
            query = f"verb=ListRecords&resumptionToken={page.token}" if page.token else ""
    assert refused >= 25
    assert names == [f"{NAME}{n}" for n in range(90)]


def test_report_26_clients_are_told_apart_behind_proxies_that_are_trusted_and_no_others(
    tmp_path: Path, validate: Validate
) -> None:
    def statuses(folder: str, **settings: str) -> list[int]:
        with door_of(tmp_path / folder, validate, oai_requests_per_minute=1, **settings) as (_, door):
            return [
                door.get("verb=Identify", X_Forwarded_For=client).status_code
                for client in ("192.0.2.1", "192.0.2.2", "192.0.2.1")
            ]

    assert statuses("trusted", trusted_proxies="127.0.0.1") == [200, 200, 503]
    assert statuses("not", trusted_proxies="") == [200, 503, 503]


def test_report_26_nobody_is_limited_unless_a_limit_is_chosen(tmp_path: Path, validate: Validate) -> None:
    with door_of(tmp_path, validate) as (_, door):
        assert {door.get("verb=Identify").status_code for _ in range(300)} == {200}
