"""The report of a run as one web page: nothing is fetched, no script runs, light or dark as the reader's machine is."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from operator import attrgetter

from repository.ingest.report import Report
from repository.ingest.report_codes import explained
from repository.ingest.report_plain import UNNAMED, counts_of, summary
from repository.ingest.report_spool import SEVERITIES, Row, Spool

# A browser is slow with more; the other forms hold all.
MOST = 1_000

_STYLE = """
:root { color-scheme: light dark; --line: #767676; --error: #a40000; --warning: #6b4a00; }
@media (prefers-color-scheme: dark) { :root { --error: #ff9d9d; --warning: #ffd479; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 0 0 1rem; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.code, td.place { min-width: 10rem; }
td.number { text-align: right; }
.error { color: var(--error); font-weight: bold; }
.warning { color: var(--warning); }
"""


def page(report: Report, spool: Spool) -> Iterator[str]:
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Report of an ingest</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>Report of an ingest</h1>\n<p>{escape(summary(report))}</p>\n"
    )
    archives = spool.archives
    if archives:
        links = "".join(
            f'<li><a href="#{_anchor(name)}">{escape(name or UNNAMED)}</a></li>\n' for name in archives
        )
        yield f'<nav aria-label="Archives">\n<ul>\n{links}</ul>\n</nav>\n'
    else:
        yield "<p>Nothing was found fault with.</p>\n"
    for archive, rows in groupby(spool.told(), key=attrgetter("archive")):
        yield from _archive(archive, rows, spool)
    yield from _codes(spool.codes)
    yield "</main>\n</body>\n</html>\n"


def _archive(archive: str, rows: Iterable[Row], spool: Spool) -> Iterator[str]:
    yield f'<section>\n<h2 id="{_anchor(archive)}">{escape(archive or UNNAMED)}</h2>\n'
    counts = "".join(
        f'<tr><td class="number">{count}</td><td class="{SEVERITIES[rank]}">{SEVERITIES[rank]}</td>'
        f'<td class="code"><a href="#code-{escape(code)}">{escape(code)}</a></td></tr>\n'
        for rank, code, count in counts_of(spool, archive)
    )
    yield _table("How often", ("Count", "Severity", "Code"), counts)
    yield '<div class="wide">\n<table>\n<caption>Findings</caption>\n<thead><tr>'
    yield "".join(
        f'<th scope="col">{name}</th>' for name in ("Place", "Severity", "Finding", "What was done")
    )
    yield "</tr></thead>\n<tbody>\n"
    number = 0
    for number, row in enumerate(rows, 1):
        if number <= MOST:
            yield _row(row)
    yield "</tbody>\n</table>\n</div>\n"
    if number > MOST:
        yield f"<p>{number - MOST} more are in the report as text (.txt) and as JSON (.json).</p>\n"
    yield "</section>\n"


def _row(row: Row) -> str:
    place = f"{row.file}:{row.line}" if row.line else row.file
    about = f"<br>{escape(row.identifier)}" if row.identifier else ""
    code = escape(row.code)
    return (
        f'<tr><td class="place">{escape(place)}{about}</td><td class="{row.severity}">{row.severity}</td>'
        f'<td>{escape(row.text)} (<a href="#code-{code}">{code}</a>)</td><td>{escape(row.done)}</td></tr>\n'
    )


def _codes(codes: list[str]) -> Iterator[str]:
    if not codes:
        return
    yield "<h2>What the codes mean</h2>\n"
    rows = (
        f'<tr><th scope="row" id="code-{escape(code)}">{escape(code)}</th><td>{escape(explained(code).means)}</td>'
        f"<td>{escape(explained(code).mend)}</td></tr>\n"
        for code in codes
    )
    yield _table("Codes", ("Code", "What it means", "How to mend it"), "".join(rows))


def _table(caption: str, heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<div class="wide">\n<table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _anchor(archive: str) -> str:
    return "archive-" + escape(archive.replace(":", "-").replace(" ", "-") or "none")
