"""pyoai's client through its seam: it harvests in process, raises its typed errors, and stays within bounds."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from repository.model.errors import SourceError
from repository.readers import harvest
from repository.readers.harvest import client_over, http_client, pyoai

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


class _Server(BaseHTTPRequestHandler):
    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []

    def do_GET(self) -> None:
        status, headers, body = self.answers.pop(0)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def url() -> Any:
    server = HTTPServer(("127.0.0.1", 0), _Server)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oai"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_busy_server_is_given_the_time_it_asks_for_within_reason(url: str) -> None:
    _Server.answers = [
        (503, {"Retry-After": "7"}, b""),
        (503, {"Retry-After": "86400"}, b""),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, b""),
        (503, {}, b""),
        (200, {}, PAGE.format(2, "").encode()),
    ]
    slept: list[float] = []
    assert len(list(http_client(url, sleep=slept.append).listRecords(metadataPrefix="oai_dc"))) == 2
    assert slept == [7.0, 300.0, 30.0, 30.0]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([(404, {}, b"")], "answered 404"),
        ([(503, {"Retry-After": "1"}, b"")] * 5, "asked 5 times"),
        ([(200, {}, b"x" * 1001)], "more than 1000 bytes"),
    ],
)
def test_a_server_that_is_no_use_is_told_of(
    url: str, answers: list[Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvest, "MAX_RESPONSE", 1000)
    _Server.answers = list(answers)
    with pytest.raises(SourceError, match=says):
        http_client(url, sleep=lambda seconds: None).identify()


def test_a_server_that_is_not_there_is_told_of() -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        http_client("http://127.0.0.1:9/oai", sleep=lambda seconds: None).identify()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/", "example.org"])
def test_only_http_is_harvested(address: str) -> None:
    with pytest.raises(SourceError, match="not an http or https address"):
        http_client(address)


def test_the_import_of_pyoai_gives_no_warning() -> None:
    code = "from repository.readers.harvest import pyoai; pyoai()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
