"""fields.csv, the table of what stands where in the XML formats, says what the formats do."""

import csv
from dataclasses import fields
from pathlib import Path

import pytest

from repository.formats.oai_datacite import wrapped
from repository.formats.oai_openaire import openaire
from repository.formats.oai_qdc import qualified
from repository.model.work import Work
from tests.formats.probing import PROBES, Writer, places

WRITERS: dict[str, Writer] = {"oai_qdc": qualified, "oai_datacite": wrapped, "oai_openaire": openaire}
# What works do not have: persons, series and institutions do.
OTHERS = {"workplaces", "given", "family", "short_id", "name_english", "maintainer", "postal", "location"}

with (Path(__file__).parent / "fields.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {row["field"]: row for row in csv.DictReader(file)}


def test_every_field_of_a_work_has_its_row() -> None:
    assert set(TABLE) == set(PROBES)
    named = {name.partition(".")[0] for row in TABLE for name in row.split(", ")}
    assert {field.name for field in fields(Work)} - OTHERS <= named


@pytest.mark.parametrize("format", WRITERS)
@pytest.mark.parametrize("field", TABLE)
def test_a_field_stands_where_the_table_says(field: str, format: str) -> None:
    assert places(WRITERS[format], field) == set(filter(None, TABLE[field][format].split("; ")))
