"""Pitfalls that others fell into, by number: asking for a form of a record, and keeping it (1 to 8, 11, 25)."""

import json
import re
from email.utils import format_datetime
from html.parser import HTMLParser

import pyoxigraph as ox
import pytest
from lxml import etree

from repository.formats import by_extension
from tests.web.accepts import CLIENTS
from tests.web.conftest import ARTICLE, BASE, GONE, MENTIONED, SERIES
from tests.web.steady import steady

URL = f"/record/{ARTICLE}"
KINDS = {
    "text/turtle": "ttl",
    "application/ld+json": "jsonld",
    "application/n-triples": "nt",
    "application/rdf+xml": "rdf",
    "application/trig": "trig",
    "application/x-bibtex": "bib",
    "application/xml": "dc.xml",
    "application/mods+xml": "mods.xml",
    "application/marcxml+xml": "marc.xml",
    "text/html": "html",
}


def get(client, path=URL, accept=None, **headers):
    return client.get(path, headers=({"Accept": accept} if accept is not None else {}) | headers)


@pytest.mark.parametrize("kind", KINDS)
def test_pitfall_01_the_etag_of_one_type_never_confirms_another(client, kind):
    """Browsers keep one ETag a URL: whoever sends that of another type must get a body (CSS#1605)."""
    own = get(client, accept=kind).headers["ETag"]
    for other in KINDS:
        reply = get(client, accept=other, **{"If-None-Match": own})
        assert reply.status_code == (304 if other == kind else 200), (kind, other)
        assert bool(reply.data) is (other != kind)
    packed = get(client, accept=kind, **{"If-None-Match": own, "Accept-Encoding": "gzip"})
    assert packed.status_code == 200


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        (
            "/record/jel:I11",
            ["application/ld+json", 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'],
        ),
        ("/feeds/ldes", ["text/turtle", "application/trig"]),
    ],
)
def test_pitfall_01_equal_bytes_of_two_types_have_two_etags(client, path, kinds):
    one, other = (get(client, path, kind) for kind in kinds)
    assert one.data == other.data
    assert one.headers["Content-Type"] != other.headers["Content-Type"]
    assert one.headers["ETag"] != other.headers["ETag"]


@pytest.mark.parametrize("kind", KINDS)
def test_pitfall_02_one_vary_names_accept_and_the_type_is_that_of_the_body(client, kind):
    fresh = get(client, accept=kind)
    same = get(client, accept=kind, **{"If-None-Match": fresh.headers["ETag"]})
    assert (fresh.status_code, same.status_code) == (200, 304)
    for reply in (fresh, same):
        assert reply.headers.getlist("Vary") == ["Accept, Accept-Encoding"]
    assert fresh.mimetype == kind
    assert _reads_as(fresh.data, kind)


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        (URL, "image/png", 406),
        (f"/record/{SERIES}", "application/x-bibtex", 406),
        ("/record/RePEc:nobody:knows:1", "text/html", 404),
        ("/record/RePEc:nobody:knows:1", "*/*", 404),
        (f"/record/{GONE}", "text/html", 410),
        ("/nothing", "text/html", 404),
    ],
)
def test_pitfall_02_refusals_that_depend_on_accept_say_so(client, path, accept, status):
    reply = get(client, path, accept)
    assert reply.status_code == status
    assert reply.headers.getlist("Vary") == ["Accept, Accept-Encoding"]
    assert reply.mimetype == ("text/html" if accept == "text/html" else "text/plain")
    assert reply.data.startswith(b"<!doctype html>") is (accept == "text/html")


def _reads_as(body: bytes, kind: str) -> bool:
    """Whether a body is what it says: by a parser that knows nothing else."""
    if form := ox.RdfFormat.from_media_type(kind):
        if kind == "application/ld+json":
            return "@context" in json.loads(body)
        return len(list(ox.parse(body, format=form))) > 20
    if kind == "application/x-bibtex":
        return body.lstrip().startswith(b"@")
    if kind == "text/html":
        return body.startswith(b"<!doctype html>")
    return etree.fromstring(body).tag is not None


COMPACTED, EXPANDED = "http://www.w3.org/ns/json-ld#compacted", "http://www.w3.org/ns/json-ld#expanded"
PARAMETERS = {
    "text/turtle; charset=utf-8": "ttl",
    "text/turtle;CHARSET=UTF-8": "ttl",
    f'application/ld+json;profile="{COMPACTED}"': "jsonld",
    f'application/ld+json; profile="{EXPANDED}"': "expanded.jsonld",
    f'application/ld+json;q=0.2, application/ld+json;profile="{EXPANDED}";q=0.9, text/turtle;q=0.5': "expanded.jsonld",
    "text/*;q=0.9, text/html;q=0.1, application/rdf+xml;q=0.5": "ttl",
    "text/turtle;q=0.1, application/rdf+xml;q=0.2, */*;q=0": "rdf",
    "text/turtle;q=0, */*": "jsonld",
    "text/html, application/rdf+xml, application/n-triples": "nt",
}


