"""One record over HTTP: kept, replaced, deleted, each under the conditions that the writer names."""

import base64
import gzip
import hashlib
import threading

import pytest

from repository.model.errors import LogError
from repository.web.app import create_app
from tests.writing.conftest import NEW, redif


def name(end: str) -> str:
    return f"RePEc:xde:put:{end}"


def test_a_record_is_created_then_the_same_then_replaced(door, headers, written):
    first = door.put(f"/record/{name('a')}", data=redif(name("a")), headers=headers)
    assert (first.status_code, first.json["outcome"]) == (201, "created")
    assert first.headers["Location"] == written.site.record(name("a"))
    seq = written.log.newest()
    again = door.put(f"/record/{name('a')}", data=redif(name("a")), headers=headers)
    assert (again.status_code, again.json["outcome"]) == (200, "unchanged")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert written.log.newest() == seq
    other = door.put(f"/record/{name('a')}", data=redif(name("a"), "Another"), headers=headers)
    assert (other.status_code, other.json["outcome"]) == (200, "replaced")
    assert other.headers["ETag"] != first.headers["ETag"]
    assert b"Another" in door.get(f"/record/{name('a')}.ttl").data


def test_the_case_of_a_handle_makes_no_difference(door, headers):
    reply = door.put("/record/repec:XDE:Put:Case", data=redif("RePEc:xde:put:case"), headers=headers)
    assert reply.json["identifier"] == "RePEc:xde:put:case"


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("jsonld", "application/ld+json"),
        ("rdf", "application/rdf+xml"),
        ("trig", "application/trig"),
    ],
)
def test_what_a_get_gives_can_be_put_back_and_changes_nothing(door, headers, extension, media_type):
    door.put(f"/record/{name('back')}", data=redif(name("back")), headers=headers)
    given = door.get(f"/record/{name('back')}.{extension}").data
    reply = door.put(
        f"/record/{name('back')}",
        data=given,
        headers={**headers, "Content-Type": f"{media_type}; charset=utf-8"},
    )
    assert (reply.status_code, reply.json["outcome"]) == (200, "unchanged"), reply.text


ITSELF = {
    "text/turtle": "@prefix d: <http://purl.org/dc/terms/> . @prefix b: <http://purl.org/ontology/bibo/> .\n"
    "@prefix f: <http://xmlns.com/foaf/0.1/> .\n"
    "<> a b:Report ; d:title 'Itself' ; d:creator <#ada> . <#ada> a f:Person ; f:name 'Ada Garden' .",
    "application/ld+json": '{"@id": "", "@type": "http://purl.org/ontology/bibo/Report", "http://purl.org/dc/terms/title":'
    ' "Itself", "http://purl.org/dc/terms/creator": {"@id": "#ada", "http://xmlns.com/foaf/0.1/name": "Ada Garden"}}',
    "application/rdf+xml": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:d="http://purl.org/dc/terms/" xmlns:f="http://xmlns.com/foaf/0.1/">'
    '<r:Report xmlns:r="http://purl.org/ontology/bibo/" rdf:about=""><d:title>Itself</d:title>'
    '<d:creator><rdf:Description rdf:about="#ada"><f:name>Ada Garden</f:name></rdf:Description></d:creator></r:Report>'
    "</rdf:RDF>",
}


