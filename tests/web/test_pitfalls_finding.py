"""Pitfalls that others fell into, by number: links, lists and versions (21, 22, 26, 27)."""

import json
import re
from email.utils import formatdate

import pyoxigraph as ox
import pytest

from repository.feeds.ldes import PAGE
from repository.formats import by_extension, by_name
from repository.model.work import File, Person
from tests.kit import draft
from tests.web.conftest import ARTICLE, BASE, SERIES
from tests.web.steady import steady

MANY = 200
FORMS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
}
HYDRA = "http://www.w3.org/ns/hydra/core#"


def links(header: str) -> list[dict[str, str]]:
    """The targets of a Link header with their attributes."""
    found = re.findall(r'<([^>]*)>((?:; [a-z]+="[^"]*")*)', header)
    return [
        {"href": target} | dict(re.findall(r'([a-z]+)="([^"]*)"', attributes)) for target, attributes in found
    ]


def targets(reply, rel: str) -> list[str]:
    return [link["href"] for link in links(reply.headers.get("Link", "")) if link["rel"] == rel]


@pytest.fixture
def crowded(house):
    """A work of many authors with handles, many files and a long name."""
    people = tuple(Person(f"Author {n}", identifier=f"RePEc:per:1970-01-01:AUTHOR_{n}") for n in range(MANY))
    files = tuple(File(f"https://example.org/{'x' * 100}/{n}.pdf", "application/pdf") for n in range(MANY))
    house.log.append(
        [draft("crowd", creators=people, files=files), draft("l" * 1900, creators=people, files=files)]
    )
    return house


@pytest.mark.parametrize("identifier", ["RePEc:xxx:joujou:crowd", "RePEc:xxx:joujou:" + "l" * 1900])
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/ld+json", "image/png"])
def test_pitfall_21_the_link_header_is_small_whatever_a_record_holds(fresh, crowded, identifier, accept):
    """nginx and CloudFront answer 502 for more (dspace-angular#5293, invenio-rdm-records#1966)."""
    for path in (
        f"/record/{identifier}",
        f"/record/{identifier}.ttl",
        f"/timegate/{identifier}",
        f"/id/{identifier}",
    ):
        reply = fresh.get(path, headers={"Accept": accept})
        assert reply.status_code in (200, 302, 303, 406)
        assert len(reply.headers.get("Link", "")) <= 4096
        assert len(targets(reply, "author")) <= 10
        assert len(targets(reply, "item")) <= 10


@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_pitfall_21_the_linkset_has_the_rest_and_one_member_alone(fresh, crowded, accept):
    reply = fresh.get("/record/RePEc:xxx:joujou:crowd", headers={"Accept": accept})
    (address,) = (
        link["href"]
        for link in links(reply.headers["Link"])
        if link.get("type") == "application/linkset+json"
    )
    told = fresh.get(address.removeprefix(BASE[:-1]))
    assert told.mimetype == "application/linkset+json"
    document = json.loads(told.data)
    assert list(document) == ["linkset"]
    page = next(
        each for each in document["linkset"] if each["anchor"] == f"{BASE}record/RePEc:xxx:joujou:crowd"
    )
    assert [each["href"] for each in page["author"]] == [
        f"{BASE}id/RePEc:per:1970-01-01:AUTHOR_{n}" for n in range(MANY)
    ]
    assert len(page["item"]) == MANY
    # In the header is a part of it, in the same order; a long link gives way to a shorter one behind it.
    for rel in ("author", "item", "describedby"):
        told = targets(reply, rel)
        assert told
        assert told == [each["href"] for each in page[rel] if each["href"] in told]


@pytest.mark.parametrize("accept", ["application/linkset+json", "application/linkset"])
def test_pitfall_22_every_export_is_a_describedby_with_its_address_type_and_profile(client, accept):
    """Zenodo listed exports without their types (signposting#33)."""
    reply = client.get(f"/linkset/{ARTICLE}", headers={"Accept": accept})
    page = f"{BASE}record/{ARTICLE}"
    if accept.endswith("json"):
        about = {each["anchor"]: each for each in json.loads(reply.data)["linkset"]}
        found = {each["href"]: each["type"] for each in about[page]["describedby"]}
        profiles = {
            address: [each["href"] for each in about[address].get("profile", ())] for address in found
        }
    else:
        told = links(reply.text)
        found = {
            each["href"]: each["type"]
            for each in told
            if each["rel"] == "describedby" and each["anchor"] == page
        }
        profiles = {
            address: [each["href"] for each in told if (each["rel"], each["anchor"]) == ("profile", address)]
            for address in found
        }
    assert set(found) == {f"{page}.{extension}" for extension in by_extension}
    for address, media_type in found.items():
        form = client.get(address.removeprefix(BASE[:-1]), headers={"Accept": "*/*"})
        assert (form.status_code, form.mimetype) == (200, media_type)
        profile = by_extension[address.removeprefix(f"{page}.")].form
        assert profiles[address] == targets(form, "profile") == ([profile] if profile else [])
        assert page in targets(form, "describes")
    # Where a media type is shared, the profile tells them apart; RDF/XML is there twice, and says the same twice.
    told_apart = {
        (kind, *profiles[address]) for address, kind in found.items() if not address.endswith(".oai.rdf")
    }
    assert len(told_apart) == len(found) - 1


