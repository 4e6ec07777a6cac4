"""The catalogue has what a scan of the log would find, whatever was written in between, and its pages stay."""

import random
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.catalogue import BUCKETS, Catalogue, bucket_of, fold
from repository.catalogue.entries import entry_of, key_of, person_key
from repository.log import Log
from repository.model.errors import LogError
from repository.model.lens import read_work, write_work
from repository.model.records import Draft
from repository.model.work import Person, Text, Work
from tests.kit import draft, removal

HOST = "RePEc:xxx:joujou"
NAMES = ("Ada Garden", "Ben Ferry", "Øystein Ås", "Ώμος Λόγος", "3rd Person")
TITLES = ("A title", "Ärger", "the sea", "Über", "1984", "中文", "a Title", "")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = Log(f"sqlite:///{tmp_path}/log.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def catalogue(tmp_path: Path, log: Log) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "index" / "catalogue.sqlite", log)
    yield opened
    opened.close()


def of(work: Work) -> Draft:
    return Draft(work.identifier, write_work(work))


def everything(
    catalogue: Catalogue, shelf: str, *, limit: int = 3, newest: bool = False, prefix: str = ""
) -> list[str]:
    """All of a shelf, page by page."""
    found, after = list[str](), ""
    while True:
        page = catalogue.page([shelf], after=after, limit=limit, newest=newest, prefix=prefix)
        found += [item.identifier for item in page.items]
        if not page.after:
            return found
        after = page.after


def scan(log: Log) -> list[Work]:
    return [read_work(record.identifier, record.body) for record in log.live() if record.body is not None]


def changed(random_: random.Random) -> Draft:
    """Some record, new, other than before, or gone."""
    name = random_.randrange(12)
    if random_.random() < 0.25:
        return removal(name)
    return draft(
        name,
        random_.choice(TITLES) or "x",
        type=random_.choice(("article", "paper")),
        issued=random_.choice(("2019", "2020", "2020-05", "")),
        creators=tuple(Person(each) for each in random_.sample(NAMES, random_.randrange(3))),
        jel=tuple(sorted(random_.sample(("I11", "I12", "Q57"), random_.randrange(3)))),
        part_of=random_.choice(((HOST,), ("RePEc:xxx:other1",), (HOST, "RePEc:xxx:other1"), ())),
        volume=random_.choice(("", "2", "10")),
    )


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_it_has_what_a_scan_of_the_log_has(
    log: Log, catalogue: Catalogue, seed: int
) -> None:
    source = random.Random(seed)
    for _ in range(6):
        log.append([changed(source) for _ in range(8)])
        catalogue.catch_up()
        works = scan(log)
        assert catalogue.counts("type/") == dict(sorted(Counter(work.type for work in works).items()))
        years = Counter(work.year for work in works if work.year)
        assert catalogue.counts("year/") == dict(sorted(years.items()))
        jel = Counter(code for work in works for code in {c[:n] for c in work.jel for n in (1, 2, 3)})
        assert catalogue.counts("jel/") == dict(sorted(jel.items()))
        hosted = {work.identifier for work in works if HOST in work.part_of}
        for order in ("date", "title", "place"):
            listed = everything(catalogue, f"in/{HOST}/{order}", newest=order == "date")
            assert set(listed) == hosted
            assert len(listed) == len(hosted)
        signed = Counter(person.name for work in works for person in work.creators)
        names = [name for bucket in BUCKETS for name in catalogue.names(limit=100, bucket=bucket).items]
        assert {name.name: name.n for name in names} == signed
        letters = Counter(name.key[:1] for name in names)
        assert catalogue.counts("name/") == dict(sorted(letters.items()))


def test_it_is_the_same_whether_it_followed_or_was_made_anew(
    tmp_path: Path, log: Log, catalogue: Catalogue
) -> None:
    source = random.Random(7)
    for _ in range(8):
        log.append([changed(source) for _ in range(5)])
        catalogue.catch_up()
    anew = Catalogue(tmp_path / "anew" / "catalogue.sqlite", log)
    anew.catch_up()
    for prefix in ("type/", "year/", "jel/", "name/", "in/", "works-of/"):
        assert catalogue.counts(prefix) == anew.counts(prefix)
    for order in ("date", "title", "place"):
        shelf = f"in/{HOST}/{order}"
        assert sorted(everything(catalogue, shelf)) == sorted(everything(anew, shelf))
    anew.close()


def test_each_who_signed_a_work_of_hundreds_is_on_the_list_of_names(log: Log, catalogue: Catalogue) -> None:
    log.append([draft("many", creators=tuple(Person(f"Ada Quay{n}") for n in range(350)))])
    catalogue.catch_up()
    assert catalogue.counts("name/") == {"q": 350}


def test_all_spellings_of_a_name_are_one_name_which_most_works_have(log: Log, catalogue: Catalogue) -> None:
    signed = (
        (Person("Plain, Ann"),),
        (Person("Ann Plain"), Person("Plain, Ann")),
        (Person("Ann PLÁIN", "Ann", "Pláin"),),
        (Person("Ann Plain"),),
        (Person("Ann Plain", identifier="RePEc:per:1999-01-01:ANN_PLAIN"),),
    )
    log.append([draft(n, creators=people) for n, people in enumerate(signed)])
    catalogue.catch_up()
    one, registered = catalogue.names(limit=9, bucket="p").items
    assert (one.name, one.n, one.family_first, one.person) == ("Ann Plain", 4, "Plain, Ann", "")
    assert (registered.name, registered.n) == ("Ann Plain", 1)
    assert catalogue.counts("name/") == {"p": 2}
    first = catalogue.names(limit=1, bucket="p")
    assert catalogue.names(limit=1, bucket="p", after=first.after).items == (registered,)
    assert catalogue.names(limit=1, bucket="p", after=first.after).before == ""
    log.append([removal(0), removal(1)])
    catalogue.catch_up()
    assert [(each.name, each.n) for each in catalogue.names(limit=1, bucket="p").items] == [("Ann PLÁIN", 2)]
    log.append([removal(2), removal(3)])
    catalogue.catch_up()
    assert catalogue.counts("name/") == {"p": 1}


def test_names_of_signs_alone_and_long_names_that_begin_alike_are_told_apart(
    log: Log, catalogue: Catalogue
) -> None:
    long = "International Committee for the Economics of Harbours and Ferries, "
    people = [Person(name) for name in ("???", "!!!", f"{long}Northern Section", f"{long}Southern Section")]
    log.append([draft(1, creators=tuple(people))])
    catalogue.catch_up()
    assert catalogue.counts("name/") == {"i": 2, "~": 2}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("カンダ, ケン", "ガンダ, ケン"),
        ("ばば, さき", "はは, さき"),
        ("प्रेम, अ", "परेम, अ"),
        ("ไม้, ก", "ไม, ก"),
    ],
)
def test_marks_that_make_other_letters_make_other_names(one: str, other: str) -> None:
    assert person_key(one) != person_key(other)
    assert person_key(one) == person_key(unicodedata.normalize("NFD", one))


