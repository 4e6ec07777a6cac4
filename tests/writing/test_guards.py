"""What guards a write, and cannot be understood or is not so, lets nothing be written."""

import base64
import hashlib
import time
from email.utils import formatdate

import pytest

from repository.model.errors import LogError
from repository.model.site import Site
from repository.web.problems import reply_to
from tests.writing.conftest import redif

PLACE, ONE = "/record/RePEc:xde:guard:one", "RePEc:xde:guard:one"


@pytest.fixture
def kept(door, headers) -> bytes:
    """The record as it was before anybody tried to change it."""
    door.put(PLACE, data=redif(ONE), headers=headers)
    return door.get(f"{PLACE}.ttl").data


NO_DATES = [
    "yesterday",
    "",
    "2000-01-01T00:00:00Z",
    "2100-01-01",
    "Fri, 01 Jan 2100 00:00:00",
    "Fri, 01 Jan 2100 00:00:00 +0000",
    "Fri, 01 Jan 2100 00:00:00 EST",
    "Tue, 30 Feb 2100 00:00:00 GMT",
    "Fri, 01 Jan 2100 25:00:00 GMT",
    "Fri, 01 Jan 0100 00:00:00 GMT",
    "Fri, 01 Jän 2100 00:00:00 GMT",
    "Fri, 01 Jan 2100 00:00:00 GMT, Fri, 01 Jan 2100 00:00:00 GMT",
    '"Fri, 01 Jan 2100 00:00:00 GMT"',
    "4102444800",
    "*",
]


@pytest.mark.parametrize("given", NO_DATES)
def test_a_date_that_cannot_be_read_lets_nothing_be_written_or_deleted(door, headers, kept, given):
    wish = {**headers, "If-Unmodified-Since": given}
    for reply in (
        door.put(PLACE, data=redif(ONE, "Another"), headers=wish),
        door.delete(PLACE, headers=wish),
    ):
        assert (reply.status_code, reply.json["type"].rpartition("#")[2]) == (400, "bad-request"), reply.text
        assert "If-Unmodified-Since" in reply.json["detail"]
    new = "RePEc:xde:guard:never"
    assert door.put(f"/record/{new}", data=redif(new), headers=wish).status_code == 400
    assert door.get(f"{PLACE}.ttl", headers={"If-Unmodified-Since": given}).data == kept
    assert door.get(f"/record/{new}").status_code == 404


LATER = ["Fri, 01 Jan 2100 00:00:00 GMT", "Friday, 01-Jan-60 00:00:00 GMT", "Fri Jan  1 00:00:00 2100"]
BEFORE = ["Thu, 01 Jan 2015 00:00:00 GMT", "Thursday, 01-Jan-15 00:00:00 GMT", "Thu Jan  1 00:00:00 2015"]


@pytest.mark.parametrize("given", LATER + BEFORE)
def test_each_form_of_an_http_date_is_judged(door, headers, kept, given):
    wish = {**headers, "If-Unmodified-Since": given}
    status = 200 if given in LATER else 412
    assert door.put(PLACE, data=redif(ONE, "Judged"), headers=wish).status_code == status
    assert (b"Judged" in door.get(f"{PLACE}.ttl").data) == (status == 200)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_date_without_zone_is_in_gmt_wherever_the_machine_stands(door, headers, kept, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        hour = 3600
        for seconds, status in ((time.time() - hour, 412), (time.time() + hour, 200)):
            given = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seconds))
            wish = {**headers, "If-Unmodified-Since": given}
            assert door.put(PLACE, data=redif(ONE, f"In {zone}"), headers=wish).status_code == status
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_date_that_a_record_was_read_with_is_understood(door, headers, kept):
    wish = {**headers, "If-Unmodified-Since": formatdate(time.time() + 5, usegmt=True)}
    assert door.put(PLACE, data=redif(ONE, "As read"), headers=wish).json["outcome"] == "replaced"


def test_beside_if_match_a_date_counts_for_nothing(door, headers, kept):
    tag = door.get(f"{PLACE}.ttl").headers["ETag"]
    wish = {**headers, "If-Unmodified-Since": "yesterday", "If-Match": tag}
    assert door.put(PLACE, data=redif(ONE, "Matched"), headers=wish).status_code == 200
    assert door.put(PLACE, data=redif(ONE, "Again"), headers=wish).status_code == 412


SENT = redif(ONE, "Digested")


def digest(algorithm: str, content: bytes = SENT) -> str:
    return base64.b64encode(hashlib.new(algorithm.replace("-", ""), content).digest()).decode()


NO_DIGESTS = {
    "too short": "sha-256=:AAAA:",
    "empty": "sha-256=::",
    "too long": f"sha-256=:{digest('sha-512')}:",
    "of the other length": f"sha-512=:{digest('sha-256')}:",
    "no byte sequence": f"sha-256={digest('sha-256')}",
    "a word": "sha-256=garbage",
    "a name alone": "sha-256",
    "quoted": f'sha-256="{digest("sha-256")}"',
    "as RFC 3230 wrote it": f"SHA-256={digest('sha-256')}",
    "hexadecimal": f"sha-256=:{hashlib.sha256(SENT).hexdigest()}:",
    "base64 for addresses": f"sha-256=:{'-_' * 21}A:",
    "padded within": f"sha-256=:{digest('sha-256')[:20]}=={digest('sha-256')[20:]}:",
    "cut off": f"sha-256=:{digest('sha-256')}",
    "behind a right one": f"sha-512=:{digest('sha-512')}:, sha-256=:AAAA:",
    "a comma too much": f"sha-256=:{digest('sha-256')}:,",
}