def test_pitfall_22_the_forms_of_rdf_stand_in_the_header_itself(client):
    reply = client.get(f"/record/{ARTICLE}", headers={"Accept": "text/html"})
    found = {link["type"] for link in links(reply.headers["Link"]) if link["rel"] == "describedby"}
    assert {"text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"} <= found
    assert {by_name[name].media_type for name in ("turtle", "jsonld", "ntriples", "rdfxml")} <= found


# -- versions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def edited(house):
    """A record with three versions."""
    for number in range(3):
        house.log.append([draft("edited", f"Version {number}")])
    return house


def test_pitfall_26_a_time_map_is_link_format_and_knows_no_date(fresh, edited):
    """pywb#551: a list that depends on Accept-Datetime is the list of nothing."""
    path = "/timemap/RePEc:xxx:joujou:edited"
    plain = fresh.get(path)
    assert plain.mimetype == "application/link-format"
    assert "accept-datetime" not in plain.headers["Vary"].lower()
    assert "Memento-Datetime" not in plain.headers
    for moment in (0, 1_780_000_000, 4_000_000_000):
        asked = fresh.get(path, headers={"Accept-Datetime": formatdate(moment, usegmt=True)})
        assert (asked.status_code, asked.data, steady(asked.headers)) == (
            200,
            plain.data,
            steady(plain.headers),
        )
    listed = links(plain.text)
    mementos = [link for link in listed if "memento" in link["rel"].split()]
    assert len(mementos) == 3
    for link in mementos:
        version = fresh.get(link["href"].removeprefix(BASE[:-1]))
        assert (version.status_code, version.headers["Memento-Datetime"]) == (200, link["datetime"])
    assert {link["rel"] for link in listed} >= {"original", "timegate", "self"}


def test_pitfall_26_versions_are_told_in_prov_and_in_no_vocabulary_that_does_not_exist(fresh, edited):
    """There is no http://mementoweb.org/ns# (LinkedDataHub#364)."""
    name = "RePEc:xxx:joujou:edited"
    for extension, form in FORMS.items():
        text = fresh.get(f"/timemap/{name}.{extension}").data
        assert b"mementoweb" not in text
        assert any(
            "http://www.w3.org/ns/prov#" in quad.predicate.value for quad in ox.parse(text, format=form)
        )
    provenance = fresh.get(f"/record/{name}.trig").data
    assert b"mementoweb" not in provenance
    assert any("prov#" in quad.predicate.value for quad in ox.parse(provenance, format=ox.RdfFormat.TRIG))


def test_pitfall_26_what_may_change_is_never_kept_for_good(fresh, edited):
    for path in (
        "/timemap/RePEc:xxx:joujou:edited",
        "/timegate/RePEc:xxx:joujou:edited",
        "/record/RePEc:xxx:joujou:edited",
    ):
        assert "immutable" not in fresh.get(path).headers["Cache-Control"]
        assert not re.search(r"max-age=\d{4,}", fresh.get(path).headers["Cache-Control"])


def test_pitfall_26_only_what_is_full_is_kept_of_an_event_stream(fresh, house):
    """The root was `immutable` for a week, and nobody saw what was new (VSDS#1212)."""
    house.log.append([draft(f"s{n}", f"Streamed {n}") for n in range(2 * PAGE)])
    root = fresh.get("/feeds/ldes")
    assert root.status_code == 200
    numbers = sorted({int(n) for n in re.findall(r"/feeds/ldes/(\d+)>", root.text)})
    assert len(numbers) >= 3
    *full, last = [fresh.get(f"/feeds/ldes/{number}") for number in numbers]
    for growing in (root, last, fresh.get("/feeds/atom")):
        assert "immutable" not in growing.headers["Cache-Control"]
        assert int(re.search(r"max-age=(\d+)", growing.headers["Cache-Control"])[1]) <= 60
    for page in full:
        assert "immutable" in page.headers["Cache-Control"]
    before = [page.data for page in full]
    house.log.append([draft("new", "One that comes later")])
    assert [fresh.get(f"/feeds/ldes/{number}").data for number in numbers[:-1]] == before
    again = fresh.get(f"/feeds/ldes/{last_of(fresh)}", headers={"If-None-Match": last.headers["ETag"]})
    assert b"One that comes later" in again.data