@pytest.mark.parametrize("media_type", ITSELF)
def test_what_speaks_of_itself_is_the_record_of_the_address(door, headers, media_type):
    headers = {**headers, "Content-Type": media_type}
    reply = door.put(f"/record/{name('self')}", data=ITSELF[media_type], headers=headers)
    assert reply.status_code in (200, 201), reply.text
    assert reply.json["identifier"] == name("self")
    bibtex = door.get(f"/record/{name('self')}.bib").text
    assert "Itself" in bibtex
    assert "Garden" in bibtex
    # What says whom it is about is taken at its word, and a batch has no address.
    other = ITSELF["text/turtle"].replace("<> a", "<> d:identifier 'RePEc:xde:put:other' ; a")
    turtle = {**headers, "Content-Type": "text/turtle"}
    assert (
        door.put(f"/record/{name('self')}", data=other, headers=turtle)
        .json["type"]
        .endswith("#other-identifier")
    )
    batch = door.post("/records", data=ITSELF["text/turtle"], headers=turtle)
    assert "no-record" in batch.text


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml"])
def test_dublin_core_is_read_under_the_type_with_which_a_get_gives_it(door, headers, media_type):
    place = f"/record/{name('dublin')}"
    door.put(place, data=redif(name("dublin")), headers=headers)
    got = door.get(f"{place}.dc.xml")
    assert got.mimetype == "application/xml"
    reply = door.put(place, data=got.data, headers={**headers, "Content-Type": media_type})
    assert (reply.status_code, reply.json["outcome"]) == (200, "unchanged"), reply.text


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [("ttl", "text/turtle"), ("nt", "application/n-triples"), ("jsonld", "application/ld+json")],
)
def test_where_a_handle_moved_to_what_a_get_gives_can_be_put_back_too(door, headers, extension, media_type):
    now, before = name("now"), name("before")
    for each in (now, before):
        door.put(f"/record/{each}", data=redif(each), headers=headers)
    assert door.delete(f"/record/{before}?successor={now}", headers=headers).status_code == 204
    given = door.get(f"/record/{now}.{extension}")
    assert before.encode() in given.data
    wish = {**headers, "Content-Type": media_type, "If-Match": given.headers["ETag"]}
    reply = door.put(f"/record/{now}", data=given.data, headers=wish)
    assert (reply.status_code, reply.json["outcome"]) == (200, "unchanged"), reply.text
    assert "findings" not in reply.json or not reply.json["findings"]
    other = given.data.replace(b"On being waved at", b"On waving")
    assert door.put(f"/record/{now}", data=other, headers=wish).json["outcome"] == "replaced"


def test_private_facts_survive_rdf_that_cannot_say_them(door, headers, written):
    sent = redif(name("mail")) + b"Author-Name: Omar Quay\nAuthor-Email: omar@quay.example\n"
    door.put(f"/record/{name('mail')}", data=sent, headers=headers)
    assert written.log.private(name("mail"))
    given = door.get(f"/record/{name('mail')}.ttl").data
    assert b"omar@" not in given
    changed = given.replace(b"On being waved at", b"On waving")
    door.put(f"/record/{name('mail')}", data=changed, headers={**headers, "Content-Type": "text/turtle"})
    assert "omar@quay.example" in str(written.log.private(name("mail")))


TAGS = {
    "turtle": lambda get: get(".ttl")["ETag"],
    "json-ld": lambda get: get(".jsonld")["ETag"],
    "a page": lambda get: get(".html")["ETag"],
    "gzipped": lambda get: get(".ttl", gzip=True)["ETag"],
    "weakened by a proxy": lambda get: "W/" + get(".ttl")["ETag"],
    "suffixed by a proxy": lambda get: get(".ttl")["ETag"][:-1] + '-gzip"',
    "one of several": lambda get: '"other", ' + get(".nt")["ETag"],
    "any": lambda get: "*",
}


@pytest.mark.parametrize("which", sorted(TAGS))
def test_if_match_takes_the_tag_of_any_form_until_the_record_changes(door, headers, which):
    place = f"/record/{name('tag')}"
    door.put(place, data=redif(name("tag"), "Before"), headers=headers)

    def get(extension: str, gzip: bool = False):
        return door.get(
            place + extension, headers={"Accept-Encoding": "gzip" if gzip else "identity"}
        ).headers

    tag = TAGS[which](get)
    first = door.put(place, data=redif(name("tag"), "After"), headers={**headers, "If-Match": tag})
    assert (first.status_code, first.json["outcome"]) == (200, "replaced")
    repeated = door.put(place, data=redif(name("tag"), "After"), headers={**headers, "If-Match": tag})
    assert (repeated.status_code, repeated.json["outcome"]) == (200, "unchanged")
    second = door.put(place, data=redif(name("tag"), "Later"), headers={**headers, "If-Match": tag})
    assert second.status_code == (200 if which == "any" else 412)
    if which != "any":
        assert second.json["type"].endswith("#condition-failed")
        assert b"After" in door.get(place + ".ttl").data


