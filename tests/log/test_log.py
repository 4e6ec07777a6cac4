"""The log's contract: what is appended, what is not, what every reader sees afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.log import Log
from repository.model.errors import LogError
from repository.model.records import Draft, Selection
from tests.kit import START, Clock, draft, removal


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(log_url: str, clock: Clock) -> Iterator[Log]:
    opened = Log(log_url, clock=clock)
    yield opened
    opened.close()


def names(log: Log, selection: Selection | None = None, form: str = "oai_dc") -> list[tuple[str, bool]]:
    """(last part of the identifier, shown as deleted) of a whole list."""
    with log.read() as reading:
        page = reading.page(selection or Selection(), form, limit=1000)
    return [(r.identifier.rsplit(":", 1)[1], r.deleted or r.gone) for r in page.items]


@pytest.mark.slow
def test_what_is_kept_is_given_back_byte_for_byte(log: Log) -> None:
    one = draft(1)
    log.append([one])
    kept = log.get(one.identifier)
    assert kept is not None
    assert (kept.body, kept.sets, kept.formats) == (one.body, one.sets, one.formats)
    assert (kept.seq, kept.datestamp, kept.deleted) == (1, START, False)


def test_identical_data_moves_no_datestamp(log: Log, clock: Clock) -> None:
    log.append([draft(1)])
    clock.now += 100
    assert log.append([draft(1)]) == ("unchanged",)
    assert log.get(draft(1).identifier).datestamp == START  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"sets": ("type:paper",)},
        {"formats": ("rdf",)},
    ],
    ids=["body", "sets", "formats"],
)
def test_a_change_of_body_sets_or_formats_is_a_new_entry(
    log: Log, clock: Clock, change: dict[str, object]
) -> None:
    log.append([draft(1)])
    clock.now += 10
    assert log.append([draft(1, **change)]) == ("changed",)  # type: ignore[arg-type]
    assert [r.datestamp for r in log.history(draft(1).identifier)] == [START + 10, START]


def test_a_change_of_source_alone_is_none(log: Log) -> None:
    log.append([draft(1, source="a")])
    assert log.append([draft(1, source="b")]) == ("unchanged",)


def test_deletion_leaves_a_tombstone_with_successor_and_history(log: Log, clock: Clock) -> None:
    log.append([draft(1)])
    clock.now += 5
    assert log.append([removal(1, "RePEc:xxx:joujou:2")]) == ("deleted",)
    kept = log.get(draft(1).identifier)
    assert kept is not None
    assert (kept.deleted, kept.successor, kept.datestamp) == (True, "RePEc:xxx:joujou:2", START + 5)
    assert [r.deleted for r in log.history(kept.identifier)] == [True, False]
    assert names(log) == [("1", True)]
    assert log.count() == 0


def test_deleting_twice_or_what_never_was_appends_nothing(log: Log) -> None:
    log.append([draft(1), removal(1)])
    assert log.append([removal(1), removal(2)]) == ("unchanged", "absent")


def test_a_deleted_record_may_come_back(log: Log) -> None:
    log.append([draft(1), removal(1)])
    assert log.append([draft(1)]) == ("changed",)
    assert names(log) == [("1", False)]


def test_one_call_may_change_one_record_twice(log: Log) -> None:
    assert log.append([draft(1), draft(1, "B"), removal(1), draft(1, "C")]) == (
        "new",
        "changed",
        "deleted",
        "changed",
    )
    assert len(log.history(draft(1).identifier)) == 4


def test_leaving_a_set_is_seen_in_that_set_and_nowhere_else(log: Log) -> None:
    log.append([draft(1, sets=("jel:I:I1:I11", "type:article"))])
    log.append([draft(1, sets=("type:article",))])
    for left in ("jel", "jel:I", "jel:I:I1", "jel:I:I1:I11"):
        assert names(log, Selection(set=left)) == [("1", True)]
    assert names(log, Selection(set="type:article")) == [("1", False)]
    assert names(log) == [("1", False)]


def test_coming_back_to_a_set_is_seen(log: Log) -> None:
    for sets in (("a:b",), ("c",), ("a:b",)):
        log.append([draft(1, sets=sets)])
    assert names(log, Selection(set="a")) == [("1", False)]
    assert names(log, Selection(set="c")) == [("1", True)]


def test_losing_a_format_is_seen_under_that_format(log: Log) -> None:
    log.append([draft(1, formats=("oai_dc", "rdf"))])
    log.append([draft(1, formats=("rdf",))])
    assert names(log, form="oai_dc") == [("1", True)]
    assert names(log, form="rdf") == [("1", False)]


def test_a_set_includes_the_records_of_its_descendants(log: Log) -> None:
    log.append([draft(1, sets=("a:b:c",)), draft(2, sets=("a:b",)), draft(3, sets=("a:bb",))])
    assert names(log, Selection(set="a")) == [("1", False), ("2", False), ("3", False)]
    assert names(log, Selection(set="a:b")) == [("1", False), ("2", False)]


def test_dates_select_with_both_ends_included(log: Log, clock: Clock) -> None:
    for n in range(5):
        log.append([draft(n)])
        clock.now += 10
    middle = Selection(since=START + 10, until=START + 30)
    assert names(log, middle) == [("1", False), ("2", False), ("3", False)]
    assert names(log, Selection(since=START + 41)) == []
    assert names(log, Selection(until=START - 1)) == []
    with log.read() as reading:
        assert reading.total(middle, "oai_dc") == 3
        assert reading.total(Selection(since=START + 41), "oai_dc") == 0


@pytest.mark.parametrize("chosen", [None, "type", "jel:I:I1", "type:paper", "unknown"])
@pytest.mark.parametrize("form", ["oai_dc", "rdf", "unknown"])
def test_the_total_is_what_a_walk_counts(log: Log, chosen: str | None, form: str) -> None:
    log.append([draft(n, type="paper" if n % 3 else "article") for n in range(20)])
    log.append([draft(1, formats=("rdf",)), draft(2, sets=("x",)), removal(3), draft(4, "New")])
    selection = Selection(set=chosen)
    with log.read() as reading:
        assert reading.total(selection, form) == len(names(log, selection, form))


def test_pages_go_by_key_and_end_with_none(log: Log) -> None:
    log.append([draft(n) for n in range(10)])
    after, seen = 0, []
    with log.read() as reading:
        while after is not None:
            page = reading.page(Selection(), "rdf", after=after, limit=4)
            seen.append(len(page.items))
            after = page.after  # type: ignore[assignment]
    assert seen == [4, 4, 2]


def test_a_last_page_that_is_full_is_the_last(log: Log) -> None:
    log.append([draft(n) for n in range(4)])
    with log.read() as reading:
        assert reading.page(Selection(), "rdf", limit=4).after is None


def test_the_clock_going_back_moves_no_datestamp_back(log: Log, clock: Clock) -> None:
    log.append([draft(1)])
    clock.now -= 3600
    log.append([draft(2)])
    assert log.get(draft(2).identifier).datestamp == START  # type: ignore[union-attr]


@pytest.mark.slow
def test_touch_offers_every_live_record_again(log: Log, clock: Clock) -> None:
    log.append([*(draft(n) for n in range(250)), removal(7)])
    clock.now += 60
    assert log.touch(Selection(), "oai_dc") == 249
    with log.read() as reading:
        fresh = reading.page(Selection(since=START + 60), "oai_dc", limit=1000)
    assert len(fresh.items) == 249
    assert not list(log.verify())


def test_touch_takes_a_set(log: Log, clock: Clock) -> None:
    log.append([draft(1, sets=("a",)), draft(2, sets=("b",))])
    clock.now += 60
    assert log.touch(Selection(set="b"), "rdf") == 1


def test_erase_blanks_every_version_and_leaves_a_stated_gap(log: Log, tmp_path: Path) -> None:
    log.append([draft(1, "A secret name"), draft(1, "A second secret"), draft(2)])
    identifier = draft(1).identifier
    assert log.erase(identifier) == 2
    assert [(r.deleted, r.body) for r in log.history(identifier)] == [
        (True, None),
        (False, None),
        (False, None),
    ]
    assert names(log) == [("2", False), ("1", True)]
    assert not list(log.verify())
    log.close()
    for file in tmp_path.iterdir():
        assert identifier.encode() in file.read_bytes() or file.suffix != ".sqlite"


def test_private_facts_are_kept_apart_and_go_with_the_record(log: Log) -> None:
    one = draft(1, private={"Author-Email": ("a@example.org",)})
    log.append([one])
    assert log.private(one.identifier) == {"Author-Email": ("a@example.org",)}
    kept = log.get(one.identifier)
    assert b"example.org" not in (kept.body or b"")  # type: ignore[union-attr]
    log.append([removal(1)])
    assert log.private(one.identifier) == {}


def test_inbound_links_are_paged_newest_first(log: Log) -> None:
    log.append([draft(n, issued=str(2000 + n)) for n in range(5)])
    first = log.linked_from("RePEc:xxx:joujou", limit=3)
    rest = log.linked_from("RePEc:xxx:joujou", limit=3, after=first.after)
    assert [link.sort for link in (*first.items, *rest.items)] == ["2004", "2003", "2002", "2001", "2000"]
    assert rest.after is None


def test_links_follow_the_newest_body(log: Log) -> None:
    log.append([draft(1, cites=("RePEc:xxx:joujou:2",))])
    cited = {"predicates": ["http://purl.org/spar/cito/cites"]}
    assert len(log.linked_from("RePEc:xxx:joujou:2", **cited).items) == 1
    log.append([draft(1)])
    assert log.linked_from("RePEc:xxx:joujou:2").items == ()


def test_a_doi_finds_its_records(log: Log) -> None:
    log.append([draft(1, dois=("10.5555/a",)), draft(2)])
    (found,) = log.linked_from("https://doi.org/10.5555/a").items
    assert found.subject == draft(1).identifier


def test_live_records_come_sorted_by_identifier(log: Log) -> None:
    log.append([draft(n) for n in (3, 1, 2)] + [removal(2)])
    assert [r.identifier[-1] for r in log.live(page=1)] == ["1", "3"]


def test_sets_are_listed_with_their_ancestors_and_without_hidden_ones(log: Log) -> None:
    log.append([draft(1, sets=("a:b:c",))])
    with log.read() as reading:
        assert reading.sets(limit=10).items == ("a", "a:b", "a:b:c")
        assert reading.has_set("a:b")
        assert not reading.has_set("format:rdf")


def test_a_reader_refuses_a_log_that_is_not_there(log_url: str) -> None:
    with pytest.raises(LogError, match="no record log"):
        Log(log_url, read_only=True)


def test_a_reader_cannot_write(log: Log, log_url: str) -> None:
    reader = Log(log_url, read_only=True)
    with pytest.raises(LogError):
        reader.append([draft(1)])
    reader.close()


def test_the_token_key_outlives_a_restart(log: Log, log_url: str) -> None:
    again = Log(log_url)
    assert again.token_key() == log.token_key()
    assert len(again.token_key()) == 32
    again.close()


def test_a_batch_is_kept_whole_or_not_at_all(log: Log) -> None:
    broken = Draft("RePEc:xxx:joujou:x", b"not N-Triples", sets=(None,))  # type: ignore[arg-type]
    with pytest.raises(Exception):  # noqa: B017 - whatever it is, nothing of the batch may stay
        log.append([draft(1), broken])
    assert log.get(draft(1).identifier) is None
    assert not list(log.verify())


def test_a_log_of_a_newer_sheaf_is_refused_and_left_alone(log: Log, log_url: str) -> None:
    with log._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE state SET value = '99' WHERE key = 'schema'")
    with pytest.raises(LogError, match="install the newer version"):
        Log(log_url)


def test_opening_an_up_to_date_log_changes_nothing(log: Log, log_url: str) -> None:
    log.append([draft(1)])
    key = log.token_key()
    for _ in range(2):
        again = Log(log_url)
        assert (again.count(), again.token_key()) == (1, key)
        again.close()


def test_a_doi_that_a_foreign_record_names_in_bibo_doi_alone_is_found(log: Log) -> None:
    text = b'<https://sheaf.invalid/id/x> <http://purl.org/ontology/bibo/doi> "10.9999/Only<1>" .\n'
    log.append([Draft("x", text, ("a",), ("rdf",))])
    (found,) = log.linked_from("https://doi.org/10.9999/only%3c1%3e").items
    assert found.subject == "x"


def first_kept(log: Log, **window: int) -> list[str]:
    with log.read() as reading:
        page = reading.first_kept(**window)
        assert reading.count_first_kept(
            **{k: v for k, v in window.items() if k in ("since", "until")}
        ) >= len(page.items)
    return [record.identifier.rsplit(":", 1)[1] for record in page.items]


def test_a_record_is_first_kept_once_however_often_it_changes_or_goes(log: Log, clock: Clock) -> None:
    log.append([draft(1), draft(2)])
    clock.now += 100
    log.append([draft(1, "Another"), draft(3), removal(2)])
    clock.now += 100
    log.append([draft(2, "Back again")])
    assert first_kept(log) == ["1", "2", "3"]
    assert first_kept(log, until=START + 99) == ["1", "2"]
    assert first_kept(log, since=START + 1, until=START + 100) == ["3"]
    assert first_kept(log, since=START + 101) == []
    with log.read() as reading:
        counts = [reading.count_first_kept(until=START), reading.count_first_kept(since=START + 1)]
    assert counts == [2, 1]


def test_what_was_first_kept_comes_in_pages_by_key(log: Log) -> None:
    log.append([draft(n) for n in range(7)])
    found, after = list[str](), 0
    while True:
        with log.read() as reading:
            page = reading.first_kept(after=after, limit=3)
        found += [record.identifier for record in page.items]
        if page.after is None:
            break
        after = page.after
    assert found == [draft(n).identifier for n in range(7)]


def test_a_batch_in_which_nothing_is_in_a_set_or_format_is_kept_and_replaced(log):
    for title in ("One", "Two"):
        log.append([draft("bare", title, sets=(), formats=(), part_of=(), jel=(), creators=())])
    assert log.get(draft("bare").identifier) is not None
    assert not list(log.verify())
