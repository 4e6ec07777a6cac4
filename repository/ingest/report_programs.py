"""The report of a run as one JSON document, written piece by piece."""

import json
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from repository.ingest.report import Report
from repository.ingest.report_codes import explained
from repository.ingest.report_plain import counts_of
from repository.ingest.report_spool import SEVERITIES, Row, Spool


def programs(report: Report, spool: Spool) -> Iterator[str]:
    """`summary`, `codes` and `archives`, with `counts` and `findings`. `archive` is null where none is told."""
    summary = {
        "files": report.files,
        "kept": report.kept,
        "refused": report.refused,
        "outcomes": dict(sorted(report.outcomes.items())),
        "severities": {name: report.severities[name] for name in SEVERITIES},
    }
    codes = {code: explained(code)._asdict() for code in spool.codes}
    yield f'{{"summary": {_json(summary)},\n"codes": {_json(codes)},\n"archives": ['
    for number, (archive, rows) in enumerate(groupby(spool.rows(), key=attrgetter("archive"))):
        counts = [
            {"severity": SEVERITIES[rank], "code": code, "count": count}
            for rank, code, count in counts_of(spool, archive)
        ]
        head = f'"archive": {_json(archive or None)}, "counts": {_json(counts)}, "findings": ['
        yield ("," if number else "") + "\n{" + head
        for place, row in enumerate(rows):
            yield ("," if place else "") + "\n" + _json(_finding(row))
        yield "]}"
    yield "]}\n"


def _finding(row: Row) -> dict[str, Any]:
    return {
        "file": row.file,
        "line": row.line or None,
        "severity": row.severity,
        "code": row.code,
        "identifier": row.identifier or None,
        "field": row.field or None,
        "value": row.value or None,
        "text": row.text,
        "done": row.done,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