def test_what_is_added_elsewhere_moves_nothing_on_a_page(log: Log, catalogue: Catalogue) -> None:
    log.append([draft(n, f"Title {n:02}", issued="2020") for n in range(0, 40, 2)])
    catalogue.catch_up()
    first = catalogue.page([f"in/{HOST}/title"], limit=5)
    second = catalogue.page([f"in/{HOST}/title"], after=first.after, limit=5)
    log.append([draft(n, f"Title {n:02}") for n in (1, 3, 5)])
    log.append([removal(0), draft(39, "Title 39")])
    catalogue.catch_up()
    again = catalogue.page([f"in/{HOST}/title"], after=first.after, limit=5)
    assert (again.items, again.after) == (second.items, second.after)
    # The key's own record may go: the page behind it stays where it was.
    log.append([Draft(first.items[-1].identifier, None)])
    catalogue.catch_up()
    assert catalogue.page([f"in/{HOST}/title"], after=first.after, limit=5).items == second.items


def test_walking_while_records_come_and_go_meets_each_that_stays_once(log: Log, catalogue: Catalogue) -> None:
    stay = [f"s{n}" for n in range(30)]
    log.append([draft(name, f"T{n % 7}", issued=f"20{n % 9:02}") for n, name in enumerate(stay)])
    catalogue.catch_up()
    for newest, order in ((True, "date"), (False, "title"), (False, "place")):
        met, after, step = Counter[str](), "", 0
        while True:
            page = catalogue.page([f"in/{HOST}/{order}"], after=after, limit=4, newest=newest)
            met.update(item.identifier for item in page.items)
            if not page.after:
                break
            after, step = page.after, step + 1
            log.append([draft(f"x{order}{step}", f"T{step % 5}", issued=f"20{step:02}")])
            if step > 1:
                log.append([removal(f"x{order}{step - 1}")])
            catalogue.catch_up()
        assert all(met[f"{HOST}:{name}"] == 1 for name in stay)


