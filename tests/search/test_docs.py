"""docs/search.md is true: each query there is understood, each fault is explained so, each number is ours."""

import re
from pathlib import Path

import pytest

from repository.search import FACETS, LONGEST, MOST_EXPORTED, MOST_PAGES, PAGE, SORTS, QueryFault, parse
from repository.search.syntax import DEEPEST, MOST_PHRASES, MOST_TERMS
from repository.search.values import FIELDS

TEXT = (Path(__file__).parents[2] / "docs" / "search.md").read_text("utf-8")
TABLES = [block.splitlines()[2:] for block in re.split(r"\n(?!\|)", TEXT) if block.startswith("| query")] or [
    block.splitlines()[2:] for block in re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE) if "| query" in block
]
GOOD, WRONG = TABLES
QUERIES = sorted({query for line in GOOD for query in re.findall(r"`([^`]+)`", line)})
FAULTS = [re.match(r"\| `([^`]+)` \| (.*) \|", line).groups() for line in WRONG]


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_of_the_manual_is_understood(query):
    parse(query)


@pytest.mark.parametrize(("query", "says"), FAULTS)
def test_each_fault_of_the_manual_is_explained_so(query, says):
    with pytest.raises(QueryFault, match=re.escape(says)):
        parse(query)


def test_every_field_facet_and_sort_is_in_the_manual():
    assert len(QUERIES) > 20
    for name in FIELDS:
        assert f"`{name}:" in TEXT
    for name in (*FACETS, *SORTS):
        assert f"`{name}`" in TEXT


def test_the_limits_in_the_manual_are_ours():
    for said in (
        f"at most {LONGEST:,} letters, {MOST_TERMS} words and {MOST_PHRASES} phrases",
        f"at most {DEEPEST} deep",
        f"1 to {MOST_PAGES}, of {PAGE} results each",
        f"first {MOST_EXPORTED:,} results",
    ):
        assert said in TEXT