def test_if_none_match_star_creates_and_never_replaces(door, headers):
    place = f"/record/{name('once')}"
    wish = {**headers, "If-None-Match": "*"}
    assert door.put(place, data=redif(name("once")), headers=wish).status_code == 201
    assert door.put(place, data=redif(name("once")), headers=wish).status_code == 412
    assert door.delete(place, headers=headers).status_code == 204
    revived = door.put(place, data=redif(name("once")), headers=wish)
    assert (revived.status_code, revived.json["outcome"]) == (201, "created")
    assert revived.headers["Location"].endswith(place)
    assert door.delete(place, headers=headers).status_code == 204
    report = door.post("/records", data=redif(name("once")), headers=headers).json
    assert report["outcomes"]["created"] == 1


def test_if_match_on_what_is_not_there_fails(door, headers):
    wish = {**headers, "If-Match": "*"}
    assert door.put(f"/record/{name('none')}", data=redif(name("none")), headers=wish).status_code == 412


@pytest.mark.slow
def test_of_writers_that_saw_the_same_state_one_wins(written, headers):
    place = f"/record/{name('race')}"
    door = create_app(written).test_client()
    for turn in range(5):
        door.put(place, data=redif(name("race"), f"Start {turn}"), headers=headers)
        tag = door.get(place + ".ttl").headers["ETag"]
        statuses: list[int] = []
        go = threading.Barrier(4, timeout=60)
        # Made one after the other: Python 3.11 may fail to compile werkzeug's rules in two threads at once.
        clients = [create_app(written).test_client() for _ in range(4)]

        def write(number: int, tag=tag, turn=turn, statuses=statuses, go=go, clients=clients) -> None:
            go.wait()
            sent = redif(name("race"), f"Writer {number} in turn {turn}")
            reply = clients[number].put(place, data=sent, headers={**headers, "If-Match": tag})
            statuses.append(reply.status_code)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 412, 412, 412]


PLAIN = {"Accept-Encoding": "identity"}


def test_no_answer_has_the_tag_of_what_another_wrote_meanwhile(door, headers, monkeypatch):
    place = f"/record/{name('meanwhile')}"
    others = iter([redif(name("meanwhile"), "Theirs")])

    def meanwhile(point: str) -> None:
        if point == "put.kept":
            for sent in others:
                door.put(place, data=sent, headers=headers)

    monkeypatch.setattr("repository.crash.point", meanwhile)
    mine = door.put(place, data=redif(name("meanwhile"), "Mine"), headers=headers)
    assert (mine.status_code, "ETag" in mine.headers) == (201, False)
    assert b"Theirs" in door.get(place + ".ttl").data
    again = door.put(place, data=redif(name("meanwhile"), "Mine"), headers=headers)
    assert again.headers["ETag"] == door.get(f"{place}.ttl", headers=PLAIN).headers["ETag"]


def test_delete_leaves_a_tombstone_and_may_be_repeated(door, headers, written):
    place = f"/record/{name('gone')}"
    assert door.delete(place, headers=headers).status_code == 404
    door.put(place, data=redif(name("gone")), headers=headers)
    old = door.get(place + ".ttl").headers["ETag"]
    assert door.delete(place, headers={**headers, "If-Match": '"other"'}).status_code == 412
    assert door.delete(place, headers={**headers, "If-Match": old}).status_code == 204
    seq = written.log.newest()
    assert door.delete(place, headers=headers).status_code == 204
    assert written.log.newest() == seq
    assert door.get(place).status_code == 410


@pytest.mark.parametrize("way", ["argument", "link"])
def test_a_deleted_record_may_name_its_successor(door, headers, written, way):
    old, heir = name(f"old-{way}"), name(f"heir-{way}")
    for each in (old, heir):
        door.put(f"/record/{each}", data=redif(each, f"Title of {each}"), headers=headers)
    query = f"?successor={heir}" if way == "argument" else ""
    link = {"Link": f'<{written.site.thing(heir)}>; rel="successor-version"'} if way == "link" else {}
    assert door.delete(f"/record/{old}{query}", headers={**headers, **link}).status_code == 204
    assert written.log.get(old).successor == heir
    for wrong in (old, name("nobody"), "a b"):
        reply = door.delete(f"/record/{heir}", query_string={"successor": wrong}, headers=headers)
        assert reply.status_code == 422, reply.text


