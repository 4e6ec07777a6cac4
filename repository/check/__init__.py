"""Conformance of any OAI-PMH repository, asked from outside, row by row (`sheaf check-oai`).

An independent reading of the protocol is its worth: neither the log nor `repository.oai` may ever be known here.
"""

from repository.check.client import Limits, UnreachableError
from repository.check.report import as_json, lines, status
from repository.check.rows import ROWS
from repository.check.run import Report, check
from repository.check.schemas import CatalogError, Schemas

__all__ = [
    "ROWS",
    "CatalogError",
    "Limits",
    "Report",
    "Schemas",
    "UnreachableError",
    "as_json",
    "check",
    "lines",
    "status",
]
