"""One input to one reader, and what may come of it: items, findings, typed errors; no fault of ours, nothing long."""

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from repository.formats import FORMATS
from repository.ingest.drafting import Drafting
from repository.ingest.reading import Made, Task, Unreadable, results
from repository.log import Log
from repository.model.errors import SheafError
from repository.model.records import Record
from repository.model.site import Site
from repository.readers import READERS, ldes, pages
from repository.readers.reader import Finding, Source
from tests.kit import draft

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")
# No input of the fuzzers is longer than some kilobytes; what needs so long grows with more than its length.
SECONDS = 20.0
MAX_OUTPUT = 64 << 20
SEEDS = Path(__file__).parent / "seeds"


def _reading(name: str) -> Callable[[bytes, Log], None]:
    def tried(data: bytes, log: Log) -> None:
        task = Task(name, Source("input", data, SITE, namespace="fuzz"), "folder/input")
        size = 0
        for result in results(task, Drafting(log)):
            if isinstance(result, Unreadable):
                assert result.code != "internal-error", result.text
                assert result.text
            elif isinstance(result, Finding):
                assert result.text and result.done  # noqa: PT018
            else:
                size += _check(result)
        assert size <= MAX_OUTPUT

    return tried


def _check(made: Made) -> int:
    assert made.fault is None or made.fault.code != "internal-error", made.fault
    if made.draft is None:
        assert made.fault or any(finding.severity == "error" for finding in made.findings), made
        return 0
    body = made.draft.body or b""
    # What is kept can be shown: no character that XML cannot hold, in none of its formats.
    body.decode("utf-8")
    record = Record(made.identifier, 1, 1, b"", body, made.draft.sets, made.draft.formats, made.draft.source)
    for form in FORMATS:
        if form.name in made.draft.formats:
            form.write(record, SITE)
    return len(body)


def _page(data: bytes, log: Log) -> None:
    with contextlib.suppress(SheafError):
        pages.list_page(data)


def _stream(kind: str) -> Callable[[bytes, Log], None]:
    def tried(data: bytes, log: Log) -> None:
        with contextlib.suppress(SheafError, MemoryError):
            ldes.read_page("https://example.org/stream", kind, "", data, SITE, ldes.Paths())

    return tried


TARGETS: Mapping[str, Callable[[bytes, Log], None]] = {
    **{reader.name: _reading(reader.name) for reader in READERS},
    "oai-page": _page,
    "ldes-trig": _stream("application/trig"),
    "ldes-jsonld": _stream("application/ld+json"),
}


def attempt(name: str, data: bytes, log: Log) -> None:
    """Raises AssertionError, or whatever escaped the reader."""
    began = time.process_time()
    TARGETS[name](data, log)
    taken = time.process_time() - began
    assert taken < SECONDS, f"{len(data)} bytes took {taken:.1f} s"


_REDIF = b"""Template-Type: ReDIF-Article 1.0
Title: On the price of tea
Author-Name: Ada Garden
Author-Workplace-Name: University of Nowhere
Abstract: Tea is dear.
 It was not always.
Classification-JEL: I11; J1
Year: 2020
DOI: 10.5555/tea
File-URL: https://example.org/tea.pdf
Handle: RePEc:xxx:joujou:v:1:y:2020:i:1:p:1-9
"""
_BIBTEX = b"@article{tea, author={Garden, Ada and {\\'E}mile Herb}, title={On {Tea}}, year=2020, doi={10.5555/tea}}\n"
_RIS = b"TY  - JOUR\nAU  - Garden, Ada\nTI  - On tea\nPY  - 2020\nDO  - 10.5555/tea\nER  - \n"
_CSL = b"""[{"id":"tea","type":"article-journal",
"title":"On tea","author":[{"family":"Garden"}],"DOI":"10.5555/tea","issued":{"date-parts":[[2020,1]]}}]"""
_CROSSREF = b"""{"message-type":"work","message":{"DOI":"10.5555/tea","title":["On tea"],
"type":"journal-article","author":[{"family":"Garden","given":"Ada"}],"issued":{"date-parts":[[2020]]}}}"""
_PAGE = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2020-01-01T00:00:00Z</responseDate>
<request verb="ListRecords">https://example.org/oai</request><ListRecords><record><header><identifier>oai:x:1</identifier>
<datestamp>2020-01-01</datestamp></header><metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On tea</dc:title><dc:creator>Garden, Ada</dc:creator></oai_dc:dc>
</metadata></record><resumptionToken>abc</resumptionToken></ListRecords></OAI-PMH>"""
_LDES = b"""@prefix tree: <https://w3id.org/tree#> . @prefix ldes: <https://w3id.org/ldes#> .
<#s> a ldes:EventStream ; tree:member <#m>; ldes:timestampPath <http://purl.org/dc/terms/modified> .
<https://example.org/stream> tree:relation [ tree:node <https://example.org/2> ] .
<#m> <http://purl.org/dc/terms/modified> "2020-01-01T00:00:00Z" .
GRAPH <#m> { <#m> <http://purl.org/dc/terms/title> "t" }
"""
_OF_FORMATS = {
    "turtle": "ttl",
    "ntriples": "nt",
    "nquads": "nt",
    "jsonld": "jsonld",
    "ldes-jsonld": "jsonld",
    "rdfxml": "rdf",
    "trig": "trig",
    "oai_dc": "oai_dc",
}


@cache
def valid(name: str) -> tuple[bytes, ...]:
    """Documents that the reader reads; what is mutated."""
    own = {
        "redif": _REDIF, "bibtex": _BIBTEX, "ris": _RIS, "csl": _CSL, "crossref": _CROSSREF, "oai-page": _PAGE,
        "ldes-trig": _LDES, "oai_dc": _PAGE,
    }  # fmt: skip
    found = [own[name]] if name in own else []
    made = draft("1", "On \"tea\" & 'coffee' <é>", volume="1", keywords=())
    record = Record(made.identifier, 1, 1, b"", made.body, made.sets, made.formats, "")
    for form in FORMATS:
        if _OF_FORMATS.get(name) in (form.extension, form.name):
            found.append(form.write(record, SITE))
    return tuple(found) or (b"<a> <b> <c> .",)
