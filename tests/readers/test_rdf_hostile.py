"""RDF meant to do harm, and RDF that is merely broken: refused on the bytes, with the reason (reliability.md)."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.model.errors import SourceError
from repository.model.lens import read_work
from repository.readers import READERS, rdf_guard
from repository.readers.rdf_guard import check_json_depth, check_turtle_depth, local_json_ld, safe_xml
from tests.readers.sources import SITE, codes, items, results

RDF_XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://d.example/">{}</rdf:RDF>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
    + RDF_XML.format("<d:x>&i;</d:x>")
)


@pytest.fixture
def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test if any parser is reached."""

    def parse(*arguments: object, **options: object) -> None:
        raise AssertionError("a parser was called")

    monkeypatch.setattr("repository.readers.rdf.ox.parse", parse)
    monkeypatch.setattr(rdf_guard.etree, "fromstring", parse)


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_row_17_an_entity_bomb_is_refused_before_any_parser_sees_it(encoding: str) -> None:
    text = BOMB.replace('<?xml version="1.0"?>', "") if encoding.startswith("utf-32-") else BOMB
    with pytest.raises(SourceError, match="DOCTYPE"):
        results("rdfxml", text.encode(encoding))


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r SYSTEM "file:///etc/passwd">',
        "<!doctype r []>",
        "<!-- --><!DOCTYPE r>",
        '<!ENTITY x "y">',
        '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE',
    ],
)
def test_row_16_no_doctype_and_no_odd_encoding_in_any_form(head: str) -> None:
    with pytest.raises(SourceError, match=r"DOCTYPE|ENTITY|encoding"):
        results("rdfxml", head + RDF_XML.format(""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "iso-8859-1", "windows-1252"])
def test_rdf_xml_is_read_in_its_declared_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:t="http://purl.org/dc/terms/">'
        '<rdf:Description rdf:about="id/x"><t:title>Größe</t:title></rdf:Description></rdf:RDF>'
    )
    (item,) = items("rdfxml", text.encode(encoding))
    assert "Größe".encode() in item.content  # type: ignore[operator]


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("unit", ['{"a":', "[", '[{"":'])
def test_row_15_deep_json_ld_is_refused_before_any_parser_sees_it(unit: str) -> None:
    with pytest.raises(SourceError, match="nest more than 64"):
        results("jsonld", unit * 100_000)


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("reader", ["turtle", "trig", "ntriples", "nquads"])
@pytest.mark.parametrize("unit", ["[ <a:b> ", "(", "<<( <a:a> <a:b> ", "{", "<< <a:a> <a:b> "])
def test_row_15_deep_turtle_is_refused_before_any_parser_sees_it(reader: str, unit: str) -> None:
    with pytest.raises(SourceError, match="nest more than 200"):
        results(reader, "<a:a> <a:b> " + unit * 100_000)


def test_row_15_deep_rdf_xml_is_refused() -> None:
    with pytest.raises(SourceError, match="nest more than 100"):
        results("rdfxml", RDF_XML.format("<d:a>" * 100_000 + "</d:a>" * 100_000))


def test_brackets_in_strings_iris_and_comments_do_not_nest() -> None:
    check_json_depth(json.dumps({"a": "[{" * 300, 'b"': "\\" + "{" * 300}).encode())
    check_turtle_depth(
        b"# "
        + b"[" * 300
        + b"\n<a:(((> <a:b> '"
        + b"(" * 300
        + b'\', "\\"'
        + b"[" * 300
        + b'", """""'
        + b"[" * 300
        + b"\n\"\"\", '''"
        + b"{" * 300
        + b"''' . a:b\\(\\( <a:b> "
        + b"[] , " * 300
        + b"() ."
    )


def test_nesting_up_to_the_limit_is_read() -> None:
    check_json_depth(b"[" * 64 + b"]" * 64)
    check_turtle_depth(b"(" * 200 + b")" * 200)
    safe_xml(RDF_XML.format("<d:a>" * 99 + "</d:a>" * 99).encode())


@pytest.mark.parametrize(
    "hostile",
    [
        (check_json_depth, b"{" * 65 + b'"' + b'\\"' * 500_000),
        (check_turtle_depth, b"'''" * 400_000 + b"[" * 201),
        (check_turtle_depth, b"<" * 1_000_000),
        (check_turtle_depth, b'"""' + b'\\"' * 500_000 + b"[" * 201),
    ],
    ids=["json quotes", "turtle quotes", "turtle angles", "turtle escapes"],
)
def test_what_never_ends_is_scanned_once(hostile: tuple[object, bytes]) -> None:
    check, data = hostile
    with suppress(SourceError):
        check(data)  # type: ignore[operator]


REMOTE = "http://contexts.example/c.jsonld"


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize(
    "document",
    [
        {"@context": REMOTE},
        {"@context": [{"a": "http://a.example/"}, REMOTE]},
        {"@context": {"a": {"@id": "http://a.example/", "@context": REMOTE}}},
        {"@context": {"@import": REMOTE}},
        {"@graph": [{"@id": "x", "http://a.example/": {"@context": "//contexts.example/c.jsonld"}}]},
        {"@context": "file:///etc/passwd"},
    ],
)
def test_row_14_a_remote_context_is_named_and_never_fetched(document: object) -> None:
    text = json.dumps(document)
    for spelt in (text, text.replace("@context", "\\u0040context").replace("@import", "\\u0040import")):
        with pytest.raises(SourceError, match=r"remote context '.*(contexts\.example|etc/passwd)"):
            results("jsonld", spelt)


