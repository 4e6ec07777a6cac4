"""What benchmarks stand on: good templates, honest stores, a client that finds tokens, pages that can be drawn."""

import gzip
import json
import socket
import zlib
from pathlib import Path

import pytest
from lxml import etree

from repository.ingest import Ingest, Placed, find_files
from repository.log import Log
from repository.model.settings import make_settings
from tests.bench import growth, harvest, harvesters, processes, pyoai_tree, static, store
from tests.bench.harvest import Page, Rate
from tests.bench.oai import Found
from tests.bench.plot import Chart, svg
from tests.bench.templates import handle, template, write_archive

N = 50
TOKEN = "WyJMaXN0UmVjb3JkcyJd-_x"
ENDING = f'<resumptionToken completeListSize="9" cursor="3">{TOKEN}</resumptionToken>\n</ListRecords>\n</OAI-PMH>\n'


def _ingested(folder: Path, count: int, *, page: int = 1000) -> tuple[Log, list[Placed]]:
    write_archive(folder / "RePEc", count)
    settings = make_settings({"data": str(folder), "oai_page_size": page})
    log, heard = Log(settings.log_url), list[Placed]()
    Ingest(log, settings.site, strict=True, heed=heard.append).run(list(find_files([folder / "RePEc"])))
    return log, heard


def test_every_generated_template_is_kept_without_a_finding(tmp_path: Path) -> None:
    log, heard = _ingested(tmp_path, N)
    assert not heard
    assert log.count() == N + 2
    assert all(log.get(handle(n)) is not None for n in range(N))
    log.close()


def test_templates_of_all_kinds_are_distinct_and_stay_the_same() -> None:
    numbers = [*range(0, 20_000, 97), *range(995, 1005)]
    assert len({handle(n) for n in numbers}) == len(set(numbers))
    assert all(template(n) == template(n) != template(n, edition=1) for n in numbers[:20])
    lengths = [len(template(n)) for n in numbers]
    assert 1400 < sum(lengths) / len(lengths) < 2400


def _works(log: Log) -> list[tuple[object, ...]]:
    """What the log says of each work, but for when it was kept; in the order in which they were kept."""
    found = sorted((each for each in log.live() if each.identifier.count(":") > 2), key=lambda each: each.seq)
    return [(each.identifier, each.digest, each.sets, each.formats, each.source) for each in found]


@pytest.mark.slow
def test_a_prepared_store_holds_what_ingest_keeps(tmp_path: Path) -> None:
    count = 1_020
    ingested, _ = _ingested(tmp_path, count)
    kept = store.kept(tmp_path / "kept", count, tmp_path / "run", lambda text: None)
    with_private = [handle(n) for n in range(30)]
    prepared = kept.open()
    assert len(_works(prepared)) == count
    assert _works(prepared) == _works(ingested)
    assert any(prepared.private(name) for name in with_private)
    assert all(prepared.private(name) == ingested.private(name) for name in with_private)
    prepared.close()
    ingested.close()


def test_a_folder_with_another_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "store.json").write_text(json.dumps({"records": 7, "edition": 1}))
    with pytest.raises(RuntimeError, match="holds"):
        store.kept(tmp_path / "kept", 8, tmp_path / "run", lambda text: None)


# -- the client --------------------------------------------------------------------------------------------------


def _in_two_parts(level: int, records: int = 0) -> bytes:
    """One gzip member whose end was deflated by itself, as pages made of ready pieces are."""
    first, last = zlib.compressobj(9, zlib.DEFLATED, 31), zlib.compressobj(level, zlib.DEFLATED, -15)
    text = "".join(template(n) for n in range(200)).encode()
    end = ("".join(template(n) for n in range(records)) + ENDING).encode()
    whole = first.compress(text) + first.flush(zlib.Z_FULL_FLUSH) + last.compress(end) + last.flush()
    return whole + zlib.crc32(text + end).to_bytes(4, "little") + len(text + end).to_bytes(4, "little")


PAGES = {
    "plain": (ENDING.encode(), False, False),
    "coded as a whole": (gzip.compress(("x" * 9000 + ENDING).encode()), True, True),
    "its end deflated by itself": (_in_two_parts(6), True, False),
    "its end stored": (_in_two_parts(0), True, False),
    "its end with records": (_in_two_parts(6, records=40), True, False),
}


@pytest.mark.parametrize(("body", "coded", "inflated"), PAGES.values(), ids=PAGES)
def test_the_token_of_a_page_is_found(body: bytes, coded: bool, inflated: bool) -> None:
    if coded:
        assert gzip.decompress(body).decode().endswith(ENDING)
    assert harvesters.token(body, coded=coded) == (TOKEN, inflated)


def test_a_last_page_has_no_token() -> None:
    ending = ENDING.replace(TOKEN, "")
    assert harvesters.token(ending.encode(), coded=False) == ("", False)
    assert harvesters.token(gzip.compress(ending.encode()), coded=True)[0] == ""


@pytest.mark.parametrize("count", [1, 7, 8, 9, 1000])
def test_parts_of_a_list_are_the_list(count: int) -> None:
    pages = [Page(f"/{n}", str(n), 10) for n in range(count)]
    parts = [part for job in harvest._parts(pages, lambda page: page.path, 4, 3) for part in job]
    if count < 8:
        assert parts == [("/0", count)] * 4
    else:
        seen = sorted(int(path[1:]) + n for path, pages_of in parts for n in range(pages_of))
        assert seen == list(range(count))


# -- others' servers ---------------------------------------------------------------------------------------------


