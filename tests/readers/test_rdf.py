"""RDF in six notations: each statement to its own record, and to no other."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.model import bodies
from repository.model.lens import read_work, write_work
from repository.model.lens.glance import glance
from repository.model.work import Person, Text, Work
from repository.readers.reader import Finding, Item
from tests.readers.sources import SITE, codes, content_bytes, items, results
from tests.strategies import works

PREFIXES = """
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@base <https://sheaf.example.org/> .
"""
HEDGES = "<id/hedges> a bibo:Book ; dcterms:title 'Hedges' .\n"
THORNS = "<id/thorns> a bibo:Book ; dcterms:title 'Thorns' .\n"


def turtle(text: str, strict: bool = False) -> list[Item | Finding]:
    return results("turtle", PREFIXES + text, strict)


def one(text: str, strict: bool = False) -> Item:
    (item,) = turtle(text, strict)
    assert isinstance(item, Item), item
    return item


def lens(item: Item) -> Work:
    return read_work(item.identifier, content_bytes(item))


NOTATIONS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}


@pytest.mark.parametrize("notation", NOTATIONS)
@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        works().filter(lambda w: bool(w.title.value)),
        min_size=1,
        max_size=3,
        unique_by=lambda w: w.identifier,
    )
)
def test_our_own_records_come_back_byte_for_byte(notation: str, drawn: list[Work]) -> None:
    written = {work.identifier: write_work(work) for work in drawn}
    quads = [
        ox.Quad(t.subject, t.predicate, t.object)
        for body in written.values()
        for t in bodies.to_triples(body, SITE)
    ]
    data = ox.serialize(quads, format=NOTATIONS[notation])
    assert data is not None
    assert {item.identifier: item.content for item in items(notation, data)} == written


def test_what_is_said_of_the_entry_is_left_out_without_a_word() -> None:
    item = one(
        HEDGES + "<record/hedges> a foaf:Document ; foaf:primaryTopic <id/hedges> .\n"
        "<.well-known/void#dataset> dcterms:title 'All' .\n",
        strict=True,
    )
    assert item.findings == ()
    assert content_bytes(item).count(b"\n") == 2


def test_blank_nodes_go_to_each_record_that_leads_to_them() -> None:
    first, second = turtle(
        "<id/a> a bibo:Book ; dcterms:title 'A' ; dcterms:creator _:b .\n"
        "<id/b> a bibo:Book ; dcterms:title 'B' ; dcterms:creator _:b .\n"
        "_:b foaf:name 'Ada' ; foaf:knows [ foaf:name 'Bo' ] .\n"
    )
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    for item in (first, second):
        assert lens(item).creators == (Person("Ada"),)
        assert b'"Bo"' in content_bytes(item)


def test_the_order_of_an_rdf_list_of_authors_survives() -> None:
    item = one(HEDGES + "<id/hedges> bibo:authorList ([foaf:name 'C'] [foaf:name 'A'] [foaf:name 'B']) .")
    assert [person.name for person in lens(item).creators] == ["C", "A", "B"]


def test_a_subject_from_elsewhere_is_known_by_its_handle() -> None:
    item = one(
        "<http://elsewhere.example/1> a bibo:Book ; dcterms:title 'T' ; bibo:handle 'repec:XYZ:bkshlf:1' ;\n"
        "  dcterms:identifier 'inv-7' ; dcterms:creator <http://elsewhere.example/1#ada> .\n"
        "<http://elsewhere.example/1#ada> foaf:name 'Ada' .\n"
    )
    assert item.identifier == "RePEc:xyz:bkshlf:1"
    assert lens(item).creators == (Person("Ada"),)
    assert b"elsewhere" not in content_bytes(item)


def test_a_subject_from_elsewhere_is_known_by_its_one_identifier() -> None:
    text = "<http://e.example/1> a bibo:Book ; dcterms:title 'T' ; dcterms:identifier 'inv-7', 'http://e.example/1' .\n"
    assert one(text).identifier == "inv-7"
    assert codes(turtle(text.replace("'http://e.example/1'", "'inv-8'"))) == ["no-record"]


def test_a_blank_subject_with_a_handle_is_a_record() -> None:
    assert (
        one("[] a bibo:Book ; dcterms:title 'T' ; bibo:handle 'RePEc:xyz:b:1' .").identifier
        == "RePEc:xyz:b:1"
    )


@pytest.mark.parametrize("name", ["bibo:handle", "dcterms:identifier"])
def test_a_file_that_speaks_of_itself_is_known_by_what_it_says(name: str) -> None:
    item = one(
        f"<> a bibo:Book ; dcterms:title 'T' ; {name} 'RePEc:xyz:b:1' ; dcterms:creator <#ada> .\n"
        "<#ada> a foaf:Person ; foaf:name 'Ada' .\n"
    )
    assert (item.identifier, lens(item).creators) == ("RePEc:xyz:b:1", (Person("Ada"),))
    assert codes(turtle("<> a bibo:Book ; dcterms:title 'T' .")) == ["no-record"]


def test_links_between_records_from_elsewhere_become_ours() -> None:
    paper, series = turtle(
        "<http://e.example/1> a bibo:Report ; dcterms:title 'T' ; bibo:handle 'RePEc:xyz:p:1' ;\n"
        "  dcterms:isPartOf <http://e.example/s> .\n"
        "<http://e.example/s> a bibo:Series ; dcterms:title 'S' ; bibo:handle 'RePEc:xyz:p' .\n"
    )
    assert isinstance(paper, Item)
    assert isinstance(series, Item)
    assert lens(paper).part_of == ("RePEc:xyz:p",)
    assert series.identifier == "RePEc:xyz:p"


def test_two_subjects_with_one_handle_are_both_refused() -> None:
    text = "<http://e.example/{}> a bibo:Book ; dcterms:title 'T' ; bibo:handle 'RePEc:xyz:b:1' .\n"
    item = one(text.format(1) + text.format(2))
    assert (item.content, codes(item)) == (None, ["two-subjects"])
    item = one(text.format(1) + "<id/RePEc:xyz:b:1> a bibo:Book ; dcterms:title 'U' .\n")
    assert (item.content, codes(item)) == (None, ["two-subjects"])


def test_spellings_of_one_identifier_are_one_record() -> None:
    item = one(
        "<id/RePEc:XYZ:bkshlf:1> a bibo:Book .\n<id/RePEc%3Axyz%3Abkshlf%3A1> dcterms:title 'T' ;\n"
        "  dcterms:isPartOf <id/RePEc:XYZ:bkshlf> .\n"
    )
    assert item.identifier == "RePEc:xyz:bkshlf:1"
    assert lens(item).part_of == ("RePEc:xyz:bkshlf",)


def test_what_is_said_of_others_is_dropped_and_told_or_refuses() -> None:
    text = HEDGES + "<http://www.w3.org/> dcterms:title 'W3C' .\n"
    item = one(text)
    assert codes(item) == ["other-subject"]
    assert b"W3C" not in content_bytes(item)
    assert one(text, strict=True).content is None


def test_a_former_handle_is_dropped_and_a_part_that_is_the_same_as_another_thing_is_kept() -> None:
    item = one(HEDGES + "<id/old> owl:sameAs <id/hedges> .")
    assert codes(item) == codes(one(HEDGES))
    assert b"id/old" not in content_bytes(item)
    part = "<id/hedges> dcterms:creator <id/hedges#author-1> . <id/hedges#author-1> owl:sameAs <id/RePEc:per:a> ."
    assert b"#author-1> <http://www.w3.org/2002/07/owl#sameAs> <" in content_bytes(one(HEDGES + part))


def test_what_is_said_of_others_beside_many_records_is_told_of_the_source() -> None:
    for strict, severity in ((False, "warning"), (True, "error")):
        found, *rest = turtle(HEDGES + THORNS + "<http://e.example/> dcterms:title 'E' .", strict)
        assert isinstance(found, Finding)
        assert (found.code, found.severity) == ("other-subject", severity)
        assert [item.content is not None for item in rest if isinstance(item, Item)] == [True, True]


@pytest.mark.parametrize("graph", ["record/hedges", "id/hedges"])
def test_one_records_graph_cannot_speak_of_another(graph: str) -> None:
    text = (
        PREFIXES
        + f"<{graph}> {{ {HEDGES} <id/thorns> dcterms:title 'Poison' . }} <record/thorns> {{ {THORNS} }}"
    )
    hedges, thorns = items("trig", text)
    assert codes(hedges) == ["other-subject"]
    assert codes(thorns) == []
    assert b"Poison" not in content_bytes(hedges) + content_bytes(thorns)
    refused, kept = items("trig", text, strict=True)
    assert refused.content is None
    assert kept.content is not None


def test_one_records_graph_cannot_speak_of_anothers_blank_nodes() -> None:
    text = (
        PREFIXES + f"<record/hedges> {{ {HEDGES} <id/hedges> dcterms:creator _:a . _:a foaf:name 'Ada' . }}\n"
        f"<record/thorns> {{ {THORNS} _:a foaf:name 'Poison' . }}"
    )
    hedges, thorns = items("trig", text)
    assert lens(hedges).creators == (Person("Ada"),)
    assert codes(thorns) == ["other-subject"]


def test_a_graph_of_another_name_is_as_good_as_none() -> None:
    (item,) = items("trig", PREFIXES + f"<http://e.example/g> {{ {HEDGES} }}", strict=True)
    assert codes(item) == []


def test_a_graph_that_names_no_record_says_what_to_do() -> None:
    (found,) = turtle("<http://e.example/1> dcterms:title 'T' .")
    assert isinstance(found, Finding)
    assert (found.severity, found.code) == ("error", "no-record")
    assert "https://sheaf.example.org/id/" in found.text


@pytest.mark.parametrize(
    ("text", "told", "kept"),
    [
        ("<id/x> dcterms:creator 'A' .", ["missing-title"], False),
        ("<id/x> a bibo:Book .", ["missing-title"], False),
        ("<id/x> dcterms:title 'T' .", ["missing-type"], True),
        ("<id/x> a bibo:Series .", [], True),
        ("<id/x> a foaf:Person ; foaf:name 'Ada' .", [], True),
    ],
)
def test_a_record_needs_a_title_and_should_have_a_type(text: str, told: list[str], kept: bool) -> None:
    item = one(text)
    assert codes(item) == told
    assert (item.content is not None) == kept


def test_dublin_core_1_1_is_read_and_all_that_it_said_is_kept() -> None:
    said = (
        "<id/x> a bibo:Report ; dc:title 'Hedges'@en ; dc:creator 'Ada Thorn' ; dc:date '2020-05' ; dc:language 'en' ; "
        "dc:description 'About hedges' ; dc:contributor 'Bob Quick' ."
    )
    item = one(said)
    work = lens(item)
    assert (work.title, work.issued, work.languages) == (Text("Hedges", "en"), "2020-05", ("en",))
    assert (work.creators, work.abstracts) == ((Person("Ada Thorn"),), (Text("About hedges"),))
    given = ox.parse(PREFIXES + said, format=ox.RdfFormat.TURTLE)
    kept = {line.split(" ", 1)[1] for line in content_bytes(item).decode().splitlines()}
    assert kept >= {f"{quad.predicate} {quad.object} ." for quad in given}
    assert codes(item) == ["other-term"]


@pytest.mark.parametrize(
    ("said", "issued"),
    [
        ("dcterms:date '2020'", "2020"),
        ("dcterms:date '2020' ; dcterms:issued '2021'", "2021"),
        ("dc:date '2020' ; dcterms:date '2021'", "2020"),
        ("dc:date '2020' ; dcterms:created '2021'", ""),
    ],
)
def test_a_term_of_the_profile_goes_before_another(said: str, issued: str) -> None:
    item = one(f"{HEDGES} <id/hedges> dc:title 'Thorns' ; {said} .")
    assert lens(item).title.value == "Hedges"
    assert (lens(item).issued or "") == issued


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("bibo:issue 3", "issue", "3"),
        ("bibo:issue '3' ; prism:number '4'", "issue", "4"),
        ("bibo:abstract 'On them'@en", "abstracts", (Text("On them", "en"),)),
        ("bibo:isbn13 '9780198283652' ; bibo:isbn10 '0198283652'", "isbns", ("9780198283652",)),
        ("bibo:issn '1111-1119' ; bibo:eissn '1234-5679'", "issns", ("1111-1119", "1234-5679")),
        ("prism:eIssn '1234-5679' ; prism:issn '1111-1119'", "issns", ("1111-1119", "1234-5679")),
        ("prism:volume '7'", "volume", "7"),
        ("prism:startingPage '1' ; prism:endingPage '9'", "page_start", "1"),
        ("prism:startingPage '1' ; bibo:pages '1-9'", "page_start", ""),
        ("prism21:doi 'https://doi.org/10.1000/ABC'", "dois", ("10.1000/abc",)),
        ("prism:publicationDate '2020-05-01'", "issued", "2020-05-01"),
        ("dcterms:subject 'box', <id/jel:A1>", "keywords", (Text("box"),)),
        ("dcterms:subject 'box' ; dc:subject 'yew'", "keywords", (Text("yew"),)),
        ("bibo:cites <id/thorns>", "cites", ("thorns",)),
        ("bibo:cites 'Thorns'", "cites", ()),
    ],
)
def test_what_bibo_and_prism_say_with_other_terms_is_in_every_format(
    said: str, field: str, value: object
) -> None:
    spaces = "".join(
        f"@prefix {name}: <http://prismstandard.org/namespaces/basic/{version}/> .\n"
        for name, version in (("prism", "2.0"), ("prism21", "2.1"))
    )
    item = one(f"{spaces}{HEDGES} <id/hedges> {said} .")
    assert getattr(lens(item), field) == value
    given = ox.parse(PREFIXES + spaces + f"<id/hedges> {said} .", format=ox.RdfFormat.TURTLE)
    body = content_bytes(item).decode().replace("https://sheaf.invalid/", "https://sheaf.example.org/")
    assert all(f"{quad.predicate} {quad.object}" in body for quad in given)
    # What is read again is the same.
    (again,) = results("ntriples", body)
    assert isinstance(again, Item)
    assert content_bytes(again) == content_bytes(item)


_JOURNAL = (
    "a bibo:Journal ; dcterms:title 'Garden Letters'@en ; bibo:issn '1111-1119' ; bibo:eissn '1234-5679'"
)


@pytest.mark.parametrize(
    ("part", "host", "place"),
    [
        (f"[ {_JOURNAL} ]", "Garden Letters", ("", "")),
        (f"<id/hedges#j> . <id/hedges#j> {_JOURNAL}", "Garden Letters", ("", "")),
        (
            f"[ a bibo:Issue ; bibo:volume 7 ; bibo:issue '3' ; dcterms:isPartOf [ {_JOURNAL} ] ]",
            "Garden Letters",
            ("7", "3"),
        ),
        (f"[ {_JOURNAL} ] ; prism:publicationName 'G. L.'", "G. L.", ("", "")),
        ("'Garden Letters'", "Garden Letters", ("", "")),
        ("<id/RePEc:aaa:gl>", "", ("", "")),
    ],
)
def test_a_journal_that_is_a_text_or_a_node_is_named_and_is_not_the_record_itself(
    part: str, host: str, place: tuple[str, str]
) -> None:
    prism = "@prefix prism: <http://prismstandard.org/namespaces/basic/2.0/> .\n"
    item = one(f"{prism}{HEDGES} <id/hedges> dcterms:isPartOf {part} .")
    work = lens(item)
    assert (work.host, (work.volume, work.issue)) == (host, place)
    assert work.issns == (("1111-1119", "1234-5679") if "Journal" in part else ())
    seen = ("RePEc:aaa:gl",) if "gl>" in part else ()
    assert work.part_of == glance("hedges", content_bytes(item)).part_of == seen


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("dc:language 'Portuguese'", "language 'Portuguese'"),
        ("dc:date '2020-13-45'^^<http://www.w3.org/2001/XMLSchema#date>", "date '2020-13-45'"),
        ("dc:date 'last year'", "issued 'last year'"),
    ],
)
def test_what_dublin_core_1_1_says_is_judged_once_as_what_the_profile_says(said: str, told: str) -> None:
    item = one(f"{HEDGES} <id/hedges> {said} .")
    doubts = [finding.text for finding in item.findings if finding.severity == "warning"]
    assert [text.partition(":")[0] for text in doubts] == [told]


def test_a_link_of_dublin_core_1_1_is_no_text_of_the_profile() -> None:
    item = one(f"{HEDGES} <id/hedges> dc:description <https://example.org/contents> ; dc:creator <id/pga1> .")
    assert lens(item).creators == (Person("pga1", identifier="pga1"),)
    assert b"terms/abstract" not in content_bytes(item)
    assert b"elements/1.1/description" in content_bytes(item)


def test_the_name_of_a_person_is_not_told_by_dublin_core() -> None:
    item = one("<id/x> a foaf:Person ; foaf:name 'Ada Thorn' ; dc:title 'Professor' .")
    assert lens(item).title.value == "Ada Thorn"
    assert codes(item) == []


@pytest.mark.parametrize(
    "form", ["http://dx.doi.org/10.1000/ABC", "https://doi.org/10.1000/AbC", "http://doi.org/10.1000/abc"]
)
def test_dois_are_spelt_one_way(form: str) -> None:
    item = one(HEDGES + f"<id/hedges> owl:sameAs <{form}> ; bibo:doi '{form}' .")
    assert b"<https://doi.org/10.1000/abc>" in content_bytes(item)
    assert lens(item).dois == ("10.1000/abc",)


@pytest.mark.parametrize(
    "fact",
    [
        "foaf:mbox <mailto:ada@example.org>",
        "foaf:mbox 'ada@example.org'",
        "foaf:phone <tel:+44-1234>",
        "vcard:hasEmail <mailto:ada@example.org>",
        "vcard:hasEmail [ vcard:value <mailto:ada@example.org> ]",
        "<http://schema.org/email> 'ada@example.org'",
        "<https://schema.org/telephone> '+44-1234'",
        "dcterms:publisher <MAILTO:ada@example.org>",
    ],
)
def test_private_facts_leave_the_body_for_the_sidecar(fact: str) -> None:
    item = one(
        HEDGES + f"<id/hedges> dcterms:creator <id/hedges#a> . <id/hedges#a> foaf:name 'Ada' ; {fact} ."
    )
    assert codes(item) == ["private-fact"]
    assert list(item.private.values()) in ([("ada@example.org",)], [("+44-1234",)])
    assert b"ada@" not in content_bytes(item).lower()
    assert b"1234" not in content_bytes(item)
    assert "ada@" not in repr(item.findings)


def test_row_51_characters_that_xml_cannot_hold_are_removed_and_told() -> None:
    item = one("<id/x> a bibo:Book ; dcterms:title 'He\\u0000d\\u000Bge' .")
    assert lens(item).title.value == "Hedge"
    assert codes(item) == ["control-characters"]


def test_rdf_1_2_terms_refuse_the_record_alone() -> None:
    first, second = turtle(HEDGES + "<id/hedges> dcterms:relation <<( <a:a> <a:b> <a:c> )>> .\n" + THORNS)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.content, codes(first)) == (None, ["invalid-body"])
    assert second.content is not None


def test_an_empty_graph_says_so() -> None:
    assert codes(turtle("")) == ["empty-file"]
    assert codes(results("jsonld", "[]")) == ["empty-file"]


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_the_items_do_not_depend_on_the_order_of_statements(data: st.DataObject) -> None:
    lines = [
        '<https://sheaf.example.org/id/a> <http://purl.org/dc/terms/title> "A" .',
        "<https://sheaf.example.org/id/a> <http://purl.org/dc/terms/creator> _:x .",
        '<https://sheaf.example.org/id/b> <http://purl.org/dc/terms/title> "B" .',
        '_:x <http://xmlns.com/foaf/0.1/name> "X" .',
        "_:x <http://xmlns.com/foaf/0.1/knows> _:y .",
        '_:y <http://xmlns.com/foaf/0.1/name> "Y" .',
        '<http://e.example/1> <http://purl.org/dc/terms/identifier> "c" .',
        '<http://e.example/1> <http://purl.org/dc/terms/title> "C" .',
    ]
    expected = {i.identifier: i.content for i in items("ntriples", "\n".join(lines))}
    shuffled = data.draw(st.permutations(lines))
    assert {i.identifier: i.content for i in items("ntriples", "\n".join(shuffled))} == expected