@pytest.mark.parametrize(("order", "newest"), [("title", False), ("date", True), ("date", False)])
def test_where_many_have_one_key_a_page_goes_on_behind_one_that_is_gone(
    log: Log, catalogue: Catalogue, order: str, newest: bool
) -> None:
    log.append([draft(n, "The same title") for n in range(12)])
    catalogue.catch_up()
    met, after = list[str](), ""
    while True:
        page = catalogue.page([f"in/{HOST}/{order}"], after=after, limit=4, newest=newest)
        met += [item.identifier for item in page.items]
        if not page.after:
            break
        after = page.after
        log.append([Draft(page.items[-1].identifier, None)])
        catalogue.catch_up()
    assert sorted(met) == sorted(f"{HOST}:{n}" for n in range(12))


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("size", [1, 3, 4, 11])
def test_back_leads_to_the_page_before(log: Log, catalogue: Catalogue, size: int, newest: bool) -> None:
    log.append([draft(n, f"Title {n % 4}", issued=f"{2000 + n % 3}") for n in range(11)])
    catalogue.catch_up()
    shelf, after, pages = f"in/{HOST}/date", "", []
    while True:
        page = catalogue.page([shelf], after=after, limit=size, newest=newest)
        pages.append((after, page))
        if not page.after:
            break
        after = page.after
    assert pages[0][1].before is None
    for (before, _), (_, page) in pairwise(pages):
        assert page.before == before


def test_several_shelves_are_one_list_with_each_record_once(log: Log, catalogue: Catalogue) -> None:
    other = "RePEc:xxx:former"
    log.append([draft(n, f"T{n:02}", part_of=((HOST,), (other,), (HOST, other))[n % 3]) for n in range(20)])
    catalogue.catch_up()
    shelves, found, after = [f"in/{HOST}/title", f"in/{other}/title"], [], ""
    while True:
        page = catalogue.page(shelves, after=after, limit=3)
        found += [item.identifier for item in page.items]
        if not page.after:
            break
        after = page.after
    assert found == [f"{HOST}:{n}" for n in range(20)]


def test_a_prefix_is_a_year_or_a_letter(log: Log, catalogue: Catalogue) -> None:
    log.append([draft(n, issued=str(2018 + n % 3)) for n in range(9)])
    log.append([of(Work(f"RePEc:xxx:serie{n}", "series", Text(t))) for n, t in enumerate(TITLES)])
    catalogue.catch_up()
    assert len(everything(catalogue, f"in/{HOST}/date", prefix="2019", newest=True)) == 3
    counted = catalogue.counts("series/")
    for bucket in BUCKETS:
        assert len(everything(catalogue, "series", prefix=bucket)) == counted.get(bucket, 0)
    assert sum(counted.values()) == len(TITLES)


