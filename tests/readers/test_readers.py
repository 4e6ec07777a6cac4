"""Which reader a file goes to: by its extension, and for `.rdf`, which two formats share, by what it holds."""

import codecs
from dataclasses import replace

import pytest

from repository.model.errors import SourceError
from repository.readers import READERS, reader_for, reader_named
from repository.readers.reader import Finding, Item, Source
from tests.readers.sources import PAPER, SITE, items

RDF_XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
DECLARED = '<?xml version="1.0"?>\n' + RDF_XML


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("a.redif", b"", "redif"),
        ("A.RDF", PAPER.encode(), "redif"),
        ("a.rdf", b"", "redif"),
        ("a.rdf", codecs.BOM_UTF8 + PAPER.encode(), "redif"),
        ("a.rdf", PAPER.encode("utf-16"), "redif"),
        ("a.rdf", RDF_XML.encode(), "rdfxml"),
        ("a.rdf", b"\n" + DECLARED.encode(), "rdfxml"),
        ("a.rdf", DECLARED.encode("utf-8-sig"), "rdfxml"),
        ("a.rdf", DECLARED.encode("utf-16"), "rdfxml"),
        ("a.rdf", DECLARED.encode("utf-16-be"), "rdfxml"),
        ("a.rdf", RDF_XML.encode("utf-16"), "rdfxml"),
        ("a.rdf", b'<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "rdfxml"),
        ("a.rdf", b"<!-- a --><r:RDF/>", "rdfxml"),
        ("a.rdf", b"<!-- made by a program -->\n" + PAPER.encode(), "redif"),
        ("a.rdf", (b"<!-- made by a program -->\n" + PAPER.encode()).replace(b"\n", b"\r"), "redif"),
        ("a.rdf", b"<!DOCTYPE rdf:RDF [<!ENTITY a 'b'>]>" + RDF_XML.encode(), "rdfxml"),
        ("a.rdf", b"<!DOCTYPE html><html></html>", "redif"),
        ("a.rdf", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "redif"),
        ("a.ttl", b"", "turtle"),
        ("a.nt", b"", "ntriples"),
        ("a.jsonld", b"", "jsonld"),
        ("a.json", b"", "jsonld"),
        ("a.rdfxml", b"", "rdfxml"),
        ("a.owl", b"", "rdfxml"),
        ("a.xml", b"", "rdfxml"),
        ("a.b.trig", b"", "trig"),
        ("a.nq", b"", "nquads"),
        ("a.pdf", b"", None),
        ("rdf", b"", None),
        ("", b"", None),
    ],
)
def test_a_file_goes_to_its_reader(name: str, data: bytes, reader: str | None) -> None:
    found = reader_for(name, data)
    assert (found.name if found else None) == reader


def test_a_web_page_saved_as_rdf_is_called_by_its_name() -> None:
    page = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><title>Gone</title></html>'
    reader = reader_for("a.rdf", page)
    assert reader is not None
    with pytest.raises(SourceError, match=r"HTML page, not ReDIF .its title: 'Gone'\.?"):
        list(reader.read(Source("a.rdf", page, SITE)))


@pytest.mark.parametrize("form", ["redif", "bibtex", "turtle"])
def test_of_a_refused_record_nothing_is_said_to_be_kept(form: str) -> None:
    refused = {
        "redif": "Template-Type: ReDIF-Paper 1.0\nHandle: RePEc:xyz:wpaper:1\nFoo: bar\n",
        "bibtex": "@misc{k, owner={me}, journal={Hedges}}",
        "turtle": "<https://sheaf.example.org/id/x> <http://purl.org/dc/terms/issued> 'soon' .",
    }
    found = [item for item in items(form, refused[form]) if item.content is None]
    assert found
    assert not [finding for item in found for finding in item.findings if finding.done.startswith("kept")]
    assert [finding for item in found for finding in item.findings if finding.severity == "error"]


def test_what_is_told_of_a_record_follows_its_refusal() -> None:
    told = Finding("warning", "missing-field", 1, "Name is missing", "record kept without it")
    refused = Finding("error", "missing-title", 1, "Title is missing", "record refused")
    item = Item("x", 1, None, (told, refused))
    assert [finding.done for finding in item.findings] == [
        "not kept, since the record is refused",
        "record refused",
    ]
    assert replace(Item("x", 1, b"body", (told,)), content=None).findings == item.findings[:1]


def test_names_and_extensions_are_each_somebodys_own() -> None:
    names = [reader.name for reader in READERS]
    extensions = [extension for reader in READERS for extension in reader.extensions]
    assert len(set(names)) == len(names)
    assert len(set(extensions)) == len(extensions)
    assert [reader_named(name) for name in names] == list(READERS)
    assert reader_named("marc") is None
