"""The lists that people browse: works of a series, of a type, of a year; series, persons and names from A to Z.

A projection of the log in a SQLite file of its own, which may be deleted at any time. No HTML, no HTTP, no RDF paths
but the lens.
"""

from repository.catalogue.catalogue import Catalogue, catalogue_place
from repository.catalogue.compare import differences
from repository.catalogue.entries import BUCKETS, ORDERS, OTHER, bucket_of, fold
from repository.catalogue.pages import Item, Name, Slice

__all__ = [
    "BUCKETS",
    "ORDERS",
    "OTHER",
    "Catalogue",
    "Item",
    "Name",
    "Slice",
    "bucket_of",
    "catalogue_place",
    "differences",
    "fold",
]
