"""Conditional requests: the order of RFC 9110, 13.2.2, and what proxies that compress make of our tags."""

import time

import pytest

from repository.web import conditions
from tests.kit import draft
from tests.web.conftest import ARTICLE

URL = f"/record/{ARTICLE}.ttl"
STATES = f"/record/{ARTICLE}"
OLD, NOW = "Thu, 01 Jan 2015 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture
def tag(client) -> str:
    return client.get(URL).headers["ETag"]


ORDER = {
    "nothing asked": ({}, 200),
    "If-Match of this one": ({"If-Match": "{tag}"}, 200),
    "If-Match of any": ({"If-Match": "*"}, 200),
    "If-Match among others": ({"If-Match": '"a", {tag} ,"b"'}, 200),
    "If-Match of another": ({"If-Match": '"another"'}, 412),
    "If-Match of nothing": ({"If-Match": ""}, 412),
    "If-Unmodified-Since before": ({"If-Unmodified-Since": OLD}, 412),
    "If-Unmodified-Since after": ({"If-Unmodified-Since": NOW}, 200),
    "If-Unmodified-Since never": ({"If-Unmodified-Since": "yesterday"}, 200),
    "If-Match outranks If-Unmodified-Since": ({"If-Match": "{tag}", "If-Unmodified-Since": OLD}, 200),
    "what fails first is told first": ({"If-Match": '"another"', "If-None-Match": "{tag}"}, 412),
    "then If-None-Match": ({"If-Match": "{tag}", "If-None-Match": "{tag}"}, 304),
    "then If-Modified-Since": ({"If-Unmodified-Since": NOW, "If-Modified-Since": NOW}, 304),
    "If-None-Match outranks If-Modified-Since": ({"If-None-Match": '"x"', "If-Modified-Since": NOW}, 200),
    "If-None-Match of any": ({"If-None-Match": "*"}, 304),
    "If-None-Match without quotes is no tag": ({"If-None-Match": "x"}, 200),
    "Range is not supported": ({"Range": "bytes=0-10"}, 200),
    "If-Range neither": ({"Range": "bytes=0-10", "If-Range": "{tag}"}, 200),
}


@pytest.mark.parametrize(("headers", "status"), ORDER.values(), ids=ORDER)
def test_conditions_are_judged_in_the_order_of_rfc_9110(client, tag, headers, status):
    sent = {name: value.replace("{tag}", tag) for name, value in headers.items()}
    reply = client.get(URL, headers=sent)
    assert reply.status_code == status
    assert client.head(URL, headers=sent).status_code == status
    assert reply.headers["ETag"] == tag
    assert ("Accept-Ranges" in reply.headers) == (status != 412)
    assert "Content-Range" not in reply.headers


def test_a_refused_condition_says_so_and_is_not_kept(client):
    reply = client.get(STATES, headers={"If-Match": '"another"'})
    assert (reply.status_code, reply.content_type) == (412, "text/plain; charset=utf-8")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Location" not in reply.headers
    assert "Link" not in reply.headers
    assert b"If-Match" in reply.data


@pytest.mark.parametrize(
    "path", ["/record/RePEc:nobody:knows:1", f"/id/{ARTICLE}", "/record/RePEc:xxx:joujou:9"]
)
def test_conditions_of_what_is_no_200_are_ignored(client, path):
    """RFC 9110, 13.2.1."""
    without = client.get(path).status_code
    assert client.get(path, headers={"If-Match": '"x"', "If-None-Match": "*"}).status_code == without


# -- what proxies make of a tag --------------------------------------------------------------------------------

ALTERED = {
    "nginx, gzip": 'W/"{}"',
    "Apache, mod_deflate": '"{}-gzip"',
    "Apache, mod_brotli": '"{}-br"',
    "Apache of old, and Jetty": '"{}--gzip"',
    "Jetty": '"{};gzip"',
    "both": 'W/"{}-gzip"',
}


@pytest.mark.parametrize("form", ALTERED.values(), ids=ALTERED)
def test_a_tag_that_a_compressing_proxy_altered_is_still_this_one(client, tag, form):
    given = form.format(tag.strip('"'))
    assert client.get(URL, headers={"If-None-Match": given}).status_code == 304
    assert client.get(URL, headers={"If-Match": given}).status_code == 200
    assert client.get(URL, headers={"If-Match": f'"x", {given}'}).status_code == 200
    other = form.format("another")
    assert client.get(URL, headers={"If-None-Match": other}).status_code == 200
    assert client.get(URL, headers={"If-Match": other}).status_code == 412