# pyoai 2.5.0 asks the clock in a way that Python 3.12 deprecates.
@pytest.mark.filterwarnings("ignore:.*utcnow.*:DeprecationWarning")
def test_pyoai_lists_every_record_of_the_log_once(tmp_path: Path) -> None:
    log, _ = _ingested(tmp_path, N)
    settings = make_settings({"data": str(tmp_path), "oai_page_size": 20})
    server, found, pages = pyoai_tree.server(log, settings), list[str](), 0
    arguments = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    while arguments:
        body = server.handleRequest(dict(arguments))
        assert b"</dc:title>" in body
        found += [each.text or "" for each in etree.fromstring(body).iterfind(".//{*}header/{*}identifier")]
        following, _ = harvesters.token(body, coded=False)
        arguments = {"verb": "ListRecords", "resumptionToken": following} if following else {}
        pages += 1
    log.close()
    assert pages == 3
    assert sorted(found) == sorted(settings.site.oai_identifier(handle(n)) for n in range(N))


@pytest.mark.skipif(static.nginx() is None, reason="nginx is not installed")
def test_nginx_serves_the_bytes_of_coded_pages(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "first.gz").write_bytes(_in_two_parts(6))
    with static.serving(tmp_path / "pages", tmp_path / "nginx", 1) as server:
        connection = harvesters.Connection(server.port, "gzip")
        assert bytes(connection.get("/first")) == _in_two_parts(6)
        connection.close()


def test_no_server_is_measured_for_another(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(RuntimeError, match=f"somebody else listens on port {port}"),
            processes.serving(["-c", "pass"], {}, tmp_path, port),
        ):
            pass


# -- the page ----------------------------------------------------------------------------------------------------

RATE = Rate(500_000.0, 600_000.0, 570.0, 0.5, 0.0)
WARM = ("records", "one harvester", "identity", "identifiers", "set", "pages of 500")
COLD = ("records", "identifiers", "set", "pyoai", "pyoai in process")


def _found(records: int, *more: str) -> Found:
    return Found(
        records,
        warm=dict.fromkeys((*WARM, *more), RATE),
        cold=dict.fromkeys(COLD, RATE),
        first=1.0,
        last=1.2,
        poll=5.0,
        memory=100.0,
        profile={"warm": [[0.5, 1.0, "join"]], "cold": [[0.4, 2.0, "write"]]},
        missing=[] if more else ["nginx is not installed: its rows were skipped"],
    )


@pytest.mark.parametrize("more", [(), ("nginx", "nginx, one harvester")], ids=["without nginx", "with nginx"])
def test_the_page_is_made_anew_between_its_marks(tmp_path: Path, more: tuple[str, ...]) -> None:
    page = tmp_path / "oai-performance.md"
    page.write_text("before\n<!-- figures -->\nyesterday\n<!-- /figures -->\nafter\n")
    found = [_found(1000, *more).as_dict(), _found(10_000, *more).as_dict()]
    growth.write({"about": {"date": "today", "python": "3", "cores": 2}, "found": found}, tmp_path)
    once = page.read_text()
    assert once.startswith("before\n<!-- figures -->\n")
    assert once.endswith("<!-- /figures -->\nafter\n")
    assert "yesterday" not in once
    assert "| records kept | 1,000 | 10,000 |" in once
    assert ("nginx is not installed" in once) == (not more)
    growth.main(["--from", str(tmp_path / "oai-performance.json"), "--docs", str(tmp_path)])
    assert page.read_text() == once
    etree.parse(tmp_path / "oai-performance.svg")


def test_a_plot_has_each_point_within_its_frame() -> None:
    points = [(1000.0, 3.0), (10_000.0, 0.0), (100_000.0, 900.0)]
    root = etree.fromstring(svg([Chart("a < b", "across", {"one & only": points})], "about"))
    circles = root.findall(".//{*}circle")
    assert len(circles) == 2
    assert all(
        0 < float(each.get("cx", 0)) <= 480 and 0 < float(each.get("cy", 0)) <= 380 for each in circles
    )


def test_what_is_reckoned_is_dotted_and_widens_the_axes() -> None:
    measured, reckoned = [(1000.0, 3.0), (10_000.0, 30.0)], [(1000.0, 3.0), (4e8, 1.2e6)]
    chart = Chart("disk", "across", {"log": measured}, {"log": reckoned})
    root = etree.fromstring(svg([chart] * 3, "about", columns=2))
    dotted = root.findall(".//{*}polyline[@class='reckoned']")
    assert len(dotted) == 3
    ends = [
        [float(n) for n in place.split(",")] for each in dotted for place in each.get("points", "").split()
    ]
    assert all(0 < x <= 480 and 0 < y <= 380 for x, y in ends)
    corners = {each.get("transform") for each in root.findall("{*}g")}
    assert corners == {"translate(0 0)", "translate(480 0)", "translate(0 398)"}
    assert any(each.text == "1 G" for each in root.iter("{*}text"))


@pytest.mark.slow
def test_one_command_measures_and_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "oai-performance.md"
    page.write_text("<!-- figures -->\n<!-- /figures -->\n")
    growth.main(["--sizes", "250", "--docs", str(tmp_path), "--seconds", "0.1", "--turns", "1"])
    (found,) = json.loads((tmp_path / "oai-performance.json").read_text())["found"]
    assert found["warm"]["records"]["records"] > 0
    assert found["cold"]["pyoai"]["records"] > 0
    assert len(found["profile"]["warm"]) == 5
    assert ("nginx" in found["warm"]) == (static.nginx() is not None)
    assert "| records kept | 250 |" in page.read_text()
