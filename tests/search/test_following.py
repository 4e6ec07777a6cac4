"""The index follows the log: exactly, from wherever it was left, and counts of citations with it."""

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
from tantivy import SchemaBuilder

from repository.following import follow
from repository.log import Log
from repository.model.errors import LockedError, ProjectionError
from repository.model.site import Site
from repository.search import NoIndex, SearchIndex, place, schema
from repository.search.compare import compared
from repository.search.documents import entry
from repository.search.following import SearchFollower, entries_of
from repository.search.writing import SearchWriter
from tests.kit import draft, removal, work
from tests.oai.counting import counted
from tests.search import oracle
from tests.search.conftest import BASE, SITE, shelf_in


def differences(shelf) -> list[tuple[str, str]]:
    found = compared(shelf.folder / "search")
    assert found is not None
    return [(each.identifier, each.text) for each in found.differences(shelf.log)]


def cited(shelf) -> dict[str, int]:
    found = shelf.find("", count=1000)
    return {
        name.rpartition(":")[2]: n for name, n in zip(found.identifiers, found.citations, strict=True) if n
    }


def test_what_comes_changes_and_goes_is_found_so(shelf):
    shelf.keep(draft(1, "Ferries"), draft(2, "Ships"))
    assert shelf.names("ferries") == {"1"}
    shelf.keep(draft(1, "Trains"), removal(2))
    assert shelf.names("ferries") == shelf.names("ships") == set()
    assert shelf.names("trains") == shelf.names("") == {"1"}
    shelf.keep(draft(2, "Ships again"))
    assert shelf.names("ships") == {"2"}
    assert differences(shelf) == []


@pytest.mark.parametrize(
    ("date", "number"),
    [
        ("2020", 20200000),
        ("2020-05", 20200500),
        ("2020-05-01T12:00:00Z", 20200501),
        ("2020 May", 20200000),
        ("2020/05/01", 20200000),
        ("2020–2021", 20200000),
        ("2020-5", 20200000),
        ("2020-13-45", 20200000),
        ("12020", 0),
        ("-0044", 0),
        ("n.d.", 0),
    ],
)
def test_a_date_that_is_any_text_sorts_by_what_it_says_and_stops_nothing(shelf, date, number):
    shelf.keep(draft(1, "Ferries", issued=date), draft(2, "Ships"))
    assert shelf.names("") == {"1", "2"}
    assert shelf.names(f"year:{number // 10_000:04d}") == ({"1", "2"} if number // 10_000 == 2020 else set())
    assert entry(work(1, issued=date), (), 0).date == number


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("pt-BR", "pt"),
        ("ger", "de"),
        ("deu", "de"),
        ("SWE", "sv"),
        ("lat", "la"),
        ("http://lexvo.org/id/iso639-3/eng", "en"),
        ("http://publications.europa.eu/resource/authority/language/FRA", "fr"),
        ("http://www.wikidata.org/entity/Q1860", ""),
        ("grc", ""),
        ("x-odd", ""),
        ("", ""),
    ],
)
def test_a_language_is_searched_by_its_code_of_two_letters_however_it_is_told(shelf, tag, code):
    shelf.keep(draft(1, "Ferries", languages=(tag,)))
    assert [each.value for each in shelf.find("").facets["lang"]] == ([code] if code else [])
    assert not code or shelf.names(f"lang:{code}") == {"1"}


@pytest.mark.parametrize(
    ("tag", "plural", "one"), [("ger", "Versicherungen", "Versicherung"), ("dut", "Belastingen", "belasting")]
)
def test_endings_are_cut_by_the_language_that_a_code_of_three_letters_names(shelf, tag, plural, one):
    shelf.keep(draft(1, plural, languages=(tag,)))
    assert shelf.names(f"title:{one}") == {"1"}


def test_counts_of_citations_change_when_other_records_do(shelf):
    shelf.keep(draft(1), draft(2), draft(3, cites=("RePEc:xxx:joujou:1",)))
    assert cited(shelf) == {"1": 1}
    shelf.keep(draft(4, cites=("RePEc:xxx:joujou:1", "RePEc:xxx:joujou:2")))
    assert cited(shelf) == {"1": 2, "2": 1}
    shelf.keep(draft(3, cites=("RePEc:xxx:joujou:2",)))
    assert cited(shelf) == {"1": 1, "2": 2}
    shelf.keep(removal(4))
    assert cited(shelf) == {"2": 1}
    assert differences(shelf) == []


def test_a_citation_by_doi_counts_for_whoever_has_it_now(shelf):
    shelf.keep(draft(1, references=("Keeper (1843). https://doi.org/10.1000/waves",)), draft(2))
    assert cited(shelf) == {}
    shelf.keep(draft(2, dois=("10.1000/waves",)))
    assert cited(shelf) == {"2": 1}
    shelf.keep(draft(2), draft(3, dois=("10.1000/waves",)))
    assert cited(shelf) == {"3": 1}
    assert differences(shelf) == []