@pytest.mark.parametrize(("accept", "extension"), PARAMETERS.items())
def test_pitfall_03_parameters_of_accept_break_nothing(client, accept, extension):
    """werkzeug's own `best_match` answers the first of these with 406."""
    assert get(client, accept=accept).headers["Content-Location"] == f"{BASE}record/{ARTICLE}.{extension}"


RDF = ("ttl", "nt", "rdf", "jsonld", "trig")


@pytest.mark.parametrize("name", [name for name, (accept, _) in CLIENTS.items() if "html" in (accept or "")])
def test_pitfall_04_clients_of_rdf_that_name_html_get_rdf_and_browsers_html(client, name):
    accept, expected = CLIENTS[name]
    kind = get(client, accept=accept).headers["Content-Location"].removeprefix(f"{BASE}record/{ARTICLE}.")
    assert kind == expected
    if any(
        word in name for word in ("rapper", "rdflib", "comunica", "jena", "f-uji, rdf", "easyrdf", "ruby")
    ):
        assert kind in RDF
    if any(word in name for word in ("chrome", "firefox", "safari", "edge", "opera")):
        assert kind == "html"


@pytest.mark.parametrize("accept", [None, "", "*/*", "*/*;q=0.1"])
@pytest.mark.parametrize("identifier", [ARTICLE, SERIES, MENTIONED, "jel:Q57"])
def test_pitfall_05_no_wish_is_never_406(client, identifier, accept):
    reply = get(client, f"/record/{identifier}", accept)
    assert (reply.status_code, reply.mimetype) == (200, "text/turtle")


@pytest.mark.parametrize("accept", ["image/png", "text/csv", "*/*;q=0"])
@pytest.mark.parametrize("identifier", [ARTICLE, SERIES, MENTIONED, "jel:Q57"])
def test_pitfall_05_406_lists_what_there_is_with_links(client, identifier, accept):
    reply = get(client, f"/record/{identifier}", accept)
    assert reply.status_code == 406
    listed = re.findall(r"^  (\S+)  (\S+)$", reply.text, re.MULTILINE)
    assert {"text/turtle", "application/ld+json", "application/rdf+xml", "text/html"} <= {
        kind for kind, _ in listed
    }
    for kind, address in listed:
        found = get(client, address.removeprefix(BASE[:-1]), accept)
        assert (found.status_code, found.mimetype) == (200, kind)
    assert 'rel="alternate"' in reply.headers["Link"] or 'rel="describedby"' in reply.headers["Link"]


MALFORMED = {
    "absent": None,
    "empty": "",
    "separators": ";;,,;q=",
    "6 kB": "a/b;q=0.1," * 620,
    "60 kB": "a/b;q=0.1," * 6200,
    "quotes": 'application/ld+json;profile="' * 50,
    "binary": "\x80\xff/\x01;q=\x02",
    "numbers": "text/turtle;q=1e309, text/html;q=-1, */*;q=nan",
    "stars": "*/turtle, */*/*, *, **",
    "slashes": "////,/,//;q=1",
}


@pytest.mark.parametrize("accept", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize(
    "path",
    [URL, f"{URL}.ttl", f"/id/{ARTICLE}", f"/record/{MENTIONED}", f"/linkset/{ARTICLE}", f"/links/citations/{ARTICLE}",
     f"/timemap/{ARTICLE}", "/vocab", "/", "/sparql", "/.well-known/void", "/nothing", "/dumps/"],
)  # fmt: skip
def test_pitfall_06_no_accept_header_is_a_failure(client, path, accept):
    assert get(client, path, accept).status_code < 500


# The names that IANA knows; and those that it does not, by which every registrar of DOIs is asked.
REGISTERED = {
    "text/turtle", "text/html", "text/plain", "application/ld+json", "application/n-triples", "application/rdf+xml",
    "application/trig", "application/n-quads", "application/xml", "application/mods+xml", "application/marcxml+xml",
    "application/linkset", "application/linkset+json", "application/link-format", "application/atom+xml",
    "application/x-bibtex", "application/x-research-info-systems", "application/vnd.citationstyles.csl+json",
}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [URL, f"/record/{SERIES}", f"/record/{MENTIONED}", f"/linkset/{ARTICLE}", f"/links/citations/{ARTICLE}",
     f"/timemap/{ARTICLE}", "/vocab", "/.well-known/void"],
)  # fmt: skip
def test_pitfall_07_no_media_type_is_made_up(client, path):
    refused = get(client, path, "image/png")
    assert refused.status_code == 406
    offered = dict(re.findall(r"^  (\S+)  (\S+)$", refused.text, re.MULTILINE))
    assert len(offered) >= 2
    assert set(offered) <= REGISTERED


