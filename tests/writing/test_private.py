"""E-mail addresses and telephone numbers in what is written over HTTP: never public, and never lost unknowingly."""

import json
import shutil

import pytest

from tests.writing.conftest import redif

ADA = b"Author-Email: ada@garden.example\nAuthor-Phone: +49 40 123456\n"
BIB, RIS = "application/x-bibtex", "application/x-research-info-systems"
CSL = "application/vnd.citationstyles.csl+json"


def name(end: str) -> str:
    return f"RePEc:xde:private:{end}"


def contacts(written, identifier: str) -> str:
    return str(dict(written.log.private(identifier)))


def put(
    door, headers, identifier: str, data: bytes | str, media_type: str = "application/x-redif", **others: str
):
    return door.put(
        f"/record/{identifier}", data=data, headers={**headers, "Content-Type": media_type, **others}
    )


@pytest.mark.parametrize(
    ("form", "media_type"), [("csl.json", CSL), ("bib", BIB), ("ris", RIS), ("ttl", "text/turtle")]
)
def test_what_cannot_say_an_address_does_not_take_it_away(door, headers, written, form, media_type):
    one = name(form)
    put(door, headers, one, redif(one) + ADA)
    given = door.get(f"/record/{one}.{form}").data
    assert b"ada@" not in given
    reply = put(door, headers, one, given, media_type)
    assert reply.status_code == 200, reply.text
    assert "ada@garden.example" in contacts(written, one)
    assert put(door, headers, one, redif(one)).status_code == 200
    assert contacts(written, one) == "{}"


def test_an_address_goes_with_whoever_it_is_of(door, headers, written):
    one = name("bob")
    put(door, headers, one, redif(one) + ADA)
    turtle = door.get(f"/record/{one}.ttl").data
    reply = put(door, headers, one, turtle.replace(b"Ada Garden", b"A. Garden"), "text/turtle")
    assert (reply.json["outcome"], reply.json["findings"]) == ("replaced", [])
    assert "ada@garden.example" in contacts(written, one)
    reply = put(door, headers, one, turtle.replace(b"Ada Garden", b"Bob Quay"), "text/turtle")
    (finding,) = reply.json["findings"]
    assert (finding["rule"], finding["done"]) == ("private-fact", "private facts removed")
    assert "garden" in finding["value"]
    assert "ada@" not in reply.text
    assert contacts(written, one) == "{}"


def test_a_batch_that_takes_an_address_away_says_of_nothing_else_that_it_is_refused(door, headers):
    one = name("batch")
    put(door, headers, one, redif(one) + ADA)
    sent = [{"id": one, "type": "report", "title": "On waves", "author": [{"family": "Quay"}], "odd": "kept"}]
    reply = door.post("/records", data=json.dumps(sent), headers={**headers, "Content-Type": CSL})
    (item,) = reply.json["items"]
    assert item["outcome"] == "replaced"
    done = {each["rule"]: each["done"] for each in item["findings"]}
    assert done == {"unknown-field": "kept as a source field", "private-fact": "private facts removed"}


def test_a_stale_condition_guards_private_facts_too(door, headers, written):
    one = name("stale")
    put(door, headers, one, redif(one) + ADA)
    other = redif(one) + ADA.replace(b"ada@", b"eve@")
    assert put(door, headers, one, other, **{"If-Match": '"stale"'}).status_code == 412
    assert "ada@garden.example" in contacts(written, one)
    same = put(door, headers, one, redif(one) + ADA, **{"If-Match": '"stale"'})
    assert (same.status_code, same.json["outcome"]) == (200, "unchanged")
    tag = door.get(f"/record/{one}.ttl").headers["ETag"]
    assert put(door, headers, one, other, **{"If-Match": tag}).status_code == 200
    assert "eve@garden.example" in contacts(written, one)


@pytest.mark.parametrize("prefer", [None, "", "handling=strict"], ids=["put", "batch", "strict batch"])
def test_an_address_that_another_changed_meanwhile_stays_as_they_left_it(
    door, headers, written, monkeypatch, prefer
):
    one = name("meanwhile")
    put(door, headers, one, redif(one) + ADA)
    turtle = door.get(f"/record/{one}.ttl").data
    usage, others = shutil.disk_usage, iter([redif(one) + ADA.replace(b"ada@", b"eve@")])

    def meanwhile(folder):
        """Looked at when all is read, and nothing kept."""
        for sent in others:
            assert put(door, headers, one, sent).status_code == 200
        return usage(folder)

    monkeypatch.setattr("shutil.disk_usage", meanwhile)
    if prefer is None:
        reply = put(door, headers, one, turtle, "text/turtle")
    else:
        reply = door.post(
            "/records", data=turtle, headers={**headers, "Content-Type": "text/turtle", "Prefer": prefer}
        )
    assert reply.status_code == 200, reply.text
    assert "eve@garden.example" in contacts(written, one)
    assert "ada@garden.example" not in contacts(written, one)


def _bib(one: str) -> str:
    return (
        f"@article{{{one}, title={{On waves}}, author={{Garden, Ada}}, note={{Write to bib@secret.example}}, "
        "address={Quay 1, tel. 040 1234567}}"
    )


TEXTS = {
    "BibTeX": (BIB, _bib),
    "RIS": (RIS, lambda one: f"TY  - JOUR\r\nID  - {one}\r\nTI  - On waves\r\nAU  - Garden, Ada\r\n"
            "N1  - Ask ris@secret.example, tel: 040 1234567\r\nAD  - Quay 1, ad@secret.example\r\nER  - \r\n"),
    "CSL": (CSL, lambda one: json.dumps([{"id": one, "type": "article-journal", "title": "On waves, csl@secret.example",
            "author": [{"family": "Garden", "given": "Ada", "email": "ada@secret.example"}],
            "note": "tel. 040 1234567", "abstract": "Ask (abs@secret.example) for it"}])),
    "oai_dc": ("application/vnd.oai.dc+xml", lambda one:
               '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
               'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On waves</dc:title>'
               "<dc:creator>Garden, Ada (dc@secret.example)</dc:creator><dc:coverage>tel. 040 1234567</dc:coverage>"
               f"<dc:identifier>{one}</dc:identifier></oai_dc:dc>"),
}  # fmt: skip


@pytest.mark.parametrize("which", sorted(TEXTS))
def test_contacts_in_the_texts_of_other_formats_are_withheld_and_told_of(door, headers, written, which):
    media_type, made = TEXTS[which]
    one = name(f"texts:{which.lower()}")
    reply = put(door, headers, one, made(one), media_type)
    assert reply.status_code == 201, reply.text
    assert "contact" in [finding["rule"] for finding in reply.json["findings"]]
    assert "secret.example" in contacts(written, one)
    assert "040 1234567" in contacts(written, one)
    for shown in (
        reply.text,
        *(door.get(f"/record/{one}.{form}").text for form in ("nt", "html", "redif", "csl.json")),
    ):
        assert "@secret" not in shown
        assert "040 1234567" not in shown
    assert "Garden" in door.get(f"/record/{one}.nt").text


def test_a_date_of_csl_that_is_cut_is_told(door, headers):
    one = name("date")
    sent = json.dumps(
        [{"id": one, "type": "article", "title": "T", "issued": {"date-parts": [[2020, 13, 45]]}}]
    )
    reply = put(door, headers, one, sent, CSL)
    assert [finding["rule"] for finding in reply.json["findings"]] == ["repaired-date"]
    assert "2020, 13, 45" in reply.json["findings"][0]["value"]
