"""A result list as a file: BibTeX, RIS, CSL-JSON, Turtle, CSV; and as an Atom feed.

A file has as many results as may be exported. It is written to the disk piece by piece, and sent from there.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import BinaryIO

from repository.assembly import House
from repository.formats import by_extension
from repository.formats.citation import page_range
from repository.formats.lists import LISTS, write_many
from repository.formats.xmltext import attribute, escaped, legal
from repository.model.datestamps import format_seconds
from repository.model.errors import FormatError
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import Site
from repository.search import Results
from repository.search.outlines import full_texts
from repository.telling import say
from repository.web.downloads import Download
from repository.web.errors import Refused
from repository.web.search_asked import Asked

FEED = 50
# Files, with one format of records each; CSV is ours alone.
EXPORTED = ("bib", "ris", "csl.json", "ttl", "csv")
KINDS: Mapping[str, str] = {
    "json": "application/json",
    "atom": "application/atom+xml",
    **{end: by_extension[end].media_type for end in EXPORTED if end != "csv"},
    "csv": "text/csv",
}
_BATCH = 100
_MOST_BYTES = 64 << 20
_RETRY_SECONDS = 5
_MOST_TITLE = 500
_SUMMARY = 600
_COLUMNS = (
    "identifier",
    "url",
    "type",
    "title",
    "authors",
    "date",
    "series",
    "volume",
    "issue",
    "pages",
    "doi",
    "jel",
    "keywords",
    "language",
    "citations",
    "full text",
)
# A spreadsheet takes a cell that begins so for a formula. Where numbers have commas, as in German, cells end at
# semicolons to it, and lines end wherever they seem to, for quotation marks within a cell mean nothing.
_FORMULA = re.compile(r'^(?=[=+\-@\t\r])|(?<=[;\t\r\n])(?="*[=+\-@])')


def exported(house: House, form: str, results: Results) -> Download:
    """The results as one file. Raises Refused: 413 where it would be larger than any is, 503 where no file has room."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
        try:
            size = 0
            for piece in _WRITERS.get(form, _documents)(house, form, results):
                size += len(piece)
                if size > _MOST_BYTES:
                    raise Refused(413, "These results are too large for one file.", "Narrow the search.")
                file.write(piece)
            file.flush()
            return Download(_binary(file), size)
        except BaseException:
            with suppress(OSError):
                file.close()
            raise
    except OSError as error:
        say(f"results of a search cannot be written to a temporary file: {error}")
        problem = "There is no room here to write these results to a file."
        raise Refused(
            503, problem, "Ask for fewer, or try again in a moment.", retry_after=_RETRY_SECONDS
        ) from None


def _binary(file: "tempfile._TemporaryFileWrapper[bytes] | BinaryIO") -> BinaryIO:
    return file  # type: ignore[return-value]


def _records(house: House, results: Results) -> Iterator[Record]:
    """In the order of the results, a few at a time; what went meanwhile is left out."""
    for start in range(0, len(results.identifiers), _BATCH):
        names = results.identifiers[start : start + _BATCH]
        with house.log.read() as reading:
            found = {record.identifier: record for record in reading.many(names)}
        yield from (found[name] for name in names if name in found and found[name].body is not None)


def _documents(house: House, form: str, results: Results) -> Iterator[bytes]:
    """Each record that can be had in the form."""
    chosen = by_extension[form]
    for record in _records(house, results):
        if record.body is not None and chosen.applies(read_work(record.identifier, record.body)):
            with suppress(FormatError):
                yield chosen.write(record, house.site)


def _listed(house: House, form: str, results: Results) -> Iterator[bytes]:
    """One document of all works; what is no work is in none of these forms."""
    works = (read_work(record.identifier, record.body or b"") for record in _records(house, results))
    yield from write_many(by_extension[form].name, works, house.site)


def _csv(house: House, form: str, results: Results) -> Iterator[bytes]:
    """RFC 4180, in UTF-8 with the mark by which spreadsheets know it; several values stand behind `; `."""
    citations = dict(zip(results.identifiers, results.citations, strict=True))
    yield b"\xef\xbb\xbf" + _row(_COLUMNS)
    for record in _records(house, results):
        yield _row(_cells(house.site, record, citations[record.identifier]))


def _cells(site: Site, record: Record, citations: int) -> tuple[str, ...]:
    work = read_work(record.identifier, record.body or b"")
    return (
        work.identifier,
        site.thing(work.identifier),
        work.type,
        work.title.value,
        "; ".join(person.name for person in work.creators),
        work.date,
        work.host,
        work.volume,
        work.issue,
        page_range(work),
        "; ".join(work.dois),
        "; ".join(work.jel),
        "; ".join(each.value for each in work.keywords),
        "; ".join(work.languages),
        str(citations),
        "; ".join(site.external(file.url) for file in full_texts(work)),
    )


def _row(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([_FORMULA.sub("'", cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


_WRITERS: Mapping[str, Callable[[House, str, Results], Iterator[bytes]]] = {
    "csv": _csv,
    **{form.form.extension: _listed for form in LISTS.values()},
}


def atom(house: House, asked: Asked, results: Results) -> bytes:
    """The newest results as a feed (RFC 4287)."""
    site = house.site
    own, page = asked.at_page(1).address(site, "atom"), asked.at_page(1).address(site)
    records = list(_records(house, results))
    newest = max((record.datestamp for record in records), default=0)
    name = legal(house.settings.repository_name)
    title = f"{name}: {asked.title or 'all records'}"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:os="http://a9.com/-/spec/opensearch/1.1/">\n',
        f"<id>{escaped(own)}</id>\n<title>{escaped(legal(title))}</title>\n",
        f"<updated>{format_seconds(newest)}</updated>\n<author><name>{escaped(name)}</name></author>\n",
        f"<os:totalResults>{results.total}</os:totalResults>\n",
        f'<link rel="self" type="application/atom+xml" href="{attribute(own)}"/>\n',
        f'<link rel="alternate" type="text/html" href="{attribute(page)}"/>\n',
        *(_entry(site, record) for record in records),
        "</feed>\n",
    ]
    return "".join(parts).encode("utf-8", "replace")


def _entry(site: Site, record: Record) -> str:
    work = read_work(record.identifier, record.body or b"")
    title = " ".join(legal(work.title.value).split())[:_MOST_TITLE] or work.identifier
    page = attribute(site.record(work.identifier))
    people = "".join(
        f"<author><name>{escaped(legal(person.name))}</name></author>\n" for person in work.creators
    )
    summary = " ".join(legal(work.abstracts[0].value).split())[:_SUMMARY] if work.abstracts else ""
    return (
        f"<entry>\n<id>{escaped(site.thing(work.identifier))}</id>\n<title>{escaped(title)}</title>\n"
        f"<updated>{format_seconds(record.datestamp)}</updated>\n{people}"
        f'<link rel="alternate" type="text/html" href="{page}"/>\n'
        + (f"<summary>{escaped(summary)}</summary>\n" if summary else "")
        + "</entry>\n"
    )
