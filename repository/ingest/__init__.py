"""From files to the log: read, fill in from the host, make bodies, sets and formats, append in batches.

A bad record is reported with file, line and reason, and the run goes on. Nothing is deleted here.
"""

from repository.ingest.apart import Apart, Bounds, BusyError, TooManyError
from repository.ingest.drafting import Drafted, Drafting
from repository.ingest.files import MAX_FILE_BYTES, Found, Places, find_files
from repository.ingest.report import Placed, Report
from repository.ingest.run import BATCH, Ingest

__all__ = [
    "BATCH",
    "MAX_FILE_BYTES",
    "Apart",
    "Bounds",
    "BusyError",
    "Drafted",
    "Drafting",
    "Found",
    "Ingest",
    "Placed",
    "Places",
    "Report",
    "TooManyError",
    "find_files",
]
