"""Records as they were, by date and by version: what RFC 7089 asks of a time gate and of a memento."""

import sqlite3
from contextlib import closing

import pytest
from requests import Response

from repository.assembly import opened
from repository.formats import by_name
from repository.model.settings import make_settings
from repository.model.work import Text, Work
from repository.web.app import create_app
from repository.web.variants import EXTENSIONS
from tests.kit import draft, removal
from tests.web.conftest import as_draft
from tests.web.past import Past, asking, by_rel, past, seconds

BASE = "https://papers.example.org/"
X, OTHER, ERASED, MOVED = (f"RePEc:xxx:joujou:{n}" for n in (1, 2, 3, 4))
ODD = "local/2020/7.ttl"
# Of X: made, changed twice within one second, deleted, brought back.
MADE, CHANGED, DELETED, BACK = 1_780_000_000, 1_780_000_100, 1_780_000_200, 1_780_000_300


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    settings = make_settings({"data": str(folder), "base_url": BASE, "repository_name": "Quay"})
    with opened(settings) as house, past(house) as made:
        one = lambda title, **more: draft(1, title, source="/home/jane/private/jour.rdf:12", **more)  # noqa: E731
        made.at(MADE, one("First"), draft(2, "Another"), draft(3, "To be erased"), draft(4, "To be moved"))
        made.at(CHANGED, one("Second"))
        made.at(CHANGED, one("Third"), draft(3, "Still to be erased"))
        made.at(DELETED, removal(1), removal(4, successor=X))
        made.at(BACK, one("Fourth"))
        made.at(BACK, as_draft(Work(ODD, "document", Text("Named like a file"))))
        made.clock.now = BACK
        made.log.erase(ERASED)
        yield made


@pytest.fixture(scope="module")
def client(story: Past):
    return story.client


@pytest.fixture(scope="module")
def seqs(story: Past) -> list[int]:
    """Those of X, oldest first."""
    return [record.seq for record in reversed(story.log.history(X))]


def vary(reply: Response) -> set[str]:
    assert len(reply.headers.getlist("Vary")) == 1
    return {name.strip() for name in reply.headers["Vary"].split(",")}


def version(seq: int, identifier: str = X, end: str = "") -> str:
    return f"{BASE}version/{seq}/{identifier}{end}"


# -- time gate -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (MADE - 1, 0),
        (0, 0),
        (-2_000_000_000, 0),
        (MADE, 0),
        (CHANGED - 1, 0),
        (CHANGED, 2),
        (DELETED - 1, 2),
        (DELETED, 3),
        (BACK - 1, 3),
        (BACK, 4),
        (253_402_300_799, 4),
    ],
)
def test_the_time_gate_leads_to_what_was_newest_at_the_end_of_a_second(client, seqs, moment, number):
    reply = client.get(f"/timegate/{X}", headers=asking(moment))
    assert (reply.status_code, reply.headers["Location"]) == (302, version(seqs[number]))


def test_a_leap_second_is_a_date(client, seqs):
    for text, number in (("Sat, 31 Dec 2016 23:59:60 GMT", 0), ("Thu, 31 Dec 2026 23:59:60 GMT", 4)):
        reply = client.get(f"/timegate/{X}", headers={"Accept-Datetime": text})
        assert (reply.status_code, reply.headers["Location"]) == (302, version(seqs[number]))


