"""Odd values in what is written over HTTP: told of or refused, and no format of what is kept ever fails."""

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.formats import FORMATS
from repository.model.ntriples import literal
from repository.model.terms import BIBO, DC, DCTERMS, FOAF, INTERNAL, PRISM, RDF, SHEAF, XSD

TURTLE = {"Content-Type": "text/turtle"}
NUMBERS = count()
DATES = (
    "yesterday", "2020-13-45", "2021-13", "2020-00", "2021-02-30", "0000", "2020-1-1", "2020-01-01Z",
    "2020-01-01T00:00:00Z", "-0044", "20200101", "12020", "2020-", "-", " ",
    "2020\n-01", "２０２０", "2020/2021", "20", "1-2-3-4-5",
)  # fmt: skip
DOIS = (
    "hello",
    "11.foo",
    "10.1000/",
    "10.1000/a b",
    "10.1000/<x>",
    "10.1000/\n",
    "doi:10.1000/x",
    "10.1/ü",
    "%",
    "10.99999/}{",
)
LANGUAGES = ("klingon-language", "xx", "", "-", "de_DE", "e", "<en>", "../x", "zh-hant-hans-x", "\n")
NUMBERS_OF_SERIES = ("xyz", "1234-567X", "0000-0000", "", "1234-5678 (print)", "}{", "\\", "2049-3630")
TYPES = ("Article", "Report", "Book", "BookSection", "Document")
PLAIN = {  # predicate -> hostile values
    DCTERMS + "issued": DATES, DCTERMS + "created": DATES, PRISM + "modificationDate": DATES,
    BIBO + "doi": DOIS, BIBO + "issn": NUMBERS_OF_SERIES, BIBO + "isbn": NUMBERS_OF_SERIES,
    DCTERMS + "language": LANGUAGES, BIBO + "pages": (*DATES, "1--", "–", "i-x, 5"), BIBO + "volume": DATES,
    PRISM + "number": DATES, BIBO + "number": DATES, BIBO + "edition": DATES, BIBO + "pageStart": DATES,
    PRISM + "publicationName": ("", " ", "}{\\", "\n"), DC + "publisher": ("", " / ", "}{"),
    DC + "subject": ("", ";", "\n"),
    SHEAF + "publicationStatus": ("", "%"), SHEAF + "sourceField": ("", ":", "X", "X-Y: \n z", "Handle: RePEc:a:b:c"),
}  # fmt: skip
LINKS = ("doi:10.1000/x", f"{INTERNAL}id/jel:ZZ99", f"{INTERNAL}id/RePEc:a:b", "http://e.example/%7B", "urn:x:y",
         "https://doi.org/", "javascript:alert(1)", "http://e.example/#}{", f"{INTERNAL}sparql")  # fmt: skip
LINKING = (DCTERMS + "subject", DCTERMS + "language", DCTERMS + "isPartOf", FOAF + "page", DCTERMS + "hasFormat",
           DCTERMS + "creator", BIBO + "editor", DCTERMS + "publisher", DCTERMS + "references", FOAF + "homepage",
           DCTERMS + "hasVersion",
           "http://www.w3.org/2002/07/owl#sameAs", "http://www.w3.org/2000/01/rdf-schema#seeAlso")  # fmt: skip


def objects(predicate: str) -> st.SearchStrategy[str]:
    values = st.one_of(st.sampled_from(PLAIN[predicate]), st.text(max_size=12))
    datatypes = ("", *(XSD + name for name in ("date", "gYearMonth", "gYear", "integer", "string", "anyURI")))
    return st.one_of(
        values.map(literal),
        st.tuples(values, st.sampled_from(datatypes)).map(lambda two: literal(two[0], datatype=two[1])),
    )


plain = st.sampled_from(sorted(PLAIN)).flatmap(lambda p: st.tuples(st.just(p), objects(p)))
linking = st.tuples(st.sampled_from(LINKING), st.sampled_from([f"<{iri}>" for iri in LINKS]))
statements = st.lists(st.one_of(plain, plain, linking), min_size=1, max_size=12)


def put(door, headers, identifier: str, lines: str, base: str):
    thing = f"<{base}id/{identifier}>"
    head = f"@prefix xsd: <{XSD}> . @prefix d: <{DCTERMS}> . @prefix b: <{BIBO}> .\n"
    body = head + f'{thing} a b:Article ; d:title "A title that is there" .\n' + lines.replace("<>", thing)
    return door.put(f"/record/{identifier}", data=body.encode(), headers={**headers, **TURTLE})


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(TYPES), statements)
def test_whatever_is_kept_is_given_in_every_format_that_it_is_offered_in(door, headers, written, kind, said):
    identifier = f"RePEc:xde:odd:{next(NUMBERS)}"
    base = written.site.base
    lines = f"<> <{RDF}type> <{BIBO}{kind}> .\n" + "".join(
        f"<> <{predicate}> {value.replace(INTERNAL, base)} .\n" for predicate, value in said
    )
    reply = put(door, headers, identifier, lines, base)
    assert reply.status_code in (201, 422), reply.text
    if reply.status_code == 422:
        assert all(error["rule"] and error["value"] for error in reply.json["errors"]), reply.text
        return
    works = written.log.get(identifier)
    for form in FORMATS:
        if form.extension and (form.listing in works.formats or (not form.listed_as and not form.namespace)):
            answer = door.get(f"/record/{identifier}.{form.extension}")
            assert answer.status_code == 200, (form.name, answer.text)
        if form.namespace and form.listing in works.formats:
            query = {
                "verb": "GetRecord",
                "identifier": written.site.oai_identifier(identifier),
                "metadataPrefix": form.name,
            }
            answer = door.get("/oai", query_string=query)
            assert answer.status_code == 200, (form.name, answer.text)
            assert "<GetRecord>" in answer.text, answer.text
    assert door.get(f"/record/{identifier}.html").status_code == 200
    assert door.get(f"/record/{identifier}.bib").status_code == 200


