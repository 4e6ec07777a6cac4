"""The report of a run as text."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from repository.ingest.report import Report
from repository.ingest.report_codes import explained
from repository.ingest.report_spool import NO_ARCHIVE, SEVERITIES, Row, Spool

WORDS = {"error": "errors", "warning": "warnings", "info": "notes"}
UNNAMED = "Files that tell no archive"


def plain(report: Report, spool: Spool) -> Iterator[str]:
    """Counts first, then each archive's findings, then what the codes mean."""
    yield f"Report of an ingest\n\n{summary(report)}\n"
    for archive, rows in groupby(spool.told(), key=attrgetter("archive")):
        title = archive or UNNAMED
        yield f"\n{title}\n{'=' * len(title)}\n"
        for rank, code, count in counts_of(spool, archive):
            yield f"{count:>8} {SEVERITIES[rank]:<8} {code}\n"
        for row in rows:
            yield _line(row)
    if spool.codes:
        yield "\nWhat the codes mean\n===================\n"
    for code in spool.codes:
        means, mend = explained(code)
        yield f"{code}\n    {means}\n    To mend it: {mend}\n"


def summary(report: Report) -> str:
    outcomes = ", ".join(f"{count} {word}" for word, count in sorted(report.outcomes.items())) or "none"
    said = ", ".join(f"{report.severities[name]} {word}" for name, word in WORDS.items())
    return f"{report.files} files; {report.kept} records kept ({outcomes}), {report.refused} refused; {said}."


def counts_of(spool: Spool, archive: str = NO_ARCHIVE) -> list[tuple[int, str, int]]:
    """(rank, code, count) of an archive, gravest first, then most frequent."""
    found = [(rank, code, count) for (rank, code), count in spool.counts[archive].items()]
    return sorted(found, key=lambda row: (row[0], -row[2], row[1]))


def _line(row: Row) -> str:
    place = f"{row.file}:{row.line}" if row.line else row.file
    about = f"\n    {row.identifier}" if row.identifier else ""
    return f"\n{place}: {row.severity}: {row.code}{about}\n    {row.text}\n    {row.done}\n"
