"""pyoai's client through its seam: it harvests in process, raises its typed errors, and stays within bounds."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from repository.model.errors import SourceError
from repository.readers import harvest
from repository.readers.harvest import ProtocolError, Upstream, client_over, http_client, pyoai

PAGE = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>
<request>https://example.org/oai</request><ListRecords>
<record><header><identifier>oai:example.org:{0}</identifier><datestamp>2026-01-0{0}T00:00:00Z</datestamp>
<setSpec>type:paper</setSpec></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Title {0}</dc:title></oai_dc:dc></metadata></record>
<record><header status="deleted"><identifier>oai:example.org:d{0}</identifier>
<datestamp>2026-01-0{0}T00:00:00Z</datestamp></header></record>
<resumptionToken>{1}</resumptionToken></ListRecords></OAI-PMH>"""
ERROR = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="{}">no</error></OAI-PMH>"""


def _pages(asked: list[dict[str, str]]) -> harvest.Handle:
    def handle(arguments: Mapping[str, str]) -> bytes:
        asked.append(dict(arguments))
        second = "resumptionToken" in arguments
        return PAGE.format(2 if second else 1, "" if second else "next").encode()

    return handle


def test_a_harvest_in_process_follows_tokens_to_the_end() -> None:
    asked: list[dict[str, str]] = []
    client = client_over(_pages(asked))
    since = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    found = list(client.listRecords(metadataPrefix="oai_dc", from_=since, set=None))
    assert [(str(h.identifier()), h.isDeleted()) for h, _, _ in found] == [
        ("oai:example.org:1", False),
        ("oai:example.org:d1", True),
        ("oai:example.org:2", False),
        ("oai:example.org:d2", True),
    ]
    assert asked == [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-01T00:00:00Z"},
        {"verb": "ListRecords", "resumptionToken": "next"},
    ]


def test_metadata_comes_as_it_is_or_through_a_registry() -> None:
    (_, element, _), *_ = client_over(_pages([])).listRecords(metadataPrefix="anything")
    assert element.tag == "{http://www.openarchives.org/OAI/2.0/}metadata"
    registry = pyoai().metadata.MetadataRegistry()
    registry.registerReader("oai_dc", pyoai().metadata.oai_dc_reader)
    (_, metadata, _), *_ = client_over(_pages([]), registry).listRecords(metadataPrefix="oai_dc")
    assert metadata.getField("title") == ["Title 1"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("noRecordsMatch", "NoRecordsMatchError"),
        ("badResumptionToken", "BadResumptionTokenError"),
        ("idDoesNotExist", "IdDoesNotExistError"),
        ("cannotDisseminateFormat", "CannotDisseminateFormatError"),
        ("teapot", "UnknownError"),
    ],
)
def test_the_errors_of_the_protocol_are_raised_by_type(code: str, error: str) -> None:
    client = client_over(lambda arguments: ERROR.format(code).encode())
    with pytest.raises(getattr(pyoai().error, error)):
        client.listIdentifiers(metadataPrefix="oai_dc")


@pytest.mark.parametrize("response", [b"", b"<html>", b"<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>"])
def test_what_is_no_xml_is_pyoais_own_error(response: bytes) -> None:
    with pytest.raises(pyoai().error.XMLSyntaxError):
        client_over(lambda arguments: response).identify()


def test_the_import_of_pyoai_gives_no_warning() -> None:
    code = "from repository.readers.harvest import pyoai; pyoai()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/", "example.org"])
def test_only_http_is_harvested(address: str) -> None:
    with pytest.raises(SourceError, match="not an http or https address"):
        http_client(address)


def test_a_harvest_reads_page_by_page_and_raises_the_words_of_the_protocol() -> None:
    asked: list[dict[str, str]] = []
    upstream = Upstream(_pages(asked))
    first = upstream.page({"metadataPrefix": "oai_dc"})
    assert (first.token, first.date, [found.deleted for found in first.records]) == (
        "next",
        "2026-01-01T00:00:00Z",
        [False, True],
    )
    assert upstream.page({"resumptionToken": first.token}).token == ""
    with pytest.raises(ProtocolError, match=r"noRecordsMatch: no") as raised:
        Upstream(lambda arguments: ERROR.format("noRecordsMatch").encode()).page({"metadataPrefix": "x"})
    assert raised.value.code == "noRecordsMatch"
