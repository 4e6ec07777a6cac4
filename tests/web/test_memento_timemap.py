"""The list of a record's versions: link-format of RFC 7089 (5), PROV-O, a page for people; its pages; what is gone."""

import json
import re

import pyoxigraph as ox
import pytest
import rdflib

from repository.assembly import opened
from repository.model.settings import make_settings
from repository.model.terms import DCTERMS, FOAF, PROV, RDF, RDFS
from repository.web import timemap
from tests.formats.graphs import oxigraph, with_rdflib
from tests.kit import draft, removal
from tests.web.past import Past, asking, by_rel, links, past, seconds

BASE = "https://papers.example.org/"
X, ERASED, MOVED, LONG = (f"RePEc:xxx:joujou:{n}" for n in (1, 2, 3, 4))
T = 1_780_000_000
MANY = 9


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    settings = make_settings({"data": str(folder), "base_url": BASE, "repository_name": "Quay"})
    with opened(settings) as house, past(house) as made:
        made.at(T, draft(1, "First"), draft(2, "To be erased"), draft(3, "To be moved"))
        made.at(T + 10, draft(1, "Second"), draft(2, "Still"), removal(3, successor=X))
        made.at(T + 20, removal(1))
        made.at(T + 30, draft(1, "Second"))
        made.at(T + 40, draft(1, "Second", sets=()))
        for n in range(MANY):
            made.at(T + 100 + n // 2, draft(4, f"Title {n}"))
        made.clock.now = T + 200
        made.log.erase(ERASED)
        yield made


@pytest.fixture(scope="module")
def client(story: Past):
    return story.client


def versions(story: Past, identifier: str) -> list[str]:
    """Addresses of all versions, oldest first."""
    return [f"{BASE}version/{record.seq}/{identifier}" for record in reversed(story.log.history(identifier))]


# -- link-format -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "", "application/link-format", "application/*", "application/link-format;q=0.5, image/png"],
)
def test_link_format_is_what_memento_clients_get(client, accept):
    reply = client.get(f"/timemap/{X}", headers={} if accept is None else {"Accept": accept})
    assert reply.content_type == "application/link-format"
    assert reply.headers["Content-Location"] == f"{BASE}timemap/{X}.link"
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    assert reply.data == client.get(f"/timemap/{X}.link", headers={"Accept": "text/html"}).data


def test_what_a_time_map_lists(client, story):
    """RFC 7089, 5: the original, the time gate, itself with its span, every memento with its date, first and last."""
    found = by_rel(client.get(f"/timemap/{X}").text)
    assert [link["url"] for link in found["original"]] == [f"{BASE}record/{X}"]
    assert [link["url"] for link in found["timegate"]] == [f"{BASE}timegate/{X}"]
    (own,) = found["self"]
    assert (own["url"], own["type"]) == (f"{BASE}timemap/{X}.link", "application/link-format")
    assert (seconds(own, "from"), seconds(own, "until")) == (T, T + 40)
    mementos = found["memento"]
    assert [link["url"] for link in mementos] == versions(story, X)
    assert [seconds(link) for link in mementos] == [T, T + 10, T + 20, T + 30, T + 40]
    assert [link["url"] for link in found["first"]] == versions(story, X)[:1]
    assert [link["url"] for link in found["last"]] == versions(story, X)[-1:]
    assert "timemap" not in found


def test_every_memento_says_the_date_that_the_time_map_gives(client):
    for link in by_rel(client.get(f"/timemap/{X}").text)["memento"]:
        reply = client.get(link["url"].removeprefix(BASE[:-1]))
        assert reply.headers["Memento-Datetime"] == link["datetime"]
        assert reply.status_code == (410 if link.get("title") == "deleted" else 200)


def test_one_version_is_first_and_last(tmp_path):
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE})) as house, past(house) as made:
        made.at(T, draft(1))
        (link,) = by_rel(made.client.get(f"/timemap/{X}").text)["memento"]
    assert link["rel"] == "first last memento"


def test_an_erased_version_is_no_memento(client, story):
    """Its state is gone, so nothing can show it; the deletion is what there still is."""
    mementos = by_rel(client.get(f"/timemap/{ERASED}").text)["memento"]
    assert [(link["url"], link["rel"], link["title"]) for link in mementos] == [
        (versions(story, ERASED)[-1], "first last memento", "deleted")
    ]


def test_a_time_map_knows_no_date(client):
    """pywb#551: only a time gate negotiates by date."""
    plain, dated = client.get(f"/timemap/{X}"), client.get(f"/timemap/{X}", headers=asking(T))
    assert plain.data == dated.data
    assert "Accept-Datetime" not in dated.headers["Vary"]
    assert "Memento-Datetime" not in dated.headers


def test_its_etag_changes_with_a_version_and_with_an_erasure(tmp_path):
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE})) as house, past(house) as made:
        made.at(T, draft(1))
        tags = [made.client.get(f"/timemap/{X}").headers["ETag"]]
        assert made.client.get(f"/timemap/{X}", headers={"If-None-Match": tags[0]}).status_code == 304
        made.at(T + 1, draft(1, "Changed"))
        tags.append(made.client.get(f"/timemap/{X}").headers["ETag"])
        made.log.erase(X)
        tags.append(made.client.get(f"/timemap/{X}").headers["ETag"])
    assert len(set(tags)) == 3