def test_without_a_date_it_leads_to_the_newest(client, seqs):
    reply = client.get(f"/timegate/{X}")
    assert (reply.status_code, reply.headers["Location"]) == (302, version(seqs[-1]))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_headers_of_a_time_gate(client, seqs, method):
    """RFC 7089, 4.2.1 (pattern 2.1): Location, Vary, the original, the time map; no Memento-Datetime."""
    reply = client.open(f"/timegate/{X}", method=method, headers=asking(CHANGED))
    assert vary(reply) == {"Accept-Encoding", "Accept-Datetime"}
    assert "Memento-Datetime" not in reply.headers
    assert "ETag" not in reply.headers
    # A cache that does not know Accept-Datetime may keep nothing without asking.
    assert reply.headers["Cache-Control"] == "no-cache"
    found = by_rel(reply.headers["Link"])
    assert [link["url"] for link in found["original"]] == [f"{BASE}record/{X}"]
    assert [(link["url"], link["type"]) for link in found["timemap"]] == [
        (f"{BASE}timemap/{X}", "application/link-format")
    ]
    assert [(link["url"], seconds(link)) for link in found["first"]] == [(version(seqs[0]), MADE)]
    assert [(link["url"], seconds(link)) for link in found["last"]] == [(version(seqs[-1]), BACK)]
    assert [link["url"] for link in found["prev"]] == [version(seqs[1])]
    assert [(link["url"], link["title"]) for link in found["next"]] == [(version(seqs[3]), "deleted")]
    assert all("memento" in link["rel"].split() for link in found["first"] + found["last"] + found["next"])


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "yesterday",
        "2026-05-28",
        "2026-05-28T20:30:00Z",
        "1780000000",
        "Thu, 28 May 2026 20:30:00 +0000",
        "Thu, 28 May 2026 20:30:00",
        "Thursday, 28-May-26 20:30:00 GMT",
        "Thu May 28 20:30:00 2026",
        "Thu, 31 Feb 2026 20:30:00 GMT",
        "Thu, 28 May 0000 20:30:00 GMT",
        "Thu, 28 May 2026 24:30:00 GMT",
        "Thu, 28 May 2026 20:30:60 GMT",
        "Thu, 31 Dec 2026 23:59:61 GMT",
        "Thu, 28 Mai 2026 20:30:00 GMT",
        "Thu, ٢٨ May 2026 20:30:00 GMT",
        "Thu, 28 May 2026 20:30:00 GMT, Thu, 28 May 2026 20:30:00 GMT",
        "x" * 7000,
    ],
)
def test_what_is_no_date_of_rfc_1123_is_400(client, header):
    reply = client.get(f"/timegate/{X}", headers={"Accept-Datetime": header.encode().decode("latin-1")})
    assert reply.status_code == 400
    assert "Accept-Datetime" in vary(reply)
    assert "Location" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "identifier", ["RePEc:nobody:knows", "%00", "a//b", "..", "RePEc:xxx:joujou", "jel:I11"]
)
@pytest.mark.parametrize("door", ["timegate", "timemap", "version/1"])
def test_what_was_never_kept_has_no_past(client, door, identifier):
    reply = client.get(f"/{door}/{identifier}")
    assert reply.status_code == 404
    assert ("Accept-Datetime" in vary(reply)) == (door == "timegate")


@pytest.mark.parametrize("spelling", ["RePEc%3Axxx%3Ajoujou%3A1", "repec:XXX:JouJou:1", f"{X}/"])
def test_every_spelling_of_a_handle_has_one_past(client, seqs, spelling):
    assert client.get(f"/timegate/{spelling.rstrip('/')}").headers["Location"] == version(seqs[-1])
    for door in ("timemap", f"version/{seqs[0]}"):
        assert client.get(f"/{door}/{spelling.rstrip('/')}").data == client.get(f"/{door}/{X}").data


def test_a_time_at_which_the_record_was_deleted_leads_to_the_410_of_that_time(client, seqs):
    """RFC 7089, 4.5.5: the memento of a 410 is a 410 with a Memento-Datetime."""
    target = client.get(f"/timegate/{X}", headers=asking(DELETED)).headers["Location"]
    reply = client.get(target.removeprefix(BASE[:-1]))
    assert reply.status_code == 410
    assert reply.headers["Memento-Datetime"] == asking(DELETED)["Accept-Datetime"]
    assert by_rel(reply.headers["Link"])["original"][0]["url"] == f"{BASE}record/{X}"
    assert b"deleted" in reply.data


def test_a_time_whose_version_was_erased_leads_to_a_410_that_says_so(client, story):
    target = client.get(f"/timegate/{ERASED}", headers=asking(CHANGED)).headers["Location"]
    reply = client.get(target.removeprefix(BASE[:-1]))
    assert reply.status_code == 410
    assert "Memento-Datetime" not in reply.headers
    assert b"erased at 2026-05-28T20:31:40Z" in reply.data
    assert b"To be erased" not in reply.data


