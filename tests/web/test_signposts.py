"""Signposting, levels 1 and 2: what headers and linksets tell a program of a record, as a foreign parser reads it."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from httplink import parse_link_header
from hypothesis import given, settings
from signposting import find_signposting_http_link
from signposting.linkset import Linkset, LinksetJSON, _parse_linkset, _parse_linkset_json

from repository.assembly import open_house, opened
from repository.formats import by_extension
from repository.model.lens import write_work
from repository.model.records import Origin
from repository.model.settings import make_settings
from repository.model.work import File, Person, Text
from repository.web import signposts
from repository.web.app import create_app
from repository.web.http import MAX_LINK, Link, Reply, respond
from repository.web.linkset import FAIR, as_json, as_text, contexts
from repository.web.signposts import Signposts
from repository.web.variants import of_record
from tests.kit import work
from tests.strategies import record_of, works
from tests.web.conftest import ARTICLE, BASE, GONE, MENTIONED, PERSON, SERIES, as_draft, records
from tests.web.test_pages import Outline

PAGE = f"{BASE}record/{ARTICLE}"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
ORCID = "https://orcid.org/0000-0002-1825-0097"
MANY = work(
    "many",
    creators=tuple(Person(f"Author {n}", identifier=f"RePEc:per:1970-01-01:A{n}") for n in range(2000)),
    files=tuple(File(f"https://example.org/{n}.pdf", "application/pdf") for n in range(500)),
)
ODD = work(
    "odd",
    creators=(
        Person("A", identifier=ORCID),
        Person("B", identifier="https://example.org/größe"),
        Person("C", identifier="ftp://example.org/c"),
        Person("D"),
        Person("E", identifier=ORCID),
    ),
    files=(
        File("https://example.org/größe.pdf?q=ä,b;c", "Application/PDF; version=1.4"),
        File("https://example.org/b", "PDF file"),
        File("https://example.org/b", "text/html"),
        File("ftp://example.org/c", "text/plain"),
        File("https://example.org/open", "", "", Text("https://creativecommons.org/licenses/by/4.0/")),
    ),
    dois=("10.1000/<ä>",),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[FlaskClient]:
    folder = str(tmp_path_factory.mktemp("house"))
    house = open_house(make_settings({"data": folder, "base_url": BASE, "metadata_licence": CC0}))
    house.log.append([*records(), as_draft(MANY), as_draft(ODD), as_draft(work("a" * 1900))])
    yield create_app(house).test_client()
    house.close()


def signs(reply, url=PAGE):
    return find_signposting_http_link([reply.headers["Link"]], url)


def targets(found) -> set[str]:
    return {str(each.target) for each in found}


def linkset(client, identifier, extension):
    return client.get(f"/linkset/{identifier}.{extension}")


# -- level 1 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/ld+json"])
def test_the_landing_page_leads_on_whatever_form_it_answers_in(client, accept):
    found = signs(client.get(f"/record/{ARTICLE}", headers={"Accept": accept}))
    assert str(found.citeAs.target) == "https://doi.org/10.1000/abc(1)"
    assert targets(found.types) == {"https://schema.org/AboutPage", "https://schema.org/ScholarlyArticle"}
    assert targets(found.authors) == {f"{BASE}id/{PERSON}"}
    assert {(str(each.target), each.type) for each in found.items} == {
        ("https://example.org/a.pdf", "application/pdf")
    }
    assert found.license is None
    assert str(found.collection.target) == f"{BASE}id/{SERIES}"
    assert {(str(each.target), each.type) for each in found.linksets} == {
        (f"{BASE}linkset/{ARTICLE}.json", "application/linkset+json"),
        (f"{BASE}linkset/{ARTICLE}.txt", "application/linkset"),
    }


def test_each_form_describes_the_page_with_its_type_and_profile(client):
    reply = client.get(f"/record/{ARTICLE}.html")
    described = {str(each.target): each for each in signs(reply).describedBy}
    for address, sign in described.items():
        answer = client.get(address.removeprefix(BASE[:-1]))
        assert (answer.status_code, answer.content_type.split(";")[0]) == (200, sign.type)
    profiles = {address.removeprefix(PAGE + "."): set(each.profiles) for address, each in described.items()}
    assert profiles["schema.jsonld"] == {"https://schema.org"}
    assert profiles["qdc.xml"] == {"http://worldcat.org/xmlschemas/qdc-1.0/"}
    # A second form of a media type stands in the header as far as there is room, and in the linkset always.
    expanded = {"http://www.w3.org/ns/json-ld#expanded"}
    assert profiles.get("expanded.jsonld", expanded) == expanded
    # Where the media type is the form's own, it needs no profile.
    assert profiles["ttl"] == profiles["mods.xml"] == set()
    second = {"oai.rdf", "redif.xml", "expanded.jsonld"}
    assert {*profiles, *second} == {*by_extension}


def test_a_form_leads_back_to_the_page_and_the_thing(client):
    reply = client.get(f"/record/{ARTICLE}.mods.xml")
    found = signs(reply, f"{PAGE}.mods.xml")
    assert targets(found.describes) == {PAGE, f"{BASE}id/{ARTICLE}"}
    assert len(found.linksets) == 2
    assert not found.describedBy
    assert not found.items
    assert '<http://www.loc.gov/mods/v3>; rel="profile"' in reply.headers["Link"]
    assert f'<{PAGE}.html>; rel="alternate"; type="text/html"' in reply.headers["Link"]


@pytest.mark.parametrize("path", ["", ".html", ".ttl", ".mods.xml"])
def test_head_gives_the_same_links(client, path):
    got, head = client.get(f"/record/{ARTICLE}{path}"), client.head(f"/record/{ARTICLE}{path}")
    assert head.headers["Link"] == got.headers["Link"]
    assert head.data == b""


def test_without_a_doi_the_things_own_address_is_cited(client):
    assert str(signs(client.get(f"/record/{SERIES}")).citeAs.target) == f"{BASE}id/{SERIES}"


@pytest.mark.parametrize(
    ("identifier", "kind"), [(SERIES, "Periodical"), (PERSON, "Person"), ("local/2020/7.ttl", "CreativeWork")]
)
def test_a_record_says_what_it_is_in_words_of_schema_org(client, identifier, kind):
    assert f"https://schema.org/{kind}" in targets(signs(client.get(f"/record/{identifier}")).types)


def test_a_page_leads_to_its_history(client):
    link = client.get(f"/record/{ARTICLE}").headers["Link"]
    assert f'<{BASE}timegate/{ARTICLE}>; rel="timegate"' in link
    assert f'<{BASE}timemap/{ARTICLE}>; rel="timemap"; type="application/link-format"' in link


def test_the_head_of_the_page_has_them_too(client):
    links = Outline(client.get(f"/record/{ARTICLE}.html").text).all("link")
    found = {(link["rel"], link["href"]) for link in links}
    assert {
        ("cite-as", "https://doi.org/10.1000/abc(1)"),
        ("linkset", f"{BASE}linkset/{ARTICLE}.json"),
        ("type", "https://schema.org/ScholarlyArticle"),
        ("timegate", f"{BASE}timegate/{ARTICLE}"),
    } <= found


@pytest.mark.parametrize("path", ["", ".html", ".ttl"])
@pytest.mark.parametrize("name", ["many", "a" * 1900, "1", "odd"])
def test_pitfall_21_no_header_outgrows_a_proxy(client, name, path):
    reply = client.get(f"/record/RePEc:xxx:joujou:{name}{path}")
    assert reply.status_code == 200
    assert 100 < len(reply.headers["Link"]) <= MAX_LINK <= 4096
    # nginx wants all headers in 4 kB, with what its cache notes beside them.
    assert sum(len(name) + len(value) + 4 for name, value in reply.headers.items()) < 3600
    parse_link_header(reply.headers["Link"])


def test_the_header_has_the_same_links_before_there_is_a_date_and_after() -> None:
    """A record of this second has no Last-Modified yet; caches would see links come and go under one entity tag."""
    links = tuple(Link(f"https://example.org/{n}", "item") for n in range(500))
    reply = Reply(lambda: b"x", "text/turtle", tag="t", modified=0, links=links)
    now = int(time.time())
    old, new = (respond(replace(reply, modified=modified), {}).headers for modified in (0, now))
    assert "Last-Modified" in old
    assert "Last-Modified" not in new
    assert (old["ETag"], old["Link"]) == (new["ETag"], new["Link"])


def test_what_does_not_fit_into_the_header_is_in_the_linkset(client):
    page = client.get(f"/record/{MANY.identifier}")
    assert len(signs(page).authors) == len(signs(page).items) == 5
    assert len(signs(page).describedBy) > 10
    found = json.loads(linkset(client, MANY.identifier, "json").data)["linkset"]
    assert [len(found[0][rel]) for rel in ("author", "item")] == [2000, 500]
    assert found[0]["author"][1999] == {"href": f"{BASE}id/RePEc:per:1970-01-01:A1999"}


def test_odd_addresses_and_types_are_uris_and_media_types_or_left_out(client):
    found = json.loads(linkset(client, ODD.identifier, "json").data)["linkset"][0]
    assert found["author"] == [{"href": ORCID}, {"href": "https://example.org/gr%C3%B6%C3%9Fe"}]
    assert found["item"] == [
        {"href": "https://example.org/gr%C3%B6%C3%9Fe.pdf?q=%C3%A4,b;c", "type": "application/pdf"},
        {"href": "https://example.org/b"},
        {"href": "https://example.org/open"},
    ]
    assert found["cite-as"] == [{"href": "https://doi.org/10.1000/%3C%C3%A4%3E"}]
    assert client.get(f"/record/{ODD.identifier}").headers["Link"].isascii()


# -- level 2 ---------------------------------------------------------------------------------------------------

IDENTIFIERS = (ARTICLE, SERIES, PERSON, "local/2020/7.ttl", MENTIONED, ODD.identifier)


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_the_json_is_that_of_rfc_9264_and_nothing_else(client, identifier):
    reply = linkset(client, identifier, "json")
    assert reply.content_type == "application/linkset+json"
    document = json.loads(reply.data)
    assert list(document) == ["linkset"]
    for context in document["linkset"]:
        assert re.match(r"https?://", context.pop("anchor"))
        for links in context.values():
            assert isinstance(links, list)
            for link in links:
                assert set(link) <= {"href", "type"}
                assert re.match(r"(?:https?://|urn:)", link["href"])


def test_a_linkset_names_its_profile_to_those_who_ask_for_it_by_that(client):
    bare = client.get(f"/linkset/{ARTICLE}", headers={"Accept": "application/linkset+json"})
    assert bare.content_type == "application/linkset+json"
    assert f'<{FAIR}>; rel="profile"' in bare.headers["Link"]
    asked = f'application/linkset+json;profile="{FAIR}", application/linkset;q=0.5'
    named = client.get(f"/linkset/{ARTICLE}", headers={"Accept": asked})
    assert named.content_type == f'application/linkset+json;profile="{FAIR}"'
    assert named.data == bare.data
    # Profiles that nobody here knows are passed over (RFC 6906).
    other = client.get(f"/linkset/{ARTICLE}", headers={"Accept": 'application/linkset;profile="urn:other"'})
    assert other.content_type == "application/linkset"


# RFC 8288, section 3, with the line ends that RFC 9264, section 4.1 allows besides.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LINK = rf'<[^<>"{{}}|\\^`\s]+>(?:[ \t]*;[ \t]*{_TOKEN}="(?:[^"\\]|\\.)*")*'
_FIELD = re.compile(rf"\s*{_LINK}(?:\s*,\s*{_LINK})*\s*")


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_the_text_is_a_link_header_with_an_anchor_in_each_link(client, identifier):
    reply = linkset(client, identifier, "txt")
    assert reply.content_type == "application/linkset"
    assert _FIELD.fullmatch(reply.text)
    assert reply.text.count("; anchor=") == reply.text.count("; rel=")


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_both_notations_say_the_same_to_a_foreign_parser(client, identifier):
    address = f"{BASE}linkset/{identifier}"
    text = _parse_linkset(
        Linkset(linkset(client, identifier, "txt").text, "application/linkset", address, address)
    )
    tree = _parse_linkset_json(
        LinksetJSON(linkset(client, identifier, "json").text, "application/linkset+json", address, address)
    )

    def said(found):
        return {(str(s.context), str(s.rel), str(s.target), s.type) for s in found.signposts}

    assert said(text) == said(tree)
    assert said(tree)


def test_page_forms_and_files_each_have_a_context_of_their_own(client):
    found = {each["anchor"]: each for each in json.loads(linkset(client, ARTICLE, "json").data)["linkset"]}
    page = found.pop(PAGE)
    assert "license" not in page
    assert page["cite-as"] == [{"href": "https://doi.org/10.1000/abc(1)"}]
    assert {each["href"] for each in page["describedby"]} == {
        f"{PAGE}.{extension}" for extension in by_extension
    }
    assert {f"{PAGE}.{extension}" for extension in by_extension} < set(found)
    for address, form in found.items():
        if address.startswith(PAGE):
            assert {"href": PAGE} in form["describes"]
            assert form["license"] == [{"href": CC0}]
    assert found["https://example.org/a.pdf"] == {
        "anchor": "https://example.org/a.pdf",
        "collection": [{"href": PAGE}],
    }
    assert found[f"{PAGE}.mods.xml"]["profile"] == [{"href": "http://www.loc.gov/mods/v3"}]


CC_BY = "https://creativecommons.org/licenses/by/4.0/"
CC_BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"
A_FILE, ANOTHER = "https://example.org/a.pdf", "https://example.org/b.pdf"


@pytest.mark.parametrize(
    ("said", "of_files", "licence"),
    [
        ("", (CC_BY,), CC_BY),
        ("", (CC_BY, f"Open access ({CC_BY})"), CC_BY),
        (CC_BY_NC, (), CC_BY_NC),
        (CC_BY_NC, (CC_BY, ""), CC_BY_NC),
        ("", (CC_BY, ""), ""),
        ("", (CC_BY, CC_BY_NC), ""),
        ("", ("For subscribers only",), ""),
        ("", (), ""),
    ],
)
def test_the_page_has_the_licence_of_the_whole_work_and_never_that_of_the_record(
    house, fresh, said, of_files, licence
):
    files = tuple(
        File(address, "application/pdf", restriction=Text(text) if text else None)
        for address, text in zip((A_FILE, ANOTHER), of_files, strict=False)
    )
    made = work("licensed", files=files, restriction=Text(said) if said else None)
    house.log.append([as_draft(made)])
    reply = fresh.get(f"/record/{made.identifier}.html")
    found = signs(reply, f"{BASE}record/{made.identifier}").license
    assert (str(found.target) if found else "") == licence
    heads = [link["href"] for link in Outline(reply.text).all("link") if link["rel"] == "license"]
    assert heads == ([licence] if licence else [])


def test_a_file_has_the_licence_that_its_record_states(client):
    found = json.loads(linkset(client, ODD.identifier, "json").data)["linkset"][-1]
    assert found["license"] == [{"href": "https://creativecommons.org/licenses/by/4.0/"}]


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("application/linkset", "txt"),
        ("application/linkset+json", "json"),
        ("application/json", "json"),
        ("application/linkset;q=0.9, application/linkset+json;q=0.5", "txt"),
    ],
)
def test_the_linkset_is_negotiated_at_its_bare_address(client, accept, extension):
    reply = client.get(f"/linkset/{ARTICLE}", headers={"Accept": accept} if accept else {})
    fixed = linkset(client, ARTICLE, extension)
    assert reply.data == fixed.data
    assert reply.headers["Content-Location"] == f"{BASE}linkset/{ARTICLE}.{extension}"
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    assert reply.headers["ETag"] == fixed.headers["ETag"]
    again = client.get(
        f"/linkset/{ARTICLE}", headers={"Accept": accept or "*/*", "If-None-Match": reply.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_linkset_in_no_type_is_406_with_those_there_are(client):
    reply = client.get(f"/linkset/{ARTICLE}", headers={"Accept": "text/turtle"})
    assert reply.status_code == 406
    assert f"{BASE}linkset/{ARTICLE}.txt" in reply.text


def test_what_is_gone_or_unknown_has_no_linkset(client):
    assert client.get(f"/linkset/{GONE}").status_code == 410
    assert client.get("/linkset/RePEc:nobody:knows:1").status_code == 404
    assert client.get("/linkset/%00").status_code == 404


def test_a_linkset_of_the_most_stays_of_bounded_size(client, monkeypatch):
    monkeypatch.setattr("repository.web.signposts.MOST", 100)
    monkeypatch.setattr("repository.web.linkset.MOST", 100)
    found = json.loads(linkset(client, MANY.identifier, "json").data)["linkset"]
    assert [len(found[0][rel]) for rel in ("author", "item")] == [100, 100]
    assert len(found) == 1 + len(by_extension) + 100


def test_works_are_remembered_by_their_size_and_not_by_their_number():
    for number in range(5):
        large = work(number, abstracts=(Text("x" * 3_000_000),))
        assert signposts.work_of(large.identifier, write_work(large)) == large
    assert signposts._seen.cache.currsize <= 8 << 20


@settings(deadline=None, max_examples=40)
@given(works())
def test_whatever_a_record_holds_its_links_are_links(made):
    site = make_settings({"base_url": BASE}).site
    record = record_of(made)
    choices = of_record(record, site, bytes)
    signs = Signposts(site, made.identifier, choices, record, CC0)
    for chosen in (None, choices[0], choices[-1]):
        for extension in ("", chosen.extension if chosen else "nothing"):
            header = ", ".join(str(link) for link in signs.header(chosen, extension))
            assert header.isascii()
            assert _FIELD.fullmatch(header)
    assert _FIELD.fullmatch(as_text(contexts(signs)).decode())
    assert list(json.loads(as_json(contexts(signs)))) == ["linkset"]


# -- forms of JSON-LD by profile -------------------------------------------------------------------------------

JSON_LD = {
    "application/ld+json": ("jsonld", ""),
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"': ("jsonld", ""),
    'application/ld+json;profile="http://example.org/unknown"': ("jsonld", ""),
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"': (
        "expanded.jsonld",
        "http://www.w3.org/ns/json-ld#expanded",
    ),
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#flattened"': (
        "expanded.jsonld",
        "http://www.w3.org/ns/json-ld#expanded",
    ),
    'application/ld+json;profile="https://schema.org/"': ("schema.jsonld", "https://schema.org"),
    'application/ld+json; profile="http://schema.org"': ("schema.jsonld", "https://schema.org"),
}


@pytest.mark.parametrize(("accept", "expected"), JSON_LD.items(), ids=JSON_LD)
def test_a_profile_chooses_the_form_of_json_ld(client, accept, expected):
    extension, profile = expected
    reply = client.get(f"/record/{ARTICLE}", headers={"Accept": accept})
    fixed = client.get(f"/record/{ARTICLE}.{extension}", headers={"Accept": "image/png"})
    assert reply.headers["Content-Location"] == f"{PAGE}.{extension}"
    assert reply.content_type == "application/ld+json" + (f';profile="{profile}"' if profile else "")
    assert (reply.data, reply.content_type) == (fixed.data, fixed.content_type)
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    if profile:
        assert f'<{profile}>; rel="profile"' in reply.headers["Link"]
        assert f'<{profile}>; rel="profile"' in fixed.headers["Link"]


def test_pitfall_1_forms_of_json_ld_share_no_tag(client):
    tags = {
        accept: client.get(f"/record/{ARTICLE}", headers={"Accept": accept}).headers["ETag"]
        for accept in JSON_LD
    }
    assert len(set(tags.values())) == 3
    for accept, (extension, _) in JSON_LD.items():
        for other, (its, _) in JSON_LD.items():
            asked = {"Accept": accept, "If-None-Match": tags[other]}
            status = client.get(f"/record/{ARTICLE}", headers=asked).status_code
            assert status == (304 if extension == its else 200)


@pytest.mark.parametrize(
    ("rights", "licence"),
    [
        ((), None),
        ((CC_BY,), CC_BY),
        ((CC_BY, "<p xmlns='urn:x'>Ours</p>"), CC_BY),
        ((CC_BY, CC_BY_NC), None),
        (("<p xmlns='urn:x'>Ours</p>",), None),
    ],
)
def test_our_licence_is_not_told_of_the_metadata_that_was_harvested(tmp_path, rights, licence):
    way = Origin("https://there.example/oai", "oai:there:1", "2026-01-01", "urn:x", 0, False, rights)
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE, "metadata_licence": CC0})) as house:
        house.log.append([replace(as_draft(work("theirs")), origin=(way,)), as_draft(work("own"))])
        client = create_app(house).test_client()
        for name, stated in (("theirs", licence), ("own", CC0)):
            page = f"/record/RePEc:xxx:joujou:{name}"
            found = signs(client.get(f"{page}.ttl"), f"{BASE[:-1]}{page}.ttl").license
            assert (str(found.target) if found else None) == stated
            contexts = json.loads(linkset(client, f"RePEc:xxx:joujou:{name}", "json").data)["linkset"]
            told = {each["license"][0]["href"] if "license" in each else None for each in contexts[1:]}
            assert told == {stated}
            assert (CC0 in client.get(f"{page}.html").text) == (name == "own")