BAD = {
    "another record": (redif("RePEc:xde:put:other"), "other-identifier"),
    "two records": (redif(NEW) + b"\n" + redif("RePEc:xde:put:z"), "not-one-record"),
    "nothing": (b"", "not-one-record"),
    "no title": (
        f"Template-Type: ReDIF-Paper 1.0\nAuthor-Name: A\nHandle: {NEW}\n".encode(),
        "invalid-record",
    ),
}


@pytest.mark.parametrize("which", sorted(BAD))
def test_a_broken_rule_is_named_with_the_value(door, headers, which):
    sent, kind = BAD[which]
    reply = door.put(f"/record/{NEW}", data=sent, headers=headers)
    assert reply.status_code == 422, reply.text
    assert reply.mimetype == "application/problem+json"
    problem = reply.json
    assert problem["type"].endswith(f"#{kind}")
    assert problem["status"] == 422
    assert problem["title"]
    assert problem["detail"]
    assert all(error["rule"] and error["value"] for error in problem["errors"])
    assert problem["errors"]


UNNAMED = {
    "BibTeX without DOI or handle": ("application/x-bibtex", b"@article{foo,title={A},author={B, C}}", "no-identifier"),
    "BibTeX cut off": ("application/x-bibtex", b"@article{foo,title={A},author={B, C", "damaged-entry"),
    "CSL without id": ("application/vnd.citationstyles.csl+json", b'[{"type":"article-journal","title":"A"}]',
                       "no-identifier"),
    "CSL of a number": ("application/vnd.citationstyles.csl+json", b"[NaN]", "damaged-entry"),
    "CSL whose id is a number": ("application/vnd.citationstyles.csl+json", b'[{"id":5,"title":"A"}]', "no-identifier"),
    "RIS without ID": ("application/x-research-info-systems", b"TY  - JOUR\r\nTI  - A\r\nER  - \r\n", "no-identifier"),
    "ReDIF without Handle": ("application/x-redif", b"Template-Type: ReDIF-Paper 1.0\nTitle: A\nAuthor-Name: B\n",
                             "missing-handle"),
    "ReDIF whose Handle has a space": ("application/x-redif", redif("RePEc:xde:put:a b"), "invalid-handle"),
}  # fmt: skip


@pytest.mark.parametrize("which", sorted(UNNAMED))
def test_what_has_no_identifier_is_refused_with_the_readers_reason(door, headers, which):
    media_type, sent, rule = UNNAMED[which]
    reply = door.put(f"/record/{NEW}", data=sent, headers={**headers, "Content-Type": media_type})
    assert (reply.status_code, reply.json["type"].rpartition("#")[2]) == (422, "invalid-record"), reply.text
    assert rule in [error["rule"] for error in reply.json["errors"]], reply.text
    assert "**" not in reply.json["detail"]
    assert "about ," not in reply.json["detail"]


def test_a_type_that_nobody_reads_is_named(door, headers):
    reply = door.put(f"/record/{NEW}", data=b"x", headers={**headers, "Content-Type": "image/png"})
    assert (reply.status_code, reply.json["errors"][0]["value"]) == (415, "image/png")


@pytest.mark.parametrize(
    ("given", "media_type"),
    [
        (b"<a> <b", "text/turtle"),
        (b"{", "application/ld+json"),
        (b"\xff\xfe\x00", "application/n-triples"),
        (b'{"@context": "http://127.0.0.1:1/c", "@id": "x"}', "application/ld+json"),
        (b'{"a":' * 5000, "application/ld+json"),
        (b"<< " * 5000, "text/turtle"),
    ],
)
def test_what_cannot_be_read_is_422_and_says_why(door, headers, given, media_type):
    reply = door.put(f"/record/{NEW}", data=given, headers={**headers, "Content-Type": media_type})
    assert reply.status_code == 422, reply.text
    assert reply.json["errors"][0]["value"]


