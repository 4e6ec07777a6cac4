"""The report of a run as files: text and one web page for people, JSON for programs; archive by archive.

Written beside the target and moved there when whole, so that a broken run leaves the report of the one before.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from repository.ingest.report import Report
from repository.ingest.report_page import page
from repository.ingest.report_plain import plain
from repository.ingest.report_programs import programs
from repository.ingest.report_spool import Spool
from repository.model.errors import SheafError

Write = Callable[[Report, Spool], Iterator[str]]
WAYS: dict[str, Write] = {".txt": plain, ".html": page, ".json": programs}


def targets(path: Path) -> dict[Path, Write]:
    """What is written for `--report PATH`: one file by its extension, or all three in a folder. Raises SheafError
    before a run where that cannot be."""
    way = WAYS.get(path.suffix.lower())
    if way is not None and not path.is_dir():
        folder, found = path.parent, {path: way}
    elif path.suffix and not path.is_dir():
        raise SheafError(f"{path}: a report ends in {', '.join(WAYS)}, or is a folder")
    else:
        folder, found = path, {path / f"report{suffix}": way for suffix, way in WAYS.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SheafError(f"{folder}: no folder for a report ({error.strerror})") from None
    if not os.access(folder, os.W_OK):
        raise SheafError(f"{folder}: nothing may be written there")
    return found


def write_reports(found: dict[Path, Write], report: Report, spool: Spool) -> None:
    for path, way in found.items():
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with partial.open("w", encoding="utf-8", newline="\n", errors="backslashreplace") as stream:
                for text in way(report, spool):
                    stream.write(text)
            partial.replace(path)
        except OSError as error:
            raise SheafError(f"{path}: the report cannot be written ({error.strerror})") from None
        finally:
            partial.unlink(missing_ok=True)
