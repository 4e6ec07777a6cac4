"""What stands beside results: values with how many results have them."""

from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.work import Text, Work
from tests.kit import draft


def test_under_a_jel_code_works_are_counted_and_series_are_not(shelf_of):
    series = Work("RePEc:xxx:joujou", "journal", Text("Ferries"), jel=("R41",))
    shelf = shelf_of([draft("a", "Ferries", jel=("R41",)), Draft(series.identifier, write_work(series))])
    assert shelf.names("jel:R41") == {"a", "joujou"}
    found = shelf.find("ferries", facets=True)
    assert [(each.value, each.count) for each in found.facets["jel"]] == [("R41", 1)]
    assert shelf.names("ferries", chosen=(("jel", ("R41",)),)) == {"a"}
