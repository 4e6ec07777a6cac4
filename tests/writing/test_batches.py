"""Many records in one request: a report on each, all or none where it is wished, and no harm in repeating."""

import pytest

from repository.log import Log
from repository.model.errors import LogError
from tests.writing.conftest import redif


def name(end: str) -> str:
    return f"RePEc:xde:batch:{end}"


def batch(*names: str) -> bytes:
    return b"\n".join(redif(name(each), f"Title {each}") for each in names)


UNTITLED = f"\nTemplate-Type: ReDIF-Paper 1.0\nAuthor-Name: A\nHandle: {name('untitled')}\n".encode()


def test_each_record_is_reported_and_repeating_changes_nothing(door, headers, written):
    first = door.post("/records", data=batch("a", "b"), headers=headers)
    assert first.status_code == 200
    assert first.json["outcomes"] == {"created": 2, "replaced": 0, "unchanged": 0, "refused": 0}
    seq = written.log.newest()
    again = door.post("/records", data=batch("a", "b"), headers=headers)
    assert [item["outcome"] for item in again.json["items"]] == ["unchanged", "unchanged"]
    assert written.log.newest() == seq


def test_lenient_keeps_the_good_and_names_the_bad(door, headers):
    reply = door.post("/records", data=batch("c", "d", "c") + UNTITLED, headers=headers)
    assert reply.status_code == 200
    found = {(item["identifier"], item["outcome"]) for item in reply.json["items"]}
    assert found == {
        (name("c"), "created"),
        (name("d"), "created"),
        (name("c"), "refused"),
        (name("untitled"), "refused"),
    }
    refused = [item for item in reply.json["items"] if item["outcome"] == "refused"]
    assert all(any(each["severity"] == "error" for each in item["findings"]) for item in refused)


def test_what_is_refused_says_on_which_line_and_of_nothing_that_it_was_kept(door, headers):
    spelt = redif(name("g"), "Title").replace(b"Title: ", b"Tittle: x\nTitle: ")
    reply = door.post("/records", data=batch("g") + b"\n" + spelt, headers=headers)
    (refused,) = [item for item in reply.json["items"] if item["outcome"] == "refused"]
    again = refused["findings"][-1]
    assert (again["rule"], again["line"]) == ("reused-handle", refused["line"])
    assert {"unknown-field", "reused-handle"} <= {each["rule"] for each in refused["findings"]}
    assert all("kept as" not in each["done"] for each in refused["findings"])


def test_strict_keeps_all_or_none(door, headers, written):
    wish = {**headers, "Prefer": "respond-async, handling=strict"}
    seq = written.log.newest()
    reply = door.post("/records", data=batch("e", "f") + UNTITLED, headers=wish)
    assert (reply.status_code, reply.json["type"].rpartition("#")[2]) == (422, "invalid-batch")
    assert any(error["identifier"] == name("untitled") for error in reply.json["errors"])
    assert written.log.newest() == seq
    good = door.post("/records", data=batch("e", "f"), headers=wish)
    assert good.headers["Preference-Applied"] == "handling=strict"
    assert good.json["outcomes"]["created"] == 2


def test_records_out_of_scope_are_refused_one_by_one(door, give):
    headers = give("RePEc:xde:batch:in")
    reply = door.post("/records", data=batch("in1", "out1"), headers=headers)
    outcomes = {item["identifier"]: item for item in reply.json["items"]}
    assert outcomes[name("in1")]["outcome"] == "created"
    assert outcomes[name("out1")]["findings"][-1]["rule"] == "out-of-scope"
    assert door.post("/records", data=batch("out1"), headers=headers).status_code == 403


def test_a_dump_of_ours_can_be_sent(door, headers, written):
    door.post("/records", data=batch("q1", "q2"), headers=headers)
    quads = b"".join(
        written.site.quads(each, written.log.get(each).body) for each in (name("q1"), name("q2"))
    )
    reply = door.post("/records", data=quads, headers={**headers, "Content-Type": "application/n-quads"})
    assert reply.json["outcomes"]["unchanged"] == 2, reply.text


def test_bibtex_can_be_sent_where_it_names_a_handle(door, headers):
    door.post("/records", data=batch("bib"), headers=headers)
    given = door.get(f"/record/{name('bib')}.bib").data
    reply = door.post("/records", data=given, headers={**headers, "Content-Type": "application/x-bibtex"})
    assert reply.status_code == 200, reply.text
    assert reply.json["items"][0]["identifier"] == name("bib")


def test_what_holds_no_record_is_422(door, headers):
    page = b"<!DOCTYPE html><html><body>404</body></html>"
    assert door.post("/records", data=page, headers=headers).status_code == 422
    nothing = door.post("/records", data=b"<a> <b", headers={**headers, "Content-Type": "text/turtle"})
    assert nothing.status_code == 422


@pytest.mark.parametrize(
    "form", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
)
def test_what_a_foreign_page_can_send_is_refused(door, give, form):
    reply = door.post(
        "/records", data=batch("csrf"), headers={"Content-Type": form, "Origin": "https://evil.example"}
    )
    assert reply.status_code == 401
    assert (
        door.post("/records", data=batch("csrf"), headers={**give(), "Content-Type": form}).status_code == 415
    )


def test_more_than_a_strict_transaction_holds_is_refused_whole(door, headers, written):
    many = batch(*(f"many{number}" for number in range(1001)))
    seq = written.log.newest()
    reply = door.post("/records", data=many, headers={**headers, "Prefer": "handling=strict"})
    assert reply.status_code == 413
    assert written.log.newest() == seq


def test_a_batch_that_a_full_disk_ends_does_not_say_that_nothing_was_kept(door, headers, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise LogError("the disk is full")

    monkeypatch.setattr(Log, "append", full)
    monkeypatch.setattr(Log, "append_if", full)
    batched = door.post("/records", data=batch("full"), headers=headers)
    assert (batched.status_code, "nothing" in batched.json["detail"]) == (507, False)
    alone = door.put(f"/record/{name('full')}", data=redif(name("full")), headers=headers)
    assert (alone.status_code, "nothing was kept" in alone.json["detail"]) == (507, True)