def test_volumes_are_in_the_order_of_their_numbers(log: Log, catalogue: Catalogue) -> None:
    places = [("2", "1"), ("2", "2"), ("2", "10"), ("10", "1"), ("100", "S1")]
    log.append([draft(n, volume=v, issue=i) for n, (v, i) in enumerate(places)])
    catalogue.catch_up()
    assert everything(catalogue, f"in/{HOST}/place") == [f"{HOST}:{n}" for n in range(len(places))]


@pytest.mark.parametrize(
    ("person", "key"),
    [
        (("Lorelei Jones", "Lorelei", "Jones"), "jjones, lorelei"),
        (("Jones, Lorelei", "", ""), "jjones, lorelei"),
        (("Lorelei Jones", "", ""), "jjones, lorelei"),
        (("Øystein Ås", "", ""), "aas, oystein"),
        (("Łukasz Żak", "", ""), "zzak, łukasz".replace("ł", "l")),
        (("Plato", "", ""), "pplato"),
        (("山田太郎", "", ""), "~山田太郎"),
        (("'t Hooft, Gerard", "", ""), "tt hooft, gerard"),
        (("50 Cent", "", ""), "ccent, 50"),
        (("O’Brien, Pat", "", ""), "oo brien, pat"),
        (("Pat O'Brien", "", ""), "oo brien, pat"),
        (("Smith\u2010Jones, J.A.", "", ""), "ssmith jones, j a"),
        (("J. A. Smith-Jones", "J. A.", "Smith-Jones"), "ssmith jones, j a"),
        (("Zero\u200bWidth, A.", "", ""), "zzerowidth, a"),
        (("Plato,", "", ""), "pplato"),
        (("Plato.", "", ""), "pplato"),
        (("King, Martin Luther, Jr.", "", ""), "kking, martin luther jr"),
        (("राम, सीता", "", ""), "~राम, सीता"),
    ],
)
def test_names_stand_by_family_name_without_accents(person: tuple[str, str, str], key: str) -> None:
    assert person_key(*person) == key


def test_organisations_stand_by_their_first_word() -> None:
    signed = (
        Person("World Bank"),
        Person("Kit Baum"),
        Person("Some Name", identifier="https://ror.org/00abc1d23"),
    )
    keys = {
        name: key for key, name, _ in entry_of(Work(f"{HOST}:1", "paper", Text("T"), creators=signed)).names
    }
    assert keys == {"World Bank": "wworld bank", "Kit Baum": "bbaum, kit", "Some Name": "ssome name"}


@given(st.text(max_size=80))
def test_every_text_has_a_key_in_one_bucket(text: str) -> None:
    key = key_of(text)
    assert key[0] == bucket_of(fold(text))
    assert key[0] in BUCKETS
    assert "\t" not in key
    assert not any(
        unicodedata.combining(each) for each in fold(unicodedata.normalize("NFKD", "é" + text))[:1]
    )


def test_a_reader_catches_up_with_a_few_entries_and_says_what_is_left(log: Log, catalogue: Catalogue) -> None:
    log.append([draft(n) for n in range(500)])
    left = catalogue.catch_up(200)
    assert 0 < left <= 300
    assert catalogue.behind() == left
    assert catalogue.catch_up(1000) == 0
    assert catalogue.count("type/article") == 500


def test_two_processes_may_follow_the_same_log(tmp_path: Path, log: Log, catalogue: Catalogue) -> None:
    beside = Catalogue(tmp_path / "index" / "catalogue.sqlite", log)
    source = random.Random(3)
    for turn in range(10):
        log.append([changed(source) for _ in range(6)])
        (catalogue, beside)[turn % 2].catch_up()
    catalogue.catch_up()
    assert beside.count("type/article") == sum(work.type == "article" for work in scan(log))
    beside.close()