# -- PROV-O ----------------------------------------------------------------------------------------------------


def facts(client, identifier: str) -> set[tuple[str, str, str]]:
    return {
        (s, p, o[0])
        for s, p, o in oxigraph(client.get(f"/timemap/{identifier}.nt").data, ox.RdfFormat.N_TRIPLES)
    }


def stamp(offset: int) -> str:
    return f"2026-05-28T20:{26 + (40 + offset) // 60}:{(40 + offset) % 60:02}Z"


def test_all_notations_carry_one_graph(client, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    found = oxigraph(client.get(f"/timemap/{X}.nt").data, ox.RdfFormat.N_TRIPLES)
    assert found
    for end, kind, name in (("ttl", ox.RdfFormat.TURTLE, "turtle"), ("rdf", ox.RdfFormat.RDF_XML, "xml")):
        text = client.get(f"/timemap/{X}.{end}").data
        assert oxigraph(text, kind) == found
        assert with_rdflib(text, name) == found
    assert oxigraph(client.get(f"/timemap/{X}.trig").data, ox.RdfFormat.TRIG) == found
    tree = client.get(f"/timemap/{X}.jsonld").data
    assert oxigraph(tree, ox.RdfFormat.JSON_LD) == found
    assert json.loads(tree)


def test_versions_in_prov(client, story):
    said, (one, two, gone, three, four) = facts(client, X), versions(story, X)
    for version, offset, former in ((one, 0, None), (two, 10, one), (three, 30, two), (four, 40, three)):
        assert (version, RDF + "type", PROV + "Entity") in said
        assert (version, PROV + "specializationOf", f"{BASE}record/{X}") in said
        assert (version, PROV + "generatedAtTime", stamp(offset)) in said
        assert {o for s, p, o in said if (s, p) == (version, PROV + "wasRevisionOf")} == ({former} - {None})
    assert (f"{BASE}record/{X}", PROV + "qualifiedInvalidation", gone) in said
    assert (gone, RDF + "type", PROV + "Invalidation") in said
    assert (gone, PROV + "atTime", stamp(20)) in said
    assert (gone, RDF + "type", PROV + "Entity") not in said
    assert {o for s, p, o in said if p == RDFS + "member"} == {one, two, gone, three, four}
    assert (f"{BASE}timemap/{X}", FOAF + "primaryTopic", f"{BASE}record/{X}") in said


def test_erased_versions_in_prov(client, story):
    said, (one, two, gone) = facts(client, ERASED), versions(story, ERASED)
    for version in (one, two):
        assert (version, PROV + "invalidatedAtTime", stamp(200)) in said
        assert (version, PROV + "qualifiedInvalidation", f"{version}#erasure") in said
        assert (f"{version}#erasure", PROV + "atTime", stamp(200)) in said
    assert (f"{BASE}record/{ERASED}", PROV + "qualifiedInvalidation", gone) in said


def test_a_successor_is_named(client):
    assert (f"{BASE}record/{MOVED}", DCTERMS + "isReplacedBy", f"{BASE}record/{X}") in facts(client, MOVED)


def test_only_terms_that_there_are(client):
    """LinkedDataHub#364: there is no http://mementoweb.org/ns#."""
    graph = rdflib.Graph().parse(data=client.get(f"/timemap/{ERASED}.ttl").data, format="turtle")
    prov = {str(p).removeprefix(PROV) for p in graph.predicates() if str(p).startswith(PROV)}
    assert prov <= {
        "specializationOf",
        "generatedAtTime",
        "wasRevisionOf",
        "invalidatedAtTime",
        "qualifiedInvalidation",
        "atTime",
    }
    assert b"mementoweb" not in client.get(f"/timemap/{ERASED}.ttl").data


# -- the page ----------------------------------------------------------------------------------------------------


def rows(text: str) -> list[tuple[str, str, str]]:
    """(time, address, words) of each row of the table."""
    return [
        (when, to, re.sub(r"<[^>]+>", "", rest).strip())
        for when, to, rest in re.findall(
            r'<tr>\s*<td><time datetime="([^"]+)">.*?</td>\s*<td><a href="([^"]+)">(.*?)</td>',
            text,
            re.DOTALL,
        )
    ]


def test_the_page_tells_what_became_of_a_record(client, story):
    reply = client.get(f"/timemap/{X}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert reply.content_type.startswith("text/html")
    words = ["created", "changed: Title", "deleted", "brought back", "the same, offered again newest"]
    whens = [stamp(n) for n in (0, 10, 20, 30, 40)]
    assert rows(reply.text) == list(zip(whens, versions(story, X), words, strict=True))
    assert f'<link rel="canonical" href="{BASE}timemap/{X}">' in reply.text


def test_the_page_of_an_erased_record(client, story):
    words = [found[2] for found in rows(client.get(f"/timemap/{ERASED}.html").text)]
    assert words == [
        "created; what it said was erased at 2026-05-28 20:30:00 UTC",
        "changed; what it said was erased at 2026-05-28 20:30:00 UTC",
        "deleted newest",
    ]


def test_the_page_of_a_record_that_moved(client):
    text = client.get(f"/timemap/{MOVED}.html").text
    assert rows(text)[-1][2] == f"deleted; its place was taken by {X} newest"
    assert "This record is" in text


# -- pages of a long list ------------------------------------------------------------------------------------------


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr(timemap, "PAGE", 4)


def walk(client, end: str, identifier: str = LONG) -> list[str]:
    """The bodies of all pages, by following rel=next of the Link header."""
    found, url = [], f"/timemap/{identifier}.{end}"
    while url:
        reply = client.get(url)
        found.append(reply.text)
        following = by_rel(reply.headers["Link"]).get("next")
        url = (
            following[0]["url"].removeprefix(BASE[:-1]).replace(f"{identifier}?", f"{identifier}.{end}?")
            if following
            else ""
        )
    return found


def test_a_long_list_has_pages_that_join_without_a_gap(client, story, short_pages):
    pages = [by_rel(text) for text in walk(client, "link")]
    assert [len(page["memento"]) for page in pages] == [4, 4, 1]
    assert [link["url"] for page in pages for link in page["memento"]] == versions(story, LONG)
    assert ["first" in page for page in pages] == [True, False, False]
    assert ["last" in page for page in pages] == [False, False, True]
    spans = [(seconds(page["self"][0], "from"), seconds(page["self"][0], "until")) for page in pages]
    assert spans == [(T + 100, T + 101), (T + 102, T + 103), (T + 104, T + 104)]
    for number, page in enumerate(pages):
        beside = [n for n in (number - 1, number + 1) if 0 <= n < len(pages)]
        assert [(seconds(t, "from"), seconds(t, "until")) for t in page["timemap"]] == [
            spans[n] for n in beside
        ]
        assert [t["url"] for t in page["timemap"]] == [pages[n]["self"][0]["url"] for n in beside]
        assert all(t["type"] == "application/link-format" for t in page["timemap"])


@pytest.mark.parametrize("identifier", [X, ERASED, MOVED, LONG])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_of_rdf_join_to_the_whole(client, story, monkeypatch, identifier, size):
    monkeypatch.setattr(timemap, "PAGE", size)
    pages = [oxigraph(text.encode(), ox.RdfFormat.N_TRIPLES) for text in walk(client, "nt", identifier)]
    assert len(pages) == -(-len(versions(story, identifier)) // size)
    monkeypatch.setattr(timemap, "PAGE", 100)
    whole = oxigraph(client.get(f"/timemap/{identifier}.nt").data, ox.RdfFormat.N_TRIPLES)
    about = lambda graph: {fact for fact in graph if "/timemap/" not in fact[0]}  # noqa: E731
    assert set().union(*map(about, pages)) == about(whole)


def test_pages_for_people(client, story, short_pages):
    pages = walk(client, "html")
    assert [len(rows(text)) for text in pages] == [4, 4, 1]
    assert rows(pages[1])[0][2].startswith("changed: ")
    assert 'rel="prev"' in pages[1]
    assert 'rel="next"' in pages[1]


def test_a_new_version_changes_the_last_page_alone(tmp_path, short_pages):
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE})) as house, past(house) as made:
        for n in range(6):
            made.at(T + n, draft(4, f"Title {n}"))
        before = walk(made.client, "html")
        made.at(T + 9, draft(4, "One more"))
        after = walk(made.client, "html")
    assert before[0].replace("\n", "") == after[0].replace("\n", "")
    assert before[1] != after[1]


