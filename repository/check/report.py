"""A report as lines for people and as JSON. Nothing is judged here."""

import json
from collections.abc import Iterator

from repository.check.row import Row
from repository.check.run import Report
from repository.check.sheet import BROKEN, FAILED, INAPPLICABLE, OK, WARNING, Sheet

_SHOWN = 3


def status(report: Report) -> int:
    """0 where nothing failed; 1 where something did, or the tool could not tell."""
    return int(any(sheet.verdict in (FAILED, BROKEN) for _, sheet in report.rows))


def lines(report: Report) -> Iterator[str]:
    for row, sheet in report.rows:
        seen = _seen(row, sheet)
        todo = f" -> {row.todo}" if sheet.verdict in (FAILED, WARNING) else ""
        yield f"{row.id:<4} {sheet.verdict:<15} {seen}{todo}"
    yield ""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in _counts(report).items() if count)
    missed = untried(report)
    words = (
        f"{len(missed)} of {len(report.rows)} rows could not be tried ({', '.join(missed)}); "
        if missed
        else ""
    )
    yield (
        f"{report.url}: {counts}; {words}"
        f"{report.requests} requests, {report.walked} records, {report.seconds:.0f} seconds"
    )


def untried(report: Report) -> list[str]:
    return [row.id for row, sheet in report.rows if sheet.verdict == INAPPLICABLE]


def _seen(row: Row, sheet: Sheet) -> str:
    if sheet.verdict == BROKEN:
        return f"{row.rule}: the check itself failed ({sheet.broken}); please report it"
    if sheet.verdict == INAPPLICABLE:
        return f"{row.rule}: {sheet.skipped or row.otherwise}"
    if sheet.verdict == OK:
        notes = "; ".join(sheet.notes[:_SHOWN])
        return f"{row.rule} ({sheet.kept} times{'; ' + notes if notes else ''})"
    found = findings(sheet)
    rest = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + rest


def findings(sheet: Sheet) -> list[str]:
    """What was wrong, then what was only unwise, each with how often where that was more than once."""
    return [
        text if count == 1 else f"{text} [{count} times]"
        for found in (sheet.wrongs, sheet.warnings)
        for text, count in found.items()
    ]


def _counts(report: Report) -> dict[str, int]:
    verdicts = [sheet.verdict for _, sheet in report.rows]
    return {verdict: verdicts.count(verdict) for verdict in (OK, FAILED, WARNING, INAPPLICABLE, BROKEN)}


def as_json(report: Report) -> str:
    return json.dumps(
        {
            "url": report.url,
            "began": report.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(report.seconds, 1),
            "requests": report.requests,
            "records": report.walked,
            "verdicts": _counts(report),
            "untried": untried(report),
            "rows": [_row(row, sheet) for row, sheet in report.rows],
        },
        ensure_ascii=False,
        indent=1,
    )


def _row(row: Row, sheet: Sheet) -> dict[str, object]:
    bad = sheet.verdict in (FAILED, WARNING)
    return {
        "id": row.id,
        "rule": row.rule,
        "guideline": row.guideline,
        "verdict": sheet.verdict,
        "kept": sheet.kept,
        "failures": list(sheet.wrongs),
        "warnings": list(sheet.warnings),
        "notes": sheet.notes,
        "reason": _seen(row, sheet) if sheet.verdict in (INAPPLICABLE, BROKEN) else "",
        "todo": row.todo if bad else "",
    }
