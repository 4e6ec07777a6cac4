"""What the report says of small archives, and that each number is the length of the list behind it."""

import json
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.log import Log
from repository.model.errors import DateError
from repository.model.ntriples import Term
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS, FOAF
from repository.model.work import Person, Text
from repository.report import (
    SECTIONS,
    Report,
    as_json,
    from_json,
    make_report,
    place,
    read_report,
    write_report,
)
from repository.report.duplicates import Twins
from repository.report.growth import growth, month_of, seconds_of
from repository.report.query import LISTED, Words, literal, token
from repository.report.result import ReportError
from tests.kit import START, Clock, draft, removal
from tests.report.conftest import BASE, SITE, asking_log, figures


def made(log: Log, *sections: str) -> Report:
    return make_report(
        asking_log(log), log, SITE, seq=log.newest(), sections=sections or SECTIONS, clock=Clock()
    )


def test_each_number_of_the_samples_is_the_length_of_the_list_behind_it(samples: Log) -> None:
    ask = asking_log(samples)
    found = figures(made(samples))
    assert len(found) > 100
    for figure in found:
        rows = ask(figure.query)
        assert len(rows) == figure.count, figure.query


def test_a_report_comes_back_from_its_json_unchanged(samples: Log) -> None:
    report = made(samples)
    assert from_json(as_json(report)) == report
    assert json.loads(as_json(report))["completeness"]["total"]["works"]["query"].startswith("PREFIX ")
    part = made(samples, "duplicates")
    assert from_json(as_json(part)) == part
    assert (part.completeness, part.growth, part.shapes) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b'{"version": 1}', b'{"version": 0}', b"\xff", b"[" * 100_000],
    ids=["empty", "object", "list", "null", "short", "old", "bytes", "deep"],
)
def test_what_is_no_report_of_this_version_is_refused(text: bytes) -> None:
    with pytest.raises(ReportError):
        from_json(text)


def test_a_number_that_is_none_is_refused(samples: Log) -> None:
    values = json.loads(as_json(made(samples, "growth")))
    values["growth"] = [{"month": "2026-01", "kept": "<b>"}]
    with pytest.raises(ReportError):
        from_json(json.dumps(values).encode())


def test_a_kept_report_is_replaced_whole(tmp_path: Path, samples: Log) -> None:
    path = place(tmp_path)
    assert read_report(path) is None
    report = made(samples, "growth")
    write_report(path, report)
    write_report(path, replace(report, seq=77))
    assert read_report(path) == replace(report, seq=77)
    assert [each.name for each in path.parent.iterdir()] == ["report.json"]


def test_completeness_counts_works_that_have_a_field(log: Log) -> None:
    log.append(
        [
            draft(1, abstracts=(Text("One"), Text("Two", "de"))),
            draft(2, creators=(), jel=()),
            draft(3, type="paper", issued="", dois=("10.1/a",)),
            draft(4, type="paper", issued="", created="2020"),
            draft("j", type="journal"),
        ]
    )
    found = made(log, "completeness").completeness
    assert found is not None
    at = {field.name: n for n, field in enumerate(found.fields)}
    lacking = {name: found.total.lacking[n].count for name, n in at.items()}
    assert found.total.works.count == 4
    assert {name: lacking[name] for name in ("title", "abstract", "authors", "date", "doi", "jel")} == {
        "title": 0,
        "abstract": 3,
        "authors": 1,
        "date": 1,
        "doi": 3,
        "jel": 1,
    }
    by_type = {row.name: (row.works.count, row.lacking[at["date"]].count) for row in found.types}
    assert by_type == {"article": (2, 0), "paper": (2, 1)}
    assert [(row.label, row.works.count) for row in found.series] == [("RePEc:xxx:joujou", 4)]
    assert [row.percent(at["abstract"]) for row in (found.total, *found.types)] == [25, 50, 0]


def test_a_work_of_two_types_is_one_work_in_all(log: Log) -> None:
    one = draft(1)
    thing = f"<https://sheaf.invalid/id/{one.identifier}>"
    extra = (
        f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://purl.org/ontology/bibo/Book> .\n"
    )
    log.append(
        [replace(one, body=b"".join(sorted([*(one.body or b"").splitlines(True), extra.encode()]))), draft(2)]
    )
    found = made(log, "completeness").completeness
    assert found is not None
    assert (found.total.works.count, sum(row.works.count for row in found.types)) == (2, 3)
    assert found.total.lacking[2].count == 2


