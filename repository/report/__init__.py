"""How good the records are: completeness, growth, duplicates, dead ends, the profile. No page is made here.

Nothing here knows an engine or a broker: whoever asks for a report hands in a function that runs one SELECT.
"""

from repository.report.file import place, read_report, write_report
from repository.report.keeper import Keeper
from repository.report.make import SECTIONS, make_report
from repository.report.query import Ask, Row, rows_of_json
from repository.report.result import Report, as_json, from_json

__all__ = [
    "SECTIONS",
    "Ask",
    "Keeper",
    "Report",
    "Row",
    "as_json",
    "from_json",
    "make_report",
    "place",
    "read_report",
    "rows_of_json",
    "write_report",
]
