"""Downloads of dumps: only whole ones, resumable, never in memory, and nothing else of the disk."""

import hashlib
import http.client
import os
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask.testing import FlaskClient

from repository.assembly import House, open_house
from repository.dump import Offered, publish
from repository.dump.nightly import Nightly
from repository.model.settings import make_settings
from repository.web.app import create_app
from repository.web.downloads import Part
from tests.kit import Clock, draft

BASE = "https://papers.example.org/quay/"


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    found = open_house(make_settings({"data": str(tmp_path), "base_url": BASE}))
    found.log.append([draft(n, os.urandom(200).hex()) for n in range(20)])
    yield found
    found.close()


class _Reads(FlaskClient):
    """Reads each answer to its end and closes it, as servers do."""

    def open(self, *args, **options):
        return super().open(*args, buffered=True, **options)


@pytest.fixture
def client(house) -> FlaskClient:
    app = create_app(house)
    app.test_client_class = _Reads
    return app.test_client()


@pytest.fixture
def made(house) -> Offered:
    return publish(house.settings.dumps_folder, house.log, house.site, 7, clock=Clock())


def address(made: Offered) -> str:
    return f"/dumps/{made.name}"


def test_without_dumps_and_without_a_time_for_them_there_is_no_page(client):
    assert client.get("/dumps/").status_code == 404
    assert client.get("/dumps/sheaf-2026-05-28.nq.zst").status_code == 404


def test_where_one_will_be_made_the_page_says_when(tmp_path):
    house = open_house(make_settings({"data": str(tmp_path), "base_url": BASE, "dump_at": "03:00"}))
    try:
        page = create_app(house).test_client().get("/dumps/")
        assert page.status_code == 200
        assert "03:00 UTC" in page.text
        assert "There is none yet" in page.text
    finally:
        house.close()


def test_the_page_lists_each_dump_with_its_checksum(client, made):
    for path in ("/dumps/", "/dumps", "/quay/dumps/"):
        page = client.get(path)
        assert page.status_code == 200
        assert f'href="{BASE}dumps/{made.name}"' in page.text
        assert made.checksum in page.text


def test_a_download_is_the_file_with_its_size_date_and_checksum(client, made):
    answer = client.get(address(made), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.data == made.path.read_bytes()
    assert answer.headers["ETag"] == f'"{made.checksum}"' == f'"{hashlib.sha256(answer.data).hexdigest()}"'
    assert int(answer.headers["Content-Length"]) == made.size == len(answer.data)
    assert answer.headers["Last-Modified"] == "Thu, 28 May 2026 20:26:40 GMT"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "application/zstd"
    assert "Content-Encoding" not in answer.headers
    head = client.head(address(made))
    assert (head.data, head.headers["Content-Length"]) == (b"", str(made.size))


def test_the_checksum_and_the_newest_have_addresses(client, made):
    assert client.get(address(made) + ".sha256").data == made.line
    for end in ("", ".sha256"):
        latest = client.get(f"/dumps/sheaf-latest.nq.zst{end}")
        assert (latest.status_code, latest.headers["Location"]) == (302, f"{BASE}dumps/{made.name}{end}")


def test_who_has_it_gets_it_not_again(client, made):
    tag = f'"{made.checksum}"'
    again = client.get(address(made), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    since = client.get(address(made), headers={"If-Modified-Since": "Thu, 28 May 2026 20:26:40 GMT"})
    assert since.status_code == 304
    assert client.get(address(made), headers={"If-Match": '"other"'}).status_code == 412


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=5-99999999999", 5, None),
    ],
)
def test_a_range_is_given_and_says_which(client, made, asked, first, last):
    data = made.path.read_bytes()
    answer = client.get(address(made), headers={"Range": asked})
    expected = data[first : None if last is None else last + 1]
    begin = data.index(expected) if first < 0 else first
    assert answer.status_code == 206
    assert answer.data == expected
    assert answer.headers["Content-Range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(data)}"
    assert int(answer.headers["Content-Length"]) == len(expected)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_that_is_not_there_is_told(client, made, asked):
    answer = client.get(address(made), headers={"Range": asked})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{made.size}")
    # A cache that keeps it gives it to those who ask for the whole.
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=9-1",
        "bytes=-",
        "bytes=a-b",
        "lines=1-2",
        "",
        "bytes=" + "9" * 500 + "-",
        "bytes=١-٢",
    ],
)
def test_what_is_no_single_range_gets_the_whole(client, made, asked):
    answer = client.get(address(made), headers={"Range": asked.encode().decode("latin-1")})
    assert (answer.status_code, len(answer.data)) == (200, made.size)