@pytest.mark.parametrize(
    "media_type", ["application/rdf+xml", "application/xml", "application/vnd.oai.dc+xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_row_16_a_document_type_is_400_in_any_xml(door, headers, media_type, encoding):
    given = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'.encode(encoding)
    reply = door.put(f"/record/{NEW}", data=given, headers={**headers, "Content-Type": media_type})
    assert reply.status_code == 400, reply.text
    assert reply.json["type"].endswith("doctype")
    assert "DOCTYPE" in reply.json["errors"][0]["value"]
    assert "root:" not in reply.text


def test_an_unknown_type_is_415_and_names_the_known(door, headers):
    for given in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""):
        reply = door.put(f"/record/{NEW}", data=b"x", headers={**headers, "Content-Type": given})
        assert reply.status_code == 415
        assert "text/turtle" in reply.headers["Accept-Put"]
        assert "text/turtle" in reply.headers["Accept"]


def test_gzip_is_taken_within_bounds_and_nothing_else(door, headers):
    place = f"/record/{name('zip')}"
    zipped = {**headers, "Content-Encoding": "gzip"}
    assert door.put(place, data=gzip.compress(redif(name("zip"))), headers=zipped).status_code == 201
    assert door.put(place, data=gzip.compress(b"a" * (5 << 20)), headers=zipped).status_code == 413
    assert door.put(place, data=gzip.compress(b"a" * (3 << 20)), headers=zipped).status_code == 413
    assert door.put(place, data=gzip.compress(redif(name("zip")))[:-9], headers=zipped).status_code == 400
    assert door.put(place, data=b"no gzip", headers=zipped).status_code == 400
    assert door.put(place, data=b"x", headers={**headers, "Content-Encoding": "br"}).status_code == 415


def test_a_body_too_large_is_413_before_it_is_read(door, headers):
    class Unread:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("it was read")

    given = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(5 << 20)}
    reply = door.put(f"/record/{NEW}", headers=headers, environ_overrides=given)
    assert reply.status_code == 413
    assert reply.json["type"].endswith("#too-large")


def test_a_chunked_body_without_end_is_413(door, headers):
    class Endless:
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"a" * size

    body = Endless()
    given = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    reply = door.put(f"/record/{NEW}", headers=headers, environ_overrides=given)
    assert reply.status_code == 413
    assert body.taken < 8 << 20


def test_a_digest_is_held_against_the_content(door, headers):
    place, sent = f"/record/{name('digest')}", redif(name("digest"))
    right = base64.b64encode(hashlib.sha256(sent).digest()).decode()
    wrong = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    for field in ("Content-Digest", "Repr-Digest"):
        bad = door.put(place, data=sent, headers={**headers, field: f"sha-256=:{wrong}:"})
        assert (bad.status_code, bad.json["type"].rpartition("#")[2]) == (400, "digest-mismatch")
        good = door.put(place, data=sent, headers={**headers, field: f"md5=:x:, sha-256=:{right}:"})
        assert good.status_code in (200, 201)


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fetc%2fpasswd",
        "a%00b",
        "a\\b",
        "%E2%80%A4%E2%80%A4/x",
        "a%0d%0aSet-Cookie:x",
        "a b",
        "x" * 3000,
    ],
)
def test_an_impossible_identifier_is_404_for_writers_too(door, headers, path):
    reply = door.put(f"/record/{path}", data=redif(), headers=headers)
    assert reply.status_code == 404
    assert reply.mimetype == "application/problem+json"
    assert "Set-Cookie" not in reply.headers


def test_writers_get_no_cors_no_cookies_and_nothing_to_keep(door, headers):
    for reply in (
        door.put(
            f"/record/{name('cors')}",
            data=redif(name("cors")),
            headers={**headers, "Origin": "https://evil.example"},
        ),
        door.put(
            f"/record/{name('cors')}", data=redif(name("cors")), headers={"Origin": "https://evil.example"}
        ),
    ):
        assert not [each for each, _ in reply.headers if each.startswith("Access-Control")]
        assert "Set-Cookie" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-store"
    before = door.options(f"/record/{name('cors')}", headers={"Origin": "https://evil.example"})
    assert "PUT" not in before.headers["Access-Control-Allow-Methods"]
    assert "Authorization" not in before.headers["Access-Control-Allow-Headers"]
    assert {"PUT", "DELETE"} <= set(before.headers["Allow"].split(", "))


def test_a_method_override_is_no_method(door, headers, written):
    place = f"/record/{name('override')}"
    door.put(place, data=redif(name("override")), headers=headers)
    wish = {**headers, "X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"}
    assert door.get(place + ".ttl", headers=wish).status_code == 200
    assert door.post(place, headers=wish).status_code == 405
    assert not written.log.get(name("override")).deleted