def test_pitfall_07_a_profile_is_a_parameter_and_a_link(client):
    for extension, profile in {
        "jsonld": COMPACTED,
        "expanded.jsonld": EXPANDED,
        "schema.jsonld": "https://schema.org",
    }.items():
        reply = get(client, f"{URL}.{extension}")
        assert reply.mimetype == "application/ld+json"
        assert f'<{profile}>; rel="profile"' in reply.headers["Link"]


class Links(HTMLParser):
    """(rel, href, type) of the `<link>` elements in a page's head."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "link":
            about = dict(attrs)
            self.found.append((about["rel"], about["href"], about.get("type") or ""))


def links(header: str) -> list[tuple[str, str, str]]:
    """(rel, target, type) of a Link header."""
    return re.findall(r'<([^>]*)>; rel="([^"]+)"(?:; type="([^"]+)")?', header)


@pytest.mark.parametrize("extension", by_extension)
def test_pitfall_08_every_form_has_an_address_of_its_own_that_is_advertised(client, extension):
    address = f"{BASE}record/{ARTICLE}.{extension}"
    answers = {
        (reply.status_code, reply.content_type, reply.data)
        for accept in (None, "*/*", "text/html", "image/png", "application/rdf+xml")
        for reply in [get(client, f"{URL}.{extension}", accept)]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 200
    page = get(client, accept="text/html")
    in_header = [target for target, _, _ in links(page.headers["Link"])]
    if extension in RDF:
        assert address in in_header
    # What no longer fits into a header that a proxy lets through is in the linkset, which the header names.
    linkset = f"{BASE}linkset/{ARTICLE}.json"
    assert linkset in in_header
    assert (
        address in in_header or f'"{address}"'.encode() in get(client, linkset.removeprefix(BASE[:-1])).data
    )
    assert address in [href for _, href, _ in Links(page.text).found]
    assert f'href="{address}"' in page.text.split("<body", 1)[1]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded"]
)
@pytest.mark.parametrize("kind", [*KINDS, "application/linkset+json"])
def test_pitfall_11_subjects_come_from_the_configured_base(client, header, kind):
    path = f"/linkset/{ARTICLE}" if "linkset" in kind else URL
    value = 'host="evil.example";proto=gopher' if header == "Forwarded" else "evil.example"
    honest, poisoned = get(client, path, kind), get(client, path, kind, **{header: value})
    assert (honest.data, steady(honest.headers)) == (poisoned.data, steady(poisoned.headers))


def test_pitfall_25_typed_links_are_found_without_a_script_and_tell_the_truth(client):
    """In the header and in the head; each `type` is that of what is there (F-UJI#144, #336)."""
    page = get(client, accept="text/html")
    in_header = links(page.headers["Link"])
    in_head = [(href, rel, kind) for rel, href, kind in Links(page.text).found]
    for found in (in_header, in_head):
        rels = {rel for _, rel, _ in found}
        assert {"cite-as", "type", "linkset"} <= rels
        assert rels & {"describedby", "alternate"}
        typed = [(target, kind) for target, _, kind in found if kind and target.startswith(BASE)]
        assert len(typed) > 10
        for target, kind in typed:
            reply = get(client, target.removeprefix(BASE[:-1]), "*/*")
            assert (reply.status_code, reply.mimetype) == (200, kind), target


def test_pitfall_25_the_page_says_in_json_ld_what_assessors_look_for(client):
    page = get(client, accept="text/html").text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    about = json.loads(script)
    assert about["@context"].startswith("https://schema.org")
    assert about["@type"] == "ScholarlyArticle"
    assert about["name"] == "Ferries & <lighthouses>"
    assert [each["name"] for each in about["author"]] == ["Ada Garden", "عمر المنارة"]


def test_pitfall_25_the_date_of_a_record_is_that_of_its_last_change(client):
    said = get(client, f"{URL}.nt")
    (stamp,) = re.findall(r'modified> "([^"]+)Z"', said.text)
    assert said.headers["Last-Modified"] == format_datetime(said.last_modified, usegmt=True)
    assert said.last_modified.strftime("%Y-%m-%dT%H:%M:%S") == stamp
