"""pyoai's own server over the same record log: `BatchingServer`, its lxml trees, its writer of oai_dc.

Behind HTTP it is the WSGI application `tests.bench.pyoai_tree:application`. It is given every advantage that its
interface allows: pages of the same size, and places in the log that are remembered, so that it never pages by offset.
"""

import importlib
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from repository.formats.graph import body_of
from repository.formats.oai_dc import ELEMENTS
from repository.formats.xmltext import legal
from repository.log import Log
from repository.model.lens import read_work
from repository.model.records import Record, Selection
from repository.model.settings import Settings
from tests.bench.harvest import Rate
from tests.bench.harvesters import token


@cache
def _modules() -> Any:
    """pyoai's modules. It calls `cgi.parse_qs`, which Python 3.8 took out, and 3.13 the whole module."""
    patched = types.ModuleType("cgi")
    setattr(patched, "parse_qs", parse_qs)  # noqa: B010 - a module's attribute that mypy cannot know
    before = sys.modules.get("cgi")
    sys.modules["cgi"] = patched
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = ("common", "metadata", "server")
            return types.SimpleNamespace(**{n: importlib.import_module(f"oaipmh.{n}") for n in names})
    finally:
        del sys.modules["cgi"]
        if before is not None:
            sys.modules["cgi"] = before


class _Kept:
    """pyoai's interface IBatchingOAI, as far as ListRecords needs it."""

    def __init__(self, log: Log, settings: Settings) -> None:
        self._log, self._settings, self._site = log, settings, settings.site
        # {cursor: the seq behind which it goes on}
        self._places = {0: 0}
        self._about = _modules().common.Identify(
            settings.repository_name,
            self._site.page("oai"),
            "2.0",
            [settings.admin_email],
            datetime(2000, 1, 1),  # noqa: DTZ001 - pyoai's dates have no zone
            "persistent",
            "YYYY-MM-DDThh:mm:ssZ",
            ["identity"],
            False,
        )

    def identify(self) -> Any:
        return self._about

    def listRecords(
        self,
        metadataPrefix: str,  # noqa: N803 - pyoai's name
        cursor: int = 0,
        batch_size: int = 10,
    ) -> Sequence[tuple[Any, Any, None]]:
        with self._log.read() as reading:
            page = reading.page(Selection(), metadataPrefix, after=self._places[cursor], limit=batch_size)
        if page.after is not None:
            # One more than a page was asked for.
            self._places[cursor + batch_size - 1] = page.items[-2].seq
        return [self._triple(record) for record in page.items]

    def _triple(self, record: Record) -> tuple[Any, Any, None]:
        date = datetime.fromtimestamp(record.datestamp, UTC).replace(tzinfo=None)
        common, deleted = _modules().common, record.deleted or record.gone
        identifier = self._site.oai_identifier(record.identifier)
        header = common.Header(None, identifier, date, list(record.sets), deleted)
        return header, None if deleted else common.Metadata(None, self._map(record)), None

    def _map(self, record: Record) -> dict[str, list[str]]:
        work = read_work(record.identifier, body_of(record))
        found = {}
        for element, values_of in ELEMENTS.items():
            values = dict.fromkeys(values_of(work, self._site))
            texts = (legal(each if isinstance(each, str) else each.value).strip() for each in values)
            found[element] = [text for text in texts if text]
        return found


def server(log: Log, settings: Settings) -> Any:
    """pyoai's server; its `handleRequest` takes a dict of arguments."""
    found = _modules()
    registry = found.metadata.MetadataRegistry()
    registry.registerWriter("oai_dc", found.server.oai_dc_writer)
    return found.server.BatchingServer(
        _Kept(log, settings), registry, resumption_batch_size=settings.oai_page_size
    )


def in_process(log: Log, settings: Settings, most: int) -> Rate:
    """The first pages without HTTP, until `most` records were had, by CPU time."""
    answering = server(log, settings)
    arguments = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    began, records, sent, following = time.process_time(), 0, 0, "unknown"
    while following and records < most:
        body: bytes = answering.handleRequest(dict(arguments))
        records, sent = records + body.count(b"<record>"), sent + len(body)
        following, _ = token(body, coded=False)
        arguments = {"verb": "ListRecords", "resumptionToken": following}
    took = time.process_time() - began
    return Rate(records / took, records / took, sent / max(1, records), 0.0, 0.0)


def application(settings: Settings) -> Callable[..., Iterator[bytes]]:
    """The WSGI application over the log of these settings."""
    answering = server(Log(settings.log_url, read_only=True), settings)

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterator[bytes]:
        body = b"ok"
        if environ["PATH_INFO"] != "/healthz":
            body = answering.handleRequest(dict(parse_qsl(environ["QUERY_STRING"])))
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return iter([body])

    return answer