def test_a_tag_of_one_coding_confirms_no_other(client, tag):
    coded = client.get(URL, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert coded != tag
    assert client.get(URL, headers={"If-None-Match": coded}).status_code == 200
    assert client.get(URL, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"}).status_code == 200
    reply = client.get(URL, headers={"If-None-Match": coded, "Accept-Encoding": "gzip"})
    assert (reply.status_code, reply.headers["ETag"]) == (304, coded)


def test_a_tag_of_another_coding_is_the_same_state(client, tag):
    """If-Match asks whether the record is as it was; the coding in which it was read makes no difference."""
    coded = client.get(URL, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert client.get(URL, headers={"If-Match": coded}).status_code == 200
    assert client.get(URL, headers={"If-Match": tag, "Accept-Encoding": "gzip"}).status_code == 200


def test_a_proxy_that_unpacks_weakens_the_tag_of_what_was_packed(client):
    coded = client.get(URL, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert client.get(URL, headers={"If-None-Match": f"W/{coded}"}).status_code == 304


@pytest.mark.parametrize("accept", ["text/html", "application/ld+json", "application/xml"])
def test_pitfall_1_no_altered_tag_confirms_another_type(client, accept):
    turtle = client.get(STATES, headers={"Accept": "text/turtle"}).headers["ETag"].strip('"')
    for form in ALTERED.values():
        reply = client.get(STATES, headers={"Accept": accept, "If-None-Match": form.format(turtle)})
        assert reply.status_code == 200
        reply = client.get(STATES, headers={"Accept": accept, "If-Match": form.format(turtle)})
        assert reply.status_code == 412


@pytest.mark.parametrize("form", ALTERED.values(), ids=ALTERED)
@pytest.mark.parametrize("hashed", ["zL7x-", "zL7x--", "-", "zL7x_"])
def test_a_hash_that_ends_in_a_hyphen_survives_what_proxies_append(hashed, form):
    """One hash in 64 does: base64url has `-` for its 62nd letter."""
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"):
        status = 304 if name == "HTTP_IF_NONE_MATCH" else 200
        assert conditions.status(f'"{hashed}"', None, {name: form.format(hashed)}) == status


def test_a_hash_that_ends_like_a_suffix_is_still_itself():
    for given in ('"abc-br"', 'W/"abc-br"', '"abc-br-gzip"'):
        assert conditions.status('"abc-br"', None, {"HTTP_IF_NONE_MATCH": given}) == 304


def test_a_change_is_noticed_by_every_form_of_the_tag(fresh, house):
    old = fresh.get(URL).headers["ETag"].strip('"')
    house.log.append([draft(1, "Another title")])
    for form in ('"{}"', *ALTERED.values()):
        assert fresh.get(URL, headers={"If-None-Match": form.format(old)}).status_code == 200
        assert fresh.get(URL, headers={"If-Match": form.format(old)}).status_code == 412


@pytest.mark.parametrize(
    "given",
    [
        '"' * 100_000,
        'W/"' * 50_000,
        '"a",' * 100_000,
        "," * 100_000,
        "W/" * 50_000,
        '"a' + "-gzip" * 20_000 + '"',
    ],
    ids=["quotes", "weak", "tags", "commas", "weakness", "suffixes"],
)
def test_hostile_lists_of_tags_cost_next_to_nothing(given):
    start = time.process_time()
    for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"):
        assert conditions.status('"b"', 1, {name: given}) in (200, 412)
    assert time.process_time() - start < 0.5


# -- what every reply says to caches ---------------------------------------------------------------------------

KEPT = {
    "a record": (STATES, {}, 200, "public, max-age=60"),
    "a page": (f"{STATES}.html", {}, 200, "public, max-age=60"),
    "a linkset": (f"/linkset/{ARTICLE}", {}, 200, "public, max-age=60"),
    "a derived page": ("/record/jel:Q57", {}, 200, "public, max-age=60"),
    "the way to a record": (f"/id/{ARTICLE}", {}, 303, "public, max-age=300"),
    "the way of a DOI": ("/doi/10.1000/abc(1)", {}, 303, "public, max-age=300"),
    "what is not there": ("/record/RePEc:nobody:knows:1", {}, 404, "public, max-age=60"),
    "no such form": (f"{STATES}:x.bib", {}, 404, "public, max-age=60"),
    "no such type": (STATES, {"Accept": "image/png"}, 406, "public, max-age=60"),
    "what is gone": ("/record/RePEc:xxx:joujou:9", {}, 410, "public, max-age=60"),
    "the context": ("/context/v1.jsonld", {}, 200, "public, max-age=31536000, immutable"),
    "the newest context": ("/context.jsonld", {}, 200, "public, max-age=300"),
    "health": ("/healthz", {}, 200, "no-store"),
    "OAI-PMH": ("/oai?verb=Identify", {}, 200, "no-cache"),
}


@pytest.mark.parametrize(("path", "headers", "status", "cache"), KEPT.values(), ids=KEPT)
def test_every_kind_of_reply_says_how_long_it_may_be_kept(client, path, headers, status, cache):
    reply = client.get(path, headers=headers)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (status, cache)
    assert len(reply.headers.getlist("Vary")) == 1


@pytest.mark.parametrize(
    "accept", ["text/turtle", "text/html", "application/ld+json", "application/x-bibtex"]
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_pitfall_2_a_304_says_what_the_200_says(client, accept, coding):
    asked = {"Accept": accept, "Accept-Encoding": coding}
    whole = client.get(STATES, headers=asked)
    reply = client.get(STATES, headers=asked | {"If-None-Match": whole.headers["ETag"]})
    assert reply.status_code == 304
    for name in ("ETag", "Vary", "Cache-Control", "Content-Location", "Access-Control-Allow-Origin"):
        assert reply.headers[name] == whole.headers[name]
    assert "Content-Encoding" not in reply.headers
    assert "Link" not in reply.headers
