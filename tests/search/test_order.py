"""In which order results come where nothing tells them apart."""

import pytest

from repository.search import SORTS
from tests.kit import draft


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("query", ["ferries", "jel:R41", 'title:"ferries"'])
def test_equal_results_have_one_order_on_all_pages_and_in_every_index(shelf, query, sort):
    shelf.keep(*(draft(n, "Ferries", issued="2020", jel=("R41",)) for n in range(9)))
    shelf.keep(
        draft(5, "Ferries!", issued="2020", jel=("R41",)), draft(3, "Ferries!", issued="2020", jel=("R41",))
    )
    wanted = tuple(f"RePEc:xxx:joujou:{n}" for n in (3, 5, 8, 7, 6, 4, 2, 1, 0))
    assert shelf.find(query, sort=sort).identifiers == wanted
    pages = [shelf.find(query, sort=sort, first=n, count=2, facets=False).identifiers for n in range(0, 9, 2)]
    assert tuple(name for page in pages for name in page) == wanted
    shelf.follower.rebuild()
    assert shelf.find(query, sort=sort).identifiers == wanted


@pytest.mark.parametrize(
    "query", ["jel:R41", "ferr*", "-ships", "year:2001..", "type:article OR title:ferr*"]
)
def test_where_no_word_is_asked_for_the_newest_works_come_first(shelf, query):
    shelf.keep(*(draft(year, "Ferries", issued=str(year), jel=("R41",)) for year in (2003, 2001, 2004, 2002)))
    found = [name[-4:] for name in shelf.find(query).identifiers]
    assert found == ["2004", "2003", "2002", "2001"]


def test_pages_of_every_size_make_the_same_list(shelf):
    for commit in range(3):
        shelf.keep(*(draft(f"{commit}-{n}", "Ferries " * (1 + n % 3) + "of " * (n % 2)) for n in range(20)))
    whole = shelf.find("ferries", count=100).identifiers
    assert len(set(whole)) == 60
    for size in (1, 2, 7, 20, 59, 60, 61):
        pages = [
            shelf.find("ferries", first=n, count=size, facets=False).identifiers for n in range(0, 60, size)
        ]
        assert tuple(name for page in pages for name in page) == whole, size