def test_citations_follow_a_record_that_moved_and_come_back_with_it(shelf):
    shelf.keep(draft(1), draft(2, cites=("RePEc:xxx:joujou:1",)))
    shelf.keep(draft(5), removal(1, successor="RePEc:xxx:joujou:5"))
    assert cited(shelf) == {"5": 1}
    shelf.keep(draft(1, "Back again"))
    assert cited(shelf) == {"1": 1}
    assert differences(shelf) == []


def test_a_citation_counts_once_and_nobody_counts_its_own(shelf):
    shelf.keep(
        draft(1, dois=("10.1000/a",), cites=("RePEc:xxx:joujou:1",)),
        draft(2, cites=("RePEc:xxx:joujou:1",), references=("Again: doi:10.1000/a",)),
    )
    assert cited(shelf) == {"1": 1}


@pytest.mark.slow
def test_a_change_of_a_record_with_many_versions_costs_what_one_of_few_does(shelf):
    steps = []
    for number, versions in enumerate((3, 150)):
        for version in range(versions):
            shelf.log.append([draft(number, f"Version {version}")])
        shelf.follower.catch_up()
        shelf.log.append([draft(number, "Once more")])
        with counted(shelf.log) as taken:
            shelf.follower.step()
        steps.append(taken.steps)
    assert steps[1] < 1.5 * steps[0], steps


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_after_random_edits_the_index_is_what_the_log_is(shelf, seed):
    choose = random.Random(seed)
    for _ in range(12):
        batch = {}
        for _ in range(choose.randint(1, 6)):
            name = choose.randint(1, 15)
            cites = tuple(f"RePEc:xxx:joujou:{n}" for n in choose.sample(range(1, 16), choose.randint(0, 3)))
            dois = (f"10.1000/{choose.randint(1, 4)}",) * choose.randint(0, 1)
            title = " ".join(choose.choices(["ferries", "ships", "trains", "health"], k=2))
            fresh = draft(
                name, title, cites=cites, dois=dois, references=(f"doi:10.1000/{choose.randint(1, 4)}",)
            )
            gone = removal(
                name, successor=choose.choice([None, f"RePEc:xxx:joujou:{choose.randint(16, 17)}"])
            )
            batch[name] = gone if choose.random() < 0.3 else fresh
        shelf.log.append(list(batch.values()))
        if choose.random() < 0.7:
            shelf.follower.catch_up()
    shelf.follower.catch_up()
    assert differences(shelf) == []
    live = {record.identifier.rpartition(":")[2] for record in shelf.log.live()}
    assert shelf.names("") == live
    seen = oracle.everything(shelf.log)
    for word in ("ferries", "ships", "trains", "health"):
        wanted = {
            each.work.identifier.rpartition(":")[2] for each in seen if word in each.work.title.value.split()
        }
        assert shelf.names(f"title:{word}") == wanted
    # Made anew it would be the same.
    before = cited(shelf)
    shelf.follower.rebuild()
    assert (cited(shelf), differences(shelf)) == (before, [])


def test_changes_while_it_is_made_are_taken_in_behind_it(shelf):
    shelf.log.append([draft(n, cites=("RePEc:xxx:joujou:1",)) for n in range(1, 5)])
    follower, entries = shelf.follower, shelf.follower._all

    def meanwhile():
        for number, made in enumerate(entries()):
            yield made
            if number == 2:
                shelf.log.append([draft(3), removal(4), draft(9, cites=("RePEc:xxx:joujou:2",))])

    follower._all = meanwhile
    follower.rebuild()
    follower._all = entries
    follower.catch_up()
    assert cited(shelf) == {"1": 1, "2": 1}
    assert differences(shelf) == []


def test_an_index_of_another_log_base_or_version_is_made_anew(shelf, tmp_path):
    shelf.keep(draft(1, "Ferries"), draft(2, "Ships"))
    assert shelf.follower.behind() == ""
    elsewhere = SearchFollower(shelf.log, shelf.writer, Site("https://other.example.org/", "x.example"))
    assert "base URL" in elsewhere.behind()
    with pytest.raises(NoIndex):
        SearchIndex(shelf.folder / "search", "https://other.example.org/").search(None)
    with closing(Log(f"sqlite:///{tmp_path / 'other.sqlite'}")) as other:
        other.append([draft(7, "Trains"), draft(8, "Trams"), draft(9, "Buses")])
        follower = SearchFollower(other, shelf.writer, SITE)
        assert "another log" in follower.behind()
        follower.catch_up()
    assert shelf.names("") == {"7", "8", "9"}


def test_an_older_copy_of_the_log_is_noticed(shelf):
    shelf.keep(draft(1), draft(2))
    copy = shelf.folder / "copy.sqlite"
    shelf.log.close()
    shutil.copy(shelf.folder / "log.sqlite", copy)
    with closing(Log(f"sqlite:///{shelf.folder / 'log.sqlite'}")) as log:
        log.append([draft(3)])
        SearchFollower(log, shelf.writer, SITE).catch_up()
    with closing(Log(f"sqlite:///{copy}")) as older:
        follower = SearchFollower(older, shelf.writer, SITE)
        assert "another log" in follower.behind()
        follower.catch_up()
    assert shelf.names("") == {"1", "2"}


