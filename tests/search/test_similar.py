"""Records about the same as one."""

import pytest

from tests.kit import draft, work


def test_similar_records_are_the_nearest_in_words_and_never_the_record_itself(shelf_of):
    about = {
        "f1": "Ferries and their captains",
        "f2": "Captains of ferries in winter",
        "f3": "A winter of ferries and captains",
        "t1": "Taxes on bread",
        "t2": "Bread and its taxes",
        **{f"o{n}": f"Something else number{n}" for n in range(30)},
    }
    shelf = shelf_of([draft(name, title) for name, title in about.items()])
    near = shelf.index.similar(work("f1", about["f1"]), 2)
    assert {name.rpartition(":")[2] for name in near} == {"f2", "f3"}
    assert shelf.index.similar(work("t1", about["t1"]), 1) == ["RePEc:xxx:joujou:t2"]


def test_a_work_of_frequent_words_alone_is_like_those_that_share_them(shelf_of):
    alike = [draft(f"f{n}", "Ferries and harbours") for n in range(8)]
    shelf = shelf_of([*alike, *(draft(f"o{n}", f"Something else number{n}") for n in range(12))])
    near = shelf.index.similar(work("f0", "Ferries and harbours"), 20)
    assert {name.rpartition(":")[2] for name in near} == {f"f{n}" for n in range(1, 8)}


@pytest.mark.parametrize(
    ("tag", "one", "other"),
    [
        ("de", "Versicherungen der Fischer", "Die Versicherung eines Bauern"),
        ("fr", "Les générations", "Une génération"),
        ("zh", "中国经济增长", "中国经济改革"),
    ],
)
def test_similar_records_are_found_by_the_rules_of_their_language(shelf, tag, one, other):
    shelf.keep(draft("a", one, languages=(tag,)), draft("b", other, languages=(tag,)), draft("c", "Ships"))
    assert shelf.index.similar(work("a", one, languages=(tag,)), 5) == ["RePEc:xxx:joujou:b"]
    assert shelf.index.similar(work("c", "Ships"), 5) == []
