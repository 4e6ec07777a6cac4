"""docs/threats.md is true: every row once, every test that it names is there, and none without a state."""

import re

import pytest

from tests.serve.service import ROOT

DOCUMENT = (ROOT / "docs" / "threats.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in DOCUMENT.splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_every_row_stands_there_once_and_in_order():
    assert [int(row[0]) for row in ROWS] == list(range(1, 54))
    assert all(len(row) == 5 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row_{row[0]}")
def test_every_test_that_a_row_names_is_there(row):
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[3])
    # A row without one says why in its state.
    assert named or row[4].startswith("not tested: ")
    assert len(named) == row[3].count("::")
    for path, name in named:
        text = (ROOT / path).read_text("utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{path}::{name}"
