"""Dumps: one stream in three forms, whole files, those of the night, and the counts of what a dump holds."""

import gzip
import hashlib
import io
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard
from click.testing import CliRunner
from pyld import jsonld
from rdflib import Dataset

from repository.cli.main import sheaf
from repository.dump import (
    FORMS,
    Counted,
    Counting,
    Nightly,
    compressed,
    counts_place,
    differences,
    dump,
    offered,
    publish,
    withdraw,
)
from repository.dump.files import PARTIAL, whole
from repository.log import Log
from repository.model.errors import LockedError, SettingsError
from repository.model.lens import read_work
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.model.site import Site
from repository.model.work import Text
from tests.kit import START, Clock, draft, removal

SITE = Site("https://papers.example.org/", "papers.example.org")
ODD = 'Tabs\t, "quotes", \\back\\slashes, \u2028, <https://sheaf.invalid/id/x> and 𝒳'
ROOT = Path(__file__).parents[1]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    (tmp_path / "index").mkdir()
    found = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield found
    found.close()


def filled(log: Log, *, records: int = 3) -> None:
    log.append([draft(n, f"Title {n}") for n in range(records)])
    log.append([draft("odd", ODD, abstracts=(Text("Füße", "de"), Text("Feet", "en")), dois=("10.1/x",))])
    log.append([removal(1)])


def written(log: Log, form: str) -> bytes:
    return b"".join(dump(log, SITE, FORMS[form]))


def quads(data: bytes, form: ox.RdfFormat) -> set[str]:
    return {str(quad) for quad in ox.parse(data, format=form)}


# -- the stream ----------------------------------------------------------------------------------------------


def test_n_quads_are_the_default_one_line_a_statement_sorted_by_identifier(log: Log) -> None:
    filled(log)
    assert b"".join(dump(log, SITE)) == written(log, "nquads")
    graphs = [quad.graph_name.value for quad in ox.parse(written(log, "nquads"), format=ox.RdfFormat.N_QUADS)]
    assert graphs == sorted(graphs)
    assert set(graphs) == {SITE.record(f"RePEc:xxx:joujou:{n}") for n in (0, 2, "odd")}


def test_all_forms_hold_the_same_quads(log: Log) -> None:
    filled(log)
    expected = quads(written(log, "nquads"), ox.RdfFormat.N_QUADS)
    assert len(expected) > 30
    assert quads(written(log, "trig"), ox.RdfFormat.TRIG) == expected
    lines = written(log, "jsonl").splitlines()
    assert set().union(*(quads(line, ox.RdfFormat.JSON_LD) for line in lines)) == expected


# rdflib's Dataset warns of its own ways.
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_other_readers_find_the_same_quads(log: Log) -> None:
    filled(log)
    expected = quads(written(log, "nquads"), ox.RdfFormat.N_QUADS)
    trig = Dataset()
    trig.parse(data=written(log, "trig"), format="trig")
    read = trig.serialize(format="nquads").encode()
    trig.close()
    assert quads(read, ox.RdfFormat.N_QUADS) == expected
    lines = [json.loads(line) for line in written(log, "jsonl").splitlines()]
    by_pyld = "".join(jsonld.to_rdf(line, {"format": "application/n-quads"}) for line in lines)
    assert quads(by_pyld.encode(), ox.RdfFormat.N_QUADS) == expected


def test_each_json_line_is_a_document_of_one_record_that_needs_no_context(log: Log) -> None:
    filled(log)
    lines = [json.loads(line) for line in written(log, "jsonl").splitlines()]
    assert [line["@id"] for line in lines] == [SITE.record(f"RePEc:xxx:joujou:{n}") for n in (0, 2, "odd")]
    assert "@context" not in written(log, "jsonl").decode()


def test_a_slow_taker_holds_back_no_checkpoint(log: Log, tmp_path: Path) -> None:
    log.append([draft(n) for n in range(1200)])
    chunks = dump(log, SITE)
    next(chunks)
    log.append([draft("late")])
    database = sqlite3.connect(tmp_path / "log.sqlite")
    busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    database.close()
    assert busy == 0
    assert sum(1 for _ in chunks) >= 1199


