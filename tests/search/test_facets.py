"""What stands beside results: values with how many results have them."""

import pytest

from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.work import Text, Work
from repository.search import Query, SearchIndex, Value, parse, reading
from repository.search.translate import Translator
from tests.kit import draft
from tests.search.conftest import BASE


def test_under_a_jel_code_works_are_counted_and_series_are_not(shelf_of):
    series = Work("RePEc:xxx:joujou", "journal", Text("Ferries"), jel=("R41",))
    shelf = shelf_of([draft("a", "Ferries", jel=("R41",)), Draft(series.identifier, write_work(series))])
    assert shelf.names("jel:R41") == {"a", "joujou"}
    found = shelf.find("ferries", facets=True)
    assert [(each.value, each.count) for each in found.facets["jel"]] == [("R41", 1)]
    assert shelf.names("ferries", chosen=(("jel", ("R41",)),)) == {"a"}


def test_a_value_that_few_results_of_one_commit_have_is_counted_there_too(shelf):
    series = [f"RePEc:xxx:s{n:05}" for n in range(130)]
    shelf.keep(*(draft(f"{n}-{twice}", part_of=(each,)) for n, each in enumerate(series) for twice in "ab"))
    shelf.keep(*(draft(n, part_of=("RePEc:xxx:common",)) for n in range(5)))
    shelf.keep(
        *(draft(f"{n}-{twice}", "Else", part_of=(each,)) for n, each in enumerate(series) for twice in "cd"),
        draft("one", part_of=("RePEc:xxx:common",)),
    )
    assert shelf.find("").facets["series"][0] == Value("RePEc:xxx:common", 6)
    assert shelf.find("", chosen=(("series", ("RePEc:xxx:common",)),)).total == 6


@pytest.mark.parametrize(
    "question", ["ferries on rivers", '"ferries on"', "ferries OR lakes", "ferries year:2001..2004"]
)
@pytest.mark.parametrize("few", [7, 200])
@pytest.mark.parametrize("first", [0, 5])
def test_facets_are_the_same_however_many_results_are_named_one_by_one(
    shelf_of, monkeypatch, question, few, first
):
    drafts = [
        draft(
            n,
            f"Ferries on {'rivers' if n % 3 else 'lakes'}",
            issued=str(2000 + n % 5),
            jel=("R41", "L92")[n % 2 :],
        )
        for n in range(12)
    ]
    shelf = shelf_of(drafts)
    query = Query(parse(question), facets=True, first=first, count=5)
    # Two of them, for each remembers what it was asked.
    monkeypatch.setattr(reading, "_FEW", 0)
    expected = SearchIndex(shelf.folder / "search", BASE).search(query)
    monkeypatch.setattr(reading, "_FEW", few)
    assert SearchIndex(shelf.folder / "search", BASE).search(query) == expected
    assert expected.facets["year"]
    assert len(expected.identifiers) == min(5, expected.total - first)


@pytest.mark.parametrize("sort", ["relevance", "date", "citations"])
def test_a_phrase_of_frequent_words_is_looked_for_once_and_has_the_same_facets(shelf_of, monkeypatch, sort):
    shelf = shelf_of(
        [draft(n, f"On the {'use' if n % 3 else 'cost'}", issued=str(2000 + n % 5)) for n in range(24)]
    )
    query = Query(parse('"on the"'), facets=True, sort=sort, count=5)
    expected = SearchIndex(shelf.folder / "search", BASE).search(query)
    assert sum(each.count for each in expected.facets["year"]) == expected.total == 24
    named = []
    entries = Translator.entries
    monkeypatch.setattr(
        Translator, "entries", lambda self, seqs: named.append(len(seqs)) or entries(self, seqs)
    )
    # Each of the two words is in all: 24 // 1 results may be named, and 24 // 2 no longer.
    monkeypatch.setattr(reading, "_FEW", 5)
    for compared, those in ((1, [24]), (2, [])):
        monkeypatch.setattr(reading, "_COMPARED", compared)
        assert SearchIndex(shelf.folder / "search", BASE).search(query) == expected
        assert named == those
        named.clear()