@pytest.mark.parametrize("date", DATES)
def test_no_format_invents_a_month_or_a_year(door, headers, written, date):
    identifier = f"RePEc:xde:date:{DATES.index(date)}"
    assert (
        put(door, headers, identifier, f"<> d:issued {literal(date)} .", written.site.base).status_code == 201
    )
    bib, ris = (door.get(f"/record/{identifier}.{form}").text for form in ("bib", "ris"))
    month = "jan" if date.startswith("2020-01-01") else ""
    year = (
        "2020"
        if date.startswith("2020") and not date.startswith("20200")
        else "2021"
        if date.startswith("2021")
        else ""
    )
    assert ("month = " in bib) == bool(month or date == "2021-02-30")
    assert (f"year = {{{year}}}" in bib) == bool(year), bib
    assert (f"PY  - {year}\r\n" in ris) == bool(year), ris
    assert "yest" not in bib + ris
    published = json.loads(door.get(f"/record/{identifier}.schema.jsonld").data).get("datePublished")
    assert published is None


ODD = {
    "a date": ('d:issued "yesterday"', "invalid-date", "yesterday"),
    "no day of the calendar": ('d:created "2021-02-30"', "invalid-date", "2021-02-30"),
    "a DOI": ('b:doi "11.foo"', "invalid-doi", "11.foo"),
    "an ISSN": ('b:issn "xyz"', "invalid-issn", "xyz"),
    "a language": ('d:language "klingon-language"', "invalid-language", "klingon-language"),
    "a code": ("d:subject <{base}id/jel:ZZ99>", "invalid-jel", "ZZ99"),
    "a name": ('b:handle "hello"', "invalid-handle", "hello"),
}  # fmt: skip


@pytest.mark.parametrize("which", sorted(ODD))
def test_an_odd_value_is_kept_and_told_of_by_the_rule_that_redif_has_for_it(door, headers, written, which):
    said, rule, value = ODD[which]
    identifier = f"RePEc:xde:told:{sorted(ODD).index(which)}"
    reply = put(door, headers, identifier, f"<> {said.format(base=written.site.base)} .", written.site.base)
    assert reply.status_code == 201, reply.text
    found = {finding["rule"]: finding["value"] for finding in reply.json["findings"]}
    assert value in found[rule]


REFUSED = {
    "a date of no calendar": ('d:issued "2020-13-45"^^xsd:date', "ill-typed-value", "2020-13-45"),
    "a day that February has not": ('d:issued "2021-02-30"^^xsd:date', "ill-typed-value", "2021-02-30"),
    "a month": ('d:created "2021-13"^^xsd:gYearMonth', "ill-typed-value", "2021-13"),
    "a number": ('<http://e.example/n> "many"^^xsd:integer', "ill-typed-value", "many"),
    "another's handle": ('b:handle "RePEc:zzz:wpaper:9"', "other-handle", "RePEc:zzz:wpaper:9"),
    "another's identifier": ('d:identifier "repec:YYY:wpaper:9"', "other-handle", "repec:YYY:wpaper:9"),
}  # fmt: skip


@pytest.mark.parametrize("which", sorted(REFUSED))
def test_what_its_own_datatype_or_address_belies_is_refused_with_rule_and_value(
    door, headers, written, which
):
    said, rule, value = REFUSED[which]
    identifier = "RePEc:xde:belied:1"
    reply = put(door, headers, identifier, f"<> {said} .", written.site.base)
    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    (error,) = [each for each in reply.json["errors"] if each["severity"] == "error"]
    assert (error["rule"], error["done"]) == (rule, "record refused")
    assert value in error["value"]
    assert written.log.get(identifier) is None


def test_in_a_batch_what_is_belied_is_refused_by_itself(door, headers, written):
    base = written.site.base
    sent = "".join(
        f'<{base}id/RePEc:xde:many:{n}> a <{BIBO}Article> ; <{DCTERMS}title> "T" ;'
        f' <{DCTERMS}issued> "{date}"^^<{XSD}date> .\n'
        for n, date in enumerate(("2020-01-31", "2020-01-32"))
    )
    reply = door.post("/records", data=sent.encode(), headers={**headers, **TURTLE})
    assert [item["outcome"] for item in reply.json["items"]] == ["created", "refused"]
    assert [found["done"] for found in reply.json["items"][1]["findings"]] == ["record refused"]
    assert written.log.get("RePEc:xde:many:1") is None


def test_its_own_handle_in_any_spelling_is_no_other(door, headers, written):
    said = '<> b:handle "repec:XDE:own:1" ; d:identifier "RePEc:xde:own:1", "inventory 7", "doi:10.1000/x" .'
    reply = put(door, headers, "RePEc:xde:own:1", said, written.site.base)
    assert (reply.status_code, reply.json["findings"]) == (201, [])