def test_addresses_come_from_the_settings_whatever_the_host(door, headers, written):
    sent = {**headers, "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    reply = door.put(f"/record/{name('host')}", data=redif(name("host")), headers=sent)
    assert reply.headers["Location"] == written.site.record(name("host"))
    assert "evil" not in reply.text


def test_a_disk_without_room_is_507(door, headers, monkeypatch):
    monkeypatch.setattr("repository.web.writing._ROOM_BYTES", 1 << 62)
    reply = door.put(f"/record/{name('full')}", data=redif(name("full")), headers=headers)
    assert reply.status_code == 507


SUCCESSORS = {
    "capitals": '<{heir}>; Rel="Successor-Version"',
    "several relations": '<{heir}>; rel="latest-version successor-version"',
    "blanks": '<{heir}> ; rel = "successor-version"; title="a, b; c"',
    "a token": "<{heir}>;rel=successor-version",
    "behind others": '<http://e.example/a,b;c>; rel="related", , <{heir}>;title="\\"<x>";rel="successor-version"',
    "relative": '</id/{name}>; rel="successor-version"',
}


@pytest.mark.parametrize("which", sorted(SUCCESSORS))
def test_a_successor_is_read_from_every_legal_form_of_a_link(door, headers, written, which):
    old, heir = (name(f"link-{sorted(SUCCESSORS).index(which)}-{end}") for end in ("old", "heir"))
    for each in (old, heir):
        door.put(f"/record/{each}", data=redif(each, f"Title of {each}"), headers=headers)
    link = SUCCESSORS[which].format(heir=written.site.thing(heir), name=heir)
    assert door.delete(f"/record/{old}", headers={**headers, "Link": link}).status_code == 204
    assert written.log.get(old).successor == heir


NO_SUCCESSORS = {
    "a mistyped argument": ("?succesor={heir}", {}, 400),
    "two of them": ("?successor={heir}&successor={other}", {}, 422),
    "one of each": ("?successor={heir}", {"Link": '<{other}>; rel="successor-version"'}, 422),
    "no link": ("", {"Link": '{heir}; rel="successor-version"'}, 400),
    "no address": ("?successor=//[a", {}, 422),
    "a link to no address": ("", {"Link": '<//[a>; rel="successor-version"'}, 422),
    "an open quotation": ("", {"Link": '<{heir}>; rel="successor-version'}, 400),
}


@pytest.mark.parametrize("which", sorted(NO_SUCCESSORS))
def test_nothing_is_deleted_where_the_successor_cannot_be_told(door, headers, written, which):
    query, link, status = NO_SUCCESSORS[which]
    old, heir, other = (name(f"untold:{end}") for end in ("old", "heir", "other"))
    for each in (old, heir, other):
        door.put(f"/record/{each}", data=redif(each, f"Title of {each}"), headers=headers)
    filled = {key: value.format(heir=heir, other=written.site.thing(other)) for key, value in link.items()}
    reply = door.delete(f"/record/{old}{query.format(heir=heir, other=other)}", headers={**headers, **filled})
    assert reply.status_code == status, reply.text
    assert not written.log.get(old).deleted


def test_a_link_about_something_else_names_no_successor(door, headers, written):
    one = name("anchored")
    door.put(f"/record/{one}", data=redif(one), headers=headers)
    link = f'<{written.site.thing(NEW)}>; rel="successor-version"; anchor="http://e.example/"'
    assert door.delete(f"/record/{one}", headers={**headers, "Link": link}).status_code == 204
    assert written.log.get(one).successor is None


@pytest.mark.parametrize(
    ("media_type", "body", "status", "rule"),
    [
        (
            "application/x-redif; charset=koi8-r",
            redif(NEW, "On \u0432").decode().encode("koi8-r"),
            415,
            "unsupported-charset",
        ),
        ("text/turtle; charset=klingon", b"", 415, "unsupported-charset"),
        ('text/turtle; charset="iso-8859-1"', b"<x> <y> '\xe9' .", 415, "unsupported-charset"),
        (
            "application/x-redif; charset=UTF-8",
            redif(NEW, "On waves").replace(b"waves", b"caf\xe9"),
            422,
            "encoding",
        ),
    ],
)
def test_a_charset_is_heeded(door, headers, media_type, body, status, rule):
    reply = door.put(f"/record/{NEW}", data=body, headers={**headers, "Content-Type": media_type})
    assert (reply.status_code, reply.json["errors"][0]["rule"]) == (status, rule), reply.text


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "US-ASCII"])
def test_utf_8_is_read_by_any_of_its_names(door, headers, charset):
    wish = {**headers, "Content-Type": f"application/x-redif; charset={charset}"}
    assert door.put(f"/record/{name('utf8')}", data=redif(name("utf8")), headers=wish).status_code in (
        200,
        201,
    )


