"""The door of OAI-PMH: what reaches the protocol, and what HTTP says around it."""

import gzip
from urllib.parse import urlencode

import pytest
from lxml import etree

from repository.web.arguments import pairs
from repository.web.oai import MAX_ARGUMENTS

OAI = "{http://www.openarchives.org/OAI/2.0/}"
FORM = "application/x-www-form-urlencoded"


def errors(reply) -> list[str]:
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/xml; charset=UTF-8"
    return [error.get("code") for error in etree.fromstring(reply.data).iter(OAI + "error")]


def test_get_and_post_say_the_same(client):
    arguments = {"verb": "GetRecord", "identifier": "RePEc:xxx:joujou:1", "metadataPrefix": "oai_dc"}
    got = client.get("/oai", query_string=arguments)
    posted = client.post("/oai", data=arguments)
    assert errors(got) == errors(posted) == []
    assert etree.fromstring(got.data).find(f".//{OAI}metadata") is not None
    assert etree.fromstring(posted.data).find(f".//{OAI}metadata") is not None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", []),
        (b"a=1&b=2", [("a", "1"), ("b", "2")]),
        (b"a=1&a=2", [("a", "1"), ("a", "2")]),
        (b"a=&b", [("a", ""), ("b", "")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"&&a=1&", [("a", "1")]),
        (b"a=x+y%2Bz", [("a", "x y+z")]),
        (b"a=%C3%A9", [("a", "é")]),
        ("a=é".encode(), [("a", "é")]),
        (b"a=%ff", [("a", "\ufffd")]),
        (b"a=%ED%A0%80", [("a", "\ufffd\ufffd\ufffd")]),
        (b"a=%00", [("a", "\0")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
        (b"a=%zz", [("a", "%zz")]),
    ],
)
def test_arguments_stay_pairs(query, expected):
    assert list(pairs(query)) == expected


BAD = {
    "nothing": ("", "badVerb"),
    "verb twice": ("verb=Identify&verb=Identify", "badVerb"),
    "empty verb": ("verb=", "badVerb"),
    "verb without value": ("verb", "badVerb"),
    "unknown argument": ("verb=Identify&x=1", "badArgument"),
    "repeated argument": ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
    "bad utf-8": ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%ff", "idDoesNotExist badArgument"),
    "nul": ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00", "idDoesNotExist badArgument"),
    "nul in the verb": ("verb=Identify%00", "badVerb"),
    "control characters": ("verb=ListRecords&metadataPrefix=%01%1b", "cannotDisseminateFormat badArgument"),
    "surrogates": ("verb=%ED%A0%80", "badVerb"),
    "markup": ("verb=%3C/request%3E%3Cscript%3E", "badVerb"),
    "raw bytes": ("verb=\xff\xfe", "badVerb"),
    "a huge token": ("verb=ListRecords&resumptionToken=" + "x" * 20_000, "badResumptionToken"),
}


@pytest.mark.parametrize(("query", "codes"), BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_an_error_in_valid_xml(client, query, codes):
    found = errors(client.get("/oai?" + query))
    assert found
    assert set(found) <= set(codes.split())


def test_arguments_in_both_places_are_repeated_arguments(client):
    reply = client.post("/oai?verb=Identify", data="verb=Identify", content_type=FORM)
    assert errors(reply) == ["badVerb"]


def test_arguments_may_be_split_over_both_places(client):
    reply = client.post(
        "/oai?verb=ListMetadataFormats", data="identifier=RePEc:xxx:joujou:1", content_type=FORM
    )
    assert errors(reply) == []


@pytest.mark.parametrize("content_type", [f"{FORM}; charset=utf-8", FORM.upper(), ""])
def test_a_form_is_a_form_in_every_spelling(client, content_type):
    assert errors(client.post("/oai", data="verb=Identify", content_type=content_type)) == []


def test_what_is_no_form_is_refused(client):
    assert (
        client.post("/oai", data='{"verb": "Identify"}', content_type="application/json").status_code == 415
    )


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip", "identity"])
def test_arguments_in_a_coding_are_refused_and_not_read_as_if_they_had_none(client, coding):
    sent = b"verb=Identify" if coding == "identity" else gzip.compress(b"verb=Identify")
    reply = client.post("/oai", data=sent, content_type=FORM, headers={"Content-Encoding": coding})
    assert reply.status_code == (200 if coding == "identity" else 415)


def test_row_31_too_much_is_refused(client):
    too_long = urlencode({"verb": "Identify", "x": "y" * MAX_ARGUMENTS})
    assert client.post("/oai", data=too_long, content_type=FORM).status_code == 413
    assert client.get(f"/oai?{too_long}").status_code == 414


def test_gzip_only_where_asked_and_never_kept_without_asking(client):
    query = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    plain = client.get(query)
    coded = client.get(query, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.data).count(b"<record>") == plain.data.count(b"<record>") > 0
    for reply in (plain, coded):
        assert reply.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
        assert reply.headers["Cache-Control"] == "no-cache"
        assert "ETag" not in reply.headers


def test_accept_is_no_matter(client):
    assert errors(client.get("/oai?verb=Identify", headers={"Accept": "image/png"})) == []