def test_an_index_of_another_version_is_made_anew(shelf, monkeypatch):
    shelf.keep(draft(1))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    assert "makes version" in shelf.follower.behind()


def test_an_index_with_other_fields_is_made_anew_and_not_called_damaged(shelf, monkeypatch):
    shelf.keep(draft(1, "Ferries"))
    shelf.writer.close()
    fields = schema.schema

    def more():
        builder = SchemaBuilder()
        builder.add_text_field("new")
        return builder.build()

    monkeypatch.setattr(schema, "schema", more)
    with pytest.raises(ProjectionError, match="of another version of Sheaf and is being made anew"):
        shelf.writer.position()
    monkeypatch.setattr(schema, "schema", fields)
    assert shelf.follower.behind() == "there is none yet"
    shelf.follower.catch_up()
    assert shelf.names("ferries") == {"1"}


def test_readers_see_a_commit_and_a_rebuild_without_being_told(shelf):
    reader = SearchIndex(shelf.folder / "search", BASE)
    with pytest.raises(NoIndex):
        shelf.find("ferries")
    shelf.keep(draft(1, "Ferries"))
    assert reader.position().seq == 1
    shelf.keep(draft(2, "Ferries"))
    assert reader.position().seq == 2
    shelf.follower.rebuild()
    assert reader.position().seq == 2
    assert shelf.names("ferries") == {"1", "2"}


def test_only_one_follows(shelf):
    with (
        place.writing(shelf.folder / "search") as holds,
        pytest.raises(LockedError),
        place.writing(shelf.folder / "search"),
    ):
        pass
    assert holds()


def test_a_damaged_index_is_made_anew(shelf):
    shelf.keep(draft(1, "Ferries"))
    shelf.writer.close()
    state = place.current(shelf.folder / "search")
    (state.folder / "meta.json").write_text("{")
    writer = SearchWriter(shelf.folder / "search")
    follower = SearchFollower(shelf.log, writer, SITE)
    stops = iter([False, False, False, True])
    said: list[str] = []
    follow(follower, lambda seconds: next(stops, True), lambda rebuild: None, said.append)
    writer.close()
    assert "damaged" in said[0]
    assert shelf.names("ferries") == {"1"}


def test_verify_names_what_differs(shelf):
    shelf.keep(draft(1, "Ferries"), draft(2, "Ships"), draft(3, "Trains"))
    position = shelf.writer.position()
    with shelf.log.read() as reading:
        entries = entries_of(reading, reading.many(["RePEc:xxx:joujou:1"]))
    shelf.writer.apply(
        position,
        ["RePEc:xxx:joujou:2"],
        [(entries[0][0].__class__(**{**_fields(entries[0][0]), "date": 1}), entries[0][1])],
    )
    assert sorted(differences(shelf)) == [
        ("RePEc:xxx:joujou:1", "the search index does not have what the log has"),
        ("RePEc:xxx:joujou:2", "it is not in the search index"),
    ]


def _fields(entry):
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


_FOLLOW = """
import sys
from pathlib import Path
from tests.search.conftest import shelf_in
with shelf_in(Path(sys.argv[1])) as shelf:
    print("on", flush=True)
    shelf.follower.run(lambda seconds: False)
"""


@pytest.mark.slow
def test_a_follower_that_is_killed_anywhere_loses_nothing_and_has_nothing_twice(tmp_path):
    choose = random.Random(1)
    number = 0
    with shelf_in(tmp_path) as shelf:
        for _ in range(6):
            with subprocess.Popen(
                [sys.executable, "-c", _FOLLOW, str(tmp_path)], stdout=subprocess.PIPE
            ) as process:
                process.stdout.readline()
                end = time.monotonic() + choose.uniform(0.05, 0.6)
                while time.monotonic() < end:
                    number += 1
                    cites = (f"RePEc:xxx:joujou:{choose.randint(1, number)}",)
                    shelf.log.append([draft(choose.randint(1, number), f"Ferries {number}", cites=cites)])
                process.send_signal(signal.SIGKILL)
        shelf.follower.catch_up()
        assert differences(shelf) == []
        assert shelf.find("").total == shelf.log.count()


def test_the_position_lies_beside_what_was_indexed(shelf):
    shelf.keep(draft(1))
    shelf.log.append([draft(2)])
    writer, applied = shelf.writer, []
    original = writer.apply

    def killed(*arguments):
        applied.append(arguments)
        raise KeyboardInterrupt

    writer.apply = killed
    with pytest.raises(KeyboardInterrupt):
        shelf.follower.step()
    writer.apply = original
    assert writer.position().seq == 1
    assert applied[0][0].seq == 2
    shelf.follower.catch_up()
    assert shelf.names("") == {"1", "2"}
