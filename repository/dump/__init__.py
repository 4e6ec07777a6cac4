"""Everything that is kept, in one file or one number: dumps, those made each night, and counts of what a dump holds."""

from repository.dump.compare import differences
from repository.dump.counts import BLOCK, Counted, Counting, Counts, counts_place
from repository.dump.files import COMPRESSIONS, compressed, whole
from repository.dump.forms import FORMS, NQUADS, Form, dump
from repository.dump.nightly import Nightly
from repository.dump.published import COMPRESSION, LATEST, SUM, Offered, offered, publish, withdraw

__all__ = [
    "BLOCK",
    "COMPRESSION",
    "COMPRESSIONS",
    "FORMS",
    "LATEST",
    "NQUADS",
    "SUM",
    "Counted",
    "Counting",
    "Counts",
    "Form",
    "Nightly",
    "Offered",
    "compressed",
    "counts_place",
    "differences",
    "dump",
    "offered",
    "publish",
    "whole",
    "withdraw",
]
