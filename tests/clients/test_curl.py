"""curl with the headers and the habits that the other clients do not have."""

import csv
import io
import json
import re
import subprocess
from dataclasses import dataclass

import pyoxigraph as ox
import pytest

from tests.clients.conftest import Served
from tests.clients.questions import ENDLESS, from_json, plain, question
from tests.kit import needs

QUERY = question("titles in six scripts")
JSON = "application/sparql-results+json"
CSV = "text/csv"
DIRECT = "Content-Type: application/sparql-query"


@dataclass(frozen=True, slots=True)
class Told:
    """The last reply: what curl read of it."""

    status: int
    version: str
    media_type: str
    headers: dict[str, str]
    body: bytes


def curl(*words: str, given: bytes = b"") -> Told:
    # What is written out last stands in a line of its own, behind the body.
    show = "\n%{http_code} %{http_version} %{header_json}"
    done = subprocess.run(
        [needs("curl"), "--silent", "--max-time", "20", "--write-out", show, *words],
        input=given,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    body, told = _split(done.stdout)
    status, version, headers = told.split(" ", 2)
    values = {name: ", ".join(each) for name, each in json.loads(headers).items()}
    return Told(int(status), version, values.get("content-type", "").partition(";")[0], values, body)


def _split(text: bytes) -> tuple[bytes, str]:
    place = text.rindex(b"\n", 0, text.rindex(b"{"))
    return text[:place], text[place + 1 :].decode()


def asked(served: Served, *words: str, query: str = QUERY) -> Told:
    return curl("--get", "--data-urlencode", f"query={query}", *words, served.sparql)


def check(served: Served, told: Told, query: str = QUERY) -> None:
    """That the reply is the whole result, in whatever format."""
    assert told.status == 200, told.body
    expected = served.rows(query)
    if told.media_type == JSON:
        assert from_json(json.loads(told.body)) == expected
    elif told.media_type == CSV:
        _, *found = csv.reader(io.StringIO(told.body.decode(), newline=""))
        assert list(map(tuple, found)) == plain(expected)
    else:
        known = {
            "application/sparql-results+xml": ox.QueryResultsFormat.XML,
            "text/tab-separated-values": ox.QueryResultsFormat.TSV,
        }
        assert list(map(tuple, ox.parse_query_results(told.body, format=known[told.media_type]))) == expected


LONG = ", ".join(f"application/x-unheard-of-{n}; level={n}; q=0.{n % 9 + 1}" for n in range(120))
ACCEPT = {
    "none": ("Accept:", JSON),
    "empty": ("Accept;", JSON),
    "commas": ("Accept: ;;,,;q=", JSON),
    "anything": ("Accept: */*", JSON),
    "6 kB and then one": (f"Accept: {LONG}, text/csv; q=0.01", CSV),
    "shouted": ("Accept: TEXT/CSV", CSV),
    "with parameters": ("Accept: text/csv; header=present; charset=UTF-8", CSV),
    "quoted comma": ('Accept: text/plain; a="b,c;q=0", text/csv', CSV),
    "q out of range": ("Accept: text/csv;q=7, text/tab-separated-values;q=0.1", None),
    "q is no number": ("Accept: text/csv;q=much", None),
    "unwanted": (f"Accept: {JSON};q=0, */*;q=0.1", "application/sparql-results+xml"),
    "half": ("Accept: text/*", None),
    "as a program that reads JSON": ("Accept: application/json", JSON),
}


@pytest.mark.parametrize("name", ACCEPT)
def test_an_odd_accept_header_gets_the_whole_result(served, name):
    header, media_type = ACCEPT[name]
    told = asked(served, "-H", header)
    check(served, told)
    assert media_type is None or told.media_type == media_type


def test_a_long_accept_header_that_nothing_fits_is_406(served):
    told = asked(served, "-H", f"Accept: {LONG}")
    assert told.status == 406
    assert JSON.encode() in told.body


@pytest.mark.parametrize(
    "encodings",
    [
        "gzip",
        "br",
        "deflate",
        "zstd",
        "identity",
        "gzip;q=0",
        "*",
        "gzip, br;q=0.1, *;q=0",
        "",
        "GZIP",
        ";;,q=",
    ],
)
def test_an_encoding_is_undone_to_the_whole_result(served, encodings):
    check(served, asked(served, "--compressed", "-H", f"Accept-Encoding: {encodings}"))


def test_encodings_do_not_share_an_etag_with_another_body(served):
    plain_one = asked(served, "-H", "Accept-Encoding: identity")
    packed = asked(served, "-H", "Accept-Encoding: gzip")
    assert "content-encoding" not in plain_one.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] != plain_one.headers["etag"] or packed.headers["etag"].startswith("W/")
    assert "accept-encoding" in plain_one.headers["vary"].lower()


