"""The report as it is kept between two makings: one JSON file, replaced whole."""

import os
import tempfile
from pathlib import Path

from repository.report.result import Report, as_json, from_json


def place(data: Path) -> Path:
    """Where the report of a data folder is kept."""
    return data / "index" / "report.json"


def write_report(path: Path, report: Report) -> None:
    """Keep a report: a reader sees the old one or the new one, never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".report-")
    try:
        with os.fdopen(number, "wb") as out:
            out.write(as_json(report))
        # mkstemp makes files that only their owner can read; web workers may run as somebody else.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_report(path: Path) -> Report | None:
    """The report kept there; None where none was made yet.

    Raises ReportError for one of another version, or of no version at all.
    """
    try:
        return from_json(path.read_bytes())
    except FileNotFoundError:
        return None
