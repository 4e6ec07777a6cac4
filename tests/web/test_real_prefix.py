"""The real service under a path of its own behind a real nginx: one way in strips the path, the other does not."""

import contextlib
import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from repository.assembly import opened
from repository.model.settings import make_settings
from tests.kit import draft, needs
from tests.ports import free_port
from tests.serve.service import ROOT, eventually
from tests.web.conftest import ARTICLE, MENTIONED, PERSON, SERIES, records
from tests.web.nginx import nginx

PREFIX = "/the/catalogue"
_KEPT = ("location", "link", "etag", "vary", "content-type", "cache-control", "content-location")
_SERVERS = """
  server {{
    listen 127.0.0.1:{stripping};
    location /the/catalogue/ {{ proxy_pass http://127.0.0.1:{origin}/; }}
  }}
  server {{
    listen 127.0.0.1:{keeping};
    location /the/catalogue/ {{ proxy_pass http://127.0.0.1:{origin}; }}
  }}
"""


@dataclass(frozen=True)
class Ways:
    """Ports. The base URL is that of the first."""

    stripping: int
    keeping: int
    origin: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.stripping}{PREFIX}/"


def get(port: int, path: str, accept: str = "*/*") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Accept": accept})
        reply = connection.getresponse()
        kept = {
            name: value
            for name, value in reply.getheaders()
            if name.lower() in ("location", "link", "etag", "vary")
        }
        return reply.status, kept, reply.read()


def healthy(port: int) -> bool:
    try:
        return get(port, f"{PREFIX}/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


@pytest.fixture(scope="module")
def ways(tmp_path_factory) -> Iterator[Ways]:
    needs("nginx")
    folder = tmp_path_factory.mktemp("prefix")
    ways = Ways(free_port(), free_port(), free_port())
    with opened(make_settings({"data": str(folder / "data"), "base_url": ways.base})) as house:
        house.log.append([*records(), draft("a/b", "With a slash"), draft("dot.", "With a dot")])
    environ = {
        **os.environ,
        "SHEAF_DATA": str(folder / "data"),
        "SHEAF_BASE_URL": ways.base,
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "said").open("wb") as said, contextlib.ExitStack() as started:
        words = [sys.executable, "-m", "tests.serve.start", str(ways.origin)]
        process = subprocess.Popen(
            words, env=environ, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        started.callback(process.wait, 20)
        started.callback(process.terminate)
        started.enter_context(nginx(folder, _SERVERS, **vars(ways)))
        assert eventually(lambda: healthy(ways.stripping) and healthy(ways.keeping), 30), (
            folder / "said"
        ).read_text()
        yield ways


PATHS = (
    "/",
    f"/id/{ARTICLE}",
    "/id/RePEc%3Axxx%3Ajoujou%3A1",
    "/id/RePEc:xxx:joujou:a%2Fb",
    "/id/RePEc:xxx:joujou:dot%2E",
    f"/record/{ARTICLE}",
    f"/record/{ARTICLE}.rdf",
    f"/record/{MENTIONED}.jsonld",
    f"/linkset/{ARTICLE}",
    f"/timegate/{ARTICLE}",
    f"/timemap/{SERIES}",
    f"/links/links/{PERSON}",
    "/oai?verb=GetRecord&metadataPrefix=rdf&identifier=RePEc:xxx:joujou:1",
    "/doi/10.1000/abc(1)",
    "/vocab",
    "/.well-known/void",
    "/feeds/ldes",
    "/feeds/atom",
    "/sitemap.xml",
    "/robots.txt",
    "/context/v1.jsonld",
    "/nothing",
    "/record/RePEc:nobody:knows:1",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_both_ways_in_and_the_service_itself_say_the_same(ways, path, accept):
    def said(port: int, address: str) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = get(port, address, accept)
        return status, headers, re.sub(rb"<responseDate>[^<]*<", b"<", body)

    answers = [
        said(port, address)
        for port, address in (
            (ways.stripping, PREFIX + path),
            (ways.keeping, PREFIX + path),
            (ways.origin, PREFIX + path),
            (ways.origin, path),
        )
    ]
    if "responseDate" in str(get(ways.origin, path)[2]):
        answers = [(status, {}, body) for status, _, body in answers]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] < 500


@pytest.mark.slow
def test_a_reader_gets_everywhere_from_the_first_page(ways):
    """Every address of ours on the pages, style sheets and forms among them, leads through the proxy to something."""
    waiting, seen = [f"{PREFIX}/", f"{PREFIX}/record/{ARTICLE}", f"{PREFIX}/vocab"], set()
    for page in waiting:
        status, _, body = get(ways.stripping, page, "text/html")
        assert status == 200
        for target in re.findall(r'(?:href|src|action)="([^"#]+)', body.decode()):
            address = target.replace("&amp;", "&").removeprefix(f"http://127.0.0.1:{ways.stripping}")
            if address.startswith("/"):
                seen.add(address)
    assert len(seen) > 60
    # Nobody answers queries or keeps an index to search here: 503 says that the question was there.
    told = {address: get(ways.stripping, address, "text/html")[0] for address in seen}
    wrong = {
        address: status
        for address, status in told.items()
        if status not in (200, 302, 303)
        and not (status == 503 and any(each in address for each in ("/sparql", "/search", "/similar/")))
    }
    assert not {
        address: status for address, status in wrong.items() if not address.startswith(f"{PREFIX}/dumps")
    }
    assert all(address.startswith(PREFIX + "/") for address in seen)


def test_a_thing_is_followed_to_its_record_through_the_proxy(ways):
    status, headers, _ = get(ways.stripping, f"{PREFIX}/id/{ARTICLE}")
    assert (status, headers["location"]) == (303, f"{ways.base}record/{ARTICLE}")
    path = headers["location"].removeprefix(f"http://127.0.0.1:{ways.stripping}")
    status, _, body = get(ways.stripping, path, "application/n-triples")
    assert status == 200
    assert f"<{ways.base}id/{ARTICLE}> <http://purl.org/dc/terms/identifier>".encode() in body