def test_a_download_is_resumed_only_of_the_same_file(client, made):
    ask = {"Range": "bytes=10-"}
    assert client.get(address(made), headers={**ask, "If-Range": f'"{made.checksum}"'}).status_code == 206
    date = "Thu, 28 May 2026 20:26:40 GMT"
    assert client.get(address(made), headers={**ask, "If-Range": date}).status_code == 206
    for other in ('"other"', f'W/"{made.checksum}"', "Thu, 28 May 2026 20:26:41 GMT", "nonsense"):
        answer = client.get(address(made), headers={**ask, "If-Range": other})
        assert (answer.status_code, len(answer.data)) == (200, made.size)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "%2e%2e%2flog.sqlite",
        "..%2flog.sqlite",
        "../log.sqlite",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "%00",
        "sheaf-2026-05-28.nq.zst%00",
        "sheaf-2026-05-28.nq.zst%0a",
        ".lock",
        ".partial-sheaf-2026-05-28.nq.zst",
        "sheaf-2026-05-29.nq.zst",
        "SHEAF-2026-05-28.nq.zst",
        "sheaf-2026-05-28.nq.zst.sha256.sha256",
        "sheaf-2026-05-28.nq.zst/x",
        "x" * 5000,
        "%ff",
    ],
)
def test_hostile_names_find_nothing(client, made, name):
    assert client.get(f"/dumps/{name}").status_code == 404


def test_what_lies_in_the_folder_without_a_checksum_is_not_offered(client, made):
    half = made.path.with_name("sheaf-2026-05-29.nq.zst")
    half.write_bytes(b"half")
    assert client.get(f"/dumps/{half.name}").status_code == 404
    assert half.name not in client.get("/dumps/").text


def test_one_that_is_replaced_at_this_moment_is_never_sent_under_the_old_checksum(house, client, made):
    sum_file = made.path.with_name(made.name + ".sha256")
    sum_file.unlink()
    assert client.get(address(made)).status_code == 404
    sum_file.write_bytes(made.line)
    assert client.get(address(made)).status_code == 200


def test_another_host_gives_the_same_bytes(client, made):
    for path in ("/dumps/", address(made), "/dumps/sheaf-latest.nq.zst"):
        plain = client.get(path)
        other = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert other.data == plain.data
        assert other.headers.get("Location") == plain.headers.get("Location")


def test_a_download_goes_out_piece_by_piece_and_its_file_is_closed(house, made):
    with made.path.open("ab") as out:
        out.truncate(50 << 20)
    app = create_app(house)
    seen: list[object] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address(made),
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": None,
        "wsgi.errors": None,
    }
    body = app.wsgi_app(environ, lambda status, headers: seen.append(status))
    assert isinstance(body, Part)
    sizes = [len(piece) for piece in body]
    body.close()
    assert seen == ["200 OK"]
    assert (sum(sizes), max(sizes)) == (50 << 20, 1 << 17)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_over_a_socket_a_download_is_whole_and_the_connection_usable_for_its_rest(house, made):
    with make_server("127.0.0.1", 0, create_app(house), handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            port = server.server_port
            parts = []
            for asked in ("bytes=0-99", "bytes=100-"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", address(made), headers={"Range": asked})
                parts.append(connection.getresponse().read())
                connection.close()
        finally:
            server.shutdown()
    assert b"".join(parts) == made.path.read_bytes()


def test_a_dump_of_an_address_that_was_left_is_not_offered_and_a_new_one_is_due(house, made, tmp_path):
    moved = open_house(make_settings({"data": str(tmp_path), "base_url": "https://papers.example.org"}))
    try:
        client = create_app(moved).test_client()
        assert client.get(address(made)).status_code == 404
        assert b"dataDump" not in client.get("/.well-known/void.ttl").data
        nightly = Nightly(moved.settings.dumps_folder, moved.log, moved.site, "03:00", 7, Clock())
        assert nightly.step()
        assert client.get("/dumps/sheaf-latest.nq.zst").status_code == 302
        assert b"dataDump" in client.get("/.well-known/void.ttl").data
    finally:
        moved.close()


def test_a_dump_that_cannot_be_read_for_a_moment_is_offered_again_and_none_is_due(house, client, made):
    aside = made.path.with_name("aside")
    made.path.rename(aside)
    made.path.mkdir()
    assert client.get(address(made)).status_code == 404
    made.path.rmdir()
    aside.rename(made.path)
    assert client.get(address(made)).status_code == 200
    nightly = Nightly(house.settings.dumps_folder, house.log, house.site, "03:00", 7, Clock(made.made + 1))
    assert not nightly.due()