TOO_MANY = ", ".join(f'"{n}"' for n in range(101))


@pytest.mark.parametrize(
    "given", ['*, "zzz"', "zzz", '"zzz', "", TOO_MANY], ids=["both", "bare", "open", "empty", "too many"]
)
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_condition_that_cannot_be_understood_is_refused(door, headers, header, given):
    one = name("odd-condition")
    door.put(f"/record/{one}", data=redif(one), headers=headers)
    wish = {**headers, header: given}
    assert door.put(f"/record/{one}", data=redif(one, "Another"), headers=wish).status_code == 400
    assert door.delete(f"/record/{one}", headers=wish).status_code == 400
    assert b"Another" not in door.get(f"/record/{one}.ttl").data


def test_no_tag_of_a_condition_is_passed_over(door, headers):
    place = f"/record/{name('many-tags')}"
    tag = door.put(place, data=redif(name("many-tags")), headers=headers).headers["ETag"]
    wish = {**headers, "If-None-Match": ", ".join([*(f'"{n}"' for n in range(99)), tag])}
    assert door.put(place, data=redif(name("many-tags"), "Another"), headers=wish).status_code == 412


@pytest.mark.parametrize(
    "condition", [{"If-None-Match": "*"}, {"If-Match": '"zzz"'}, {"If-Unmodified-Since": "x"}]
)
def test_a_batch_takes_no_condition(door, headers, written, condition):
    one = name("batch-condition")
    reply = door.post("/records", data=redif(one), headers={**headers, **condition})
    assert (reply.status_code, written.log.get(one)) == (400, None)


def test_a_short_id_leads_to_its_person_again_when_its_own_record_is_deleted(door, headers, written):
    person = (
        "Template-Type: ReDIF-Person 1.0\nName-Full: Ada Garden\nName-First: Ada\nName-Last: Garden\n"
        "Short-Id: pga9\nHandle: RePEc:per:2001-01-01:ADA_GARDEN\n"
    )
    report = door.post("/records", data=person.encode(), headers=headers).json
    assert report["outcomes"]["created"] == 1, report
    handle = report["items"][0]["identifier"]

    def is_said_to_be_the_person() -> bool:
        said = door.get("/record/pga9", headers={"Accept": "application/n-triples"}).text
        return f"sameAs> <{written.site.thing(handle)}>" in said

    assert door.get("/id/pga9").headers["Location"] == written.site.record("pga9")
    assert is_said_to_be_the_person()
    book, title = "<http://purl.org/ontology/bibo/Book>", "<http://purl.org/dc/terms/title>"
    turtle = f'<{written.site.thing("pga9")}> a {book} ; {title} "P" .'
    wish = {**headers, "Content-Type": "text/turtle"}
    assert door.put("/record/pga9", data=turtle.encode(), headers=wish).status_code == 201
    assert not is_said_to_be_the_person()
    assert door.delete("/record/pga9", headers=headers).status_code == 204
    gone = door.get("/record/pga9")
    assert (gone.status_code, "successor-version" in gone.headers["Link"]) == (410, True)


def test_a_log_that_cannot_be_asked_is_no_fault_of_the_record(door, headers, monkeypatch):
    def away(*_):
        raise LogError(
            "the record log postgresql://sheaf@db.example/sheaf could not be used: it is starting up"
        )

    with monkeypatch.context() as patched:
        patched.setattr("repository.ingest.hosts.Hosts.fill", away)
        replies = [
            door.put(f"/record/{name('away')}", data=redif(name("away")), headers=headers),
            door.post("/records", data=redif(name("away")), headers=headers),
        ]
    for reply in replies:
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
        assert "db.example" not in reply.text
    assert door.put(f"/record/{name('away')}", data=redif(name("away")), headers=headers).status_code == 201