@pytest.mark.parametrize(
    "address",
    [
        "https://sheaf.example.org/context/v1.jsonld",
        "https://sheaf.example.org/context.jsonld",
        "/context/v1.jsonld",
    ],
)
def test_our_own_context_is_known_by_its_address(address: str) -> None:
    document = {"@context": [address, {"x": "http://x.example/"}], "@id": "id/x", "title": "T", "x": "y"}
    (item,) = items("jsonld", json.dumps(document))
    assert b'<http://purl.org/dc/terms/title> "T"' in item.content  # type: ignore[operator]
    assert b'<http://x.example/> "y"' in item.content  # type: ignore[operator]


def test_a_document_without_our_context_is_not_written_anew() -> None:
    data = b'{"@id": "id/x", "http://purl.org/dc/terms/title": 1.0E400}'
    assert local_json_ld(data, SITE) is data


def test_row_20_relative_addresses_are_under_our_own_base() -> None:
    (item,) = items("turtle", "<id/x> <http://purl.org/dc/terms/title> 'T' .")
    assert item.identifier == "x"


MANY = {
    "doubtful values": "; <http://purl.org/dc/elements/1.1/language> 'no language {n}' ",
    "lists of one creator": "; <http://purl.org/dc/terms/creator> <#c{n}> ",
}


@pytest.mark.parametrize("what", MANY)
def test_what_is_said_very_often_takes_no_longer_each_time(what: str) -> None:
    def seconds(count: int) -> float:
        said = "".join(MANY[what].format(n=n) for n in range(count))
        first = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>"
        lists = "\n".join(f"<#c{n}> {first} 'P {n}' ." for n in range(count))
        text = (
            "<> a <http://purl.org/ontology/bibo/Book> ; <http://purl.org/dc/terms/title> 'T' ; "
            f"<http://purl.org/dc/terms/identifier> 'x' {said}.\n{lists if 'list' in what else ''}"
        )
        begun = time.process_time()
        (item,) = items("turtle", text)
        assert isinstance(item.content, bytes)
        read_work("x", item.content)
        return time.process_time() - begun

    # Eight times as much would take sixty times as long, were each compared with all.
    assert seconds(8_000) < 20 * min(seconds(1_000), seconds(1_000)) + 0.2


def test_many_blank_nodes_that_nothing_tells_apart_refuse_the_record() -> None:
    nodes = range(12)
    text = "<id/x> <a:p> _:n0 ; <http://purl.org/dc/terms/title> 'T' .\n" + "".join(
        f"_:n{a} <a:p> _:n{b} .\n" for a in nodes for b in nodes if a != b
    )
    (item,) = items("turtle", text)
    assert (item.content, codes(item)) == (None, ["invalid-body"])


@pytest.mark.parametrize(
    ("reader", "data", "says"),
    [
        ("turtle", b"<id/x> <a:p> 'x' .\n<id/x> <a:p> 'x", "line 2"),
        ("turtle", b"<id/x> <a:p> 'x' .\n<id/x> <a:p> '\xff' .", "byte 33 .line 2. is 0xFF"),
        ("turtle", "<id/x> <a:p> 'x' .".encode("utf-16"), "UTF-16"),
        ("ntriples", b"<id/x> <a:p> 'x' .", "not valid N-Triples"),
        ("jsonld", b'{"@id": "id/x",', "not valid JSON-LD"),
        ("jsonld", b'{"@context": {},', "not JSON"),
        ("jsonld", b'{"@context": ' + b"9" * 5000 + b"}", "not JSON"),
        ("rdfxml", b"<a><b></a>", "not well-formed"),
        ("rdfxml", b"<html/>", "not valid RDF/XML"),
        ("rdfxml", b'<?xml version="1.0"?><a>\xff</a>', "not UTF-8: byte 24"),
        ("rdfxml", b"", "not well-formed"),
        ("nquads", b"<a:a> <a:b> <a:c> <a:d> <a:e> .", "not valid N-Quads"),
    ],
)
def test_what_cannot_be_parsed_is_refused_with_the_place(reader: str, data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        results(reader, data)


SNIPPETS = (
    "<id/x>", " <a:p> ", "a", "'t'", '"""', "[", "]", "(", ")", ".", ";", "{", "}", "<<(", ")>>", "_:b", "@prefix", "#",
    "\\", "<", ">", "\n", '"@context"', ":", ",", '"@id"', "<rdf:RDF", "/>", "<?xml", "<!--", "&", "\x00", "é", "1.5",
    "https://sheaf.example.org/id/", "@en", "^^", "null",
)  # fmt: skip


@pytest.mark.parametrize("reader", [reader.name for reader in READERS])
@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=120)
    | st.lists(st.sampled_from(SNIPPETS), max_size=40).map(lambda s: "".join(s).encode())
)
def test_any_bytes_give_results_or_a_source_error(reader: str, data: bytes) -> None:
    with suppress(SourceError):
        results(reader, data)
