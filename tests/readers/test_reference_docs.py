"""docs/formats.md says what survives in BibTeX, RIS and CSL-JSON as the property tests state it, and every finding."""

from dataclasses import fields
from pathlib import Path

import pytest

from repository.model.work import Work
from repository.readers import READERS
from repository.readers.reference_findings import CODES
from tests.readers.said import CHANGED, FORMATS, SAME

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- there and back -->\n", "<!-- end of there and back -->\n"


def cell(form: str, name: str) -> str:
    return CHANGED[form].get(name, "yes" if name in SAME[form] or name in ("identifier", "type") else "")


def table() -> str:
    lines = [f"| field | {' | '.join(FORMATS)} |", "|---" * (len(FORMATS) + 1) + "|"]
    for name in (field.name for field in fields(Work)):
        cells = [cell(form, name) for form in FORMATS]
        if any(cells):
            lines.append(f"| `{name}` | {' | '.join(cells)} |")
    unsaid = [field.name for field in fields(Work) if not any(cell(form, field.name) for form in FORMATS)]
    return "\n".join(lines) + f"\n\nNone of the three says: {', '.join(f'`{name}`' for name in unsaid)}.\n"


def test_the_table_is_what_the_round_trips_state(pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    shown, _, after = rest.partition(END)
    if pytestconfig.getoption("update_golden"):
        shown = table()
        PAGE.write_text(before + BEGIN + shown + END + after, "utf-8")
    assert shown == table()


@pytest.mark.parametrize("reader", [reader.name for reader in READERS])
def test_every_reader_is_on_the_page(reader: str) -> None:
    assert f"`{reader}`" in PAGE.read_text("utf-8")


def test_every_finding_is_explained() -> None:
    text = (Path(__file__).parents[2] / "repository" / "readers" / "reference_findings.py").read_text("utf-8")
    for name, code in CODES.items():
        strict = "refused" if code.strict else code.lenient
        lenient = "refused" if code.lenient == "error" else code.lenient
        assert any(
            line.startswith(f"| {name} |") and line.endswith(f"| {lenient} | {strict} |")
            for line in text.splitlines()
        )