def test_almost_all_is_not_shown_as_all(log: Log) -> None:
    log.append([draft(n, issued="2020" if n else "") for n in range(400)])
    found = made(log, "completeness").completeness
    assert found is not None
    date = [field.name for field in found.fields].index("date")
    assert (found.total.lacking[date].count, found.total.percent(date)) == (1, 99)


def test_the_same_doi_title_or_isbn_makes_duplicates_within_a_type_alone(log: Log) -> None:
    ada, omar = (Person("Ada Garden", family="Garden"),), (Person("Omar"),)
    log.append(
        [
            draft(1, "On Ferries", creators=ada, dois=("10.1/a",)),
            draft(2, "On  ferries!", creators=(Person("A. Garden", family="garden"),)),
            draft(3, "On ferries", creators=omar),
            draft(4, "On ferries", creators=ada, issued="2021"),
            draft(5, "On ferries", creators=ada, type="paper"),
            draft(6, "Another", creators=ada, dois=("10.1/a",)),
            draft(7, "As paper", creators=ada, dois=("10.1/a",), type="paper"),
            draft(8, "Book", type="book", isbns=("978-0-19-828365-2",)),
            draft(9, "Same book", type="book", isbns=("9780198283652",)),
            draft(10, "Chapter", type="chapter", isbns=("9780198283652",)),
        ]
    )
    found = {kind.name: kind for kind in made(log, "duplicates").duplicates or ()}
    assert {name: (kind.groups.count, kind.works) for name, kind in found.items()} == {
        "doi": (1, 2),
        "title": (1, 2),
        "isbn": (1, 2),
    }
    assert [kind.largest[0].label for kind in found.values()] == [
        "10.1/a",
        "on ferries · 2020 · garden",
        "9780198283652",
    ]
    ask = asking_log(log)
    listed = {row["work"].value.rsplit(":", 1)[1] for row in ask(found["title"].largest[0].figure.query)}
    assert listed == {"1", "2"}


_ODD = 'aA\u00e9\u00c9\u0130\u03a3\u03c2 _-.!|\u0661\u2163\u4e00\u0301\u00bd$\\"\t'


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(_ODD, max_size=4), st.sampled_from(["\u0130", "i\u0307", "A"])), max_size=6)
)
def test_titles_are_taken_for_one_where_the_query_takes_them(
    tmp_path_factory: pytest.TempPathFactory, works: list[tuple[str, str]]
) -> None:
    log = Log(f"sqlite:///{tmp_path_factory.mktemp('odd') / 'log.sqlite'}", clock=Clock())
    log.append([draft(n, title, creators=(Person(name),)) for n, (title, name) in enumerate(works)])
    ask = asking_log(log)
    for kind in made(log, "duplicates").duplicates or ():
        rows = ask(kind.groups.query)
        assert (len(rows), sum(int(row["n"].value) for row in rows)) == (kind.groups.count, kind.works)
        for group in kind.largest:
            assert len(ask(group.figure.query)) == group.figure.count
    log.close()


def test_a_record_of_a_thousand_titles_dates_and_authors_is_counted_in_no_time(log: Log) -> None:
    one = draft(1)
    thing = internal_thing(one.identifier)
    lines = [f'<{thing}> <{DCTERMS}{name}> "{n}" .\n' for name in ("title", "issued") for n in range(1_000)]
    lines += [f'<{thing}#author-1> <{FOAF}name> "{n}" .\n' for n in range(1_000)]
    body = b"".join(sorted({*(one.body or b"").splitlines(True), *(line.encode() for line in lines)}))
    log.append([replace(one, body=body), draft(2)])
    found = {kind.name: kind for kind in made(log, "duplicates").duplicates or ()}
    assert found["title"].groups.count == 0