@pytest.mark.parametrize("field", ["Content-Digest", "Repr-Digest"])
@pytest.mark.parametrize("which", NO_DIGESTS)
def test_a_digest_that_is_none_lets_nothing_be_written(door, headers, kept, field, which):
    wish = {**headers, field: NO_DIGESTS[which]}
    reply = door.put(PLACE, data=SENT, headers=wish)
    assert (reply.status_code, reply.json["type"].rpartition("#")[2]) == (400, "bad-request"), reply.text
    assert field in reply.json["detail"]
    assert door.post("/records", data=SENT, headers=wish).status_code == 400
    assert door.get(f"{PLACE}.ttl").data == kept


DIGESTS = {
    "one": f"sha-256=:{digest('sha-256')}:",
    "both": f"sha-256=:{digest('sha-256')}:, sha-512=:{digest('sha-512')}:",
    "without padding": f"sha-256=:{digest('sha-256').rstrip('=')}:",
    "in capitals": f"SHA-256=:{digest('sha-256')}:",
    "with a parameter": f"sha-256=:{digest('sha-256')}:;made=today",
    "of an algorithm that nobody knows": "sha3-512=:AAAA:, crc32c=:AAAAAA==:",
    "none": "",
}


@pytest.mark.parametrize("which", DIGESTS)
def test_a_right_digest_and_one_of_another_algorithm_let_a_write_pass(door, headers, which):
    reply = door.put(PLACE, data=SENT, headers={**headers, "Content-Digest": DIGESTS[which]})
    assert reply.status_code in (200, 201), reply.text


@pytest.mark.parametrize("given", ["bytes 0-130/1000", "bytes 0-130/*", "bytes */1000", "lines 1-2/3", ""])
def test_a_part_is_never_kept_as_the_whole_record(door, headers, kept, given):
    wish = {**headers, "Content-Range": given}
    for reply in (
        door.put(PLACE, data=redif(ONE, "In part"), headers=wish),
        door.post("/records", data=redif(ONE, "In part"), headers=wish),
    ):
        assert (reply.status_code, reply.json["type"].rpartition("#")[2]) == (400, "bad-request"), reply.text
        assert "Content-Range" in reply.json["detail"]
    assert door.get(f"{PLACE}.ttl").data == kept


ELSEWHERE = {"Origin": "https://evil.example"}
# Paths, and the methods that read there: others are only what writes, or nothing.
DOORS = {
    PLACE: {"GET", "HEAD", "OPTIONS"},
    f"{PLACE}.ttl": {"GET", "HEAD", "OPTIONS"},
    "/records": {"GET", "HEAD", "OPTIONS"},
    "/sparql": {"GET", "HEAD", "OPTIONS", "POST"},
    "/oai": {"GET", "HEAD", "OPTIONS", "POST"},
}


@pytest.mark.parametrize("path", DOORS)
def test_a_preflight_lets_other_origins_read_and_never_write(door, path):
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "put", "*", ""):
        wish = {**ELSEWHERE, "Access-Control-Request-Method": method}
        reply = door.options(path, headers=wish)
        cors = {each: value for each, value in reply.headers if each.startswith("Access-Control")}
        assert reply.status_code == 204
        assert "Access-Control-Request-Method" in reply.headers["Vary"]
        if method not in DOORS[path]:
            assert not cors
            continue
        assert cors["Access-Control-Allow-Origin"] == "*"
        assert set(cors["Access-Control-Allow-Methods"].split(", ")) == DOORS[path]
        assert "authorization" not in cors["Access-Control-Allow-Headers"].lower()
        assert "*" not in cors["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in cors
    plain = door.options(path)
    assert set(plain.headers["Access-Control-Allow-Methods"].split(", ")) == DOORS[path]


def test_what_writes_is_answered_to_no_page_of_another_origin(door, headers, kept):
    for sent in (headers, {"Content-Type": headers["Content-Type"]}):
        wish = {**sent, **ELSEWHERE}
        for reply in (
            door.post("/records", data=redif(ONE), headers=wish),
            door.put(PLACE, data=redif(ONE), headers=wish),
            door.patch(PLACE, data=redif(ONE), headers=wish),
            door.delete("/record/RePEc:xde:guard:nobody", headers=wish),
        ):
            assert not [each for each, _ in reply.headers if each.startswith("Access-Control")]
            assert "Set-Cookie" not in reply.headers
    assert door.get(PLACE, headers=ELSEWHERE).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("said", "status"),
    [("database or disk is full", 507), ("database is locked", 503), ("the connection is lost", 503)],
)
def test_a_log_that_cannot_be_written_is_full_only_where_the_disk_is(said: str, status: int) -> None:
    error = LogError(f"the record log /srv/fulltext/log.sqlite could not be used: {said}")
    assert (
        reply_to(error, {}, Site("https://papers.example.org/", "papers.example.org")).status_code == status
    )