def test_before_the_first_the_first_that_can_still_be_given(client, story):
    """Of an erased record that is its deletion."""
    deletion = story.log.get(ERASED)
    reply = client.get(f"/timegate/{ERASED}", headers=asking(0))
    assert reply.headers["Location"] == version(deletion.seq, ERASED)


# -- versions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "title"), list(enumerate(["First", "Second", "Third", None, "Fourth"])))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_headers_of_a_version(client, seqs, number, title, method):
    """RFC 7089, 4.2.1 and 2.2: Memento-Datetime, the original, its time gate and map, and the mementos beside it."""
    moments = [MADE, CHANGED, CHANGED, DELETED, BACK]
    reply = client.open(f"/version/{seqs[number]}/{X}", method=method, headers=asking(0))
    assert reply.status_code == (200 if title else 410)
    assert reply.headers["Memento-Datetime"] == asking(moments[number])["Accept-Datetime"]
    assert vary(reply) == {"Accept", "Accept-Encoding"}
    found = by_rel(reply.headers["Link"])
    assert found["original"][0]["url"] == f"{BASE}record/{X}"
    assert found["timegate"][0]["url"] == f"{BASE}timegate/{X}"
    assert found["timemap"][0]["url"] == f"{BASE}timemap/{X}"
    assert found["timemap"][0]["type"] == "application/link-format"
    beside = {"first": 0, "last": 4, "prev": number - 1, "next": number + 1}
    for word, other in beside.items():
        expected = [(version(seqs[other]), moments[other])] if 0 <= other < 5 else []
        assert [(link["url"], seconds(link)) for link in found.get(word, [])] == expected
    urls = [link["url"] for link in found["memento"]]
    assert len(urls) == len(set(urls))
    if title:
        assert found["canonical"][0]["url"] == f"{BASE}record/{X}"
        assert reply.headers["Content-Location"] == version(seqs[number], X, ".ttl")
        assert reply.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_form_of_a_version_has_an_address_and_speaks_of_that_time(client, seqs, story, method):
    reply = client.get(f"/version/{seqs[0]}/{X}")
    forms = [(link["url"], link["type"]) for link in by_rel(reply.headers["Link"])["alternate"]]
    assert {url.partition(X + ".")[2] for url, _ in forms} == set(EXTENSIONS)
    for url, kind in forms:
        form = client.open(url.removeprefix(BASE[:-1]), method=method, headers={"Accept": "image/png"})
        assert form.status_code == 200
        assert form.content_type.split(";")[0] == kind
        assert vary(form) == {"Accept-Encoding"}
        if method == "GET":
            assert b"First" in form.data
            assert b"Fourth" not in form.data


def test_a_version_names_the_thing_and_dates_its_own_entry(client, seqs):
    lines = client.get(f"/version/{seqs[0]}/{X}.nt").text
    assert f'<{BASE}id/{X}> <http://purl.org/dc/terms/title> "First" .' in lines
    assert f'<{BASE}record/{X}> <http://purl.org/dc/terms/modified> "2026-05-28T20:26:40Z"' in lines
    assert "/version/" not in lines


def test_the_newest_version_is_the_record(client, seqs):
    for end in ("bib", "dc.xml"):
        assert client.get(f"/version/{seqs[-1]}/{X}.{end}").data == client.get(f"/record/{X}.{end}").data
    # What moved there is no part of any version.
    record, newest = (client.get(path).text for path in (f"/record/{X}.nt", f"/version/{seqs[-1]}/{X}.nt"))
    (moved,) = set(record.splitlines()) - set(newest.splitlines())
    assert moved == f"<{BASE}id/RePEc:xxx:joujou:4> <http://www.w3.org/2002/07/owl#sameAs> <{BASE}id/{X}> ."
    assert record.replace(moved + "\n", "") == newest


