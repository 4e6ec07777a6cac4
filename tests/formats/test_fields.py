"""docs/formats.md is true: its table says where each field stands in each format, as rendered works show it."""

from pathlib import Path

import pytest

from repository.formats import OAI_FORMATS, by_extension
from tests.formats.places import FORMATS, ITEMS, places, rows

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- fields -->\n", "<!-- end of fields -->\n"
# The parts of a work that only some formats have a word for are many; these every format must have.
EVERYWHERE = (
    "identifier",
    "title",
    "creators",
    "editors",
    "issued",
    "keywords",
    "dois",
    "host",
)


def cell(form: str, row: str) -> str:
    """Places, grouped by the types that have them; a graph's properties are called the same in every type."""
    groups: dict[str, list[str]] = {}
    for place, kinds in places(form, row).items():
        everywhere = form == "rdf" or kinds >= set(ITEMS)
        letters = "" if everywhere else f" ({''.join(kind[0] for kind in ITEMS if kind in kinds)})"
        groups.setdefault(letters, []).append(f"`{place}`")
    return "; ".join(", ".join(found) + letters for letters, found in groups.items())


def table() -> str:
    lines = [f"| field | {' | '.join(FORMATS)} |", "|---" * (len(FORMATS) + 1) + "|"]
    lines += [f"| `{row}` | {' | '.join(cell(form, row) for form in FORMATS)} |" for row in rows()]
    return "\n".join(lines) + "\n"


def test_the_table_is_what_rendered_works_show(pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    shown, _, after = rest.partition(END)
    if pytestconfig.getoption("update_golden"):
        shown = table()
        PAGE.write_text(before + BEGIN + shown + END + after, "utf-8")
    assert shown == table()


def test_every_format_of_works_has_a_column() -> None:
    assert {form.name for form in OAI_FORMATS} <= set(FORMATS)


@pytest.mark.parametrize("extension", by_extension)
def test_every_extension_is_on_the_page(extension: str) -> None:
    assert f"`{extension}`" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("row", rows())
def test_rdf_says_everything(row: str) -> None:
    assert places("rdf", row)


@pytest.mark.parametrize("row", EVERYWHERE)
@pytest.mark.parametrize("form", FORMATS)
def test_what_a_work_is_known_by_is_in_every_format(form: str, row: str) -> None:
    kinds = frozenset().union(*places(form, row).values())
    assert kinds >= set(ITEMS)


def test_no_two_types_begin_with_one_letter() -> None:
    assert len({kind[0] for kind in ITEMS}) == len(ITEMS)