def last_of(client) -> int:
    """The number of the last page, by the root as it is now."""
    return max(int(n) for n in re.findall(r"/feeds/ldes/(\d+)>", client.get("/feeds/ldes").text))


@pytest.mark.parametrize("kind", ["application/trig", "application/n-quads", "application/ld+json"])
def test_pitfall_26_the_type_of_a_page_of_the_stream_is_that_of_its_body(client, kind):
    """JSON-LD was labelled as Turtle, and Vary did not name Accept (VSDS#1485)."""
    for path in ("/feeds/ldes", "/feeds/ldes/1"):
        reply = client.get(path, headers={"Accept": kind})
        assert (reply.status_code, reply.mimetype) == (200, kind)
        assert reply.headers.getlist("Vary") == ["Accept, Accept-Encoding"]
        assert list(ox.parse(reply.data, format=ox.RdfFormat.from_media_type(kind)))


# -- lists ---------------------------------------------------------------------------------------------------------

BIG = 230


@pytest.fixture
def cited(house):
    """One work that many cite, in a series with as many; as many were added later."""
    house.log.append([draft(f"c{n:03}", f"Citing {n}", cites=("RePEc:zzz:absent:1",)) for n in range(BIG)])
    return house


def pages(client, path: str, accept: str) -> list[bytes]:
    """Page by page by `Link rel=next`, as any client does it."""
    found = []
    while path:
        reply = client.get(path, headers={"Accept": accept})
        assert reply.status_code == 200
        found.append(reply.data)
        following = targets(reply, "next")
        assert len(following) <= 1
        path = following[0].removeprefix(BASE[:-1]) if following else ""
        assert len(found) < 100
    return found


@pytest.mark.parametrize(
    "path", ["/links/citations/RePEc:zzz:absent:1", f"/links/parts/{SERIES}", "/links/subjects/jel:I11"]
)
@pytest.mark.parametrize("accept", ["text/turtle", "text/html", "application/n-triples"])
def test_pitfall_27_long_lists_are_paged_in_a_stable_order(fresh, cited, path, accept):
    found = pages(fresh, path, accept)
    assert len(found) > 2
    items = [re.findall(rb"id/(RePEc:xxx:joujou:c\d+)\b", page) for page in found]
    each = [list(dict.fromkeys(page)) for page in items]
    everything = [name for page in each for name in page]
    assert len(everything) == len(set(everything)) == BIG
    assert max(len(page) for page in each) <= 100
    assert pages(fresh, path, accept) == found


def test_pitfall_27_the_next_page_is_said_in_the_data_too(fresh, cited):
    path, seen = "/links/citations/RePEc:zzz:absent:1", set()
    while path:
        quads = set(
            ox.parse(fresh.get(path, headers={"Accept": "text/turtle"}).data, format=ox.RdfFormat.TURTLE)
        )
        seen |= {q.subject.value for q in quads if q.object == ox.NamedNode(f"{BASE}id/RePEc:zzz:absent:1")}
        following = {q.object.value for q in quads if q.predicate.value == f"{HYDRA}next"}
        assert len(following) <= 1
        path = next(iter(following), "").removeprefix(BASE[:-1])
    assert len({each for each in seen if re.search(r"joujou:c\d+$", each)}) == BIG


def test_pitfall_27_what_comes_while_one_reads_moves_nothing_that_was_read(fresh, cited):
    first = fresh.get("/links/citations/RePEc:zzz:absent:1", headers={"Accept": "application/n-triples"})
    cited.log.append([draft(f"d{n}", f"Later {n}", cites=("RePEc:zzz:absent:1",)) for n in range(20)])
    rest = pages(fresh, targets(first, "next")[0].removeprefix(BASE[:-1]), "application/n-triples")
    names = {name for page in (first.data, *rest) for name in re.findall(rb"joujou:(c\d+)\b", page)}
    assert len(names) == BIG


def test_pitfall_27_no_page_grows_with_what_links_to_a_thing(fresh, cited):
    """The record and the page of a thing that everybody cites are as large as those of any other."""
    cited.log.append([draft(f"e{n}", "x" * 50, cites=("RePEc:zzz:absent:1",)) for n in range(1000)])
    for extension in ("ttl", "html"):
        assert len(fresh.get(f"/record/RePEc:zzz:absent:1.{extension}").data) < 60_000
    assert len(fresh.get(f"/record/{SERIES}.html").data) < 60_000