def test_negotiation_among_the_forms_of_a_version(client, seqs):
    url = f"/version/{seqs[0]}/{X}"
    reply = client.get(url, headers={"Accept": "application/ld+json"})
    assert reply.headers["Content-Location"] == version(seqs[0], X, ".jsonld")
    refused = client.get(url, headers={"Accept": "image/png"})
    assert refused.status_code == 406
    assert version(seqs[0], X, ".ttl") in refused.text
    assert client.get(f"{url}.nonsense").status_code == 404


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        ("", "ttl"),
        (";;,,;q=", "ttl"),
        ("x" * 6000, "ttl"),
        ("text/turtle; charset=utf-8", "ttl"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("application/trig", "trig"),
    ],
)
def test_pitfalls_3_to_6_hold_for_versions_too(client, seqs, accept, extension):
    reply = client.get(f"/version/{seqs[0]}/{X}", headers={"Accept": accept})
    assert reply.headers["Content-Location"] == version(seqs[0], X, f".{extension}")
    assert client.get(f"/timemap/{X}", headers={"Accept": accept}).status_code in (200, 406)


def test_etags_of_a_version_are_of_its_form_and_confirm_it(client, seqs):
    url = f"/version/{seqs[0]}/{X}"
    tags = {client.get(f"{url}.{end}").headers["ETag"] for end in ("ttl", "nt", "jsonld", "html", "trig")}
    assert len(tags) == 5
    turtle = client.get(f"{url}.ttl").headers["ETag"]
    assert client.get(f"{url}.ttl", headers={"If-None-Match": turtle}).status_code == 304
    assert client.get(f"{url}.nt", headers={"If-None-Match": turtle}).status_code == 200


def test_who_asks_for_an_old_version_again_hears_which_is_the_last_now(house):
    with past(house) as made:
        name = "RePEc:xxx:joujou:again"
        first = made.at(MADE + 1_000_000_000, draft("again", "First"))
        tags, told = [], []
        for title in ("Second", "Third", "Fourth"):
            newest = made.at(int(made.clock.now) + 1, draft("again", title))
            reply = made.client.get(
                f"/version/{first}/{name}.ttl", headers={"If-None-Match": ", ".join(tags)}
            )
            assert reply.status_code == 200
            tags.append(reply.headers["ETag"])
            told.append(by_rel(reply.headers["Link"])["last"][0]["url"] == version(newest, name))
            again = made.client.get(f"/version/{first}/{name}.ttl", headers={"If-None-Match": tags[-1]})
            assert again.status_code == 304
        assert all(told)


def test_no_cache_is_told_that_a_version_lasts_for_ever(client, seqs):
    """The law may have it erased; and what follows the newest is not known yet."""
    old, new = (client.get(f"/version/{seq}/{X}.ttl").headers["Cache-Control"] for seq in (seqs[0], seqs[-1]))
    assert (old, new) == ("public, max-age=3600", "public, max-age=60")
    assert "immutable" not in old


def test_the_page_of_an_old_version_says_so(client, seqs):
    text = client.get(f"/version/{seqs[0]}/{X}.html").text
    assert "An old version" in text
    assert f'<a href="{BASE}record/{X}">What it says now</a>' in text
    assert f'<link rel="canonical" href="{BASE}record/{X}">' in text
    assert '<meta name="robots" content="noindex">' in text
    assert "citation_title" not in text
    assert f'href="{version(seqs[0], X, ".bib")}"' in text
    assert f'href="{BASE}record/{X}.bib"' not in text
    assert "An old version" not in client.get(f"/version/{seqs[-1]}/{X}.html").text


def test_the_page_of_a_version_of_a_deleted_record_does_not_promise_one(client, story):
    old = story.log.history(MOVED)[-1]
    text = client.get(f"/version/{old.seq}/{MOVED}.html").text
    assert "The record has since been" in text
    assert "What it says now" not in text


def test_a_deletion_names_what_took_the_place(client, story):
    reply = client.get(f"/version/{story.log.get(MOVED).seq}/{MOVED}")
    assert reply.status_code == 410
    assert f"{BASE}id/{X}" in reply.text


def test_the_page_of_a_record_leads_to_its_past(client, seqs):
    text = client.get(f"/record/{X}.html").text
    assert f'<a href="{BASE}timemap/{X}">All versions</a>' in text
    assert f'<a href="{version(seqs[2])}">As it was before</a>' in text
    assert "As it was before" not in client.get(f"/record/{OTHER}.html").text


def test_a_deleted_record_still_leads_to_its_past(client):
    found = by_rel(client.get(f"/record/{MOVED}").headers["Link"])
    assert found["timegate"][0]["url"] == f"{BASE}timegate/{MOVED}"
    assert found["timemap"][0]["url"] == f"{BASE}timemap/{MOVED}"