def test_no_room_for_the_keys_of_duplicates_is_told_with_what_to_do(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([draft(n, f"Title {n} " + "x" * 20_000) for n in range(40)])
    twins = Twins()
    # Of SQLite's own bound: as on a disk that is full.
    twins._database.execute("PRAGMA max_page_count = 4")
    monkeypatch.setattr("repository.report.make.Twins", lambda: twins)
    with pytest.raises(ReportError, match=r"full; make room .* TMPDIR"):
        made(log, "duplicates")


def test_links_to_what_no_record_describes_are_dead_ends_of_their_predicate(log: Log) -> None:
    log.append(
        [
            draft(1, cites=("RePEc:xxx:joujou:2", "RePEc:abs:ent:1")),
            draft(2, cites=("RePEc:abs:ent:1", "RePEc:abs:ent:2"), references=("A text",)),
            draft(3, has_versions=("https://example.org/x",)),
        ]
    )
    found = {links.label: links for links in made(log, "dead_ends").dead_ends or ()}
    assert set(found) == {"cito:cites", "dcterms:isPartOf"}
    cites = found["cito:cites"]
    assert (cites.targets.count, cites.links) == (2, 3)
    assert [(group.label, group.figure.count) for group in cites.most] == [
        ("RePEc:abs:ent:1", 2),
        ("RePEc:abs:ent:2", 1),
    ]
    sources = {row["source"].value for row in asking_log(log)(cites.most[0].figure.query)}
    assert sources == {SITE.thing(draft(n).identifier) for n in (1, 2)}


def test_growth_counts_first_entries_by_month_and_shows_empty_months(tmp_path: Path) -> None:
    clock = Clock(seconds_of("2025-11")[1] - 1)
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}", clock=clock)
    log.append([draft(1), draft(2)])
    clock.now = seconds_of("2026-01")[0]
    log.append([draft(1, "Changed"), draft(3), removal(2)])
    assert [(each.month, each.kept) for each in growth(log)] == [
        ("2025-11", 2),
        ("2025-12", 0),
        ("2026-01", 1),
    ]
    log.close()


def test_an_empty_archive_has_a_report(log: Log) -> None:
    report = made(log)
    assert report.growth == ()
    assert report.dead_ends == ()
    assert {figure.count for figure in figures(report)} == {0}
    assert from_json(as_json(report)) == report


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "0000-01", "2026-1", "", "2026-01-01", "２０２６-01"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(DateError):
        seconds_of(month)


@given(st.integers(0, 4_000_000_000))
def test_every_second_is_in_its_month(stamp: int) -> None:
    first, last = seconds_of(month_of(stamp))
    assert first <= stamp <= last
    assert month_of(last + 1) != month_of(last)


def test_a_list_longer_than_an_answer_may_be_is_cut_where_it_says_so() -> None:
    words = Words(BASE)
    assert words.listing("work", "?work ?p ?o", LISTED).count("LIMIT") == 0
    assert words.listing("work", "?work ?p ?o", LISTED + 1).endswith(f"LIMIT {LISTED}\n")


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        '"',
        "\\",
        '" } DELETE {',
        "> } #",
        "\n\r\t",
        "'''",
        '"""',
        "\\u0022",
        "%>",
        "\ud800",
        "<x>",
        "{?s ?p ?o}",
    ]
)


@given(HOSTILE, st.sampled_from(["", "en", 'en" }']))
def test_no_text_gets_out_of_its_literal(text: str, language: str) -> None:
    query = f"SELECT ?x WHERE {{ BIND({literal(Term(text, False, language))} AS ?x) }}"
    [row] = ox.Store().query(query)
    assert row["x"].value == "".join(c for c in text if not "\ud800" <= c <= "\udfff")


@given(HOSTILE)
def test_no_text_gets_out_of_its_iri(text: str) -> None:
    written = token(f"https://example.org/{text}")
    assert written.startswith("<https://example.org/")
    assert written.endswith(">")
    assert not set(written[1:-1]) & set('<>"{}|^`\\ \n\r\t')


def test_hostile_titles_series_and_dois_make_harmless_queries(log: Log) -> None:
    bad = 'A "quoted" \\ title } # <script>'
    creators = (Person('Ada" } DELETE', family='Gar"den\\'),)
    log.append([draft(n, bad, creators=creators, dois=('10.1/"x\\',), host=bad) for n in range(2)])
    ask = asking_log(log)
    report = made(log)
    for kind in (report.duplicates or ())[:2]:
        assert [len(ask(group.figure.query)) for group in kind.largest] == [2]


def test_a_report_says_as_of_when_it_is(log: Log) -> None:
    log.append([draft(1)])
    report = made(log, "growth")
    assert (report.seq, report.made, report.base) == (1, START, BASE)
