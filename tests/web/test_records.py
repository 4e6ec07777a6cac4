"""Things, records and DOIs: where they answer, in which form, and what caches are told."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pyoxigraph as ox
import pytest

from repository.web.app import create_app
from repository.web.http import MAX_LINK
from tests.kit import draft
from tests.web.conftest import ARTICLE, BASE, GONE, HEIR, MENTIONED, MOVED, PERSON, SERIES
from tests.web.steady import steady

URL = f"/record/{ARTICLE}"
TYPES = {
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "expanded.jsonld": 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"',
    "schema.jsonld": 'application/ld+json;profile="https://schema.org"',
    "trig": "application/trig",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml; charset=utf-8",
    "oai.rdf": "application/rdf+xml; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "csl.json": "application/vnd.citationstyles.csl+json",
    "redif": "text/plain; charset=utf-8",
    "redif.xml": "application/xml; charset=utf-8",
    "dc.xml": "application/xml; charset=utf-8",
    "qdc.xml": "application/xml; charset=utf-8",
    "datacite.xml": "application/xml; charset=utf-8",
    "openaire.xml": "application/xml; charset=utf-8",
    "mods.xml": "application/mods+xml",
    "marc.xml": "application/marcxml+xml",
    "html": "text/html; charset=utf-8",
}


def vary(reply) -> set[str]:
    assert len(reply.headers.getlist("Vary")) == 1
    return {name.strip() for name in reply.headers["Vary"].split(",")}


# -- addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "RePEc:xxx:joujou:1",
        "RePEc%3Axxx%3Ajoujou%3A1",
        "repec:XXX:JouJou:1",
        "REPEC%3axxx:joujou:1",
        "RePEc:xxx:joujou:1/",
    ],
)
def test_every_spelling_of_a_handle_is_one_record(client, spelling):
    reply = client.get(f"/id/{spelling.rstrip('/')}")
    assert reply.status_code == 303
    assert reply.headers["Location"] == BASE + URL[1:]
    assert client.get(f"/record/{spelling.rstrip('/')}").data == client.get(URL).data


@pytest.mark.parametrize("identifier", [GONE, SERIES, MENTIONED, "jel:Q57", "local/2020/7.ttl"])
def test_a_thing_leads_to_its_record_whatever_that_is(client, identifier):
    reply = client.get(f"/id/{identifier}")
    assert (reply.status_code, reply.headers["Location"]) == (303, f"{BASE}record/{identifier}")
    assert "max-age" in reply.headers["Cache-Control"]


@pytest.mark.parametrize(("extension", "media_type"), TYPES.items())
def test_every_format_has_an_address_that_ignores_accept(client, extension, media_type):
    reply = client.get(f"{URL}.{extension}", headers={"Accept": "image/png"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
    assert vary(reply) == {"Accept-Encoding"}
    assert "Content-Location" not in reply.headers


def test_the_exact_identifier_comes_before_an_extension(fresh, house):
    reply = fresh.get("/record/local/2020/7.ttl", headers={"Accept": "application/n-triples"})
    assert reply.headers["Content-Type"] == "application/n-triples"
    house.log.append([draft("1.ttl", "Named like a format")])
    assert b"Named like a format" in fresh.get(f"{URL}.ttl", headers={"Accept": "application/n-triples"}).data


def test_an_extension_that_does_not_apply_says_which_do(client):
    reply = client.get(f"/record/{SERIES}.bib")
    assert reply.status_code == 404
    assert f"{BASE}record/{SERIES}.ttl".encode() in reply.data


@pytest.mark.parametrize("path", ["10.1000/abc(1)", "10.1000/ABC(1)", "10.1000/ABC%281%29"])
def test_a_doi_leads_to_its_thing(client, path):
    reply = client.get(f"/doi/{path}")
    assert (reply.status_code, reply.headers["Location"]) == (303, f"{BASE}id/{ARTICLE}")


def test_a_doi_with_brackets_does_too(client):
    reply = client.get("/doi/10.1002/1097%3C1::AID%3E3.0.CO;2-1")
    assert (reply.status_code, reply.headers["Location"]) == (303, f"{BASE}id/RePEc:xxx:joujou:5")


def test_an_unknown_doi_is_404(client):
    assert client.get("/doi/10.1000/unknown").status_code == 404


# -- negotiation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (None, "ttl"),
        ("*/*", "ttl"),
        ("text/html", "html"),
        ("application/ld+json", "jsonld"),
        ("application/rdf+xml", "rdf"),
        ("application/x-bibtex", "bib"),
        ("application/xml", "dc.xml"),
    ],
)
def test_the_negotiated_answer_says_which_variant_it_is(client, accept, extension):
    reply = client.get(URL, headers={"Accept": accept} if accept else {})
    fixed = client.get(f"{URL}.{extension}")
    assert reply.headers["Content-Location"] == f"{BASE}record/{ARTICLE}.{extension}"
    assert reply.headers["Content-Type"] == fixed.headers["Content-Type"]
    assert reply.data == fixed.data
    assert vary(reply) == {"Accept", "Accept-Encoding"}


def test_a_type_that_cannot_be_had_is_406_with_what_can(client):
    reply = client.get(URL, headers={"Accept": "image/png"})
    assert reply.status_code == 406
    assert vary(reply) == {"Accept", "Accept-Encoding"}
    for extension in TYPES:
        assert f"{BASE}record/{ARTICLE}.{extension}\n".encode() in reply.data
        assert f'<{BASE}record/{ARTICLE}.{extension}>; rel="alternate"' in reply.headers["Link"]


def test_no_format_is_negotiated_that_does_not_apply(client):
    assert client.get(f"/record/{SERIES}", headers={"Accept": "application/x-bibtex"}).status_code == 406
    preferred = "application/x-bibtex, text/turtle;q=0.1"
    assert client.get(f"/record/{SERIES}", headers={"Accept": preferred}).content_type.startswith(
        "text/turtle"
    )


def test_a_record_that_xml_cannot_carry_is_not_offered_as_rdf_xml(fresh, house):
    house.log.append([draft("odd", formats=("oai_dc",))])
    assert fresh.get("/record/RePEc:xxx:joujou:odd.rdf").status_code == 404
    assert "application/rdf+xml" not in fresh.get("/record/RePEc:xxx:joujou:odd").headers["Link"]


# -- validators ------------------------------------------------------------------------------------------------


def test_etags_differ_by_type_and_by_coding(client):
    tags = set()
    for extension in TYPES:
        for coding in ("identity", "gzip"):
            reply = client.get(f"{URL}.{extension}", headers={"Accept-Encoding": coding})
            tags.add(reply.headers["ETag"])
            assert not reply.headers["ETag"].startswith("W/")
    assert len(tags) == 2 * len(TYPES)


def test_an_etag_of_one_type_never_confirms_another(client):
    html = client.get(URL, headers={"Accept": "text/html"}).headers["ETag"]
    reply = client.get(URL, headers={"Accept": "text/turtle", "If-None-Match": html})
    assert reply.status_code == 200


@pytest.mark.parametrize("accept", ["text/turtle", "text/html", "application/ld+json"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', ' "x" ,{} , "y"', "*"])
def test_a_known_etag_is_304_with_what_caches_need(client, accept, form):
    first = client.get(URL, headers={"Accept": accept})
    reply = client.get(URL, headers={"Accept": accept, "If-None-Match": form.format(first.headers["ETag"])})
    assert (reply.status_code, reply.data) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Content-Location"):
        assert reply.headers[name] == first.headers[name]
    assert "Content-Type" not in reply.headers


def test_last_modified_is_the_datestamp(fresh, house):
    reply = fresh.get(f"{URL}.ttl")
    assert (
        parsedate_to_datetime(reply.headers["Last-Modified"]).timestamp() == house.log.get(ARTICLE).datestamp
    )


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 304), (3600, 304)])
def test_if_modified_since_counts_seconds(fresh, house, seconds, status):
    moment = datetime.fromtimestamp(house.log.get(ARTICLE).datestamp, UTC) + timedelta(seconds=seconds)
    since = format_datetime(moment, usegmt=True)
    assert fresh.get(f"{URL}.ttl", headers={"If-Modified-Since": since}).status_code == status


def test_if_none_match_outranks_if_modified_since(client):
    headers = {"If-None-Match": '"another"', "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert client.get(f"{URL}.ttl", headers=headers).status_code == 200


@pytest.mark.parametrize("since", ["yesterday", "", "Fri, 99 Foo 2100 00:00:00 GMT", "0", "\xff"])
def test_a_date_that_is_none_is_ignored(client, since):
    assert client.get(f"{URL}.ttl", headers={"If-Modified-Since": since}).status_code == 200


def test_the_page_has_no_date_because_links_change_it(fresh, house):
    before = fresh.get(f"{URL}.html")
    assert "Last-Modified" not in before.headers
    house.log.append([draft(77, "A late citation", cites=(ARTICLE,))])
    after = fresh.get(f"{URL}.html", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"A late citation" in after.data


def test_a_changed_record_has_another_etag(fresh, house):
    before = fresh.get(f"{URL}.ttl").headers["ETag"]
    house.log.append([draft(1, "Another title")])
    assert fresh.get(f"{URL}.ttl", headers={"If-None-Match": before}).status_code == 200


def test_gzip_only_where_asked_and_worth_it(client):
    plain = client.get(f"{URL}.nt")
    coded = client.get(f"{URL}.nt", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.data) == plain.data
    assert coded.data[4:8] == b"\0\0\0\0"  # no time in it: equal bytes, equal tags
    assert "Content-Encoding" not in client.get(f"/id/{ARTICLE}", headers={"Accept-Encoding": "gzip"}).headers


# -- links -----------------------------------------------------------------------------------------------------


def test_the_link_header_names_the_thing_and_every_format(client):
    link = client.get(URL).headers["Link"]
    assert f'<{BASE}id/{ARTICLE}>; rel="describes"' in link
    assert f'<{BASE}record/{ARTICLE}>; rel="canonical"' in link
    assert f'<{BASE}record/{ARTICLE}.html>; rel="alternate"; type="text/html"' in link
    forms = re.findall(r'<([^>]+)>; rel="describedby"; type="([^"]+)"', link)
    for target, media_type in forms:
        assert client.get(target.removeprefix(BASE[:-1])).content_type.split(";")[0] == media_type
    named = {target.removeprefix(f"{BASE}record/{ARTICLE}.") for target, _ in forms}
    assert named | {"html", "oai.rdf", "redif.xml", "expanded.jsonld"} == set(TYPES)


def test_the_link_header_stays_small_for_long_identifiers(fresh, house):
    name = "a" * 1900
    house.log.append([draft(name)])
    reply = fresh.get(f"/record/RePEc:xxx:joujou:{name}")
    assert reply.status_code == 200
    assert 0 < len(reply.headers["Link"]) <= MAX_LINK


@pytest.mark.parametrize("extension", ["bib", "ris", "csl.json"])
def test_an_exported_reference_has_a_safe_file_name(client, extension):
    reply = client.get(f"{URL}.{extension}")
    assert reply.headers["Content-Disposition"] == f'inline; filename="RePEc_xxx_joujou_1.{extension}"'


@pytest.mark.parametrize(
    "path", [URL, f"{URL}.html", "/", "/oai?verb=Identify", f"/id/{ARTICLE}", "/nothing", "/vocab"]
)
def test_every_answer_may_be_read_from_other_origins_and_never_sniffed(client, path):
    reply = client.get(path)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Expose-Headers"] == "*"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cache-Control" in reply.headers
    assert "Set-Cookie" not in reply.headers


# -- tombstones ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", ".ttl", ".html", ".jsonld"])
def test_a_tombstone_is_410(client, ending):
    reply = client.get(f"/record/{GONE}{ending}")
    assert reply.status_code == 410
    assert b"was deleted" in reply.data
    assert "successor-version" not in reply.headers["Link"]


def test_a_tombstone_names_its_successor(client):
    reply = client.get(f"/record/{MOVED}", headers={"Accept": "text/html"})
    assert reply.status_code == 410
    assert reply.headers["Link"].startswith(f'<{BASE}id/{HEIR}>; rel="successor-version"')
    assert f"{BASE}id/{HEIR}".encode() in reply.data


def test_an_erased_record_is_410(fresh, house):
    house.log.erase("RePEc:xxx:joujou:2")
    assert fresh.get("/record/RePEc:xxx:joujou:2").status_code == 410


# -- derived pages ---------------------------------------------------------------------------------------------

NOTATIONS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
}


def test_what_is_only_linked_to_answers_with_one_graph_in_every_notation(client):
    graphs = {
        extension: {
            str(quad.triple)
            for quad in ox.parse(client.get(f"/record/{MENTIONED}.{extension}").data, format=form)
        }
        for extension, form in NOTATIONS.items()
    }
    assert len(graphs["nt"]) == 5
    assert all(graph == graphs["nt"] for graph in graphs.values())
    assert f'<{BASE}id/{MENTIONED}> <http://purl.org/dc/terms/identifier> "{MENTIONED}"' in graphs["nt"]


def test_what_is_only_linked_to_lists_its_links_for_people(client):
    page = client.get(f"/record/{MENTIONED}", headers={"Accept": "text/html"}).text
    assert "Not described here" in page
    assert f'href="{BASE}id/{ARTICLE}"' in page
    assert "Ferries &amp; &lt;lighthouses&gt;" in page


def test_a_subject_code_answers_with_its_works(client):
    assert f"{BASE}id/{ARTICLE}" in client.get("/record/jel:Q57.html").text


def test_a_person_without_a_record_answers_too(fresh, house):
    house.log.append([draft(50, creators=())])
    assert fresh.get("/id/RePEc:per:1970-01-01:NOBODY").status_code == 404
    assert fresh.get(f"/record/{PERSON}.html").status_code == 200


@pytest.mark.slow
def test_many_inbound_links_are_paged_without_gaps(fresh, house):
    house.log.append([draft(f"c{n}", f"Citing {n}", cites=("RePEc:zzz:absent:1",)) for n in range(230)])
    path, seen = "/record/RePEc:zzz:absent:1.html", []
    while path:
        page = fresh.get(path, headers={"Accept": "text/html"}).text
        seen += re.findall(r"id/RePEc:xxx:joujou:(c\d+)\"", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&").removeprefix(BASE[:-1]) if found else ""
    assert sorted(seen) == sorted(f"c{n}" for n in range(230))


@pytest.mark.parametrize("after", ["x", "a\tb", "a\tb\tc\td", "\t\t", "\0\t\0\t\0", "%", "'\t'\t'"])
def test_a_page_key_that_nobody_gave_is_harmless(client, after):
    reply = client.get(f"/record/{MENTIONED}.html", query_string={"list": "links", "after": after})
    assert reply.status_code == 200


# -- base URL --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mounted", ["/catalogue", ""])
def test_a_prefix_works_whether_the_proxy_strips_it_or_not(open_at, mounted):
    client = create_app(open_at("https://example.org/catalogue")).test_client()
    base = "https://example.org/catalogue/"
    assert client.get(f"{mounted}/id/{ARTICLE}").headers["Location"] == f"{base}record/{ARTICLE}"
    page = client.get(f"{mounted}/record/{ARTICLE}.html").text
    assert f'href="{base}record/{ARTICLE}.ttl"' in page
    style = re.search(r'rel="stylesheet" href="(/catalogue/static/[^"]+)"', page)[1]
    assert client.get(style).content_type.startswith("text/css")
    assert client.get(mounted + "/").status_code == 200
    assert base.encode() in client.get(f"{mounted}/oai?verb=Identify").data


def test_row_28_no_header_moves_an_address(client):
    evil = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example",
    }
    for path in (
        URL,
        f"{URL}.html",
        f"{URL}.jsonld",
        "/",
        f"/id/{ARTICLE}",
        f"/record/{MENTIONED}",
        "/vocab",
        "/nothing",
    ):
        honest, poisoned = client.get(path), client.get(path, headers=evil)
        assert honest.data == poisoned.data, path
        assert steady(honest.headers) == steady(poisoned.headers), path
        assert b"evil" not in poisoned.data
    assert b"evil" not in client.get("/oai?verb=Identify", headers=evil).data