def test_a_record_that_changes_meanwhile_comes_once(log: Log) -> None:
    log.append([draft(f"{n:04}") for n in range(1200)])
    chunks = dump(log, SITE)
    first = next(chunks)
    log.append([draft("0000", "Changed"), draft("1100", "Changed"), removal("1150")])
    records = Counter(chunk.split(b"> <", 1)[0] for chunk in (first, *chunks))
    assert len(records) == 1199
    assert set(records.values()) == {1}


def test_a_stream_reader_takes_the_compressed_stream_as_it_comes(log: Log) -> None:
    filled(log)
    out = io.BytesIO()
    with compressed(out, "zstd") as stream:
        for chunk in dump(log, SITE):
            stream.write(chunk)
    assert not out.closed
    assert zstandard.ZstdDecompressor().stream_reader(out.getvalue()).read() == written(log, "nquads")


# -- the command ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_the_command_writes_each_form_by_each_compression(
    log: Log, tmp_path: Path, form: str, name: str
) -> None:
    filled(log)
    path = tmp_path / "out"
    done = CliRunner().invoke(
        sheaf,
        ["dump", "--format", form, "--compress", name, "-o", str(path)],
        env={"SHEAF_DATA": str(tmp_path), "SHEAF_BASE_URL": SITE.base.rstrip("/")},
        catch_exceptions=False,
    )
    assert (done.exit_code, done.output) == (0, "")
    data = path.read_bytes()
    plain = (
        gzip.decompress(data) if name == "gzip" else zstandard.ZstdDecompressor().stream_reader(data).read()
    )
    assert plain == written(log, form)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(PARTIAL)] == []


def test_publish_makes_the_dump_of_today_and_takes_no_other_option(log: Log, tmp_path: Path) -> None:
    filled(log)
    environ = {"SHEAF_DATA": str(tmp_path), "SHEAF_BASE_URL": SITE.base.rstrip("/")}
    done = CliRunner().invoke(sheaf, ["dump", "--publish"], env=environ, catch_exceptions=False)
    (made,) = offered(tmp_path / "dumps")
    assert (done.exit_code, done.output) == (0, f"{made.path}: {made.size} bytes\n")
    assert CliRunner().invoke(sheaf, ["dump", "--publish", "-o", "x"], env=environ).exit_code == 2


def test_a_file_that_is_replaced_stays_as_closed_as_it_was(log: Log, tmp_path: Path) -> None:
    filled(log)
    environ = {"SHEAF_DATA": str(tmp_path), "SHEAF_BASE_URL": SITE.base.rstrip("/")}
    path = tmp_path / "out"
    path.write_bytes(b"old")
    for mode in (0o600, 0o640):
        path.chmod(mode)
        CliRunner().invoke(sheaf, ["dump", "-o", str(path)], env=environ, catch_exceptions=False)
        assert path.read_bytes() == written(log, "nquads")
        assert path.stat().st_mode & 0o777 == mode


def test_a_hyphen_is_standard_output(log: Log, tmp_path: Path, monkeypatch) -> None:
    filled(log)
    monkeypatch.chdir(tmp_path)
    environ = {"SHEAF_DATA": str(tmp_path), "SHEAF_BASE_URL": SITE.base.rstrip("/")}
    done = CliRunner().invoke(sheaf, ["dump", "-o", "-"], env=environ, catch_exceptions=False)
    assert done.stdout_bytes == written(log, "nquads")
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("value", ["3:00", "24:00", "03:60", "03:00:00", "night", "０3:00"])
def test_a_time_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="dump_at must be a time"):
        make_settings({"dump_at": value})


@pytest.mark.slow
def test_the_reader_of_a_pipe_may_have_enough(log: Log, tmp_path: Path) -> None:
    log.append([draft(n) for n in range(600)])
    for options in ("", "--compress zstd"):
        command = (
            f"{sys.executable} -c 'from repository.cli.main import main; main()' dump {options} | head -c 10"
        )
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            env={**os.environ, "SHEAF_DATA": str(tmp_path)},
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr, len(done.stdout)) == (0, b"", 10)