SEQS = (
    "0",
    "-1",
    "+1",
    "01",
    "1.0",
    "1e0",
    "%201",
    "1%00",
    "%00",
    "",
    "x",
    "١",
    str(2**63),
    str(10**30),
    "9" * 5000,
)


@pytest.mark.parametrize("seq", SEQS)
def test_what_is_no_seq_is_404(client, seq):
    assert client.get(f"/version/{seq}/{X}").status_code == 404


def test_a_seq_of_another_record_is_404(client, story, seqs):
    other = story.log.get(OTHER)
    for path in (f"{other.seq}/{X}", f"{seqs[0]}/{OTHER}", f"999999/{X}", f"{seqs[0]}/{X}.ttl.ttl"):
        reply = client.get(f"/version/{path}")
        assert reply.status_code == 404
        assert "/timemap/" in reply.text or "spelling" in reply.text


def test_an_identifier_that_ends_like_a_form_keeps_its_name(client, story):
    seq = story.log.get(ODD).seq
    assert client.get(f"/version/{seq}/{ODD}").content_type.startswith("text/turtle")
    assert client.get(f"/version/{seq}/{ODD}.nt").content_type == "application/n-triples"
    assert client.get(f"/timegate/{ODD}").headers["Location"] == version(seq, ODD)
    assert client.get(f"/timemap/{ODD}", headers={"Accept": "text/html"}).content_type.startswith("text/html")


def test_a_damaged_version_is_our_failure_and_never_a_gap_by_law(tmp_path):
    settings = make_settings({"data": str(tmp_path), "base_url": BASE})
    with opened(settings) as house:
        house.log.append([draft(1)])
        with closing(sqlite3.connect(house.settings.data / "log.sqlite")) as database:
            database.execute("UPDATE body SET bytes = x'00'")
            database.commit()
        reply = create_app(house).test_client().get(f"/version/1/{X}")
    assert reply.status_code == 500
    assert "erased" not in reply.text


# -- every door --------------------------------------------------------------------------------------------------


def doors(seq: int) -> list[str]:
    return [
        f"/timegate/{X}",
        f"/timemap/{X}",
        f"/timemap/{X}.ttl",
        f"/version/{seq}/{X}",
        f"/version/{seq}/{X}.trig",
    ]


def test_bytes_do_not_depend_on_the_host_that_was_asked(client, seqs):
    spoofed = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"}
    for door in doors(seqs[0]):
        one, two = client.get(door), client.get(door, headers=spoofed)
        assert (one.data, one.headers["Link"]) == (two.data, two.headers["Link"])
        assert one.headers.get("Location") == two.headers.get("Location")


def test_options_say_what_may_be_asked(client, seqs):
    for door in doors(seqs[0]):
        reply = client.options(door)
        assert reply.status_code == 204
        assert "Accept-Datetime" in reply.headers["Access-Control-Allow-Headers"]
        assert reply.headers["Access-Control-Expose-Headers"] == "*"


def test_nothing_is_changed_here(client, seqs):
    for door in doors(seqs[0]):
        assert client.post(door).status_code == 405


def test_a_prefix_of_the_base_url_is_everywhere(tmp_path):
    base = "https://example.org/deep/path/"
    with opened(make_settings({"data": str(tmp_path), "base_url": base})) as house:
        house.log.append([draft(1)])
        client = create_app(house).test_client()
        for prefix in ("", "/deep/path"):
            assert client.get(f"{prefix}/timegate/{X}").headers["Location"] == f"{base}version/1/{X}"
            for door in (f"/timemap/{X}", f"/version/1/{X}"):
                found = by_rel(client.get(prefix + door).headers["Link"])
                assert found["original"][0]["url"] == f"{base}record/{X}"


def test_no_private_fact_and_no_folder_of_the_machine_is_told(client, seqs):
    for end in (*(form.extension for form in by_name.values() if form.extension), "html"):
        for url in (f"/version/{seqs[0]}/{X}.{end}", f"/record/{X}.{end}"):
            assert b"jane" not in client.get(url).data
