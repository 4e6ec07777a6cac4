"""The one reader of vocab/: types.csv, the JSON-LD context, terms and shapes.

An installed wheel carries the folder inside the package; a checkout has it at the top.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path


def read_vocab(name: str) -> bytes:
    """The bytes of a file of vocab/. Raises FileNotFoundError for a name that is not there."""
    carried = files("repository") / "vocab" / name
    if carried.is_file():
        return carried.read_bytes()
    return (Path(__file__).resolve().parents[2] / "vocab" / name).read_bytes()


@dataclass(frozen=True, slots=True)
class WorkType:
    """One row of types.csv: how a type is called in each vocabulary; empty where it has no word."""

    type: str
    label: str
    redif: str
    rdf_class: str
    also: tuple[str, ...]
    dc_type: str
    dcmi_type: str
    coar: str
    schema_org: str
    bibtex: str
    ris: str
    csl: str
    item: bool
    # What else is read as this type.
    bibtex_also: str = ""
    ris_also: str = ""
    csl_also: str = ""
    crossref: str = ""


@cache
def work_types() -> dict[str, WorkType]:
    """{type: its row}, in the order of the file."""
    rows = csv.DictReader(read_vocab("types.csv").decode().splitlines())
    return {
        row["type"]: WorkType(
            **{key: value for key, value in row.items() if key not in ("also", "item")},
            also=tuple(row["also"].split()),
            item=row["item"] == "yes",
        )
        for row in rows
    }


@cache
def types_by_class() -> dict[str, str]:
    """{RDF class IRI: type}, the main class of each type before the others that we understand."""
    table = {row.rdf_class: row.type for row in work_types().values()}
    for row in work_types().values():
        for also in row.also:
            table.setdefault(also, row.type)
    return table