# Nothing is sent before the server says "100 Continue": curl would go on by itself after a second.
PATIENT = ("--expect100-timeout", "60")
BODIES = {
    "direct": ("-H", DIRECT),
    "chunked": ("-H", DIRECT, "-H", "Transfer-Encoding: chunked"),
    "waiting to be told to go on": ("-H", DIRECT, "-H", "Expect: 100-continue", *PATIENT),
    "with a charset": ("-H", f"{DIRECT}; charset=utf-8"),
    "odd case and quotes": ("-H", 'content-TYPE: Application/SPARQL-Query;Charset="UTF-8"'),
    "HTTP/1.0": ("-H", DIRECT, "--http1.0"),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("size", ["short", "long"])
def test_a_posted_query_is_read_whole(served, name, size):
    """The last character counts: without it the query is no query."""
    query = QUERY if size == "short" else f"{QUERY}{' ' * 50_000} OFFSET 0"
    told = curl("--data-binary", "@-", *BODIES[name], served.sparql, given=query.encode())
    check(served, told, query)


@pytest.mark.parametrize(
    "words", [("-H", "Transfer-Encoding: chunked"), ("-H", "Expect: 100-continue", *PATIENT), ("-0",)]
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "APPLICATION/X-WWW-Form-URLencoded; charset=utf-8"]
)
def test_a_form_is_read_whole(served, words, kind):
    check(
        served,
        curl("--data-urlencode", f"query={QUERY}", "-H", f"Content-Type: {kind}", *words, served.sparql),
    )


def test_a_form_of_parts_is_refused_with_a_word(served):
    told = curl("--form", f"query={QUERY}", served.sparql)
    assert told.status == 415
    assert b"application/x-www-form-urlencoded" in told.body


def test_http_1_0_by_get_is_answered(served):
    check(served, asked(served, "--http1.0"))


def test_head_has_the_headers_of_get(served):
    got, head = asked(served), asked(served, "--head")
    assert head.status == 200
    assert head.body.split(b"\r\n\r\n", 1)[1] == b""
    for name in (
        "content-type",
        "etag",
        "vary",
        "cache-control",
        "access-control-allow-origin",
        "content-length",
    ):
        assert head.headers.get(name) == got.headers.get(name), name


def test_a_preflight_allows_what_the_page_of_another_site_needs(served):
    told = curl(
        "-X", "OPTIONS", "-H", "Origin: https://elsewhere.example", "-H", "Access-Control-Request-Method: POST",
        "-H", "Access-Control-Request-Headers: content-type, accept", served.sparql,
    )  # fmt: skip
    assert told.status in (200, 204)
    assert told.body == b""
    assert told.headers["access-control-allow-origin"] == "*"
    assert {"GET", "POST"} <= set(told.headers["access-control-allow-methods"].replace(",", " ").split())
    assert "content-type" in told.headers["access-control-allow-headers"].lower()
    check(served, asked(served, "-H", "Origin: https://elsewhere.example"))


def test_an_etag_that_was_kept_saves_the_second_reply(served, tmp_path):
    file = str(tmp_path / "etag")
    first = asked(served, "--etag-save", file)
    check(served, first)
    again = asked(served, "--etag-compare", file)
    assert (again.status, again.body) == (304, b"")
    other = asked(served, "--etag-compare", file, "-H", "Accept: text/csv")
    check(served, other)


def test_a_range_gets_the_whole_result(served):
    """Half a result must never look whole; a range may be passed over (RFC 9110, 14.2)."""
    check(served, asked(served, "--range", "0-10"))


def test_an_error_on_a_connection_does_not_reach_into_the_next_reply(served):
    """One connection: a mistake, a query, an update, a query."""
    good = f"{served.sparql}?query=SELECT%20%28COUNT%28%2A%29%20AS%20%3Fn%29%20%7B%3Fs%20%3Fp%20%3Fo%7D"
    bad = [f"{served.sparql}?query=SELECT%20%7B", f"{served.sparql}?update=DROP%20ALL"]
    done = subprocess.run(
        [
            needs("curl"),
            "-s",
            "-H",
            f"Accept: {CSV}",
            "-w",
            "\n%{http_code} %{num_connects}\n",
            bad[0],
            good,
            bad[1],
            good,
        ],
        capture_output=True,
        timeout=60,
    )
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if re.fullmatch(r"\d{3} \d", line)] == [
        "400 1",
        "200 0",
        "403 0",
        "200 0",
    ]
    assert [line for line in lines if line.isdigit()] == [str(len(served.oracle))] * 2


def test_whoever_hangs_up_takes_nothing_with_them(served):
    done = subprocess.run(
        [needs("curl"), "-s", "--max-time", "0.5", "--data-urlencode", f"query={ENDLESS}", served.sparql],
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 28  # curl's word for "took too long"
    check(served, asked(served))