@pytest.mark.parametrize("after", ["-1", "0", "x", "1.5", "%00", "9" * 40, "999999999", "%D9%A1"])
def test_a_page_that_there_is_not_is_404(client, after):
    assert client.get(f"/timemap/{LONG}?after={after}").status_code == 404


def test_a_form_that_there_is_not(client):
    assert client.get(f"/timemap/{X}", headers={"Accept": "image/png"}).status_code == 406
    assert client.get(f"/timemap/{X}.bib").status_code == 404


@pytest.mark.slow
def test_thousands_of_versions_cost_a_page_each(tmp_path):
    name = "a" * 1800
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE})) as house, past(house) as made:
        for n in range(2000):
            made.at(T + n, draft(name, f"Title {n}"))
        url, count = f"/timemap/RePEc:xxx:joujou:{name}", 0
        while url:
            reply = made.client.get(url)
            assert len(reply.data) < 1_500_000
            assert len(reply.headers.get("Link", "")) <= 4000
            found = links(reply.text)
            count += sum("memento" in link["rel"].split() for link in found)
            last = seconds(next(link for link in found if link["rel"] == "self"), "until")
            onward = [link for link in found if link["rel"] == "timemap" and seconds(link, "from") > last]
            url = onward[0]["url"].removeprefix(BASE[:-1]) if onward else ""
    assert count == 2000