def test_another_log_in_its_place_is_catalogued_from_the_start(
    tmp_path: Path, log: Log, catalogue: Catalogue
) -> None:
    log.append([draft(n) for n in range(3)])
    catalogue.catch_up()
    other_log = Log(f"sqlite:///{tmp_path}/other.sqlite")
    other_log.append(
        [draft("other", type="paper"), draft("more", type="paper"), draft("third", type="paper")]
    )
    other = Catalogue(tmp_path / "index" / "catalogue.sqlite", other_log)
    other.catch_up()
    assert other.counts("type/") == {"paper": 3}
    other.close()
    other_log.close()


def test_of_an_erased_record_nothing_stays_in_the_file(
    tmp_path: Path, log: Log, catalogue: Catalogue
) -> None:
    log.append([draft(1, "Unforgettable quagga", creators=(Person("Zebedee Quagga"),)), draft(2)])
    catalogue.catch_up()
    log.erase(f"{HOST}:1")
    catalogue.catch_up()
    catalogue.close()
    for path in (tmp_path / "index").iterdir():
        assert b"quagga" not in path.read_bytes().lower(), path


def test_a_removed_or_damaged_file_is_made_anew(tmp_path: Path, log: Log, catalogue: Catalogue) -> None:
    log.append([draft(n) for n in range(3)])
    catalogue.catch_up()
    path = tmp_path / "index" / "catalogue.sqlite"
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    catalogue.catch_up()
    assert catalogue.count("type/article") == 3
    catalogue.close()
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    path.write_bytes(b"no database at all, " * 500)
    with pytest.raises(LogError, match="could not be used"):
        catalogue.catch_up()
    catalogue.catch_up()
    assert catalogue.count("type/article") == 3


def test_a_file_of_another_version_is_made_anew(tmp_path: Path, log: Log, catalogue: Catalogue) -> None:
    log.append([draft(1)])
    catalogue.catch_up()
    catalogue.close()
    connection = sqlite3.connect(tmp_path / "index" / "catalogue.sqlite")
    connection.execute("PRAGMA user_version = 77")
    connection.execute("UPDATE shelf SET n = 999")
    connection.commit()
    connection.close()
    catalogue.catch_up()
    assert catalogue.count("type/article") == 1


def test_no_page_sorts_or_scans(tmp_path: Path, log: Log, catalogue: Catalogue) -> None:
    log.append([draft(n) for n in range(30)])
    catalogue.catch_up()
    seen: list[str] = []
    connection = sqlite3.connect(tmp_path / "index" / "catalogue.sqlite")
    catalogue._ask(lambda own: own.set_trace_callback(seen.append))
    catalogue.page([f"in/{HOST}/date"], limit=5, newest=True)
    page = catalogue.page([f"in/{HOST}/title"], limit=5)
    catalogue.page([f"in/{HOST}/title"], after=page.after, limit=5)
    catalogue.names(limit=5, bucket="g")
    catalogue.counts("type/")
    catalogue.count("type/article")
    asked = [statement for statement in seen if statement.startswith("SELECT")]
    assert len(asked) > 6
    for statement in asked:
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
        assert "SCAN" not in plan, (statement, plan)
        assert "TEMP B-TREE" not in plan, (statement, plan)
    connection.close()


def test_a_follower_keeps_it_and_says_once_what_fails(tmp_path: Path, log: Log, catalogue: Catalogue) -> None:
    log.append([draft(n) for n in range(450)])
    turns = iter([False] * 8)
    catalogue.run(lambda seconds: next(turns, True), pytest.fail)
    assert catalogue.count("type/article") == 450
    said: list[str] = []
    lost = Catalogue(tmp_path / "no" / "such" / "folder" / "catalogue.sqlite", log)
    turns = iter([False] * 3)
    lost.run(lambda seconds: next(turns, True), said.append)
    assert len(said) == 1
    assert "could not be used" in said[0]
    lost.close()