def test_a_file_keeps_its_old_content_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(path)

    def broken() -> None:
        with whole(path) as out:
            out.write(b"new")
            raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        broken()
    assert path.read_bytes() == b"old"
    with whole(link) as out:
        out.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    with whole(Path("/dev/null")) as out:
        out.write(b"gone")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "out"]


# -- the dumps of the night ----------------------------------------------------------------------------------


def test_a_published_dump_is_what_its_checksum_says(log: Log, tmp_path: Path) -> None:
    filled(log)
    folder = tmp_path / "dumps"
    made = publish(folder, log, SITE, 7, clock=Clock())
    assert made.name == "sheaf-2026-05-28.nq.zst"
    data = made.path.read_bytes()
    assert zstandard.ZstdDecompressor().stream_reader(data).read() == written(log, "nquads")
    assert hashlib.sha256(data).hexdigest() == made.checksum
    assert offered(folder) == (made,)
    done = subprocess.run(
        ["sha256sum", "-c", made.name + ".sha256"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert (folder / "sheaf-latest.nq.zst").read_bytes() == data
    assert (folder / "sheaf-latest.nq.zst.sha256").read_bytes() == made.line


def test_the_newest_dumps_stay_and_one_of_the_same_day_takes_the_place_of_the_other(
    log: Log, tmp_path: Path
) -> None:
    filled(log)
    folder, clock = tmp_path / "dumps", Clock()
    for _ in range(5):
        publish(folder, log, SITE, 3, clock=clock)
        clock.now += 86_400
    clock.now -= 86_400
    log.append([draft("more")])
    newest = publish(folder, log, SITE, 3, clock=clock)
    assert [each.name[6:16] for each in offered(folder)] == ["2026-06-01", "2026-05-31", "2026-05-30"]
    assert offered(folder)[0] == newest
    assert b"joujou:more" in zstandard.ZstdDecompressor().stream_reader(newest.path.read_bytes()).read()


def test_what_a_killed_maker_left_is_never_offered_and_goes_with_the_next(log: Log, tmp_path: Path) -> None:
    filled(log)
    folder = tmp_path / "dumps"
    folder.mkdir()
    left = ["sheaf-2026-05-27.nq.zst", PARTIAL + "sheaf-2026-05-27.nq.zst", PARTIAL + "ab-x.sha256"]
    for name in left:
        (folder / name).write_bytes(b"half")
    other = folder / "sheaf-2026-05-26.nq.zst"
    other.write_bytes(b"x")
    (folder / (other.name + ".sha256")).write_bytes(b"0" * 64 + b"  sheaf-2026-01-01.nq.zst\n")
    assert offered(folder) == ()
    publish(folder, log, SITE, 7, clock=Clock())
    assert [name for name in left if (folder / name).exists()] == []
    assert len(offered(folder)) == 1


def test_an_erased_record_takes_the_dumps_with_it(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(log)
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path))
    monkeypatch.setenv("SHEAF_BASE_URL", SITE.base)
    folder = make_settings({"data": str(tmp_path)}).dumps_folder
    clock = Clock()
    for _ in range(2):
        publish(folder, log, SITE, 7, clock=clock)
        clock.now += 86_400
    # One that is just being made, which read the record before.
    (folder / (PARTIAL + "sheaf-2026-07-01.nq.zst")).write_bytes(b"half")
    done = CliRunner().invoke(sheaf, ["erase", draft(2).identifier, "--yes"])
    assert (done.exit_code, "2 dumps withdrawn" in done.output) == (0, True)
    assert offered(folder) == ()
    assert [each.name for each in folder.iterdir() if each.is_file() and each.name != ".lock"] == []
    made = publish(folder, log, SITE, 7, clock=clock)
    assert b"Title 2" not in zstandard.ZstdDecompressor().stream_reader(made.path.read_bytes()).read()


def test_a_dump_whose_record_was_erased_while_it_was_made_is_not_offered(log: Log, tmp_path: Path) -> None:
    filled(log)
    folder = tmp_path / "dumps"
    with pytest.raises(OSError, match="No such file"):
        publish(folder, log, SITE, 7, clock=Clock(), tell=lambda done: withdraw(folder) and None)
    assert offered(folder) == ()
    assert publish(folder, log, SITE, 7, clock=Clock()) in offered(folder)


def test_two_do_not_make_a_dump_at_once(log: Log, tmp_path: Path) -> None:
    filled(log)
    folder = tmp_path / "dumps"

    def another(_: int) -> None:
        with pytest.raises(LockedError, match="another process"):
            publish(folder, log, SITE, 7, clock=Clock())

    publish(folder, log, SITE, 7, clock=Clock(), tell=another)
    assert len(offered(folder)) == 1


def test_a_full_disk_is_told_and_leaves_what_was_offered(log: Log, tmp_path: Path) -> None:
    filled(log)
    folder, clock = tmp_path / "dumps", Clock()
    kept = publish(folder, log, SITE, 7, clock=clock)
    log.append([draft(f"r{n}", os.urandom(300).hex()) for n in range(300)])
    clock.now += 86_400
    said: list[str] = []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Larger files cannot be written: what a full disk does, without filling one.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        waits = iter([False, True])
        Nightly(folder, log, SITE, "00:00", 7, clock).run(lambda seconds: next(waits), said.append)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(said) == 1
    assert "the nightly dump could not be made" in said[0]
    assert offered(folder) == (kept,)
    assert not [each for each in folder.iterdir() if each.name.startswith(PARTIAL)]


def test_a_dump_is_due_once_a_night_and_made_up_for_where_a_night_was_missed(
    log: Log, tmp_path: Path
) -> None:
    clock = Clock(START // 86_400 * 86_400 + 2 * 3600)
    nightly = Nightly(tmp_path / "dumps", log, SITE, "03:00", 7, clock)
    assert not nightly.due(), "nothing is kept yet"
    filled(log)
    assert nightly.step(), "there is none yet"
    assert not nightly.step()
    clock.now += 3599
    assert not nightly.due()
    clock.now += 1
    assert nightly.step()
    clock.now += 23 * 3600
    assert not nightly.step()
    clock.now += 2 * 86_400
    assert nightly.step()


@pytest.mark.parametrize("keep", [1, 7])
def test_a_dump_that_was_made_while_the_clock_was_ahead_keeps_none_from_being_made(
    log: Log, tmp_path: Path, keep: int
) -> None:
    filled(log)
    clock = Clock(START + 365 * 86_400)
    nightly = Nightly(tmp_path / "dumps", log, SITE, "03:00", keep, clock)
    assert nightly.step()
    clock.now = START
    assert nightly.step()
    assert not nightly.step()
    clock.now += 86_400
    assert nightly.step()


MAKER = """
import sys, time
from pathlib import Path
from repository.dump import publish
from repository.log import Log
from repository.model.site import Site
log = Log(sys.argv[1], read_only=True)
def tell(done):
    if done == 1:
        print("begun", flush=True)
        time.sleep(60)
publish(Path(sys.argv[2]), log, Site("https://papers.example.org/", "x.org"), 7, tell=tell)
"""


@pytest.mark.parametrize("lower", [0, 10])
def test_the_maker_of_dumps_lowers_its_priority_and_never_raises_it(tmp_path: Path, lower: int) -> None:
    code = f"""
import os, threading
from pathlib import Path
from repository.dump import Nightly
before = os.nice({lower})
def stopped(seconds):
    print(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == max(5, before))
    return True
Nightly(Path("dumps"), None, None, "03:00", 7).run(stopped, print)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_kill_9_in_the_middle_leaves_the_old_dump_and_no_half_one(log: Log, tmp_path: Path) -> None:
    filled(log)
    folder = tmp_path / "dumps"
    kept = publish(folder, log, SITE, 7, clock=lambda: time.time() - 86_400)
    with subprocess.Popen(
        [sys.executable, "-c", MAKER, f"sqlite:///{tmp_path / 'log.sqlite'}", str(folder)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as maker:
        assert maker.stdout
        assert maker.stdout.readline() == b"begun\n"
        maker.send_signal(signal.SIGKILL)
        maker.wait()
    assert offered(folder) == (kept,)
    assert [each for each in folder.iterdir() if each.name.startswith(PARTIAL)]
    made = publish(folder, log, SITE, 7)
    assert offered(folder) == (made, kept)
    assert not [each for each in folder.iterdir() if each.name.startswith(PARTIAL)]


# -- counts --------------------------------------------------------------------------------------------------


def scanned(log: Log) -> tuple[int, int, int, dict[str, int], dict[str, int]]:
    """Records, triples, subjects, uses of properties and classes, by reading the whole dump."""
    found = list(ox.parse(written(log, "nquads"), format=ox.RdfFormat.N_QUADS))
    properties = Counter(quad.predicate.value for quad in found)
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    classes = Counter(quad.object.value for quad in found if quad.predicate.value == kind)
    return (
        len({quad.graph_name for quad in found}),
        len({quad.triple for quad in found}),
        len({quad.subject for quad in found}),
        dict(properties),
        dict(classes),
    )


def assert_true(log: Log, counted: Counted) -> None:
    counts = counted.now()
    assert counts is not None
    records, triples, subjects, properties, classes = scanned(log)
    assert (counts.records, counts.triples, counts.subjects) == (records, triples, subjects)
    assert counts.seq == log.newest()
    external = {SITE.external(iri): n for iri, n in counts.properties.items()}
    assert external == {iri: n for iri, n in properties.items() if iri in external}
    assert len(properties) - len(external) <= 2, "only members of lists may be unknown to the profile"
    assert {SITE.external(iri): n for iri, n in counts.classes.items()} == {
        iri: n for iri, n in classes.items() if not iri.endswith("#Seq") or iri in counts.classes
    }
    with log.read() as reading:
        works = [read_work(r.identifier, r.body) for r in reading.live(limit=10_000).items if r.body]
        kept = reading.count_first_kept()
    items = [each for each in works if each.is_item]
    assert counts.types == Counter(each.type for each in works)
    assert counts.years == Counter(each.year for each in items if each.year)
    assert counts.jel == Counter(letter for each in items for letter in {code[0] for code in each.jel})
    assert sum(counts.kept.values()) == kept


def test_the_counts_are_those_of_the_dump_and_follow_each_edit(log: Log, tmp_path: Path) -> None:
    counted = Counted(counts_place(tmp_path), log)
    filled(log)
    assert_true(log, counted)
    edits: list[list[Draft]] = [
        [draft(0, "Another title", keywords=(Text("a"), Text("b")))],
        [removal(2)],
        [draft(2, type="paper", jel=("Q57", "Q1", "I1")), draft("more", issued="1998-07", jel=())],
        [draft(1)],
        [removal(1), draft(1, "Back"), removal(1)],
    ]
    for each in edits:
        log.append(each)
        assert_true(log, counted)
    log.erase("RePEc:xxx:joujou:odd")
    assert_true(log, counted)
    log.append([draft("odd", ODD)])
    assert_true(log, counted)
    assert_true(log, Counted(counts_place(tmp_path), log))


def test_the_follower_of_counts_keeps_them_in_a_file_and_goes_on_from_it(log: Log, tmp_path: Path) -> None:
    path = counts_place(tmp_path)
    log.append([draft(n) for n in range(1100)])
    counting = Counting(path, log)
    while counting.step():
        pass
    log.append([draft(n, "Changed") for n in range(50)])
    again = Counting(path, log)
    while again.step():
        pass
    kept = json.loads(path.read_bytes())
    assert kept["seq"] == log.newest()
    assert kept["triples"] == scanned(log)[1]
    assert_true(log, Counted(path, log))


def test_counts_are_made_anew_for_another_log_and_after_an_erasure(log: Log, tmp_path: Path) -> None:
    path = counts_place(tmp_path)
    filled(log)
    counting = Counting(path, log)
    counting.step()
    log.erase("RePEc:xxx:joujou:odd")
    while counting.step():
        pass
    assert json.loads(path.read_bytes())["triples"] == scanned(log)[1]
    other = Log(f"sqlite:///{tmp_path / 'other.sqlite'}")
    other.append([draft("other"), draft("another")])
    try:
        assert_true(other, Counted(path, other))
        anew = Counting(path, other)
        while anew.step():
            pass
        assert json.loads(path.read_bytes())["records"] == 2
    finally:
        other.close()


def test_far_behind_the_counts_of_a_reader_are_those_that_were_kept(log: Log, tmp_path: Path) -> None:
    path = counts_place(tmp_path)
    counted = Counted(path, log)
    log.append([draft(n) for n in range(2500)])
    assert counted.now() is None, "nobody counted, and it is too much to do for one answer"
    counting = Counting(path, log)
    counting.step()
    found = counted.now()
    assert found
    assert 500 <= found.seq <= log.newest()
    while counting.step():
        pass
    assert_true(log, counted)


def test_what_keeps_records_from_being_counted_is_told_each_time_that_it_happens(
    log: Log, tmp_path: Path
) -> None:
    folder, away = tmp_path / "index", tmp_path / "away"
    said: list[str] = []
    waits = 0

    def stopped(seconds: float) -> bool:
        nonlocal waits
        waits += 1
        if waits % 2:
            folder.rename(away)
            log.append([draft(waits)])
        else:
            away.rename(folder)
        return waits == 6

    Counting(counts_place(tmp_path), log).run(stopped, said.append)
    assert len(said) == 3


def test_verify_names_wrong_counts_and_damaged_dumps_and_rebuild_counts_anew(
    log: Log, tmp_path: Path
) -> None:
    path, folder = counts_place(tmp_path), tmp_path / "dumps"
    filled(log)
    Counting(path, log).step()
    made = publish(folder, log, SITE, 7, clock=Clock())
    log.append([draft("later"), removal(0)])
    assert list(differences(log, path, folder)) == []
    path.write_text(path.read_text().replace('"records": 3', '"records": 4'))
    made.path.write_bytes(made.path.read_bytes()[:-1] + b"?")
    counts, dumps = differences(log, path, folder)
    assert counts.startswith("counts: records should be other")
    assert dumps == f"dumps: {made.name} is not what its checksum says; delete it"
    following = Counting(path, log)
    following.step()
    path.unlink()
    following.step()
    made.path.unlink()
    assert list(differences(log, path, folder)) == []


def test_verify_takes_no_dump_for_damaged_that_was_replaced_or_removed_meanwhile(
    log: Log, tmp_path: Path
) -> None:
    folder = tmp_path / "dumps"
    log.append([draft(0)])
    *_, newest = (
        publish(folder, log, SITE, 7, clock=lambda day=day: START + day * 86_400) for day in range(3)
    )
    newest.path.write_bytes(b"?")
    found = differences(log, counts_place(tmp_path), folder)
    assert newest.name in next(found)
    log.append([draft(1)])
    publish(folder, log, SITE, 2, clock=lambda: START + 86_400)
    assert list(found) == []


# -- memory --------------------------------------------------------------------------------------------------

MEASURE = """
import re, sys
from pathlib import Path
from repository.dump import FORMS, compressed, dump
from repository.log import Log
from repository.model.site import Site
log = Log(sys.argv[1], read_only=True)
with open("/dev/null", "wb") as null, compressed(null, "zstd") as out:
    for chunk in dump(log, Site("https://papers.example.org/", "x.org"), FORMS[sys.argv[2]]):
        out.write(chunk)
# Not ru_maxrss, in which the parent has its part.
print(re.search("VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_records(tmp_path: Path) -> None:
    peaks: dict[str, list[int]] = {}
    for size in (2_000, 20_000):
        url = f"sqlite:///{tmp_path / f'{size}.sqlite'}"
        log = Log(url)
        log.append([draft(n, f"Title {n}" * 20) for n in range(size)])
        log.close()
        for form in FORMS:
            command = [sys.executable, "-c", MEASURE, url, form]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            peaks.setdefault(form, []).append(int(done.stdout))
    assert all(after - before < 6_000 for before, after in peaks.values()), f"{peaks} kB"
